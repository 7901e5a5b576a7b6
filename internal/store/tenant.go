package store

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
)

func scanTenant(r row) (access.Tenant, error) {
	var t access.Tenant
	var domains []string
	err := r.Scan(&t.ID, &t.Directory, &t.Name, object{&t.Settings}, &t.Version, words{&domains})
	for _, d := range domains {
		t.Domains = append(t.Domains, access.Domain(d))
	}
	return t, err
}

// Every page asks for its tenant, so that the domains come with it.
const tenantCols = `ten.id, ten.directory_id, ten.name, ten.settings, ten.version, COALESCE((SELECT string_agg(dom.name,
	' '
	ORDER BY dom.position)
	FROM directory_domain dom WHERE dom.directory_id = ten.directory_id AND dom.proof <> 'pending'), '')`

// Tenant is the tenant with the id.
func (r *Reader) Tenant(ctx context.Context, id access.TenantID) (access.Tenant, error) {
	return r.tenant(ctx, `WHERE ten.id = $1`, id)
}

// TenantByDomain is the tenant whose directory owns the domain.
func (r *Reader) TenantByDomain(ctx context.Context, name access.Domain) (access.Tenant, error) {
	type known struct{ access.Domain }
	return sqldb.Cached(r.cache, known{name}, func() (access.Tenant, error) {
		return r.tenant(ctx, `JOIN directory_domain dom ON dom.directory_id = ten.directory_id WHERE dom.scope = ''
			AND dom.name = $1`,
			name)
	})
}

// TenantOf is the tenant that the directory hosts; ok is false if it hosts none.
func (r *Reader) TenantOf(ctx context.Context, dir access.DirectoryID) (t access.Tenant, ok bool, err error) {
	t, err = r.tenant(ctx, `WHERE ten.directory_id = $1`, dir)
	if access.KindOf(err) == access.NotFound {
		return t, false, nil
	}
	return t, err == nil, err
}

// TenantsOfAccount are the tenants that know the account as a person, by name.
func (r *Reader) TenantsOfAccount(ctx context.Context, a access.AccountID) ([]access.Tenant, error) {
	return r.tenants(ctx, `JOIN person per ON per.tenant_id = ten.id WHERE per.account_id = $1`, a)
}

// Tenants are all tenants by name.
func (r *Reader) Tenants(ctx context.Context) ([]access.Tenant, error) {
	return r.tenants(ctx, ``)
}

func (r *Reader) tenants(ctx context.Context, rest string, args ...any) ([]access.Tenant, error) {
	return list(ctx, r, scanTenant, `SELECT `+tenantCols+` FROM tenant ten `+rest+` ORDER BY ten.name`, args...)
}

func (r *Reader) tenant(ctx context.Context, rest string, arg any) (access.Tenant, error) {
	return one(ctx, r, scanTenant, `SELECT `+tenantCols+` FROM tenant ten `+rest, arg)
}

// SaveTenant adds the tenant, or changes name and settings of the one with its
// id.
func (tx *Tx) SaveTenant(ctx context.Context, t access.Tenant) error {
	return tx.exec(ctx, `INSERT INTO tenant (id, directory_id, name, settings, version) VALUES ($1, $2, $3, $4, 1)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, settings = excluded.settings, version = tenant.version + 1`,
		t.ID, t.Directory, t.Name, object{t.Settings})
}
