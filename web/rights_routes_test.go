package web

import (
	"net/http"
	"strings"
	"testing"

	"myaccess/internal/access/accesstest"
	adminpages "myaccess/web/admin"
	"myaccess/web/kit"
)

// adminRoot is the path of the administrators' pages in the route table.
const adminRoot = "/@:domain/admin"

// routeTasks says by hand which task of the matrix each route of administrators
// belongs to. Routes with the id of a catalog, package, request or assignment need
// the right in its catalog.
const routeTasks = `
enter                GET  /
find-people          GET  /pick

enter                GET  /catalogs
view-catalog         GET  /catalogs/:id
view-catalog         GET  /catalogs/:id/roles
view-catalog         GET  /catalogs/:id/resources
view-catalog         GET  /catalogs/:id/access-packages
create-catalog       GET  POST /catalogs/new
edit-catalog         GET  POST /catalogs/:id/edit
edit-catalog         GET  POST /catalogs/:id/delete
catalog-owner        POST /catalogs/:id/roles/give
catalog-owner        POST /catalogs/:id/roles/take
add-resource         GET  POST /catalogs/:id/resources/add
add-resource         POST /catalogs/:id/resources/remove

view-catalog         GET  /access-packages
view-catalog         GET  /access-packages/:id
view-catalog         GET  /access-packages/:id/roles
create-package       GET  POST /access-packages/new
create-package       GET  /access-packages/catalogs
create-catalog       GET  /access-packages/entries
create-package       GET  /catalogs/:id/pick
create-package       POST /access-packages/:id/duplicate
resource-roles       GET  POST /access-packages/:id/roles/change
hide-delete-package  GET  POST /access-packages/:id/edit
hide-delete-package  GET  POST /access-packages/:id/delete

view-catalog         GET  /access-packages/:id/policies
view-catalog         GET  /access-packages/:id/policies/:policy
policies             GET  POST /access-packages/:id/policies/new
policies             GET  POST /access-packages/:id/policies/:policy/edit
policies             GET  POST /access-packages/:id/policies/:policy/delete
policies             POST /access-packages/:id/policies/:policy/enable
view-assignments     GET  /access-packages/:id/who

assign               GET  POST /access-packages/:id/assign
assign               GET  POST /assignments/remove
view-assignments     GET  /assignments
view-assignments     GET  /assignments/:id
reprocess-cancel     POST /assignments/:id/reprocess
mark-governed        POST /assignments/:id/govern
view-assignments     GET  /requests
view-assignments     GET  /requests/:id
reprocess-cancel     POST /requests/reprocess
reprocess-cancel     POST /requests/:id/reprocess
reprocess-cancel     GET  POST /requests/:id/cancel
reassign             GET  POST /requests/:id/reassign
remind               POST /requests/:id/remind

catalog-creators     GET  /roles
catalog-creators     GET  /roles/permissions
catalog-creators     GET  POST /roles/assign
catalog-creators     POST /roles/take
guest-settings       GET  POST /settings
guest-settings       POST /send-again

organizations        GET  /organizations
organizations        GET  POST /organizations/new
organizations        GET  /organizations/:id
organizations        GET  /organizations/:id/sources
organizations        GET  /organizations/:id/sponsors
organizations        GET  POST /organizations/:id/edit
organizations        GET  POST /organizations/:id/delete
organizations        GET  POST /organizations/:id/sources/add
organizations        GET  POST /organizations/:id/sources/remove
organizations        GET  POST /organizations/:id/sponsors/edit

providers            GET  /organizations/providers
providers            GET  /organizations/providers/:id
providers            GET  /organizations/providers/:id/domains
providers            GET  /organizations/providers/:id/people
providers            GET  POST /organizations/providers/:id/edit
providers            GET  POST /organizations/providers/:id/address-rules
providers            GET  POST /organizations/providers/:id/disable
providers            GET  POST /organizations/providers/:id/delete
providers            POST /organizations/providers/:id/test
providers            POST /organizations/providers/:id/enable
providers            POST /organizations/providers/:id/domains/add
providers            POST /organizations/providers/:id/domains/check
providers            POST /organizations/providers/:id/domains/remove

people               GET  /people
people               GET  POST /people/new
people               GET  POST /people/import
people               GET  POST /people/import/:id
people               GET  /people/:id
people               GET  POST /people/:id/edit
people               GET  POST /people/:id/subject
people               POST /people/:id/end-sessions
people               GET  POST /people/:id/merge
people               GET  /merges
people               POST /merges/confirm
people               POST /merges/decline

entries              GET  /directory
entries              GET  POST /directory/new
entries              GET  /directory/:id
entries              GET  POST /directory/:id/edit
entries              GET  POST /directory/:id/delete
entries              POST /directory/:id/add
entries              POST /directory/:id/remove
`

// tasksByRoute are the tasks of routeTasks by method and path.
func tasksByRoute(t *testing.T) map[string]accesstest.Task {
	t.Helper()
	tasks, all := accesstest.Tasks(), map[string]accesstest.Task{}
	for line := range strings.Lines(routeTasks) {
		cells := strings.Fields(line)
		if len(cells) == 0 {
			continue
		}
		task, known := tasks[cells[0]]
		if !known {
			t.Fatalf("the matrix has no task %s", cells[0])
		}
		path := cells[len(cells)-1]
		for _, method := range cells[1 : len(cells)-1] {
			all[method+" "+path] = task
		}
	}
	return all
}

// routeName is how routeTasks writes the route.
func routeName(r kit.Route) string { return r.Method + " " + strings.TrimPrefix(r.Path, adminRoot) }

// Every route of administrators has a line in routeTasks, and no other.
func TestEveryRouteHasTask(t *testing.T) {
	tasks := tasksByRoute(t)
	for _, r := range adminpages.Routes() {
		if _, ok := tasks[routeName(r)]; !ok {
			t.Errorf("%s has no task", routeName(r))
		}
		delete(tasks, routeName(r))
	}
	for name := range tasks {
		t.Errorf("%s is not a route", name)
	}
}

// namesCatalogObject reports whether the path names an object in a catalog.
func namesCatalogObject(path string) bool {
	for _, part := range []string{"/catalogs/:id", "/access-packages/:id", "/requests/:id", "/assignments/:id"} {
		if strings.Contains(path, part) {
			return true
		}
	}
	return false
}

// expected returns the status that the matrix expects; 0 for an allowed task.
func (a actor) expected(task accesstest.Task, path string, at relation) int {
	if !namesCatalogObject(path) {
		// A task in catalogs without one in the path is a list: people who may do
		// the task in any catalog see the list of their objects.
		if !task.Allows(a.rolesAt(ownScope)...) {
			return http.StatusForbidden
		}
		if at != ownScope {
			return http.StatusNotFound
		}
		return 0
	}
	switch {
	case at == otherTenant || at == nothing:
		return http.StatusNotFound
	case task.Allows(a.rolesAt(at)...):
		return 0
	case accesstest.Tasks()["view-catalog"].Allows(a.rolesAt(at)...):
		return http.StatusForbidden
	}
	return http.StatusNotFound
}
