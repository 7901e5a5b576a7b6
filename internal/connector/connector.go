// Package connector is the contract between the portal and the systems that
// access is delivered into. There is one sub-package per kind of target;
// package connectortest has the suite that each of them passes.
//
// A connector makes one thing so and says whether it is so. It keeps no state,
// retries nothing, and tells faults apart by their kind (Error), because what
// happens next is decided by the kind alone: a fault that may mend itself is
// tried again, one that cannot is shown to somebody who can mend it, and a call
// whose outcome is unknown is followed by a look.
package connector

import (
	"context"

	"myaccess/internal/access"
)

// Connector delivers resource roles into one target. Implementations are safe
// for concurrent use. Granting what is held and revoking what is not is no
// error and no second effect.
type Connector interface {
	// Describe says what the target can do.
	Describe() Capabilities
	// Resolve looks a resource up in the target, by its external id, and
	// returns it with the name, link and roles that it has there.
	Resolve(ctx context.Context, r access.Resource) (access.Resource, error)
	// Grant gives the person the role.
	Grant(ctx context.Context, c Call) error
	// Revoke takes the role from the person. A person or resource that is gone
	// is no error: nothing is held there.
	Revoke(ctx context.Context, c Call) error
	// Observe reports whether the person holds the role. A person whom the
	// target does not know holds nothing.
	Observe(ctx context.Context, c Call) (bool, error)
}

// Accounts is what a connector has besides if the target keeps accounts for
// guests.
type Accounts interface {
	// EnsureAccount makes sure that the person has an account that may be used.
	EnsureAccount(ctx context.Context, c AccountCall) error
	// SetBlocked keeps the account from being used, or lets it be used again.
	SetBlocked(ctx context.Context, c AccountCall, blocked bool) error
	// RemoveAccount removes the account with everything that it holds.
	RemoveAccount(ctx context.Context, c AccountCall) error
	// ObserveAccount is the state of the account; GuestNone if there never was
	// one.
	ObserveAccount(ctx context.Context, c AccountCall) (access.GuestState, error)
}

// Opener returns the connector of a target.
type Opener func(access.Target) (Connector, error)

// OpenByKind returns the Opener that knows the kinds of target in openers. A target
// of another kind is Misconfigured.
func OpenByKind(openers map[string]Opener) Opener {
	return func(t access.Target) (Connector, error) {
		open, ok := openers[t.Kind]
		if !ok {
			return nil, &Error{Kind: Misconfigured, Reason: "This program has no connector for targets of the kind “" + t.Kind +
				"”."}
		}
		return open(t)
	}
}

// Capabilities are what a target can do besides giving and taking roles.
type Capabilities struct {
	Accounts     bool // keeps accounts for guests: the connector is an Accounts
	Observes     bool // can be asked what it holds
	EndsSessions bool // sessions end when a role is taken away
	Expires      bool // enforces the end of a role itself
	ListsMembers bool // can list who holds a role
	ReplacesOnly bool // a role can be exchanged for another but not taken away
}

// Subject is a person as a target is told of one.
type Subject struct {
	Tenant    access.TenantID
	ID        access.PersonID
	Directory access.DirectoryID
	Name      string
	Email     string
}

// Call is one role to be given to, taken from, or looked for with one person.
type Call struct {
	// Key is the same whenever the same wish is tried again, and differs for
	// every other one, so that a target can know a repeated call.
	Key      string
	Person   Subject
	Resource access.Resource
	Role     access.ResourceRole
}

// AccountCall is one account to be made, blocked, removed or looked at.
type AccountCall struct {
	Key    string // as in Call
	Person Subject
}
