package access

// Tenant is a directory that hosts catalogs here. Everything below it belongs
// to exactly one tenant.
type Tenant struct {
	ID        TenantID
	Directory DirectoryID
	Name      string
	Domains   []Domain // those of its directory, the first is the one links carry
	Settings  Settings
	Version   int64
}

// PrimaryDomain is the one that the tenant's links carry.
func (t Tenant) PrimaryDomain() Domain {
	if len(t.Domains) == 0 {
		return ""
	}
	return t.Domains[0]
}
