// Package admin has the use cases of administrators: what they save and remove
// (Editor), and what they read (View). A use case that writes checks the rights
// inside its transaction; a View holds those read with it.
//
// Each public method of Admin is one transaction with everything that follows from it
// (audit, mails, deliveries) in the same commit. Package access decides; admin
// reads the facts, asks it, and writes the result.
package admin

import (
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
