package signin

import (
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"

	"myaccess/internal/access"
)

// Timeout is how long is waited for a provider.
func (s *SignIn) Timeout() time.Duration { return s.client.Timeout }

// SetTimeout makes tests of providers that do not answer short.
func (s *SignIn) SetTimeout(d time.Duration) { s.client.Timeout = d }

// Proxied reports whether a proxy may connect in our place.
func (s *SignIn) Proxied() bool {
	l, ok := s.client.Transport.(limited)
	if !ok {
		return true
	}
	t, ok := l.next.(*http.Transport)
	return !ok || t.Proxy != nil
}

// Allowed is what the dialer asks about an address.
func Allowed(address string, loopback bool) error { return allowed(address, loopback) }

// CheckEndpoint is what is asked of each endpoint that a provider names.
func CheckEndpoint(dir access.Directory, address string, loopback bool) error {
	return endpoint{name: "token_endpoint", address: address}.check(dir, loopback)
}

// ProbeHint is the step about the way in which a provider is told the domain.
func ProbeHint(dir access.Directory) Step { return probeHint(dir) }

// Fit is what is asked of each key that a provider publishes.
func Fit(key jose.JSONWebKey) bool { return fit(key) }

// Answers puts a stand-in in place of the network.
func (s *SignIn) Answers(f http.RoundTripper) { s.client.Transport = f }
