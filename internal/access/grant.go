package access

import (
	"slices"
	"time"
)

// GrantState compares what a grant should be with what the target was last seen
// to have.
type GrantState string

// The states of a grant.
const (
	Adding   GrantState = "adding"   // desired; not yet seen in the target
	Held     GrantState = "held"     // desired and seen in the target
	Removing GrantState = "removing" // no longer desired; still in the target as far as known
	Removed  GrantState = "removed"  // no longer desired and seen to be gone
)

// GrantStates lists every state of a grant.
func GrantStates() []GrantState { return []GrantState{Adding, Held, Removing, Removed} }

// grantMoves are the legal moves of a grant. The database has the same table.
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

// Desired reports whether the person should have the role.
func (s GrantState) Desired() bool { return s == Adding || s == Held }

// Settled reports whether the target has the desired state.
func (s GrantState) Settled() bool { return s == Held || s == Removed }

// Grant is a resource role that a person should have, or should no longer have.
// There is one per person and role, however many assignments include the role
// (F-055).
type Grant struct {
	ID     GrantID
	Tenant TenantID
	Person PersonID
	Role   ResourceRoleID
	State  GrantState
	// Epoch counts how often the desired state has changed. ID and Epoch make
	// the idempotency key of calls to the target.
	Epoch    int64
	Since    time.Time // when the state was entered
	Attempts int       // in this state
	NextTry  time.Time // zero when settled
	// Stuck is true if retrying cannot fix the last failure, so that the
	// request should be reported as failed without waiting.
	Stuck     bool
	LastError Message // empty after success
}

// DeliveryGrace is how long delivery is tried before the request is reported as
// partially delivered or failed. Retries go on after that (F-175).
const DeliveryGrace = 4 * time.Hour

// DesiredRoles returns the roles that a person should have at now: those of the
// packages whose assignments are in force. Delivery uses nothing else.
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

// RetryDelay returns how long to wait after the attempt-th failure in a row: 5
// seconds, doubled up to an hour; a day once it has been failing for a week.
// jitter, from 0 to 1, shortens it by up to a quarter. There is no last
// attempt.
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
