package admin

import (
	"net/url"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/views"
	"myaccess/web/kit"
)

// policyWizard adds a policy to the target package. Its steps are those of
// newPackageWizard.
func policyWizard(c *kit.Context) kit.Wizard {
	p := c.Printer
	w := kit.Wizard{Title: p.T("Add a policy to %s", c.Target.Package.Name), Path: packagePath(c, "policies", "new"),
		Crumbs: policyCrumbs(c),
		Cancel: packagePath(c, "policies"), Submit: p.T("Add policy"), Initial: policyValues(c, newPolicy())}
	w.Check = func(typed url.Values) error {
		o, err := readPolicy(c, typed, access.Policy{Package: c.Target.Package.ID})
		return withSavingFaults(c, err, savePolicy(c, o))
	}
	w.Steps = []kit.WizardStep{
		{Name: "requests", Label: p.T("Requests"), Groups: c.Groups(policyRequestsHere), Owns: ownsPolicyRequests},
		questionsStep(c), lifecycleStep(c),
		{Name: "review", Label: p.T("Review and add"), Groups: c.Groups(policyReview)},
	}
	return w
}

// questionsStep is the step of a wizard with the questions of a policy.
func questionsStep(c *kit.Context) kit.WizardStep {
	return kit.WizardStep{Name: "questions", Label: c.Printer.T("Requestor information"),
		Groups: c.Groups(policyQuestions), Owns: ownsPolicyQuestions, Arrange: arrangeQuestions}
}

// lifecycleStep is the step of a wizard with the expiration of a policy.
func lifecycleStep(c *kit.Context) kit.WizardStep {
	return kit.WizardStep{Name: "lifecycle", Label: c.Printer.T("Lifecycle"), Groups: c.Groups(policyLifecycle),
		Owns: ownsPolicyLifecycle}
}

// policyRequestsHere is policyRequests for the target package's catalog.
func policyRequestsHere(c *kit.Context, typed url.Values, faults map[string]string) []views.Group {
	return policyRequests(c, typed, faults, c.Target.Catalog)
}

// policyReview is the summary before creation, with what would keep the policy
// from working.
func policyReview(c *kit.Context, typed url.Values, _ map[string]string) []views.Group {
	p := c.Printer
	o, err := readPolicy(c, typed, access.Policy{Tenant: c.Tenant.ID, Package: c.Target.Package.ID})
	groups := []views.Group{{Title: p.T("Requests"), Facts: policyRequestFacts(c, o)},
		{Title: p.T("Requestor information"),
			Facts: policyQuestionFacts(c, o)},
		{Title: p.T("Lifecycle"), Facts: policyLifecycleFacts(c, o)}}
	if err != nil {
		return groups
	}
	return append(policyWarnings(c, o, c.Target.Catalog), groups...)
}

// savePolicy saves the policy, for previews.
func savePolicy(c *kit.Context, o access.Policy) func(*admin.Editor) error {
	return func(ed *admin.Editor) error {
		_, err := ed.SavePolicy(c.Ctx, o)
		return err
	}
}

// policyWarnings says what would keep the policy from working in the catalog;
// none if nothing would.
func policyWarnings(c *kit.Context, o access.Policy, catalog access.Catalog) []views.Group {
	facts, err := c.View.PolicyFacts(c.Ctx, o, catalog, c.Now)
	if err != nil {
		c.LogFault(err)
		return nil
	}
	var parts []views.Part
	_, warnings := o.Advise(facts)
	for _, e := range warnings {
		parts = append(parts, views.Part{Note: kit.ErrorText(c.Printer, e)})
	}
	if len(parts) == 0 {
		return nil
	}
	return []views.Group{{Title: c.Printer.T("Before you save"), Parts: parts}}
}

func showNewPolicy(c *kit.Context) error { return policyWizard(c).Show(c) }

func postNewPolicy(c *kit.Context) error {
	w := policyWizard(c)
	if !w.Finishing(c) {
		return w.ShowStep(c)
	}
	o, err := readPolicy(c, c.Fields(), access.Policy{Package: c.Target.Package.ID})
	if err != nil {
		return w.Rerender(c, withSavingFaults(c, err, savePolicy(c, o)))
	}
	if o, err = w.Admin(c).SavePolicy(c.Ctx, c.Person, o); err != nil {
		return w.Rerender(c, err)
	}
	return w.Done(c, packagePath(c, "policies", string(o.ID)), "policyCreated")
}

// editPolicyForm is the wizard's steps on one page.
func editPolicyForm(c *kit.Context, o access.Policy) kit.EditForm {
	p, base := c.Printer, packagePath(c, "policies", string(o.ID))
	return kit.EditForm{Title: p.T("Edit %s", o.Name), Path: base + "/edit", Cancel: base, Submit: p.T("Save"),
		Stored: policyValues(c, o), Version: o.Version,
		Lead: p.T("Changes apply to new requests and assignments. Open requests and current assignments keep their terms " +
			"and dates."),
		Crumbs: append(policyCrumbs(c), views.Link{Label: o.Name, Href: base}), Arrange: arrangeQuestions,
		Groups: func(typed url.Values, faults map[string]string) []views.Group {
			all := policyRequestsHere(c, typed, faults)
			all = append(all, policyQuestions(c, typed, faults)...)
			return append(all, policyLifecycle(c, typed, faults)...)
		}}
}

func showEditPolicy(c *kit.Context) error {
	o, err := loadPolicy(c)
	if err != nil {
		return err
	}
	return editPolicyForm(c, o).Show(c)
}

func postEditPolicy(c *kit.Context) error {
	stored, err := loadPolicy(c)
	if err != nil {
		return err
	}
	if c.Rearranging() {
		return editPolicyForm(c, stored).Rerender(c, nil)
	}
	o, err := readPolicy(c, c.Fields(), stored)
	o.Version = c.FormVersion()
	if err != nil {
		return editPolicyForm(c, stored).Rerender(c, withSavingFaults(c, err, savePolicy(c, o)))
	}
	if _, err = c.Admin.SavePolicy(c.Ctx, c.Person, o); err != nil {
		return editPolicyForm(c, stored).Rerender(c, err)
	}
	return c.Done(packagePath(c, "policies", string(o.ID)), "policySaved")
}

func deletePolicyForm(c *kit.Context) (access.Policy, kit.EditForm, error) {
	o, err := loadPolicy(c)
	if err != nil {
		return o, kit.EditForm{}, err
	}
	p, base := c.Printer, packagePath(c, "policies", string(o.ID))
	use, err := c.Target.PackageView.PolicyUse(c.Ctx, o.ID)
	return o, kit.EditForm{Title: p.T("Delete %s?", o.Name), Path: base + "/delete", Cancel: base, Submit: p.T("Delete"),
		Danger: true, Refusal: use.CanDelete(),
		Crumbs: append(policyCrumbs(c), views.Link{Label: o.Name, Href: base}),
		Groups: func(url.Values, map[string]string) []views.Group {
			return []views.Group{{Text: p.T("No one can request under this policy any more. The record of past requests is " +
				"kept.")}}
		}}, err
}

func showDeletePolicy(c *kit.Context) error {
	_, form, err := deletePolicyForm(c)
	if err != nil {
		return err
	}
	return form.Show(c)
}

func postDeletePolicy(c *kit.Context) error {
	o, form, err := deletePolicyForm(c)
	if err != nil {
		return err
	}
	if err := c.Admin.DeletePolicy(c.Ctx, c.Person, o.ID); err != nil {
		return form.Rerender(c, err)
	}
	return c.Done(packagePath(c, "policies"), "policyDeleted")
}
