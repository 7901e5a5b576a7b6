package web_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/connector"
	"myaccess/internal/connector/directory"
	"myaccess/internal/lifecycle"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/web"
)

const desk = "https://access.meridian.example"

// adminFixture is a portal with administrators of access packages: Lena is
// global administrator, Omar owns the catalog, Ida reads it.
type adminFixture struct {
	*storetest.World
	t       *testing.T
	handler http.Handler
	cookies map[access.PersonID][]*http.Cookie
	use     *lifecycle.Lifecycle
	// The last answer.
	status int
	body   string
	to     string // the redirect's target
}

func newAdminFixture(t *testing.T) *adminFixture {
	t.Helper()
	c := storetest.NewClock()
	o := &adminFixture{World: storetest.NewWorld(t, storetest.New(t, c)), t: t,
		cookies: map[access.PersonID][]*http.Cookie{}}
	built := directory.New(o.Store, o.Entry)
	o.use = lifecycle.New(lifecycle.Config{Store: o.Store, BaseURL: desk, Log: slog.New(slog.DiscardHandler),
		Jitter:        func() float64 { return 0 },
		OpenConnector: connector.OpenByKind(map[string]connector.Opener{access.TargetBuiltIn: built.Open})})
	in, err := signin.New(signin.Config{Base: desk, Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte(strings.Repeat("s", 32))
	o.handler, err = web.New(web.Config{Store: o.Reader, Lifecycle: o.use, Admin: admin.New(admin.Config{Store: o.Store}),
		SignIn: in, Base: desk, Secret: secret,
		Now: c.Now,
		Log: slog.New(slog.DiscardHandler), Ready: o.Ping, Rate: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	cookies, err := signin.NewCookies(secret, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []access.Person{o.Lena, o.Omar, o.Ida} {
		id := signin.NewToken()
		_, err := o.use.SignIns.Complete(t.Context(), lifecycle.CompletedSignIn{Tenant: o.Tenant.ID,
			Session:  access.Session{Key: signin.HashToken(id)},
			Identity: access.Identity{Directory: o.Tenant.Directory, Subject: p.Email, Name: p.Name, Email: p.Email}})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		if err := cookies.SetSession(w, httptest.NewRequest(http.MethodGet, desk, nil), id); err != nil {
			t.Fatal(err)
		}
		o.cookies[p.ID] = w.Result().Cookies()
	}
	o.assignRole(o.Lena, access.GlobalAdministrator, "")
	o.assignRole(o.Omar, access.CatalogOwner, o.Catalog.ID)
	o.assignRole(o.Ida, access.CatalogReader, o.Catalog.ID)
	return o
}

func (o *adminFixture) assignRole(p access.Person, role access.AdminRole, c access.CatalogID) {
	o.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: o.Tenant.ID, Role: role, Catalog: c,
			Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.ID)}})
	})
}

// opens opens a page of administrators as p.
func (o *adminFixture) opens(p access.Person, at string) {
	o.t.Helper()
	o.send(p, httptest.NewRequest(http.MethodGet, desk+"/@meridian.example/admin"+at, nil))
	if u, err := url.Parse(o.to); err == nil && u.Query().Has("new") { // the first step of a wizard
		o.send(p, httptest.NewRequest(http.MethodGet, desk+o.to, nil))
	}
}

