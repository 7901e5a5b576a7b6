// Package views has the pages: a struct for each and the template that renders
// it. The packages below web fill the structs and make all decisions; templates
// only lay out. Every sentence goes through the printer of the page's Chrome.
// Every action is a link or a form, so that all pages work with scripts off.
package views

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"myaccess/internal/lang"
	"myaccess/views/ui"
)

// Chrome is the data of the frame around every page.
type Chrome struct {
	P     *lang.Printer
	Title string
	// Tenant is the tenant's name, empty on pages of the installation. Home is the
	// path of its pages without a slash at the end, such as /@meridian.example.
	Tenant, Home string
	User         *User // nil if no one is signed in
	Nav          []NavItem
	CSRF         string // of the session, for forms
	SignOut      string // where the form to sign out is sent
	CSS, JS      string // paths of the assets
	HTMX         string
	// AdminCSS and AdminJS are the paths for administrators' pages; empty on
	// others.
	AdminCSS, AdminJS string
	Icon              string
	Icons             string // path of the icon sprite
	Notice            string // confirmation of the last action
	Support           string // contact for questions
	Path              string // the page's own path, for signing out and in again
}

// User is the signed-in person.
type User struct{ Name, Email, Organization string }

// Initials returns the first letters of the first and last word of the name.
func (u User) Initials() string {
	var letters []rune
	for _, word := range strings.Fields(u.Name) {
		r, _ := utf8.DecodeRuneInString(word)
		letters = append(letters, unicode.ToUpper(r))
	}
	if len(letters) > 2 {
		letters = []rune{letters[0], letters[len(letters)-1]}
	}
	return string(letters)
}

// NavItem is a link in the navigation.
type NavItem struct {
	Label, Href string
	Icon        string // name in the sprite
	Count       int    // number of pending items; hidden if 0
	Current     bool
}

// SignIn is the page that asks for the work address.
type SignIn struct {
	Chrome
	Action   string
	Field    ui.Field
	ReturnTo string // our own path to continue at after signing in
}

// Passcode is the page that asks for the one-time passcode.
type Passcode struct {
	Chrome
	Action       string
	Attempt      string // id of the sign-in
	Field        ui.Field
	ResendAction string // form action to send another passcode
}

// ErrorPage says what happened and what to do: refusals, errors and expired
// links.
type ErrorPage struct {
	Chrome
	Text      []string
	Reference string // to quote to support
	Links     []Link
	// SwitchAccount offers to sign in with another account and continue at
	// ReturnTo.
	SwitchAccount bool
	ReturnTo      string
}

// Link is a link or a button that is a link.
type Link struct {
	Label, Href string
	Primary     bool
}

// Overview is the home page: pending approvals and requests, and access that
// ends soon.
type Overview struct {
	Chrome
	Approvals int
	Waiting   []Row
	Ending    []Row
	Browse    string
}

// Row is an item of a list.
type Row struct {
	Title, Href string
	Text        string // a sentence below the title
	Hint        string // a less prominent sentence
	Facts       []ui.Fact
	State       ui.Badge
	Links       []Link
	// Value is the value of the row's checkbox; empty if the row cannot be
	// selected.
	Value string
	// CancelAction is the form action that cancels the row's request; empty if
	// it cannot be canceled.
	CancelAction string
	// Command is a further action on the row; nil if there is none.
	Command *Command
	// Selected is true if the row's checkbox is ticked.
	Selected bool
}

// Packages is the list of access packages.
type Packages struct {
	Chrome
	Tabs   []ui.Tab
	Tab    string
	Search string
	Action string // of the search form
	Rows   []Row
	Empty  [2]string
	Next   string // next page; empty on the last
	First  string // first page; empty on the first
}

