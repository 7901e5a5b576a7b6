package access

import (
	"slices"
	"time"
)

// AssignmentForm is what an administrator puts into the form to assign a package to
// somebody (F-182).
type AssignmentForm struct {
	RequestForm
	By PersonID
}

// NewAssignmentRequest makes the request by which an administrator assigns the package
// to who at now, or says everything that is wrong with it. Nothing is bypassed:
// the policy must be enabled and cover the person, questions are answered for
// them, and where the policy asks for approval its approvers decide (F-184). A
// policy for direct assignment only covers everybody whom the catalog lets in.
func (o Offer) NewAssignmentRequest(who PersonContext, d AssignmentForm, now time.Time) (Request, error) {
	p, err := o.assignable(who, d.Policy)
	if err != nil {
		return Request{}, err
	}
	r, err := p.request(o.Package, who, d.RequestForm, now)
	r.Type, r.Requestor = AdminAdd, d.By
	return r, err
}

// assignable is the policy with the id, if it can be used to assign the package
// to who.
func (o Offer) assignable(who PersonContext, id PolicyID) (Policy, error) {
	at := slices.IndexFunc(o.Policies, func(p Policy) bool { return p.ID == id })
	switch {
	case at < 0:
		return Policy{}, Invalidf("policy", "Choose the policy to assign under.")
	case !o.Policies[at].Enabled:
		return Policy{}, Invalidf("policy", "This policy is disabled: nobody can be assigned with it.")
	case who.Disabled:
		return Policy{}, Invalidf("people", "“%s” has been disabled.", who.Name)
	case who.Outsider() && !o.Catalog.External:
		return Policy{}, Invalidf("people", "The catalog is closed to people outside the directory, so “%s” cannot have "+
			"anything in it.", who.Name)
	}
	if p := o.Policies[at]; p.Scope == ScopeNobody || p.Matches(who) {
		return p, nil
	}
	return Policy{}, Invalidf("people", "This policy does not cover “%s”.", who.Name)
}

// CanCancelAsAdmin refuses an administrator who may not cancel the request in its
// state: anything not yet delivered can be, and what failed (F-155); what was
// granted is taken back.
func (r Request) CanCancelAsAdmin() error {
	switch {
	case r.Type.IsRemoval():
		return Refuse(Conflict, "A removal cannot be canceled.")
	case !r.State.CanMove(Canceled):
		return Refuse(Conflict, "This request can no longer be canceled.")
	}
	return nil
}

// ReprocessWindow is how long after its completion a request that was not
// delivered can be reprocessed (F-177; of the two figures that are told, the
// longer one).
const ReprocessWindow = 14 * 24 * time.Hour

// CanReprocess refuses a request that cannot be delivered again at now: one that
// failed or was delivered in part can within the window; what was delivered can
// while it is held, which the assignment tells (F-178).
func (r Request) CanReprocess(now time.Time) error {
	switch r.State {
	case PartiallyDelivered, DeliveryFailed:
		if !r.Completed.IsZero() && now.After(r.Completed.Add(ReprocessWindow)) {
			return Refuse(Conflict, "A request can be reprocessed within %d days. Cancel it and assign again.",
				int(ReprocessWindow.Hours()/24))
		}
		return nil
	case Delivered:
		return nil
	case Delivering:
		return Refuse(Conflict, "This is being delivered at the moment. It is tried again by itself.")
	case Submitted, PendingApproval, Scheduled, Denied, Canceled, Expired:
	}
	return Refuse(Conflict, "Only requests whose delivery failed, wholly or in part, can be reprocessed.")
}

// CanRemove refuses to end an assignment that has ended.
func (a Assignment) CanRemove() error {
	if a.State == AssignExpired {
		return Refuse(Conflict, "This assignment has ended already.")
	}
	return nil
}

// CanMarkGoverned refuses to mark somebody as governed by access packages: only a guest
// who was there before, and who asked for the package themselves, can be (F-190).
func (p Person) CanMarkGoverned(asked bool) error {
	switch {
	case p.Kind != Guest:
		return Refuse(Conflict, "Only guests can be governed.")
	case p.Governed:
		return Refuse(Conflict, "This guest is governed already.")
	case !asked:
		return Refuse(Conflict, "Only guests who asked for an access package themselves can be governed.")
	}
	return nil
}
