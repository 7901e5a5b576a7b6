// Package signintest is an OpenID Provider for tests. It is honest, strict with
// its clients and keeps a ledger of every call it gets, until a test tells it to
// do something wrong: every step of the code flow can be changed, and every
// endpoint can be put out of order.
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

// The endpoints, as they are named in the ledger.
const (
	Discovery = "discovery"
	Keys      = "keys"
	Authorize = "authorize"
	Token     = "token"
	UserInfo  = "userinfo"
	// Elsewhere is an address that nobody has told the client about.
	Elsewhere = "elsewhere"
)

// Claims are those of a token, or any other JSON object.
type Claims = map[string]any

// Call is one line of the ledger.
type Call struct {
	Endpoint string
	Method   string
	Form     url.Values // of the query and of the body
	// User and Password are those of HTTP basic authentication, decoded as
	// OAuth asks (RFC 6749 2.3.1).
	User, Password string
	Authorization  string
	Query          string
}

// Behaviour is what the provider does otherwise than an honest one. The zero
// value changes nothing.
type Behaviour struct {
	Metadata func(Claims)        // edits the discovery document
	KeySet   func() []any        // the keys, instead of the honest ones
	Answer   func(url.Values)    // edits the answer to the authorization request
	Claims   func(Claims)        // edits the claims of the ID token
	Payload  func([]byte) []byte // edits the ID token's payload, before it is signed
	Sign     func([]byte) string // makes the ID token of its payload
	Tokens   func(Claims)        // edits the answer of the token endpoint
	Person   func(Claims)        // edits the answer of the userinfo endpoint
	// Instead answers at an endpoint in place of the honest answer.
	Instead map[string]http.HandlerFunc
}

// Provider is an OpenID Provider on a loopback address.
type Provider struct {
	Issuer   string
	ClientID string
	Secret   string
	// Who signs in: the claims that the ID token and the userinfo endpoint give.
	Who Claims

	now func() time.Time
	key Key

	mu     sync.Mutex
	does   Behaviour
	codes  map[string]grant
	tokens map[string]bool
	ledger []Call
}

// grant is what a code stands for.
type grant struct{ client, redirect, challenge, nonce string }

// New starts a provider whose clock is now. It stops with the test.
func New(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	p := &Provider{ClientID: "myaccess-" + text(4), Secret: "secret:" + text(16) + "/%+ ", now: now,
		key:   NewKey(t, "first"),
		Who:   Claims{"sub": "248289761001", "name": "Mara Lind", "email": "mara@harbor.example", "email_verified": true},
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
		mux.HandleFunc(pattern, p.noted(at.name, at.do))
	}
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections() // nobody waits for one that never answers
		server.Close()
	})
	p.Issuer = server.URL
	return p
}

// Directory is the directory of an organisation whose provider this is.
func (p *Provider) Directory(name string, domains ...access.Domain) access.Directory {
	return access.Directory{ID: access.DirectoryID(name), Name: name, Issuer: p.Issuer, ClientID: p.ClientID,
		ClientSecret: p.Secret,
		AuthStyle:    access.AuthBasic, HintStyle: access.HintNone, Scopes: []string{"profile", "email"}, Domains: domains,
		Enabled: true}
}

// Behave changes what the provider does from now on; with the zero value it is
// honest again.
func (p *Provider) Behave(b Behaviour) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.does = b
}

// Rotate makes the provider sign with a new key, and forget the old one.
func (p *Provider) Rotate(t testing.TB, id string) {
	t.Helper()
	k := NewKey(t, id)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key = k
}

// Key is the key that the provider signs with.
func (p *Provider) Key() Key {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.key
}

// Calls are the calls that an endpoint got.
func (p *Provider) Calls(endpoint string) []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(p.ledger), func(c Call) bool { return c.Endpoint != endpoint })
}

// Called are the endpoints that were called, in order.
func (p *Provider) Called() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for _, c := range p.ledger {
		all = append(all, c.Endpoint)
	}
	return all
}

// Forget empties the ledger.
func (p *Provider) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ledger = nil
}

// Visit does what a browser does that is sent to the provider by somebody who is
// signed in there already: it returns the address that it is sent back to.
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

// noted writes the ledger, and lets the behaviour answer in an endpoint's place.
func (p *Provider) noted(name string, do http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		c := Call{Endpoint: name, Method: r.Method, Form: r.Form, Authorization: r.Header.Get("Authorization"),
			Query: r.URL.RawQuery}
		if user, password, ok := r.BasicAuth(); ok {
			c.User, _ = url.QueryUnescape(user)
			c.Password, _ = url.QueryUnescape(password)
		}
		p.mu.Lock()
		p.ledger = append(p.ledger, c)
		instead := p.does.Instead[name]
		p.mu.Unlock()
		if instead != nil {
			instead(w, r)
			return
		}
		do(w, r)
	}
}

func (p *Provider) behaviour() Behaviour {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.does
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
	edit(p.behaviour().Metadata, m)
	answer(w, http.StatusOK, m)
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	set := []any{p.Key().Public()}
	if own := p.behaviour().KeySet; own != nil {
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
		http.Error(w, "this is no authorization request that I take", http.StatusBadRequest)
		return
	}
	code := text(16)
	p.mu.Lock()
	p.codes[code] = grant{q.Get("client_id"), q.Get("redirect_uri"), q.Get("code_challenge"), q.Get("nonce")}
	p.mu.Unlock()
	a := url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.Issuer}}
	edit(p.behaviour().Answer, a)
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
	edit(p.behaviour().Tokens, a)
	answer(w, http.StatusOK, a)
}

// idToken makes the ID token, as far as the behaviour lets it.
func (p *Provider) idToken(g grant, bearer string) string {
	b, k, now := p.behaviour(), p.Key(), p.now()
	c := Claims{"iss": p.Issuer, "aud": g.client, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"auth_time": now.Unix(),
		"nonce":     g.nonce, "at_hash": k.AccessHash(bearer), "sid": "session-at-the-provider"}
	for name, value := range p.Who {
		c[name] = value
	}
	edit(b.Claims, c)
	payload, err := json.Marshal(c)
	if err != nil {
		panic(err) // a test's claims that are no JSON
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
	for name, value := range p.Who {
		c[name] = value
	}
	edit(p.behaviour().Person, c)
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
