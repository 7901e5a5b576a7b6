package web

import (
	"net/http"
	"net/url"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// catalogRoutes are the pages of catalogs.
func catalogRoutes() []route {
	const list, one = adminHome + "/catalogs", adminHome + "/catalogs/:id"
	all := []route{
		read(list, access.SeeAdmin, ofTenant, showCatalogs),
		read(one, access.ReadCatalog, ofCatalog, showCatalog),
		read(one+"/roles", access.ReadCatalog, ofCatalog, showCatalogRoles),
		act(one+"/roles/give", access.EditCatalog, ofCatalog, giveCatalogRole),
		act(one+"/roles/take", access.EditCatalog, ofCatalog, takeCatalogRole),
		read(one+"/resources", access.ReadCatalog, ofCatalog, showCatalogResources),
		act(one+"/resources/remove", access.ManageResources, ofCatalog, postRemoveResource),
	}
	all = append(all, form(list+"/new", access.CreateCatalogs, ofTenant, showNewCatalog, postNewCatalog)...)
	all = append(all, form(one+"/resources/add", access.ManageResources, ofCatalog, showAddResources, postAddResources)...)
	all = append(all, form(one+"/edit", access.EditCatalog, ofCatalog, showEditCatalog, postEditCatalog)...)
	return append(all, form(one+"/delete", access.EditCatalog, ofCatalog, showDeleteCatalog, postDeleteCatalog)...)
}

func showCatalogs(v *visit) error {
	p := v.printer
	t := table[store.CatalogLine, store.CatalogFilter]{
		title: p.T("Catalogs"), path: v.adminPath("catalogs"), crumbs: v.adminCrumbs(),
		lead: p.T("A catalog holds resources and the access packages made of them. Its owners manage it without being " +
			"administrators of anything else."),
		hint: p.T("Name or description"), sort: "name", action: access.ReadCatalog, tally: store.CounterCatalogs,
		filters: []filter[store.CatalogFilter]{
			yesNoFilter(v, "published", p.T("Enabled"), func(f *store.CatalogFilter, is store.Flag) { f.Published = is }),
			yesNoFilter(v, "external", p.T("Enabled for external users"),
				func(f *store.CatalogFilter, is store.Flag) { f.External = is }),
		},
		columns: []column{{p.T("Name"), "name"}, {p.T("Access packages"), ""}, {p.T("Enabled"), ""},
			{p.T("External users"), ""}},
		empty: [2]string{p.T("There is no catalog that you may see"),
			p.T("Ask an administrator to make you an owner of one, or to let you create catalogs.")},
		read: func(q store.ListQuery[store.CatalogFilter]) (store.ListPage[store.CatalogLine], error) {
			return v.Store.CatalogList(v.ctx, v.tenant.ID, q)
		},
		walk: func(q store.ListQuery[store.CatalogFilter], f func(store.CatalogLine) error) error {
			return v.Store.WalkCatalogs(v.ctx, v.tenant.ID, q, f)
		},
		row:  v.catalogRow,
		head: []string{"id", "displayName", "description", "isEnabled", "isExternallyVisible", "accessPackages"},
		line: func(c store.CatalogLine) []string {
			return []string{string(c.ID), c.Name, c.Description, yes(c.Published), yes(c.External), p.Number(c.Packages)}
		},
	}
	if v.rights.MayAnywhere(access.CreateCatalogs) {
		t.commands = []views.Command{{Label: p.T("New catalog"), Href: v.adminPath("catalogs", "new"), Primary: true}}
		t.emptyLinks = []views.Link{{Label: p.T("New catalog"), Href: v.adminPath("catalogs", "new"), Primary: true}}
	}
	return t.serve(v)
}

func (v *visit) catalogRow(c store.CatalogLine) ui.TableRow {
	p := v.printer
	enabled, external := ui.Badge{Kind: "good", Text: p.T("Enabled")}, ui.Badge{Kind: "idle", Text: p.T("Closed")}
	if !c.Published {
		enabled = ui.Badge{Kind: "wait", Text: p.T("Not enabled")}
	}
	if c.External {
		external = ui.Badge{Kind: "wait", Text: p.T("Open")}
	}
	return ui.TableRow{Cells: []ui.Cell{
		{Text: c.Name, Sub: limitText(c.Description, 120), Href: v.adminPath("catalogs", string(c.ID))},
		{Text: p.Number(c.Packages)}, {State: enabled}, {State: external},
	}}
}

// catalogThing is the frame of the pages of a catalog, at one of its tabs.
func (v *visit) catalogThing(tab string) views.DetailPage {
	p, c := v.printer, v.chosen.catalog
	base := v.adminPath("catalogs", string(c.ID))
	page := views.DetailPage{Chrome: v.chrome(c.Name), Intro: c.Description,
		Crumbs: v.adminCrumbs(views.Link{Label: p.T("Catalogs"), Href: v.adminPath("catalogs")})}
	for _, t := range [][2]string{{"", p.T("Overview")}, {"/resources", p.T("Resources")},
		{"/access-packages", p.T("Access packages")}, {"/roles", p.T("Roles and administrators")}} {
		page.Tabs = append(page.Tabs, ui.Tab{Label: t[1], Href: base + t[0], Current: t[0] == tab})
	}
	return page
}

// catalogCrumbs lead back to the catalog, and through what is given.
func (v *visit) catalogCrumbs(more ...views.Link) []views.Link {
	p, c := v.printer, v.chosen.catalog
	return v.adminCrumbs(append([]views.Link{{Label: p.T("Catalogs"), Href: v.adminPath("catalogs")},
		{Label: c.Name, Href: v.adminPath("catalogs", string(c.ID))}}, more...)...)
}

func showCatalog(v *visit) error {
	p, c := v.printer, v.chosen.catalog
	base := v.adminPath("catalogs", string(c.ID))
	page := v.catalogThing("")
	page.Changed = v.changed(string(c.ID))
	if v.rights.MayInCatalog(access.EditCatalog, c.ID) == nil {
		remove := views.Command{Label: p.T("Delete"), Href: base + "/delete", Danger: true}
		if err := c.CanDelete(v.holdsPackages(c.ID)); err != nil {
			remove.DisabledReason = sentence(p, err)
		}
		page.Commands = []views.Command{{Label: p.T("Edit"), Href: base + "/edit"}, remove}
	}
	published, err := v.publishedText(c)
	if err != nil {
		return err
	}
	external, err := v.externalText(c)
	if err != nil {
		return err
	}
	page.Sections = []views.Section{{Title: p.T("Properties"), Facts: []ui.Fact{
		{Name: p.T("Enabled"), Value: published}, {Name: p.T("Enabled for external users"), Value: external},
	}}}
	return v.show(http.StatusOK, page.Page())
}

// holdsPackages reports whether there is an access package in the catalog.
func (v *visit) holdsPackages(id access.CatalogID) bool {
	found, err := v.Store.PackageList(v.ctx, v.tenant.ID,
		store.ListQuery[store.PackageFilter]{Filter: store.PackageFilter{Catalog: id},
			Limit: 1})
	return err != nil || len(found.Rows) > 0
}

// catalogValues are the fields of a catalog's form.
func catalogValues(c access.Catalog) url.Values {
	return url.Values{"displayName": {c.Name}, "description": {c.Description}, "published": {yes(c.Published)},
		"external": {yes(c.External)}}
}

// readCatalog is the catalog that was typed into its form.
func readCatalog(typed url.Values, c access.Catalog) access.Catalog {
	c.Name, c.Description = typed.Get("displayName"), typed.Get("description")
	c.Published, c.External = typed.Get("published") == "yes", typed.Get("external") == "yes"
	return c
}

func (v *visit) catalogGroups(typed url.Values, faults map[string]string) []views.Group {
	p := v.printer
	return []views.Group{{Parts: []views.Part{
		text(typed, faults, ui.Field{Name: "displayName", Label: p.T("Name"), MaxLength: access.MaxNameLength, Required: true}),
		text(typed, faults, ui.Field{Name: "description", Label: p.T("Description"), Type: "area",
			MaxLength: access.MaxDescriptionLength,
			Hint:      p.T("Requestors can read it.")}),
		v.yesNo(typed, faults, "published", p.T("Enabled"),
			p.T("While it is not, nobody can see or request its access packages. Choose No while you build it.")),
		v.yesNo(typed, faults, "external", p.T("Enabled for external users"),
			p.T("If not, nobody from outside can see or request anything in it, whatever policies say.")),
	}}}
}

func (v *visit) newCatalog() editor {
	p := v.printer
	return editor{title: p.T("New catalog"), path: v.adminPath("catalogs", "new"), cancel: v.adminPath("catalogs"),
		submit: p.T("Create"),
		crumbs: v.adminCrumbs(views.Link{Label: p.T("Catalogs"), Href: v.adminPath("catalogs")}), groups: v.catalogGroups,
		stored: nil}
}

func showNewCatalog(v *visit) error {
	e := v.newCatalog()
	if v.draft() == nil {
		return e.answer(v, http.StatusOK, catalogValues(access.Catalog{Published: true, External: true}), nil)
	}
	return e.show(v)
}

func postNewCatalog(v *visit) error {
	made, err := v.Admin.SaveCatalog(v.ctx, v.person, readCatalog(v.fields(), access.Catalog{}))
	if err != nil {
		return v.newCatalog().refused(v, err)
	}
	return v.done(v.adminPath("catalogs", string(made.ID)), "created")
}

func (v *visit) editCatalog() editor {
	p, c := v.printer, v.chosen.catalog
	base := v.adminPath("catalogs", string(c.ID))
	return editor{title: p.T("Edit %s", c.Name), path: base + "/edit", cancel: base, submit: p.T("Save"),
		stored: catalogValues(c), version: c.Version,
		crumbs: v.catalogCrumbs(), groups: v.catalogGroups}
}

func showEditCatalog(v *visit) error { return v.editCatalog().show(v) }

func postEditCatalog(v *visit) error {
	c := readCatalog(v.fields(), v.chosen.catalog)
	c.Version = v.version()
	if _, err := v.Admin.SaveCatalog(v.ctx, v.person, c); err != nil {
		return v.editCatalog().refused(v, err)
	}
	return v.done(v.adminPath("catalogs", string(c.ID)), "saved")
}

func (v *visit) deleteCatalog() editor {
	p, c := v.printer, v.chosen.catalog
	base := v.adminPath("catalogs", string(c.ID))
	return editor{title: p.T("Delete %s?", c.Name), path: base + "/delete", cancel: base, submit: p.T("Delete"),
		danger: true,
		crumbs: v.catalogCrumbs(),
		groups: func(url.Values, map[string]string) []views.Group {
			return []views.Group{{Text: p.T("The catalog, the list of its resources and the roles given in it are deleted. " +
				"The resources themselves stay where they are.")}}
		}}
}

func showDeleteCatalog(v *visit) error { return v.deleteCatalog().show(v) }

func postDeleteCatalog(v *visit) error {
	if err := v.Admin.DeleteCatalog(v.ctx, v.person, v.chosen.catalog.ID); err != nil {
		return v.deleteCatalog().refused(v, err)
	}
	return v.done(v.adminPath("catalogs"), "deleted")
}
