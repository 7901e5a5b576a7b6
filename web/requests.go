package web

import (
	"net/http"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// showOverview is the start page of a tenant: what needs the reader, and what
// ends soon.
func showOverview(v *visit) error {
	p := v.printer
	page := views.Overview{Chrome: v.chrome(p.T("Overview")), Browse: v.home + "/access-packages"}
	if v.person.ID == "" {
		return v.show(http.StatusOK, page.Page())
	}
	for _, n := range page.Nav {
		page.Approvals += n.Count
	}
	asked, err := v.Store.RequestsOf(v.ctx, v.person, "", 100)
	if err != nil {
		return err
	}
	for _, a := range asked {
		if a.Request.State.Open() && !a.Request.Type.IsRemoval() {
			page.Waiting = append(page.Waiting, v.requestRow(a, false))
		}
	}
	held, err := v.Store.ActivePackages(v.ctx, v.person, store.PackageSearch{Limit: 200}, v.now.UnixMilli())
	if err != nil {
		return err
	}
	slices.SortStableFunc(held, func(a, b store.OfferLine) int { return a.Assignment.End.Compare(b.Assignment.End) })
	for _, l := range held {
		if end := l.Assignment.End; !end.IsZero() && end.Before(v.now.AddDate(0, 0, 30)) {
			page.Ending = append(page.Ending, views.Row{Title: l.Package.Name,
				Href: v.home + "/requests/" + string(l.Assignment.Request),
				Text: p.T("Ends on %s.", p.DateTime(end))})
		}
	}
	return v.show(http.StatusOK, page.Page())
}

// requestRow is the line of a request. forOther shows whom it is for.
func (v *visit) requestRow(a store.RequestLine, forOther bool) views.Row {
	p, r := v.printer, a.Request
	row := views.Row{Title: a.Package, Href: v.home + "/requests/" + string(r.ID), State: requestBadge(p, r)}
	if forOther {
		row.Title, row.Href = p.T("%s for %s", a.Package, a.Person.Name), v.home+"/approvals/"+string(r.ID)
		row.Facts = []ui.Fact{{Name: p.T("E-mail"), Value: a.Person.Email},
			{Name: p.T("Domain"), Value: string(a.Person.Domain)}}
	}
	row.Facts = append(row.Facts, ui.Fact{Name: p.T("Submitted"), Value: p.Date(r.Created)})
	if !r.Due.IsZero() {
		row.Facts = append(row.Facts, ui.Fact{Name: p.T("Decision by"), Value: p.DateTime(r.Due)})
	}
	if r.Type.IsRemoval() {
		row.Text = p.T("Removal of the access at its end")
		if r.Type == access.AdminRemove {
			row.Text = p.T("Removal of the access by an administrator")
		}
	}
	if !forOther && r.CanCancel(v.person.ID) == nil {
		row.CancelAction = v.home + "/requests/" + string(r.ID) + "/cancel"
	}
	return row
}

// showRequests is the history of the reader's requests.
func showRequests(v *visit) error {
	page := views.Requests{Chrome: v.chrome(v.printer.T("Request history"))}
	if v.person.ID == "" {
		return v.show(http.StatusOK, page.Page())
	}
	before := access.RequestID(v.QueryParam("before"))
	if !isID(string(before)) {
		before = ""
	}
	all, err := v.Store.RequestsOf(v.ctx, v.person, before, pageSize+1)
	if err != nil {
		return err
	}
	base := v.home + "/requests"
	if before != "" {
		page.First = base
	}
	if len(all) > pageSize {
		all = all[:pageSize]
		page.Next = base + "?before=" + string(all[pageSize-1].Request.ID)
	}
	for _, a := range all {
		page.Rows = append(page.Rows, v.requestRow(a, false))
	}
	return v.show(http.StatusOK, page.Page())
}

// showRequest is the home of a request: its time line.
func showRequest(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	r, err := v.Store.Request(v.ctx, v.tenant.ID, access.RequestID(id))
	if err != nil {
		return err
	}
	if !r.IsRequestorOrTarget(v.person.ID) {
		return access.Missing()
	}
	p := v.printer
	pack, err := v.Store.Package(v.ctx, r.Tenant, r.Package)
	if err != nil {
		return err
	}
	page := views.Request{Chrome: v.chrome(p.T("Request for %s", pack.Name)), Package: pack.Name,
		State: requestBadge(p, r),
		Facts: v.requestFacts(r), AutoRefresh: r.State == access.Delivering || r.State == access.Submitted}
	page.Notice = v.justDone(r)
	if page.Steps, err = v.timeline(r, false); err != nil {
		return err
	}
	if page.Resources, err = v.delivered(r); err != nil {
		return err
	}
	if r.CanCancel(v.person.ID) == nil {
		page.CancelAction = v.home + "/requests/" + id + "/cancel"
	}
	if again, err := v.mayAskAgain(r, pack); err != nil {
		return err
	} else if again {
		page.ResubmitURL = v.home + "/access-packages/" + string(r.Package) + "?from=" + id + "#request"
	}
	return v.show(http.StatusOK, page.Page())
}

// mayAskAgain reports whether what was asked for can be asked for again, as the
// package and the reader are now.
func (v *visit) mayAskAgain(r access.Request, pack access.Package) (bool, error) {
	if !r.CanResubmit(v.person.ID) || !pack.Deleted.IsZero() {
		return false, nil
	}
	who, err := v.who()
	if err != nil {
		return false, err
	}
	offer, err := v.Store.Offer(v.ctx, r.Tenant, r.Package)
	return len(offer.UsablePolicies(who)) > 0, err
}

// justDone confirms what the reader has just done to the request.
func (v *visit) justDone(r access.Request) string {
	switch done := v.QueryParam("done"); {
	case done == "sent" && r.Requestor == v.person.ID:
		return v.printer.T("Your request has been submitted.")
	case done == "canceled" && r.State == access.Canceled:
		return v.printer.T("The request has been canceled.")
	}
	return ""
}

// delivered are the resource roles of a request's package with what has become
// of each, once delivery has begun.
func (v *visit) delivered(r access.Request) ([]views.Resource, error) {
	if r.Assignment == "" {
		return nil, nil
	}
	roles, err := v.Store.PackageRoles(v.ctx, r.Tenant, r.Package)
	if err != nil {
		return nil, err
	}
	grants, err := v.Store.GrantsOfPackage(v.ctx, r.Tenant, r.Target, r.Package)
	return resourcesOf(v.printer, roles[r.Package], grants), err
}

// requestFacts are what was asked.
func (v *visit) requestFacts(r access.Request) []ui.Fact {
	p := v.printer
	facts := []ui.Fact{{Name: p.T("Submitted"), Value: p.DateTime(r.Created)}}
	if !r.Start.IsZero() {
		facts = append(facts, ui.Fact{Name: p.T("From"), Value: p.DateTime(r.Start)})
	}
	if !r.End.IsZero() {
		facts = append(facts, ui.Fact{Name: p.T("Until"), Value: p.DateTime(r.End)})
	}
	if r.Justification != "" {
		facts = append(facts, ui.Fact{Name: p.T("Business justification"), Value: r.Justification})
	}
	return append(facts, answerFacts(r)...)
}

func answerFacts(r access.Request) []ui.Fact {
	var facts []ui.Fact
	for _, a := range r.Answers {
		facts = append(facts, ui.Fact{Name: a.Text, Value: a.String()})
	}
	return facts
}

// cancel withdraws a request of the reader's own.
func cancel(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := v.Lifecycle.Requests.Cancel(v.ctx, v.person, access.RequestID(id)); err != nil {
		return err
	}
	return v.Redirect(http.StatusSeeOther, v.home+"/requests/"+id+"?done=canceled")
}

// timeline is what has happened to a request and what comes next. Names of
// approvers are shown to approvers, and to the requestor if the policy, or else
// the tenant, shows them (F-068).
func (v *visit) timeline(r access.Request, approver bool) ([]views.Step, error) {
	p := v.printer
	names := approver || r.Terms.ShowApprovers.Or(v.tenant.Settings.ShowApprovers)
	steps := []views.Step{{Kind: "done", Title: p.T("Submitted"), Time: p.DateTime(r.Created)}}
	if r.Type.IsRemoval() {
		steps[0].Title = p.T("The end of the access came")
		if r.Type == access.AdminRemove {
			steps[0].Title = p.T("An administrator removed the access")
		}
	}
	decisions, err := v.Store.Decisions(v.ctx, r.Tenant, r.ID)
	if err != nil {
		return nil, err
	}
	for stage := range r.Terms.Stages {
		step, err := v.stageStep(r, stage, decisions, names)
		if err != nil {
			return nil, err
		}
		if step.Title != "" {
			steps = append(steps, step)
		}
	}
	history, err := v.Store.RequestHistory(v.ctx, r.Tenant, r.ID)
	if err != nil {
		return nil, err
	}
	for _, h := range history {
		if step, ok := v.historyStep(r, h); ok {
			steps = append(steps, step)
		}
	}
	return v.outlook(steps, r), nil
}

// stageStep is the point of a stage: decided, open, or to come.
func (v *visit) stageStep(r access.Request, stage int, ds []access.Decision, names bool) (views.Step, error) {
	p := v.printer
	title := p.T("Stage %d of %d", stage+1, len(r.Terms.Stages))
	if stage < len(ds) {
		return v.decidedStep(r, title, ds[stage], names)
	}
	open := r.State == access.PendingApproval
	if !open && (stage > r.Stage || r.State != access.Expired) {
		return views.Step{}, nil // never reached
	}
	step := views.Step{Kind: "next", Title: title}
	if stage == r.Stage {
		step.Kind = "now"
		if open {
			step.Lines = append(step.Lines, p.T("A decision is due by %s.", p.DateTime(r.Due)))
		} else {
			step.Kind = "bad"
			step.Lines = append(step.Lines, p.T("Nobody decided in time."))
		}
	}
	if !names {
		return step, nil
	}
	people, err := v.Store.ExpandSubjects(v.ctx, r.Tenant, r.Terms.Stages[stage].Approvers)
	var who []string
	for _, a := range people {
		if !r.IsRequestorOrTarget(a.ID) {
			who = append(who, a.Name+" ("+a.Email+")")
		}
	}
	if len(who) > 10 {
		who = append(who[:10], p.T("%d more", len(who)-10))
	}
	switch len(who) {
	case 0:
		step.Lines = append(step.Lines, p.T("There is nobody who can decide. Ask your contact."))
	case 1:
		step.Lines = append(step.Lines, p.T("%s decides.", who[0]))
	default:
		step.Lines = append(step.Lines, p.T("One of these decides: %s.", p.List(who)))
	}
	return step, err
}

func (v *visit) decidedStep(r access.Request, title string, d access.Decision, names bool) (views.Step, error) {
	p := v.printer
	step := views.Step{Kind: "done", Title: p.T("%s: approved", title), Time: p.DateTime(d.At)}
	if !d.Approve {
		step.Kind, step.Title = "bad", p.T("%s: denied", title)
	}
	if names {
		by, err := v.Store.Person(v.ctx, r.Tenant, d.By)
		if err != nil {
			return step, err
		}
		step.Lines = append(step.Lines, p.T("By %s.", by.Name))
	}
	if d.Reason != "" {
		step.Lines = append(step.Lines, p.T("“%s”", d.Reason))
	}
	return step, nil
}

// historyStep is the point of a move that the stages do not show.
func (v *visit) historyStep(r access.Request, h store.RequestStep) (views.Step, bool) {
	p := v.printer
	removes := r.Type.IsRemoval()
	step := views.Step{Kind: "done", Time: p.DateTime(h.At)}
	switch h.To {
	case access.Scheduled:
		step.Title = p.T("Scheduled")
	case access.Delivering:
		step.Title = p.T("Delivery began")
		if removes {
			step.Title = p.T("Removal began")
		}
	case access.Delivered:
		step.Title = p.T("Everything was delivered")
		if removes {
			step.Title = p.T("Everything was removed")
		}
	case access.PartiallyDelivered:
		step.Kind, step.Title = "bad", p.T("Part of it could not be done yet")
	case access.DeliveryFailed:
		step.Kind, step.Title = "bad", p.T("Nothing of it could be done yet")
	case access.Canceled:
		step.Kind, step.Title = "bad", p.T("Canceled")
		if r.Note != "" {
			step.Lines = []string{p.T(r.Note)}
		}
	case access.Expired:
		step.Kind, step.Title = "bad", p.T("Expired")
	default:
		return step, false
	}
	return step, true
}

// outlook adds what comes next.
func (v *visit) outlook(steps []views.Step, r access.Request) []views.Step {
	p := v.printer
	switch r.State {
	case access.PendingApproval:
		return append(steps, views.Step{Kind: "next", Title: p.T("Delivery")})
	case access.Scheduled:
		return append(steps, views.Step{Kind: "now", Title: p.T("It begins on %s", p.DateTime(r.Start))})
	case access.Delivering:
		return append(steps, views.Step{Kind: "now", Title: p.T("Under way"),
			Lines: []string{p.T("This usually takes seconds.")}})
	case access.PartiallyDelivered, access.DeliveryFailed:
		return append(steps, views.Step{Kind: "now", Title: p.T("It is tried again until it succeeds")})
	case access.Delivered:
		return v.ending(steps, r)
	case access.Submitted, access.Denied, access.Canceled, access.Expired:
	}
	return steps
}

// ending adds when the access ends, or that it has.
func (v *visit) ending(steps []views.Step, r access.Request) []views.Step {
	p := v.printer
	if r.Assignment == "" || r.Type.IsRemoval() {
		return steps
	}
	x, err := v.Store.Assignment(v.ctx, r.Tenant, r.Assignment)
	switch {
	case err != nil:
		v.Log.Warn("assignment not read", "error", err)
	case !x.Ended.IsZero():
		steps = append(steps, views.Step{Kind: "done", Title: p.T("The access ended"), Time: p.DateTime(x.Ended)})
	case !x.End.IsZero():
		steps = append(steps, views.Step{Kind: "next", Title: p.T("The access ends"), Time: p.DateTime(x.End)})
	default:
		steps = append(steps, views.Step{Kind: "next", Title: p.T("The access has no end")})
	}
	return steps
}
