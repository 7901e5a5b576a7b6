package access

import (
	"slices"
)

// Rights are the roles that a person has now, directly or through a group.
type Rights struct {
	Tenant   []AdminRole
	Catalogs map[CatalogID][]AdminRole
}

// HasAny reports whether the person has any role.
func (r Rights) HasAny() bool { return len(r.Tenant) > 0 || len(r.Catalogs) > 0 }

// HasTenantRole reports whether the person has the role in the tenant.
func (r Rights) HasTenantRole(role AdminRole) bool { return slices.Contains(r.Tenant, role) }

func (r Rights) inTenant(p Permission) bool { return slices.ContainsFunc(p.Roles, r.HasTenantRole) }

func (r Rights) inCatalog(p Permission, c CatalogID) bool {
	return slices.ContainsFunc(p.Roles, func(role AdminRole) bool { return slices.Contains(r.Catalogs[c], role) })
}

// MayAnywhere reports whether the action is allowed in the tenant or in any
// catalog, such as to decide whether its list is shown.
func (r Rights) MayAnywhere(a Action) bool {
	all, catalogs := r.CatalogsFor(a)
	return all || len(catalogs) > 0
}

// CatalogsFor returns where the action is allowed: everywhere, or in the listed
// catalogs.
func (r Rights) CatalogsFor(a Action) (everywhere bool, catalogs []CatalogID) {
	p := permission(a)
	if r.inTenant(p) {
		return true, nil
	}
	for c := range r.Catalogs {
		if r.inCatalog(p, c) {
			catalogs = append(catalogs, c)
		}
	}
	slices.Sort(catalogs)
	return false, catalogs
}

// May refuses an action that is allowed neither in the tenant nor in any
// catalog.
func (r Rights) May(a Action) error {
	if r.MayAnywhere(a) {
		return nil
	}
	return Refuse(Forbidden, "Your roles don't allow this.")
}

// Allows reports whether a person whose only role is r may do the action: for a role that
// is assigned per catalog, in its catalog.
func (r AdminRole) Allows(a Action) bool {
	if r.PerCatalog() {
		return Rights{Catalogs: map[CatalogID][]AdminRole{"": {r}}}.MayAnywhere(a)
	}
	return Rights{Tenant: []AdminRole{r}}.MayAnywhere(a)
}

// MayInCatalog refuses an action on the catalog or its content: with Forbidden
// if the person has another role there, else with NotFound.
func (r Rights) MayInCatalog(a Action, c CatalogID) error {
	p := permission(a)
	switch {
	case r.inTenant(p) || r.inCatalog(p, c):
		return nil
	case len(r.Catalogs[c]) > 0 || r.inTenant(permission(ReadCatalog)):
		return Refuse(Forbidden, "Your roles in this catalog don't allow this.")
	}
	return Missing()
}

// MayAddResource refuses to add a resource of the kind to a catalog without a
// right to the resource itself: global administrators have it for every
// resource, identity governance administrators for applications, others for
// resources they own (F-041).
func (r Rights) MayAddResource(kind ResourceKind, owner bool) error {
	if owner || r.HasTenantRole(GlobalAdministrator) || kind == KindApplication &&
		r.HasTenantRole(IdentityGovernanceAdministrator) {
		return nil
	}
	return Refuse(Forbidden, "Only an owner of a resource, or a global administrator, can add it to a catalog.")
}

// MayAssignRole refuses to assign or remove a role. Tenant roles need
// ManageRoles, and the global administrator's another global administrator;
// catalog roles need EditCatalog in the catalog.
func (r Rights) MayAssignRole(role AdminRole, c CatalogID) error {
	switch {
	case role.PerCatalog():
		return r.MayInCatalog(EditCatalog, c)
	case role == GlobalAdministrator && !r.HasTenantRole(GlobalAdministrator):
		return Refuse(Forbidden, "Only a global administrator can assign or remove this role.")
	}
	return r.May(ManageRoles)
}
