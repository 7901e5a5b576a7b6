// Package signintest is an OpenID Provider for tests. By default it is correct, strict
// with clients, and records every call. A test can change every step of the code flow
// and replace every endpoint (Behaviour).
package signintest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/signin"
)

// The endpoints, as recorded in calls.
const (
	Discovery = "discovery"
	Keys      = "keys"
	Authorize = "authorize"
	Token     = "token"
	UserInfo  = "userinfo"
	// Elsewhere is any other address, which a client must not call.
	Elsewhere = "elsewhere"
)

// Claims are the claims of a token, or any JSON object.
type Claims = map[string]any

// Call is one recorded call.
type Call struct {
	Endpoint string
	Method   string
	Form     url.Values // query and body
	// User and Password are from HTTP basic authentication, decoded as in RFC 6749
	// 2.3.1.
	User, Password string
	Authorization  string
	Query          string
}

// Behaviour is how the provider differs from a correct one. The zero value changes
// nothing.
type Behaviour struct {
	Metadata func(Claims)        // edits the discovery document
	KeySet   func() []any        // replaces the key set
	Answer   func(url.Values)    // edits the authorization response
	Claims   func(Claims)        // edits the claims of the ID token
	Payload  func([]byte) []byte // edits the payload of the ID token
	Sign     func([]byte) string // signs the payload
	Tokens   func(Claims)        // edits the token response
	Person   func(Claims)        // edits the userinfo response
	// Instead replaces endpoints.
	Instead map[string]http.HandlerFunc
}

// Provider is an OpenID Provider on a loopback address.
type Provider struct {
	Issuer   string
	ClientID string
	Secret   string
	// User is the person who signs in: claims of the ID token and of userinfo.
	User Claims

	now func() time.Time
	key Key

	mu        sync.Mutex
	behaviour Behaviour
	codes     map[string]grant
	tokens    map[string]bool
	calls     []Call
}

// grant has the parameters that a code was issued for.
type grant struct{ client, redirect, challenge, nonce string }

// New starts a provider with the clock now. It stops at the end of the test.
func New(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	p := &Provider{ClientID: "myaccess-" + text(4), Secret: "secret:" + text(16) + "/%+ ", now: now,
		key:   NewKey(t, "first"),
		User:  Claims{"sub": "248289761001", "name": "Mara Lind", "email": "mara@harbor.example", "email_verified": true},
		codes: map[string]grant{}, tokens: map[string]bool{}}
	mux := http.NewServeMux()
	for pattern, at := range map[string]struct {
		name string
		do   func(http.ResponseWriter, *http.Request)
	}{
		"GET /.well-known/openid-configuration": {Discovery, p.discovery},
		"GET /keys":                             {Keys, p.keys},
		"GET /authorize":                        {Authorize, p.authorize},
		"POST /token":                           {Token, p.token},
		"GET /userinfo":                         {UserInfo, p.userinfo},
		"/":                                     {Elsewhere, http.NotFound},
	} {
		mux.HandleFunc(pattern, p.recorded(at.name, at.do))
	}
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections() // calls that are never answered
		server.Close()
	})
	p.Issuer = server.URL
	return p
}

// Directory returns a directory with this provider.
func (p *Provider) Directory(name string, domains ...access.Domain) access.Directory {
	return access.Directory{ID: access.DirectoryID(name), Name: name, Issuer: p.Issuer, ClientID: p.ClientID,
		ClientSecret: p.Secret,
		AuthStyle:    access.AuthBasic, HintStyle: access.HintNone, Scopes: []string{"profile", "email"}, Domains: domains,
		Enabled: true}
}

// Behave sets the behaviour; the zero value makes the provider correct again.
func (p *Provider) Behave(b Behaviour) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.behaviour = b
}

// Rotate replaces the signing key by a new one.
func (p *Provider) Rotate(t testing.TB, id string) {
	t.Helper()
	k := NewKey(t, id)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key = k
}

// Key returns the signing key.
func (p *Provider) Key() Key {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.key
}

// Calls returns the calls of an endpoint.
func (p *Provider) Calls(endpoint string) []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.calls), func(c Call) bool { return c.Endpoint != endpoint })
}

// Called returns the endpoints of all calls, in order.
func (p *Provider) Called() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for _, c := range p.calls {
		all = append(all, c.Endpoint)
	}
	return all
}

// Forget deletes the recorded calls.
func (p *Provider) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = nil
}

// Visit follows the redirect to the provider as the browser of a person who is already
// signed in there. It returns the address that the provider redirects back to.
func (p *Provider) Visit(t testing.TB, s signin.Started) *url.URL {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		t.Fatalf("the provider answers %s: %v", resp.Status, err)
	}
	return back
}

