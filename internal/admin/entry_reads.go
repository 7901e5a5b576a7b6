package admin

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Entries lists the entries of the built-in directory (ManageEntries).
func (v View) Entries(ctx context.Context,
	q store.ListQuery[store.EntryFilter]) (store.ListPage[access.Entry], error) {
	return ifAllowed(v.May(access.ManageEntries), func() (store.ListPage[access.Entry], error) {
		return v.read.EntryList(ctx, v.tenant(), q)
	})
}

// WalkEntries calls f for every entry of the list (ManageEntries).
func (v View) WalkEntries(ctx context.Context, q store.ListQuery[store.EntryFilter],
	f func(access.Entry) error) error {
	if err := v.May(access.ManageEntries); err != nil {
		return err
	}
	return v.read.WalkEntries(ctx, v.tenant(), q, f)
}

// mayAddTo refuses to list what can be added to a catalog: it needs
// ManageResources there. Without an id it is a catalog that is yet to be
// created, which needs CreateCatalogs.
func mayAddTo(v View, id access.CatalogID) error {
	if id == "" {
		return v.May(access.CreateCatalogs)
	}
	return v.rights.MayInCatalog(access.ManageResources, id)
}

// OwnEntries lists what the actor owns in the built-in directory, to add it to
// the catalog. Global and identity governance administrators see every entry.
func (v View) OwnEntries(ctx context.Context, id access.CatalogID,
	q store.ListQuery[store.EntryFilter]) (store.ListPage[access.Entry], error) {
	if !v.rights.HasTenantRole(access.GlobalAdministrator) &&
		!v.rights.HasTenantRole(access.IdentityGovernanceAdministrator) {
		q.Filter.Owner = v.actor.ID
	}
	return ifAllowed(mayAddTo(v, id), func() (store.ListPage[access.Entry], error) {
		return v.read.EntryList(ctx, v.tenant(), q)
	})
}

// FindEntriesToAdd lists entries outside the catalog that the actor may add to
// it, for a picker.
func (v View) FindEntriesToAdd(ctx context.Context, id access.CatalogID, text string,
	limit int) (store.ListPage[access.Entry], error) {
	f := store.EntryFilter{Outside: id}
	if !v.rights.HasTenantRole(access.GlobalAdministrator) {
		f.AddableBy, f.Applications = v.actor.ID, v.rights.MayAddResource(access.KindApplication, false) == nil
	}
	return ifAllowed(mayAddTo(v, id), func() (store.ListPage[access.Entry], error) {
		return v.read.EntryList(ctx, v.tenant(), store.ListQuery[store.EntryFilter]{Text: text, Limit: limit, Filter: f})
	})
}

// CanAdd returns for each entry why the actor may not add it to the catalog
// (F-041); nil for those that may be added.
func (v View) CanAdd(ctx context.Context, id access.CatalogID, entries []access.Entry) ([]error, error) {
	if err := mayAddTo(v, id); err != nil {
		return nil, err
	}
	ids := make([]access.EntryID, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	owned, err := v.read.OwnedEntries(ctx, v.actor, ids)
	if err != nil {
		return nil, err
	}
	roles, err := v.read.GroupRoles(ctx, v.tenant(), ids)
	if err != nil {
		return nil, err
	}
	byGroup := map[access.EntryID][]access.GroupUse{}
	for _, u := range roles {
		byGroup[u.Group] = append(byGroup[u.Group], u)
	}
	refusals := make([]error, len(entries))
	for i, e := range entries {
		if e.Tenant != v.tenant() {
			refusals[i] = access.Missing()
		} else if refusals[i] = v.rights.MayAddResource(e.Kind, owned[e.ID]); refusals[i] == nil {
			refusals[i] = v.rights.MayChangeMembers(byGroup[e.ID])
		}
	}
	return refusals, nil
}

// EntryView reads what belongs to one entry of the built-in directory.
type EntryView struct {
	v     View
	entry access.Entry
}

// Entry opens an entry of the built-in directory (ManageEntries).
func (v View) Entry(ctx context.Context, id access.EntryID) (EntryView, error) {
	return ifAllowed(v.May(access.ManageEntries), func() (EntryView, error) {
		found, err := v.read.Entry(ctx, v.tenant(), id)
		if err != nil {
			return EntryView{}, err
		}
		return EntryView{v, found}, nil
	})
}

// Entry is the entry.
func (e EntryView) Entry() access.Entry { return e.entry }

// LastChange returns who changed the entry last; nil if that is unknown.
func (e EntryView) LastChange(ctx context.Context) (*access.AuditRecord, error) {
	return ifAllowed(e.v.May(access.ManageEntries), func() (*access.AuditRecord, error) {
		return lastChange(ctx, e.v, access.ObjectKind(e.entry.Kind), string(e.entry.ID))
	})
}

// Owners lists the owners of the entry.
func (e EntryView) Owners(ctx context.Context) ([]access.PersonID, error) {
	return ifAllowed(e.v.May(access.ManageEntries), func() ([]access.PersonID, error) {
		return e.v.read.EntryOwners(ctx, e.v.tenant(), e.entry.ID)
	})
}

// CanDelete refuses to delete an entry that is in use, or that approves.
func (e EntryView) CanDelete(ctx context.Context) error {
	if err := e.v.May(access.ManageEntries); err != nil {
		return err
	}
	return canDeleteEntry(ctx, e.v.read, e.entry)
}

// CanChangeMembers refuses to add members to the entry and to remove them for whoever
// could not give the rights that they have (W-25).
func (e EntryView) CanChangeMembers(ctx context.Context) error {
	if err := e.v.May(access.ManageEntries); err != nil {
		return err
	}
	return checkMembers(ctx, e.v.read, administrator{e.v.actor, e.v.rights}, []access.EntryID{e.entry.ID}, "")
}

// Members lists the people who have the role in the entry.
func (e EntryView) Members(ctx context.Context, role string, after store.Key,
	limit int) (store.ListPage[access.Person], error) {
	return ifAllowed(e.v.May(access.ManageEntries), func() (store.ListPage[access.Person], error) {
		return e.v.read.PersonList(ctx, e.v.tenant(), store.ListQuery[store.PersonFilter]{After: after, Limit: limit,
			Filter: store.PersonFilter{Group: e.entry.ID, Role: role}})
	})
}

// PeopleWithGrant returns the people of the list to whom access packages give the
// role.
func (e EntryView) PeopleWithGrant(ctx context.Context, role string,
	people []access.PersonID) (map[access.PersonID]bool, error) {
	return ifAllowed(e.v.May(access.ManageEntries), func() (map[access.PersonID]bool, error) {
		return e.v.read.PeopleWithEntryGrant(ctx, e.v.tenant(), e.entry.ID, role, people)
	})
}
