package admin

import (
	"net/http"
	"net/url"
	"slices"

	"myaccess/internal/access"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// roleRoutes are the pages of roles in the tenant.
func roleRoutes() []kit.Route {
	const at = root + "/roles"
	return append(formRoutes(at+"/assign", access.ManageRoles, kit.OfTenant, showAssignTenantRole, postAssignTenantRole),
		pageRoute(at, access.ManageRoles, kit.OfTenant, showRoles),
		pageRoute(at+"/permissions", access.ManageRoles, kit.OfTenant, showPermissions),
		actionRoute(at+"/take", access.ManageRoles, kit.OfTenant, postRemoveTenantRole))
}

// tenantRoles are the roles that are assigned for the whole tenant.
func tenantRoles() []access.AdminRole { return access.AdminRoles()[:4] }

// rolesPage is the frame of the pages of roles. tab is "" or "permissions".
func rolesPage(c *kit.Context, tab string) views.DetailPage {
	p := c.Printer
	return views.DetailPage{Chrome: c.Chrome(p.T("Roles")),
		Main: views.Command{Label: p.T("Assign role"), Href: c.AdminPath("roles", "assign"), Primary: true},
		Tabs: []ui.Tab{{Label: p.T("People with roles"), Href: c.AdminPath("roles"), Current: tab == ""},
			{Label: p.T("What each role allows"), Href: c.AdminPath("roles", "permissions"), Current: tab != ""}}}
}

// showRoles lists the role assignments of the tenant and its catalogs.
func showRoles(c *kit.Context) error {
	p := c.Printer
	given, err := c.View.RoleAssignments(c.Ctx)
	if err != nil {
		return err
	}
	var tenantWide, inCatalogs []access.RoleAssignment
	for _, r := range given {
		if r.Catalog == "" {
			tenantWide = append(tenantWide, r)
		} else {
			inCatalogs = append(inCatalogs, r)
		}
	}
	page := rolesPage(c, "")
	page.Intro = p.T("Assign roles to people or groups. Assign roles in a catalog on the catalog's page.")
	all := roleRows(c, tenantWide, c.AdminPath("roles", "take"), true)
	all.Title = p.T("Organization-wide")
	byCatalog, err := rolesByCatalog(c, inCatalogs)
	if err != nil {
		return err
	}
	page.Sections = []views.Section{all, byCatalog}
	return c.Show(http.StatusOK, page.Page())
}

// rolesByCatalog lists the role assignments in catalogs.
func rolesByCatalog(c *kit.Context, given []access.RoleAssignment) (views.Section, error) {
	p := c.Printer
	t := ui.Table{Label: p.T("Roles in catalogs"), Columns: []ui.Column{{Label: p.T("Who")}, {Label: p.T("Role")},
		{Label: p.T("Catalog")}}}
	ids := make([]access.CatalogID, len(given))
	for i, r := range given {
		ids[i] = r.Catalog
	}
	names, err := c.View.CatalogNames(c.Ctx, slices.Compact(slices.Sorted(slices.Values(ids))))
	subjects := kit.SubjectNames(c, subjectsOf(given))
	for i, r := range given {
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: subjects[i]},
			{Text: roleWord(p, r.Role)},
			{Text: names[r.Catalog], Href: c.AdminPath("catalogs", string(r.Catalog), "roles")}}})
	}
	return views.Section{Title: t.Label, Table: &t, Empty: p.T("No one has a role in a catalog.")}, err
}

// showPermissions shows what each role allows, as access.AdminRole decides it.
func showPermissions(c *kit.Context) error {
	p := c.Printer
	tenant, catalog := ui.MatrixGroup{Label: p.T("Organization-wide")}, ui.MatrixGroup{Label: p.T("In a catalog")}
	for _, one := range access.Permissions() {
		row := ui.MatrixRow{}
		row.Label, row.Sub = actionWord(p, one.Action)
		for _, r := range access.AdminRoles() {
			row.Cells = append(row.Cells, r.Allows(one.Action))
		}
		if one.InCatalog {
			catalog.Rows = append(catalog.Rows, row)
		} else {
			tenant.Rows = append(tenant.Rows, row)
		}
	}
	page := rolesPage(c, "permissions")
	page.Matrix = &ui.Matrix{Label: p.T("What each role allows"), First: p.T("Action"), Yes: p.T("Yes"), No: p.T("No"),
		Groups: []ui.MatrixGroup{tenant, catalog}}
	for _, r := range access.AdminRoles() {
		page.Matrix.Columns = append(page.Matrix.Columns, roleHead(p, r))
	}
	page.MatrixNote = p.T("A person with several roles has the rights of all of them.")
	return c.Show(http.StatusOK, page.Page())
}

// assignRoleForm assigns a role for the whole tenant.
func assignRoleForm(c *kit.Context) kit.EditForm {
	p := c.Printer
	return kit.EditForm{Title: p.T("Assign a role"), Path: c.AdminPath("roles", "assign"), Cancel: c.AdminPath("roles"),
		Crumbs: []views.Link{{Label: p.T("Roles"), Href: c.AdminPath("roles")}}, Submit: p.T("Assign role"),
		Groups: func(typed url.Values, faults map[string]string) []views.Group {
			return []views.Group{{Parts: roleFields(c, tenantRoles(), typed, faults)}}
		}}
}

func showAssignTenantRole(c *kit.Context) error { return assignRoleForm(c).Show(c) }

func postAssignTenantRole(c *kit.Context) error {
	if c.Searching() {
		return assignRoleForm(c).Rerender(c, nil)
	}
	a, err := readRole(c.Fields(), "")
	if err == nil {
		err = c.Admin.AssignRole(c.Ctx, c.Person, a)
	}
	if err != nil {
		return assignRoleForm(c).Rerender(c, err)
	}
	return c.Done(c.AdminPath("roles"), "roleAssigned")
}

func postRemoveTenantRole(c *kit.Context) error {
	a, err := readRole(c.Fields(), "")
	if err == nil {
		err = c.Admin.RemoveRole(c.Ctx, c.Person, a)
	}
	if err != nil {
		return err
	}
	return c.Done(c.AdminPath("roles"), "roleRemoved")
}
