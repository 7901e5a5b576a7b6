package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store/storetest"
	"myaccess/web/kit"
)

const base = "/access"

// A portal may have a base path: signing in, a request and its approval work,
// and nothing on any page, in any redirect or cookie leaves the base path.
func TestBasePath(t *testing.T) {
	p := newPortalAt(t, address+base)
	p.addAdministrator("gala")
	offer := p.Package("Tidal", p.ForPartner(access.Terms{Stages: []access.Stage{storetest.Named(p.Lena)}}))
	link := base + packagePath(offer)

	nobody := p.nobody()
	nobody.sendOnce(http.MethodGet, base, nil).sees(308)
	nobody.opens(base).sees(200, "Sign in").presses("Continue", url.Values{"address": {"x@nowhere.example"}}).
		sees(422, "We don't recognize")
	nobody.opens(link).sees(200, "Sign in to Meridian Works").presses("Continue",
		url.Values{"address": {"mara@harbor.example"}})
	expectInBase(t, nobody)
	_, refresh, _ := strings.Cut(nobody.header.Get("Refresh"), "url=")
	provider, err := url.Parse(refresh)
	if err != nil || !strings.HasPrefix(refresh, p.provider) {
		t.Fatalf("the way leads to %q, %v", refresh, err)
	}
	callback := provider.Query().Get("redirect_uri")
	if want := address + base + "/auth/callback/" + string(p.Harbor.ID); callback != want {
		t.Errorf("the provider sends people back to %q, want %q", callback, want)
	}
	nobody.opens(strings.TrimPrefix(callback, address)+"?"+url.Values{"error": {"access_denied"},
		"state": {provider.Query().Get("state")}}.Encode()).sees(422, "You're not signed in")
	expectInBase(t, nobody)
	nobody.clicks("Try again").sees(200, "Sign in to Meridian Works")

	mara := p.as("mara").opens(link).sees(200, "Tidal").presses("Submit request", nil).sees(200, "Pending approval")
	expectInBase(t, mara)
	lena := p.as("lena").opens(base+home+"/approvals").clicks("Details").presses("Approve", nil).
		sees(200, "You have approved this request.")
	expectInBase(t, lena)
	p.runJobs()
	mara.opens(base+home+"/access-packages?tab=active").sees(200, "Tidal")
	p.nobody().opens(base+strings.Replace(home, "/@", "/%40", 1)).sees(200, "Sign in to Meridian Works")
	p.nobody().sendOnce(http.MethodGet, home+"/", nil).sees(404)
	p.nobody().sendOnce(http.MethodGet, base+"/healthz", nil).sees(200)

	for _, name := range []string{"mara", "lena", "gala"} {
		b := p.as(name)
		seen := b.crawlFrom([]string{base + "/", base + home + "/"}, func(b *browser) { expectInBase(t, b) })
		if len(seen) < 8 {
			t.Errorf("%s finds %d pages: %v", name, len(seen), seen)
		}
		for _, target := range seen {
			if !strings.HasPrefix(target, base+"/") {
				t.Errorf("%s is led to %s", name, target)
			}
		}
		b.opens(base+home+"/").presses("Sign out", nil)
		if b.sees(200, "You are signed out"); !strings.HasPrefix(b.at, base+"/auth/") {
			t.Errorf("signing out ends at %s", b.at)
		}
	}
}

// expectInBase checks that everything on a page stays below the base path.
func expectInBase(t *testing.T, b *browser) {
	t.Helper()
	for n := range nodes(b.page) {
		for _, name := range []string{"href", "action", "src", "formaction", "data-pick", "hx-get"} {
			ref := attribute(n, name)
			if strings.HasPrefix(ref, "/") && !strings.HasPrefix(ref, base+"/") {
				t.Errorf("%s: <%s %s=%q>", b.at, n.Data, name, ref)
			}
		}
	}
	for _, c := range (&http.Response{Header: b.header}).Cookies() {
		if !strings.HasPrefix(c.Name, "__Secure-") || c.Path != base || !c.Secure || !c.HttpOnly || c.Domain != "" {
			t.Errorf("%s: the cookie %s has the path %s", b.at, c.Name, c.Path)
		}
	}
}

// A target outside the base path is another application of the same host.
func TestSignInTargetStaysInBasePath(t *testing.T) {
	p := newPortalAt(t, address+base)
	for _, evil := range []string{"/other", "/accessory/", "/access", "/", "//evil.test", "/access/../other"} {
		b := p.as("mara").opens(base + home + "/sign-in?to=" + url.QueryEscape(evil))
		if b.at != base+home+"/" {
			t.Errorf("the target %q leads to %s", evil, b.at)
		}
	}
}

// A base path with other characters than those of plain segments keeps the
// portal from starting.
func TestBasePathCharacters(t *testing.T) {
	p := newPortal(t)
	for path, starts := range map[string]bool{"": true, "/access": true, "/a/b-c.d": true, "/a%20b": false, "/@x": false,
		"/a//b": false, "/a/../b": false, "/a b": false} {
		c := p.config
		c.Base = address + path
		if _, err := kit.NewServer(c); (err == nil) != starts {
			t.Errorf("the base path %q: %v", path, err)
		}
	}
}

// Addresses that are shown to be copied have the base path once.
func TestCopiedAddressesHaveBasePath(t *testing.T) {
	p := newPortalAt(t, address+base)
	p.addAdministrator("gala")
	offer := p.Package("Tidal", p.ForPartner(access.Terms{}))
	p.as("gala").opens(base+home+"/admin/access-packages/"+string(offer.Package.ID)).
		sees(200, address+base+packagePath(offer), "!"+address+packagePath(offer))
	r := httptest.NewRequest(http.MethodGet, address+base+"/static/none.css", nil)
	p.nobody().send(r).sees(404)
}
