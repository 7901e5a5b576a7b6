package store

import (
	"context"
	"time"

	"myaccess/internal/access"
)

// DeliveryLease is a person's delivery that a worker has claimed until the
// lease expires.
type DeliveryLease struct {
	Tenant   access.TenantID
	Person   access.PersonID
	Attempts int // failures in a row
	fence    int64
	changed  int64
}

// QueueDelivery queues a delivery that brings a person's access in the targets
// up to date. removal gives it priority.
func (tx *Tx) QueueDelivery(ctx context.Context, t access.TenantID, p access.PersonID, removal bool) error {
	return tx.exec(ctx, `INSERT INTO delivery (tenant_id, person_id, removal, next_try, lease_until, fence, attempts,
		changed)
		VALUES ($1, $2, $3, $4, 0, 1, 0, 1) ON CONFLICT (tenant_id, person_id) DO UPDATE SET
		removal = (delivery.removal OR excluded.removal), next_try = excluded.next_try, attempts = 0,
		changed = delivery.changed + 1`,
		t, p, removal, ms(tx.Now))
}

// LeaseDeliveries claims up to limit due deliveries for the duration of lease.
// Removals come first, but one place is kept for other deliveries, so that a
// large removal does not block them.
func (s *Store) LeaseDeliveries(ctx context.Context, lease time.Duration, limit int) ([]DeliveryLease, error) {
	claims, err := s.leaseDeliveries(ctx, true, lease, max(1, limit-1))
	for _, removal := range []bool{false, true} {
		if err != nil || len(claims) == limit {
			return claims, err
		}
		var more []DeliveryLease
		more, err = s.leaseDeliveries(ctx, removal, lease, limit-len(claims))
		claims = append(claims, more...)
	}
	return claims, err
}

func (s *Store) leaseDeliveries(ctx context.Context, removal bool, lease time.Duration,
	limit int) ([]DeliveryLease, error) {
	now := s.config.Now()
	return queryAll(ctx, s.writer(), func(l *DeliveryLease) []column {
		return []column{
			{"delivery.tenant_id", &l.Tenant},
			{"delivery.person_id", &l.Person},
			{"delivery.attempts", &l.Attempts},
			{"delivery.fence", &l.fence},
			{"delivery.changed", &l.changed},
		}
	}, `WITH due AS MATERIALIZED (SELECT tenant_id, person_id FROM delivery
			WHERE removal = $1 AND next_try <= $2 AND lease_until <= $2 ORDER BY next_try LIMIT $3 `+s.skipLocked()+`)
		UPDATE delivery SET lease_until = $4, fence = fence + 1 FROM due
		WHERE delivery.tenant_id = due.tenant_id AND delivery.person_id = due.person_id
		RETURNING {columns}`,
		removal, ms(now), int64(limit), ms(now.Add(lease)))
}

// CheckLease returns a Conflict if another worker has claimed the delivery
// since, so that a slow worker cannot overwrite a faster one.
func (tx *Tx) CheckLease(ctx context.Context, c DeliveryLease) error {
	n, err := queryOne(ctx, tx.Reader, value[int64], `SELECT COUNT(*) FROM delivery WHERE tenant_id = $1 AND person_id = $2
		AND fence = $3`,
		c.Tenant, c.Person, c.fence)
	if err == nil && n == 0 {
		return stale()
	}
	return err
}

// ReleaseLease ends a lease. The delivery is removed from the queue if next is
// zero and it was not queued again in the meantime. Otherwise it is due at
// next, or at once if it was queued again. removal says whether access remains
// to be removed.
func (tx *Tx) ReleaseLease(ctx context.Context, c DeliveryLease, next time.Time, removal bool) error {
	if next.IsZero() {
		n, err := tx.execCount(ctx, `DELETE FROM delivery WHERE tenant_id = $1 AND person_id = $2 AND fence = $3
			AND changed = $4`,
			c.Tenant, c.Person, c.fence, c.changed)
		if err != nil || n > 0 {
			return err
		}
		next = tx.Now
	}
	return tx.execOne(ctx, `UPDATE delivery SET lease_until = 0, attempts = attempts + 1,
			next_try = CASE WHEN changed = $4 THEN CAST($5 AS BIGINT) ELSE CAST($6 AS BIGINT) END, removal = CASE
			WHEN changed = $4 THEN $7 ELSE removal END
		WHERE tenant_id = $1 AND person_id = $2 AND fence = $3`,
		c.Tenant, c.Person, c.fence, c.changed, ms(next), ms(tx.Now), removal)
}

// NextDelivery is when the next delivery is due; zero if the queue is empty.
func (r *Reader) NextDelivery(ctx context.Context) (time.Time, error) {
	return queryOne(ctx, r, func(t *time.Time) []column {
		return []column{{"MIN(CASE WHEN lease_until > next_try THEN lease_until ELSE next_try END)", scanTime{t}}}
	}, `SELECT {columns} FROM delivery`)
}
