package e2e_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/connector"
	"myaccess/internal/connector/directory"
	"myaccess/internal/deeptest"
	"myaccess/internal/e2e/rig"
	"myaccess/internal/lang/langtest"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mail"
	"myaccess/internal/outbound"
	"myaccess/internal/signin"
	"myaccess/web"
	adminpages "myaccess/web/admin"
	"myaccess/web/auth"
	"myaccess/web/kit"
	"myaccess/web/portal"
)

// TestLayout measures every page in the browser (measure.mjs), on a wide window and on a
// telephone, in both directions, in a language whose texts are 40 % longer than in English,
// and in English: the first page of each route and of each kind of refusal at three widths, or
// all pages at ten widths in `make deep`.
//
// The program has no such language. The portal of this test therefore runs in the process of
// the test, with the catalogue of langtest.Pseudo. The alternative is a second program, built
// with an overlay of the files that package lang embeds: that compiles every package above
// lang once more, ten seconds of processor time after each change of a sentence. A walk
// through the pages keeps the answers, those to forms too, and the browser loads them: each
// is made once, for all widths.
//
// Right to left, the same texts are measured: the longer they are, the more shows. That the
// portal sets the direction of a page is tested in package web.
func TestLayout(t *testing.T) {
	browser := requireBrowser(t)
	t.Parallel()
	p := newLongPortal(t)
	p.walkEveryPage()
	p.expectEveryRoute()
	english, widths := p.english, []int{320, 360, 390, 480, 640, 820, 1024, 1152, 1440, 1920}
	if deeptest.Rounds(t, 1) == 1 {
		widths = []int{320, 820, 1920}
		english = slices.DeleteFunc(english, func(a answer) bool { return !a.First })
	}
	pages := filepath.Join(p.dir, "pages.json")
	p.writeFile(pages, p.mustJSON([]pageSet{
		{Language: "long", Widths: []int{1280, 390}, Pages: p.kept, BothDirections: true},
		{Language: "english", Widths: widths, Pages: english}}))
	p.runScript("layout.mjs", map[string]string{"chromium": browser, "pages": pages})
}

// pageSet are the pages in one language, and the widths to measure them at, in pixels.
type pageSet struct {
	Language       string
	Widths         []int
	Pages          []answer
	BothDirections bool // measure their width from right to left too
}

// longPortal is a portal with the data of the demonstration that prints in langtest.Long.
type longPortal struct {
	*fixture
	lifecycle *lifecycle.Lifecycle
	cookies   *signin.Cookies
	kept      []answer
	english   []answer        // the same pages in English
	first     map[string]bool // routes, and faults, of the pages in english
	seen      map[string]bool // paths of routes that have answered with a page
	crawled   map[string]bool // kinds of pages (visitor.kindOf)
}

// answer is a page that the portal has answered with.
type answer struct {
	Name, HTML string
	First      bool // of its route, or with its fault
}

// noMail discards mails.
type noMail struct{}

// Send implements mail.Sender.
func (noMail) Send(context.Context, mail.Envelope) error { return nil }

// noRecords has no TXT records.
type noRecords struct{}

