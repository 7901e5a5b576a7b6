package store

import (
	"context"
	"time"

	"myaccess/internal/access"
)

// Rollout applies a change of a package's roles to its holders: they are queued
// for delivery in the order of their assignments.
type Rollout struct {
	Tenant          access.TenantID
	ID              string
	Package         access.PackageID
	Removal         bool                // removes access
	After           access.AssignmentID // the last queued assignment
	Done, Total     int64               // assignments queued, and all when it began
	Created, Finish time.Time           // zero until all are queued
}

func rolloutColumns(l *Rollout) []column {
	return []column{
		{"rol.tenant_id", &l.Tenant},
		{"rol.id", &l.ID},
		{"rol.package_id", &l.Package},
		{"rol.removal", &l.Removal},
		{"rol.after_id", &l.After},
		{"rol.done", &l.Done},
		{"rol.total", &l.Total},
		{"rol.created", scanTime{&l.Created}},
		{"rol.finished", scanTime{&l.Finish}},
	}
}

// OpenRollouts are up to limit unfinished rollouts that are not postponed at now, the
// oldest first.
func (r *Reader) OpenRollouts(ctx context.Context, now time.Time, limit int) ([]Rollout, error) {
	return queryAll(ctx, r, rolloutColumns, `SELECT {columns} FROM rollout rol WHERE rol.finished IS NULL
		AND `+notPostponed(JobRollOut, "rol")+` ORDER BY rol.created, rol.id LIMIT $2`, ms(now), limit)
}

// Rollout is the rollout with the id.
func (r *Reader) Rollout(ctx context.Context, t access.TenantID, id string) (Rollout, error) {
	return queryOne(ctx, r, rolloutColumns, `SELECT {columns} FROM rollout rol WHERE rol.tenant_id = $1 AND rol.id = $2`,
		t,
		id)
}

// LastRollout is the latest rollout of a package; ok is false if there was none.
func (r *Reader) LastRollout(ctx context.Context, t access.TenantID,
	id access.PackageID) (l Rollout, ok bool, err error) {
	return queryOptional(ctx, r, rolloutColumns, `SELECT {columns} FROM rollout rol
		WHERE rol.tenant_id = $1 AND rol.package_id = $2 ORDER BY rol.id DESC LIMIT 1`, t, id)
}

// AddRollout begins a rollout. It replaces an unfinished one of the same
// package, and is a removal if that one was.
func (tx *Tx) AddRollout(ctx context.Context, l Rollout) error {
	old, err := queryAll(ctx, tx.Reader, rolloutColumns, `SELECT {columns} FROM rollout rol
		WHERE rol.tenant_id = $1 AND rol.package_id = $2 AND rol.finished IS NULL`, l.Tenant, l.Package)
	if err != nil {
		return err
	}
	for _, o := range old {
		l.Removal = l.Removal || o.Removal
		if err := tx.exec(ctx, `UPDATE rollout SET finished = $3 WHERE tenant_id = $1 AND id = $2`, o.Tenant, o.ID,
			ms(tx.Now)); err != nil {
			return err
		}
	}
	return tx.exec(ctx, `INSERT INTO rollout (tenant_id, id, package_id, removal, after_id, done, total, created, finished)
		VALUES ($1, $2, $3, $4, '', 0, $5, $6, NULL)`, l.Tenant, l.ID, l.Package, l.Removal, l.Total, ms(tx.Now))
}

// MoveRollout records that n more assignments, up to the one with the id, have
// been queued, and whether they were the last. It returns a Conflict if another
// worker has done so.
func (tx *Tx) MoveRollout(ctx context.Context, l Rollout, to access.AssignmentID, n int, last bool) error {
	var finished any
	if last {
		finished = ms(tx.Now)
	}
	return tx.execOne(ctx, `UPDATE rollout SET after_id = $4, done = done + $5, finished = $6
		WHERE tenant_id = $1 AND id = $2 AND after_id = $3 AND finished IS NULL`, l.Tenant, l.ID, l.After, to, int64(n),
		finished)
}
