package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/sync/singleflight"

	"myaccess/internal/access"
)

// metadata is the part of a provider's discovery document that we use (OpenID Connect
// Discovery 3, RFC 8414, RFC 9207).
type metadata struct {
	Issuer             string   `json:"issuer"`
	Authorization      string   `json:"authorization_endpoint"`
	Token              string   `json:"token_endpoint"`
	UserInfo           string   `json:"userinfo_endpoint"`
	Keys               string   `json:"jwks_uri"`
	EndSession         string   `json:"end_session_endpoint"`
	Algorithms         wordList `json:"id_token_signing_alg_values_supported"`
	Challenges         wordList `json:"code_challenge_methods_supported"`
	Claims             wordList `json:"claims_supported"`
	ClientStyles       wordList `json:"token_endpoint_auth_methods_supported"`
	PromisesResponseID promise  `json:"authorization_response_iss_parameter_supported"`
}

// wordList is an optional list of strings. Any other value counts as absent, and other
// elements are skipped: one setting of a provider must not stop every sign-in.
type wordList []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *wordList) UnmarshalJSON(value []byte) error {
	var all []any
	if json.Unmarshal(value, &all) != nil {
		return nil
	}
	for _, x := range all {
		if s, ok := x.(string); ok {
			*l = append(*l, s)
		}
	}
	return nil
}

// promise is an optional boolean, which some providers write as a text.
type promise bool

// UnmarshalJSON implements json.Unmarshaler.
func (p *promise) UnmarshalJSON(value []byte) error {
	*p = string(value) == "true" || string(value) == `"true"`
	return nil
}

// provider is an OpenID Provider as it was last discovered.
type provider struct {
	meta    metadata
	fetched time.Time
	keys    *keySet
}

const (
	metadataLife = time.Hour
	// staleLife is how long metadata may be used while discovery fails.
	staleLife = 24 * time.Hour
)

// isWithin reports whether now is at start or less than d after it.
func isWithin(now, start time.Time, d time.Duration) bool {
	return !now.Before(start) && now.Before(start.Add(d))
}

// provider returns the directory's provider, discovered at most an hour ago, or at
// most a day ago if discovery fails now.
func (s *SignIn) provider(ctx context.Context, dir access.Directory) (*provider, error) {
	p, err := s.cachedProvider(ctx, dir.Issuer)
	if err == nil {
		err = p.meta.check(dir, s.allowHTTP())
	}
	if err != nil {
		return nil, errUnavailable(dir, access.FailedDiscovery, fmt.Errorf("discovery: %w", err))
	}
	return p, nil
}

// cachedProvider returns the provider at the issuer from the cache, or discovers it.
func (s *SignIn) cachedProvider(ctx context.Context, issuer string) (*provider, error) {
	now := s.config.Now()
	s.mu.Lock()
	cached := s.providers[issuer]
	s.mu.Unlock()
	if cached != nil && isWithin(now, cached.fetched, metadataLife) {
		return cached, nil
	}
	p, err := shareCall(ctx, &s.discovery, issuer, func(ctx context.Context) (*provider, error) {
		return s.discover(ctx, issuer)
	})
	if err != nil && cached != nil && isWithin(now, cached.fetched, staleLife) {
		return cached, nil
	}
	return p, err
}

// discover fetches the issuer's metadata and caches them.
func (s *SignIn) discover(ctx context.Context, issuer string) (*provider, error) {
	if err := access.CheckIssuer(issuer, s.allowHTTP()); err != nil {
		return nil, err
	}
	var m metadata
	if err := getJSON(ctx, s.client, discoveryURL(issuer), "", &m); err != nil {
		return nil, err
	}
	p := &provider{meta: m, fetched: s.config.Now(), keys: &keySet{client: s.client, address: m.Keys, now: s.config.Now}}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.providers[issuer] = p
	return p, nil
}

// discoveryURL is the address of an issuer's discovery document.
func discoveryURL(issuer string) string {
	return strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration"
}

