package web

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"myaccess/internal/access"
)

// C24: an altered link leads to its page by one redirect, with its domain hint. Forms are
// not redirected.
func TestC24AlteredLinks(t *testing.T) {
	p := newPortal(t)
	page := packagePath(p.Package("Tidal", access.Policy{Scope: access.ScopeMembers}))
	altered := strings.Replace(page, home, home+"%23", 1) + ".?utm_source=mail&amp;domain_hint=Harbor.example%20"
	b := p.nobody().sendOnce(http.MethodGet, altered, nil).sees(http.StatusPermanentRedirect)
	if to := b.header.Get("Location"); to != page+"?domain_hint=harbor.example" {
		t.Errorf("the link leads to %q", to)
	}
	if b.header.Get("Content-Security-Policy") == "" {
		t.Error("the redirect has no security headers")
	}
	p.as("lena").sendOnce(http.MethodGet, b.header.Get("Location"), nil).sees(http.StatusOK, "Tidal")
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		if b := p.as("lena").sendOnce(method, altered, nil); b.header.Get("Location") != "" {
			t.Errorf("%s is redirected to %q", method, b.header.Get("Location"))
		}
	}
}

// C24: the link of the case leads to the package by one redirect, and through the sign-in
// of the reader's own organization.
func TestC24FragmentEscaped(t *testing.T) {
	text, err := os.ReadFile("testdata/C24-fragment-escaped.http")
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	p := newPortal(t)
	page := packagePath(p.Package("Tidal", p.ForPartner(access.Terms{})))
	link := strings.NewReplacer("@home.example", strings.TrimPrefix(home, "/"), "f01.example", "harbor.example",
		"01a22887-527b-77e0-999c-d443c5593884", page[strings.LastIndex(page, "/")+1:]).
		Replace(strings.TrimPrefix(line, "GET "))
	if want := strings.Replace(page, home, home+"%23", 1) + "?domain_hint=harbor.example"; link != want {
		t.Fatalf("the case has %q, want %q", link, want)
	}
	mara := p.nobody().sendOnce(http.MethodGet, link, nil).sees(http.StatusPermanentRedirect)
	if to := mara.header.Get("Location"); to != page+"?domain_hint=harbor.example" {
		t.Errorf("the link leads to %q", to)
	}
	mara.opens(link)
	if to := mara.header.Get("Location"); !strings.HasPrefix(to, p.provider+"/harbor/authorize?") {
		t.Fatalf("the link leads to %q", to)
	}
	target := mara.returnTarget()
	mara.signIn("mara")
	mara.opens(target).sees(http.StatusOK, "Tidal", "Submit request")
}

// The icon is at its traditional address too, also below a base path.
func TestFavicon(t *testing.T) {
	for _, base := range []string{"", "/access"} {
		p := newPortalAt(t, "https://access.meridian.example"+base)
		b := p.nobody().sendOnce(http.MethodGet, base+"/favicon.ico", nil).sees(http.StatusTemporaryRedirect)
		to := b.header.Get("Location")
		b.sendOnce(http.MethodGet, to, nil).sees(http.StatusOK)
		if !strings.HasPrefix(to, base+"/static/icon.") {
			t.Errorf("the icon is at %q", to)
		}
	}
}
