package kit

import (
	"myaccess/internal/access"
)

// AccessLevel is who may pass to a handler.
type AccessLevel int

// The doors. Each includes those before it.
const (
	Public     AccessLevel = iota // anybody
	TenantPage                    // the domain in the path is a tenant's
	SignedIn                      // somebody is signed in whom the tenant admits
	AdminPage                     // and whose roles allow the route's action
)

// Route is one line of the table of everything that the portal answers.
type Route struct {
	Method, Path string
	Level        AccessLevel
	Handle       func(*Context) error
	// page turns the path of a form's action into that of the page with the
	// form, where somebody is brought whose session had ended.
	FormPage func(string) string
	// action is what the roles of somebody must allow at the door admin, and of
	// the kind of thing in the path whose catalog they must allow it in.
	Action access.Action
	Of     Object
}

// Object is the kind of thing that an id in the path names.
type Object int

// The objects. The catalog of each is found by the door.
const (
	OfTenant     Object = iota // no object: an action on the tenant, or a list
	OfCatalog                  // :id is a catalog
	OfPackage                  // :id is an access package
	OfRequest                  // :id is a request
	OfAssignment               // :id is an assignment
)

// SamePath is the FormPage of a form that is sent to its own page.
func SamePath(p string) string { return p }

// HomePath is a tenant's start page.
const HomePath = "/@:domain/"
