// Package connectortest has the suite that every connector passes (Run), and a
// Target: a whole target in memory, whose faults a test writes beforehand and
// whose ledger says afterwards what really happened in it.
package connectortest

import (
	"context"
	"slices"
	"sync"

	"myaccess/internal/access"
	"myaccess/internal/connector"
)

// Target is a target in memory that obeys the contract of package connector,
// and breaks its promises of service only where a test has said so. It knows
// every person and every resource that it has not been told to lose. It is safe
// for concurrent use.
type Target struct {
	mu       sync.Mutex
	held     map[Right]bool
	accounts map[access.PersonID]access.GuestState
	people   map[access.PersonID]bool // true: lost
	gone     map[string]bool          // external ids of resources that are lost
	script   map[Op][]Fault
	ledger   []Effect
	calls    map[Op]int
}

// Right is one role that one person may hold.
type Right struct {
	Person   access.PersonID
	Resource string // what the target calls the resource
	Role     string // what the target calls the role
}

// Op names what is done to a target.
type Op string

// The operations. All but the looks leave a line in the ledger when they change
// something.
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

// Ops lists every operation, for tests that walk them.
func Ops() []Op {
	return []Op{Resolve, Grant, Revoke, Observe, EnsureAccount, Block, Unblock, RemoveAccount, ObserveAccount}
}

// Effect is a line of the ledger: something that has changed in the target.
// Calls that changed nothing have none.
type Effect struct {
	Op  Op
	Key string // of the call that brought it about
	Right
}

// NewTarget is a target in which nobody holds anything.
func NewTarget() *Target {
	return &Target{
		held: map[Right]bool{}, accounts: map[access.PersonID]access.GuestState{},
		people: map[access.PersonID]bool{}, gone: map[string]bool{},
		script: map[Op][]Fault{}, calls: map[Op]int{},
	}
}

// Open is the connector.Opener of the target.
func (x *Target) Open(access.Target) (connector.Connector, error) { return x, nil }

// Ledger is everything that has changed in the target, in order.
func (x *Target) Ledger() []Effect {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.ledger)
}

// Repeated has the effects that came about more than once by the same key, which
// is what invariant B-4 forbids.
func (x *Target) Repeated() []Effect {
	seen, twice := map[Effect]bool{}, []Effect(nil)
	for _, e := range x.Ledger() {
		if seen[e] {
			twice = append(twice, e)
		}
		seen[e] = true
	}
	return twice
}

// Holds reports whether the person holds the role, by their external ids. It is
// not a call, and meets no fault.
func (x *Target) Holds(person access.PersonID, resource, role string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.held[Right{person, resource, role}]
}

// Calls is how often the operation was called, whatever came of it.
func (x *Target) Calls(op Op) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.calls[op]
}

// LosePerson makes the target not know the person, or, with false, know again.
func (x *Target) LosePerson(person access.PersonID, lost bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.people[person] = lost
}

// LoseResource makes the resource with the external id vanish with all that is
// held in it, or, with false, be there again.
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

// Drift changes what the person holds behind the portal's back: it leaves no
// line in the ledger.
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
	err := x.call(ctx, Resolve, func() error { return x.known(r) })
	return r, err
}

// Grant implements connector.Connector.
func (x *Target) Grant(ctx context.Context, c connector.Call) error {
	return x.call(ctx, Grant, func() error {
		if err := x.reachable(c); err != nil {
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

// reachable refuses a call for a person or a resource that is lost, and for a
// role that the resource does not have.
func (x *Target) reachable(c connector.Call) error {
	if x.people[c.Person.ID] {
		return noPerson()
	}
	if err := x.known(c.Resource); err != nil {
		return err
	}
	if !slices.ContainsFunc(c.Resource.Roles, func(r access.ResourceRole) bool {
		return r.ExternalID == c.Role.ExternalID
	}) && len(c.Resource.Roles) > 0 {
		return noResource()
	}
	return nil
}

func (x *Target) known(r access.Resource) error {
	if x.gone[r.ExternalID] {
		return noResource()
	}
	return nil
}

func noPerson() error {
	return &connector.Error{Kind: connector.NoPerson, Reason: "The target does not know this person."}
}

func noResource() error {
	return &connector.Error{Kind: connector.NoResource, Reason: "The resource, or the role in it, is no longer there."}
}
