package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// Pickers of resource roles. The field "role" chooses among the roles of a
// catalog's resources, and "entry" among those of what is not in the catalog yet
// but may be added to it by the reader (F-052).

// ownsRoles reports whether a field is one of rolePickers.
func ownsRoles(field string) bool { return fieldsNamed("role", "entry")(field) }

// mostRoles is how many roles a search shows.
const mostRoles = 30

// rolePickers are the groups that choose resource roles for a package of the
// catalog, which is yet to be made if it has no id.
func (v *visit) rolePickers(c access.CatalogID, typed url.Values, faults map[string]string) []views.Group {
	p := v.printer
	if c == "" { // who makes a catalog may add to it what is theirs to add
		return []views.Group{v.entryPicker(c, typed, faults)}
	}
	groups := []views.Group{{Title: p.T("Add from the catalog"), Parts: []views.Part{v.rolePicker("role", c, typed, faults,
		ui.Field{Label: p.T("Resource roles of the catalog"), Hint: p.T("Tick each role that holders are to get.")})}}}
	if v.rights.MayInCatalog(access.ManageResources, c) == nil {
		groups = append(groups, v.entryPicker(c, typed, faults))
	}
	return groups
}

func (v *visit) entryPicker(c access.CatalogID, typed url.Values, faults map[string]string) views.Group {
	p := v.printer
	return views.Group{Title: p.T("See all resources"), Parts: []views.Part{v.rolePicker("entry", c, typed, faults,
		ui.Field{Label: p.T("Resource roles outside the catalog"),
			Hint: p.T("Choosing one adds its resource to the catalog too. Only what you may add is found: what you own, or " +
				"what your role allows.")})}}
}

func (v *visit) rolePicker(name string, c access.CatalogID, typed url.Values, faults map[string]string,
	f ui.Field) views.Part {
	p := v.printer
	out := ui.Picker{Name: name, Label: f.Label, Hint: f.Hint, Error: faults[name], Query: limitText(typed.Get("q."+name),
		100),
		FindLabel: p.T("Find"), SearchLabel: p.T("Name of a resource"),
		SearchURL: v.adminPath("catalogs", string(c), "pick") + "?" +
			url.Values{"name": {name}, "package": {string(v.chosen.pack.ID)}}.Encode()}
	if c == "" {
		out.SearchURL = v.adminPath("access-packages", "entries") + "?"
	}
	chosen, err := v.chosenRoles(name, c, typed[name])
	if err != nil {
		v.report(err)
	}
	out.Selected = chosen
	if name == "role" || out.Query != "" || v.form("find") == name {
		v.searchRoles(&out, c, typed[name])
	}
	return views.Part{Picker: &out}
}

// searchRoles fills in what the query of a picker of roles finds.
func (v *visit) searchRoles(out *ui.Picker, c access.CatalogID, chosen []string) {
	p := v.printer
	find := v.findRoles
	if out.Name == "entry" {
		find = v.findEntries
	}
	found, err := find(c, out.Query)
	if err != nil {
		v.report(err)
		out.NoResults = p.T("The search does not work at the moment.")
		return
	}
	out.Results = slices.DeleteFunc(found, func(o ui.Option) bool { return slices.Contains(chosen, o.Value) })
	switch {
	case len(found) > 0:
	case out.Query != "":
		out.NoResults = p.T("Nothing found for “%s”.", out.Query)
	case len(chosen) > 0:
	case out.Name == "entry":
		out.NoResults = p.T("There is nothing that you may add.")
	default:
		out.NoResults = p.T("There is nothing in the catalog that could be added.")
	}
}

func (v *visit) findRoles(c access.CatalogID, text string) ([]ui.Option, error) {
	found, err := v.Store.SearchCatalogRoles(v.ctx, v.tenant.ID, c, text, mostRoles)
	var all []ui.Option
	for _, x := range found {
		if !slices.Contains(v.chosen.pack.Roles, x.Role.ID) { // of the package that they are chosen for
			all = append(all, v.roleOption(x))
		}
	}
	return all, err
}

