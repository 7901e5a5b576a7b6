package admin

import (
	"context"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// SaveCatalog adds a catalog, which has no id, or changes the one with the id
// from the version that c names (F-031, F-036). Whoever adds one without being
// an administrator of all becomes its first owner.
func (a *Admin) SaveCatalog(ctx context.Context, by access.Person, c access.Catalog) (access.Catalog, error) {
	c.Tenant = by.Tenant
	err := a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		if c.ID == "" {
			return addCatalog(ctx, tx, by, rights, &c)
		}
		stored, err := tx.Catalog(ctx, by.Tenant, c.ID)
		if err != nil {
			return err
		}
		if err := rights.MayInCatalog(access.EditCatalog, c.ID); err != nil {
			return err
		}
		if err := checkVersion(stored.Version, c.Version); err != nil {
			return err
		}
		if stored.Name == access.GeneralCatalog && c.Name != stored.Name {
			return access.Invalidf("displayName", "The catalog “%s” keeps its name.", access.GeneralCatalog)
		}
		return saveCatalog(ctx, tx, by, c, stored)
	})
	return c, err
}

func addCatalog(ctx context.Context, tx *store.Tx, by access.Person, rights access.Rights, c *access.Catalog) error {
	if err := rights.May(access.CreateCatalogs); err != nil {
		return err
	}
	c.ID, c.Version = access.CatalogID(tx.NewID()), 0
	if err := saveCatalog(ctx, tx, by, *c, access.Catalog{}); err != nil {
		return err
	}
	if rights.MayInCatalog(access.EditCatalog, c.ID) == nil {
		return nil
	}
	return giveRole(ctx, tx, by, access.RoleAssignment{Tenant: by.Tenant, Role: access.CatalogOwner, Catalog: c.ID,
		Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(by.ID)}})
}

func saveCatalog(ctx context.Context, tx *store.Tx, by access.Person, c, stored access.Catalog) error {
	var es access.Errors
	es.Add(c.Check())
	other, taken, err := tx.CatalogNamed(ctx, c.Tenant, c.Name)
	if err != nil {
		return err
	}
	if taken && other.ID != c.ID {
		es.Add(access.Invalidf("displayName", "There is a catalog with this name already."))
	}
	if err := es.Err(); err != nil {
		return err
	}
	if err := tx.SaveCatalog(ctx, c); err != nil {
		return err
	}
	return record(ctx, tx, by, saved(stored.Version), object{kind: "catalog", id: string(c.ID), from: catalogText(stored),
		to: catalogText(c)})
}

// catalogText is a catalog in one line of the audit log.
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

// DeleteCatalog deletes a catalog that holds no access package (F-037); its
// resources stay in their targets. The catalog that always exists stays.
func (a *Admin) DeleteCatalog(ctx context.Context, by access.Person, id access.CatalogID) error {
	return a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		c, err := tx.Catalog(ctx, by.Tenant, id)
		if err != nil {
			return err
		}
		if err := rights.MayInCatalog(access.EditCatalog, id); err != nil {
			return err
		}
		packages, err := tx.PackageList(ctx, by.Tenant,
			store.ListQuery[store.PackageFilter]{Filter: store.PackageFilter{Catalog: id},
				Limit: 3})
		if err != nil {
			return err
		}
		if err := c.CanDelete(len(packages.Rows) > 0); err != nil {
			return err
		}
		if err := tx.DeleteCatalog(ctx, by.Tenant, id); err != nil {
			return err
		}
		return record(ctx, tx, by, access.ActDelete, object{kind: "catalog", id: string(id), from: catalogText(c)})
	})
}
