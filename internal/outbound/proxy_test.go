package outbound_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"myaccess/internal/outbound"
)

// C10: a listed host may have private addresses, and no others that are refused: loopback,
// link-local, metadata services, the ports of other services. Hosts that are not listed stay
// public. The check is on the address that is dialled.
func TestC10ListedHosts(t *testing.T) {
	inside := [4]byte{10, 11, 12, 13}
	for _, test := range []struct {
		host, port string
		address    [4]byte
		allowed    bool
	}{
		{"sso.corp.example", "443", inside, true}, {"SSO.corp.example", "443", inside, true},
		{"sso.corp.example.", "443", inside, true}, {"sso.corp.example", "8443", inside, true},
		{"sso.corp.example", "443", [4]byte{8, 8, 8, 8}, true}, {"sso.corp.example", "443", [4]byte{127, 0, 0, 1}, false},
		{"sso.corp.example", "443", [4]byte{169, 254, 169, 254}, false},
		{"sso.corp.example", "443", [4]byte{100, 100, 100, 200}, false},
		{"sso.corp.example", "443", [4]byte{0, 0, 0, 0}, false}, {"sso.corp.example", "22", inside, false},
		{"sso.corp.example", "6379", inside, false}, {"other.corp.example", "443", inside, false},
		{"x.sso.corp.example", "443", inside, false}, {"corp.example", "443", inside, false},
		{"other.corp.example", "443", [4]byte{8, 8, 8, 8}, true}, {"bücher.example", "443", inside, true},
		{"xn--bcher-kva.example", "443", inside, true},
	} {
		var n outbound.Network
		for _, host := range []string{"SSO.corp.example.", "Bücher.example"} {
			if err := n.Add(host); err != nil {
				t.Fatal(err)
			}
		}
		addresses := make(chan [4]byte, 4)
		for range cap(addresses) {
			addresses <- test.address
		}
		dial := outbound.Dialer(n)
		dial.Resolver = resolver(t, addresses)
		dial.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} // connects to nothing outside
		_, _, err := get(t, outbound.ClientOver(n, limits(), dial), "https://"+test.host+":"+test.port)
		_, address := errors.AsType[outbound.AddressError](err)
		_, port := errors.AsType[outbound.PortError](err)
		if (address || port) == test.allowed || err == nil {
			t.Errorf("%+v: %v", test, err)
		}
	}
}

// A listed host whose name resolves to an address that is never connected to at the next
// request is refused then.
func TestRebindingOfAListedHost(t *testing.T) {
	s, requests := server(t, nil)
	port := s.URL[strings.LastIndexByte(s.URL, ':'):]
	n := trusting(t, s)
	if n.AllowLoopback = false; n.Add("sso.corp.example") != nil {
		t.Fatal("the host is not listed")
	}
	addresses := make(chan [4]byte, 2)
	addresses <- [4]byte{10, 11, 12, 13}
	addresses <- [4]byte{127, 0, 0, 1}
	dial := outbound.Dialer(n)
	dial.Resolver = resolver(t, addresses)
	dial.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
	client := outbound.ClientOver(n, limits(), dial)
	for _, refused := range []bool{false, true} {
		_, _, err := get(t, client, "https://sso.corp.example"+port)
		if _, ok := errors.AsType[outbound.AddressError](err); ok != refused || err == nil || *requests != 0 {
			t.Errorf("refused: %v, %d requests, %v", ok, *requests, err)
		}
	}
}

