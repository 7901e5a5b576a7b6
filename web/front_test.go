package web

import (
	"net/url"
	"strings"
	"testing"

	"myaccess/internal/access"
)

// The front page answers alike for every domain that is none of a tenant, known or not, as
// a text and in what it does: partners and their providers are nobody's business there
// (N-26).
func TestFrontPageRevealsNoPartners(t *testing.T) {
	p := newPortal(t)
	p.addProvider(p.North.ID, access.Directory{Name: "Quiet partner", Issuer: p.provider + "/quiet",
		Domains: []access.Domain{"quiet.example"}})
	p.addProvider(p.Tenant.ID, access.Directory{Kind: access.DirectoryPasscode, AuthStyle: access.AuthNone,
		Name: "Mails", Domains: []access.Domain{"mails.example"}})
	answer := func(domain string) (string, int64) {
		b := p.nobody().opens("/")
		before := p.statements.Load()
		b.presses("Continue", url.Values{"address": {"x@" + domain}})
		if len(b.cookies) != 0 {
			t.Errorf("%s: cookies %v", domain, b.cookies)
		}
		return strings.ReplaceAll(b.body, domain, "…"), p.statements.Load() - before
	}
	want, statements := answer("nobody.example")
	if !strings.Contains(want, "recognize …. Check the address") {
		t.Fatalf("an unknown domain: %s", want)
	}
	for _, known := range []string{"harbor.example", "harbor-lab.example", "elsewhere.example", "quiet.example",
		"mails.example"} {
		got, n := answer(known)
		if got != want || n != statements {
			t.Errorf("%s is answered differently, with %d statements instead of %d: %s", known, n, statements, got)
		}
	}
}
