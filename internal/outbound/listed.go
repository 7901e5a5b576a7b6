package outbound

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"myaccess/internal/access"
)

// isWide reports whether a network has more than private addresses: it is wider than
// 10.0.0.0/8, or, unless it is in fc00::/7, than one of 16 bits.
func isWide(network netip.Prefix) bool {
	if network.Addr().Is4() {
		return network.Bits() < 8
	}
	return network.Bits() < 16 && (!network.Addr().IsPrivate() || network.Bits() < 7)
}

// Add adds what the operator lists as a place that may be private: a network such as
// 10.20.0.0/16, an IP address, or the name of a host. It refuses networks with more than
// private addresses, such as 0.0.0.0/0, and addresses that are never connected to.
func (n *Network) Add(text string) error {
	network, err := parseNetwork(text)
	if err != nil {
		host, err := canonicalHost(text)
		if err != nil || !isHostName(host) {
			return access.Invalidf("network", "“%s” is neither a network such as 10.20.0.0/16, nor an IP address, nor the "+
				"name of a host such as sso.corp.example, which has no scheme, port or path.", text)
		}
		if host == "localhost" || strings.HasSuffix(host, ".localhost") {
			return errLoopback(text)
		}
		n.Hosts = append(n.Hosts, host)
		return nil
	}
	switch ip := network.Addr(); {
	case isWide(network):
		return access.Invalidf("network", "“%s” is too wide. List the networks that the providers are in, such as "+
			"10.20.0.0/16.",
			text)
	case ip.IsLoopback():
		return errLoopback(text)
	case network.IsSingleIP() && isForbidden(ip), isSpecial(ip) && isSpecial(lastOf(network)):
		return access.Invalidf("network", "“%s” can't be listed. The portal never connects to link-local addresses, "+
			"metadata services and addresses that are not unicast.", text)
	}
	n.Internal = append(n.Internal, network)
	return nil
}

func errLoopback(text string) error {
	return access.Invalidf("network", "“%s” is a loopback address. For trials, MYACCESS_ALLOW_LOOPBACK_ISSUERS permits "+
		"those.", text)
}

// parseNetwork reads a network or an address. IPv4 addresses in the IPv6 form, such as
// ::ffff:10.0.0.0/104, are converted, as the addresses are that are compared with it.
func parseNetwork(text string) (netip.Prefix, error) {
	network, err := netip.ParsePrefix(text)
	if err != nil {
		ip, err := netip.ParseAddr(text)
		if err != nil || ip.Zone() != "" {
			return network, errors.New("neither a network nor an address")
		}
		network = netip.PrefixFrom(ip, ip.BitLen())
	}
	if ip := network.Addr(); ip.Is4In6() && network.Bits() >= 96 {
		network = netip.PrefixFrom(ip.Unmap(), network.Bits()-96)
	}
	return network.Masked(), nil
}

// lastOf returns the last address of a network.
func lastOf(network netip.Prefix) netip.Addr {
	bytes := network.Addr().AsSlice()
	for i := network.Bits(); i < len(bytes)*8; i++ {
		bytes[i/8] |= 0x80 >> (i % 8)
	}
	ip, _ := netip.AddrFromSlice(bytes)
	return ip
}

// Lists reports whether the operator lists a host, a name or an IP address (IPv6 without
// brackets), as one that may be private.
func (n Network) Lists(host string) bool {
	host, err := canonicalHost(host)
	if err != nil {
		return false
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return n.isInternal(ip)
	}
	return slices.Contains(n.Hosts, host)
}

// canonicalHost returns a host in the form in which hosts are compared: an IP address, or a
// name in lower case, with A-labels and without a dot at the end. It refuses names that some
// resolvers read as an IPv4 address, such as 0x7f.1 and 2130706433.
func canonicalHost(host string) (string, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().String(), nil
	}
	name := strings.TrimSuffix(host, ".")
	if strings.ContainsFunc(name, func(r rune) bool { return r >= 0x80 }) {
		ascii, err := idna.Lookup.ToASCII(name)
		if err != nil {
			return "", errHost(host)
		}
		name = ascii
	}
	name = strings.ToLower(name)
	last := name[strings.LastIndexByte(name, '.')+1:]
	if last == "" || strings.Trim(last, "0123456789") == "" ||
		strings.HasPrefix(last, "0x") && strings.Trim(last[2:], "0123456789abcdef") == "" {
		return "", errHost(host)
	}
	return name, nil
}

func errHost(host string) error { return fmt.Errorf("%.100q is not a host", host) }

// isHostName reports whether a canonical host is a name that DNS can have.
func isHostName(host string) bool {
	if len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" ||
			strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
	}
	return true
}

// isPrivateName reports whether a canonical name is one of the inside: a single label, or
// below one of the top levels that DNS does not have (RFC 6761, RFC 6762 G, .internal).
func isPrivateName(name string) bool {
	top := name[strings.LastIndexByte(name, '.')+1:]
	return top == name || strings.HasSuffix(name, ".home.arpa") || slices.Contains([]string{"localhost", "local",
		"localdomain", "internal", "intranet", "private", "corp", "home", "lan"}, top)
}
