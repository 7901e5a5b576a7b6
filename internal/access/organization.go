package access

import (
	"slices"
)

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
	Directories []DirectoryID
	// InternalSponsors are members and groups of the tenant's own (F-021),
	// ExternalSponsors guests from the organization (F-022).
	InternalSponsors []SubjectRef
	ExternalSponsors []PersonID
	Version          int64
}

// Check finds every fault of the organization.
func (o Organization) Check() error {
	var es Errors
	es.Add(checkName("displayName", o.Name))
	es.Add(checkDescription("description", o.Description, true))
	if o.State != Configured && o.State != Proposed {
		es.Add(Invalidf("state", "“%s” is not a state of a connected organization.", string(o.State)))
	}
	if len(o.Directories) == 0 {
		es.Add(Invalidf("identitySources", "A connected organization needs a directory or a domain."))
	}
	if len(o.InternalSponsors) > MaxOrganizationSponsors {
		es.Add(Invalidf("internalSponsors", "A connected organization has at most %d sponsors on each side.",
			MaxOrganizationSponsors))
	}
	if len(o.ExternalSponsors) > MaxOrganizationSponsors {
		es.Add(Invalidf("externalSponsors", "A connected organization has at most %d sponsors on each side.",
			MaxOrganizationSponsors))
	}
	return es.Err()
}

// MaxOrganizationSponsors is how many sponsors a connected organization has on
// each side at most.
const MaxOrganizationSponsors = 50

// CheckSponsors refuses internal sponsors who are not members (F-021), and
// external ones who are not guests of the organization (F-022).
func (o Organization) CheckSponsors(internal, external []Person) error {
	var es Errors
	for _, p := range internal {
		if p.Kind != Member {
			es.Add(Invalidf("internalSponsors", "%s is not a member of your organization.", p.Name))
		}
	}
	for _, p := range external {
		if p.Kind != Guest || !slices.Contains(o.Directories, p.Directory) {
			es.Add(Invalidf("externalSponsors", "%s is not a guest of this organization.", p.Name))
		}
	}
	return es.Err()
}

// CheckTrust refuses to let an organization count as configured whose people
// have addresses that anybody can get (F-016, F-029): always if something is
// offered to all configured organizations without approval, else unless that is
// what is meant.
func (o Organization) CheckTrust(consumer Domain, offered, sure bool) error {
	switch {
	case o.State != Configured || consumer == "":
		return nil
	case offered:
		return Invalidf("state", "Anybody can get an address of %s, and an access package can be had by all configured "+
			"organizations without approval. Choose proposed.", string(consumer))
	case !sure:
		return Invalidf("sure", "Anybody can get an address of %s. Choose proposed, or confirm that the organization is to "+
			"count as configured.", string(consumer))
	}
	return nil
}
