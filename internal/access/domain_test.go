package access_test

import (
	"strings"
	"testing"

	"myaccess/internal/access"
)

func TestParseDomain(t *testing.T) {
	label := strings.Repeat("a", 63)
	good := []string{"harbor.example", "harbor-lab.example", "a.b.c.example", "xn--bcher-kva.example", "1.example",
		"4you.2.example", label + ".example"}
	for _, s := range good {
		if d, err := access.ParseDomain(s); err != nil || string(d) != s {
			t.Errorf("%q: %q, %v", s, d, err)
		}
	}
	bad := []string{
		"", "example", ".", ".example", "harbor.", "harbor.example.", "harbor..example", "Harbor.example", "harbor.Example",
		"-a.example", "a-.example", "a_b.example", "bücher.example", "harbor.example/", "harbor.example:443",
		"harbor.example@x", " harbor.example",
		"192.0.2.1", "a.1", "[::1]", "harbor\u3002example", "\u212Aelvin.example", "har%62or.example", label + "a.example",
		strings.Repeat("a.", 124) + "example",
	}
	for _, s := range bad {
		if d, err := access.ParseDomain(s); err == nil || d != "" || access.KindOf(err) != access.Invalid {
			t.Errorf("%q was taken for the domain %q: %v", s, d, err)
		}
	}
}
