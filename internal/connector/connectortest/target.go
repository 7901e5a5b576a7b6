// Package connectortest has the conformance suite for connectors (Run), and Target, a
// target in memory with scripted faults and a ledger of all changes.
package connectortest

import (
	"context"
	"slices"
	"sync"

	"myaccess/internal/access"
	"myaccess/internal/connector"
)

// Target is a target in memory that fulfils the contract of package connector except
// for scripted faults. Every person and resource exists until a test removes it. It is
// safe for concurrent use.
type Target struct {
	mu       sync.Mutex
	held     map[Right]bool
	accounts map[access.PersonID]access.GuestState
	lost     map[access.PersonID]bool
	gone     map[string]bool // lost resources, by external id
	script   map[Op][]Fault
	ledger   []Effect
	calls    map[Op]int
}

// Right is one role of one person.
type Right struct {
	Person   access.PersonID
	Resource string // external id
	Role     string // external id
}

// Op names an operation of a target.
type Op string

// The operations. Those that change the target are recorded in the ledger when they
// do.
const (
	Resolve        Op = "resolve"
	Grant          Op = "grant"
	Revoke         Op = "revoke"
	Observe        Op = "observe"
	EnsureAccount  Op = "ensureAccount"
	Block          Op = "block"
	Unblock        Op = "unblock"
	RemoveAccount  Op = "removeAccount"
	ObserveAccount Op = "observeAccount"
)

// Ops returns every operation.
func Ops() []Op {
	return []Op{Resolve, Grant, Revoke, Observe, EnsureAccount, Block, Unblock, RemoveAccount, ObserveAccount}
}

// Effect is one change of the target, a line of the ledger.
type Effect struct {
	Op  Op
	Key string // of the call
	Right
}

// NewTarget returns an empty target.
func NewTarget() *Target {
	return &Target{
		held: map[Right]bool{}, accounts: map[access.PersonID]access.GuestState{},
		lost: map[access.PersonID]bool{}, gone: map[string]bool{},
		script: map[Op][]Fault{}, calls: map[Op]int{},
	}
}

// Open is the connector.Opener of the target.
func (x *Target) Open(access.Target) (connector.Connector, error) { return x, nil }

// Ledger returns all changes, in order.
func (x *Target) Ledger() []Effect {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.ledger)
}

// Repeated returns changes that happened again with the same key, which invariant B-4
// forbids.
func (x *Target) Repeated() []Effect {
	seen, repeated := map[Effect]bool{}, []Effect(nil)
	for _, e := range x.Ledger() {
		if seen[e] {
			repeated = append(repeated, e)
		}
		seen[e] = true
	}
	return repeated
}

// Holds reports whether the person holds the role of the resource, both by external
// id. It is not counted as a call.
func (x *Target) Holds(person access.PersonID, resource, role string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.held[Right{person, resource, role}]
}

// Calls returns the number of calls of the operation, failed ones included.
func (x *Target) Calls(op Op) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.calls[op]
}

// LosePerson makes the person not exist, or exist again.
func (x *Target) LosePerson(person access.PersonID, lost bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.lost[person] = lost
}

// LoseResource deletes the resource with the external id and all its roles, or makes
// it exist again, without holders.
func (x *Target) LoseResource(resource string, lost bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.gone[resource] = lost
	for r := range x.held {
		if lost && r.Resource == resource {
			delete(x.held, r)
		}
	}
}

// Drift grants or revokes a right without a call and without a line in the ledger, as
// an administrator of the target could.
func (x *Target) Drift(r Right, held bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.held[r] = held
}

// Describe implements connector.Connector.
func (*Target) Describe() connector.Capabilities {
	return connector.Capabilities{Accounts: true, Observes: true}
}

// Resolve implements connector.Connector.
func (x *Target) Resolve(ctx context.Context, r access.Resource) (access.Resource, error) {
	err := x.call(ctx, Resolve, func() error { return x.checkResource(r) })
	return r, err
}

// Grant implements connector.Connector.
func (x *Target) Grant(ctx context.Context, c connector.Call) error {
	return x.call(ctx, Grant, func() error {
		if err := x.check(c); err != nil {
			return err
		}
		r := right(c)
		if !x.held[r] {
			x.held[r] = true
			x.ledger = append(x.ledger, Effect{Grant, c.Key, r})
		}
		return nil
	})
}

// Revoke implements connector.Connector.
func (x *Target) Revoke(ctx context.Context, c connector.Call) error {
	return x.call(ctx, Revoke, func() error {
		r := right(c)
		if x.held[r] {
			delete(x.held, r)
			x.ledger = append(x.ledger, Effect{Revoke, c.Key, r})
		}
		return nil
	})
}

// Observe implements connector.Connector.
func (x *Target) Observe(ctx context.Context, c connector.Call) (held bool, err error) {
	err = x.call(ctx, Observe, func() error {
		held = x.held[right(c)]
		return nil
	})
	return held && err == nil, err
}

func right(c connector.Call) Right {
	return Right{c.Person.ID, c.Resource.ExternalID, c.Role.ExternalID}
}

// check returns an error for a person, resource or role that does not exist.
func (x *Target) check(c connector.Call) error {
	if x.lost[c.Person.ID] {
		return errNoPerson()
	}
	if err := x.checkResource(c.Resource); err != nil {
		return err
	}
	if !slices.ContainsFunc(c.Resource.Roles, func(r access.ResourceRole) bool {
		return r.ExternalID == c.Role.ExternalID
	}) && len(c.Resource.Roles) > 0 {
		return errNoResource()
	}
	return nil
}

func (x *Target) checkResource(r access.Resource) error {
	if x.gone[r.ExternalID] {
		return errNoResource()
	}
	return nil
}

func errNoPerson() error {
	return &connector.Error{Kind: connector.NoPerson, Reason: "The target does not know this person."}
}

func errNoResource() error {
	return &connector.Error{Kind: connector.NoResource, Reason: "The resource or its role no longer exists."}
}
