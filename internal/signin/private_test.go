package signin_test

import (
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/outbound"
	"myaccess/internal/signin"
	"myaccess/internal/signin/signintest"
)

// tunnel is a proxy that connects to one server, whatever it is asked for, and the addresses
// that it is asked for.
type tunnel struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newTunnel(t *testing.T, to string) *tunnel {
	t.Helper()
	p := &tunnel{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.Method+" "+r.Host)
		p.mu.Unlock()
		out, err := net.Dial("tcp", to)
		if err != nil {
			t.Error(err)
			return
		}
		in, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(in, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() {
			_, _ = io.Copy(out, in)
			out.Close()
		}()
		_, _ = io.Copy(in, out)
		in.Close()
	}))
	t.Cleanup(p.Close)
	return p
}

// behindProxy is a provider at https://example.com, a name of the test server's certificate,
// that can be reached through the proxy only.
func behindProxy(t *testing.T, c *clock) (*signintest.Provider, *tunnel, outbound.Network, string) {
	t.Helper()
	p := signintest.New(t, c.Now)
	inner := p.Issuer
	at, err := url.Parse(inner)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(at))
	front.Config.ErrorLog = log.New(io.Discard, "", 0)
	front.StartTLS()
	t.Cleanup(front.Close)
	proxy := newTunnel(t, front.Listener.Addr().String())
	p.Issuer = "https://example.com"
	roots := x509.NewCertPool()
	roots.AddCert(front.Certificate())
	through, err := url.Parse(strings.Replace(proxy.URL, "://", "://user:hidden-word@", 1))
	if err != nil {
		t.Fatal(err)
	}
	return p, proxy, outbound.Network{Proxy: through, Roots: roots}, inner
}

// C10: with an outbound proxy, every call of a connection test and of a sign-in goes through
// it: discovery, keys, token and userinfo.
func TestC10EveryCallUsesTheProxy(t *testing.T) {
	c := &clock{}
	c.seconds.Store(1_800_000_000)
	p, proxy, network, inner := behindProxy(t, c)
	p.Behave(signintest.Behaviour{Claims: func(id claims) { delete(id, "email") }}) // userinfo has it
	s, err := signin.New(signin.Config{Base: base, Network: network, Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	d := &fixture{s, p, p.Directory("harbor", "harbor.example"), c}
	if steps := d.Probe(t.Context(), d.dir); !signin.Works(steps) {
		t.Fatalf("the connection test fails: %s", failedSteps(steps))
	}
	started := d.begin(t)
	started.URL = strings.Replace(started.URL, p.Issuer, inner, 1) // the browser's way
	done, err := d.finish(t, started, p.Visit(t, started))
	expectSignIn(t, done, err, signedIn)
	for _, endpoint := range []string{signintest.Discovery, signintest.Keys, signintest.Token, signintest.UserInfo} {
		if len(p.Calls(endpoint)) == 0 {
			t.Errorf("%s is not called", endpoint)
		}
	}
	if len(proxy.asked) == 0 {
		t.Error("the proxy is not used")
	}
	for _, asked := range proxy.asked {
		if asked != "CONNECT example.com:443" {
			t.Errorf("the proxy is asked for %q", asked)
		}
	}
}

// The connection test names the setting of the operator that may be missing, and shows
// neither the proxy's address nor its password.
func TestProbeNamesTheSetting(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, signintest.Canary, http.StatusForbidden)
	}))
	defer refusing.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	for name, test := range map[string]struct{ proxy, issuer, want string }{
		"a proxy that refuses": {refusing.URL, "https://login.partner.example",
			"discovery fail: The outbound proxy answers " +
				"with the status 403 instead of connecting. The operator checks MYACCESS_OUTBOUND_PROXY and the rules of the " +
				"proxy."},
		"no proxy there": {closed.URL, "https://login.partner.example", "discovery fail: The outbound proxy cannot be " +
			"reached. The operator checks MYACCESS_OUTBOUND_PROXY."},
		"a name of the inside": {refusing.URL, "https://sso.internal",
			"address fail: The address is inside the network. The " +
				"portal connects to public addresses only, and to the hosts and networks that the operator lists in " +
				"MYACCESS_INTERNAL_NETWORKS."},
		"the proxy itself": {refusing.URL, strings.Replace(refusing.URL, "http:", "https:", 1),
			"discovery fail: The provider can't be reached."},
		"a port": {refusing.URL, "https://8.8.8.8:25", "address fail: The portal doesn't connect to port 25. Providers are " +
			"at port 443, or at one from 1024."},
		"a port without a proxy": {"", "https://8.8.8.8:25", "address fail: The portal doesn't connect to port 25. " +
			"Providers are at port 443, or at one from 1024."},
		"nobody there": {"", strings.Replace(closed.URL, "http:", "https:", 1),
			"discovery fail: The provider can't be reached. If a proxy is needed to reach it, the operator sets " +
				"MYACCESS_OUTBOUND_PROXY."},
		"no such host": {"", "https://nowhere.invalid", "discovery fail: No host has this name. If a proxy is " +
			"needed to reach it, the operator sets MYACCESS_OUTBOUND_PROXY."},
		"a certificate": {"", untrusted.URL,
			"discovery fail: The certificate of the provider is not valid for this address, " +
				"or not trusted. The operator adds other certificate authorities in MYACCESS_CA_CERTIFICATES."},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clock{}
			network := outbound.Network{AllowLoopback: true}
			if test.proxy != "" {
				u, err := url.Parse(strings.Replace(test.proxy, "://", "://user:hidden-word@", 1))
				if err != nil {
					t.Fatal(err)
				}
				network.Proxy = u
			}
			s, err := signin.New(signin.Config{Base: base, Network: network, Now: c.Now})
			if err != nil {
				t.Fatal(err)
			}
			got := failedSteps(s.Probe(t.Context(), access.Directory{Issuer: test.issuer}))
			if got != test.want || strings.Contains(got, "hidden-word") || strings.Contains(got, signintest.Canary) {
				t.Errorf("got %s", got)
			}
		})
	}
}

