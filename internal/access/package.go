package access

import (
	"time"
)

// Package is an access package: resource roles with policies. Its catalog never
// changes (F-005).
type Package struct {
	ID          PackageID
	Tenant      TenantID
	Catalog     CatalogID
	Name        string
	Description string
	// Hidden packages are not listed. People in scope who have the link can
	// still request them (F-061).
	Hidden  bool
	Roles   []ResourceRoleID
	Version int64
	Deleted time.Time // zero while it exists
}

// MaxPackageRoles is the maximum number of resource roles of a package.
const MaxPackageRoles = 100

// CanDelete refuses to delete a package with holders: people with an
// assignment, in force or not (F-066).
func (p Package) CanDelete(holders int64) error {
	switch holders {
	case 0:
		return nil
	case 1:
		return Refuse(Conflict, "One person has this access package. Remove the assignment first.")
	}
	return Refuse(Conflict, "%d people have this access package. Remove their assignments first.", holders)
}

// Check returns every fault of the package.
func (p Package) Check() error {
	var es Errors
	es.Add(checkName("displayName", p.Name))
	es.Add(checkDescription("description", p.Description, true))
	return es.Err()
}
