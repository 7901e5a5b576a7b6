package demo

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	callback = portalURL + "/auth/callback/1"
	after    = portalURL + "/auth/signed-out"
	verifier = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// testClient is a test client at the provider of Meridian Works.
type testClient struct {
	runningDemo
	provider *oidc.Provider
	config   oauth2.Config
}

func newTestClient(t *testing.T, dir string) testClient {
	t.Helper()
	tr := testClient{runningDemo: start(t, dir)}
	issuer := tr.url + "/idp/meridian"
	c := Client{ID: "myaccess", Secret: "development only", RedirectURIs: []string{callback},
		PostLogoutURIs: []string{after}}
	if err := tr.Provider.RegisterClient(issuer, c); err != nil {
		t.Fatal(err)
	}
	var err error
	if tr.provider, err = oidc.NewProvider(t.Context(), issuer); err != nil {
		t.Fatal(err)
	}
	tr.config = oauth2.Config{ClientID: c.ID, ClientSecret: c.Secret, RedirectURL: callback,
		Endpoint: tr.provider.Endpoint(), Scopes: []string{"openid", "email", "profile"}}
	tr.config.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	return tr
}

// authorizeURL sends a valid code request, modified by change.
func (tr testClient) authorizeURL(change url.Values) string {
	u := tr.config.AuthCodeURL("s1", oidc.Nonce("n1"), oauth2.S256ChallengeOption(verifier))
	base, query, _ := strings.Cut(strings.TrimPrefix(u, tr.url), "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		return err.Error()
	}
	for name, values := range change {
		if q[name] = values; len(values) == 0 {
			delete(q, name)
		}
	}
	return base + "?" + q.Encode()
}

// redirectQuery returns the query of the redirect back to the portal.
func redirectQuery(t *testing.T, res answer) url.Values {
	t.Helper()
	to, query, _ := strings.Cut(res.Header.Get("Location"), "?")
	q, err := url.ParseQuery(query)
	if res.StatusCode != http.StatusSeeOther || to != callback || err != nil {
		t.Fatalf("got %s to %q: %s", res.Status, res.Header.Get("Location"), res.body)
	}
	return q
}

func (tr testClient) code(t *testing.T, person string) string {
	t.Helper()
	return redirectQuery(t, tr.post(t, tr.authorizeURL(nil), url.Values{"person": {person}})).Get("code")
}

func (tr testClient) exchange(t *testing.T, code, verifier string) (*oauth2.Token, error) {
	t.Helper()
	return tr.config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
}

