package portal

import (
	"net/http"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// overviewPackages is the maximum number of packages whose resources the overview shows.
const overviewPackages = 10

// showOverview is the start page of a tenant: open requests, approvals, access that ends
// soon, and what the reader holds.
func showOverview(c *kit.Context) error {
	p := c.Printer
	page := views.Overview{Chrome: c.Chrome(p.T("Overview")), Browse: c.PagePath("access-packages")}
	if c.Person.ID == "" {
		return c.Show(http.StatusOK, page.Page())
	}
	for _, g := range page.Nav {
		for _, n := range g.Items {
			page.Approvals += n.Count
		}
	}
	asked, err := c.Store.RequestsOf(c.Ctx, c.Person, "", 100)
	if err != nil {
		return err
	}
	for _, a := range asked {
		if a.Request.State.Open() && !a.Request.Type.IsRemoval() {
			page.Waiting = append(page.Waiting, requestRow(c, a, false))
		}
	}
	held, err := c.Store.ActivePackages(c.Ctx, c.Person, store.PackageSearch{Limit: 200}, c.Now.UnixMilli())
	if err != nil {
		return err
	}
	byEnd := slices.SortedStableFunc(slices.Values(held), func(a, b store.OfferLine) int {
		return a.Assignment.End.Compare(b.Assignment.End)
	})
	for _, l := range byEnd {
		if end := l.Assignment.End; !end.IsZero() && end.Before(c.Now.AddDate(0, 0, 30)) {
			page.Ending = append(page.Ending, views.Row{Title: l.Package.Name,
				Href: c.PagePath("requests", string(l.Assignment.Request)),
				Text: p.T("Ends on %s.", p.DateTime(end))})
		}
	}
	if page.Held, err = heldPackages(c, held); err != nil {
		return err
	}
	if len(held) > overviewPackages {
		page.All = views.Link{Label: p.T("View all"), Href: c.PagePath("access-packages") + "?tab=active"}
	}
	return c.Show(http.StatusOK, page.Page())
}

// heldPackages are the first packages that the reader holds, with links to what they
// include.
func heldPackages(c *kit.Context, held []store.OfferLine) ([]views.Held, error) {
	if len(held) == 0 {
		return nil, nil
	}
	p := c.Printer
	grants, err := c.Store.Grants(c.Ctx, c.Person.Tenant, c.Person.ID)
	if err != nil {
		return nil, err
	}
	var all []views.Held
	for _, l := range held[:min(len(held), overviewPackages)] {
		one := views.Held{Title: l.Package.Name, Href: c.PagePath("requests", string(l.Assignment.Request)),
			Until: p.T("No end date"), Resources: kit.Resources(p, l.Roles, grants)}
		if end := l.Assignment.End; !end.IsZero() {
			one.Until = p.T("Until %s", p.ShortDate(end))
		}
		if l.Assignment.State != access.AssignDelivered {
			one.State = kit.AssignmentBadge(p, l.Assignment.State)
		}
		all = append(all, one)
	}
	return all, nil
}

// requestRow is the row of a request. forOther also shows the person.
func requestRow(c *kit.Context, a store.RequestLine, forOther bool) views.Row {
	p, r := c.Printer, a.Request
	row := views.Row{Title: a.Package, Href: c.PagePath("requests", string(r.ID)), State: kit.RequestBadge(p, r)}
	if forOther {
		row.Title, row.Href = p.T("%s for %s", a.Package, a.Person.Name), c.PagePath("approvals", string(r.ID))
		row.Facts = []ui.Fact{{Name: p.T("Email"), Value: mailaddr.Show(a.Person.Email)},
			{Name: p.T("Domain"), Value: string(a.Person.Domain)}}
	}
	row.Facts = append(row.Facts, ui.Fact{Name: p.T("Submitted"), Value: p.Date(r.Created)})
	if !r.Due.IsZero() {
		row.Facts = append(row.Facts, ui.Fact{Name: p.T("Decision by"), Value: p.DateTime(r.Due)})
	}
	if r.Type.IsRemoval() {
		row.Text = p.T("Removal at the end date")
		if r.Type == access.AdminRemove {
			row.Text = p.T("Removal by an administrator")
		}
	}
	if !forOther && r.CanCancel(c.Person.ID) == nil {
		row.CancelAction = c.PagePath("requests", string(r.ID), "cancel")
	}
	return row
}

// showRequests lists the reader's requests.
func showRequests(c *kit.Context) error {
	page := views.Requests{Chrome: c.Chrome(c.Printer.T("My requests"))}
	if c.Person.ID == "" {
		return c.Show(http.StatusOK, page.Page())
	}
	before := access.RequestID(c.QueryParam("before"))
	if !kit.IsID(string(before)) {
		before = ""
	}
	all, err := c.Store.RequestsOf(c.Ctx, c.Person, before, kit.PageSize+1)
	if err != nil {
		return err
	}
	base := c.PagePath("requests")
	if before != "" {
		page.First = base
	}
	if len(all) > kit.PageSize {
		all = all[:kit.PageSize]
		page.Next = base + "?before=" + string(all[kit.PageSize-1].Request.ID)
	}
	for _, a := range all {
		page.Rows = append(page.Rows, requestRow(c, a, false))
	}
	return c.Show(http.StatusOK, page.Page())
}

// showRequest is the page of a request: details, timeline and delivery.
func showRequest(c *kit.Context) error {
	id, err := c.PathID()
	if err != nil {
		return err
	}
	r, err := c.Store.Request(c.Ctx, c.Tenant.ID, access.RequestID(id))
	if err != nil {
		return err
	}
	if !r.IsRequestorOrTarget(c.Person.ID) {
		return access.Missing()
	}
	p := c.Printer
	pack, err := c.Store.Package(c.Ctx, r.Tenant, r.Package)
	if err != nil {
		return err
	}
	page := views.Request{Chrome: c.Chrome(p.T("Request for %s", pack.Name)), Package: pack.Name,
		State: kit.RequestBadge(p, r),
		Facts: kit.RequestFacts(c, r), AutoRefresh: r.State == access.Delivering || r.State == access.Submitted}
	page.Notice = doneNotice(c, r)
	if page.Steps, err = kit.Timeline(c, requestReader{c.Store, r}, false); err != nil {
		return err
	}
	if page.Resources, err = kit.DeliveredResources(c, requestReader{c.Store, r}); err != nil {
		return err
	}
	if r.CanCancel(c.Person.ID) == nil {
		page.CancelAction = c.PagePath("requests", id, "cancel")
	}
	if again, err := canRequestAgain(c, r, pack); err != nil {
		return err
	} else if again {
		page.ResubmitURL = c.PagePath("access-packages", string(r.Package)) + "?from=" + id + "#request"
	}
	return c.Show(http.StatusOK, page.Page())
}

// canRequestAgain reports whether the reader can submit the request again under
// the package's policies as they are now. While they hold or have requested the package,
// they can't.
func canRequestAgain(c *kit.Context, r access.Request, pack access.Package) (bool, error) {
	if !r.CanResubmit(c.Person.ID) || !pack.Deleted.IsZero() {
		return false, nil
	}
	holding, err := c.Store.Holding(c.Ctx, c.Person, r.Package)
	if err != nil || holding.Assigned || holding.Requested {
		return false, err
	}
	who, err := personContext(c)
	if err != nil {
		return false, err
	}
	offer, err := c.Store.Offer(c.Ctx, r.Tenant, r.Package)
	if err != nil {
		return false, err
	}
	usable, _, err := withoutRefused(c, r.Package, offer.UsablePolicies(who))
	return len(usable) > 0, err
}

// doneNotice confirms the reader's last action on the request.
func doneNotice(c *kit.Context, r access.Request) string {
	switch done := c.QueryParam("done"); {
	case done == "sent" && r.Requestor == c.Person.ID:
		return c.Printer.T("Your request has been submitted.")
	case done == "canceled" && r.State == access.Canceled:
		return c.Printer.T("The request has been canceled.")
	}
	return ""
}

// cancelRequest cancels one of the reader's own requests.
func cancelRequest(c *kit.Context) error {
	id, err := c.PathID()
	if err != nil {
		return err
	}
	if err := c.Lifecycle.Requests.Cancel(c.Ctx, c.Person, access.RequestID(id)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, c.PagePath("requests", id)+"?done=canceled")
}
