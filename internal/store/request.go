package store

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

func requestColumns(q *access.Request) []column {
	return []column{
		{"req.tenant_id", &q.Tenant},
		{"req.id", &q.ID},
		{"req.type", &q.Type},
		{"req.state", &q.State},
		{"req.package_id", &q.Package},
		{"COALESCE(req.policy_id, '')", &q.Policy},
		{"COALESCE(req.requestor_id, '')", &q.Requestor},
		{"req.target_id", &q.Target},
		{"COALESCE(req.assignment_id, '')", &q.Assignment},
		{"req.justification", &q.Justification},
		{"req.answers", jsonValue{&q.Answers}},
		{"req.start_at", scanTime{&q.Start}},
		{"req.end_at", scanTime{&q.End}},
		{"req.terms", jsonValue{&q.Terms}},
		{"req.stage", &q.Stage},
		{"req.due_at", scanTime{&q.Due}},
		{"req.reminded_at", scanTime{&q.Reminded}},
		{"req.note", &q.Note},
		{"req.created", scanTime{&q.Created}},
		{"req.completed", scanTime{&q.Completed}},
	}
}

// Request is the request with the id.
func (r *Reader) Request(ctx context.Context, t access.TenantID, id access.RequestID) (access.Request, error) {
	return queryOne(ctx, r, requestColumns, `SELECT {columns} FROM request req WHERE req.tenant_id = $1 AND req.id = $2`,
		t,
		id)
}

// RequestByForm is the request made by the form with the key; ok is false if
// there is none.
func (r *Reader) RequestByForm(ctx context.Context, p access.Person,
	key string) (q access.Request, ok bool, err error) {
	return queryOptional(ctx, r, requestColumns, `SELECT {columns} FROM request req
		WHERE req.tenant_id = $1 AND req.requestor_id = $2 AND req.form_key = $3`, p.Tenant, p.ID, key)
}

// OpenRequest is the id of the person's open request to add the package; empty
// if there is none.
func (r *Reader) OpenRequest(ctx context.Context, p access.Person, id access.PackageID) (access.RequestID, error) {
	found, _, err := queryOptional(ctx, r, value[access.RequestID], `SELECT id FROM request WHERE tenant_id = $1
		AND target_id = $2 AND package_id = $3
		AND state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering')
		AND type IN ('userAdd', 'adminAdd', 'systemAdd', 'onBehalfAdd')`, p.Tenant, p.ID, id)
	return found, err
}

// OpenRequests are the undecided and scheduled requests for a package.
func (r *Reader) OpenRequests(ctx context.Context, t access.TenantID, id access.PackageID) ([]access.Request, error) {
	return queryAll(ctx, r, requestColumns, `SELECT {columns} FROM request req WHERE req.tenant_id = $1
		AND req.package_id = $2
		AND req.state IN ('submitted', 'pendingApproval', 'scheduled') ORDER BY req.state, req.id`, t, id)
}

// OpenRemovals are the person's removal requests that are being delivered,
// oldest first.
func (r *Reader) OpenRemovals(ctx context.Context, p access.Person) ([]access.Request, error) {
	return queryAll(ctx, r, requestColumns, `SELECT {columns} FROM request req WHERE req.tenant_id = $1
		AND req.target_id = $2
		AND req.type IN ('userRemove', 'adminRemove', 'systemRemove')
		AND req.state IN ('delivering', 'partiallyDelivered', 'deliveryFailed') ORDER BY req.id`, p.Tenant, p.ID)
}

// RequestLine is a request with the names that lists show.
type RequestLine struct {
	Request access.Request
	Package string // its name
	Person  access.Person
}

func requestLineColumns(l *RequestLine) []column {
	p := &l.Person
	return append(requestColumns(&l.Request),
		column{"pkg.name", &l.Package},
		column{"per.name", &p.Name},
		column{"per.email", &p.Email},
		column{"per.id", &p.ID},
		column{"per.directory_id", &p.Directory},
		column{"per.domain", &p.Domain},
		column{"per.kind", &p.Kind})
}

