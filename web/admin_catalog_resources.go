package web

import (
	"net/http"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// showCatalogResources is the list of what packages of a catalog may hand out.
func showCatalogResources(v *visit) error { return v.catalogResourcesPage(http.StatusOK, nil) }

func (v *visit) catalogResourcesPage(status int, fault error) error {
	p, c := v.printer, v.chosen.catalog
	base := v.adminPath("catalogs", string(c.ID), "resources")
	all, err := v.Store.ResourcesOf(v.ctx, v.tenant.ID, c.ID)
	if err != nil {
		return err
	}
	page := v.catalogThing("/resources")
	page.Title = p.T("%s: resources", c.Name)
	if fault != nil {
		page.Notices = []views.Notice{{Kind: "bad", Text: sentence(p, fault)}}
	}
	may := v.rights.MayInCatalog(access.ManageResources, c.ID) == nil
	if may {
		page.Commands = []views.Command{{Label: p.T("Add resources"), Href: base + "/add", Primary: true}}
	}
	s := views.Section{Title: p.T("In this catalog"), Empty: p.T("There are no resources in this catalog yet.")}
	for _, r := range all {
		var roles []string
		for _, o := range r.Roles {
			roles = append(roles, o.Name)
		}
		row := views.Row{Title: r.Name, Text: kindWord(p, r.Kind),
			Facts: []ui.Fact{{Name: p.T("Roles"), Value: p.List(roles)}}}
		if r.Link != "" && linkOf(r.Link) != "" {
			row.Links = []views.Link{{Label: p.T("Open %s", r.Name), Href: r.Link}}
		}
		if may {
			row.Command = v.removeResource(base, r)
		}
		s.Rows = append(s.Rows, row)
	}
	page.Sections = []views.Section{s}
	return v.show(status, page.Page())
}

// removeResource is the button that takes a resource off the list, or says why it
// cannot be.
func (v *visit) removeResource(base string, r access.Resource) *views.Command {
	p := v.printer
	remove := &views.Command{Label: p.T("Remove"), Href: base + "/remove", Post: true,
		Hidden: []views.Hidden{{Name: "resource", Value: string(r.ID)}}}
	users, err := v.Store.PackagesUsing(v.ctx, v.tenant.ID, v.chosen.catalog.ID, r.ID, 1)
	if err == nil && len(users) > 0 {
		remove.DisabledReason = p.T("Used by “%s”", users[0].Name)
	}
	return remove
}

func postRemoveResource(v *visit) error {
	c := v.chosen.catalog
	err := v.Admin.RemoveResource(v.ctx, v.person, c.ID, access.ResourceID(v.form("resource")))
	if err != nil && access.KindOf(err) == access.Conflict {
		return v.catalogResourcesPage(http.StatusConflict, err)
	}
	if err != nil {
		return err
	}
	return v.done(v.adminPath("catalogs", string(c.ID), "resources"), "removed")
}

// showAddResources lists what can be added to a catalog: everything for a global
// administrator, what the reader owns for others (F-041).
func showAddResources(v *visit) error {
	t, err := v.addableResources()
	if err != nil {
		return err
	}
	return t.serve(v)
}

func (v *visit) addableResources() (table[access.Entry, store.EntryFilter], error) {
	p, c := v.printer, v.chosen.catalog
	base := v.adminPath("catalogs", string(c.ID), "resources")
	listed, err := v.Store.ResourcesOf(v.ctx, v.tenant.ID, c.ID)
	have := map[string]bool{}
	for _, r := range listed {
		have[r.ExternalID] = true
	}
	kinds := []ui.Option{{Label: p.T("All")}}
	for _, k := range access.ResourceKinds() {
		kinds = append(kinds, ui.Option{Value: string(k), Label: kindWord(p, k)})
	}
	t := table[access.Entry, store.EntryFilter]{
		title: p.T("Add resources to %s", c.Name), path: base + "/add",
		crumbs: v.catalogCrumbs(views.Link{Label: p.T("Resources"), Href: base}),
		lead: p.T("Only owners of a resource can add it, and global administrators; identity governance administrators " +
			"can add applications."),
		hint: p.T("Name or description"), sort: "name", columns: []column{{p.T("Name"), "name"}, {p.T("Kind"), ""},
			{p.T("Roles"), ""}, {p.T("Can be added"), ""}},
		filters: []filter[store.EntryFilter]{{"kind", p.T("Kind"), kinds, setEntryKind}},
		empty: [2]string{p.T("There is nothing that you may add"),
			p.T("You own no group, team, site or application. Ask the owner of the one that you need, or a global " +
				"administrator.")},
		read: func(q store.ListQuery[store.EntryFilter]) (store.ListPage[access.Entry], error) {
			return v.Store.EntryList(v.ctx, v.tenant.ID, q)
		},
		bulk: &views.BulkActions{Action: base + "/add", Buttons: []views.Button{{Label: p.T("Add"), Primary: true}}},
		row: func(e access.Entry) ui.TableRow {
			row := ui.TableRow{Cells: []ui.Cell{{Text: e.Name, Sub: limitText(e.Description, 120)}, {Text: kindWord(p, e.Kind)},
				{Text: p.List(e.Roles)}, v.addable(e, have[string(e.ID)])}, Label: p.T("Choose %s", e.Name)}
			if row.Cells[3].State.Kind == "good" {
				row.Value = string(e.ID)
			}
			return row
		},
	}
	if !v.rights.HasTenantRole(access.GlobalAdministrator) &&
		!v.rights.HasTenantRole(access.IdentityGovernanceAdministrator) {
		t.fixed = store.EntryFilter{Owner: v.person.ID}
	}
	return t, err
}

// addable says whether an entry can be added to the catalog by the reader.
func (v *visit) addable(e access.Entry, listed bool) ui.Cell {
	p := v.printer
	if listed {
		return ui.Cell{State: ui.Badge{Kind: "idle", Text: p.T("Is in the catalog")}}
	}
	owner, err := v.Store.OwnsEntry(v.ctx, v.person, e.ID)
	if err == nil {
		err = v.rights.MayAddResource(e.Kind, owner)
	}
	if err != nil {
		return ui.Cell{Text: p.T("No"), Sub: sentence(p, err)}
	}
	return ui.Cell{State: ui.Badge{Kind: "good", Text: p.T("Yes")}}
}

func postAddResources(v *visit) error {
	c := v.chosen.catalog
	var ids []access.EntryID
	for _, id := range v.Request().PostForm["id"] {
		ids = append(ids, access.EntryID(id))
	}
	err := v.Admin.AddResources(v.ctx, v.person, c.ID, ids)
	if kind := access.KindOf(err); err != nil && kind == access.Invalid {
		t, readErr := v.addableResources()
		if readErr != nil {
			return readErr
		}
		page, readErr := t.page(v, t.asked(v))
		if readErr != nil {
			return readErr
		}
		page.Results = []views.Notice{{Kind: "bad", Text: sentence(v.printer, err)}}
		return v.show(http.StatusUnprocessableEntity, page.Page())
	}
	if err != nil {
		return err
	}
	return v.done(v.adminPath("catalogs", string(c.ID), "resources"), "added")
}
