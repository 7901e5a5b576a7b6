package web

import (
	"net/http"
	"net/url"

	"myaccess/internal/access"
	"myaccess/views"
	"myaccess/views/ui"
)

// roleRoutes are the pages of roles in the tenant.
func roleRoutes() []route {
	const at = adminHome + "/roles"
	return []route{
		read(at, access.ManageRoles, ofTenant, showRoles),
		act(at+"/give", access.ManageRoles, ofTenant, giveTenantRole),
		act(at+"/take", access.ManageRoles, ofTenant, takeTenantRole),
	}
}

// tenantRoles are the roles that are given for the whole tenant.
func tenantRoles() []access.AdminRole { return access.AdminRoles()[:4] }

func showRoles(v *visit) error { return v.rolesPage(http.StatusOK, url.Values{}, nil) }

// rolesPage shows who has a role in the tenant or in a catalog, and what each
// role allows.
func (v *visit) rolesPage(status int, typed url.Values, fault error) error {
	p := v.printer
	given, err := v.Store.RoleAssignments(v.ctx, v.tenant.ID)
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
	page := views.DetailPage{Chrome: v.chrome(p.T("Roles")), Crumbs: v.adminCrumbs(),
		Intro: p.T("Roles are given to people or to groups. Whoever creates a catalog without being an administrator " +
			"becomes its owner; roles in a catalog are given on its page.")}
	give := v.roleForm(tenantRoles(), v.adminPath("roles", "give"), typed, fault)
	all := v.rolesGiven(tenantWide, v.adminPath("roles", "take"), true)
	all.Title = p.T("In the whole organization")
	page.Sections = []views.Section{all, give, v.rolesByCatalog(inCatalogs), v.roleMatrix()}
	return v.show(status, page.Page())
}

// rolesByCatalog are the roles given in catalogs, each with a link to its page.
func (v *visit) rolesByCatalog(given []access.RoleAssignment) views.Section {
	p := v.printer
	t := ui.Table{Label: p.T("Roles in catalogs"), Columns: []ui.Column{{Label: p.T("Who")}, {Label: p.T("Role")},
		{Label: p.T("Catalog")}}}
	names := map[access.CatalogID]string{}
	for _, r := range given {
		if _, ok := names[r.Catalog]; !ok {
			c, err := v.Store.Catalog(v.ctx, v.tenant.ID, r.Catalog)
			if err != nil {
				v.Log.Warn("catalog of a role not read", "error", err)
			}
			names[r.Catalog] = c.Name
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: v.subjectNames([]access.SubjectRef{r.Subject})[0]},
			{Text: roleWord(p, r.Role)},
			{Text: names[r.Catalog], Href: v.adminPath("catalogs", string(r.Catalog), "roles")}}})
	}
	return views.Section{Title: t.Label, Table: &t, Empty: p.T("Nobody has a role in a catalog.")}
}

// roleMatrix says what each role allows: the table that the program decides by.
func (v *visit) roleMatrix() views.Section {
	p := v.printer
	t := ui.Table{Label: p.T("What each role allows"), Columns: []ui.Column{{Label: p.T("Action")}, {Label: p.T("Roles")}}}
	for _, line := range access.Permissions() {
		var names []string
		for _, r := range line.Roles {
			names = append(names, roleWord(p, r))
		}
		where := p.T("in the whole organization")
		if line.InCatalog {
			where = p.T("in a catalog")
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: actionWord(p, line.Action), Sub: where},
			{Text: p.List(names)}}})
	}
	return views.Section{Title: t.Label, Table: &t}
}

func giveTenantRole(v *visit) error {
	typed := v.fields()
	if v.finding() {
		return v.rolesPage(http.StatusOK, typed, nil)
	}
	a, err := readRole(typed, "")
	if err == nil {
		err = v.Admin.GiveRole(v.ctx, v.person, a)
	}
	if kind := access.KindOf(err); err != nil && (kind == access.Invalid || kind == access.Conflict) {
		return v.rolesPage(statuses()[kind], typed, err)
	}
	if err != nil {
		return err
	}
	return v.done(v.adminPath("roles"), "given")
}

func takeTenantRole(v *visit) error {
	a, err := readRole(v.fields(), "")
	if err == nil {
		err = v.Admin.TakeRole(v.ctx, v.person, a)
	}
	if err != nil {
		return err
	}
	return v.done(v.adminPath("roles"), "taken")
}
