package store_test

import (
	"context"
	"fmt"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestAudience checks which members and which external people the policies of a
// catalog reach, each counted once.
func TestAudience(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		ctx := t.Context()
		expect := func(what string, outside bool, want store.CatalogAudience) {
			t.Helper()
			got, err := s.CatalogAudience(ctx, w.Tenant.ID, w.Catalog.ID, outside, 3)
			if err != nil || got != want {
				t.Errorf("%s: %+v, want %+v, %v", what, got, want, err)
			}
		}
		expect("an empty catalog", false, store.CatalogAudience{})
		person := func(kind access.SubjectKind, id string) access.Policy {
			return access.Policy{Scope: access.ScopeSpecificUsers, Targets: []access.SubjectRef{{Kind: kind, ID: id}}}
		}
		guests := func(n int) {
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				for i := range n {
					p := access.Person{ID: access.PersonID(tx.NewID()), Tenant: w.Tenant.ID, Directory: w.Harbor.ID,
						Domain: "harbor.example",
						Kind:   access.External, Name: fmt.Sprint("Guest ", i), Email: fmt.Sprint("g", i, "@harbor.example"),
						Guest: access.GuestNone}
					if err := tx.AddPerson(ctx, p); err != nil {
						return err
					}
				}
				return nil
			})
		}
		guests(2)
		w.Package("By name", person(access.SubjectPerson, string(w.Omar.ID)))
		expect("one by name", false, store.CatalogAudience{Packages: 1, People: 1})
		w.Package("By group", person(access.SubjectGroup, string(w.Reviewers.ID)))
		expect("Omar by name, he and Ida by group", false, store.CatalogAudience{Packages: 2, People: 2})
		expect("nobody from outside", true, store.CatalogAudience{})
		w.Package("Partner", w.ForPartner(access.Terms{}))
		expect("an organization that is named", true, store.CatalogAudience{Packages: 1, People: 2, Organizations: 1})
		w.Package("Partners", access.Policy{Scope: access.ScopeAllOrgs})
		expect("and all that are configured", true, store.CatalogAudience{Packages: 2, People: 2, Organizations: 1})
		hidden := w.Package("Hidden", access.Policy{Scope: access.ScopeMembers})
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			hidden.Package.Hidden = true
			return tx.SavePackage(ctx, hidden.Package)
		})
		off := w.Package("Disabled", access.Policy{Scope: access.ScopeMembers})
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			off.Policies[0].Enabled = false
			return tx.SavePolicy(ctx, off.Policies[0])
		})
		expect("what is hidden or disabled shows nobody anything", false, store.CatalogAudience{Packages: 2, People: 2})
		w.Package("All", access.Policy{Scope: access.ScopeUsers})
		expect("all members, once each", false, store.CatalogAudience{Packages: 3, People: 3})
		guests(9)
		w.Package("Anyone", access.Policy{Scope: access.ScopeAnyone})
		expect("more than the limit", true, store.CatalogAudience{Packages: 4, People: 4, Organizations: 1, Anyone: true})
	})
}
