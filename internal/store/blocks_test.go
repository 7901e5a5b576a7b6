package store_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestReadsByIDs checks that reads for a list of ids, however long, return what
// belongs to each id and nothing of another tenant.
func TestReadsByIDs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		ctx, tenant := t.Context(), w.Tenant.ID
		w.Package("Zebra")
		anchor := w.Package("Anchor").Package
		resources, directories := []access.ResourceID{w.Team.ID}, []access.DirectoryID{w.Harbor.ID}
		for i := range 1200 {
			resources = append(resources, access.ResourceID(fmt.Sprint("none ", i)))
			directories = append(directories, access.DirectoryID(fmt.Sprint("none ", i)))
		}
		resources, directories = append(resources, w.Site.ID), append(directories, w.Other.ID)

		users, err := s.FirstPackagesUsing(ctx, tenant, w.Catalog.ID, resources)
		want := map[access.ResourceID]string{w.Team.ID: "Anchor", w.Site.ID: "Anchor"}
		if err != nil || !maps.Equal(users, want) {
			t.Errorf("packages that use the resources: %v, %v", users, err)
		}
		for name, in := range map[string]struct {
			tenant  access.TenantID
			catalog access.CatalogID
		}{"another tenant": {"another", w.Catalog.ID}, "another catalog": {tenant, "another"}} {
			if users, err := s.FirstPackagesUsing(ctx, in.tenant, in.catalog, resources); err != nil || len(users) > 0 {
				t.Errorf("%s has %v, %v", name, users, err)
			}
		}
		found, err := s.DirectoriesByID(ctx, directories)
		if err != nil || len(found) != 2 || !slices.Equal(found[w.Harbor.ID].Domains, w.Harbor.Domains) ||
			!slices.Equal(found[w.Other.ID].Domains, w.Other.Domains) {
			t.Errorf("directories: %+v, %v", found, err)
		}
		packages, err := s.PackagesByID(ctx, tenant, []access.PackageID{anchor.ID, "none"})
		if err != nil || len(packages) != 1 || !slices.Equal(packages[anchor.ID].Roles, anchor.Roles) {
			t.Errorf("packages: %+v, %v", packages, err)
		}
		all, err := s.ResourcesOf(ctx, tenant, w.Catalog.ID)
		if err != nil || len(all) != 2 || len(all[0].Roles) != len(w.Site.Roles) || all[1].Roles[0].Resource != w.Team.ID {
			t.Errorf("resources: %+v, %v", all, err)
		}
	})
}
