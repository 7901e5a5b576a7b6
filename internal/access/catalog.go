package access

// Catalog holds resources and access packages; it is the unit of delegation.
type Catalog struct {
	ID          CatalogID
	Tenant      TenantID
	Name        string
	Description string
	// Published is false while a catalog is being built: its packages cannot
	// be seen or requested (F-032). Existing assignments are not affected.
	Published bool
	// External is false if people outside the directory cannot see or request
	// anything in it, whatever a policy says (F-033).
	External bool
	Version  int64
}

// GeneralCatalog is the name of the catalog that always exists (F-002).
const GeneralCatalog = "General"

// Check returns every fault of the catalog.
func (c Catalog) Check() error {
	var es Errors
	es.Add(checkName("displayName", c.Name))
	es.Add(checkDescription("description", c.Description, false))
	return es.Err()
}

// CanRename refuses to rename GeneralCatalog (F-002).
func (c Catalog) CanRename() error {
	if c.Name == GeneralCatalog {
		return Invalidf("displayName", "The catalog “%s” can't be renamed.", GeneralCatalog)
	}
	return nil
}

// CanDelete refuses to delete a catalog with access packages, and
// GeneralCatalog (F-037).
func (c Catalog) CanDelete(holdsPackages bool) error {
	switch {
	case c.Name == GeneralCatalog:
		return Refuse(Conflict, "The catalog “%s” can't be deleted.", GeneralCatalog)
	case holdsPackages:
		return Refuse(Conflict, "This catalog has access packages. Delete them first.")
	}
	return nil
}
