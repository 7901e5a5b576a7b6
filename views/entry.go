package views

import (
	"myaccess/views/ui"
)

// SignIn is the page that asks for the work address.
type SignIn struct {
	Chrome
	Action   string
	Field    ui.Field
	ReturnTo string // our own path to continue at after signing in
	Prompt   string // to use another account at the provider; usually empty
	Notice   string // what becomes of the session that the browser has; empty without one
	Contact  Contact
}

// Confirm asks before something is done that a link alone must not do.
type Confirm struct {
	Chrome
	Text    []string
	Action  string // form action of Buttons
	Hidden  []Hidden
	Buttons []Button
	Links   []Link
}

// Passcode is the page that asks for the one-time passcode.
type Passcode struct {
	Chrome
	Text    string // which mail has the code
	Action  string
	Attempt string // id of the sign-in
	Hidden  []Hidden
	Field   ui.Field
	Submit  string // label of the button
	Resend  Link   // to the page that sends another passcode
}

// ErrorPage says what happened and what to do: refusals, errors and expired
// links.
type ErrorPage struct {
	Chrome
	Text      []string
	Contact   Contact
	Reference string // to quote to support
	Links     []Link
	// SwitchAccount is the form for signing in with another account; nil if there is none.
	SwitchAccount *SwitchAccount
}

// Contact says whom to ask: one sentence, in which a contact with an address is a link.
type Contact struct {
	Before, Label, After string
	Href                 string // empty if Label is not a link
}

// SwitchAccount is a form that starts a sign-in with another account.
type SwitchAccount struct {
	Action    string
	Hidden    []Hidden
	Secondary bool // another way forward is more likely
}

// Overview is the home page: what waits for the person, access that ends soon, what the
// person holds, and open requests.
type Overview struct {
	Chrome
	Approvals int
	Waiting   []Row
	Ending    []Row
	Held      []Held
	// All are all active packages, if more are held than shown.
	All    Link
	Browse string
}

// Held is an access package that the person holds. Until says when that ends.
type Held struct {
	Title, Href, Until string
	State              ui.Badge
	Resources          []Resource
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
