package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// requestRoutes are the pages of all requests.
func requestRoutes() []kit.Route {
	const list, one = root + "/requests", root + "/requests/:id"
	all := []kit.Route{
		pageRoute(list, access.ReadAssignments, kit.OfTenant, showRequests),
		actionRoute(list+"/reprocess", access.ManageRequests, kit.OfTenant, reprocessSeveral),
		pageRoute(one, access.ReadAssignments, kit.OfRequest, showRequest),
		actionRoute(one+"/reprocess", access.ManageRequests, kit.OfRequest, reprocessOne),
	}
	all = append(all, formRoutes(one+"/cancel", access.ManageRequests, kit.OfRequest, showCancelRequest,
		postCancelRequest)...)
	return append(all, approverRoutes(one)...)
}

// addressFilter is the filter of a list by its URL: package, policy or person.
// Empty fields filter nothing.
type addressFilter struct {
	pack   access.PackageID
	policy access.PolicyID
	person access.PersonID
}

// params are the URL parameters of the filter.
func (f addressFilter) params() map[string]string {
	all := map[string]string{}
	for name, id := range map[string]string{
		"package": string(f.pack), "policy": string(f.policy), "person": string(f.person)} {
		if id != "" {
			all[name] = id
		}
	}
	return all
}

// fixedFilters reads the filter by package, policy or person from the URL, with
// the sentence that describes it. It returns NotFound if the reader cannot see
// one of them.
func fixedFilters(c *kit.Context) (f addressFilter, lead string, err error) {
	var said []string
	for _, name := range []string{"package", "policy", "person"} {
		id := c.QueryParam(name)
		if id == "" {
			continue
		}
		if !kit.IsID(id) {
			return f, "", access.Missing()
		}
		text, err := filterLead(c, name, id)
		if err != nil {
			return f, "", err
		}
		said = append(said, text)
	}
	f = addressFilter{pack: access.PackageID(c.QueryParam("package")),
		policy: access.PolicyID(c.QueryParam("policy")), person: access.PersonID(c.QueryParam("person"))}
	return f, strings.Join(said, " "), nil
}

// filterLead is the sentence that describes the filter.
func filterLead(c *kit.Context, name, id string) (string, error) {
	p := c.Printer
	switch name {
	case "package":
		k, err := c.View.AnyPackage(c.Ctx, access.ReadAssignments, access.PackageID(id))
		return p.T("For the access package “%s”.", k.Package().Name), err
	case "policy":
		o, _, err := c.View.Policy(c.Ctx, access.ReadAssignments, access.PolicyID(id))
		return p.T("Under the policy “%s”.", o.Name), err
	}
	name, err := c.View.PersonName(c.Ctx, access.PersonID(id))
	return p.T("For %s.", name), err
}

func showRequests(c *kit.Context) error {
	t, err := requestTable(c)
	if err != nil {
		return err
	}
	return t.Serve(c)
}

func requestTable(c *kit.Context) (kit.Table[store.RequestLine, store.RequestFilter], error) {
	p := c.Printer
	only, lead, err := fixedFilters(c)
	t := kit.Table[store.RequestLine, store.RequestFilter]{
		Title: p.T("Requests"), Path: c.AdminPath("requests"), Lead: lead,
		Fixed: store.RequestFilter{Package: only.pack, Policy: only.policy, Person: only.person}, KeepInURL: only.params(),
		SearchHint: p.T("Person or access package"), Sort: "-age",
		Count: store.CounterRequests,
		Filters: []kit.Filter[store.RequestFilter]{{Name: "state", Label: p.T("State"), Options: stateOptions(c),
			Set: setRequestState},
			{Name: "type", Label: p.T("Type"), Options: typeOptions(c),
				Set: func(f *store.RequestFilter, value string) { f.Type = access.RequestType(value) }}},
		Columns: []kit.Column{{Label: p.T("For")}, {Label: p.T("Access package")},
			{Label: p.T("Type"), Priority: 2}, {Label: p.T("State")}, {Label: p.T("Made"), Order: "age"}},
		Empty: [2]string{p.T("No requests"),
			p.T("Requests appear here when people request access, and when administrators assign or remove it.")},
		Read: func(q store.ListQuery[store.RequestFilter]) (store.ListPage[store.RequestLine], error) {
			return c.View.Requests(c.Ctx, q)
		},
		Walk: func(q store.ListQuery[store.RequestFilter], f func(store.RequestLine) error) error {
			return c.View.WalkRequests(c.Ctx, q, f)
		},
		Row: func(a store.RequestLine) ui.TableRow {
			r := a.Request
			return ui.TableRow{Value: string(r.ID), Label: p.T("Select the request of %s for %s", a.Person.Name, a.Package),
				Cells: []ui.Cell{
					personCell(c, a.Person),
					{Text: a.Package, Href: c.AdminPath("requests", string(r.ID))},
					{Text: typeWord(p, r.Type)}, {State: kit.RequestBadge(p, r)},
					{Text: p.DateTime(r.Created), NoWrap: true}}}
		},
		CSVHead: []string{"id", "requestType", "state", "displayName", "mail", "accessPackage", "justification",
			"createdDateTime", "completedDateTime"},
		CSVLine: func(a store.RequestLine) []string {
			r := a.Request
			return []string{string(r.ID), string(r.Type), string(r.State), a.Person.Name, a.Person.Email, a.Package,
				r.Justification, timestamp(r.Created), timestamp(r.Completed)}
		},
	}
	if c.Rights.MayAnywhere(access.ManageRequests) {
		t.Bulk = &views.BulkActions{Action: c.AdminPath("requests", "reprocess"),
			Buttons: []views.Button{{Label: p.T("Reprocess")}}}
	}
	return t, err
}

