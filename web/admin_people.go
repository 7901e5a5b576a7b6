package web

import (
	"net/http"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// personRoutes are the pages of people.
func personRoutes() []route {
	const list, one = adminHome + "/people", adminHome + "/people/:id"
	all := []route{
		read(list, access.ManagePeople, ofTenant, showPeople),
		read(one, access.ManagePeople, ofTenant, showPerson),
		act(one+"/end-sessions", access.ManagePeople, ofTenant, endSessions),
	}
	all = append(all, form(list+"/new", access.ManagePeople, ofTenant, showNewPerson, postNewPerson)...)
	all = append(all, form(list+"/import", access.ManagePeople, ofTenant, showImport, postImport)...)
	return append(all, form(one+"/edit", access.ManagePeople, ofTenant, showEditPerson, postEditPerson)...)
}

func showPeople(v *visit) error {
	p := v.printer
	t := table[access.Person, store.PersonFilter]{
		title: p.T("People"), path: v.adminPath("people"), crumbs: v.adminCrumbs(), sort: "name", tally: store.CounterPeople,
		lead: p.T("Members sign in in your own directory, guests were invited by access packages or were there before, " +
			"external people have only asked."),
		hint: p.T("Name or mail address"),
		commands: []views.Command{{Label: p.T("Add somebody"), Href: v.adminPath("people", "new"), Primary: true},
			{Label: p.T("Import"), Href: v.adminPath("people", "import")}},
		filters: []filter[store.PersonFilter]{
			{"kind", p.T("Kind"), []ui.Option{{Label: p.T("All")}, {Value: "member", Label: p.T("Members")},
				{Value: "guest", Label: p.T("Guests")}, {Value: "external", Label: p.T("External")}},
				func(f *store.PersonFilter, value string) { f.Kind = access.PersonKind(value) }},
			{"guest", p.T("Guest account"), []ui.Option{{Label: p.T("All")}, {Value: "active", Label: p.T("Active")},
				{Value: "blocked", Label: p.T("Blocked")}, {Value: "removed", Label: p.T("Removed")}},
				func(f *store.PersonFilter, value string) { f.Guest = access.GuestState(value) }},
			yesNoFilter(v, "governed", p.T("Governed"), func(f *store.PersonFilter, is store.Flag) { f.Governed = is }),
			yesNoFilter(v, "disabled", p.T("Disabled"), func(f *store.PersonFilter, is store.Flag) { f.Disabled = is }),
		},
		columns: []column{{p.T("Name"), "name"}, {p.T("Kind"), ""}, {p.T("Domain"), ""}, {p.T("Guest account"), ""},
			{p.T("Known since"), "age"}},
		empty: [2]string{p.T("Nobody is known yet"),
			p.T("People become known when they sign in, when you add or import them.")},
		read: func(q store.ListQuery[store.PersonFilter]) (store.ListPage[access.Person], error) {
			return v.Store.PersonList(v.ctx, v.tenant.ID, q)
		},
		walk: func(q store.ListQuery[store.PersonFilter], f func(access.Person) error) error {
			return v.Store.WalkPeople(v.ctx, v.tenant.ID, q, f)
		},
		row: v.personRow,
		head: []string{"id", "displayName", "mail", "userType", "domain", "guestState", "governed", "removalDue", "disabled",
			"createdDateTime"},
		line: func(one access.Person) []string {
			return []string{string(one.ID), one.Name, one.Email, string(one.Kind), string(one.Domain), string(one.Guest),
				yes(one.Governed), stamp(one.RemovalDue), yes(one.Disabled), stamp(one.Created)}
		},
	}
	return t.serve(v)
}

func (v *visit) personRow(one access.Person) ui.TableRow {
	p := v.printer
	kind := ui.Cell{Text: personKindWord(p, one)}
	if one.Disabled {
		kind.State = ui.Badge{Kind: "bad", Text: p.T("Disabled")}
	}
	return ui.TableRow{Cells: []ui.Cell{{Text: one.Name, Sub: one.Email, Href: v.adminPath("people", string(one.ID))},
		kind, {Text: string(one.Domain)},
		{State: guestBadge(p, one.Guest), Sub: v.removalText(one)}, {Text: p.Date(one.Created), NoWrap: true}}}
}

// removalText says when a guest is removed; empty if that is not due.
func (v *visit) removalText(one access.Person) string {
	if one.RemovalDue.IsZero() || one.Guest == access.GuestRemoved {
		return ""
	}
	return v.printer.T("is removed on %s", v.printer.Date(one.RemovalDue))
}

// somebody is the person that the path names.
func (v *visit) somebody() (access.Person, error) {
	id, err := v.id()
	if err != nil {
		return access.Person{}, err
	}
	one, err := v.Store.Person(v.ctx, v.tenant.ID, access.PersonID(id))
	if err == nil {
		one.Sponsors, err = v.Store.Sponsors(v.ctx, v.tenant.ID, one.ID)
	}
	return one, err
}

// showPerson is everything about a person: who it is, what is held and why, and
// what becomes of a guest.
func showPerson(v *visit) error {
	p := v.printer
	one, err := v.somebody()
	if err != nil {
		return err
	}
	base := v.adminPath("people", string(one.ID))
	page := views.DetailPage{Chrome: v.chrome(one.Name), Crumbs: v.adminCrumbs(views.Link{Label: p.T("People"),
		Href: v.adminPath("people")}), Changed: v.changed(string(one.ID)),
		Tabs: []ui.Tab{{Label: p.T("Overview"), Href: base, Current: true}, {Label: p.T("Assignments"),
			Href: v.adminPath("assignments") + "?person=" + string(one.ID)},
			{Label: p.T("Requests"), Href: v.adminPath("requests") + "?person=" + string(one.ID)}}}
	if one.Disabled {
		page.State = ui.Badge{Kind: "bad", Text: p.T("Disabled")}
	}
	end := views.Command{Label: p.T("End all sessions"), Href: base + "/end-sessions", Post: true}
	if one.Account == "" {
		end.DisabledReason = p.T("Has never signed in")
	}
	page.Commands = []views.Command{{Label: p.T("Edit"), Href: base + "/edit"}, end}
	if page.Sections, err = v.personSections(one); err != nil {
		return err
	}
	return v.show(http.StatusOK, page.Page())
}

func (v *visit) personSections(one access.Person) ([]views.Section, error) {
	p := v.printer
	facts, err := v.personFacts(one)
	if err != nil {
		return nil, err
	}
	sections := []views.Section{{Title: p.T("Who this is"), Facts: facts}}
	if one.Guest != access.GuestNone {
		guest, err := v.guestSection(one)
		if err != nil {
			return nil, err
		}
		sections = append(sections, guest)
	}
	held, err := v.heldTable(one)
	if err != nil {
		return nil, err
	}
	belongs, err := v.belongingTable(one)
	if err != nil {
		return nil, err
	}
	given, err := v.Store.Rights(v.ctx, one)
	roles := views.Section{Title: p.T("Administrative roles"), Empty: p.T("None.")}
	for _, r := range given.Tenant {
		roles.Rows = append(roles.Rows, views.Row{Title: roleWord(p, r)})
	}
	for c, all := range given.Catalogs {
		catalog, err := v.Store.Catalog(v.ctx, v.tenant.ID, c)
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			roles.Rows = append(roles.Rows, views.Row{Title: roleWord(p, r), Text: catalog.Name, Href: v.adminPath("catalogs",
				string(c), "roles")})
		}
	}
	return append(sections, held, belongs, roles), err
}

