package store

import (
	"context"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/sqlq"
)

// PendingApprovals are up to limit requests that wait for a decision of the person,
// oldest first, younger than the one with the id after.
func (r *Reader) PendingApprovals(ctx context.Context, p access.Person, after access.RequestID,
	limit int) ([]RequestLine, error) {
	groups, err := r.approvingGroups(ctx, p)
	if err != nil {
		return nil, err
	}
	a := &sqlq.Args{}
	tenant, most := a.Add(p.Tenant), a.Add(int64(limit))
	place, me := a.Add(after), a.Add(p.ID)
	of := func(before, subject string) string {
		return `SELECT DISTINCT apv.request_id AS id FROM ` + before + `request_approver apv
			WHERE apv.tenant_id = ` + tenant + ` AND apv.subject_id = ` + subject + openToOthers(me) + `
			AND apv.request_id > ` + place + ` ORDER BY apv.request_id LIMIT ` + most
	}
	ranges := []string{of(``, me)}
	if len(groups) > sqlq.MaxUnion { // fewer requests are pending than there are groups
		ranges = append(ranges, of(`(`+memberships(a, p)+`) AS ids CROSS JOIN `, `ids.entry_id`))
		groups = nil
	}
	for _, g := range groups {
		ranges = append(ranges, of(``, a.Add(g)))
	}
	return queryAll(ctx, r, requestLineColumns,
		`SELECT {columns} FROM `+sqlq.OrderedUnion(ranges, ` ORDER BY 1 LIMIT `+most)+` AS ids CROSS JOIN request req`+
			requestLineJoins+`
		WHERE req.tenant_id = `+tenant+` AND req.id = ids.id ORDER BY req.id`, a.Values...)
}

// CountPendingApprovals counts the requests that the person can decide, up to
// 100. Its cost depends on the person's groups, not on all pending requests.
func (r *Reader) CountPendingApprovals(ctx context.Context, p access.Person) (int, error) {
	if v := r.visit; v != nil && v.tenant == p.Tenant && v.person.ID == p.ID && v.pending >= 0 {
		return int(v.pending), nil
	}
	type known struct {
		access.TenantID
		access.PersonID
	}
	n, err := sqldb.Cached(r.cache, known{p.Tenant, p.ID}, func() (int64, error) {
		return queryOne(ctx, r, value[int64], countPending(`$1`, `CAST($2 AS TEXT)`), p.Tenant, p.ID)
	})
	return int(n), err
}

// countPending is the query of CountPendingApprovals for the tenant and the person.
func countPending(tenant, person string) string {
	return `SELECT COUNT(*) FROM (SELECT DISTINCT apv.request_id FROM (SELECT ` + person + ` AS id
			UNION ALL SELECT mem.entry_id FROM directory_member mem WHERE mem.tenant_id = ` + tenant + `
			AND mem.person_id = ` + person + ` AND mem.role = 'Member') AS ids
		CROSS JOIN request_approver apv
		WHERE apv.tenant_id = ` + tenant + ` AND apv.subject_id = ids.id` + openToOthers(person) + `
		AND apv.request_id > '' LIMIT 100) AS counted`
}

// openToOthers is the condition that a stage is open, of a request that is neither for nor
// by the person. Stages are closed with the move of their request (MoveRequest).
func openToOthers(person string) string {
	return ` AND apv.closed IS NULL AND apv.target_id <> ` + person + ` AND apv.requestor_id <> ` + person
}

