package web

import (
	"net/url"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// packageRoutes are the pages of access packages. Those of their policies stand
// in files of their own.
func packageRoutes() []route {
	const list, one = adminHome + "/access-packages", adminHome + "/access-packages/:id"
	all := []route{
		read(list, access.ReadCatalog, ofTenant, showAdminPackages),
		read(adminHome+"/catalogs/:id/access-packages", access.ReadCatalog, ofCatalog, showCatalogPackages),
		read(one, access.ReadCatalog, ofPackage, showAdminPackage),
		read(one+"/roles", access.ReadCatalog, ofPackage, showPackageRoles),
		read(adminHome+"/catalogs/:id/pick", access.ManagePackages, ofCatalog, showPickedRoles),
		read(list+"/catalogs", access.ManagePackages, ofTenant, showPickedCatalogs),
		read(list+"/entries", access.CreateCatalogs, ofTenant, showPickedEntries),
		act(one+"/duplicate", access.ManagePackages, ofPackage, postDuplicatePackage),
	}
	all = append(all, form(one+"/roles/change", access.ManagePackages, ofPackage, showChangeRoles, postChangeRoles)...)
	all = append(all, form(list+"/new", access.ManagePackages, ofTenant, showNewPackage, postNewPackage)...)
	all = append(all, form(one+"/edit", access.ManagePackages, ofPackage, showEditPackage, postEditPackage)...)
	return append(all, form(one+"/delete", access.ManagePackages, ofPackage, showDeletePackage, postDeletePackage)...)
}

func showAdminPackages(v *visit) error {
	t := v.packageTable()
	catalogs, err := v.catalogFilter()
	if err != nil {
		return err
	}
	t.filters = append([]filter[store.PackageFilter]{catalogs}, t.filters...)
	return t.serve(v)
}

// showCatalogPackages is the list of the access packages of a catalog.
func showCatalogPackages(v *visit) error {
	p, c := v.printer, v.chosen.catalog
	frame := v.catalogThing("/access-packages")
	t := v.packageTable()
	t.title, t.path, t.crumbs, t.tabs, t.lead = p.T("%s: access packages", c.Name), v.adminPath("catalogs", string(c.ID),
		"access-packages"), frame.Crumbs, frame.Tabs, ""
	t.fixed = store.PackageFilter{Catalog: c.ID}
	t.object = string(c.ID)
	t.empty = [2]string{p.T("There is no access package in this catalog"),
		p.T("An access package hands out resources of the catalog to those whom its policies name.")}
	t.commands, t.emptyLinks = nil, nil
	if v.rights.MayInCatalog(access.ManagePackages, c.ID) == nil {
		at := v.adminPath("access-packages", "new") + "?catalog=" + string(c.ID)
		t.commands = []views.Command{{Label: p.T("New access package"), Href: at, Primary: true}}
		t.emptyLinks = []views.Link{{Label: p.T("New access package"), Href: at, Primary: true}}
	}
	return t.serve(v)
}

// packageTable is the list of all access packages that the reader may see.
func (v *visit) packageTable() table[store.PackageLine, store.PackageFilter] {
	p := v.printer
	t := table[store.PackageLine, store.PackageFilter]{
		title: p.T("Access packages"), path: v.adminPath("access-packages"), crumbs: v.adminCrumbs(),
		lead: p.T("An access package is a bundle of resource roles that people request together. Its policies say who may " +
			"have it, who must approve, and for how long."),
		hint: p.T("Name, description or resource"), sort: "name", action: access.ReadCatalog, tally: store.CounterPackages,
		filters: []filter[store.PackageFilter]{
			yesNoFilter(v, "hidden", p.T("Hidden"), func(f *store.PackageFilter, is store.Flag) { f.Hidden = is })},
		columns: []column{{p.T("Name"), "name"}, {p.T("Catalog"), ""}, {p.T("Listed"), ""}, {p.T("People who hold it"), ""},
			{p.T("Policies"), ""}, {p.T("Created"), "age"}},
		empty: [2]string{p.T("There is no access package that you may see"),
			p.T("Make a catalog with resources first, then an access package in it.")},
		read: func(q store.ListQuery[store.PackageFilter]) (store.ListPage[store.PackageLine], error) {
			return v.Store.PackageList(v.ctx, v.tenant.ID, q)
		},
		walk: func(q store.ListQuery[store.PackageFilter], f func(store.PackageLine) error) error {
			return v.Store.WalkPackages(v.ctx, v.tenant.ID, q, f)
		},
		row:  v.packageRow,
		head: []string{"id", "displayName", "description", "catalog", "isHidden", "assignments", "policies"},
		line: func(k store.PackageLine) []string {
			return []string{string(k.ID), k.Name, k.Description, k.CatalogName, yes(k.Hidden), p.Number(k.Assignments),
				p.Number(k.Policies)}
		},
	}
	if v.rights.MayAnywhere(access.ManagePackages) {
		t.commands = []views.Command{{Label: p.T("New access package"), Href: v.adminPath("access-packages", "new"),
			Primary: true}}
		t.emptyLinks = []views.Link{{Label: p.T("New access package"), Href: v.adminPath("access-packages", "new"),
			Primary: true}}
	}
	return t
}

func (v *visit) packageRow(k store.PackageLine) ui.TableRow {
	p := v.printer
	listed := ui.Badge{Kind: "good", Text: p.T("Listed")}
	if k.Hidden {
		listed = ui.Badge{Kind: "idle", Text: p.T("Hidden")}
	}
	return ui.TableRow{Cells: []ui.Cell{
		{Text: k.Name, Sub: limitText(k.Description, 120), Href: v.adminPath("access-packages", string(k.ID))},
		{Text: k.CatalogName, Href: v.adminPath("catalogs", string(k.Catalog))}, {State: listed},
		{Text: p.Number(k.Assignments)}, {Text: p.Number(k.Policies)}, {Text: p.Date(madeAt(string(k.ID))), NoWrap: true},
	}}
}

// catalogFilter narrows to one catalog: one of the first few that the reader may
// see, or the one asked for.
func (v *visit) catalogFilter() (filter[store.PackageFilter], error) {
	p := v.printer
	f := filter[store.PackageFilter]{name: "catalog", label: p.T("Catalog"), options: []ui.Option{{Label: p.T("All")}},
		set: func(f *store.PackageFilter, value string) { f.Catalog = access.CatalogID(value) }}
	q := store.ListQuery[store.CatalogFilter]{Limit: 100}
	if all, catalogs := v.rights.CatalogsFor(access.ReadCatalog); !all {
		q.Catalogs = append([]access.CatalogID{}, catalogs...)
	}
	found, err := v.Store.CatalogList(v.ctx, v.tenant.ID, q)
	if err != nil {
		return f, err
	}
	asked := v.QueryParam("catalog")
	for _, c := range found.Rows {
		f.options = append(f.options, ui.Option{Value: string(c.ID), Label: c.Name})
		if string(c.ID) == asked {
			asked = ""
		}
	}
	if may := v.rights.MayInCatalog(access.ReadCatalog, access.CatalogID(asked)) == nil; asked == "" || !may {
		return f, nil
	}
	if c, err := v.Store.Catalog(v.ctx, v.tenant.ID, access.CatalogID(asked)); err == nil {
		f.options = append(f.options, ui.Option{Value: string(c.ID), Label: c.Name})
	}
	return f, nil
}

// packagePath is a page of the chosen access package.
func (v *visit) packagePathOf(more ...string) string {
	return v.adminPath(append([]string{"access-packages", string(v.chosen.pack.ID)}, more...)...)
}

// packageCrumbs lead back from a page of the chosen access package.
func (v *visit) packageCrumbs() []views.Link {
	return v.adminCrumbs(views.Link{Label: v.printer.T("Access packages"), Href: v.adminPath("access-packages")},
		views.Link{Label: v.chosen.pack.Name, Href: v.packagePathOf()})
}

// packageThing is the frame of the pages of the chosen access package, at one of
// its tabs: "", "roles", "policies" or "who".
func (v *visit) packageThing(tab string) views.DetailPage {
	p, k := v.printer, v.chosen.pack
	page := views.DetailPage{Chrome: v.chrome(k.Name), Intro: k.Description,
		Crumbs: v.adminCrumbs(views.Link{Label: p.T("Access packages"), Href: v.adminPath("access-packages")})}
	if k.Hidden {
		page.State = ui.Badge{Kind: "idle", Text: p.T("Hidden")}
	}
	tabs := [][2]string{{"", p.T("Overview")}, {"roles", p.T("Resource roles")}, {"policies", p.T("Policies")}}
	may := v.rights.MayInCatalog(access.ReadAssignments, k.Catalog) == nil
	if may {
		tabs = append(tabs, [2]string{"who", p.T("Who can request")})
	}
	for _, t := range tabs {
		href := v.packagePathOf()
		if t[0] != "" {
			href = v.packagePathOf(t[0])
		}
		page.Tabs = append(page.Tabs, ui.Tab{Label: t[1], Href: href, Current: t[0] == tab})
	}
	if may {
		q := "?package=" + string(k.ID)
		page.Tabs = append(page.Tabs, ui.Tab{Label: p.T("Assignments"), Href: v.adminPath("assignments") + q},
			ui.Tab{Label: p.T("Requests"), Href: v.adminPath("requests") + q})
	}
	return page
}

// packageValues are the fields of an access package's form.
func packageValues(k access.Package) url.Values {
	return url.Values{"displayName": {k.Name}, "description": {k.Description}, "hidden": {yes(k.Hidden)}}
}

// readPackage is the access package that was typed into its form.
func readPackage(typed url.Values, k access.Package) access.Package {
	k.Name, k.Description, k.Hidden = typed.Get("displayName"), typed.Get("description"), typed.Get("hidden") == "yes"
	return k
}

// packageParts are the fields of an access package's form.
func (v *visit) packageParts(typed url.Values, faults map[string]string) []views.Part {
	p := v.printer
	return []views.Part{
		text(typed, faults, ui.Field{Name: "displayName", Label: p.T("Name"), MaxLength: access.MaxNameLength, Required: true,
			Hint: p.T("Requestors read it in My Access.")}),
		text(typed, faults, ui.Field{Name: "description", Label: p.T("Description"), Type: "area",
			MaxLength: access.MaxDescriptionLength,
			Required:  true,
			Hint:      p.T("Say what it is for, so that people find the right one. Requestors read it.")}),
		v.yesNo(typed, faults, "hidden", p.T("Hidden"),
			p.T("A hidden access package is not listed in My Access. Who has its link and may request it, still can.")),
	}
}

func (v *visit) editPackage() editor {
	p, k := v.printer, v.chosen.pack
	return editor{title: p.T("Edit %s", k.Name), path: v.packagePathOf("edit"), cancel: v.packagePathOf(),
		submit: p.T("Save"),
		stored: packageValues(k), version: k.Version, crumbs: v.packageCrumbs(),
		groups: func(typed url.Values, faults map[string]string) []views.Group {
			return []views.Group{{Facts: []ui.Fact{{Name: p.T("Catalog"), Value: v.chosen.catalog.Name}},
				Parts: v.packageParts(typed, faults)}}
		}}
}

func showEditPackage(v *visit) error { return v.editPackage().show(v) }

func postEditPackage(v *visit) error {
	k := readPackage(v.fields(), v.chosen.pack)
	k.Version = v.version()
	if _, err := v.Admin.SavePackage(v.ctx, v.person, k); err != nil {
		return v.editPackage().refused(v, err)
	}
	return v.done(v.packagePathOf(), "saved")
}

func (v *visit) deletePackage() editor {
	p, k := v.printer, v.chosen.pack
	return editor{title: p.T("Delete %s?", k.Name), path: v.packagePathOf("delete"), cancel: v.packagePathOf(),
		submit: p.T("Delete"), danger: true,
		crumbs: v.packageCrumbs(), groups: func(url.Values, map[string]string) []views.Group {
			return []views.Group{{Text: p.T("The access package and its policies are deleted, and its link leads nowhere any " +
				"more. Requests that are still open are canceled, and their requestors are told. The resources stay where they " +
				"are, and so does the record of who had what.")}}
		}}
}

func showDeletePackage(v *visit) error { return v.deletePackage().show(v) }

func postDeletePackage(v *visit) error {
	if err := v.Admin.DeletePackage(v.ctx, v.person, v.chosen.pack.ID); err != nil {
		return v.deletePackage().refused(v, err)
	}
	return v.done(v.adminPath("access-packages"), "deleted")
}
