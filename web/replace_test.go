package web

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/signin/signintest"
	"myaccess/internal/store"
)

// signingProvider replaces the provider of Harbor Studio by one that signs in the person
// with the subject, without a question.
func (p *fixture) signingProvider(subject string) *signintest.Provider {
	p.t.Helper()
	provider := signintest.New(p.t, p.clock.Now)
	provider.User = signintest.Claims{"sub": subject, "name": p.people[subject].Name, "email": p.people[subject].Email,
		"email_verified": true}
	p.Harbor.Issuer, p.Harbor.ClientID, p.Harbor.ClientSecret = provider.Issuer, provider.ClientID, provider.Secret
	p.Harbor.Scopes = []string{"profile", "email"}
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.SaveDirectory(ctx, p.Harbor, access.VerifiedByOperator)
	})
	return provider
}

// awayTo is the address outside the portal that the page leads to; empty if it leads to
// none.
func (b *browser) awayTo() string {
	to := b.header.Get("Location")
	if refresh, ok := strings.CutPrefix(b.header.Get("Refresh"), "0; url="); ok {
		to = refresh
	}
	if !strings.HasPrefix(to, "http") {
		return ""
	}
	return to
}

// callback visits the provider that the page leads to, and returns the path and query of
// the portal that the provider leads back to.
func (b *browser) callback() string {
	b.p.t.Helper()
	to := b.awayTo()
	if to == "" {
		b.p.t.Fatalf("%s leads to no provider: %d %s", b.at, b.status, visibleText(b.page))
	}
	r, err := http.NewRequestWithContext(b.p.t.Context(), http.MethodGet, to, nil)
	if err != nil {
		b.p.t.Fatal(err)
	}
	res, err := (&http.Transport{}).RoundTrip(r)
	if err != nil {
		b.p.t.Fatal(err)
	}
	defer res.Body.Close()
	back, err := res.Location()
	if err != nil {
		b.p.t.Fatal(err)
	}
	return back.RequestURI()
}

