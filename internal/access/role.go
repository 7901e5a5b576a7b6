package access

import "slices"

// Role is an administrative role (F §24). Requestor, approver, reviewer,
// sponsor and manager are not roles: they follow from policies and from the
// directory.
type Role string

// The administrative roles. The last four are given per catalog.
const (
	GlobalAdministrator                Role = "globalAdministrator"
	IdentityGovernanceAdministrator    Role = "identityGovernanceAdministrator"
	ConnectedOrganizationAdministrator Role = "connectedOrganizationAdministrator"
	CatalogCreator                     Role = "catalogCreator"
	CatalogOwner                       Role = "catalogOwner"
	CatalogReader                      Role = "catalogReader"
	AccessPackageManager               Role = "accessPackageManager"
	AccessPackageAssignmentManager     Role = "accessPackageAssignmentManager"
)

// Roles lists every administrative role.
func Roles() []Role {
	return []Role{
		GlobalAdministrator, IdentityGovernanceAdministrator, ConnectedOrganizationAdministrator, CatalogCreator,
		CatalogOwner, CatalogReader, AccessPackageManager, AccessPackageAssignmentManager,
	}
}

// PerCatalog reports whether the role is given for one catalog.
func (r Role) PerCatalog() bool { return slices.Index(Roles(), r) >= 4 }

// RoleAssignment gives a role to a person or to the members of a group, for
// the whole tenant or for one catalog.
type RoleAssignment struct {
	Tenant  TenantID
	Role    Role
	Subject SubjectRef
	Catalog CatalogID // empty for the whole tenant
}

// Check finds every fault of the role assignment.
func (a RoleAssignment) Check() error {
	switch {
	case !slices.Contains(Roles(), a.Role):
		return Invalidf("role", "“%s” is not a role.", string(a.Role))
	case a.Role.PerCatalog() != (a.Catalog != ""):
		return Invalidf("catalog", "Catalog owners, readers and managers belong to one catalog, other roles to none.")
	case !a.Subject.human():
		return Invalidf("subject", "Roles are given to people and groups.")
	}
	return nil
}
