package access

import (
	"slices"
)

// AdminRole is an administrative role; W-01 to W-19 say what each allows.
// Requestor, approver, reviewer, sponsor and manager are not roles: they follow
// from policies and from the directory.
type AdminRole string

// The administrative roles. The last four are assigned per catalog.
const (
	GlobalAdministrator                AdminRole = "globalAdministrator"
	IdentityGovernanceAdministrator    AdminRole = "identityGovernanceAdministrator"
	ConnectedOrganizationAdministrator AdminRole = "connectedOrganizationAdministrator"
	CatalogCreator                     AdminRole = "catalogCreator"
	CatalogOwner                       AdminRole = "catalogOwner"
	CatalogReader                      AdminRole = "catalogReader"
	AccessPackageManager               AdminRole = "accessPackageManager"
	AccessPackageAssignmentManager     AdminRole = "accessPackageAssignmentManager"
)

// AdminRoles lists every administrative role.
func AdminRoles() []AdminRole {
	return []AdminRole{
		GlobalAdministrator, IdentityGovernanceAdministrator, ConnectedOrganizationAdministrator, CatalogCreator,
		CatalogOwner, CatalogReader, AccessPackageManager, AccessPackageAssignmentManager,
	}
}

// PerCatalog reports whether the role is assigned per catalog.
func (r AdminRole) PerCatalog() bool { return slices.Index(AdminRoles(), r) >= 4 }

// RoleAssignment assigns a role to a person or to the members of a group, for
// the whole tenant or for one catalog.
type RoleAssignment struct {
	Tenant  TenantID
	Role    AdminRole
	Subject SubjectRef
	Catalog CatalogID // empty for the whole tenant
}

// Check returns every fault of the role assignment.
func (a RoleAssignment) Check() error {
	switch {
	case !slices.Contains(AdminRoles(), a.Role):
		return Invalidf("role", "“%s” is not a role.", string(a.Role))
	case a.Role.PerCatalog() != (a.Catalog != ""):
		return Invalidf("catalog", "Catalog owners, readers and managers belong to one catalog, other roles to none.")
	case !a.Subject.isPersonOrGroup():
		return Invalidf("subject", "Roles are given to people and groups.")
	}
	return nil
}