func (v *visit) roleOption(x store.RoleWithResource) ui.Option {
	return ui.Option{Value: string(x.Role.ID), Label: x.Resource.Name + ": " + x.Role.Name,
		Hint: kindWord(v.printer, x.Resource.Kind)}
}

func (v *visit) findEntries(c access.CatalogID, text string) ([]ui.Option, error) {
	q := store.ListQuery[store.EntryFilter]{Text: text, Limit: picks, Filter: store.EntryFilter{Outside: c}}
	if !v.rights.HasTenantRole(access.GlobalAdministrator) {
		q.Filter.AddableBy = v.person.ID
		q.Filter.Applications = v.rights.MayAddResource(access.KindApplication, false) == nil
	}
	found, err := v.Store.EntryList(v.ctx, v.tenant.ID, q)
	var all []ui.Option
	for _, e := range found.Rows {
		for _, role := range e.Roles {
			all = append(all, v.entryOption(e, role))
		}
	}
	return all, err
}

func (v *visit) entryOption(e access.Entry, role string) ui.Option {
	return ui.Option{Value: string(e.ID) + "/" + role, Label: e.Name + ": " + role, Hint: kindWord(v.printer, e.Kind)}
}

// chosenRoles are the roles that were chosen, ticked. What exists no longer is
// left out.
func (v *visit) chosenRoles(name string, c access.CatalogID, chosen []string) ([]ui.Option, error) {
	var all []ui.Option
	if name == "entry" {
		for _, e := range readEntries(chosen) {
			entry, err := v.Store.Entry(v.ctx, v.tenant.ID, e.Entry)
			if err == nil && slices.Contains(entry.Roles, e.Role) {
				o := v.entryOption(entry, e.Role)
				o.Selected = true
				all = append(all, o)
			}
		}
		return all, nil
	}
	if len(chosen) == 0 {
		return nil, nil
	}
	roles, err := v.Store.CatalogResourceRoles(v.ctx, v.tenant.ID, c)
	for _, x := range roles {
		if slices.Contains(chosen, string(x.Role.ID)) {
			o := v.roleOption(x)
			o.Selected = true
			all = append(all, o)
		}
	}
	return all, err
}

// readRoles reads what the picker "role", or a list of boxes like it, has sent.
func readRoles(chosen []string) []access.ResourceRoleID {
	var all []access.ResourceRoleID
	for _, id := range chosen[:min(len(chosen), 2*access.MaxPackageRoles)] {
		all = append(all, access.ResourceRoleID(id))
	}
	return all
}

// readEntries reads what the picker "entry" has sent.
func readEntries(chosen []string) []admin.EntryRole {
	var all []admin.EntryRole
	for _, one := range chosen[:min(len(chosen), 2*access.MaxPackageRoles)] {
		id, role, _ := strings.Cut(one, "/")
		all = append(all, admin.EntryRole{Entry: access.EntryID(id), Role: role})
	}
	return all
}

// showPickedEntries is what a picker of roles finds outside any catalog, for
// scripts.
func showPickedEntries(v *visit) error {
	out := ui.Picker{Name: "entry", Query: limitText(v.QueryParam("q"), 100)}
	v.searchRoles(&out, "", nil)
	return v.show(http.StatusOK, views.PickerResults(out))
}

// showPickedRoles is what a picker of roles finds, for scripts.
func showPickedRoles(v *visit) error {
	out := ui.Picker{Name: "role", Query: limitText(v.QueryParam("q"), 100)}
	c := v.chosen.catalog.ID
	if k, err := v.Store.Package(v.ctx, v.tenant.ID, access.PackageID(v.QueryParam("package"))); err == nil &&
		k.Catalog == c {
		v.chosen.pack = k
	}
	if v.QueryParam("name") == "entry" {
		if err := v.rights.MayInCatalog(access.ManageResources, c); err != nil {
			return err
		}
		out.Name = "entry"
	}
	v.searchRoles(&out, c, nil)
	return v.show(http.StatusOK, views.PickerResults(out))
}