// LookupTXT implements admin.Resolver.
func (noRecords) LookupTXT(_ context.Context, name string) ([]string, error) {
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// newLongPortal serves the portal.
func newLongPortal(t *testing.T) *longPortal {
	t.Helper()
	r := newFixture(t)
	r.startMailServer() // for the settings
	r.seedDemonstration()
	r.openStore()
	p := &longPortal{fixture: r, seen: map[string]bool{}, crawled: map[string]bool{}, first: map[string]bool{}}
	l, err := net.Listen("tcp", strings.TrimPrefix(r.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: p.handler(), ReadHeaderTimeout: time.Minute}}
	server.Start()
	t.Cleanup(server.Close)
	return p
}

// seedDemonstration fills the database with the sample organizations and their history.
func (r *fixture) seedDemonstration() {
	r.t.Helper()
	r.writeFile(filepath.Join(r.dir, "secret"), []byte(r.secret))
	demo := exec.Command(r.binary, "demo", "--data", r.dir, "--listen", "localhost:0", "--console", "localhost:0")
	r.start(demo, "The portal is at")
	if err := demo.Process.Signal(os.Interrupt); err != nil {
		r.t.Fatal(err)
	}
	_ = demo.Wait() // it was interrupted
}

// handler wires the portal as the program does, with other languages.
func (p *longPortal) handler() http.Handler {
	p.t.Helper()
	catalog, err := langtest.Pseudo()
	if err != nil {
		p.t.Fatal(err)
	}
	in, err := signin.New(signin.Config{Base: p.base, Network: outbound.Network{AllowLoopback: true}, Now: time.Now})
	if err != nil {
		p.t.Fatal(err)
	}
	if p.cookies, err = signin.NewCookies([]byte(p.secret), ""); err != nil {
		p.t.Fatal(err)
	}
	built := directory.New(p.store, p.store.Entry)
	p.lifecycle = lifecycle.New(lifecycle.Config{Store: p.store, Sender: noMail{}, BaseURL: p.base, Catalog: catalog,
		Jitter:        func() float64 { return 0.5 },
		OpenConnector: connector.OpenByKind(map[string]connector.Opener{access.TargetBuiltIn: built.Open})})
	h, err := web.New(web.Config{Store: p.store.Reader, Lifecycle: p.lifecycle, SignIn: in, Base: p.base,
		Admin:  admin.New(admin.Config{Store: p.store, Resolver: noRecords{}, AllowLoopback: true}),
		Secret: []byte(p.secret), Now: time.Now, Log: slog.New(slog.DiscardHandler), Ready: p.store.Ping,
		Writable: p.store.Writable,
		Rate:     1e6, Catalog: catalog})
	if err != nil {
		p.t.Fatal(err)
	}
	return h
}

// signIn returns a visitor of the tenant who is signed in, as after the provider's answer.
func (p *longPortal) signIn(name, address, tenant string) *visitor {
	p.t.Helper()
	subject, _, _ := strings.Cut(address, "@")
	return p.signInAs(access.Identity{Subject: subject, Name: name, Email: address, EmailTrusted: true}, tenant)
}

// signInAs is signIn with the identity, at the directory that has the domain of its address.
func (p *longPortal) signInAs(who access.Identity, tenant string) *visitor {
	p.t.Helper()
	t, err := p.store.TenantByDomain(p.t.Context(), access.Domain(tenant))
	if err != nil {
		p.t.Fatal(err)
	}
	_, domain, _ := strings.Cut(who.Email, "@")
	dir, err := p.store.DirectoryByDomain(p.t.Context(), t.ID, access.Domain(domain))
	if err != nil {
		p.t.Fatal(err)
	}
	who.Directory = dir.ID
	id := signin.NewToken()
	if _, err := p.lifecycle.SignIns.Complete(p.t.Context(), lifecycle.CompletedSignIn{
		Identity: who, Tenant: t.ID, Session: access.Session{Key: signin.HashToken(id)}}); err != nil {
		p.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := p.cookies.SetSession(w, httptest.NewRequest(http.MethodGet, p.base, nil), id); err != nil {
		p.t.Fatal(err)
	}
	v := p.visit(who.Subject, tenant)
	v.SetCookies(w.Result().Cookies())
	return v
}

// visit returns a visitor of the tenant who is not signed in.
func (p *longPortal) visit(name, tenant string) *visitor {
	v := rig.NewVisitor(name, "", "", tenant, "")
	v.Language = langtest.Long
	return &visitor{v, p}
}

// expectEveryRoute checks that the walk has seen a page of every route.
func (p *longPortal) expectEveryRoute() {
	p.t.Helper()
	noPage := []string{
		"/@:domain",          // redirects to the start page
		"/auth/callback/:id", // redirects, or shows the page of a failure, which is kept
		"/@:domain/admin/pick", "/@:domain/admin/catalogs/:id/pick", "/@:domain/admin/access-packages/catalogs",
		"/@:domain/admin/access-packages/entries", // parts of pages, for scripts
	}
	for _, r := range p.routes() {
		if r.Method == http.MethodGet && !p.seen[r.Path] && !slices.Contains(noPage, r.Path) {
			p.t.Errorf("no page of %s is measured", r.Path)
		}
	}
}

func (p *longPortal) routes() []kit.Route {
	return slices.Concat(auth.Routes(), portal.Routes(), adminpages.Routes())
}

// routeOf returns the path of the route that answers at a path: the one with the fewest
// parameters; empty if there is none.
func (p *longPortal) routeOf(path string) (found string) {
	parts := strings.Split(path, "/")
	for _, r := range p.routes() {
		pattern := strings.Split(r.Path, "/")
		same := slices.EqualFunc(pattern, parts, func(pattern, part string) bool {
			return pattern == part || strings.HasPrefix(strings.TrimPrefix(pattern, "@"), ":")
		})
		if same && (found == "" || strings.Count(r.Path, ":") < strings.Count(found, ":")) {
			found = r.Path
		}
	}
	return found
}
