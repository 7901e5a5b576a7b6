package mailaddr_test

import (
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
)

// C14, C15, I-5: texts and the canonical address that they are, or none.
func TestParse(t *testing.T) {
	tests := map[string]mailaddr.Address{
		"mara@harbor.example":                       "mara@harbor.example",
		"Mara.Lind+X@HARBOR.Example":                "mara.lind+x@harbor.example",
		"o'neil@harbor.example":                     "o'neil@harbor.example",
		"eva@bücher.example":                        "eva@xn--bcher-kva.example",
		"eva@BÜCHER.Example":                        "eva@xn--bcher-kva.example",
		"eva@bu\u0308cher.example":                  "eva@xn--bcher-kva.example", // decomposed
		"eva@XN--BCHER-KVA.example":                 "eva@xn--bcher-kva.example",
		"eva@xn--bcher-kva.ü.example":               "eva@xn--bcher-kva.xn--tda.example",
		"mara@h\u0430rbor.example":                  "mara@xn--hrbor-4ve.example", // Cyrillic a
		"a@faß.example":                             "a@xn--fa-hia.example",
		"\ufb01ona@harbor.example":                  "\ufb01ona@harbor.example", // ligature
		"\u212aing@harbor.example":                  "\u212aing@harbor.example", // Kelvin sign
		"\uff42ob@harbor.example":                   "\uff42ob@harbor.example",  // full width
		"\u0131da@harbor.example":                   "\u0131da@harbor.example",  // dotless i
		"\u0130da@harbor.example":                   "\u0130da@harbor.example",  // dotted I
		"\u017fam@harbor.example":                   "\u017fam@harbor.example",  // long s
		"stra\u00dfe@harbor.example":                "stra\u00dfe@harbor.example",
		"\u00c4na@harbor.example":                   "\u00c4na@harbor.example", // capital letter, not ASCII
		"\u00e4na@harbor.example":                   "\u00e4na@harbor.example",
		"a\u0308na@harbor.example":                  "a\u0308na@harbor.example", // decomposed
		"mara@\uff48arbor.example":                  "",
		"mara@harbor\u3002example":                  "",
		"mara@harbor\uff0eexample":                  "",
		"mara@\u212aelvin.example":                  "",
		"mara@\u212a\u00e4se.example":               "",
		"mara@\u017fea.example":                     "",
		"mara@\ufb01sh.example":                     "",
		"mara@har\u00adbor.example":                 "",
		"mara@harbor.example.":                      "",
		"mara@localhost":                            "",
		"mara@":                                     "",
		"@harbor.example":                           "",
		"mara":                                      "",
		"harbor.example":                            "",
		"":                                          "",
		" mara@harbor.example":                      "",
		"mara@harbor.example ":                      "",
		"ma ra@harbor.example":                      "",
		"ma\u00a0ra@harbor.example":                 "",
		"ma\u200bra@harbor.example":                 "",
		"ma\u200dra@harbor.example":                 "",
		"mara\u202e@harbor.example":                 "",
		"ma\x00ra@harbor.example":                   "",
		"ma\xffra@harbor.example":                   "",
		"ma\ufffdra@harbor.example":                 "",
		"mara@harbor.example\r\nBcc: x":             "",
		"Mara <mara@harbor.example>":                "",
		"<mara@harbor.example>":                     "",
		"mara@harbor.example (Mara)":                "",
		"a@harbor.example, b@x.example":             "",
		"a@harbor.example;b@x.example":              "",
		`"mara@evil.example"@h.example`:             "",
		`"mara"@harbor.example`:                     "",
		"mara@evil.example@h.example":               "",
		"mara@[127.0.0.1]":                          "",
		"mara@127.0.0.1":                            "",
		"mara..lind@harbor.example":                 "",
		".mara@harbor.example":                      "",
		strings.Repeat("m", 64) + "@harbor.example": mailaddr.Address(strings.Repeat("m", 64) + "@harbor.example"),
		strings.Repeat("m", 65) + "@harbor.example": "",
		"mara@" + strings.Repeat("h.", 120) + "example": mailaddr.Address("mara@" + strings.Repeat("h.", 120) +
			"example"),
		strings.Repeat("m", 9) + "@" + strings.Repeat("h.", 120) + "example": "",
	}
	for given, want := range tests {
		got, ok := mailaddr.Parse(given)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v, want %q", given, got, ok, want)
		}
		if d, ok := mailaddr.DomainOf(given); ok != (want != "") || ok && d != got.Domain() {
			t.Errorf("%q: the domain %q, %v", given, d, ok)
		}
		if again, _ := mailaddr.Parse(string(got)); ok && again != got {
			t.Errorf("%q became %q and then %q", given, got, again)
		}
		_, err := mailaddr.Check("mail", given)
		if (err == nil) != (want != "") || err != nil && access.KindOf(err) != access.Invalid {
			t.Errorf("%q: %v", given, err)
		}
	}
}

// The address for the mail server keeps the local part, the one for people has the
// domain in their script.
func TestEnvelopeAndShow(t *testing.T) {
	for given, want := range map[string][2]string{
		"Mara@HARBOR.example":            {"Mara@harbor.example", "Mara@HARBOR.example"},
		"Eva@BÜCHER.example":             {"Eva@xn--bcher-kva.example", "Eva@BÜCHER.example"},
		"eva@xn--bcher-kva.example":      {"eva@xn--bcher-kva.example", "eva@bücher.example"},
		"xn--bcher-kva@harbor.example":   {"xn--bcher-kva@harbor.example", "xn--bcher-kva@harbor.example"},
		"eva@xn--bcher-kva.example, x@y": {"", "eva@xn--bcher-kva.example, x@y"},
		"eva@xn--a.example":              {"", "eva@xn--a.example"},
		"nobody":                         {"", "nobody"},
		"":                               {"", ""},
	} {
		got, ok := mailaddr.Envelope(given)
		if got != want[0] || ok != (want[0] != "") {
			t.Errorf("%q: the server gets %q, %v", given, got, ok)
		}
		if shown := mailaddr.Show(given); shown != want[1] {
			t.Errorf("%q: people read %q", given, shown)
		}
	}
}

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
		got, ok := mailaddr.CanonicalDomain(given)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v, want %q", given, got, ok, want)
		}
		if again, _ := mailaddr.CanonicalDomain(string(got)); ok && again != got {
			t.Errorf("%q became %q and then %q", given, got, again)
		}
	}
}
