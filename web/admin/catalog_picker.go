package admin

import (
	"net/http"
	"net/url"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// catalogPicker chooses among the catalogs in which the reader can create
// access packages (F-059).
func catalogPicker(c *kit.Context, typed url.Values, faults map[string]string) views.Part {
	p := c.Printer
	out := ui.Picker{Name: "catalog", Label: p.T("Catalog"), Required: true, Single: true, Error: faults["catalog"],
		Hint:  p.T("The access package can include resources from this catalog. You can't change the catalog later."),
		Query: kit.Shorten(typed.Get("q.catalog"), 100), FindLabel: p.T("Find"), SearchLabel: p.T("Catalog name"),
		SearchURL: c.AdminPath("access-packages", "catalogs") + "?"}
	catalog, ok := buildCatalog(c, typed.Get("catalog"))
	if ok {
		o := catalogOption(catalog)
		o.Selected = true
		out.Selected = []ui.Option{o}
	}
	searchCatalogs(c, &out, string(catalog.ID))
	return views.Part{Picker: &out}
}

func catalogOption(c access.Catalog) ui.Option {
	return ui.Option{Value: string(c.ID), Label: c.Name, Hint: kit.Shorten(c.Description, 120)}
}

// buildCatalog is the catalog with the id, access.GeneralCatalog without one
// (F-002); ok is false if the reader cannot create packages in it.
func buildCatalog(c *kit.Context, id string) (access.Catalog, bool) {
	if id == "" {
		general, ok, err := admin.GeneralCatalog(c.Ctx, c.View, access.ManagePackages)
		if err != nil {
			c.LogFault(err)
		}
		return general, ok
	}
	catalog, err := c.View.Catalog(c.Ctx, access.ManagePackages, access.CatalogID(id))
	return catalog, err == nil
}

func searchCatalogs(c *kit.Context, out *ui.Picker, chosen string) {
	p := c.Printer
	q := store.ListQuery[store.CatalogFilter]{Text: out.Query, Limit: kit.PickLimit}
	found, err := c.View.Catalogs(c.Ctx, access.ManagePackages, q)
	switch {
	case err != nil:
		c.LogFault(err)
		out.NoResults = p.T("Search isn't available right now.")
	case len(found.Rows) == 0 && out.Query == "":
		out.NoResults = p.T("There is no catalog in which you can create access packages.")
	case len(found.Rows) == 0:
		out.NoResults = p.T("No results for “%s”.", out.Query)
	}
	for _, catalog := range found.Rows {
		if string(catalog.ID) != chosen {
			out.Results = append(out.Results, catalogOption(catalog.Catalog))
		}
	}
}

// showPickedCatalogs returns the results of the catalog picker, for scripts.
func showPickedCatalogs(c *kit.Context) error {
	out := ui.Picker{Name: "catalog", Single: true, Query: kit.Shorten(c.QueryParam("q"), 100)}
	searchCatalogs(c, &out, "")
	return c.Show(http.StatusOK, views.PickerResults(out))
}
