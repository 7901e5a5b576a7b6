package admin

import (
	"net/http"

	"myaccess/internal/access"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// policyRoutes are the pages of the policies of an access package, and of who
// can request it.
func policyRoutes() []kit.Route {
	const list, one = root + "/access-packages/:id/policies", root + "/access-packages/:id/policies/:policy"
	all := []kit.Route{
		pageRoute(list, access.ReadCatalog, kit.OfPackage, showPolicies),
		pageRoute(one, access.ReadCatalog, kit.OfPackage, showPolicy),
		actionRoute(one+"/enable", access.ManagePolicies, kit.OfPackage, enablePolicy),
		pageRoute(root+"/access-packages/:id/who", access.ReadAssignments, kit.OfPackage, showWho),
	}
	all = append(all, formRoutes(list+"/new", access.ManagePolicies, kit.OfPackage, showNewPolicy, postNewPolicy)...)
	all = append(all, formRoutes(one+"/edit", access.ManagePolicies, kit.OfPackage, showEditPolicy, postEditPolicy)...)
	return append(all, formRoutes(one+"/delete", access.ManagePolicies, kit.OfPackage, showDeletePolicy,
		postDeletePolicy)...)
}

// canManagePolicies reports whether the reader can change the policies of the
// target package.
func canManagePolicies(c *kit.Context) bool {
	return c.Rights.MayInCatalog(access.ManagePolicies, c.Target.Catalog.ID) == nil
}

// showPolicies lists the policies of a package (F-067).
func showPolicies(c *kit.Context) error {
	p := c.Printer
	all, err := c.Target.PackageView.Policies(c.Ctx)
	if err != nil {
		return err
	}
	page := packagePage(c, "policies")
	page.Title = p.T("%s: policies", c.Target.Package.Name)
	if canManagePolicies(c) {
		page.Commands = []views.Command{{Label: p.T("Add policy"), Href: packagePath(c, "policies", "new"), Primary: true}}
	}
	table := &ui.Table{Label: p.T("Policies"), Columns: []ui.Column{{Label: p.T("Name")}, {Label: p.T("Who can request")},
		{Label: p.T("Approval")}, {Label: p.T("Assignments expire")}, {Label: p.T("State")}}}
	scopes := scopeTexts(c, all)
	for i, o := range all {
		table.Rows = append(table.Rows, ui.TableRow{Cells: []ui.Cell{
			{Text: o.Name, Sub: kit.Shorten(o.Description, 120), Href: packagePath(c, "policies", string(o.ID))},
			{Text: scopes[i]}, {Text: approvalText(p, o)}, {Text: expirationText(p, o.Expiration)},
			{State: policyBadge(p, o)},
		}})
	}
	page.Sections = []views.Section{{Table: table,
		Text: p.T("A policy says who can request the access package, who must approve, and when access expires. If several " +
			"policies apply to a person, only the most specific ones are used."),
		Empty: p.T("No policies yet. Until you add one, no one can request the access package or be assigned to it.")}}
	return c.Show(http.StatusOK, page.Page())
}

// loadPolicy loads the policy in the path, which must belong to the target
// package.
func loadPolicy(c *kit.Context) (access.Policy, error) {
	id, err := c.PathIDAt("policy")
	if err != nil {
		return access.Policy{}, err
	}
	return c.Target.PackageView.Policy(c.Ctx, access.PolicyID(id))
}

func showPolicy(c *kit.Context) error {
	o, err := loadPolicy(c)
	if err != nil {
		return err
	}
	return policyPage(c, http.StatusOK, o, nil)
}

// policyPage is the page of a policy. fault is why the last action failed; nil
// if it did not.
func policyPage(c *kit.Context, status int, o access.Policy, fault error) error {
	p := c.Printer
	page := packagePage(c, "policies")
	page.Title, page.Intro, page.State = o.Name, o.Description, policyBadge(p, o)
	page.Crumbs = policyCrumbs(c)
	_, faults := kit.FaultsOf(p, fault)
	for _, f := range faults {
		page.Notices = append(page.Notices, views.Notice{Kind: "bad", Text: f.Text})
	}
	facts, err := c.Target.PackageView.PolicyFacts(c.Ctx, o, c.Now)
	if err != nil {
		return err
	}
	if fault == nil {
		page.Notices = append(page.Notices, policyAdvice(c, o, facts)...)
	}
	if canManagePolicies(c) {
		if page.Commands, err = policyCommands(c, o, facts); err != nil {
			return err
		}
	}
	page.Sections = []views.Section{
		{Title: p.T("Requests"), Facts: policyTermFacts(c, o)},
		{Title: p.T("Requestor information"), Facts: policyQuestionFacts(c, o)},
		{Title: p.T("Lifecycle"), Facts: policyLifecycleFacts(c, o),
			Text: p.T("Changes to a policy apply to new requests and assignments. Open requests and current assignments keep " +
				"their terms and dates.")},
	}
	changed, err := c.Target.PackageView.PolicyChange(c.Ctx, o.ID)
	page.Changed = changedText(c, changed, err)
	return c.Show(status, page.Page())
}

func policyCrumbs(c *kit.Context) []views.Link {
	p := c.Printer
	return []views.Link{{Label: p.T("Access packages"), Href: c.AdminPath("access-packages")},
		views.Link{Label: c.Target.Package.Name, Href: packagePath(c)},
		views.Link{Label: p.T("Policies"), Href: packagePath(c, "policies")}}
}

// policyAdvice says what currently keeps the policy from working.
func policyAdvice(c *kit.Context, o access.Policy, facts access.PolicyFacts) []views.Notice {
	refused, warnings := o.Advise(facts)
	var all []views.Notice
	if err := access.PatternProblem(o.Questions); err != nil {
		all = append(all, views.Notice{Kind: "bad", Text: kit.ErrorText(c.Printer, err)})
	}
	for _, e := range append(refused, warnings...) {
		all = append(all, views.Notice{Kind: "warn", Text: kit.ErrorText(c.Printer, e)})
	}
	return all
}

func policyCommands(c *kit.Context, o access.Policy, facts access.PolicyFacts) ([]views.Command, error) {
	p := c.Printer
	at := func(what string) string { return packagePath(c, "policies", string(o.ID), what) }
	enable := views.Command{Label: p.T("Disable"), Href: at("enable"), Post: true,
		Hidden: []views.Hidden{{Name: "enabled", Value: kit.YesNo(!o.Enabled)}}}
	if !o.Enabled {
		enable.Label = p.T("Enable")
		_, faults := kit.FaultsOf(p, o.CanEnable(facts))
		if len(faults) > 0 {
			enable.DisabledReason = faults[0].Text
		}
	}
	use, err := c.Target.PackageView.PolicyUse(c.Ctx, o.ID)
	if err != nil {
		return nil, err
	}
	remove := views.Command{Label: p.T("Delete"), Href: at("delete"), Danger: true}
	if err := use.CanDelete(); err != nil {
		remove.DisabledReason = kit.ErrorText(p, err)
	}
	return []views.Command{{Label: p.T("Edit"), Href: at("edit")}, enable, remove}, nil
}

// enablePolicy enables or disables a policy.
func enablePolicy(c *kit.Context) error {
	o, err := loadPolicy(c)
	if err != nil {
		return err
	}
	enabled := c.FormText("enabled") == "yes"
	err = c.Admin.EnablePolicy(c.Ctx, c.Person, o.ID, enabled)
	if err != nil && access.KindOf(err) == access.Invalid {
		return policyPage(c, http.StatusUnprocessableEntity, o, err)
	}
	if err != nil {
		return err
	}
	return c.Done(packagePath(c, "policies", string(o.ID)), "policySaved")
}
