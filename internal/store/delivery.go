package store

import (
	"context"
	"time"

	"myaccess/internal/access"
)

// Delivery is work: bringing a person's access in one target up to date.
type Delivery struct {
	Tenant access.TenantID
	Person access.PersonID
	// Target is empty for the work of finding out which targets have something to
	// do for the person.
	Target  access.TargetID
	Removal bool // removes access, which has priority
	// Account is the state that the guest's account in the target is to get; empty
	// if it stays as it is.
	Account   access.GuestState
	NextTry   time.Time
	Attempts  int            // failures in a row
	LastError access.Message // empty after success
}

// DeliveryLease is a delivery that a worker has claimed until the lease expires.
type DeliveryLease struct {
	Delivery
	fence   int64
	changed int64
}

// QueueDelivery queues the delivery of everything that is due for a person.
// removal gives it priority.
func (tx *Tx) QueueDelivery(ctx context.Context, t access.TenantID, p access.PersonID, removal bool) error {
	return tx.exec(ctx, `INSERT INTO delivery (tenant_id, person_id, target_id, removal, account, next_try, lease_until,
		fence, attempts, changed, last_error)
		VALUES ($1, $2, '', $3, '', $4, 0, 1, 0, 1, '') ON CONFLICT (tenant_id, person_id, target_id) DO UPDATE SET
		removal = (delivery.removal OR excluded.removal), next_try = excluded.next_try, attempts = 0,
		changed = delivery.changed + 1`,
		t, p, removal, ms(tx.Now))
}

// QueueDeliveryTo queues the delivery to one target, due at d.NextTry. If it is
// queued already, it becomes due earlier, but not later, and its account gets
// d.Account if that is not empty. changed says that there is something new to do
// there, which a worker that has claimed the delivery may not know.
func (tx *Tx) QueueDeliveryTo(ctx context.Context, d Delivery, changed bool) error {
	return tx.exec(ctx, `INSERT INTO delivery (tenant_id, person_id, target_id, removal, account, next_try, lease_until,
		fence, attempts, changed, last_error)
		VALUES ($1, $2, $3, $4, $5, $6, 0, 1, 0, 1, '') ON CONFLICT (tenant_id, person_id, target_id) DO UPDATE SET
		removal = (delivery.removal OR excluded.removal), attempts = 0, changed = delivery.changed + 1,
		account = CASE WHEN excluded.account = '' THEN delivery.account ELSE excluded.account END,
		next_try = CASE WHEN excluded.next_try < delivery.next_try THEN excluded.next_try ELSE delivery.next_try END
		WHERE CAST($7 AS BOOLEAN) OR excluded.next_try < delivery.next_try`,
		d.Tenant, d.Person, d.Target, d.Removal, d.Account, ms(d.NextTry), changed)
}

// LeaseDelivery claims the delivery that is due next, for the duration of lease.
// ok is false if none can be claimed.
//
// Of each target at most perTarget deliveries are claimed at the same time, by
// all portals together: a target that is slow holds up only as many workers. The
// target with the fewest comes next, so that several slow ones leave workers to
// the others. Removals come first, but one place is kept for other deliveries to
// the target, so that many removals do not block them. The deliveries of a
// tenant that have no target yet count as one target.
func (s *Store) LeaseDelivery(ctx context.Context, lease time.Duration, perTarget int) (DeliveryLease, bool, error) {
	var claimed []DeliveryLease
	err := s.writeSerially(ctx, func(tx *Tx) (err error) {
		claimed, err = queryAll(ctx, tx.Reader, leaseColumns, `WITH
			leased AS MATERIALIZED (SELECT tenant_id, target_id, removal FROM delivery WHERE lease_until > $1),
			busy AS MATERIALIZED (SELECT tenant_id, target_id, COUNT(*) AS n,
				SUM(CASE WHEN removal THEN 1 ELSE 0 END) AS removals FROM leased GROUP BY tenant_id, target_id),
			queues AS (SELECT tenant_id, id AS target_id FROM target UNION ALL SELECT id, '' FROM tenant),
			heads AS MATERIALIZED (SELECT queues.tenant_id, queues.target_id, COALESCE(busy.n, 0) AS n,
				COALESCE(busy.removals, 0) AS removals,`+
			firstDue("TRUE")+` AS removal_id,`+firstDue("FALSE")+` AS other_id
				FROM queues LEFT JOIN busy ON busy.tenant_id = queues.tenant_id AND busy.target_id = queues.target_id
				WHERE COALESCE(busy.n, 0) < $2),
			due AS MATERIALIZED (SELECT del.tenant_id, del.person_id, del.target_id FROM heads CROSS JOIN delivery del
				WHERE del.tenant_id = heads.tenant_id AND del.target_id = heads.target_id AND del.person_id = CASE
					WHEN heads.other_id IS NULL OR heads.removals < $3 THEN COALESCE(heads.removal_id, heads.other_id)
					ELSE heads.other_id END
				ORDER BY heads.n, del.removal DESC, del.next_try LIMIT 1 `+s.skipLocked()+`)
			UPDATE delivery SET lease_until = $4, fence = fence + 1 FROM due
			WHERE delivery.tenant_id = due.tenant_id AND delivery.person_id = due.person_id
				AND delivery.target_id = due.target_id
			RETURNING {columns}`,
			ms(tx.Now), int64(perTarget), int64(max(1, perTarget-1)), ms(tx.Now.Add(lease)))
		return err
	})
	if err != nil || len(claimed) == 0 {
		return DeliveryLease{}, false, err
	}
	return claimed[0], true, nil
}

