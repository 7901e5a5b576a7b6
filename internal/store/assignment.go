package store

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
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

// OpenAssignments are the person's assignments that are not expired, oldest
// first.
func (r *Reader) OpenAssignments(ctx context.Context, t access.TenantID,
	p access.PersonID) ([]access.Assignment, error) {
	return queryAll(ctx, r, assignmentColumns, `SELECT {columns} FROM assignment asg
		WHERE asg.tenant_id = $1 AND asg.person_id = $2 AND asg.state <> 'expired' ORDER BY asg.id`, t, p)
}

// EndingAssignments are up to limit assignments past their end that are not
// expired yet.
func (r *Reader) EndingAssignments(ctx context.Context, now time.Time, limit int) ([]access.Assignment, error) {
	return queryAll(ctx, r, assignmentColumns, `SELECT {columns} FROM assignment asg
		WHERE asg.state <> 'expired' AND asg.end_at IS NOT NULL AND asg.end_at <= $1
		AND `+notPostponed(JobEndAssignments, "asg")+` ORDER BY asg.end_at LIMIT $2`, ms(now), int64(limit))
}

// AssignmentsOfPackage are the assignments of a package that are not expired,
// by state.
func (r *Reader) AssignmentsOfPackage(ctx context.Context, t access.TenantID,
	id access.PackageID) ([]access.Assignment, error) {
	return queryAll(ctx, r, assignmentColumns, `SELECT {columns} FROM assignment asg
		WHERE asg.tenant_id = $1 AND asg.package_id = $2 AND asg.state <> 'expired' ORDER BY asg.state, asg.id`, t, id)
}

// AssignmentsAfter are up to limit assignments of a package that are not
// expired, by id, with ids greater than after.
func (r *Reader) AssignmentsAfter(ctx context.Context, t access.TenantID, id access.PackageID,
	after access.AssignmentID,
	limit int) ([]access.Assignment, error) {
	return queryAll(ctx, r, assignmentColumns, `SELECT {columns} FROM assignment asg
		WHERE asg.tenant_id = $1 AND asg.package_id = $2 AND asg.state <> 'expired' AND asg.id > $3 ORDER BY asg.id LIMIT $4`,
		t, id,
		after, int64(limit))
}

// AssignmentLine is an assignment as administrators list it.
type AssignmentLine struct {
	access.Assignment
	Catalog     access.CatalogID // of the package
	PackageName string
	PolicyName  string
	Holder      access.Person
}

func assignmentLineColumns(l *AssignmentLine) []column {
	return append(append(assignmentColumns(&l.Assignment), column{"asg.catalog_id", &l.Catalog},
		column{"pkg.name", &l.PackageName}, column{"COALESCE(pol.name, '')", &l.PolicyName}),
		personColumns(&l.Holder)...)
}

// assignmentLineJoins are the tables of assignmentLineColumns besides assignment.
const assignmentLineJoins = ` JOIN package pkg ON pkg.tenant_id = asg.tenant_id AND pkg.id = asg.package_id
	JOIN person per ON per.tenant_id = asg.tenant_id AND per.id = asg.person_id
	LEFT JOIN policy pol ON pol.tenant_id = asg.tenant_id AND pol.id = asg.policy_id`

// AssignmentLines returns the assignments with the ids. Those that do not exist
// are missing.
func (r *Reader) AssignmentLines(ctx context.Context, t access.TenantID,
	ids []access.AssignmentID) (map[access.AssignmentID]AssignmentLine, error) {
	found, err := byIDs(ctx, r, assignmentLineColumns, `assignment asg`+assignmentLineJoins+`
		WHERE asg.tenant_id = $1 AND asg.id IN `, t, ids)
	lines := make(map[access.AssignmentID]AssignmentLine, len(found))
	for _, l := range found {
		lines[l.ID] = l
	}
	return lines, err
}

// AssignmentFilter narrows a list of assignments; zero fields narrow nothing.
type AssignmentFilter struct {
	State   access.AssignmentState
	Package access.PackageID
	Policy  access.PolicyID
	Person  access.PersonID // the holder
	// Current is only assignments that are not expired.
	Current bool
}

// AssignmentList is the list of assignments by "age", searched by the holder or
// by the package.
func (r *Reader) AssignmentList(ctx context.Context, t access.TenantID,
	q ListQuery[AssignmentFilter]) (ListPage[AssignmentLine], error) {
	f := q.Filter
	policy, person := string(f.Policy), string(f.Person)
	return page(ctx, r, listing[AssignmentLine]{
		columns: assignmentLineColumns, base: `assignment asg`, joins: assignmentLineJoins,
		tenant: `asg.tenant_id`, id: `asg.id`, catalog: `asg.catalog_id`,
		by:     []lookup{{wordsOfPerson, `asg.person_id`}, {wordsOfPackage, `asg.package_id`}},
		orders: []order{{"age", `asg.id`, false}},
		where: func(a *sqlq.Args) string {
			current := ``
			if f.Current {
				current = ` AND asg.state || '' <> 'expired'`
			}
			return current + equal(a, noIndex(`asg.state`, policy, person), f.State) +
				equal(a, noIndex(`asg.package_id`, policy, person), f.Package) +
				equal(a, noIndex(`asg.policy_id`, person), f.Policy) + equal(a, `asg.person_id`, f.Person)
		},
	}, t, q.paging())
}

// WalkAssignments walks AssignmentList.
func (r *Reader) WalkAssignments(ctx context.Context, t access.TenantID, q ListQuery[AssignmentFilter],
	f func(AssignmentLine) error) error {
	return walk(ctx, t, q, r.AssignmentList, f)
}

// CountHolders is the number of assignments of a package that are not expired.
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

// CountHoldersAt is the number of people to whom the package gives access at
// now.
func (r *Reader) CountHoldersAt(ctx context.Context, p access.Package, now time.Time) (int64, error) {
	return queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM assignment asg WHERE asg.tenant_id = $1
		AND asg.package_id = $2
		AND`+
		inForce("asg", "$3"),
		p.Tenant, p.ID, ms(now))
}

// CountHoldersElsewhere is the number of people to whom the package gives
// access at now and who also have the role through another package (F-055).
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

// CountUndelivered is the number of the package's holders whose delivery is
// queued, at most limit.
func (r *Reader) CountUndelivered(ctx context.Context, t access.TenantID, id access.PackageID,
	limit int) (int64, error) {
	return queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM (SELECT asg.person_id FROM assignment asg
		WHERE asg.tenant_id = $1 AND asg.package_id = $2 AND asg.state <> 'expired' AND EXISTS (SELECT 1 FROM delivery del
			WHERE del.tenant_id = asg.tenant_id AND del.person_id = asg.person_id)
		LIMIT $3) AS counted`, t, id, int64(limit))
}

// AddAssignment adds an assignment in the initial state, delivering.
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

// MoveAssignment moves an assignment from x.State to another state, with x.End,
// x.Delivered and x.Ended, and adds it to the history. It returns a Conflict if
// the stored state is not x.State or the move is not legal.
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
