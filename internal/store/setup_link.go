package store

import (
	"context"

	"myaccess/internal/access"
)

// AddSetupLink adds the link for the first administrator of a tenant and
// deletes earlier ones.
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

// UseSetupLink marks a link as used. It returns a Conflict if it was used
// before.
func (tx *Tx) UseSetupLink(ctx context.Context, key string) error {
	return tx.execOne(ctx, `UPDATE setup_link SET used = $2 WHERE id = $1 AND used IS NULL`, key, ms(tx.Now))
}