// firstDue is the person of the first due delivery of a queue of LeaseDelivery.
func firstDue(removal string) string {
	return ` (SELECT del.person_id FROM delivery del WHERE del.tenant_id = queues.tenant_id
		AND del.target_id = queues.target_id AND del.removal = ` + removal + ` AND del.next_try <= $1
			AND del.lease_until <= $1
		ORDER BY del.next_try LIMIT 1)`
}

func leaseColumns(l *DeliveryLease) []column {
	return []column{
		{"delivery.tenant_id", &l.Tenant},
		{"delivery.person_id", &l.Person},
		{"delivery.target_id", &l.Target},
		{"delivery.removal", &l.Removal},
		{"delivery.account", &l.Account},
		{"delivery.next_try", scanTime{&l.NextTry}},
		{"delivery.attempts", &l.Attempts},
		{"delivery.last_error", &l.LastError},
		{"delivery.fence", &l.fence},
		{"delivery.changed", &l.changed},
	}
}

// RenewLease lets a lease expire only after the duration from now. It returns a
// Conflict if another worker has claimed the delivery since.
func (s *Store) RenewLease(ctx context.Context, l DeliveryLease, lease time.Duration) error {
	_, ok, err := queryOptional(ctx, s.writer(), value[int64], `UPDATE delivery SET lease_until = $5
		WHERE tenant_id = $1 AND person_id = $2 AND target_id = $3 AND fence = $4 RETURNING fence`,
		l.Tenant, l.Person, l.Target, l.fence, ms(s.Now().Add(lease)))
	if err == nil && !ok {
		return stale()
	}
	return err
}

// CheckLease returns a Conflict if another worker has claimed the delivery
// since, so that a slow worker cannot overwrite a faster one.
func (tx *Tx) CheckLease(ctx context.Context, l DeliveryLease) error {
	n, err := queryOne(ctx, tx.Reader, value[int64], `SELECT COUNT(*) FROM delivery WHERE tenant_id = $1 AND person_id = $2
		AND target_id = $3 AND fence = $4`,
		l.Tenant, l.Person, l.Target, l.fence)
	if err == nil && n == 0 {
		return stale()
	}
	return err
}

// ReleaseLease ends a lease. The delivery is removed from the queue if
// rest.NextTry is zero and it was not queued again in the meantime. Otherwise it
// is due then, or at once if it was queued again; the other fields of rest are
// what remains to be done.
func (tx *Tx) ReleaseLease(ctx context.Context, l DeliveryLease, rest Delivery) error {
	next := rest.NextTry
	if next.IsZero() {
		n, err := tx.execCount(ctx, `DELETE FROM delivery WHERE tenant_id = $1 AND person_id = $2 AND target_id = $3
			AND fence = $4 AND changed = $5`,
			l.Tenant, l.Person, l.Target, l.fence, l.changed)
		if err != nil || n > 0 {
			return err
		}
		next = tx.Now
	}
	return tx.execOne(ctx, `UPDATE delivery SET lease_until = 0, attempts = attempts + 1, last_error = $10,
			next_try = CASE WHEN changed = $5 THEN CAST($6 AS BIGINT) ELSE CAST($7 AS BIGINT) END,
			removal = CASE WHEN changed = $5 THEN $8 ELSE removal END,
			account = CASE WHEN changed = $5 THEN CAST($9 AS TEXT) ELSE account END
		WHERE tenant_id = $1 AND person_id = $2 AND target_id = $3 AND fence = $4`,
		l.Tenant, l.Person, l.Target, l.fence, l.changed, ms(next), ms(tx.Now), rest.Removal, rest.Account, rest.LastError)
}

// OtherAccountsPending reports whether the guest's account has still to change in
// another target than that of the lease.
func (tx *Tx) OtherAccountsPending(ctx context.Context, l DeliveryLease) (bool, error) {
	n, err := queryOne(ctx, tx.Reader, value[int64], `SELECT COUNT(*) FROM delivery WHERE tenant_id = $1 AND person_id = $2
		AND target_id <> $3 AND account <> ''`,
		l.Tenant, l.Person, l.Target)
	return n > 0, err
}

// NextDelivery is when the next delivery is due; zero if the queue is empty.
func (r *Reader) NextDelivery(ctx context.Context) (time.Time, error) {
	return queryOne(ctx, r, func(t *time.Time) []column {
		return []column{{"MIN(CASE WHEN lease_until > next_try THEN lease_until ELSE next_try END)", scanTime{t}}}
	}, `SELECT {columns} FROM delivery`)
}
