// Package accesstest has the rights that each administrative role must have. They
// are written out by hand from W-01 to W-29 of internal/behaviour.md, so that no
// test compares the program with itself.
package accesstest

import (
	"fmt"
	"slices"
	"strings"

	"myaccess/internal/access"
)

// Task is something that people do with administrative roles.
type Task struct {
	Name string
	// InCatalog is true for tasks on one catalog and what is in it. Roles in the
	// tenant then count in every catalog, roles in a catalog in that one.
	InCatalog bool
	Roles     []access.AdminRole // that allow the task
}

// Allows reports whether one of the roles allows the task.
func (t Task) Allows(roles ...access.AdminRole) bool {
	return slices.ContainsFunc(roles, func(r access.AdminRole) bool { return slices.Contains(t.Roles, r) })
}

// matrix has a line for each task. The first part is W-01 to W-17, without the
// automatic policies of W-15; the second part are the other tasks of the program.
const matrix = `
task                 where    ga iga coa cc co cr apm aam

catalog-creators     tenant   x  x   .   .  .  .  .   .
organizations        tenant   x  x   x   .  .  .  .   .
create-catalog       tenant   x  x   .   x  .  .  .   .
add-resource         catalog  x  x   .   .  x  .  .   .
catalog-owner        catalog  x  x   .   .  x  .  .   .
edit-catalog         catalog  x  x   .   .  x  .  .   .
package-managers     catalog  x  x   .   .  x  .  .   .
create-package       catalog  x  x   .   .  x  .  x   .
resource-roles       catalog  x  x   .   .  x  .  x   .
policies             catalog  x  x   .   .  x  .  x   .
assign               catalog  x  x   .   .  x  .  x   x
view-assignments     catalog  x  x   .   .  x  .  x   x
reprocess-cancel     catalog  x  x   .   .  x  .  x   x
reassign             catalog  x  x   .   .  x  .  x   .
remind               catalog  x  x   .   .  x  .  x   x
hide-delete-package  catalog  x  x   .   .  x  .  x   .
guest-settings       tenant   x  x   .   .  .  .  .   .
mark-governed        catalog  x  x   .   .  x  .  x   x

global-administrators tenant  x  .   .   .  .  .  .   .
enter                tenant   x  x   x   x  x  x  x   x
view-catalog         catalog  x  x   .   .  x  x  x   x
find-people          tenant   x  x   x   .  x  .  x   x
providers            tenant   x  x   .   .  .  .  .   .
people               tenant   x  x   .   .  .  .  .   .
entries              tenant   x  x   .   .  .  .  .   .
targets              tenant   x  .   .   .  .  .  .   .
`

// Tasks returns the tasks by name.
func Tasks() map[string]Task {
	columns := map[string]access.AdminRole{
		"ga": access.GlobalAdministrator, "iga": access.IdentityGovernanceAdministrator,
		"coa": access.ConnectedOrganizationAdministrator, "cc": access.CatalogCreator,
		"co": access.CatalogOwner, "cr": access.CatalogReader,
		"apm": access.AccessPackageManager, "aam": access.AccessPackageAssignmentManager,
	}
	all := map[string]Task{}
	var head []string
	for line := range strings.Lines(matrix) {
		cells := strings.Fields(line)
		switch {
		case len(cells) == 0:
			continue
		case head == nil:
			head = cells
			continue
		case len(cells) != len(head):
			panic(fmt.Sprintf("%d cells in %q, want %d", len(cells), line, len(head)))
		}
		t := Task{Name: cells[0], InCatalog: cells[1] == "catalog"}
		for i, cell := range cells[2:] {
			if cell == "x" {
				t.Roles = append(t.Roles, columns[head[2+i]])
			}
		}
		all[t.Name] = t
	}
	return all
}

// MayAdd reports whether a person with the roles may add a resource of the kind
// to a catalog; owner says whether the person owns the resource (W-04, W-21 to
// W-23): owning the catalog alone does not suffice.
func MayAdd(kind access.ResourceKind, owner bool, roles ...access.AdminRole) bool {
	has := func(r access.AdminRole) bool { return slices.Contains(roles, r) }
	switch {
	case !Tasks()["add-resource"].Allows(roles...):
		return false
	case has(access.GlobalAdministrator), owner:
		return true
	}
	return kind == access.KindApplication && has(access.IdentityGovernanceAdministrator)
}
