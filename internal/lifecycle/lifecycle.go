// Package lifecycle has the use cases of requestors, approvers, reviewers and
// the clock: signing in, submitting and deciding requests, delivering, ending
// and removing access. Each method is one transaction of the store, with
// everything that follows from it (history, audit, mails, deliveries) in the
// same commit. Package access decides; lifecycle reads the facts, asks it, and
// writes the result. Functions that take a *store.Tx are steps that package
// admin uses in transactions of its own.
//
// Two kinds of work reach outside: deliveries call connectors, and mails call
// the mail server. Both read in one transaction, call out, and write in another,
// so that no transaction waits for a network, and both can be killed at any
// moment: a delivery that was not recorded is observed in the target by the
// next worker, and a mail that was not recorded is sent again.
//
// A transaction may run more than once before it is committed. A function given
// to Store.Write therefore assigns every result anew and changes none of its
// inputs.
//
// The methods that package jobs calls are only there to be prompt: whether
// access is in force, or a decision is in time, follows from the dates.
package lifecycle

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/connector"
	"myaccess/internal/lang"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// Config is what the use cases need.
type Config struct {
	Store *store.Store
	// OpenConnector returns the connector of a target.
	OpenConnector connector.Opener
	// Sender sends mails.
	Sender mail.Sender
	// BaseURL is the address of the portal without a trailing slash, for links
	// in mails.
	BaseURL string
	// Log is where failures are reported that no caller sees; nil discards them.
	Log *slog.Logger
	// Jitter returns a random number from 0 to 1, which spreads retries.
	Jitter func() float64
	// Wake is called after a commit that has left work for a job, so that it
	// starts at once. It must not block; nil does nothing.
	Wake func()
	// Catalog has the translations of mails; nil loads them.
	Catalog *lang.Catalog
}

// Lifecycle has the use cases by their subject.
type Lifecycle struct {
	SignIns     *SignIns
	Requests    *Requests
	Deadlines   *Deadlines
	Delivery    *Delivery
	Guests      *Guests
	Mails       *Mails
	Maintenance *Maintenance
	Passcodes   *Passcodes
	CarryOvers  *CarryOvers
	Rollouts    *Rollouts
	Merges      *Merges
}

// New returns the use cases over c.
func New(c Config) *Lifecycle {
	if c.Wake == nil {
		c.Wake = func() {}
	}
	if c.Catalog == nil {
		c.Catalog = lang.Load()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	passcodes := &Passcodes{c.Store}
	return &Lifecycle{
		SignIns:   &SignIns{store: c.Store, log: c.Log},
		Requests:  &Requests{store: c.Store, wake: c.Wake},
		Deadlines: &Deadlines{store: c.Store},
		Delivery:  newDelivery(c),
		Guests:    &Guests{c.Store},
		Mails: &Mails{store: c.Store, sender: c.Sender, base: c.BaseURL, log: c.Log, jitter: c.Jitter,
			catalog: c.Catalog},
		Maintenance: &Maintenance{c.Store},
		Passcodes:   passcodes,
		CarryOvers:  &CarryOvers{store: c.Store, passcodes: passcodes},
		Rollouts:    &Rollouts{store: c.Store, wake: c.Wake},
		Merges:      &Merges{store: c.Store, wake: c.Wake},
	}
}

// recoverPanic runs f and returns a panic as an error, so that a panic in one
// item does not stop the others.
func recoverPanic(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return f()
}

// recordRequest adds audit records about a request.
func recordRequest(ctx context.Context, tx *store.Tx, r access.Request, all ...access.AuditRecord) error {
	for i := range all {
		a := &all[i]
		a.Tenant, a.ObjectKind, a.ObjectID, a.Request = r.Tenant, access.ObjectRequest, string(r.ID), r.ID
	}
	return tx.Audit(ctx, all...)
}

// moveRequest moves a request to a state and adds an audit record.
func moveRequest(ctx context.Context, tx *store.Tx, r *access.Request, to access.RequestState,
	a access.AuditRecord) error {
	if err := tx.MoveRequest(ctx, *r, to, a.Actor, a.Reason); err != nil {
		return err
	}
	a.From, a.To = string(r.State), string(to)
	r.State = to
	return recordRequest(ctx, tx, *r, a)
}

// notify queues a mail about a request to each person.
func notify(ctx context.Context, tx *store.Tx, r access.Request, kind mail.Kind, to ...access.PersonID) error {
	people := make([]access.Person, len(to))
	for i, id := range to {
		people[i].ID = id
	}
	return notifyPeople(ctx, tx, r, kind, people)
}

// notifyPeople is notify for people who were read from the database.
func notifyPeople(ctx context.Context, tx *store.Tx, r access.Request, kind mail.Kind, to []access.Person) error {
	return notifyLater(ctx, tx, r, mailAfter{kind, 0}, to)
}

// mailAfter is a kind of mail that is sent after a delay at the earliest.
type mailAfter struct {
	kind  mail.Kind
	delay time.Duration
}

// notifyLater is notifyPeople for mails that wait.
func notifyLater(ctx context.Context, tx *store.Tx, r access.Request, m mailAfter, to []access.Person) error {
	all := make([]store.Mail, len(to))
	for i, p := range to {
		all[i] = store.Mail{Tenant: r.Tenant, Kind: string(m.kind), Person: p.ID, Email: p.Email, Request: r.ID,
			Stage: r.Stage, Delay: m.delay}
	}
	return tx.QueueMail(ctx, all...)
}

// localNow is the time of the transaction in the time zone of the tenant, in which days are
// counted.
func localNow(ctx context.Context, tx *store.Tx, id access.TenantID) (time.Time, error) {
	t, err := tx.Tenant(ctx, id)
	return t.Settings.Local(tx.Now), err
}
