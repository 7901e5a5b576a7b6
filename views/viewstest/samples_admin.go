package viewstest

import (
	"myaccess/views"
	"myaccess/views/ui"
)

// administrators returns samples of administrators' pages.
func (g gallery) administrators() []Sample {
	empty := g.adminList()
	empty.Table.Rows, empty.Bulk, empty.Search, empty.Next, empty.First = nil, nil, "", "", ""
	plain := g.adminForm()
	plain.Steps, plain.FaultSteps, plain.Faults, plain.Conflicts = nil, nil, nil, nil
	return []Sample{
		sample("list", g.adminList()), sample("empty list", empty), sample("thing", g.thing()),
		sample("wizard", g.adminForm()), sample("plain form", plain), sample("dashboard", g.dashboard()),
	}
}

func (g gallery) admin(title string) views.Chrome {
	c := g.chrome(title)
	c.AdminCSS, c.AdminJS = "/static/admin.css", "/static/admin.js"
	return c
}

func (g gallery) crumbs() []views.Link {
	return []views.Link{{Label: g.p.T("Administration"), Href: "/admin/"}, {Label: "Projects", Href: "/admin/projects"}}
}

func (g gallery) commands() []views.Command {
	return []views.Command{{Label: g.p.T("New"), Href: "/new", Primary: true},
		{Label: g.p.T("Remove"), Href: "/remove", Post: true, Danger: true, Hidden: []views.Hidden{{Name: "x", Value: "1"}}},
		{Label: g.p.T("Delete"), DisabledReason: g.p.T("It is used.")}}
}

func (g gallery) notices() []views.Notice {
	return []views.Notice{{Kind: "warn", Text: g.p.T("Nobody decides."), Link: views.Link{Label: g.p.T("Change it"),
		Href: "/change"}}, {Kind: "bad", Text: g.p.T("It failed.")}}
}

func (g gallery) table(tick string) ui.Table {
	return ui.Table{Label: g.p.T("Catalogs"), CheckboxName: tick,
		Columns: []ui.Column{{Label: g.p.T("Name"), Sort: "/sort", Sorted: "ascending"}, {Label: g.p.T("Packages")}},
		Rows: []ui.TableRow{
			{Value: "1", Label: g.p.T("Select %s", "Projects"),
				Cells: []ui.Cell{{Text: "Projects", Sub: "The model of the tides", Href: "/projects"},
					{Text: "3", State: g.state("good", "Enabled")}}},
			{Cells: []ui.Cell{{Text: "Tidal data"}, {Text: "0"}}},
		}}
}

func (g gallery) matrix() *ui.Matrix {
	return &ui.Matrix{Label: g.p.T("What each role allows"), First: g.p.T("Action"), Yes: g.p.T("Yes"), No: g.p.T("No"),
		Columns: []string{g.p.T("Owner"), g.p.T("Reader")},
		Groups: []ui.MatrixGroup{{Label: g.p.T("In a catalog"), Rows: []ui.MatrixRow{{Label: g.p.T("Change it"),
			Sub: g.p.T("Its name"), Cells: []bool{true, false}}}}}}
}

func (g gallery) filter() ui.Select {
	return ui.Select{Name: "external", Label: g.p.T("Enabled for external users"),
		Options: []ui.Option{{Value: "", Label: g.p.T("All")}, {Value: "yes", Label: g.p.T("Yes"), Selected: true}}}
}

func (g gallery) picker(name string, one bool, fault string) views.Part {
	return views.Part{Heading: g.p.T("Who"), Note: g.p.T("Search by name."), Picker: &ui.Picker{Name: name,
		Label: g.p.T("People"), Hint: g.p.T("Type a name."), Error: fault, Required: true,
		Single: one, Selected: []ui.Option{{Value: "1", Label: "Mara Lind", Hint: "mara@harbor.example", Selected: true}},
		Query:   "Mara Lind",
		Results: []ui.Option{{Value: "2", Label: "Harbor Studio"}}, SearchURL: "/pick", FindLabel: g.p.T("Find"),
		SearchLabel: g.p.T("Name")}}
}

func (g gallery) adminList() views.AdminList {
	return views.AdminList{Chrome: g.admin("Catalogs"), Crumbs: g.crumbs(), Intro: g.p.T("What there is."),
		Tabs: g.tabs("All", "Mine"), Commands: g.commands(),
		Searchable: true, Search: "Tidal data", SearchHint: g.p.T("Name"), Action: "/list",
		HiddenFields: []views.Hidden{{Name: "tab", Value: "all"}}, Filters: []ui.Select{g.filter()},
		Count: g.p.N(2, "%d catalog", "%d catalogs"), Table: g.table("id"), Bulk: &views.BulkActions{Action: "/bulk",
			Buttons: []views.Button{{Label: g.p.T("Remove"), Name: "do", Value: "remove", Danger: true}}},
		Empty: [2]string{g.p.T("Nothing"), g.p.T("Make one.")}, EmptyLinks: []views.Link{{Label: g.p.T("New"), Href: "/new"}},
		First: "/first", Next: "/next", CSV: "/csv", Results: g.notices()}
}

