// Package kit is what the areas of the browser side share: the guards before
// each handler (guards.go), middleware, the one place that answers errors
// (errors.go), page chrome, form fields, forms and wizards of administrators,
// lists, pickers, and the words for states. It knows no single page.
//
// A handler is a function of a Context: it reads what was typed into values,
// calls one use case or read, and answers. It judges nothing: package access
// judges, and errors.go turns its refusals into pages.
package kit

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/internal/store"
)

// Context is one request, with what the doors have found out about it.
type Context struct {
	*Server
	echo.Context
	Store      *store.Reader // that of a form sees at once what it changes
	Ctx        context.Context
	Now        time.Time
	Tenant     access.Tenant
	Home       string // path of the tenant's pages, without a slash at the end; of the installation's outside a tenant
	SessionKey string // of the session; empty if nobody is signed in
	Session    access.Session
	Account    access.Account
	Person     access.Person // as the tenant knows the account; without id if it does not
	Printer    *lang.Printer
	Rights     access.Rights // of the person
	level      AccessLevel   // of the route
	Target     Target        // what the id in the path of an administrators' page names
	// accepted are the languages that the browser asks for, most wanted first.
	languages []string
}

func (s *Server) newContext(ec echo.Context) *Context {
	c := &Context{Server: s, Context: ec, Home: s.Links.Path(""), Store: s.Store, Ctx: ec.Request().Context(),
		Now:       s.Now(),
		languages: lang.ParseAcceptLanguage(ec.Request().Header.Get("Accept-Language"))}
	if ec.Request().Method != http.MethodPost {
		c.Store = s.Store.Snapshot()
	}
	language := ""
	if len(c.languages) > 0 {
		language = c.languages[0]
	}
	c.Printer = s.NewPrinter(language, nil)
	return c
}

// PrinterFor returns the printer for a person: of the person's language and time
// zone, else of the browser's language and the tenant's zone.
func (c *Context) PrinterFor(p access.Person) *lang.Printer {
	language, zone := p.Language, p.TimeZone
	if language == "" {
		language = c.Printer.Tag()
	}
	if zone == "" {
		zone = c.Tenant.Settings.TimeZone
	}
	return c.Server.NewPrinter(language, c.zones.get(zone))
}

// zones are the time zones that have been read.
type zones struct{ all sync.Map } // name to *time.Location

// get is the zone with the name; UTC if this machine does not know it. Only
// zones that exist are kept, so that there is a bound to them.
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
