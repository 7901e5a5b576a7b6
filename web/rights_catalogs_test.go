package web

import (
	"context"
	"net/url"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/access/accesstest"
	"myaccess/internal/store"
)

// catalogForms are the forms for catalogs themselves.
func catalogForms() []formByRole {
	return []formByRole{
		{task: "create-catalog", route: "POST /catalogs/new", make: func(w *workplace) attempt {
			name := w.name("Catalog")
			return attempt{fields: url.Values{"displayName": {name}, "published": {"yes"}, "external": {"no"}},
				done: func() bool {
					_, ok, err := w.CatalogNamed(w.t.Context(), w.Tenant.ID, name)
					return check(w, ok, err)
				}}
		}},
		{task: "edit-catalog", route: "POST /catalogs/:id/edit", make: func(w *workplace) attempt {
			id, text := w.Catalog.ID, w.name("Catalog")
			return attempt{id: string(id), fields: w.filled("/catalogs/"+string(id)+"/edit", "description", text),
				done: func() bool {
					now, err := w.Reader.Catalog(w.t.Context(), w.Tenant.ID, id)
					return check(w, now, err).Description == text
				}}
		}},
		{task: "edit-catalog", route: "POST /catalogs/:id/delete", make: func(w *workplace) attempt {
			c := w.copyOfCatalog()
			return attempt{id: string(c.ID),
				done: func() bool { return isGone(w.Reader.Catalog(w.t.Context(), w.Tenant.ID, c.ID)) }}
		}},
	}
}

// copyOfCatalog adds an empty catalog in which people have the same roles as in
// the workplace's.
func (w *workplace) copyOfCatalog() access.Catalog {
	c := w.addCatalog(w.name("Catalog"))
	roles, err := w.CatalogRoleAssignments(w.t.Context(), w.Tenant.ID, w.Catalog.ID)
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		for _, r := range check(w, roles, err) {
			r.Catalog = c.ID
			if err := tx.AddRoleAssignment(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
	return c
}

// lists reports whether the catalog lists the entry.
func (w *workplace) lists(e access.Entry) bool {
	all, err := w.ResourcesOf(w.t.Context(), w.Tenant.ID, w.Catalog.ID)
	return slices.ContainsFunc(check(w, all, err), func(r access.Resource) bool { return r.ExternalID == string(e.ID) })
}

// resource adds an entry as a resource of the catalog.
func (w *workplace) resource(kind access.ResourceKind) (access.Entry, access.Resource) {
	e := w.entry(kind)
	r := access.Resource{Tenant: w.Tenant.ID, Target: w.Team.Target, Kind: e.Kind, ExternalID: string(e.ID), Name: e.Name}
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		r.ID, r.Roles = access.ResourceID(tx.NewID()), nil
		for _, role := range e.Roles {
			r.Roles = append(r.Roles, access.ResourceRole{ID: access.ResourceRoleID(tx.NewID()), Resource: r.ID, Name: role,
				ExternalID: role})
		}
		if err := tx.SaveResource(ctx, r); err != nil {
			return err
		}
		_, err := tx.AddCatalogResource(ctx, w.Tenant.ID, w.Catalog.ID, r.ID)
		return err
	})
	return e, r
}

// resourceForms are the forms that add resources to a catalog and remove them.
// Each kind is added by people who own the resource and by people who do not; on
// the page of a catalog, and along with a role of an access package.
func resourceForms() []formByRole {
	all := []formByRole{{task: "add-resource", route: "POST /catalogs/:id/resources/remove",
		make: func(w *workplace) attempt {
			e, r := w.resource(access.KindGroup)
			return attempt{id: string(w.Catalog.ID), fields: url.Values{"resource": {string(r.ID)}},
				done: func() bool { return !w.lists(e) }}
		}}}
	for _, kind := range access.ResourceKinds() {
		for _, own := range []bool{true, false} {
			may := func(role access.AdminRole) bool { return accesstest.MayAdd(kind, own, role) }
			way := "own " + string(kind)
			if !own {
				way = string(kind) + " of somebody else"
			}
			entry := func(w *workplace) access.Entry {
				if own {
					return w.entry(kind, w.people...)
				}
				return w.entry(kind)
			}
			all = append(all,
				formByRole{task: "add-resource", route: "POST /catalogs/:id/resources/add", way: way, may: may,
					make: func(w *workplace) attempt {
						e := entry(w)
						return attempt{id: string(w.Catalog.ID), fields: url.Values{"id": {string(e.ID)}},
							done: func() bool { return w.lists(e) }}
					}},
				formByRole{task: "add-resource", route: "POST /access-packages/:id/roles/change", way: way, may: may,
					make: func(w *workplace) attempt {
						e, o := entry(w), w.pack()
						return attempt{id: string(o.Package.ID), fields: url.Values{"finish": {"yes"},
							"started": {w.versionOf(o)}, "entry": {string(e.ID) + "/" + e.Roles[0]}},
							done: func() bool { return w.lists(e) }}
					}})
		}
	}
	return all
}
