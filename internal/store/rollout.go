package store

import (
	"context"
	"time"

	"myaccess/internal/access"
)

// Rollout is a change of a package's resource roles on its way to those who hold
// it: they are queued for delivery in the order of their assignments.
type Rollout struct {
	Tenant          access.TenantID
	ID              string
	Package         access.PackageID
	Removal         bool                // somebody loses something
	After           access.AssignmentID // the last one that was queued
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

// OpenRollout is the oldest rollout that has not queued everybody yet; ok is
// false if there is none.
func (r *Reader) OpenRollout(ctx context.Context) (l Rollout, ok bool, err error) {
	return queryOptional(ctx, r, rolloutColumns, `SELECT {columns} FROM rollout rol WHERE rol.finished IS NULL
		ORDER BY rol.created,
		rol.id LIMIT 1`)
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

// AddRollout begins a rollout. One of the same package that is still under way
// has nothing left to do: the new one reaches everybody, and takes over that
// somebody loses something.
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

// MoveRollout notes that the assignments up to the one with the id have been
// queued, n of them, and whether those were the last. A Conflict if somebody
// else has done so.
func (tx *Tx) MoveRollout(ctx context.Context, l Rollout, to access.AssignmentID, n int, last bool) error {
	var finished any
	if last {
		finished = ms(tx.Now)
	}
	return tx.execOne(ctx, `UPDATE rollout SET after_id = $4, done = done + $5, finished = $6
		WHERE tenant_id = $1 AND id = $2 AND after_id = $3 AND finished IS NULL`, l.Tenant, l.ID, l.After, to, int64(n),
		finished)
}

// AssignmentsAfter are up to limit assignments of a package that have not ended, in
// the order of their ids, after the one with the id.
func (r *Reader) AssignmentsAfter(ctx context.Context, t access.TenantID, id access.PackageID,
	after access.AssignmentID,
	limit int) ([]access.Assignment, error) {
	return queryAll(ctx, r, assignmentColumns, `SELECT {columns} FROM assignment asg
		WHERE asg.tenant_id = $1 AND asg.package_id = $2 AND asg.state <> 'expired' AND asg.id > $3 ORDER BY asg.id LIMIT $4`,
		t, id,
		after, int64(limit))
}

// CountHolders is how many assignments of a package have not been ended.
func (r *Reader) CountHolders(ctx context.Context, t access.TenantID, id access.PackageID) (int64, error) {
	return queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM assignment asg WHERE asg.tenant_id = $1
		AND asg.package_id = $2
		AND asg.state <> 'expired'`, t, id)
}

// inForce is the condition that assignment x gives access at a time
// (access.Assignment.InForce).
func inForce(x, at string) string {
	return ` ` + x + `.state <> 'expired' AND ` + x + `.start_at <= ` + at + ` AND (` + x + `.end_at IS NULL OR ` + x +
		`.end_at > ` + at + `)`
}

// CountHoldersAt is how many people the package gives access to.
func (r *Reader) CountHoldersAt(ctx context.Context, p access.Package, now time.Time) (int64, error) {
	return queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM assignment asg WHERE asg.tenant_id = $1
		AND asg.package_id = $2
		AND`+
		inForce("asg", "$3"),
		p.Tenant, p.ID, ms(now))
}

// CountHoldersElsewhere is how many of the people to whom the package gives access
// have the role through another package as well (F-055).
func (r *Reader) CountHoldersElsewhere(ctx context.Context, p access.Package, role access.ResourceRoleID,
	now time.Time) (int64, error) {
	return queryOne(ctx, r, value[int64],
		`SELECT COUNT(*) FROM assignment asg WHERE asg.tenant_id = $1 AND asg.package_id = $2 AND`+inForce("asg", "$3")+`
		AND EXISTS (SELECT 1 FROM package_role pr WHERE pr.tenant_id = $1 AND pr.role_id = $4 AND pr.package_id <> $2)
		AND EXISTS (SELECT 1 FROM assignment asg2 JOIN package_role pr ON pr.tenant_id = asg2.tenant_id
		AND pr.package_id = asg2.package_id
			WHERE asg2.tenant_id = $1 AND asg2.person_id = asg.person_id AND asg2.package_id <> $2 AND pr.role_id = $4 AND`+
			inForce("asg2", "$3")+`)`,
		p.Tenant, p.ID, ms(now), role)
}

// CountUndelivered is how many of the people who hold the package wait for a
// delivery, limit at most.
func (r *Reader) CountUndelivered(ctx context.Context, t access.TenantID, id access.PackageID,
	limit int) (int64, error) {
	return queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM (SELECT del.person_id FROM delivery del
		JOIN assignment asg ON asg.tenant_id = del.tenant_id AND asg.person_id = del.person_id AND asg.package_id = $2
		AND asg.state <> 'expired'
		WHERE del.tenant_id = $1 LIMIT $3) AS counted`, t, id, int64(limit))
}