// recorded records a call and runs the endpoint, or what the behaviour has instead.
func (p *Provider) recorded(name string, do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		c := Call{Endpoint: name, Method: r.Method, Form: r.Form, Authorization: r.Header.Get("Authorization"),
			Query: r.URL.RawQuery}
		if user, password, ok := r.BasicAuth(); ok {
			c.User, _ = url.QueryUnescape(user)
			c.Password, _ = url.QueryUnescape(password)
		}
		p.mu.Lock()
		p.calls = append(p.calls, c)
		instead := p.behaviour.Instead[name]
		p.mu.Unlock()
		if instead != nil {
			instead(w, r)
			return
		}
		do(w, r)
	}
}

func (p *Provider) currentBehaviour() Behaviour {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.behaviour
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	m := Claims{
		"issuer": p.Issuer, "authorization_endpoint": p.Issuer + "/authorize", "token_endpoint": p.Issuer + "/token",
		"userinfo_endpoint": p.Issuer + "/userinfo", "jwks_uri": p.Issuer + "/keys", "end_session_endpoint": p.Issuer +
			"/leave?a=1",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"RS256", "ES256", "EdDSA"},
		"code_challenge_methods_supported":               []string{"S256"},
		"authorization_response_iss_parameter_supported": true,
	}
	edit(p.currentBehaviour().Metadata, m)
	answer(w, http.StatusOK, m)
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	set := []any{p.Key().Public()}
	if own := p.currentBehaviour().KeySet; own != nil {
		set = own()
	}
	answer(w, http.StatusOK, Claims{"keys": set})
}

func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != p.ClientID || q.Get("response_type") != "code" ||
		!slices.Contains(strings.Fields(q.Get("scope")), "openid") ||
		q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" {
		http.Error(w, "invalid authorization request", http.StatusBadRequest)
		return
	}
	code := text(16)
	p.mu.Lock()
	p.codes[code] = grant{q.Get("client_id"), q.Get("redirect_uri"), q.Get("code_challenge"), q.Get("nonce")}
	p.mu.Unlock()
	a := url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.Issuer}}
	edit(p.currentBehaviour().Answer, a)
	back.RawQuery = a.Encode()
	w.Header().Set("Location", back.String())
	w.WriteHeader(http.StatusSeeOther)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	user, password, basic := r.BasicAuth()
	user, _ = url.QueryUnescape(user)
	password, _ = url.QueryUnescape(password)
	if !basic {
		user, password = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	if user != p.ClientID || p.Secret != "" && subtle.ConstantTimeCompare([]byte(password), []byte(p.Secret)) != 1 {
		answer(w, http.StatusUnauthorized, Claims{"error": "invalid_client"})
		return
	}
	p.mu.Lock()
	g, ok := p.codes[r.PostForm.Get("code")]
	delete(p.codes, r.PostForm.Get("code"))
	p.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	if !ok || g.redirect != r.PostForm.Get("redirect_uri") || g.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
		answer(w, http.StatusBadRequest, Claims{"error": "invalid_grant"})
		return
	}
	bearer := "bearer-" + text(16)
	p.mu.Lock()
	p.tokens[bearer] = true
	p.mu.Unlock()
	a := Claims{"access_token": bearer, "token_type": "Bearer", "expires_in": 300, "id_token": p.idToken(g, bearer)}
	edit(p.currentBehaviour().Tokens, a)
	answer(w, http.StatusOK, a)
}

// idToken returns the ID token, changed by the behaviour.
func (p *Provider) idToken(g grant, bearer string) string {
	b, k, now := p.currentBehaviour(), p.Key(), p.now()
	c := Claims{"iss": p.Issuer, "aud": g.client, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"auth_time": now.Unix(),
		"nonce":     g.nonce, "at_hash": k.AccessHash(bearer), "sid": "session-at-the-provider"}
	for name, value := range p.User {
		c[name] = value
	}
	edit(b.Claims, c)
	payload, err := json.Marshal(c)
	if err != nil {
		panic(err) // the test's claims have no JSON form
	}
	if b.Payload != nil {
		payload = b.Payload(payload)
	}
	if b.Sign != nil {
		return b.Sign(payload)
	}
	return k.Sign(payload)
}

func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.mu.Lock()
	ok := p.tokens[bearer]
	p.mu.Unlock()
	if !ok {
		answer(w, http.StatusUnauthorized, Claims{"error": "invalid_token"})
		return
	}
	c := Claims{}
	for name, value := range p.User {
		c[name] = value
	}
	edit(p.currentBehaviour().Person, c)
	answer(w, http.StatusOK, c)
}

func edit[T any](with func(T), what T) {
	if with != nil {
		with(what)
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("a test's answer is no JSON: %v", err))
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
