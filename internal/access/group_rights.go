package access

import (
	"errors"
	"slices"
)

// GroupUseKind is how a group is named.
type GroupUseKind string

// The ways to name a group that give its members a right.
const (
	UseRole     GroupUseKind = "role"     // an administrative role, in the tenant or in a catalog
	UseApprover GroupUseKind = "approver" // approves in a policy, or in an open request
	UseAudience GroupUseKind = "audience" // may request under a policy without approval
	UseSponsor  GroupUseKind = "sponsor"  // internal sponsor of a connected organization
)

// GroupUse is one place that names a group, so that its members have a right
// there. Uses of the same kind, role and catalog are one.
type GroupUse struct {
	Group     EntryID
	GroupName string
	Kind      GroupUseKind
	Role      AdminRole // for UseRole
	Catalog   CatalogID // empty for a role in the tenant and for UseSponsor
	// Name is that of the catalog (UseRole), of a policy, or of a connected
	// organization; empty for a role in the tenant.
	Name string
}

// TenantWide reports whether the use is a role in the whole tenant.
func (u GroupUse) TenantWide() bool { return u.Kind == UseRole && !u.Role.PerCatalog() }

// MayChangeMembers refuses to change the members of groups for whoever could not
// name them in each of the uses: every indirect way to a right checks what the
// direct way checks (W-25). It is the one rule for the members of the built-in
// directory, imports, files, access packages that deliver a role of the group, and
// their policies. The refusal says who may.
//
// The members of a group with a role in the whole tenant are changed by global
// administrators only.
func (r Rights) MayChangeMembers(uses []GroupUse) error {
	for _, u := range uses {
		if err := r.mayChangeMembers(u); err != nil {
			return err
		}
	}
	return nil
}

func (r Rights) mayChangeMembers(u GroupUse) error {
	var direct error
	var sentence Message = "Members of “%s” have an administrative role in the whole organization. Only a global " +
		"administrator " +
		"can change who they are."
	switch u.Kind {
	case UseRole:
		if u.Role.PerCatalog() {
			direct = r.MayAssignRole(u.Role, u.Catalog)
			sentence = "Members of “%s” have a role in a catalog. Only an owner of that catalog or an identity governance " +
				"administrator can change who they are."
		} else if !r.HasTenantRole(GlobalAdministrator) {
			direct = Refuse(Forbidden, "Your roles don't allow this.")
		}
	case UseApprover:
		direct = r.MayInCatalog(ManagePolicies, u.Catalog)
		sentence = "Members of “%s” approve requests. Only people who manage the policies that name the group, or an " +
			"identity governance administrator, can change who they are."
	case UseAudience:
		direct = r.MayInCatalog(ManageRequests, u.Catalog)
		sentence = "Members of “%s” get an access package without approval. Only people who can assign that access " +
			"package, or an identity governance administrator, can change who they are."
	case UseSponsor:
		direct = r.May(ManageOrganizations)
		sentence = "Members of “%s” are sponsors of a connected organization. Only a connected organization administrator " +
			"or an identity governance administrator can change who they are."
	}
	if direct == nil {
		return nil
	}
	return Refuse(Forbidden, sentence, u.GroupName)
}

// CheckAuthority refuses to give administrative roles by an access package, unless for
// each of uses one of the people could assign the role directly (W-25).
func CheckAuthority(uses []GroupUse, people []Rights) error {
	for _, u := range uses {
		one := []GroupUse{u}
		if !slices.ContainsFunc(people, func(r Rights) bool { return r.MayChangeMembers(one) == nil }) {
			return Rights{}.MayChangeMembers(one)
		}
	}
	return nil
}

// CheckRoles refuses requests of a person with the rights under a policy without
// approval, for an access package that gives the roles of uses: see CheckAuthority.
func (p Policy) CheckRoles(uses []GroupUse, person Rights) error {
	if len(p.Stages) > 0 {
		return nil
	}
	return CheckAuthority(uses, []Rights{person})
}

// GroupPackage is an access package that delivers a role of a group, so that
// people who manage or assign it change the group's members.
type GroupPackage struct {
	Package PackageID
	Name    string
	Catalog CatalogID
}

// MayNameGroup is MayChangeMembers from the other end: it refuses to name a group
// whose members change by access packages (W-25). A group that packages deliver
// gets no administrative role: their managers would decide who has it. It is named
// as approver, sponsor or in the audience of a policy without approval only by
// people who can assign those packages.
func (r Rights) MayNameGroup(kind GroupUseKind, group string, packages []GroupPackage) error {
	for _, p := range packages {
		known := r.MayInCatalog(ReadCatalog, p.Catalog) == nil
		switch {
		case kind == UseRole && known:
			return Refuse(Conflict, "The access package “%s” adds people to “%s”, so its managers would decide who has this "+
				"role. Remove the group from the access package first.", p.Name, group)
		case kind == UseRole:
			return Refuse(Conflict, "An access package in another catalog adds people to “%s”, so its managers would decide "+
				"who has this role. Ask an identity governance administrator to remove the group from the access package.", group)
		case r.MayInCatalog(ManageRequests, p.Catalog) != nil:
			return Refuse(Forbidden, "An access package in another catalog adds people to “%s”, so its managers would decide "+
				"who has this right. Only people who can assign that access package too, or an identity governance "+
				"administrator, can choose the group here.", group)
		}
	}
	return nil
}

// MayManagePerson refuses to disable, enable or rename a person, and to change how
// the person signs in, for whoever could not assign the roles that the person has,
// whether the person is disabled or not (W-26).
func (r Rights) MayManagePerson(name string, theirs Rights) error {
	for _, role := range theirs.Tenant {
		if r.MayAssignRole(role, "") != nil {
			return Refuse(Forbidden, "%s has a role that is above yours. Only people who can assign that role can change this.",
				name)
		}
	}
	return nil
}

// AtField returns a refusal with the field at fault. Any other error is returned
// as it is.
func AtField(err error, field string) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Field == "" {
		placed := *e
		placed.Field = field
		return &placed
	}
	return err
}
