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
	GuestActive  GuestState = "active"  // invited; may use what is granted
	GuestBlocked GuestState = "blocked" // holds nothing; may not sign in to the targets
	GuestRemoved GuestState = "removed" // the account is gone
)

// GuestStates lists every state of a guest.
func GuestStates() []GuestState {
	return []GuestState{GuestNone, GuestActive, GuestBlocked, GuestRemoved}
}

// guestMoves has the legal moves of a guest (F-192 to F-201). The database
// holds the same table.
func guestMoves() map[GuestState][]GuestState {
	return map[GuestState][]GuestState{
		GuestNone:    {GuestActive},
		GuestActive:  {GuestBlocked, GuestRemoved},
		GuestBlocked: {GuestActive, GuestRemoved},
		GuestRemoved: {GuestActive},
	}
}

// CanMove reports whether a guest may go from s to to.
func (s GuestState) CanMove(to GuestState) bool {
	return slices.Contains(guestMoves()[s], to)
}

// GuestPlan is what follows for a guest from what is held: the state the
// account should have and, if it is to be removed later, when.
type GuestPlan struct {
	State      GuestState
	RemovalDue time.Time
}

// GuestPlan works out what a guest's account should be at now, given whether any
// assignment is in force (holds):
//   - a guest whom packages did not bring in is left alone for ever (F-196);
//   - one who holds something is active, and any removal is called off (F-200);
//   - one who has lost the last assignment is treated as the settings say at
//     that moment (F-197), and the date then fixed stands (F-199);
//   - one whose date has come is removed.
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
	return lostLast(s, now)
}

// lostLast is the fate of an active, governed guest whose last assignment has
// just ended.
func lostLast(s Settings, now time.Time) GuestPlan {
	switch {
	case s.GuestAction == LifecycleBlock:
		return GuestPlan{State: GuestBlocked}
	case s.GuestAction == LifecycleBlockAndDelete && s.GuestDays == 0:
		return GuestPlan{State: GuestRemoved}
	case s.GuestAction == LifecycleBlockAndDelete:
		return GuestPlan{State: GuestBlocked, RemovalDue: now.AddDate(0, 0, s.GuestDays)}
	}
	return GuestPlan{State: GuestActive}
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