// shareCall runs do once for all concurrent callers with the same key. A caller
// whose context ends stops waiting; do goes on for the others.
func shareCall[T any](ctx context.Context, group *singleflight.Group, key string,
	do func(context.Context) (T, error)) (T, error) {
	done := group.DoChan(key, func() (any, error) { return do(context.WithoutCancel(ctx)) })
	select {
	case r := <-done:
		v, _ := r.Val.(T)
		return v, r.Err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// check rejects metadata of another issuer, and endpoints at hosts that are neither
// the issuer's nor confirmed by an administrator (O-5, O-21). allowHTTP permits
// plain http on loopback addresses.
func (m metadata) check(dir access.Directory, allowHTTP bool) error {
	if m.Issuer != dir.Issuer {
		return fmt.Errorf("the issuer in the metadata is %s", quoteForLog(m.Issuer))
	}
	for _, e := range m.endpoints() {
		if err := e.check(dir, allowHTTP); err != nil {
			return err
		}
	}
	return nil
}

// endpoint is one address of a provider.
type endpoint struct {
	name, address string
	optional      bool
}

func (m metadata) endpoints() []endpoint {
	return []endpoint{
		{"authorization_endpoint", m.Authorization, false}, {"token_endpoint", m.Token, false}, {"jwks_uri", m.Keys, false},
		{"userinfo_endpoint", m.UserInfo, true}, {"end_session_endpoint", m.EndSession, true},
	}
}

func (e endpoint) check(dir access.Directory, allowHTTP bool) error {
	if e.address == "" && e.optional {
		return nil
	}
	u, err := url.Parse(e.address)
	if err != nil || !isSecure(u, allowHTTP) {
		return fmt.Errorf("%s is %s", e.name, quoteForLog(e.address))
	}
	if !isRelated(dir, u) {
		return errUnconfirmed{e.name, u.Hostname()}
	}
	return nil
}

// errUnconfirmed is the error for an endpoint at a host that is neither the
// issuer's nor confirmed by an administrator.
type errUnconfirmed struct{ endpoint, host string }

// Error implements error.
func (e errUnconfirmed) Error() string {
	return fmt.Sprintf("%s is at %s, which no administrator has confirmed", e.endpoint, quoteForLog(e.host))
}

func isSecure(u *url.URL, allowHTTP bool) bool {
	if u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && allowHTTP && access.IsLoopback(u.Hostname())
}

// isRelated reports whether an endpoint belongs to the issuer: same host, same
// registrable domain, or confirmed by an administrator.
func isRelated(dir access.Directory, endpoint *url.URL) bool {
	issuer, err := url.Parse(dir.Issuer)
	if err != nil {
		return false
	}
	if access.LowerASCII(endpoint.Host) == access.LowerASCII(issuer.Host) ||
		slices.Contains(dir.ConfirmedHosts, access.LowerASCII(endpoint.Hostname())) {
		return true
	}
	a, errA := publicsuffix.EffectiveTLDPlusOne(issuer.Hostname()) // IP addresses and single labels have none
	b, errB := publicsuffix.EffectiveTLDPlusOne(endpoint.Hostname())
	return errA == nil && errB == nil && a == b
}

// algorithms returns the provider's signature algorithms that we accept: only
// asymmetric ones, so that a public key is never used as a shared secret.
func (m metadata) algorithms() []string {
	accepted := []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
	both := slices.DeleteFunc(slices.Clone(m.Algorithms), func(a string) bool { return !slices.Contains(accepted, a) })
	if len(both) == 0 {
		return []string{"RS256"} // mandatory for every provider (OpenID Connect Core 15.1)
	}
	return both
}

// quoteForLog returns text of a provider in quotes, shortened for the log.
func quoteForLog(s string) string { return fmt.Sprintf("%.100q", s) }

var errNoKey = errors.New("the token is not signed with a key of the provider")
