package access

// Tenant is an organization that has catalogs here. All its data belongs to it
// alone.
type Tenant struct {
	ID        TenantID
	Directory DirectoryID
	Name      string
	Domains   []Domain // of its directory; the first is used in links
	Settings  Settings
	Version   int64
}

// Check finds every fault of the tenant.
func (t Tenant) Check() error {
	var es Errors
	es.Add(checkName("displayName", t.Name))
	es.Add(t.Settings.Check())
	return es.Err()
}

// PrimaryDomain is the domain in the tenant's links; empty if it has none.
func (t Tenant) PrimaryDomain() Domain {
	if len(t.Domains) == 0 {
		return ""
	}
	return t.Domains[0]
}
