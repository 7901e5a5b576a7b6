package web

import (
	"net/http"
	"net/url"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// catalogPicker chooses among the catalogs in which the reader may build access
// packages (F-059).
func (v *visit) catalogPicker(typed url.Values, faults map[string]string) views.Part {
	p := v.printer
	out := ui.Picker{Name: "catalog", Label: p.T("Catalog"), Required: true, Single: true, Error: faults["catalog"],
		Hint:  p.T("It holds the resources that the access package can hand out. It cannot be changed later."),
		Query: limitText(typed.Get("q.catalog"), 100), FindLabel: p.T("Find"), SearchLabel: p.T("Name of a catalog"),
		SearchURL: v.adminPath("access-packages", "catalogs") + "?"}
	if c, ok := v.buildCatalog(typed.Get("catalog")); ok {
		o := catalogOption(c)
		o.Selected = true
		out.Selected = []ui.Option{o}
	}
	v.searchCatalogs(&out, typed.Get("catalog"))
	return views.Part{Picker: &out}
}

func catalogOption(c access.Catalog) ui.Option {
	return ui.Option{Value: string(c.ID), Label: c.Name, Hint: limitText(c.Description, 120)}
}

// buildCatalog is the catalog with the id, if the reader may build in it.
func (v *visit) buildCatalog(id string) (access.Catalog, bool) {
	if id == "" || v.rights.MayInCatalog(access.ManagePackages, access.CatalogID(id)) != nil {
		return access.Catalog{}, false
	}
	c, err := v.Store.Catalog(v.ctx, v.tenant.ID, access.CatalogID(id))
	return c, err == nil
}

func (v *visit) searchCatalogs(out *ui.Picker, chosen string) {
	p := v.printer
	q := store.ListQuery[store.CatalogFilter]{Text: out.Query, Limit: picks}
	if all, catalogs := v.rights.CatalogsFor(access.ManagePackages); !all {
		q.Catalogs = append([]access.CatalogID{}, catalogs...)
	}
	found, err := v.Store.CatalogList(v.ctx, v.tenant.ID, q)
	switch {
	case err != nil:
		v.report(err)
		out.NoResults = p.T("The search does not work at the moment.")
	case len(found.Rows) == 0 && out.Query == "":
		out.NoResults = p.T("There is no catalog in which you may build access packages.")
	case len(found.Rows) == 0:
		out.NoResults = p.T("Nothing found for “%s”.", out.Query)
	}
	for _, c := range found.Rows {
		if string(c.ID) != chosen {
			out.Results = append(out.Results, catalogOption(c.Catalog))
		}
	}
}

// showPickedCatalogs is what the picker of catalogs finds, for scripts.
func showPickedCatalogs(v *visit) error {
	out := ui.Picker{Name: "catalog", Single: true, Query: limitText(v.QueryParam("q"), 100)}
	v.searchCatalogs(&out, "")
	return v.show(http.StatusOK, views.PickerResults(out))
}
