package access

import (
	"slices"
)

// ResourceKind is what sort of thing a resource is (F-003).
type ResourceKind string

// The kinds of resource.
const (
	KindGroup       ResourceKind = "group"
	KindTeam        ResourceKind = "team"
	KindSite        ResourceKind = "site"
	KindApplication ResourceKind = "application"
)

// ResourceKinds lists every kind of resource.
func ResourceKinds() []ResourceKind {
	return []ResourceKind{KindGroup, KindTeam, KindSite, KindApplication}
}

// Resource is a group, team, site or application in a target. Catalogs list
// the resources that their packages may hand out; a resource that several list
// is still one, so that its grants are counted together (F-055).
type Resource struct {
	ID         ResourceID
	Tenant     TenantID
	Target     TargetID
	Kind       ResourceKind
	ExternalID string // what the target calls it
	Name       string
	Link       string // opens it, http or https; empty if there is nothing to open
	Roles      []ResourceRole
}

// ResourceRole is a named right in a resource (F-004).
type ResourceRole struct {
	ID         ResourceRoleID
	Resource   ResourceID
	Name       string // Member, Owner, Visitor …
	ExternalID string // what the target calls it
}

// WithEntry is the resource as its entry of the built-in directory has it now. Roles
// that it has already keep their ids, and ones that the entry no longer has stay;
// new ones have no id yet.
func (r Resource) WithEntry(e Entry) Resource {
	r.Name, r.Link = e.Name, e.Link
	roles := slices.Clone(r.Roles)
	for _, name := range e.Roles {
		if !slices.ContainsFunc(roles, func(o ResourceRole) bool { return o.ExternalID == name }) {
			roles = append(roles, ResourceRole{Resource: r.ID, Name: name, ExternalID: name})
		}
	}
	r.Roles = roles
	return r
}

func (k ResourceKind) known() bool {
	for _, known := range ResourceKinds() {
		if k == known {
			return true
		}
	}
	return false
}
