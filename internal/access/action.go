package access

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
