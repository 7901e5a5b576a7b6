package lifecycle

import (
	"context"

	"myaccess/internal/store"
)

// Maintenance has the clock's housekeeping: the audit chain, expired rows, and
// counts.
type Maintenance struct{ store *store.Store }

// SealAudit adds audit records that are not sealed yet to the hash chain, up to
// a limit, and returns how many it sealed.
func (r *Maintenance) SealAudit(ctx context.Context) (int, error) {
	var n int
	err := r.store.Write(ctx, func(tx *store.Tx) (err error) {
		n, err = tx.SealAudit(ctx, 10*batchSize)
		return err
	})
	return n, err
}

// DeleteExpired deletes expired sign-in attempts, sessions and drafts.
func (r *Maintenance) DeleteExpired(ctx context.Context) error {
	return r.store.Write(ctx, func(tx *store.Tx) error { return tx.DeleteExpired(ctx) })
}

// RefreshCounts recounts the numbers on administrators' pages and returns how
// many had changed.
func (r *Maintenance) RefreshCounts(ctx context.Context) (int, error) {
	tenants, err := r.store.Tenants(ctx)
	if err != nil {
		return 0, err
	}
	changed := 0
	for _, t := range tenants {
		counted, err := r.store.Recount(ctx, t.ID)
		if err != nil {
			return changed, err
		}
		if counted.Changed() == 0 {
			continue
		}
		if err := r.store.Write(ctx, func(tx *store.Tx) error { return tx.SaveCounters(ctx, counted) }); err != nil {
			return changed, err
		}
		changed += counted.Changed()
	}
	return changed, nil
}
