package access

import "time"

// ExistingAccess says whether a person already has a package or a request for
// it.
type ExistingAccess struct {
	Assigned  bool // an assignment is in force or being delivered
	Requested bool // a request is open
	// PausedUntil is when the person may request it again (Withdrawals.PausedUntil); zero
	// if now.
	PausedUntil time.Time
}

// CanRequest refuses a person who already has the package or an open request
// for it (F-147, F-163), who has withdrawn several requests in a short time (B-13), or
// who may not be invited by the tenant (F-153).
func (h ExistingAccess) CanRequest(person PersonContext, s Settings) error {
	switch {
	case h.Assigned:
		return Refuse(Conflict, "You already have this access package.")
	case h.Requested:
		return Refuse(Conflict, "You've already requested this access package. Your request is in progress.")
	case !h.PausedUntil.IsZero():
		return Refuse(TooManyRequests, "You've canceled several requests in a short time. You can request this access "+
			"package again at %s.", h.PausedUntil)
	case person.Kind == External || person.Guest == GuestRemoved:
		return s.CheckInvite(person.Domain)
	}
	return nil
}

// CanAssign is CanRequest for direct assignment by an administrator.
func (h ExistingAccess) CanAssign(person PersonContext, s Settings) error {
	switch {
	case h.Assigned:
		return Invalidf("people", "“%s” already has this access package.", person.Name)
	case h.Requested:
		return Invalidf("people", "“%s” has already requested this access package. The request is in progress.", person.Name)
	case person.Kind == External || person.Guest == GuestRemoved:
		if !s.MayInvite(person.Domain) {
			return Invalidf("people", "This organization doesn't accept guests from %s.", string(person.Domain))
		}
	}
	return nil
}