// DecidedRequests are up to limit requests, newest first, that the person
// decided, or could have decided before a co-approver did or the stage timed
// out (F-168).
func (r *Reader) DecidedRequests(ctx context.Context, p access.Person, before access.RequestID,
	limit int) ([]RequestLine, error) {
	if before == "" {
		before = afterIDs
	}
	groups, err := r.approvingGroups(ctx, p)
	if err != nil {
		return nil, err
	}
	a := &sqlq.Args{}
	tenant, others, most := a.Add(p.Tenant), excludeOwn(a, p), a.Add(int64(limit))
	place := a.Add(before)
	of := func(table, alias, mine string) string {
		id := alias + `.request_id`
		return `SELECT DISTINCT ` + id + ` AS id FROM ` + table + ` ` + alias + ` CROSS JOIN request req
			WHERE ` + alias + `.tenant_id = ` + tenant + mine + ` AND ` + id + ` < ` + place + ` AND req.tenant_id = ` + tenant +
			` AND req.id = ` + id + ` || ''` + others + ` ORDER BY ` + id + ` DESC LIMIT ` + most
	}
	ranges := []string{of(`decision`, `dcn`, ` AND dcn.by_id = `+a.Add(p.ID))}
	if len(groups) > sqlq.MaxUnion { // people in so many groups could decide very many requests
		ranges = append(ranges,
			`SELECT req.id FROM request req WHERE req.tenant_id = `+tenant+` AND req.id < `+place+others+` AND EXISTS (SELECT 1
				FROM request_approver apv
			WHERE apv.tenant_id = `+tenant+` AND apv.request_id = req.id AND apv.closed IS NOT NULL AND apv.subject_id IN (`+
				memberships(a, p)+`)) ORDER BY req.id DESC LIMIT `+most)
		groups = nil
	}
	for _, s := range append(groups, string(p.ID)) {
		ranges = append(ranges, of(`request_approver`, `apv`, ` AND apv.subject_id = `+a.Add(s)+
			` AND apv.closed IS NOT NULL`))
	}
	return queryAll(ctx, r, requestLineColumns,
		`SELECT {columns} FROM `+sqlq.OrderedUnion(ranges, ` ORDER BY 1 DESC LIMIT `+most)+` AS ids CROSS JOIN request req`+
			requestLineJoins+`
		WHERE req.tenant_id = `+tenant+` AND req.id = ids.id ORDER BY req.id DESC`, a.Values...)
}

// approvingGroups returns the groups through which the person approves.
func (r *Reader) approvingGroups(ctx context.Context, p access.Person) ([]string, error) {
	type known struct {
		access.TenantID
		access.PersonID
	}
	groups, err := cachedForPerson(r, p.Tenant, p.ID, known{p.Tenant, p.ID}, func() ([]string, error) {
		a := &sqlq.Args{}
		return queryAll(ctx, r, value[string], memberships(a, p)+` ORDER BY mem.entry_id`, a.Values...)
	})
	return slices.Clip(groups), err // callers append to it
}

// memberships is the query for the ids of the entries that the person is a
// member of.
func memberships(a *sqlq.Args, p access.Person) string {
	return `SELECT mem.entry_id FROM directory_member mem WHERE mem.tenant_id = ` + a.Add(p.Tenant) +
		` AND mem.person_id = ` +
		a.Add(p.ID) + ` AND mem.role = 'Member'`
}

// excludeOwn is the condition that a request is neither for nor by the person.
func excludeOwn(a *sqlq.Args, p access.Person) string {
	me := a.Add(p.ID)
	return ` AND req.target_id <> ` + me + ` AND (req.requestor_id IS NULL OR req.requestor_id <> ` + me + `)`
}

// approvingSubjects is the condition that the approver a is the person or one
// of the person's groups, in a form for which the index on subjects serves.
const approvingSubjects = `apv.subject_id IN (SELECT CAST($2 AS TEXT) UNION ALL SELECT mem.entry_id
	FROM directory_member mem
	WHERE mem.tenant_id = $1 AND mem.person_id = $2 AND mem.role = 'Member')`

