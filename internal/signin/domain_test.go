package signin_test

import (
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/signin"
)

// N-17: texts in the place of a link's domain, and their canonical domain or
// none.
func TestCanonicalDomain(t *testing.T) {
	tests := map[string]access.Domain{
		"contoso.com":                   "contoso.com",
		"CONTOSO.com":                   "contoso.com",
		"contoso.com.":                  "contoso.com",
		"ｃｏｎｔｏｓｏ.com":                   "contoso.com",
		"contoso．com":                   "contoso.com",
		"contoso。com":                   "contoso.com",
		"conto\u00adso.com":             "contoso.com",
		"conto\u017fo.com":              "contoso.com", // long s
		"\u212aelvin.com":               "kelvin.com",  // Kelvin sign
		"c\u043entoso.com":              "xn--cntoso-wqf.com",
		"xn--cntoso-wqf.com":            "xn--cntoso-wqf.com",
		"XN--CNTOSO-WQF.com":            "xn--cntoso-wqf.com",
		"bücher.example":                "xn--bcher-kva.example",
		"xn--bcher-kva.example":         "xn--bcher-kva.example",
		"a.b-c.d.example":               "a.b-c.d.example",
		"xn--contoso-.com":              "",
		"xn--a.com":                     "",
		"xn--.com":                      "",
		"contoso.com..":                 "",
		".contoso.com":                  "",
		"contoso..com":                  "",
		".":                             "",
		"":                              "",
		"contoso":                       "",
		"localhost":                     "",
		"-contoso.com":                  "",
		"contoso-.com":                  "",
		"con_toso.com":                  "",
		"contoso.com/":                  "",
		"contoso.com/..":                "",
		"contoso.com%2f":                "",
		"contoso%2ecom":                 "",
		"contoso.com\x00":               "",
		"contoso.com\r\n":               "",
		" contoso.com":                  "",
		"contoso.com:443":               "",
		"contoso.com@evil.test":         "",
		"contoso.com;x=1":               "",
		"contoso.com?x":                 "",
		"contoso.com#x":                 "",
		"127.0.0.1":                     "",
		"１２７.0.0.1":                     "",
		"[::1]":                         "",
		"::1":                           "",
		"2130706433":                    "",
		"*.contoso.com":                 "",
		"con\u2025toso.com":             "",
		"\xff.com":                      "",
		strings.Repeat("a", 64) + ".de": "",
		strings.Repeat("a.", 127) + "d": "",
		"conto" + strings.Repeat("\u00ad", 600) + "so.com": "",
		strings.Repeat("a.", 600) + "de":                   "",
	}
	for given, want := range tests {
		got, ok := signin.CanonicalDomain(given)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v, want %q", given, got, ok, want)
		}
		if again, _ := signin.CanonicalDomain(string(got)); ok && again != got {
			t.Errorf("%q became %q and then %q", given, got, again)
		}
	}
}

// I-5: texts that people type as a work address, and the domain or none.
func TestDomainFromInput(t *testing.T) {
	tests := map[string]access.Domain{
		"mara@harbor.example":               "harbor.example",
		" Mara@Harbor.Example\t":            "harbor.example",
		"harbor.example":                    "harbor.example",
		"@harbor.example":                   "harbor.example",
		`"bob@evil.test"@harbor.example`:    "harbor.example",
		"bob@evil.test@harbor.example":      "harbor.example",
		"mara@bücher.example":               "xn--bcher-kva.example",
		"mara@harbor.example.":              "harbor.example",
		"mara@":                             "",
		"mara":                              "",
		"":                                  "",
		"@":                                 "",
		"Mara <mara@harbor.example>":        "",
		"mara@harbor.example, x@y":          "",
		"mara@harbor.example\r\nX: y":       "",
		"mara@[127.0.0.1]":                  "",
		"mara@127.0.0.1":                    "",
		"https://harbor.example/":           "",
		"mara@harbor .example":              "",
		"mara@" + strings.Repeat("x", 5000): "",
	}
	for typed, want := range tests {
		got, err := signin.DomainFromInput(typed)
		if got != want || (err == nil) != (want != "") || err != nil && access.KindOf(err) != access.Invalid {
			t.Errorf("%q: %q, %v, want %q", typed, got, err, want)
		}
	}
}
