package store

import (
	"context"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

func resourceColumns(s *access.Resource) []column {
	return []column{
		{"res.id", &s.ID},
		{"res.tenant_id", &s.Tenant},
		{"res.target_id", &s.Target},
		{"res.kind", &s.Kind},
		{"res.external_id", &s.ExternalID},
		{"res.name", &s.Name},
		{"res.link", &s.Link},
	}
}

func resourceRoleColumns(o *access.ResourceRole) []column {
	return []column{
		{"rr.id", &o.ID},
		{"rr.resource_id", &o.Resource},
		{"rr.name", &o.Name},
		{"rr.external_id", &o.ExternalID},
	}
}

// ResourcesOf are the resources of a catalog with their roles, by name.
func (r *Reader) ResourcesOf(ctx context.Context, t access.TenantID, c access.CatalogID) ([]access.Resource, error) {
	all, err := queryAll(ctx, r, resourceColumns, `SELECT {columns} FROM catalog_resource cr
		JOIN resource res ON res.tenant_id = cr.tenant_id AND res.id = cr.resource_id
		WHERE cr.tenant_id = $1 AND cr.catalog_id = $2 ORDER BY res.name, res.id`, t, c)
	if err != nil {
		return nil, err
	}
	return all, r.addRoles(ctx, all)
}

// ResourceIn is a resource that the catalog lists, with its roles.
func (r *Reader) ResourceIn(ctx context.Context, t access.TenantID, c access.CatalogID,
	id access.ResourceID) (access.Resource, error) {
	s, err := queryOne(ctx, r, resourceColumns, `SELECT {columns} FROM catalog_resource cr
		JOIN resource res ON res.tenant_id = cr.tenant_id AND res.id = cr.resource_id
		WHERE cr.tenant_id = $1 AND cr.catalog_id = $2 AND cr.resource_id = $3`, t, c, id)
	if err != nil {
		return s, err
	}
	all := []access.Resource{s}
	err = r.addRoles(ctx, all)
	return all[0], err
}

// ResourceByExternal is the resource that the target calls external; ok is
// false if no catalog has it yet.
func (r *Reader) ResourceByExternal(ctx context.Context, t access.TenantID, target access.TargetID,
	external string) (s access.Resource, ok bool, err error) {
	s, ok, err = queryOptional(ctx, r, resourceColumns, `SELECT {columns} FROM resource res
		WHERE res.tenant_id = $1 AND res.target_id = $2 AND res.external_id = $3`, t, target, external)
	if !ok {
		return s, ok, err
	}
	all := []access.Resource{s}
	err = r.addRoles(ctx, all)
	return all[0], err == nil, err
}

// addRoles adds their roles to resources of one tenant.
func (r *Reader) addRoles(ctx context.Context, all []access.Resource) error {
	ids := make([]access.ResourceID, len(all))
	for i, s := range all {
		ids[i] = s.ID
	}
	found, err := queryBlocks(ctx, r, resourceRoleColumns, ids, func(a *sqlq.Args, block []access.ResourceID) string {
		return `SELECT {columns} FROM resource_role rr WHERE rr.tenant_id = ` + a.Add(all[0].Tenant) +
			` AND rr.resource_id IN ` + sqlq.In(a, block) + ` ORDER BY rr.resource_id, rr.name`
	})
	roles := map[access.ResourceID][]access.ResourceRole{}
	for _, o := range found {
		roles[o.Resource] = append(roles[o.Resource], o)
	}
	for i, s := range all {
		all[i].Roles = roles[s.ID]
	}
	return err
}

// RoleWithResource is a resource role together with its resource.
type RoleWithResource struct {
	Role     access.ResourceRole
	Resource access.Resource
}

func roleWithResourceColumns(x *RoleWithResource) []column {
	return append(resourceColumns(&x.Resource), resourceRoleColumns(&x.Role)...)
}

// PackageRoles are the resource roles of each of the packages, in their order.
func (r *Reader) PackageRoles(ctx context.Context, t access.TenantID,
	packages ...access.PackageID) (map[access.PackageID][]RoleWithResource, error) {
	type known struct {
		access.TenantID
		access.PackageID
	}
	roles := make(map[access.PackageID][]RoleWithResource, len(packages))
	var missing []access.PackageID
	for _, id := range packages {
		if held, ok := r.cache.Get(known{t, id}); ok {
			roles[id] = held.([]RoleWithResource)
		} else {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return roles, nil
	}
	err := r.packageRoles(ctx, roles, t, missing)
	if err == nil {
		for _, id := range missing {
			r.cache.Put(known{t, id}, roles[id])
		}
	}
	return roles, err
}

// packageRoles adds the roles of the packages.
func (r *Reader) packageRoles(ctx context.Context, roles map[access.PackageID][]RoleWithResource, t access.TenantID,
	packages []access.PackageID) error {
	a := sqlq.Args{}
	var p access.PackageID
	var x RoleWithResource
	err := r.eachRow(ctx, append(roleWithResourceColumns(&x), column{"pr.package_id", &p}), func() {
		roles[p] = append(roles[p], x)
	}, `SELECT {columns} FROM package_role pr
		JOIN resource_role rr ON rr.tenant_id = pr.tenant_id AND rr.id = pr.role_id
		JOIN resource res ON res.tenant_id = rr.tenant_id AND res.id = rr.resource_id
		WHERE pr.tenant_id = `+a.Add(t)+` AND pr.package_id IN `+sqlq.In(&a, packages)+`
		ORDER BY pr.package_id, pr.position`, a.Values...)
	return err
}

// ResourceRoles are the resource roles with the ids.
func (r *Reader) ResourceRoles(ctx context.Context, t access.TenantID,
	ids []access.ResourceRoleID) (map[access.ResourceRoleID]RoleWithResource, error) {
	roles := make(map[access.ResourceRoleID]RoleWithResource, len(ids))
	if len(ids) == 0 {
		return roles, nil
	}
	a := sqlq.Args{}
	found, err := queryAll(ctx, r, roleWithResourceColumns, `SELECT {columns} FROM resource_role rr
		JOIN resource res ON res.tenant_id = rr.tenant_id AND res.id = rr.resource_id
		WHERE rr.tenant_id = `+a.Add(t)+` AND rr.id IN `+sqlq.In(&a, ids), a.Values...)
	for _, x := range found {
		roles[x.Role.ID] = x
	}
	return roles, err
}

// CatalogResourceRoles are the roles of the resources of a catalog, by the resources'
// names.
func (r *Reader) CatalogResourceRoles(ctx context.Context, t access.TenantID,
	c access.CatalogID) ([]RoleWithResource, error) {
	return queryAll(ctx, r, roleWithResourceColumns, `SELECT {columns} FROM catalog_resource cr CROSS JOIN resource res
		CROSS
		JOIN resource_role rr
		WHERE cr.tenant_id = $1 AND cr.catalog_id = $2 AND res.tenant_id = cr.tenant_id AND res.id = cr.resource_id
		AND rr.tenant_id = res.tenant_id AND rr.resource_id = res.id ORDER BY res.name, res.id, rr.name, rr.id`, t, c)
}

// SearchCatalogRoles are up to limit of the roles that a text finds by the names
// of resources and roles: each of its words must begin one of theirs.
func (r *Reader) SearchCatalogRoles(ctx context.Context, t access.TenantID, c access.CatalogID, text string,
	limit int) ([]RoleWithResource, error) {
	all, err := r.CatalogResourceRoles(ctx, t, c)
	words := queryWords(text)
	all = slices.DeleteFunc(all, func(x RoleWithResource) bool {
		have := searchTokens(x.Resource.Name + " " + x.Role.Name)
		return slices.ContainsFunc(words, func(w string) bool {
			return !slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, w) })
		})
	})
	return all[:min(len(all), limit)], err
}

