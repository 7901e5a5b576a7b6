package admin

import (
	"net/http"
	"net/url"
	"strconv"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// catalogRoutes are the pages of catalogs.
func catalogRoutes() []kit.Route {
	const list, one = root + "/catalogs", root + "/catalogs/:id"
	all := []kit.Route{
		pageRoute(list, access.SeeAdmin, kit.OfTenant, showCatalogs),
		pageRoute(one, access.ReadCatalog, kit.OfCatalog, showCatalog),
		pageRoute(one+"/roles", access.ReadCatalog, kit.OfCatalog, showCatalogRoles),
		actionRoute(one+"/roles/give", access.EditCatalog, kit.OfCatalog, postAssignCatalogRole),
		actionRoute(one+"/roles/take", access.EditCatalog, kit.OfCatalog, postRemoveCatalogRole),
		pageRoute(one+"/resources", access.ReadCatalog, kit.OfCatalog, showCatalogResources),
		actionRoute(one+"/resources/remove", access.ManageResources, kit.OfCatalog, postRemoveResource),
	}
	all = append(all, formRoutes(list+"/new", access.CreateCatalogs, kit.OfTenant, showNewCatalog, postNewCatalog)...)
	all = append(all, formRoutes(one+"/resources/add", access.ManageResources, kit.OfCatalog, showAddResources,
		postAddResources)...)
	all = append(all, formRoutes(one+"/edit", access.EditCatalog, kit.OfCatalog, showEditCatalog, postEditCatalog)...)
	return append(all, formRoutes(one+"/delete", access.EditCatalog, kit.OfCatalog, showDeleteCatalog,
		postDeleteCatalog)...)
}

func showCatalogs(c *kit.Context) error {
	p := c.Printer
	t := kit.Table[store.CatalogLine, store.CatalogFilter]{
		Title: p.T("Catalogs"), Path: c.AdminPath("catalogs"),
		Lead: p.T("A catalog contains resources and the access packages made from them. Catalog owners can manage it " +
			"without any other administrator role."),
		SearchHint: p.T("Name or description"), Sort: "name", Count: store.CounterCatalogs,
		Filters: []kit.Filter[store.CatalogFilter]{
			kit.YesNoFilter(c, "published", p.T("Enabled"), func(f *store.CatalogFilter, is store.Flag) { f.Published = is }),
			kit.YesNoFilter(c, "external", p.T("Enabled for external users"),
				func(f *store.CatalogFilter, is store.Flag) { f.External = is }),
		},
		Columns: []kit.Column{{Label: p.T("Name"), Order: "name"}, {Label: p.T("Access packages")}, {Label: p.T("Enabled")},
			{Label: p.T("External users")}},
		Empty: [2]string{p.T("No catalogs"),
			p.T("Ask an administrator to make you a catalog owner or catalog creator.")},
		Read: func(q store.ListQuery[store.CatalogFilter]) (store.ListPage[store.CatalogLine], error) {
			return c.View.Catalogs(c.Ctx, access.ReadCatalog, q)
		},
		Walk: func(q store.ListQuery[store.CatalogFilter], f func(store.CatalogLine) error) error {
			return c.View.WalkCatalogs(c.Ctx, q, f)
		},
		Row:     func(catalog store.CatalogLine) ui.TableRow { return catalogRow(c, catalog) },
		CSVHead: []string{"id", "displayName", "description", "isEnabled", "isExternallyVisible", "accessPackages"},
		CSVLine: func(catalog store.CatalogLine) []string {
			return []string{string(catalog.ID), catalog.Name, catalog.Description, kit.YesNo(catalog.Published),
				kit.YesNo(catalog.External), strconv.FormatInt(catalog.Packages, 10)}
		},
	}
	if c.Rights.MayAnywhere(access.CreateCatalogs) {
		t.Commands = []views.Command{{Label: p.T("New catalog"), Href: c.AdminPath("catalogs", "new"), Primary: true}}
		t.EmptyLinks = []views.Link{{Label: p.T("New catalog"), Href: c.AdminPath("catalogs", "new"), Primary: true}}
	}
	return t.Serve(c)
}

func catalogRow(c *kit.Context, catalog store.CatalogLine) ui.TableRow {
	p := c.Printer
	enabled, external := ui.Badge{Kind: "quiet", Text: p.T("Enabled")}, ui.Badge{Kind: "idle", Text: p.T("Closed")}
	if !catalog.Published {
		enabled = ui.Badge{Kind: "wait", Text: p.T("Not enabled")}
	}
	if catalog.External {
		external = ui.Badge{Kind: "wait", Text: p.T("Open")}
	}
	return ui.TableRow{Cells: []ui.Cell{
		{Text: catalog.Name, Sub: kit.Shorten(catalog.Description, 120), Href: c.AdminPath("catalogs", string(catalog.ID))},
		{Text: p.Number(catalog.Packages)}, {State: enabled}, {State: external},
	}}
}

// catalogPage is the frame of a catalog's pages, with the tab marked.
func catalogPage(c *kit.Context, tab string) views.DetailPage {
	p, catalog := c.Printer, c.Target.Catalog
	base := c.AdminPath("catalogs", string(catalog.ID))
	page := views.DetailPage{Chrome: c.Chrome(catalog.Name), Intro: catalog.Description,
		Crumbs: []views.Link{{Label: p.T("Catalogs"), Href: c.AdminPath("catalogs")}}}
	for _, t := range [][2]string{{"", p.T("Overview")}, {"/resources", p.T("Resources")},
		{"/access-packages", p.T("Access packages")}, {"/roles", p.T("Roles and administrators")}} {
		page.Tabs = append(page.Tabs, ui.Tab{Label: t[1], Href: base + t[0], Current: t[0] == tab})
	}
	return page
}

// catalogCrumbs are the breadcrumbs of a catalog's pages.
func catalogCrumbs(c *kit.Context, more ...views.Link) []views.Link {
	p, catalog := c.Printer, c.Target.Catalog
	return append([]views.Link{{Label: p.T("Catalogs"), Href: c.AdminPath("catalogs")},
		{Label: catalog.Name, Href: c.AdminPath("catalogs", string(catalog.ID))}}, more...)
}

func showCatalog(c *kit.Context) error {
	p, catalog := c.Printer, c.Target.Catalog
	base := c.AdminPath("catalogs", string(catalog.ID))
	page := catalogPage(c, "")
	changed, err := c.View.CatalogChange(c.Ctx, catalog.ID)
	page.Changed = changedText(c, changed, err)
	if c.Rights.MayInCatalog(access.EditCatalog, catalog.ID) == nil {
		remove := views.Command{Label: p.T("Delete"), Href: base + "/delete", Danger: true}
		if err := catalog.CanDelete(holdsPackages(c, catalog.ID)); err != nil {
			remove.DisabledReason = kit.ErrorText(p, err)
		}
		page.Commands = []views.Command{{Label: p.T("Edit"), Href: base + "/edit"}, remove}
	}
	unused, err := c.View.Dependents().OfCatalog(c.Ctx, catalog)
	if err = addDependents(c, &page.Notices, p.T("This catalog isn't enabled for external users, so no one can request "+
		"with these policies:"), unused, err); err != nil {
		return err
	}
	published, err := publishedText(c, catalog)
	if err != nil {
		return err
	}
	external, err := externalText(c, catalog)
	if err != nil {
		return err
	}
	page.Sections = []views.Section{{Title: p.T("Properties"), Facts: []ui.Fact{
		{Name: p.T("Enabled"), Value: published}, {Name: p.T("Enabled for external users"), Value: external},
	}}}
	return c.Show(http.StatusOK, page.Page())
}

// holdsPackages reports whether the catalog contains an access package.
func holdsPackages(c *kit.Context, id access.CatalogID) bool {
	has, err := c.View.CatalogHasPackages(c.Ctx, id)
	return err != nil || has
}

// catalogValues are the fields of a catalog's form.
func catalogValues(c access.Catalog) url.Values {
	return url.Values{"displayName": {c.Name}, "description": {c.Description}, "published": {kit.YesNo(c.Published)},
		"external": {kit.YesNo(c.External)}}
}

// readCatalog reads a catalog from its form.
func readCatalog(typed url.Values, c access.Catalog) access.Catalog {
	c.Name, c.Description = typed.Get("displayName"), typed.Get("description")
	c.Published, c.External = typed.Get("published") == "yes", typed.Get("external") == "yes"
	return c
}

func catalogGroups(c *kit.Context, typed url.Values, faults map[string]string) []views.Group {
	p := c.Printer
	name := kit.TextField(typed, faults, ui.Field{Name: "displayName", Label: p.T("Name"),
		MaxLength: access.MaxNameLength, Required: true})
	if err := c.Target.Catalog.CanRename(); err != nil {
		name = views.Part{Note: kit.ErrorText(p, err)}
	}
	return []views.Group{{Parts: []views.Part{
		name,
		kit.TextField(typed, faults, ui.Field{Name: "description", Label: p.T("Description"), Type: "area",
			MaxLength: access.MaxDescriptionLength,
			Hint:      p.T("Shown to requestors on the page of each access package.")}),
		c.SwitchField(typed, faults, "published", p.T("Enabled"),
			p.T("If not enabled, no one can see or request its access packages. Choose No while you set it up.")),
		c.SwitchField(typed, faults, "external", p.T("Enabled for external users"),
			p.T("If not enabled, external users can't see or request anything in it, whatever its policies allow.")),
	}}}
}

func newCatalogForm(c *kit.Context) kit.EditForm {
	p := c.Printer
	return kit.EditForm{Title: p.T("New catalog"), Path: c.AdminPath("catalogs", "new"), Cancel: c.AdminPath("catalogs"),
		Submit: p.T("Create"),
		Crumbs: []views.Link{{Label: p.T("Catalogs"), Href: c.AdminPath("catalogs")}}, Groups: c.Groups(catalogGroups),
		Stored: nil}
}

func showNewCatalog(c *kit.Context) error {
	e := newCatalogForm(c)
	if c.Draft() == nil {
		return e.Render(c, http.StatusOK, catalogValues(access.Catalog{Published: true, External: true}), nil)
	}
	return e.Show(c)
}

func postNewCatalog(c *kit.Context) error {
	made, err := c.Admin.SaveCatalog(c.Ctx, c.Person, readCatalog(c.Fields(), access.Catalog{}))
	if err != nil {
		return newCatalogForm(c).Rerender(c, err)
	}
	return c.Done(c.AdminPath("catalogs", string(made.ID)), "catalogCreated")
}

func editCatalogForm(c *kit.Context) kit.EditForm {
	p, catalog := c.Printer, c.Target.Catalog
	base := c.AdminPath("catalogs", string(catalog.ID))
	return kit.EditForm{Title: p.T("Edit %s", catalog.Name), Path: base + "/edit", Cancel: base, Submit: p.T("Save"),
		Stored: catalogValues(catalog), Version: catalog.Version,
		Crumbs: catalogCrumbs(c), Groups: c.Groups(catalogGroups)}
}

func showEditCatalog(c *kit.Context) error { return editCatalogForm(c).Show(c) }

func postEditCatalog(c *kit.Context) error {
	typed := c.Fields()
	if c.Target.Catalog.CanRename() != nil && !typed.Has("displayName") { // the form has no such field
		typed.Set("displayName", c.Target.Catalog.Name)
	}
	catalog := readCatalog(typed, c.Target.Catalog)
	catalog.Version = c.FormVersion()
	if _, err := c.Admin.SaveCatalog(c.Ctx, c.Person, catalog); err != nil {
		return editCatalogForm(c).Rerender(c, err)
	}
	return c.Done(c.AdminPath("catalogs", string(catalog.ID)), "catalogSaved")
}

func deleteCatalogForm(c *kit.Context) kit.EditForm {
	p, catalog := c.Printer, c.Target.Catalog
	base := c.AdminPath("catalogs", string(catalog.ID))
	return kit.EditForm{Title: p.T("Delete %s?", catalog.Name), Path: base + "/delete", Cancel: base,
		Submit: p.T("Delete"), Danger: true, Refusal: catalog.CanDelete(holdsPackages(c, catalog.ID)),
		Crumbs: catalogCrumbs(c),
		Groups: func(url.Values, map[string]string) []views.Group {
			return []views.Group{{Text: p.T("This deletes the catalog, its list of resources and the roles assigned in it. " +
				"The resources themselves aren't deleted.")}}
		}}
}

func showDeleteCatalog(c *kit.Context) error { return deleteCatalogForm(c).Show(c) }

func postDeleteCatalog(c *kit.Context) error {
	if err := c.Admin.DeleteCatalog(c.Ctx, c.Person, c.Target.Catalog.ID); err != nil {
		return deleteCatalogForm(c).Rerender(c, err)
	}
	return c.Done(c.AdminPath("catalogs"), "catalogDeleted")
}
