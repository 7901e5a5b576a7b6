package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// places are the columns of the database that have the id, alone or in a text, as
// "table.column".
func places(t *testing.T, s *store.Store, id string) []string {
	t.Helper()
	list := `SELECT tab.name || ' ' || col.name FROM sqlite_schema tab JOIN pragma_table_info(tab.name) col
		WHERE tab.type = 'table' AND col.type IN ('TEXT', 'JSONB')`
	if s.Postgres() {
		list = `SELECT table_name || ' ' || column_name FROM information_schema.columns
			WHERE table_schema = 'public' AND data_type IN ('text', 'jsonb')`
	}
	columns := textRows(t, s, list)
	if len(columns) < 100 {
		t.Fatalf("%d columns", len(columns))
	}
	var all []string
	for _, c := range columns {
		table, column, _ := strings.Cut(c, " ")
		if n := textRows(t, s, `SELECT CAST(COUNT(*) AS TEXT) FROM `+table+` WHERE CAST(`+column+` AS TEXT) LIKE $1`,
			"%"+id+"%"); n[0] != "0" {
			all = append(all, table+"."+column)
		}
	}
	slices.Sort(all)
	return all
}

// TestDeletedObjectsLeaveNoReferences: after an object was deleted, nothing names it but
// its own row, where past requests need that, and what follows from it.
func TestDeletedObjectsLeaveNoReferences(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		o := w.Package("Tidal", w.ForPartner(access.Terms{}), access.Policy{Name: "Two", Scope: access.ScopeSpecificOrgs,
			Targets: []access.SubjectRef{{Kind: access.SubjectOrganization, ID: string(w.Partner.ID)},
				{Kind: access.SubjectOrganization, ID: "other"}}})
		group := access.Entry{ID: "deleted-group", Tenant: w.Tenant.ID, Kind: access.KindGroup, Name: "Deleted",
			Roles: []string{"Member"}}
		own := access.Directory{ID: "deleted-directory", Owner: w.Tenant.ID, Kind: access.DirectoryOpenID, Name: "Own",
			Issuer: "https://own.example", ClientID: "x", AuthStyle: access.AuthNone, HintStyle: access.HintNone, Enabled: true,
			Domains: []access.Domain{"own.example"}}
		empty := access.Catalog{ID: "deleted-catalog", Tenant: w.Tenant.ID, Name: "Empty", Published: true}
		partner := w.Partner
		partner.InternalSponsors = []access.SubjectRef{{Kind: access.SubjectPerson, ID: string(w.Lena.ID)},
			{Kind: access.SubjectGroup, ID: string(w.Reviewers.ID)}}
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			for _, err := range []error{tx.SaveEntry(ctx, group),
				tx.SetEntryOwners(ctx, w.Tenant.ID, group.ID, []access.PersonID{w.Lena.ID}),
				tx.SaveDirectory(ctx, own, access.VerifiedByDNS), tx.SaveCatalog(ctx, empty),
				tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: w.Tenant.ID, Role: access.CatalogReader,
					Catalog: empty.ID, Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(w.Ida.ID)}}),
				tx.SaveOrganization(ctx, partner)} {
				if err != nil {
					return err
				}
			}
			if _, err := tx.AddMember(ctx, w.Tenant.ID, access.Membership{Entry: group.ID, Role: "Member",
				Person: w.Ida.ID}); err != nil {
				return err
			}
			if _, err := tx.AddCatalogResource(ctx, w.Tenant.ID, empty.ID, w.Team.ID); err != nil {
				return err
			}
			return tx.SaveOrganization(ctx, access.Organization{ID: "of-own", Tenant: w.Tenant.ID, Name: "Own",
				State: access.Configured, Directories: []access.DirectoryID{own.ID}})
		})
		for _, c := range []struct {
			what, id string
			before   int // columns that name it
			remove   func(context.Context, *store.Tx) error
			left     []string
		}{
			{"organization", string(w.Partner.ID), 8,
				func(ctx context.Context, tx *store.Tx) error {
					return tx.DeleteOrganization(ctx, w.Tenant.ID, w.Partner.ID)
				}, nil},
			{"group", string(group.ID), 4,
				func(ctx context.Context, tx *store.Tx) error { return tx.DeleteEntry(ctx, w.Tenant.ID, group.ID) }, nil},
			{"directory", string(own.ID), 4,
				func(ctx context.Context, tx *store.Tx) error { return tx.DeleteDirectory(ctx, own) }, nil},
			{"policy", string(o.Policies[1].ID), 2,
				func(ctx context.Context, tx *store.Tx) error {
					return tx.DeletePolicy(ctx, w.Tenant.ID, o.Policies[1].ID)
				}, nil},
			{"package", string(o.Package.ID), 4,
				func(ctx context.Context, tx *store.Tx) error { return tx.DeletePackage(ctx, w.Tenant.ID, o.Package.ID) },
				[]string{"package.id", "package_role.package_id"}},
			{"catalog", string(empty.ID), 4,
				func(ctx context.Context, tx *store.Tx) error { return tx.DeleteCatalog(ctx, w.Tenant.ID, empty.ID) },
				[]string{"catalog.id"}},
		} {
			if before := places(t, s, c.id); len(before) < c.before {
				t.Errorf("%s: named in %q only, the test proves nothing", c.what, before)
			}
			w.Do(c.remove)
			if diff := cmp.Diff(c.left, places(t, s, c.id)); diff != "" {
				t.Errorf("%s: %s", c.what, diff)
			}
		}
	})
}