// IsApprover reports whether the person is an approver of the stage, by name or
// as a member of a group now.
func (r *Reader) IsApprover(ctx context.Context, p access.Person, id access.RequestID, stage int) (bool, error) {
	n, err := queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM request_approver apv
		WHERE apv.tenant_id = $1 AND apv.request_id = $3 AND apv.stage = $4 AND `+approvingSubjects, p.Tenant, p.ID, id,
		int64(stage))
	return n > 0, err
}

// Approvers are the people and groups that may decide the stage.
func (r *Reader) Approvers(ctx context.Context, t access.TenantID, id access.RequestID,
	stage int) ([]access.SubjectRef, error) {
	return queryAll(ctx, r, subjectColumns, `SELECT kind, subject_id FROM request_approver
		WHERE tenant_id = $1 AND request_id = $2 AND stage = $3 ORDER BY kind, subject_id`, t, id, int64(stage))
}

// Decisions are the decisions on a request in the order of its stages.
func (r *Reader) Decisions(ctx context.Context, t access.TenantID, id access.RequestID) ([]access.Decision, error) {
	return queryAll(ctx, r, func(d *access.Decision) []column {
		return []column{
			{"stage", &d.Stage},
			{"by_id", &d.By},
			{"approve", &d.Approve},
			{"reason", &d.Reason},
			{"at", scanTime{&d.At}},
		}
	}, `SELECT {columns} FROM decision WHERE tenant_id = $1 AND request_id = $2 ORDER BY stage`, t,
		id)
}

// NamedDecision is a decision with the name of who made it.
type NamedDecision struct {
	access.Decision
	Name string
}

// LastDecisions are the latest decisions on the requests; requests without a
// decision are left out.
func (r *Reader) LastDecisions(ctx context.Context, t access.TenantID,
	ids []access.RequestID) (map[access.RequestID]NamedDecision, error) {
	all := map[access.RequestID]NamedDecision{}
	a := sqlq.Args{}
	tenant := a.Add(t)
	var id access.RequestID
	var d NamedDecision
	cols := []column{
		{"dcn.request_id", &id},
		{"dcn.stage", &d.Stage},
		{"dcn.by_id", &d.By},
		{"dcn.approve", &d.Approve},
		{"dcn.reason", &d.Reason},
		{"dcn.at", scanTime{&d.At}},
		{"per.name", &d.Name},
	}
	err := r.eachRow(ctx, cols, func() { all[id] = d }, `SELECT {columns} FROM decision dcn
		JOIN person per ON per.tenant_id = dcn.tenant_id AND per.id = dcn.by_id
		WHERE dcn.tenant_id = `+tenant+` AND dcn.request_id IN `+sqlq.In(&a, ids)+` ORDER BY dcn.request_id,
			dcn.stage`,
		a.Values...)
	return all, err
}

// OpenStage adds the approvers of a stage. It is called once for each stage, of a request
// that is pending approval. Someone who was merged into another person since the request was made is that person.
func (tx *Tx) OpenStage(ctx context.Context, q access.Request, stage int, approvers []access.SubjectRef) error {
	if stage > 0 { // those of the first stage are as the policy has them
		var err error
		if approvers, err = tx.followMerged(ctx, q.Tenant, approvers); err != nil {
			return err
		}
	}
	rows := tx.Bulk("request_approver", "tenant_id", "request_id", "stage", "kind", "subject_id", "target_id",
		"requestor_id")
	seen := map[access.SubjectRef]bool{}
	for _, s := range approvers {
		if seen[s] {
			continue
		}
		seen[s] = true
		if err := rows.Add(ctx, q.Tenant, q.ID, int64(stage), s.Kind, s.ID, q.Target, q.Requestor); err != nil {
			return err
		}
	}
	return rows.Flush(ctx)
}

// NextStage opens the stage q.Stage, if the stage before it was open. Otherwise
// it returns a Conflict.
func (tx *Tx) NextStage(ctx context.Context, q access.Request) error {
	return tx.execOne(ctx, `UPDATE request SET stage = $4, due_at = $5, remind_at = $6, reminded_at = NULL
		WHERE tenant_id = $1 AND id = $2 AND state = 'pendingApproval' AND stage = $3`,
		q.Tenant, q.ID, int64(q.Stage-1), int64(q.Stage), ms(q.Due), remindAt(access.PendingApproval, q, tx.Now))
}

// CloseStages marks every stage of the request as no longer open for decisions.
func (tx *Tx) CloseStages(ctx context.Context, q access.Request) error {
	return tx.exec(ctx, `UPDATE request_approver SET closed = $3 WHERE tenant_id = $1 AND request_id = $2
		AND closed IS NULL`,
		q.Tenant, q.ID, ms(tx.Now))
}

// AddDecision adds the decision on a stage. It returns a Conflict if the stage
// has one.
func (tx *Tx) AddDecision(ctx context.Context, q access.Request, d access.Decision) error {
	n, err := tx.execCount(ctx, `INSERT INTO decision (tenant_id, request_id, stage, by_id, approve, reason, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT DO NOTHING`, q.Tenant, q.ID, int64(d.Stage), d.By, d.Approve, d.Reason, ms(d.At))
	if err == nil && n == 0 {
		return stale()
	}
	return err
}
