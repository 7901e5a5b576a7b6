package lang

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/he"
	"github.com/go-playground/locales/pl"
	"github.com/google/go-cmp/cmp"
)

func TestPrinter(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 12, 13, 5, 0, 0, time.UTC)
	p := New("xx-YY", zone)
	for _, tt := range []struct{ got, want string }{
		{p.T("Your access to %s has ended", "Payroll"), "Your access to Payroll has ended"},
		{p.T("100% of it"), "100% of it"},
		{p.N(1, "%d person", "%d people"), "1 person"},
		{p.N(2, "%d person", "%d people"), "2 people"},
		{p.N(20000, "%d person", "%d people"), "20,000 people"},
		{p.Date(at), "12 March 2026"},
		{p.DateTime(at), "12 March 2026, 14:05 CET"},
		{p.TimeOfDay(at), "14:05 CET"},
		{p.List([]string{"a", "b", "c"}), "a, b and c"},
		{p.List([]string{"a"}), "a"},
		{p.List(nil), ""},
		{p.Tag(), "en"},
		{p.Dir(), "ltr"},
		{New("", nil).Tag(), "en"},
		{Pseudo().T("Cancel"), "⟦Cancel⟧"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestAccept(t *testing.T) {
	for header, want := range map[string][]string{
		"":                              {},
		"de-CH":                         {"de-CH"},
		"en;q=0.5, de-CH, fr;q=0.9, de": {"de-CH", "de", "fr", "en"},
		"*, it;q=0, es;q=x, pl":         {"pl"},
	} {
		if diff := cmp.Diff(want, ParseAcceptLanguage(header)); diff != "" {
			t.Errorf("Accept(%q): %s", header, diff)
		}
	}
}

// The language of a terminal is that of the first variable that is set.
func TestEnvironment(t *testing.T) {
	for _, tt := range []struct {
		all, messages, other string
		want                 string
	}{
		{"", "", "", "en"},
		{"", "", "de_CH.UTF-8", "de-CH"},
		{"", "fr_FR", "de_CH.UTF-8", "fr-FR"},
		{"pl", "fr_FR", "de_CH.UTF-8", "pl"},
		{"C", "fr_FR", "de_CH.UTF-8", "en"},
		{"C.UTF-8", "", "de", "en"},
		{"POSIX", "", "de", "en"},
		{"", "", "sr_RS@latin", "sr-RS"},
		{"", "", strings.Repeat("x", 36), "en"},
	} {
		vars := map[string]string{"LC_ALL": tt.all, "LC_MESSAGES": tt.messages, "LANG": tt.other}
		if got := Environment(func(name string) string { return vars[name] }); got != tt.want {
			t.Errorf("%v: %q, want %q", vars, got, tt.want)
		}
	}
}

// polish is a translation with a plural rule of three forms.
const polish = `msgid ""
msgstr ""
"Language: pl\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);\n"

msgid "%s of %s"
msgstr "%[2]s: %[1]s"

msgid "%d person"
msgid_plural "%d people"
msgstr[0] "%d osoba"
msgstr[1] "%d osoby"
msgstr[2] "%d osób"

msgid "%d request of %s"
msgid_plural "%d requests of %s"
msgstr[0] "%[2]s: %[1]d wniosek"
msgstr[1] "%[2]s: %[1]d wnioski"
msgstr[2] "%[2]s: %[1]d wniosków"

msgctxt "verb"
msgid "Open"
msgstr "Otwórz"

msgctxt "state"
msgid "Open"
msgstr "Otwarty"

msgctxt "list, its end"
msgid "%s and %s"
msgstr "%s i %s"
`

// hebrew has one form for all numbers of things, and lists that begin with a mark.
const hebrew = `msgid ""
msgstr ""
"Language: he\n"
"Plural-Forms: nplurals=2; plural=n != 1;\n"

msgid "Cancel"
msgstr "ביטול"

msgctxt "list, its items"
msgid "%s, %s"
msgstr "%s; %s"

msgctxt "list, its end"
msgid "%s and %s"
msgstr "%s ו%s"
`

// catalog has polish and hebrew.
func catalog() *Catalog {
	return Read(fstest.MapFS{"pl/portal.po": {Data: []byte(polish)}, "he/admin.po": {Data: []byte(hebrew)}},
		func(tag string) locales.Translator {
			return map[string]locales.Translator{"pl": pl.New(), "he": he.New()}[tag]
		})
}

// A translation is used, may put arguments in another order, and writes dates, numbers
// and lists in its own way; what it does not translate stays English.
func TestTranslations(t *testing.T) {
	p, h := catalog().Printer("pl-PL", time.UTC), catalog().Printer("he", time.UTC)
	at := time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC)
	for _, tt := range []struct{ got, want string }{
		{p.T("%s of %s", "Owner", "Ledger"), "Ledger: Owner"},
		{p.T("Cancel"), "Cancel"},
		{p.C("verb", "Open"), "Otwórz"},
		{p.C("state", "Open"), "Otwarty"},
		{p.C("noun", "Open"), "Open"},
		{p.T("Open"), "Open"},
		{p.Date(at), "1 marca 2026"},
		{p.DateTime(at), "1 marca 2026, 23:30 UTC"},
		{p.Number(1234567), "1\u00a0234\u00a0567"},
		{p.List([]string{"a", "b"}), "a i b"},
		{p.List([]string{"a", "b", "c", "d"}), "a, b, c i d"},
		{p.N(2, "%d of %s", "%d of %s", "x"), "2 of x"},
		{p.Tag(), "pl"},
		{p.Dir(), "ltr"},
		{p.Zone().String(), "UTC"},
		{h.T("Cancel"), "ביטול"},
		{h.Date(at), "1 במרץ 2026"},
		{h.List([]string{"a", "b", "c", "d"}), "a; b; c וd"},
		{h.Tag(), "he"},
		{h.Dir(), "rtl"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

// Plurals follow the rule of the language, for every number, and English without one.
func TestPlurals(t *testing.T) {
	p, english := catalog().Printer("pl", nil), catalog().Printer("en", nil)
	for n, want := range map[int][3]string{
		0:  {"0 osób", "0 people", "Ada: 0 wniosków"},
		1:  {"1 osoba", "1 person", "Ada: 1 wniosek"},
		2:  {"2 osoby", "2 people", "Ada: 2 wnioski"},
		5:  {"5 osób", "5 people", "Ada: 5 wniosków"},
		12: {"12 osób", "12 people", "Ada: 12 wniosków"},
		22: {"22 osoby", "22 people", "Ada: 22 wnioski"},
		-2: {"-2 osoby", "-2 people", "Ada: -2 wnioski"},
	} {
		got := [3]string{p.N(n, "%d person", "%d people"), english.N(n, "%d person", "%d people"),
			p.N(n, "%d request of %s", "%d requests of %s", "Ada")}
		if got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

// A plural rule that cannot be used is an error, not a panic while a page is written.
func TestPluralRules(t *testing.T) {
	for header, ok := range map[string]bool{
		"nplurals=2; plural=(n != 1);":            true,
		"nplurals=1; plural=0;":                   true,
		"nplurals=2; plural=n>1":                  true,
		"":                                        false,
		"plural=n>1":                              false,
		"nplurals=x; plural=n>1":                  false,
		"nplurals=1; plural=n>1":                  false,
		"nplurals=2; plural=n ~ 1":                false,
		"nplurals=2; plural=(n==1 ? 0 : x)":       false,
		"nplurals=2; plural=(n==1 ? 0 : n==2 ? 2": false,
	} {
		if _, _, err := PluralRule(header); (err == nil) != ok {
			t.Errorf("%q: %v", header, err)
		}
	}
}

// A language is printed in its nearest translation, else in English, and named so.
func TestFallback(t *testing.T) {
	c := catalog()
	for tag, want := range map[string]string{"pl": "pl", "PL": "pl", "pl_PL": "pl", "pl-Latn-PL": "pl", "de-CH": "en",
		"": "en", "p": "en", "en-US": "en"} {
		if got := c.Printer(tag, nil).Tag(); got != want {
			t.Errorf("%q is printed in %q, want %q", tag, got, want)
		}
	}
	if got := c.Match([]string{"de-CH", "pl-PL", "he"}); got != "pl-PL" {
		t.Errorf("%q matches", got)
	}
	if got := c.Match([]string{"de-CH"}); got != "" {
		t.Errorf("%q matches", got)
	}
	if diff := cmp.Diff([]string{"en", "he", "pl"}, c.Languages()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"en"}, Load().Languages()); diff != "" {
		t.Error(diff)
	}
}

// Times are printed in the reader's zone, not in the server's.
func TestDaysInReadersZone(t *testing.T) {
	zone, err := time.LoadLocation("Pacific/Auckland")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 12, 31, 20, 0, 0, 0, time.UTC)
	if got := New("en", zone).DateTime(at); got != "1 January 2027, 09:00 NZDT" {
		t.Error(got)
	}
	if got := New("en", nil).DateTime(at); got != "31 December 2026, 20:00 UTC" {
		t.Error(got)
	}
	page := New("en", zone).ForPages()
	if got := page.DateTime(at) + " " + page.TimeOfDay(at) + " " + page.ShortDate(at); got !=
		"1\u00a0January\u00a02027,\u00a009:00 09:00 1\u00a0Jan\u00a02027" {
		t.Error(got)
	}
	for name, want := range map[string]string{"America/Port_of_Spain": "America/Port of Spain (AST)", "UTC": "UTC",
		"Europe/Berlin": "Europe/Berlin (CET)"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := New("en", zone).ZoneName(at); got != want {
			t.Errorf("%s is named %q", name, got)
		}
	}
}

// Every text that the pseudo printer prints is marked once.
func TestPseudoPrinterMarksTexts(t *testing.T) {
	p, at := Pseudo(), time.Date(2026, 3, 12, 13, 5, 0, 0, time.UTC)
	for _, got := range []string{p.T("Cancel"), p.N(1, "%d person", "%d people"), p.Date(at), p.DateTime(at),
		p.TimeOfDay(at),
		p.List([]string{"a", "b"})} {
		if got[:3] != "⟦" || got[len(got)-3:] != "⟧" {
			t.Errorf("not marked: %q", got)
		}
	}
}

func TestBase(t *testing.T) {
	for tag, want := range map[string]string{"": "en", "de": "de", "de-CH": "de", "DE_ch": "de", "zh-Hant-TW": "zh"} {
		if got := BaseLanguage(tag); got != want {
			t.Errorf("Base(%q) = %q, want %q", tag, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -100: "-100",
		1234567: "1,234,567"} {
		if got := New("en", nil).Number(n); got != want {
			t.Errorf("Number(%d) = %q, want %q", n, got, want)
		}
	}
}
