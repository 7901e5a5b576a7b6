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

// assignRoutes are the form for direct assignments.
func assignRoutes() []kit.Route {
	return formRoutes(root+"/access-packages/:id/assign", access.ManageRequests, kit.OfPackage, showAssign, postAssign)
}

// assignForm is the form for direct assignments of the target package (F-182,
// F-183).
func assignForm(c *kit.Context) (kit.EditForm, error) {
	p, k := c.Printer, c.Target.Package
	policies, err := c.Target.PackageView.Policies(c.Ctx)
	back := c.AdminPath("assignments") + "?package=" + string(k.ID)
	return kit.EditForm{Title: p.T("Assign %s", k.Name), Path: c.AdminPath("access-packages", string(k.ID), "assign"),
		Cancel: back, Submit: p.T("Assign"),
		Crumbs: []views.Link{{Label: p.T("Access packages"), Href: c.AdminPath("access-packages")},
			views.Link{Label: k.Name, Href: c.AdminPath("access-packages", string(k.ID))}},
		Lead: p.T("The policy's rules apply: if it requires approval, its approvers decide. The person isn't notified of " +
			"the request, and finds the access in My Access."),
		Groups: func(typed url.Values, faults map[string]string) []views.Group {
			return assignGroups(c, policies, typed, faults)
		}}, err
}

func assignGroups(c *kit.Context, policies []access.Policy, typed url.Values, faults map[string]string) []views.Group {
	p := c.Printer
	choose := ui.Select{Name: "policy", Label: p.T("Policy"), Required: true}
	for _, o := range policies {
		if o.Enabled {
			choose.Options = append(choose.Options, ui.Option{Value: string(o.ID), Label: o.Name, Hint: o.Description})
		}
	}
	if typed.Get("policy") == "" && len(choose.Options) > 0 {
		typed.Set("policy", choose.Options[0].Value)
	}
	if typed.Get("key") == "" {
		typed.Set("key", kit.NewFormKey())
	}
	chosen := slices.IndexFunc(policies, func(o access.Policy) bool { return string(o.ID) == typed.Get("policy") })
	groups := []views.Group{
		{Title: p.T("Policy"), Parts: []views.Part{kit.SelectField(typed, faults, choose)},
			Buttons: []views.Button{{Label: p.T("Show the policy's questions"), Name: "find", Value: "policy"}}},
		{Title: p.T("Who"), Parts: []views.Part{
			kit.Picker(c, kit.PickPeople, typed, faults, ui.Field{Name: "people", Label: p.T("People")}),
			kit.TextField(typed, faults,
				ui.Field{Name: "address", Label: p.T("Or the mail address of a new person"),
					MaxLength: 254,
					Hint:      p.T("The person gets the access after signing in at their organization with this address.")}),
			kit.TextField(typed, faults, ui.Field{Name: "name", Label: p.T("Name of the new person"),
				MaxLength: access.MaxNameLength}),
		}},
	}
	if len(choose.Options) == 0 {
		groups[0].Text = p.T("There is no enabled policy. Add one to the access package first. For direct assignment only, " +
			"add one with the scope “None (administrator direct assignments only)”.")
	}
	if chosen >= 0 {
		groups = append(groups, views.Group{Title: p.T("Request"), Parts: kit.RequestParts(c, policies[chosen], typed,
			faults)})
	}
	return groups
}

func showAssign(c *kit.Context) error {
	e, err := assignForm(c)
	if err != nil {
		return err
	}
	return e.Show(c)
}

func postAssign(c *kit.Context) error {
	e, err := assignForm(c)
	if err != nil {
		return err
	}
	if c.Searching() {
		return e.Rerender(c, nil)
	}
	k, typed := c.Target.Package, c.Fields()
	var es access.Errors
	w := admin.Assigning{Package: k.ID, People: kit.ReadPeople(typed, "people", &es),
		Address: typed.Get("address"), Name: typed.Get("name"), Key: typed.Get("key")}
	ask, err := kit.ReadRequestForm(c)
	es.Add(err)
	w.Ask = ask
	if err = es.Err(); err == nil {
		_, err = c.Admin.Assign(c.Ctx, c.Person, w)
	}
	if err != nil {
		return e.Rerender(c, err)
	}
	return c.Redirect(303, c.AdminPath("requests")+"?package="+string(k.ID)+"&done=assigned")
}
