package workspace_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// partnerProjects are the tenant and the catalog of the sample, and its roles by "resource:
// role".
func partnerProjects(t *testing.T, s *store.Store) (access.Tenant, access.Catalog, map[string]access.ResourceRoleID) {
	t.Helper()
	ctx := context.Background()
	tenant := must(s.TenantByDomain(ctx, "meridian.example"))(t)
	c, ok, err := s.CatalogNamed(ctx, tenant.ID, "Partner projects")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	roles := map[string]access.ResourceRoleID{}
	for _, x := range must(s.CatalogResourceRoles(ctx, tenant.ID, c.ID))(t) {
		roles[x.Resource.Name+": "+x.Role.Name] = x.Role.ID
	}
	return tenant, c, roles
}

// Whom an access package makes a member is not a member in the export, which has no
// assignments: elsewhere the membership would never end.
func TestAssignedMembersNotExported(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		apply(t, s, everyKey(t))
		const both, one = "members:\n          - lena@meridian.example\n          - omar@meridian.example\n",
			"members:\n          - lena@meridian.example\n      - displayName"
		if out := string(exported(t, s)); !strings.Contains(out, both) {
			t.Fatalf("the export is:\n%s", out)
		}
		ctx := context.Background()
		tenant, _, roles := partnerProjects(t, s)
		omar := must(s.PeopleByEmail(ctx, tenant.ID, "omar@meridian.example"))(t)[0]
		err := s.Write(ctx, func(tx *store.Tx) error {
			g := access.Grant{ID: access.GrantID(tx.NewID()), Tenant: tenant.ID, Person: omar.ID,
				Role: roles["Approvers: Member"], State: access.Adding, Epoch: 1}
			if err := tx.AddGrant(ctx, g); err != nil {
				return err
			}
			return tx.MoveGrant(ctx, g, access.Held)
		})
		if err != nil {
			t.Fatal(err)
		}
		out := exported(t, s)
		if !strings.Contains(string(out), one) {
			t.Errorf("the export is:\n%s", out)
		}
		if done := apply(t, s, out); len(done) != 0 {
			t.Errorf("applying it changed %v", done)
		}
	})
}

// An export that cannot write everything says what is missing, line by line, and has
// everything else. A plan of it says what is different.
func TestIncompleteExport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		apply(t, s, everyKey(t))
		ctx := context.Background()
		tenant, c, _ := partnerProjects(t, s)
		before := exported(t, s)
		err := s.Write(ctx, func(tx *store.Tx) error {
			target := access.Target{ID: access.TargetID(tx.NewID()), Tenant: tenant.ID, Name: "Elsewhere", Kind: "elsewhere"}
			if err := tx.SaveTarget(ctx, target); err != nil {
				return err
			}
			r := access.Resource{ID: access.ResourceID(tx.NewID()), Tenant: tenant.ID, Target: target.ID,
				Kind: access.KindGroup, ExternalID: "far", Name: "Far away", Roles: []access.ResourceRole{
					{ID: access.ResourceRoleID(tx.NewID()), Name: "Member", ExternalID: "m"}}}
			if err := tx.SaveResource(ctx, r); err != nil {
				return err
			}
			if _, err := tx.AddCatalogResource(ctx, tenant.ID, c.ID, r.ID); err != nil {
				return err
			}
			p, _, err := tx.PackageNamed(ctx, tenant.ID, c.ID, "Tidal project")
			if err != nil {
				return err
			}
			if p, err = tx.Package(ctx, tenant.ID, p.ID); err != nil {
				return err
			}
			p.Roles = append(p.Roles, r.Roles[0].ID)
			return tx.SavePackage(ctx, p)
		})
		if err != nil {
			t.Fatal(err)
		}
		text, err := workspace.Export(ctx, s)
		missing, _ := errors.AsType[workspace.Incomplete](err)
		want := "The file is incomplete. These parts are missing:\n" +
			"Meridian: “Partner projects” has the resource “Far away”, which isn't in the built-in directory.\n" +
			"Meridian: “Tidal project” has the resource “Far away”, which isn't in the built-in directory."
		if diff := cmp.Diff(want, missing.Error()); diff != "" {
			t.Errorf("missing: want (-), got (+): %s", diff)
		}
		if diff := cmp.Diff(string(before), string(text)); diff != "" {
			t.Errorf("the rest: %s", diff)
		}
		changes, err := workspace.Plan(ctx, s, parse(t, text), options())
		if diff := cmp.Diff([]string{"Update access package “Tidal project”"}, lines(changes)); err != nil || diff != "" {
			t.Errorf("a plan: %s, %v", diff, err)
		}
	})
}
