// Package admin implements the use cases of administrators: writes (Editor) and reads
// (View). A write checks the actor's rights inside its transaction; a View keeps the
// rights that were read when it was opened. Each public method of Admin is one
// transaction, which includes its consequences (audit, mails, deliveries). Package access
// decides; admin loads the facts, asks it, and stores the result.
package admin

import (
	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Config has the dependencies of New.
type Config struct {
	Store *store.Store
	// Wake is called after a commit that leaves work for a job, so that the job starts at
	// once. It must not block; nil does nothing.
	Wake func()
	// Resolver looks up the TXT records that verify domains.
	Resolver Resolver
	// AllowLoopback allows tenants' providers on loopback addresses.
	AllowLoopback bool
	// IsListed reports whether the operator permits tenants' providers at a host without a
	// public name; nil for none (access.PrivateHosts).
	IsListed func(host string) bool
}

// Admin has the use cases of administrators. Each checks the actor's rights in its
// transaction, whoever calls it. Each edit names the version that it started from and
// returns Conflict if the record has changed since.
type Admin struct {
	// Setup creates the first administrator of a tenant.
	Setup *Setup
	// Imports imports files of people.
	Imports *Imports

	store    *store.Store
	wake     func()
	resolver Resolver
	private  access.PrivateHosts
	form     access.FormDraft // see Finishing
}

// Finishing returns the use cases for a wizard that is submitted: a change finishes its
// draft in the same transaction, so that it is made once. It is refused with Conflict if
// the draft is finished already (F-283). A draft without a key is not checked.
func (a *Admin) Finishing(d access.FormDraft) *Admin {
	once := *a
	once.form = d
	return &once
}

// New returns the use cases with the given dependencies.
func New(c Config) *Admin {
	if c.Wake == nil {
		c.Wake = func() {}
	}
	a := &Admin{Setup: &Setup{c.Store}, store: c.Store, wake: c.Wake, resolver: c.Resolver,
		private: access.PrivateHosts{Loopback: c.AllowLoopback, IsListed: c.IsListed}}
	a.Imports = &Imports{a}
	return a
}
