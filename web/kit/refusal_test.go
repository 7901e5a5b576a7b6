package kit

import (
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/lang"
)

// A contact that is a mail address or a web address is a link, and a sentence is not.
func TestContactIsALink(t *testing.T) {
	for contact, want := range map[string][4]string{
		"help@meridian.example": {"Need help? Contact: ", "help@meridian.example", "", "mailto:help@meridian.example"},
		"a+b%c@meridian.example": {"Need help? Contact: ", "a+b%c@meridian.example", "",
			"mailto:a+b%25c@meridian.example"},
		"https://help.example/?q=1": {"Need help? Contact: ", "https://help.example/?q=1", "", "https://help.example/?q=1"},
		"Ask the desk (4.12).":      {"Need help? Contact: Ask the desk (4.12).", "", "", ""},
		"javascript:alert(1)":       {"Need help? Contact: javascript:alert(1)", "", "", ""},
		"":                          {"Need help? Ask the person who sent you the link.", "", "", ""},
	} {
		c := &Context{Printer: lang.New("en", nil), Tenant: access.Tenant{Settings: access.Settings{
			SupportContact: contact}}}
		if got := Contact(c); [4]string{got.Before, got.Label, got.After, got.Href} != want {
			t.Errorf("%q: %+v, want %q", contact, got, want)
		}
	}
}
