package viewstest

import (
	"reflect"

	"github.com/a-h/templ"

	"myaccess/internal/lang"
	"myaccess/views"
	"myaccess/views/ui"
)

// Sample is a named page.
type Sample struct {
	Name string
	Of   string // the struct's name
	Page templ.Component
}

// printable is implemented by the structs of pages.
type printable interface{ Page() templ.Component }

func sample(name string, p printable) Sample { return Sample{name, reflect.TypeOf(p).Name(), p.Page()} }

// Words are the words of the samples that are names or input, so that they are
// the same in every language.
func Words() []string {
	return []string{"MyAccess", "Meridian Works", "Mara Lind", "mara@harbor.example", "Harbor Studio",
		"help@meridian.example", "Tidal data", "Tidal team",
		"harbor.example", "Projects", "The model of the tides", "Cost centre", "AB-12", "We build it together", "Bern",
		"Geneva", "A short while", "Known to us", "7f3a", "https://example.org/"}
}

// gallery makes the samples for one reader.
type gallery struct{ p *lang.Printer }

// Samples returns a filled page of every kind, in every state that looks
// different.
func Samples(p *lang.Printer) []Sample {
	g := gallery{p}
	return append(g.portal(), g.administrators()...)
}

func (g gallery) portal() []Sample {
	return []Sample{
		sample("front", g.front()), sample("sign-in", g.signIn()), sample("code", g.code()), sample("problem", g.problem()),
		sample("wrong account", g.wrongAccount()), sample("confirm", g.confirm()),
		sample("overview", g.overview()), sample("empty overview", views.Overview{Chrome: g.chrome("Overview"),
			Browse: "/browse"}),
		sample("packages", g.packages()), sample("no packages", g.noPackages()),
		sample("package", g.pack(g.form())), sample("package with faults", g.pack(g.faultyForm())),
		sample("package with a choice", g.pack(g.choice())),
		sample("package held", g.held()),
		sample("requests", g.requests()), sample("no requests", views.Requests{Chrome: g.chrome("My requests")}),
		sample("request", g.request()), sample("request under way", g.moving()),
		sample("approvals", g.approvals()), sample("approvals decided", g.decided()),
		sample("no approvals", g.noApprovals(true)),
		sample("no decisions", g.noApprovals(false)),
		sample("approval", g.approval()), sample("approval too late", g.late()),
	}
}

func (g gallery) outside(title string) views.Chrome {
	return views.Chrome{P: g.p, Title: g.p.T(lang.Message(title)), CSS: "/static/app.css", JS: "/static/app.js",
		Icon: "/static/icon.svg"}
}

func (g gallery) chrome(title string) views.Chrome {
	c := g.outside(title)
	c.Tenant, c.Home, c.CSRF = "Meridian Works", "/@meridian.example", "token"
	c.Support = views.Link{Label: "help@meridian.example", Href: "mailto:help@meridian.example"}
	c.User = &views.User{Name: "Mara Lind", Email: "mara@harbor.example", Organization: "Harbor Studio"}
	c.Nav = []views.NavGroup{{Items: []views.NavItem{{Label: g.p.T("Overview"), Href: c.Home + "/", Current: true},
		{Label: g.p.T("Approvals"), Href: c.Home + "/approvals", Count: 3}}}}
	c.Areas = []views.NavItem{{Label: g.p.T("My Access"), Href: c.Home + "/", Current: true},
		{Label: g.p.T("Administration"), Href: c.Home + "/admin"}}
	c.Notice = g.p.T("Your request has been submitted.")
	return c
}

func (g gallery) front() views.SignIn {
	return views.SignIn{Chrome: g.outside("Sign in"), Action: "/sign-in", Field: ui.Field{Name: "address",
		Label: g.p.T("Work email"),
		Hint:  g.p.T("Such as a name"), Type: "email", MaxLength: 254, Required: true, Autocomplete: "username"}}
}

func (g gallery) signIn() views.SignIn {
	s := g.front()
	s.Tenant, s.Home, s.ReturnTo = "Meridian Works", "/@meridian.example", "/@meridian.example/"
	s.Field.Value, s.Field.Error = "mara", g.p.T("Enter your work email.")
	return s
}

func (g gallery) code() views.Passcode {
	c := views.Passcode{Chrome: g.outside("Enter the code"), Action: "/code", Attempt: "7f3a", Submit: g.p.T("Sign in"),
		Resend: views.Link{Label: g.p.T("Enter another address"), Href: "/sign-in"},
		Text:   g.p.T("We sent a code."),
		Field: ui.Field{Name: "code", Label: g.p.T("Code"),
			Type: "text", MaxLength: 20, Required: true, Error: g.p.T("That code isn't correct.")}}
	c.Tenant, c.Home = "Meridian Works", "/@meridian.example"
	return c
}

func (g gallery) problem() views.ErrorPage {
	return views.ErrorPage{Chrome: g.outside("Something went wrong"), Text: []string{g.p.T("This is our fault.")},
		Reference: "7f3a",
		Links: []views.Link{{Label: g.p.T("Home"), Href: "/"}, {Label: g.p.T("Try again"), Href: "/again",
			Primary: true}}}
}

