package access

import (
	"time"
)

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