func TestSignIn(t *testing.T) {
	tr := newTestClient(t, t.TempDir())
	q := redirectQuery(t, tr.post(t, tr.authorizeURL(nil), url.Values{"person": {"lena"}}))
	if q.Get("state") != "s1" || q.Get("iss") != tr.url+"/idp/meridian" {
		t.Errorf("sent back with %v", q)
	}
	token, err := tr.exchange(t, q.Get("code"), verifier)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := tr.provider.Verifier(&oidc.Config{ClientID: "myaccess", Now: tr.Clock.Now}).Verify(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := id.VerifyAccessToken(token.AccessToken); err != nil {
		t.Error(err)
	}
	var p profile
	if err := id.Claims(&p); err != nil {
		t.Fatal(err)
	}
	want := profile{"Lena Berg", "lena@meridian.example", true, "en"}
	if p != want || id.Subject != "lena" || id.Nonce != "n1" {
		t.Errorf("the token says %+v of %s with nonce %s", p, id.Subject, id.Nonce)
	}
	info, err := tr.provider.UserInfo(t.Context(), oauth2.StaticTokenSource(token))
	if err != nil || info.Subject != "lena" || info.Email != want.Email {
		t.Errorf("userinfo says %+v, %v", info, err)
	}
}

func TestTokensFollowTheClock(t *testing.T) {
	tr := newTestClient(t, t.TempDir())
	if err := tr.Clock.Advance(400 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	token, err := tr.exchange(t, tr.code(t, "omar"), verifier)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := token.Extra("id_token").(string)
	moved := tr.provider.Verifier(&oidc.Config{ClientID: "myaccess", Now: tr.Clock.Now})
	id, err := moved.Verify(t.Context(), raw)
	if err != nil {
		t.Fatal(err)
	}
	if now := tr.Clock.Now(); !id.IssuedAt.Equal(now) || !id.Expiry.Equal(now.Add(tokenLife)) {
		t.Errorf("issued at %s until %s, the clock shows %s", id.IssuedAt, id.Expiry, now)
	}
	late := tr.code(t, "omar")
	if err := tr.Clock.Advance(tokenLife + time.Second); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.exchange(t, late, verifier); err == nil {
		t.Error("a code was good after its time")
	}
	if _, err := moved.Verify(t.Context(), raw); err == nil {
		t.Error("a token was good after its time")
	}
	if _, err := tr.provider.UserInfo(t.Context(), oauth2.StaticTokenSource(token)); err == nil {
		t.Error("an access token was good after its time")
	}
}

func TestCodeWorksOnce(t *testing.T) {
	tr := newTestClient(t, t.TempDir())
	code := tr.code(t, "lena")
	token, err := tr.exchange(t, code, verifier)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.exchange(t, code, verifier); err == nil {
		t.Error("a code was good twice")
	}
	if _, err := tr.provider.UserInfo(t.Context(), oauth2.StaticTokenSource(token)); err == nil {
		t.Error("what the code brought first is still good")
	}
	spoiled := tr.code(t, "lena")
	if _, err := tr.exchange(t, spoiled, strings.ToUpper(verifier)); err == nil {
		t.Error("a wrong verifier was taken")
	}
	if _, err := tr.exchange(t, spoiled, verifier); err == nil {
		t.Error("a code was good after a wrong verifier")
	}
}

func TestTokenRefuses(t *testing.T) {
	tr := newTestClient(t, t.TempDir())
	good := url.Values{"grant_type": {"authorization_code"}, "redirect_uri": {callback}, "code_verifier": {verifier}}
	tests := map[string]struct {
		change, secret, want string
		status               int
	}{
		"nothing wrong":       {"", "development+only", "", 200},
		"secret":              {"", "other", "invalid_client", 401},
		"secret in the body":  {"client_secret=development only", "development+only", "invalid_client", 401},
		"redirect URI":        {"redirect_uri=" + callback + "/", "development+only", "invalid_grant", 400},
		"no redirect URI":     {"redirect_uri=", "development+only", "invalid_grant", 400},
		"no verifier":         {"code_verifier=", "development+only", "invalid_grant", 400},
		"code of nobody":      {"code=x", "development+only", "invalid_grant", 400},
		"client's credential": {"grant_type=client_credentials", "development+only", "unsupported_grant_type", 400},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			form := url.Values{"code": {tr.code(t, "lena")}}
			for k, v := range good {
				form[k] = v
			}
			if k, v, ok := strings.Cut(test.change, "="); ok {
				form.Set(k, v)
			}
			r := httptestRequest(t, http.MethodPost, tr.url+"/idp/meridian/token", form)
			r.SetBasicAuth("myaccess", test.secret)
			res := tr.do(t, r)
			var got struct{ Error string }
			if err := json.Unmarshal([]byte(res.body), &got); err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != test.status || got.Error != test.want || res.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("got %s %s", res.Status, res.body)
			}
		})
	}
	other := Client{ID: "other", Secret: "x", RedirectURIs: []string{callback}}
	if err := tr.Provider.RegisterClient(tr.url+"/idp/meridian", other); err != nil {
		t.Fatal(err)
	}
	thief := tr.config
	thief.ClientID, thief.ClientSecret = other.ID, other.Secret
	if _, err := thief.Exchange(t.Context(), tr.code(t, "lena"), oauth2.VerifierOption(verifier)); err == nil {
		t.Error("a code was good for another client")
	}
	foreign := httptestRequest(t, http.MethodPost, tr.url+"/idp/harbor/token", good)
	foreign.SetBasicAuth("myaccess", "development+only")
	if res := tr.do(t, foreign); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("the provider of another organization answered %s", res.Status)
	}
}

func TestAuthorizeRefuses(t *testing.T) {
	tr := newTestClient(t, t.TempDir())
	if res := tr.get(t, tr.authorizeURL(nil)); res.StatusCode != http.StatusOK ||
		!strings.Contains(res.body, "Meridian Works") {
		t.Fatalf("a good request got %s", res.Status)
	}
	for name, change := range map[string]url.Values{
		"another client":    {"client_id": {"other"}},
		"no client":         {"client_id": nil},
		"redirect URI":      {"redirect_uri": {callback + "/"}},
		"its case":          {"redirect_uri": {strings.ToUpper(callback)}},
		"its query":         {"redirect_uri": {callback + "?x=y"}},
		"its host":          {"redirect_uri": {"http://evil.example/auth/callback/1"}},
		"two redirect URIs": {"redirect_uri": {callback, "http://evil.example/"}},
	} {
		for _, res := range []answer{tr.get(t, tr.authorizeURL(change)), tr.post(t, tr.authorizeURL(change),
			url.Values{"person": {"lena"}})} {
			if res.StatusCode != http.StatusBadRequest || res.Header.Get("Location") != "" {
				t.Errorf("%s: got %s", name, res.Status)
			}
		}
	}
	for want, change := range map[string]url.Values{
		"invalid_request":           {"code_challenge": nil, "code_challenge_method": nil},
		"invalid_request ":          {"code_challenge_method": {"plain"}},
		"invalid_request  ":         {"code_challenge": {"short"}},
		"invalid_request   ":        {"nonce": {"1", "2"}},
		"unsupported_response_type": {"response_type": {"token"}},
		"invalid_scope":             {"scope": {"email"}},
		"login_required":            {"prompt": {"none"}},
		"request_not_supported":     {"request": {"x"}},
	} {
		q := redirectQuery(t, tr.post(t, tr.authorizeURL(change), url.Values{"person": {"lena"}}))
		if q.Get("error") != strings.TrimSpace(want) || q.Get("iss") == "" || q.Get("state") != "s1" || q.Has("code") {
			t.Errorf("%v: sent back with %v", change, q)
		}
	}
}