func (g gallery) wrongAccount() views.ErrorPage {
	return views.ErrorPage{Chrome: g.chrome("Another account"),
		Text:          []string{g.p.T("You are signed in with another one.")},
		Links:         []views.Link{{Label: g.p.T("Home"), Href: "/"}},
		SwitchAccount: &views.SwitchAccount{Action: "/sign-out", Hidden: []views.Hidden{{Name: "to", Value: "/there"}}}}
}

func (g gallery) confirm() views.Confirm {
	return views.Confirm{Chrome: g.chrome("Another account"), Text: []string{g.p.T("You are signed in with another one.")},
		Action: "/sign-in", Hidden: []views.Hidden{{Name: "to", Value: "/there"}},
		Buttons: []views.Button{{Label: g.p.T("Continue"), Name: "prompt", Value: "select_account", Primary: true}},
		Links:   []views.Link{{Label: g.p.T("Stay signed in"), Href: "/"}}}
}

func (g gallery) state(kind, word string) ui.Badge {
	return ui.Badge{Kind: kind, Text: g.p.T(lang.Message(word))}
}

func (g gallery) rows() []views.Row {
	facts := []ui.Fact{{Name: g.p.T("Catalog"), Value: "Projects"}, {Name: g.p.T("Resources"), Value: "Tidal team"}}
	return []views.Row{
		{Title: "Tidal data", Href: "/tidal", Text: "The model of the tides", Facts: facts,
			State: g.state("wait", "Pending approval"), CancelAction: "/cancel"},
		{Title: "Tidal team", Href: "/team", State: g.state("good", "Active"),
			Links: []views.Link{{Label: g.p.T("Open %s", "Tidal team"), Href: "https://example.org/"}}},
	}
}

func (g gallery) tabs(labels ...string) []ui.Tab {
	var all []ui.Tab
	for i, l := range labels {
		all = append(all, ui.Tab{Label: g.p.T(lang.Message(l)), Href: "/tab", Current: i == 0})
	}
	return all
}

func (g gallery) overview() views.Overview {
	return views.Overview{Chrome: g.chrome("Overview"), Approvals: 3, Waiting: g.rows(), Ending: g.rows()[1:],
		Held: []views.Held{{Title: "Tidal data", Href: "/held", Until: g.p.T("No end date"),
			State:     g.state("info", "Delivering"),
			Resources: g.resources()}}, All: views.Link{Label: g.p.T("View all"), Href: "/all"}, Browse: "/browse"}
}

func (g gallery) packages() views.Packages {
	return views.Packages{Chrome: g.chrome("Access packages"), Tabs: g.tabs("Available", "Active", "Expired"),
		Tab: "available", Search: "Tidal data",
		Action: "/search", Rows: g.rows(), Next: "/next", First: "/first"}
}

func (g gallery) noPackages() views.Packages {
	k := g.packages()
	k.Rows, k.Next, k.First = nil, "", ""
	k.Empty = [2]string{g.p.T("No results"), g.p.T("No access package has “%s”.", "Tidal data")}
	return k
}

func (g gallery) resources() []views.Resource {
	return []views.Resource{
		{Name: "Tidal team", Kind: g.p.T("Team"), Role: g.p.T("Member"), Link: "https://example.org/",
			State: g.state("good", "Delivered")},
		{Name: "Tidal data", Kind: g.p.T("Site"), Role: g.p.T("Member"), State: g.state("wait", "Delivering"),
			Problem: g.p.T("It does not answer.")},
	}
}

func (g gallery) pack(f *views.Form) views.Package {
	return views.Package{Chrome: g.chrome("Package"), Name: "Tidal data", Description: "The model of the tides",
		Catalog:   "Projects",
		Resources: g.resources(), Form: f}
}

func (g gallery) held() views.Package {
	k := g.pack(nil)
	k.Resources, k.Hidden = nil, g.p.T("You'll see the resources when you have this access package.")
	k.State, k.WhyNot = g.state("good", "Active"), g.p.T("You have this.")
	k.WhyNotLink = views.Link{Label: g.p.T("View request"), Href: "/how"}
	return k
}

func (g gallery) form() *views.Form {
	site := []ui.Option{{Value: "b", Label: "Bern"}, {Value: "g", Label: "Geneva", Selected: true,
		Hint: g.p.T("By the lake")}}
	return &views.Form{Action: "/submit", IdempotencyKey: "key", Policy: "policy",
		Hint: g.p.T("Needs 1 approval."),
		Parts: []views.Part{
			{Field: &ui.Field{Name: "answer.1", Label: "Cost centre", Type: "text", MaxLength: 200, Required: true,
				Value: "AB-12", Hint: g.p.T("At most %d characters.", 200)}},
			{Field: &ui.Field{Name: "justification", Label: g.p.T("Business justification"), Type: "area", MaxLength: 2000,
				Value: "We build it together"}},
			{Options: &ui.Options{Name: "answer.2", Label: "Projects", Required: true, Options: site}},
			{Options: &ui.Options{Name: "answer.3", Label: "Projects", Multiple: true, Hint: g.p.T("Choose all that apply."),
				Options: site}},
			{Field: &ui.Field{Name: "start", Label: g.p.T("From"), Type: "datetime-local"}},
		}}
}

