package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// requestRoutes are the pages of all requests.
func requestRoutes() []route {
	const list, one = adminHome + "/requests", adminHome + "/requests/:id"
	all := []route{
		read(list, access.ReadAssignments, ofTenant, showAllRequests),
		act(list+"/reprocess", access.ManageRequests, ofTenant, reprocessSeveral),
		read(one, access.ReadAssignments, ofRequest, showOneRequest),
		act(one+"/reprocess", access.ManageRequests, ofRequest, reprocessOne),
	}
	return append(all, form(one+"/cancel", access.ManageRequests, ofRequest, showCancelRequest, postCancelRequest)...)
}

// addressFilter is the package, policy or person that the address narrows a list
// to; empty ones narrow nothing.
type addressFilter struct {
	pack   access.PackageID
	policy access.PolicyID
	person access.PersonID
}

// params are the address's parameters.
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

// only narrows a list to the package, policy or person that its address names,
// and says so. NotFound if the reader may not see one of them.
func (v *visit) only() (f addressFilter, lead string, err error) {
	var said []string
	for _, name := range []string{"package", "policy", "person"} {
		id := v.QueryParam(name)
		if id == "" {
			continue
		}
		if !isID(id) {
			return f, "", access.Missing()
		}
		text, err := v.onlyOf(name, id)
		if err != nil {
			return f, "", err
		}
		said = append(said, text)
	}
	f = addressFilter{pack: access.PackageID(v.QueryParam("package")),
		policy: access.PolicyID(v.QueryParam("policy")), person: access.PersonID(v.QueryParam("person"))}
	return f, strings.Join(said, " "), nil
}

// onlyOf says what a list is narrowed to.
func (v *visit) onlyOf(name, id string) (string, error) {
	p, t := v.printer, v.tenant.ID
	switch name {
	case "package":
		k, err := v.Store.Package(v.ctx, t, access.PackageID(id))
		if err == nil {
			err = v.rights.MayInCatalog(access.ReadAssignments, k.Catalog)
		}
		return p.T("Only those of the access package “%s”.", k.Name), err
	case "policy":
		o, err := v.Store.Policy(v.ctx, t, access.PolicyID(id))
		if err == nil {
			_, err = v.onlyOf("package", string(o.Package))
		}
		return p.T("Only those under the policy “%s”.", o.Name), err
	}
	one, err := v.Store.Person(v.ctx, t, access.PersonID(id))
	return p.T("Only those of %s.", one.Name), err
}

func showAllRequests(v *visit) error {
	t, err := v.requestTable()
	if err != nil {
		return err
	}
	return t.serve(v)
}

func (v *visit) requestTable() (table[store.RequestLine, store.RequestFilter], error) {
	p := v.printer
	only, lead, err := v.only()
	t := table[store.RequestLine, store.RequestFilter]{
		title: p.T("Requests"), path: v.adminPath("requests"), crumbs: v.adminCrumbs(), lead: lead,
		fixed: store.RequestFilter{Package: only.pack, Policy: only.policy, Person: only.person}, keep: only.params(),
		hint: p.T("Person or access package"), sort: "-age", action: access.ReadAssignments, tally: store.CounterRequests,
		filters: []filter[store.RequestFilter]{{"state", p.T("State"), v.stateOptions(),
			func(f *store.RequestFilter, value string) { f.State = access.RequestState(value) }},
			{"type", p.T("Type"), v.typeOptions(),
				func(f *store.RequestFilter, value string) { f.Type = access.RequestType(value) }}},
		columns: []column{{p.T("For"), ""}, {p.T("Access package"), ""}, {p.T("Type"), ""}, {p.T("State"), ""},
			{p.T("Made"), "age"}},
		empty: [2]string{p.T("There are no requests"),
			p.T("What people ask for stands here, and what administrators assign or take away.")},
		read: func(q store.ListQuery[store.RequestFilter]) (store.ListPage[store.RequestLine], error) {
			return v.Store.RequestList(v.ctx, v.tenant.ID, q)
		},
		walk: func(q store.ListQuery[store.RequestFilter], f func(store.RequestLine) error) error {
			return v.Store.WalkRequests(v.ctx, v.tenant.ID, q, f)
		},
		row: func(a store.RequestLine) ui.TableRow {
			r := a.Request
			return ui.TableRow{Value: string(r.ID), Label: p.T("Choose the request of %s for %s", a.Person.Name, a.Package),
				Cells: []ui.Cell{
					{Text: a.Person.Name, Sub: a.Person.Email, Href: v.adminPath("requests", string(r.ID))}, {Text: a.Package},
					{Text: typeWord(p, r.Type)}, {State: requestBadge(p, r)}, {Text: p.DateTime(r.Created)}}}
		},
		head: []string{"id", "requestType", "state", "displayName", "mail", "accessPackage", "justification",
			"createdDateTime", "completedDateTime"},
		line: func(a store.RequestLine) []string {
			r := a.Request
			return []string{string(r.ID), string(r.Type), string(r.State), a.Person.Name, a.Person.Email, a.Package,
				r.Justification, stamp(r.Created), stamp(r.Completed)}
		},
	}
	if v.rights.MayAnywhere(access.ManageRequests) {
		t.bulk = &views.BulkActions{Action: v.adminPath("requests", "reprocess"), Buttons: []views.Button{{Label: p.T("Reprocess")}}}
	}
	return t, err
}

