package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// unusable are the names of the tenant's policies that UnusablePolicies lists.
func unusable(t *testing.T, s *store.Store, tenant access.TenantID) string {
	t.Helper()
	all, err := s.UnusablePolicies(t.Context(), tenant, 10)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, u := range all {
		names = append(names, u.PackageName+"/"+u.Policy.Name)
	}
	return strings.Join(names, " ")
}

// TestMigrationOfPatterns checks that the policies of a database of schema 12 whose
// patterns are over the limits of today are found.
func TestMigrationOfPatterns(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			old, done, err := store.OpenOld(t.Context(), at, 12)
			if err != nil {
				t.Fatal(err)
			}
			queries := append(oldRows(),
				`INSERT INTO catalog (tenant_id, id, name, description, published, external, version, sort_name)
				VALUES ('t', 'c', 'C', '', TRUE, TRUE, 1, 'c')`,
				`INSERT INTO package (tenant_id, id, catalog_id, name, description, hidden, version, sort_name, search)
				VALUES ('t', 'k', 'c', 'K', '', FALSE, 1, 'k', '')`)
			for name, pattern := range map[string]string{"large": `\\pL{0,1000}\\pL{0,1000}\\pL{0,1000}`,
				"small": "[a-z]+", "off": `a{1000}b{1000}c{1000}`} {
				queries = append(queries, fmt.Sprintf(`INSERT INTO policy (tenant_id, id, package_id, name, description, scope,
					enabled, terms, version, sort_name) VALUES ('t', '%s', 'k', '%s', '', 'allMemberUsers', %v,
					'{"questions": [{"id": "q", "kind": "shortText", "text": "x", "pattern": "%s"}]}', 1, '%s')`, name, name,
					name != "off", pattern, name))
			}
			for _, query := range queries {
				if _, err := old.Exec(query); err != nil {
					t.Fatalf("%s: %v", query, err)
				}
			}
			if err := done(); err != nil {
				t.Fatal(err)
			}
			s := storetest.Open(t, at, c.Now)
			if got := unusable(t, s, "t"); got != "K/large" {
				t.Errorf("found %q", got)
			}
		})
	}
}

// TestUnusablePolicies checks that a policy is listed while it is enabled and its
// patterns are over the limits, in its own tenant.
func TestUnusablePolicies(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		asks := func(pattern string) access.Terms {
			return access.Terms{Questions: []access.Question{{ID: "q", Kind: access.ShortText, Text: "x", Pattern: pattern}}}
		}
		large := asks("a{1000}b{1000}c{1000}")
		o := w.Package("Tidal", access.Policy{Name: "one", Scope: access.ScopeMembers, Terms: large},
			access.Policy{Name: "two", Scope: access.ScopeMembers, Terms: asks("a")})
		save := func(change func(*access.Policy)) {
			p := o.Policies[0]
			change(&p)
			w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePolicy(ctx, p) })
		}
		expect := func(want string) {
			t.Helper()
			if got := unusable(t, s, w.Tenant.ID); got != want {
				t.Errorf("found %q, want %q", got, want)
			}
		}
		expect("Tidal/one")
		if got := unusable(t, s, "other"); got != "" {
			t.Errorf("another tenant finds %q", got)
		}
		save(func(p *access.Policy) { p.Enabled = false })
		expect("")
		save(func(p *access.Policy) { p.Enabled, p.Terms = true, asks("b") })
		expect("")
		save(func(p *access.Policy) { p.Terms = large })
		expect("Tidal/one")
	})
}

// TestPoliciesWithoutRequestor checks that an enabled policy that names who can request is
// listed while it names no one who can, in its own catalog.
func TestPoliciesWithoutRequestor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, w := t.Context(), storetest.NewWorld(t, s)
		person := func(p access.Person) access.SubjectRef {
			return access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.ID)}
		}
		named := w.ForPartner(access.Terms{})
		named.Name = "partner"
		// Ida and Omar
		o := w.Package("Tidal", named, access.Policy{Name: "group", Scope: access.ScopeSpecificUsers,
			Targets: groupOf(w.Reviewers)},
			access.Policy{Name: "ida", Scope: access.ScopeSpecificUsers, Targets: []access.SubjectRef{person(w.Ida)}},
			access.Policy{Name: "all", Scope: access.ScopeAllOrgs}, access.Policy{Name: "members", Scope: access.ScopeMembers})
		expect := func(when, want string, catalogs ...access.CatalogID) {
			t.Helper()
			found, err := s.PoliciesWithoutRequestor(ctx, w.Tenant.ID, catalogs, 10)
			var names []string
			for _, p := range found.Policies {
				names = append(names, p.Name+" "+string(p.Scope))
			}
			if got := strings.Join(names, ", "); got != want || err != nil {
				t.Errorf("%s: %q, want %q, %v", when, got, want, err)
			}
		}
		const partner = "partner specificConnectedOrganizationUsers"
		expect("at first", "")
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			w.Ida.Disabled = true
			return tx.UpdatePerson(ctx, w.Ida)
		})
		expect("Ida is disabled", "ida specificDirectoryUsers")
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			w.Omar.Disabled = true
			return tx.UpdatePerson(ctx, w.Omar)
		})
		expect("and Omar", "group specificDirectoryUsers, ida specificDirectoryUsers")
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			w.Ida.Disabled = false
			if err := tx.UpdatePerson(ctx, w.Ida); err != nil {
				return err
			}
			return tx.DeleteOrganization(ctx, w.Tenant.ID, w.Partner.ID)
		})
		expect("the organization is deleted", partner)
		expect("in the catalog", partner, w.Catalog.ID, "other")
		expect("in another catalog", "", "other")
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			o.Policies[0].Enabled, o.Policies[0].Targets = false, nil
			return tx.SavePolicy(ctx, o.Policies[0])
		})
		expect("it is disabled", "")
	})
}