func (g gallery) thing() views.DetailPage {
	table, form := g.table(""), g.form()
	inline := views.InlineForm{Action: "/inline", Hidden: []views.Hidden{{Name: "x", Value: "1"}},
		Faults:  []views.Fault{{Text: g.p.T("Choose one.")}},
		Parts:   []views.Part{g.picker("role", false, g.p.T("Choose one."))},
		Buttons: []views.Button{{Label: g.p.T("Give"), Primary: true}}}
	return views.DetailPage{Chrome: g.admin("Projects"), Crumbs: g.crumbs(), State: g.state("good", "Enabled"),
		Intro: "The model of the tides", Tabs: g.tabs("Overview", "Roles"),
		Main: g.commands()[0], Matrix: g.matrix(), MatrixNote: g.p.T("With several roles all of it."),
		Commands: g.commands(), Notices: g.notices(), Changed: g.p.T("Changed by %s", "Mara Lind"), AutoRefresh: true,
		Sections: []views.Section{
			{Title: g.p.T("Properties"), Text: g.p.T("What it is."), Facts: g.facts(), Copy: &views.CopyField{ID: "link",
				Label: g.p.T("Link"), Text: "https://example.org/", Button: g.p.T("Copy"), Done: g.p.T("Copied")}},
			{Title: g.p.T("Packages"), Table: &table, More: views.Link{Label: g.p.T("All"), Href: "/all"},
				Commands: g.commands()},
			{Title: g.p.T("Nothing"), Table: &ui.Table{Label: g.p.T("Nothing")}, Empty: g.p.T("There is none.")},
			{Title: g.p.T("History"), Rows: g.rows(), Resources: g.resources(), Steps: g.steps()},
			{Title: g.p.T("Who may"), Form: &inline}, {Title: g.p.T("As requestors see it"), Preview: form},
			{Title: g.p.T("As a picture"), QR: &views.QR{Label: "https://example.org/", Modules: [][]bool{{true, false},
				{false, true}}}},
		}}
}

func (g gallery) adminForm() views.AdminForm {
	need := g.p.T("Required.")
	table := g.table("")
	drop := g.filter()
	drop.Error, drop.Hint, drop.Required = need, g.p.T("One of them."), true
	return views.AdminForm{Chrome: g.admin("New catalog"), Crumbs: g.crumbs(), Intro: g.p.T("Make it."), Action: "/new",
		Steps: []ui.Step{{Label: g.p.T("Basics"), Value: "basics", Current: true, HasFault: true},
			{Label: g.p.T("Review"), Value: "review"}},
		Faults:     []views.Fault{{Text: need}, {Field: "f-name", Text: need}, {Field: "f-external", Text: need}},
		FaultSteps: []views.Button{{Label: g.p.T("Basics"), Name: "go", Value: "basics"}},
		Notices:    g.notices(), Conflicts: []views.FieldConflict{{Label: g.p.T("Name"), Stored: "Projects",
			Typed: "Tidal data"}},
		Hidden: []views.Hidden{{Name: "version", Value: "1"}},
		Groups: []views.Group{
			{Title: g.p.T("Basics"), Text: g.p.T("What it is called."),
				Parts: []views.Part{{Field: &ui.Field{Name: "name", Label: g.p.T("Name"), Type: "text", MaxLength: 120,
					Error: need}},
					{Select: &drop}, g.picker("owner", false, need)}, Buttons: []views.Button{{Label: g.p.T("Add"), Name: "add",
					Value: "1"}}},
			{Title: g.p.T("Review"), State: ui.Badge{Kind: "good", Text: g.p.T("Configured")}, Notices: g.notices(),
				Facts: g.facts(), Table: &table,
				Copies: []views.CopyField{{ID: "callback", Label: g.p.T("Address"),
					Text:   "https://access.example.org/auth/callback/1",
					Button: g.p.T("Copy"), Done: g.p.T("Copied")}}},
		},
		Buttons: []views.Button{{Label: g.p.T("Create"), Primary: true}}, CancelURL: "/cancel"}
}

func (g gallery) dashboard() views.Dashboard {
	table := g.table("")
	return views.Dashboard{Chrome: g.admin("Administration"),
		Figures: []views.Figure{{Number: "12", Label: g.p.T("Catalogs"), Href: "/catalogs"},
			{Number: "3", Label: g.p.T("People")}},
		AsOf: g.p.T("As of now."), Stuck: []views.Section{{Title: g.p.T("What is stuck"), Table: &table}}, Hints: g.notices()}
}
