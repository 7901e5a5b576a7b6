package admin

import (
	"context"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// AddResources lists entries of the built-in directory in a catalog, so that
// its packages may hand them out (F-041). It needs the catalog and a right to
// each entry; all are added or none.
func (a *Admin) AddResources(ctx context.Context, by access.Person, c access.CatalogID,
	entries []access.EntryID) error {
	return a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		if _, err := tx.Catalog(ctx, by.Tenant, c); err != nil {
			return err
		}
		if err := rights.MayInCatalog(access.ManageResources, c); err != nil {
			return err
		}
		if len(entries) == 0 {
			return access.Invalidf("id", "Tick what to add.")
		}
		for _, id := range entries {
			if _, err := addResource(ctx, tx, actor{by, rights}, c, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// addResource lists an entry in a catalog, if by has a right to it. What is
// listed already stays as it is.
func addResource(ctx context.Context, tx *store.Tx, by actor, c access.CatalogID,
	id access.EntryID) (access.Resource, error) {
	e, err := tx.Entry(ctx, by.Tenant, id)
	if err != nil {
		return access.Resource{}, err
	}
	if err := mayAdd(ctx, tx.Reader, by, e); err != nil {
		return access.Resource{}, err
	}
	r, err := resourceOf(ctx, tx, e)
	if err != nil {
		return r, err
	}
	added, err := tx.AddCatalogResource(ctx, by.Tenant, c, r.ID)
	if err != nil || !added {
		return r, err
	}
	return r, record(ctx, tx, by.Person, access.ActAddResource, object{kind: "catalog", id: string(c), to: e.Name})
}

func mayAdd(ctx context.Context, r *store.Reader, by actor, e access.Entry) error {
	owner, err := r.OwnsEntry(ctx, by.Person, e.ID)
	if err != nil {
		return err
	}
	return by.rights.MayAddResource(e.Kind, owner)
}

// resourceOf is the entry as a resource with its roles, made if no catalog has
// listed it yet.
func resourceOf(ctx context.Context, tx *store.Tx, e access.Entry) (access.Resource, error) {
	target, err := tx.BuiltInTarget(ctx, e.Tenant)
	if err != nil {
		return access.Resource{}, err
	}
	r, known, err := tx.ResourceByExternal(ctx, e.Tenant, target.ID, string(e.ID))
	if err != nil {
		return r, err
	}
	if !known {
		r = access.Resource{ID: access.ResourceID(tx.NewID()), Tenant: e.Tenant, Target: target.ID, Kind: e.Kind,
			ExternalID: string(e.ID)}
	}
	fresh := r.WithEntry(e)
	for i := range fresh.Roles {
		if fresh.Roles[i].ID == "" {
			fresh.Roles[i].ID = access.ResourceRoleID(tx.NewID())
		}
	}
	if known && fresh.Name == r.Name && fresh.Link == r.Link && len(fresh.Roles) == len(r.Roles) {
		return r, nil
	}
	return fresh, tx.SaveResource(ctx, fresh)
}

// RemoveResource takes a resource off a catalog's list. Conflict, with their
// names, while packages of the catalog use it (F-051).
func (a *Admin) RemoveResource(ctx context.Context, by access.Person, c access.CatalogID, id access.ResourceID) error {
	return a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		r, err := tx.ResourceIn(ctx, by.Tenant, c, id)
		if err != nil {
			return err
		}
		if err := rights.MayInCatalog(access.ManageResources, c); err != nil {
			return err
		}
		users, err := tx.PackagesUsing(ctx, by.Tenant, c, id, 4)
		if err != nil {
			return err
		}
		if len(users) > 0 {
			return inUse(r, users)
		}
		if err := tx.RemoveCatalogResource(ctx, by.Tenant, c, id); err != nil {
			return err
		}
		return record(ctx, tx, by, access.ActRemoveResource, object{kind: "catalog", id: string(c), from: r.Name})
	})
}

// inUse refuses to remove a resource that packages use, and names some of them.
func inUse(r access.Resource, users []access.Package) error {
	var names []string
	for _, p := range users[:min(3, len(users))] {
		names = append(names, "“"+p.Name+"”")
	}
	if len(users) > 3 {
		names = append(names, "…")
	}
	return access.Refuse(access.Conflict, "“%s” cannot be removed while access packages use it: %s.", r.Name,
		strings.Join(names, ", "))
}
