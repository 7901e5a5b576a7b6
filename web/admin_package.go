package web

import (
	"net/http"
	"net/url"

	"rsc.io/qr"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// showAdminPackage is the overview of an access package (F-062, F-063).
func showAdminPackage(v *visit) error {
	k := v.chosen.pack
	page := v.packageThing("")
	page.Changed = v.changed(string(k.ID))
	holders, err := v.Store.CountHolders(v.ctx, v.tenant.ID, k.ID)
	if err != nil {
		return err
	}
	if v.rights.MayInCatalog(access.ManagePackages, k.Catalog) == nil {
		page.Commands = v.packageCommands(holders)
	}
	policies, err := v.Store.PoliciesOf(v.ctx, v.tenant.ID, k.ID)
	if err != nil {
		return err
	}
	properties, err := v.packageFacts(holders, len(policies))
	if err != nil {
		return err
	}
	links, err := v.packageLinks(policies)
	if err != nil {
		return err
	}
	page.Sections = append([]views.Section{properties}, links...)
	if err := v.addRollout(&page); err != nil {
		return err
	}
	page.Notices = append(page.Notices, v.packageHints(policies)...)
	return v.show(http.StatusOK, page.Page())
}

func (v *visit) packageCommands(holders int64) []views.Command {
	p := v.printer
	remove := views.Command{Label: p.T("Delete"), Href: v.packagePathOf("delete"), Danger: true}
	if err := v.chosen.pack.CanDelete(holders); err != nil {
		remove.DisabledReason = sentence(p, err)
	}
	return []views.Command{
		{Label: p.T("Edit"), Href: v.packagePathOf("edit")},
		{Label: p.T("Duplicate"), Href: v.packagePathOf("duplicate"), Post: true},
		remove,
	}
}

// packageFacts are the properties and figures of the chosen access package.
func (v *visit) packageFacts(holders int64, policies int) (views.Section, error) {
	p, k := v.printer, v.chosen.pack
	hidden := p.T("No: whoever may request it finds it in My Access.")
	if k.Hidden {
		hidden = p.T("Yes: it is not listed. Whoever may request it needs its link.")
	}
	s := views.Section{Title: p.T("Properties"), Facts: []ui.Fact{
		{Name: p.T("Catalog"), Value: v.chosen.catalog.Name}, {Name: p.T("Hidden"), Value: hidden},
		{Name: p.T("Resource roles"), Value: p.Number(int64(len(k.Roles)))},
		{Name: p.T("Policies"), Value: p.Number(int64(policies))},
	}, More: views.Link{Label: p.T("Catalog %s", v.chosen.catalog.Name), Href: v.adminPath("catalogs", string(k.Catalog))}}
	if may := v.rights.MayInCatalog(access.ReadAssignments, k.Catalog) == nil; !may {
		return s, nil
	}
	s.Facts = append(s.Facts, ui.Fact{Name: p.T("People who hold it"), Value: p.Number(holders)})
	for _, f := range []struct {
		kind store.CounterKind
		name string
	}{{store.CounterPending, p.T("Requests that wait for approval")},
		{store.CounterStuck, p.T("Requests with delivery problems")}} {
		n, err := v.Store.Counter(v.ctx, v.tenant.ID, f.kind, string(k.ID))
		if err != nil {
			return s, err
		}
		s.Facts = append(s.Facts, ui.Fact{Name: f.name, Value: p.Number(n)})
	}
	return s, nil
}

// packageHints say why nobody gets anything out of the access package as it is.
func (v *visit) packageHints(policies []access.Policy) []views.Notice {
	p, k := v.printer, v.chosen.pack
	var all []views.Notice
	enabled := false
	for _, o := range policies {
		enabled = enabled || o.Enabled && o.Scope != access.ScopeNobody
	}
	if len(k.Roles) == 0 {
		all = append(all, views.Notice{Kind: "warn",
			Text: p.T("It has no resource roles yet: whoever gets it is given nothing."),
			Link: views.Link{Label: p.T("Resource roles"), Href: v.packagePathOf("roles")}})
	}
	if !enabled {
		all = append(all, views.Notice{Kind: "info", Text: p.T("Nobody can request it: no enabled policy lets anybody."),
			Link: views.Link{Label: p.T("Policies"), Href: v.packagePathOf("policies")}})
	}
	if !v.chosen.catalog.Published {
		all = append(all, views.Notice{Kind: "info",
			Text: p.T("Nobody can see or request it while its catalog is not enabled.")})
	}
	return all
}

// mostLinks is how many organizations' links are shown.
const mostLinks = 10

// packageLinks are the addresses under which people request the chosen access
// package (F-062): one for all, and for the connected organizations that its
// policies name one that skips the question of where to sign in.
func (v *visit) packageLinks(policies []access.Policy) ([]views.Section, error) {
	p := v.printer
	link := v.Base + "/@" + string(v.tenant.PrimaryDomain()) + "/access-packages/" + string(v.chosen.pack.ID)
	main := views.Section{Title: p.T("My Access portal link"),
		Text: p.T("Send the whole link: it names this tenant, so that people of other organizations find the right place."),
		Copy: v.copy("link", p.T("Link"), link)}
	if code, err := qr.Encode(link, qr.M); err == nil {
		main.QR = &views.QR{Label: p.T("QR code of the My Access portal link"), Modules: modulesOf(code)}
	}
	all := []views.Section{main}
	named := namedOrganizations(policies)
	hinted := views.Section{Title: p.T("Links for connected organizations"),
		Text: p.T("These also say where the people of the organization sign in, so that they are not asked.")}
	for _, id := range named[:min(len(named), mostLinks)] {
		domain, name, err := v.organizationDomain(id)
		if err != nil {
			return nil, err
		}
		if domain != "" {
			hinted.Copies = append(hinted.Copies, *v.copy("link-"+string(id), name,
				link+"?"+url.Values{"domain_hint": {string(domain)}}.Encode()))
		}
	}
	if len(named) > mostLinks {
		hinted.Empty = p.T("And %s more organizations. Add ?domain_hint= and the domain of one to the link.",
			p.Number(int64(len(named)-mostLinks)))
	}
	if len(hinted.Copies) > 0 {
		all = append(all, hinted)
	}
	return all, nil
}

func (v *visit) copy(id, label, text string) *views.CopyField {
	p := v.printer
	return &views.CopyField{ID: id, Label: label, Text: text, Button: p.T("Copy"), Done: p.T("Copied")}
}

func modulesOf(code *qr.Code) [][]bool {
	rows := make([][]bool, code.Size)
	for y := range rows {
		rows[y] = make([]bool, code.Size)
		for x := range rows[y] {
			rows[y][x] = code.Black(x, y)
		}
	}
	return rows
}

// namedOrganizations are the connected organizations that enabled policies name,
// each once.
func namedOrganizations(policies []access.Policy) []access.OrganizationID {
	var all []access.OrganizationID
	seen := map[string]bool{}
	for _, o := range policies {
		for _, t := range o.Targets {
			if o.Enabled && t.Kind == access.SubjectOrganization && !seen[t.ID] {
				seen[t.ID] = true
				all = append(all, access.OrganizationID(t.ID))
			}
		}
	}
	return all
}

// organizationDomain is a domain by which people of the connected organization
// sign in, and its name; empty if it has none any more.
func (v *visit) organizationDomain(id access.OrganizationID) (access.Domain, string, error) {
	o, err := v.Store.Organization(v.ctx, v.tenant.ID, id)
	switch {
	case err == nil:
	case access.KindOf(err) == access.NotFound:
		return "", "", nil
	default:
		return "", "", err
	}
	for _, d := range o.Directories {
		dir, err := v.Store.Directory(v.ctx, d)
		if err != nil {
			return "", "", err
		}
		if dir.Enabled && len(dir.Domains) > 0 {
			return dir.Domains[0], o.Name, nil
		}
	}
	return "", o.Name, nil
}
