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
	return one(ctx, tx.Reader, func(r row) (access.SignInAttempt, error) {
		var a access.SignInAttempt
		var age int64
		err := r.Scan(&a.Key, &a.Binding, &a.Directory, &a.Tenant, &a.Issuer, &a.ClientID,
			&a.RedirectURI, &a.Nonce, &a.Verifier, &a.ReturnTo, &age, when{&a.Created})
		a.MaxAge = time.Duration(age) * time.Second
		return a, err
	}, `DELETE FROM attempt WHERE id = $1 AND binding = $2 RETURNING id, binding, directory_id, tenant_id, issuer,
		client_id, redirect_uri, nonce,
		verifier, target, max_age, created`, key, binding)
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
		return one(ctx, r, func(row row) (SessionWithAccount, error) {
			var x SessionWithAccount
			s, a := &x.Session, &x.Account
			return x, row.Scan(&s.Key, &s.Account, &s.Directory, &s.SID, when{&s.Created}, when{&s.LastSeen},
				&a.ID, &a.Directory, &a.Subject, &a.Name, &a.Email, &a.Language)
		}, `SELECT ses.id, ses.account_id, ses.directory_id, ses.sid, ses.created, ses.seen, acc.id, acc.directory_id,
			acc.subject, acc.name,
			acc.email, acc.language
			FROM session ses JOIN account acc ON acc.id = ses.account_id WHERE ses.id = $1`, key)
	})
}

// IDToken is the token that came with a session.
func (r *Reader) IDToken(ctx context.Context, key string) (string, error) {
	return one(ctx, r, func(row row) (string, error) {
		var sealed []byte
		if err := row.Scan(&sealed); err != nil {
			return "", err
		}
		return r.unseal(sealed, "session "+key)
	}, `SELECT id_token FROM session WHERE id = $1`, key)
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
		object{d.Form}, ms(tx.Now))
}

// Draft is what was typed, by its key.
func (r *Reader) Draft(ctx context.Context, key string) (access.FormDraft, error) {
	return one(ctx, r, func(r row) (access.FormDraft, error) {
		var d access.FormDraft
		return d, r.Scan(&d.Key, &d.Account, object{&d.Form}, when{&d.Created})
	}, `SELECT id, account_id, form, created FROM draft WHERE id = $1`, key)
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
	return one(ctx, r, func(r row) (access.SetupLink, error) {
		var l access.SetupLink
		return l, r.Scan(&l.Key, &l.Tenant, when{&l.Created}, when{&l.Used})
	}, `SELECT id, tenant_id, created, used FROM setup_link WHERE id = $1`, key)
}

// UseSetupLink notes that a link was used; a Conflict if it had been.
func (tx *Tx) UseSetupLink(ctx context.Context, key string) error {
	return tx.guarded(ctx, `UPDATE setup_link SET used = $2 WHERE id = $1 AND used IS NULL`, key, ms(tx.Now))
}
