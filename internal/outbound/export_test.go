package outbound

import (
	"net"
	"net/http"
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

// UsesProxy reports whether the client may connect through a proxy.
func UsesProxy(c *http.Client) bool {
	return c.Transport.(sizeLimit).next.(*http.Transport).Proxy != nil
}

// IdleTimeout is how long the client keeps an unused connection.
func IdleTimeout(c *http.Client) time.Duration {
	return c.Transport.(sizeLimit).next.(*http.Transport).IdleConnTimeout
}
