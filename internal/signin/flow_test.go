package signin_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/internal/signin/signintest"
)

func startWithMaxAge(age time.Duration) signin.Start {
	return signin.Start{Tenant: "meridian", Target: "/@meridian.example/", MaxAge: age}
}

// A sign-in calls each endpoint once and returns the identity from the ID token. The
// next one uses the cached metadata and keys.
func TestSignIn(t *testing.T) {
	d := newFixture(t)
	done, err := d.signIn(t)
	if err != nil {
		t.Fatal(err)
	}
	want := access.Identity{Directory: "harbor", Subject: "248289761001", Name: "Mara Lind", Email: "mara@harbor.example",
		EmailTrusted: true}
	if done.Identity != want || done.SID != "session-at-the-provider" || strings.Count(done.IDToken, ".") != 2 {
		t.Errorf("got %+v", done)
	}
	expectCalls(t, d.provider, signintest.Discovery, signintest.Authorize, signintest.Token, signintest.Keys)
	if _, err := d.signIn(t); err != nil {
		t.Fatal(err)
	}
	expectCalls(t, d.provider, signintest.Discovery, signintest.Authorize, signintest.Token, signintest.Keys,
		signintest.Authorize, signintest.Token)
}

// O-6, O-7, O-8, O-17, O-18: the parameters of the authorization request.
func TestAuthorizationRequest(t *testing.T) {
	d := newFixture(t)
	seen := map[string]bool{}
	for range 100 {
		s := d.begin(t)
		u, err := url.Parse(s.URL)
		if err != nil || !strings.HasPrefix(s.URL, d.dir.Issuer+"/authorize?") {
			t.Fatalf("%q: %v", s.URL, err)
		}
		q := u.Query()
		for name, want := range map[string]string{
			"response_type": "code", "client_id": d.dir.ClientID, "redirect_uri": base + "/auth/callback/harbor",
			"scope":                 "openid profile email",
			"code_challenge_method": "S256", "state": s.State, "nonce": s.Attempt.Nonce, "response_mode": "", "max_age": "",
			"prompt": "", "login_hint": "",
		} {
			if q.Get(name) != want || len(q[name]) > 1 {
				t.Fatalf("%s=%q, want %q", name, q[name], want)
			}
		}
		for _, secret := range []string{s.State, s.Binding, s.Attempt.Nonce, s.Attempt.Verifier, q.Get("code_challenge")} {
			if len(secret) < 43 || seen[secret] {
				t.Fatalf("%q is short, or was used before", secret)
			}
			seen[secret] = true
		}
		if strings.Contains(s.URL, s.Binding) || strings.Contains(s.URL, s.Attempt.Verifier) ||
			strings.Contains(s.URL, url.QueryEscape(d.provider.Secret)) {
			t.Fatalf("a secret is in %s", s.URL)
		}
		if a := s.Attempt; a.Key != signin.HashToken(s.State) || a.Binding != signin.HashToken(s.Binding) ||
			a.Directory != "harbor" ||
			a.Tenant != "meridian" ||
			a.Issuer != d.dir.Issuer || a.ClientID != d.dir.ClientID || a.ReturnTo != "/@meridian.example/" ||
			a.Created != d.clock.Now() {
			t.Fatalf("attempt %+v", a)
		}
	}
	if n := len(d.provider.Calls(signintest.Discovery)); n != 1 {
		t.Errorf("%d discoveries", n)
	}
}

// O-6: PKCE is used although the provider's metadata do not mention it.
func TestPKCEIsAlwaysUsed(t *testing.T) {
	d := newFixture(t)
	d.provider.Behave(signintest.Behaviour{Metadata: setClaims(claims{"code_challenge_methods_supported": nil})})
	if done, err := d.signIn(t); err != nil || len(d.provider.Calls(signintest.Token)[0].Form.Get("code_verifier")) < 43 {
		t.Errorf("got %+v, %v", done, err)
	}
}

