package store

import (
	"context"
	"time"

	"myaccess/internal/access"
)

func grantColumns(g *access.Grant) []column {
	return []column{
		{"gr.tenant_id", &g.Tenant},
		{"gr.id", &g.ID},
		{"gr.person_id", &g.Person},
		{"gr.role_id", &g.Role},
		{"gr.state", &g.State},
		{"gr.epoch", &g.Epoch},
		{"gr.since", scanTime{&g.Since}},
		{"gr.attempts", &g.Attempts},
		{"gr.next_try", scanTime{&g.NextTry}},
		{"gr.stuck", &g.Stuck},
		{"gr.last_error", &g.LastError},
	}
}

// Grant is the grant with the id.
func (r *Reader) Grant(ctx context.Context, t access.TenantID, id access.GrantID) (access.Grant, error) {
	return queryOne(ctx, r, grantColumns, `SELECT {columns} FROM role_grant gr
		WHERE gr.tenant_id = $1 AND gr.id = $2`, t, id)
}

// Grants are all grants of a person, in every state.
func (r *Reader) Grants(ctx context.Context, t access.TenantID, p access.PersonID) ([]access.Grant, error) {
	return queryAll(ctx, r, grantColumns, `SELECT {columns} FROM role_grant gr
		WHERE gr.tenant_id = $1 AND gr.person_id = $2 ORDER BY gr.id`, t, p)
}

// GrantsOfPackage are the person's grants of the package's roles, in the order
// of the roles.
func (r *Reader) GrantsOfPackage(ctx context.Context, t access.TenantID, p access.PersonID,
	k access.PackageID) ([]access.Grant, error) {
	return queryAll(ctx, r, grantColumns, `SELECT {columns} FROM package_role pr
		JOIN role_grant gr ON gr.tenant_id = pr.tenant_id AND gr.person_id = $2 AND gr.role_id = pr.role_id
		WHERE pr.tenant_id = $1 AND pr.package_id = $3 ORDER BY pr.position`, t, p, k)
}

// LateGrant is a grant whose delivery is overdue.
type LateGrant struct {
	access.Grant
	Person   access.Person // id, name and address
	Resource string
	Role     string
}

func lateGrantColumns(l *LateGrant) []column {
	g, p := &l.Grant, &l.Person
	return []column{
		{"gr.id", &g.ID},
		{"gr.state", &g.State},
		{"gr.since", scanTime{&g.Since}},
		{"gr.attempts", &g.Attempts},
		{"gr.last_error", &g.LastError},
		{"per.id", &p.ID},
		{"per.name", &p.Name},
		{"per.email", &p.Email},
		{"res.name", &l.Resource},
		{"rr.name", &l.Role},
	}
}

// LateRemovals are up to limit grants that have been removing since before the
// time, oldest first.
func (r *Reader) LateRemovals(ctx context.Context, t access.TenantID, before time.Time,
	limit int) ([]LateGrant, error) {
	return queryAll(ctx, r, lateGrantColumns, `SELECT {columns} FROM role_grant gr
		JOIN person per ON per.tenant_id = gr.tenant_id AND per.id = gr.person_id
		JOIN resource_role rr ON rr.tenant_id = gr.tenant_id AND rr.id = gr.role_id
		JOIN resource res ON res.tenant_id = rr.tenant_id AND res.id = rr.resource_id
		WHERE gr.tenant_id = $1 AND gr.state = 'removing' AND gr.since < $2 ORDER BY gr.since LIMIT $3`, t, ms(before),
		int64(limit))
}

