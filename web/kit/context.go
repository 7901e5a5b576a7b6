// Package kit is what the areas of the browser side share: the guards before
// each handler (guards.go), middleware, the one place that answers errors
// (errors.go), every address (links.go), page chrome, forms and wizards, lists,
// pickers, the request form, the timeline, and the words for states. It knows no
// single page.
//
// A handler is a function of a Context: it reads what was typed into values,
// calls one use case or read, and answers. It does not decide: package access
// does, and errors.go turns its refusals into pages. Methods of Context are about
// the request itself; what builds a part of a page is a function that takes it.
package kit

import (
	"context"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lang"
	"myaccess/internal/store"
)

// Context is one request with what the guards have loaded for it. Fields are
// zero on routes whose access level does not load them.
type Context struct {
	*Server
	echo.Context
	// Store is a snapshot, which ends before the page is sent. A handler that writes
	// or calls out ends it first (EndSnapshot), so that it sees its own changes and
	// keeps no connection waiting. For a form the snapshot ends before the handler.
	Store      *store.Reader
	Ctx        context.Context
	Now        time.Time
	Tenant     access.Tenant
	Home       string // path of the tenant's pages without a slash at the end; the base path outside a tenant
	SessionKey string // hash of the session id; empty if no one is signed in
	Session    access.Session
	Account    access.Account
	// SessionFault is why the session could not be read, on a route with EndsSession.
	SessionFault error
	Person       access.Person // without id if the tenant does not know the account yet
	Printer      *lang.Printer
	Rights       access.Rights       // of Person
	View         admin.View          // what Person's roles allow to read
	level        AccessLevel         // of the route
	formPage     func(string) string // of the route
	Target       Target              // on administrators' pages
	// Files are the files of a form, by field, on a route with Upload.
	Files map[string]UploadedFile
	// languages are those of the browser, the preferred first.
	languages []string
}

func (s *Server) newContext(ec echo.Context) *Context {
	c := &Context{Server: s, Context: ec, Home: s.Links.Path(""), Store: s.Store.Snapshot(), Ctx: ec.Request().Context(),
		Now:       s.Now(),
		languages: lang.ParseAcceptLanguage(ec.Request().Header.Get("Accept-Language"))}
	c.Printer = s.NewPrinter(s.Catalog.Match(c.languages), nil)
	return c
}

// EndSnapshot ends the snapshot that Store is. What is read later is what is
// committed then.
func (c *Context) EndSnapshot() { c.Store.End() }

// PrinterFor returns the printer for a person. It falls back to the browser's
// language and the tenant's time zone, which the footer names once.
func (c *Context) PrinterFor(p access.Person) *lang.Printer {
	language, zone := p.Language, p.TimeZone
	if language == "" {
		language = c.Printer.Tag()
	}
	if zone == "" {
		zone = c.Tenant.Settings.TimeZone
	}
	return c.Server.NewPrinter(language, c.zones.get(zone)).ForPages()
}

// zones caches time zones by name.
type zones struct{ all sync.Map } // name to *time.Location

// get is the zone with the name; UTC if it is unknown. Unknown names are not
// cached, because there is no limit to them.
func (z *zones) get(name string) *time.Location {
	if l, ok := z.all.Load(name); ok {
		return l.(*time.Location)
	}
	l, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	z.all.Store(name, l)
	return l
}