// undeliveredRequests is the value of the state filter for requests whose delivery
// failed or is partial.
const undeliveredRequests = "undelivered"

// undecidableRequests is the value of the state filter for pending requests that no one can
// decide.
const undecidableRequests = "noApprover"

func setRequestState(f *store.RequestFilter, value string) {
	f.Undelivered, f.NoDecider = value == undeliveredRequests, value == undecidableRequests
	if !f.Undelivered && !f.NoDecider {
		f.State = access.RequestState(value)
	}
}

func stateOptions(c *kit.Context) []ui.Option {
	all := []ui.Option{{Label: c.Printer.T("All")},
		{Value: undeliveredRequests, Label: c.Printer.T("Delivery problems")},
		{Value: undecidableRequests, Label: c.Printer.T("No one can approve")}}
	for _, s := range access.RequestStates() {
		all = append(all, ui.Option{Value: string(s), Label: kit.RequestBadge(c.Printer, access.Request{State: s}).Text})
	}
	return all
}

func typeOptions(c *kit.Context) []ui.Option {
	all := []ui.Option{{Label: c.Printer.T("All")}}
	for _, t := range []access.RequestType{access.UserAdd, access.AdminAdd, access.AdminRemove, access.SystemRemove} {
		all = append(all, ui.Option{Value: string(t), Label: typeWord(c.Printer, t)})
	}
	return all
}

// reprocessSeveral retries the selected requests one by one and reports the
// result of each.
func reprocessSeveral(c *kit.Context) error {
	p := c.Printer
	ids := c.Request().PostForm["id"]
	t, err := requestTable(c)
	if err != nil {
		return err
	}
	page, err := t.Page(c, t.Query(c))
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		page.Results = []views.Notice{{Kind: "bad", Text: p.T("Select the requests to reprocess.")}}
		return c.Show(http.StatusUnprocessableEntity, page.Page())
	}
	done, failed := 0, 0
	for _, id := range ids[:min(len(ids), kit.PageSize)] {
		switch err := c.Admin.Reprocess(c.Ctx, c.Person, access.RequestID(id)); {
		case err == nil:
			done++
		case access.KindOf(err) == access.Internal:
			return err
		default:
			failed++
			text := kit.ErrorText(p, err)
			if !slices.ContainsFunc(page.Results, func(n views.Notice) bool { return n.Text == text }) {
				page.Results = append(page.Results, views.Notice{Kind: "warn", Text: text})
			}
		}
	}
	page.Results = append([]views.Notice{{Kind: "good", Text: p.N(done, "Reprocessing %d request.",
		"Reprocessing %d requests.")}}, page.Results...)
	if failed > 0 {
		page.Results = append(page.Results, views.Notice{Kind: "warn", Text: p.N(failed, "%d request wasn't reprocessed.",
			"%d requests weren't reprocessed.")})
	}
	return c.Show(http.StatusOK, page.Page())
}

