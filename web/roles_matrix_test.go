package web

import (
	"testing"

	"myaccess/internal/access"
)

// matrixRow is a row of the page's matrix: the group that it is in, and “Yes” or “No” by the
// heading of the column.
type matrixRow struct {
	group string
	cells map[string]string
}

// matrix reads the matrix of the page by the headings of its rows. A cell must have
// headings with a scope, and words for screen readers.
func (b *browser) matrix() map[string]matrixRow {
	b.p.t.Helper()
	all, group, row := map[string]matrixRow{}, "", ""
	var columns []string
	for n := range nodes(b.page) {
		switch scope := attribute(n, "scope"); {
		case n.Data == "th" && scope == "col":
			columns = append(columns, visibleText(n))
		case n.Data == "th" && scope == "rowgroup":
			group = visibleText(n)
		case n.Data == "th" && scope == "row":
			row = visibleText(n)
			all[row] = matrixRow{group, map[string]string{}}
		case n.Data == "td":
			for e := range nodes(n) {
				if attribute(e, "class") == "hide" {
					all[row].cells[columns[len(all[row].cells)+1]] = visibleText(e)
				}
			}
		}
	}
	return all
}

// TestRolesPage: the matrix has every task and role; some of its cells are stated here by
// hand. The people with roles and the form to assign one have pages of their own.
func TestRolesPage(t *testing.T) {
	p := newPortal(t)
	p.giveRole(p.Lena, access.IdentityGovernanceAdministrator, "")
	b := p.as("lena")
	b.opens(home+"/admin/roles").sees(200, "Lena Berg", "No one has a role in a catalog.", "!Manage targets")
	b.clicks("What each role allows").sees(200, "People with roles")
	rows := b.matrix()
	inCatalog := 0
	for name, row := range rows {
		if len(row.cells) != 8 {
			t.Errorf("%s has the cells %v", name, row.cells)
		}
		if row.group == "In a catalog" {
			inCatalog++
		}
	}
	if len(rows) != 17 || inCatalog != 7 {
		t.Errorf("%d rows, %d in a catalog", len(rows), inCatalog)
	}
	for _, c := range [][4]string{
		{"Organization-wide", "Open Administration", "Catalog reader", "Yes"},
		{"Organization-wide", "Manage targets", "Global admin", "Yes"},
		{"Organization-wide", "Manage targets", "Identity governance admin", "No"},
		{"Organization-wide", "Manage connected organizations and their sponsors", "Connected organization admin", "Yes"},
		{"In a catalog", "Create, edit and delete policies", "Package manager", "Yes"},
		{"In a catalog", "Create, edit and delete policies", "Assignment manager", "No"},
		{"In a catalog", "Edit or delete the catalog, assign roles in it", "Catalog owner", "Yes"},
		{"In a catalog", "Edit or delete the catalog, assign roles in it", "Catalog creator", "No"},
	} {
		if row := rows[c[1]]; row.group != c[0] || row.cells[c[2]] != c[3] {
			t.Errorf("%s by %s: %q in %q, want %q in %q", c[1], c[2], row.cells[c[2]], row.group, c[3], c[0])
		}
	}
	b.clicks("Assign role").presses("Assign role", map[string][]string{"role": {"catalogCreator"}}).
		sees(422, "Choose a person or a group.").hasValue("role", "catalogCreator")
	b.clicks("Cancel").sees(200, "Lena Berg")
	if tabs := b.linksIn("tabs"); len(tabs) != 2 || tabs[0] != "People with roles" {
		t.Errorf("the tabs are %q", tabs)
	}
}
