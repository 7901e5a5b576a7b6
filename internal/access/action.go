package access

// Action is something that needs an administrative role.
type Action string

// The actions: first those on the tenant, then those on a catalog. Roles in the
// tenant allow both, roles in a catalog only the latter.
const (
	SeeAdmin            Action = "seeAdmin"            // enter the admin area
	ManageOrganizations Action = "manageOrganizations" // connected organizations and their sponsors
	ManageProviders     Action = "manageProviders"     // directories: issuer, client secret, domains
	ManageSettings      Action = "manageSettings"      // the tenant's settings, external users' lifecycle
	ManageRoles         Action = "manageRoles"         // roles in the tenant, catalog creators included
	ManagePeople        Action = "managePeople"        // people and groups, import, sessions
	ManageTargets       Action = "manageTargets"       // target systems
	ManageEntries       Action = "manageEntries"       // groups, teams, sites, applications of the built-in directory
	FindPeople          Action = "findPeople"          // search people, groups and organizations in pickers
	CreateCatalogs      Action = "createCatalogs"

	ReadCatalog     Action = "readCatalog"     // configuration of a catalog, its packages and policies
	EditCatalog     Action = "editCatalog"     // name, switches, its roles; delete
	ManageResources Action = "manageResources" // of a catalog; also needs a right on the resource
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

// Permissions is the matrix of roles and actions. A person with several roles
// has the rights of all of them.
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

// permission returns the row of the matrix for an action. An action without a
// row is never allowed.
func permission(a Action) Permission {
	for _, p := range Permissions() {
		if p.Action == a {
			return p
		}
	}
	return Permission{Action: a}
}