// showRequest is the page of a request: details, answers, decisions, delivery
// and actions (F-250).
func showRequest(c *kit.Context) error {
	p, r := c.Printer, c.Target.Request
	target, err := c.Target.RequestView.Person(c.Ctx)
	if err != nil {
		return err
	}
	page := views.DetailPage{Chrome: c.Chrome(p.T("%s for %s", c.Target.Package.Name, target.Name)),
		State:       kit.RequestBadge(p, r),
		Crumbs:      []views.Link{{Label: p.T("Requests"), Href: c.AdminPath("requests")}},
		AutoRefresh: r.State == access.Delivering || r.State == access.Submitted}
	if c.Rights.MayInCatalog(access.ManageRequests, c.Target.Catalog.ID) == nil {
		if page.Commands, err = requestCommands(c, r); err != nil {
			return err
		}
	}
	page.Commands = append(approverCommands(c, r), page.Commands...)
	if page.Notices, err = approverNotice(c, r); err != nil {
		return err
	}
	facts, err := requestSubjectFacts(c, r, target)
	if err != nil {
		return err
	}
	steps, err := kit.Timeline(c, c.Target.RequestView, true)
	if err != nil {
		return err
	}
	resources, err := kit.DeliveredResources(c, c.Target.RequestView)
	if err != nil {
		return err
	}
	page.Sections = []views.Section{{Title: p.T("Request details"), Facts: facts}}
	if len(resources) > 0 {
		page.Sections = append(page.Sections, views.Section{Title: p.T("Delivery"), Text: deliveryAdvice(c, r),
			Resources: resources})
	}
	page.Sections = append(page.Sections, views.Section{Title: p.T("Timeline"), Steps: steps})
	changed, err := reassignmentRows(c)
	if err != nil {
		return err
	}
	if len(changed) > 0 {
		page.Sections = append(page.Sections, views.Section{Title: p.T("Approver changes"), Rows: changed})
	}
	mails, err := mailTable(c)
	page.Sections = append(page.Sections, mails)
	if err != nil {
		return err
	}
	return c.Show(http.StatusOK, page.Page())
}

// requestCommands are the actions on a request, disabled with a reason where
// they are not possible.
func requestCommands(c *kit.Context, r access.Request) ([]views.Command, error) {
	p, base := c.Printer, c.AdminPath("requests", string(r.ID))
	again, err := reprocessCommand(c, c.Target.RequestView.PackageView, r, base)
	if err != nil {
		return nil, err
	}
	stop := views.Command{Label: p.T("Cancel request"), Href: base + "/cancel"}
	if err := r.CanCancelAsAdmin(); err != nil {
		stop.DisabledReason = kit.ErrorText(p, err)
	}
	all := []views.Command{again, stop}
	if r.Assignment != "" && !r.Type.IsRemoval() {
		all = append(all, views.Command{Label: p.T("View assignment"), Href: c.AdminPath("assignments",
			string(r.Assignment))})
	}
	return all, nil
}

// reprocessCommand delivers a request once more, from the page at the path. It is disabled
// with a reason where that would be refused.
func reprocessCommand(c *kit.Context, read admin.PackageView, r access.Request, path string) (views.Command, error) {
	p := c.Printer
	again := views.Command{Label: p.T("Reprocess"), Href: path + "/reprocess", Post: true}
	err := r.CanReprocess(c.Tenant.Settings.Local(c.Now))
	if err == nil {
		err = read.CheckReprocess(c.Ctx, r)
	}
	switch access.KindOf(err) {
	case access.Conflict, access.Forbidden:
		again.DisabledReason, err = kit.ErrorText(p, err), nil
	default:
	}
	return again, err
}

// deliveryAdvice says what to do about a delivery that fails.
func deliveryAdvice(c *kit.Context, r access.Request) string {
	p := c.Printer
	switch r.State {
	case access.PartiallyDelivered, access.DeliveryFailed:
		return p.T("Some access couldn't be delivered. Delivery is retried every hour, and once a day after a week. Fix " +
			"the problem shown at the resource, then select Reprocess. If you cancel the request, access that was delivered " +
			"is removed.")
	case access.Delivering:
		return p.T("Delivery is in progress. Failed deliveries are retried after seconds at first, then every hour.")
	case access.Submitted, access.PendingApproval, access.Scheduled, access.Delivered, access.Denied, access.Canceled,
		access.Expired:
	}
	return ""
}

