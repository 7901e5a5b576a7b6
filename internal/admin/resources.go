package admin

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// AddResources adds entries of the built-in directory to a catalog, so that its packages
// can assign them (F-041). The actor needs a right to the catalog and to each entry; all
// are added or none.
func (ed *Editor) AddResources(ctx context.Context, c access.CatalogID, entries []access.EntryID) error {
	if _, err := ed.tx.Catalog(ctx, ed.by.Tenant, c); err != nil {
		return err
	}
	if err := ed.rights.MayInCatalog(access.ManageResources, c); err != nil {
		return err
	}
	if len(entries) == 0 {
		return access.Invalidf("id", "Select at least one resource.")
	}
	for _, id := range entries {
		if _, err := addResource(ctx, ed, c, id); err != nil {
			return err
		}
	}
	return nil
}

// addResource adds an entry to a catalog, if the actor has a right to it. It does nothing
// if the entry is there already.
func addResource(ctx context.Context, ed *Editor, c access.CatalogID, id access.EntryID) (access.Resource, error) {
	e, err := ed.tx.Entry(ctx, ed.by.Tenant, id)
	if err != nil {
		return access.Resource{}, err
	}
	if err := checkMayAdd(ctx, ed.tx.Reader, ed.self(), e); err != nil {
		return access.Resource{}, err
	}
	r, err := upsertResource(ctx, ed, e)
	if err != nil {
		return r, err
	}
	added, err := ed.tx.AddCatalogResource(ctx, ed.by.Tenant, c, r.ID)
	if err != nil || !added {
		return r, err
	}
	return r, ed.record(ctx, access.ActAddResource, object{kind: access.ObjectCatalog, id: string(c), to: e.Name})
}

// checkMayAdd refuses an entry that the actor has no right to, and a group with an
// administrative role for whoever could not assign that role (W-25).
func checkMayAdd(ctx context.Context, r *store.Reader, by administrator, e access.Entry) error {
	owner, err := r.OwnsEntry(ctx, by.Person, e.ID)
	if err != nil {
		return err
	}
	if err := by.rights.MayAddResource(e.Kind, owner); err != nil {
		return err
	}
	return checkRoleMembers(ctx, r, by, []access.EntryID{e.ID}, "id")
}

// upsertResource returns the entry's resource with its roles. It creates or updates the
// stored one.
func upsertResource(ctx context.Context, ed *Editor, e access.Entry) (access.Resource, error) {
	target, err := ed.tx.BuiltInTarget(ctx, e.Tenant)
	if err != nil {
		return access.Resource{}, err
	}
	r, known, err := ed.tx.ResourceByExternal(ctx, e.Tenant, target.ID, string(e.ID))
	if err != nil {
		return r, err
	}
	if !known {
		r = access.Resource{ID: access.ResourceID(ed.tx.NewID()), Tenant: e.Tenant, Target: target.ID, Kind: e.Kind,
			ExternalID: string(e.ID)}
	}
	fresh := r.WithEntry(e)
	for i := range fresh.Roles {
		if fresh.Roles[i].ID == "" {
			fresh.Roles[i].ID = access.ResourceRoleID(ed.tx.NewID())
		}
	}
	if known && fresh.Name == r.Name && fresh.Link == r.Link && len(fresh.Roles) == len(r.Roles) {
		return r, nil
	}
	return fresh, ed.tx.SaveResource(ctx, fresh)
}

// RemoveResource removes a resource from a catalog. It returns Conflict, with their names,
// while packages of the catalog use the resource (F-051).
func (ed *Editor) RemoveResource(ctx context.Context, c access.CatalogID, id access.ResourceID) error {
	r, err := ed.tx.ResourceIn(ctx, ed.by.Tenant, c, id)
	if err != nil {
		return err
	}
	if err := ed.rights.MayInCatalog(access.ManageResources, c); err != nil {
		return err
	}
	users, err := ed.tx.PackagesUsing(ctx, ed.by.Tenant, c, id, 4)
	if err != nil {
		return err
	}
	if len(users) > 0 {
		return resourceInUse(r, users)
	}
	if err := ed.tx.RemoveCatalogResource(ctx, ed.by.Tenant, c, id); err != nil {
		return err
	}
	return ed.record(ctx, access.ActRemoveResource, object{kind: access.ObjectCatalog, id: string(c), from: r.Name})
}

// resourceInUse refuses to remove a resource that packages use, and names some of them.
func resourceInUse(r access.Resource, users []access.Package) error {
	var names access.List
	for _, p := range users[:min(3, len(users))] {
		names = append(names, "“"+p.Name+"”")
	}
	if len(users) > 3 {
		return access.Refuse(access.Conflict, "You can't remove “%s” while access packages use it, such as %s.", r.Name,
			names)
	}
	return access.Refuse(access.Conflict, "You can't remove “%s” while access packages use it: %s.", r.Name, names)
}
