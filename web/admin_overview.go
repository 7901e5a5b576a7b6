package web

import (
	"net/http"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// stuckRows is how many of each thing that is stuck the overview shows.
const stuckRows = 5

// showAdmin is the administrators' overview: figures, and what is stuck, why,
// and which button mends it.
func showAdmin(v *visit) error {
	p := v.printer
	page := views.Dashboard{Chrome: v.chrome(p.T("Administration"))}
	var err error
	if page.Figures, err = v.figures(); err != nil {
		return err
	}
	if len(page.Figures) > 0 {
		page.AsOf = p.T("Counted within the last minute.")
	}
	for _, find := range []func() (views.Section, error){v.failedDeliveries, v.lateRemovals, v.expiring, v.unsent} {
		s, err := find()
		if err != nil {
			return err
		}
		if len(s.Rows) > 0 {
			page.Stuck = append(page.Stuck, s)
		}
	}
	if len(page.Stuck) == 0 && v.rights.MayAnywhere(access.ReadAssignments) {
		page.Hints = []views.Notice{{Kind: "good", Text: p.T("Nothing is stuck.")}}
	}
	first, err := v.firstSteps()
	if err != nil {
		return err
	}
	if len(first.Rows) > 0 {
		page.Stuck = append(page.Stuck, first)
	}
	return v.show(http.StatusOK, page.Page())
}

// figures are the numbers of what the reader may see all of.
func (v *visit) figures() ([]views.Figure, error) {
	p := v.printer
	var all []views.Figure
	for _, f := range []struct {
		kind        store.CounterKind
		label, path string
		action      access.Action
	}{
		{store.CounterPackages, p.T("Access packages"), "access-packages", access.ReadCatalog},
		{store.CounterCatalogs, p.T("Catalogs"), "catalogs", access.ReadCatalog},
		{store.CounterOrganizations, p.T("Connected organizations"), "organizations", access.ManageOrganizations},
		{store.CounterPeople, p.T("People"), "people", access.ManagePeople},
		{store.CounterAssignments, p.T("Assignments"), "assignments", access.ReadAssignments},
		{store.CounterPending, p.T("Requests that wait for approval"), "requests?state=pendingApproval",
			access.ReadAssignments},
		{store.CounterStuck, p.T("Requests not wholly delivered"), "requests?state=deliveryFailed", access.ReadAssignments},
	} {
		if everywhere, _ := v.rights.CatalogsFor(f.action); !everywhere {
			continue
		}
		n, err := v.Store.Counter(v.ctx, v.tenant.ID, f.kind, "")
		if err != nil {
			return nil, err
		}
		all = append(all, views.Figure{Number: p.Number(n), Label: f.label, Href: v.adminPath(f.path)})
	}
	return all, nil
}

// mine narrows a page of a list to the catalogs in which the reader may do the
// action; ok is false if there are none.
func mine[F any](v *visit, a access.Action, q store.ListQuery[F]) (store.ListQuery[F], bool) {
	everywhere, catalogs := v.rights.CatalogsFor(a)
	if !everywhere {
		q.Catalogs = append([]access.CatalogID{}, catalogs...)
	}
	return q, everywhere || len(catalogs) > 0
}

// failedDeliveries are requests that were granted and are not delivered, each
// with the button that tries again.
func (v *visit) failedDeliveries() (views.Section, error) {
	p := v.printer
	s := views.Section{Title: p.T("Not delivered"),
		Text: p.T("These were granted, and a target does not take them. They are tried again once a day; mend what is said " +
			"on the request's page, then reprocess.")}
	for _, state := range []access.RequestState{access.DeliveryFailed, access.PartiallyDelivered} {
		q, ok := mine(v, access.ReadAssignments, store.ListQuery[store.RequestFilter]{
			Filter: store.RequestFilter{State: state}, Sort: "age", Desc: true, Limit: stuckRows})
		if !ok {
			return s, nil
		}
		found, err := v.Store.RequestList(v.ctx, v.tenant.ID, q)
		if err != nil {
			return s, err
		}
		for _, a := range found.Rows {
			s.Rows = append(s.Rows, v.stuckRequest(a))
		}
		if found.Next != (store.Key{}) {
			s.More = views.Link{Label: p.T("All of them"), Href: v.adminPath("requests") + "?state=" + string(state)}
		}
	}
	return s, nil
}

func (v *visit) stuckRequest(a store.RequestLine) views.Row {
	p, r := v.printer, a.Request
	row := views.Row{Title: p.T("%s for %s", a.Package, a.Person.Name), Href: v.adminPath("requests", string(r.ID)),
		State: requestBadge(p, r),
		Facts: []ui.Fact{{Name: p.T("Submitted"), Value: p.DateTime(r.Created)}}}
	if r.CanReprocess(v.now) == nil {
		row.Command = &views.Command{Label: p.T("Reprocess"), Href: v.adminPath("requests", string(r.ID), "reprocess"),
			Post: true}
	}
	return row
}

// lateRemovals is access that should be gone and is not.
func (v *visit) lateRemovals() (views.Section, error) {
	p := v.printer
	s := views.Section{Title: p.T("Not taken away"),
		Text: p.T("This access has ended, and a target has not given it up. It is tried again until it does; take it away " +
			"there by hand if it must not wait.")}
	if everywhere, _ := v.rights.CatalogsFor(access.ReadAssignments); !everywhere {
		return s, nil
	}
	late, err := v.Store.LateRemovals(v.ctx, v.tenant.ID, v.now.Add(-10*time.Minute), stuckRows)
	for _, g := range late {
		row := views.Row{Title: p.T("%s as %s: %s", g.Resource, g.Role, g.Person.Name), Hint: p.T(g.LastError),
			State: ui.Badge{Kind: "bad", Text: p.T("since %s", p.DateTime(g.Since))}}
		if v.rights.May(access.ManagePeople) == nil {
			row.Href = v.adminPath("people", string(g.Person.ID))
		}
		s.Rows = append(s.Rows, row)
	}
	return s, err
}

// expiring are requests that end soon without anybody having decided.
func (v *visit) expiring() (views.Section, error) {
	p := v.printer
	s := views.Section{Title: p.T("About to expire"),
		Text: p.T("Nobody has decided these. Remind the approvers, who stand on the request's page.")}
	if everywhere, _ := v.rights.CatalogsFor(access.ReadAssignments); !everywhere {
		return s, nil
	}
	found, err := v.Store.ExpiringRequests(v.ctx, v.tenant.ID, v.now.Add(48*time.Hour), stuckRows)
	for _, a := range found {
		row := v.stuckRequest(a)
		row.Command = nil
		row.Facts = append(row.Facts, ui.Fact{Name: p.T("Decision by"), Value: p.DateTime(a.Request.Due)})
		s.Rows = append(s.Rows, row)
	}
	return s, err
}

// unsent are messages that the mail server has not taken.
func (v *visit) unsent() (views.Section, error) {
	p := v.printer
	s := views.Section{Title: p.T("Messages that were not sent"),
		Text: p.T("They are tried again for five days, unless the server refused the address for good.")}
	if v.rights.May(access.ManageSettings) != nil {
		return s, nil
	}
	late, err := v.Store.LateMails(v.ctx, v.tenant.ID, v.now.AddDate(0, 0, -30), stuckRows)
	for _, m := range late {
		state := ui.Badge{Kind: "wait", Text: p.T("Waits")}
		if m.NextTry.IsZero() {
			state = ui.Badge{Kind: "bad", Text: p.T("Given up")}
		}
		row := views.Row{Title: p.T("%s, to %s", mailWord(p, m.Kind), m.To), Hint: m.LastError, State: state}
		if m.Request != "" {
			row.Href = v.adminPath("requests", string(m.Request))
		}
		s.Rows = append(s.Rows, row)
	}
	return s, err
}

// firstSteps are what is done before there is anything to request, in their
// order; none once there is an access package.
func (v *visit) firstSteps() (views.Section, error) {
	p := v.printer
	s := views.Section{Title: p.T("First steps"),
		Text: p.T("There is no access package yet. This is the way to the first one:")}
	if v.rights.May(access.ManageEntries) != nil || v.rights.May(access.ManageOrganizations) != nil {
		return s, nil
	}
	for i, step := range []struct {
		kind              store.CounterKind
		title, text, path string
	}{
		{store.CounterPackages, p.T("Make an access package"),
			p.T("A bundle of those resources, with a policy: who can request it, who approves, and for how long."),
			"access-packages/new"},
		{store.CounterOrganizations, p.T("Connect an organization"),
			p.T("A partner whose people are to request access. Leave this out if access is for your own people only."),
			"organizations/new"},
		{store.CounterEntries, p.T("Describe what access is to"),
			p.T("The groups, teams, sites and applications of your organization."), "directory/new"},
		{store.CounterCatalogs, p.T("Put that into a catalog"),
			p.T("Its owners decide what is offered of it, and to whom. One is here already."), "catalogs"},
	} {
		n, err := v.Store.Counter(v.ctx, v.tenant.ID, step.kind, "")
		if err != nil || i == 0 && n > 0 {
			return views.Section{}, err
		}
		row := views.Row{Title: step.title, Text: step.text, Href: v.adminPath(step.path)}
		if n > 0 && step.kind != store.CounterCatalogs {
			row.State = ui.Badge{Kind: "good", Text: p.T("Done")}
		}
		s.Rows = append(s.Rows, row)
	}
	s.Rows = append(s.Rows[1:], s.Rows[0])
	return s, nil
}
