package views

import "myaccess/views/ui"

// The pages of administrators are made of four shapes: a list, a thing with its
// tabs, a form (a wizard is a form with steps), and the overview.

// AdminList is a list of things.
type AdminList struct {
	Chrome
	Crumbs   []Link
	Intro    string
	Tabs     []ui.Tab
	Commands []Command
	// Search is what the list is searched by; no search field if Searchable is
	// false. Action is the list's address, and Keep what goes along with a
	// search.
	Searchable   bool
	Search       string
	SearchHint   string
	Action       string
	HiddenFields []Hidden
	Filters      []ui.Select
	Count        string // how many there are, in words; empty if that is not known
	Table        ui.Table
	Bulk         *BulkActions // what can be done with ticked rows; nil if nothing
	Empty        [2]string
	EmptyLinks   []Link
	First        string
	Next         string
	CSV          string
	Results      []Notice // what came of something just done
}

// BulkActions is what can be done with the ticked rows of a list.
type BulkActions struct {
	Action  string
	Parts   []Part // asked for besides
	Buttons []Button
}

// Button sends a form with a name and a value. At is the address to send it to
// if it is not the form's own: that with a fragment comes back to a place on the
// page.
type Button struct {
	Label, Name, Value, FormAction string
	Primary, Danger                bool
}

// Hidden is a value that goes along with a form.
type Hidden struct{ Name, Value string }

// Notice is a message. Kind is info, good, warn or bad.
type Notice struct {
	Kind, Text string
	Link       Link
}

// Command is something that can be done with a thing or a list: a link, or the
// button of a form if Post is true. Why says why it cannot be done now; then it
// is shown but does nothing.
type Command struct {
	Label, Href     string
	Post            bool
	Hidden          []Hidden
	Primary, Danger bool
	DisabledReason  string
}

// DetailPage is one thing, on one of its tabs.
type DetailPage struct {
	Chrome
	Crumbs      []Link
	State       ui.Badge
	Intro       string
	Tabs        []ui.Tab
	Commands    []Command
	Notices     []Notice
	Sections    []Section
	Changed     string // who changed it last
	AutoRefresh bool   // it changes by itself soon
}

// Section is a part of the page of a thing. Only what is given is printed.
type Section struct {
	Title, Text string
	Copy        *CopyField
	Copies      []CopyField
	Facts       []ui.Fact
	Table       *ui.Table
	Empty       string // stands where the table has no rows
	Rows        []Row
	Resources   []Resource
	Steps       []Step
	Commands    []Command
	Form        *InlineForm
	More        Link // leads to the whole of what is shown
	// QR is a drawing of QRLabel as a QR code.
	QR      *QR
	Preview *Form // a form as somebody would see it; it cannot be sent
}

// CopyField is a text to be copied: with scripts by a button.
type CopyField struct{ ID, Label, Text, Button, Done string }

// QR is a QR code: rows of modules, dark if true.
type QR struct {
	Label   string
	Modules [][]bool
}

// InlineForm is a short form on the page of a thing.
type InlineForm struct {
	Action  string
	Get     bool // asks a question instead of changing something
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
	Steps  []ui.Step // of a wizard; none for a plain form
	Faults []Fault
	// FaultSteps lead to the steps that the faults are in.
	FaultSteps []Button
	Notices    []Notice
	// Conflicts is what somebody else has saved meanwhile where it differs from
	// what was typed.
	Conflicts []FieldConflict
	Hidden    []Hidden
	Groups    []Group
	Buttons   []Button
	CancelURL string
}

// FieldConflict is a field that somebody else has changed.
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
	VisibleWhen VisibleWhen // as of a Part
}

// Dashboard is the administrators' overview.
type Dashboard struct {
	Chrome
	Figures []Figure
	AsOf    string
	Stuck   []Section
	Hints   []Notice
}

// Figure is a number and what it counts.
type Figure struct {
	Number, Label, Href string
}