// WithheldRemovals are up to limit grants of administrative roles that a removal which is
// being delivered leaves, because of the last global administrator. Since is when the
// removal was requested.
func (r *Reader) WithheldRemovals(ctx context.Context, t access.TenantID, limit int) ([]LateGrant, error) {
	return queryAll(ctx, r, func(l *LateGrant) []column {
		all := lateGrantColumns(l)
		all[2].sql = "req.created"
		return all
	}, `SELECT {columns} FROM role_assignment ra CROSS JOIN target tgt CROSS JOIN resource res
		CROSS JOIN resource_role rr CROSS JOIN package_role pr CROSS JOIN request req CROSS JOIN role_grant gr
		CROSS JOIN person per
		WHERE ra.tenant_id = $1 AND ra.role = 'globalAdministrator' AND ra.subject_kind = 'groupMembers'
		AND tgt.tenant_id = $1 AND tgt.kind = 'directory' AND res.tenant_id = $1 AND res.target_id = tgt.id
		AND res.external_id = ra.subject_id AND rr.tenant_id = $1 AND rr.resource_id = res.id AND pr.tenant_id = $1
		AND pr.role_id = rr.id AND req.tenant_id = $1 AND req.package_id = pr.package_id AND req.state = 'delivering'
		AND req.type IN ('userRemove', 'adminRemove', 'systemRemove') AND gr.tenant_id = $1
		AND gr.person_id = req.target_id AND gr.role_id = rr.id AND gr.state = 'held' AND gr.last_error <> ''
		AND per.tenant_id = $1 AND per.id = gr.person_id ORDER BY req.created, gr.id LIMIT $2`, t, int64(limit))
}

// AddGrant adds a grant in the initial state, adding.
func (tx *Tx) AddGrant(ctx context.Context, g access.Grant) error {
	err := tx.exec(ctx, `INSERT INTO role_grant (tenant_id, id, person_id, role_id, state, epoch, since, attempts,
		next_try, stuck, last_error)
		VALUES ($1, $2, $3, $4, $5, 1, $6, 0, $6, FALSE, '')`, g.Tenant, g.ID, g.Person, g.Role, access.Adding, ms(tx.Now))
	if err != nil {
		return err
	}
	return tx.addGrantStep(ctx, g, "", access.Adding)
}

// MoveGrant moves a grant from g.State and g.Epoch to another state, resets its
// attempts and adds it to the history. A move to adding or removing begins a
// new epoch. It returns a Conflict if the stored state or epoch differs or the
// move is not legal.
func (tx *Tx) MoveGrant(ctx context.Context, g access.Grant, to access.GrantState) error {
	if !g.State.CanMove(to) {
		return stale()
	}
	var next any
	if !to.Settled() {
		next = ms(tx.Now)
	}
	epoch := g.Epoch
	if !to.Settled() {
		epoch++
	}
	err := tx.execOne(ctx, `UPDATE role_grant SET state = $5, epoch = $6, since = $7, attempts = 0, next_try = $8,
		stuck = FALSE, last_error = ''
		WHERE tenant_id = $1 AND id = $2 AND state = $3 AND epoch = $4`,
		g.Tenant, g.ID, g.State, g.Epoch, to, epoch, ms(tx.Now), next)
	if err != nil {
		return err
	}
	return tx.addGrantStep(ctx, g, g.State, to)
}

func (tx *Tx) addGrantStep(ctx context.Context, g access.Grant, from, to access.GrantState) error {
	return tx.exec(ctx, `INSERT INTO grant_history (tenant_id, grant_id, seq, from_state, to_state, at)
		SELECT $1, $2, COALESCE(MAX(seq), 0) + 1, CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT)
		FROM grant_history WHERE tenant_id = $1 AND grant_id = $2`, g.Tenant, g.ID, textOrNull(from), to, ms(tx.Now))
}

// SaveGrantAttempt stores the result of the last attempt: g.Attempts,
// g.NextTry, g.Stuck and g.LastError. It does nothing if the grant has been
// moved since.
func (tx *Tx) SaveGrantAttempt(ctx context.Context, g access.Grant) error {
	return tx.exec(ctx, `UPDATE role_grant SET attempts = $5, next_try = $6, stuck = $7, last_error = $8
		WHERE tenant_id = $1 AND id = $2 AND state = $3 AND epoch = $4`,
		g.Tenant, g.ID, g.State, g.Epoch, int64(g.Attempts), msOrNull(g.NextTry), g.Stuck, g.LastError)
}
