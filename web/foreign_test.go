package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"myaccess/internal/access"
	"myaccess/internal/store/storetest"
	"myaccess/web/kit"
)

// fullAnswer is everything that reveals something about an object: status, headers
// and page.
func (b *browser) fullAnswer(without ...string) string {
	var s strings.Builder
	_ = b.header.Write(&s) // a builder returns no error
	out := http.StatusText(b.status) + "\n" + s.String() + "\n" + b.body
	for _, w := range without {
		out = strings.ReplaceAll(out, w, "ID")
	}
	return out
}

// Objects of another tenant or person, invalid ids and unknown ids get the same
// answer, byte for byte.
func TestForeignObjectsAreNotFound(t *testing.T) {
	p := newPortal(t)
	abroad := p.addNorthlightPackage("Northern lights")
	p.Package("Tidal", access.Policy{Scope: access.ScopeMembers,
		Terms: access.Terms{Stages: []access.Stage{storetest.Named(p.Ida)}}})
	there := p.requestOf(p.North.ID, "noor")
	lenas := p.requestOf(p.Tenant.ID, "lena")
	ids := []string{unknown, string(abroad.ID), there, lenas, uuid.NewString()}
	odd := []string{"x", strings.ToUpper(unknown), "%7B" + unknown + "%7D", "urn:uuid:" + unknown, unknown + "%00",
		unknown + "/", unknown + "%2f..", "%20" + unknown}
	for _, name := range []string{"omar", "mara", "pia", "noor", "zoe", ""} {
		for _, domain := range []string{"meridian.example", "northlight.example"} {
			for _, r := range routes() {
				if !strings.Contains(r.Path, ":id") || r.Level != kit.SignedIn {
					continue
				}
				p.expectSameAnswers(name, r, domain, ids, odd)
			}
		}
	}
}

// expectSameAnswers checks that a person gets the same answer for all ids.
func (p *fixture) expectSameAnswers(name string, r kit.Route, domain string, ids, odd []string) {
	p.t.Helper()
	b := p.nobody()
	token := ""
	if name != "" {
		b = p.as(name).opens("/@" + domain + "/")
		token = b.token()
	}
	ask := func(id string) string {
		target := strings.NewReplacer(":domain", domain, ":id", id).Replace(r.Path)
		return b.sendOnce(r.Method, target, url.Values{"csrf": {token}, "decision": {"approve"}, "stage": {"0"}}).fullAnswer(
			id,
			url.QueryEscape(id))
	}
	want := ask(unknown)
	if domain == "northlight.example" && name == "noor" { // the objects are her own
		ids = ids[:1]
	}
	for _, id := range ids {
		if got := ask(id); got != want {
			p.t.Errorf("%s to %q at %s: %s is answered with\n%s\nand what does not exist with\n%s", r.Method+" "+r.Path, name,
				domain, id, got, want)
		}
	}
	if name == "" {
		return
	}
	for _, id := range odd {
		if b.sendOnce(r.Method, strings.NewReplacer(":domain", domain, ":id", id).Replace(r.Path),
			url.Values{"csrf": {token}}); b.status < 400 || b.status >= 500 {
			p.t.Errorf("%s to %q: the id %q is answered with %d", r.Path, name, id, b.status)
		}
	}
}

// requestOf adds a pending request of the person in the tenant, with Ida as the
// approver at Meridian Works, and returns its id.
func (p *fixture) requestOf(tenant access.TenantID, name string) string {
	p.t.Helper()
	b := p.as(name)
	domain, pack := "northlight.example", ""
	if tenant == p.Tenant.ID {
		domain = "meridian.example"
	}
	b.opens("/@" + domain + "/requests")
	if !strings.Contains(visibleText(b.page), "Submitted") {
		b.opens("/@" + domain + "/access-packages").clicks("Request")
		pack = b.at
		b.presses("Submit request", nil)
		b.opens("/@" + domain + "/requests")
	}
	for n := range nodes(b.page) {
		if id, ok := strings.CutPrefix(attribute(n, "href"), "/@"+domain+"/requests/"); ok {
			return id
		}
	}
	p.t.Fatalf("%s has made no request of %s", name, pack)
	return ""
}

// A package of Meridian Works is not found at Northlight's address, signed in
// or not.
func TestForeignDomain(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", access.Policy{Scope: access.ScopeMembers}, p.ForPartner(access.Terms{}))
	for _, name := range []string{"lena", "omar", "ida", "mara", "pia", "zoe", "noor", ""} {
		b := p.nobody()
		if name != "" {
			b = p.as(name)
		}
		foreign := b.sendOnce(http.MethodGet, "/@northlight.example/access-packages/"+string(o.Package.ID),
			nil).fullAnswer(string(o.Package.ID))
		none := b.sendOnce(http.MethodGet, "/@northlight.example/access-packages/"+unknown, nil).fullAnswer(unknown)
		if foreign != none {
			t.Errorf("to %q:\n%s\n%s", name, foreign, none)
		}
		if name == "noor" {
			b.sees(404)
		}
	}
}
