package kit

import (
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"myaccess/internal/deeptest"
	"myaccess/internal/signin"
)

const (
	testID   = "01a22887-527b-77e0-999c-d443c5593884"
	testPage = "/@home.example/access-packages/" + testID
	testHint = "?domain_hint=f01.example"
)

// alteredLinks are links that were altered on the way, and what they were.
func alteredLinks() map[string]string {
	const rest, hinted = "/access-packages/" + testID, testPage + testHint
	return map[string]string{
		// Another separator after the domain.
		"/@home.example%23" + rest + testHint:        hinted,
		"/@home.example%2523" + rest + testHint:      hinted,
		"/@home.example/%23" + rest + testHint:       hinted,
		"/@home.example%23access-packages":           "/@home.example/access-packages",
		"/@home.example%252523" + rest:               testPage,
		"/%40home.example" + rest + testHint:         hinted,
		"/%2540home.example" + rest:                  testPage,
		"/%25252540home.example" + rest:              "", // four times
		"/=40home.example" + rest:                    testPage,
		"/%40home%2Eexample" + rest:                  testPage,
		"/%40HOME.Example%23" + rest:                 testPage,
		"/@home.example/access%2Dpackages":           "/@home.example/access-packages",
		"/@home.example/access%252Dpackages":         "/@home.example/access-packages",
		"/" + testPage:                               testPage,
		"/@home.example//access-packages//" + testID: testPage,
		// Punctuation, quotation marks and brackets of the text around.
		testPage + ".": testPage, testPage + ",": testPage, testPage + ";": testPage, testPage + ":": testPage,
		testPage + "!": testPage, testPage + ")": testPage, testPage + ").": testPage, testPage + "]": testPage,
		testPage + "'": testPage, testPage + "*": testPage, testPage + "**": testPage, testPage + "_": testPage,
		testPage + "~": testPage, testPage + "...": testPage, testPage + "=": testPage, testPage + "+": testPage,
		testPage + "%3E": testPage, testPage + "%22": testPage, testPage + "%22%3E": testPage, testPage + "%7D": testPage,
		testPage + "%60": testPage, testPage + "%3C/a%3E": testPage, testPage + "%3Cbr%3E": testPage,
		testPage + "%7CTidal": testPage, testPage + "%22%3ETidal": testPage, testPage + "%E2%80%9D": testPage,
		testPage + "%E2%80%A6": testPage, testPage + "%C2%BB": testPage, testPage + "%E3%80%82": testPage,
		testPage + "%EF%BC%89": testPage, testPage + "%F0%9F%91%8D": testPage, testPage + "%94": testPage,
		testPage + "%E3%82%92%E3%81%94%E8%A6%A7": testPage, testPage + "__;!!AbC-1!xyz$": testPage,
		testPage + "&quot;": testPage, testPage + "&gt;": testPage, testPage + "&nbsp;": testPage,
		"/@home.example.": "/@home.example/", "/@home.example)": "/@home.example/", "/@home.example%22": "/@home.example/",
		"/@home.example/)": "/@home.example/", "/@home.example/requests.": "/@home.example/requests",
		"/@home.example/requests%E2%80%9D": "/@home.example/requests", "/@home.example/admin/)": "/@home.example/admin/",
		"/@home.example./requests": "/@home.example/requests",
		// White space, line breaks and characters that nobody sees.
		testPage + "%20": testPage, testPage + "%0A": testPage, testPage + "%0D%0A": testPage, testPage + "%C2%A0": testPage,
		testPage + "%A0": testPage, testPage + "%E2%80%8B": testPage, testPage + "%EF%BB%BF": testPage,
		"/@home.example/access-%0D%0Apackages/" + testID:                 testPage,
		"/@home.example/access-=%0D%0Apackages/" + testID:                testPage,
		"/@home.example/access-packages/01a22887-%0A%20%20" + testID[9:]: testPage,
		"/@home.example/access-packages/01a22887-%09" + testID[9:]:       testPage,
		"/@home.ex%C2%ADample" + rest:                                    testPage,
		"/@home.ex%ADample" + rest:                                       testPage,
		"/@home.ex%E2%80%8Bample" + rest:                                 testPage,
		"/@home.example/access-packages/01a2%E2%80%8B" + testID[4:]:      testPage,
		"/%E2%80%8E@home.example" + rest:                                 testPage,
		"/@home.example/access-%3Cwbr%3Epackages":                        "/@home.example/access-packages",
		// Other hyphens and upper case.
		"/@home.example/access%E2%80%91packages/" + strings.ReplaceAll(testID, "-", "%E2%80%93"): testPage,
		"/@HOME.Example" + rest + "?domain_hint=F01.Example":                                     hinted,
		"/@HOME.EXAMPLE/ACCESS-PACKAGES/" + strings.ToUpper(testID) + "?DOMAIN_HINT=F01.EXAMPLE": hinted,
		// Fragments and queries that became a part of the path.
		testPage + "%23main": testPage, testPage + "%23": testPage,
		testPage + "%3Fdomain_hint%3Df01.example":            hinted,
		testPage + "%253Fdomain_hint%253Df01.example":        hinted,
		testPage + "&domain_hint=f01.example":                hinted,
		testPage + "&amp;domain_hint=f01.example":            hinted,
		testPage + "%3Fdomain_hint=f01.example%26tab=active": hinted + "&tab=active",
		testPage + "%3Fdomain_hint=f01.example?utm_source=x": hinted,
		testPage + "%3Fq%3Da%2526b":                          testPage + "?q=a%26b",
		// The domain hint.
		testPage + testHint + ".": hinted, testPage + testHint + ")": hinted, testPage + testHint + "%20": hinted,
		testPage + testHint + "+": hinted, testPage + testHint + "%3E": hinted, testPage + testHint + "%22": hinted,
		testPage + testHint + "/": hinted, testPage + testHint + "%0A": hinted, testPage + testHint + "%E2%80%9D": hinted,
		testPage + testHint + "%E2%80%8B": hinted, testPage + testHint + "%23main": hinted,
		testPage + testHint + "__;!!AbC-1!xyz$": hinted, testPage + testHint + "%3Cbr%3E": hinted,
		testPage + "?domain_hint=%22f01.example%22": hinted, testPage + "?domain_hint=f01%2Eexample": hinted,
		testPage + "?domain_hint=f01%252Eexample": hinted, testPage + "?domain_hint=3Df01.example": hinted,
		testPage + "?domain_hint%3Df01.example": hinted, testPage + "?domain_hint%3D3Df01.example": hinted,
		testPage + "?domain_hint=%3Df01.example": hinted, testPage + "?domain%5Fhint=f01.example": hinted,
		testPage + "?domain_hint=f01.ex%C2%ADample": hinted, testPage + "?domain_hint=b%C3%BCcher.example": testPage +
			"?domain_hint=xn--bcher-kva.example",
		testPage + "?whr=F01.Example": testPage + "?whr=f01.example",
		// Parameters that programs add, and what they do to ours.
		testPage + testHint + "&utm_source=mail&UTM_Medium=x&fbclid=1": hinted,
		testPage + "?utm_source=mail&amp;domain_hint=f01.example":      hinted,
		testPage + "?utm_source=mail&amp;amp;domain_hint=f01.example":  hinted,
		// the hint was a part of the value
		testPage + "?utm_source=mail%26amp%3Bdomain_hint=f01.example":             testPage,
		testPage + "?tab=active&amp;domain_hint=f01.example":                      hinted + "&tab=active",
		testPage + "?tab=3Dactive&amp;domain_hint=3Df01.example":                  hinted + "&tab=active",
		testPage + testHint + "&tab=active.":                                      hinted + "&tab=active",
		testPage + "?fbclid=1":                                                    testPage,
		testPage + "?fbclid=1&gclid=2&mc_eid=3":                                   testPage,
		testPage + "?tab=active?utm_source=x":                                     testPage + "?tab=active",
		testPage + testHint + "?utm_source=x":                                     hinted,
		testPage + testHint + "&data=05%7C02%7Cx&sdata=abc%3D&reserved=0":         hinted,
		testPage + testHint + "&amp;data=05%7C02&amp;sdata=abc%3D&amp;reserved=0": hinted,
		testPage + "&data=05%7C02%7Cx&sdata=abc%3D&reserved=0":                    testPage,
		testPage + testHint + "&x=%":                                              hinted,
		testPage + testHint + "&a;b=1":                                            hinted,
		"/@home.example%23" + rest + "?q=a%26b.&q=c":                              testPage + "?q=a%26b.&q=c",
		"/@home.example" + testHint + ".":                                         "/@home.example/" + testHint,
		"/@home.example?utm_source=x":                                             "/@home.example/",
		// The front page.
		"/)": "/", "/%20": "/", "/%22%3E": "/", "/,": "/", "//": "/", "/%E2%80%9D": "/", "/?utm_source=x": "/",
	}
}

