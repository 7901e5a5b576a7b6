package lang

import (
	"testing"
	"time"

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
		{p.T("Access has ended for %s", "Payroll"), "Access has ended for Payroll"},
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
		{p.Tag(), "xx"},
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

// A catalogue's words are used, may put arguments in another order, and say the
// months; what it does not translate stays English.
func TestTranslations(t *testing.T) {
	p := New("de-CH", time.UTC)
	p.words = map[string]string{"%s of %s": "%[2]s: %[1]s", "March": "März", "%s and %s": "%s und %s",
		"%d people": "%d Personen"}
	at := time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC)
	for _, tt := range []struct{ got, want string }{
		{p.T("%s of %s", "Owner", "Ledger"), "Ledger: Owner"},
		{p.T("Cancel"), "Cancel"},
		{p.Date(at), "1 März 2026"},
		{p.List([]string{"a", "b"}), "a und b"},
		{p.N(3, "%d person", "%d people"), "3 Personen"},
		{p.N(0, "%d person", "%d people"), "0 Personen"},
		{p.N(2, "%d of %s", "%d of %s", "x"), "2 of x"},
		{p.Tag(), "de"},
		{p.Zone().String(), "UTC"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
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
