package views

import (
	"myaccess/views/ui"
)

// There are four kinds of administrators' pages: lists, detail pages with tabs,
// forms (a wizard is a form with steps), and the overview.

// AdminList is a list page.
type AdminList struct {
	Chrome
	Crumbs   []Link
	Intro    string
	Tabs     []ui.Tab
	Commands []Command
	// Search is the search text; there is no search field if Searchable is
	// false. Action is the list's address; HiddenFields are sent with a
	// search.
	Searchable   bool
	Search       string
	SearchHint   string
	Action       string
	HiddenFields []Hidden
	Filters      []ui.Select
	Count        string // the number of items, as text; empty if unknown
	Table        ui.Table
	Bulk         *BulkActions // actions on selected rows; nil if there are none
	Empty        [2]string
	EmptyLinks   []Link
	First        string
	Next         string
	CSV          string
	Results      []Notice // results of the last action
}

// BulkActions are the actions on the selected rows of a list.
type BulkActions struct {
	Action  string
	Buttons []Button
}

// Notice is a message bar. Kind is info, good, warn or bad. Items are listed
// under the text; More says how many items are missing.
type Notice struct {
	Kind, Text string
	Link       Link
	Items      []Link
	More       string
}

// Command is an action on an object or a list: a link, or a form button if Post
// is true. If DisabledReason is set, the button is disabled and shows it.
type Command struct {
	Label, Href     string
	Post            bool
	Hidden          []Hidden
	Primary, Danger bool
	DisabledReason  string
}

// DetailPage is the page of an object, on one of its tabs.
type DetailPage struct {
	Chrome
	Crumbs      []Link
	State       ui.Badge
	Intro       string
	Tabs        []ui.Tab
	Main        Command // the page's main action, beside its title; none if it has no Href
	Commands    []Command
	Notices     []Notice
	Matrix      *ui.Matrix // nil for none
	MatrixNote  string     // below the matrix
	Sections    []Section
	Changed     string // who last changed it
	AutoRefresh bool   // the page reloads itself until the state is final
}

// Section is a part of a DetailPage. Only what is set is rendered.
type Section struct {
	Title, Text string
	Copy        *CopyField
	Copies      []CopyField
	Facts       []ui.Fact
	Table       *ui.Table
	Empty       string // shown if the table has no rows
	Rows        []Row
	Resources   []Resource
	Steps       []Step
	Commands    []Command
	Form        *InlineForm
	More        Link // link to the complete list
	// QR is shown as a QR code.
	QR      *QR
	Preview *Form // the form as a requestor sees it; it cannot be submitted
}

// CopyField is a text to copy; with scripts there is a button.
type CopyField struct{ ID, Label, Text, Button, Done string }

// QR is a QR code: rows of modules, true is dark.
type QR struct {
	Label   string
	Modules [][]bool
}

// InlineForm is a short form on a DetailPage.
type InlineForm struct {
	Action  string
	Get     bool // the form reads and changes nothing
	Hidden  []Hidden
	Faults  []Fault
	Parts   []Part
	Buttons []Button
}

// AdminForm is a form, or one step of a wizard.
type AdminForm struct {
	Chrome
	Crumbs []Link
	Intro  string
	Action string
	// Address is the address of the page by which it can be loaded again, if it is the
	// answer to a form; empty if there is none.
	Address string
	Steps   []ui.Step // steps of a wizard; empty for a plain form
	Faults  []Fault
	// FaultSteps go to the steps with faults.
	FaultSteps []Button
	Notices    []Notice
	// Conflicts are the fields that another person has saved with a different
	// value in the meantime.
	Conflicts []FieldConflict
	// OtherTab says that the reader has saved them, on another page.
	OtherTab  bool
	Hidden    []Hidden
	Groups    []Group
	Buttons   []Button
	CancelURL string
	Upload    bool // the form can have files
}

// FieldConflict is a field that another person has changed.
type FieldConflict struct{ Label, Stored, Typed string }

// Group is a part of a form.
type Group struct {
	Title, Text string
	State       ui.Badge
	Notices     []Notice
	Facts       []ui.Fact
	Copies      []CopyField
	Parts       []Part
	Table       *ui.Table
	Buttons     []Button
	VisibleWhen VisibleWhen // as in Part
	// Field is the name that faults of the whole group have, and Error such a
	// fault; both empty if only parts have faults.
	Field, Error string
}

// Dashboard is the administrators' overview.
type Dashboard struct {
	Chrome
	Figures []Figure
	AsOf    string
	Stuck   []Section
	Hints   []Notice
}

// Figure is a number with its label.
type Figure struct {
	Number, Label, Href string
}