// What a failed sign-in says to administrators has nothing of the operator's network; the
// log has everything, except the proxy's password.
func TestFailuresHideTheNetwork(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	port := closed.URL[strings.LastIndexByte(closed.URL, ':'):]
	for name, test := range map[string]struct {
		network      outbound.Network
		issuer       string
		detail, logs string
	}{
		"inside": {outbound.Network{}, "https://localhost" + port, "the address is inside the network", "127.0.0.1"},
		"nobody there": {outbound.Network{AllowLoopback: true}, "https://localhost" + port,
			"dial: connect: connection refused", "127.0.0.1" + port},
		"no such host": {outbound.Network{}, "https://nowhere.invalid", "no such host", "lookup nowhere.invalid"},
		"no proxy": {outbound.Network{Proxy: &url.URL{Scheme: "http", Host: "127.0.0.1" + port,
			User: url.UserPassword("user", "hidden-word")}}, "https://login.partner.example",
			"the outbound proxy cannot be reached", "127.0.0.1" + port},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clock{}
			s, err := signin.New(signin.Config{Base: base, Network: test.network, Now: c.Now})
			if err != nil {
				t.Fatal(err)
			}
			dir := access.Directory{ID: "harbor", Name: "Harbor", Issuer: test.issuer, ClientID: "x",
				AuthStyle: access.AuthNone, Enabled: true}
			_, err = s.Begin(t.Context(), dir, signin.Start{})
			f, ok := signin.FailureOf(err)
			if !ok || !strings.Contains(f.Detail, test.detail) || strings.Contains(f.Detail, "127.0.0.1") ||
				strings.Contains(f.Detail, "::1") || strings.Contains(f.Detail, " on ") {
				t.Errorf("administrators read %q", f.Detail)
			}
			if !strings.Contains(strings.ReplaceAll(f.Network, "[::1]", "127.0.0.1"), test.logs) ||
				strings.Contains(f.Network+err.Error(), "hidden-word") {
				t.Errorf("the log has %q", f.Network)
			}
		})
	}
}

// An endpoint at another private host can be confirmed if the operator lists that host.
func TestProbeOfPrivateEndpoints(t *testing.T) {
	for listed, want := range map[string]string{
		"tokens": "endpoints fail: The provider's token_endpoint is at tokens. If this host belongs to the provider, " +
			"confirm it.",
		"others": "endpoints fail: The provider's token_endpoint isn't a usable address.",
	} {
		d := newFixture(t)
		d.provider.Behave(signintest.Behaviour{Metadata: setClaims(claims{"token_endpoint": "https://Tokens:8443/token"})})
		s, err := signin.New(signin.Config{Base: base, Now: d.clock.Now,
			Network: outbound.Network{AllowLoopback: true, Hosts: []string{listed}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := failedSteps(s.Probe(t.Context(), d.dir)); got != want {
			t.Errorf("%s is listed: %s", listed, got)
		}
		d.dir.ConfirmedHosts = []string{"tokens"}
		if got := failedSteps(s.Probe(t.Context(), d.dir)); got != "" {
			t.Errorf("the host is confirmed: %s", got)
		}
	}
}
