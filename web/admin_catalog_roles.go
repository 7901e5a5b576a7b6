package web

import (
	"net/http"
	"net/url"

	"myaccess/internal/access"
	"myaccess/views"
	"myaccess/views/ui"
)

// showCatalogRoles are the roles given in a catalog (F-040).
func showCatalogRoles(v *visit) error { return v.catalogRolesPage(http.StatusOK, url.Values{}, nil) }

func (v *visit) catalogRolesPage(status int, typed url.Values, fault error) error {
	p, c := v.printer, v.chosen.catalog
	given, err := v.Store.CatalogRoleAssignments(v.ctx, v.tenant.ID, c.ID)
	if err != nil {
		return err
	}
	page := v.catalogThing("/roles")
	may := v.rights.MayInCatalog(access.EditCatalog, c.ID) == nil
	page.Sections = []views.Section{v.rolesGiven(given, v.adminPath("catalogs", string(c.ID), "roles", "take"), may)}
	if may {
		page.Sections = append(page.Sections, v.roleForm(access.AdminRoles()[4:], v.adminPath("catalogs", string(c.ID),
			"roles",
			"give"), typed, fault))
	}
	page.Title = p.T("%s: roles and administrators", c.Name)
	return v.show(status, page.Page())
}

// rolesGiven is the table of roles, each with a button to take it away.
func (v *visit) rolesGiven(given []access.RoleAssignment, take string, may bool) views.Section {
	p := v.printer
	s := views.Section{Title: p.T("Roles given"), Empty: p.T("Nobody has a role here.")}
	for _, r := range given {
		o, ok := v.option(ref(r.Subject))
		if !ok {
			o = ui.Option{Label: p.T("somebody who is gone")}
		}
		row := views.Row{Title: o.Label, Text: roleWord(p, r.Role), Hint: o.Hint}
		if may {
			row.Command = &views.Command{Label: p.T("Take away"), Href: take, Post: true,
				Hidden: []views.Hidden{{Name: "role", Value: string(r.Role)}, {Name: "subject", Value: ref(r.Subject)}}}
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// roleForm gives one of the roles to a person or a group.
func (v *visit) roleForm(roles []access.AdminRole, action string, typed url.Values, fault error) views.Section {
	p := v.printer
	byField, all := faultsOf(p, fault)
	choose := ui.Select{Name: "role", Label: p.T("Role"), Required: true}
	for _, r := range roles {
		choose.Options = append(choose.Options, ui.Option{Value: string(r), Label: roleWord(p, r)})
	}
	return views.Section{Title: p.T("Give a role"), Form: &views.InlineForm{Action: action, Faults: all, Parts: []views.Part{
		drop(typed, byField, choose),
		v.picker(pickSubjects, typed, byField, ui.Field{Name: "subject", Label: p.T("To whom"), Required: true, MaxLength: 1}),
	}, Buttons: []views.Button{{Label: p.T("Give the role"), Primary: true}}}}
}

// readRole is the role assignment that a form names.
func readRole(typed url.Values, c access.CatalogID) (access.RoleAssignment, error) {
	var es access.Errors
	a := access.RoleAssignment{Role: access.AdminRole(typed.Get("role")), Catalog: c}
	all := subjects(typed, "subject", &es)
	if len(all) == 1 {
		a.Subject = all[0]
	} else if len(es) == 0 {
		es.Add(access.Invalidf("subject", "Choose a person or a group."))
	}
	return a, es.Err()
}

func giveCatalogRole(v *visit) error {
	c, typed := v.chosen.catalog, v.fields()
	if v.finding() {
		return v.catalogRolesPage(http.StatusOK, typed, nil)
	}
	a, err := readRole(typed, c.ID)
	if err == nil {
		err = v.Admin.GiveRole(v.ctx, v.person, a)
	}
	if kind := access.KindOf(err); err != nil && (kind == access.Invalid || kind == access.Conflict) {
		return v.catalogRolesPage(statuses()[kind], typed, err)
	}
	if err != nil {
		return err
	}
	return v.done(v.adminPath("catalogs", string(c.ID), "roles"), "given")
}

func takeCatalogRole(v *visit) error {
	c := v.chosen.catalog
	a, err := readRole(v.fields(), c.ID)
	if err == nil {
		err = v.Admin.TakeRole(v.ctx, v.person, a)
	}
	if err != nil {
		return err
	}
	return v.done(v.adminPath("catalogs", string(c.ID), "roles"), "taken")
}
