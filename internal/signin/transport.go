package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

const (
	callTimeout = 5 * time.Second
	callLimit   = 1 << 20 // bytes of an answer
)

// guarded is the client for everything that is asked of providers: it follows
// no redirects, waits five seconds at most, reads a mebibyte of JSON at most, and
// connects to no address inside the network (O-14, N-6). It knows no proxy, which
// would connect in its place.
func guarded(loopback bool) *http.Client {
	dial := &net.Dialer{Timeout: callTimeout, Control: func(_, address string, _ syscall.RawConn) error {
		return allowed(address, loopback)
	}}
	return &http.Client{
		Timeout: callTimeout,
		Transport: limited{&http.Transport{
			DialContext: dial.DialContext, TLSHandshakeTimeout: callTimeout, ForceAttemptHTTP2: true,
			MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// allowed refuses addresses that are not public, but for loopback ones where
// they are allowed, and ports that belong to other services. It is asked about
// the address that is connected to, after the name was looked up.
func allowed(address string, loopback bool) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := at.Addr().Unmap().WithZone("")
	if ip.IsLoopback() && loopback {
		return nil
	}
	if !public(ip) {
		return errInside{ip.String()}
	}
	if p := at.Port(); p < 1024 && p != 443 || p == redisPort {
		return fmt.Errorf("the port %d is not one of the web", p)
	}
	return nil
}

const redisPort = 6379 // takes commands from anything that speaks to it

// errInside is the fault that an address is inside the network.
type errInside struct{ ip string }

// Error implements error.
func (e errInside) Error() string { return fmt.Sprintf("the address %s is inside the network", e.ip) }

// public reports whether an address belongs to the public Internet (the special
// registries of RFC 6890). Addresses that carry an IPv4 one in them are not.
func public(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() ||
		ip.Is6() && !netip.MustParsePrefix("2000::/3").Contains(ip) {
		return false
	}
	for _, special := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24",
		"240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	} {
		if netip.MustParsePrefix(special).Contains(ip) {
			return false
		}
	}
	return true
}

// limited cuts the bodies of answers off, and takes no success that is not JSON.
type limited struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); resp.StatusCode/100 == 2 &&
		(err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json")) {
		resp.Body.Close()
		return nil, fmt.Errorf("%s answers with %s: %w", r.URL.Host, quoted(kind), errNotJSON)
	}
	resp.Body = http.MaxBytesReader(nil, resp.Body, callLimit)
	return resp, nil
}

// getJSON reads a JSON document.
func getJSON(ctx context.Context, c *http.Client, address, bearer string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errStatus{req.URL.Host, resp.StatusCode}
	}
	body, err := io.ReadAll(resp.Body)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return fmt.Errorf("%w: more than %d bytes", errNotJSON, callLimit)
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%w: %w", errNotJSON, err)
	}
	return nil
}

var errNotJSON = errors.New("not the JSON that was asked for")

// errStatus is the fault that a provider answers with another status than 200.
type errStatus struct {
	host string
	code int
}

// Error implements error.
func (e errStatus) Error() string { return fmt.Sprintf("%s answers %d", e.host, e.code) }
