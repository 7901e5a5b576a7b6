package workspace_test

import (
	"strings"
	"testing"

	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// A workspace file can neither delete nor rename the catalog General, which every tenant
// has (F-002): a file that does not list it leaves it as it is, and its name in another
// case is refused.
func TestGeneralCatalogInFiles(t *testing.T) {
	const tenant = `directories:
  - displayName: Meridian Works
    domains: [meridian.example]
    provider: {issuer: "https://login.meridian.example", clientId: portal, clientSecret: s}
tenants:
  - directory: Meridian Works
`
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		names := func() string {
			t.Helper()
			ts, err := s.Tenants(t.Context())
			if err != nil || len(ts) != 1 {
				t.Fatal(ts, err)
			}
			all, err := s.Catalogs(t.Context(), ts[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, c := range all {
				out = append(out, c.Name+": "+c.Description)
			}
			return strings.Join(out, ", ")
		}
		apply := func(text string) {
			t.Helper()
			f, err := workspace.Parse([]byte(tenant + text))
			if err == nil {
				_, err = workspace.Apply(t.Context(), s, f, options())
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		apply("")
		apply("    catalogs:\n      - displayName: Other\n        description: Else\n")
		if got := names(); got != "General: Catalog that always exists, Other: Else" {
			t.Errorf("the catalogs are %s", got)
		}
		apply("    catalogs:\n      - displayName: General\n        description: Changed\n")
		got := faultsOf(t, s, tenant+"    catalogs:\n      - displayName: GENERAL\n")
		if len(got) != 1 || got[0] != "Line 8: The catalog “General” can't be renamed." {
			t.Errorf("the faults are %q", got)
		}
		if got := names(); got != "General: Changed, Other: Else" {
			t.Errorf("the catalogs are %s", got)
		}
	})
}
