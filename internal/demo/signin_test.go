package demo

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/outbound"
	"myaccess/internal/signin"
)

// The portal's own sign-in, with all its checks, works with the providers, also
// after the clock was moved.
func TestPortalSignsIn(t *testing.T) {
	d := start(t, t.TempDir())
	s, err := signin.New(signin.Config{Base: portalURL, Network: outbound.Network{AllowLoopback: true}, Now: d.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	dir := access.Directory{ID: access.DirectoryID("0197c9a0-0000-7000-8000-000000000001"), Name: "Harbor Studio",
		Issuer: d.url + "/idp/harbor", ClientID: "myaccess",
		ClientSecret: "development-only", AuthStyle: access.AuthBasic, HintStyle: access.HintNone,
		Scopes:  []string{"email", "profile"},
		Domains: []access.Domain{"harbor.example", "harbor-lab.example"}, Enabled: true}
	client := Client{ID: dir.ClientID, Secret: dir.ClientSecret, RedirectURIs: []string{s.CallbackURL(dir.ID)},
		PostLogoutURIs: []string{after}}
	if err := d.Provider.RegisterClient(dir.Issuer, client); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		begun, err := s.Begin(t.Context(), dir, signin.Start{LoginHint: "ravi@harbor-lab.example",
			DomainHint: "harbor-lab.example"})
		if err != nil {
			t.Fatal(err)
		}
		res := d.post(t, strings.TrimPrefix(begun.URL, d.url), url.Values{"person": {"ravi"}})
		back, err := url.Parse(res.Header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		done, err := s.Finish(t.Context(), dir, begun.Attempt, back.Query(), begun.Binding)
		if err != nil {
			t.Fatalf("after %s: %v", res.Status, err)
		}
		want := access.Identity{Directory: dir.ID, Subject: "ravi", Name: "Ravi Menon", Email: "ravi@harbor-lab.example",
			EmailTrusted: true, Language: "en"}
		if done.Identity != want {
			t.Errorf("got %+v", done.Identity)
		}
		out, ok := s.EndSession(t.Context(), dir, done.IDToken)
		got, _, _ := strings.Cut(d.get(t, strings.TrimPrefix(out, d.url)).Header.Get("Location"), "?state=")
		if !ok || got != after {
			t.Errorf("signing out leads to %q", got)
		}
		if err := d.Clock.Advance(300 * 24 * time.Hour); err != nil {
			t.Fatal(err)
		}
	}
}