func requestSubjectFacts(c *kit.Context, r access.Request, target access.Person) ([]ui.Fact, error) {
	p := c.Printer
	facts := []ui.Fact{{Name: p.T("For"), Value: target.Name + " (" + mailaddr.Show(target.Email) + "), " +
		kit.PersonKindWord(p,
			target)},
		{Name: p.T("Type"), Value: typeWord(p, r.Type)}}
	if r.Requestor != "" && r.Requestor != r.Target {
		facts = append(facts, ui.Fact{Name: p.T("Made by"), Value: personName(c, r.Requestor)})
	}
	facts = append(facts, ui.Fact{Name: p.T("Access package"), Value: c.Target.Package.Name}, ui.Fact{Name: p.T("Catalog"),
		Value: c.Target.Catalog.Name})
	if r.Policy != "" {
		name, err := c.Target.RequestView.PolicyName(c.Ctx)
		if err != nil {
			return nil, err
		}
		facts = append(facts, ui.Fact{Name: p.T("Policy"), Value: orDefault(name, p.T("Deleted policy"))})
	}
	return append(facts, kit.RequestFacts(c, r)...), nil
}

// mailTable lists the messages about a request and whether they were sent.
func mailTable(c *kit.Context) (views.Section, error) {
	p := c.Printer
	mails, err := c.Target.RequestView.Mails(c.Ctx)
	t := ui.Table{Label: p.T("Messages"), Columns: []ui.Column{{Label: p.T("Message")}, {Label: p.T("To")},
		{Label: p.T("State")}}}
	people := make([]access.PersonID, len(mails))
	for i, m := range mails {
		people[i] = m.Person
	}
	names := personNames(c, people)
	var commands []views.Command
	for i, m := range mails {
		state := ui.Cell{State: ui.Badge{Kind: "wait", Text: p.T("Pending")}}
		if m.Attempts > 0 { // none since it was sent again
			state.Sub = strings.TrimSpace(failureWord(p, m.Failure) + " " + m.LastError)
		}
		switch {
		case !m.Sent.IsZero() && m.Failure != "":
			state.State = ui.Badge{Kind: "idle", Text: p.T("Not needed")}
		case !m.Sent.IsZero():
			state = ui.Cell{State: ui.Badge{Kind: "good", Text: p.T("Sent")}, Sub: p.DateTime(m.Sent)}
		case m.NextTry.IsZero():
			state.State = ui.Badge{Kind: "bad", Text: p.T("Failed")}
			if c.Rights.May(access.ManageSettings) == nil {
				commands = []views.Command{*sendAgain(c, p.T("Resend failed mails"),
					views.Hidden{Name: "request", Value: string(c.Target.Request.ID)})}
			}
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: mailWord(p, m.Kind)}, {Text: names[i]},
			state}})
	}
	return views.Section{Title: t.Label, Table: &t, Commands: commands, Empty: p.T("No messages.")}, err
}

func reprocessOne(c *kit.Context) error {
	r := c.Target.Request
	if err := c.Admin.Reprocess(c.Ctx, c.Person, r.ID); err != nil {
		return err
	}
	return c.Done(c.AdminPath("requests", string(r.ID)), "again")
}

func cancelRequest(c *kit.Context) kit.EditForm {
	p, r := c.Printer, c.Target.Request
	base := c.AdminPath("requests", string(r.ID))
	return kit.EditForm{Title: p.T("Cancel this request?"), Path: base + "/cancel", Cancel: base,
		Submit: p.T("Cancel request"),
		Danger: true,
		Crumbs: []views.Link{{Label: p.T("Requests"), Href: c.AdminPath("requests")}},
		Groups: func(url.Values, map[string]string) []views.Group {
			return []views.Group{{Text: p.T("The person doesn't get “%s” through this request, and access that was already "+
				"delivered is removed. The approvers are notified.", c.Target.Package.Name)}}
		}}
}

func showCancelRequest(c *kit.Context) error { return cancelRequest(c).Show(c) }

func postCancelRequest(c *kit.Context) error {
	r := c.Target.Request
	if err := c.Admin.CancelRequest(c.Ctx, c.Person, r.ID); err != nil {
		return cancelRequest(c).Rerender(c, err)
	}
	return c.Done(c.AdminPath("requests", string(r.ID)), "canceled")
}
