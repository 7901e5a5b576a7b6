package signin_test

import (
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/signin"
)

// TestCanonical walks what may stand in a link for a domain: what is mapped to
// one, what has none (1.8). Only what is == to the outcome is canonical.
func TestCanonical(t *testing.T) {
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

// TestDomainOfTyped walks what people type as a work address (I-5).
func TestDomainOfTyped(t *testing.T) {
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

// TestSafeTarget walks where a browser might be sent after signing in: to us, or
// nowhere (1.6).
func TestSafeTarget(t *testing.T) {
	id := "0197c9a0-0000-7000-8000-000000000001"
	safe := map[string]string{
		"/":                                      "/",
		"/@harbor.example/":                      "/@harbor.example/",
		"/@harbor.example":                       "/@harbor.example",
		"/@harbor.example/access-packages/" + id: "/@harbor.example/access-packages/" + id,
		"/@harbor.example/requests?q=a%20b+c&tab=%2F%2Fevil.test": "/@harbor.example/requests" +
			"?q=a+b+c&tab=%2F%2Fevil.test",
		"/@harbor.example/access-packages?domain_hint=lab.example&draft=A_b-9": "/@harbor.example/access-packages" +
			"?domain_hint=lab.example&draft=A_b-9",
		"/@harbor.example/requests?q=\"<b>":         "/@harbor.example/requests?q=%22%3Cb%3E",
		"/@harbor.example/requests?q=a\r\nX":        "/@harbor.example/requests?q=a%0D%0AX",
		"/@harbor.example/requests?q=\\\\evil.test": "/@harbor.example/requests?q=%5C%5Cevil.test",
		"/@harbor.example/requests?":                "/@harbor.example/requests",
	}
	for raw, want := range safe {
		if got, ok := signin.SafeTarget(raw); !ok || got != want {
			t.Errorf("%q: %q, %v, want %q", raw, got, ok, want)
		}
	}
	for _, raw := range []string{
		`/\evil.test`, "/\t/evil.test", "/%09/evil.test", "///evil.test", "//evil.test", `\\evil.test`, "/.//evil.test",
		"/..//evil.test", "https:evil.test",
		"https://evil.test", "http:///evil.test", "//evil.test/@harbor.example/", "/@harbor.example/../@evil.test/",
		"/@harbor.example/./x", "/%2e%2e/x", "/%2f/evil.test",
		"/%5cevil.test", "/x//evil.test", "/x/..", "/x/...", "/x\r\nLocation: //evil.test", "/x\x00", "/x#//evil.test",
		"/x?q=1#y", "/x?q=%zz", "/x?a;b", "/x y",
		"/ä", "", "x", "?x", "javascript:alert(1)", "/javascript:alert(1)", "/" + strings.Repeat("x", 2000), "/x;y=1",
		"/@harbor.example//", " /x", "/\u2028/evil.test",
	} {
		if got, ok := signin.SafeTarget(raw); ok || got != "" {
			t.Errorf("%q was taken: %q", raw, got)
		}
	}
}
