package store

import (
	"context"
	"slices"

	"myaccess/internal/access"
)

// The methods of Store in this file are what connector/directory calls: the
// built-in directory as a target of delivery. Each is a transaction that changes
// at most one row and adds the change to the ledger.

// AddMember gives a person a role in an entry, unless the person has it. It
// returns NotFound if the entry or its role does not exist.
func (s *Store) AddMember(ctx context.Context, t access.TenantID, m access.Membership) error {
	return s.Write(ctx, func(tx *Tx) error {
		e, err := tx.Entry(ctx, t, m.Entry)
		if err != nil {
			return err
		}
		if !slices.Contains(e.Roles, m.Role) {
			return access.Missing()
		}
		changed, err := tx.AddMember(ctx, t, m)
		if err == nil && changed {
			err = tx.addEffect(ctx, t, "add", m)
		}
		return err
	})
}

// RemoveMember removes a person's role in an entry, if the person has it and the
// entry exists.
func (s *Store) RemoveMember(ctx context.Context, t access.TenantID, m access.Membership) error {
	return s.Write(ctx, func(tx *Tx) error {
		changed, err := tx.RemoveMember(ctx, t, m)
		if err == nil && changed {
			err = tx.addEffect(ctx, t, "remove", m)
		}
		return err
	})
}

// IsMember reports whether a person has a role in an entry.
func (s *Store) IsMember(ctx context.Context, t access.TenantID, m access.Membership) (bool, error) {
	n, err := queryOne(ctx, s.Reader, value[int64], `SELECT COUNT(*) FROM directory_member
		WHERE tenant_id = $1 AND entry_id = $2 AND role = $3 AND person_id = $4`, t, m.Entry, m.Role, m.Person)
	return n > 0, err
}

// SetAccount sets the state of a person's account in the built-in directory, and
// creates the account. A removed account loses every role.
func (s *Store) SetAccount(ctx context.Context, t access.TenantID, person access.PersonID, state access.GuestState,
	key string) error {
	return s.Write(ctx, func(tx *Tx) error {
		n, err := tx.execCount(ctx, `INSERT INTO directory_account (tenant_id, person_id, state) VALUES ($1, $2, $3)
			ON CONFLICT (tenant_id, person_id) DO UPDATE SET state = excluded.state
			WHERE directory_account.state <> excluded.state`,
			t, person, state)
		if err != nil || n == 0 {
			return err
		}
		if state == access.GuestRemoved {
			if err := tx.exec(ctx, `DELETE FROM directory_member WHERE tenant_id = $1 AND person_id = $2`, t,
				person); err != nil {
				return err
			}
		}
		return tx.addEffect(ctx, t, string(state), access.Membership{Person: person, IdempotencyKey: key})
	})
}

// AccountState is the state of a person's account in the built-in directory;
// GuestNone if there never was one.
func (s *Store) AccountState(ctx context.Context, t access.TenantID,
	person access.PersonID) (access.GuestState, error) {
	state, ok, err := queryOptional(ctx, s.Reader, value[access.GuestState],
		`SELECT state FROM directory_account WHERE tenant_id = $1 AND person_id = $2`, t, person)
	if !ok {
		return access.GuestNone, err
	}
	return state, err
}

// LedgerLine is one change that delivery made in the built-in directory. Calls
// that changed nothing add none.
type LedgerLine struct {
	Effect string // add, remove, or the state of an account: active, blocked, removed
	access.Membership
}

// Ledger is every change that delivery made in the tenant's built-in directory,
// oldest first.
func (r *Reader) Ledger(ctx context.Context, t access.TenantID) ([]LedgerLine, error) {
	return queryAll(ctx, r, func(e *LedgerLine) []column {
		return []column{
			{"effect", &e.Effect},
			{"entry_id", &e.Entry},
			{"role", &e.Role},
			{"person_id", &e.Person},
			{"call_key", &e.IdempotencyKey},
		}
	}, `SELECT {columns} FROM directory_effect WHERE tenant_id = $1 ORDER BY id`, t)
}

// addEffect adds a line to the ledger.
func (tx *Tx) addEffect(ctx context.Context, t access.TenantID, effect string, m access.Membership) error {
	return tx.exec(ctx, `INSERT INTO directory_effect (tenant_id, id, at, effect, entry_id, role, person_id, call_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, t, tx.NewID(), ms(tx.Now), effect, m.Entry, m.Role, m.Person,
		m.IdempotencyKey)
}
