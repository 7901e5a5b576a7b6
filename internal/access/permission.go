package access

import "slices"

// Action is something that only administrative roles allow.
type Action string

// The actions. Those of the tenant are allowed by roles in the tenant, those of
// a catalog by roles in the tenant or in that catalog.
const (
	SeeAdmin            Action = "seeAdmin"            // enter the admin area
	ManageOrganizations Action = "manageOrganizations" // connected organizations and their sponsors
	ManageProviders     Action = "manageProviders"     // directories: issuer, client secret, domains
	ManageSettings      Action = "manageSettings"      // the tenant's settings, external users' lifecycle
	ManageRoles         Action = "manageRoles"         // roles in the tenant, catalog creators included
	ManagePeople        Action = "managePeople"        // people and groups, import, sessions
	ManageTargets       Action = "manageTargets"       // target systems
	ManageEntries       Action = "manageEntries"       // groups, teams, sites, applications of the built-in directory
	FindPeople          Action = "findPeople"          // choose people, groups and organizations from a list
	CreateCatalogs      Action = "createCatalogs"

	ReadCatalog     Action = "readCatalog"     // configuration of a catalog, its packages and policies
	EditCatalog     Action = "editCatalog"     // name, switches, roles in it; delete
	ManageResources Action = "manageResources" // of a catalog; needs a right on the resource besides
	ManagePackages  Action = "managePackages"  // create, edit, hide, delete; resource roles
	ManagePolicies  Action = "managePolicies"
	ReadAssignments Action = "readAssignments" // assignments, requests, delivery errors
	ManageRequests  Action = "manageRequests"  // assign, remove, cancel, reprocess, mark as governed
)

// Permission says which roles allow an action.
type Permission struct {
	Action Action
	// InCatalog is true for actions on one catalog and what is in it.
	InCatalog bool
	Roles     []AdminRole
}

// Permissions is the matrix of behaviour.md 24 and security.md 3.2: what the
// program decides by, and what its tests walk. Roles add up.
func Permissions() []Permission {
	ga, iga, coa, cc := GlobalAdministrator, IdentityGovernanceAdministrator, ConnectedOrganizationAdministrator,
		CatalogCreator
	co, cr, apm, aam := CatalogOwner, CatalogReader, AccessPackageManager, AccessPackageAssignmentManager
	return []Permission{
		{SeeAdmin, false, []AdminRole{ga, iga, coa, cc, co, cr, apm, aam}},
		{ManageOrganizations, false, []AdminRole{ga, iga, coa}},
		{ManageProviders, false, []AdminRole{ga, iga}},
		{ManageSettings, false, []AdminRole{ga, iga}},
		{ManageRoles, false, []AdminRole{ga, iga}},
		{ManagePeople, false, []AdminRole{ga, iga}},
		{ManageTargets, false, []AdminRole{ga}},
		{ManageEntries, false, []AdminRole{ga, iga}},
		{FindPeople, false, []AdminRole{ga, iga, coa, co, apm, aam}},
		{CreateCatalogs, false, []AdminRole{ga, iga, cc}},

		{ReadCatalog, true, []AdminRole{ga, iga, co, cr, apm, aam}},
		{EditCatalog, true, []AdminRole{ga, iga, co}},
		{ManageResources, true, []AdminRole{ga, iga, co}},
		{ManagePackages, true, []AdminRole{ga, iga, co, apm}},
		{ManagePolicies, true, []AdminRole{ga, iga, co, apm}},
		{ReadAssignments, true, []AdminRole{ga, iga, co, apm, aam}},
		{ManageRequests, true, []AdminRole{ga, iga, co, apm, aam}},
	}
}

// permission is the line of the matrix for an action; nobody may do what has
// none.
func permission(a Action) Permission {
	for _, p := range Permissions() {
		if p.Action == a {
			return p
		}
	}
	return Permission{Action: a}
}

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
