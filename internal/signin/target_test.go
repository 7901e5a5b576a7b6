package signin_test

import (
	"strings"
	"testing"

	"myaccess/internal/signin"
)

// S-8: a target after signing in is a path of the portal, in normal form, or is
// rejected.
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
		if got, ok := signin.SafeTarget("", raw); !ok || got != want {
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
		if got, ok := signin.SafeTarget("", raw); ok || got != "" {
			t.Errorf("%q is accepted as %q", raw, got)
		}
	}
}

// Under a sub-path, a target is at or below it. Each rejected target would be safe
// under another path.
func TestSafeTargetUnderBasePath(t *testing.T) {
	for raw, want := range map[string]string{
		"/access": "/access", "/access/": "/access/", "/access?tab=active": "/access?tab=active",
		"/access/@harbor.example/requests?q=a%20b": "/access/@harbor.example/requests?q=a+b",
		"/access/access": "/access/access",
		"/":              "", "": "", "/@harbor.example/": "", "/accessories": "", "/access.example": "", "/Access/": "",
		"access/":    "",
		"/x/access/": "", "//access/": "", "/access//x": "", "/access/../x": "", "/access/..": "", "/access#/x": "",
		"/access/%2e%2e/x": "", "https://evil.test/access/": "", "//evil.test/access/": "", `/access/\x`: "",
	} {
		if got, ok := signin.SafeTarget("/access", raw); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v, want %q", raw, got, ok, want)
		}
	}
}
