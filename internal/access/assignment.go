package access

import (
	"slices"
	"time"
)

// AssignmentState is where an assignment stands. The names are those of the
// Graph accessPackageAssignmentState (F §17).
type AssignmentState string

// The states of an assignment.
const (
	AssignDelivering AssignmentState = "delivering"
	AssignPartial    AssignmentState = "partiallyDelivered"
	AssignDelivered  AssignmentState = "delivered"
	AssignFailed     AssignmentState = "deliveryFailed"
	AssignExpired    AssignmentState = "expired" // ended; never comes back to life
)

// AssignmentStates lists every state of an assignment.
func AssignmentStates() []AssignmentState {
	return []AssignmentState{AssignDelivering, AssignPartial, AssignDelivered, AssignFailed, AssignExpired}
}

// assignmentMoves has the legal moves of an assignment. The database holds the
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
	Request RequestID // the one that brought it about
	State   AssignmentState
	Start   time.Time
	// End is when it ends; zero is never, or, before the access has been seen
	// to be delivered, that a duration has yet to start.
	End       time.Time
	Delivered time.Time // when it was first verified; zero before
	Ended     time.Time // when it expired; zero before
}

// InForce reports whether the assignment gives access at now. It is asked of
// the dates, so that a job that is late never leaves access open.
func (a Assignment) InForce(now time.Time) bool {
	return a.State != AssignExpired && !a.Start.After(now) && (a.End.IsZero() || now.Before(a.End))
}

// AssignmentEnd is the end of an assignment made for r and seen to be delivered at at:
// the end that was asked for, or what the terms say, whichever is first.
// Durations count from delivery (F-123).
func (r Request) AssignmentEnd(at time.Time) time.Time {
	end := r.Terms.Expiration.EndFrom(at)
	if end.IsZero() || !r.End.IsZero() && r.End.Before(end) {
		return r.End
	}
	return end
}

// KnownEnd is the part of Ends that is known before delivery: it leaves out
// durations.
func (r Request) KnownEnd() time.Time {
	if r.Terms.Expiration.Kind == AfterDate {
		return r.AssignmentEnd(time.Time{})
	}
	return r.End
}

// DeliveryState says what the grants of a package's roles amount to for an
// assignment at now: delivered when all are held; delivering while a missing
// one may still arrive within Patience; else partly delivered or failed.
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

// RequestState is the state of the request that brought an assignment of state s
// about.
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
		return Refuse(Conflict, "This assignment has ended already.")
	}
	return nil
}