const requestLineJoins = ` JOIN package pkg ON pkg.tenant_id = req.tenant_id AND pkg.id = req.package_id
	JOIN person per ON per.tenant_id = req.tenant_id AND per.id = req.target_id `

// RequestsOf are up to limit requests for the person, newest first, older than
// the one with the id before if it is not empty.
func (r *Reader) RequestsOf(ctx context.Context, p access.Person, before access.RequestID,
	limit int) ([]RequestLine, error) {
	if before == "" {
		before = afterIDs
	}
	return queryAll(ctx, r, requestLineColumns, `SELECT {columns} FROM request req`+requestLineJoins+`
		WHERE req.tenant_id = $1 AND req.target_id = $2 AND req.id < $3 ORDER BY req.id DESC LIMIT $4`, p.Tenant, p.ID,
		before,
		int64(limit))
}

// afterIDs is greater than every id in every collation: ids are hexadecimal digits,
// and letters sort after digits everywhere. A sign such as ~ does not.
const afterIDs = "z"

// RequestFilter narrows a list of requests; zero fields narrow nothing.
type RequestFilter struct {
	State   access.RequestState
	Type    access.RequestType
	Package access.PackageID
	Policy  access.PolicyID
	Person  access.PersonID // who gets the access
	// Undelivered is only requests whose delivery failed or is partial.
	Undelivered bool
	// NoDecider is only pending requests that no one can decide now.
	NoDecider bool
}

// RequestList is the list of requests by "age", searched by the target person or
// the package.
func (r *Reader) RequestList(ctx context.Context, t access.TenantID,
	q ListQuery[RequestFilter]) (ListPage[RequestLine], error) {
	f := q.Filter
	policy, person, noDecider := string(f.Policy), string(f.Person), ``
	if f.NoDecider {
		where, err := r.noDecider(ctx, t)
		if err != nil {
			return ListPage[RequestLine]{}, err
		}
		noDecider = ` AND ` + where
	}
	return page(ctx, r, listing[RequestLine]{
		columns: requestLineColumns, base: `request req`, joins: requestLineJoins, tenant: `req.tenant_id`, id: `req.id`,
		catalog: `req.catalog_id`,
		by:      []lookup{{wordsOfPerson, `req.target_id`}, {wordsOfPackage, `req.package_id`}},
		orders:  []order{{"age", `req.id`, false}},
		where: func(a *sqlq.Args) string {
			undelivered := ``
			if f.Undelivered {
				undelivered = ` AND ` + noIndex(`req.state`, policy, person) + ` IN ('partiallyDelivered', 'deliveryFailed')`
			}
			return undelivered + noDecider + equal(a, noIndex(`req.state`, policy, person), f.State) +
				equal(a, noIndex(`req.type`, string(f.Package), policy, person), f.Type) +
				equal(a, noIndex(`req.package_id`, policy, person), f.Package) +
				equal(a, noIndex(`req.policy_id`, person), f.Policy) + equal(a, `req.target_id`, f.Person)
		},
	}, t, q.paging())
}

// WalkRequests walks RequestList.
func (r *Reader) WalkRequests(ctx context.Context, t access.TenantID, q ListQuery[RequestFilter],
	f func(RequestLine) error) error {
	return walk(ctx, t, q, r.RequestList, f)
}

// Holding is what the person has of the package.
func (r *Reader) Holding(ctx context.Context, p access.Person, id access.PackageID) (access.ExistingAccess, error) {
	all, err := r.holdings(ctx, p, []access.PackageID{id})
	return all[id], err
}

// maxWithdrawals is the maximum number of withdrawals that are read: the rules ask for
// fewer.
const maxWithdrawals = int64(10 * access.MaxWithdrawals)

