package signin

import (
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"

	"myaccess/internal/access"
)

// Timeout is the timeout of a call to a provider.
func (s *SignIn) Timeout() time.Duration { return s.client.Timeout }

// SetTimeout shortens tests of providers that do not respond.
func (s *SignIn) SetTimeout(d time.Duration) { s.client.Timeout = d }

// CheckEndpoint is the check of each endpoint in a provider's metadata.
func CheckEndpoint(dir access.Directory, address string, allowHTTP bool) error {
	return endpoint{name: "token_endpoint", address: address}.check(dir, allowHTTP)
}

// ProbeHint is the last step of a connection test.
func ProbeHint(dir access.Directory) Step { return probeHint(dir) }

// IsUsable is the check of each key in a provider's key set.
func IsUsable(key jose.JSONWebKey) bool { return isUsable(key) }

// SetTransport replaces the network.
func (s *SignIn) SetTransport(t http.RoundTripper) { s.client.Transport = t }
