package web

import (
	"bytes"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// TestRatePerNetwork: the limit of requests counts an IPv6 client by its /64 and
// an IPv4 client by its address, however that is written, with and without a
// proxy in front.
func TestRatePerNetwork(t *testing.T) {
	_, proxies, err := net.ParseCIDR("10.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		first, second string
		together      bool
	}{
		{"2001:db8:1:2::1", "2001:db8:1:2::2", true},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"2001:db8:1:2::1", "2001:db9:1:2::1", false},
		{"192.0.2.7", "::ffff:192.0.2.7", true},
		{"::ffff:192.0.2.7", "::ffff:c000:207", true},
		{"::ffff:192.0.2.7", "::ffff:192.0.2.8", false},
		{"192.0.2.7", "192.0.2.8", false},
		{"192.0.2.7", "192.0.2.7", true},
	} {
		for _, proxied := range []bool{false, true} {
			p := newPortal(t)
			p.config.Rate = 0.2 // two requests at once
			if proxied {
				p.config.Proxies = []*net.IPNet{proxies}
			}
			p.serve()
			refused := func(client string) bool {
				r := httptest.NewRequest(http.MethodGet, address+"/", nil)
				r.RemoteAddr = net.JoinHostPort(client, "4711")
				if proxied {
					r.RemoteAddr = "10.1.2.3:4711"
					r.Header.Set("X-Forwarded-For", client)
				}
				return p.nobody().send(r).status == http.StatusTooManyRequests
			}
			answers := []bool{refused(tt.first), refused(tt.first), refused(tt.first)}
			if !slices.Equal(answers, []bool{false, false, true}) {
				t.Errorf("%s, proxied %v: the limit is not two requests", tt.first, proxied)
			}
			if got := refused(tt.second); got != tt.together {
				t.Errorf("%s after %s, proxied %v: refused %v, want %v", tt.second, tt.first, proxied, got, tt.together)
			}
		}
	}
}

// logErrors makes the portal log errors, and returns a function that returns them.
func (p *fixture) logErrors() func() string {
	var text bytes.Buffer
	p.config.Log = slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return text.String
}

// "Too many requests" is no fault of ours: it has its own sentence, says when to try again,
// and is no error in the log, whichever limit was reached.
func TestTooManyRequests(t *testing.T) {
	p := newPortal(t)
	log := p.logErrors()
	p.config.Rate = 1
	p.serve()
	for _, at := range []string{"/", home + "/sign-in?domain_hint=harbor.example"} {
		b := p.nobody()
		for i := 0; b.status != http.StatusTooManyRequests; i++ {
			if i == 20 {
				t.Fatalf("%s has no limit", at)
			}
			b.sendOnce(http.MethodGet, at, nil)
		}
		b.sees(429, "Too many requests", "Wait a moment and try again.", "!our fault", "!Reference")
		if b.header.Get("Retry-After") == "" {
			t.Errorf("%s does not say when to try again", at)
		}
		p.serve()
	}
	if got := log(); got != "" {
		t.Errorf("errors in the log: %s", got)
	}
}
