package store

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
)

// AddSession adds a session.
func (tx *Tx) AddSession(ctx context.Context, s access.Session) error {
	return tx.exec(ctx, `INSERT INTO session (id, account_id, directory_id, sid, id_token, created, seen, prompt)
		VALUES ($1, $2, $3, $4, $5, $6, $6, $7)`,
		s.Key, s.Account, s.Directory, s.SID, tx.seal(s.IDToken, "session "+s.Key), ms(tx.Now), s.Prompt)
}

// SessionWithAccount is a session with its account.
type SessionWithAccount struct {
	Session access.Session // without its token
	Account access.Account
}

func sessionColumns(s *access.Session) []column {
	return []column{
		{"ses.id", &s.Key},
		{"ses.account_id", &s.Account},
		{"ses.directory_id", &s.Directory},
		{"ses.sid", &s.SID},
		{"ses.prompt", &s.Prompt},
		{"ses.created", scanTime{&s.Created}},
		{"ses.seen", scanTime{&s.LastSeen}},
	}
}

// Session is the session with the key.
func (r *Reader) Session(ctx context.Context, key string) (SessionWithAccount, error) {
	if v := r.visit; v != nil && v.session.Session.Key == key {
		return v.session, nil
	}
	type known struct{ key string }
	return sqldb.Cached(r.cache, known{key}, func() (SessionWithAccount, error) {
		return queryOne(ctx, r, func(x *SessionWithAccount) []column {
			return append(sessionColumns(&x.Session), accountColumns(&x.Account)...)
		}, `SELECT {columns} FROM session ses JOIN account acc ON acc.id = ses.account_id WHERE ses.id = $1`, key)
	})
}

// IDToken is the ID token of a session.
func (r *Reader) IDToken(ctx context.Context, key string) (string, error) {
	return queryOne(ctx, r, func(token *string) []column {
		return []column{{"id_token", scanSecret{r, token, func() string { return "session " + key }}}}
	}, `SELECT {columns} FROM session WHERE id = $1`, key)
}

// CountSessionsAt is how many sessions there are of people of the directory.
func (r *Reader) CountSessionsAt(ctx context.Context, id access.DirectoryID) (int64, error) {
	return queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM session WHERE directory_id = $1`, id)
}

// TouchSession sets when a session was last used to now.
func (tx *Tx) TouchSession(ctx context.Context, key string) error {
	return tx.exec(ctx, `UPDATE session SET seen = $2 WHERE id = $1`, key, ms(tx.Now))
}

// EndSession deletes a session.
func (tx *Tx) EndSession(ctx context.Context, key string) error {
	return tx.exec(ctx, `DELETE FROM session WHERE id = $1`, key)
}

// EndSessions deletes all sessions of an account.
func (tx *Tx) EndSessions(ctx context.Context, a access.AccountID) error {
	return tx.exec(ctx, `DELETE FROM session WHERE account_id = $1`, a)
}

// EndSessionsOf ends the sessions of a person in the tenant, with those of the people who
// were merged into this one: those begun by now are not accepted there. Sessions of
// accounts that only this tenant manages are deleted; those of others can be used in other
// tenants, which are no concern of this one's administrators (S-12).
func (tx *Tx) EndSessionsOf(ctx context.Context, p access.Person) error {
	const accounts = `(SELECT per.account_id FROM person per WHERE per.tenant_id = $1 AND per.id = $2
		UNION ALL SELECT per.account_id FROM person per WHERE per.tenant_id = $1 AND per.merged_into = $2)`
	err := tx.exec(ctx, `DELETE FROM session WHERE account_id IN `+accounts+`
		AND directory_id IN (SELECT dir.id FROM directory dir WHERE dir.owner_id = $1
			UNION ALL SELECT ten.directory_id FROM tenant ten WHERE ten.id = $1)`, p.Tenant, p.ID)
	if err != nil {
		return err
	}
	return tx.exec(ctx, `UPDATE person SET sessions_ended = $3 WHERE tenant_id = $1 AND id = $2
		AND EXISTS (SELECT 1 FROM session ses WHERE ses.account_id IN `+accounts+`)`, p.Tenant, p.ID, ms(tx.Now))
}

// endSessionsAt deletes all sessions and sign-in attempts at a directory
// (I-11).
func (tx *Tx) endSessionsAt(ctx context.Context, id access.DirectoryID) error {
	for _, table := range []string{"session", "attempt"} {
		if err := tx.exec(ctx, `DELETE FROM `+table+` WHERE directory_id = $1`, id); err != nil {
			return err
		}
	}
	return nil
}

// DeleteExpired deletes expired sign-in attempts and failures, sessions, form drafts and
// passcodes, imports of people that are not in progress, and the retries of items that have
// been handled since.
func (tx *Tx) DeleteExpired(ctx context.Context) error {
	for table, before := range map[string]time.Duration{
		"attempt": access.SignInAttemptLifetime, "session": access.MaxSessionLifetime, "draft": access.FormDraftLifetime,
		"passcode": time.Hour,
	} {
		if err := tx.exec(ctx, `DELETE FROM `+table+` WHERE created <= $1`, ms(tx.Now.Add(-before))); err != nil {
			return err
		}
	}
	if err := tx.deleteSignInFailures(ctx); err != nil {
		return err
	}
	if err := tx.deleteOldImports(ctx); err != nil {
		return err
	}
	return tx.exec(ctx, `DELETE FROM job_retry WHERE next_try <= $1`, ms(tx.Now.Add(-jobRetryKept)))
}
