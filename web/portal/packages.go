package portal

import (
	"net/http"
	"net/url"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// submitRequest submits the request form.
func submitRequest(c *kit.Context) error {
	id, err := c.PathID()
	if err != nil {
		return err
	}
	ask, err := kit.ReadRequestForm(c)
	var made access.Request
	if err == nil {
		made, err = c.Lifecycle.Requests.Submit(c.Ctx, c.Tenant, c.Account, access.PackageID(id), ask, c.FormText("key"))
	}
	switch kind := access.KindOf(err); {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, c.PagePath("requests", string(made.ID))+"?done=sent")
	case kind == access.Invalid || kind == access.Conflict || kind == access.Forbidden:
		return packagePage(c, kit.StatusOf(kind), kit.FormState{Typed: c.Request().PostForm, Err: err})
	}
	return err
}

// showPackages lists access packages: available, active or expired ones.
func showPackages(c *kit.Context) error {
	tab := c.QueryParam("tab")
	if tab != "active" && tab != "expired" {
		tab = "available"
	}
	search := store.PackageSearch{Text: kit.Shorten(c.QueryParam("q"), 100),
		After: kit.ParsePageKey(c.QueryParam("after")),
		Limit: kit.PageSize + 1}
	found, err := listPackages(c, tab, search)
	if err != nil {
		return err
	}
	p := c.Printer
	page := views.Packages{Chrome: c.Chrome(p.T("Access packages")), Tab: tab, Search: search.Text,
		Action: c.PagePath("access-packages")}
	for _, t := range [][2]string{{"available", p.T("Available")}, {"active", p.T("Active")},
		{"expired", p.T("Expired")}} {
		page.Tabs = append(page.Tabs, ui.Tab{Label: t[1], Href: c.PagePath("access-packages") + "?tab=" + t[0],
			Current: t[0] == tab})
	}
	page.Empty = emptyText(c, tab, search.Text)
	if tab == "active" && search.Text == "" {
		page.EmptyLink = views.Link{Label: p.T("Find an access package"), Href: page.Action, Primary: true}
	}
	query := url.Values{"tab": {tab}}
	if search.Text != "" {
		query.Set("q", search.Text)
	}
	if search.After.ID != "" {
		page.First = page.Action + "?" + query.Encode()
	}
	if len(found) > kit.PageSize {
		found = found[:kit.PageSize]
		query.Set("after", pageKeyOf(tab, found[kit.PageSize-1]))
		page.Next = page.Action + "?" + query.Encode()
	}
	if page.Rows, err = packageRows(c, tab, found); err != nil {
		return err
	}
	return c.Show(http.StatusOK, page.Page())
}

func listPackages(c *kit.Context, tab string, s store.PackageSearch) ([]store.OfferLine, error) {
	if tab == "available" {
		s.Plain = !showsResources(c) // hidden resources cannot be searched for
		who, err := personContext(c)
		if err != nil {
			return nil, err
		}
		return c.Store.AvailablePackages(c.Ctx, who, s)
	}
	if c.Person.ID == "" {
		return nil, nil
	}
	if tab == "active" {
		return c.Store.ActivePackages(c.Ctx, c.Person, s, c.Now.UnixMilli())
	}
	return c.Store.EndedPackages(c.Ctx, c.Person, s, c.Now.UnixMilli())
}

func pageKeyOf(tab string, l store.OfferLine) string {
	id := string(l.Package.ID)
	if tab != "available" {
		id = string(l.Assignment.ID)
	}
	return kit.FormatPageKey(store.KeyOf(l.Package.Name, id))
}

func emptyText(c *kit.Context, tab, text string) [2]string {
	p := c.Printer
	switch {
	case text != "":
		return [2]string{p.T("No results"), p.T("No access package has “%s” in its name, description or resources.",
			text)}
	case tab == "active":
		return [2]string{p.T("No active access yet"), p.T("Your access appears here, with links to open the resources.")}
	case tab == "expired":
		return [2]string{p.T("No expired access"),
			p.T("Access that has ended appears here, so that you can request it again.")}
	}
	return [2]string{p.T("No access packages to request"),
		p.T("If someone sent you here, ask them for the link to the access package.")}
}

