package outbound

import (
	"fmt"
	"net/netip"
)

// AddressError is the error of a connection to an address that is neither public
// nor allowed by the Network.
type AddressError struct {
	IP   netip.Addr
	Host string // in place of IP, if the name alone is refused
}

// Error implements error.
func (e AddressError) Error() string {
	if e.Host != "" {
		return fmt.Sprintf("%q is not a public name", e.Host)
	}
	return fmt.Sprintf("the address %s is inside the network", e.IP)
}

// PortError is the error of a connection to a port that is not used for HTTPS.
type PortError uint16

// Error implements error.
func (e PortError) Error() string { return fmt.Sprintf("port %d is not used for HTTPS", uint16(e)) }

// check refuses an address (IP and port) that must not be connected to: an
// AddressError for the IP, a PortError for the port.
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
		return AddressError{IP: ip}
	}
	return checkPort(at.Port())
}

// checkPort refuses the ports of other services than HTTPS.
func checkPort(port uint16) error {
	if port < 1024 && port != 443 || port == redisPort {
		return PortError(port)
	}
	return nil
}

// redisPort is refused because Redis executes commands that it finds in HTTP
// requests.
const redisPort = 6379

// isInternal reports whether the operator lists the address.
func (n Network) isInternal(ip netip.Addr) bool {
	if isForbidden(ip) {
		return false
	}
	for _, network := range n.Internal {
		if network.Contains(ip) {
			return true
		}
	}
	return false
}

// isForbidden reports whether an address is refused even if the operator lists it, because
// it is special or an IPv6 address that leads to a special IPv4 address.
func isForbidden(ip netip.Addr) bool {
	v4, ok := embedded(ip)
	return isSpecial(ip) || ok && isSpecial(v4)
}

// isSpecial reports whether an address is not unicast, loopback, link-local (among them the
// metadata services of clouds at 169.254.169.254), or another metadata service.
func isSpecial(ip netip.Addr) bool { return !ip.IsGlobalUnicast() || isMetadata(ip) }

// isMetadata reports whether the address is that of a cloud's metadata service, whose
// answers are credentials, and is not link-local: Amazon's and Google's at IPv6, those of
// Alibaba and Oracle, and Azure's host.
func isMetadata(ip netip.Addr) bool {
	for _, service := range []string{"fd00:ec2::/32", "fd20:ce::254/128", "100.100.100.200/32", "192.0.0.192/32",
		"168.63.129.16/32"} {
		if netip.MustParsePrefix(service).Contains(ip) {
			return true
		}
	}
	return false
}

// embedded returns the IPv4 address in an IPv6 address of a translator (RFC 6052), of 6to4,
// or in the form ::192.0.2.1.
func embedded(ip netip.Addr) (v4 netip.Addr, ok bool) {
	bytes := ip.As16()
	for prefix, at := range map[string]int{"64:ff9b::/96": 12, "2002::/16": 2, "::/96": 12} {
		if ip.Is6() && netip.MustParsePrefix(prefix).Contains(ip) {
			return netip.AddrFrom4([4]byte(bytes[at : at+4])), true
		}
	}
	return v4, false
}

// isPublic reports whether an address belongs to the public Internet (the special
// purpose registries of RFC 6890). IPv6 addresses that embed an IPv4 address do
// not, because a gateway could turn them into a private one.
func isPublic(ip netip.Addr) bool {
	if isForbidden(ip) || ip.IsPrivate() || ip.Is6() && !netip.MustParsePrefix("2000::/3").Contains(ip) {
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