func (v *visit) stateOptions() []ui.Option {
	all := []ui.Option{{Label: v.printer.T("All")}}
	for _, s := range access.RequestStates() {
		all = append(all, ui.Option{Value: string(s), Label: requestBadge(v.printer, access.Request{State: s}).Text})
	}
	return all
}

func (v *visit) typeOptions() []ui.Option {
	all := []ui.Option{{Label: v.printer.T("All")}}
	for _, t := range []access.RequestType{access.UserAdd, access.AdminAdd, access.AdminRemove, access.SystemRemove} {
		all = append(all, ui.Option{Value: string(t), Label: typeWord(v.printer, t)})
	}
	return all
}

// reprocessSeveral tries the ticked requests again, each by itself, and says how
// each went.
func reprocessSeveral(v *visit) error {
	p := v.printer
	ids := v.Request().PostForm["id"]
	t, err := v.requestTable()
	if err != nil {
		return err
	}
	page, err := t.page(v, t.asked(v))
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		page.Results = []views.Notice{{Kind: "bad", Text: p.T("Tick the requests to reprocess.")}}
		return v.show(http.StatusUnprocessableEntity, page.Page())
	}
	done, failed := 0, 0
	for _, id := range ids[:min(len(ids), pageSize)] {
		switch err := v.Admin.Reprocess(v.ctx, v.person, access.RequestID(id)); {
		case err == nil:
			done++
		case access.KindOf(err) == access.Internal:
			return err
		default:
			failed++
			text := sentence(p, err)
			if !slices.ContainsFunc(page.Results, func(n views.Notice) bool { return n.Text == text }) {
				page.Results = append(page.Results, views.Notice{Kind: "warn", Text: text})
			}
		}
	}
	page.Results = append([]views.Notice{{Kind: "good", Text: p.N(done, "%d request is delivered again.",
		"%d requests are delivered again.")}}, page.Results...)
	if failed > 0 {
		page.Results = append(page.Results, views.Notice{Kind: "warn", Text: p.N(failed, "%d request was left as it is.",
			"%d requests were left as they are.")})
	}
	return v.show(http.StatusOK, page.Page())
}

// showOneRequest is everything about a request: what was asked and answered, who
// decided, what was delivered where, and what can be done (F-250).
func showOneRequest(v *visit) error {
	p, r := v.printer, v.chosen.request
	target, err := v.Store.Person(v.ctx, r.Tenant, r.Target)
	if err != nil {
		return err
	}
	page := views.DetailPage{Chrome: v.chrome(p.T("%s for %s", v.chosen.pack.Name, target.Name)), State: requestBadge(p, r),
		Crumbs:      v.adminCrumbs(views.Link{Label: p.T("Requests"), Href: v.adminPath("requests")}),
		AutoRefresh: r.State == access.Delivering || r.State == access.Submitted}
	if v.rights.MayInCatalog(access.ManageRequests, v.chosen.catalog.ID) == nil {
		page.Commands = v.requestCommands(r)
	}
	facts, err := v.askedFacts(r, target)
	if err != nil {
		return err
	}
	steps, err := v.timeline(r, true)
	if err != nil {
		return err
	}
	resources, err := v.delivered(r)
	if err != nil {
		return err
	}
	page.Sections = []views.Section{{Title: p.T("What was asked"), Facts: facts}}
	if len(resources) > 0 {
		page.Sections = append(page.Sections, views.Section{Title: p.T("Delivery"), Text: v.deliveryAdvice(r),
			Resources: resources})
	}
	page.Sections = append(page.Sections, views.Section{Title: p.T("What happened, and what comes next"), Steps: steps})
	mails, err := v.mailTable(r)
	page.Sections = append(page.Sections, mails)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, page.Page())
}