// The domain hint has the parameter that the directory is configured with. Those that name
// a connector get nothing, as nobody has entered a value (C09).
func TestHints(t *testing.T) {
	tests := map[access.HintStyle]string{
		access.HintNone: "", access.HintDomain: "domain_hint", access.HintHosted: "hd", access.HintKeycloak: "kc_idp_hint",
		access.HintConnector: "connector_id", "": "",
	}
	for style, parameter := range tests {
		d := newFixture(t)
		d.dir.HintStyle = style
		s, err := d.Begin(t.Context(), d.dir, signin.Start{LoginHint: "mara+x@harbor.example", DomainHint: "harbor.example",
			Prompt: "select_account"})
		if err != nil {
			t.Fatal(err)
		}
		u, _ := url.Parse(s.URL)
		q := u.Query()
		if q.Get("login_hint") != "mara+x@harbor.example" || q.Get("prompt") != "select_account" {
			t.Errorf("%s: %v", style, q)
		}
		for _, name := range []string{"domain_hint", "hd", "kc_idp_hint", "connector_id"} {
			want := map[bool]string{true: "harbor.example"}[name == parameter]
			if name == "kc_idp_hint" || name == "connector_id" {
				want = ""
			}
			if q.Get(name) != want || q.Has(name) != (want != "") {
				t.Errorf("%s: %s=%q", style, name, q.Get(name))
			}
		}
		if strings.Contains(s.URL, "?=") || strings.Contains(s.URL, "&=") {
			t.Errorf("%s: a parameter without a name in %s", style, s.URL)
		}
	}
}

// C09: what is sent is the value that was entered for the domain or the directory.
func TestEnteredHints(t *testing.T) {
	d := newFixture(t)
	d.dir.HintStyle, d.dir.HintValue = access.HintConnector, "ldap & more"
	d.dir.HintValues = map[access.Domain]string{"harbor-lab.example": "saml"}
	for domain, want := range map[access.Domain]string{"harbor.example": "ldap & more", "harbor-lab.example": "saml",
		"": "ldap & more"} {
		s, err := d.Begin(t.Context(), d.dir, signin.Start{DomainHint: domain})
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		if got := u.Query()["connector_id"]; len(got) != 1 || got[0] != want {
			t.Errorf("%q: %q, want %q", domain, got, want)
		}
	}
}

// O-15: client authentication is as configured, and is not retried in another way if
// the provider rejects it.
func TestAuthStyles(t *testing.T) {
	for _, style := range []access.AuthStyle{access.AuthBasic, access.AuthPost, access.AuthNone} {
		t.Run(string(style), func(t *testing.T) {
			d := newFixture(t)
			d.dir.AuthStyle = style
			secret := d.provider.Secret
			if style == access.AuthNone {
				d.provider.Secret = ""
			}
			done, err := d.signIn(t)
			expectSignIn(t, done, err, signedIn)
			c := d.provider.Calls(signintest.Token)[0]
			basic, post := c.User == d.dir.ClientID && c.Password == secret, c.Form.Get("client_id") == d.dir.ClientID &&
				c.Form.Get("client_secret") == secret
			if basic != (style == access.AuthBasic) || post != (style == access.AuthPost) || style == access.AuthNone &&
				c.Form.Has("client_secret") || c.Query != "" {
				t.Errorf("sent %+v", c)
			}
			d.provider.Forget()
			d.provider.Secret = "another"
			done, err = d.signIn(t)
			expectSignIn(t, done, err, access.Forbidden)
			expectCalls(t, d.provider, signintest.Authorize, signintest.Token)
		})
	}
}

