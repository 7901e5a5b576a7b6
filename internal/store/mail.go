package store

import (
	"context"
	"time"

	"myaccess/internal/access"
)

// Mail is a message in the queue. Its content is made when it is sent, from the
// request, in the recipient's language.
type Mail struct {
	ID      access.MailID
	Tenant  access.TenantID
	Kind    string // of package mail
	Person  access.PersonID
	Request access.RequestID
	// Address and Text are set instead of Person and Request for messages to
	// unknown people. Text is encrypted at rest.
	Address string
	Text    string
	Stage   int
	Created time.Time

	Attempts  int
	NextTry   time.Time // zero when sent or given up
	Sent      time.Time // zero before
	LastError string
	fence     int64
}

func (r *Reader) mailColumns(m *Mail) []column {
	return []column{
		{"id", &m.ID},
		{"tenant_id", &m.Tenant},
		{"kind", &m.Kind},
		{"COALESCE(person_id, '')", &m.Person},
		{"COALESCE(request_id, '')", &m.Request},
		{"address", &m.Address},
		{"text", scanSecret{r, &m.Text, func() string { return "mail " + string(m.ID) }}},
		{"stage", &m.Stage},
		{"created", scanTime{&m.Created}},
		{"attempts", &m.Attempts},
		{"next_try", scanTime{&m.NextTry}},
		{"sent", scanTime{&m.Sent}},
		{"last_error", &m.LastError},
		{"fence", &m.fence},
	}
}

// Mails are the messages about a request in the order in which they were made.
func (r *Reader) Mails(ctx context.Context, t access.TenantID, q access.RequestID) ([]Mail, error) {
	return queryAll(ctx, r, r.mailColumns, `SELECT {columns} FROM mail WHERE tenant_id = $1 AND request_id = $2
		ORDER BY id`, t, q)
}

// LateMail is a message whose delivery failed.
type LateMail struct {
	Mail
	To string // address
}

// LateMails are up to limit messages created after since that were tried and
// not sent, newest first.
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

// QueueMail adds a message to the queue.
func (tx *Tx) QueueMail(ctx context.Context, m Mail) error {
	id := tx.NewID()
	return tx.exec(ctx, `INSERT INTO mail (tenant_id, id, kind, person_id, request_id, address, text, stage, created,
		next_try, fence, attempts, sent, last_error)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, 0, 0, NULL, '')`, m.Tenant, id, m.Kind, textOrNull(m.Person),
		textOrNull(m.Request),
		m.Address, tx.seal(m.Text, "mail "+id), int64(m.Stage), ms(tx.Now))
}

// LeaseMails claims up to limit due messages for the duration of lease.
func (s *Store) LeaseMails(ctx context.Context, lease time.Duration, limit int) ([]Mail, error) {
	now := s.config.Now()
	return queryAll(ctx, s.writer(), s.mailColumns, `WITH due AS MATERIALIZED (SELECT id AS due_id FROM mail
			WHERE next_try IS NOT NULL AND next_try <= $1 ORDER BY next_try LIMIT $2 `+s.skipLocked()+`)
		UPDATE mail SET next_try = $3, fence = fence + 1 FROM due WHERE id = due_id RETURNING {columns}`,
		ms(now), int64(limit), ms(now.Add(lease)))
}

// FinishMail stores the result of an attempt: m.Sent, m.Attempts, m.NextTry and
// m.LastError. It does nothing if the message has been claimed again.
func (tx *Tx) FinishMail(ctx context.Context, m Mail) error {
	return tx.exec(ctx, `UPDATE mail SET attempts = $3, next_try = CAST($4 AS BIGINT), sent = $5, last_error = $6,
		text = CASE WHEN CAST($4 AS BIGINT) IS NULL THEN NULL ELSE text END WHERE id = $1 AND fence = $2`,
		m.ID, m.fence, int64(m.Attempts), msOrNull(m.NextTry), msOrNull(m.Sent), m.LastError)
}
