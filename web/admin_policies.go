package web

import (
	"net/http"

	"myaccess/internal/access"
	"myaccess/views"
	"myaccess/views/ui"
)

// policyRoutes are the pages of the policies of an access package, and of who
// can request it.
func policyRoutes() []route {
	const list, one = adminHome + "/access-packages/:id/policies", adminHome + "/access-packages/:id/policies/:policy"
	all := []route{
		read(list, access.ReadCatalog, ofPackage, showPolicies),
		read(one, access.ReadCatalog, ofPackage, showPolicy),
		act(one+"/enable", access.ManagePolicies, ofPackage, enablePolicy),
		read(adminHome+"/access-packages/:id/who", access.ReadAssignments, ofPackage, showWho),
	}
	all = append(all, form(list+"/new", access.ManagePolicies, ofPackage, showNewPolicy, postNewPolicy)...)
	all = append(all, form(one+"/edit", access.ManagePolicies, ofPackage, showEditPolicy, postEditPolicy)...)
	return append(all, form(one+"/delete", access.ManagePolicies, ofPackage, showDeletePolicy, postDeletePolicy)...)
}

// mayPolicies reports whether the reader may change policies of the chosen
// package.
func (v *visit) mayPolicies() bool {
	return v.rights.MayInCatalog(access.ManagePolicies, v.chosen.catalog.ID) == nil
}

// showPolicies is the list of the policies of a package (F-067).
func showPolicies(v *visit) error {
	p := v.printer
	all, err := v.Store.PoliciesOf(v.ctx, v.tenant.ID, v.chosen.pack.ID)
	if err != nil {
		return err
	}
	page := v.packageThing("policies")
	page.Title = p.T("%s: policies", v.chosen.pack.Name)
	if v.mayPolicies() {
		page.Commands = []views.Command{{Label: p.T("Add policy"), Href: v.packagePathOf("policies", "new"), Primary: true}}
	}
	table := &ui.Table{Label: p.T("Policies"), Columns: []ui.Column{{Label: p.T("Name")}, {Label: p.T("Who can request")},
		{Label: p.T("Approval")}, {Label: p.T("Assignments expire")}, {Label: p.T("State")}}}
	for _, o := range all {
		table.Rows = append(table.Rows, ui.TableRow{Cells: []ui.Cell{
			{Text: o.Name, Sub: limitText(o.Description, 120), Href: v.packagePathOf("policies", string(o.ID))},
			{Text: v.scopeText(o)}, {Text: approvalText(p, o)}, {Text: expirationText(p, o.Expiration)},
			{State: policyBadge(p, o)},
		}})
	}
	page.Sections = []views.Section{{Table: table,
		Text: p.T("A policy says who can request the access package, whose approval that takes and for how long it is " +
			"given. If several fit a person, only those count that name people most closely."),
		Empty: p.T("There is no policy yet: nobody can request the access package, and nobody can be assigned to it.")}}
	return v.show(http.StatusOK, page.Page())
}

// policy is the policy in the path, of the chosen package.
func (v *visit) policy() (access.Policy, error) {
	id, err := v.idAt("policy")
	if err != nil {
		return access.Policy{}, err
	}
	o, err := v.Store.Policy(v.ctx, v.tenant.ID, access.PolicyID(id))
	if err == nil && o.Package != v.chosen.pack.ID {
		err = access.Missing()
	}
	return o, err
}

func showPolicy(v *visit) error {
	o, err := v.policy()
	if err != nil {
		return err
	}
	return v.policyPage(http.StatusOK, o, nil)
}

// policyPage is the page of a policy, after fault came of what was just tried.
func (v *visit) policyPage(status int, o access.Policy, fault error) error {
	p := v.printer
	page := v.packageThing("policies")
	page.Title, page.Intro, page.State = o.Name, o.Description, policyBadge(p, o)
	page.Crumbs = v.policyCrumbs()
	_, faults := faultsOf(p, fault)
	for _, f := range faults {
		page.Notices = append(page.Notices, views.Notice{Kind: "bad", Text: f.Text})
	}
	facts, err := v.Store.PolicyFacts(v.ctx, o, v.chosen.catalog, v.now)
	if err != nil {
		return err
	}
	if fault == nil {
		page.Notices = append(page.Notices, v.policyAdvice(o, facts)...)
	}
	if v.mayPolicies() {
		if page.Commands, err = v.policyCommands(o, facts); err != nil {
			return err
		}
	}
	page.Sections = []views.Section{
		{Title: p.T("Requests"), Facts: v.policyTermFacts(o)},
		{Title: p.T("Requestor information"), Facts: v.policyQuestionFacts(o)},
		{Title: p.T("Lifecycle"), Facts: v.policyLifecycleFacts(o),
			Text: p.T("What is changed in a policy applies to new requests and assignments. Requests under way and access " +
				"that is held keep the terms and dates that they have.")},
	}
	page.Changed = v.changed(string(o.ID))
	return v.show(status, page.Page())
}

func (v *visit) policyCrumbs() []views.Link {
	p := v.printer
	return v.adminCrumbs(views.Link{Label: p.T("Access packages"), Href: v.adminPath("access-packages")},
		views.Link{Label: v.chosen.pack.Name, Href: v.packagePathOf()},
		views.Link{Label: p.T("Policies"), Href: v.packagePathOf("policies")})
}

// policyAdvice is what keeps the policy from working as things stand.
func (v *visit) policyAdvice(o access.Policy, facts access.PolicyFacts) []views.Notice {
	refused, warnings := o.Advise(facts)
	var all []views.Notice
	for _, e := range append(refused, warnings...) {
		all = append(all, views.Notice{Kind: "warn", Text: sentence(v.printer, e)})
	}
	return all
}

func (v *visit) policyCommands(o access.Policy, facts access.PolicyFacts) ([]views.Command, error) {
	p := v.printer
	at := func(what string) string { return v.packagePathOf("policies", string(o.ID), what) }
	enable := views.Command{Label: p.T("Disable"), Href: at("enable"), Post: true,
		Hidden: []views.Hidden{{Name: "enabled", Value: yes(!o.Enabled)}}}
	if !o.Enabled {
		enable.Label = p.T("Enable")
		_, faults := faultsOf(p, o.CanEnable(facts))
		if len(faults) > 0 {
			enable.DisabledReason = faults[0].Text
		}
	}
	use, err := v.Store.PolicyUse(v.ctx, o)
	if err != nil {
		return nil, err
	}
	remove := views.Command{Label: p.T("Delete"), Href: at("delete"), Danger: true}
	if err := use.CanDelete(); err != nil {
		remove.DisabledReason = sentence(p, err)
	}
	return []views.Command{{Label: p.T("Edit"), Href: at("edit")}, enable, remove}, nil
}

// enablePolicy switches a policy on or off.
func enablePolicy(v *visit) error {
	o, err := v.policy()
	if err != nil {
		return err
	}
	enabled := v.form("enabled") == "yes"
	err = v.Admin.EnablePolicy(v.ctx, v.person, o.ID, enabled)
	if err != nil && access.KindOf(err) == access.Invalid {
		return v.policyPage(http.StatusUnprocessableEntity, o, err)
	}
	if err != nil {
		return err
	}
	return v.done(v.packagePathOf("policies", string(o.ID)), "saved")
}
