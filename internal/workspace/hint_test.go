package workspace_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// C09: a provider whose parameter names a connector gets nothing without a value, which a
// file can give for the provider and for single domains. An export has them, and without
// them in the file they are removed.
func TestC09ConnectorID(t *testing.T) {
	text, err := os.ReadFile("testdata/C09-connector-id.yaml")
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		for _, test := range []struct{ added, want, ofOther string }{
			{"", "", ""},
			{"domainHintValue: ldap, ", "ldap", "ldap"},
			{"domainHintValue: ldap, domainHintValues: {f22.example: saml}, ", "saml", "ldap"},
			{"domainHintValues: {f22.example: saml}, ", "saml", ""},
			{"", "", ""},
		} {
			f, err := workspace.Parse([]byte(strings.Replace(string(text), "issuer:", test.added+"issuer:", 1)))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := workspace.Apply(context.Background(), s, f, options()); err != nil {
				t.Fatal(err)
			}
			if again, err := workspace.Plan(context.Background(), s, f, options()); err != nil || len(again) != 0 {
				t.Errorf("%q: the plan of the same file says %v, %v", test.added, again, err)
			}
			dirs, err := s.Directories(context.Background(), "")
			if err != nil || len(dirs) != 1 {
				t.Fatal(dirs, err)
			}
			for domain, want := range map[access.Domain]string{"f22.example": test.want, "other.example": test.ofOther} {
				if parameter, value, ok := dirs[0].Hint(domain); value != want || ok != (want != "") ||
					ok && parameter != "connector_id" {
					t.Errorf("%q: %s gets %s=%q, %v", test.added, domain, parameter, value, ok)
				}
			}
		}
	})
}