// SaveResource adds the resource with its roles, or changes the one with its
// id; roles that it no longer names are kept.
func (tx *Tx) SaveResource(ctx context.Context, s access.Resource) error {
	err := tx.exec(ctx, `INSERT INTO resource (tenant_id, id, target_id, kind, external_id, name, link, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1) ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name,
		link = excluded.link, version = resource.version + 1`, s.Tenant, s.ID, s.Target, s.Kind, s.ExternalID, s.Name, s.Link)
	for _, o := range s.Roles {
		if err == nil {
			err = tx.exec(ctx, `INSERT INTO resource_role (tenant_id, id, resource_id, name, external_id) VALUES ($1, $2, $3, $4,
				$5)
				ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name`, s.Tenant, o.ID, s.ID, o.Name, o.ExternalID)
		}
	}
	if err == nil {
		err = tx.indexResource(ctx, s)
	}
	return err
}

// AddCatalogResource lists a resource in a catalog and reports whether that changed
// anything.
func (tx *Tx) AddCatalogResource(ctx context.Context, t access.TenantID, c access.CatalogID,
	s access.ResourceID) (bool, error) {
	n, err := tx.execCount(ctx, `INSERT INTO catalog_resource (tenant_id, catalog_id, resource_id) VALUES ($1, $2, $3)
		ON CONFLICT DO NOTHING`, t, c, s)
	return n > 0, err
}

// RemoveCatalogResource removes a resource from a catalog.
func (tx *Tx) RemoveCatalogResource(ctx context.Context, t access.TenantID, c access.CatalogID,
	id access.ResourceID) error {
	return tx.execOne(ctx, `DELETE FROM catalog_resource WHERE tenant_id = $1 AND catalog_id = $2 AND resource_id = $3`, t,
		c, id)
}
