package signin

import (
	"context"
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
	Challenges         []string `json:"code_challenge_methods_supported"`
	ClientStyles       []string `json:"token_endpoint_auth_methods_supported"`
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
	// standInLife is how long metadata may be used while the provider does not
	// tell newer ones.
	standInLife = 24 * time.Hour
)

// within reports whether now is at start or less than d after it.
func within(now, start time.Time, d time.Duration) bool {
	return !now.Before(start) && now.Before(start.Add(d))
}

// provider returns the directory's provider, discovered at most an hour ago.
// One that was discovered within a day stands in while it does not answer.
func (s *SignIn) provider(ctx context.Context, dir access.Directory) (*provider, error) {
	p, err := s.discovered(ctx, dir.Issuer)
	if err == nil {
		err = p.meta.check(dir, s.config.AllowLoopback)
	}
	if err != nil {
		return nil, down(dir, fmt.Errorf("discovery: %w", err))
	}
	return p, nil
}

func (s *SignIn) discovered(ctx context.Context, issuer string) (*provider, error) {
	now := s.config.Now()
	s.mu.Lock()
	known := s.providers[issuer]
	s.mu.Unlock()
	if known != nil && within(now, known.fetched, metadataLife) {
		return known, nil
	}
	p, err := await(ctx, &s.flights, issuer, func(ctx context.Context) (*provider, error) {
		return s.discover(ctx, issuer)
	})
	if err != nil && known != nil && within(now, known.fetched, standInLife) {
		return known, nil
	}
	return p, err
}

// discover reads the issuer's metadata.
func (s *SignIn) discover(ctx context.Context, issuer string) (*provider, error) {
	if err := access.CheckIssuer(issuer, s.config.AllowLoopback); err != nil {
		return nil, err
	}
	var m metadata
	if err := getJSON(ctx, s.client, wellKnown(issuer), "", &m); err != nil {
		return nil, err
	}
	p := &provider{meta: m, fetched: s.config.Now(), keys: &keySet{client: s.client, address: m.Keys, now: s.config.Now}}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.providers[issuer] = p
	return p, nil
}

// wellKnown is where an issuer's metadata are.
func wellKnown(issuer string) string {
	return strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration"
}

// await does what many may want at once one time for all of them. Whoever's
// context ends first stops waiting and spoils it for nobody.
func await[T any](ctx context.Context, flights *singleflight.Group, key string,
	do func(context.Context) (T, error)) (T, error) {
	done := flights.DoChan(key, func() (any, error) { return do(context.WithoutCancel(ctx)) })
	select {
	case r := <-done:
		v, _ := r.Val.(T)
		return v, r.Err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// check refuses metadata that is not the issuer's own, or whose endpoints lie
// elsewhere than an administrator has confirmed (O-5, O-21).
func (m metadata) check(dir access.Directory, loopback bool) error {
	if m.Issuer != dir.Issuer {
		return fmt.Errorf("the issuer calls itself %s", quoted(m.Issuer))
	}
	for _, e := range m.endpoints() {
		if err := e.check(dir, loopback); err != nil {
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

func (e endpoint) check(dir access.Directory, loopback bool) error {
	if e.address == "" && e.optional {
		return nil
	}
	u, err := url.Parse(e.address)
	if err != nil || !secure(u, loopback) {
		return fmt.Errorf("%s is %s", e.name, quoted(e.address))
	}
	if !related(dir, u) {
		return errUnconfirmed{e.name, u.Hostname()}
	}
	return nil
}

// errUnconfirmed is the fault that an endpoint lies at a host that is not the
// issuer's and that nobody has confirmed.
type errUnconfirmed struct{ endpoint, host string }

// Error implements error.
func (e errUnconfirmed) Error() string {
	return fmt.Sprintf("%s lies at %s, which nobody has confirmed", e.endpoint, quoted(e.host))
}

func secure(u *url.URL, loopback bool) bool {
	if u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopback && access.IsLoopback(u.Hostname())
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
	a, errA := publicsuffix.EffectiveTLDPlusOne(issuer.Hostname()) // IP addresses and single labels have none
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

// quoted is something that a provider said, short enough for the log.
func quoted(s string) string { return fmt.Sprintf("%.100q", s) }

var errNoKey = errors.New("no key of the provider has signed the token")
