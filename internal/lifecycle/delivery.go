package lifecycle

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/connector"
	"myaccess/internal/store"
)

// Delivery brings what people hold in the targets in line with their
// assignments in force.
//
// A unit of its work is one person in one target, so that a target that is slow
// or down delays nothing in another. The units of a person may run at the same
// time. First a unit without a target plans the person (plan.go): it computes
// the roles that the person should have and queues a unit for each target that
// has something to do. A unit of a target computes them again, calls the target
// outside any transaction (targets.go), and stores the observed results
// (results.go); what they amount to for requests and assignments follows from all
// grants of the person (progress.go), so it does not matter which unit ends last.
//
// A lease keeps other workers from a unit meanwhile. If a portal dies its leases
// expire, and the next worker observes the target before it changes anything,
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
	// unitTimeout is the time limit of all calls of one unit. The roles that are left
	// are delivered by the next attempt.
	unitTimeout = 90 * time.Second
	// callTimeout is the time limit of one call of a target, after which the
	// worker is free for other targets.
	callTimeout = 30 * time.Second
	// unitsPerTarget is how many units of one target are in progress at the same
	// time, in all portals together. A target that answers slowly, or not at all,
	// occupies only as many workers.
	unitsPerTarget = 4
)

// Claim claims the unit that is due next, removals first, and returns the
// function that does it; nil if none can be claimed at the moment. A unit that
// fails for a reason of ours is tried again later, as one whose target fails.
func (d *Delivery) Claim(ctx context.Context) (func(context.Context) error, error) {
	lease, ok, err := d.store.LeaseDelivery(ctx, leaseTime, unitsPerTarget)
	if !ok || err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		err := recoverPanic(func() error {
			if lease.Target == "" {
				return d.plan(ctx, lease)
			}
			return d.deliver(ctx, lease)
		})
		if err != nil && ctx.Err() == nil {
			err = errors.Join(ignoreConflict(err), ignoreConflict(d.postpone(ctx, lease)))
		}
		d.wake()
		return err
	}, nil
}

// ignoreConflict returns nil for a Conflict: another worker has taken over the
// unit, or it is about something that has changed meanwhile.
func ignoreConflict(err error) error {
	if access.KindOf(err) == access.Conflict {
		return nil
	}
	return err
}

// postpone releases a unit that could not be done, to be tried again later.
func (d *Delivery) postpone(ctx context.Context, lease store.DeliveryLease) error {
	return d.store.Write(ctx, func(tx *store.Tx) error {
		rest := lease.Delivery
		rest.NextTry = tx.Now.Add(access.RetryDelay(lease.Attempts+1, 0, d.jitter()))
		rest.LastError = "The portal could not complete the delivery."
		return tx.ReleaseLease(ctx, lease, rest)
	})
}

// deliver does everything that is due for one person in one target.
func (d *Delivery) deliver(ctx context.Context, lease store.DeliveryLease) error {
	w, err := d.prepare(ctx, lease)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, unitTimeout)
	defer cancel()
	renew := func(ctx context.Context) error { return d.store.RenewLease(ctx, lease, leaseTime) }
	calling, stop := keepLease(limited, renew, func(err error) {
		if !store.IsStorageError(err) {
			d.log.WarnContext(ctx, "lease of a delivery not renewed", "person", lease.Person, "error", err)
		}
	})
	defer stop()
	d.callTarget(calling, w)
	stop()
	if ctx.Err() != nil {
		return ctx.Err() // shutting down: the next worker observes the target
	}
	d.logFailures(ctx, lease, w)
	return d.recordResults(ctx, lease, w)
}

// logFailures logs the technical causes of the calls that failed. That the person is
// disabled is a warning at the first attempt only: the retries are harmless, and go on until
// the person is enabled.
func (d *Delivery) logFailures(ctx context.Context, lease store.DeliveryLease, w *work) {
	level := func(o outcome, last access.Message) slog.Level {
		if errors.Is(o.err, errPersonDisabled) && o.reason == last {
			return slog.LevelInfo
		}
		return slog.LevelWarn
	}
	if w.account.err != nil {
		d.log.Log(ctx, level(w.account, lease.LastError), "guest account not updated", "person", w.facts.person.ID,
			"target", w.target.ID, "error", w.account.err)
	}
	for _, t := range w.tasks {
		if t.result.err != nil && (w.account.err == nil || t.grant.State == access.Removing) {
			d.log.Log(ctx, level(t.result, t.grant.LastError), "resource role not updated", "person", w.facts.person.ID,
				"resource", t.role.Resource.ID, "error", t.result.err)
		}
	}
}

// startDelivery makes the assignment of an approved request and queues its
// delivery. cause is the actor and the reason of the move.
func startDelivery(ctx context.Context, tx *store.Tx, r *access.Request, cause access.AuditRecord) error {
	x := newAssignment(tx, *r)
	r.Assignment = x.ID
	cause.Activity = access.ActReady
	if err := moveRequest(ctx, tx, r, access.Delivering, cause); err != nil {
		return err
	}
	return addAssignment(ctx, tx, x)
}

// newAssignment returns the assignment of a request whose delivery starts now.
func newAssignment(tx *store.Tx, r access.Request) access.Assignment {
	return access.Assignment{
		ID: access.AssignmentID(tx.NewID()), Tenant: r.Tenant, Package: r.Package, Policy: r.Policy, Person: r.Target,
		Request: r.ID, State: access.AssignDelivering, Start: tx.Now, End: r.KnownEnd(),
	}
}

// addAssignment stores a new assignment and queues its delivery.
func addAssignment(ctx context.Context, tx *store.Tx, x access.Assignment) error {
	if err := tx.AddAssignment(ctx, x); err != nil {
		return err
	}
	return tx.QueueDelivery(ctx, x.Tenant, x.Person, false)
}

// Reprocess retries at once a request that was not delivered completely; or,
// for one that was, repairs what has changed in the targets since (F-177,
// F-178). Conflict if nothing is held for the request, or while it is being
// delivered, which retries by itself (F-175); and CheckReprocess. by is empty for the
// operator.
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
	if err := CheckReprocess(ctx, tx.Reader, r, by); err != nil {
		return err
	}
	if err := tx.MoveAssignment(ctx, x, access.AssignDelivering); err != nil {
		return err
	}
	return retryDelivery(ctx, tx, r, by, false)
}

// errInDelivery refuses to reprocess a request that is being delivered.
func errInDelivery() error {
	return access.Refuse(access.Conflict, "Delivery is in progress and retries automatically.")
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
