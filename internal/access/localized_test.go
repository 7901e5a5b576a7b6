package access_test

import (
	"testing"

	"myaccess/internal/access"
)

func TestLocalized(t *testing.T) {
	l := access.Localized{"de": "ja", "pt-br": "sim", "fr": ""}
	tests := []struct {
		languages []string
		want      string
	}{
		{nil, "yes"}, {[]string{""}, "yes"}, {[]string{"de"}, "ja"}, {[]string{"DE-CH"}, "ja"}, {[]string{"pt-BR"}, "sim"},
		{[]string{"pt"}, "yes"}, {[]string{"fr"}, "yes"}, {[]string{"fr", "de"}, "ja"}, {[]string{"it", "pt-br", "de"},
			"sim"},
	}
	for _, tt := range tests {
		if got := l.In("yes", tt.languages...); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.languages, got, tt.want)
		}
	}
}
