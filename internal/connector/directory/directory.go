// Package directory is the connector of the built-in directory: groups, teams,
// sites and applications that the portal keeps itself, so that the product is
// whole on a fresh machine. It obeys the same contract as every other target.
package directory

import (
	"context"
	"errors"

	"myaccess/internal/access"
	"myaccess/internal/connector"
)

// Members is where the built-in directory is kept; package store has it. Each
// method is a transaction of its own; an entry or right that does not exist is
// access.NotFound.
type Members interface {
	// AddMember gives a person a right in an entry.
	AddMember(ctx context.Context, t access.TenantID, m access.Membership) error
	// RemoveMember takes a right in an entry from a person.
	RemoveMember(ctx context.Context, t access.TenantID, m access.Membership) error
	// IsMember reports whether a person holds a right in an entry.
	IsMember(ctx context.Context, t access.TenantID, m access.Membership) (bool, error)
	// SetAccount brings a person's account to a state.
	SetAccount(ctx context.Context, t access.TenantID, p access.PersonID, state access.GuestState, key string) error
	// AccountState is the state of a person's account.
	AccountState(ctx context.Context, t access.TenantID, p access.PersonID) (access.GuestState, error)
}

// Directory is the connector. Entries is asked only to resolve resources.
type Directory struct {
	members Members
	entry   func(ctx context.Context, t access.TenantID, id access.EntryID) (access.Entry, error)
}

// New returns the connector of the directory kept in m, whose entries are found
// by entry.
func New(m Members, entry func(context.Context, access.TenantID, access.EntryID) (access.Entry, error)) *Directory {
	return &Directory{members: m, entry: entry}
}

// Open is the connector.Opener of targets of the kind access.TargetBuiltIn.
func (d *Directory) Open(access.Target) (connector.Connector, error) { return d, nil }

// Describe implements connector.Connector.
func (*Directory) Describe() connector.Capabilities {
	return connector.Capabilities{Accounts: true, Observes: true, EndsSessions: true, ListsMembers: true}
}

// Resolve implements connector.Connector.
func (d *Directory) Resolve(ctx context.Context, r access.Resource) (access.Resource, error) {
	e, err := d.entry(ctx, r.Tenant, access.EntryID(r.ExternalID))
	if err != nil {
		return r, fault(err)
	}
	r.Kind, r.Name, r.Link, r.Roles = e.Kind, e.Name, e.Link, nil
	for _, name := range e.Roles {
		r.Roles = append(r.Roles, access.ResourceRole{Resource: r.ID, Name: name, ExternalID: name})
	}
	return r, nil
}

// Grant implements connector.Connector.
func (d *Directory) Grant(ctx context.Context, c connector.Call) error {
	return fault(d.members.AddMember(ctx, c.Person.Tenant, membership(c)))
}

// Revoke implements connector.Connector.
func (d *Directory) Revoke(ctx context.Context, c connector.Call) error {
	err := d.members.RemoveMember(ctx, c.Person.Tenant, membership(c))
	if access.KindOf(err) == access.NotFound && err != nil {
		return nil // nothing is held in what is gone
	}
	return fault(err)
}

// Observe implements connector.Connector.
func (d *Directory) Observe(ctx context.Context, c connector.Call) (bool, error) {
	held, err := d.members.IsMember(ctx, c.Person.Tenant, membership(c))
	return held, fault(err)
}

func membership(c connector.Call) access.Membership {
	return access.Membership{Entry: access.EntryID(c.Resource.ExternalID), Role: c.Role.ExternalID, Person: c.Person.ID,
		IdempotencyKey: c.Key}
}

// EnsureAccount implements connector.Accounts.
func (d *Directory) EnsureAccount(ctx context.Context, c connector.AccountCall) error {
	return fault(d.members.SetAccount(ctx, c.Person.Tenant, c.Person.ID, access.GuestActive, c.Key))
}

// SetBlocked implements connector.Accounts.
func (d *Directory) SetBlocked(ctx context.Context, c connector.AccountCall, blocked bool) error {
	state := access.GuestActive
	if blocked {
		state = access.GuestBlocked
	}
	return fault(d.members.SetAccount(ctx, c.Person.Tenant, c.Person.ID, state, c.Key))
}

// RemoveAccount implements connector.Accounts.
func (d *Directory) RemoveAccount(ctx context.Context, c connector.AccountCall) error {
	return fault(d.members.SetAccount(ctx, c.Person.Tenant, c.Person.ID, access.GuestRemoved, c.Key))
}

// ObserveAccount implements connector.Accounts.
func (d *Directory) ObserveAccount(ctx context.Context, c connector.AccountCall) (access.GuestState, error) {
	state, err := d.members.AccountState(ctx, c.Person.Tenant, c.Person.ID)
	return state, fault(err)
}

// fault is err as the contract has it. A call that was given up is left as it
// is: its outcome is unknown.
func fault(err error) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case access.KindOf(err) == access.NotFound:
		return &connector.Error{Kind: connector.NoResource, Err: err,
			Reason: "The group, team, site or application, or the role in it, is no longer there."}
	}
	return &connector.Error{Kind: connector.Temporary, Reason: "The directory could not be changed.", Err: err}
}
