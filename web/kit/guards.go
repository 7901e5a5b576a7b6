package kit

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"myaccess/internal/access"
	"myaccess/internal/signin"
)

// withGuards returns the handler with the checks of the route's access level
// before it.
func (s *Server) withGuards(r Route) echo.HandlerFunc {
	return func(ec echo.Context) error {
		c := s.newContext(ec)
		c.level = r.Level
		ec.Set("visit", c)
		if err := c.loadSession(); err != nil {
			return err
		}
		if r.Level >= TenantPage {
			if moved, err := c.loadTenant(); moved || err != nil {
				return err
			}
		}
		if r.Method == http.MethodPost {
			if err := c.parseForm(); err != nil {
				return err
			}
		}
		if r.Level >= SignedIn {
			if away, err := c.requireSignIn(r); away || err != nil {
				return err
			}
		}
		if r.Level >= AdminPage {
			if err := c.authorize(r); err != nil {
				return err
			}
		}
		if r.Method == http.MethodPost {
			if err := c.checkCSRF(); err != nil {
				return err
			}
		}
		return r.Handle(c)
	}
}

// loadSession loads the session and the account of the browser's cookie. No
// session, or one that has ended, is not an error.
func (c *Context) loadSession() error {
	id := c.SessionCookies.Session(c.Request())
	if id == "" {
		return nil
	}
	in, err := c.Lifecycle.SignIns.Session(c.Ctx, c.Store, signin.HashToken(id), c.Now)
	if access.KindOf(err) == access.NotFound && err != nil {
		return nil // the session has ended
	}
	c.SessionKey, c.Session, c.Account = signin.HashToken(id), in.Session, in.Account
	return err
}

// loadTenant loads the tenant of the domain in the path. If the domain is not
// in canonical form, it redirects there and returns true.
func (c *Context) loadTenant() (moved bool, err error) {
	given := c.Param("domain")
	d, ok := signin.CanonicalDomain(given)
	if !ok {
		return false, access.Missing()
	}
	if c.Tenant, err = c.Store.TenantByDomain(c.Ctx, d); err != nil {
		return false, err
	}
	if string(d) != given {
		u := *c.Request().URL
		rest := strings.TrimPrefix(u.EscapedPath(), c.Links.Path("/@"+url.PathEscape(given)))
		if rest == u.EscapedPath() {
			rest = strings.TrimPrefix(u.Path, c.Links.Path("/@"+given))
		}
		if u.RawQuery != "" {
			rest += "?" + u.RawQuery
		}
		return true, c.Redirect(http.StatusPermanentRedirect, c.Links.Home(d)+rest)
	}
	c.Home = c.Links.Home(d)
	c.Printer = c.PrinterFor(access.Person{})
	return false, nil
}

// requireSignIn loads the person and its rights. If no one is signed in, it
// redirects to the sign-in page, keeps what was typed, and returns true. It
// fails if the tenant does not admit the account or the person is disabled.
func (c *Context) requireSignIn(r Route) (away bool, err error) {
	if c.SessionKey == "" || !c.Tenant.Settings.AcceptsSession(c.Session, c.Now) {
		if r.Path == HomePath && c.DomainHint() != "" {
			return true, c.pauseBeforeSignIn()
		}
		return true, c.sendToSignIn(r)
	}
	c.Person, err = c.Lifecycle.SignIns.PersonFor(c.Ctx, c.Store, c.Tenant, c.Account)
	if err != nil {
		if access.KindOf(err) == access.Forbidden {
			return false, errors.Join(errWrongAccount, err)
		}
		return false, err
	}
	c.Printer = c.PrinterFor(c.Person)
	if c.Person.Disabled {
		return false, access.Refuse(access.Forbidden, "This account has been disabled by an administrator.")
	}
	c.Rights, err = c.Store.Rights(c.Ctx, c.Person)
	return false, err
}

// Target is the object that the id in the path of an administrators' page
// names, and its catalog.
type Target struct {
	Catalog    access.Catalog
	Package    access.Package
	Request    access.Request
	Assignment access.Assignment
}

// authorize refuses a reader whose roles do not allow the route's action. It
// returns NotFound if the reader has no role in the object's catalog, so that
// the object cannot be told from one that does not exist, and Forbidden
// otherwise.
func (c *Context) authorize(r Route) error {
	if r.Of == OfTenant {
		return c.Rights.May(r.Action)
	}
	id, err := c.PathID()
	if err != nil {
		return err
	}
	if err := c.loadTarget(r.Of, id); err != nil {
		return err
	}
	return c.Rights.MayInCatalog(r.Action, c.Target.Catalog.ID)
}

// loadTarget loads the object with the id, and its catalog.
func (c *Context) loadTarget(of Object, id string) (err error) {
	t, target := c.Tenant.ID, &c.Target
	catalog, pack := access.CatalogID(""), access.PackageID("")
	switch of {
	case OfCatalog:
		catalog = access.CatalogID(id)
	case OfPackage:
		pack = access.PackageID(id)
	case OfRequest:
		target.Request, err = c.Store.Request(c.Ctx, t, access.RequestID(id))
		pack = target.Request.Package
	case OfAssignment:
		target.Assignment, err = c.Store.Assignment(c.Ctx, t, access.AssignmentID(id))
		pack = target.Assignment.Package
	case OfTenant:
	}
	if err == nil && pack != "" {
		target.Package, err = c.Store.Package(c.Ctx, t, pack)
		catalog = target.Package.Catalog
	}
	if err == nil && of == OfPackage && !target.Package.Deleted.IsZero() {
		err = access.Missing()
	}
	if err != nil {
		return err
	}
	target.Catalog, err = c.Store.Catalog(c.Ctx, t, catalog)
	// the catalog was deleted; requests and assignments remain
	if of != OfCatalog && access.KindOf(err) == access.NotFound {
		target.Catalog, err = access.Catalog{ID: catalog, Tenant: t}, nil
	}
	return err
}