func (v *visit) personFacts(one access.Person) ([]ui.Fact, error) {
	p := v.printer
	dir, err := v.Store.Directory(v.ctx, one.Directory)
	if err != nil {
		return nil, err
	}
	account := p.T("has not signed in yet")
	if one.Account != "" {
		a, err := v.Store.Account(v.ctx, one.Account)
		if err != nil {
			return nil, err
		}
		account = p.T("%s of %s", a.Subject, dir.Name)
	}
	facts := []ui.Fact{{Name: p.T("Name"), Value: one.Name}, {Name: p.T("Mail address"), Value: one.Email},
		{Name: p.T("Kind"), Value: personKindWord(p, one)},
		{Name: p.T("Account"), Value: account}, {Name: p.T("Signs in at"), Value: dir.Name}}
	if one.Outsider() {
		o, ok, err := v.Store.OrganizationOf(v.ctx, v.tenant.ID, one.Directory)
		if err != nil {
			return nil, err
		}
		if !ok {
			o.Name = p.T("none")
		}
		facts = append(facts, ui.Fact{Name: p.T("Connected organization"), Value: o.Name})
	}
	if one.Manager != "" {
		facts = append(facts, ui.Fact{Name: p.T("Manager"), Value: v.personName(one.Manager)})
	}
	if len(one.Sponsors) > 0 {
		var names []string
		for _, id := range one.Sponsors {
			names = append(names, v.personName(id))
		}
		facts = append(facts, ui.Fact{Name: p.T("Sponsors"), Value: p.List(names)})
	}
	for _, name := range sortedKeys(one.Attributes) {
		facts = append(facts, ui.Fact{Name: name, Value: one.Attributes[name]})
	}
	return append(facts, ui.Fact{Name: p.T("Language"), Value: orText(one.Language, p.T("the organization's"))},
		ui.Fact{Name: p.T("Time zone"), Value: orText(one.TimeZone, p.T("the organization's"))}), nil
}

