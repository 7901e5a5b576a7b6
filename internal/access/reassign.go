package access

import (
	"slices"
	"time"
)

// ReminderPause is the minimum time between two reminders of a stage, if an administrator
// sends the second one.
const ReminderPause = time.Hour

// CanRemind refuses to remind the approvers of the open stage at now: of a request that is
// not pending, and within ReminderPause of the last reminder.
func (r Request) CanRemind(now time.Time) error {
	if err := r.checkPending(now); err != nil {
		return err
	}
	if next := r.Reminded.Add(ReminderPause); !r.Reminded.IsZero() && now.Before(next) {
		return Refuse(TooManyRequests, "The approvers were reminded less than an hour ago. You can send the next reminder "+
			"at %s.", next)
	}
	return nil
}

// CanReassign refuses to name other approvers for a request that is not pending at now.
func (r Request) CanReassign(now time.Time) error { return r.checkPending(now) }

// checkPending refuses a request that no approver can decide any more.
func (r Request) checkPending(now time.Time) error {
	switch {
	case r.State != PendingApproval:
		return Refuse(Conflict, "This request is no longer pending approval.")
	case !now.Before(r.Due):
		return Refuse(Conflict, "The time to decide on this request has passed.")
	}
	return nil
}

// Reassignment names other approvers for a stage of a pending request.
type Reassignment struct {
	Stage     int // index of the stage
	Approvers []SubjectRef
	Reason    string
}

// CheckReassignment returns every fault of a reassignment, at its field: a stage that has
// decided, no approvers or too many, the request's own people, the approvers that the
// stage has already, and a missing reason.
func (r Request) CheckReassignment(x Reassignment) error {
	var es Errors
	if x.Stage < r.Stage || x.Stage >= len(r.Terms.Stages) {
		es.Add(Invalidf("stage", "Choose a stage that hasn't decided yet."))
	} else if sameSubjects(x.Approvers, r.Terms.Stages[x.Stage].Approvers) {
		es.Add(Invalidf("approvers", "These are already the approvers of the stage. Choose others."))
	}
	switch {
	case len(x.Approvers) == 0:
		es.Add(Invalidf("approvers", "Choose at least one approver."))
	case len(x.Approvers) > MaxStageApprovers:
		es.Add(Invalidf("approvers", "Choose at most %d approvers, or use a group.", MaxStageApprovers))
	case slices.ContainsFunc(x.Approvers, func(s SubjectRef) bool { return !s.isPersonOrGroup() }):
		es.Add(Invalidf("approvers", "Approvers are people and groups."))
	case slices.ContainsFunc(x.Approvers, func(s SubjectRef) bool {
		return s.Kind == SubjectPerson && r.IsRequestorOrTarget(PersonID(s.ID))
	}):
		es.Add(Invalidf("approvers", "No one can approve a request of their own. Choose someone else."))
	}
	es.Add(CheckText("reason", x.Reason, MaxReasonLength, true))
	return es.Err()
}

// sameSubjects reports whether both lists name the same subjects.
func sameSubjects(a, b []SubjectRef) bool {
	in := func(all []SubjectRef) func(SubjectRef) bool {
		return func(s SubjectRef) bool { return !slices.Contains(all, s) }
	}
	return !slices.ContainsFunc(a, in(b)) && !slices.ContainsFunc(b, in(a))
}

// NoApprover refuses a request while no one can decide in one of its stages. contact is
// Settings.SupportContact, which may be empty.
func NoApprover(contact string) *Error {
	if contact == "" {
		return Refuse(Conflict, "No one can approve this right now. Contact an administrator or the person who sent you "+
			"the link.")
	}
	return Refuse(Conflict, "No one can approve this right now. Contact: %s", contact)
}

// NoApproverFor is NoApprover for an administrator who assigns the package: stage, counted
// from 1, is that in which no one can decide.
func NoApproverFor(name string, stage int) *Error {
	return Refuse(Conflict, "No one can approve a request for %s: stage %d of the policy has no approver who can decide. "+
		"Change its approvers first.", name, stage)
}