// Authorization responses. A rejected one causes no call to the provider.
func TestResponses(t *testing.T) {
	tests := map[string]struct {
		edit func(url.Values)
		want access.ErrorKind
	}{
		"honest":                        {nil, signedIn},
		"extra parameters":              {setQuery("session_state", "x", "scope", "openid"), signedIn},
		"another state":                 {setQuery("state", "x"), access.Invalid},
		"no state":                      {setQuery("state", ""), access.Invalid},
		"state twice":                   {func(q url.Values) { q.Add("state", q.Get("state")) }, access.Invalid},
		"code twice":                    {func(q url.Values) { q.Add("code", "x") }, access.Invalid},
		"no code":                       {setQuery("code", ""), access.Invalid},
		"another iss":                   {setQuery("iss", "https://login.harbor.example"), access.Forbidden},
		"iss with a slash":              {func(q url.Values) { q.Set("iss", q.Get("iss")+"/") }, access.Forbidden},
		"iss empty":                     {setQuery("iss", ""), access.Forbidden},
		"iss twice":                     {func(q url.Values) { q.Add("iss", q.Get("iss")) }, access.Invalid},
		"no iss though it was promised": {func(q url.Values) { q.Del("iss") }, access.Forbidden},
		"gave up":                       {setQuery("error", "access_denied", "code", ""), access.Invalid},
		"gave up, with a code":          {setQuery("error", "access_denied"), access.Invalid},
		"an empty error, with a code":   {setQuery("error", ""), access.Forbidden},
		"gave up, of another iss": {setQuery("error", "access_denied", "iss", "https://login.harbor.example"),
			access.Forbidden},
		"gave up, no iss": {func(q url.Values) {
			q.Set("error", "access_denied")
			q.Del("iss")
		}, access.Forbidden},
		"gave up, another state": {setQuery("error", "access_denied", "state", "x"), access.Invalid},
		"down":                   {setQuery("error", "temporarily_unavailable"), access.Unavailable},
		"an error nobody knows": {setQuery("error", signintest.Canary, "error_description", "<script>"+signintest.Canary,
			"error_uri",
			"https://evil.example/"+signintest.Canary), access.Forbidden},
		"an error we know": {setQuery("error", "unauthorized_client", "error_description", signintest.Canary),
			access.Forbidden},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			d.provider.Behave(signintest.Behaviour{Answer: test.edit})
			done, err := d.signIn(t)
			expectSignIn(t, done, err, test.want)
			if test.want != signedIn {
				expectCalls(t, d.provider, signintest.Discovery, signintest.Authorize)
			}
		})
	}
}

func setQuery(pairs ...string) func(url.Values) {
	return func(q url.Values) {
		for i := 0; i < len(pairs); i += 2 {
			q.Set(pairs[i], pairs[i+1])
		}
	}
}

// O-3: iss may be missing if the metadata do not announce it.
func TestResponseWithoutIssuer(t *testing.T) {
	d := newFixture(t)
	d.provider.Behave(signintest.Behaviour{
		Metadata: setClaims(claims{"authorization_response_iss_parameter_supported": nil}),
		Answer:   func(q url.Values) { q.Del("iss") }})
	done, err := d.signIn(t)
	expectSignIn(t, done, err, signedIn)
}

// O-1, O-2, O-8, O-11, O-12: a response is accepted for its own attempt only: with the
// directory unchanged, in the same browser, within ten minutes.
func TestResponseBelongsToItsAttempt(t *testing.T) {
	tests := map[string]struct {
		change func(d *fixture, s *signin.Started)
		want   access.ErrorKind
	}{
		"itself":                   {func(*fixture, *signin.Started) {}, signedIn},
		"another browser":          {func(_ *fixture, s *signin.Started) { s.Binding = signin.NewToken() }, access.Invalid},
		"a browser without cookie": {func(_ *fixture, s *signin.Started) { s.Binding = "" }, access.Invalid},
		"no attempt": {func(_ *fixture, s *signin.Started) { s.Attempt = access.SignInAttempt{} },
			access.Invalid},
		"another attempt": {func(_ *fixture, s *signin.Started) { s.Attempt.Key = signin.HashToken("x") },
			access.Invalid},
		"almost too late": {func(d *fixture, _ *signin.Started) { d.clock.Advance(10*time.Minute - time.Second) },
			signedIn},
		"too late": {func(d *fixture, _ *signin.Started) { d.clock.Advance(10 * time.Minute) },
			access.Invalid},
		"another directory":        {func(d *fixture, _ *signin.Started) { d.dir.ID = "mallory" }, access.Invalid},
		"an attempt at another":    {func(_ *fixture, s *signin.Started) { s.Attempt.Directory = "mallory" }, access.Invalid},
		"switched off meanwhile":   {func(d *fixture, _ *signin.Started) { d.dir.Enabled = false }, access.Invalid},
		"another client meanwhile": {func(d *fixture, _ *signin.Started) { d.dir.ClientID = "x" }, access.Invalid},
		"another issuer meanwhile": {func(d *fixture, _ *signin.Started) { d.dir.Issuer += "/" }, access.Invalid},
		"another callback": {func(_ *fixture, s *signin.Started) {
			s.Attempt.RedirectURI = base + "/auth/callback/mallory"
		}, access.Invalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			s := d.begin(t)
			back := d.provider.Visit(t, s)
			test.change(d, &s)
			done, err := d.finish(t, s, back)
			expectSignIn(t, done, err, test.want)
			if test.want != signedIn {
				expectCalls(t, d.provider, signintest.Discovery, signintest.Authorize)
			}
		})
	}
}

