package signin_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/outbound"
	"myaccess/internal/signin"
	"myaccess/internal/signin/signintest"
)

// failsWith replaces the network by one in which each call fails.
func failsWith(s *signin.SignIn, err error) {
	s.SetTransport(roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, err }))
}

// What administrators read of each kind of failed connection has no address of the
// operator's network, and no name server. The log has the whole error.
func TestEveryFailureHidesTheNetwork(t *testing.T) {
	connection := &net.OpError{Op: "read", Net: "tcp", Source: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 5), Port: 40404},
		Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 6), Port: 443}, Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	lookup := func(notFound bool) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "server misbehaving", Server: "10.0.0.53:53",
			Name: "login.harbor.example", IsNotFound: notFound}}
	}
	for name, test := range map[string]struct {
		err          error
		detail, logs string // the log has nothing beside the detail if logs is empty
	}{
		"an address, before it is dialled": {outbound.AddressError{IP: netip.MustParseAddr("10.0.0.6")},
			"the address is inside the network", "10.0.0.6"},
		"an address that is dialled": {&net.OpError{Op: "dial", Net: "tcp", Addr: connection.Addr,
			Err: outbound.AddressError{IP: netip.MustParseAddr("10.0.0.6")}}, "the address is inside the network",
			"10.0.0.6"},
		"a name that is not there":  {lookup(true), "dial tcp: no such host", "10.0.0.53"},
		"a name server that fails":  {lookup(false), "dial tcp: the name of the host cannot be looked up", "10.0.0.53"},
		"a connection":              {connection, "read: read: connection reset by peer", "10.0.0.5:40404"},
		"a proxy that is not there": {outbound.ProxyError{}, "the outbound proxy cannot be reached", ""},
		"a proxy that refuses":      {outbound.ProxyError{Status: 407}, "the outbound proxy answers with status 407", ""},
		"the end of the response":   {io.ErrUnexpectedEOF, "unexpected EOF", ""},
	} {
		d := newFixture(t)
		failsWith(d.SignIn, test.err)
		_, err := d.Begin(t.Context(), d.dir, signin.Start{})
		f, ok := signin.FailureOf(err)
		if !ok || !strings.HasSuffix(f.Detail, ": "+test.detail) || strings.Contains(f.Detail, "10.0.0.") {
			t.Errorf("%s: administrators read %q", name, f.Detail)
		}
		if (f.Network == "") != (test.logs == "") || !strings.Contains(f.Network, test.logs) {
			t.Errorf("%s: the log has %q", name, f.Network)
		}
	}
}

// The keys are fetched before a token is checked, and again if none of them signed it. Both
// failures hide the network.
func TestFailureOfTheKeysHidesTheNetwork(t *testing.T) {
	for failing := 1; failing <= 2; failing++ {
		d := newFixture(t)
		other := signintest.NewKey(t, "other")
		d.provider.Behave(signintest.Behaviour{KeySet: func() []any { return []any{other.Public()} }})
		fetched := 0
		d.SetTransport(roundTripFunc(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path != "/keys" {
				return http.DefaultTransport.RoundTrip(r)
			}
			if fetched++; fetched < failing {
				return http.DefaultTransport.RoundTrip(r)
			}
			return nil, &net.OpError{Op: "read", Net: "tcp", Source: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 5), Port: 40404},
				Err: syscall.ECONNRESET}
		}))
		_, err := d.signIn(t)
		f, ok := signin.FailureOf(err)
		if !ok || fetched != failing || !strings.Contains(f.Detail, "read: connection reset by peer") ||
			strings.Contains(f.Detail, "10.0.0.") {
			t.Errorf("fetch %d of %d: administrators read %q, %v", fetched, failing, f.Detail, err)
		}
	}
}

// What a connection repeats of a secret is in no part of the failure, not for the log either.
func TestFailureOfAConnectionHidesSecrets(t *testing.T) {
	d := newFixture(t)
	started := d.begin(t)
	back := d.provider.Visit(t, started)
	var sent url.Values
	d.SetTransport(roundTripFunc(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			sent, err = url.ParseQuery(string(body))
		}
		return nil, errors.Join(err, &net.OpError{Op: "write", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 6)},
			Err: errors.New("after " + string(body))})
	}))
	_, err := d.finish(t, started, back)
	f, ok := signin.FailureOf(err)
	if !ok || len(sent.Get("code")) < 8 || !strings.Contains(f.Network, "10.0.0.6") {
		t.Fatalf("%+v, %v: nothing was repeated", f, err)
	}
	for _, name := range []string{"code", "code_verifier"} {
		if secret := sent.Get(name); secret == "" || strings.Contains(f.Network+f.Detail, secret) {
			t.Errorf("%s is in %q or %q", name, f.Network, f.Detail)
		}
	}
}

// The connection test names the setting of a proxy only if there is none.
func TestProbeNamesTheProxyIfThereIsNone(t *testing.T) {
	const proxy = " If a proxy is needed to reach it, the operator sets MYACCESS_OUTBOUND_PROXY."
	for want, err := range map[string]error{
		"discovery fail: No host has this name.":                        &net.DNSError{IsNotFound: true},
		"discovery fail: The provider doesn't answer within 5 seconds.": context.DeadlineExceeded,
		"discovery fail: The provider can't be reached.":                io.ErrUnexpectedEOF,
	} {
		for _, through := range []*url.URL{nil, {Scheme: "http", Host: "proxy.example.org:3128"}} {
			s, newErr := signin.New(signin.Config{Base: base, Network: outbound.Network{Proxy: through},
				Now: (&clock{}).Now})
			if newErr != nil {
				t.Fatal(newErr)
			}
			failsWith(s, err)
			expected := want
			if through == nil {
				expected += proxy
			}
			if got := failedSteps(s.Probe(t.Context(), access.Directory{Issuer: "https://login.harbor.example"})); got !=
				expected {
				t.Errorf("proxy %v: %s, want %s", through, got, expected)
			}
		}
	}
}

// Keys at an address that the portal does not connect to are refused with the operator's
// setting, as discovery is.
func TestProbeOfPrivateKeys(t *testing.T) {
	for address, want := range map[string]string{
		"https://10.1.1.1:8443/keys": "keys fail: The address is inside the network. The portal connects to public " +
			"addresses only, and to the hosts and networks that the operator lists in MYACCESS_INTERNAL_NETWORKS.",
		"https://8.8.8.8:25/keys": "keys fail: The portal doesn't connect to port 25. Providers are at port 443, or at one " +
			"from 1024.",
	} {
		d := newFixture(t)
		d.dir.ConfirmedHosts = []string{"10.1.1.1", "8.8.8.8"}
		d.provider.Behave(signintest.Behaviour{Metadata: setClaims(claims{"jwks_uri": address})})
		if got := failedSteps(d.Probe(t.Context(), d.dir)); got != want {
			t.Errorf("%s: %s", address, got)
		}
	}
}
