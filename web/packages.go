package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// pageSize is how many lines a list shows.
const pageSize = 25

// linkOf is a resource's link if browsers may be sent there.
func linkOf(link string) string {
	if strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://") {
		return link
	}
	return ""
}

// showPackages is the list of access packages in its three views.
func showPackages(v *visit) error {
	tab := v.QueryParam("tab")
	if tab != "active" && tab != "expired" {
		tab = "available"
	}
	search := store.PackageSearch{Text: limitText(v.QueryParam("q"), 100), After: place(v.QueryParam("after")),
		Limit: pageSize + 1}
	found, err := v.listed(tab, search)
	if err != nil {
		return err
	}
	p := v.printer
	page := views.Packages{Chrome: v.chrome(p.T("Access packages")), Tab: tab, Search: search.Text,
		Action: v.home + "/access-packages"}
	for _, t := range [][2]string{{"available", p.T("Available")}, {"active", p.T("Active")},
		{"expired", p.T("Expired")}} {
		page.Tabs = append(page.Tabs, ui.Tab{Label: t[1], Href: v.home + "/access-packages?tab=" + t[0],
			Current: t[0] == tab})
	}
	page.Empty = v.nothing(tab, search.Text)
	query := url.Values{"tab": {tab}}
	if search.Text != "" {
		query.Set("q", search.Text)
	}
	if search.After.ID != "" {
		page.First = page.Action + "?" + query.Encode()
	}
	if len(found) > pageSize {
		found = found[:pageSize]
		query.Set("after", placeOf(tab, found[pageSize-1]))
		page.Next = page.Action + "?" + query.Encode()
	}
	if page.Rows, err = v.packageRows(tab, found); err != nil {
		return err
	}
	return v.show(http.StatusOK, page.Page())
}

func (v *visit) listed(tab string, s store.PackageSearch) ([]store.OfferLine, error) {
	if tab == "available" {
		s.Plain = !v.shows() // what is not named cannot be asked after
		who, err := v.who()
		if err != nil {
			return nil, err
		}
		return v.Store.AvailablePackages(v.ctx, who, s)
	}
	if v.person.ID == "" {
		return nil, nil
	}
	if tab == "active" {
		return v.Store.ActivePackages(v.ctx, v.person, s, v.now.UnixMilli())
	}
	return v.Store.EndedPackages(v.ctx, v.person, s, v.now.UnixMilli())
}

// place reads the key of a page: the id and the name that it comes after.
func place(s string) store.Key {
	id, name, _ := strings.Cut(s, "~")
	if !isID(id) {
		return store.Key{}
	}
	return store.Key{Name: limitText(name, 4*access.MaxNameLength), ID: id}
}

func placeOf(tab string, l store.OfferLine) string {
	id := string(l.Package.ID)
	if tab != "available" {
		id = string(l.Assignment.ID)
	}
	key := store.KeyOf(l.Package.Name, id)
	return key.ID + "~" + key.Name
}

func limitText(s string, n int) string {
	r := []rune(strings.TrimSpace(plain(s)))
	return string(r[:min(n, len(r))])
}

func (v *visit) nothing(tab, text string) [2]string {
	p := v.printer
	switch {
	case text != "":
		return [2]string{p.T("Nothing found"), p.T("No access package here holds “%s” in its name, description or resources.",
			text)}
	case tab == "active":
		return [2]string{p.T("You hold no access package"), p.T("What you are given stands here, with links that open it.")}
	case tab == "expired":
		return [2]string{p.T("Nothing has ended"),
			p.T("Access that you had and that has ended stands here, so that you can ask for it again.")}
	}
	return [2]string{p.T("There is nothing for you to request"),
		p.T("If you were sent here for something, ask whoever sent you for the link to it.")}
}

