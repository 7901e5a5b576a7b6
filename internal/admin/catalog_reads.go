package admin

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Catalog returns the catalog if the actor may do the action in it.
func (v View) Catalog(ctx context.Context, a access.Action, id access.CatalogID) (access.Catalog, error) {
	return ifAllowed(v.rights.MayInCatalog(a, id), func() (access.Catalog, error) {
		return v.read.Catalog(ctx, v.tenant(), id)
	})
}

// GeneralCatalog returns the catalog that every tenant has (F-002); ok is false if the
// view's actor may not do the action in it.
func GeneralCatalog(ctx context.Context, v View, a access.Action) (c access.Catalog, ok bool, err error) {
	return generalCatalog(ctx, v.read, administrator{v.actor, v.rights}, a)
}

// CatalogNames returns the names of the catalogs with the ids (ReadCatalog in
// each). Those that do not exist are missing.
func (v View) CatalogNames(ctx context.Context, ids []access.CatalogID) (map[access.CatalogID]string, error) {
	for _, id := range ids {
		if err := v.rights.MayInCatalog(access.ReadCatalog, id); err != nil {
			return nil, err
		}
	}
	return ifAllowed(v.May(access.ReadCatalog), func() (map[access.CatalogID]string, error) {
		return v.read.CatalogNames(ctx, v.tenant(), ids)
	})
}

// Catalogs lists the catalogs in which the actor may do the action. Every
// administrator may ask; for some the list is empty.
func (v View) Catalogs(ctx context.Context, a access.Action,
	q store.ListQuery[store.CatalogFilter]) (store.ListPage[store.CatalogLine], error) {
	return ifAllowed(v.May(access.SeeAdmin), func() (store.ListPage[store.CatalogLine], error) {
		return v.read.CatalogList(ctx, v.tenant(), inCatalogs(v, a, q))
	})
}

// WalkCatalogs calls f for every catalog of the list (ReadCatalog).
func (v View) WalkCatalogs(ctx context.Context, q store.ListQuery[store.CatalogFilter],
	f func(store.CatalogLine) error) error {
	if err := v.May(access.SeeAdmin); err != nil {
		return err
	}
	return v.read.WalkCatalogs(ctx, v.tenant(), inCatalogs(v, access.ReadCatalog, q), f)
}

// CatalogAudience counts who can see what in a catalog, up to limit people
// (ReadCatalog). outside counts people from outside instead of members.
func (v View) CatalogAudience(ctx context.Context, id access.CatalogID, outside bool,
	limit int) (store.CatalogAudience, error) {
	return ifAllowed(v.rights.MayInCatalog(access.ReadCatalog, id), func() (store.CatalogAudience, error) {
		return v.read.CatalogAudience(ctx, v.tenant(), id, outside, limit)
	})
}

// CatalogHasPackages reports whether there is an access package in the catalog
// (ReadCatalog).
func (v View) CatalogHasPackages(ctx context.Context, id access.CatalogID) (bool, error) {
	return ifAllowed(v.rights.MayInCatalog(access.ReadCatalog, id), func() (bool, error) {
		found, err := v.read.PackageList(ctx, v.tenant(),
			store.ListQuery[store.PackageFilter]{Filter: store.PackageFilter{Catalog: id}, Limit: 1})
		return len(found.Rows) > 0, err
	})
}

// CatalogRoleAssignments lists who has which role in the catalog (ReadCatalog).
func (v View) CatalogRoleAssignments(ctx context.Context, id access.CatalogID) ([]access.RoleAssignment, error) {
	return ifAllowed(v.rights.MayInCatalog(access.ReadCatalog, id), func() ([]access.RoleAssignment, error) {
		return v.read.CatalogRoleAssignments(ctx, v.tenant(), id)
	})
}

// CatalogChange returns who changed the catalog last (ReadCatalog); nil if that
// is unknown.
func (v View) CatalogChange(ctx context.Context, id access.CatalogID) (*access.AuditRecord, error) {
	return ifAllowed(v.rights.MayInCatalog(access.ReadCatalog, id), func() (*access.AuditRecord, error) {
		return lastChange(ctx, v, access.ObjectCatalog, string(id))
	})
}

// Resources lists the resources of a catalog (ReadCatalog).
func (v View) Resources(ctx context.Context, id access.CatalogID) ([]access.Resource, error) {
	return ifAllowed(v.rights.MayInCatalog(access.ReadCatalog, id), func() ([]access.Resource, error) {
		return v.read.ResourcesOf(ctx, v.tenant(), id)
	})
}

// FirstPackagesUsing returns, for each of the resources that an access package of
// the catalog has a role of, the name of the first such package (ReadCatalog).
func (v View) FirstPackagesUsing(ctx context.Context, id access.CatalogID,
	resources []access.ResourceID) (map[access.ResourceID]string, error) {
	return ifAllowed(v.rights.MayInCatalog(access.ReadCatalog, id), func() (map[access.ResourceID]string, error) {
		return v.read.FirstPackagesUsing(ctx, v.tenant(), id, resources)
	})
}

// CatalogRoles lists the roles of a catalog's resources, to build access
// packages of them (ManagePackages).
func (v View) CatalogRoles(ctx context.Context, id access.CatalogID) ([]store.RoleWithResource, error) {
	return ifAllowed(v.rights.MayInCatalog(access.ManagePackages, id), func() ([]store.RoleWithResource, error) {
		return v.read.CatalogResourceRoles(ctx, v.tenant(), id)
	})
}

// FindCatalogRoles is CatalogRoles for a picker: the first that match the text.
func (v View) FindCatalogRoles(ctx context.Context, id access.CatalogID, text string,
	limit int) ([]store.RoleWithResource, error) {
	return ifAllowed(v.rights.MayInCatalog(access.ManagePackages, id), func() ([]store.RoleWithResource, error) {
		return v.read.SearchCatalogRoles(ctx, v.tenant(), id, text, limit)
	})
}

// PolicyFacts returns what a policy depends on besides itself (ReadCatalog). A
// catalog without an id is one that is yet to be created; its policies need
// ManagePackages in any catalog.
func (v View) PolicyFacts(ctx context.Context, p access.Policy, c access.Catalog,
	now time.Time) (access.PolicyFacts, error) {
	refusal := v.May(access.ManagePackages)
	if c.ID != "" {
		refusal = v.rights.MayInCatalog(access.ReadCatalog, c.ID)
	}
	p.Tenant = v.tenant()
	return ifAllowed(refusal, func() (access.PolicyFacts, error) { return v.read.PolicyFacts(ctx, p, c, now) })
}
