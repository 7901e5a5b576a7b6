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
	return []kit.Route{
		pageRoute(at, access.ManageRoles, kit.OfTenant, showRoles),
		actionRoute(at+"/give", access.ManageRoles, kit.OfTenant, postAssignTenantRole),
		actionRoute(at+"/take", access.ManageRoles, kit.OfTenant, postRemoveTenantRole),
	}
}

// tenantRoles are the roles that are assigned for the whole tenant.
func tenantRoles() []access.AdminRole { return access.AdminRoles()[:4] }

func showRoles(c *kit.Context) error { return rolesPage(c, http.StatusOK, url.Values{}, nil) }

// rolesPage lists the role assignments of the tenant and its catalogs, and what
// each role allows.
func rolesPage(c *kit.Context, status int, typed url.Values, fault error) error {
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
	page := views.DetailPage{Chrome: c.Chrome(p.T("Roles")),
		Intro: p.T("Assign roles to people or groups. Assign roles in a catalog on the catalog's page. A person who " +
			"creates a catalog without being an administrator becomes its owner.")}
	give := roleForm(c, tenantRoles(), c.AdminPath("roles", "give"), typed, fault)
	all := roleRows(c, tenantWide, c.AdminPath("roles", "take"), true)
	all.Title = p.T("Organization-wide")
	byCatalog, err := rolesByCatalog(c, inCatalogs)
	if err != nil {
		return err
	}
	page.Sections = []views.Section{all, give, byCatalog, roleMatrix(c)}
	return c.Show(status, page.Page())
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

// roleMatrix lists what each role allows, from access.Permissions.
func roleMatrix(c *kit.Context) views.Section {
	p := c.Printer
	t := ui.Table{Label: p.T("What each role allows"), Columns: []ui.Column{{Label: p.T("Action")}, {Label: p.T("Roles")}}}
	for _, line := range access.Permissions() {
		var names []string
		for _, r := range line.Roles {
			names = append(names, roleWord(p, r))
		}
		where := p.T("Organization-wide")
		if line.InCatalog {
			where = p.T("In a catalog")
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: actionWord(p, line.Action), Sub: where},
			{Text: p.List(names)}}})
	}
	return views.Section{Title: t.Label, Table: &t}
}

func postAssignTenantRole(c *kit.Context) error {
	typed := c.Fields()
	if c.Searching() {
		return rolesPage(c, http.StatusOK, typed, nil)
	}
	a, err := readRole(typed, "")
	if err == nil {
		err = c.Admin.AssignRole(c.Ctx, c.Person, a)
	}
	if kit.IsFormFault(err) {
		return rolesPage(c, kit.StatusOf(access.KindOf(err)), typed, err)
	}
	if err != nil {
		return err
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
