package admin_test

import (
	"context"
	"slices"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestListRights: a list is refused without the right; a right in a catalog lists what is
// in that catalog. The table is written by hand, not derived from the program.
func TestListRights(t *testing.T) {
	catalog := []string{"catalogs", "packages", "assignments", "requests"}
	everything := append([]string{"people", "organizations", "entries", "directories"}, catalog...)
	allowed := map[access.AdminRole][]string{
		access.GlobalAdministrator:                everything,
		access.IdentityGovernanceAdministrator:    everything,
		access.ConnectedOrganizationAdministrator: {"organizations", "catalogs"}, // an empty list of catalogs,
		access.CatalogCreator:                     {"catalogs"},                  // see TestListsRestrictedToCatalogs
		access.CatalogOwner:                       catalog,
		access.CatalogReader:                      {"catalogs", "packages"},
		access.AccessPackageManager:               catalog,
		access.AccessPackageAssignmentManager:     catalog,
		"":                                        {},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		for role, may := range allowed {
			p := withRole(t, w, role, w.Catalog.ID)
			v := viewFor(t, s, p)
			for name, err := range reads(t.Context(), v) {
				if slices.Contains(may, name) && err != nil {
					t.Errorf("%s of %q: %v", name, role, err)
				}
				if !slices.Contains(may, name) && (err == nil || access.KindOf(err) != access.Forbidden) {
					t.Errorf("%s of %q are shown: %v", name, role, err)
				}
			}
		}
	})
}

// withRole is a new member with the role, if any; in the catalog if the role is assigned
// per catalog.
func withRole(t *testing.T, w *storetest.World, role access.AdminRole, c access.CatalogID) (p access.Person) {
	t.Helper()
	w.Do(func(ctx context.Context, tx *store.Tx) (err error) {
		name := string(role) + string(c)
		if p, err = w.NewMember(ctx, tx, "Admin "+name, "a-"+name+"@meridian.example"); err != nil || role == "" {
			return err
		}
		a := roleOf(p, role)
		if role.PerCatalog() {
			a.Catalog = c
		}
		return tx.AddRoleAssignment(ctx, a)
	})
	return p
}

// reads is what each of the reads returns.
func reads(ctx context.Context, v admin.View) map[string]error {
	all := map[string]error{}
	note := func(name string, page, walk error) {
		if all[name] = page; (page == nil) != (walk == nil) {
			all[name] = access.Refuse(access.Internal, "the list and its walk differ: %v, %v", page, walk)
		}
	}
	_, err0 := v.Catalogs(ctx, access.ReadCatalog, store.ListQuery[store.CatalogFilter]{Limit: 5})
	note("catalogs", err0, v.WalkCatalogs(ctx, store.ListQuery[store.CatalogFilter]{}, func(store.CatalogLine) error {
		return nil
	}))
	_, err1 := v.Packages(ctx, store.ListQuery[store.PackageFilter]{Limit: 5})
	note("packages", err1, v.WalkPackages(ctx, store.ListQuery[store.PackageFilter]{}, func(store.PackageLine) error {
		return nil
	}))
	_, err2 := v.Assignments(ctx, store.ListQuery[store.AssignmentFilter]{Limit: 5})
	note("assignments", err2, v.WalkAssignments(ctx, store.ListQuery[store.AssignmentFilter]{},
		func(store.AssignmentLine) error { return nil }))
	_, err3 := v.Requests(ctx, store.ListQuery[store.RequestFilter]{Limit: 5})
	note("requests", err3, v.WalkRequests(ctx, store.ListQuery[store.RequestFilter]{}, func(store.RequestLine) error {
		return nil
	}))
	_, err4 := v.People(ctx, store.ListQuery[store.PersonFilter]{Limit: 5})
	note("people", err4, v.WalkPeople(ctx, store.ListQuery[store.PersonFilter]{}, func(access.Person) error {
		return nil
	}))
	_, err5 := v.Organizations(ctx, store.ListQuery[store.OrganizationFilter]{Limit: 5})
	note("organizations", err5, v.WalkOrganizations(ctx, store.ListQuery[store.OrganizationFilter]{},
		func(store.OrganizationLine) error { return nil }))
	_, err6 := v.Entries(ctx, store.ListQuery[store.EntryFilter]{Limit: 5})
	note("entries", err6, v.WalkEntries(ctx, store.ListQuery[store.EntryFilter]{}, func(access.Entry) error {
		return nil
	}))
	_, err7 := v.Directories(ctx, store.ListQuery[store.DirectoryFilter]{Limit: 5})
	note("directories", err7, v.WalkDirectories(ctx, store.ListQuery[store.DirectoryFilter]{},
		func(access.Directory) error { return nil }))
	return all
}

// viewFor is the view of a person.
func viewFor(t *testing.T, s *store.Store, p access.Person) admin.View {
	t.Helper()
	v, err := admin.ViewFor(t.Context(), s.Reader, p)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestListsRestrictedToCatalogs: a person with a right in one catalog sees only that one,
// whatever the query asks for; an administrator without any sees none.
func TestListsRestrictedToCatalogs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w, use := newAdminWorld(t, s)
		ctx := t.Context()
		other, err := use.Admin.SaveCatalog(ctx, w.Lena, access.Catalog{Name: "Other", Published: true})
		if err != nil {
			t.Fatal(err)
		}
		creator := withRole(t, w, access.CatalogCreator, "")
		for who, want := range map[string][]access.CatalogID{"Lena": {other.ID, w.Catalog.ID}, "Omar": {w.Catalog.ID},
			"creator": nil} {
			p := map[string]access.Person{"Lena": w.Lena, "Omar": w.Omar, "creator": creator}[who]
			for _, asked := range [][]access.CatalogID{nil, {other.ID, w.Catalog.ID}} {
				page, err := viewFor(t, s, p).Catalogs(ctx, access.ReadCatalog,
					store.ListQuery[store.CatalogFilter]{Limit: 9, Catalogs: asked})
				var got []access.CatalogID
				for _, c := range page.Rows {
					got = append(got, c.ID)
				}
				slices.Sort(got)
				slices.Sort(want)
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("%s sees %v, want %v: %v", who, got, want, err)
				}
			}
		}
	})
}
