package admin_test

import (
	"context"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// TestGroupOfApproversIsNotDeleted: a group is not deleted while a policy, enabled or not,
// names it as an approver, or an open request does whose stage has not begun.
func TestGroupOfApproversIsNotDeleted(t *testing.T) {
	eachRuleFixture(t, func(ctx context.Context, r *ruleFixture) {
		later := r.group("Later", r.Omar.ID)
		two := access.Policy{Name: "Two", Scope: access.ScopeMembers, Terms: access.Terms{
			Expiration: access.Expiration{Kind: access.NoExpiration}, ShowApprovers: access.Inherit,
			Stages: []access.Stage{{Days: 7, Approvers: []access.SubjectRef{person(r.Lena)}},
				{Days: 7, Approvers: []access.SubjectRef{group(later)}}}}}
		o := r.Package("Tidal", two)
		remove := func(ed *admin.Editor) error { return ed.DeleteEntry(ctx, later.ID) }
		const approves = "it is an approver in the policy “Two”"
		r.refused("an enabled policy", access.Conflict, approves, remove)
		r.applies(func(ed *admin.Editor) error { return ed.EnablePolicy(ctx, o.Policies[0].ID, false) })
		r.refused("a disabled policy", access.Conflict, approves, remove)
		r.applies(func(ed *admin.Editor) error { return ed.EnablePolicy(ctx, o.Policies[0].ID, true) })
		open, err := r.Requests.Submit(ctx, r.Tenant, r.AccountOf(r.Ida), o.Package.ID, access.RequestForm{}, "")
		if err != nil {
			t.Fatal(err)
		}
		r.Do(func(ctx context.Context, tx *store.Tx) error { // the policy has one stage now
			p, err := tx.Policy(ctx, r.Tenant.ID, o.Policies[0].ID)
			if err != nil {
				return err
			}
			p.Stages = p.Stages[:1]
			return tx.SavePolicy(ctx, p)
		})
		r.refused("an open request", access.Conflict, "it approves in a later stage of an open request", remove)
		if err := r.Requests.Decide(ctx, r.Lena, lifecycle.DecisionInput{Request: open.ID, Reason: "x"}); err != nil {
			t.Fatal(err)
		}
		r.applies(remove)
	})
}