// C24: links that were altered on the way lead to what they were, by one redirect.
func TestRepairLinks(t *testing.T) {
	for from, want := range alteredLinks() {
		for _, base := range []string{"", "/access"} {
			l, err := newLinks("https://portal.example" + base)
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.ParseRequestURI(base + from)
			if err != nil { // such as an escape that is none: the server gets it, url does not parse it
				t.Fatal(err)
			}
			if got, ok := l.repair(u); ok != (want != "") || ok && got != base+want {
				t.Errorf("%s%s becomes %q, %v; want %s%s", base, from, got, ok, base, want)
			}
		}
	}
}

// validLinks are addresses that have their meaning already, that are no tenant's page, or
// that lead elsewhere.
func validLinks() []string {
	return []string{
		"/", "/robots.txt", "/@home.example", "/@home.example?tab=active", "/@home.example/", "/@home.example/admin/",
		testPage, testPage + testHint, testPage + "?whr=f01.example", "/@home.example/access-packages?tab=active",
		"/@home.example/x?q=a.&z=1&a=2", "/@home.example/x?q=%22a%22", "/@home.example/x?q=a)", "/@home.example/x?q=3Da",
		"/@home.example/x?q=utm_source%3Da", "/@home.example/x?q=what%3Futm_source", "/@home.example/x?data=1&reserved=2",
		"/@home.example/x?q=%C2%AD%E2%80%93", "/@home.example/x?domain_hint=ana%40f01.example",
		"/@home.example/x?domain_hint=3df01.example", "/@home.example/x?domain_hint=",
		"/@home.example/x?tab=%2F%2Fevil.example",
		"/@home.example/sign-in?to=%2F%40home.example%2Frequests.", "/@home.example/setup/Ab-_9_",
		"/@home.example/Requests", "/@home.example/requests/", "/@home.example/requests/" + strings.ToUpper(testID),
		testPage + "-?a=1", testPage + "x?a=1",
		testPage + "%00", "/@home.example/requests%C3%BC", "/@home.example/requests)/x", testPage + ")/requests",
		testPage + "/", testPage + "-", testPage + "x",
		"/@b%C3%BCcher.example/", "/@home%E3%80%82example/", "/@home.example/a%20b",
		"/static/app.css.", "//evil.example/", "//evil.example/%2F@home.example/", "/%2F%2Fevil.example", "/\\evil.example",
		"/%5Cevil.example", "/@home.example/..%2F..%2Fx", "/@home.example/%2e%2e/x", "/@home.example/..", "/@home.example..",
		"/@home.example/./x", "/@home.example%5C@evil.example", "/@/x", "/@not a domain/", "/@home.example%00/",
		"/@home.example/x%00", testPage + "%2F", testPage + "%252F", "/%40home.example%2Faccess-packages",
		"/@home.example@evil.example/", "/@home.example%0d%0aX:y/", "/@home.example%20/x", "/@127.0.0.1/", "/@home/",
		"/@home.example;x=1/", "/@home.example/requests;x=1", "/..", "/.", "/%2e", "/auth/callback/1?code=a.&state=b",
		"/@home.example/x%23" + strings.Repeat("a", maxAltered), "/@home.example/x?q=" + strings.Repeat("a", 2100) +
			"&fbclid=1",
	}
}

