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
	return list(ctx, r, func(r row) (LateGrant, error) {
		var l LateGrant
		g, p := &l.Grant, &l.Person
		return l, r.Scan(&g.ID, &g.State, when{&g.Since}, &g.Attempts, &g.LastError, &p.ID, &p.Name, &p.Email, &l.Resource,
			&l.Role)
	}, `SELECT g.id, g.state, g.since, g.attempts, g.last_error, p.id, p.name, p.email, s.name, o.name FROM role_grant g
		JOIN person p ON p.tenant_id = g.tenant_id AND p.id = g.person_id
		JOIN resource_role o ON o.tenant_id = g.tenant_id AND o.id = g.role_id
		JOIN resource s ON s.tenant_id = o.tenant_id AND s.id = o.resource_id
		WHERE g.tenant_id = $1 AND g.state = 'removing' AND g.since < $2 ORDER BY g.since LIMIT $3`, t, ms(before),
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
	return list(ctx, r, func(r row) (LateMail, error) {
		var l LateMail
		m := &l.Mail
		return l, r.Scan(&m.ID, &m.Kind, &m.Request, when{&m.Created}, &m.Attempts, when{&m.NextTry}, &m.LastError, &l.To)
	}, `SELECT m.id, m.kind, COALESCE(m.request_id, ''), m.created, m.attempts, m.next_try, m.last_error, COALESCE(p.email,
		m.address) FROM mail m
		LEFT JOIN person p ON p.tenant_id = m.tenant_id AND p.id = m.person_id
		WHERE m.tenant_id = $1 AND m.sent IS NULL AND m.attempts > 0 AND m.created > $2 ORDER BY m.created DESC LIMIT $3`, t,
		ms(since), int64(limit))
}

// ExpiringRequests are up to limit requests whose stage ends before then with
// nobody having decided, the first to end first.
func (r *Reader) ExpiringRequests(ctx context.Context, t access.TenantID, before time.Time,
	limit int) ([]RequestLine, error) {
	return list(ctx, r, func(r row) (RequestLine, error) { return scanRequestLine(r) },
		`SELECT `+requestLineCols+` FROM request q`+requestLineJoins+`
		WHERE q.tenant_id = $1 AND q.due_at IS NOT NULL AND q.due_at < $2 ORDER BY q.due_at LIMIT $3`, t, ms(before),
		int64(limit))
}
