package outbound_test

import (
	"net/netip"
	"strings"
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
		"[100::1]", "168.63.129.16", "[::ffff:168.63.129.16]",
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
		"[fd00:ec2::254]:443": {false, false}, "[fd00:ec3::254]:443": {false, true}, "[fd20:ce::254]:443": {false, false},
		"[fd20:ce::253]:443": {false, true}, "100.100.100.200:443": {false, false}, "100.100.100.201:443": {false, true},
		"192.0.0.192:443": {false, false}, "168.63.129.16:443": {false, false}, "[::ffff:169.254.169.254]:443": {false,
			false},
		"[64:ff9b::a9fe:a9fe]:443": {false, false}, "[64:ff9b::7f00:1]:443": {false, false},
		"[64:ff9b::808:808]:443": {false, true}, "[2002:7f00:1::1]:443": {false, false}, "[::127.0.0.1]:443": {false, false},
	} {
		if err := outbound.Check(outbound.Network{Internal: some}, address); (err == nil) != want.some {
			t.Errorf("%s in two networks: %v", address, err)
		}
		if err := outbound.Check(outbound.Network{Internal: all}, address); (err == nil) != want.all {
			t.Errorf("%s in all networks: %v", address, err)
		}
	}
}

// What can be listed, and what is refused.
func TestAdd(t *testing.T) {
	for text, want := range map[string]string{
		"10.20.0.0/16": "10.20.0.0/16", "10.20.30.40/16": "10.20.0.0/16", "10.0.0.0/8": "10.0.0.0/8",
		"10.9.9.9": "10.9.9.9/32", "::ffff:10.9.9.9": "10.9.9.9/32", "::ffff:10.0.0.0/104": "10.0.0.0/8",
		"fd12::/64": "fd12::/64", "fc00::/7": "fc00::/7", "FD12::1": "fd12::1/128", "11.0.0.0/8": "11.0.0.0/8",
		"64:ff9b::/96": "64:ff9b::/96", "2001:db8::/16": "2001::/16",
		"keycloak": "keycloak", "KEYCLOAK.": "keycloak", "sso.Corp.example": "sso.corp.example", "my_sso": "my_sso",
		"bücher.example": "xn--bcher-kva.example", "sso.internal": "sso.internal",
		"10.20.0.0/33": "", "10.20.0.0/": "", "10.0.0": "", "10.0.0.0.0": "", "0x7f.1": "", "0x7f000001": "", "127.0.0x1": "",
		"2130706433": "", "10.9.9.9.": "",
		"keycloak:8443": "", "https://keycloak": "", "keycloak/": "", "*.corp.example": "", ".corp.example": "",
		"a..b": "", "-": "", "a-.example": "", "user@keycloak": "", "[fd12::1]": "", "fd12::1%eth0": "", ".": "", "": "",
		strings.Repeat("a", 64): "", strings.Repeat("a.", 127) + "example": "",
		"0.0.0.0/0": "wide", "0.0.0.0/1": "wide", "10.0.0.0/7": "wide", "::/0": "wide", "2000::/3": "wide",
		"fc00::/6":          "wide",
		"::ffff:0.0.0.0/96": "wide",
		"127.0.0.0/8":       "loopback", "127.0.0.1": "loopback", "::1": "loopback", "localhost": "loopback",
		"LOCALHOST.": "loopback", "x.localhost": "loopback", "::ffff:127.0.0.1": "loopback",
		"169.254.0.0/16": "never", "169.254.169.254": "never", "fe80::/16": "never", "fd00:ec2::254": "never",
		"100.100.100.200": "never", "168.63.129.16": "never", "224.0.0.1": "never", "ff02::/16": "never",
		"64:ff9b::a9fe:a9fe": "never", "fd00:ec2::/32": "never",
	} {
		var n outbound.Network
		err := n.Add(text)
		var got string
		for _, p := range n.Internal {
			got += p.String()
		}
		got += strings.Join(n.Hosts, "")
		for word, part := range map[string]string{"wide": "too wide", "loopback": "loopback address",
			"never": "never connects to", "": "is neither a network"} {
			if err != nil && strings.Contains(err.Error(), part) {
				got += word
			}
		}
		if got != want || (err == nil) != (n.Internal != nil || n.Hosts != nil) {
			t.Errorf("%q: %q, want %q (%v)", text, got, want, err)
		}
	}
}

// Hosts are listed in any spelling, and no others are.
func TestLists(t *testing.T) {
	var n outbound.Network
	for _, text := range []string{"10.20.0.0/16", "fd12::/64", "keycloak", "sso.corp.example", "fc00::/7"} {
		if err := n.Add(text); err != nil {
			t.Fatal(err)
		}
	}
	for host, want := range map[string]bool{
		"10.20.1.2": true, "::ffff:10.20.1.2": true, "fd12::9": true, "FD12:0::9": true, "keycloak": true, "KEYCLOAK": true,
		"keycloak.": true, "SSO.corp.example": true,
		"10.21.1.2": false, "8.8.8.8": false, "127.0.0.1": false, "169.254.169.254": false, "fd00:ec2::254": false,
		"fd12::9%eth0": false, "keycloak2": false, "x.keycloak": false, "corp.example": false, "x.sso.corp.example": false,
		"0x0a.20.1.2": false, "169084162": false, "10.20.1.2.": false, "localhost": false, "": false, "keycloak..": false,
	} {
		if n.Lists(host) != want {
			t.Errorf("%q is listed: %v", host, !want)
		}
	}
	if (outbound.Network{}).Lists("keycloak") {
		t.Error("without a list, a host is listed")
	}
}
