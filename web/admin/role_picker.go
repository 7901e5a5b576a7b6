package admin

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
	"myaccess/web/kit"
)

// Pickers of resource roles. The field "role" chooses among the roles of the
// catalog's resources, "entry" among those of resources outside the catalog that
// the reader can add to it (F-052).

// ownsRoles reports whether a field is one of rolePickers.
func ownsRoles(field string) bool { return kit.FieldsNamed("role", "entry")(field) }

// maxRoleOptions is the maximum number of roles that a search shows.
const maxRoleOptions = 30

// rolePickers choose resource roles for a package of the catalog. An empty id
// means a catalog that is yet to be created.
func rolePickers(c *kit.Context, catalogID access.CatalogID, typed url.Values, faults map[string]string) []views.Group {
	p := c.Printer
	if catalogID == "" { // people who create a catalog can add their resources to it
		return []views.Group{entryPicker(c, catalogID, typed, faults)}
	}
	groups := []views.Group{{Title: p.T("Add from the catalog"), Parts: []views.Part{rolePicker(c, "role", catalogID,
		typed, faults,
		ui.Field{Label: p.T("Resource roles of the catalog"), Hint: p.T("Tick each role that holders are to get.")})}}}
	if c.Rights.MayInCatalog(access.ManageResources, catalogID) == nil {
		groups = append(groups, entryPicker(c, catalogID, typed, faults))
	}
	return groups
}

func entryPicker(c *kit.Context, catalogID access.CatalogID, typed url.Values, faults map[string]string) views.Group {
	p := c.Printer
	return views.Group{Title: p.T("See all resources"), Parts: []views.Part{rolePicker(c, "entry", catalogID, typed,
		faults,
		ui.Field{Label: p.T("Resource roles outside the catalog"),
			Hint: p.T("Choosing one adds its resource to the catalog too. Only what you may add is found: what you own, or " +
				"what your role allows.")})}}
}

func rolePicker(c *kit.Context, name string, catalogID access.CatalogID, typed url.Values, faults map[string]string,
	f ui.Field) views.Part {
	p := c.Printer
	out := ui.Picker{Name: name, Label: f.Label, Hint: f.Hint, Error: faults[name],
		Query: kit.Shorten(typed.Get("q."+name),
			100),
		FindLabel: p.T("Find"), SearchLabel: p.T("Name of a resource"),
		SearchURL: c.AdminPath("catalogs", string(catalogID), "pick") + "?" +
			url.Values{"name": {name}, "package": {string(c.Target.Package.ID)}}.Encode()}
	if catalogID == "" {
		out.SearchURL = c.AdminPath("access-packages", "entries") + "?"
	}
	chosen, err := chosenRoles(c, name, catalogID, typed[name])
	if err != nil {
		c.LogFault(err)
	}
	out.Selected = chosen
	if name == "role" || out.Query != "" || c.FormText("find") == name {
		searchRoles(c, &out, catalogID, typed[name])
	}
	return views.Part{Picker: &out}
}

// searchRoles runs the search of a role picker.
func searchRoles(c *kit.Context, out *ui.Picker, catalogID access.CatalogID, chosen []string) {
	p := c.Printer
	find := func(catalogID access.CatalogID, text string) ([]ui.Option, error) {
		return findRoles(c, catalogID, text)
	}
	if out.Name == "entry" {
		find = func(catalogID access.CatalogID, text string) ([]ui.Option, error) {
			return findEntries(c, catalogID, text)
		}
	}
	found, err := find(catalogID, out.Query)
	if err != nil {
		c.LogFault(err)
		out.NoResults = p.T("Search isn't available right now.")
		return
	}
	out.Results = slices.DeleteFunc(found, func(o ui.Option) bool { return slices.Contains(chosen, o.Value) })
	switch {
	case len(found) > 0:
	case out.Query != "":
		out.NoResults = p.T("No results for “%s”.", out.Query)
	case len(chosen) > 0:
	case out.Name == "entry":
		out.NoResults = p.T("No resources you can add.")
	default:
		out.NoResults = p.T("There is nothing in the catalog that could be added.")
	}
}

func findRoles(c *kit.Context, catalogID access.CatalogID, text string) ([]ui.Option, error) {
	found, err := c.View.FindCatalogRoles(c.Ctx, catalogID, text, maxRoleOptions)
	found = slices.DeleteFunc(found, func(x store.RoleWithResource) bool {
		return slices.Contains(c.Target.Package.Roles, x.Role.ID) // already in the package
	})
	return roleOptions(c, found), err
}

