package access

import (
	"slices"
	"time"
)

// PersonKind is how a tenant knows a person.
type PersonKind string

// The kinds of person.
const (
	Member   PersonKind = "member"   // of the tenant's own directory
	Guest    PersonKind = "guest"    // invited: has an account in the target systems
	External PersonKind = "external" // seen, asked, not invited
)

// Person is an account as one tenant knows it. A person may be known before
// the first sign-in and has no account until then (F-009).
type Person struct {
	ID      PersonID
	Tenant  TenantID
	Account AccountID // empty before the first sign-in
	// Directory is the one in which the person signs in, and Domain the one of
	// its domains that the person belongs to.
	Directory DirectoryID
	Domain    Domain
	Kind      PersonKind
	Name      string
	Email     string // to show and to write to; identifies nobody
	Language  string // BCP 47, empty for the tenant's
	TimeZone  string // IANA name, empty for the tenant's
	Manager   PersonID
	Sponsors  []PersonID
	// Attributes are what the organisation knows besides: department, title.
	Attributes map[string]string
	Disabled   bool // may not sign in or ask; set by an administrator

	// Guest is the state of the account that the person was invited to, and
	// GuestNone for members and people not invited.
	Guest GuestState
	// Governed is true if access packages brought the person in, so that the
	// guest is blocked and removed when the last assignment ends (F-196).
	Governed bool
	// RemovalDue is when a blocked guest is removed. It was fixed when the last
	// assignment ended and settings changed later do not move it (F-199).
	RemovalDue time.Time
	InvitedBy  RequestID // the request that brought the guest in

	Created time.Time
	Version int64
}

// Outsider reports whether the person signs in in another directory than the
// tenant's.
func (p Person) Outsider() bool { return p.Kind != Member }

// CheckName refuses a name that cannot be one.
func (p Person) CheckName() error { return checkName("name", p.Name) }

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
