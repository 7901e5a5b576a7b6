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

// Delivery brings what people hold in the targets in line with their
// assignments in force.
//
// It works per person and by desired state: the desired roles are computed
// every time (plan.go), the targets are called outside any transaction
// (targets.go), and the observed results are stored (results.go). A lease
// keeps other workers from the person meanwhile. If a worker dies its lease
// expires, and the next worker observes the target before it changes anything,
// so that no effect happens twice.
type Delivery struct {
	store  *store.Store
	open   connector.Opener
	log    *slog.Logger
	jitter func() float64
	wake   func()
}

// newDelivery returns the use case over c.
func newDelivery(c Config) *Delivery {
	return &Delivery{store: c.Store, open: c.OpenConnector, log: c.Log, jitter: c.Jitter, wake: c.Wake}
}

const (
	// leaseTime is how long a worker may take for one person, or for one mail,
	// before another worker may take over.
	leaseTime = 2 * time.Minute
	// callTimeout is the time limit of one call of a target.
	callTimeout = 20 * time.Second
	// workers is how many people are served at the same time.
	workers = 4
)

// Run delivers to people whose delivery is due, removals first, and returns
// how many.
func (d *Delivery) Run(ctx context.Context) (int, error) {
	leases, err := d.store.LeaseDeliveries(ctx, leaseTime, workers)
	if err != nil {
		return 0, err
	}
	var wait sync.WaitGroup
	for _, lease := range leases {
		wait.Go(func() {
			err := recoverPanic(func() error { return d.deliverTo(ctx, lease) })
			if err != nil && access.KindOf(err) != access.Conflict {
				d.log.ErrorContext(ctx, "delivery failed", "person", lease.Person, "error", err)
			}
		})
	}
	wait.Wait()
	return len(leases), nil
}

// deliverTo does everything that is due for one person.
func (d *Delivery) deliverTo(ctx context.Context, lease store.DeliveryLease) error {
	work, err := d.plan(ctx, lease)
	if err != nil {
		return err
	}
	calling, cancel := context.WithTimeout(ctx, leaseTime*3/4)
	defer cancel()
	d.callTargets(calling, work)
	if ctx.Err() != nil {
		return ctx.Err() // shutting down: the next worker observes the target
	}
	d.logFailures(ctx, work)
	if err := d.recordResults(ctx, lease, work); err != nil {
		return err
	}
	d.wake()
	return nil
}

// logFailures logs the technical causes of the calls that failed.
func (d *Delivery) logFailures(ctx context.Context, w *work) {
	if w.account.err != nil {
		d.log.WarnContext(ctx, "guest account not updated", "person", w.person.ID, "error", w.account.err)
	}
	for _, t := range w.grants {
		if t.result.err != nil && (w.account.err == nil || t.grant.State == access.Removing) {
			d.log.WarnContext(ctx, "resource role not updated", "person", w.person.ID, "resource", t.role.Resource.ID, "error",
				t.result.err)
		}
	}
}

// startDelivery makes the assignment of an approved request and queues its
// delivery. cause is the actor and the reason of the move.
func startDelivery(ctx context.Context, tx *store.Tx, r *access.Request, cause access.AuditRecord) error {
	x := access.Assignment{
		ID: access.AssignmentID(tx.NewID()), Tenant: r.Tenant, Package: r.Package, Policy: r.Policy, Person: r.Target,
		Request: r.ID, State: access.AssignDelivering, Start: tx.Now, End: r.KnownEnd(),
	}
	if err := tx.AddAssignment(ctx, x); err != nil {
		return err
	}
	r.Assignment = x.ID
	cause.Activity = access.ActReady
	if err := moveRequest(ctx, tx, r, access.Delivering, cause); err != nil {
		return err
	}
	return tx.QueueDelivery(ctx, r.Tenant, r.Target, false)
}

// Reprocess retries at once a request that was not delivered completely; or,
// for one that was, repairs what has changed in the targets since (F-177,
// F-178). Conflict if nothing is held for the request, or while it is being
// delivered, which retries by itself (F-175).
func (d *Delivery) Reprocess(ctx context.Context, by access.PersonID, t access.TenantID, id access.RequestID) error {
	err := d.store.Write(ctx, func(tx *store.Tx) error { return ReprocessRequest(ctx, tx, by, t, id) })
	if err == nil {
		d.wake()
	}
	return err
}

// ReprocessRequest is Delivery.Reprocess within a transaction.
func ReprocessRequest(ctx context.Context, tx *store.Tx, by access.PersonID, t access.TenantID,
	id access.RequestID) error {
	r, err := tx.Request(ctx, t, id)
	if err != nil {
		return err
	}
	if r.State == access.Delivering {
		return errInDelivery()
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
		return errInDelivery()
	}
	if err := tx.MoveAssignment(ctx, x, access.AssignDelivering); err != nil {
		return err
	}
	return retryDelivery(ctx, tx, r, by, false)
}

// errInDelivery refuses to reprocess a request that is being delivered.
func errInDelivery() error {
	return access.Refuse(access.Conflict, "This is being delivered at the moment. It is tried again by itself.")
}

// retryDelivery makes the grants of the request's package due now. With
// removal it only retries; without it, roles already held are verified again.
func retryDelivery(ctx context.Context, tx *store.Tx, r access.Request, by access.PersonID, removal bool) error {
	err := recordRequest(ctx, tx, r, access.AuditRecord{Actor: by, Activity: access.ActReprocess})
	if err == nil && r.State.CanMove(access.Delivering) {
		err = moveRequest(ctx, tx, &r, access.Delivering, access.AuditRecord{Actor: by, Activity: access.ActReady})
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