// Withdrawals are the requests that the person has withdrawn within
// access.WithdrawalWindow, up to as many as the rules ask for, the newest first.
func (r *Reader) Withdrawals(ctx context.Context, p access.Person, now time.Time) (access.Withdrawals, error) {
	return queryAll(ctx, r, func(w *access.Withdrawal) []column {
		return []column{{"req.package_id", &w.Package}, {"req.completed", scanTime{&w.At}}}
	}, `SELECT {columns}`+withdrawals(`$1`, `$2`, `$3`, `$4`), p.Tenant, p.ID, ms(now.Add(-access.WithdrawalWindow)),
		maxWithdrawals)
}

// withdrawals is the rest of the query of Withdrawals.
func withdrawals(tenant, person, since, limit string) string {
	return ` FROM request req WHERE req.tenant_id = ` + tenant + ` AND req.requestor_id = ` + person + `
		AND req.state = 'canceled' AND req.completed > ` + since + ` AND EXISTS (SELECT 1 FROM request_history his
			WHERE his.tenant_id = req.tenant_id AND his.request_id = req.id AND his.to_state = 'canceled'
			AND his.actor_id = req.requestor_id)
		ORDER BY req.completed DESC LIMIT ` + limit
}

// maxHoldings is the maximum number of holdings of a person that are cached.
const maxHoldings = 500

// holdings are what the person has of the packages. All that the person has is
// cached for the pages that the person opens.
func (r *Reader) holdings(ctx context.Context, p access.Person,
	ids []access.PackageID) (map[access.PackageID]access.ExistingAccess, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if v := r.visit; v == nil || v.tenant != p.Tenant || v.person.ID != p.ID {
		return r.holdingsOf(ctx, p, ids)
	}
	type known struct {
		access.TenantID
		access.PersonID
	}
	all, err := cachedHoldings(r, known{p.Tenant, p.ID},
		func() (map[access.PackageID]access.ExistingAccess, error) {
			all, err := r.holdingsOf(ctx, p, nil)
			if len(all) > maxHoldings {
				all = nil
			}
			return all, err
		})
	if all == nil && err == nil {
		return r.holdingsOf(ctx, p, ids)
	}
	return all, err
}

// holdingsOf reads the holdings of the packages; more than maxHoldings of any
// package if ids is empty.
func (r *Reader) holdingsOf(ctx context.Context, p access.Person,
	ids []access.PackageID) (map[access.PackageID]access.ExistingAccess, error) {
	a := sqlq.Args{}
	tenant, person, which, limit := a.Add(p.Tenant), a.Add(p.ID), ``, ``
	if len(ids) > 0 {
		which = ` AND package_id IN ` + sqlq.In(&a, ids)
	} else { // a package is held once and requested once
		limit = ` LIMIT ` + a.Add(int64(2*maxHoldings+1))
	}
	all := map[access.PackageID]access.ExistingAccess{}
	var id access.PackageID
	var assigned bool
	err := r.eachRow(ctx, []column{{"package_id", &id}, {"TRUE", &assigned}}, func() {
		h := all[id]
		h.Assigned, h.Requested = h.Assigned || assigned, h.Requested || !assigned
		all[id] = h
	}, `SELECT {columns} FROM assignment WHERE tenant_id = `+tenant+` AND person_id = `+person+
		` AND state <> 'expired'`+which+`
		UNION ALL SELECT package_id, FALSE FROM request WHERE tenant_id = `+tenant+` AND target_id = `+person+`
			AND state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering')
			AND type IN ('userAdd', 'adminAdd', 'systemAdd', 'onBehalfAdd')`+which+limit, a.Values...)
	return all, err
}

// RequestStep is one move of a request's history.
type RequestStep struct {
	From, To access.RequestState
	At       time.Time
	Actor    access.PersonID // empty for the system
	Reason   string
}

