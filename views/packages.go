package views

import (
	"myaccess/views/ui"
)

// Packages is the list of access packages.
type Packages struct {
	Chrome
	Tabs   []ui.Tab
	Tab    string
	Search string
	Action string // of the search form
	Rows   []Row
	Empty  [2]string // heading and text of an empty list
	// EmptyLink shows where to begin if the list is empty; without an address for none.
	EmptyLink Link
	Next      string // next page; empty on the last
	First     string // first page; empty on the first
}

// Package is the page of an access package with the form to request it.
type Package struct {
	Chrome
	Name, Description, Catalog, CatalogDescription string
	Resources                                      []Resource
	Hidden                                         string // why resources are not shown; empty if they are
	State                                          ui.Badge
	WhyNot                                         string // why it cannot be requested now; empty if it can
	WhyNotLink                                     Link
	Form                                           *Form
}

// Resource is a resource role of a package.
type Resource struct {
	Name, Kind, Role string
	Link             string // address to open it; empty if there is none or the person does not have it
	State            ui.Badge
	Problem          string
}
