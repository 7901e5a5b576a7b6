package outbound

import (
	"fmt"
	"net/netip"
)

// AddressError is the error of a connection to an address that is neither public
// nor allowed by the Network.
type AddressError struct{ IP netip.Addr }

// Error implements error.
func (e AddressError) Error() string {
	return fmt.Sprintf("the address %s is inside the network", e.IP)
}

// check refuses an address (IP and port) that must not be connected to: an
// AddressError for the IP, another error for the port.
func (n Network) check(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := at.Addr().Unmap().WithZone("")
	if ip.IsLoopback() && n.AllowLoopback {
		return nil
	}
	if !isPublic(ip) && !n.isInternal(ip) {
		return AddressError{ip}
	}
	if p := at.Port(); p < 1024 && p != 443 || p == redisPort {
		return fmt.Errorf("port %d is not used for HTTPS", p)
	}
	return nil
}

// redisPort is refused because Redis executes commands that it finds in HTTP
// requests.
const redisPort = 6379

// isInternal reports whether the operator allows the address. Loopback and
// link-local addresses, such as a cloud's metadata service at 169.254.169.254, are
// not unicast in this sense and stay refused even if a network contains them.
func (n Network) isInternal(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() {
		return false
	}
	for _, network := range n.Internal {
		if network.Contains(ip) {
			return true
		}
	}
	return false
}

// isPublic reports whether an address belongs to the public Internet (the special
// purpose registries of RFC 6890). IPv6 addresses that embed an IPv4 address do
// not, because a gateway could turn them into a private one.
func isPublic(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Is6() && !netip.MustParsePrefix("2000::/3").Contains(ip) {
		return false
	}
	for _, special := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	} {
		if netip.MustParsePrefix(special).Contains(ip) {
			return false
		}
	}
	return true
}
