package store_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestPlainSearch checks that a plain search uses names and descriptions only,
// any other also resources.
func TestPlainSearch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		w.Package("Charts", access.Policy{Scope: access.ScopeMembers}) // gives the team and the site Tidal
		for text, want := range map[string][2]int{"charts": {1, 1}, "needs CHA": {1, 1}, "tidal": {1, 0},
			"charts tidal": {1, 0}, "t%": {0, 0}} {
			for i, plain := range []bool{false, true} {
				who, err := s.ContextOf(t.Context(), w.Lena)
				if err != nil {
					t.Fatal(err)
				}
				found, err := s.AvailablePackages(t.Context(), who, store.PackageSearch{Text: text, Plain: plain, Limit: 9})
				if err != nil || len(found) != want[i] {
					t.Errorf("%q, plain %v: %d found, %v", text, plain, len(found), err)
				}
			}
		}
	})
}

// TestLastDecisionsAndTenants checks that the last decision of each request has
// the name of its approver, and that an account's tenants are returned without
// those of others.
func TestLastDecisionsAndTenants(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		o := w.Package("Charts", access.Policy{Scope: access.ScopeMembers,
			Terms: access.Terms{Stages: []access.Stage{storetest.Named(w.Omar), storetest.Named(w.Ida)}}})
		var decided, waiting access.Request
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			for i, q := range []*access.Request{&decided, &waiting} {
				who := []access.Person{w.Lena, w.Omar}[i]
				*q = access.Request{ID: access.RequestID(tx.NewID()), Tenant: w.Tenant.ID, Type: access.UserAdd,
					State: access.Submitted, Package: o.Package.ID,
					Policy: o.Policies[0].ID, Requestor: who.ID, Target: who.ID, Terms: o.Policies[0].Terms, Created: tx.Now}
				if err := tx.AddRequest(ctx, *q, ""); err != nil {
					return err
				}
			}
			for stage, by := range []access.Person{w.Omar, w.Ida} {
				if err := tx.AddDecision(ctx, decided, access.Decision{Stage: stage, By: by.ID, Approve: stage == 0,
					At: tx.Now}); err != nil {
					return err
				}
			}
			return nil
		})
		last, err := s.LastDecisions(t.Context(), w.Tenant.ID, []access.RequestID{decided.ID, waiting.ID})
		if d := last[decided.ID]; err != nil || len(last) != 1 || d.Name != "Ida Falk" || d.Stage != 1 || d.Approve {
			t.Errorf("%+v, %v", last, err)
		}
		if none, err := s.LastDecisions(t.Context(), w.Tenant.ID, nil); err != nil || len(none) != 0 {
			t.Errorf("of no requests: %v, %v", none, err)
		}
		for account, want := range map[access.AccountID][]string{w.Lena.Account: {"Meridian Works"}, w.Mara.ID: nil} {
			tenants, err := s.TenantsOfAccount(t.Context(), account)
			var names []string
			for _, t := range tenants {
				names = append(names, t.Name)
			}
			if d := cmp.Diff(want, names); d != "" || err != nil {
				t.Errorf("%v %s", err, d)
			}
		}
	})
}
