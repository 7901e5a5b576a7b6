package admin_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// forLena is a policy for Lena only.
func forLena(w *storetest.World) access.Policy {
	return access.Policy{Scope: access.ScopeSpecificUsers, Enabled: true,
		Terms:   access.Terms{Expiration: access.Expiration{Kind: access.NoExpiration}},
		Targets: []access.SubjectRef{{Kind: access.SubjectPerson, ID: string(w.Lena.ID)}}}
}

// owns makes the people owners of the entry.
func owns(w *storetest.World, e access.Entry, people ...access.PersonID) {
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.SetEntryOwners(ctx, w.Tenant.ID, e.ID, people)
	})
}

// TestCreatePackage: the package, its roles and policy, new resources of the catalog and
// the audit records are one transaction (F-058, F-052).
func TestCreatePackage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		n := admin.NewPackage{Package: access.Package{Catalog: w.Catalog.ID, Name: "Tidal", Description: "Tides",
			Hidden: true},
			Roles: []access.ResourceRoleID{w.Team.Roles[1].ID},
			Entries: []admin.EntryRole{{Entry: w.Reviewers.ID, Role: "Member"},
				{Entry: w.Reviewers.ID, Role: "Owner"}}, Policy: forLena(w)}
		_, err := use.Admin.CreatePackage(ctx, w.Omar, n)
		wantKind(t, "an owner of the catalog hands out somebody else's group", err, access.Forbidden)
		owns(w, w.Reviewers, w.Omar.ID)
		made, err := use.Admin.CreatePackage(ctx, w.Omar, n)
		if err != nil {
			t.Fatal(err)
		}
		offer, err := s.Offer(ctx, w.Tenant.ID, made.ID)
		if err != nil || !offer.Package.Hidden || len(offer.Policies) != 1 ||
			offer.Policies[0].Name != admin.InitialPolicy || !offer.Policies[0].Enabled {
			t.Errorf("what was made: %+v, %v", offer, err)
		}
		roles, err := s.PackageRoles(ctx, w.Tenant.ID, made.ID)
		var names []string
		for _, x := range roles[made.ID] {
			names = append(names, x.Resource.Name+": "+x.Role.Name)
		}
		if d := cmp.Diff([]string{"Tidal team: Owner", "Reviewers: Member", "Reviewers: Owner"}, names); d != "" ||
			err != nil {
			t.Error(d, err)
		}
		if all, err := s.ResourcesOf(ctx, w.Tenant.ID, w.Catalog.ID); err != nil || len(all) != 3 {
			t.Errorf("the group came into the catalog: %v, %v", all, err)
		}
		if last, ok, err := s.LastChange(ctx, w.Tenant.ID, string(made.ID)); err != nil || !ok || last.Actor != w.Omar.ID {
			t.Errorf("the last change: %+v, %v, %v", last, ok, err)
		}
	})
}

// TestPackageRefusals: missing rights and all errors at once; nothing is created.
func TestPackageRefusals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		n := admin.NewPackage{Package: access.Package{Catalog: w.Catalog.ID, Name: "Tidal", Description: "Tides"},
			Policy: forLena(w)}
		_, err := use.Admin.CreatePackage(ctx, w.Ida, n)
		wantKind(t, "who has no part in the catalog", err, access.NotFound)
		reads := access.RoleAssignment{Tenant: w.Tenant.ID, Role: access.CatalogReader, Catalog: w.Catalog.ID,
			Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(w.Ida.ID)}}
		w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.AddRoleAssignment(ctx, reads) })
		_, err = use.Admin.CreatePackage(ctx, w.Ida, n)
		wantKind(t, "who only reads the catalog", err, access.Forbidden)

		bad := n
		bad.Package.Name, bad.Package.Description, bad.Roles, bad.Policy.Targets = "", "", []access.ResourceRoleID{"nothing"},
			nil
		_, err = use.Admin.CreatePackage(ctx, w.Omar, bad)
		if got := len(faults(err)); got < 4 {
			t.Errorf("every fault at once: %v", err)
		}
		bad = n
		bad.Package.Catalog = ""
		_, err = use.Admin.CreatePackage(ctx, w.Omar, bad)
		wantKind(t, "no catalog", err, access.Invalid)
		bad.New, bad.Catalog = true, access.Catalog{Name: "Own"}
		_, err = use.Admin.CreatePackage(ctx, w.Omar, bad)
		wantKind(t, "a new catalog of somebody who may not make one", err, access.Forbidden)
		bad.Catalog.Name = "PROJECTS"
		if _, err = use.Admin.CreatePackage(ctx, w.Ida, bad); len(faults(err)) != 1 || faults(err)[0] != "catalogName" {
			t.Errorf("a catalog whose name is taken: %v, %v", err, faults(err))
		}
		if found, err := s.PackageList(ctx, w.Tenant.ID, store.ListQuery[store.PackageFilter]{Limit: 5}); err != nil ||
			len(found.Rows) != 0 {
			t.Errorf("nothing was made: %v, %v", found, err)
		}
		bad.Catalog = access.Catalog{Name: "Own", Published: true}
		made, err := use.Admin.CreatePackage(ctx, w.Ida, bad)
		if err != nil || made.Catalog == w.Catalog.ID {
			t.Errorf("who makes a catalog builds in it: %+v, %v", made, err)
		}
		if _, err := use.Admin.CreatePackage(ctx, w.Omar, n); err != nil {
			t.Fatal(err)
		}
		n.Package.Name = "TIDAL"
		_, err = use.Admin.CreatePackage(ctx, w.Omar, n)
		wantKind(t, "a name that the catalog has already", err, access.Invalid)
	})
}

