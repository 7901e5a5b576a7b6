package lifecycle

import (
	"context"

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

// Run queues the next holders of the package whose change is the oldest, and
// returns how many steps it took. The queued deliveries and the progress are
// one commit, so that it can be killed at any moment; queueing a person twice
// is harmless.
func (o *Rollouts) Run(ctx context.Context) (int, error) {
	next, ok, err := o.store.OpenRollout(ctx)
	if !ok || err != nil {
		return 0, err
	}
	err = o.store.Write(ctx, func(tx *store.Tx) error {
		l, err := tx.Rollout(ctx, next.Tenant, next.ID)
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
	})
	switch {
	case err == nil:
		o.wake()
		return 1, nil
	case access.KindOf(err) == access.Conflict: // another process has taken the step
		return 1, nil
	}
	return 0, err
}
