package admin

import (
	"net/http"
	"net/url"
	"strconv"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// changeRolesForm adds resource roles to an access package and removes them,
// with a preview of the effects.
func changeRolesForm(c *kit.Context) (kit.Wizard, error) {
	p, k := c.Printer, c.Target.Package
	have, err := c.Target.PackageView.Roles(c.Ctx)
	return kit.Wizard{Title: p.T("Resource roles of %s", k.Name), Path: packagePath(c, "roles", "change"),
		Cancel:  packagePath(c, "roles"),
		Crumbs:  append(packageCrumbs(c), views.Link{Label: p.T("Resource roles"), Href: packagePath(c, "roles")}),
		Submit:  p.T("Save changes"),
		Initial: url.Values{"started": {strconv.FormatInt(k.Version, 10)}},
		Check: func(typed url.Values) error {
			_, err := c.Admin.PreviewRoles(c.Ctx, c.Person, readRoleChange(c, typed))
			return err
		},
		Steps: []kit.WizardStep{
			{Name: "choose", Label: p.T("Choose"), Owns: func(f string) bool { return f == "remove" || ownsRoles(f) },
				Groups: func(typed url.Values, faults map[string]string) []views.Group {
					return append(removableRoles(c, have, typed, faults), rolePickers(c, k.Catalog, typed, faults)...)
				}},
			{Name: "preview", Label: p.T("Effect"), Groups: func(typed url.Values, _ map[string]string) []views.Group {
				return []views.Group{previewRoles(c, typed)}
			}},
		}}, err
}

// removableRoles are the package's roles, to select those to remove.
func removableRoles(c *kit.Context, have []store.RoleWithResource, typed url.Values,
	faults map[string]string) []views.Group {
	p := c.Printer
	if len(have) == 0 {
		return nil
	}
	o := ui.Options{Name: "remove", Label: p.T("Roles to remove"), Multiple: true,
		Hint: p.T("People with this access package lose these roles, unless another access package includes them.")}
	o.Options = roleOptions(c, have)
	return []views.Group{{Title: p.T("Remove"), Parts: []views.Part{kit.OptionsField(typed, faults, o)}}}
}

func readRoleChange(c *kit.Context, typed url.Values) admin.RoleChange {
	started, err := strconv.ParseInt(typed.Get("started"), 10, 64)
	if err != nil {
		started = 0 // matches no version: a conflict
	}
	return admin.RoleChange{Package: c.Target.Package.ID, Version: started, Remove: readRoles(typed["remove"]),
		Add: readRoles(typed["role"]), Entries: readEntries(typed["entry"])}
}

// previewRoles says exactly who gains and who loses which role.
func previewRoles(c *kit.Context, typed url.Values) views.Group {
	p := c.Printer
	g := views.Group{Title: p.T("Effect")}
	preview, err := c.Admin.PreviewRoles(c.Ctx, c.Person, readRoleChange(c, typed))
	if err != nil {
		if access.KindOf(err) == access.Internal {
			c.LogFault(err)
		}
		g.Text = kit.ErrorText(p, err)
		return g
	}
	switch preview.Holders {
	case 0:
		g.Text = p.T("No one has this access package, so no one gains or loses access.")
	default:
		g.Text = p.N(int(preview.Holders), "%d person has this access package. Their access is updated when you save.",
			"%d people have this access package. Their access is updated one by one when you save.")
	}
	g.Table = &ui.Table{Label: p.T("Effect"), Columns: []ui.Column{{Label: p.T("Resource role")},
		{Label: p.T("Change")}, {Label: p.T("People")}}}
	for _, e := range preview.Effects {
		g.Table.Rows = append(g.Table.Rows, effectRow(c, e))
	}
	return g
}

func effectRow(c *kit.Context, e admin.RoleEffect) ui.TableRow {
	p := c.Printer
	role := ui.Cell{Text: e.Resource.Name + ": " + e.Role.Name, Sub: kit.KindWord(p, e.Resource.Kind)}
	change := ui.Cell{State: ui.Badge{Kind: "bad", Text: p.T("Removed")}}
	people := ui.Cell{Text: p.N(int(e.Changes), "%d person loses it", "%d people lose it")}
	if e.Keeps > 0 {
		people.Sub = p.N(int(e.Keeps), "%d person keeps it through another access package",
			"%d people keep it through another access package")
	}
	if e.Added {
		change = ui.Cell{State: ui.Badge{Kind: "good", Text: p.T("Added")}}
		people = ui.Cell{Text: p.N(int(e.Changes), "%d person gains it", "%d people gain it")}
		if e.Keeps > 0 {
			people.Sub = p.N(int(e.Keeps), "%d person already has it through another access package",
				"%d people already have it through another access package")
		}
	}
	if e.Listed {
		change.Sub = p.T("The resource is added to the catalog")
	}
	return ui.TableRow{Cells: []ui.Cell{role, change, people}}
}

func showChangeRoles(c *kit.Context) error {
	w, err := changeRolesForm(c)
	if err != nil {
		return err
	}
	return w.Show(c)
}

func postChangeRoles(c *kit.Context) error {
	w, err := changeRolesForm(c)
	if err != nil {
		return err
	}
	if !w.Finishing(c) {
		return w.ShowStep(c)
	}
	err = w.Admin(c).ChangeRoles(c.Ctx, c.Person, readRoleChange(c, c.Fields()))
	if access.KindOf(err) == access.Conflict && err != nil { // preview again against what is stored now
		c.Request().PostForm.Set("started", strconv.FormatInt(c.Target.Package.Version, 10))
	}
	if err != nil {
		return w.Rerender(c, err)
	}
	return w.Done(c, packagePath(c, "roles"), "resourceRolesSaved")
}

func postDuplicatePackage(c *kit.Context) error {
	made, err := c.Admin.DuplicatePackage(c.Ctx, c.Person, c.Target.Package.ID)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, c.AdminPath("access-packages", string(made.ID), "edit")+"?done=copied")
}