func (g gallery) faultyForm() *views.Form {
	f := g.form()
	f.RestoredNotice = g.p.T("Your session had ended.")
	need := g.p.T("Required.")
	f.Parts[0].Field.Error, f.Parts[1].Field.Error, f.Parts[2].Options.Error = need, need, need
	f.Faults = []views.Fault{{Text: need}, {Field: "f-answer.1", Text: need}, {Field: "f-justification", Text: need},
		{Field: "f-answer.2", Text: need}}
	return f
}

func (g gallery) choice() *views.Form {
	f := g.form()
	f.PolicyChoiceAction, f.HiddenFields = "/choose", []views.Hidden{{Name: "from", Value: "x"}}
	f.PolicyChoice = &ui.Options{Name: "policy", Label: g.p.T("Choose a policy"), Required: true,
		Error:   g.p.T("Choose one."),
		Options: []ui.Option{{Value: "1", Label: "A short while", Hint: "The model of the tides"}}}
	f.Faults = []views.Fault{{Field: "f-policy", Text: g.p.T("Choose one.")}}
	return f
}

func (g gallery) requests() views.Requests {
	return views.Requests{Chrome: g.chrome("My requests"), Rows: g.rows(), Next: "/next", First: "/first"}
}

func (g gallery) steps() []views.Step {
	return []views.Step{
		{Kind: "done", Title: g.p.T("Submitted"), Time: g.p.T("2 March 2026"), Lines: []string{g.p.T("“%s”", "Known to us")}},
		{Kind: "now", Title: g.p.T("Stage 1 of 2"), Lines: []string{g.p.T("A decision is due by tomorrow.")}},
		{Kind: "bad", Title: g.p.T("Denied")}, {Kind: "next", Title: g.p.T("Delivery")},
	}
}

func (g gallery) facts() []ui.Fact {
	return []ui.Fact{{Name: g.p.T("Person"), Value: "Mara Lind"}, {Name: g.p.T("Email"), Value: "mara@harbor.example"},
		{Name: "Cost centre", Value: "AB-12"}}
}

func (g gallery) request() views.Request {
	return views.Request{Chrome: g.chrome("Request"), Package: "Tidal data", State: g.state("bad", "Denied"),
		Facts: g.facts(), Steps: g.steps(), ResubmitURL: "/again"}
}

func (g gallery) moving() views.Request {
	r := g.request()
	r.State = g.state("wait", "Delivering")
	r.ResubmitURL = ""
	r.CancelAction = "/cancel"
	r.AutoRefresh = true
	r.Resources = g.resources()
	return r
}

func (g gallery) approvals() views.Approvals {
	rows := g.rows()
	rows[0].CancelAction, rows[0].Value, rows[0].Selected, rows[1].Value = "", "1/0", true, "2/0"
	return views.Approvals{Chrome: g.chrome("Approvals"), Tabs: g.tabs("Pending", "History"), Pending: true,
		Action: "/decide", Rows: rows,
		Reason: g.reason(g.p.T("Required.")), RestoredNotice: g.p.T("Your session had ended."),
		Faults:  []views.Fault{{Text: g.p.T("Choose at least one.")}},
		Results: []string{g.p.T("%s: %s", "Tidal data", g.p.T("Decided."))}, Next: "/next", First: "/first"}
}

func (g gallery) reason(fault string) ui.Field {
	return ui.Field{Name: "reason", Label: g.p.T("Reason"), Type: "area", MaxLength: 2000, Error: fault,
		Hint: g.p.T("Others read it.")}
}

func (g gallery) decided() views.Approvals {
	rows := g.rows()
	rows[0].CancelAction, rows[0].Text = "", g.p.T("%s denied it.", "Mara Lind")
	return views.Approvals{Chrome: g.chrome("Approvals"), Tabs: g.tabs("History", "Pending"), Action: "/decide",
		Rows: rows}
}

func (g gallery) noApprovals(pending bool) views.Approvals {
	return views.Approvals{Chrome: g.chrome("Approvals"), Tabs: g.tabs("Pending", "History"), Pending: pending,
		Action: "/decide"}
}

func (g gallery) approval() views.Approval {
	fault := g.p.T("Required.")
	return views.Approval{Chrome: g.chrome("Approval"), Package: "Tidal data", State: g.state("wait", "Pending approval"),
		Facts: g.facts(), Answers: g.facts(),
		Resources: g.resources(), Steps: g.steps(), Decide: &views.Decide{Action: "/decide", Stage: 1,
			RestoredNotice: g.p.T("Your session had ended."),
			Faults:         []views.Fault{{Field: "f-reason", Text: fault}}, Reason: g.reason(fault)}}
}

func (g gallery) late() views.Approval {
	a := g.approval()
	a.Decide, a.Answers = nil, nil
	a.Conflict, a.WhyNot = g.p.T("This stage has already been decided."),
		g.p.T("This request is no longer pending approval.")
	return a
}
