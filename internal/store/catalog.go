package store

import (
	"context"
	"strings"

	"myaccess/internal/access"
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

func policyColumns(p *access.Policy) []column {
	return []column{
		{"pol.tenant_id", &p.Tenant},
		{"pol.id", &p.ID},
		{"pol.package_id", &p.Package},
		{"pol.name", &p.Name},
		{"pol.description", &p.Description},
		{"pol.scope", &p.Scope},
		{"pol.enabled", &p.Enabled},
		{"pol.terms", jsonValue{&p.Terms}},
		{"pol.version", &p.Version},
	}
}

// Catalogs are the catalogs of a tenant by name.
func (r *Reader) Catalogs(ctx context.Context, t access.TenantID) ([]access.Catalog, error) {
	return queryAll(ctx, r, catalogColumns, `SELECT {columns} FROM catalog cat WHERE cat.tenant_id = $1
		AND cat.deleted IS NULL
		ORDER BY cat.sort_name, cat.id`, t)
}

// Catalog is the catalog with the id.
func (r *Reader) Catalog(ctx context.Context, t access.TenantID, id access.CatalogID) (access.Catalog, error) {
	return queryOne(ctx, r, catalogColumns, `SELECT {columns} FROM catalog cat WHERE cat.tenant_id = $1 AND cat.id = $2
		AND cat.deleted IS NULL`, t, id)
}

// CatalogNamed is the catalog with the name, without regard to case; ok is
// false if there is none.
func (r *Reader) CatalogNamed(ctx context.Context, t access.TenantID,
	name string) (c access.Catalog, ok bool, err error) {
	return queryOptional(ctx, r, catalogColumns, `SELECT {columns} FROM catalog cat WHERE cat.tenant_id = $1
		AND cat.sort_name = $2
		AND cat.deleted IS NULL`, t, fold(name))
}

// DeleteCatalog deletes a catalog with the list of its resources and the roles
// given in it. It must hold no access package. Its row is kept for what was once
// asked for.
func (tx *Tx) DeleteCatalog(ctx context.Context, t access.TenantID, id access.CatalogID) error {
	for _, table := range []string{"catalog_resource", "role_assignment"} {
		if err := tx.exec(ctx, `DELETE FROM `+table+` WHERE tenant_id = $1 AND catalog_id = $2`, t, id); err != nil {
			return err
		}
	}
	if err := tx.forgetWords(ctx, t, wordsOfCatalog, string(id)); err != nil {
		return err
	}
	return tx.execOne(ctx, `UPDATE catalog SET deleted = $3 WHERE tenant_id = $1 AND id = $2 AND deleted IS NULL`, t, id,
		ms(tx.Now))
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

// Package is the package with the id, with the ids of its roles. One that was
// deleted is found too, for what was asked for and held: Deleted tells.
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

// DeletePackage deletes a package with its policies. Nobody must hold it. Its
// row and its roles are kept for what was once asked for and held.
func (tx *Tx) DeletePackage(ctx context.Context, t access.TenantID, id access.PackageID) error {
	policies, err := tx.PoliciesOf(ctx, t, id)
	for _, o := range policies {
		if err == nil {
			err = tx.DeletePolicy(ctx, t, o.ID)
		}
	}
	if err == nil {
		err = tx.forgetWords(ctx, t, wordsOfPackage, string(id))
	}
	if err != nil {
		return err
	}
	return tx.execOne(ctx, `UPDATE package SET deleted = $3 WHERE tenant_id = $1 AND id = $2 AND deleted IS NULL`, t, id,
		ms(tx.Now))
}

func (r *Reader) roleIDs(ctx context.Context, t access.TenantID, id access.PackageID) ([]access.ResourceRoleID, error) {
	return queryAll(ctx, r, value[access.ResourceRoleID],
		`SELECT role_id FROM package_role WHERE tenant_id = $1 AND package_id = $2 ORDER BY position`, t, id)
}

// Policy is the policy with the id.
func (r *Reader) Policy(ctx context.Context, t access.TenantID, id access.PolicyID) (access.Policy, error) {
	p, err := queryOne(ctx, r, policyColumns, `SELECT {columns} FROM policy pol WHERE pol.tenant_id = $1 AND pol.id = $2`,
		t,
		id)
	if err == nil {
		p.Targets, err = r.policyTargets(ctx, t, id)
	}
	return p, err
}

func (r *Reader) policyTargets(ctx context.Context, t access.TenantID,
	id access.PolicyID) ([]access.SubjectRef, error) {
	return queryAll(ctx, r, subjectColumns, `SELECT kind, subject_id FROM policy_subject
		WHERE tenant_id = $1 AND policy_id = $2 ORDER BY kind, subject_id`, t, id)
}

// PoliciesOf are the policies of a package by name.
func (r *Reader) PoliciesOf(ctx context.Context, t access.TenantID, id access.PackageID) ([]access.Policy, error) {
	all, err := queryAll(ctx, r, policyColumns, `SELECT {columns} FROM policy pol
		WHERE pol.tenant_id = $1 AND pol.package_id = $2 ORDER BY pol.sort_name, pol.id`, t, id)
	for i := range all {
		if err == nil {
			all[i].Targets, err = r.policyTargets(ctx, t, all[i].ID)
		}
	}
	return all, err
}

func subjectColumns(s *access.SubjectRef) []column {
	return []column{{"kind", &s.Kind}, {"subject_id", &s.ID}}
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
		err = tx.reofferAll(ctx, c.Tenant, c.ID)
	}
	if err != nil {
		return err
	}
	return tx.index(ctx, c.Tenant, wordsOfCatalog, string(c.ID), c.Name, c.Description)
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
	if err == nil {
		err = tx.indexPackage(ctx, p)
	}
	if err == nil {
		err = tx.reoffer(ctx, p.Tenant, p.ID)
	}
	return err
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
	return tx.index(ctx, p.Tenant, wordsOfPackage, string(p.ID), append(resources, p.Name, p.Description)...)
}

// indexResource writes the text of every package that has a role of the
// resource, whose name may have changed.
func (tx *Tx) indexResource(ctx context.Context, s access.Resource) error {
	packages, err := queryAll(ctx, tx.Reader, packageColumns, `SELECT {columns} FROM package pkg WHERE pkg.tenant_id = $1
		AND pkg.id IN (
		SELECT pr.package_id FROM resource_role rr CROSS JOIN package_role pr
		WHERE rr.tenant_id = $1 AND rr.resource_id = $2 AND pr.tenant_id = $1 AND pr.role_id = rr.id)`, s.Tenant, s.ID)
	for _, p := range packages {
		if err == nil {
			err = tx.indexPackage(ctx, p)
		}
	}
	return err
}

// SavePolicy adds the policy, or changes the one with its id. Requests under
// way keep the terms that they were made under.
func (tx *Tx) SavePolicy(ctx context.Context, p access.Policy) error {
	err := tx.exec(ctx, `INSERT INTO policy (tenant_id, id, package_id, name, description, scope, enabled, terms, version,
		sort_name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9) ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name,
		description = excluded.description, scope = excluded.scope, enabled = excluded.enabled, terms = excluded.terms,
		sort_name = excluded.sort_name, version = policy.version + 1`,
		p.Tenant, p.ID, p.Package, p.Name, p.Description, p.Scope, p.Enabled, jsonValue{p.Terms}, fold(p.Name))
	if err == nil {
		err = tx.exec(ctx, `DELETE FROM policy_subject WHERE tenant_id = $1 AND policy_id = $2`, p.Tenant, p.ID)
	}
	for _, s := range p.Targets {
		if err == nil {
			err = tx.exec(ctx, `INSERT INTO policy_subject (tenant_id, policy_id, kind, subject_id) VALUES ($1, $2, $3, $4)`,
				p.Tenant, p.ID, s.Kind, s.ID)
		}
	}
	if err == nil {
		err = tx.reoffer(ctx, p.Tenant, p.Package)
	}
	return err
}

// DeletePolicy deletes a policy. The caller has made sure that nothing is held
// under it.
func (tx *Tx) DeletePolicy(ctx context.Context, t access.TenantID, id access.PolicyID) error {
	pack, err := queryOne(ctx, tx.Reader, value[access.PackageID], `SELECT package_id FROM policy WHERE tenant_id = $1
		AND id = $2`, t, id)
	if err == nil {
		err = tx.exec(ctx, `DELETE FROM policy_subject WHERE tenant_id = $1 AND policy_id = $2`, t, id)
	}
	if err == nil {
		err = tx.execOne(ctx, `DELETE FROM policy WHERE tenant_id = $1 AND id = $2`, t, id)
	}
	if err == nil {
		err = tx.reoffer(ctx, t, pack)
	}
	return err
}