func (v *visit) packageRows(tab string, found []store.OfferLine) ([]views.Row, error) {
	p := v.printer
	again, err := v.requestable(tab, found)
	if err != nil {
		return nil, err
	}
	var rows []views.Row
	for _, l := range found {
		href := v.home + "/access-packages/" + string(l.Package.ID)
		row := views.Row{Title: l.Package.Name, Href: href, Text: limitText(l.Package.Description, 300)}
		if v.shows() || tab == "active" {
			if names := resourceNames(l.Roles); len(names) > 0 {
				row.Facts = append(row.Facts, ui.Fact{Name: p.T("Resources"), Value: strings.Join(names, ", ")})
			}
		}
		row.Facts = append(row.Facts, ui.Fact{Name: p.T("Catalog"), Value: l.Catalog})
		switch tab {
		case "available":
			v.available(&row, l)
		default:
			if err := v.held(&row, tab, l, again[l.Package.ID]); err != nil {
				return nil, err
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (v *visit) available(row *views.Row, l store.OfferLine) {
	p := v.printer
	switch {
	case l.Holding.Assigned:
		row.State = ui.Badge{Kind: "good", Text: p.T("You have this")}
	case l.Holding.Requested:
		row.State = ui.Badge{Kind: "wait", Text: p.T("Requested")}
	default:
		row.Links = []views.Link{{Label: p.T("Request"), Href: row.Href + "#request"}}
	}
}

// requestable are the packages of ended assignments that can be requested again.
func (v *visit) requestable(tab string, ended []store.OfferLine) (map[access.PackageID]bool, error) {
	if tab != "expired" || len(ended) == 0 {
		return nil, nil
	}
	who, err := v.who()
	if err != nil {
		return nil, err
	}
	ids := make([]access.PackageID, len(ended))
	for i, l := range ended {
		ids[i] = l.Package.ID
	}
	return v.Store.Requestable(v.ctx, who, ids)
}

// held completes the row of an assignment: its end, and what it opens. An ended
// one leads to how it was granted, and to its package if that can be requested
// again.
func (v *visit) held(row *views.Row, tab string, l store.OfferLine, again bool) error {
	p, x := v.printer, l.Assignment
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
		row.Href = v.home + "/requests/" + string(x.Request)
		return nil
	}
	until := p.T("no end")
	if !x.End.IsZero() {
		until = p.DateTime(x.End)
	}
	row.Facts = append(row.Facts, ui.Fact{Name: p.T("Until"), Value: until})
	row.State = assignmentBadge(p, x.State)
	grants, err := v.Store.GrantsOfPackage(v.ctx, x.Tenant, x.Person, x.Package)
	for _, r := range resourcesOf(p, l.Roles, grants) {
		if r.Link != "" {
			row.Links = append(row.Links, views.Link{Label: p.T("Open %s", r.Name), Href: r.Link})
		}
	}
	row.Links = append(row.Links, views.Link{Label: p.T("Details"), Href: v.home + "/requests/" + string(x.Request)})
	return err
}

func resourceNames(roles []store.RoleWithResource) []string {
	var names []string
	for _, r := range roles {
		names = append(names, r.Resource.Name)
	}
	return names
}

// shows reports whether packages name their resources to the reader (F-142).
func (v *visit) shows() bool {
	switch v.tenant.Settings.ResourceVisibility {
	case access.ResourcesShownToNobody:
		return false
	case access.ResourcesShownToMembers:
		return !v.person.Outsider()
	case access.ResourcesShownToAll:
	}
	return true
}

// showPackage is the page of one package.
func showPackage(v *visit) error {
	f := formState{typed: v.draft(), source: v.QueryParams()}
	f.restored = f.typed != nil
	if from := v.QueryParam("from"); from != "" && f.typed == nil {
		var err error
		if f.typed, err = v.earlier(from); err != nil {
			return err
		}
	}
	if chosen := v.QueryParam("policy"); chosen != "" {
		if f.typed == nil {
			f.typed = url.Values{}
		}
		f.typed.Set("policy", chosen)
	}
	return v.packagePage(http.StatusOK, f)
}

// packagePage shows a package with the form as it stands. A package that the
// reader may neither request nor holds or has asked for does not exist.
func (v *visit) packagePage(status int, f formState) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	who, err := v.who()
	if err != nil {
		return err
	}
	offer, err := v.Store.Offer(v.ctx, v.tenant.ID, access.PackageID(id))
	if err != nil {
		return err
	}
	var holding access.ExistingAccess
	if who.ID != "" {
		if holding, err = v.Store.Holding(v.ctx, v.person, offer.Package.ID); err != nil {
			return err
		}
	}
	usable := offer.UsablePolicies(who)
	if len(usable) == 0 && !holding.Assigned && !holding.Requested {
		return access.Missing()
	}
	page := views.Package{Chrome: v.chrome(offer.Package.Name), Name: offer.Package.Name,
		Description: offer.Package.Description, Catalog: offer.Catalog.Name}
	if err := v.packageResources(&page, offer.Package, holding); err != nil {
		return err
	}
	if err := holding.CanRequest(who, v.tenant.Settings); err != nil {
		if err := v.whyNot(&page, offer.Package, holding, err); err != nil {
			return err
		}
	} else {
		page.Form = v.requestForm(offer, usable, f)
	}
	return v.show(status, page.Page())
}

func (v *visit) packageResources(page *views.Package, k access.Package, h access.ExistingAccess) error {
	if !v.shows() && !h.Assigned {
		page.Hidden = v.printer.T("Its resources are named once you hold it.")
		return nil
	}
	roles, err := v.Store.PackageRoles(v.ctx, k.Tenant, k.ID)
	if err != nil {
		return err
	}
	var grants []access.Grant
	if h.Assigned {
		if grants, err = v.Store.GrantsOfPackage(v.ctx, k.Tenant, v.person.ID, k.ID); err != nil {
			return err
		}
	}
	page.Resources = resourcesOf(v.printer, roles[k.ID], grants)
	return nil
}

// whyNot says why the package cannot be requested, and where it stands.
func (v *visit) whyNot(page *views.Package, k access.Package, h access.ExistingAccess, why error) error {
	p := v.printer
	page.WhyNot = sentence(p, why)
	if h.Assigned {
		x, ok, err := v.Store.AssignmentOf(v.ctx, v.person, k.ID)
		if err != nil || !ok {
			return err
		}
		page.State = assignmentBadge(p, x.State)
		page.WhyNotLink = views.Link{Label: p.T("See how it was granted"), Href: v.home + "/requests/" + string(x.Request)}
		return nil
	}
	if h.Requested {
		id, err := v.Store.OpenRequest(v.ctx, v.person, k.ID)
		page.State = ui.Badge{Kind: "wait", Text: p.T("Requested")}
		page.WhyNotLink = views.Link{Label: p.T("See your request"), Href: v.home + "/requests/" + string(id)}
		return err
	}
	return nil
}

// earlier is what was typed into a request of the reader's own, to submit it
// again (F-156).
func (v *visit) earlier(id string) (url.Values, error) {
	if !isID(id) {
		return nil, access.Missing()
	}
	r, err := v.Store.Request(v.ctx, v.tenant.ID, access.RequestID(id))
	if err != nil {
		return nil, err
	}
	if !r.CanResubmit(v.person.ID) {
		return nil, access.Missing()
	}
	typed := url.Values{"policy": {string(r.Policy)}, "justification": {r.Justification}}
	for _, a := range r.Answers {
		typed["answer."+string(a.Question)] = a.Values
	}
	for name, at := range map[string]time.Time{"start": r.Start, "end": r.End} {
		if at.After(v.now) {
			typed.Set(name, at.In(v.printer.Zone()).Format(clock))
		}
	}
	return typed, nil
}

// newKey is the key of a fresh form.
func newKey() string { return signin.NewToken()[:22] }
