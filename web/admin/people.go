package admin

import (
	"maps"
	"net/http"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lang"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// personRoutes are the pages of people.
func personRoutes() []kit.Route {
	const list, one = root + "/people", root + "/people/:id"
	all := []kit.Route{
		pageRoute(list, access.ManagePeople, kit.OfTenant, showPeople),
		pageRoute(one, access.ManagePeople, kit.OfTenant, showPerson),
		actionRoute(one+"/end-sessions", access.ManagePeople, kit.OfTenant, endSessions),
	}
	all = append(all, formRoutes(list+"/new", access.ManagePeople, kit.OfTenant, showNewPerson, postNewPerson)...)
	all = append(all, formRoutes(one+"/subject", access.ManagePeople, kit.OfTenant, showSubject, postSubject)...)
	all = append(all, importRoutes(list+"/import")...)
	return append(all, formRoutes(one+"/edit", access.ManagePeople, kit.OfTenant, showEditPerson, postEditPerson)...)
}

func showPeople(c *kit.Context) error {
	p := c.Printer
	t := kit.Table[access.Person, store.PersonFilter]{
		Title: p.T("People"), Path: c.AdminPath("people"), Sort: "name", Count: store.CounterPeople,
		Lead: p.T("Members sign in with your own directory. Guests were invited by access packages or were here before. " +
			"External people have only requested access."),
		SearchHint: p.T("Name or mail address"),
		Commands: []views.Command{{Label: p.T("Add person"), Href: c.AdminPath("people", "new"), Primary: true},
			{Label: p.T("Import"), Href: c.AdminPath("people", "import")},
			{Label: p.T("Merges to confirm"), Href: c.AdminPath("merges")}},
		Filters: []kit.Filter[store.PersonFilter]{
			{Name: "kind", Label: p.T("Kind"), Options: []ui.Option{{Label: p.T("All")},
				{Value: "member", Label: p.T("Members")},
				{Value: "guest", Label: p.T("Guests")}, {Value: "external", Label: p.T("External")}},
				Set: func(f *store.PersonFilter, value string) { f.Kind = access.PersonKind(value) }},
			{Name: "guest", Label: p.T("Guest account"), Options: []ui.Option{{Label: p.T("All")},
				{Value: "active", Label: p.T("Active")},
				{Value: "blocked", Label: p.T("Blocked")}, {Value: "removed", Label: p.T("Removed")}},
				Set: func(f *store.PersonFilter, value string) { f.Guest = access.GuestState(value) }},
			kit.YesNoFilter(c, "governed", p.T("Governed"), func(f *store.PersonFilter, is store.Flag) { f.Governed = is }),
			{Name: "problem", Label: p.T("Problem"), Options: problemOptions(p),
				Set: func(f *store.PersonFilter, value string) { f.Problem = store.PersonProblem(value) }},
			kit.YesNoFilter(c, "disabled", p.T("Disabled"), func(f *store.PersonFilter, is store.Flag) { f.Disabled = is }),
		},
		Columns: []kit.Column{{Label: p.T("Name"), Order: "name"}, {Label: p.T("Kind")},
			{Label: p.T("Domain"), Priority: 3}, {Label: p.T("Guest account")},
			{Label: p.T("Added"), Order: "age", Priority: 2}},
		Empty: [2]string{p.T("No people yet"),
			p.T("People appear here when they sign in, or when you add or import them.")},
		Read: func(q store.ListQuery[store.PersonFilter]) (store.ListPage[access.Person], error) {
			return c.View.People(c.Ctx, q)
		},
		Walk: func(q store.ListQuery[store.PersonFilter], f func(access.Person) error) error {
			return c.View.WalkPeople(c.Ctx, q, f)
		},
		Row: func(one access.Person) ui.TableRow { return personRow(c, one) },
		CSVHead: []string{"id", "displayName", "mail", "userType", "domain", "guestState", "governed", "removalDue",
			"disabled",
			"createdDateTime"},
		CSVLine: func(one access.Person) []string {
			return []string{string(one.ID), one.Name, one.Email, string(one.Kind), string(one.Domain), string(one.Guest),
				kit.YesNo(one.Governed), timestamp(one.RemovalDue), kit.YesNo(one.Disabled), timestamp(one.Created)}
		},
	}
	return t.Serve(c)
}

// personCell is a person in a table: the name leads to the person, for readers who may
// see that page.
func personCell(c *kit.Context, one access.Person) ui.Cell {
	cell := ui.Cell{Text: one.Name, Sub: mailaddr.Show(one.Email), Person: true}
	if c.Rights.MayAnywhere(access.ManagePeople) {
		cell.Href = c.AdminPath("people", string(one.ID))
	}
	return cell
}

func personRow(c *kit.Context, one access.Person) ui.TableRow {
	p := c.Printer
	kind := ui.Cell{Text: kit.PersonKindWord(p, one)}
	if one.Disabled {
		kind.State = ui.Badge{Kind: "bad", Text: p.T("Disabled")}
	}
	return ui.TableRow{Cells: []ui.Cell{personCell(c, one), kind, {Text: string(one.Domain)},
		{State: guestBadge(p, one.Guest), Sub: removalText(c, one)}, {Text: p.ShortDate(one.Created), NoWrap: true}}}
}

// removalText says when a guest will be removed; empty if no removal is due.
func removalText(c *kit.Context, one access.Person) string {
	if one.RemovalDue.IsZero() || one.Guest == access.GuestRemoved {
		return ""
	}
	return c.Printer.T("Will be removed on %s", c.Printer.Date(one.RemovalDue))
}

// loadPerson loads the person in the path.
func loadPerson(c *kit.Context) (admin.PersonView, error) {
	id, err := c.PathID()
	if err != nil {
		return admin.PersonView{}, err
	}
	return c.View.Person(c.Ctx, access.PersonID(id))
}

// showPerson is the page of a person: profile, access and its sources, guest
// lifecycle.
func showPerson(c *kit.Context) error {
	p := c.Printer
	read, err := loadPerson(c)
	if err != nil {
		return err
	}
	one := read.Person()
	changed, err := read.LastChange(c.Ctx)
	base := c.AdminPath("people", string(one.ID))
	page := views.DetailPage{Chrome: c.Chrome(one.Name), Crumbs: []views.Link{{Label: p.T("People"),
		Href: c.AdminPath("people")}}, Changed: changedText(c, changed, err),
		Tabs: []ui.Tab{{Label: p.T("Overview"), Href: base, Current: true}, {Label: p.T("Assignments"),
			Href: c.AdminPath("assignments") + "?person=" + string(one.ID)},
			{Label: p.T("Requests"), Href: c.AdminPath("requests") + "?person=" + string(one.ID)}}}
	if one.Disabled {
		page.State = ui.Badge{Kind: "bad", Text: p.T("Disabled")}
	}
	gaps, err := c.View.Dependents().OfPerson(c.Ctx, one)
	if err = addDependents(c, &page.Notices,
		p.T("This person can't sign in, and no one else can approve here. Add an approver to:"), gaps, err); err != nil {
		return err
	}
	end := views.Command{Label: p.T("End all sessions"), Href: base + "/end-sessions", Post: true}
	if one.Account == "" {
		end.DisabledReason = p.T("Never signed in")
	}
	page.Commands = []views.Command{{Label: p.T("Edit"), Href: base + "/edit"}, end,
		{Label: p.T("Merge"), Href: base + "/merge"}}
	if one.Account == "" {
		page.Commands = append(page.Commands, views.Command{Label: p.T("Enter subject"), Href: base + "/subject"})
	}
	if err := addTwins(c, &page, read); err != nil {
		return err
	}
	if page.Sections, err = personSections(c, read); err != nil {
		return err
	}
	return c.Show(http.StatusOK, page.Page())
}

func personSections(c *kit.Context, read admin.PersonView) ([]views.Section, error) {
	p := c.Printer
	facts, err := personFacts(c, read)
	if err != nil {
		return nil, err
	}
	sections := []views.Section{{Title: p.T("Profile"), Facts: facts}}
	if read.Person().Guest != access.GuestNone {
		guest, err := guestSection(c, read)
		if err != nil {
			return nil, err
		}
		sections = append(sections, guest)
	}
	held, err := assignmentTable(c, read)
	if err != nil {
		return nil, err
	}
	belongs, err := belongingTable(c, read)
	if err != nil {
		return nil, err
	}
	given, err := read.Rights(c.Ctx)
	if err != nil {
		return nil, err
	}
	roles := views.Section{Title: p.T("Administrative roles"), Empty: p.T("None.")}
	for _, r := range given.Tenant {
		roles.Rows = append(roles.Rows, views.Row{Title: roleWord(p, r)})
	}
	catalogs := slices.Sorted(maps.Keys(given.Catalogs))
	names, err := c.View.CatalogNames(c.Ctx, catalogs)
	if err != nil {
		return nil, err
	}
	for _, id := range catalogs {
		for _, r := range given.Catalogs[id] {
			roles.Rows = append(roles.Rows, views.Row{Title: roleWord(p, r), Text: names[id],
				Href: c.AdminPath("catalogs", string(id), "roles")})
		}
	}
	return append(sections, held, belongs, roles), nil
}

func personFacts(c *kit.Context, read admin.PersonView) ([]ui.Fact, error) {
	p, one := c.Printer, read.Person()
	signIn, err := read.SignIn(c.Ctx)
	if err != nil {
		return nil, err
	}
	account := p.T("Hasn't signed in yet")
	if signIn.Account != "" {
		account = p.T("%s of %s", signIn.Account, signIn.Directory)
	}
	facts := []ui.Fact{{Name: p.T("Name"), Value: one.Name}, {Name: p.T("Mail address"),
		Value: orDefault(mailaddr.Show(one.Email), p.T("None"))},
		{Name: p.T("Kind"), Value: kit.PersonKindWord(p, one)},
		{Name: p.T("Account"), Value: account}, {Name: p.T("Identity provider"), Value: signIn.Directory}}
	facts = append(facts, signInFacts(p, one, signIn)...)
	if one.Disabled {
		facts = append(facts, ui.Fact{Name: p.T("Disabled"), Value: disabledText(c, one)})
	}
	if one.Outsider() {
		facts = append(facts, ui.Fact{Name: p.T("Connected organization"),
			Value: orDefault(signIn.Organization, p.T("None"))})
	}
	if one.Manager != "" {
		facts = append(facts, ui.Fact{Name: p.T("Manager"), Value: personName(c, one.Manager)})
	}
	if len(one.Sponsors) > 0 {
		facts = append(facts, ui.Fact{Name: p.T("Sponsors"), Value: p.List(personNames(c, one.Sponsors))})
	}
	for _, name := range sortedKeys(one.Attributes) {
		facts = append(facts, ui.Fact{Name: name, Value: one.Attributes[name]})
	}
	return append(facts, ui.Fact{Name: p.T("Language"), Value: orDefault(one.Language, p.T("Organization's setting"))},
		ui.Fact{Name: p.T("Time zone"), Value: orDefault(one.TimeZone, p.T("Organization's setting"))}), nil
}

// problemOptions are the problems that the list of people is filtered by.
func problemOptions(p *lang.Printer) []ui.Option {
	return []ui.Option{{Label: p.T("All")},
		{Value: string(store.ProblemSubject), Label: p.T("No subject (administrators)")},
		{Value: string(store.ProblemElsewhere), Label: p.T("Outside your domains")},
		{Value: string(store.ProblemShared), Label: p.T("Duplicate mail address")},
		{Value: string(store.ProblemUnreadable), Label: p.T("Invalid mail address")}}
}

// signInFacts say what the provider said at the last sign-in that keeps the person
// from having an address or from being a member.
func signInFacts(p *lang.Printer, one access.Person, s admin.SignIn) []ui.Fact {
	var facts []ui.Fact
	a := s.KnownAccount
	text := ""
	switch a.EmailProblem {
	case access.EmailMissing:
		text = p.T("None was sent at the last sign-in. If the address is in another claim, set that claim for the provider.")
	case access.EmailUnreadable:
		text = p.T("Invalid: %s", kit.Quoted(a.SentEmail))
	case access.EmailUnverified:
		text = p.T("%s (unverified). The provider doesn't say that the address is verified. If people can't choose their "+
			"address there, turn on “Trust mail addresses” for the provider.", sentAddress(p, a))
	case access.EmailElsewhere:
		text = p.T("%s (unverified). The address is in none of the provider's verified domains.", sentAddress(p, a))
	case access.EmailFine:
	}
	if text != "" {
		facts = append(facts, ui.Fact{Name: p.T("Address from the provider"), Value: text})
	}
	if a.Belonging == access.GuestOfProvider {
		facts = append(facts, ui.Fact{Name: p.T("Guest of the provider"), Value: a.GuestReason})
	}
	return facts
}

// sentAddress is the address that the provider sent at the last sign-in. Accounts that have
// not signed in since it is stored have none.
func sentAddress(p *lang.Printer, a access.Account) string {
	return orDefault(mailaddr.Show(a.SentEmail), p.T("Address not stored"))
}

func orDefault(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// guestSection says who invited a guest, and what happens to the account and
// why (F-190 to F-202).
func guestSection(c *kit.Context, read admin.PersonView) (views.Section, error) {
	p, one := c.Printer, read.Person()
	s := views.Section{Title: p.T("Guest"), Facts: []ui.Fact{{Name: p.T("Account"), Value: guestBadge(p, one.Guest).Text},
		{Name: p.T("Governed"), Value: governedReason(p, one)}}}
	if one.InvitedBy != "" {
		r, k, err := read.Invitation(c.Ctx)
		if err != nil {
			return s, err
		}
		s.Facts = append(s.Facts, ui.Fact{Name: p.T("Invited by"), Value: p.T("Request for “%s” of %s", k.Name,
			p.Date(r.Created)), Href: c.AdminPath("requests", string(r.ID))})
	}
	if !one.RemovalDue.IsZero() && one.Guest != access.GuestRemoved {
		s.Facts = append(s.Facts, ui.Fact{Name: p.T("Removal"),
			Value: p.T("On %s, unless an access package is assigned before then. The date was set when the last one ended.",
				p.DateTime(one.RemovalDue))})
	}
	moves, err := read.GuestHistory(c.Ctx)
	for _, m := range moves {
		s.Steps = append(s.Steps, views.Step{Kind: "done", Title: guestBadge(p, m.To).Text, Time: p.DateTime(m.At),
			Lines: []string{p.T(lang.Message(m.Reason))}})
	}
	return s, err
}

// assignmentTable lists the resource roles that a person has from access
// packages, with the packages that grant each.
func assignmentTable(c *kit.Context, read admin.PersonView) (views.Section, error) {
	p := c.Printer
	s := views.Section{Title: p.T("Access from packages"), Empty: p.T("None."),
		Table: &ui.Table{Label: p.T("Access from packages"),
			Columns: []ui.Column{{Label: p.T("Resource")}, {Label: p.T("Role")}, {Label: p.T("State")},
				{Label: p.T("Reason")}}}}
	grants, err := read.Grants(c.Ctx, c.Now)
	for _, g := range grants {
		state := ui.Cell{State: kit.GrantBadge(p, g.Grant.State)}
		if g.Grant.LastError != "" {
			state.Sub = p.T(lang.Message(g.Grant.LastError))
		}
		resource := g.Role.Resource
		s.Table.Rows = append(s.Table.Rows, ui.TableRow{Cells: []ui.Cell{
			{Text: resource.Name, Sub: kit.KindWord(p, resource.Kind)}, {Text: g.Role.Role.Name}, state,
			{Text: p.List(g.Packages)}}})
	}
	return s, err
}

// belongingTable lists the person's roles in the built-in directory.
func belongingTable(c *kit.Context, read admin.PersonView) (views.Section, error) {
	p := c.Printer
	s := views.Section{Title: p.T("In the built-in directory"), Empty: p.T("None."),
		Table: &ui.Table{Label: p.T("In the built-in directory"),
			Columns: []ui.Column{{Label: p.T("Name")}, {Label: p.T("Kind")}, {Label: p.T("Role")}}}}
	all, err := read.EntryRights(c.Ctx)
	for _, b := range all {
		s.Table.Rows = append(s.Table.Rows,
			ui.TableRow{Cells: []ui.Cell{{Text: b.Entry.Name, Href: c.AdminPath("directory", string(b.Entry.ID))},
				{Text: kit.KindWord(p, b.Entry.Kind)}, {Text: b.Role}}})
	}
	return s, err
}

func endSessions(c *kit.Context) error {
	id, err := c.PathID()
	if err != nil {
		return err
	}
	if err := c.Admin.EndSessions(c.Ctx, c.Person, access.PersonID(id)); err != nil {
		return err
	}
	return c.Done(c.AdminPath("people", id), "ended")
}
