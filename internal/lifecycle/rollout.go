package lifecycle

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Rollouts delivers changed packages to the people who hold them.
type Rollouts struct {
	store *store.Store
	wake  func()
}

// rolloutBatch is the number of holders queued in one transaction, small
// enough that other writers do not wait long.
const rolloutBatch = 100

// StartRollout starts delivering the changed roles of a package to its
// holders. People who are assigned the package later get them anyway.
func StartRollout(ctx context.Context, tx *store.Tx, p access.Package, removal bool) error {
	holders, err := tx.CountHolders(ctx, p.Tenant, p.ID)
	if err != nil || holders == 0 {
		return err
	}
	return tx.AddRollout(ctx, store.Rollout{Tenant: p.Tenant, ID: tx.NewID(), Package: p.ID, Removal: removal,
		Total: holders})
}

// Run queues the next holders of every package whose change is not rolled out yet,
// and returns how many steps it took. A rollout that fails is postponed, and does
// not hold up the others.
func (o *Rollouts) Run(ctx context.Context, now time.Time) (int, error) {
	steps := dueJob[store.Rollout]{name: store.JobRollOut, list: o.store.OpenRollouts, handle: rollOut,
		steps: true, item: func(l store.Rollout) (access.TenantID, string) { return l.Tenant, l.ID }}
	n, err := steps.run(ctx, o.store, now)
	if n > 0 {
		o.wake()
	}
	return n, err
}

// rollOut takes the next step of a rollout. The queued deliveries and the progress
// are one commit, so that it can be killed at any moment; queueing a person twice
// is harmless. It returns a Conflict if another process has taken the step.
func rollOut(ctx context.Context, tx *store.Tx, old store.Rollout) error {
	l, err := tx.Rollout(ctx, old.Tenant, old.ID)
	if err != nil || !l.Finish.IsZero() {
		return err
	}
	holders, err := tx.AssignmentsAfter(ctx, l.Tenant, l.Package, l.After, rolloutBatch)
	if err != nil {
		return err
	}
	to := l.After
	for _, x := range holders {
		if err := tx.QueueDelivery(ctx, x.Tenant, x.Person, l.Removal); err != nil {
			return err
		}
		to = x.ID
	}
	return tx.MoveRollout(ctx, l, to, len(holders), len(holders) < rolloutBatch)
}
