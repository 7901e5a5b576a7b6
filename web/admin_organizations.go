package web

import (
	"net/http"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// organizationRoutes are the pages of connected organizations.
func organizationRoutes() []route {
	const list, one = adminHome + "/organizations", adminHome + "/organizations/:id"
	may := access.ManageOrganizations
	of := func(f func(*visit, access.Organization) error) func(*visit) error {
		return func(v *visit) error {
			id, err := v.id()
			if err != nil {
				return err
			}
			o, err := v.Store.Organization(v.ctx, v.tenant.ID, access.OrganizationID(id))
			if err != nil {
				return err
			}
			return f(v, o)
		}
	}
	all := []route{
		read(list, may, ofTenant, showOrganizations),
		read(one, may, ofTenant, of(showOrganization)),
		read(one+"/sources", may, ofTenant, of(showSources)),
		read(one+"/sponsors", may, ofTenant, of(showSponsors)),
	}
	all = append(all, form(list+"/new", may, ofTenant, showNewOrganization, postNewOrganization)...)
	all = append(all, form(one+"/edit", may, ofTenant, of(showEditOrganization), of(postEditOrganization))...)
	all = append(all, form(one+"/delete", may, ofTenant, of(showDeleteOrganization), of(postDeleteOrganization))...)
	all = append(all, form(one+"/sources/add", may, ofTenant, of(showAddSources), of(postAddSources))...)
	all = append(all, form(one+"/sources/remove", may, ofTenant, of(showRemoveSource), of(postRemoveSource))...)
	return append(all, form(one+"/sponsors/edit", may, ofTenant, of(showEditSponsors), of(postEditSponsors))...)
}

// organizationCrumbs lead back to the list, and through what is given.
func (v *visit) organizationCrumbs(more ...views.Link) []views.Link {
	return v.adminCrumbs(append([]views.Link{{Label: v.printer.T("Connected organizations"),
		Href: v.adminPath("organizations")}}, more...)...)
}

// organizationTabs lead from the list of organizations to that of providers.
func (v *visit) organizationTabs(providers bool) []ui.Tab {
	p := v.printer
	if v.rights.May(access.ManageProviders) != nil {
		return nil
	}
	return []ui.Tab{{Label: p.T("Connected organizations"), Href: v.adminPath("organizations"), Current: !providers},
		{Label: p.T("Providers"), Href: v.adminPath("organizations", "providers"), Current: providers}}
}

func showOrganizations(v *visit) error {
	p := v.printer
	add := v.adminPath("organizations", "new")
	return table[store.OrganizationLine, store.OrganizationFilter]{
		title: p.T("Connected organizations"), path: v.adminPath("organizations"), crumbs: v.adminCrumbs(),
		tabs: v.organizationTabs(false),
		lead: p.T("The partners whose people may be offered access packages, each with the directories or domains that " +
			"they sign in with."),
		hint: p.T("Name, description or domain"), sort: "name", tally: store.CounterOrganizations,
		commands: []views.Command{{Label: p.T("New connected organization"), Href: add, Primary: true}},
		filters: []filter[store.OrganizationFilter]{{"state", p.T("State"), []ui.Option{{Label: p.T("All")},
			{Value: string(access.Configured), Label: p.T("Configured")},
			{Value: string(access.Proposed), Label: p.T("Proposed")}},
			func(f *store.OrganizationFilter, value string) { f.State = access.OrganizationState(value) }}},
		columns: []column{{p.T("Name"), "name"}, {p.T("State"), ""}, {p.T("Verified domains"), ""}},
		empty: [2]string{p.T("There is no connected organization yet"),
			p.T("Add one, and its people can be offered access packages.")},
		emptyLinks: []views.Link{{Label: p.T("New connected organization"), Href: add, Primary: true}},
		read: func(q store.ListQuery[store.OrganizationFilter]) (store.ListPage[store.OrganizationLine], error) {
			return v.Store.OrganizationList(v.ctx, v.tenant.ID, q)
		},
		walk: func(q store.ListQuery[store.OrganizationFilter], f func(store.OrganizationLine) error) error {
			return v.Store.WalkOrganizations(v.ctx, v.tenant.ID, q, f)
		},
		row: func(o store.OrganizationLine) ui.TableRow {
			return ui.TableRow{Cells: []ui.Cell{{Text: o.Name, Sub: limitText(o.Description, 120),
				Href: v.adminPath("organizations", string(o.ID))},
				{State: v.organizationState(o.State)}, {Text: limitText(strings.ReplaceAll(o.Domains, " ", ", "), 200)}}}
		},
		head: []string{"id", "displayName", "description", "state", "domains"},
		line: func(o store.OrganizationLine) []string {
			return []string{string(o.ID), o.Name, o.Description, string(o.State), o.Domains}
		},
	}.serve(v)
}

// organizationState is the state of a connected organization.
func (v *visit) organizationState(s access.OrganizationState) ui.Badge {
	if s == access.Proposed {
		return ui.Badge{Kind: "wait", Text: v.printer.T("Proposed")}
	}
	return ui.Badge{Kind: "good", Text: v.printer.T("Configured")}
}

// organizationThing is the frame of the pages of a connected organization, at
// one of its tabs.
func (v *visit) organizationThing(o access.Organization, tab string) views.DetailPage {
	p := v.printer
	base := v.adminPath("organizations", string(o.ID))
	page := views.DetailPage{Chrome: v.chrome(o.Name), Intro: o.Description, State: v.organizationState(o.State),
		Crumbs: v.organizationCrumbs()}
	for _, t := range [][2]string{{"", p.T("Overview")}, {"/sources", p.T("Directory + domain")},
		{"/sponsors", p.T("Sponsors")}} {
		page.Tabs = append(page.Tabs, ui.Tab{Label: t[1], Href: base + t[0], Current: t[0] == tab})
	}
	return page
}

func showOrganization(v *visit, o access.Organization) error {
	p := v.printer
	base := v.adminPath("organizations", string(o.ID))
	ties, err := v.Store.OrganizationUsage(v.ctx, v.tenant.ID, o.ID)
	if err != nil {
		return err
	}
	page := v.organizationThing(o, "")
	page.Changed = v.changed(string(o.ID))
	page.Commands = []views.Command{{Label: p.T("Edit"), Href: base + "/edit"},
		{Label: p.T("Delete"), Href: base + "/delete", Danger: true}}
	meaning := p.T("You vouch for it: policies for all configured connected organizations are for its people too.")
	if o.State == access.Proposed {
		meaning = p.T("Its people see only what policies offer it by name, or offer anybody.")
		page.Notices = []views.Notice{{Kind: "info",
			Text: p.T("This organization is proposed: nobody has vouched for it yet."),
			Link: views.Link{Label: p.T("Edit its state"), Href: base + "/edit"}}}
	}
	var names []string
	for _, id := range o.Directories {
		d, err := v.Store.Directory(v.ctx, id)
		if err != nil {
			return err
		}
		names = append(names, p.T("%s (%s)", d.Name, v.domainsText(d.Domains)))
	}
	page.Sections = []views.Section{{Title: p.T("Properties"), Facts: []ui.Fact{
		{Name: p.T("State"), Value: meaning}, {Name: p.T("Directory + domain"),
			Value: orNothing(v, strings.Join(names, ", "))},
		{Name: p.T("Guests"), Value: p.Number(ties.Guests)}, {Name: p.T("Open requests"), Value: p.Number(ties.Open)},
		{Name: p.T("Assignments"), Value: p.Number(ties.Held)},
	}}, v.namedBy(ties)}
	return v.show(http.StatusOK, page.Page())
}

// namedBy are the policies that name a connected organization, as far as the
// reader may read them.
func (v *visit) namedBy(ties store.OrganizationUsage) views.Section {
	p := v.printer
	t := ui.Table{Label: p.T("Policies that name it"), Columns: []ui.Column{{Label: p.T("Access package")},
		{Label: p.T("Policy")}}}
	unseen := ties.More
	for _, n := range ties.Policies {
		if v.rights.MayInCatalog(access.ReadCatalog, n.Catalog) != nil {
			unseen++
			continue
		}
		t.Rows = append(t.Rows,
			ui.TableRow{Cells: []ui.Cell{{Text: n.PackageName, Href: v.adminPath("access-packages", string(n.Package))},
				{Text: n.Name}}})
	}
	s := views.Section{Title: p.T("Policies that name it"), Table: &t,
		Empty: p.T("None. Its people may still be offered what is for all configured organizations, or for anybody.")}
	if unseen > 0 {
		s.Text = p.N(int(unseen), "%d policy more names it.", "%d policies more name it.")
		s.Empty = ""
	}
	return s
}

// showSources are the directories of a connected organization.
func showSources(v *visit, o access.Organization) error {
	p := v.printer
	base := v.adminPath("organizations", string(o.ID), "sources")
	page := v.organizationThing(o, "/sources")
	page.Title = p.T("%s: directory + domain", o.Name)
	page.Commands = []views.Command{{Label: p.T("Add a directory or domain"), Href: base + "/add", Primary: true}}
	for _, id := range o.Directories {
		d, err := v.Store.Directory(v.ctx, id)
		if err != nil {
			return err
		}
		s := views.Section{Title: d.Name, Facts: v.directoryFacts(d)}
		if d.Owner == v.tenant.ID && v.rights.May(access.ManageProviders) == nil ||
			d.Owner == "" && v.rights.May(access.ManageProviders) == nil {
			s.Commands = append(s.Commands, views.Command{Label: p.T("Open the provider"), Href: v.adminPath("organizations",
				"providers", string(d.ID))})
		}
		remove := views.Command{Label: p.T("Remove"), Href: base + "/remove?source=" + string(d.ID), Danger: true}
		if len(o.Directories) == 1 {
			remove.DisabledReason = p.T("A connected organization needs a directory or a domain. Add another first, or delete the " +
				"organization.")
		}
		s.Commands = append(s.Commands, remove)
		page.Sections = append(page.Sections, s)
	}
	return v.show(http.StatusOK, page.Page())
}

// showSponsors are the sponsors of a connected organization.
func showSponsors(v *visit, o access.Organization) error {
	p := v.printer
	page := v.organizationThing(o, "/sponsors")
	page.Title = p.T("%s: sponsors", o.Name)
	page.Commands = []views.Command{{Label: p.T("Edit sponsors"), Href: v.adminPath("organizations", string(o.ID),
		"sponsors", "edit")}}
	for _, side := range []struct {
		title, text string
		who         []access.SubjectRef
	}{
		{p.T("Internal sponsors"), p.T("Members and groups of your organization."), o.InternalSponsors},
		{p.T("External sponsors"), p.T("Guests from the partner organization."), personSubjects(o.ExternalSponsors)},
	} {
		s := views.Section{Title: side.title, Text: side.text, Empty: p.T("There are none.")}
		for _, one := range side.who {
			s.Rows = append(s.Rows, v.subjectRow(one))
		}
		page.Sections = append(page.Sections, s)
	}
	return v.show(http.StatusOK, page.Page())
}

// subjectRow is the line of a person or group, which leads to its page for who
// may see that.
func (v *visit) subjectRow(s access.SubjectRef) views.Row {
	o, ok := v.option(ref(s))
	if !ok {
		return views.Row{Title: v.printer.T("somebody who is gone")}
	}
	row := views.Row{Title: o.Label, Hint: o.Hint}
	switch {
	case s.Kind == access.SubjectPerson && v.rights.May(access.ManagePeople) == nil:
		row.Href = v.adminPath("people", s.ID)
	case s.Kind == access.SubjectGroup && v.rights.May(access.ManageEntries) == nil:
		row.Href = v.adminPath("directory", s.ID)
	}
	return row
}
