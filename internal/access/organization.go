package access

// OrganizationState says how far a connected organization is trusted (F-014,
// F-016).
type OrganizationState string

// The states of a connected organization.
const (
	Configured OrganizationState = "configured" // an administrator vouches for it
	Proposed   OrganizationState = "proposed"   // came in by itself; counts only where named
)

// Organization is a connected organization: a tenant's relation to one or more
// directories or domains.
type Organization struct {
	ID          OrganizationID
	Tenant      TenantID
	Name        string
	Description string
	State       OrganizationState
	// Directories are those whose people belong to the organization; every
	// verified domain of each is meant (F-012).
	Directories      []DirectoryID
	InternalSponsors []PersonID
	ExternalSponsors []PersonID
	Version          int64
}

// Check finds every fault of the organization.
func (o Organization) Check() error {
	var es Errors
	es.Add(checkName("displayName", o.Name))
	es.Add(checkText("description", o.Description, true))
	if o.State != Configured && o.State != Proposed {
		es.Add(Invalidf("state", "“%s” is not a state of a connected organization.", string(o.State)))
	}
	if len(o.Directories) == 0 {
		es.Add(Invalidf("identitySources", "A connected organization needs a directory or a domain."))
	}
	return es.Err()
}
