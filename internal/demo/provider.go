package demo

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"myaccess/internal/lang"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Lifetimes by the demonstration's clock.
const (
	codeLife  = time.Minute
	tokenLife = time.Hour
)

// Client is a relying party that a provider serves.
type Client struct {
	ID, Secret string
	// RedirectURIs and PostLogoutURIs are compared byte by byte (RFC 9700
	// 2.1).
	RedirectURIs, PostLogoutURIs []string
}

// Provider is the development OpenID Provider of all organizations: the code
// flow with PKCE, with a list of people instead of passwords. It is our own
// because its tokens must follow the demonstration's clock. It is safe for
// concurrent use.
type Provider struct {
	now     func() time.Time
	log     *slog.Logger
	portal  string // its origin, allowed as a form target
	issuers []*issuer
	catalog *lang.Catalog
}

// issuer is the provider of one organization.
type issuer struct {
	Organization
	key func() (*key, error) // made on first use

	mu      sync.Mutex
	clients map[string]Client
	codes   map[string]*grant // by code
	tokens  map[string]*grant // by access token
}

// grant is the result of a sign-in for a client.
type grant struct {
	client, redirect, challenge, nonce string
	person                             Person
	at                                 time.Time // of the sign-in
	used                               bool      // the code
	token                              string    // the access token; empty before the code is redeemed
}

func newProvider(d *Demo, all []Organization) *Provider {
	p := &Provider{now: d.Clock.Now, log: d.config.Log, portal: d.config.PortalURL, catalog: d.config.Catalog}
	for _, o := range all {
		file := filepath.Join(d.config.DataDir, "provider-"+o.Slug+".pem")
		p.issuers = append(p.issuers, &issuer{Organization: o, clients: map[string]Client{}, codes: map[string]*grant{},
			tokens: map[string]*grant{}, key: sync.OnceValues(func() (*key, error) { return loadKey(file) })})
	}
	return p
}

// Organizations returns the organizations that have a provider here.
func (p *Provider) Organizations() []Organization {
	all := make([]Organization, len(p.issuers))
	for i, is := range p.issuers {
		all[i] = is.Organization
	}
	return all
}

// Has reports whether the provider named issuer is one of the console's.
func (p *Provider) Has(issuerURL string) bool {
	return slices.ContainsFunc(p.issuers, func(is *issuer) bool { return is.Issuer == issuerURL })
}

// RegisterClient registers a client at the provider named issuer; it replaces
// one with the same id. No one can sign in at a provider without clients.
func (p *Provider) RegisterClient(issuerURL string, c Client) error {
	for _, is := range p.issuers {
		if is.Issuer == issuerURL {
			is.mu.Lock()
			defer is.mu.Unlock()
			is.clients[c.ID] = c
			return nil
		}
	}
	return fmt.Errorf("the console has no provider %s", issuerURL)
}

// routes adds the providers' pages below /idp/.
func (p *Provider) routes(mux *http.ServeMux) {
	type handler func(*issuer, http.ResponseWriter, *http.Request)
	for pattern, h := range map[string]handler{
		"GET /idp/{slug}/.well-known/openid-configuration": p.discovery,
		"GET /idp/{slug}/jwks":                             p.keys,
		"GET /idp/{slug}/authorize":                        p.authorize,
		"POST /idp/{slug}/authorize":                       p.authorize,
		"POST /idp/{slug}/token":                           p.token,
		"GET /idp/{slug}/userinfo":                         p.userinfo,
		"POST /idp/{slug}/userinfo":                        p.userinfo,
		"GET /idp/{slug}/end-session":                      p.endSession,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			i := slices.IndexFunc(p.issuers, func(is *issuer) bool { return is.Slug == r.PathValue("slug") })
			if i < 0 {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Cache-Control", "no-store")
			h(p.issuers[i], w, r)
		})
	}
}

// discovery answers with the provider's metadata (OpenID Connect Discovery 4).
func (p *Provider) discovery(is *issuer, w http.ResponseWriter, _ *http.Request) {
	p.writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                is.Issuer,
		"authorization_endpoint":                is.Issuer + "/authorize",
		"token_endpoint":                        is.Issuer + "/token",
		"userinfo_endpoint":                     is.Issuer + "/userinfo",
		"jwks_uri":                              is.Issuer + "/jwks",
		"end_session_endpoint":                  is.Issuer + "/end-session",
		"scopes_supported":                      []string{"openid", "profile", "email"},
		"response_types_supported":              []string{"code"},
		"response_modes_supported":              []string{"query"},
		"grant_types_supported":                 []string{"authorization_code"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic"},
		"code_challenge_methods_supported":      []string{"S256"},
		"claims_supported": []string{"iss", "sub", "aud", "iat", "exp", "auth_time", "nonce", "at_hash",
			"name", "email", "email_verified", "locale"},
		"prompt_values_supported": []string{"none", "login", "select_account", "consent"},

		"authorization_response_iss_parameter_supported": true,
	})
}

func (p *Provider) keys(is *issuer, w http.ResponseWriter, r *http.Request) {
	k, err := is.key()
	if err != nil {
		p.internalError(w, r, err)
		return
	}
	p.writeJSON(w, http.StatusOK, k.public())
}

// writeJSON writes v as JSON.
func (p *Provider) writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.log.Debug("an answer of the provider was not sent", "error", err)
	}
}

func (p *Provider) internalError(w http.ResponseWriter, r *http.Request, err error) {
	p.log.Error("the development provider has failed", "path", r.URL.Path, "error", err)
	http.Error(w, "The development provider has failed; the log says why.", http.StatusInternalServerError)
}

// issue stores a grant and returns its code. Expired grants are dropped.
func (is *issuer) issue(g *grant) string {
	is.mu.Lock()
	defer is.mu.Unlock()
	for code, old := range is.codes {
		if g.at.Sub(old.at) > tokenLife {
			delete(is.codes, code)
			delete(is.tokens, old.token)
		}
	}
	code := rand.Text()
	is.codes[code] = g
	return code
}

func (is *issuer) client(id string) (Client, bool) {
	is.mu.Lock()
	defer is.mu.Unlock()
	c, ok := is.clients[id]
	return c, ok
}
