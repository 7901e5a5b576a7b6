// Package views has the pages: a struct for each, ready to print, and the
// template that prints it. A page is filled in package web, which decides
// everything; here nothing is decided but how it reads and looks. Every sentence
// goes through the printer of its Chrome, and every action is a link or a form,
// so that all of it works with scripts off.
package views

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"myaccess/internal/lang"
	"myaccess/views/ui"
)

// Chrome is what surrounds every page.
type Chrome struct {
	P     *lang.Printer
	Title string
	// Tenant is the host's name, and Home the path of its pages, such as
	// /@meridian.example; both are empty on pages of the installation.
	Tenant, Home string
	User         *User // nobody is signed in if nil
	Nav          []NavItem
	CSRF         string // of the session, for forms
	CSS, JS      string // paths of the assets
	HTMX         string
	// AdminCSS and AdminJS are those of administrators' pages; empty on others.
	AdminCSS, AdminJS string
	Icon              string
	Icons             string // the sprite
	Notice            string // something that has just been done
	Support           string // whom to ask
	Path              string // the page's own, for signing out and back in
}

// User is who is signed in.
type User struct{ Name, Email, Organization string }

// Initials are the first letters of the first and the last word of the name.
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

// NavItem is a place that the navigation leads to.
type NavItem struct {
	Label, Href string
	Icon        string // its name in the sprite
	Count       int    // things that wait there; not shown if 0
	Current     bool
}

// SignIn asks for the work address.
type SignIn struct {
	Chrome
	Action   string
	Field    ui.Field
	ReturnTo string // our own path, where to go afterwards
}

// Passcode asks for the one-time passcode that was sent by mail.
type Passcode struct {
	Chrome
	Action       string
	Attempt      string // which sign-in it is for
	Field        ui.Field
	ResendAction string // where to ask for another
}

// ErrorPage is a page that tells what happened and what to do: refusals, faults
// and ends.
type ErrorPage struct {
	Chrome
	Text      []string
	Reference string // for whoever is asked about it
	Links     []Link
	// SwitchAccount offers to sign in with another account, with To as the target.
	SwitchAccount bool
	ReturnTo      string
}

// Link is somewhere to go.
type Link struct {
	Label, Href string
	Primary     bool
}

// Overview is what needs the reader, and what ends soon.
type Overview struct {
	Chrome
	Approvals int
	Waiting   []Row
	Ending    []Row
	Browse    string
}

// Row is a line of a list.
type Row struct {
	Title, Href string
	Text        string // a sentence beneath
	Hint        string // and a lesser one
	Facts       []ui.Fact
	State       ui.Badge
	Links       []Link
	// Value is the row's value where rows can be chosen; empty if not this one.
	Value string
	// CancelAction is the form that withdraws the request of the row; empty if none.
	CancelAction string
	// Command is what else can be done with the row; nil if nothing.
	Command *Command
	// Selected is true if the row stands chosen.
	Selected bool
}

// Packages is the list of access packages.
type Packages struct {
	Chrome
	Tabs   []ui.Tab
	Tab    string
	Search string
	Action string // of the search
	Rows   []Row
	Empty  [2]string
	Next   string // the next page of the list; empty on the last
	First  string // the first page; empty there
}

// Package is one access package with the form to request it.
type Package struct {
	Chrome
	Name, Description, Catalog string
	Resources                  []Resource
	Hidden                     string // why resources are not named; empty if they are
	State                      ui.Badge
	WhyNot                     string // it cannot be requested now; empty if it can
	WhyNotLink                 Link
	Form                       *Form
}

// Resource is a resource role of a package.
type Resource struct {
	Name, Kind, Role string
	Link             string // opens it; empty if there is nothing to open, or it is not held
	State            ui.Badge
	Problem          string
}

// Form is the form to request a package.
type Form struct {
	Action         string
	IdempotencyKey string // so that posting it twice makes one request
	Faults         []Fault
	PolicyChoice   *ui.Options // of the policy, if there are several
	// PolicyChoiceAction shows the form of the policy chosen; Keep goes with it.
	PolicyChoiceAction string
	HiddenFields       []Hidden
	Policy             string // the one chosen
	Hint               string // the sentence that says what will happen
	Parts              []Part
	RestoredNotice     string // what tells that typed text was kept; empty if not
}

// Part is a field, a choice, or a sentence of a form.
type Part struct {
	Field   *ui.Field
	Options *ui.Options
	Select  *ui.Select
	Picker  *ui.Picker
	Note    string
	Heading string
	Hidden  []Hidden
	Buttons []Button
	// VisibleWhen is when the part is of use; with scripts it is hidden otherwise.
	VisibleWhen VisibleWhen
}

// named are the faults with the labels of their fields before them, for the list
// above the form.
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

// VisibleWhen names the values of another field with which something is of use; always
// if there is no field.
type VisibleWhen struct{ Field, Values string }

// Fault is one thing wrong with a form, with the id of its field.
type Fault struct{ Field, Text string }

// Requests is the history of a person's requests.
type Requests struct {
	Chrome
	Rows        []Row
	Next, First string
}

// Request is one request with its time line.
type Request struct {
	Chrome
	Package      string
	State        ui.Badge
	Facts        []ui.Fact
	Steps        []Step
	Resources    []Resource
	CancelAction string // action of the form; empty if it cannot be canceled
	ResubmitURL  string // where to submit it again; empty if it cannot be
	AutoRefresh  bool   // it changes by itself soon
}

// Step is a point of the time line. Kind is done, now, bad or next.
type Step struct {
	Kind, Title, Time string
	Lines             []string
}

// Approvals is the list of requests to decide, or that have been decided.
type Approvals struct {
	Chrome
	Tabs           []ui.Tab
	Pending        bool
	Action         string
	Rows           []Row
	Reason         ui.Field
	RestoredNotice string   // what tells that typed text was kept; empty if not
	Faults         []Fault  // of the form as a whole
	Results        []string // how each of several decisions went
	Next, First    string
}

// Approval is one request as an approver sees it.
type Approval struct {
	Chrome
	Package   string
	State     ui.Badge
	Conflict  string // why a decision just made did not count; empty if it did
	Facts     []ui.Fact
	Answers   []ui.Fact
	Resources []Resource
	Steps     []Step
	Decide    *Decide // nil if there is nothing to decide
	WhyNot    string  // why not
}

// Decide is the form of a decision.
type Decide struct {
	Action         string
	Stage          int
	RestoredNotice string // what tells that typed text was kept; empty if not
	Faults         []Fault
	Reason         ui.Field
}
