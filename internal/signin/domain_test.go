package signin_test

import (
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/signin"
)

// I-5: texts that people type as a work address, and the domain or none.
func TestDomainFromInput(t *testing.T) {
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