// fromElsewhere opens a link of another site.
func (b *browser) fromElsewhere(target string) *browser {
	b.p.t.Helper()
	r := httptest.NewRequest(http.MethodGet, address+target, nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	return b.send(r)
}

// staysSignedInAs checks that the browser has the same cookies and session.
func (b *browser) staysSignedInAs(name string, cookies map[string]string) {
	b.p.t.Helper()
	if !maps.Equal(b.cookies, cookies) {
		b.p.t.Errorf("%s: the cookies have changed from %v to %v", b.at, cookies, b.cookies)
	}
	other := b.p.nobody()
	maps.Copy(other.cookies, cookies)
	other.opens(home+"/requests").sees(200, "Signed in as "+name)
}

// No link ends or replaces a session: pages that start a sign-in ask first, and name who
// is signed in (S-10).
func TestLinksReplaceNoSession(t *testing.T) {
	p := newPortal(t)
	p.signingProvider("mara")
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	key := "/@meridian.example/setup/" + strings.Repeat("a", 43)
	for _, link := range []string{
		home + "/sign-in?domain_hint=harbor.example&prompt=select_account",
		home + "/sign-in?domain_hint=harbor.example",
		home + "/sign-in?whr=harbor-lab.example&prompt=select_account&to=" + url.QueryEscape(packagePath(o)),
		home + "/sign-in?prompt=select_account",
		home + "/sign-in?prompt=login&domain_hint=harbor.example",
		home + "/?domain_hint=harbor.example", home + "?domain_hint=harbor.example&prompt=select_account",
		"/?domain_hint=harbor.example&prompt=select_account", "/?whr=harbor.example",
		packagePath(o) + "?domain_hint=harbor.example&prompt=select_account",
		home + "/sign-in/code?attempt=x", home + "/sign-out", "/sign-out", "/auth/signed-out", "/auth/replace",
		"/auth/callback/" + string(p.Harbor.ID) + "?code=x&state=y", key,
		"/@northlight.example/sign-in?domain_hint=northlight.example&prompt=select_account",
		"/@northlight.example/?domain_hint=northlight.example",
		"/%40meridian.example/sign-in?domain_hint=harbor.example&prompt=select_account",
	} {
		lena := p.as("lena")
		before := maps.Clone(lena.cookies)
		for lena.fromElsewhere(link); lena.status/100 == 3 && lena.awayTo() == ""; {
			lena.fromElsewhere(lena.header.Get("Location"))
		}
		if to := lena.awayTo(); to != "" {
			t.Errorf("%s leads to %s without a click", link, to)
		}
		lena.staysSignedInAs("Lena Berg", before)
	}

	lena := p.as("lena")
	lena.fromElsewhere(home+"/sign-in?domain_hint=harbor.example&prompt=select_account").sees(200,
		"You're signed in as Lena Berg (lena@meridian.example) of Meridian Works.",
		"If you sign in with Harbor Studio, this session is replaced by the new one.")
	before := maps.Clone(lena.cookies)
	lena.clicks("Stay signed in").sees(200, "Overview").staysSignedInAs("Lena Berg", before)
	lena.opens(home+"/sign-in?prompt=select_account").sees(200,
		"You're signed in as Lena Berg (lena@meridian.example) of Meridian Works. This session ends when you sign in "+
			"with another account.")
	lena.presses("Continue", url.Values{"address": {"x@harbor.example"}})
	if to := lena.awayTo(); !strings.Contains(to, "prompt=select_account") {
		t.Errorf("the address that was typed leads to %q", to)
	}
}

// A form of another site, or without the session's token, starts no sign-in.
func TestFormsOfOthersReplaceNoSession(t *testing.T) {
	p := newPortal(t)
	p.signingProvider("mara")
	form := url.Values{"address": {"harbor.example"}, "to": {home + "/"}, "prompt": {"select_account"}, "csrf": {"x"}}
	for _, action := range []string{home + "/sign-in", "/sign-in", "/sign-out", "/auth/replace", home + "/sign-in/code"} {
		for _, site := range []string{"cross-site", "same-origin"} {
			lena := p.as("lena")
			before := maps.Clone(lena.cookies)
			r := httptest.NewRequest(http.MethodPost, address+action, strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", site)
			lena.send(r).sees(403).staysSignedInAs("Lena Berg", before)
		}
	}
}

// After the question the provider is asked, and its answer replaces the session.
func TestReplaceSessionByClick(t *testing.T) {
	p := newPortal(t)
	p.signingProvider("mara")
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	lena := p.as("lena")
	old := p.nobody()
	maps.Copy(old.cookies, lena.cookies)
	lena.opens(home+"/sign-in?domain_hint=harbor.example&prompt=select_account&to="+url.QueryEscape(packagePath(o))).
		presses("Continue to Harbor Studio", nil)
	if to := lena.awayTo(); !strings.Contains(to, "prompt=select_account") {
		t.Errorf("the form leads to %q", to)
	}
	lena.opens(lena.callback()).sees(200, "Submit request", "Signed in as Mara Lind")
	old.opens(home+"/requests").sees(200, "Sign in to Meridian Works")
}

// The provider's answer is accepted only in the browser that began the sign-in, whether
// that browser or the other one is signed in.
func TestCallbackInAnotherBrowser(t *testing.T) {
	p := newPortal(t)
	p.signingProvider("mara")
	attacker := p.nobody().opens(home + "/sign-in?domain_hint=harbor.example")
	back := attacker.callback()
	lena := p.as("lena")
	before := maps.Clone(lena.cookies)
	lena.fromElsewhere(back).sees(422, "This sign-in was started in another browser").staysSignedInAs("Lena Berg", before)
	if nobody := p.nobody().fromElsewhere(back).sees(422); len(nobody.cookies) != 0 {
		t.Errorf("cookies: %v", nobody.cookies)
	}
	attacker.opens(back).sees(200, "Signed in as Mara Lind")
}

// Of two tabs that sign in as different people, the second asks which session to keep.
func TestSignInInTwoTabs(t *testing.T) {
	for choice, test := range map[string]struct{ button, stays string }{
		"replace": {"Continue as Mara Lind", "Mara Lind"},
		"stay":    {"Stay signed in as Lena Berg", "Lena Berg"},
	} {
		t.Run(choice, func(t *testing.T) {
			p := newPortal(t)
			p.signingProvider("mara")
			tab := p.nobody().opens(home + "/sign-in?domain_hint=harbor.example&to=" + url.QueryEscape(home+"/requests"))
			back := tab.callback()
			tab.signIn("lena")
			lena := maps.Clone(tab.cookies)
			tab.opens(back).sees(200, "You're signed in as Lena Berg (lena@meridian.example) of Meridian Works.",
				"A sign-in that began in another tab or window was completed as Mara Lind (mara@harbor.example).")
			for name := range tab.cookies {
				if strings.Contains(name, "signin-") {
					t.Errorf("the sign-in still has its cookie %s", name)
				}
			}
			other := p.nobody()
			maps.Copy(other.cookies, lena)
			other.opens(home+"/requests").sees(200, "Signed in as Lena Berg")
			page, form := tab.at, tab.page
			tab.presses(test.button, nil).sees(200, "Signed in as "+test.stays)
			if tab.at != home+"/requests" {
				t.Errorf("signing in leads to %s", tab.at)
			}
			other.opens(home + "/requests")
			if still := strings.Contains(other.body, "Lena Berg"); still != (choice == "stay") {
				t.Errorf("the first session is usable: %v", still)
			}
			// once only, and for nobody else
			omar := p.as("omar")
			omar.at, omar.page = page, form
			omar.presses(test.button, nil).sees(403)
			tab.at, tab.page = page, form
			tab.presses(test.button, url.Values{"csrf": {p.tokenOf(tab)}}).sees(422, "took too long, or is already complete")
		})
	}
}

// tokenOf is the token of the browser's session.
func (p *fixture) tokenOf(b *browser) string {
	p.t.Helper()
	other := p.nobody()
	maps.Copy(other.cookies, b.cookies)
	return other.opens(home + "/requests").token()
}

// Two tabs of the same person need no question, and neither does a sign-in that is over.
func TestSamePersonInTwoTabs(t *testing.T) {
	p := newPortal(t)
	p.signingProvider("mara")
	tab := p.nobody().opens(home + "/sign-in?domain_hint=harbor.example")
	first := tab.callback()
	second := tab.opens(home + "/sign-in?domain_hint=harbor.example&to=" + url.QueryEscape(home+"/requests")).callback()
	tab.opens(second).sees(200, "Signed in as Mara Lind")
	tab.opens(first).sees(200, "Overview", "Signed in as Mara Lind")

	tab = p.nobody().opens(home + "/sign-in?domain_hint=harbor.example")
	back := tab.callback()
	tab.signIn("lena")
	tab.opens(back).sees(200, "Continue as Mara Lind")
	p.clock.Advance(access.SignInAttemptLifetime)
	tab.presses("Continue as Mara Lind", nil).sees(422, "took too long")
	tab.opens(home+"/requests").sees(200, "Signed in as Lena Berg")
}
