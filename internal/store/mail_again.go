package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

// LateMail is a message whose delivery failed.
type LateMail struct {
	Mail
	To string // address, as it is now
	// CanSendAgain is true if the message was given up and Tx.SendMailAgain takes it.
	CanSendAgain bool
}

// recipientJoins add the recipient of a message now: a person who was merged into
// another one is that one.
const recipientJoins = ` LEFT JOIN person per2 ON per2.tenant_id = ml.tenant_id AND per2.id = ml.person_id
	LEFT JOIN person per ON per.tenant_id = ml.tenant_id AND per.id = COALESCE(per2.merged_into, per2.id)`

// canSendAgain is the condition that a message was given up and that it can be sent
// again. A message without its text or its recipient's address cannot be written; a
// one-time passcode has neither, since it was given up, and has expired.
const canSendAgain = `(ml.sent IS NULL AND ml.next_try IS NULL
	AND (ml.request_id IS NOT NULL OR ml.text IS NOT NULL) AND COALESCE(per.email, '') <> '')`

// LateMails are up to limit messages created after since that were tried and
// not sent: those that were given up, then those that are retried, and at the end the
// one-time passcodes that were given up, each newest first.
func (r *Reader) LateMails(ctx context.Context, t access.TenantID, since time.Time, limit int) ([]LateMail, error) {
	var all []LateMail
	for _, where := range []string{`ml.next_try IS NULL AND ml.address = ''`,
		`ml.next_try IS NOT NULL AND ml.attempts > 0`, `ml.next_try IS NULL AND ml.address <> ''`} {
		found, err := r.lateMails(ctx, where, t, since, limit-len(all))
		if all = append(all, found...); err != nil || len(all) == limit {
			return all, err
		}
	}
	return all, nil
}

func (r *Reader) lateMails(ctx context.Context, where string, t access.TenantID, since time.Time,
	limit int) ([]LateMail, error) {
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
			{"ml.failure", &m.Failure},
			{"COALESCE(per.email, ml.address)", &l.To},
			{canSendAgain, &l.CanSendAgain},
		}
	}, `SELECT {columns} FROM mail ml`+recipientJoins+`
		WHERE ml.tenant_id = $1 AND ml.sent IS NULL AND `+where+` AND ml.created > $2 ORDER BY ml.created DESC
		LIMIT $3`, t, ms(since), int64(limit))
}

// GivenUpMails names messages that were given up: one, or those about one request, or
// with neither all of a tenant that were created after Since.
type GivenUpMails struct {
	ID      access.MailID
	Request access.RequestID
	Since   time.Time
}

// SendMailAgain puts messages that were given up into the queue, as if they were new,
// and returns how many there were. One-time passcodes are not among them: they have
// expired. Nor are messages whose content has been deleted, or whose recipient has no
// address any more.
func (tx *Tx) SendMailAgain(ctx context.Context, t access.TenantID, which GivenUpMails) (int64, error) {
	domains, err := tx.givenUpByDomain(ctx, t, which)
	var sent int64
	for _, domain := range slices.Sorted(maps.Keys(domains)) {
		for block := range slices.Chunk(domains[domain], maxBlock) {
			if err != nil {
				return 0, err
			}
			a := sqlq.Args{}
			now := `CAST(` + a.Add(ms(tx.Now)) + ` AS BIGINT)`
			var n int64
			n, err = tx.execCount(ctx, `UPDATE mail SET next_try = `+now+`, queued_again = `+now+`, attempts = 0,
				domain = `+a.Add(domain)+` WHERE tenant_id = `+a.Add(t)+` AND sent IS NULL AND next_try IS NULL
				AND id IN `+sqlq.In(&a, block), a.Values...)
			sent += n
		}
	}
	return sent, err
}

// givenUpByDomain are the ids of the messages that SendMailAgain takes, by the domain
// of the recipient's address: it may be another one than when they were queued.
func (r *Reader) givenUpByDomain(ctx context.Context, t access.TenantID,
	which GivenUpMails) (map[string][]access.MailID, error) {
	type givenUp struct {
		id    access.MailID
		email string
	}
	a := sqlq.Args{}
	where := `ml.tenant_id = ` + a.Add(t)
	switch {
	case which.ID != "":
		where += ` AND ml.id = ` + a.Add(which.ID)
	case which.Request != "":
		where += ` AND ml.request_id = ` + a.Add(which.Request)
	default:
		where += ` AND ml.created > ` + a.Add(ms(which.Since))
	}
	found, err := queryAll(ctx, r, func(g *givenUp) []column {
		return []column{{"ml.id", &g.id}, {"COALESCE(per.email, '')", &g.email}}
	}, `SELECT {columns} FROM mail ml`+recipientJoins+` WHERE `+where+` AND `+canSendAgain, a.Values...)
	all := map[string][]access.MailID{}
	for _, g := range found {
		domain := mailDomain(g.email)
		all[domain] = append(all[domain], g.id)
	}
	return all, err
}
