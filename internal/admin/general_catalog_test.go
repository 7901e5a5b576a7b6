package admin_test

import (
	"context"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// newGeneralWorld is newAdminWorld with the catalog General, which Omar owns too,
// and Ida as identity governance administrator.
func newGeneralWorld(t *testing.T, s *store.Store) (*storetest.World, services, access.Catalog) {
	t.Helper()
	w, use := newAdminWorld(t, s)
	general := access.Catalog{Tenant: w.Tenant.ID, Name: "General", Published: true}
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		general.ID = access.CatalogID(tx.NewID())
		if err := tx.SaveCatalog(ctx, general); err != nil {
			return err
		}
		err := tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: w.Tenant.ID, Role: access.CatalogOwner,
			Catalog: general.ID, Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(w.Omar.ID)}})
		if err != nil {
			return err
		}
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: w.Tenant.ID,
			Role:    access.IdentityGovernanceAdministrator,
			Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(w.Ida.ID)}})
	})
	return w, use, general
}

// TestGeneralCatalogStays: nobody can rename or delete the catalog General (F-002, F-037),
// not even in another case; the rest of it can be changed.
func TestGeneralCatalogStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use, general := newGeneralWorld(t, s)
		stored := func() access.Catalog {
			t.Helper()
			c, err := s.Catalog(ctx, w.Tenant.ID, general.ID)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		for _, by := range []access.Person{w.Lena, w.Ida, w.Omar} {
			c := stored()
			for _, name := range []string{"Ordinary", "general"} {
				c.Name = name
				_, err := use.Admin.SaveCatalog(ctx, by, c)
				wantKind(t, by.Name+" renames it to "+name, err, access.Invalid)
				if err != nil && !strings.Contains(err.Error(), "The catalog “General” can't be renamed.") {
					t.Errorf("the refusal is %v", err)
				}
			}
			err := use.Admin.DeleteCatalog(ctx, by, general.ID)
			wantKind(t, by.Name+" deletes it", err, access.Conflict)
			if err != nil && !strings.Contains(err.Error(), "The catalog “General” can't be deleted.") {
				t.Errorf("the refusal is %v", err)
			}
			c.Name, c.Description, c.Published = "General", "By "+by.Name, false
			if _, err := use.Admin.SaveCatalog(ctx, by, c); err != nil {
				t.Errorf("%s changes the rest of it: %v", by.Name, err)
			}
			if c := stored(); c.Name != "General" || c.Description != "By "+by.Name || c.Published {
				t.Errorf("after %s it is %+v", by.Name, c)
			}
		}
	})
}

// TestPackageWithoutCatalog: a package that is created without a catalog is added to
// General (F-002), if the creator may add packages there.
func TestPackageWithoutCatalog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use, general := newGeneralWorld(t, s)
		n := admin.NewPackage{Package: access.Package{Name: "Tidal", Description: "Tides"}, Policy: forLena(w)}
		for _, by := range []access.Person{w.Lena, w.Ida, w.Omar} {
			n.Package.Name = "Package of " + by.Name
			made, err := use.Admin.CreatePackage(ctx, by, n)
			if err != nil || made.Catalog != general.ID {
				t.Errorf("%s: in the catalog %q, %v", by.Name, made.Catalog, err)
			}
		}
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.RemoveRoleAssignment(ctx, access.RoleAssignment{Tenant: w.Tenant.ID, Role: access.CatalogOwner,
				Catalog: general.ID, Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(w.Omar.ID)}})
		})
		n.Package.Name = "Package of no catalog"
		_, err := use.Admin.CreatePackage(ctx, w.Omar, n)
		wantKind(t, "an owner of another catalog", err, access.Invalid)
		if got := faults(err); len(got) != 1 || got[0] != "catalog" {
			t.Errorf("the faults are at %v, want catalog", got)
		}
		if all, err := s.PackagesOf(ctx, w.Tenant.ID, general.ID); err != nil || len(all) != 3 {
			t.Errorf("%d packages in General, want 3; %v", len(all), err)
		}
	})
}
