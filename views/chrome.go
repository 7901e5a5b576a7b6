package views

import (
	"unicode"
	"unicode/utf8"

	"myaccess/internal/lang"
)

// Chrome is the data of the frame around every page.
type Chrome struct {
	P     *lang.Printer
	Title string
	// Tenant is the tenant's name, empty on pages of the installation. Home is the
	// path of its pages without a slash at the end, such as /@meridian.example.
	Tenant, Home string
	User         *User // nil if no one is signed in
	// Areas are My Access and Administration, one or both.
	Areas   []NavItem
	Nav     []NavGroup
	CSRF    string // of the session, for forms
	SignOut string // action of the form to sign out
	CSS, JS string // paths of the assets
	HTMX    string
	// AdminCSS and AdminJS are the paths for administrators' pages; empty on
	// others.
	AdminCSS, AdminJS string
	Icon              string
	Icons             string   // path of the icon sprite
	Notice            string   // confirmation of the last action
	Warning           *Warning // nil if there is none
	Support           Link     // contact for questions; without an address if it is a sentence
	Zone              string   // sentence that names the time zone of the page's times
	Path              string   // the page's own path, for signing out and in again
}

// Warning is what keeps the reader from using the portal fully.
type Warning struct {
	Text          string
	SwitchAccount *SwitchAccount // the way out; nil if there is none
}

// User is the signed-in person.
type User struct{ Name, Email, Organization string }

// AccountLabel names an account by its name and its address, either of which can be
// empty.
func AccountLabel(p *lang.Printer, name, address string) string {
	switch {
	case name == "" || name == address:
		return address
	case address == "":
		return name
	}
	return p.T("%s (%s)", name, address)
}

// Label is the account, with its address if it has one.
func (u User) Label(p *lang.Printer) string { return AccountLabel(p, u.Name, u.Email) }

// name is what the header calls the site: the tenant, or the product outside of tenants.
func (c Chrome) name() string {
	if c.Tenant != "" {
		return c.Tenant
	}
	return "MyAccess"
}

// marked is the frame with a title that says whether the page reports an error, so that
// it is the first thing that is read out.
func (c Chrome) marked(isFaulty bool) Chrome {
	if isFaulty {
		c.Title = c.P.T("Error: %s", c.Title)
	}
	return c
}

// initial is the letter of the logo.
func (c Chrome) initial() string {
	r, _ := utf8.DecodeRuneInString(c.name())
	return string(unicode.ToUpper(r))
}

// NavGroup is a part of the navigation, with a heading or without.
type NavGroup struct {
	Label string
	Items []NavItem
}

// NavItem is a link in the navigation.
type NavItem struct {
	Label, Href string
	Icon        string // name in the sprite
	Count       int    // number of pending items; hidden if 0
	Current     bool
}

// Link is a link or a button that is a link.
type Link struct {
	Label, Href string
	Primary     bool
}
