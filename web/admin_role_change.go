package web

import (
	"net/http"
	"net/url"
	"strconv"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// changeRoles is the wizard that adds resource roles to an access package and
// removes them, with a look at what that does before it is done.
func (v *visit) changeRoles() (wizard, error) {
	p, k := v.printer, v.chosen.pack
	have, err := v.Store.PackageRoles(v.ctx, v.tenant.ID, k.ID)
	return wizard{title: p.T("Resource roles of %s", k.Name), path: v.packagePathOf("roles", "change"),
		cancel: v.packagePathOf("roles"),
		crumbs: append(v.packageCrumbs(), views.Link{Label: p.T("Resource roles"), Href: v.packagePathOf("roles")}),
		submit: p.T("Save the change"),
		fresh:  url.Values{"started": {strconv.FormatInt(k.Version, 10)}},
		steps: []wizardStep{
			{name: "choose", label: p.T("Choose"), owns: func(f string) bool { return f == "remove" || ownsRoles(f) },
				groups: func(typed url.Values, faults map[string]string) []views.Group {
					return append(v.removableRoles(have[k.ID], typed, faults), v.rolePickers(k.Catalog, typed, faults)...)
				}},
			{name: "preview", label: p.T("What it does"), groups: func(typed url.Values, _ map[string]string) []views.Group {
				return []views.Group{v.previewRoles(typed)}
			}},
		}}, err
}

// removableRoles are the roles that the access package has, to be ticked if they
// are to go.
func (v *visit) removableRoles(have []store.RoleWithResource, typed url.Values,
	faults map[string]string) []views.Group {
	p := v.printer
	if len(have) == 0 {
		return nil
	}
	o := ui.Options{Name: "remove", Label: p.T("Roles to remove"), Multiple: true,
		Hint: p.T("Everybody who holds the access package loses them, unless another access package gives them too.")}
	for _, x := range have {
		o.Options = append(o.Options, v.roleOption(x))
	}
	return []views.Group{{Title: p.T("Remove"), Parts: []views.Part{choice(typed, faults, o)}}}
}

func (v *visit) readRoleChange(typed url.Values) admin.RoleChange {
	started, err := strconv.ParseInt(typed.Get("started"), 10, 64)
	if err != nil {
		started = 0 // no version: a conflict
	}
	return admin.RoleChange{Package: v.chosen.pack.ID, Version: started, Remove: readRoles(typed["remove"]),
		Add: readRoles(typed["role"]), Entries: readEntries(typed["entry"])}
}

// previewRoles says in exact numbers who gains and loses what.
func (v *visit) previewRoles(typed url.Values) views.Group {
	p := v.printer
	g := views.Group{Title: p.T("What it does")}
	preview, err := v.Admin.PreviewRoles(v.ctx, v.person, v.readRoleChange(typed))
	if err != nil {
		if access.KindOf(err) == access.Internal {
			v.report(err)
		}
		g.Text = sentence(p, err)
		return g
	}
	switch preview.Holders {
	case 0:
		g.Text = p.T("Nobody holds the access package now, so nobody gains or loses anything.")
	default:
		g.Text = p.N(int(preview.Holders), "%d person holds the access package now. The change reaches them as soon as it "+
			"is saved.", "%d people hold the access package now. The change reaches them one after the other as soon as it is "+
			"saved.")
	}
	g.Table = &ui.Table{Label: p.T("What it does"), Columns: []ui.Column{{Label: p.T("Resource role")},
		{Label: p.T("Change")}, {Label: p.T("People")}}}
	for _, e := range preview.Effects {
		g.Table.Rows = append(g.Table.Rows, v.effectRow(e))
	}
	return g
}

func (v *visit) effectRow(e admin.RoleEffect) ui.TableRow {
	p := v.printer
	role := ui.Cell{Text: e.Resource.Name + ": " + e.Role.Name, Sub: kindWord(p, e.Resource.Kind)}
	change := ui.Cell{State: ui.Badge{Kind: "bad", Text: p.T("Removed")}}
	people := ui.Cell{Text: p.N(int(e.Changes), "%d person loses it", "%d people lose it")}
	if e.Keeps > 0 {
		people.Sub = p.N(int(e.Keeps), "%d person keeps it through another access package.",
			"%d people keep it through another access package.")
	}
	if e.Added {
		change = ui.Cell{State: ui.Badge{Kind: "good", Text: p.T("Added")}}
		people = ui.Cell{Text: p.N(int(e.Changes), "%d person gains it", "%d people gain it")}
		if e.Keeps > 0 {
			people.Sub = p.N(int(e.Keeps), "%d person has it through another access package already.",
				"%d people have it through another access package already.")
		}
	}
	if e.Listed {
		change.Sub = p.T("Its resource is added to the catalog.")
	}
	return ui.TableRow{Cells: []ui.Cell{role, change, people}}
}

func showChangeRoles(v *visit) error {
	w, err := v.changeRoles()
	if err != nil {
		return err
	}
	return w.show(v)
}

func postChangeRoles(v *visit) error {
	w, err := v.changeRoles()
	if err != nil {
		return err
	}
	if !w.finishing(v) {
		return w.moved(v)
	}
	err = v.Admin.ChangeRoles(v.ctx, v.person, v.readRoleChange(v.fields()))
	if access.KindOf(err) == access.Conflict && err != nil { // to be looked at again, against what is stored now
		v.Request().PostForm.Set("started", strconv.FormatInt(v.chosen.pack.Version, 10))
	}
	if err != nil {
		return w.refused(v, err)
	}
	return v.done(v.packagePathOf("roles"), "saved")
}

func postDuplicatePackage(v *visit) error {
	made, err := v.Admin.DuplicatePackage(v.ctx, v.person, v.chosen.pack.ID)
	if err != nil {
		return err
	}
	return v.Redirect(http.StatusSeeOther, v.adminPath("access-packages", string(made.ID), "edit")+"?done=copied")
}
