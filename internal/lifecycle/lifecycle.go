// Package lifecycle has the use cases: what people, administrators and the
// passing of time do to access. Each method is one transaction of the store,
// with everything that follows from it (history, audit, mails, deliveries) in
// the same commit. Package access judges; lifecycle reads the facts, asks it,
// and writes down what it says.
//
// Two kinds of work reach outside: deliveries call connectors and mails call
// the mail server. Both read in one transaction, call out between, and write in
// another, so that no transaction waits for a network, and both can be killed
// at any moment: what was not written down is found out again from the target,
// or sent once more.
//
// The methods named Run are the jobs of package jobs. They are only what makes
// things happen promptly: whether access is in force, or a decision still in
// time, is asked of the dates.
package lifecycle

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"myaccess/internal/access"
	"myaccess/internal/connector"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// Config is what the use cases need.
type Config struct {
	Store *store.Store
	// Open returns the connector of a target.
	OpenConnector connector.Opener
	// Sender sends mails.
	Sender mail.Sender
	// Base is the address of the portal without a slash at the end, for links
	// in mails.
	BaseURL string
	Log     *slog.Logger
	// Jitter returns a random number from 0 to 1, which spreads retries.
	Jitter func() float64
	// Wake is called after a commit that has left work for a job, so that
	// nobody waits for the next round. It must not block; nil does nothing.
	Wake func()
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
	Rollouts    *Rollouts
}

// New returns the use cases over c.
func New(c Config) *Lifecycle {
	if c.Wake == nil {
		c.Wake = func() {}
	}
	return &Lifecycle{
		SignIns:     &SignIns{c.Store},
		Requests:    &Requests{store: c.Store, wake: c.Wake},
		Deadlines:   &Deadlines{store: c.Store},
		Delivery:    newDelivery(c),
		Guests:      &Guests{c.Store},
		Mails:       &Mails{store: c.Store, sender: c.Sender, base: c.BaseURL, log: c.Log, jitter: c.Jitter},
		Maintenance: &Maintenance{c.Store},
		Passcodes:   &Passcodes{c.Store},
		Rollouts:    &Rollouts{store: c.Store, wake: c.Wake},
	}
}

// batchSize is how many things a job takes on at once.
const batchSize = 50

// forEachTx runs f in a transaction of its own for every item, so that one that
// cannot be handled does not hold up the others. A conflict means that somebody
// else was quicker, which is as good. It returns how many were handled.
func forEachTx[T any](ctx context.Context, s *store.Store, items []T, f func(ctx context.Context, tx *store.Tx,
	item T) error) (int, error) {
	done := 0
	var first error
	for _, item := range items {
		err := recoverPanic(func() error {
			return s.Write(ctx, func(tx *store.Tx) error { return f(ctx, tx, item) })
		})
		switch {
		case err == nil:
			done++
		case access.KindOf(err) != access.Conflict && first == nil:
			first = err
		}
	}
	return done, first
}

// recoverPanic runs f and makes a failure of a panic, so that one piece of work that
// is poisoned stops nothing else.
func recoverPanic(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return f()
}

// recordRequest writes a line of the audit log about a request.
func recordRequest(ctx context.Context, tx *store.Tx, r access.Request, a access.AuditRecord) error {
	a.Tenant, a.ObjectKind, a.ObjectID, a.Request = r.Tenant, "request", string(r.ID), r.ID
	return tx.Audit(ctx, a)
}

// moveRequest moves a request and writes the move into the audit log.
func moveRequest(ctx context.Context, tx *store.Tx, r *access.Request, to access.RequestState,
	a access.AuditRecord) error {
	if err := tx.MoveRequest(ctx, *r, to, a.Actor, a.Reason); err != nil {
		return err
	}
	a.From, a.To = string(r.State), string(to)
	r.State = to
	return recordRequest(ctx, tx, *r, a)
}

// notify queues a message about a request to each of the people.
func notify(ctx context.Context, tx *store.Tx, r access.Request, kind mail.Kind, to ...access.PersonID) error {
	for _, p := range to {
		m := store.Mail{Tenant: r.Tenant, Kind: string(kind), Person: p, Request: r.ID, Stage: r.Stage}
		if err := tx.QueueMail(ctx, m); err != nil {
			return err
		}
	}
	return nil
}
