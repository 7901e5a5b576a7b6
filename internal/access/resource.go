package access

import (
	"slices"
)

// ResourceKind is the kind of a resource (F-003).
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

// Resource is a group, team, site or application in a target. Several catalogs
// can contain the same resource; it is stored once, so that its grants are
// counted together (F-055).
type Resource struct {
	ID         ResourceID
	Tenant     TenantID
	Target     TargetID
	Kind       ResourceKind
	ExternalID string // its id in the target
	Name       string
	Link       string // http or https address to open it; may be empty
	Roles      []ResourceRole
}

// ResourceRole is a role in a resource (F-004).
type ResourceRole struct {
	ID         ResourceRoleID
	Resource   ResourceID
	Name       string // Member, Owner, Visitor …
	ExternalID string // its id in the target
}

// WithEntry returns r updated from its entry of the built-in directory.
// Existing roles keep their ids, also those that the entry no longer has; new
// roles have no id yet.
func (r Resource) WithEntry(e Entry) Resource {
	r.Name, r.Link = e.Name, e.Link
	roles := slices.Clone(r.Roles)
	for _, name := range e.Roles {
		if !slices.ContainsFunc(roles, func(existing ResourceRole) bool { return existing.ExternalID == name }) {
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
