package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/internal/signin"
	"myaccess/internal/store"
)

// visit is one request, with what the doors have found out about it.
type visit struct {
	*server
	echo.Context
	Store   *store.Reader // that of a form sees at once what it changes
	ctx     context.Context
	now     time.Time
	tenant  access.Tenant
	home    string // /@domain of the tenant; empty outside one
	key     string // of the session; empty if nobody is signed in
	signed  access.Session
	account access.Account
	person  access.Person // as the tenant knows the account; without id if it does not
	printer *lang.Printer
	rights  access.Rights // of the person
	chosen  chosen        // what the id in the path of an administrators' page names
	// accepted are the languages that the browser asks for, most wanted first.
	accepted []string
}

// maxBody is how large a form may be.
const maxBody = 1 << 20

// open returns the handler that lets requests through the route's door.
func (s *server) open(r route) echo.HandlerFunc {
	return func(c echo.Context) error {
		v := s.visit(c)
		c.Set("visit", v)
		if err := v.session(); err != nil {
			return err
		}
		if r.door >= hosted {
			if moved, err := v.findTenant(); moved || err != nil {
				return err
			}
		}
		if r.method == http.MethodPost {
			if err := v.readForm(); err != nil {
				return err
			}
		}
		if r.door >= inside {
			if away, err := v.enter(r); away || err != nil {
				return err
			}
		}
		if r.door >= adminPage {
			if err := v.authorize(r); err != nil {
				return err
			}
		}
		if r.method == http.MethodPost {
			if err := v.checkForm(); err != nil {
				return err
			}
		}
		return r.handle(v)
	}
}

func (s *server) visit(c echo.Context) *visit {
	v := &visit{server: s, Context: c, Store: s.Store, ctx: c.Request().Context(), now: s.Now(),
		accepted: lang.ParseAcceptLanguage(c.Request().Header.Get("Accept-Language"))}
	if c.Request().Method != http.MethodPost {
		v.Store = s.Store.Snapshot()
	}
	language := ""
	if len(v.accepted) > 0 {
		language = v.accepted[0]
	}
	v.printer = s.printer(language, nil)
	return v
}

// session finds out who is signed in.
func (v *visit) session() error {
	id := v.cookies.Session(v.Request())
	if id == "" {
		return nil
	}
	in, err := v.Lifecycle.SignIns.Session(v.ctx, v.Store, signin.HashToken(id), v.now)
	if access.KindOf(err) == access.NotFound && err != nil {
		return nil // the session has ended: nobody is signed in
	}
	v.key, v.signed, v.account = signin.HashToken(id), in.Session, in.Account
	return err
}

// findTenant finds the tenant of the domain in the path. A domain that is not
// in canonical form is sent there once.
func (v *visit) findTenant() (moved bool, err error) {
	given := v.Param("domain")
	d, ok := signin.CanonicalDomain(given)
	if !ok {
		return false, access.Missing()
	}
	if v.tenant, err = v.Store.TenantByDomain(v.ctx, d); err != nil {
		return false, err
	}
	if string(d) != given {
		u := *v.Request().URL
		rest := strings.TrimPrefix(u.EscapedPath(), "/@"+url.PathEscape(given))
		if rest == u.EscapedPath() {
			rest = strings.TrimPrefix(u.Path, "/@"+given)
		}
		if u.RawQuery != "" {
			rest += "?" + u.RawQuery
		}
		return true, v.Redirect(http.StatusPermanentRedirect, "/@"+string(d)+rest)
	}
	v.home = "/@" + string(d)
	v.printer = v.print(access.Person{})
	return false, nil
}

