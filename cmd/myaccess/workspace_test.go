package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"myaccess/internal/signin/signintest"
)

// apply tests the connection to providers that are new or changed, and warns of those with
// which nobody can sign in, which are saved all the same (F-265).
func TestApplyWarnsOfProviders(t *testing.T) {
	vars := environment(t)
	works, fails := signintest.New(t, time.Now), signintest.New(t, time.Now)
	fails.Behave(signintest.Behaviour{Metadata: func(m signintest.Claims) { m["issuer"] = "https://other.example" }})
	file := filepath.Join(t.TempDir(), "workspace.yaml")
	apply := func(text string) string {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := try(t, vars, "apply", file)
		if err != nil {
			t.Fatalf("%s %v", out, err)
		}
		return out
	}
	directory := func(name, issuer string) string {
		return "  - {displayName: " + name + ", domains: [" + strings.ToLower(name) + ".example], provider: {issuer: \"" +
			issuer + "\", clientId: x, clientSecret: y}}\n"
	}
	const warning = "Warning: The connection test of “Pier” failed, so no one can sign in. The provider has a different " +
		"issuer."
	both := "directories:\n" + directory("Quay", works.Issuer) + directory("Pier", fails.Issuer)
	if out := apply(both); !strings.Contains(out, warning) || strings.Count(out, "Warning:") != 1 {
		t.Errorf("new providers: %s", out)
	}
	if out := apply(both); !strings.Contains(out, "No changes") || strings.Contains(out, "Warning:") {
		t.Errorf("nothing changed: %s", out)
	}
	if out := apply("directories:\n" + directory("Pier", works.Issuer)); !strings.Contains(out,
		"Update directory “Pier”") ||
		strings.Contains(out, "Warning:") {
		t.Errorf("mended: %s", out)
	}
	if out := apply("directories:\n" + directory("Pier", fails.Issuer)); !strings.Contains(out, warning) {
		t.Errorf("changed: %s", out)
	}
}
