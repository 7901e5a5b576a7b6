package kit

import (
	"myaccess/internal/access"
)

// AccessLevel says what a request needs to reach a handler. Each level includes
// those before it.
type AccessLevel int

// The levels.
const (
	Public     AccessLevel = iota // no condition
	TenantPage                    // the domain in the path belongs to a tenant
	SignedIn                      // a person is signed in and admitted by the tenant
	AdminPage                     // the person's roles allow the route's action
)

// Route is one line of the route table.
type Route struct {
	Method, Path string
	Level        AccessLevel
	Handle       func(*Context) error
	// FormPage maps the path of a form's action to the page with the form, where
	// people return to after signing in again. It is nil for pages.
	FormPage func(string) string
	// Action is what the roles must allow on an AdminPage: in the tenant, or in the
	// catalog of the object Of.
	Action access.Action
	Of     Object
	// Upload makes the route accept files, in a multipart form of up to MaxUpload. It is
	// read after all other checks of the guards.
	Upload bool
	// EndsSession makes the handler run although the session could not be read: signing
	// out does not depend on the database.
	EndsSession bool
}

// Object is the kind of object that ":id" in the path names. The guard loads
// the object and its catalog.
type Object int

// The objects.
const (
	OfTenant     Object = iota // none: the tenant as a whole, or a list
	OfCatalog                  // :id is a catalog
	OfPackage                  // :id is an access package
	OfRequest                  // :id is a request
	OfAssignment               // :id is an assignment
)

// SamePath is the FormPage of a form that is sent to its own page.
func SamePath(p string) string { return p }

// HomePath is the path of a tenant's start page.
const HomePath = "/@:domain/"
