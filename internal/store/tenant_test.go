package store_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestTenantDomains checks that a tenant is read with the verified domains of
// its directory, in order.
func TestTenantDomains(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w, ctx := storetest.NewWorld(t, s), context.Background()
		dir, err := s.Directory(ctx, w.Tenant.Directory)
		if err != nil {
			t.Fatal(err)
		}
		dir.Domains = []access.Domain{"works.example", "meridian.example", "access.example"}
		dir.DomainClaims = []access.DomainClaim{{Domain: "claimed.example", Token: "t"}}
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.SaveDirectory(ctx, dir, access.VerifiedByOperator)
		})
		byID, err := s.Tenant(ctx, w.Tenant.ID)
		if d := cmp.Diff(dir.Domains, byID.Domains); d != "" || err != nil {
			t.Errorf("%v\n%s", err, d)
		}
		byDomain, err := s.TenantByDomain(ctx, "access.example")
		if d := cmp.Diff(byID, byDomain); d != "" || err != nil {
			t.Errorf("%v\n%s", err, d)
		}
		all, err := s.Tenants(ctx)
		if d := cmp.Diff([]access.Tenant{byID}, all); d != "" || err != nil {
			t.Errorf("%v\n%s", err, d)
		}
		name, err := s.DirectoryName(ctx, dir.ID)
		if name != dir.Name || err != nil {
			t.Errorf("%q, %v", name, err)
		}
	})
}
