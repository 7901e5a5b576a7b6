package signin_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/signin"
)

// roundTripFunc replaces the network.
type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The tenant of a domain is found. A response with another issuer than one of Entra ID
// is rejected.
func TestFindEntraTenant(t *testing.T) {
	const tenant = "7b0c9a52-1f7e-4d0c-9c3a-0a4be3a3b001"
	s, err := signin.New(signin.Config{Base: "https://access.meridian.example", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		status int
		body   string
		err    error
		issuer string
		want   access.ErrorKind
	}{
		"known": {200, `{"issuer": "https://login.microsoftonline.com/` + tenant + `/v2.0"}`, nil,
			"https://login.microsoftonline.com/" + tenant + "/v2.0", 0},
		"unknown":        {400, `{"error": "invalid_tenant"}`, nil, "", access.NotFound},
		"everybody":      {200, `{"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}`, nil, "", access.NotFound},
		"somebody else":  {200, `{"issuer": "https://login.evil.example/` + tenant + `/v2.0"}`, nil, "", access.NotFound},
		"does not work":  {500, `{}`, nil, "", access.Unavailable},
		"does not reach": {0, "", errors.New("no route"), "", access.Unavailable},
	} {
		s.SetTransport(roundTripFunc(func(r *http.Request) (*http.Response, error) {
			if r.URL.String() != "https://login.microsoftonline.com/quay.example/v2.0/.well-known/openid-configuration" {
				t.Errorf("%s was asked", r.URL)
			}
			return &http.Response{StatusCode: test.status, Body: io.NopCloser(strings.NewReader(test.body)),
				Header: http.Header{"Content-Type": {"application/json"}}, Request: r}, test.err
		}))
		issuer, found, err := s.FindEntraTenant(t.Context(), "quay.example")
		if issuer != test.issuer || (found == tenant) != (test.issuer != "") ||
			err != nil && access.KindOf(err) != test.want || (err == nil) != (test.issuer != "") {
			t.Errorf("%s: %q, %q, %v", name, issuer, found, err)
		}
	}
}
