package admin

import (
	"net/url"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// newPackageWizard creates an access package with its roles and its first
// policy (F-058).
func newPackageWizard(c *kit.Context) kit.Wizard {
	p := c.Printer
	return kit.Wizard{Title: p.T("New access package"), Path: c.AdminPath("access-packages", "new"),
		Cancel: c.AdminPath("access-packages"), Submit: p.T("Create"),
		Crumbs:  []views.Link{{Label: p.T("Access packages"), Href: c.AdminPath("access-packages")}},
		Initial: initialPackageFields(c), Check: func(typed url.Values) error { return checkNewPackage(c, typed) },
		Steps: []kit.WizardStep{
			{Name: "basics", Label: p.T("Basics"), Groups: c.Groups(packageBasics),
				Owns: kit.FieldsNamed("displayName", "description", "hidden", "place", "catalog", "catalogName",
					"catalogExternal")},
			{Name: "roles", Label: p.T("Resource roles"),
				Groups: c.Groups(packageRolesStep), Owns: ownsRoles},
			{Name: "requests", Label: p.T("Requests"), Owns: ownsPolicyRequests,
				Groups: func(typed url.Values, faults map[string]string) []views.Group {
					catalog, _ := typedCatalog(c, typed)
					return policyRequests(c, typed, faults, catalog)
				}},
			questionsStep(c), lifecycleStep(c),
			{Name: "review", Label: p.T("Review and create"), Groups: c.Groups(reviewPackage)},
		}}
}

// initialPackageFields are the wizard's initial values.
func initialPackageFields(c *kit.Context) url.Values {
	o := newPolicy()
	o.Name = c.Printer.T(admin.InitialPolicy)
	typed := policyValues(c, o)
	typed.Set("hidden", "no")
	typed.Set("place", "old")
	typed.Set("catalogExternal", "yes")
	if catalog, ok := buildCatalog(c, c.QueryParam("catalog")); ok {
		typed.Set("catalog", string(catalog.ID))
	} else if !c.Rights.MayAnywhere(access.ManagePackages) {
		typed.Set("place", "new")
	}
	return typed
}

// inNewCatalog reports whether the wizard also creates the catalog.
func inNewCatalog(c *kit.Context, typed url.Values) bool {
	return typed.Get("place") == "new" && c.Rights.May(access.CreateCatalogs) == nil
}

// typedCatalog is the chosen catalog; ok is false if none has been chosen.
func typedCatalog(c *kit.Context, typed url.Values) (catalog access.Catalog, ok bool) {
	if inNewCatalog(c, typed) {
		return access.Catalog{Tenant: c.Tenant.ID, Name: typed.Get("catalogName"), Published: true,
			External: typed.Get("catalogExternal") == "yes"}, true
	}
	if catalog, ok = buildCatalog(c, typed.Get("catalog")); ok {
		return catalog, true
	}
	return access.Catalog{External: true}, false
}

func packageBasics(c *kit.Context, typed url.Values, faults map[string]string) []views.Group {
	p := c.Printer
	catalog := views.Group{Title: p.T("Catalog")}
	picker := catalogPicker(c, typed, faults)
	if c.Rights.May(access.CreateCatalogs) == nil {
		picker.VisibleWhen = views.VisibleWhen{Field: "place", Values: "old"}
		name := kit.TextField(typed, faults, ui.Field{Name: "catalogName", Label: p.T("Name of the new catalog"),
			MaxLength: access.MaxNameLength,
			Required:  true})
		external := c.SwitchField(typed, faults, "catalogExternal", p.T("Enabled for external users"),
			p.T("If not enabled, external users can't see or request anything in it, whatever its policies allow."))
		name.VisibleWhen, external.VisibleWhen = views.VisibleWhen{Field: "place", Values: "new"},
			views.VisibleWhen{Field: "place", Values: "new"}
		catalog.Parts = []views.Part{kit.OptionsField(typed, faults,
			ui.Options{Name: "place", Label: p.T("Catalog"),
				Required: true, Options: []ui.Option{
					{Value: "old", Label: p.T("Existing catalog")}, {Value: "new", Label: p.T("New catalog")}}}), picker, name,
			external}
	} else {
		catalog.Parts = []views.Part{picker}
	}
	return []views.Group{{Title: p.T("Basics"), Parts: packageParts(c, typed, faults)}, catalog}
}

func packageRolesStep(c *kit.Context, typed url.Values, faults map[string]string) []views.Group {
	p := c.Printer
	catalog, ok := typedCatalog(c, typed)
	if !ok {
		return []views.Group{{Title: p.T("Resource roles"),
			Text: p.T("Select a catalog in the first step to choose its resources here.")}}
	}
	groups := rolePickers(c, catalog.ID, typed, faults)
	groups[0].Text = p.T("You can add resource roles later. Until then, people who get the access package don't get any " +
		"access.")
	return groups
}

// readNewPackage reads the wizard.
func readNewPackage(c *kit.Context, typed url.Values) admin.NewPackage {
	n := admin.NewPackage{Package: readPackage(typed, access.Package{}), Roles: readRoles(typed["role"]),
		Entries: readEntries(typed["entry"])}
	if inNewCatalog(c, typed) {
		n.Catalog, _ = typedCatalog(c, typed)
		n.New, n.Roles = true, nil
	} else {
		n.Package.Catalog = access.CatalogID(typed.Get("catalog"))
	}
	n.Policy, n.PolicyError = readPolicy(c, typed, access.Policy{Tenant: c.Tenant.ID})
	return n
}

// checkNewPackage returns the faults of the form, without saving.
func checkNewPackage(c *kit.Context, typed url.Values) error {
	n := readNewPackage(c, typed)
	if _, ok := typedCatalog(c, typed); !ok {
		n.Package.Catalog = "" // refused at its field, as if none were chosen
	}
	return withSavingFaults(c, nil, func(ed *admin.Editor) error {
		_, err := ed.CreatePackage(c.Ctx, n)
		return err
	})
}

// reviewPackage is the summary before creation.
func reviewPackage(c *kit.Context, typed url.Values, _ map[string]string) []views.Group {
	p := c.Printer
	n := readNewPackage(c, typed)
	catalog, ok := typedCatalog(c, typed)
	place := catalog.Name
	switch {
	case !ok:
		place = p.T("None selected")
	case catalog.ID == "":
		place = p.T("%s (new)", catalog.Name)
	}
	groups := []views.Group{
		{Title: p.T("Basics"), Facts: []ui.Fact{{Name: p.T("Name"), Value: n.Package.Name}, {Name: p.T("Description"),
			Value: n.Package.Description},
			{Name: p.T("Catalog"), Value: place}, {Name: p.T("Hidden"), Value: yesNoWord(c, n.Package.Hidden)}}},
		reviewRoles(c, catalog, typed),
		{Title: p.T("Requests"), Facts: policyRequestFacts(c, n.Policy)},
		{Title: p.T("Requestor information"), Facts: policyQuestionFacts(c, n.Policy)},
		{Title: p.T("Lifecycle"), Facts: policyLifecycleFacts(c, n.Policy)},
	}
	if n.PolicyError != nil || !ok {
		return groups
	}
	return append(policyWarnings(c, n.Policy, catalog), groups...)
}

func reviewRoles(c *kit.Context, catalog access.Catalog, typed url.Values) views.Group {
	p := c.Printer
	g := views.Group{Title: p.T("Resource roles")}
	var all []ui.Option
	for _, name := range []string{"role", "entry"} {
		chosen, err := chosenRoles(c, name, catalog.ID, typed[name])
		if err != nil {
			c.LogFault(err)
		}
		all = slices.Concat(all, chosen)
	}
	for _, o := range all {
		g.Facts = append(g.Facts, ui.Fact{Name: o.Label, Value: o.Hint})
	}
	if len(all) == 0 {
		g.Text = p.T("None. People who get the access package don't get any access until you add resource roles.")
	}
	return g
}

func showNewPackage(c *kit.Context) error { return newPackageWizard(c).Show(c) }

func postNewPackage(c *kit.Context) error {
	w := newPackageWizard(c)
	if !w.Finishing(c) {
		return w.ShowStep(c)
	}
	made, err := w.Admin(c).CreatePackage(c.Ctx, c.Person, readNewPackage(c, c.Fields()))
	if err != nil {
		return w.Rerender(c, err)
	}
	return w.Done(c, c.AdminPath("access-packages", string(made.ID)), "packageCreated")
}
