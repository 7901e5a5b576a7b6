// Package connector is the contract between the portal and the systems that
// access is delivered into. There is one sub-package per kind of target;
// package connectortest has the suite that each of them passes.
//
// A connector applies one change and reads back whether it is applied. It keeps no
// state and does not retry. It classifies errors by kind (Error), which alone
// decides what the caller does next: retry a temporary error, show a permanent one
// to an administrator, observe after an unknown outcome.
package connector

import (
	"context"
	"fmt"

	"myaccess/internal/access"
)

// Connector delivers resource roles into one target. Implementations are safe for
// concurrent use. Grant and Revoke are idempotent: granting a role that is held, or
// revoking one that is not, returns nil and changes nothing.
type Connector interface {
	// Describe says what the target can do.
	Describe() Capabilities
	// Resolve looks up a resource by its external id and returns it with the name,
	// link and roles that it has in the target.
	Resolve(ctx context.Context, r access.Resource) (access.Resource, error)
	// Grant assigns the role to the person.
	Grant(ctx context.Context, c Call) error
	// Revoke removes the role from the person. It returns nil if the person or the
	// resource does not exist.
	Revoke(ctx context.Context, c Call) error
	// Observe reports whether the person holds the role: false, without an error,
	// for a person or resource that does not exist.
	Observe(ctx context.Context, c Call) (bool, error)
}

// Accounts is also implemented by connectors of targets that have accounts for
// guests. Its methods are idempotent.
type Accounts interface {
	// EnsureAccount creates the account if there is none, and unblocks it.
	EnsureAccount(ctx context.Context, c AccountCall) error
	// SetBlocked blocks or unblocks the account. NoPerson if there is none.
	SetBlocked(ctx context.Context, c AccountCall, blocked bool) error
	// RemoveAccount deletes the account with all its roles.
	RemoveAccount(ctx context.Context, c AccountCall) error
	// ObserveAccount returns the state of the account; GuestNone if there never was
	// one.
	ObserveAccount(ctx context.Context, c AccountCall) (access.GuestState, error)
}

// Opener returns the connector of a target.
type Opener func(access.Target) (Connector, error)

// OpenByKind returns an Opener that calls the one for the target's kind. The error
// is Misconfigured for a kind without one.
func OpenByKind(openers map[string]Opener) Opener {
	return func(t access.Target) (Connector, error) {
		open, ok := openers[t.Kind]
		if !ok {
			return nil, &Error{Kind: Misconfigured, Reason: "MyAccess has no connector for this type of target.",
				Err: fmt.Errorf("the kind is %q", t.Kind)}
		}
		return open(t)
	}
}

// Capabilities are the optional features of a target.
type Capabilities struct {
	Accounts     bool // has accounts for guests: the connector implements Accounts
	Observes     bool // implements Observe; without it, Observe is Unsupported
	EndsSessions bool // ends a person's sessions when a role is revoked
	Expires      bool // enforces the end date of a role itself
	ListsMembers bool // can list the holders of a role
	ReplacesOnly bool // a role can be replaced by another but not revoked
}

// Subject is the data about a person that a target receives.
type Subject struct {
	Tenant    access.TenantID
	ID        access.PersonID
	Directory access.DirectoryID
	Name      string
	Email     string
}

// Call names one role of one person: to grant, revoke or observe.
type Call struct {
	// Key is an idempotency key: the same in all attempts at one change, and
	// different for every other change.
	Key      string
	Person   Subject
	Resource access.Resource
	Role     access.ResourceRole
}

// AccountCall names one account: to create, block, remove or observe.
type AccountCall struct {
	Key    string // as in Call
	Person Subject
}
