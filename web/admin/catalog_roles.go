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

// showCatalogRoles lists the roles assigned in a catalog (F-040).
func showCatalogRoles(c *kit.Context) error {
	return catalogRolesPage(c, http.StatusOK, url.Values{}, nil)
}

func catalogRolesPage(c *kit.Context, status int, typed url.Values, fault error) error {
	p, catalog := c.Printer, c.Target.Catalog
	given, err := c.View.CatalogRoleAssignments(c.Ctx, catalog.ID)
	if err != nil {
		return err
	}
	page := catalogPage(c, "/roles")
	may := c.Rights.MayInCatalog(access.EditCatalog, catalog.ID) == nil
	page.Sections = []views.Section{roleRows(c, given, c.AdminPath("catalogs", string(catalog.ID), "roles", "take"), may)}
	if may {
		page.Sections = append(page.Sections, roleForm(c, access.AdminRoles()[4:], c.AdminPath("catalogs", string(catalog.ID),
			"roles",
			"give"), typed, fault))
	}
	page.Title = p.T("%s: roles and administrators", catalog.Name)
	return c.Show(status, page.Page())
}

// roleRows lists role assignments, each with a button to remove it.
func roleRows(c *kit.Context, given []access.RoleAssignment, take string, may bool) views.Section {
	p := c.Printer
	s := views.Section{Title: p.T("Assigned roles"), Empty: p.T("No one has a role in this catalog yet.")}
	known := kit.SubjectOptions(c, subjectsOf(given))
	for _, r := range given {
		o, ok := known[r.Subject]
		if !ok {
			o = ui.Option{Label: p.T("Deleted person")}
		}
		row := views.Row{Title: o.Label, Text: roleWord(p, r.Role), Hint: o.Hint}
		if may {
			row.Command = &views.Command{Label: p.T("Remove"), Href: take, Post: true,
				Hidden: []views.Hidden{{Name: "role", Value: string(r.Role)},
					{Name: "subject", Value: kit.SubjectValue(r.Subject)}}}
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// subjectsOf are the people and groups that have the roles, in their order.
func subjectsOf(given []access.RoleAssignment) []access.SubjectRef {
	var all []access.SubjectRef
	for _, r := range given {
		all = append(all, r.Subject)
	}
	return all
}

// roleForm assigns one of the roles to a person or a group.
func roleForm(c *kit.Context, roles []access.AdminRole, action string, typed url.Values, fault error) views.Section {
	p := c.Printer
	byField, all := kit.FaultsOf(p, fault)
	return views.Section{Title: p.T("Assign a role"), Form: &views.InlineForm{Action: action,
		Faults: kit.LinkFaults(all, "role", "subject"), Parts: roleFields(c, roles, typed, byField),
		Buttons: []views.Button{{Label: p.T("Assign role"), Primary: true}}}}
}

// roleFields are the fields for one of the roles and for who has it.
func roleFields(c *kit.Context, roles []access.AdminRole, typed url.Values, faults map[string]string) []views.Part {
	p := c.Printer
	choose := ui.Options{Name: "role", Label: p.T("Role"), Required: true}
	for _, r := range roles {
		choose.Options = append(choose.Options, ui.Option{Value: string(r), Label: roleWord(p, r)})
	}
	return []views.Part{
		kit.OptionsField(typed, faults, choose),
		kit.Picker(c, kit.PickSubjects, typed, faults, ui.Field{Name: "subject", Label: p.T("Person or group"),
			Required:  true,
			MaxLength: 1}),
	}
}

// readRole reads the role assignment that a form names.
func readRole(typed url.Values, c access.CatalogID) (access.RoleAssignment, error) {
	var es access.Errors
	a := access.RoleAssignment{Role: access.AdminRole(typed.Get("role")), Catalog: c}
	all := kit.ReadSubjects(typed, "subject", &es)
	if len(all) == 1 {
		a.Subject = all[0]
	} else if len(es) == 0 {
		es.Add(access.Invalidf("subject", "Choose a person or a group."))
	}
	if a.Role == "" { // its field is before the other
		es = slices.Insert(es, 0, access.Invalidf("role", "Choose a role."))
	}
	return a, es.Err()
}

func postAssignCatalogRole(c *kit.Context) error {
	catalog, typed := c.Target.Catalog, c.Fields()
	if c.Searching() {
		return catalogRolesPage(c, http.StatusOK, typed, nil)
	}
	a, err := readRole(typed, catalog.ID)
	if err == nil {
		err = c.Admin.AssignRole(c.Ctx, c.Person, a)
	}
	if kit.IsFormFault(err) {
		return catalogRolesPage(c, kit.StatusOf(access.KindOf(err)), typed, err)
	}
	if err != nil {
		return err
	}
	return c.Done(c.AdminPath("catalogs", string(catalog.ID), "roles"), "roleAssigned")
}

func postRemoveCatalogRole(c *kit.Context) error {
	catalog := c.Target.Catalog
	a, err := readRole(c.Fields(), catalog.ID)
	if err == nil {
		err = c.Admin.RemoveRole(c.Ctx, c.Person, a)
	}
	if err != nil {
		return err
	}
	return c.Done(c.AdminPath("catalogs", string(catalog.ID), "roles"), "roleRemoved")
}
