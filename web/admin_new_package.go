package web

import (
	"net/url"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/views"
	"myaccess/views/ui"
)

// newPackage is the wizard that makes an access package with its roles and its
// first policy (F-058).
func (v *visit) newPackage() wizard {
	p := v.printer
	return wizard{title: p.T("New access package"), path: v.adminPath("access-packages", "new"),
		cancel: v.adminPath("access-packages"), submit: p.T("Create"),
		crumbs: v.adminCrumbs(views.Link{Label: p.T("Access packages"), Href: v.adminPath("access-packages")}),
		fresh:  v.freshPackage(), check: v.checkNewPackage,
		steps: []wizardStep{
			{name: "basics", label: p.T("Basics"), groups: v.packageBasics,
				owns: fieldsNamed("displayName", "description", "hidden", "place", "catalog", "catalogName", "catalogExternal")},
			{name: "roles", label: p.T("Resource roles"), groups: v.packageRolesStep, owns: ownsRoles},
			{name: "requests", label: p.T("Requests"), owns: ownsPolicyRequests,
				groups: func(typed url.Values, faults map[string]string) []views.Group {
					c, _ := v.typedCatalog(typed)
					return v.policyRequests(typed, faults, c)
				}},
			{name: "questions", label: p.T("Requestor information"), groups: v.policyQuestions, owns: ownsPolicyQuestions,
				arrange: arrangeQuestions},
			{name: "lifecycle", label: p.T("Lifecycle"), groups: v.policyLifecycle, owns: ownsPolicyLifecycle},
			{name: "review", label: p.T("Review and create"), groups: v.packageReview},
		}}
}

// freshPackage is what the wizard begins with.
func (v *visit) freshPackage() url.Values {
	o := newPolicy()
	o.Name = v.printer.T(admin.InitialPolicy)
	typed := v.policyValues(o)
	typed.Set("hidden", "no")
	typed.Set("place", "old")
	typed.Set("catalogExternal", "yes")
	if _, ok := v.buildCatalog(v.QueryParam("catalog")); ok {
		typed.Set("catalog", v.QueryParam("catalog"))
	} else if !v.rights.MayAnywhere(access.ManagePackages) {
		typed.Set("place", "new")
	}
	return typed
}

// inNewCatalog reports whether the package is to come into a catalog that is
// made along with it.
func (v *visit) inNewCatalog(typed url.Values) bool {
	return typed.Get("place") == "new" && v.rights.May(access.CreateCatalogs) == nil
}

// typedCatalog is the catalog that the package is to come into; ok is false if
// none has been chosen.
func (v *visit) typedCatalog(typed url.Values) (c access.Catalog, ok bool) {
	if v.inNewCatalog(typed) {
		return access.Catalog{Tenant: v.tenant.ID, Name: typed.Get("catalogName"), Published: true,
			External: typed.Get("catalogExternal") == "yes"}, true
	}
	if c, ok = v.buildCatalog(typed.Get("catalog")); ok {
		return c, true
	}
	return access.Catalog{External: true}, false
}

func (v *visit) packageBasics(typed url.Values, faults map[string]string) []views.Group {
	p := v.printer
	catalog := views.Group{Title: p.T("Catalog")}
	picker := v.catalogPicker(typed, faults)
	if v.rights.May(access.CreateCatalogs) == nil {
		picker.VisibleWhen = views.VisibleWhen{Field: "place", Values: "old"}
		name := text(typed, faults, ui.Field{Name: "catalogName", Label: p.T("Name of the new catalog"),
			MaxLength: access.MaxNameLength,
			Required:  true})
		external := v.yesNo(typed, faults, "catalogExternal", p.T("Enabled for external users"),
			p.T("If not, nobody from outside can see or request anything in it, whatever policies say."))
		name.VisibleWhen, external.VisibleWhen = views.VisibleWhen{Field: "place", Values: "new"}, views.VisibleWhen{Field: "place", Values: "new"}
		catalog.Parts = []views.Part{choice(typed, faults, ui.Options{Name: "place", Label: p.T("Where it comes into"),
			Required: true, Options: []ui.Option{
				{Value: "old", Label: p.T("A catalog that exists")}, {Value: "new", Label: p.T("A new catalog")}}}), picker, name,
			external}
	} else {
		catalog.Parts = []views.Part{picker}
	}
	return []views.Group{{Title: p.T("Basics"), Parts: v.packageParts(typed, faults)}, catalog}
}

