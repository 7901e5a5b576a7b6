package lifecycle

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Guests has the clock's use cases for guest accounts.
type Guests struct{ store *store.Store }

// RemoveDue queues the removal of guests whose removal date has come and
// returns how many. The delivery decides again: a guest who has an assignment
// by then is kept (F-200).
func (g *Guests) RemoveDue(ctx context.Context, now time.Time) (int, error) {
	due, err := g.store.GuestsDue(ctx, now, batchSize)
	if err != nil {
		return 0, err
	}
	return forEachTx(ctx, g.store, due, func(ctx context.Context, tx *store.Tx, p access.Person) error {
		return tx.QueueDelivery(ctx, p.Tenant, p.ID, true)
	})
}
