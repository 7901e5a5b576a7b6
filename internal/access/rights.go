package access

import (
	"slices"
)

// Rights are the roles that a person has now, given to the person or to a group
// of the person's.
type Rights struct {
	Tenant   []AdminRole
	Catalogs map[CatalogID][]AdminRole
}

// HasAny reports whether there is any role at all.
func (r Rights) HasAny() bool { return len(r.Tenant) > 0 || len(r.Catalogs) > 0 }

// HasTenantRole reports whether the role is held in the tenant.
func (r Rights) HasTenantRole(role AdminRole) bool { return slices.Contains(r.Tenant, role) }

func (r Rights) inTenant(p Permission) bool { return slices.ContainsFunc(p.Roles, r.HasTenantRole) }

func (r Rights) inCatalog(p Permission, c CatalogID) bool {
	return slices.ContainsFunc(p.Roles, func(role AdminRole) bool { return slices.Contains(r.Catalogs[c], role) })
}

// MayAnywhere reports whether the action is allowed in the tenant or in any
// catalog: whether its list is worth showing.
func (r Rights) MayAnywhere(a Action) bool {
	all, catalogs := r.CatalogsFor(a)
	return all || len(catalogs) > 0
}

// CatalogsFor is where the action is allowed: everywhere, or in the catalogs named.
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

// May refuses an action on the tenant, or anywhere in it.
func (r Rights) May(a Action) error {
	if r.MayAnywhere(a) {
		return nil
	}
	return Refuse(Forbidden, "Your roles do not allow this.")
}

// MayInCatalog refuses an action on the catalog or what is in it: with Forbidden who
// has another role there, with the refusal of a thing that does not exist who
// has none.
func (r Rights) MayInCatalog(a Action, c CatalogID) error {
	p := permission(a)
	switch {
	case r.inTenant(p) || r.inCatalog(p, c):
		return nil
	case len(r.Catalogs[c]) > 0 || r.inTenant(permission(ReadCatalog)):
		return Refuse(Forbidden, "Your roles in this catalog do not allow this.")
	}
	return Missing()
}

// MayAddResource refuses to put the resource of the kind into a catalog to who has no
// right to the resource itself, whatever the rights in the catalog: a global
// administrator has it for everything, an identity governance administrator for
// applications, others for what they own (F-041, behaviour.md 24).
func (r Rights) MayAddResource(kind ResourceKind, owner bool) error {
	if owner || r.HasTenantRole(GlobalAdministrator) || kind == KindApplication && r.HasTenantRole(IdentityGovernanceAdministrator) {
		return nil
	}
	return Refuse(Forbidden, "Only an owner of a resource, or a global administrator, can add it to a catalog.")
}

// MayAssignRole refuses to give or take a role: those in the tenant are the
// governance administrators' to give, and the global administrator's only by
// one of them; those in a catalog are its owners' as well.
func (r Rights) MayAssignRole(role AdminRole, c CatalogID) error {
	switch {
	case role.PerCatalog():
		return r.MayInCatalog(EditCatalog, c)
	case role == GlobalAdministrator && !r.HasTenantRole(GlobalAdministrator):
		return Refuse(Forbidden, "Only a global administrator can make or unmake another.")
	}
	return r.May(ManageRoles)
}
