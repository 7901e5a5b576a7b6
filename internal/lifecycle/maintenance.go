package lifecycle

import (
	"context"
	"errors"

	"myaccess/internal/access"
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
// many had changed. A tenant that fails does not keep the others from it.
func (r *Maintenance) RefreshCounts(ctx context.Context) (int, error) {
	tenants, err := r.store.Tenants(ctx)
	if err != nil {
		return 0, err
	}
	changed, failed := 0, []error(nil)
	for _, t := range tenants {
		n, err := r.refreshCountsOf(ctx, t.ID)
		changed, failed = changed+n, append(failed, err)
	}
	return changed, errors.Join(failed...)
}

func (r *Maintenance) refreshCountsOf(ctx context.Context, t access.TenantID) (int, error) {
	counted, err := r.store.Recount(ctx, t)
	if err != nil || counted.Changed() == 0 {
		return 0, err
	}
	return counted.Changed(), r.store.Write(ctx, func(tx *store.Tx) error { return tx.SaveCounters(ctx, counted) })
}
