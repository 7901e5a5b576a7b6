package lifecycle

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// firstApprovers returns the people who can decide in the first stage of a new request. It
// refuses the request if no one can decide in one of its stages: those who are named were
// disabled, have lost the way in, have left the group that is named, or are the request's
// own people.
func firstApprovers(ctx context.Context, tx *store.Tx, r access.Request) ([]access.Person, error) {
	people, err := currentApprovers(ctx, tx, r, 0)
	if err != nil {
		return nil, err
	}
	stage := 1
	if len(people) > 0 {
		later := r
		later.Stage = 1
		if stage, err = StageWithoutDecider(ctx, tx.Reader, later); err != nil || stage == 0 {
			return people, err
		}
	}
	if r.Type != access.UserAdd {
		target, err := tx.Person(ctx, r.Tenant, r.Target)
		if err != nil {
			return nil, err
		}
		return nil, access.NoApproverFor(target.Name, stage)
	}
	tenant, err := tx.Tenant(ctx, r.Tenant)
	if err != nil {
		return nil, err
	}
	return nil, access.NoApprover(tenant.Settings.SupportContact)
}

// StageWithoutDecider returns the first stage of the request, from its open one, in which
// no one can decide now, counted from 1; 0 if there is none.
func StageWithoutDecider(ctx context.Context, read *store.Reader, r access.Request) (int, error) {
	var own []access.PersonID
	for _, id := range []access.PersonID{r.Requestor, r.Target} {
		if id != "" {
			own = append(own, id)
		}
	}
	stage, err := read.StageWithoutDecider(ctx, r.Tenant, r.Terms.Stages[min(r.Stage, len(r.Terms.Stages)):], own...)
	if stage > 0 {
		stage += r.Stage
	}
	return stage, err
}

// CheckPolicyApprovers refuses what Requests.Submit would refuse because no one can
// approve a request of the person, who may be unknown, under the policy. Pages ask it
// before they show the form.
func CheckPolicyApprovers(ctx context.Context, read *store.Reader, t access.Tenant, p access.PersonID,
	o access.Policy) error {
	stage, err := StageWithoutDecider(ctx, read, access.Request{Tenant: t.ID, Requestor: p, Target: p, Terms: o.Terms})
	if err != nil || stage == 0 {
		return err
	}
	return access.NoApprover(t.Settings.SupportContact)
}

// Approvers are the people who can decide in a stage of the request now, by name: with the
// members of groups, without the request's own people and those who have no way in.
func Approvers(ctx context.Context, read *store.Reader, r access.Request, stage int) ([]access.Person, error) {
	if stage < 0 || stage >= len(r.Terms.Stages) {
		return nil, nil
	}
	return approversOf(ctx, read, r, stage)
}

// ReassignRequest lets others decide in a stage of a pending request, and mails those of
// them who were not asked before, if the stage is open. x must have been checked by
// access.Request.CheckReassignment, and whether the approvers exist by the caller. It
// returns Invalid at "approvers" if none of them can decide.
func ReassignRequest(ctx context.Context, tx *store.Tx, r access.Request, x access.Reassignment,
	by access.PersonID) error {
	before := r.Terms.Stages[x.Stage].Approvers
	asked, err := currentApprovers(ctx, tx, r, x.Stage)
	if err != nil {
		return err
	}
	r.Terms.Stages = slices.Clone(r.Terms.Stages)
	r.Terms.Stages[x.Stage].Approvers = x.Approvers
	one := r
	one.Stage, one.Terms.Stages = 0, r.Terms.Stages[x.Stage:x.Stage+1]
	if none, err := StageWithoutDecider(ctx, tx.Reader, one); err != nil || none > 0 {
		if err != nil {
			return err
		}
		return access.Invalidf("approvers", "None of these can decide: they are disabled, can't sign in, are groups "+
			"without members, or made the request.")
	}
	if err := tx.SetApprovers(ctx, r, x.Stage); err != nil {
		return err
	}
	err = recordRequest(ctx, tx, r, access.AuditRecord{Actor: by, Activity: access.ActAddApprover, Reason: x.Reason,
		From: approverText(x.Stage, before), To: approverText(x.Stage, x.Approvers)})
	if err != nil || x.Stage != r.Stage {
		return err
	}
	people, err := currentApprovers(ctx, tx, r, r.Stage)
	people = slices.DeleteFunc(people, func(p access.Person) bool {
		return slices.ContainsFunc(asked, func(a access.Person) bool { return a.ID == p.ID })
	})
	if err != nil {
		return err
	}
	return notifyPeople(ctx, tx, r, mail.ApprovalAsked, people)
}

// approverText is a stage and its approvers for the audit log.
func approverText(stage int, approvers []access.SubjectRef) string {
	var all []string
	for _, s := range approvers {
		all = append(all, string(s.Kind)+" "+s.ID)
	}
	return fmt.Sprintf("stage %d: %s", stage+1, strings.Join(all, ", "))
}

// RemindRequest reminds the approvers of the open stage at once. It refuses a request that
// access.Request.CanRemind refuses, and one that no one can decide.
func RemindRequest(ctx context.Context, tx *store.Tx, r access.Request, by access.PersonID) error {
	if err := r.CanRemind(tx.Now); err != nil {
		return err
	}
	people, err := currentApprovers(ctx, tx, r, r.Stage)
	if err != nil {
		return err
	}
	if len(people) == 0 {
		return access.Refuse(access.Conflict, "No one can decide in this stage. Choose other approvers.")
	}
	if err := tx.SetReminded(ctx, r); err != nil {
		return err
	}
	err = recordRequest(ctx, tx, r, access.AuditRecord{Actor: by, Activity: access.ActRemind,
		To: fmt.Sprintf("stage %d", r.Stage+1)})
	if err != nil {
		return err
	}
	return notifyPeople(ctx, tx, r, mail.ApprovalReminder, people)
}
