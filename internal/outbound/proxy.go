package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"myaccess/internal/access"
)

// CheckProxy refuses an address that is not that of an HTTP proxy: http or https, a host,
// perhaps a port, and nothing behind it. It may have a user and a password, which the error
// does not contain.
func CheckProxy(u *url.URL) error {
	_, err := canonicalHost(u.Hostname())
	port, portErr := strconv.ParseUint(portOf(u), 10, 16)
	if err != nil || portErr != nil || port == 0 || u.Scheme != "http" && u.Scheme != "https" ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return access.Invalidf("proxy", "Set the proxy's address to one such as http://proxy.example.org:3128.")
	}
	return nil
}

// ProxyError is the error of the operator's proxy. It contains neither its address nor its
// password.
type ProxyError struct {
	// Status is the HTTP status with which the proxy refuses to connect; 0 if the proxy
	// itself cannot be reached.
	Status int
	cause  error
}

// Error implements error.
func (e ProxyError) Error() string {
	if e.Status == 0 {
		return "the outbound proxy cannot be reached"
	}
	return fmt.Sprintf("the outbound proxy answers with status %d", e.Status)
}

// Unwrap returns the error behind it, for the log.
func (e ProxyError) Unwrap() error { return e.cause }

// proxyResponse is called with the response of a proxy to CONNECT.
func proxyResponse(_ context.Context, _ *url.URL, _ *http.Request, r *http.Response) error {
	if r.StatusCode != http.StatusOK {
		return ProxyError{Status: r.StatusCode}
	}
	return nil
}

// proxyFault returns err as ProxyError if it is about the connection to the proxy.
func proxyFault(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
		return ProxyError{cause: err}
	}
	return err
}

// dialContext connects to an address, a host and a port, with the check of each IP address
// that is dialled: that of the network, or for a listed host one that accepts private
// addresses too. The operator's proxy is not checked: throughProxy refuses requests to it.
func (n Network) dialContext(dial *net.Dialer) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		d := *dial
		switch name, err := canonicalHost(host); {
		case err == nil && n.Proxy != nil && net.JoinHostPort(name, port) == proxyAddress(n.Proxy):
			d.Control = nil
		case n.Lists(host):
			all := n
			all.Internal = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
			d.Control = func(_, address string, _ syscall.RawConn) error { return all.check(address) }
		}
		return d.DialContext(ctx, network, address)
	}
}

// proxyAddress is the canonical host and the port of a proxy.
func proxyAddress(u *url.URL) string {
	host, err := canonicalHost(u.Hostname())
	if err != nil {
		host = u.Hostname()
	}
	return net.JoinHostPort(host, portOf(u))
}

// portOf is the port of an address, or that of its scheme.
func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}

// maxLookup is how long a name is looked up before the proxy is asked: behind a proxy, DNS
// may not answer at all for public names.
const maxLookup = time.Second

// lookupFunc looks up the addresses of a name, as net.Resolver.LookupNetIP does.
type lookupFunc func(ctx context.Context, network, host string) ([]netip.Addr, error)

// throughProxy decides which requests go through the proxy: those to public addresses.
// Listed hosts and internal networks are connected to directly, with the check of the
// dialer.
//
// The proxy gets the name, so that its own rules about names work, and resolves it again:
// the check here refuses what is private for the portal and names of the inside that the
// portal cannot resolve. What is private for the proxy only, the proxy has to refuse
// itself, as the README says.
func (n Network) throughProxy(lookup lookupFunc) func(*http.Request) (*url.URL, error) {
	if n.Proxy == nil {
		return nil
	}
	return func(r *http.Request) (*url.URL, error) {
		host, err := canonicalHost(r.URL.Hostname())
		if err != nil {
			return nil, err
		}
		port, err := strconv.ParseUint(portOf(r.URL), 10, 16)
		if err != nil {
			return nil, errors.New("the port is not a number from 1 to 65535")
		}
		if net.JoinHostPort(host, portOf(r.URL)) == proxyAddress(n.Proxy) {
			return nil, errors.New("the address is that of the outbound proxy")
		}
		if n.Lists(host) {
			return nil, nil
		}
		ips, err := n.addresses(r.Context(), lookup, host)
		if err != nil {
			return nil, err
		}
		for _, ip := range ips {
			if ip.IsLoopback() && n.AllowLoopback || n.isInternal(ip) {
				return nil, nil
			}
			if !isPublic(ip) {
				return nil, AddressError{IP: ip}
			}
		}
		return n.Proxy, checkPort(uint16(port))
	}
}

// addresses returns the addresses of a host. Without an error there are none if the proxy
// alone may know a public name.
func (n Network) addresses(ctx context.Context, lookup lookupFunc, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, maxLookup)
	defer cancel()
	found, err := lookup(ctx, "ip", host)
	if err != nil && isPrivateName(host) {
		return nil, AddressError{Host: host}
	}
	var ips []netip.Addr
	for _, ip := range found {
		ips = append(ips, ip.Unmap().WithZone(""))
	}
	return ips, nil
}
