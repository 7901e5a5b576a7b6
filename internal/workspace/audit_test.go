package workspace_test

import (
	"context"
	"testing"

	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// TestAuditOfApply: applying a file records each change and the file, by the operator. A
// plan, and a file that changes nothing, record nothing.
func TestAuditOfApply(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, w := context.Background(), storetest.NewWorld(t, s)
		f, err := workspace.Parse([]byte(`directories:
  - displayName: Meridian Works
    domains: [meridian.example]
    provider: {issuer: "https://login.meridian.example", clientId: myaccess, clientSecret: secret}
tenants:
  - directory: Meridian Works
    catalogs:
      - displayName: Harbour works
        accessPackages: [{displayName: Quay, description: The quay}]
`))
		if err != nil {
			t.Fatal(err)
		}
		a := w.AuditTrail()
		if changes, err := workspace.Plan(ctx, s, f, options()); err != nil || len(changes) == 0 {
			t.Fatal(changes, err)
		}
		a.Want()
		changes, err := workspace.Apply(ctx, s, f, options())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			a.Name(c.Name, c.ID)
		}
		a.Want("operator | Create | catalog Harbour works | > Harbour works",
			"operator | Create access package | accessPackage Quay | > Quay",
			"operator | Apply workspace file | tenant Meridian Works | > changes: 2")
		if changes, err := workspace.Apply(ctx, s, f, options()); err != nil || len(changes) != 0 {
			t.Fatal(changes, err)
		}
		a.Want()
	})
}
