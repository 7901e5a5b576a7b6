package store

import (
	"context"
	"time"

	"myaccess/internal/access"
)

// AddAttempt adds a sign-in attempt.
func (tx *Tx) AddAttempt(ctx context.Context, a access.SignInAttempt) error {
	return tx.exec(ctx, `INSERT INTO attempt (id, binding, directory_id, tenant_id, issuer, client_id, redirect_uri, nonce,
		verifier, target, session_id, max_age, created, login_hint, prompt)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`, a.Key, a.Binding, a.Directory, a.Tenant,
		a.Issuer,
		a.ClientID,
		a.RedirectURI, a.Nonce, a.Verifier, a.ReturnTo, a.Session, int64(a.MaxAge/time.Second), ms(tx.Now),
		a.LoginHint, a.Prompt)
}

// HasAttempt reports whether there is an attempt with the key and the binding.
func (r *Reader) HasAttempt(ctx context.Context, key, binding string) (bool, error) {
	_, ok, err := queryOptional(ctx, r, value[string], `SELECT id FROM attempt WHERE id = $1 AND binding = $2`, key,
		binding)
	return ok, err
}

// TakeAttempt returns and deletes the attempt with the key, so that it is used
// once. An attempt with another binding is NotFound and kept.
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
			{"session_id", &a.Session},
			{"login_hint", &a.LoginHint},
			{"prompt", &a.Prompt},
			{"max_age", scanSeconds{&a.MaxAge}},
			{"created", scanTime{&a.Created}},
		}
	}, `DELETE FROM attempt WHERE id = $1 AND binding = $2 RETURNING {columns}`, key, binding)
}
