package store

import (
	"context"
	"time"

	"myaccess/internal/access"
)

func assignmentColumns(x *access.Assignment) []column {
	return []column{
		{"asg.tenant_id", &x.Tenant},
		{"asg.id", &x.ID},
		{"asg.package_id", &x.Package},
		{"COALESCE(asg.policy_id, '')", &x.Policy},
		{"asg.person_id", &x.Person},
		{"asg.request_id", &x.Request},
		{"asg.state", &x.State},
		{"asg.start_at", scanTime{&x.Start}},
		{"asg.end_at", scanTime{&x.End}},
		{"asg.delivered", scanTime{&x.Delivered}},
		{"asg.ended", scanTime{&x.Ended}},
	}
}

// Assignment is the assignment with the id.
func (r *Reader) Assignment(ctx context.Context, t access.TenantID, id access.AssignmentID) (access.Assignment, error) {
	return queryOne(ctx, r, assignmentColumns, `SELECT {columns} FROM assignment asg WHERE asg.tenant_id = $1
		AND asg.id = $2`,
		t, id)
}

// AssignmentOf is the person's assignment of the package that has not ended; ok
// is false if there is none.
func (r *Reader) AssignmentOf(ctx context.Context, p access.Person,
	id access.PackageID) (x access.Assignment, ok bool, err error) {
	return queryOptional(ctx, r, assignmentColumns, `SELECT {columns} FROM assignment asg
		WHERE asg.tenant_id = $1 AND asg.person_id = $2 AND asg.package_id = $3 AND asg.state <> 'expired'`, p.Tenant, p.ID,
		id)
}

// OpenAssignments are the person's assignments whose state is not expired, in force or
// not, in the order in which they were made.
func (r *Reader) OpenAssignments(ctx context.Context, t access.TenantID,
	p access.PersonID) ([]access.Assignment, error) {
	return queryAll(ctx, r, assignmentColumns, `SELECT {columns} FROM assignment asg
		WHERE asg.tenant_id = $1 AND asg.person_id = $2 AND asg.state <> 'expired' ORDER BY asg.id`, t, p)
}

// EndingAssignments are up to limit assignments whose end has come but which
// have not been ended yet.
func (r *Reader) EndingAssignments(ctx context.Context, now time.Time, limit int) ([]access.Assignment, error) {
	return queryAll(ctx, r, assignmentColumns, `SELECT {columns} FROM assignment asg
		WHERE asg.state <> 'expired' AND asg.end_at IS NOT NULL AND asg.end_at <= $1 ORDER BY asg.end_at LIMIT $2`, ms(now),
		int64(limit))
}

// AssignmentsOfPackage are the assignments of a package that have not ended, by
// state.
func (r *Reader) AssignmentsOfPackage(ctx context.Context, t access.TenantID,
	id access.PackageID) ([]access.Assignment, error) {
	return queryAll(ctx, r, assignmentColumns, `SELECT {columns} FROM assignment asg
		WHERE asg.tenant_id = $1 AND asg.package_id = $2 AND asg.state <> 'expired' ORDER BY asg.state, asg.id`, t, id)
}

// AddAssignment adds an assignment in the state delivering, which is where
// every one begins.
func (tx *Tx) AddAssignment(ctx context.Context, x access.Assignment) error {
	err := tx.exec(ctx, `INSERT INTO assignment (tenant_id, id, catalog_id, package_id, policy_id, person_id, request_id,
		state, start_at, end_at)
		VALUES ($1, $2, (SELECT catalog_id FROM package WHERE tenant_id = $1 AND id = $3), $3, $4, $5, $6, $7, $8, $9)`,
		x.Tenant, x.ID, x.Package, textOrNull(x.Policy), x.Person, x.Request,
		access.AssignDelivering, ms(x.Start), msOrNull(x.End))
	if err != nil {
		return err
	}
	return tx.addAssignmentStep(ctx, x, "", access.AssignDelivering)
}

// MoveAssignment moves an assignment from the state that x has to another, if
// that is still the state and the move is legal, and records it. End, Delivered
// and Ended are stored as x says.
func (tx *Tx) MoveAssignment(ctx context.Context, x access.Assignment, to access.AssignmentState) error {
	if !x.State.CanMove(to) {
		return stale()
	}
	err := tx.execOne(ctx, `UPDATE assignment SET state = $4, end_at = $5, delivered = $6, ended = $7
		WHERE tenant_id = $1 AND id = $2 AND state = $3`,
		x.Tenant, x.ID, x.State, to, msOrNull(x.End), msOrNull(x.Delivered), msOrNull(x.Ended))
	if err != nil {
		return err
	}
	return tx.addAssignmentStep(ctx, x, x.State, to)
}

func (tx *Tx) addAssignmentStep(ctx context.Context, x access.Assignment, from, to access.AssignmentState) error {
	return tx.exec(ctx, `INSERT INTO assignment_history (tenant_id, assignment_id, seq, from_state, to_state, at)
		SELECT $1, $2, COALESCE(MAX(seq), 0) + 1, CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT)
		FROM assignment_history WHERE tenant_id = $1 AND assignment_id = $2`, x.Tenant, x.ID, textOrNull(from), to,
		ms(tx.Now))
}
