package store

import (
	"context"

	"myaccess/internal/access"
)

func targetColumns(t *access.Target) []column {
	return []column{
		{"id", &t.ID},
		{"tenant_id", &t.Tenant},
		{"name", &t.Name},
		{"kind", &t.Kind},
		{"config", jsonValue{&t.Config}},
	}
}

// Target is the target with the id.
func (r *Reader) Target(ctx context.Context, t access.TenantID, id access.TargetID) (access.Target, error) {
	return queryOne(ctx, r, targetColumns, `SELECT {columns} FROM target WHERE tenant_id = $1 AND id = $2`, t, id)
}

// Targets are the targets of a tenant by name.
func (r *Reader) Targets(ctx context.Context, t access.TenantID) ([]access.Target, error) {
	return queryAll(ctx, r, targetColumns, `SELECT {columns} FROM target WHERE tenant_id = $1 ORDER BY name`, t)
}

// BuiltInTarget is the target that is the tenant's built-in directory.
func (r *Reader) BuiltInTarget(ctx context.Context, t access.TenantID) (access.Target, error) {
	return queryOne(ctx, r, targetColumns, `SELECT {columns} FROM target WHERE tenant_id = $1 AND kind = $2`, t,
		access.TargetBuiltIn)
}

// SaveTarget adds the target, or changes the one with its id.
func (tx *Tx) SaveTarget(ctx context.Context, t access.Target) error {
	config := t.Config
	if config == nil {
		config = map[string]string{}
	}
	return tx.exec(ctx, `INSERT INTO target (tenant_id, id, name, kind, config, secrets, version) VALUES ($1, $2, $3, $4,
		$5, NULL, 1)
		ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, config = excluded.config,
		version = target.version + 1`,
		t.Tenant, t.ID, t.Name, t.Kind, jsonValue{config})
}
