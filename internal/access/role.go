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
		return Invalidf("catalog", "Choose a catalog for a catalog role. Other roles have no catalog.")
	case !a.Subject.isPersonOrGroup():
		return Invalidf("subject", "Assign roles to people or groups.")
	}
	return nil
}

// CheckIdentified refuses an administrative role to a person without an account, in a
// directory of the kind: whoever first signs in would be found by the mail address, and an
// address can be given to somebody else. Where people sign in with passcodes the address
// is all that there is. group is the name of the group by which the person would have the
// role, empty if it is assigned to the person. It is asked when a role is assigned, and
// when the members of a group that has one change.
func (p Person) CheckIdentified(k DirectoryKind, group string) error {
	switch {
	case p.Account != "" || k == DirectoryPasscode:
		return nil
	case group != "":
		return Invalidf("", "“%s” hasn't signed in yet, and members of “%s” have an administrative role. Enter the person's "+
			"subject first: the permanent ID at the provider. A mail address isn't enough for an administrative role.", p.Name,
			group)
	}
	return Invalidf("", "“%s” hasn't signed in yet. Enter the person's subject first: the permanent ID at the provider. "+
		"A mail address isn't enough for an administrative role.", p.Name)
}
