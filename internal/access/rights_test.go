package access_test

import (
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/access/accesstest"
)

// actionOf names the action that the program checks for each task.
func actionOf() map[string]access.Action {
	return map[string]access.Action{
		"catalog-creators": access.ManageRoles, "organizations": access.ManageOrganizations,
		"create-catalog": access.CreateCatalogs, "add-resource": access.ManageResources,
		"catalog-owner": access.EditCatalog, "edit-catalog": access.EditCatalog, "package-managers": access.EditCatalog,
		"create-package": access.ManagePackages, "resource-roles": access.ManagePackages,
		"policies": access.ManagePolicies, "assign": access.ManageRequests, "view-assignments": access.ReadAssignments,
		"reprocess-cancel": access.ManageRequests, "reassign": access.ManagePolicies, "remind": access.ManageRequests,
		"hide-delete-package": access.ManagePackages,
		"guest-settings":      access.ManageSettings, "mark-governed": access.ManageRequests,
		"enter": access.SeeAdmin, "view-catalog": access.ReadCatalog, "find-people": access.FindPeople,
		"providers": access.ManageProviders, "people": access.ManagePeople, "entries": access.ManageEntries,
		"targets": access.ManageTargets,
	}
}

// The table of permissions says of every action and role what the matrix of roles
// and tasks says.
func TestPermissionsMatchMatrix(t *testing.T) {
	used := map[access.Action]bool{}
	tasks := accesstest.Tasks()
	if len(tasks) != 26 {
		t.Errorf("%d tasks, want 26", len(tasks))
	}
	for name, action := range actionOf() {
		task, ok := tasks[name]
		if !ok {
			t.Errorf("the matrix has no task %s", name)
		}
		used[action] = true
		found := false
		for _, p := range access.Permissions() {
			if p.Action != action {
				continue
			}
			found = true
			if p.InCatalog != task.InCatalog {
				t.Errorf("%s (%s): in a catalog is %v", name, action, p.InCatalog)
			}
			for _, role := range access.AdminRoles() {
				if got := (accesstest.Task{Roles: p.Roles}).Allows(role); got != task.Allows(role) {
					t.Errorf("%s (%s) by %s: %v, want %v", name, action, role, got, task.Allows(role))
				}
				if got := role.Allows(action); got != task.Allows(role) {
					t.Errorf("%s alone allows %s: %v, want %v", role, action, got, task.Allows(role))
				}
			}
		}
		if !found {
			t.Errorf("%s (%s): there is no such permission", name, action)
		}
	}
	for _, p := range access.Permissions() {
		if !used[p.Action] {
			t.Errorf("no task of the matrix needs the permission %s", p.Action)
		}
	}
}

// holder returns the rights of a person with one role: in the tenant, or in the
// catalog "projects".
func holder(role access.AdminRole) access.Rights {
	if role.PerCatalog() {
		return access.Rights{Catalogs: map[access.CatalogID][]access.AdminRole{"projects": {role}}}
	}
	return access.Rights{Tenant: []access.AdminRole{role}}
}

// Every task by every role: in the catalog of the role, in another catalog, and
// in the tenant. A person with a role in the catalog is refused with Forbidden,
// others with NotFound, so that a catalog cannot be told from one that does not
// exist.
func TestTasksByRole(t *testing.T) {
	tasks := accesstest.Tasks()
	for name, action := range actionOf() {
		task := tasks[name]
		for _, role := range access.AdminRoles() {
			t.Run(name+" by "+string(role), func(t *testing.T) {
				may := holder(role)
				// A list of objects in catalogs is for people with the role in any.
				wantKind(t, may.May(action), task.Allows(role), access.Forbidden)
				if !task.InCatalog {
					return
				}
				own, other := access.NotFound, access.NotFound
				if tasks["view-catalog"].Allows(role) {
					own = access.Forbidden
					if !role.PerCatalog() {
						other = access.Forbidden
					}
				}
				wantKind(t, may.MayInCatalog(action, "projects"), task.Allows(role), own)
				wantKind(t, may.MayInCatalog(action, "travel"), task.Allows(role) && !role.PerCatalog(), other)
			})
		}
		wantKind(t, access.Rights{}.May(action), false, access.Forbidden)
		if task.InCatalog {
			wantKind(t, access.Rights{}.MayInCatalog(action, "projects"), false, access.NotFound)
		}
	}
}

// Who may assign which role, in the tenant and in a catalog.
func TestMayAssignRole(t *testing.T) {
	tasks := accesstest.Tasks()
	for given, task := range map[access.AdminRole]string{
		access.GlobalAdministrator:                "global-administrators",
		access.IdentityGovernanceAdministrator:    "catalog-creators",
		access.ConnectedOrganizationAdministrator: "catalog-creators",
		access.CatalogCreator:                     "catalog-creators",
		access.CatalogOwner:                       "catalog-owner",
		access.CatalogReader:                      "catalog-owner",
		access.AccessPackageManager:               "package-managers",
		access.AccessPackageAssignmentManager:     "package-managers",
	} {
		for _, role := range access.AdminRoles() {
			t.Run(string(given)+" by "+string(role), func(t *testing.T) {
				var in access.CatalogID
				kind := access.Forbidden
				if given.PerCatalog() {
					in = "projects"
					wantKind(t, holder(role).MayAssignRole(given, "travel"), tasks[task].Allows(role) && !role.PerCatalog(),
						access.NotFound)
					if !role.PerCatalog() {
						kind = access.NotFound
					}
				}
				wantKind(t, holder(role).MayAssignRole(given, in), tasks[task].Allows(role), kind)
			})
		}
	}
}

// Who may add which resource to a catalog (F-041), beside the right on the
// catalog.
func TestMayAddResource(t *testing.T) {
	may := func(role access.AdminRole, kind access.ResourceKind, owner bool) bool {
		return holder(role).MayAddResource(kind, owner) == nil
	}
	for _, kind := range access.ResourceKinds() {
		for _, role := range access.AdminRoles() {
			others := role == access.GlobalAdministrator ||
				role == access.IdentityGovernanceAdministrator && kind == access.KindApplication
			if got := may(role, kind, false); got != others {
				t.Errorf("a %s of somebody else by %s: %v, want %v", kind, role, got, others)
			}
			if !may(role, kind, true) {
				t.Errorf("an own %s by %s is refused", kind, role)
			}
		}
		wantKind(t, access.Rights{}.MayAddResource(kind, false), false, access.Forbidden)
	}
}
