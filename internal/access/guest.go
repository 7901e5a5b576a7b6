package access

import (
	"slices"
	"time"
)

// GuestState is the state of a guest's account in the target systems.
type GuestState string

// The states of a guest.
const (
	GuestNone    GuestState = "none"    // never invited
	GuestActive  GuestState = "active"  // invited; can sign in to the targets
	GuestBlocked GuestState = "blocked" // no access left; cannot sign in to the targets
	GuestRemoved GuestState = "removed" // the account was deleted
)

// GuestStates lists every state of a guest.
func GuestStates() []GuestState {
	return []GuestState{GuestNone, GuestActive, GuestBlocked, GuestRemoved}
}

// guestMoves are the legal moves of a guest (F-192 to F-201). A guest of the tenant's
// own provider who becomes a member is no guest any more. The database has the same
// table.
func guestMoves() map[GuestState][]GuestState {
	return map[GuestState][]GuestState{
		GuestNone:    {GuestActive},
		GuestActive:  {GuestBlocked, GuestRemoved, GuestNone},
		GuestBlocked: {GuestActive, GuestRemoved, GuestNone},
		GuestRemoved: {GuestActive, GuestNone},
	}
}

// CanMove reports whether a guest may go from s to to.
func (s GuestState) CanMove(to GuestState) bool {
	return slices.Contains(guestMoves()[s], to)
}

// GuestPlan is the state that a guest's account should have and, if it is to be
// removed later, when.
type GuestPlan struct {
	State      GuestState
	RemovalDue time.Time
}

// GuestPlan returns what a guest's account should be at now; holds says whether
// any assignment is in force:
//   - a guest who is not governed is never changed (F-196);
//   - with an assignment the guest is active and any planned removal is
//     canceled (F-200);
//   - after the last assignment the settings of that moment apply (F-197), and
//     the removal date is kept from then on (F-199);
//   - a guest whose removal date has passed is removed.
func (p Person) GuestPlan(holds bool, s Settings, now time.Time) GuestPlan {
	switch {
	case p.Kind == Member || p.Guest == GuestNone || p.Guest == GuestRemoved && !holds:
		return GuestPlan{State: p.Guest}
	case holds:
		return GuestPlan{State: GuestActive}
	case !p.Governed:
		return GuestPlan{State: p.Guest}
	case !p.RemovalDue.IsZero() && !now.Before(p.RemovalDue):
		return GuestPlan{State: GuestRemoved}
	case p.Guest == GuestBlocked || !p.RemovalDue.IsZero():
		return GuestPlan{State: p.Guest, RemovalDue: p.RemovalDue}
	}
	return planAfterLastAssignment(s, now)
}

// planAfterLastAssignment returns the plan for an active, governed guest whose last assignment
// has just ended.
func planAfterLastAssignment(s Settings, now time.Time) GuestPlan {
	switch {
	case s.GuestAction == LifecycleBlock:
		return GuestPlan{State: GuestBlocked}
	case s.GuestAction == LifecycleBlockAndDelete && s.GuestDays == 0:
		return GuestPlan{State: GuestRemoved}
	case s.GuestAction == LifecycleBlockAndDelete:
		return GuestPlan{State: GuestBlocked, RemovalDue: AddDays(s.Local(now), s.GuestDays)}
	}
	return GuestPlan{State: GuestActive}
}

// CanMarkGoverned refuses unless p is a guest who is not governed yet and who
// requested an access package (requested) themselves (F-190).
func (p Person) CanMarkGoverned(requested bool) error {
	switch {
	case p.Kind != Guest:
		return Refuse(Conflict, "Only guests can be governed.")
	case p.Governed:
		return Refuse(Conflict, "This guest is already governed.")
	case !requested:
		return Refuse(Conflict, "Only guests who requested an access package themselves can be governed.")
	}
	return nil
}
