package access

import (
	"slices"
	"time"
)

// GrantState is where a grant stands between what is wanted and what the
// target holds.
type GrantState string

// The states of a grant.
const (
	Adding   GrantState = "adding"   // wanted; not yet seen in the target
	Held     GrantState = "held"     // wanted, and seen in the target
	Removing GrantState = "removing" // not wanted; not yet seen gone
	Removed  GrantState = "removed"  // not wanted, and seen gone
)

// GrantStates lists every state of a grant.
func GrantStates() []GrantState { return []GrantState{Adding, Held, Removing, Removed} }

// grantMoves has the legal moves of a grant. The database holds the same table.
func grantMoves() map[GrantState][]GrantState {
	return map[GrantState][]GrantState{
		Adding:   {Held, Removing},
		Held:     {Adding, Removing},
		Removing: {Removed, Adding},
		Removed:  {Adding},
	}
}

// CanMove reports whether a grant may go from s to to.
func (s GrantState) CanMove(to GrantState) bool { return slices.Contains(grantMoves()[s], to) }

// Desired reports whether the person should hold the role.
func (s GrantState) Desired() bool { return s == Adding || s == Held }

// Settled reports whether the target is as it should be.
func (s GrantState) Settled() bool { return s == Held || s == Removed }

// Grant is one resource role that one person should hold or should no longer
// hold, however many assignments ask for it (F-055).
type Grant struct {
	ID     GrantID
	Tenant TenantID
	Person PersonID
	Role   ResourceRoleID
	State  GrantState
	// Epoch counts how often the wish has changed. With the id it makes the
	// key by which a target knows a call again.
	Epoch    int64
	Since    time.Time // when the state was entered
	Attempts int       // in this state
	NextTry  time.Time // zero when settled
	// Stuck is true if the last failure cannot mend itself, so that nobody
	// should be kept waiting for it.
	Stuck     bool
	LastError string // in plain words, English; empty after success
}

// DeliveryGrace is how long delivery is tried before a request is called partly
// delivered or failed; it is tried on after that (F-175).
const DeliveryGrace = 4 * time.Hour

// DesiredRoles are the roles that a person should hold: those of the packages whose
// assignments are in force at now. It is all that delivery goes by.
func DesiredRoles(held []Assignment, roles map[PackageID][]ResourceRoleID, now time.Time) map[ResourceRoleID]bool {
	wishes := map[ResourceRoleID]bool{}
	for _, a := range held {
		if !a.InForce(now) {
			continue
		}
		for _, role := range roles[a.Package] {
			wishes[role] = true
		}
	}
	return wishes
}

// RetryDelay is how long to wait after the attempt-th failure in a row: 5 seconds
// doubled up to an hour for the first week, then a day, with jitter (from 0 to
// 1) spread over the last quarter. Nothing is ever given up.
func RetryDelay(attempt int, failing time.Duration, jitter float64) time.Duration {
	pause := time.Hour
	if attempt < 10 {
		pause = min(pause, 5*time.Second<<max(attempt-1, 0))
	}
	if failing > 7*24*time.Hour {
		pause = 24 * time.Hour
	}
	return pause*3/4 + time.Duration(jitter*float64(pause)/4)
}