// Which requests go through the proxy, and which are refused before it is asked: it looks
// names up itself.
func TestWhatGoesThroughTheProxy(t *testing.T) {
	proxy := &url.URL{Scheme: "http", Host: "Proxy.example.org:3128", User: url.UserPassword("user", "word")}
	n := outbound.Network{Proxy: proxy, Hosts: []string{"sso.corp.example", "keycloak"},
		Internal: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}}
	names := map[string]string{"public.example": "8.8.8.8", "private.example": "10.9.9.9", "inside.example": "10.20.0.1",
		"meta.example": "169.254.169.254", "loop.example": "127.0.0.1", "sso.corp.example": "10.5.5.5",
		"wire.example":   "168.63.129.16",
		"mapped.example": "::ffff:10.9.9.9", "mapped-public.example": "::ffff:8.8.8.8"}
	lookup := func(ctx context.Context, _, host string) ([]netip.Addr, error) {
		if until, ok := ctx.Deadline(); !ok || time.Until(until) > 2*time.Second {
			t.Error("a lookup takes the time of the call")
		}
		if a, ok := names[host]; ok {
			return []netip.Addr{netip.MustParseAddr("1.1.1.1"), netip.MustParseAddr(a)}, nil
		}
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	for address, want := range map[string]string{
		"https://public.example": "proxy", "https://public.example:8443": "proxy", "https://public.example:22": "refused",
		"https://public.example:6379": "refused", "https://PUBLIC.example.": "proxy", "https://8.8.8.8": "proxy",
		"https://mapped-public.example": "proxy",
		"https://unknown.example":       "proxy", "https://unknown.example:25": "refused",
		"https://unknown.example:99999": "refused",
		"https://private.example":       "refused", "https://meta.example": "refused", "https://loop.example": "refused",
		"https://wire.example": "refused", "https://mapped.example": "refused", "https://PRIVATE.example.": "refused",
		"https://ｐrivate.example": "refused",
		"https://inside.example":  "direct", "https://sso.corp.example": "direct", "https://SSO.corp.example.": "direct",
		"https://keycloak": "direct", "https://10.20.3.4": "direct", "https://[::ffff:10.20.3.4]": "direct",
		"https://intranet": "refused", "https://intranet.": "refused", "https://metadata.google.internal": "refused",
		"https://printer.local": "refused", "https://x.localhost": "refused", "https://router.home.arpa": "refused",
		"https://10.9.9.9": "refused", "https://[::ffff:10.9.9.9]": "refused", "https://127.0.0.1": "refused",
		"https://[::1]": "refused", "https://[fe80::1%25eth0]": "refused", "https://0x7f.1": "refused",
		"https://2130706433": "refused", "https://0177.0.0.1": "refused", "https://10.9.9.9.": "refused",
		"https://10。9。9。9": "refused", "https://127.1": "refused", "https://127.0.0.0x1": "refused",
		"https://proxy.example.org:3128": "refused", "https://PROXY.example.org.:3128": "refused",
		"https://ｐroxy.example.org:3128": "refused", "https://proxy.example.org": "proxy",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		to, err := outbound.ThroughProxy(n, (&http.Request{URL: u}).WithContext(t.Context()), lookup)
		got := map[bool]string{true: "proxy", false: "direct"}[to == proxy]
		if err != nil {
			got = "refused"
		}
		if got != want || err != nil && strings.Contains(err.Error(), "word") {
			t.Errorf("%s: %s, want %s (%v)", address, got, want, err)
		}
	}
	n.AllowLoopback = true
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8081", nil)
	if to, err := outbound.ThroughProxy(n, r, lookup); to != nil || err != nil {
		t.Errorf("a loopback address that is allowed: %v, %v", to, err)
	}
}

// A call goes through the proxy by CONNECT, with its password, and the certificate is still
// that of the server. What the proxy listens at is not checked.
func TestCallsThroughTheProxy(t *testing.T) {
	s, requests := server(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) })
	var asked, password string
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, password = r.Method+" "+r.Host, r.Header.Get("Proxy-Authorization")
		to, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "https://"))
		if err != nil {
			t.Error(err)
			return
		}
		from, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(from, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() {
			_, _ = io.Copy(to, from)
			to.Close()
		}()
		_, _ = io.Copy(from, to)
		from.Close()
	}))
	defer p.Close()
	n := trusting(t, s)
	n.AllowLoopback = false
	at, err := url.Parse(strings.Replace(p.URL, "://", "://user:word@", 1))
	if err != nil {
		t.Fatal(err)
	}
	n.Proxy = at
	// example.com is a name of the test server's certificate
	status, body, err := get(t, outbound.NewClient(n, limits()), "https://example.com")
	if status != http.StatusOK || body != "hello" || err != nil || *requests != 1 || asked != "CONNECT example.com:443" ||
		password == "" {
		t.Errorf("%d %q %v, asked %q", status, body, err, asked)
	}
	if _, _, err := get(t, outbound.NewClient(n, limits()), "https://other.example"); err == nil {
		t.Error("another certificate is accepted")
	}
	asked = ""
	if _, _, err := get(t, outbound.NewClient(n, limits()), "https://127.0.0.1"); err == nil || asked != "" {
		t.Errorf("the proxy is asked for %q, %v", asked, err)
	}
}

// A proxy that refuses, or is not there, is named as such, without its password, its
// address, or what it writes.
func TestFaultsOfTheProxy(t *testing.T) {
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "the proxy's own page", http.StatusProxyAuthRequired)
	}))
	at := strings.Replace(p.URL, "://", "://user:hidden-word@", 1)
	for _, want := range []int{http.StatusProxyAuthRequired, 0} {
		u, err := url.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = get(t, outbound.NewClient(outbound.Network{Proxy: u}, limits()), "https://login.partner.example")
		fault, ok := errors.AsType[outbound.ProxyError](err)
		if !ok || fault.Status != want || strings.Contains(err.Error(), "hidden-word") ||
			strings.Contains(err.Error(), "own page") || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("want %d: %v", want, err)
		}
		p.Close() // the second time it is not there
	}
}

// Addresses of proxies.
func TestCheckProxy(t *testing.T) {
	for address, want := range map[string]bool{"http://proxy.example.org:3128": true, "https://a:b@proxy": true,
		"http://10.1.1.1:8080/": true, "http://[fd12::1]:8080": true, "HTTP://proxy:3128": true,
		"proxy:3128": false, "socks5://proxy": false, "http://": false, "http://:3128": false, "http:proxy": false,
		"http://proxy/path": false, "http://proxy?a=b": false, "http://proxy:0": false, "http://proxy:99999": false,
		"http://0x7f.1": false, "": false} {
		u, err := url.Parse(address)
		if err == nil {
			err = outbound.CheckProxy(u)
		}
		if (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}
