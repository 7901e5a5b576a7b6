// Package outbound has the HTTP client for calls to addresses that users of the
// portal enter, such as those of identity providers.
//
// Whoever enters an address could otherwise make the portal reach systems inside
// the operator's network for them (server-side request forgery, rule N-6). So the
// client connects to public addresses only, and to the networks and hosts that the
// operator lists. It checks the IP address that is dialled, after the name was
// resolved: a name that resolves to another address later is checked again. It
// follows no redirects (O-14), ignores the proxies of the environment, and limits
// the time of a call and the size of its response.
//
// The operator's proxy, if there is one, connects to public addresses in place of the
// portal, and resolves their names itself (throughProxy).
package outbound

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"myaccess/internal/access"
)

// Network is what the operator says about the network. The zero value allows
// public addresses and trusts the system's certificate authorities.
type Network struct {
	// AllowLoopback allows loopback addresses, on every port.
	AllowLoopback bool
	// Internal are the private networks that may be connected to (Add).
	Internal []netip.Prefix
	// Hosts are the names, in canonical form, that may have private addresses (Add).
	Hosts []string
	// Proxy connects to public addresses in place of the portal (CheckProxy); nil for none.
	Proxy *url.URL
	// Roots are the trusted certificate authorities; nil for the system's.
	Roots *x509.CertPool
}

// Limits are the limits of one call.
type Limits struct {
	Timeout time.Duration // from dialling to the last byte of the response
	// MaxBody is the maximum size of a response body in bytes, after
	// decompression. Reading more gives an *http.MaxBytesError.
	MaxBody int64
}

// maxIdle is how long a connection is kept for the next call. It is shorter than
// servers wait (often 5 seconds): a call on a connection that the server is
// closing fails, and one that is no GET, such as redeeming a code, is not
// repeated.
const maxIdle = 2 * time.Second

// maxHeader is the maximum size of the headers of a response in bytes.
const maxHeader = 64 << 10

// NewClient returns a client that connects to what n allows. A redirect is
// returned as the response. It is safe for concurrent use.
func NewClient(n Network, limits Limits) *http.Client {
	return newClient(n, limits, n.dialer())
}

// dialer returns a dialer that checks each address it connects to.
func (n Network) dialer() *net.Dialer {
	return &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error { return n.check(address) }}
}

func newClient(n Network, limits Limits, dial *net.Dialer) *http.Client {
	return &http.Client{
		Timeout: limits.Timeout,
		Transport: sizeLimit{limits.MaxBody, &http.Transport{
			Proxy:                  n.throughProxy(net.DefaultResolver.LookupNetIP),
			DialContext:            n.dialContext(dial),
			TLSClientConfig:        &tls.Config{RootCAs: n.Roots, MinVersion: tls.VersionTLS12},
			OnProxyConnectResponse: proxyResponse,
			ForceAttemptHTTP2:      true,
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        maxIdle,
			MaxResponseHeaderBytes: maxHeader,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// sizeLimit limits the size of response bodies.
type sizeLimit struct {
	max  int64
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (l sizeLimit) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err != nil {
		return nil, proxyFault(err)
	}
	resp.Body = http.MaxBytesReader(nil, resp.Body, l.max)
	return resp, nil
}

// RootsWith returns the system's certificate authorities and those in pem, which
// holds one or more certificates. An error if it holds none.
func RootsWith(pem []byte) (*x509.CertPool, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, err
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, access.Invalidf("certificates", "There's no certificate in PEM format.")
	}
	return roots, nil
}
