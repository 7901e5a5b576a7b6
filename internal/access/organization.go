package access

import (
	"slices"
)

// OrganizationState says whether a connected organization is trusted (F-014,
// F-016).
type OrganizationState string

// The states of a connected organization.
const (
	Configured OrganizationState = "configured" // trusted: an administrator has confirmed it
	Proposed   OrganizationState = "proposed"   // created automatically; included only where a policy names it
)

// Organization is a connected organization: a partner of a tenant, made of one
// or more directories or domains.
type Organization struct {
	ID          OrganizationID
	Tenant      TenantID
	Name        string
	Description string
	State       OrganizationState
	// Directories are those whose people belong to the organization, with all
	// verified domains of each (F-012).
	Directories []DirectoryID
	// InternalSponsors are members and groups of the tenant (F-021),
	// ExternalSponsors guests from the organization (F-022).
	InternalSponsors []SubjectRef
	ExternalSponsors []PersonID
	Version          int64
}

// Check returns every fault of the organization.
func (o Organization) Check() error {
	var es Errors
	es.Add(o.CheckStored())
	if len(o.Directories) == 0 {
		es.Add(Invalidf("identitySources", "A connected organization needs a directory or a domain."))
	}
	return es.Err()
}

// CheckStored is Check for an organization whose directories may have been deleted.
func (o Organization) CheckStored() error {
	var es Errors
	es.Add(checkName("displayName", o.Name))
	es.Add(checkDescription("description", o.Description, true))
	if o.State != Configured && o.State != Proposed {
		es.Add(Invalidf("state", "“%s” is not a state of a connected organization.", string(o.State)))
	}
	if len(o.InternalSponsors) > MaxOrganizationSponsors {
		es.Add(Invalidf("internalSponsors", "A connected organization can have at most %d sponsors on each side.",
			MaxOrganizationSponsors))
	}
	if len(o.ExternalSponsors) > MaxOrganizationSponsors {
		es.Add(Invalidf("externalSponsors", "A connected organization can have at most %d sponsors on each side.",
			MaxOrganizationSponsors))
	}
	return es.Err()
}

// MaxOrganizationSponsors is the maximum number of internal, and of external,
// sponsors.
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

// CheckTrust refuses the state configured for an organization with a consumer
// mail domain, whose addresses anyone can get (F-016, F-029). If an access
// package is offered to all configured organizations without approval it always
// refuses; otherwise only until the administrator has confirmed it.
func (o Organization) CheckTrust(consumer Domain, offered, confirmed bool) error {
	switch {
	case o.State != Configured || consumer == "":
		return nil
	case offered:
		return Invalidf("state", "Anyone can get an address of %s, and a policy gives all configured organizations access "+
			"without approval. Choose proposed.", string(consumer))
	case !confirmed:
		return Invalidf("sure", "Anyone can get an address of %s. Choose proposed, or confirm that the organization is "+
			"configured.", string(consumer))
	}
	return nil
}