func (v *visit) packageRolesStep(typed url.Values, faults map[string]string) []views.Group {
	p := v.printer
	c, ok := v.typedCatalog(typed)
	if !ok {
		return []views.Group{{Title: p.T("Resource roles"),
			Text: p.T("Choose a catalog in the first step, then its resources can be chosen here.")}}
	}
	groups := v.rolePickers(c.ID, typed, faults)
	groups[0].Text = p.T("You can leave this empty and add resource roles later. Until then, whoever gets the access " +
		"package is given nothing.")
	return groups
}

// readNewPackage is what was typed into the wizard.
func (v *visit) readNewPackage(typed url.Values) admin.NewPackage {
	n := admin.NewPackage{Package: readPackage(typed, access.Package{}), Roles: readRoles(typed["role"]),
		Entries: readEntries(typed["entry"])}
	if v.inNewCatalog(typed) {
		n.Catalog, _ = v.typedCatalog(typed)
		n.New, n.Roles = true, nil
	} else {
		n.Package.Catalog = access.CatalogID(typed.Get("catalog"))
	}
	n.Policy, n.Wrong = v.readPolicy(typed, access.Policy{Tenant: v.tenant.ID})
	return n
}

// checkNewPackage finds what is wrong with what was typed, as far as can be told
// without trying.
func (v *visit) checkNewPackage(typed url.Values) error {
	var es access.Errors
	n := v.readNewPackage(typed)
	es.Add(n.Package.Check())
	c, ok := v.typedCatalog(typed)
	if !ok {
		es.Add(access.Invalidf("catalog", "Choose a catalog."))
	}
	if c.ID == "" && ok && c.Name == "" {
		es.Add(access.Invalidf("catalogName", "Enter a name."))
	}
	if n.Wrong != nil || !ok {
		es.Add(n.Wrong)
		return es.Err()
	}
	return es.AddForNewFields(v.faultsOfPolicy(n.Policy, c)).Err()
}

func (v *visit) faultsOfPolicy(o access.Policy, c access.Catalog) access.Errors {
	var es access.Errors
	es.Add(o.Check(c))
	es.Add(v.refusal(o, c))
	return es
}

// packageReview is everything that was typed, in words.
func (v *visit) packageReview(typed url.Values, _ map[string]string) []views.Group {
	p := v.printer
	n := v.readNewPackage(typed)
	c, ok := v.typedCatalog(typed)
	place := c.Name
	switch {
	case !ok:
		place = p.T("None chosen yet")
	case c.ID == "":
		place = p.T("%s (new)", c.Name)
	}
	groups := []views.Group{
		{Title: p.T("Basics"), Facts: []ui.Fact{{Name: p.T("Name"), Value: n.Package.Name}, {Name: p.T("Description"),
			Value: n.Package.Description},
			{Name: p.T("Catalog"), Value: place}, {Name: p.T("Hidden"), Value: v.yesNoWord(n.Package.Hidden)}}},
		v.reviewRoles(c, typed),
		{Title: p.T("Requests"), Facts: v.policyRequestFacts(n.Policy)},
		{Title: p.T("Requestor information"), Facts: v.policyQuestionFacts(n.Policy)},
		{Title: p.T("Lifecycle"), Facts: v.policyLifecycleFacts(n.Policy)},
	}
	if n.Wrong != nil || !ok {
		return groups
	}
	return append(v.policyWarnings(n.Policy, c), groups...)
}

func (v *visit) reviewRoles(c access.Catalog, typed url.Values) views.Group {
	p := v.printer
	g := views.Group{Title: p.T("Resource roles")}
	var all []ui.Option
	for _, name := range []string{"role", "entry"} {
		chosen, err := v.chosenRoles(name, c.ID, typed[name])
		if err != nil {
			v.report(err)
		}
		all = slices.Concat(all, chosen)
	}
	for _, o := range all {
		g.Facts = append(g.Facts, ui.Fact{Name: o.Label, Value: o.Hint})
	}
	if len(all) == 0 {
		g.Text = p.T("None: whoever gets the access package is given nothing, until resource roles are added.")
	}
	return g
}

func showNewPackage(v *visit) error { return v.newPackage().show(v) }

func postNewPackage(v *visit) error {
	w := v.newPackage()
	if !w.finishing(v) {
		return w.moved(v)
	}
	made, err := v.Admin.CreatePackage(v.ctx, v.person, v.readNewPackage(v.fields()))
	if err != nil {
		return w.refused(v, err)
	}
	return v.done(v.adminPath("access-packages", string(made.ID)), "created")
}
