package web

import (
	"net/url"

	"myaccess/internal/access"
	"myaccess/views"
)

// policyWizard adds a policy to the chosen package, in the steps of the wizard
// of an access package.
func (v *visit) policyWizard() wizard {
	p := v.printer
	w := wizard{title: p.T("Add a policy to %s", v.chosen.pack.Name), path: v.packagePathOf("policies", "new"),
		crumbs: v.policyCrumbs(),
		cancel: v.packagePathOf("policies"), submit: p.T("Add policy"), fresh: v.policyValues(newPolicy())}
	w.check = func(typed url.Values) error {
		o, err := v.readPolicy(typed, access.Policy{Tenant: v.tenant.ID, Package: v.chosen.pack.ID})
		if err != nil {
			return err
		}
		return v.refusal(o, v.chosen.catalog)
	}
	w.steps = []wizardStep{
		{name: "requests", label: p.T("Requests"), groups: v.policyRequestsHere, owns: ownsPolicyRequests},
		{name: "questions", label: p.T("Requestor information"), groups: v.policyQuestions, owns: ownsPolicyQuestions,
			arrange: arrangeQuestions},
		{name: "lifecycle", label: p.T("Lifecycle"), groups: v.policyLifecycle, owns: ownsPolicyLifecycle},
		{name: "review", label: p.T("Review and add"), groups: v.policyReview},
	}
	return w
}

// policyRequestsHere is policyRequests in the catalog of the chosen package.
func (v *visit) policyRequestsHere(typed url.Values, faults map[string]string) []views.Group {
	return v.policyRequests(typed, faults, v.chosen.catalog)
}

// policyReview is what was typed, in words, with what would keep it from
// working.
func (v *visit) policyReview(typed url.Values, _ map[string]string) []views.Group {
	p := v.printer
	o, err := v.readPolicy(typed, access.Policy{Tenant: v.tenant.ID, Package: v.chosen.pack.ID})
	groups := []views.Group{{Title: p.T("Requests"), Facts: v.policyRequestFacts(o)}, {Title: p.T("Requestor information"),
		Facts: v.policyQuestionFacts(o)},
		{Title: p.T("Lifecycle"), Facts: v.policyLifecycleFacts(o)}}
	if err != nil {
		return groups
	}
	return append(v.policyWarnings(o, v.chosen.catalog), groups...)
}

// refusal is what keeps the policy in the catalog from being saved as things
// stand.
func (v *visit) refusal(o access.Policy, c access.Catalog) error {
	facts, err := v.Store.PolicyFacts(v.ctx, o, c, v.now)
	if err != nil {
		return err
	}
	refused, _ := o.Advise(facts)
	return refused.Err()
}

// policyWarnings is a group of what would keep the policy from working in the
// catalog; none if nothing would.
func (v *visit) policyWarnings(o access.Policy, c access.Catalog) []views.Group {
	facts, err := v.Store.PolicyFacts(v.ctx, o, c, v.now)
	if err != nil {
		v.report(err)
		return nil
	}
	var parts []views.Part
	_, warnings := o.Advise(facts)
	for _, e := range warnings {
		parts = append(parts, views.Part{Note: sentence(v.printer, e)})
	}
	if len(parts) == 0 {
		return nil
	}
	return []views.Group{{Title: v.printer.T("Think about this"), Parts: parts}}
}

func showNewPolicy(v *visit) error { return v.policyWizard().show(v) }

func postNewPolicy(v *visit) error {
	w := v.policyWizard()
	if !w.finishing(v) {
		return w.moved(v)
	}
	o, err := v.readPolicy(v.fields(), access.Policy{Package: v.chosen.pack.ID})
	if err == nil {
		o, err = v.Admin.SavePolicy(v.ctx, v.person, o)
	}
	if err != nil {
		return w.refused(v, err)
	}
	return v.done(v.packagePathOf("policies", string(o.ID)), "created")
}

// editPolicy is the form of a policy: the steps of the wizard on one page.
func (v *visit) editPolicy(o access.Policy) editor {
	p, base := v.printer, v.packagePathOf("policies", string(o.ID))
	return editor{title: p.T("Edit %s", o.Name), path: base + "/edit", cancel: base, submit: p.T("Save"),
		stored: v.policyValues(o), version: o.Version,
		lead: p.T("What is changed applies to new requests and assignments. Requests under way and access that is held " +
			"keep the terms and dates that they have."),
		crumbs: append(v.policyCrumbs(), views.Link{Label: o.Name, Href: base}), arrange: arrangeQuestions,
		groups: func(typed url.Values, faults map[string]string) []views.Group {
			all := v.policyRequestsHere(typed, faults)
			all = append(all, v.policyQuestions(typed, faults)...)
			return append(all, v.policyLifecycle(typed, faults)...)
		}}
}

func showEditPolicy(v *visit) error {
	o, err := v.policy()
	if err != nil {
		return err
	}
	return v.editPolicy(o).show(v)
}

func postEditPolicy(v *visit) error {
	stored, err := v.policy()
	if err != nil {
		return err
	}
	if v.arranging() {
		return v.editPolicy(stored).refused(v, nil)
	}
	o, err := v.readPolicy(v.fields(), stored)
	o.Version = v.version()
	if err == nil {
		_, err = v.Admin.SavePolicy(v.ctx, v.person, o)
	}
	if err != nil {
		return v.editPolicy(stored).refused(v, err)
	}
	return v.done(v.packagePathOf("policies", string(o.ID)), "saved")
}

func (v *visit) deletePolicy(o access.Policy) editor {
	p, base := v.printer, v.packagePathOf("policies", string(o.ID))
	return editor{title: p.T("Delete %s?", o.Name), path: base + "/delete", cancel: base, submit: p.T("Delete"),
		danger: true,
		crumbs: append(v.policyCrumbs(), views.Link{Label: o.Name, Href: base}),
		groups: func(url.Values, map[string]string) []views.Group {
			return []views.Group{{Text: p.T("Nobody can request under the policy any more. What was requested under it in the " +
				"past stays in the records.")}}
		}}
}

func showDeletePolicy(v *visit) error {
	o, err := v.policy()
	if err != nil {
		return err
	}
	return v.deletePolicy(o).show(v)
}

func postDeletePolicy(v *visit) error {
	o, err := v.policy()
	if err != nil {
		return err
	}
	if err := v.Admin.DeletePolicy(v.ctx, v.person, o.ID); err != nil {
		return v.deletePolicy(o).refused(v, err)
	}
	return v.done(v.packagePathOf("policies"), "deleted")
}
