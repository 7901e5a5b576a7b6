package store

import (
	"context"
	"time"

	"myaccess/internal/access"
)

// This file finds what does not go on by itself, for the administrators'
// overview.

// LateGrant is a grant that has not come to be what is wanted.
type LateGrant struct {
	access.Grant
	Person   access.Person // id, name and address
	Resource string
	Role     string
}

// LateRemovals are up to limit grants that should have been taken away before
// then and are still there, oldest first.
func (r *Reader) LateRemovals(ctx context.Context, t access.TenantID, before time.Time,
	limit int) ([]LateGrant, error) {
	return queryAll(ctx, r, func(l *LateGrant) []column {
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
	}, `SELECT {columns}	FROM role_grant gr
		JOIN person per ON per.tenant_id = gr.tenant_id AND per.id = gr.person_id
		JOIN resource_role rr ON rr.tenant_id = gr.tenant_id AND rr.id = gr.role_id
		JOIN resource res ON res.tenant_id = rr.tenant_id AND res.id = rr.resource_id
		WHERE gr.tenant_id = $1 AND gr.state = 'removing' AND gr.since < $2 ORDER BY gr.since LIMIT $3`, t, ms(before),
		int64(limit))
}

// LateMail is a message that could not be sent yet, or was given up.
type LateMail struct {
	Mail
	To string // address
}

// LateMails are up to limit messages that were made since then, have been tried
// and were not sent, newest first.
func (r *Reader) LateMails(ctx context.Context, t access.TenantID, since time.Time, limit int) ([]LateMail, error) {
	return queryAll(ctx, r, func(l *LateMail) []column {
		m := &l.Mail
		return []column{
			{"ml.id", &m.ID},
			{"ml.kind", &m.Kind},
			{"COALESCE(ml.request_id, '')", &m.Request},
			{"ml.created", scanTime{&m.Created}},
			{"ml.attempts", &m.Attempts},
			{"ml.next_try", scanTime{&m.NextTry}},
			{"ml.last_error", &m.LastError},
			{"COALESCE(per.email, ml.address)", &l.To},
		}
	}, `SELECT {columns} FROM mail ml
		LEFT JOIN person per ON per.tenant_id = ml.tenant_id AND per.id = ml.person_id
		WHERE ml.tenant_id = $1 AND ml.sent IS NULL AND ml.attempts > 0 AND ml.created > $2 ORDER BY ml.created DESC
		LIMIT $3`, t,
		ms(since), int64(limit))
}

// ExpiringRequests are up to limit requests whose stage ends before then with
// nobody having decided, the first to end first.
func (r *Reader) ExpiringRequests(ctx context.Context, t access.TenantID, before time.Time,
	limit int) ([]RequestLine, error) {
	return queryAll(ctx, r, requestLineColumns,
		`SELECT {columns} FROM request req`+requestLineJoins+`
		WHERE req.tenant_id = $1 AND req.due_at IS NOT NULL AND req.due_at < $2 ORDER BY req.due_at LIMIT $3`, t, ms(before),
		int64(limit))
}
