package store

import (
	"context"

	"myaccess/internal/access"
)

// AddDraft adds a form draft.
func (tx *Tx) AddDraft(ctx context.Context, d access.FormDraft) error {
	return tx.exec(ctx, `INSERT INTO draft (id, account_id, form, created) VALUES ($1, $2, $3, $4)`, d.Key, d.Account,
		jsonValue{d.Form}, ms(tx.Now))
}

// Draft is the form draft with the key.
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