// print returns the printer for a person: of the person's language and time
// zone, else of the browser's language and the tenant's zone.
func (v *visit) print(p access.Person) *lang.Printer {
	language, zone := p.Language, p.TimeZone
	if language == "" {
		language = v.printer.Tag()
	}
	if zone == "" {
		zone = v.tenant.Settings.TimeZone
	}
	return v.server.printer(language, v.zones.get(zone))
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

// enter lets somebody in who is signed in and whom the tenant admits. Anybody
// else is sent to sign in; what was typed waits there.
func (v *visit) enter(r route) (away bool, err error) {
	if v.key == "" || !v.tenant.Settings.AcceptsSession(v.signed, v.now) {
		if r.path == homePath && v.hint() != "" {
			return true, v.pause()
		}
		return true, v.sendToSignIn(r)
	}
	v.person, err = v.Lifecycle.SignIns.PersonFor(v.ctx, v.Store, v.tenant, v.account)
	if err != nil {
		if access.KindOf(err) == access.Forbidden {
			return false, errors.Join(errWrongAccount, err)
		}
		return false, err
	}
	v.printer = v.print(v.person)
	if v.person.Disabled {
		return false, access.Refuse(access.Forbidden, "This account has been disabled by an administrator.")
	}
	v.rights, err = v.Store.Rights(v.ctx, v.person)
	return false, err
}

// chosen is the thing that an id in the path names, with the catalog that it is
// in, on pages of administrators.
type chosen struct {
	catalog    access.Catalog
	pack       access.Package
	request    access.Request
	assignment access.Assignment
}

// authorize refuses somebody whose roles do not allow the route's action: with
// 404 where they have no part in the catalog of the thing, so that it cannot be
// told from one that does not exist, else with 403.
func (v *visit) authorize(r route) error {
	if r.of == ofTenant {
		return v.rights.May(r.action)
	}
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := v.choose(r.of, id); err != nil {
		return err
	}
	return v.rights.MayInCatalog(r.action, v.chosen.catalog.ID)
}

// choose reads the thing that the id names, and its catalog.
func (v *visit) choose(of object, id string) (err error) {
	t, c := v.tenant.ID, &v.chosen
	catalog, pack := access.CatalogID(""), access.PackageID("")
	switch of {
	case ofCatalog:
		catalog = access.CatalogID(id)
	case ofPackage:
		pack = access.PackageID(id)
	case ofRequest:
		c.request, err = v.Store.Request(v.ctx, t, access.RequestID(id))
		pack = c.request.Package
	case ofAssignment:
		c.assignment, err = v.Store.Assignment(v.ctx, t, access.AssignmentID(id))
		pack = c.assignment.Package
	case ofTenant:
	}
	if err == nil && pack != "" {
		c.pack, err = v.Store.Package(v.ctx, t, pack)
		catalog = c.pack.Catalog
	}
	if err == nil && of == ofPackage && !c.pack.Deleted.IsZero() {
		err = access.Missing()
	}
	if err != nil {
		return err
	}
	c.catalog, err = v.Store.Catalog(v.ctx, t, catalog)
	if of != ofCatalog && access.KindOf(err) == access.NotFound { // it was deleted, with everything but what has been
		c.catalog, err = access.Catalog{ID: catalog, Tenant: t}, nil
	}
	return err
}

// readForm reads a form of the one type and size that the portal takes.
func (v *visit) readForm() error {
	r := v.Request()
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return echo.ErrUnsupportedMediaType
	}
	if r.ContentLength > maxBody {
		return echo.ErrStatusRequestEntityTooLarge
	}
	r.Body = http.MaxBytesReader(v.Response(), r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return echo.ErrStatusRequestEntityTooLarge
		}
		return echo.ErrBadRequest
	}
	return nil
}

// checkForm refuses a form that is not of this session.
func (v *visit) checkForm() error {
	if v.key == "" { // forms of nobody: typing an address, signing out
		return nil
	}
	if !hmac.Equal([]byte(v.Request().PostForm.Get("csrf")), []byte(v.csrf())) {
		return forged()
	}
	return nil
}

// csrf is the token that forms of the session carry: a proof of the session
// and, for a form that outlives it, the account with a proof of its own.
func (v *visit) csrf() string {
	if v.key == "" {
		return ""
	}
	return v.proof("session "+v.key) + "." + v.stamp(v.account.ID)
}

// stamp is an account with the proof that it had a session.
func (v *visit) stamp(a access.AccountID) string {
	return string(a) + "." + v.proof("account "+string(a))
}

func (v *visit) proof(of string) string {
	m := hmac.New(sha256.New, v.csrfKey)
	m.Write([]byte(of))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// formAccount is the account of the session that a form was made in, which may
// have ended since; empty if the form was made in none.
func (v *visit) formAccount() access.AccountID {
	_, stamp, _ := strings.Cut(v.form("csrf"), ".")
	account, _, _ := strings.Cut(stamp, ".")
	if !hmac.Equal([]byte(stamp), []byte(v.stamp(access.AccountID(account)))) {
		return ""
	}
	return access.AccountID(account)
}

// id is the id in the path, in the one form in which ids are written.
func (v *visit) id() (string, error) { return v.idAt("id") }

// idAt is the id at the named place in the path.
func (v *visit) idAt(name string) (string, error) {
	given := v.Param(name)
	if !isID(given) {
		return "", access.Missing()
	}
	return given, nil
}

// isID reports whether s is written as ids are.
func isID(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && u.String() == s
}

// form is what was typed into a field, without the carriage returns that
// browsers add.
func (v *visit) form(name string) string {
	return strings.ReplaceAll(v.Request().PostForm.Get(name), "\r\n", "\n")
}

// own is a path of the portal that the request asks to be sent to; empty if
// there is none that is ours.
func own(raw string) string {
	target, ok := signin.SafeTarget(raw)
	if !ok {
		return ""
	}
	return target
}
