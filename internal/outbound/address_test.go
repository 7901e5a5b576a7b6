package outbound_test

import (
	"net/netip"
	"testing"

	"myaccess/internal/outbound"
)

// N-6: the addresses that may be connected to, by default and with loopback
// addresses allowed.
func TestCheck(t *testing.T) {
	tests := map[string]struct{ byDefault, loopback bool }{
		"8.8.8.8:443": {true, true}, "[::ffff:8.8.8.8]:443": {true, true}, "8.8.8.8:8443": {true, true},
		"[2606:4700::1111]:443": {true, true},
		"127.0.0.1:443":         {false, true}, "127.8.8.8:25": {false, true}, "[::1]:443": {false, true},
		"[::ffff:127.0.0.1]:443": {false, true},
	}
	for _, inside := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1",
		"192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
		"255.255.255.255",
		"[::]", "[::ffff:10.0.0.1]", "[::10.0.0.1]", "[64:ff9b::a00:1]", "[64:ff9b:1::1]", "[2002:a00:1::1]", "[2001::1]",
		"[2001:db8::1]", "[3fff::1]", "[fc00::1]", "[fd12::1]", "[fe80::1]", "[fe80::1%eth0]", "[fec0::1]", "[ff02::1]",
		"[100::1]",
	} {
		tests[inside+":443"] = struct{ byDefault, loopback bool }{}
	}
	for _, other := range []string{"8.8.8.8:22", "8.8.8.8:25", "8.8.8.8:80", "8.8.8.8:6379", "[2606:4700::1111]:22",
		"8.8.8.8", "example.org:443", ""} {
		tests[other] = struct{ byDefault, loopback bool }{}
	}
	for address, want := range tests {
		if err := outbound.Check(outbound.Network{}, address); (err == nil) != want.byDefault {
			t.Errorf("%s: %v", address, err)
		}
		if err := outbound.Check(outbound.Network{AllowLoopback: true}, address); (err == nil) != want.loopback {
			t.Errorf("%s with loopback addresses allowed: %v", address, err)
		}
	}
}

// The operator's networks are allowed and nothing beside them, and never loopback
// or link-local addresses, or ports of other services.
func TestInternalNetworks(t *testing.T) {
	some := []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16"), netip.MustParsePrefix("fd12::/64")}
	all := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	for address, want := range map[string]struct{ some, all bool }{
		"10.20.255.255:443": {true, true}, "10.20.0.1:8443": {true, true}, "[::ffff:10.20.0.1]:443": {true, true},
		"[fd12::9]:443": {true, true}, "[fd12::9%eth0]:443": {true, true}, "8.8.8.8:443": {true, true},
		"10.21.0.1:443": {false, true}, "192.168.1.1:443": {false, true}, "[fd12:0:0:1::9]:443": {false, true},
		"10.20.0.1:22": {false, false}, "10.20.0.1:80": {false, false}, "10.20.0.1:6379": {false, false},
		"127.0.0.1:443": {false, false}, "[::1]:443": {false, false}, "0.0.0.0:443": {false, false},
		"169.254.169.254:443": {false, false}, "[fe80::1%eth0]:443": {false, false}, "224.0.0.1:443": {false, false},
	} {
		if err := outbound.Check(outbound.Network{Internal: some}, address); (err == nil) != want.some {
			t.Errorf("%s in two networks: %v", address, err)
		}
		if err := outbound.Check(outbound.Network{Internal: all}, address); (err == nil) != want.all {
			t.Errorf("%s in all networks: %v", address, err)
		}
	}
}