func packageRows(c *kit.Context, tab string, found []store.OfferLine) ([]views.Row, error) {
	p := c.Printer
	again, err := requestableAgain(c, tab, found)
	if err != nil {
		return nil, err
	}
	var refused map[access.PackageID]bool
	if tab == "available" {
		if refused, err = refusedPackages(c, found); err != nil {
			return nil, err
		}
	}
	rows := make([]views.Row, 0, len(found))
	for _, l := range found {
		href := c.PagePath("access-packages", string(l.Package.ID))
		row := views.Row{Title: l.Package.Name, Href: href, Text: kit.Shorten(l.Package.Description, 300)}
		if showsResources(c) || tab == "active" {
			if names := resourceNames(l.Roles); len(names) > 0 {
				row.Facts = append(row.Facts, ui.Fact{Name: p.T("Resources"), Value: p.Series(names)})
			}
		}
		row.Facts = append(row.Facts, ui.Fact{Name: p.T("Catalog"), Value: l.Catalog})
		switch tab {
		case "available":
			addAvailability(c, &row, l, refused[l.Package.ID])
		default:
			if err := addAssignment(c, &row, tab, l, again[l.Package.ID]); err != nil {
				return nil, err
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// addAvailability completes the row of a package that is offered. refused says that a
// request would be refused.
func addAvailability(c *kit.Context, row *views.Row, l store.OfferLine, refused bool) {
	p := c.Printer
	switch {
	case l.Holding.Assigned:
		row.State = ui.Badge{Kind: "quiet", Text: p.T("You have this")}
	case l.Holding.Requested:
		row.State = ui.Badge{Kind: "wait", Text: p.T("Requested")}
	case refused:
		row.State = ui.Badge{Kind: "idle", Text: p.T("Can't be requested")}
	default:
		row.Links = []views.Link{{Label: p.T("Request"), Href: row.Href + "#request"}}
	}
}

// requestableAgain returns the packages of ended assignments that the reader
// can request again.
func requestableAgain(c *kit.Context, tab string, ended []store.OfferLine) (map[access.PackageID]bool, error) {
	if tab != "expired" || len(ended) == 0 {
		return nil, nil
	}
	who, err := personContext(c)
	if err != nil {
		return nil, err
	}
	ids := make([]access.PackageID, len(ended))
	for i, l := range ended {
		ids[i] = l.Package.ID
	}
	again, err := c.Store.Requestable(c.Ctx, who, ids)
	if err != nil {
		return nil, err
	}
	refused, err := refusedPackages(c, ended)
	for id, r := range refused {
		again[id] = again[id] && !r
	}
	return again, err
}

// addAssignment completes the row of an assignment: its end and the links to
// its resources. An ended one links to its request, and to its package if that
// can be requested again.
func addAssignment(c *kit.Context, row *views.Row, tab string, l store.OfferLine, again bool) error {
	p, x := c.Printer, l.Assignment
	row.Facts = append(row.Facts, ui.Fact{Name: p.T("Since"), Value: p.Date(x.Start)})
	if tab == "expired" {
		end := x.Ended
		if end.IsZero() {
			end = x.End
		}
		row.Facts = append(row.Facts, ui.Fact{Name: p.T("Ended"), Value: p.Date(end)})
		if again && !l.Holding.Assigned && !l.Holding.Requested {
			row.Links = []views.Link{{Label: p.T("Request again"), Href: row.Href + "#request"}}
		}
		row.Href = c.PagePath("requests", string(x.Request))
		return nil
	}
	until := p.T("No end date")
	if !x.End.IsZero() {
		until = p.DateTime(x.End)
	}
	row.Facts = append(row.Facts, ui.Fact{Name: p.T("Until"), Value: until})
	row.State = kit.AssignmentBadge(p, x.State)
	grants, err := c.Store.GrantsOfPackage(c.Ctx, x.Tenant, x.Person, x.Package)
	for _, r := range kit.Resources(p, l.Roles, grants) {
		if r.Link != "" {
			row.Links = append(row.Links, views.Link{Label: p.T("Open %s", r.Name), Href: r.Link})
		}
	}
	row.Links = append(row.Links, views.Link{Label: p.T("Details"), Href: c.PagePath("requests", string(x.Request))})
	return err
}

func resourceNames(roles []store.RoleWithResource) []string {
	var names []string
	for _, r := range roles {
		names = append(names, r.Resource.Name)
	}
	return names
}

// showsResources reports whether the reader may see the resources of packages
// (F-142).
func showsResources(c *kit.Context) bool {
	switch c.Tenant.Settings.ResourceVisibility {
	case access.ResourcesShownToNobody:
		return false
	case access.ResourcesShownToMembers:
		return !c.Person.Outsider()
	case access.ResourcesShownToAll:
	}
	return true
}

// showPackage is the page of one package.
func showPackage(c *kit.Context) error {
	f := kit.FormState{Typed: c.Draft(), Source: c.QueryParams()}
	f.Restored = f.Typed != nil
	if from := c.QueryParam("from"); from != "" && f.Typed == nil {
		var err error
		if f.Typed, err = earlierRequest(c, from); err != nil {
			return err
		}
	}
	if chosen := c.QueryParam("policy"); chosen != "" {
		if f.Typed == nil {
			f.Typed = url.Values{}
		}
		f.Typed.Set("policy", chosen)
	}
	return packagePage(c, http.StatusOK, f)
}

// packagePage shows a package with the request form. It returns NotFound for a
// package that the reader can neither request nor holds nor has requested.
func packagePage(c *kit.Context, status int, f kit.FormState) error {
	id, err := c.PathID()
	if err != nil {
		return err
	}
	who, err := personContext(c)
	if err != nil {
		return err
	}
	offer, err := c.Store.Offer(c.Ctx, c.Tenant.ID, access.PackageID(id))
	if err != nil {
		return err
	}
	var holding access.ExistingAccess
	if who.ID != "" {
		if holding, err = c.Store.Holding(c.Ctx, c.Person, offer.Package.ID); err != nil {
			return err
		}
		if !holding.Assigned && !holding.Requested {
			withdrawn, err := c.Store.Withdrawals(c.Ctx, c.Person, c.Now)
			if err != nil {
				return err
			}
			holding.PausedUntil = withdrawn.PausedUntil(offer.Package.ID)
		}
	}
	usable := offer.UsablePolicies(who)
	if len(usable) == 0 && !holding.Assigned && !holding.Requested {
		return access.Missing()
	}
	page := views.Package{Chrome: c.Chrome(offer.Package.Name), Name: offer.Package.Name,
		Description: offer.Package.Description, Catalog: offer.Catalog.Name,
		CatalogDescription: offer.Catalog.Description}
	if err := addResources(c, &page, offer.Package, holding); err != nil {
		return err
	}
	if err := addRequestForm(c, &page, offer, who, holding, f); err != nil {
		return err
	}
	return c.Show(status, page.Page())
}

// addRequestForm adds the form to request the package, or why it can't be requested.
func addRequestForm(c *kit.Context, page *views.Package, o access.Offer, who access.PersonContext,
	h access.ExistingAccess, f kit.FormState) error {
	if err := h.CanRequest(who, c.Tenant.Settings); err != nil {
		return addBlocker(c, page, o.Package, h, err)
	}
	all := o.UsablePolicies(who)
	usable, refusal, err := withoutRefused(c, o.Package.ID, all)
	if refusal != nil && f.Err != nil && access.KindOf(f.Err) == access.Conflict &&
		access.KindOf(refusal) == access.Conflict {
		usable = all // the form stays with what was typed, and says why it was refused
	}
	switch {
	case err != nil:
		return err
	case len(usable) == 0 && refusal != nil:
		page.WhyNot = refusalText(c, refusal)
	default:
		page.Form = kit.RequestForm(c, o, usable, f)
	}
	return nil
}

func addResources(c *kit.Context, page *views.Package, k access.Package, h access.ExistingAccess) error {
	if !showsResources(c) && !h.Assigned {
		page.Hidden = c.Printer.T("You'll see the resources when you have this access package.")
		return nil
	}
	roles, err := c.Store.PackageRoles(c.Ctx, k.Tenant, k.ID)
	if err != nil {
		return err
	}
	var grants []access.Grant
	if h.Assigned {
		if grants, err = c.Store.GrantsOfPackage(c.Ctx, k.Tenant, c.Person.ID, k.ID); err != nil {
			return err
		}
	}
	page.Resources = kit.Resources(c.Printer, roles[k.ID], grants)
	return nil
}

// addBlocker says why the package cannot be requested, with a link to the
// assignment or request.
func addBlocker(c *kit.Context, page *views.Package, k access.Package, h access.ExistingAccess, why error) error {
	p := c.Printer
	page.WhyNot = kit.ErrorText(p, why)
	if h.Assigned {
		x, ok, err := c.Store.AssignmentOf(c.Ctx, c.Person, k.ID)
		if err != nil || !ok {
			return err
		}
		page.State = kit.AssignmentBadge(p, x.State)
		page.WhyNotLink = views.Link{Label: p.T("View request"), Href: c.PagePath("requests", string(x.Request))}
		return nil
	}
	if h.Requested {
		id, err := c.Store.OpenRequest(c.Ctx, c.Person, k.ID)
		page.State = ui.Badge{Kind: "wait", Text: p.T("Requested")}
		page.WhyNotLink = views.Link{Label: p.T("View request"), Href: c.PagePath("requests", string(id))}
		return err
	}
	return nil
}

// earlierRequest is the content of one of the reader's own requests, to submit
// it again (F-156).
func earlierRequest(c *kit.Context, id string) (url.Values, error) {
	if !kit.IsID(id) {
		return nil, access.Missing()
	}
	r, err := c.Store.Request(c.Ctx, c.Tenant.ID, access.RequestID(id))
	if err != nil {
		return nil, err
	}
	if !r.CanResubmit(c.Person.ID) {
		return nil, access.Missing()
	}
	typed := url.Values{"policy": {string(r.Policy)}, "justification": {r.Justification}}
	for _, a := range r.Answers {
		typed["answer."+string(a.Question)] = a.Values
	}
	for name, at := range map[string]time.Time{"start": r.Start, "end": r.End} {
		if at.After(c.Now) {
			typed.Set(name, at.In(c.Printer.Zone()).Format(kit.DateTimeLayout))
		}
	}
	return typed, nil
}