// faults are the fields with errors in err.
func faults(err error) (fields []string) {
	var es access.Errors
	es.Add(err)
	for _, e := range es {
		fields = append(fields, e.Field)
	}
	return fields
}

// TestEditPackage: the second of two concurrent edits gets a conflict; the roles stay.
func TestEditPackage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		o := w.Package("Tidal", forLena(w))
		p, err := s.Package(ctx, w.Tenant.ID, o.Package.ID)
		if err != nil {
			t.Fatal(err)
		}
		p.Name, p.Roles = "Ebb", nil
		_, err = use.Admin.SavePackage(ctx, w.Ida, p)
		wantKind(t, "a stranger", err, access.NotFound)
		if _, err := use.Admin.SavePackage(ctx, w.Omar, p); err != nil {
			t.Fatal(err)
		}
		_, err = use.Admin.SavePackage(ctx, w.Omar, p)
		wantKind(t, "the version before", err, access.Conflict)
		c := admin.RoleChange{Package: p.ID, Version: p.Version, Add: []access.ResourceRoleID{w.Team.Roles[1].ID}}
		wantKind(t, "roles from the version before", use.Admin.ChangeRoles(ctx, w.Omar, c), access.Conflict)
		stored, err := s.Package(ctx, w.Tenant.ID, p.ID)
		if err != nil || stored.Name != "Ebb" || len(stored.Roles) != 2 {
			t.Errorf("stored: %+v, %v", stored, err)
		}
		c.Version = stored.Version
		wantKind(t, "a stranger's change of roles", use.Admin.ChangeRoles(ctx, w.Ida, c), access.NotFound)
		_, err = use.Admin.PreviewRoles(ctx, w.Ida, c)
		wantKind(t, "a stranger's preview", err, access.NotFound)
		wantKind(t, "nothing to do", use.Admin.ChangeRoles(ctx, w.Omar, admin.RoleChange{Package: p.ID,
			Version: stored.Version, Add: stored.Roles}), access.Invalid)
		c.Add = []access.ResourceRoleID{"nothing"}
		wantKind(t, "a role that is not in the catalog", use.Admin.ChangeRoles(ctx, w.Omar, c), access.Invalid)
		c.Add, c.Entries = nil, []admin.EntryRole{{Entry: w.Reviewers.ID, Role: "King"}}
		c.Entries[0].Role = "Member"
		_, err = use.Admin.PreviewRoles(ctx, w.Omar, c)
		wantKind(t, "a look at handing out somebody else's group", err, access.Forbidden)
		c.Entries[0].Role = "King"
		owns(w, w.Reviewers, w.Omar.ID)
		wantKind(t, "a role that the group does not have", use.Admin.ChangeRoles(ctx, w.Omar, c), access.Invalid)
		manages := access.RoleAssignment{Tenant: w.Tenant.ID, Role: access.AccessPackageManager, Catalog: w.Catalog.ID,
			Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(w.Ida.ID)}}
		w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.AddRoleAssignment(ctx, manages) })
		owns(w, w.Reviewers, w.Ida.ID)
		c.Entries[0].Role = "Member"
		wantKind(t, "a package manager brings a resource into the catalog (F-052)", use.Admin.ChangeRoles(ctx, w.Ida, c),
			access.Forbidden)
	})
}

// TestDeleteCatalogAfterPackages: a catalog can be deleted when its packages are deleted.
func TestDeleteCatalogAfterPackages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		o := w.Package("Tidal", forLena(w))
		wantKind(t, "with a package", use.Admin.DeleteCatalog(ctx, w.Omar, w.Catalog.ID), access.Conflict)
		for _, err := range []error{use.Admin.DeletePackage(ctx, w.Omar, o.Package.ID), use.Admin.DeleteCatalog(ctx, w.Omar,
			w.Catalog.ID)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err := s.Catalog(ctx, w.Tenant.ID, w.Catalog.ID)
		wantKind(t, "the catalog", err, access.NotFound)
		if _, err := use.Admin.SaveCatalog(ctx, w.Lena, access.Catalog{Name: w.Catalog.Name}); err != nil {
			t.Errorf("its name is free: %v", err)
		}
	})
}

// TestDuplicatePackage: the copy has the same catalog and roles, disabled policies, and a
// unique name.
func TestDuplicatePackage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		o := w.Package(strings.Repeat("x", access.MaxNameLength), forLena(w), w.ForPartner(access.Terms{}))
		_, err := use.Admin.DuplicatePackage(ctx, w.Ida, o.Package.ID)
		wantKind(t, "a stranger", err, access.NotFound)
		var names []string
		for range 2 {
			made, err := use.Admin.DuplicatePackage(ctx, w.Omar, o.Package.ID)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, made.Name)
			got, err := s.Offer(ctx, w.Tenant.ID, made.ID)
			if err != nil || len(got.Policies) != 2 || got.Package.Catalog != w.Catalog.ID || made.Check() != nil {
				t.Fatalf("%+v, %v", got, err)
			}
			if d := cmp.Diff(o.Package.Roles, got.Package.Roles); d != "" {
				t.Error(d)
			}
			for _, p := range got.Policies {
				if p.Enabled || len(p.Targets) != 1 {
					t.Errorf("%+v", p)
				}
			}
		}
		if names[0] == names[1] {
			t.Errorf("two copies are called %s", names[0])
		}
	})
}
