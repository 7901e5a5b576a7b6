package store

import (
	"context"

	"myaccess/internal/access"
)

func roleAssignmentColumns(a *access.RoleAssignment) []column {
	return []column{
		{"ra.tenant_id", &a.Tenant},
		{"ra.role", &a.Role},
		{"ra.subject_kind", &a.Subject.Kind},
		{"ra.subject_id", &a.Subject.ID},
		{"ra.catalog_id", &a.Catalog},
	}
}

// RoleAssignments are the administrative roles assigned in a tenant.
func (r *Reader) RoleAssignments(ctx context.Context, t access.TenantID) ([]access.RoleAssignment, error) {
	return queryAll(ctx, r, roleAssignmentColumns, `SELECT {columns} FROM role_assignment ra WHERE ra.tenant_id = $1
		ORDER BY ra.role, ra.subject_kind, ra.subject_id, ra.catalog_id`, t)
}

// Rights are the administrative roles of the person, assigned directly or
// through a group: none for a person who has no way into the tenant now.
func (r *Reader) Rights(ctx context.Context, p access.Person) (access.Rights, error) {
	if p.ID == "" {
		return access.Rights{}, nil
	}
	if in, err := r.HasWayIn(ctx, p); err != nil || !in {
		return access.Rights{}, err
	}
	return r.AdministrativeRoles(ctx, p)
}

func (r *Reader) rights(ctx context.Context, p access.Person) (access.Rights, error) {
	var rights access.Rights
	given, err := queryAll(ctx, r, roleAssignmentColumns, `SELECT {columns} FROM role_assignment ra
		WHERE ra.tenant_id = $1
		AND ra.subject_id IN (SELECT CAST($2 AS TEXT) UNION ALL SELECT mem.entry_id FROM directory_member mem
			WHERE mem.tenant_id = $1 AND mem.person_id = $2 AND mem.role = 'Member')`, p.Tenant, p.ID)
	for _, a := range given {
		if a.Catalog == "" {
			rights.Tenant = append(rights.Tenant, a.Role)
			continue
		}
		if rights.Catalogs == nil {
			rights.Catalogs = map[access.CatalogID][]access.AdminRole{}
		}
		rights.Catalogs[a.Catalog] = append(rights.Catalogs[a.Catalog], a.Role)
	}
	return rights, err
}

// CatalogRoleAssignments are the administrative roles assigned in a catalog, or
// those of the whole tenant if c is empty.
func (r *Reader) CatalogRoleAssignments(ctx context.Context, t access.TenantID,
	c access.CatalogID) ([]access.RoleAssignment, error) {
	return queryAll(ctx, r, roleAssignmentColumns, `SELECT {columns} FROM role_assignment ra
		WHERE ra.tenant_id = $1 AND ra.catalog_id = $2 ORDER BY ra.role, ra.subject_kind, ra.subject_id`, t, c)
}

// AddRoleAssignment assigns an administrative role, if it is not assigned yet.
func (tx *Tx) AddRoleAssignment(ctx context.Context, a access.RoleAssignment) error {
	return tx.exec(ctx, `INSERT INTO role_assignment (tenant_id, role, subject_kind, subject_id, catalog_id)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT DO NOTHING`, a.Tenant, a.Role, a.Subject.Kind, a.Subject.ID, a.Catalog)
}

// RemoveRoleAssignment removes an administrative role.
func (tx *Tx) RemoveRoleAssignment(ctx context.Context, a access.RoleAssignment) error {
	return tx.exec(ctx, `DELETE FROM role_assignment WHERE tenant_id = $1 AND role = $2 AND subject_kind = $3
		AND subject_id = $4
		AND catalog_id = $5`, a.Tenant, a.Role, a.Subject.Kind, a.Subject.ID, a.Catalog)
}
