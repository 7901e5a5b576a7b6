package web

import (
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/views"
	"myaccess/views/ui"
)

// assignRoutes are the form to assign a package directly.
func assignRoutes() []route {
	return form(adminHome+"/access-packages/:id/assign", access.ManageRequests, ofPackage, showAssign, postAssign)
}

// assign is the form to assign the package in the path (F-182, F-183).
func (v *visit) assign() (editor, error) {
	p, k := v.printer, v.chosen.pack
	policies, err := v.Store.PoliciesOf(v.ctx, v.tenant.ID, k.ID)
	back := v.adminPath("assignments") + "?package=" + string(k.ID)
	return editor{title: p.T("Assign %s", k.Name), path: v.adminPath("access-packages", string(k.ID), "assign"),
		cancel: back, submit: p.T("Assign"),
		crumbs: v.adminCrumbs(views.Link{Label: p.T("Access packages"), Href: v.adminPath("access-packages")},
			views.Link{Label: k.Name, Href: v.adminPath("access-packages", string(k.ID))}),
		lead: p.T("The rules of the policy hold here too: where it asks for approval, its approvers decide. The person is " +
			"not told of the request, and finds the access under My Access."),
		groups: func(typed url.Values, faults map[string]string) []views.Group {
			return v.assignGroups(policies, typed, faults)
		}}, err
}

func (v *visit) assignGroups(policies []access.Policy, typed url.Values, faults map[string]string) []views.Group {
	p := v.printer
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
		typed.Set("key", newKey())
	}
	chosen := slices.IndexFunc(policies, func(o access.Policy) bool { return string(o.ID) == typed.Get("policy") })
	groups := []views.Group{
		{Title: p.T("Policy"), Parts: []views.Part{drop(typed, faults, choose)},
			Buttons: []views.Button{{Label: p.T("Show what this policy asks"), Name: "find", Value: "policy"}}},
		{Title: p.T("Who"), Parts: []views.Part{
			v.picker(pickPeople, typed, faults, ui.Field{Name: "people", Label: p.T("People")}),
			text(typed, faults, ui.Field{Name: "address", Label: p.T("Or a mail address of somebody who is not known yet"),
				MaxLength: 254,
				Hint:      p.T("Whoever signs in at the organization of the address and has it there gets the access.")}),
			text(typed, faults, ui.Field{Name: "name", Label: p.T("Name of that person"), MaxLength: access.MaxNameLength}),
		}},
	}
	if len(choose.Options) == 0 {
		groups[0].Text = p.T("There is no enabled policy. Add one to the access package first; for assigning only, one " +
			"whose scope is nobody.")
	}
	if chosen >= 0 {
		groups = append(groups, views.Group{Title: p.T("Request"), Parts: v.parts(policies[chosen], typed, faults)})
	}
	return groups
}

func showAssign(v *visit) error {
	e, err := v.assign()
	if err != nil {
		return err
	}
	return e.show(v)
}

func postAssign(v *visit) error {
	e, err := v.assign()
	if err != nil {
		return err
	}
	if v.finding() {
		return e.refused(v, nil)
	}
	k, typed := v.chosen.pack, v.fields()
	var es access.Errors
	w := admin.Assigning{Package: k.ID, People: people(typed, "people", &es),
		Address: strings.TrimSpace(typed.Get("address")), Name: strings.TrimSpace(typed.Get("name")), Key: typed.Get("key")}
	ask, err := v.ask()
	es.Add(err)
	w.Ask = ask
	if err = es.Err(); err == nil {
		_, err = v.Admin.Assign(v.ctx, v.person, w)
	}
	if err != nil {
		return e.refused(v, err)
	}
	return v.Redirect(303, v.adminPath("requests")+"?package="+string(k.ID)+"&done=assigned")
}
