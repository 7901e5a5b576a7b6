package store

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

func catalogColumns(c *access.Catalog) []column {
	return []column{
		{"cat.tenant_id", &c.Tenant},
		{"cat.id", &c.ID},
		{"cat.name", &c.Name},
		{"cat.description", &c.Description},
		{"cat.published", &c.Published},
		{"cat.external", &c.External},
		{"cat.version", &c.Version},
	}
}

// Catalog is the catalog with the id.
func (r *Reader) Catalog(ctx context.Context, t access.TenantID, id access.CatalogID) (access.Catalog, error) {
	return queryOne(ctx, r, catalogColumns, `SELECT {columns} FROM catalog cat WHERE cat.tenant_id = $1 AND cat.id = $2
		AND cat.deleted IS NULL`, t, id)
}

// CatalogNames returns the names of the catalogs with the ids. Those that do not
// exist are missing.
func (r *Reader) CatalogNames(ctx context.Context, t access.TenantID,
	ids []access.CatalogID) (map[access.CatalogID]string, error) {
	found, err := byIDs(ctx, r, catalogColumns, `catalog cat WHERE cat.tenant_id = $1 AND cat.deleted IS NULL
		AND cat.id IN `, t, ids)
	names := make(map[access.CatalogID]string, len(found))
	for _, c := range found {
		names[c.ID] = c.Name
	}
	return names, err
}

// CatalogNamed is the catalog with the name, without regard to case; ok is
// false if there is none.
func (r *Reader) CatalogNamed(ctx context.Context, t access.TenantID,
	name string) (c access.Catalog, ok bool, err error) {
	return queryOptional(ctx, r, catalogColumns, `SELECT {columns} FROM catalog cat WHERE cat.tenant_id = $1
		AND cat.sort_name = $2
		AND cat.deleted IS NULL`, t, fold(name))
}

// Catalogs are the catalogs of a tenant by name.
func (r *Reader) Catalogs(ctx context.Context, t access.TenantID) ([]access.Catalog, error) {
	return queryAll(ctx, r, catalogColumns, `SELECT {columns} FROM catalog cat WHERE cat.tenant_id = $1
		AND cat.deleted IS NULL
		ORDER BY cat.sort_name, cat.id`, t)
}

// CatalogLine is a catalog as administrators list it.
type CatalogLine struct {
	access.Catalog
	Packages int64 // as last counted
}

// CatalogFilter narrows a list of catalogs; zero fields narrow nothing.
type CatalogFilter struct{ Published, External Flag }

// CatalogList is the list of catalogs, by "name" or "age".
func (r *Reader) CatalogList(ctx context.Context, t access.TenantID,
	q ListQuery[CatalogFilter]) (ListPage[CatalogLine], error) {
	return page(ctx, r, listing[CatalogLine]{
		columns: func(l *CatalogLine) []column {
			return append(catalogColumns(&l.Catalog),
				column{counterColumn(CounterPackages, `cat.tenant_id`, `cat.id`), &l.Packages})
		},
		base:   `catalog cat`,
		tenant: `cat.tenant_id`, id: `cat.id`, kind: wordsOfCatalog, catalog: `cat.id`,
		orders: []order{{"name", `cat.sort_name`, false}, {"age", `cat.id`, false}},
		where: func(*sqlq.Args) string {
			return ` AND cat.deleted IS NULL` + q.Filter.Published.where(`cat.published`) +
				q.Filter.External.where(`cat.external`)
		},
	}, t, q.paging())
}

// WalkCatalogs walks CatalogList.
func (r *Reader) WalkCatalogs(ctx context.Context, t access.TenantID, q ListQuery[CatalogFilter],
	f func(CatalogLine) error) error {
	return walk(ctx, t, q, r.CatalogList, f)
}

// SaveCatalog adds the catalog, or changes the one with its id.
func (tx *Tx) SaveCatalog(ctx context.Context, c access.Catalog) error {
	before, known, err := queryOptional(ctx, tx.Reader, catalogColumns, `SELECT {columns} FROM catalog cat
		WHERE cat.tenant_id = $1
		AND cat.id = $2`, c.Tenant, c.ID)
	if err != nil {
		return err
	}
	err = tx.exec(ctx, `INSERT INTO catalog (tenant_id, id, name, description, published, external, version, sort_name)
		VALUES ($1, $2, $3, $4, $5, $6, 1, $7) ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name,
		description = excluded.description, published = excluded.published, external = excluded.external,
		sort_name = excluded.sort_name, version = catalog.version + 1`,
		c.Tenant, c.ID, c.Name, c.Description, c.Published, c.External, fold(c.Name))
	if err == nil && known && (before.Published != c.Published || before.External != c.External) {
		err = tx.updateOffersOf(ctx, c.Tenant, c.ID)
	}
	if err != nil {
		return err
	}
	return tx.indexWords(ctx, c.Tenant, wordsOfCatalog, string(c.ID), c.Name, c.Description)
}

// DeleteCatalog deletes a catalog with the list of its resources and the roles
// in it. It must have no access package. Its row is kept for past
// requests.
func (tx *Tx) DeleteCatalog(ctx context.Context, t access.TenantID, id access.CatalogID) error {
	for _, table := range []string{"catalog_resource", "role_assignment"} {
		if err := tx.exec(ctx, `DELETE FROM `+table+` WHERE tenant_id = $1 AND catalog_id = $2`, t, id); err != nil {
			return err
		}
	}
	if err := tx.deleteWords(ctx, t, wordsOfCatalog, string(id)); err != nil {
		return err
	}
	return tx.execOne(ctx, `UPDATE catalog SET deleted = $3 WHERE tenant_id = $1 AND id = $2 AND deleted IS NULL`, t, id,
		ms(tx.Now))
}