func orText(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// guestSection says who brought a guest in, and what becomes of the account and
// why (F-190 to F-202).
func (v *visit) guestSection(one access.Person) (views.Section, error) {
	p := v.printer
	s := views.Section{Title: p.T("Guest"), Facts: []ui.Fact{{Name: p.T("Account"), Value: guestBadge(p, one.Guest).Text},
		{Name: p.T("Governed"), Value: governedReason(p, one)}}}
	if one.InvitedBy != "" {
		r, err := v.Store.Request(v.ctx, v.tenant.ID, one.InvitedBy)
		if err != nil {
			return s, err
		}
		k, err := v.Store.Package(v.ctx, v.tenant.ID, r.Package)
		if err != nil {
			return s, err
		}
		s.Facts = append(s.Facts, ui.Fact{Name: p.T("Brought in by"), Value: p.T("the request for “%s” of %s", k.Name,
			p.Date(r.Created))})
		s.More = views.Link{Label: p.T("That request"), Href: v.adminPath("requests", string(r.ID))}
	}
	if !one.RemovalDue.IsZero() && one.Guest != access.GuestRemoved {
		s.Facts = append(s.Facts, ui.Fact{Name: p.T("Is removed"),
			Value: p.T("on %s, unless an access package is assigned before. The date was fixed when the last one ended.",
				p.DateTime(one.RemovalDue))})
	}
	moves, err := v.Store.GuestHistory(v.ctx, one)
	for _, m := range moves {
		s.Steps = append(s.Steps, views.Step{Kind: "done", Title: guestBadge(p, m.To).Text, Time: p.DateTime(m.At),
			Lines: []string{p.T(m.Reason)}})
	}
	return s, err
}

// heldTable is what a person holds by access packages, with the assignments that
// ask for each role.
func (v *visit) heldTable(one access.Person) (views.Section, error) {
	p := v.printer
	s := views.Section{Title: p.T("Holds by access packages"), Empty: p.T("Nothing."),
		Table: &ui.Table{Label: p.T("Holds by access packages"),
			Columns: []ui.Column{{Label: p.T("Resource")}, {Label: p.T("Role")}, {Label: p.T("State")},
				{Label: p.T("Because of")}}}}
	grants, err := v.Store.Grants(v.ctx, v.tenant.ID, one.ID)
	if err != nil {
		return s, err
	}
	why, err := v.reasons(one)
	if err != nil {
		return s, err
	}
	var ids []access.ResourceRoleID
	for _, g := range grants {
		ids = append(ids, g.Role)
	}
	roles, err := v.Store.ResourceRoles(v.ctx, v.tenant.ID, ids)
	for _, g := range grants {
		if g.State == access.Removed {
			continue
		}
		r := roles[g.Role]
		state := ui.Cell{State: grantBadge(p, g.State)}
		if g.LastError != "" {
			state.Sub = p.T(g.LastError)
		}
		s.Table.Rows = append(s.Table.Rows,
			ui.TableRow{Cells: []ui.Cell{{Text: r.Resource.Name, Sub: kindWord(p, r.Resource.Kind)}, {Text: r.Role.Name}, state,
				{Text: p.List(why[g.Role])}}})
	}
	return s, err
}

// reasons are the names of the packages that ask for each role of a person, by
// the assignments in force.
func (v *visit) reasons(one access.Person) (map[access.ResourceRoleID][]string, error) {
	held, err := v.Store.OpenAssignments(v.ctx, v.tenant.ID, one.ID)
	if err != nil {
		return nil, err
	}
	why := map[access.ResourceRoleID][]string{}
	for _, x := range held {
		if !x.InForce(v.now) {
			continue
		}
		k, err := v.Store.Package(v.ctx, v.tenant.ID, x.Package)
		if err != nil {
			return nil, err
		}
		for _, role := range k.Roles {
			why[role] = append(why[role], k.Name)
		}
	}
	return why, nil
}

// belongingTable is what a person is in in the built-in directory.
func (v *visit) belongingTable(one access.Person) (views.Section, error) {
	p := v.printer
	s := views.Section{Title: p.T("In the built-in directory"), Empty: p.T("In nothing."),
		Table: &ui.Table{Label: p.T("In the built-in directory"),
			Columns: []ui.Column{{Label: p.T("Name")}, {Label: p.T("Kind")}, {Label: p.T("Role")}}}}
	all, err := v.Store.EntryRights(v.ctx, one)
	for _, b := range all {
		s.Table.Rows = append(s.Table.Rows,
			ui.TableRow{Cells: []ui.Cell{{Text: b.Entry.Name, Href: v.adminPath("directory", string(b.Entry.ID))},
				{Text: kindWord(p, b.Entry.Kind)}, {Text: b.Role}}})
	}
	return s, err
}

func endSessions(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := v.Admin.EndSessions(v.ctx, v.person, access.PersonID(id)); err != nil {
		return err
	}
	return v.done(v.adminPath("people", id), "ended")
}