// RequestHistory are the moves of a request in their order.
func (r *Reader) RequestHistory(ctx context.Context, t access.TenantID, id access.RequestID) ([]RequestStep, error) {
	return queryAll(ctx, r, func(s *RequestStep) []column {
		return []column{
			{"COALESCE(from_state, '')", &s.From},
			{"to_state", &s.To},
			{"at", scanTime{&s.At}},
			{"COALESCE(actor_id, '')", &s.Actor},
			{"reason", &s.Reason},
		}
	}, `SELECT {columns} FROM request_history
		WHERE tenant_id = $1 AND request_id = $2 ORDER BY seq`, t, id)
}

// DueRequests are up to limit requests whose stage is past its deadline.
func (r *Reader) DueRequests(ctx context.Context, now time.Time, limit int) ([]access.Request, error) {
	return queryAll(ctx, r, requestColumns, `SELECT {columns} FROM request req
		WHERE req.due_at IS NOT NULL AND req.due_at <= $1 AND `+notPostponed(JobExpireRequests, "req")+`
		ORDER BY req.due_at LIMIT $2`, ms(now), int64(limit))
}

// RemindableRequests are up to limit requests whose reminder is due.
func (r *Reader) RemindableRequests(ctx context.Context, now time.Time, limit int) ([]access.Request, error) {
	return queryAll(ctx, r, requestColumns, `SELECT {columns} FROM request req
		WHERE req.remind_at IS NOT NULL AND req.remind_at <= $1 AND `+notPostponed(JobRemindApprovers, "req")+`
		ORDER BY req.remind_at LIMIT $2`, ms(now), int64(limit))
}

// StartingRequests are up to limit scheduled requests that are due to start.
func (r *Reader) StartingRequests(ctx context.Context, now time.Time, limit int) ([]access.Request, error) {
	return queryAll(ctx, r, requestColumns, `SELECT {columns} FROM request req
		WHERE req.state = 'scheduled' AND req.start_at <= $1 AND `+notPostponed(JobStartRequests, "req")+`
		ORDER BY req.start_at LIMIT $2`, ms(now), int64(limit))
}

// ExpiringRequests are up to limit pending requests whose deadline is before
// the time, earliest first.
func (r *Reader) ExpiringRequests(ctx context.Context, t access.TenantID, before time.Time,
	limit int) ([]RequestLine, error) {
	return queryAll(ctx, r, requestLineColumns,
		`SELECT {columns} FROM request req`+requestLineJoins+`
		WHERE req.tenant_id = $1 AND req.due_at IS NOT NULL AND req.due_at < $2 ORDER BY req.due_at LIMIT $3`, t, ms(before),
		int64(limit))
}

