package access

import "time"

// Catalog holds resources and access packages; it is the unit of delegation.
type Catalog struct {
	ID          CatalogID
	Tenant      TenantID
	Name        string
	Description string
	// Published is false while a catalog is being built: its packages cannot
	// be seen or requested (F-032). Holders are not affected.
	Published bool
	// External is false if nobody from outside may see or request anything in
	// it, whatever a policy says (F-033).
	External bool
	Version  int64
}

// GeneralCatalog is the name of the catalog that always exists (F-002).
const GeneralCatalog = "General"

// Check finds every fault of the catalog.
func (c Catalog) Check() error {
	var es Errors
	es.Add(checkName("displayName", c.Name))
	es.Add(checkDescription("description", c.Description, false))
	return es.Err()
}

// CanDelete refuses to delete a catalog that holds access packages, and the one
// that always exists (F-037).
func (c Catalog) CanDelete(holdsPackages bool) error {
	switch {
	case c.Name == GeneralCatalog:
		return Refuse(Conflict, "The catalog “%s” always exists and cannot be deleted.", GeneralCatalog)
	case holdsPackages:
		return Refuse(Conflict, "A catalog can be deleted when it holds no access packages. Delete them first.")
	}
	return nil
}

// Package is an access package: a bundle of resource roles with policies, in
// one catalog for ever (F-005).
type Package struct {
	ID          PackageID
	Tenant      TenantID
	Catalog     CatalogID
	Name        string
	Description string
	// Hidden packages are not listed; who has the link and is in scope may
	// still open and request them (F-061).
	Hidden  bool
	Roles   []ResourceRoleID
	Version int64
	Deleted time.Time // zero while it exists
}

// MaxPackageRoles is how many resource roles a package may have.
const MaxPackageRoles = 100

// CanDelete refuses to delete a package that so many people hold, in force or
// not (F-066).
func (p Package) CanDelete(holders int64) error {
	switch holders {
	case 0:
		return nil
	case 1:
		return Refuse(Conflict, "An access package can be deleted when nobody holds it. One person does: remove that "+
			"assignment first.")
	}
	return Refuse(Conflict, "An access package can be deleted when nobody holds it. %d people do: remove their "+
		"assignments first.", holders)
}

// Check finds every fault of the package.
func (p Package) Check() error {
	var es Errors
	es.Add(checkName("displayName", p.Name))
	es.Add(checkDescription("description", p.Description, true))
	return es.Err()
}
