package store

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
)

// AddAttempt keeps a sign-in that has begun.
func (tx *Tx) AddAttempt(ctx context.Context, a access.SignInAttempt) error {
	return tx.exec(ctx, `INSERT INTO attempt (id, binding, directory_id, tenant_id, issuer, client_id, redirect_uri, nonce,
		verifier, target, max_age, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, a.Key, a.Binding, a.Directory, a.Tenant, a.Issuer,
		a.ClientID,
		a.RedirectURI, a.Nonce, a.Verifier, a.ReturnTo, int64(a.MaxAge/time.Second), ms(tx.Now))
}

// TakeAttempt returns the attempt with the key and forgets it, so that it is
// used once. One with another binding is left for the browser that made it.
func (tx *Tx) TakeAttempt(ctx context.Context, key, binding string) (access.SignInAttempt, error) {
	return queryOne(ctx, tx.Reader, func(a *access.SignInAttempt) []column {
		return []column{
			{"id", &a.Key},
			{"binding", &a.Binding},
			{"directory_id", &a.Directory},
			{"tenant_id", &a.Tenant},
			{"issuer", &a.Issuer},
			{"client_id", &a.ClientID},
			{"redirect_uri", &a.RedirectURI},
			{"nonce", &a.Nonce},
			{"verifier", &a.Verifier},
			{"target", &a.ReturnTo},
			{"max_age", scanSeconds{&a.MaxAge}},
			{"created", scanTime{&a.Created}},
		}
	}, `DELETE FROM attempt WHERE id = $1 AND binding = $2 RETURNING {columns}`, key, binding)
}

// AddSession keeps a session.
func (tx *Tx) AddSession(ctx context.Context, s access.Session) error {
	return tx.exec(ctx, `INSERT INTO session (id, account_id, directory_id, sid, id_token, created, seen)
		VALUES ($1, $2, $3, $4, $5, $6, $6)`,
		s.Key, s.Account, s.Directory, s.SID, tx.seal(s.IDToken, "session "+s.Key), ms(tx.Now))
}

// SessionWithAccount is a session with the account that it is of.
type SessionWithAccount struct {
	Session access.Session // without its token
	Account access.Account
}

// Session is the session with the key.
func (r *Reader) Session(ctx context.Context, key string) (SessionWithAccount, error) {
	type known struct{ key string }
	return sqldb.Cached(r.cache, known{key}, func() (SessionWithAccount, error) {
		return queryOne(ctx, r, func(x *SessionWithAccount) []column {
			s, a := &x.Session, &x.Account
			return []column{
				{"ses.id", &s.Key},
				{"ses.account_id", &s.Account},
				{"ses.directory_id", &s.Directory},
				{"ses.sid", &s.SID},
				{"ses.created", scanTime{&s.Created}},
				{"ses.seen", scanTime{&s.LastSeen}},
				{"acc.id", &a.ID},
				{"acc.directory_id", &a.Directory},
				{"acc.subject", &a.Subject},
				{"acc.name", &a.Name},
				{"acc.email", &a.Email},
				{"acc.language", &a.Language},
			}
		}, `SELECT {columns}	FROM session ses JOIN account acc ON acc.id = ses.account_id WHERE ses.id = $1`, key)
	})
}

// IDToken is the token that came with a session.
func (r *Reader) IDToken(ctx context.Context, key string) (string, error) {
	return queryOne(ctx, r, func(token *string) []column {
		return []column{{"id_token", scanSecret{r, token, func() string { return "session " + key }}}}
	}, `SELECT {columns} FROM session WHERE id = $1`, key)
}

// TouchSession notes that a session was used.
func (tx *Tx) TouchSession(ctx context.Context, key string) error {
	return tx.exec(ctx, `UPDATE session SET seen = $2 WHERE id = $1`, key, ms(tx.Now))
}

// EndSession forgets a session.
func (tx *Tx) EndSession(ctx context.Context, key string) error {
	return tx.exec(ctx, `DELETE FROM session WHERE id = $1`, key)
}

// EndSessions forgets every session of an account.
func (tx *Tx) EndSessions(ctx context.Context, a access.AccountID) error {
	return tx.exec(ctx, `DELETE FROM session WHERE account_id = $1`, a)
}

// AddDraft keeps what was typed.
func (tx *Tx) AddDraft(ctx context.Context, d access.FormDraft) error {
	return tx.exec(ctx, `INSERT INTO draft (id, account_id, form, created) VALUES ($1, $2, $3, $4)`, d.Key, d.Account,
		jsonValue{d.Form}, ms(tx.Now))
}

// Draft is what was typed, by its key.
func (r *Reader) Draft(ctx context.Context, key string) (access.FormDraft, error) {
	return queryOne(ctx, r, func(d *access.FormDraft) []column {
		return []column{
			{"id", &d.Key},
			{"account_id", &d.Account},
			{"form", jsonValue{&d.Form}},
			{"created", scanTime{&d.Created}},
		}
	}, `SELECT {columns} FROM draft WHERE id = $1`, key)
}

// DeleteExpired deletes attempts, sessions and drafts that are past their life at now.
func (tx *Tx) DeleteExpired(ctx context.Context) error {
	for table, before := range map[string]time.Duration{
		"attempt": access.SignInAttemptLifetime, "session": access.MaxSessionLifetime, "draft": access.FormDraftLifetime,
		"passcode": time.Hour,
	} {
		if err := tx.exec(ctx, `DELETE FROM `+table+` WHERE created <= $1`, ms(tx.Now.Add(-before))); err != nil {
			return err
		}
	}
	return nil
}

// AddSetupLink keeps a link for the first administrator of a tenant, in place of
// those before it.
func (tx *Tx) AddSetupLink(ctx context.Context, l access.SetupLink) error {
	if err := tx.exec(ctx, `DELETE FROM setup_link WHERE tenant_id = $1`, l.Tenant); err != nil {
		return err
	}
	return tx.exec(ctx, `INSERT INTO setup_link (id, tenant_id, created) VALUES ($1, $2, $3)`, l.Key, l.Tenant, ms(tx.Now))
}

// SetupLink is the link with the key.
func (r *Reader) SetupLink(ctx context.Context, key string) (access.SetupLink, error) {
	return queryOne(ctx, r, func(l *access.SetupLink) []column {
		return []column{
			{"id", &l.Key},
			{"tenant_id", &l.Tenant},
			{"created", scanTime{&l.Created}},
			{"used", scanTime{&l.Used}},
		}
	}, `SELECT {columns} FROM setup_link WHERE id = $1`, key)
}

// UseSetupLink notes that a link was used; a Conflict if it had been.
func (tx *Tx) UseSetupLink(ctx context.Context, key string) error {
	return tx.execOne(ctx, `UPDATE setup_link SET used = $2 WHERE id = $1 AND used IS NULL`, key, ms(tx.Now))
}