// I-11: no sign-in starts at a disabled directory.
func TestDisabledDirectory(t *testing.T) {
	d := newFixture(t)
	d.dir.Enabled = false
	s, err := d.Begin(t.Context(), d.dir, signin.Start{})
	if access.KindOf(err) != access.Forbidden || s.URL != "" {
		t.Errorf("got %+v, %v", s, err)
	}
	expectCalls(t, d.provider)
}

// O-4: a hostile provider redirects the browser to an honest one, with the honest
// one's client id. The honest one's code is not sent to the hostile one.
func TestMixUp(t *testing.T) {
	h := newFixture(t) // Harbor, honest
	x := signintest.New(t, h.clock.Now)
	hostile := x.Directory("mallory", "mallory.example")
	s, err := h.Begin(t.Context(), hostile, signin.Start{Target: "/"})
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(s.URL)
	q := u.Query()
	q.Set("client_id", h.dir.ClientID)
	for callback, dir := range map[string]access.Directory{h.CallbackURL("harbor"): h.dir,
		h.CallbackURL("mallory"): hostile} {
		q.Set("redirect_uri", callback)
		back := h.provider.Visit(t, signin.Started{URL: h.dir.Issuer + "/authorize?" + q.Encode()})
		done, err := h.Finish(t.Context(), dir, s.Attempt, back.Query(), s.Binding)
		if err == nil || done != (signin.Finished{}) {
			t.Errorf("signed in by a response at %s: %+v", callback, done)
		}
	}
	if len(x.Calls(signintest.Token))+len(h.provider.Calls(signintest.Token)) != 0 {
		t.Error("a code was redeemed")
	}
}

// O-10: a code from another attempt is rejected.
func TestInjectedCode(t *testing.T) {
	d := newFixture(t)
	mallorys := d.provider.Visit(t, d.begin(t)).Query().Get("code")
	s := d.begin(t)
	back := d.provider.Visit(t, s)
	q := back.Query()
	q.Set("code", mallorys)
	back.RawQuery = q.Encode()
	done, err := d.finish(t, s, back)
	expectSignIn(t, done, err, access.Forbidden)
}

// O-9: five sign-ins in five tabs, finished in reverse order.
func TestTabs(t *testing.T) {
	d := newFixture(t)
	var begun []signin.Started
	for range 5 {
		begun = append(begun, d.begin(t))
	}
	for i := len(begun) - 1; i >= 0; i-- {
		done, err := d.finish(t, begun[i], d.provider.Visit(t, begun[i]))
		expectSignIn(t, done, err, signedIn)
	}
}

// Concurrent sign-ins share the fetches of metadata and keys, also after the key has
// changed.
func TestManyAtOnce(t *testing.T) {
	d := newFixture(t)
	rush := func() {
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				s, err := d.Begin(t.Context(), d.dir, signin.Start{})
				if err != nil {
					t.Error(err)
					return
				}
				if done, err := d.finish(t, s, d.provider.Visit(t, s)); err != nil {
					t.Errorf("%+v: %v", done, err)
				}
			})
		}
		all.Wait()
	}
	rush()
	if n, k := len(d.provider.Calls(signintest.Discovery)), len(d.provider.Calls(signintest.Keys)); n > 2 || k > 2 {
		t.Errorf("%d discoveries and %d fetches of keys", n, k)
	}
	d.provider.Forget()
	d.provider.Rotate(t, "second")
	rush()
	if n := len(d.provider.Calls(signintest.Keys)); n > 2 {
		t.Errorf("%d fetches of keys", n)
	}
}

// A caller whose context ends does not break the shared fetch.
func TestCancelledCaller(t *testing.T) {
	d := newFixture(t)
	if _, err := d.Begin(cancelledContext(t), d.dir, signin.Start{}); access.KindOf(err) != access.Unavailable {
		t.Errorf("got %v", err)
	}
	done, err := d.signIn(t)
	expectSignIn(t, done, err, signedIn)
}