// posts sends a form of p from the page at the same address.
func (o *adminFixture) posts(p access.Person, at string, form url.Values) {
	o.t.Helper()
	o.opens(p, "/access-packages")
	token := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(o.body)
	if token == nil {
		o.t.Fatalf("no form on the page of %s: %d", p.Name, o.status)
	}
	form.Set("csrf", token[1])
	r := httptest.NewRequest(http.MethodPost, desk+"/@meridian.example/admin"+at, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	o.send(p, r)
	if u, err := url.Parse(o.to); err == nil && u.Query().Has("step") { // the next step of a wizard
		o.send(p, httptest.NewRequest(http.MethodGet, desk+o.to, nil))
	}
}

func (o *adminFixture) send(p access.Person, r *http.Request) {
	o.t.Helper()
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, c := range o.cookies[p.ID] {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		o.t.Fatal(err)
	}
	o.status, o.body, o.to = w.Code, string(body), w.Header().Get("Location")
}

// expectAnswer fails the test unless the last response has the status and
// contains the texts.
func (o *adminFixture) expectAnswer(what string, status int, texts ...string) {
	o.t.Helper()
	if o.status != status {
		o.t.Errorf("%s: %d, want %d", what, o.status, status)
	}
	for _, text := range texts {
		if !strings.Contains(o.body, text) {
			o.t.Errorf("%s: the page does not say %q", what, text)
		}
	}
}

// expectNot fails the test if the last page contains one of the texts.
func (o *adminFixture) expectNot(what string, texts ...string) {
	o.t.Helper()
	for _, text := range texts {
		if strings.Contains(o.body, text) {
			o.t.Errorf("%s: the page says %q", what, text)
		}
	}
}

// packageForm returns the values for the wizard of an access package.
func (o *adminFixture) packageForm() url.Values {
	return url.Values{"displayName": {"Tidal"}, "description": {"Tides & more"}, "hidden": {"no"}, "place": {"old"},
		"catalog": {string(o.Catalog.ID)},
		"role":    {string(o.Team.Roles[0].ID)}, "policyName": {"Initial Policy"},
		"allowedTargetScope": {string(access.ScopeMembers)}, "enabled": {"yes"},
		"stages": {"0"}, "justify": {"no"}, "showApprovers": {"default"}, "customSchedule": {"no"}, "silent": {"no"},
		"expiration": {"days"}, "expiration.days": {"30"}}
}

func withValues(form url.Values, pairs ...string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// The wizard keeps what was typed from step to step, faults lead to their
// steps, and everything is saved.
func TestPackageWizard(t *testing.T) {
	o := newAdminFixture(t)
	const at = "/access-packages/new"
	o.opens(o.Ida, at)
	o.expectAnswer("who only reads", http.StatusForbidden)
	o.opens(o.Omar, at)
	o.expectAnswer("the first step", http.StatusOK, "Projects", "Next: Resource roles")
	o.expectNot("the first step of who may not make catalogs", `name="place"`, `name="catalogName"`)
	o.posts(o.Omar, at, withValues(o.packageForm(), "at", "basics"))
	o.expectAnswer("the second step", http.StatusOK, "Tidal team: Member", `name="displayName" value="Tidal"`,
		`name="policyName" value="Initial Policy"`)
	o.posts(o.Omar, at, withValues(o.packageForm(), "at", "basics", "catalog", "0197a0a0-0000-7000-8000-000000000000"))
	o.expectAnswer("a catalog that is not there", http.StatusOK, `href="#f-catalog"`, "Next: Resource roles")
	secret := access.Catalog{Tenant: o.Tenant.ID, Name: "Secret", Published: true}
	o.Do(func(ctx context.Context, tx *store.Tx) error {
		secret.ID = access.CatalogID(tx.NewID())
		return tx.SaveCatalog(ctx, secret)
	})
	o.posts(o.Omar, at, withValues(o.packageForm(), "at", "basics", "catalog", string(secret.ID)))
	o.expectAnswer("somebody else's catalog", http.StatusOK, `href="#f-catalog"`, "Next: Resource roles")
	o.posts(o.Omar, at, withValues(o.packageForm(), "at", "review", "finish", "yes", "displayName", "", "expiration.days",
		"0"))
	o.expectAnswer("finished with faults", http.StatusUnprocessableEntity, "Basics: Enter a name.", "Go to Basics",
		"Go to Lifecycle", "Tides &amp; more")
	o.posts(o.Ida, at, withValues(o.packageForm(), "at", "review", "finish", "yes"))
	o.expectAnswer("who only reads finishes", http.StatusForbidden)
	o.posts(o.Omar, at, withValues(o.packageForm(), "at", "review", "finish", "yes", "role", "nothing"))
	o.expectAnswer("a role of nothing", http.StatusUnprocessableEntity, "Go to Resource roles")
	o.posts(o.Omar, at, withValues(o.packageForm(), "at", "review", "finish", "yes"))
	o.expectAnswer("finished", http.StatusSeeOther)
	made, _ := url.Parse(o.to)
	offer, err := o.Offer(t.Context(), o.Tenant.ID, access.PackageID(path.Base(made.Path)))
	if err != nil || offer.Package.Name != "Tidal" || len(offer.Package.Roles) != 1 || len(offer.Policies) != 1 ||
		offer.Policies[0].Expiration.Days != 30 {
		t.Errorf("what was made: %+v, %v", offer, err)
	}
}

// People who may create catalogs can create one together with the package.
func TestPackageWizardWithNewCatalog(t *testing.T) {
	o := newAdminFixture(t)
	const at = "/access-packages/new"
	form := func(name string) url.Values {
		f := withValues(o.packageForm(), "at", "review", "finish", "yes", "place", "new", "catalogName", name,
			"catalogExternal", "no",
			"entry", string(o.Reviewers.ID)+"/Member")
		f.Del("role")
		return f
	}
	o.posts(o.Lena, at, form(""))
	o.expectAnswer("without a name", http.StatusUnprocessableEntity, "Go to Basics")
	o.posts(o.Lena, at, form("Own"))
	o.expectAnswer("finished", http.StatusSeeOther)
	c, ok, err := o.CatalogNamed(t.Context(), o.Tenant.ID, "Own")
	if err != nil || !ok || c.External || !c.Published {
		t.Fatalf("the catalog: %+v, %v, %v", c, ok, err)
	}
	if all, err := o.ResourcesOf(t.Context(), o.Tenant.ID, c.ID); err != nil || len(all) != 1 ||
		all[0].Name != "Reviewers" {
		t.Errorf("its resources: %+v, %v", all, err)
	}
	o.posts(o.Omar, at, form("His"))
	o.expectAnswer("who may not make catalogs, and does not own the group either", http.StatusForbidden)
}

// Buttons are shown to those who may use them. Pages of packages in other
// catalogs do not exist.
func TestPackagePages(t *testing.T) {
	o := newAdminFixture(t)
	k := o.Package("Tidal", o.ForPartner(access.Terms{Expiration: access.Expiration{Kind: access.NoExpiration}}))
	at := "/access-packages/" + string(k.Package.ID)
	o.opens(o.Omar, at)
	o.expectAnswer("the overview", http.StatusOK, desk+"/@meridian.example/access-packages/"+string(k.Package.ID), "<svg",
		"domain_hint=harbor",
		`href="/@meridian.example`+"/admin"+at+`/delete"`, `/admin/assignments?package=`)
	o.opens(o.Ida, at)
	o.expectAnswer("to who reads", http.StatusOK, "Properties")
	o.expectNot("to who reads", at+"/edit", at+"/delete", at+"/duplicate", "/admin/assignments?package=")
	for _, page := range []string{"/edit", "/delete", "/roles/change"} {
		o.opens(o.Ida, at+page)
		o.expectAnswer("who reads: "+page, http.StatusForbidden)
		o.posts(o.Ida, at+page, url.Values{"finish": {"yes"}})
		o.expectAnswer("who reads posts: "+page, http.StatusForbidden)
	}
	o.posts(o.Ida, at+"/duplicate", url.Values{})
	o.expectAnswer("who reads copies", http.StatusForbidden)
	o.posts(o.Omar, at+"/duplicate", url.Values{})
	o.expectAnswer("copied", http.StatusSeeOther)
	o.opens(o.Omar, "/access-packages?q=tid&hidden=no&sort=-age")
	o.expectAnswer("the list", http.StatusOK, "Copy of Tidal", ">Tidal<")
	o.opens(o.Omar, "/access-packages?format=csv")
	o.expectAnswer("the download", http.StatusOK, "Copy of Tidal,What Tidal needs,Projects,no,0,1")
	o.opens(o.Ida, "/catalogs/"+string(o.Catalog.ID)+"/pick?name=role")
	o.expectAnswer("who reads chooses roles", http.StatusForbidden)
	o.posts(o.Omar, at+"/delete", url.Values{})
	o.expectAnswer("deleted", http.StatusSeeOther)
	for _, page := range []string{"", "/roles", "/edit", "/delete"} {
		o.opens(o.Omar, at+page)
		o.expectAnswer("after that: "+page, http.StatusNotFound)
	}
}

// The preview says what will change, and a change of an old version is
// previewed again.
func TestChangeRoles(t *testing.T) {
	o := newAdminFixture(t)
	k := o.Package("Tidal", access.Policy{Scope: access.ScopeMembers})
	at := "/access-packages/" + string(k.Package.ID) + "/roles"
	change := func(pairs ...string) url.Values {
		return withValues(url.Values{"started": {"1"}, "remove": {string(o.Site.Roles[0].ID)},
			"role": {string(o.Team.Roles[1].ID)}}, pairs...)
	}
	if _, err := o.use.Requests.Submit(t.Context(), o.Tenant, o.AccountOf(o.Ida), k.Package.ID, access.RequestForm{},
		""); err != nil {
		t.Fatal(err)
	}
	o.opens(o.Omar, at+"/change")
	o.expectAnswer("the choice", http.StatusOK, "Tidal site: Member", "Tidal team: Owner", "See all resources")
	o.posts(o.Omar, at+"/change", change("at", "choose"))
	o.expectAnswer("the look before", http.StatusOK, "1 person has this access package", "1 person loses it",
		"1 person gains it")
	if p, err := o.Reader.Package(t.Context(), o.Tenant.ID, k.Package.ID); err != nil || p.Version != 1 {
		t.Errorf("the look has changed something: %+v, %v", p, err)
	}
	o.posts(o.Omar, at+"/change", change("at", "preview", "finish", "yes", "started", "7"))
	o.expectAnswer("from another version", http.StatusConflict, `name="started" value="1"`, "1 person loses it")
	o.posts(o.Omar, at+"/change", change("at", "preview", "finish", "yes"))
	o.expectAnswer("saved", http.StatusSeeOther)
	o.opens(o.Omar, at)
	o.expectAnswer("on its way", http.StatusOK, "0 of 1 holders queued", "data-refresh", ">Owner<")
	o.opens(o.Ida, at)
	o.expectAnswer("who reads", http.StatusOK)
	o.expectNot("who reads", at+"/change")
	o.assignRole(o.Ida, access.AccessPackageManager, o.Catalog.ID)
	o.opens(o.Ida, at+"/change")
	o.expectAnswer("who manages packages", http.StatusOK, "Add from the catalog")
	o.expectNot("who manages packages brings nothing into the catalog (F-052)", "See all resources")
	o.opens(o.Ida, "/catalogs/"+string(o.Catalog.ID)+"/pick?name=entry")
	o.expectAnswer("who manages packages looks for more", http.StatusForbidden)
	o.opens(o.Ida, "/catalogs/"+string(o.Catalog.ID)+"/pick?name=role&q=tidal+own")
	o.expectAnswer("who manages packages looks in the catalog", http.StatusOK, "Tidal team: Owner")
	o.expectNot("what the search does not mean", "Member")
}

// A catalog shows the effect of its switches in current numbers.
func TestCatalogSwitchHints(t *testing.T) {
	o := newAdminFixture(t)
	o.Package("Tidal", access.Policy{Scope: access.ScopeMembers})
	o.Package("Ebb", o.ForPartner(access.Terms{}))
	at := "/catalogs/" + string(o.Catalog.ID)
	o.opens(o.Omar, at)
	o.expectAnswer("both on", http.StatusOK, "Yes. 3 people in your own directory can see 1 access package ",
		"Yes. 0 people of 1 organization can see 1 access package ")
	o.Do(func(ctx context.Context, tx *store.Tx) error {
		c := o.Catalog
		c.Published, c.External = false, false
		return tx.SaveCatalog(ctx, c)
	})
	o.opens(o.Omar, at)
	o.expectAnswer("both off", http.StatusOK, "If you enable it, 3 people in your own directory can see 1 access package.",
		"If you enable it, 0 people of 1 organization can see 1 access package.")
	o.opens(o.Omar, at+"/access-packages")
	o.expectAnswer("its packages", http.StatusOK, "Tidal", "Ebb", "New access package")
}
