package admin_test

import (
	"context"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// newAdminWorld is a world with administrators: Lena is global administrator, Omar owns
// the catalog, Ida creates catalogs.
func newAdminWorld(t *testing.T, s *store.Store) (*storetest.World, services) {
	t.Helper()
	w := storetest.NewWorld(t, s)
	give := func(p access.Person, role access.AdminRole, c access.CatalogID) {
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: w.Tenant.ID, Role: role, Catalog: c,
				Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.ID)}})
		})
	}
	give(w.Lena, access.GlobalAdministrator, "")
	give(w.Omar, access.CatalogOwner, w.Catalog.ID)
	give(w.Ida, access.CatalogCreator, "")
	return w, newServices(s, nil)
}

// services are the use cases of administrators and of other people.
type services struct {
	*lifecycle.Lifecycle
	Admin *admin.Admin
	Setup *admin.Setup
}

func newServices(s *store.Store, dns admin.Resolver) services {
	a := admin.New(admin.Config{Store: s, Resolver: dns})
	return services{lifecycle.New(lifecycle.Config{Store: s}), a, a.Setup}
}

func identity(d access.DirectoryID, subject, name, email string) access.Identity {
	return access.Identity{Directory: d, Subject: subject, Name: name, Email: email, EmailTrusted: true, Language: "de"}
}

func wantKind(t *testing.T, what string, err error, want access.ErrorKind) {
	t.Helper()
	if err == nil || access.KindOf(err) != want {
		t.Errorf("%s: %v, want kind %d", what, err, want)
	}
}

func TestCatalogs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)

		made, err := use.Admin.SaveCatalog(ctx, w.Ida, access.Catalog{Name: "Travel", Published: true})
		if err != nil {
			t.Fatal(err)
		}
		rights, err := s.Rights(ctx, w.Ida)
		if err != nil || rights.MayInCatalog(access.EditCatalog, made.ID) != nil {
			t.Errorf("whoever creates a catalog owns it: %v, %v", rights, err)
		}
		_, err = use.Admin.SaveCatalog(ctx, w.Omar, access.Catalog{Name: "Other"})
		wantKind(t, "an owner of one catalog creates another", err, access.Forbidden)
		_, err = use.Admin.SaveCatalog(ctx, w.Ida, access.Catalog{Name: "TRAVEL"})
		wantKind(t, "a name that is taken", err, access.Invalid)

		stored, err := s.Catalog(ctx, w.Tenant.ID, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		stored.Description = "Trips"
		if _, err := use.Admin.SaveCatalog(ctx, w.Ida, stored); err != nil {
			t.Fatal(err)
		}
		_, err = use.Admin.SaveCatalog(ctx, w.Ida, stored)
		wantKind(t, "the version before", err, access.Conflict)
		_, err = use.Admin.SaveCatalog(ctx, w.Omar, stored)
		wantKind(t, "somebody without a role in it", err, access.NotFound)

		wantKind(t, "a stranger deletes it", use.Admin.DeleteCatalog(ctx, w.Omar, made.ID), access.NotFound)
		w.Package("Tidal")
		wantKind(t, "it holds a package", use.Admin.DeleteCatalog(ctx, w.Lena, w.Catalog.ID), access.Conflict)
		if err := use.Admin.DeleteCatalog(ctx, w.Ida, made.ID); err != nil {
			t.Error(err)
		}
		if given, err := s.CatalogRoleAssignments(ctx, w.Tenant.ID, made.ID); err != nil || len(given) != 0 {
			t.Errorf("its roles go with it: %v, %v", given, err)
		}
		last, ok, err := s.LastChange(ctx, w.Tenant.ID, string(made.ID))
		if err != nil || !ok || last.Actor != w.Ida.ID || last.To != "Travel" {
			t.Errorf("the last change is in the audit log: %+v, %v, %v", last, ok, err)
		}
	})
}

