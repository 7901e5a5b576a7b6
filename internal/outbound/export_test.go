package outbound

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// Check is the check of each address that is dialled.
func Check(n Network, address string) error { return n.check(address) }

// Dialer is the dialer of the client.
func Dialer(n Network) *net.Dialer { return n.dialer() }

// ClientOver is a client like NewClient's that connects through dial.
func ClientOver(n Network, limits Limits, dial *net.Dialer) *http.Client {
	return newClient(n, limits, dial)
}

// ThroughProxy is which proxy a request goes through, with a lookup of names.
func ThroughProxy(n Network, r *http.Request,
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)) (*url.URL, error) {
	return n.throughProxy(lookup)(r)
}

// UsesProxy reports whether the client may connect through a proxy.
func UsesProxy(c *http.Client) bool {
	return c.Transport.(sizeLimit).next.(*http.Transport).Proxy != nil
}

// IdleTimeout is how long the client keeps an unused connection.
func IdleTimeout(c *http.Client) time.Duration {
	return c.Transport.(sizeLimit).next.(*http.Transport).IdleConnTimeout
}
