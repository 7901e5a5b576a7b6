package store

import (
	"context"

	"myaccess/internal/access"
)

// AddDraft adds a form draft.
func (tx *Tx) AddDraft(ctx context.Context, d access.FormDraft) error {
	return tx.exec(ctx, `INSERT INTO draft (id, tenant_id, account_id, form, created) VALUES ($1, $2, $3, $4, $5)`,
		d.Key, d.Tenant, d.Account, jsonValue{d.Form}, ms(tx.Now))
}

// SaveDraft adds a form draft, replaces the one with the same key, and makes room for it
// as DeleteOldestDrafts does.
func (tx *Tx) SaveDraft(ctx context.Context, d access.FormDraft) error {
	if err := tx.exec(ctx, `DELETE FROM draft WHERE id = $1`, d.Key); err != nil {
		return err
	}
	if err := tx.DeleteOldestDrafts(ctx, d); err != nil {
		return err
	}
	return tx.AddDraft(ctx, d)
}

// DeleteOldestDrafts makes room for a draft among those of its account and of its
// tenant.
func (tx *Tx) DeleteOldestDrafts(ctx context.Context, d access.FormDraft) error {
	err := tx.exec(ctx, `DELETE FROM draft WHERE id IN (SELECT id FROM draft WHERE account_id = $1
		ORDER BY created DESC, id DESC LIMIT $2 OFFSET $3)`, d.Account, int64(access.MaxDraftsPerTenant),
		int64(access.MaxDraftsPerAccount-1))
	if err != nil {
		return err
	}
	return tx.exec(ctx, `DELETE FROM draft WHERE id IN (SELECT id FROM draft WHERE tenant_id = $1
		ORDER BY created DESC, id DESC LIMIT $2 OFFSET $3)`, d.Tenant, int64(access.MaxDraftsPerTenant),
		int64(access.MaxDraftsPerTenant-1))
}

// Draft is the form draft with the key.
func (r *Reader) Draft(ctx context.Context, key string) (access.FormDraft, error) {
	return queryOne(ctx, r, func(d *access.FormDraft) []column {
		return []column{
			{"id", &d.Key},
			{"tenant_id", &d.Tenant},
			{"account_id", &d.Account},
			{"form", jsonValue{&d.Form}},
			{"created", scanTime{&d.Created}},
		}
	}, `SELECT {columns} FROM draft WHERE id = $1`, key)
}
