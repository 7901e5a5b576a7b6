package admin

import (
	"net/url"
	"strconv"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// packageRoutes are the pages of access packages, without those of policies.
func packageRoutes() []kit.Route {
	const list, one = root + "/access-packages", root + "/access-packages/:id"
	all := []kit.Route{
		pageRoute(list, access.ReadCatalog, kit.OfTenant, showPackages),
		pageRoute(root+"/catalogs/:id/access-packages", access.ReadCatalog, kit.OfCatalog, showCatalogPackages),
		pageRoute(one, access.ReadCatalog, kit.OfPackage, showPackage),
		pageRoute(one+"/roles", access.ReadCatalog, kit.OfPackage, showPackageRoles),
		pageRoute(root+"/catalogs/:id/pick", access.ManagePackages, kit.OfCatalog, showPickedRoles),
		pageRoute(list+"/catalogs", access.ManagePackages, kit.OfTenant, showPickedCatalogs),
		pageRoute(list+"/entries", access.CreateCatalogs, kit.OfTenant, showPickedEntries),
		actionRoute(one+"/duplicate", access.ManagePackages, kit.OfPackage, postDuplicatePackage),
	}
	all = append(all, formRoutes(one+"/roles/change", access.ManagePackages, kit.OfPackage, showChangeRoles,
		postChangeRoles)...)
	all = append(all, formRoutes(list+"/new", access.ManagePackages, kit.OfTenant, showNewPackage, postNewPackage)...)
	all = append(all, formRoutes(one+"/edit", access.ManagePackages, kit.OfPackage, showEditPackage, postEditPackage)...)
	return append(all, formRoutes(one+"/delete", access.ManagePackages, kit.OfPackage, showDeletePackage,
		postDeletePackage)...)
}

func showPackages(c *kit.Context) error {
	t := packageTable(c)
	catalogs, err := catalogFilter(c)
	if err != nil {
		return err
	}
	t.Filters = append([]kit.Filter[store.PackageFilter]{catalogs}, t.Filters...)
	return t.Serve(c)
}

// showCatalogPackages lists the access packages of a catalog.
func showCatalogPackages(c *kit.Context) error {
	p, catalog := c.Printer, c.Target.Catalog
	frame := catalogPage(c, "/access-packages")
	t := packageTable(c)
	t.Title, t.Path, t.Crumbs, t.Tabs, t.Lead = p.T("%s: access packages", catalog.Name),
		c.AdminPath("catalogs", string(catalog.ID),
			"access-packages"), frame.Crumbs, frame.Tabs, ""
	t.Fixed = store.PackageFilter{Catalog: catalog.ID}
	t.Empty = [2]string{p.T("No access packages in this catalog"),
		p.T("An access package gives the people named in its policies access to resources of the catalog.")}
	t.Commands, t.EmptyLinks = nil, nil
	if c.Rights.MayInCatalog(access.ManagePackages, catalog.ID) == nil {
		at := c.AdminPath("access-packages", "new") + "?catalog=" + string(catalog.ID)
		t.Commands = []views.Command{{Label: p.T("New access package"), Href: at, Primary: true}}
		t.EmptyLinks = []views.Link{{Label: p.T("New access package"), Href: at, Primary: true}}
	}
	return t.Serve(c)
}

// packageTable lists the access packages that the reader can see.
func packageTable(c *kit.Context) kit.Table[store.PackageLine, store.PackageFilter] {
	p := c.Printer
	t := kit.Table[store.PackageLine, store.PackageFilter]{
		Title: p.T("Access packages"), Path: c.AdminPath("access-packages"),
		Lead: p.T("An access package is a bundle of resource roles that people request together. Its policies say who can " +
			"request it, who approves, and when access expires."),
		SearchHint: p.T("Name, description or resource"), Sort: "name",
		Count: store.CounterPackages,
		Filters: []kit.Filter[store.PackageFilter]{
			kit.YesNoFilter(c, "hidden", p.T("Hidden"), func(f *store.PackageFilter, is store.Flag) { f.Hidden = is })},
		Columns: []kit.Column{{Label: p.T("Name"), Order: "name"}, {Label: p.T("Catalog")}, {Label: p.T("Listed")},
			{Label: p.T("People with access")}, {Label: p.T("Policies"), Priority: 2},
			{Label: p.T("Created"), Order: "age", Priority: 2}},
		Empty: [2]string{p.T("No access packages"),
			p.T("Create a catalog with resources first, then an access package in it.")},
		Read: func(q store.ListQuery[store.PackageFilter]) (store.ListPage[store.PackageLine], error) {
			return c.View.Packages(c.Ctx, q)
		},
		Walk: func(q store.ListQuery[store.PackageFilter], f func(store.PackageLine) error) error {
			return c.View.WalkPackages(c.Ctx, q, f)
		},
		Row:     func(k store.PackageLine) ui.TableRow { return packageRow(c, k) },
		CSVHead: []string{"id", "displayName", "description", "catalog", "isHidden", "assignments", "policies"},
		CSVLine: func(k store.PackageLine) []string {
			return []string{string(k.ID), k.Name, k.Description, k.CatalogName, kit.YesNo(k.Hidden),
				strconv.FormatInt(k.Assignments, 10), strconv.FormatInt(k.Policies, 10)}
		},
	}
	if c.Rights.MayAnywhere(access.ManagePackages) {
		t.Commands = []views.Command{{Label: p.T("New access package"), Href: c.AdminPath("access-packages", "new"),
			Primary: true}}
		t.EmptyLinks = []views.Link{{Label: p.T("New access package"), Href: c.AdminPath("access-packages", "new"),
			Primary: true}}
	}
	return t
}

func packageRow(c *kit.Context, k store.PackageLine) ui.TableRow {
	p := c.Printer
	listed := ui.Badge{Kind: "quiet", Text: p.T("Listed")}
	if k.Hidden {
		listed = ui.Badge{Kind: "idle", Text: p.T("Hidden")}
	}
	return ui.TableRow{Cells: []ui.Cell{
		{Text: k.Name, Sub: kit.Shorten(k.Description, 120), Href: c.AdminPath("access-packages", string(k.ID))},
		{Text: k.CatalogName, Href: c.AdminPath("catalogs", string(k.Catalog))}, {State: listed},
		{Text: p.Number(k.Assignments)}, {Text: p.Number(k.Policies)}, {Text: p.ShortDate(createdAt(string(k.ID))),
			NoWrap: true},
	}}
}

// catalogFilter filters by catalog. It offers the first catalogs that the
// reader can see, and the selected one.
func catalogFilter(c *kit.Context) (kit.Filter[store.PackageFilter], error) {
	p := c.Printer
	f := kit.Filter[store.PackageFilter]{Name: "catalog", Label: p.T("Catalog"), Options: []ui.Option{{Label: p.T("All")}},
		Set: func(f *store.PackageFilter, value string) { f.Catalog = access.CatalogID(value) }}
	found, err := c.View.Catalogs(c.Ctx, access.ReadCatalog, store.ListQuery[store.CatalogFilter]{Limit: 100})
	if err != nil {
		return f, err
	}
	asked := c.QueryParam("catalog")
	for _, catalog := range found.Rows {
		f.Options = append(f.Options, ui.Option{Value: string(catalog.ID), Label: catalog.Name})
		if string(catalog.ID) == asked {
			asked = ""
		}
	}
	if asked == "" {
		return f, nil
	}
	if catalog, err := c.View.Catalog(c.Ctx, access.ReadCatalog, access.CatalogID(asked)); err == nil {
		f.Options = append(f.Options, ui.Option{Value: string(catalog.ID), Label: catalog.Name})
	}
	return f, nil
}

// packagePath is the path of a page of the target package.
func packagePath(c *kit.Context, more ...string) string {
	return c.AdminPath(append([]string{"access-packages", string(c.Target.Package.ID)}, more...)...)
}

// packageCrumbs are the breadcrumbs of the target package's pages.
func packageCrumbs(c *kit.Context) []views.Link {
	return []views.Link{{Label: c.Printer.T("Access packages"), Href: c.AdminPath("access-packages")},
		views.Link{Label: c.Target.Package.Name, Href: packagePath(c)}}
}

// packagePage is the frame of the target package's pages. tab is "", "roles",
// "policies" or "who".
func packagePage(c *kit.Context, tab string) views.DetailPage {
	p, k := c.Printer, c.Target.Package
	page := views.DetailPage{Chrome: c.Chrome(k.Name), Intro: k.Description,
		Crumbs: []views.Link{{Label: p.T("Access packages"), Href: c.AdminPath("access-packages")}}}
	if k.Hidden {
		page.State = ui.Badge{Kind: "idle", Text: p.T("Hidden")}
	}
	tabs := [][2]string{{"", p.T("Overview")}, {"roles", p.T("Resource roles")}, {"policies", p.T("Policies")}}
	may := c.Rights.MayInCatalog(access.ReadAssignments, k.Catalog) == nil
	if may {
		tabs = append(tabs, [2]string{"who", p.T("Who can request")})
	}
	for _, t := range tabs {
		href := packagePath(c)
		if t[0] != "" {
			href = packagePath(c, t[0])
		}
		page.Tabs = append(page.Tabs, ui.Tab{Label: t[1], Href: href, Current: t[0] == tab})
	}
	if may {
		q := "?package=" + string(k.ID)
		page.Tabs = append(page.Tabs, ui.Tab{Label: p.T("Assignments"), Href: c.AdminPath("assignments") + q},
			ui.Tab{Label: p.T("Requests"), Href: c.AdminPath("requests") + q})
	}
	return page
}

// packageValues are the fields of an access package's form.
func packageValues(k access.Package) url.Values {
	return url.Values{"displayName": {k.Name}, "description": {k.Description}, "hidden": {kit.YesNo(k.Hidden)}}
}

// readPackage reads an access package from its form.
func readPackage(typed url.Values, k access.Package) access.Package {
	k.Name, k.Description, k.Hidden = typed.Get("displayName"), typed.Get("description"), typed.Get("hidden") == "yes"
	return k
}

// packageParts are the fields of an access package's form.
func packageParts(c *kit.Context, typed url.Values, faults map[string]string) []views.Part {
	p := c.Printer
	return []views.Part{
		kit.TextField(typed, faults, ui.Field{Name: "displayName", Label: p.T("Name"), MaxLength: access.MaxNameLength,
			Required: true,
			Hint:     p.T("Shown to requestors in My Access.")}),
		kit.TextField(typed, faults, ui.Field{Name: "description", Label: p.T("Description"), Type: "area",
			MaxLength: access.MaxDescriptionLength,
			Required:  true,
			Hint:      p.T("Say what the access is for, so that people find the right package. Shown to requestors.")}),
		c.SwitchField(typed, faults, "hidden", p.T("Hidden"),
			p.T("A hidden access package isn't listed in My Access. People with the link can still request it if a policy "+
				"allows it.")),
	}
}

func editPackageForm(c *kit.Context) kit.EditForm {
	p, k := c.Printer, c.Target.Package
	return kit.EditForm{Title: p.T("Edit %s", k.Name), Path: packagePath(c, "edit"), Cancel: packagePath(c),
		Submit: p.T("Save"),
		Stored: packageValues(k), Version: k.Version, Crumbs: packageCrumbs(c),
		Groups: func(typed url.Values, faults map[string]string) []views.Group {
			return []views.Group{{Facts: []ui.Fact{{Name: p.T("Catalog"), Value: c.Target.Catalog.Name}},
				Parts: packageParts(c, typed, faults)}}
		}}
}

func showEditPackage(c *kit.Context) error { return editPackageForm(c).Show(c) }

func postEditPackage(c *kit.Context) error {
	k := readPackage(c.Fields(), c.Target.Package)
	k.Version = c.FormVersion()
	if _, err := c.Admin.SavePackage(c.Ctx, c.Person, k); err != nil {
		return editPackageForm(c).Rerender(c, err)
	}
	return c.Done(packagePath(c), "packageSaved")
}

func deletePackageForm(c *kit.Context) (kit.EditForm, error) {
	p, k := c.Printer, c.Target.Package
	holders, err := c.Target.PackageView.CountHolders(c.Ctx)
	return kit.EditForm{Title: p.T("Delete %s?", k.Name), Path: packagePath(c, "delete"), Cancel: packagePath(c),
		Submit: p.T("Delete"), Danger: true, Refusal: k.CanDelete(holders),
		Crumbs: packageCrumbs(c), Groups: func(url.Values, map[string]string) []views.Group {
			return []views.Group{{Text: p.T("This deletes the access package and its policies, and its link stops working. " +
				"Open requests are canceled, and their requestors are notified. The resources and the record of past access are " +
				"kept.")}}
		}}, err
}

func showDeletePackage(c *kit.Context) error {
	form, err := deletePackageForm(c)
	if err != nil {
		return err
	}
	return form.Show(c)
}

func postDeletePackage(c *kit.Context) error {
	form, err := deletePackageForm(c)
	if err != nil {
		return err
	}
	if err := c.Admin.DeletePackage(c.Ctx, c.Person, c.Target.Package.ID); err != nil {
		return form.Rerender(c, err)
	}
	return c.Done(c.AdminPath("access-packages"), "packageDeleted")
}
