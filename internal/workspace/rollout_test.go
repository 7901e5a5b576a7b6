package workspace_test

import (
	"context"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// smallBase is a tenant with a global administrator and one access package.
const smallBase = `directories:
  - {displayName: M, domains: [m.example], provider: {issuer: "https://m.example", clientId: x, clientSecret: y}}
  - {displayName: Mailers, domains: [gmail.com], provider: {issuer: "https://g.example", clientId: x, clientSecret: y}}
tenants:
  - directory: M
    users:
      - {displayName: Lena, mail: lena@m.example, subject: lena}
    resources:
      - {displayName: Ledger, type: application, roles: [Viewer]}
    catalogs:
      - displayName: C
        resources: [Ledger]
        accessPackages:
          - displayName: P
            description: p
            assignmentPolicies: [{displayName: A, allowedTargetScope: allMemberUsers}]
    roleAssignments:
      - {role: globalAdministrator, user: lena@m.example}
`

// rolloutChange adds a role to the package of smallBase.
const rolloutChange = `tenants:
  - directory: M
    catalogs:
      - displayName: C
        accessPackages:
          - {displayName: P, description: p, resourceRoleScopes: [{resource: Ledger, role: Viewer}]}
`

// TestPackageChangeStartsRollout: a file that changes a package's roles starts a rollout,
// as the pages do, and queues no deliveries in its own transaction.
func TestPackageChangeStartsRollout(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		ctx := context.Background()
		apply(t, s, []byte(smallBase))
		tenant := must(s.TenantByDomain(ctx, "m.example"))(t)
		lena := must(s.PeopleByEmail(ctx, tenant.ID, "lena@m.example"))(t)[0]
		var pack access.Package
		for _, c := range must(s.Catalogs(ctx, tenant.ID))(t) {
			for _, p := range must(s.PackagesOf(ctx, tenant.ID, c.ID))(t) {
				pack = p
			}
		}
		p := must(s.PoliciesOf(ctx, tenant.ID, pack.ID))(t)[0]
		err := s.Write(ctx, func(tx *store.Tx) error {
			r := access.Request{ID: access.RequestID(tx.NewID()), Tenant: tenant.ID, Type: access.AdminAdd,
				State: access.Submitted, Package: pack.ID, Policy: p.ID, Requestor: lena.ID, Target: lena.ID, Terms: p.Terms}
			if err := tx.AddRequest(ctx, r, ""); err != nil {
				return err
			}
			return tx.AddAssignment(ctx, access.Assignment{ID: access.AssignmentID(tx.NewID()), Tenant: tenant.ID,
				Person: lena.ID, Package: pack.ID, Policy: p.ID, Request: r.ID, State: access.AssignDelivered, Start: tx.Now})
		})
		if err != nil {
			t.Fatal(err)
		}
		if done := apply(t, s, []byte(rolloutChange)); len(done) != 1 {
			t.Fatalf("done: %v", done)
		}
		open, err := s.OpenRollouts(ctx, c.Now(), 10)
		if err != nil || len(open) != 1 || open[0].Package != pack.ID || open[0].Total != 1 {
			t.Errorf("the rollouts are %+v, %v", open, err)
		}
		if _, queued, err := s.LeaseDelivery(ctx, time.Minute, 5); err != nil || queued {
			t.Errorf("queued at once: %v, %v", queued, err)
		}
	})
}
