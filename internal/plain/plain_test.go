package plain_test

import (
	"testing"
	"unicode/utf8"

	"myaccess/internal/plain"
)

// C37: what was typed, and the text that is stored.
func TestText(t *testing.T) {
	tests := map[string]string{
		"":                            "",
		"PO-123456":                   "PO-123456",
		"PO-123456 ":                  "PO-123456",
		"\u00a0PO-123456":             "PO-123456",
		"PO-123456\u200b":             "PO-123456",
		"\ufeffPO-123456":             "PO-123456",
		"\u2066PO-123456\u2069\u200e": "PO-123456",
		"\t\r\n PO-123456\v\f\x00":    "PO-123456",
		"\u2060\u00ad\u2800\u3164\uffa0\u115f\u034f\u180e\ufe0f\u200d": "",
		"\u2003\u200b \u2800\u3000":                                    "",
		// within the text
		"PO-\u200b123\u00ad456":   "PO-123456",
		"PO-\u200d123\ufe0f456":   "PO-123456",
		"PO-12\u202e3456\u202c":   "PO-123456",
		"\U000e0050PO\U000e004f":  "PO",
		"Build\u00a0tools":        "Build tools",
		"Build\u2003\u202ftools":  "Build  tools",
		"Build\u2028tools\u0085x": "Build tools x",
		"山田\u3000太郎":              "山田\u3000太郎",
		"a\u3164b":                "ab",
		"a\x00b":                  "a\x00b",
		"a\xffb ":                 "a\xffb",
		"a\ufffdb":                "a\ufffdb",
		// lines
		"one\r\ntwo\rthree\n\n four\t5 \r\n": "one\ntwo\nthree\n\n four\t5",
		// composed
		"Caf\u0065\u0301":      "Caf\u00e9",
		"\u212b":               "\u00c5",
		"\u1100\u1161\u11a8":   "\uac01",
		"\u212aeys":            "\u212aeys", // not ASCII
		"e\u0301\u212ae\u0301": "\u00e9\u212a\u00e9",
		"a\u037e\u1fef":        "a\u037e\u1fef",
		"\ufb01nance \uff26":   "\ufb01nance \uff26", // only NFKC would replace them
		// spelling
		"\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
		"\u0645\u06cc\u200c":             "\u0645\u06cc",
		"\u200c\u062e":                   "\u062e",
		"\u0645\u200c\u200c\u062e":       "\u0645\u200c\u062e",
		"\U0001f469\u200d\U0001f4bb":     "\U0001f469\u200d\U0001f4bb",
		"\u2764\ufe0f\u200d\U0001f525":   "\u2764\ufe0f\u200d\U0001f525",
		"\u2764\ufe0f ":                  "\u2764\ufe0f",
		"\u2764\ufe0f\ufe0f":             "\u2764\ufe0f",
		"1\ufe0f\u20e3 2\ufe0f":          "1\ufe0f\u20e3 2",
		"\U0001f3f4\U000e0067\U000e007f": "\U0001f3f4\U000e0067\U000e007f",
		"\u0600\u0661":                   "\u0600\u0661", // the number sign is seen
		// addresses
		" ana@partner.example\u200b":        "ana@partner.example",
		"an\u200ba@partner.example":         "ana@partner.example",
		"e\u0301va@harbor.example\u00a0":    "e\u0301va@harbor.example",
		"Write to e\u0301va@harbor.example": "Write to \u00e9va@harbor.example",
		"mara@\u212aelvin.example":          "mara@\u212aelvin.example",
	}
	for given, want := range tests {
		if got := plain.Text(given); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

// The text of a text is itself, it is composed, and valid if what was typed is.
func FuzzText(f *testing.F) {
	for _, s := range []string{" a\u200b", "e\u0301@x.example", "\u2764\ufe0f\u200d\U0001f525", "\r\r\n\xff\u212a\u0301",
		"\u0f73\u0301\u200d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := plain.Text(s)
		if again := plain.Text(got); again != got {
			t.Errorf("%q: %q and then %q", s, got, again)
		}
		if utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("%q: %q", s, got)
		}
		if len(got) > 3*len(s) {
			t.Errorf("%q: %d bytes from %d", s, len(got), len(s))
		}
	})
}

// A pattern matches composed texts, whatever form it was stored in, and nothing is cut off.
func TestPattern(t *testing.T) {
	tests := map[string]string{
		"":                               "",
		"[A-Z]+":                         "[A-Z]+",
		" ?[a-z]+ ?":                     " ?[a-z]+ ?",
		"Mu\u0308nchen|Ko\u0308ln":       "M\u00fcnchen|K\u00f6ln",
		"[a\u0308o\u0308]":               "[\u00e4\u00f6]",
		"Mu\u0308nchen@[a-z]+\\.example": "M\u00fcnchen@[a-z]+\\.example",
		"a\u00a0b\u200bc":                "a bc",
		"K\u0308?\u212a":                 "K\u0308?\u212a", // the Kelvin sign stays
		`\x{75}\x{308}`:                  `\x{75}\x{308}`,
	}
	for pattern, want := range tests {
		if got := plain.Pattern(pattern); got != want {
			t.Errorf("%q: %q, want %q", pattern, got, want)
		}
	}
}
