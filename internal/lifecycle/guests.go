package lifecycle

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Guests has the clock's use cases for guest accounts and disabled people.
type Guests struct{ store *store.Store }

// RemoveDue queues the removal of guests whose removal date has come and
// returns how many. The delivery decides again: a guest who has an assignment
// by then is kept (F-200).
func (g *Guests) RemoveDue(ctx context.Context, now time.Time) (int, error) {
	return g.removalJob().run(ctx, g.store, now)
}

func (g *Guests) removalJob() dueJob[access.Person] {
	return dueJob[access.Person]{name: store.JobRemoveGuests, list: g.store.GuestsDue,
		item: func(p access.Person) (access.TenantID, string) { return p.Tenant, string(p.ID) },
		handle: func(ctx context.Context, tx *store.Tx, p access.Person) error {
			return tx.QueueDelivery(ctx, p.Tenant, p.ID, true)
		}}
}
