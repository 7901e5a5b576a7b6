package store

import (
	"context"
	"time"

	"myaccess/internal/access"
)

// AddPasscode adds a sign-in with a one-time passcode.
func (tx *Tx) AddPasscode(ctx context.Context, c access.Passcode) error {
	return tx.exec(ctx, `INSERT INTO passcode (id, binding, tenant_id, address, code, tries, target, created)
		VALUES ($1, $2, $3, $4, $5, 0, $6, $7)`, c.Key, c.Binding, c.Tenant, c.Address, c.Hash, c.ReturnTo, ms(tx.Now))
}

// Passcode is the sign-in with the key, begun in the browser with the binding.
func (r *Reader) Passcode(ctx context.Context, key, binding string) (access.Passcode, error) {
	return queryOne(ctx, r, func(c *access.Passcode) []column {
		return []column{
			{"id", &c.Key},
			{"binding", &c.Binding},
			{"tenant_id", &c.Tenant},
			{"address", &c.Address},
			{"code", &c.Hash},
			{"tries", &c.FailedAttempts},
			{"target", &c.ReturnTo},
			{"created", scanTime{&c.Created}},
		}
	}, `SELECT {columns} FROM passcode WHERE id = $1 AND binding = $2`,
		key, binding)
}

// CountPasscodesSince is how many passcodes were sent to the address after
// since.
func (r *Reader) CountPasscodesSince(ctx context.Context, address string, since time.Time) (int64, error) {
	return queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM passcode WHERE address = $1 AND created > $2`, address,
		ms(since))
}

// CountWrongPasscode counts a wrong passcode. It returns a Conflict if another
// one was counted since.
func (tx *Tx) CountWrongPasscode(ctx context.Context, c access.Passcode) error {
	return tx.execOne(ctx, `UPDATE passcode SET tries = tries + 1 WHERE id = $1 AND tries = $2`, c.Key,
		int64(c.FailedAttempts))
}

// SpendPasscode makes a passcode unusable. The row is kept until it expires,
// because it counts against the address.
func (tx *Tx) SpendPasscode(ctx context.Context, c access.Passcode) error {
	return tx.execOne(ctx, `UPDATE passcode SET tries = $2 WHERE id = $1 AND tries < $2`, c.Key,
		int64(access.MaxPasscodeAttempts))
}
