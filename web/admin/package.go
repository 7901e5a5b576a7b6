package admin

import (
	"net/http"
	"net/url"

	"rsc.io/qr"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// showPackage is the overview of an access package (F-062, F-063).
func showPackage(c *kit.Context) error {
	k := c.Target.Package
	page := packagePage(c, "")
	changed, err := c.Target.PackageView.LastChange(c.Ctx)
	page.Changed = changedText(c, changed, err)
	holders, err := c.Target.PackageView.CountHolders(c.Ctx)
	if err != nil {
		return err
	}
	if c.Rights.MayInCatalog(access.ManagePackages, k.Catalog) == nil {
		page.Commands = packageCommands(c, holders)
	}
	policies, err := c.Target.PackageView.Policies(c.Ctx)
	if err != nil {
		return err
	}
	properties, err := packageFacts(c, holders, len(policies))
	if err != nil {
		return err
	}
	links, err := packageLinks(c, policies)
	if err != nil {
		return err
	}
	page.Sections = append([]views.Section{properties}, links...)
	if err := addRollout(c, &page); err != nil {
		return err
	}
	page.Notices = append(page.Notices, packageHints(c, policies)...)
	return c.Show(http.StatusOK, page.Page())
}

func packageCommands(c *kit.Context, holders int64) []views.Command {
	p := c.Printer
	remove := views.Command{Label: p.T("Delete"), Href: packagePath(c, "delete"), Danger: true}
	if err := c.Target.Package.CanDelete(holders); err != nil {
		remove.DisabledReason = kit.ErrorText(p, err)
	}
	return []views.Command{
		{Label: p.T("Edit"), Href: packagePath(c, "edit")},
		{Label: p.T("Duplicate"), Href: packagePath(c, "duplicate"), Post: true},
		remove,
	}
}

// packageFacts are the properties and counts of the target package.
func packageFacts(c *kit.Context, holders int64, policies int) (views.Section, error) {
	p, k := c.Printer, c.Target.Package
	hidden := p.T("No. People who can request it find it in My Access.")
	if k.Hidden {
		hidden = p.T("Yes. It isn't listed: people who can request it need the link.")
	}
	s := views.Section{Title: p.T("Properties"), Facts: []ui.Fact{
		{Name: p.T("Catalog"), Value: c.Target.Catalog.Name, Href: c.AdminPath("catalogs", string(k.Catalog))},
		{Name: p.T("Hidden"), Value: hidden},
		{Name: p.T("Resource roles"), Value: p.Number(int64(len(k.Roles)))},
		{Name: p.T("Policies"), Value: p.Number(int64(policies))},
	}}
	if may := c.Rights.MayInCatalog(access.ReadAssignments, k.Catalog) == nil; !may {
		return s, nil
	}
	s.Facts = append(s.Facts, ui.Fact{Name: p.T("People with access"), Value: p.Number(holders)})
	for _, f := range []struct {
		kind store.CounterKind
		name string
	}{{store.CounterPending, p.T("Pending approval")},
		{store.CounterStuck, p.T("Delivery problems")}} {
		n, err := c.Target.PackageView.Counter(c.Ctx, f.kind)
		if err != nil {
			return s, err
		}
		s.Facts = append(s.Facts, ui.Fact{Name: f.name, Value: p.Number(n)})
	}
	return s, nil
}

// packageHints say why no one can get access from the package as it is.
func packageHints(c *kit.Context, policies []access.Policy) []views.Notice {
	p, k := c.Printer, c.Target.Package
	var all []views.Notice
	enabled := false
	for _, o := range policies {
		enabled = enabled || o.Enabled && o.Scope != access.ScopeNobody && !o.NamesNoOne()
		if o.Enabled && o.NamesNoOne() {
			all = append(all, views.Notice{Kind: "bad", Text: o.Name + ": " + noRequestorText(p, o.Scope),
				Link: views.Link{Label: p.T("Policies"), Href: packagePath(c, "policies", string(o.ID))}})
		}
		if err := access.PatternProblem(o.Questions); err != nil {
			all = append(all, views.Notice{Kind: "bad", Text: o.Name + ": " + kit.ErrorText(p, err),
				Link: views.Link{Label: p.T("Policies"), Href: packagePath(c, "policies", string(o.ID))}})
		}
	}
	if len(k.Roles) == 0 {
		all = append(all, views.Notice{Kind: "warn",
			Text: p.T("No resource roles yet: people who get this access package don't get any access."),
			Link: views.Link{Label: p.T("Resource roles"), Href: packagePath(c, "roles")}})
	}
	if !enabled {
		all = append(all, views.Notice{Kind: "info", Text: p.T("No one can request this: no enabled policy allows requests."),
			Link: views.Link{Label: p.T("Policies"), Href: packagePath(c, "policies")}})
	}
	if !c.Target.Catalog.Published {
		all = append(all, views.Notice{Kind: "info",
			Text: p.T("No one can see or request it until its catalog is enabled.")})
	}
	return all
}

// maxLinks is the maximum number of organizations whose links are shown.
const maxLinks = 10

// packageLinks are the links to request the target package (F-062): a general
// one, and one with a domain hint for each connected organization that its
// policies name.
func packageLinks(c *kit.Context, policies []access.Policy) ([]views.Section, error) {
	p := c.Printer
	link := c.Links.Absolute(c.Links.Home(c.Tenant.PrimaryDomain()) + "/access-packages/" + string(c.Target.Package.ID))
	main := views.Section{Title: p.T("My Access portal link"),
		Text: p.T("Send the whole link. It names your organization, so it also works for people of other organizations."),
		Copy: copyField(c, "link", p.T("Link"), link)}
	if code, err := qr.Encode(link, qr.M); err == nil {
		main.QR = &views.QR{Label: p.T("QR code of the My Access portal link"), Modules: qrModules(code)}
	}
	all := []views.Section{main}
	named := namedOrganizations(policies)
	hinted := views.Section{Title: p.T("Links for connected organizations"),
		Text: p.T("With these links, people skip the step of choosing where to sign in.")}
	shown := named[:min(len(named), maxLinks)]
	domains, err := c.Target.PackageView.OrganizationDomains(c.Ctx, shown)
	if err != nil {
		return nil, err
	}
	for _, id := range shown {
		if o, ok := domains[id]; ok {
			hinted.Copies = append(hinted.Copies, *copyField(c, "link-"+string(id), o.Name,
				link+"?"+url.Values{"domain_hint": {string(o.Domain)}}.Encode()))
		}
	}
	if len(named) > maxLinks {
		hinted.Empty = p.T("And %s more organizations. For their links, add ?domain_hint= and the organization's domain to "+
			"the link above.",
			p.Number(int64(len(named)-maxLinks)))
	}
	if len(hinted.Copies) > 0 {
		all = append(all, hinted)
	}
	return all, nil
}

func copyField(c *kit.Context, id, label, text string) *views.CopyField {
	p := c.Printer
	return &views.CopyField{ID: id, Label: label, Text: text, Button: p.T("Copy"), Done: p.T("Copied")}
}

func qrModules(code *qr.Code) [][]bool {
	rows := make([][]bool, code.Size)
	for y := range rows {
		rows[y] = make([]bool, code.Size)
		for x := range rows[y] {
			rows[y][x] = code.Black(x, y)
		}
	}
	return rows
}

// namedOrganizations are the connected organizations that enabled policies
// name, without duplicates.
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
