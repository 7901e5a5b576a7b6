package store

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
)

// tenantColumns include the domains, because every page reads its tenant.
func tenantColumns(t *access.Tenant) []column {
	return []column{
		{"ten.id", &t.ID},
		{"ten.directory_id", &t.Directory},
		{"ten.name", &t.Name},
		{"ten.settings", jsonValue{&t.Settings}},
		{"ten.version", &t.Version},
		{`COALESCE((SELECT string_agg(dom.name, ' ' ORDER BY dom.position) FROM directory_domain dom
			WHERE dom.directory_id = ten.directory_id AND dom.proof <> 'pending'), '')`, scanWords[access.Domain]{&t.Domains}},
	}
}

// Tenant is the tenant with the id.
func (r *Reader) Tenant(ctx context.Context, id access.TenantID) (access.Tenant, error) {
	type known struct{ access.TenantID }
	return cachedForTenant(r, id, known{id}, func() (access.Tenant, error) {
		return r.tenant(ctx, `WHERE ten.id = $1`, id)
	})
}

// TenantByDomain is the tenant with the verified domain.
func (r *Reader) TenantByDomain(ctx context.Context, name access.Domain) (access.Tenant, error) {
	type known struct{ access.Domain }
	read := func() (access.Tenant, error) {
		return r.tenant(ctx, `JOIN directory_domain dom ON dom.directory_id = ten.directory_id WHERE dom.scope = ''
			AND dom.name = $1 AND dom.proof <> 'pending'`,
			name)
	}
	if v := r.visit; v != nil && v.domain == name {
		return cachedForTenant(r, v.tenant, known{name}, read)
	}
	return sqldb.Cached(r.cache, known{name}, read)
}

// TenantOf is the tenant whose directory it is; ok is false if there is none.
func (r *Reader) TenantOf(ctx context.Context, dir access.DirectoryID) (t access.Tenant, ok bool, err error) {
	t, err = r.tenant(ctx, `WHERE ten.directory_id = $1`, dir)
	if access.KindOf(err) == access.NotFound {
		return t, false, nil
	}
	return t, err == nil, err
}

// TenantsOfAccount are the tenants in which the account is a person, by name.
func (r *Reader) TenantsOfAccount(ctx context.Context, a access.AccountID) ([]access.Tenant, error) {
	return r.tenants(ctx, `JOIN person per ON per.tenant_id = ten.id WHERE per.account_id = $1`, a)
}

// Tenants are all tenants by name.
func (r *Reader) Tenants(ctx context.Context) ([]access.Tenant, error) {
	return r.tenants(ctx, ``)
}

func (r *Reader) tenants(ctx context.Context, rest string, args ...any) ([]access.Tenant, error) {
	return queryAll(ctx, r, tenantColumns, `SELECT {columns} FROM tenant ten `+rest+` ORDER BY ten.name`, args...)
}

func (r *Reader) tenant(ctx context.Context, rest string, arg any) (access.Tenant, error) {
	return queryOne(ctx, r, tenantColumns, `SELECT {columns} FROM tenant ten `+rest, arg)
}

// SaveTenant adds the tenant, or changes name and settings of the one with its
// id.
func (tx *Tx) SaveTenant(ctx context.Context, t access.Tenant) error {
	return tx.exec(ctx, `INSERT INTO tenant (id, directory_id, name, settings, version) VALUES ($1, $2, $3, $4, 1)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, settings = excluded.settings, version = tenant.version + 1`,
		t.ID, t.Directory, t.Name, jsonValue{t.Settings})
}
