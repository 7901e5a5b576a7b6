package admin

import (
	"net/http"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// showCatalogResources lists the resources of a catalog.
func showCatalogResources(c *kit.Context) error { return catalogResourcesPage(c, http.StatusOK, nil) }

func catalogResourcesPage(c *kit.Context, status int, fault error) error {
	p, catalog := c.Printer, c.Target.Catalog
	base := c.AdminPath("catalogs", string(catalog.ID), "resources")
	all, err := c.View.Resources(c.Ctx, catalog.ID)
	if err != nil {
		return err
	}
	page := catalogPage(c, "/resources")
	page.Title = p.T("%s: resources", catalog.Name)
	if fault != nil {
		page.Notices = []views.Notice{{Kind: "bad", Text: kit.ErrorText(p, fault)}}
	}
	may := c.Rights.MayInCatalog(access.ManageResources, catalog.ID) == nil
	if may {
		page.Commands = []views.Command{{Label: p.T("Add resources"), Href: base + "/add", Primary: true}}
	}
	users, err := resourceUsers(c, all, may)
	if err != nil {
		return err
	}
	texts := textsOfResources(c, all)
	s := views.Section{Title: p.T("Resources in this catalog"),
		Empty: p.T("No resources yet. Add the groups, teams, applications and sites that access packages in this catalog " +
			"can include.")}
	for _, r := range all {
		var roles []string
		for _, o := range r.Roles {
			roles = append(roles, o.Name)
		}
		row := views.Row{Title: r.Name, Text: kit.KindWord(p, r.Kind), Hint: texts[access.EntryID(r.ExternalID)],
			Facts: []ui.Fact{{Name: p.T("Roles"), Value: p.List(roles)}}}
		if r.Link != "" && kit.SafeLink(r.Link) != "" {
			row.Links = []views.Link{{Label: p.T("Open %s", r.Name), Href: r.Link}}
		}
		if may {
			row.Command = removeResourceCommand(c, base, r, users[r.ID])
		}
		s.Rows = append(s.Rows, row)
	}
	page.Sections = []views.Section{s}
	return c.Show(status, page.Page())
}

// resourceUsers are the names of packages that use the resources, if the reader
// may remove them.
func resourceUsers(c *kit.Context, all []access.Resource, may bool) (map[access.ResourceID]string, error) {
	if !may {
		return nil, nil
	}
	ids := make([]access.ResourceID, len(all))
	for i, r := range all {
		ids[i] = r.ID
	}
	return c.View.FirstPackagesUsing(c.Ctx, c.Target.Catalog.ID, ids)
}

// removeResourceCommand is the button that removes a resource from the catalog;
// disabled if user, the name of a package that uses it, is not empty.
func removeResourceCommand(c *kit.Context, base string, r access.Resource, user string) *views.Command {
	p := c.Printer
	remove := &views.Command{Label: p.T("Remove"), Href: base + "/remove", Post: true,
		Hidden: []views.Hidden{{Name: "resource", Value: string(r.ID)}}}
	if user != "" {
		remove.DisabledReason = p.T("Used by “%s”", user)
	}
	return remove
}

func postRemoveResource(c *kit.Context) error {
	catalog := c.Target.Catalog
	err := c.Admin.RemoveResource(c.Ctx, c.Person, catalog.ID, access.ResourceID(c.FormText("resource")))
	if err != nil && access.KindOf(err) == access.Conflict {
		return catalogResourcesPage(c, http.StatusConflict, err)
	}
	if err != nil {
		return err
	}
	return c.Done(c.AdminPath("catalogs", string(catalog.ID), "resources"), "resourceRemoved")
}

// showAddResources lists what can be added to a catalog: everything for a
// global administrator, the reader's own resources for others (F-041).
func showAddResources(c *kit.Context) error {
	t, err := addableResources(c)
	if err != nil {
		return err
	}
	return t.Serve(c)
}

func addableResources(c *kit.Context) (kit.Table[access.Entry, store.EntryFilter], error) {
	p, catalog := c.Printer, c.Target.Catalog
	base := c.AdminPath("catalogs", string(catalog.ID), "resources")
	listed, err := c.View.Resources(c.Ctx, catalog.ID)
	have := map[string]bool{}
	for _, r := range listed {
		have[r.ExternalID] = true
	}
	refusals := map[access.EntryID]error{}
	kinds := []ui.Option{{Label: p.T("All")}}
	for _, k := range access.ResourceKinds() {
		kinds = append(kinds, ui.Option{Value: string(k), Label: kit.KindWord(p, k)})
	}
	t := kit.Table[access.Entry, store.EntryFilter]{
		Title: p.T("Add resources to %s", catalog.Name), Path: base + "/add",
		Crumbs: catalogCrumbs(c, views.Link{Label: p.T("Resources"), Href: base}),
		Lead: p.T("Resource owners and global administrators can add a resource. Identity governance administrators " +
			"can add applications."),
		SearchHint: p.T("Name or description"), Sort: "name", Columns: []kit.Column{{Label: p.T("Name"), Order: "name"},
			{Label: p.T("Kind")},
			{Label: p.T("Roles")}, {Label: p.T("Available")}},
		Filters: []kit.Filter[store.EntryFilter]{{Name: "kind", Label: p.T("Kind"), Options: kinds, Set: setEntryKind}},
		Empty: [2]string{p.T("You can't add any resources"),
			p.T("You don't own a group, team, site or application. Ask the owner of the resource, or a global administrator.")},
		Read: func(q store.ListQuery[store.EntryFilter]) (store.ListPage[access.Entry], error) {
			page, err := c.View.OwnEntries(c.Ctx, catalog.ID, q)
			if err != nil {
				return page, err
			}
			return page, readRefusals(c, page.Rows, refusals)
		},
		Bulk: &views.BulkActions{Action: base + "/add", Buttons: []views.Button{{Label: p.T("Add"), Primary: true}}},
		Row: func(e access.Entry) ui.TableRow {
			row := ui.TableRow{Cells: []ui.Cell{{Text: e.Name, Sub: kit.Shorten(e.Description, 120)},
				{Text: kit.KindWord(p, e.Kind)},
				{Text: p.List(e.Roles)}, addableCell(c, refusals[e.ID], have[string(e.ID)])}, Label: p.T("Select %s", e.Name)}
			if row.Cells[3].State.Kind == "good" {
				row.Value = string(e.ID)
			}
			return row
		},
	}
	return t, err
}

// readRefusals adds to refusals why the reader cannot add the entries to the
// catalog, if so.
func readRefusals(c *kit.Context, entries []access.Entry, refusals map[access.EntryID]error) error {
	found, err := c.View.CanAdd(c.Ctx, c.Target.Catalog.ID, entries)
	for i, refusal := range found {
		refusals[entries[i].ID] = refusal
	}
	return err
}

// addableCell says whether the reader can add an entry to the catalog.
func addableCell(c *kit.Context, refusal error, listed bool) ui.Cell {
	p := c.Printer
	if listed {
		return ui.Cell{State: ui.Badge{Kind: "idle", Text: p.T("Already in the catalog")}}
	}
	if refusal != nil {
		return ui.Cell{Text: p.T("No"), Sub: kit.ErrorText(p, refusal)}
	}
	return ui.Cell{State: ui.Badge{Kind: "good", Text: p.T("Yes")}}
}

func postAddResources(c *kit.Context) error {
	catalog := c.Target.Catalog
	var ids []access.EntryID
	for _, id := range c.Request().PostForm["id"] {
		ids = append(ids, access.EntryID(id))
	}
	err := c.Admin.AddResources(c.Ctx, c.Person, catalog.ID, ids)
	if kind := access.KindOf(err); kind != access.Conflict && kit.IsFormFault(err) {
		t, readErr := addableResources(c)
		if readErr != nil {
			return readErr
		}
		page, readErr := t.Page(c, t.Query(c))
		if readErr != nil {
			return readErr
		}
		page.Results = []views.Notice{{Kind: "bad", Text: kit.ErrorText(c.Printer, err)}}
		return c.Show(kit.StatusOf(kind), page.Page())
	}
	if err != nil {
		return err
	}
	return c.Done(c.AdminPath("catalogs", string(catalog.ID), "resources"), "resourcesAdded")
}
