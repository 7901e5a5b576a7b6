package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// rowsPath is the path of forms that bareRows handles.
const rowsPath = "/rows"

// bareRows handles a form by writing the rows of a request that needs approval, and
// nothing else: it reads nothing, checks nothing, and sends one transaction in one
// round trip. What the portal cannot be faster than on PostgreSQL.
type bareRows struct {
	pool             *pgxpool.Pool
	people, packages [][2]string // tenant or catalog, and id
}

// openRows prepares bareRows on the database of a sample.
func openRows(ctx context.Context, address string) (*bareRows, error) {
	pool, err := pgxpool.New(ctx, address)
	if err != nil {
		return nil, err
	}
	b := &bareRows{pool: pool}
	pairs := func(query string) (all [][2]string) {
		rows, wrong := pool.Query(ctx, query)
		if wrong == nil {
			all, wrong = pgx.CollectRows(rows, func(r pgx.CollectableRow) (p [2]string, err error) {
				return p, r.Scan(&p[0], &p[1])
			})
		}
		if wrong != nil {
			err = wrong
		}
		return all
	}
	b.people = pairs(`SELECT tenant_id, id FROM person ORDER BY id LIMIT 5000`)
	b.packages = pairs(`SELECT catalog_id, id FROM package WHERE deleted IS NULL ORDER BY id LIMIT 5000`)
	return b, err
}

// ServeHTTP implements http.Handler.
func (b *bareRows) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := b.write(r.Context()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// week is how long the approvers have, in milliseconds. A request that is due at once would
// keep the portal busy that runs on the same sample next time.
const week = 7 * 24 * 60 * 60 * 1000

// write writes the rows of one request.
func (b *bareRows) write(ctx context.Context) error {
	person, pack := b.people[rand.IntN(len(b.people))], b.packages[rand.IntN(len(b.packages))]
	approver, now := b.people[rand.IntN(len(b.people))], time.Now().UnixMilli()
	tenant, request, first, second := person[0], newID(), newID(), newID()
	var all pgx.Batch
	all.Queue(`BEGIN`)
	all.Queue(`INSERT INTO request (tenant_id, id, type, state, catalog_id, package_id, policy_id, requestor_id, target_id,
		justification, answers, terms, stage, due_at, remind_at, note, form_key, created)
		VALUES ($1, $2, $3, 'pendingApproval', $4, $5, $6, $7, $7, '', '[]', '{}', 0, $8, $9, '', $10, $11)`,
		tenant, request, "userExtend", pack[0], pack[1], newID(), person[1], now+week, now+week/2, newID(), now)
	all.Queue(`INSERT INTO request_history (tenant_id, request_id, seq, from_state, to_state, at, actor_id, reason)
		VALUES ($1, $2, 1, NULL, 'submitted', $3, $4, ''), ($1, $2, 2, 'submitted', 'pendingApproval', $3, NULL, '')`,
		tenant, request, now, person[1])
	all.Queue(`INSERT INTO audit (tenant_id, id, at, actor_id, on_behalf, activity, object_kind, object_id, from_text,
		to_text, reason, request_id) VALUES ($1, $2, $4, $5, '', 'a', 'request', $6, '', 'submitted', '', $6),
		($1, $3, $4, '', '', 'b', 'request', $6, 'submitted', 'pendingApproval', '', $6)`,
		tenant, first, second, now, person[1], request)
	all.Queue(`INSERT INTO audit_unsealed (tenant_id, audit_id) VALUES ($1, $2), ($1, $3)`, tenant, first, second)
	all.Queue(`INSERT INTO request_approver (tenant_id, request_id, stage, kind, subject_id, target_id, requestor_id)
		VALUES ($1, $2, 0, 'singleUser', $3, $4, $4)`, tenant, request, approver[1], person[1])
	all.Queue(`INSERT INTO mail (tenant_id, id, kind, person_id, request_id, address, domain, stage, created, fence,
		attempts, last_error) VALUES ($1, $2, 'bare', $3, $4, '', 'meridian.example', 0, $5, 0, 0, '')`,
		tenant, newID(), approver[1], request, now)
	all.Queue(`COMMIT`)
	return b.pool.SendBatch(ctx, &all).Close()
}

// newID returns an id as the portal makes them.
func newID() string { return uuid.Must(uuid.NewV7()).String() }