// Package is the page of an access package with the form to request it.
type Package struct {
	Chrome
	Name, Description, Catalog string
	Resources                  []Resource
	Hidden                     string // why resources are not shown; empty if they are
	State                      ui.Badge
	WhyNot                     string // why it cannot be requested now; empty if it can
	WhyNotLink                 Link
	Form                       *Form
}

// Resource is a resource role of a package.
type Resource struct {
	Name, Kind, Role string
	Link             string // address to open it; empty if there is none or the person does not have it
	State            ui.Badge
	Problem          string
}

// Form is the form to request a package.
type Form struct {
	Action         string
	IdempotencyKey string // makes sure that posting twice creates one request
	Faults         []Fault
	PolicyChoice   *ui.Options // choice of policy; nil if there is only one
	// PolicyPolicyChoiceAction is the form action that shows the form of the
	// chosen policy. It is sent with HiddenFields.
	PolicyChoiceAction string
	HiddenFields       []Hidden
	Policy             string // id of the chosen policy
	Hint               string // what will happen on submitting
	Parts              []Part
	RestoredNotice     string // says that typed text was restored; empty if it was not
}

// Part is an element of a form. Only what is set is rendered.
type Part struct {
	Field   *ui.Field
	Options *ui.Options
	Select  *ui.Select
	Picker  *ui.Picker
	Note    string
	Heading string
	Hidden  []Hidden
	Buttons []Button
	// VisibleWhen is the condition for the part; with scripts it is hidden
	// otherwise.
	VisibleWhen VisibleWhen
}

// named returns the faults prefixed with the labels of their fields, for the
// list above the form.
func (f Form) named(p *lang.Printer) []Fault {
	labels := map[string]string{}
	for _, part := range f.Parts {
		if part.Field != nil {
			labels[part.Field.ID()] = part.Field.Label
		}
		if part.Options != nil {
			labels[part.Options.ID()] = part.Options.Label
		}
	}
	var all []Fault
	for _, fault := range f.Faults {
		if label := labels[fault.Field]; label != "" {
			fault.Text = p.T("%s – %s", label, fault.Text)
		}
		all = append(all, fault)
	}
	return all
}

// VisibleWhen shows something only while another field has one of the values;
// always if Field is empty.
type VisibleWhen struct{ Field, Values string }

// Fault is an error in a form, with the id of its field.
type Fault struct{ Field, Text string }

// Requests is the list of a person's requests.
type Requests struct {
	Chrome
	Rows        []Row
	Next, First string
}

// Request is the page of a request with its timeline.
type Request struct {
	Chrome
	Package      string
	State        ui.Badge
	Facts        []ui.Fact
	Steps        []Step
	Resources    []Resource
	CancelAction string // form action; empty if it cannot be canceled
	ResubmitURL  string // page to submit it again; empty if it cannot be
	AutoRefresh  bool   // the page reloads itself until the state is final
}

// Step is an entry of the timeline. Kind is done, now, bad or next.
type Step struct {
	Kind, Title, Time string
	Lines             []string
}

// Approvals is the list of pending or decided approvals.
type Approvals struct {
	Chrome
	Tabs           []ui.Tab
	Pending        bool
	Action         string
	Rows           []Row
	Reason         ui.Field
	RestoredNotice string   // says that typed text was restored; empty if it was not
	Faults         []Fault  // of the form, not of a field
	Results        []string // result of each of several decisions
	Next, First    string
}

// Approval is the page of a request for its approvers.
type Approval struct {
	Chrome
	Package   string
	State     ui.Badge
	Conflict  string // why the decision just submitted was not accepted; empty otherwise
	Facts     []ui.Fact
	Answers   []ui.Fact
	Resources []Resource
	Steps     []Step
	Decide    *Decide // nil if the reader cannot decide
	WhyNot    string  // why the reader cannot decide
}

// Decide is the form to decide.
type Decide struct {
	Action         string
	Stage          int
	RestoredNotice string // says that typed text was restored; empty if it was not
	Faults         []Fault
	Reason         ui.Field
}
