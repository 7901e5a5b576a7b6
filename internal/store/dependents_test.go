package store_test

import (
	"slices"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestApproversAreCopied: the table of approvers has what the terms of policies
// have, and the migration copies the same from policies that are stored already.
func TestApproversAreCopied(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		two := storetest.Named(w.Lena, w.Omar)
		two.Approvers = append(two.Approvers, groupOf(w.Reviewers)...)
		w.Package("Tidal", access.Policy{Name: "Two", Scope: access.ScopeMembers,
			Terms: access.Terms{Stages: []access.Stage{two, storetest.Named(w.Ida, w.Ida)}}},
			access.Policy{Name: "None", Scope: access.ScopeUsers},
			access.Policy{Name: "Empty", Scope: access.ScopeNobody, Terms: access.Terms{Stages: []access.Stage{{Days: 1}}}})
		want := []string{"Two 1 groupMembers " + string(w.Reviewers.ID), "Two 1 singleUser " + string(w.Lena.ID),
			"Two 1 singleUser " + string(w.Omar.ID), "Two 2 singleUser " + string(w.Ida.ID)}
		check := func(when string) {
			t.Helper()
			got := textRows(t, s, `SELECT pol.name, CAST(pa.stage AS TEXT), pa.kind, pa.subject_id FROM policy_approver pa
				JOIN policy pol ON pol.tenant_id = pa.tenant_id AND pol.id = pa.policy_id`)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", when, got, want)
			}
		}
		check("saved")
		mustExec(t, s, `DELETE FROM policy_approver`)
		for _, statement := range s.FillPolicyApprovers() {
			mustExec(t, s, statement)
		}
		check("migrated")
	})
}