// Addresses that are valid or no links of a tenant are answered as they are.
func TestRepairLinksLeavesOthers(t *testing.T) {
	l, err := newLinks("https://portal.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range validLinks() {
		u, err := url.ParseRequestURI(strings.ReplaceAll(address, " ", "%20"))
		if err != nil {
			t.Fatal(err)
		}
		if target, ok := l.repair(u); ok {
			t.Errorf("%.200s is redirected to %s", address, target)
		}
	}
}

// Whatever the address, a repaired one is a path of this portal, and is not repaired
// again.
func TestRepairedOnce(t *testing.T) {
	t.Logf("seed %d", 24)
	random := rand.New(rand.NewPCG(24, 24))
	pieces := []string{"/", "//", "@", "%40", "%2540", "home.example", "HOME.example", "b%C3%BCcher.example",
		"evil.example",
		"%23", "%3F", "?", "&", "&amp;", "amp;", "amp%3B", "=", "=3D", "3D", "%3D", "domain_hint=", "whr=", "tab=", "q=",
		"utm_x=1",
		"fbclid", "sdata=1", "data=", "access-packages", "requests", "admin/", testID, strings.ToUpper(testID), "X", "%2F",
		"%252f", "%5C",
		"\\", "..", ".", "%2e", ",", ")", "%22", "%3C", "%3E", "_", "-", "+", "%", "%25", "%0A", "%20", "%E2%80%8B",
		"%E2%80%93",
		"%AD", "%00", "%FF", ";", "#", "access", "=40", "1", "%7C", "\u00fc", "%E3%81%94"}
	repaired, addresses := 0, 300*deeptest.Rounds(t, 20)
	for range addresses {
		var b strings.Builder
		base := []string{"", "/access"}[random.IntN(2)]
		b.WriteString(base + []string{"/", "/@home.example", "/%40home.example/", testPage, testPage + "?"}[random.IntN(5)])
		for range random.IntN(7) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		l, err := newLinks("https://portal.example" + base)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.ParseRequestURI(b.String())
		if err != nil {
			continue
		}
		target, ok := l.repair(u)
		if !ok {
			continue
		}
		repaired++
		path, _, _ := strings.Cut(target, "?")
		if safe, ok := signin.SafeTarget(base, target); !ok || safe != target ||
			path != base+"/" && !strings.HasPrefix(path, base+"/@") {
			t.Fatalf("%s leads to %s", b.String(), target)
		}
		again, err := url.ParseRequestURI(target)
		if err != nil {
			t.Fatal(err)
		}
		if twice, ok := l.repair(again); ok {
			t.Fatalf("%s leads to %s, and that to %s", b.String(), target, twice)
		}
	}
	if repaired < addresses/6 {
		t.Errorf("only %d addresses were repaired", repaired)
	}
}