// roleOptions are resource roles as options, each with what the members of its group
// may do.
func roleOptions(c *kit.Context, roles []store.RoleWithResource) []ui.Option {
	var all []ui.Option
	texts := rolesOfGroups(c, roles)
	for _, x := range roles {
		all = append(all, ui.Option{Value: string(x.Role.ID), Label: x.Resource.Name + ": " + x.Role.Name,
			Hint: withUse(kit.KindWord(c.Printer, x.Resource.Kind), texts[access.EntryID(x.Resource.ExternalID)])})
	}
	return all
}

// withUse adds what the members of a group may do to a hint.
func withUse(hint, text string) string {
	if text == "" {
		return hint
	}
	return hint + " · " + text
}

func findEntries(c *kit.Context, catalogID access.CatalogID, text string) ([]ui.Option, error) {
	found, err := c.View.FindEntriesToAdd(c.Ctx, catalogID, text, kit.PickLimit)
	ids := make([]access.EntryID, len(found.Rows))
	for i, e := range found.Rows {
		ids[i] = e.ID
	}
	var all []ui.Option
	texts := kit.GroupUseTexts(c, ids)
	for _, e := range found.Rows {
		for _, role := range e.Roles {
			o := entryOption(c, e, role)
			o.Hint = withUse(o.Hint, texts[e.ID])
			all = append(all, o)
		}
	}
	return all, err
}

func entryOption(c *kit.Context, e access.Entry, role string) ui.Option {
	return ui.Option{Value: string(e.ID) + "/" + role, Label: e.Name + ": " + role, Hint: kit.KindWord(c.Printer, e.Kind)}
}

// chosenRoles are the options of the chosen roles, without what no longer
// exists.
func chosenRoles(c *kit.Context, name string, catalogID access.CatalogID, chosen []string) ([]ui.Option, error) {
	var all []ui.Option
	if name == "entry" {
		wanted := readEntries(chosen)
		var refs []access.SubjectRef
		for _, e := range wanted {
			refs = append(refs, access.SubjectRef{Kind: access.SubjectGroup, ID: string(e.Entry)})
		}
		found, err := c.View.Subjects(c.Ctx, refs)
		for _, e := range wanted {
			if entry, ok := found.Groups[e.Entry]; ok && slices.Contains(entry.Roles, e.Role) {
				o := entryOption(c, entry, e.Role)
				o.Selected = true
				all = append(all, o)
			}
		}
		return all, err
	}
	if len(chosen) == 0 {
		return nil, nil
	}
	roles, err := c.View.CatalogRoles(c.Ctx, catalogID)
	roles = slices.DeleteFunc(roles, func(x store.RoleWithResource) bool {
		return !slices.Contains(chosen, string(x.Role.ID))
	})
	all = roleOptions(c, roles)
	for i := range all {
		all[i].Selected = true
	}
	return all, err
}

// readRoles reads the values of the picker "role".
func readRoles(chosen []string) []access.ResourceRoleID {
	var all []access.ResourceRoleID
	for _, id := range chosen[:min(len(chosen), 2*access.MaxPackageRoles)] {
		all = append(all, access.ResourceRoleID(id))
	}
	return all
}

// readEntries reads the values of the picker "entry".
func readEntries(chosen []string) []admin.EntryRole {
	var all []admin.EntryRole
	for _, one := range chosen[:min(len(chosen), 2*access.MaxPackageRoles)] {
		id, role, _ := strings.Cut(one, "/")
		all = append(all, admin.EntryRole{Entry: access.EntryID(id), Role: role})
	}
	return all
}

// showPickedEntries returns the results of the role picker outside any catalog,
// for scripts.
func showPickedEntries(c *kit.Context) error {
	out := ui.Picker{Name: "entry", Query: kit.Shorten(c.QueryParam("q"), 100)}
	searchRoles(c, &out, "", nil)
	return c.Show(http.StatusOK, views.PickerResults(out))
}

// showPickedRoles returns the results of a role picker, for scripts.
func showPickedRoles(c *kit.Context) error {
	out := ui.Picker{Name: "role", Query: kit.Shorten(c.QueryParam("q"), 100)}
	catalogID := c.Target.Catalog.ID
	if k, err := c.View.AnyPackage(c.Ctx, access.ManagePackages, access.PackageID(c.QueryParam("package"))); err == nil &&
		k.Package().Catalog == catalogID {
		c.Target.Package = k.Package()
	}
	if c.QueryParam("name") == "entry" {
		if err := c.Rights.MayInCatalog(access.ManageResources, catalogID); err != nil {
			return err
		}
		out.Name = "entry"
	}
	searchRoles(c, &out, catalogID, nil)
	return c.Show(http.StatusOK, views.PickerResults(out))
}