func TestAssignRoleRights(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		role := func(r access.AdminRole, p access.Person, c access.CatalogID) access.RoleAssignment {
			return access.RoleAssignment{Role: r, Catalog: c, Subject: access.SubjectRef{Kind: access.SubjectPerson,
				ID: string(p.ID)}}
		}
		if err := use.Admin.AssignRole(ctx, w.Omar, role(access.CatalogReader, w.Ida, w.Catalog.ID)); err != nil {
			t.Error(err)
		}
		wantKind(t, "an owner gives a role in the tenant", use.Admin.AssignRole(ctx, w.Omar, role(access.CatalogCreator,
			w.Ida,
			"")), access.Forbidden)
		wantKind(t, "a reader gives roles", use.Admin.AssignRole(ctx, w.Ida, role(access.CatalogOwner, w.Ida, w.Catalog.ID)),
			access.Forbidden)
		if err := use.Admin.AssignRole(ctx, w.Lena, role(access.IdentityGovernanceAdministrator, w.Omar, "")); err != nil {
			t.Error(err)
		}
		wantKind(t, "a governance administrator makes a global one", use.Admin.AssignRole(ctx, w.Omar,
			role(access.GlobalAdministrator, w.Omar, "")), access.Forbidden)
		wantKind(t, "somebody of nowhere", use.Admin.AssignRole(ctx, w.Lena, role(access.CatalogCreator,
			access.Person{ID: "x"},
			"")), access.NotFound)
		wantKind(t, "the last global administrator", use.Admin.RemoveRole(ctx, w.Lena, role(access.GlobalAdministrator,
			w.Lena,
			"")), access.Conflict)

		if err := use.Admin.AssignRole(ctx, w.Lena, role(access.GlobalAdministrator, w.Omar, "")); err != nil {
			t.Error(err)
		}
		if err := use.Admin.RemoveRole(ctx, w.Omar, role(access.GlobalAdministrator, w.Lena, "")); err != nil {
			t.Error(err)
		}
		wantKind(t, "whose role was taken", use.Admin.AssignRole(ctx, w.Lena, role(access.CatalogCreator, w.Lena, "")),
			access.Forbidden)
	})
}

func TestGroupRoles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		group := access.SubjectRef{Kind: access.SubjectGroup, ID: string(w.Reviewers.ID)}
		if err := use.Admin.AssignRole(ctx, w.Lena, access.RoleAssignment{Role: access.CatalogReader, Catalog: w.Catalog.ID,
			Subject: group}); err != nil {
			t.Fatal(err)
		}
		rights, err := s.Rights(ctx, w.Ida)
		if err != nil || rights.MayInCatalog(access.ReadCatalog, w.Catalog.ID) != nil {
			t.Errorf("a member of the group reads the catalog: %v, %v", rights, err)
		}
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.RemoveMember(ctx, w.Tenant.ID, access.Membership{Entry: w.Reviewers.ID, Role: store.GroupMember,
				Person: w.Ida.ID})
			return err
		})
		if rights, err = s.Rights(ctx, w.Ida); err != nil || rights.MayInCatalog(access.ReadCatalog, w.Catalog.ID) == nil {
			t.Errorf("who has left the group does not: %v, %v", rights, err)
		}
	})
}

func TestSettings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		stored, err := s.Tenant(ctx, w.Tenant.ID)
		if err != nil {
			t.Fatal(err)
		}
		stored.Settings.GuestDays, stored.Settings.TimeZone = 7, "Europe/Berlin"
		wantKind(t, "an owner of a catalog", use.Admin.SaveSettings(ctx, w.Omar, stored), access.Forbidden)
		if err := use.Admin.SaveSettings(ctx, w.Lena, stored); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "the version before", use.Admin.SaveSettings(ctx, w.Lena, stored), access.Conflict)
		stored.Version++
		stored.Settings.TimeZone, stored.Settings.GuestDays = "Nowhere", -1
		err = use.Admin.SaveSettings(ctx, w.Lena, stored)
		var es access.Errors
		if es.Add(err); len(es) != 2 {
			t.Errorf("both faults are told: %v", err)
		}
		if got, err := s.Tenant(ctx, w.Tenant.ID); err != nil || got.Settings.GuestDays != 7 {
			t.Errorf("got %+v, %v", got.Settings, err)
		}
	})
}

func TestFirstAdministrator(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		ctx := t.Context()
		w := storetest.NewWorld(t, s)
		use := newServices(s, nil)
		if err := use.Setup.Invite(ctx, w.Tenant.ID, "old"); err != nil {
			t.Fatal(err)
		}
		if err := use.Setup.Invite(ctx, w.Tenant.ID, "key"); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "a link made before", use.Setup.Claim(ctx, "old", w.Lena), access.NotFound)
		wantKind(t, "another tenant's", use.Setup.Open(ctx, "key", "other", c.Now()), access.NotFound)
		wantKind(t, "too late", use.Setup.Open(ctx, "key", w.Tenant.ID, c.Now().Add(access.SetupLinkLifetime)),
			access.NotFound)
		if err := use.Setup.Open(ctx, "key", w.Tenant.ID, c.Now().Add(access.SetupLinkLifetime-time.Minute)); err != nil {
			t.Error(err)
		}
		if err := use.Setup.Claim(ctx, "key", w.Lena); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "a second time", use.Setup.Claim(ctx, "key", w.Omar), access.NotFound)
		wantKind(t, "there is one already", use.Setup.Invite(ctx, w.Tenant.ID, "more"), access.Conflict)
		rights, err := s.Rights(ctx, w.Lena)
		if err != nil || !rights.HasTenantRole(access.GlobalAdministrator) {
			t.Errorf("Lena is the administrator: %v, %v", rights, err)
		}
	})
}
