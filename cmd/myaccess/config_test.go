package main

import (
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The table in README has exactly the settings that are read.
func TestREADMEHasTheSettings(t *testing.T) {
	names := func(file, pattern string) []string {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
			all = append(all, m[1])
		}
		return all
	}
	read := names("config.go", `s\.(?:get|boolean|networks)\("([A-Z_]+)"`)
	documented := names("../../README.md", "(?m)^\\| (`MYACCESS_.*`) \\|")
	var table []string
	for _, cell := range documented {
		for i, name := range strings.Split(strings.ReplaceAll(cell, "`", ""), ", ") {
			if i > 0 {
				name = "SMTP" + name // such as _FROM after MYACCESS_SMTP_ADDR
			}
			table = append(table, strings.TrimPrefix(name, "MYACCESS_"))
		}
	}
	slices.Sort(read)
	slices.Sort(table)
	if len(read) < 12 || !slices.Equal(read, table) {
		t.Errorf("read: %v\nREADME: %v", read, table)
	}
}

// The settings of outbound calls reach their configuration.
func TestNetworkSettings(t *testing.T) {
	vars := environment(t)
	vars["MYACCESS_INTERNAL_NETWORKS"] = "10.20.0.0/16, SSO.corp.example fd12::/64 keycloak 10.9.9.9"
	vars["MYACCESS_OUTBOUND_PROXY"] = "http://user:word@proxy.example.org:3128"
	ca := httptest.NewTLSServer(nil)
	defer ca.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	vars["MYACCESS_CA_CERTIFICATES_FILE"] = file
	for _, loopback := range []bool{true, false} {
		vars["MYACCESS_ALLOW_LOOPBACK_ISSUERS"] = strconv.FormatBool(loopback)
		c, err := readConfig(&env{ctx: t.Context(), getenv: func(n string) string { return vars[n] }})
		if err != nil {
			t.Fatal(err)
		}
		want := []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16"), netip.MustParsePrefix("fd12::/64"),
			netip.MustParsePrefix("10.9.9.9/32")}
		if !slices.Equal(c.network.Hosts, []string{"sso.corp.example", "keycloak"}) || c.network.Proxy == nil ||
			c.network.Proxy.Host != "proxy.example.org:3128" {
			t.Errorf("hosts %v, proxy %v", c.network.Hosts, c.network.Proxy)
		}
		if c.network.AllowLoopback != loopback || !slices.Equal(c.network.Internal, want) {
			t.Errorf("loopback %v: %+v", loopback, c.network)
		}
		if _, err := ca.Certificate().Verify(x509.VerifyOptions{Roots: c.network.Roots}); err != nil {
			t.Errorf("the certificate authority is not trusted: %v", err)
		}
	}
	vars["MYACCESS_INTERNAL_NETWORKS"], vars["MYACCESS_CA_CERTIFICATES_FILE"] = "", ""
	vars["MYACCESS_OUTBOUND_PROXY"] = ""
	if c, err := readConfig(&env{ctx: t.Context(), getenv: func(n string) string { return vars[n] }}); err != nil ||
		c.network.Internal != nil || c.network.Hosts != nil || c.network.Proxy != nil || c.network.Roots != nil {
		t.Errorf("without the settings: %+v, %v", c.network, err)
	}
}

// The portal may be below a path of its host; an address with anything behind the path
// is refused.
func TestBaseURLWithPath(t *testing.T) {
	vars := environment(t)
	for address, base := range map[string]string{
		"https://host.example/access":      "https://host.example/access",
		"https://host.example/it/access/":  "https://host.example/it/access",
		"https://host.example/access?a=b":  "",
		"https://host.example/access#top":  "",
		"https://host.example/access//it":  "",
		"https://host.example/acc%2Fess":   "",
		"https://host.example/access/../x": "",
	} {
		vars["MYACCESS_BASE_URL"] = address
		c, err := readConfig(&env{ctx: t.Context(), getenv: func(n string) string { return vars[n] }})
		if refused := err != nil && strings.Contains(err.Error(), "MYACCESS_BASE_URL"); refused != (base == "") {
			t.Errorf("%s: %v", address, err)
		}
		if base != "" && c.base != base {
			t.Errorf("%s becomes %s, want %s", address, c.base, base)
		}
	}
}
