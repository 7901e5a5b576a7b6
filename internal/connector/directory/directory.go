// Package directory is the connector of the built-in directory: groups, teams,
// sites and applications in the portal's own database. With it, the product is
// usable before another target is connected. It has the contract of every target.
package directory

import (
	"context"
	"errors"

	"myaccess/internal/access"
	"myaccess/internal/connector"
)

// Store is the storage of the built-in directory; store.Store implements it. Each
// method is one transaction and idempotent. The error is access.NotFound if the
// entry or its role does not exist.
type Store interface {
	// AddMember adds a membership: a person's role in an entry.
	AddMember(ctx context.Context, t access.TenantID, m access.Membership) error
	// RemoveMember removes a membership.
	RemoveMember(ctx context.Context, t access.TenantID, m access.Membership) error
	// IsMember reports whether a membership exists.
	IsMember(ctx context.Context, t access.TenantID, m access.Membership) (bool, error)
	// SetAccount sets the state of a person's account.
	SetAccount(ctx context.Context, t access.TenantID, p access.PersonID, state access.GuestState, key string) error
	// AccountState returns the state of a person's account.
	AccountState(ctx context.Context, t access.TenantID, p access.PersonID) (access.GuestState, error)
}

// Directory is the connector.
type Directory struct {
	store Store
	entry func(ctx context.Context, t access.TenantID, id access.EntryID) (access.Entry, error)
}

// New returns the connector of the directory in s. Resolve reads entries with entry.
func New(s Store, entry func(context.Context, access.TenantID, access.EntryID) (access.Entry, error)) *Directory {
	return &Directory{store: s, entry: entry}
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
		return r, toError(err)
	}
	r.Kind, r.Name, r.Link, r.Roles = e.Kind, e.Name, e.Link, nil
	for _, name := range e.Roles {
		r.Roles = append(r.Roles, access.ResourceRole{Resource: r.ID, Name: name, ExternalID: name})
	}
	return r, nil
}

// Grant implements connector.Connector.
func (d *Directory) Grant(ctx context.Context, c connector.Call) error {
	return toError(d.store.AddMember(ctx, c.Person.Tenant, membership(c)))
}

// Revoke implements connector.Connector.
func (d *Directory) Revoke(ctx context.Context, c connector.Call) error {
	err := d.store.RemoveMember(ctx, c.Person.Tenant, membership(c))
	if access.KindOf(err) == access.NotFound && err != nil {
		return nil // an entry that does not exist has no members
	}
	return toError(err)
}

// Observe implements connector.Connector.
func (d *Directory) Observe(ctx context.Context, c connector.Call) (bool, error) {
	held, err := d.store.IsMember(ctx, c.Person.Tenant, membership(c))
	return held, toError(err)
}

func membership(c connector.Call) access.Membership {
	return access.Membership{Entry: access.EntryID(c.Resource.ExternalID), Role: c.Role.ExternalID, Person: c.Person.ID,
		IdempotencyKey: c.Key}
}

// EnsureAccount implements connector.Accounts.
func (d *Directory) EnsureAccount(ctx context.Context, c connector.AccountCall) error {
	return toError(d.store.SetAccount(ctx, c.Person.Tenant, c.Person.ID, access.GuestActive, c.Key))
}

// SetBlocked implements connector.Accounts.
func (d *Directory) SetBlocked(ctx context.Context, c connector.AccountCall, blocked bool) error {
	state := access.GuestActive
	if blocked {
		state = access.GuestBlocked
	}
	return toError(d.store.SetAccount(ctx, c.Person.Tenant, c.Person.ID, state, c.Key))
}

// RemoveAccount implements connector.Accounts.
func (d *Directory) RemoveAccount(ctx context.Context, c connector.AccountCall) error {
	return toError(d.store.SetAccount(ctx, c.Person.Tenant, c.Person.ID, access.GuestRemoved, c.Key))
}

// ObserveAccount implements connector.Accounts.
func (d *Directory) ObserveAccount(ctx context.Context, c connector.AccountCall) (access.GuestState, error) {
	state, err := d.store.AccountState(ctx, c.Person.Tenant, c.Person.ID)
	return state, toError(err)
}

// toError converts an error of the store to one of the contract. The error of an
// ended context stays as it is, because the outcome is unknown.
func toError(err error) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case access.KindOf(err) == access.NotFound:
		return &connector.Error{Kind: connector.NoResource, Err: err,
			Reason: "The resource or its role no longer exists in the target."}
	}
	return &connector.Error{Kind: connector.Temporary, Reason: "The directory could not be changed.", Err: err}
}
