// Package admin has the use cases of administrators: what they save and remove.
// Each public method is one transaction with everything that follows from it
// (audit, mails, deliveries) in the same commit. Package access decides; admin
// reads the facts, asks it, and writes the result.
package admin

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Config is what the administrators' use cases need.
type Config struct {
	Store *store.Store
	// Wake is called after a commit that has left work for a job, so that it
	// starts at once. It must not block; nil does nothing.
	Wake func()
	// Resolver looks up the TXT records that verify domains.
	Resolver Resolver
	// AllowLoopback lets providers of tenants be on this machine.
	AllowLoopback bool
}

// Admin has the use cases of administrators. Each checks the rights that the
// actor has in the transaction, whatever page or program it was called from;
// each edit names the version that it started from, and is refused with
// Conflict if the record has been changed since.
type Admin struct {
	// Setup makes the first administrator of a tenant.
	Setup *Setup

	store    *store.Store
	wake     func()
	resolver Resolver
	loopback bool
}

// New returns the use cases over c.
func New(c Config) *Admin {
	if c.Wake == nil {
		c.Wake = func() {}
	}
	return &Admin{Setup: &Setup{c.Store}, store: c.Store, wake: c.Wake, resolver: c.Resolver, loopback: c.AllowLoopback}
}

// change runs f in a transaction with the rights that by has in it. Forbidden
// for somebody who has been disabled since.
func (a *Admin) change(ctx context.Context, by access.Person, f func(tx *store.Tx, rights access.Rights) error) error {
	err := a.store.Write(ctx, func(tx *store.Tx) error {
		fresh, err := tx.Person(ctx, by.Tenant, by.ID)
		if err != nil {
			return err
		}
		rights, err := tx.Rights(ctx, fresh)
		if err != nil {
			return err
		}
		return f(tx, rights)
	})
	a.wake()
	return err
}

// object names what an administrator has changed, for the audit log.
type object struct {
	kind, id string
	from, to string // what changed, in words or as names
	reason   string
}

// record writes the act of an administrator into the audit log.
func record(ctx context.Context, tx *store.Tx, by access.Person, act access.Activity, o object) error {
	return tx.Audit(ctx, access.AuditRecord{Tenant: by.Tenant, Actor: by.ID, Activity: act, ObjectKind: o.kind,
		ObjectID: o.id,
		From:     o.from, To: o.to, Reason: o.reason})
}

// saved is the activity of a thing that was saved: created if it had no version
// before.
func saved(version int64) access.Activity {
	if version == 0 {
		return access.ActCreate
	}
	return access.ActUpdate
}

// checkVersion refuses an edit that did not start from the version stored.
func checkVersion(stored, given int64) error {
	if stored != given {
		return access.Refuse(access.Conflict, "Somebody else has changed this while you were editing. Look at both, and "+
			"save again.")
	}
	return nil
}
