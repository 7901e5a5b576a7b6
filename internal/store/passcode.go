package store

import (
	"context"
	"time"

	"myaccess/internal/access"
)

// AddPasscode adds a sign-in with a one-time passcode.
func (tx *Tx) AddPasscode(ctx context.Context, c access.Passcode) error {
	return tx.exec(ctx, `INSERT INTO passcode (id, binding, tenant_id, address, code, sent_for, client, account_id, spent,
		tries, target,
		created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, FALSE, 0, $9, $10)`, c.Key, c.Binding, c.Tenant, c.Address, c.Hash,
		c.SentFor, c.Client, c.Account, c.ReturnTo, ms(tx.Now))
}

func passcodeColumns(c *access.Passcode) []column {
	return []column{
		{"id", &c.Key},
		{"binding", &c.Binding},
		{"tenant_id", &c.Tenant},
		{"address", &c.Address},
		{"code", &c.Hash},
		{"sent_for", &c.SentFor},
		{"client", &c.Client},
		{"account_id", &c.Account},
		{"spent", &c.Spent},
		{"tries", &c.FailedAttempts},
		{"target", &c.ReturnTo},
		{"created", scanTime{&c.Created}},
	}
}

// Passcode is the sign-in with the key, begun in the browser with the binding.
func (r *Reader) Passcode(ctx context.Context, key, binding string) (access.Passcode, error) {
	return queryOne(ctx, r, passcodeColumns, `SELECT {columns} FROM passcode WHERE id = $1 AND binding = $2`, key, binding)
}

// PasscodeSent is the sign-in with the key, whichever browser has begun it.
func (r *Reader) PasscodeSent(ctx context.Context, key string) (access.Passcode, error) {
	return queryOne(ctx, r, passcodeColumns, `SELECT {columns} FROM passcode WHERE id = $1`, key)
}

// LastPasscodeSent is the sign-in for which the last mail was sent to the address from the
// tenant; with carrying, the last proof of an account that the address is its owner's. ok
// is false if there is none.
func (r *Reader) LastPasscodeSent(ctx context.Context, t access.TenantID, address string,
	carrying bool) (c access.Passcode, ok bool, err error) {
	return queryOptional(ctx, r, passcodeColumns, `SELECT {columns} FROM passcode WHERE tenant_id = $1 AND address = $2
		AND sent_for = '' AND (account_id <> '') = $3 ORDER BY created DESC, id DESC LIMIT 1`, t, address, carrying)
}

// CountPasscodesSince is how many mails with passcodes were sent to the address from the
// tenant after since.
func (r *Reader) CountPasscodesSince(ctx context.Context, t access.TenantID, address string,
	since time.Time) (int64, error) {
	return queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM passcode WHERE tenant_id = $1 AND address = $2
		AND sent_for = '' AND created > $3`, t, address, ms(since))
}

// CountSharedAttempts is how many wrong codes were entered from the client in sign-ins that
// share the code.
func (r *Reader) CountSharedAttempts(ctx context.Context, sentFor, client string) (int64, error) {
	return queryOne(ctx, r, value[int64], `SELECT CAST(COALESCE(SUM(tries), 0) AS BIGINT) FROM passcode
		WHERE sent_for = $1 AND client = $2`, sentFor, client)
}

// CountWrongPasscode counts a wrong passcode. It returns a Conflict if another
// one was counted since.
func (tx *Tx) CountWrongPasscode(ctx context.Context, c access.Passcode) error {
	return tx.execOne(ctx, `UPDATE passcode SET tries = tries + 1 WHERE id = $1 AND tries = $2`, c.Key,
		int64(c.FailedAttempts))
}

// SpendPasscode makes a passcode unusable, for all sign-ins that share it. The row is
// kept until it expires, because its mail counts against the address.
func (tx *Tx) SpendPasscode(ctx context.Context, c access.Passcode) error {
	return tx.execOne(ctx, `UPDATE passcode SET spent = TRUE WHERE id = $1 AND NOT spent`, c.Key)
}
