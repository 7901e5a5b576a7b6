package admin

import (
	"context"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// SaveCatalog adds a catalog (without an id), or changes an existing one from the version
// that c names (F-031, F-036). A creator who does not administer all catalogs becomes its
// owner.
func (ed *Editor) SaveCatalog(ctx context.Context, c access.Catalog) (access.Catalog, error) {
	c.Tenant = ed.by.Tenant
	if c.ID == "" {
		if err := addCatalog(ctx, ed, &c); err != nil {
			return c, err
		}
		return c, nil
	}
	stored, err := ed.tx.Catalog(ctx, ed.by.Tenant, c.ID)
	if err != nil {
		return c, err
	}
	if err := ed.rights.MayInCatalog(access.EditCatalog, c.ID); err != nil {
		return c, err
	}
	if err := checkVersion(stored.Version, c.Version); err != nil {
		return c, err
	}
	if err := stored.CanRename(); err != nil && c.Name != stored.Name {
		return c, err
	}
	if err := saveCatalog(ctx, ed, c, stored); err != nil {
		return c, err
	}
	return c, nil
}

func addCatalog(ctx context.Context, ed *Editor, c *access.Catalog) error {
	if err := ed.rights.May(access.CreateCatalogs); err != nil {
		return err
	}
	c.ID, c.Version = access.CatalogID(ed.tx.NewID()), 0
	if err := saveCatalog(ctx, ed, *c, access.Catalog{}); err != nil {
		return err
	}
	if ed.rights.MayInCatalog(access.EditCatalog, c.ID) == nil {
		return nil
	}
	return assignRole(ctx, ed, access.RoleAssignment{Tenant: ed.by.Tenant, Role: access.CatalogOwner, Catalog: c.ID,
		Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(ed.by.ID)}})
}

func saveCatalog(ctx context.Context, ed *Editor, c, stored access.Catalog) error {
	var es access.Errors
	es.Add(c.Check())
	other, taken, err := ed.tx.CatalogNamed(ctx, c.Tenant, c.Name)
	if err != nil {
		return err
	}
	if taken && other.ID != c.ID {
		es.Add(access.Invalidf("displayName", "A catalog with this name already exists."))
	}
	if err := es.Err(); err != nil {
		return err
	}
	save := func() error { return ed.tx.SaveCatalog(ctx, c) }
	if stored.Published && !c.Published || stored.External && !c.External { // its policies admit nobody any more
		change := save
		save = func() error { return keepAdministrator(ctx, ed, change) }
	}
	if err := save(); err != nil {
		return err
	}
	if err := warnOfClosing(ctx, ed, c, stored); err != nil {
		return err
	}
	return ed.record(ctx, saveActivity(stored.Version), object{kind: access.ObjectCatalog, id: string(c.ID),
		from: catalogText(stored),
		to:   catalogText(c)})
}

// catalogText describes a catalog for the audit log.
func catalogText(c access.Catalog) string {
	if c.ID == "" {
		return ""
	}
	words := []string{c.Name}
	if !c.Published {
		words = append(words, "not enabled")
	}
	if c.External {
		words = append(words, "enabled for external users")
	}
	return strings.Join(words, ", ")
}

// DeleteCatalog deletes a catalog without access packages (F-037). Its resources stay in
// their targets. The general catalog can't be deleted.
func (ed *Editor) DeleteCatalog(ctx context.Context, id access.CatalogID) error {
	c, err := ed.tx.Catalog(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	if err := ed.rights.MayInCatalog(access.EditCatalog, id); err != nil {
		return err
	}
	packages, err := ed.tx.PackageList(ctx, ed.by.Tenant,
		store.ListQuery[store.PackageFilter]{Filter: store.PackageFilter{Catalog: id},
			Limit: 3})
	if err != nil {
		return err
	}
	if err := c.CanDelete(len(packages.Rows) > 0); err != nil {
		return err
	}
	if err := ed.tx.DeleteCatalog(ctx, ed.by.Tenant, id); err != nil {
		return err
	}
	return ed.record(ctx, access.ActDelete, object{kind: access.ObjectCatalog, id: string(id), from: catalogText(c)})
}
