package store

import (
	"context"

	"myaccess/internal/access"
)

func scanRoleAssignment(r row) (access.RoleAssignment, error) {
	var a access.RoleAssignment
	return a, r.Scan(&a.Tenant, &a.Role, &a.Subject.Kind, &a.Subject.ID, &a.Catalog)
}

const roleAssignmentCols = `a.tenant_id, a.role, a.subject_kind, a.subject_id, a.catalog_id`

// RoleAssignments are the administrative roles given in a tenant.
func (r *Reader) RoleAssignments(ctx context.Context, t access.TenantID) ([]access.RoleAssignment, error) {
	return list(ctx, r, scanRoleAssignment, `SELECT `+roleAssignmentCols+` FROM role_assignment a WHERE a.tenant_id = $1
		ORDER BY a.role, a.subject_kind, a.subject_id, a.catalog_id`, t)
}

// AddRoleAssignment gives a role; to have it already is no error.
func (tx *Tx) AddRoleAssignment(ctx context.Context, a access.RoleAssignment) error {
	return tx.exec(ctx, `INSERT INTO role_assignment (tenant_id, role, subject_kind, subject_id, catalog_id) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT DO NOTHING`, a.Tenant, a.Role, a.Subject.Kind, a.Subject.ID, a.Catalog)
}

// RemoveRoleAssignment takes a role away.
func (tx *Tx) RemoveRoleAssignment(ctx context.Context, a access.RoleAssignment) error {
	return tx.exec(ctx, `DELETE FROM role_assignment WHERE tenant_id = $1 AND role = $2 AND subject_kind = $3 AND subject_id = $4
		AND catalog_id = $5`, a.Tenant, a.Role, a.Subject.Kind, a.Subject.ID, a.Catalog)
}
