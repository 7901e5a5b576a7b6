package admin

import (
	"net/http"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// organizationRoutes are the pages of connected organizations.
func organizationRoutes() []kit.Route {
	const list, one = root + "/organizations", root + "/organizations/:id"
	may := access.ManageOrganizations
	of := func(f func(*kit.Context, access.Organization) error) func(*kit.Context) error {
		return func(c *kit.Context) error {
			id, err := c.PathID()
			if err != nil {
				return err
			}
			o, err := c.View.Organization(c.Ctx, access.OrganizationID(id))
			if err != nil {
				return err
			}
			return f(c, o)
		}
	}
	all := []kit.Route{
		pageRoute(list, may, kit.OfTenant, showOrganizations),
		pageRoute(one, may, kit.OfTenant, of(showOrganization)),
		pageRoute(one+"/sources", may, kit.OfTenant, of(showSources)),
		pageRoute(one+"/sponsors", may, kit.OfTenant, of(showSponsors)),
	}
	all = append(all, formRoutes(list+"/new", may, kit.OfTenant, showNewOrganization, postNewOrganization)...)
	all = append(all, formRoutes(one+"/edit", may, kit.OfTenant, of(showEditOrganization), of(postEditOrganization))...)
	all = append(all, formRoutes(one+"/delete", may, kit.OfTenant, of(showDeleteOrganization),
		of(postDeleteOrganization))...)
	all = append(all, formRoutes(one+"/sources/add", may, kit.OfTenant, of(showAddSources), of(postAddSources))...)
	all = append(all, formRoutes(one+"/sources/remove", may, kit.OfTenant, of(showRemoveSource), of(postRemoveSource))...)
	return append(all, formRoutes(one+"/sponsors/edit", may, kit.OfTenant, of(showEditSponsors), of(postEditSponsors))...)
}

// organizationCrumbs are the breadcrumbs of connected organizations.
func organizationCrumbs(c *kit.Context, more ...views.Link) []views.Link {
	return append([]views.Link{{Label: c.Printer.T("Connected organizations"),
		Href: c.AdminPath("organizations")}}, more...)
}

// organizationTabs switch between organizations and providers.
func organizationTabs(c *kit.Context, providers bool) []ui.Tab {
	p := c.Printer
	if c.Rights.May(access.ManageProviders) != nil {
		return nil
	}
	return []ui.Tab{{Label: p.T("Connected organizations"), Href: c.AdminPath("organizations"), Current: !providers},
		{Label: p.T("Providers"), Href: c.AdminPath("organizations", "providers"), Current: providers}}
}

func showOrganizations(c *kit.Context) error {
	p := c.Printer
	add := c.AdminPath("organizations", "new")
	return kit.Table[store.OrganizationLine, store.OrganizationFilter]{
		Title: p.T("Connected organizations"), Path: c.AdminPath("organizations"),
		Tabs: organizationTabs(c, false),
		Lead: p.T("Partners whose people can request access packages, with the directories or domains they sign in " +
			"with."),
		SearchHint: p.T("Name, description or domain"), Sort: "name", Count: store.CounterOrganizations,
		Commands: []views.Command{{Label: p.T("New connected organization"), Href: add, Primary: true}},
		Filters: []kit.Filter[store.OrganizationFilter]{{Name: "state", Label: p.T("State"),
			Options: []ui.Option{{Label: p.T("All")},
				{Value: string(access.Configured), Label: p.T("Configured")},
				{Value: string(access.Proposed), Label: p.T("Proposed")}},
			Set: func(f *store.OrganizationFilter, value string) { f.State = access.OrganizationState(value) }}},
		Columns: []kit.Column{{Label: p.T("Name"), Order: "name"}, {Label: p.T("State")}, {Label: p.T("Verified domains")}},
		Empty: [2]string{p.T("No connected organizations yet"),
			p.T("Add one so that its people can request access packages.")},
		EmptyLinks: []views.Link{{Label: p.T("New connected organization"), Href: add, Primary: true}},
		Read: func(q store.ListQuery[store.OrganizationFilter]) (store.ListPage[store.OrganizationLine], error) {
			return c.View.Organizations(c.Ctx, q)
		},
		Walk: func(q store.ListQuery[store.OrganizationFilter], f func(store.OrganizationLine) error) error {
			return c.View.WalkOrganizations(c.Ctx, q, f)
		},
		Row: func(o store.OrganizationLine) ui.TableRow {
			return ui.TableRow{Cells: []ui.Cell{{Text: o.Name, Sub: kit.Shorten(o.Description, 120),
				Href: c.AdminPath("organizations", string(o.ID))},
				{State: organizationBadge(c, o.State)}, {Text: kit.Shorten(strings.ReplaceAll(o.Domains, " ", ", "), 200)}}}
		},
		CSVHead: []string{"id", "displayName", "description", "state", "domains"},
		CSVLine: func(o store.OrganizationLine) []string {
			return []string{string(o.ID), o.Name, o.Description, string(o.State), o.Domains}
		},
	}.Serve(c)
}

// organizationBadge is the state of a connected organization.
func organizationBadge(c *kit.Context, s access.OrganizationState) ui.Badge {
	if s == access.Proposed {
		return ui.Badge{Kind: "wait", Text: c.Printer.T("Proposed")}
	}
	return ui.Badge{Kind: "good", Text: c.Printer.T("Configured")}
}

// organizationPage is the frame of an organization's pages, with the tab
// marked.
func organizationPage(c *kit.Context, o access.Organization, tab string) views.DetailPage {
	p := c.Printer
	base := c.AdminPath("organizations", string(o.ID))
	page := views.DetailPage{Chrome: c.Chrome(o.Name), Intro: o.Description, State: organizationBadge(c, o.State),
		Crumbs: organizationCrumbs(c)}
	for _, t := range [][2]string{{"", p.T("Overview")}, {"/sources", p.T("Directory + domain")},
		{"/sponsors", p.T("Sponsors")}} {
		page.Tabs = append(page.Tabs, ui.Tab{Label: t[1], Href: base + t[0], Current: t[0] == tab})
	}
	return page
}

func showOrganization(c *kit.Context, o access.Organization) error {
	p := c.Printer
	base := c.AdminPath("organizations", string(o.ID))
	ties, err := c.View.OrganizationUsage(c.Ctx, o.ID)
	if err != nil {
		return err
	}
	page := organizationPage(c, o, "")
	changed, err := c.View.OrganizationChange(c.Ctx, o.ID)
	page.Changed = changedText(c, changed, err)
	page.Commands = []views.Command{{Label: p.T("Edit"), Href: base + "/edit"},
		{Label: p.T("Delete"), Href: base + "/delete", Danger: true}}
	meaning := p.T("Trusted. Policies for all configured connected organizations include its people.")
	if o.State == access.Proposed {
		meaning = p.T("Its people see only access packages with a policy that names this organization or is open to anyone.")
		page.Notices = []views.Notice{{Kind: "info",
			Text: p.T("This organization is proposed and not yet trusted."),
			Link: views.Link{Label: p.T("Edit state"), Href: base + "/edit"}}}
	}
	var names []string
	directories, err := c.View.OrganizationDirectories(c.Ctx, o)
	if err != nil {
		return err
	}
	for _, d := range directories {
		names = append(names, p.T("%s (%s)", d.Name, domainsText(c, d.Domains)))
	}
	page.Sections = []views.Section{{Title: p.T("Properties"), Facts: []ui.Fact{
		{Name: p.T("State"), Value: meaning}, {Name: p.T("Directory + domain"),
			Value: orNone(c, p.Series(names))},
		{Name: p.T("Guests"), Value: p.Number(ties.Guests)}, {Name: p.T("Open requests"), Value: p.Number(ties.Open)},
		{Name: p.T("Assignments"), Value: p.Number(ties.Held)},
	}}, policyLinks(c, ties)}
	return c.Show(http.StatusOK, page.Page())
}

// policyLinks are the policies that name a connected organization. Those that
// the reader cannot read are counted only.
func policyLinks(c *kit.Context, ties admin.OrganizationUsage) views.Section {
	p := c.Printer
	t := ui.Table{Label: p.T("Policies that name it"), Columns: []ui.Column{{Label: p.T("Access package")},
		{Label: p.T("Policy")}}}
	for _, n := range ties.Policies {
		t.Rows = append(t.Rows,
			ui.TableRow{Cells: []ui.Cell{{Text: n.PackageName, Href: c.AdminPath("access-packages", string(n.Package))},
				{Text: n.Name}}})
	}
	s := views.Section{Title: p.T("Policies that name it"), Table: &t,
		Empty: p.T("None. Its people may still be able to request access packages that are open to all configured " +
			"organizations or to anyone.")}
	if ties.More > 0 {
		s.Text = p.N(int(ties.More), "%d more policy names it.", "%d more policies name it.")
		s.Empty = ""
	}
	return s
}

// showSources lists the directories of a connected organization.
func showSources(c *kit.Context, o access.Organization) error {
	p := c.Printer
	base := c.AdminPath("organizations", string(o.ID), "sources")
	page := organizationPage(c, o, "/sources")
	page.Title = p.T("%s: directory + domain", o.Name)
	page.Commands = []views.Command{{Label: p.T("Add a directory or domain"), Href: base + "/add", Primary: true}}
	directories, err := c.View.OrganizationDirectories(c.Ctx, o)
	if err != nil {
		return err
	}
	for _, d := range directories {
		s := views.Section{Title: d.Name, Facts: directoryFacts(c, d)}
		if d.Owner == c.Tenant.ID && c.Rights.May(access.ManageProviders) == nil ||
			d.Owner == "" && c.Rights.May(access.ManageProviders) == nil {
			s.Commands = append(s.Commands, views.Command{Label: p.T("Open the provider"), Href: c.AdminPath("organizations",
				"providers", string(d.ID))})
		}
		remove := views.Command{Label: p.T("Remove"), Href: base + "/remove?source=" + string(d.ID), Danger: true}
		if len(o.Directories) == 1 {
			remove.DisabledReason = p.T("A connected organization needs a directory or a domain. Add another first, or delete " +
				"the " +
				"organization.")
		}
		s.Commands = append(s.Commands, remove)
		page.Sections = append(page.Sections, s)
	}
	return c.Show(http.StatusOK, page.Page())
}

// showSponsors lists the sponsors of a connected organization.
func showSponsors(c *kit.Context, o access.Organization) error {
	p := c.Printer
	page := organizationPage(c, o, "/sponsors")
	page.Title = p.T("%s: sponsors", o.Name)
	page.Commands = []views.Command{{Label: p.T("Edit sponsors"), Href: c.AdminPath("organizations", string(o.ID),
		"sponsors", "edit")}}
	for _, side := range []struct {
		title, text string
		who         []access.SubjectRef
	}{
		{p.T("Internal sponsors"), p.T("Members and groups of your organization."), o.InternalSponsors},
		{p.T("External sponsors"), p.T("Guests from the partner organization."), personSubjects(o.ExternalSponsors)},
	} {
		s := views.Section{Title: side.title, Text: side.text, Empty: p.T("None.")}
		known := kit.SubjectOptions(c, side.who)
		for _, one := range side.who {
			s.Rows = append(s.Rows, subjectRow(c, one, known))
		}
		page.Sections = append(page.Sections, s)
	}
	return c.Show(http.StatusOK, page.Page())
}

// subjectRow is the row of a person or group, linked to its page if the reader
// can open that.
func subjectRow(c *kit.Context, s access.SubjectRef, known map[access.SubjectRef]ui.Option) views.Row {
	o, ok := known[s]
	if !ok {
		return views.Row{Title: c.Printer.T("Deleted person")}
	}
	row := views.Row{Title: o.Label, Hint: o.Hint}
	switch {
	case s.Kind == access.SubjectPerson && c.Rights.May(access.ManagePeople) == nil:
		row.Href = c.AdminPath("people", s.ID)
	case s.Kind == access.SubjectGroup && c.Rights.May(access.ManageEntries) == nil:
		row.Href = c.AdminPath("directory", s.ID)
	}
	return row
}
