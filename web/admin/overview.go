package admin

import (
	"net/http"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lang"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// maxStuckRows is the maximum number of rows per problem on the overview.
const maxStuckRows = 5

// showOverview is the administrators' overview: counts, and problems with the
// button that solves each.
func showOverview(c *kit.Context) error {
	p := c.Printer
	page := views.Dashboard{Chrome: c.Chrome(p.T("Overview"))}
	var err error
	if page.Figures, err = overviewFigures(c); err != nil {
		return err
	}
	if len(page.Figures) > 0 {
		page.AsOf = p.T("Updated less than a minute ago.")
	}
	for _, find := range []func(*kit.Context) (views.Section, error){failingWrites, undecidable, policiesWithoutApprover,
		failedDeliveries, lateRemovals, expiringRequests, unusablePolicies, unsentMails, unclearPeople} {
		s, err := find(c)
		if err != nil {
			return err
		}
		if len(s.Rows) > 0 {
			page.Stuck = append(page.Stuck, s)
		}
	}
	if len(page.Stuck) == 0 && c.Rights.MayAnywhere(access.ReadAssignments) {
		page.Hints = []views.Notice{{Kind: "good", Text: p.T("Everything is running.")}}
	}
	for _, find := range []func(*kit.Context) (views.Section, error){packagesGivingRoles, firstSteps} {
		s, err := find(c)
		if err != nil {
			return err
		}
		if len(s.Rows) > 0 {
			page.Stuck = append(page.Stuck, s)
		}
	}
	return c.Show(http.StatusOK, page.Page())
}

// overviewFigures are the counts of lists that the reader can see in full.
func overviewFigures(c *kit.Context) ([]views.Figure, error) {
	p := c.Printer
	var all []views.Figure
	for _, f := range []struct {
		kind        store.CounterKind
		label, path string
	}{
		{store.CounterPackages, p.T("Access packages"), "access-packages"},
		{store.CounterCatalogs, p.T("Catalogs"), "catalogs"},
		{store.CounterOrganizations, p.T("Connected organizations"), "organizations"},
		{store.CounterPeople, p.T("People"), "people"},
		{store.CounterAssignments, p.T("Assignments"), "assignments?state=" + currentAssignments},
		{store.CounterPending, p.T("Pending approval"), "requests?state=pendingApproval"},
		{store.CounterStuck, p.T("Delivery problems"), "requests?state=" + undeliveredRequests},
	} {
		n, err := c.View.Counter(c.Ctx, f.kind, "")
		if err != nil && access.KindOf(err) == access.Forbidden {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, views.Figure{Number: p.Number(n), Label: f.label, Href: c.AdminPath(f.path)})
	}
	return all, nil
}

// failingWrites says since when nothing can be saved. It is known without the database.
func failingWrites(c *kit.Context) (views.Section, error) {
	p := c.Printer
	s := views.Section{Title: p.T("Nothing can be saved"),
		Text: p.T("People can view pages and sign out, but they can't sign in, request, approve or change anything. This " +
			"ends on its own when the operator of this installation has solved the problem.")}
	e := kit.WriteFailure(c)
	if e == nil {
		return s, nil
	}
	row := views.Row{Title: p.T("The portal can't write to its database."),
		Hint:  p.T("The log has the cause. Reference: %s", e.Reference),
		State: ui.Badge{Kind: "bad", Text: p.T("Since %s", p.DateTime(e.Since))}}
	if e.IsFull() {
		row.Title = p.T("There is no space left for the portal's database.")
	}
	s.Rows = []views.Row{row}
	return s, nil
}

// failedDeliveries are approved requests that are not fully delivered, each
// with a button to retry.
func failedDeliveries(c *kit.Context) (views.Section, error) {
	p := c.Printer
	s := views.Section{Title: p.T("Not delivered"),
		Text: p.T("These requests are approved, but a target doesn't accept the change. Delivery is retried every hour, " +
			"and once a day after a week. Fix the problem shown on the request's page, then select Reprocess.")}
	if !c.Rights.MayAnywhere(access.ReadAssignments) {
		return s, nil
	}
	for _, state := range []access.RequestState{access.DeliveryFailed, access.PartiallyDelivered} {
		found, err := c.View.Requests(c.Ctx, store.ListQuery[store.RequestFilter]{
			Filter: store.RequestFilter{State: state}, Sort: "age", Desc: true, Limit: maxStuckRows})
		if err != nil {
			return s, err
		}
		for _, a := range found.Rows {
			s.Rows = append(s.Rows, stuckRequest(c, a))
		}
		if found.Next != (store.Key{}) {
			s.More = views.Link{Label: p.T("View all"), Href: c.AdminPath("requests") + "?state=" + string(state)}
		}
	}
	return s, nil
}

func stuckRequest(c *kit.Context, a store.RequestLine) views.Row {
	p, r := c.Printer, a.Request
	row := views.Row{Title: p.T("%s for %s", a.Package, a.Person.Name), Href: c.AdminPath("requests", string(r.ID)),
		State: kit.RequestBadge(p, r),
		Facts: []ui.Fact{{Name: p.T("Submitted"), Value: p.DateTime(r.Created)}}}
	if r.CanReprocess(c.Tenant.Settings.Local(c.Now)) == nil {
		row.Command = &views.Command{Label: p.T("Reprocess"), Href: c.AdminPath("requests", string(r.ID), "reprocess"),
			Post: true}
	}
	return row
}

// lateRemovals are removals of access that have not succeeded.
func lateRemovals(c *kit.Context) (views.Section, error) {
	p := c.Printer
	s := views.Section{Title: p.T("Not removed"),
		Text: p.T("This access has ended, but a target hasn't removed it. Removal is retried until it succeeds. If it's " +
			"urgent, remove the access in the target yourself.")}
	if everywhere, _ := c.Rights.CatalogsFor(access.ReadAssignments); !everywhere {
		return s, nil
	}
	late, err := c.View.Problems().LateRemovals(c.Ctx, c.Now.Add(-10*time.Minute), maxStuckRows)
	if err != nil {
		return s, err
	}
	withheld, err := c.View.Problems().WithheldRemovals(c.Ctx, maxStuckRows)
	for _, g := range append(late, withheld...) {
		row := views.Row{Title: p.T("%s as %s: %s", g.Resource, g.Role, g.Person.Name), Hint: p.T(lang.Message(g.LastError)),
			State: ui.Badge{Kind: "bad", Text: p.T("Since %s", p.DateTime(g.Since))}}
		if c.Rights.May(access.ManagePeople) == nil {
			row.Href = c.AdminPath("people", string(g.Person.ID))
		}
		s.Rows = append(s.Rows, row)
	}
	return s, err
}

// expiringRequests are undecided requests that expire soon.
func expiringRequests(c *kit.Context) (views.Section, error) {
	p := c.Printer
	s := views.Section{Title: p.T("Expiring soon"),
		Text: p.T("No one has decided yet.")}
	if everywhere, _ := c.Rights.CatalogsFor(access.ReadAssignments); !everywhere {
		return s, nil
	}
	found, err := c.View.Problems().ExpiringRequests(c.Ctx, c.Now.Add(48*time.Hour), maxStuckRows)
	for _, a := range found {
		row := stuckRequest(c, a)
		row.Command = nil
		if remind := reminderCommand(c, a.Request); remind.DisabledReason == "" {
			row.Command = &remind
		}
		row.Facts = append(row.Facts, ui.Fact{Name: p.T("Decision by"), Value: p.DateTime(a.Request.Due)})
		s.Rows = append(s.Rows, row)
	}
	return s, err
}

// unusablePolicies are enabled policies under which every request is refused: no one is
// left who can request, or their questions have patterns that are too complex to be
// checked.
func unusablePolicies(c *kit.Context) (views.Section, error) {
	p := c.Printer
	s := views.Section{Title: p.T("Policies that no one can use"),
		Text: p.T("Requests under these policies are refused.")}
	if !c.Rights.MayAnywhere(access.ReadCatalog) {
		return s, nil
	}
	unnamed, err := c.View.Problems().PoliciesWithoutRequestor(c.Ctx, maxStuckRows)
	if err != nil {
		return s, err
	}
	for _, o := range unnamed.Policies {
		s.Rows = append(s.Rows, views.Row{Title: p.T("%s of %s", o.Name, o.PackageName), Text: noRequestorText(p, o.Scope),
			Href: c.AdminPath("access-packages", string(o.Package), "policies", string(o.Policy))})
	}
	more := unnamed.More > 0
	if everywhere, _ := c.Rights.CatalogsFor(access.ReadCatalog); everywhere {
		found, err := c.View.Problems().UnusablePolicies(c.Ctx, maxStuckRows+1)
		if err != nil {
			return s, err
		}
		more = more || len(found) > maxStuckRows
		for _, u := range found[:min(maxStuckRows, len(found))] {
			s.Rows = append(s.Rows, views.Row{Title: p.T("%s of %s", u.Policy.Name, u.PackageName),
				Text: kit.ErrorText(p, access.PatternProblem(u.Policy.Questions)),
				Href: c.AdminPath("access-packages", string(u.Policy.Package), "policies", string(u.Policy.ID))})
		}
	}
	if more {
		s.Text = p.T("Requests under these policies are refused. There are more policies.")
	}
	return s, nil
}

// unclearPeople are the problems with who people are, each with the list of those
// people.
func unclearPeople(c *kit.Context) (views.Section, error) {
	p := c.Printer
	s := views.Section{Title: p.T("People to check"),
		Text: p.T("These people can't be recognized because of their mail address or account, or are members who may be " +
			"guests.")}
	if c.Rights.May(access.ManagePeople) != nil {
		return s, nil
	}
	counted, err := admin.PeopleProblems(c.Ctx, c.View)
	for _, o := range problemOptions(p)[1:] {
		n := counted[store.PersonProblem(o.Value)]
		if n == 0 {
			continue
		}
		row := views.Row{Title: o.Label, Text: p.N(int(n), "%d person", "%d people"),
			Href: c.AdminPath("people") + "?problem=" + o.Value}
		if o.Value == string(store.ProblemSubject) {
			row.Hint = p.T("They can't sign in until you enter their subject on their page.")
		}
		s.Rows = append(s.Rows, row)
	}
	return s, err
}

// firstSteps are the steps of setting up; none once there is an access package.
func firstSteps(c *kit.Context) (views.Section, error) {
	p := c.Printer
	s := views.Section{Title: p.T("Get started"),
		Text: p.T("Create your first access package in these steps:")}
	if c.Rights.May(access.ManageEntries) != nil || c.Rights.May(access.ManageOrganizations) != nil {
		return s, nil
	}
	for i, step := range []struct {
		kind              store.CounterKind
		title, text, path string
	}{
		{store.CounterPackages, p.T("Create an access package"),
			p.T("A bundle of resource roles with a policy that says who can request it, who approves, and when access expires."),
			"access-packages/new"},
		{store.CounterOrganizations, p.T("Connect an organization"),
			p.T("A partner whose people can request access. Optional."),
			"organizations/new"},
		{store.CounterEntries, p.T("Add resources"),
			p.T("The groups, teams, sites and applications of your organization."), "directory/new"},
		{store.CounterCatalogs, p.T("Add the resources to a catalog"),
			p.T("Catalog owners decide who can request what is in it. You already have one catalog."), "catalogs"},
	} {
		n, err := c.View.Counter(c.Ctx, step.kind, "")
		if err != nil || i == 0 && n > 0 {
			return views.Section{}, err
		}
		row := views.Row{Title: step.title, Text: step.text, Href: c.AdminPath(step.path)}
		if n > 0 && step.kind != store.CounterCatalogs {
			row.State = ui.Badge{Kind: "good", Text: p.T("Done")}
		}
		s.Rows = append(s.Rows, row)
	}
	s.Rows = append(s.Rows[1:], s.Rows[0])
	return s, nil
}
