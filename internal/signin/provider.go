package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/net/publicsuffix"

	"myaccess/internal/access"
)

// metadata is what we use of a provider's discovery document (OpenID Connect
// Discovery 3, RFC 8414, RFC 9207).
type metadata struct {
	Issuer             string   `json:"issuer"`
	Authorization      string   `json:"authorization_endpoint"`
	Token              string   `json:"token_endpoint"`
	UserInfo           string   `json:"userinfo_endpoint"`
	Keys               string   `json:"jwks_uri"`
	EndSession         string   `json:"end_session_endpoint"`
	Algorithms         []string `json:"id_token_signing_alg_values_supported"`
	PromisesResponseID bool     `json:"authorization_response_iss_parameter_supported"`
}

// provider is the OpenID Provider at an issuer, as it was last discovered.
type provider struct {
	meta    metadata
	fetched time.Time
	keys    *keySet
}

const (
	metadataLife = time.Hour
	keysAtMost   = time.Minute // how often keys are fetched again for one that is not known
)

// provider returns the directory's provider, discovered at most an hour ago.
// One that was discovered earlier stands in while it does not answer.
func (s *SignIn) provider(ctx context.Context, dir access.Directory) (*provider, error) {
	now := s.config.Now()
	s.mu.Lock()
	known := s.providers[dir.Issuer]
	s.mu.Unlock()
	if known != nil && now.Before(known.fetched.Add(metadataLife)) && !now.Before(known.fetched) {
		return known, known.meta.check(dir, s.config.AllowLoopback)
	}
	var m metadata
	err := s.checkURL(dir.Issuer)
	if err == nil {
		err = getJSON(ctx, s.client, strings.TrimSuffix(dir.Issuer, "/")+"/.well-known/openid-configuration", "", &m)
	}
	if err != nil {
		return nil, down(dir, fmt.Errorf("discovery: %w", err))
	}
	if err := m.check(dir, s.config.AllowLoopback); err != nil {
		return nil, down(dir, err)
	}
	p := &provider{meta: m, fetched: now, keys: &keySet{client: s.client, address: m.Keys, now: s.config.Now}}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.providers[dir.Issuer] = p
	return p, nil
}

// check refuses metadata that is not the issuer's own, or whose endpoints lie
// elsewhere than an administrator has confirmed (O-5, O-21).
func (m metadata) check(dir access.Directory, loopback bool) error {
	if m.Issuer != dir.Issuer {
		return fmt.Errorf("discovery: the issuer calls itself %q", m.Issuer)
	}
	for name, address := range map[string]string{
		"authorization_endpoint": m.Authorization, "token_endpoint": m.Token, "jwks_uri": m.Keys,
		"userinfo_endpoint": m.UserInfo, "end_session_endpoint": m.EndSession,
	} {
		optional := name == "userinfo_endpoint" || name == "end_session_endpoint"
		if address == "" && optional {
			continue
		}
		u, err := url.Parse(address)
		if err != nil || !secure(u, loopback) {
			return fmt.Errorf("discovery: %s is %q", name, address)
		}
		if !related(dir, u) {
			return fmt.Errorf("discovery: %s lies at %s, which nobody has confirmed", name, u.Host)
		}
	}
	return nil
}

func (s *SignIn) checkURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || !secure(u, s.config.AllowLoopback) {
		return fmt.Errorf("%q is not an https address", address)
	}
	return nil
}

func secure(u *url.URL, loopback bool) bool {
	if u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopback && isLoopback(u.Hostname())
}

// related reports whether an endpoint belongs to the issuer: same host, same
// registrable domain, or confirmed by an administrator.
func related(dir access.Directory, endpoint *url.URL) bool {
	issuer, err := url.Parse(dir.Issuer)
	if err != nil {
		return false
	}
	if endpoint.Host == issuer.Host || slices.Contains(dir.ConfirmedHosts, endpoint.Hostname()) {
		return true
	}
	if isLoopback(issuer.Hostname()) || isLoopback(endpoint.Hostname()) {
		return false
	}
	a, errA := publicsuffix.EffectiveTLDPlusOne(issuer.Hostname())
	b, errB := publicsuffix.EffectiveTLDPlusOne(endpoint.Hostname())
	return errA == nil && errB == nil && a == b
}

// algorithms are those of the provider that we accept: asymmetric ones only, so
// that a public key can never be taken for a shared secret.
func (m metadata) algorithms() []string {
	ours := []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
	both := slices.DeleteFunc(slices.Clone(m.Algorithms), func(a string) bool { return !slices.Contains(ours, a) })
	if len(both) == 0 {
		return []string{"RS256"} // what every provider supports (OpenID Connect Core 15.1)
	}
	return both
}

// keySet is a provider's key set (RFC 7517). It implements oidc.KeySet. A key
// that we cannot read does not spoil the others, and the set is fetched again
// for a key that is not known at most once a minute.
type keySet struct {
	client  *http.Client
	address string
	now     func() time.Time

	mu      sync.Mutex
	keys    []jose.JSONWebKey
	fetched time.Time
}

// VerifySignature returns the payload of a token that one of the keys signed.
func (k *keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384,
		jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA})
	if err != nil || len(signed.Signatures) != 1 {
		return nil, errors.New("the token is not signed as it must be")
	}
	kid := signed.Signatures[0].Header.KeyID
	for _, refetch := range []bool{false, true} {
		keys, err := k.current(ctx, refetch)
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			if kid != "" && key.KeyID != "" && key.KeyID != kid {
				continue
			}
			if payload, err := signed.Verify(key.Key); err == nil {
				return payload, nil
			}
		}
	}
	return nil, errors.New("no key of the provider has signed the token")
}

// current returns the keys, fetched now if there are none yet, or if refetch
// asks for it and it was not done within the last minute.
func (k *keySet) current(ctx context.Context, refetch bool) ([]jose.JSONWebKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if !k.fetched.IsZero() && (!refetch || now.Before(k.fetched.Add(keysAtMost)) && !now.Before(k.fetched)) {
		return k.keys, nil
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := getJSON(ctx, k.client, k.address, "", &set); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	k.keys, k.fetched = nil, now
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if err := key.UnmarshalJSON(raw); err != nil || !key.IsPublic() || key.Use == "enc" {
			continue // of a kind that we do not know, or not for us
		}
		k.keys = append(k.keys, key)
	}
	return k.keys, nil
}