// requestCommands are what can be done with a request, or why it cannot.
func (v *visit) requestCommands(r access.Request) []views.Command {
	p, base := v.printer, v.adminPath("requests", string(r.ID))
	again := views.Command{Label: p.T("Reprocess"), Href: base + "/reprocess", Post: true}
	if err := r.CanReprocess(v.now); err != nil {
		again.DisabledReason = sentence(p, err)
	}
	stop := views.Command{Label: p.T("Cancel request"), Href: base + "/cancel"}
	if err := r.CanCancelAsAdmin(); err != nil {
		stop.DisabledReason = sentence(p, err)
	}
	all := []views.Command{again, stop}
	if r.Assignment != "" && !r.Type.IsRemoval() {
		all = append(all, views.Command{Label: p.T("Go to the assignment"), Href: v.adminPath("assignments",
			string(r.Assignment))})
	}
	return all
}

// deliveryAdvice says what to do about a delivery that does not succeed.
func (v *visit) deliveryAdvice(r access.Request) string {
	p := v.printer
	switch r.State {
	case access.PartiallyDelivered, access.DeliveryFailed:
		return p.T("Not everything could be delivered. It is tried again once a day. Mend what stands beside the resource, " +
			"then press Reprocess; or cancel the request, and what was given is taken back.")
	case access.Delivering:
		return p.T("This is under way. What fails is tried again by itself, after seconds at first and after hours later.")
	case access.Submitted, access.PendingApproval, access.Scheduled, access.Delivered, access.Denied, access.Canceled,
		access.Expired:
	}
	return ""
}

func (v *visit) askedFacts(r access.Request, target access.Person) ([]ui.Fact, error) {
	p := v.printer
	facts := []ui.Fact{{Name: p.T("For"), Value: target.Name + " (" + target.Email + "), " + personKindWord(p, target)},
		{Name: p.T("Type"), Value: typeWord(p, r.Type)}}
	if r.Requestor != "" && r.Requestor != r.Target {
		facts = append(facts, ui.Fact{Name: p.T("Made by"), Value: v.personName(r.Requestor)})
	}
	facts = append(facts, ui.Fact{Name: p.T("Access package"), Value: v.chosen.pack.Name}, ui.Fact{Name: p.T("Catalog"),
		Value: v.chosen.catalog.Name})
	if r.Policy != "" {
		o, err := v.Store.Policy(v.ctx, r.Tenant, r.Policy)
		if err != nil && access.KindOf(err) != access.NotFound {
			return nil, err
		}
		if o.Name == "" {
			o.Name = p.T("a policy that is gone")
		}
		facts = append(facts, ui.Fact{Name: p.T("Policy"), Value: o.Name})
	}
	return append(facts, v.requestFacts(r)...), nil
}

// mailTable are the messages about a request and whether they were sent.
func (v *visit) mailTable(r access.Request) (views.Section, error) {
	p := v.printer
	mails, err := v.Store.Mails(v.ctx, r.Tenant, r.ID)
	t := ui.Table{Label: p.T("Messages"), Columns: []ui.Column{{Label: p.T("Message")}, {Label: p.T("To")},
		{Label: p.T("State")}}}
	for _, m := range mails {
		state := ui.Cell{State: ui.Badge{Kind: "wait", Text: p.T("Waits")}, Sub: m.LastError}
		switch {
		case !m.Sent.IsZero():
			state = ui.Cell{State: ui.Badge{Kind: "good", Text: p.T("Sent")}, Sub: p.DateTime(m.Sent)}
		case m.NextTry.IsZero():
			state.State = ui.Badge{Kind: "bad", Text: p.T("Given up")}
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: mailWord(p, m.Kind)}, {Text: v.personName(m.Person)},
			state}})
	}
	return views.Section{Title: t.Label, Table: &t, Empty: p.T("No message was made.")}, err
}

func reprocessOne(v *visit) error {
	r := v.chosen.request
	if err := v.Admin.Reprocess(v.ctx, v.person, r.ID); err != nil {
		return err
	}
	return v.done(v.adminPath("requests", string(r.ID)), "again")
}

func (v *visit) cancelRequest() editor {
	p, r := v.printer, v.chosen.request
	base := v.adminPath("requests", string(r.ID))
	return editor{title: p.T("Cancel this request?"), path: base + "/cancel", cancel: base, submit: p.T("Cancel request"),
		danger: true,
		crumbs: v.adminCrumbs(views.Link{Label: p.T("Requests"), Href: v.adminPath("requests")}),
		groups: func(url.Values, map[string]string) []views.Group {
			return []views.Group{{Text: p.T("The person does not get “%s” by this request, and what was given for it already "+
				"is taken back. The approvers who were asked are told.", v.chosen.pack.Name)}}
		}}
}

func showCancelRequest(v *visit) error { return v.cancelRequest().show(v) }

func postCancelRequest(v *visit) error {
	r := v.chosen.request
	if err := v.Admin.CancelRequest(v.ctx, v.person, r.ID); err != nil {
		return v.cancelRequest().refused(v, err)
	}
	return v.done(v.adminPath("requests", string(r.ID)), "canceled")
}
