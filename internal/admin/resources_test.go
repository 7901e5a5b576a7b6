package admin_test

import (
	"context"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

func TestCatalogResources(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		add := func(by access.Person, ids ...access.EntryID) error {
			return use.Admin.AddResources(ctx, by, w.Catalog.ID, ids)
		}
		wantKind(t, "who owns the catalog but not the group", add(w.Omar, w.Reviewers.ID), access.Forbidden)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.SetEntryOwners(ctx, w.Tenant.ID, w.Reviewers.ID, []access.PersonID{w.Omar.ID, w.Ida.ID})
		})
		wantKind(t, "who owns the group but has no part in the catalog", add(w.Ida, w.Reviewers.ID), access.NotFound)
		wantKind(t, "one of two does not exist", add(w.Omar, w.Reviewers.ID, "nothing"), access.NotFound)
		if all, err := s.ResourcesOf(ctx, w.Tenant.ID, w.Catalog.ID); err != nil || len(all) != 2 {
			t.Errorf("all are added or none: %v, %v", all, err)
		}
		for range 2 {
			if err := add(w.Omar, w.Reviewers.ID); err != nil {
				t.Fatal(err)
			}
		}
		r, ok, err := s.ResourceByExternal(ctx, w.Tenant.ID, w.Team.Target, string(w.Reviewers.ID))
		if err != nil || !ok || len(r.Roles) != 2 {
			t.Fatalf("the group is a resource with its roles: %+v, %v, %v", r, ok, err)
		}

		wantKind(t, "nobody's resource", use.Admin.RemoveResource(ctx, w.Omar, w.Catalog.ID, "nothing"), access.NotFound)
		w.Package("Tidal")
		err = use.Admin.RemoveResource(ctx, w.Omar, w.Catalog.ID, w.Team.ID)
		if wantKind(t, "one in use", err, access.Conflict); !strings.Contains(err.Error(), "Tidal") {
			t.Errorf("it says by what: %v", err)
		}
		if err := use.Admin.RemoveResource(ctx, w.Omar, w.Catalog.ID, r.ID); err != nil {
			t.Error(err)
		}
		if all, err := s.ResourcesOf(ctx, w.Tenant.ID, w.Catalog.ID); err != nil || len(all) != 2 {
			t.Errorf("it is gone from the list: %v, %v", all, err)
		}
	})
}
