package kit

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mailaddr"
	"myaccess/internal/signin"
)

// withGuards returns the handler with the checks of the route's access level
// before it.
func (s *Server) withGuards(r Route) echo.HandlerFunc {
	return func(ec echo.Context) error {
		c := s.newContext(ec)
		c.level, c.formPage = r.Level, r.FormPage
		ec.Set("context", c)
		defer c.EndSnapshot()
		if err := c.loadSession(); err != nil {
			if !r.EndsSession {
				return err
			}
			c.SessionFault = err
		}
		if r.Level >= TenantPage {
			if moved, err := c.loadTenant(); moved || err != nil {
				return err
			}
		}
		upload := r.Upload && isMultipart(c.Request())
		if upload {
			defer drain(c.Request())
		}
		if r.Method == http.MethodPost && !upload {
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
		if upload {
			c.EndSnapshot() // a slow client must not keep it open
			done, err := parseUpload(c)
			if err != nil {
				return err
			}
			defer done()
		}
		if r.Method == http.MethodPost {
			if err := c.checkCSRF(); err != nil {
				return err
			}
			c.EndSnapshot()
		}
		return r.Handle(c)
	}
}

// loadSession loads the session and the account of the browser's cookie. No
// session, or one that has ended, is not an error. It is not known yet whether the
// tenant accepts the session, so this is no use of it.
func (c *Context) loadSession() error {
	id := c.SessionCookies.Session(c.Request())
	if id == "" {
		return nil
	}
	if d, ok := mailaddr.CanonicalDomain(c.Param("domain")); ok {
		approvals := c.level != AdminPage && c.Request().Method != http.MethodPost
		if err := c.Store.Visit(c.Ctx, signin.HashToken(id), d, approvals); err != nil {
			return err
		}
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
	d, ok := mailaddr.CanonicalDomain(given)
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
	c.UseTenant(c.Tenant)
	c.Home = c.Links.Home(d)
	return false, nil
}

// UseTenant makes the page one of the tenant, in its language and time zone.
func (c *Context) UseTenant(t access.Tenant) {
	c.Tenant = t
	if t.ID != "" {
		c.Home = c.Links.Home(t.PrimaryDomain())
	}
	c.Printer = c.PrinterFor(access.Person{})
}

// requireSignIn loads the person and its rights, and notes the use of the session.
// If no one is signed in, or the session is over by the tenant's limits or was ended by
// its administrators, it redirects to the sign-in page, keeps what was typed, and returns true. It fails if
// the tenant does not admit the account or the person is disabled.
func (c *Context) requireSignIn(r Route) (away bool, err error) {
	if c.SessionKey == "" || !c.Tenant.Settings.AcceptsSession(c.Session, c.Now) {
		if r.Path == HomePath && c.DomainHint() != "" {
			return true, c.pauseBeforeSignIn()
		}
		return true, c.sendToSignIn(r)
	}
	c.Person, err = c.Lifecycle.SignIns.PersonFor(c.Ctx, c.Store, c.Tenant, c.Account)
	if errors.Is(err, lifecycle.ErrUnproven) {
		return true, sendToConfirm(c, r)
	}
	if err != nil {
		if access.KindOf(err) == access.Forbidden {
			return false, errors.Join(errWrongAccount, err)
		}
		return false, err
	}
	c.Printer = c.PrinterFor(c.Person)
	if c.Person.Disabled {
		return false, errors.Join(errWrongAccount,
			access.Refuse(access.Forbidden, "This account has been disabled by an administrator."))
	}
	if !c.Person.AcceptsSession(c.Session) {
		return true, c.sendToSignIn(r)
	}
	c.Lifecycle.SignIns.Touch(c.Ctx, c.Session, c.Tenant.Settings, c.Now)
	c.View, err = admin.ViewFor(c.Ctx, c.Store, c.Person)
	c.Rights = c.View.Rights()
	return false, err
}

// Target is the object that the id in the path of an administrators' page
// names, and its catalog.
type Target struct {
	Catalog    access.Catalog
	Package    access.Package
	Request    access.Request
	Assignment access.Assignment
	// The views read what belongs to the object.
	PackageView    admin.PackageView // of requests and assignments too
	RequestView    admin.RequestView
	AssignmentView admin.AssignmentView
}

// authorize loads the object that the path names, and refuses a reader whose
// roles do not allow the route's action. It returns NotFound if the reader has
// no role in the object's catalog, so that the object cannot be told from one
// that does not exist, and Forbidden otherwise (admin.View).
func (c *Context) authorize(r Route) error {
	if r.Of == OfTenant {
		return c.View.May(r.Action)
	}
	id, err := c.PathID()
	if err != nil {
		return err
	}
	return c.loadTarget(r, id)
}

// loadTarget loads the object with the id, and its catalog.
func (c *Context) loadTarget(r Route, id string) (err error) {
	target := &c.Target
	switch r.Of {
	case OfCatalog:
		target.Catalog, err = c.View.Catalog(c.Ctx, r.Action, access.CatalogID(id))
		return err
	case OfPackage:
		target.PackageView, err = c.View.Package(c.Ctx, r.Action, access.PackageID(id))
	case OfRequest:
		target.RequestView, err = c.View.Request(c.Ctx, r.Action, access.RequestID(id))
		target.PackageView, target.Request = target.RequestView.PackageView, target.RequestView.Request()
	case OfAssignment:
		target.AssignmentView, err = c.View.Assignment(c.Ctx, r.Action, access.AssignmentID(id))
		target.PackageView, target.Assignment = target.AssignmentView.PackageView, target.AssignmentView.Assignment()
	case OfTenant:
	}
	target.Package, target.Catalog = target.PackageView.Package(), target.PackageView.Catalog()
	return err
}
