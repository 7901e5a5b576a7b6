package lifecycle

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Rollouts bring changed packages to those who hold them.
type Rollouts struct {
	store *store.Store
	wake  func()
}

// rolloutBatch is how many holders are queued in one transaction: so few that nobody
// who writes has to wait for long.
const rolloutBatch = 100

// StartRollout begins to bring the changed roles of a package to everybody who holds
// it. Whoever comes to hold it from now on gets them anyway.
func StartRollout(ctx context.Context, tx *store.Tx, p access.Package, removal bool) error {
	holders, err := tx.CountHolders(ctx, p.Tenant, p.ID)
	if err != nil || holders == 0 {
		return err
	}
	return tx.AddRollout(ctx, store.Rollout{Tenant: p.Tenant, ID: tx.NewID(), Package: p.ID, Removal: removal,
		Total: holders})
}

// Run queues some of the holders of the package whose change has waited longest,
// and returns how many steps it took. What it has queued and how far it has come
// are one commit, so that it can be killed at any moment: the next one goes on
// from there, and to queue somebody twice does no harm.
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
	case access.KindOf(err) == access.Conflict: // somebody else was quicker, which is as good
		return 1, nil
	}
	return 0, err
}