func TestChoosePerson(t *testing.T) {
	tr := newTestClient(t, t.TempDir())
	hinted := tr.get(t, tr.authorizeURL(url.Values{"login_hint": {"Omar@meridian.example"}})).body
	first := strings.Index(hinted, `<button class="person hinted" name="person" value="omar">`)
	if first < 0 || first > strings.Index(hinted, `value="lena"`) || strings.Count(hinted, `value="omar"`) != 1 {
		t.Errorf("the hinted person is not the first:\n%s", hinted)
	}
	if body := tr.get(t, tr.authorizeURL(url.Values{"login_hint": {"new@meridian.example"}})).body; !strings.Contains(body,
		`value="new@meridian.example"`) {
		t.Error("an unknown address is not in the form")
	}
	wrong := tr.post(t, tr.authorizeURL(nil), url.Values{"name": {"<Zoë>"}, "email": {"zoe@harbor.example"}})
	if wrong.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(wrong.body, "&lt;Zoë&gt;") ||
		!strings.Contains(wrong.body, "ends in @meridian.example") {
		t.Errorf("got %s %s", wrong.Status, wrong.body)
	}
	if res := tr.post(t, tr.authorizeURL(nil),
		url.Values{"person": {"mira"}}); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a person of another organization got %s", res.Status)
	}
	if q := redirectQuery(t, tr.post(t, tr.authorizeURL(nil), url.Values{"name": {"Zoë"},
		"email": {"zoe@meridian.example"}})); q.Get(
		"code") == "" {
		t.Errorf("a new person was sent back with %v", q)
	}
	if q := redirectQuery(t, tr.post(t, tr.authorizeURL(nil), url.Values{"cancel": {"1"}})); q.Get("error") !=
		"access_denied" {
		t.Errorf("who cancels is sent back with %v", q)
	}
}

func TestSignOut(t *testing.T) {
	dir := t.TempDir()
	tr := newTestClient(t, dir)
	token, err := tr.exchange(t, tr.code(t, "lena"), verifier)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := token.Extra("id_token").(string)
	end := func(q url.Values) answer { return tr.get(t, "/idp/meridian/end-session?"+q.Encode()) }
	for name, q := range map[string]url.Values{
		"hint":   {"id_token_hint": {raw}, "post_logout_redirect_uri": {after}, "state": {"s2"}},
		"client": {"client_id": {"myaccess"}, "post_logout_redirect_uri": {after}, "state": {"s2"}},
	} {
		if got := end(q).Header.Get("Location"); got != after+"?state=s2" {
			t.Errorf("%s: sent to %q", name, got)
		}
	}
	for name, q := range map[string]url.Values{
		"elsewhere": {"id_token_hint": {raw}, "post_logout_redirect_uri": {"http://evil.example/"}},
		"forged hint": {"id_token_hint": {raw[:len(raw)-8] + "AAAAAAAA"}, "client_id": {"myaccess"},
			"post_logout_redirect_uri": {after}},
		"another client": {"id_token_hint": {raw}, "client_id": {"other"}, "post_logout_redirect_uri": {after}},
		"nobody":         {"post_logout_redirect_uri": {after}},
	} {
		if res := end(q); res.StatusCode != http.StatusOK || !strings.Contains(res.body, "You&#39;re signed out") {
			t.Errorf("%s: got %s to %q", name, res.Status, res.Header.Get("Location"))
		}
	}
	again, err := loadKey(dir + "/provider-meridian.pem")
	if err != nil {
		t.Fatal(err)
	}
	var claims idToken
	if err := again.verify(raw, &claims); err != nil || claims.Subject != "lena" {
		t.Errorf("after a restart the token cannot be checked: %v", err)
	}
}

func TestRegisterClientRefusesUnknownIssuers(t *testing.T) {
	d := start(t, t.TempDir())
	if err := d.Provider.RegisterClient("https://login.example", Client{}); err == nil {
		t.Error("a provider elsewhere was allowed a client")
	}
	if _, err := oidc.NewProvider(context.Background(), d.url+"/idp/meridian/"); err == nil {
		t.Error("an issuer with another spelling was found")
	}
}