// AddRequest adds a request in q.State: submitted, or a state that the system has moved
// the submitted request to in the same transaction. The history has both steps. key is
// the form's, empty without a form.
func (tx *Tx) AddRequest(ctx context.Context, q access.Request, key string) error {
	steps := []RequestStep{{To: access.Submitted, Actor: q.Requestor}}
	if q.State != access.Submitted {
		if !access.Submitted.CanMove(q.State) {
			return stale()
		}
		steps = append(steps, RequestStep{From: access.Submitted, To: q.State})
	}
	err := tx.exec(ctx, `INSERT INTO request (tenant_id, id, type, state, catalog_id, package_id, policy_id, requestor_id,
		target_id, assignment_id, justification, answers, start_at, end_at, terms, stage, due_at, remind_at, note, form_key,
		created, completed)
		VALUES ($1, $2, $3, $4, (SELECT catalog_id FROM package WHERE tenant_id = $1 AND id = $5), $5, $6, $7, $8, $9, $10,
		$11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		q.Tenant, q.ID, q.Type, q.State, q.Package, textOrNull(q.Policy), textOrNull(q.Requestor), q.Target,
		textOrNull(q.Assignment), q.Justification, jsonValue{answers(q)}, msOrNull(q.Start), msOrNull(q.End),
		jsonValue{q.Terms}, int64(q.Stage), dueAt(q.State, q), remindAt(q.State, q, tx.Now), q.Note, textOrNull(key),
		ms(tx.Now), completedAt(q.State, tx.Now))
	if err != nil {
		return err
	}
	history := tx.Bulk("request_history", "tenant_id", "request_id", "seq", "from_state", "to_state", "at", "actor_id",
		"reason")
	for i, s := range steps {
		if err := history.Add(ctx, q.Tenant, q.ID, int64(i+1), textOrNull(s.From), s.To, ms(tx.Now), textOrNull(s.Actor),
			s.Reason); err != nil {
			return err
		}
	}
	return history.Flush(ctx)
}

func answers(q access.Request) []access.Answer {
	if q.Answers == nil {
		return []access.Answer{}
	}
	return q.Answers
}

// MoveRequest moves a request from q.State to another state, with q.Stage,
// q.Due, q.Assignment and q.Note, and adds it to the history. It sets completed
// for final states, and closes the stages of a request that was pending approval. It returns a
// Conflict if the stored state is not q.State or
// the move is not legal.
func (tx *Tx) MoveRequest(ctx context.Context, q access.Request, to access.RequestState, by access.PersonID,
	reason string) error {
	if !q.State.CanMove(to) {
		return stale()
	}
	err := tx.execOne(ctx, `UPDATE request SET state = $4, stage = $5, due_at = $6, remind_at = $7, assignment_id = $8,
		note = $9, completed = $10
		WHERE tenant_id = $1 AND id = $2 AND state = $3`,
		q.Tenant, q.ID, q.State, to, int64(q.Stage), dueAt(to, q), remindAt(to, q, tx.Now), textOrNull(q.Assignment), q.Note,
		completedAt(to, tx.Now))
	if err != nil {
		return err
	}
	if q.State == access.PendingApproval {
		if err := tx.CloseStages(ctx, q); err != nil {
			return err
		}
	}
	return tx.addStep(ctx, q, RequestStep{From: q.State, To: to, Actor: by, Reason: reason})
}

// completedAt is when a request in the state was completed, NULL if it is open.
func completedAt(to access.RequestState, now time.Time) any {
	if to.Open() {
		return nil
	}
	return ms(now)
}

func dueAt(to access.RequestState, q access.Request) any {
	if to != access.PendingApproval {
		return nil
	}
	return ms(q.Due)
}

// remindAt is when the approvers are reminded, NULL unless the request is pending
// approval.
func remindAt(to access.RequestState, q access.Request, now time.Time) any {
	if to != access.PendingApproval {
		return nil
	}
	return ms(q.ReminderDue(now))
}

// MarkReminded marks the open stage as reminded and reports whether a reminder
// was due.
func (tx *Tx) MarkReminded(ctx context.Context, q access.Request) (bool, error) {
	n, err := tx.execCount(ctx, `UPDATE request SET remind_at = NULL, reminded_at = $4
		WHERE tenant_id = $1 AND id = $2 AND state = 'pendingApproval' AND stage = $3 AND remind_at <= $4`,
		q.Tenant, q.ID, int64(q.Stage), ms(tx.Now))
	return n > 0, err
}

// remindedAt is the stored value of q.Reminded, or 0.
func remindedAt(q access.Request) int64 {
	if q.Reminded.IsZero() {
		return 0
	}
	return ms(q.Reminded)
}

func (tx *Tx) addStep(ctx context.Context, q access.Request, s RequestStep) error {
	return tx.exec(ctx, `INSERT INTO request_history (tenant_id, request_id, seq, from_state, to_state, at, actor_id,
		reason)
		SELECT $1, $2, COALESCE(MAX(seq), 0) + 1, CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT), CAST($6 AS TEXT),
		CAST($7 AS TEXT)
		FROM request_history WHERE tenant_id = $1 AND request_id = $2`,
		q.Tenant, q.ID, textOrNull(s.From), s.To, ms(tx.Now), textOrNull(s.Actor), s.Reason)
}
