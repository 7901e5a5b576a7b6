package store

import (
	"context"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

func packageColumns(p *access.Package) []column {
	return []column{
		{"pkg.tenant_id", &p.Tenant},
		{"pkg.id", &p.ID},
		{"pkg.catalog_id", &p.Catalog},
		{"pkg.name", &p.Name},
		{"pkg.description", &p.Description},
		{"pkg.hidden", &p.Hidden},
		{"pkg.version", &p.Version},
	}
}

// Package is the package with the id, with the ids of its roles. Deleted
// packages are found too: Deleted is set.
func (r *Reader) Package(ctx context.Context, t access.TenantID, id access.PackageID) (access.Package, error) {
	p, err := queryOne(ctx, r, func(p *access.Package) []column {
		return append(packageColumns(p), column{"pkg.deleted", scanTime{&p.Deleted}})
	}, `SELECT {columns} FROM package pkg WHERE pkg.tenant_id = $1 AND pkg.id = $2`, t, id)
	if err == nil {
		p.Roles, err = r.roleIDs(ctx, t, id)
	}
	return p, err
}

// PackageNamed is the package of the catalog with the name, without regard to
// case; ok is false if there is none.
func (r *Reader) PackageNamed(ctx context.Context, t access.TenantID, c access.CatalogID,
	name string) (p access.Package, ok bool, err error) {
	return queryOptional(ctx, r, packageColumns, `SELECT {columns} FROM package pkg
		WHERE pkg.tenant_id = $1 AND pkg.catalog_id = $2 AND pkg.sort_name = $3 AND pkg.deleted IS NULL`, t, c, fold(name))
}

// PackageSortNames are the folded names (see Fold) of the catalog's packages
// that begin with the prefix.
func (r *Reader) PackageSortNames(ctx context.Context, t access.TenantID, c access.CatalogID,
	prefix string) ([]string, error) {
	return queryAll(ctx, r, value[string], `SELECT pkg.sort_name FROM package pkg WHERE pkg.tenant_id = $1
		AND pkg.catalog_id = $2 AND pkg.sort_name LIKE $3 ESCAPE '!' AND pkg.deleted IS NULL`,
		t, c, strings.TrimPrefix(likePattern(prefix), "%"))
}

// PackagesOf are the packages of a catalog by name, with the ids of their roles.
func (r *Reader) PackagesOf(ctx context.Context, t access.TenantID, c access.CatalogID) ([]access.Package, error) {
	all, err := queryAll(ctx, r, packageColumns, `SELECT {columns} FROM package pkg
		WHERE pkg.tenant_id = $1 AND pkg.catalog_id = $2 AND pkg.deleted IS NULL ORDER BY pkg.sort_name, pkg.id`, t, c)
	for i := range all {
		if err == nil {
			all[i].Roles, err = r.roleIDs(ctx, t, all[i].ID)
		}
	}
	return all, err
}

// PackagesUsing are up to limit packages of the catalog with a role of the
// resource, by name.
func (r *Reader) PackagesUsing(ctx context.Context, t access.TenantID, c access.CatalogID, id access.ResourceID,
	limit int) ([]access.Package, error) {
	return queryAll(ctx, r, packageColumns, `SELECT {columns} FROM package pkg WHERE pkg.tenant_id = $1
		AND pkg.catalog_id = $2
		AND pkg.deleted IS NULL AND EXISTS (SELECT 1 FROM package_role pr
		JOIN resource_role rr ON rr.tenant_id = pr.tenant_id AND rr.id = pr.role_id
		WHERE pr.tenant_id = pkg.tenant_id AND pr.package_id = pkg.id AND rr.resource_id = $3) ORDER BY pkg.sort_name
		LIMIT $4`, t, c,
		id, int64(limit))
}

// FirstPackagesUsing returns, for each of the resources that a package of the
// catalog has a role of, the name of the first such package by name.
func (r *Reader) FirstPackagesUsing(ctx context.Context, t access.TenantID, c access.CatalogID,
	resources []access.ResourceID) (map[access.ResourceID]string, error) {
	type user struct {
		resource access.ResourceID
		name     string
	}
	found, err := queryBlocks(ctx, r, func(u *user) []column {
		return []column{{"res.id", &u.resource}, {"", &u.name}}
	}, resources, func(a *sqlq.Args, block []access.ResourceID) string {
		tenant := a.Add(t)
		return `SELECT res.id, COALESCE((SELECT pkg.name FROM resource_role rr CROSS JOIN package_role pr
			CROSS JOIN package pkg
			WHERE rr.tenant_id = res.tenant_id AND rr.resource_id = res.id AND pr.tenant_id = rr.tenant_id
			AND pr.role_id = rr.id AND pkg.tenant_id = pr.tenant_id AND pkg.id = pr.package_id
			AND pkg.catalog_id = ` + a.Add(c) + ` AND pkg.deleted IS NULL ORDER BY pkg.sort_name LIMIT 1), '')
			FROM resource res WHERE res.tenant_id = ` + tenant + ` AND res.id IN ` + sqlq.In(a, block)
	})
	names := map[access.ResourceID]string{}
	for _, u := range found {
		if u.name != "" {
			names[u.resource] = u.name
		}
	}
	return names, err
}

// PackagesByID returns the packages with the ids, with the ids of their roles.
// Deleted packages are found too, those that do not exist are missing.
func (r *Reader) PackagesByID(ctx context.Context, t access.TenantID,
	ids []access.PackageID) (map[access.PackageID]access.Package, error) {
	found, err := byIDs(ctx, r, packageColumns, `package pkg WHERE pkg.tenant_id = $1 AND pkg.id IN `, t, ids)
	if err != nil {
		return nil, err
	}
	roles, err := r.RoleIDsByPackage(ctx, t, ids)
	all := make(map[access.PackageID]access.Package, len(found))
	for _, p := range found {
		p.Roles = roles[p.ID]
		all[p.ID] = p
	}
	return all, err
}

// PackageLine is an access package as administrators list it.
type PackageLine struct {
	access.Package
	CatalogName string
	Assignments int64 // in force, as last counted
	Policies    int64
}

// PackageFilter narrows a list of access packages; zero fields narrow nothing.
type PackageFilter struct {
	Catalog access.CatalogID
	Hidden  Flag
}

// PackageList is the list of access packages, by "name" or "age".
func (r *Reader) PackageList(ctx context.Context, t access.TenantID,
	q ListQuery[PackageFilter]) (ListPage[PackageLine], error) {
	age, hidden := `pkg.id`, `pkg.hidden`
	if q.Filter.Catalog != "" { // keeps SQLite from using the indexes on age and hidden
		age, hidden = `pkg.id || ''`, `(pkg.hidden AND TRUE)`
	}
	return page(ctx, r, listing[PackageLine]{
		columns: func(l *PackageLine) []column {
			return append(packageColumns(&l.Package),
				column{"cat.name", &l.CatalogName},
				column{counterColumn(CounterAssignments, `pkg.tenant_id`, `pkg.id`), &l.Assignments},
				column{`(SELECT COUNT(*) FROM policy pol WHERE pol.tenant_id = pkg.tenant_id AND pol.package_id = pkg.id)`,
					&l.Policies})
		},
		base: `package pkg`, joins: ` JOIN catalog cat ON cat.tenant_id = pkg.tenant_id AND cat.id = pkg.catalog_id`,
		tenant: `pkg.tenant_id`, id: `pkg.id`, kind: wordsOfPackage, catalog: `pkg.catalog_id`,
		orders: []order{{"name", `pkg.sort_name`, false}, {"age", age, false}},
		where: func(a *sqlq.Args) string {
			return ` AND pkg.deleted IS NULL` + equal(a, `pkg.catalog_id`, q.Filter.Catalog) + q.Filter.Hidden.where(hidden)
		},
	}, t, q.paging())
}

// WalkPackages walks PackageList.
func (r *Reader) WalkPackages(ctx context.Context, t access.TenantID, q ListQuery[PackageFilter],
	f func(PackageLine) error) error {
	return walk(ctx, t, q, r.PackageList, f)
}

// OfferToRequest is Offer for a transaction that has asked for the Requestor. What it
// returns must not be changed.
func (tx *Tx) OfferToRequest(ctx context.Context, t access.TenantID, id access.PackageID) (access.Offer, error) {
	type known struct {
		access.TenantID
		access.PackageID
	}
	read := func() (access.Offer, error) { return tx.Offer(ctx, t, id) }
	if v := tx.visit; v != nil && v.tenant == t {
		return cachedVersion(tx.Reader, v.packageVersion+" "+v.policyVersion, known{t, id}, read)
	}
	return read()
}

// Offer is the package with its catalog and all its policies.
func (r *Reader) Offer(ctx context.Context, t access.TenantID, id access.PackageID) (access.Offer, error) {
	p, err := r.Package(ctx, t, id)
	if err == nil && !p.Deleted.IsZero() {
		err = access.Missing()
	}
	if err != nil {
		return access.Offer{}, err
	}
	o := access.Offer{Package: p}
	if o.Catalog, err = r.Catalog(ctx, t, p.Catalog); err == nil {
		o.Policies, err = r.PoliciesOf(ctx, t, id)
	}
	return o, err
}

func (r *Reader) roleIDs(ctx context.Context, t access.TenantID, id access.PackageID) ([]access.ResourceRoleID, error) {
	return queryAll(ctx, r, value[access.ResourceRoleID],
		`SELECT role_id FROM package_role WHERE tenant_id = $1 AND package_id = $2 ORDER BY position`, t, id)
}

// RoleIDsByPackage are the ids of the roles of each of the packages.
func (r *Reader) RoleIDsByPackage(ctx context.Context, t access.TenantID,
	packages []access.PackageID) (map[access.PackageID][]access.ResourceRoleID, error) {
	roles := map[access.PackageID][]access.ResourceRoleID{}
	if len(packages) == 0 {
		return roles, nil
	}
	a := sqlq.Args{}
	var p access.PackageID
	var role access.ResourceRoleID
	err := r.eachRow(ctx, []column{{"package_id", &p}, {"role_id", &role}}, func() {
		roles[p] = append(roles[p], role)
	}, `SELECT {columns} FROM package_role WHERE tenant_id = `+a.Add(t)+` AND package_id IN `+
		sqlq.In(&a, packages)+` ORDER BY package_id, position`, a.Values...)
	return roles, err
}

// SavePackage adds the package with its roles, or changes the one with its id.
// The catalog of a package never changes (F-005).
func (tx *Tx) SavePackage(ctx context.Context, p access.Package) error {
	err := tx.exec(ctx, `INSERT INTO package (tenant_id, id, catalog_id, name, description, hidden, version, sort_name,
		search)
		VALUES ($1, $2, $3, $4, $5, $6, 1, $7, '') ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name,
		description = excluded.description, hidden = excluded.hidden, sort_name = excluded.sort_name,
		version = package.version + 1`,
		p.Tenant, p.ID, p.Catalog, p.Name, p.Description, p.Hidden, fold(p.Name))
	if err == nil {
		err = tx.exec(ctx, `DELETE FROM package_role WHERE tenant_id = $1 AND package_id = $2`, p.Tenant, p.ID)
	}
	for i, role := range p.Roles {
		if err == nil {
			err = tx.exec(ctx, `INSERT INTO package_role (tenant_id, package_id, role_id, position) VALUES ($1, $2, $3, $4)`,
				p.Tenant, p.ID, role, int64(i))
		}
	}
	if err != nil {
		return err
	}
	return tx.withOfferWords(ctx, p.Tenant, p.ID, func() error {
		if err := tx.indexPackage(ctx, p); err != nil {
			return err
		}
		return tx.writeOffer(ctx, p.Tenant, p.ID)
	})
}

// DeletePackage deletes a package with its policies. The row and its roles are
// kept for past requests and assignments. The package must have no holders.
func (tx *Tx) DeletePackage(ctx context.Context, t access.TenantID, id access.PackageID) error {
	policies, err := tx.PoliciesOf(ctx, t, id)
	for _, o := range policies {
		if err == nil {
			err = tx.DeletePolicy(ctx, t, o.ID)
		}
	}
	if err == nil {
		err = tx.deleteWords(ctx, t, wordsOfPackage, string(id))
	}
	if err != nil {
		return err
	}
	return tx.execOne(ctx, `UPDATE package SET deleted = $3 WHERE tenant_id = $1 AND id = $2 AND deleted IS NULL`, t, id,
		ms(tx.Now))
}

// indexPackage writes the text that a package is searched by: name and
// description, and on a second line the names of its resources (F-143).
func (tx *Tx) indexPackage(ctx context.Context, p access.Package) error {
	roles, err := tx.PackageRoles(ctx, p.Tenant, p.ID)
	if err != nil {
		return err
	}
	var resources []string
	for _, role := range roles[p.ID] {
		resources = append(resources, role.Resource.Name)
	}
	err = tx.exec(ctx, `UPDATE package SET search = $3 WHERE tenant_id = $1 AND id = $2`,
		p.Tenant, p.ID, fold(p.Name+" "+p.Description)+"\n"+fold(strings.Join(resources, " ")))
	if err != nil {
		return err
	}
	return tx.indexWords(ctx, p.Tenant, wordsOfPackage, string(p.ID), append(resources, p.Name, p.Description)...)
}

// indexResource updates the search words of every package with a role of the
// resource.
func (tx *Tx) indexResource(ctx context.Context, s access.Resource) error {
	packages, err := queryAll(ctx, tx.Reader, packageColumns, `SELECT {columns} FROM package pkg WHERE pkg.tenant_id = $1
		AND pkg.id IN (
		SELECT pr.package_id FROM resource_role rr CROSS JOIN package_role pr
		WHERE rr.tenant_id = $1 AND rr.resource_id = $2 AND pr.tenant_id = $1 AND pr.role_id = rr.id)`, s.Tenant, s.ID)
	for _, p := range packages {
		if err == nil {
			err = tx.withOfferWords(ctx, p.Tenant, p.ID, func() error { return tx.indexPackage(ctx, p) })
		}
	}
	return err
}
