package access

import (
	"slices"
	"time"
)

// AssignmentState is the delivery state of an assignment, with the names of the
// Graph accessPackageAssignmentState.
type AssignmentState string

// The states of an assignment.
const (
	AssignDelivering AssignmentState = "delivering"
	AssignPartial    AssignmentState = "partiallyDelivered"
	AssignDelivered  AssignmentState = "delivered"
	AssignFailed     AssignmentState = "deliveryFailed"
	AssignExpired    AssignmentState = "expired" // ended; final
)

// AssignmentStates lists every state of an assignment.
func AssignmentStates() []AssignmentState {
	return []AssignmentState{AssignDelivering, AssignPartial, AssignDelivered, AssignFailed, AssignExpired}
}

// assignmentMoves are the legal moves of an assignment. The database has the
// same table.
func assignmentMoves() map[AssignmentState][]AssignmentState {
	return map[AssignmentState][]AssignmentState{
		AssignDelivering: {AssignDelivered, AssignPartial, AssignFailed, AssignExpired},
		AssignPartial:    {AssignDelivering, AssignExpired},
		AssignDelivered:  {AssignDelivering, AssignExpired},
		AssignFailed:     {AssignDelivering, AssignExpired},
	}
}

// CanMove reports whether an assignment may go from s to to.
func (s AssignmentState) CanMove(to AssignmentState) bool {
	return slices.Contains(assignmentMoves()[s], to)
}

// Assignment is a package held by a person for a period.
type Assignment struct {
	ID      AssignmentID
	Tenant  TenantID
	Package PackageID
	Policy  PolicyID
	Person  PersonID
	Request RequestID // the request that created it
	State   AssignmentState
	Start   time.Time
	// End is when it ends. Zero means never or, before delivery, that the
	// duration has not started.
	End       time.Time
	Delivered time.Time // when delivery was first verified; zero before
	Ended     time.Time // when it expired; zero before
}

// InForce reports whether the assignment gives access at now. It checks the
// dates, so that a late job never leaves access open.
func (a Assignment) InForce(now time.Time) bool {
	return a.State != AssignExpired && !a.Start.After(now) && (a.End.IsZero() || now.Before(a.End))
}

// AssignmentEnd returns the end of an assignment for r whose delivery was
// verified at at: the requested end or that of the terms, whichever is earlier.
// Zero is never. Durations count from delivery (F-123), days in the zone that at is in.
func (r Request) AssignmentEnd(at time.Time) time.Time {
	end := r.Terms.Expiration.EndFrom(at)
	if end.IsZero() || !r.End.IsZero() && r.End.Before(end) {
		return r.End
	}
	return end
}

// KnownEnd returns the end as far as it is known before delivery: it ignores
// durations, which start with delivery. Zero is never or not yet known.
func (r Request) KnownEnd() time.Time {
	if r.Terms.Expiration.Kind == AfterDate {
		return r.AssignmentEnd(time.Time{})
	}
	return r.End
}

// DeliveryState returns the state of an assignment at now from the grants of
// its package's roles: delivered when all are held; delivering while a missing
// one is not stuck and younger than DeliveryGrace; else partially delivered or
// failed.
func DeliveryState(grants []Grant, now time.Time) AssignmentState {
	held, waiting := 0, false
	for _, g := range grants {
		if g.State == Held {
			held++
		} else if !g.Stuck && now.Before(g.Since.Add(DeliveryGrace)) {
			waiting = true
		}
	}
	switch {
	case held == len(grants):
		return AssignDelivered
	case waiting:
		return AssignDelivering
	case held > 0:
		return AssignPartial
	}
	return AssignFailed
}

// RequestState returns the state of the request that created an assignment
// which is in state s.
func (s AssignmentState) RequestState() RequestState {
	switch s {
	case AssignDelivered:
		return Delivered
	case AssignPartial:
		return PartiallyDelivered
	case AssignFailed:
		return DeliveryFailed
	case AssignDelivering, AssignExpired:
	}
	return Delivering
}

// CanRemove refuses to end an assignment that has ended.
func (a Assignment) CanRemove() error {
	if a.State == AssignExpired {
		return Refuse(Conflict, "This assignment has already ended.")
	}
	return nil
}
