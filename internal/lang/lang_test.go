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
		{p.Date(at), "12 March 2026"},
		{p.DateTime(at), "12 March 2026, 14:05 CET"},
		{p.Clock(at), "14:05 CET"},
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
		if diff := cmp.Diff(want, Accept(header)); diff != "" {
			t.Errorf("Accept(%q): %s", header, diff)
		}
	}
}
