package lifecycle

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/connector"
	"myaccess/internal/store"
)

// Delivery brings what people hold in the targets in line with what their
// assignments in force ask for.
//
// It works per person, and says "make it so", not "add": what is wanted is
// computed afresh every time (plan.go), the targets are called outside any
// transaction (targets.go), and what was seen there afterwards is written down
// (results.go). A worker that dies between leaves a lease that runs out; the next
// one looks at the target before it does anything, so that no effect happens
// twice.
type Delivery struct {
	store  *store.Store
	open   connector.Opener
	log    *slog.Logger
	jitter func() float64
	wake   func()
}

func newDelivery(c Config) *Delivery {
	return &Delivery{store: c.Store, open: c.OpenConnector, log: c.Log, jitter: c.Jitter, wake: c.Wake}
}

const (
	// leaseTime is how long a worker may take for one person, or for one mail,
	// before another may take over.
	leaseTime = 2 * time.Minute
	// callTimeout is how long one call of a target may take.
	callTimeout = 20 * time.Second
	// workers is how many people are served at once.
	workers = 4
)

// Run serves people whose delivery is due, removals first, and returns how many.
func (d *Delivery) Run(ctx context.Context) (int, error) {
	claims, err := d.store.LeaseDeliveries(ctx, leaseTime, workers)
	if err != nil {
		return 0, err
	}
	var wait sync.WaitGroup
	for _, c := range claims {
		wait.Go(func() {
			err := recoverPanic(func() error { return d.deliverTo(ctx, c) })
			if err != nil && access.KindOf(err) != access.Conflict {
				d.log.ErrorContext(ctx, "delivery failed", "person", c.Person, "error", err)
			}
		})
	}
	wait.Wait()
	return len(claims), nil
}

// deliverTo does everything that is due for one person.
func (d *Delivery) deliverTo(ctx context.Context, c store.DeliveryLease) error {
	work, err := d.plan(ctx, c)
	if err != nil {
		return err
	}
	calling, cancel := context.WithTimeout(ctx, leaseTime*3/4)
	defer cancel()
	d.callTargets(calling, work)
	if ctx.Err() != nil {
		return ctx.Err() // shutting down: the next worker looks at the target
	}
	d.logFailures(ctx, work)
	if err := d.recordResults(ctx, c, work); err != nil {
		return err
	}
	d.wake()
	return nil
}

// logFailures tells operators what lies behind the calls that failed.
func (d *Delivery) logFailures(ctx context.Context, w *work) {
	if w.account.err != nil {
		d.log.WarnContext(ctx, "account not as it should be", "person", w.person.ID, "error", w.account.err)
	}
	for _, t := range w.grants {
		if t.result.err != nil && (w.account.err == nil || t.grant.State == access.Removing) {
			d.log.WarnContext(ctx, "role not as it should be", "person", w.person.ID, "resource", t.role.Resource.ID, "error",
				t.result.err)
		}
	}
}

// startDelivery makes the assignment of a granted request and queues its delivery.
func startDelivery(ctx context.Context, tx *store.Tx, r *access.Request, cause access.AuditRecord) error {
	x := access.Assignment{
		ID: access.AssignmentID(tx.NewID()), Tenant: r.Tenant, Package: r.Package, Policy: r.Policy, Person: r.Target,
		Request: r.ID, State: access.AssignDelivering, Start: tx.Now, End: r.KnownEnd(),
	}
	if err := tx.AddAssignment(ctx, x); err != nil {
		return err
	}
	r.Assignment = x.ID
	if err := moveRequest(ctx, tx, r, access.Delivering, cause); err != nil {
		return err
	}
	return tx.QueueDelivery(ctx, r.Tenant, r.Target, false)
}

// Reprocess tries a request again at once that was not delivered, or not
// wholly; or, for one that was, puts right what has gone astray in the targets
// since (F-177, F-178). Conflict for a request of which nothing is held, and
// while it is being delivered, which is tried by itself (F-175).
func (d *Delivery) Reprocess(ctx context.Context, by access.PersonID, t access.TenantID, id access.RequestID) error {
	err := d.store.Write(ctx, func(tx *store.Tx) error { return ReprocessRequest(ctx, tx, by, t, id) })
	d.wake()
	return err
}

// ReprocessRequest is Delivery.Reprocess in a transaction of the caller's.
func ReprocessRequest(ctx context.Context, tx *store.Tx, by access.PersonID, t access.TenantID,
	id access.RequestID) error {
	r, err := tx.Request(ctx, t, id)
	if err != nil {
		return err
	}
	if r.State == access.Delivering {
		return inDelivery()
	}
	if r.Type.IsRemoval() {
		return retryDelivery(ctx, tx, r, by, true)
	}
	if r.Assignment == "" {
		return access.Refuse(access.Conflict, "Nothing was delivered for this request.")
	}
	x, err := tx.Assignment(ctx, t, r.Assignment)
	if err != nil {
		return err
	}
	if !x.InForce(tx.Now) {
		return access.Refuse(access.Conflict, "The access of this request has ended.")
	}
	if x.State == access.AssignDelivering {
		return inDelivery()
	}
	if err := tx.MoveAssignment(ctx, x, access.AssignDelivering); err != nil {
		return err
	}
	return retryDelivery(ctx, tx, r, by, false)
}

func inDelivery() error {
	return access.Refuse(access.Conflict, "This is being delivered at the moment. It is tried again by itself.")
}

// retryDelivery sets the grants of the request's package to be looked at afresh.
func retryDelivery(ctx context.Context, tx *store.Tx, r access.Request, by access.PersonID, removal bool) error {
	cause := access.AuditRecord{Actor: by, Activity: access.ActReprocess}
	var err error
	if r.State.CanMove(access.Delivering) {
		err = moveRequest(ctx, tx, &r, access.Delivering, cause)
	} else {
		err = recordRequest(ctx, tx, r, cause)
	}
	if err != nil {
		return err
	}
	grants, err := tx.GrantsOfPackage(ctx, r.Tenant, r.Target, r.Package)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if g.State == access.Held && !removal {
			err = tx.MoveGrant(ctx, g, access.Adding)
		} else if !g.State.Settled() {
			g.Attempts, g.NextTry, g.Stuck = 0, tx.Now, false
			err = tx.SaveGrantAttempt(ctx, g)
		}
		if err != nil {
			return err
		}
	}
	return tx.QueueDelivery(ctx, r.Tenant, r.Target, removal)
}