// TestPoliciesOfDeletedOrganization: a policy loses the organization, and no other one,
// and has a new version; its package is offered to the people of the others only.
func TestPoliciesOfDeletedOrganization(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w, ctx := storetest.NewWorld(t, s), t.Context()
		other := access.SubjectRef{Kind: access.SubjectOrganization, ID: "other"}
		two := w.ForPartner(access.Terms{})
		two.Name, two.Targets = "Two", append(two.Targets, other)
		o := w.Package("Tidal", w.ForPartner(access.Terms{}), two)
		untouched := w.Package("Else", access.Policy{Scope: access.ScopeSpecificOrgs, Targets: []access.SubjectRef{other}})
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.DeleteOrganization(ctx, w.Tenant.ID, w.Partner.ID)
		})
		after, err := s.Offer(ctx, w.Tenant.ID, o.Package.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range after.Policies {
			want := map[string]int{"Two": 1}[p.Name]
			if p.Version != 2 || len(p.Targets) != want || want == 1 && p.Targets[0] != other {
				t.Errorf("%s: version %d, %+v", p.Name, p.Version, p.Targets)
			}
		}
		if after, err = s.Offer(ctx, w.Tenant.ID, untouched.Package.ID); err != nil || after.Policies[0].Version != 1 ||
			len(after.Policies[0].Targets) != 1 {
			t.Errorf("a policy that did not name it: %+v, %v", after.Policies, err)
		}
		offered := textRows(t, s, `SELECT audience FROM offer WHERE package_id = $1`, string(o.Package.ID))
		if diff := cmp.Diff([]string{"out specificConnectedOrganizationUsers connectedOrganizationMembers other"},
			offered); diff != "" {
			t.Error(diff)
		}
	})
}

// TestMigrationOfDeletedOrganizations: policies of a database of schema 30 lose the
// organizations that were deleted, and keep everything else that they name.
func TestMigrationOfDeletedOrganizations(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			old, done, err := store.OpenOld(t.Context(), at, 30)
			if err != nil {
				t.Fatal(err)
			}
			for _, query := range []string{
				`INSERT INTO directory (id, owner_id, kind, name, issuer, client_id, auth_style, hint_style, tenant_claim,
				tenant_value, scopes, confirmed_hosts, enabled, version) VALUES ('d', '', 'openid', 'D', 'https://d', '', 'none',
				'none',
				'', '', '', '', TRUE, 1)`,
				`INSERT INTO tenant VALUES ('t', 'd', 'T', '{}', 1)`,
				`INSERT INTO organization VALUES ('t', 'o', 'O', 'o', 'configured', 1, 'o')`,
				`INSERT INTO catalog (tenant_id, id, name, description, published, external, version, sort_name)
				VALUES ('t', 'c', 'C', '', TRUE, TRUE, 1, 'c')`,
				`INSERT INTO package (tenant_id, id, catalog_id, name, description, hidden, version, sort_name, search)
				VALUES ('t', 'k', 'c', 'K', '', FALSE, 1, 'k', '')`,
				`INSERT INTO policy (tenant_id, id, package_id, name, description, scope, enabled, terms, version, sort_name)
				VALUES ('t', 'p', 'k', 'P', '', 'specificConnectedOrganizationUsers', TRUE, '{}', 1, 'p')`,
				`INSERT INTO policy_subject (tenant_id, policy_id, kind, subject_id) VALUES
				('t', 'p', 'connectedOrganizationMembers', 'o'), ('t', 'p', 'connectedOrganizationMembers', 'gone'),
				('t', 'p', 'groupMembers', 'a-group')`,
			} {
				if _, err := old.Exec(query); err != nil {
					t.Fatalf("%s: %v", query, err)
				}
			}
			if err := done(); err != nil {
				t.Fatal(err)
			}
			s := storetest.Open(t, at, c.Now)
			left := textRows(t, s, `SELECT subject_id FROM policy_subject ORDER BY subject_id`)
			if diff := cmp.Diff([]string{"a-group", "o"}, left); diff != "" {
				t.Error(diff)
			}
		})
	}
}
