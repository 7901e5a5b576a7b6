package access

import "slices"

// Target is a system that access is delivered into. What a target can do is
// declared by its connector.
type Target struct {
	ID     TargetID
	Tenant TenantID
	Name   string
	// Kind names the connector: TargetBuiltIn is the directory inside the portal.
	Kind   string
	Config map[string]string // what the connector needs; secrets are encrypted at rest
}

// TargetBuiltIn is the kind of the built-in directory, which every tenant has.
const TargetBuiltIn = "directory"

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

// Entry is a group, team, site or application of the built-in directory. Groups
// and teams are also what policies and approvals mean by a group.
type Entry struct {
	ID          EntryID
	Tenant      TenantID
	Kind        ResourceKind
	Name        string
	Description string
	Link        string
	Roles       []string // the rights it has; the first is given where none is named
	Version     int64
}

// Membership is one right of one person in one entry of the built-in directory.
type Membership struct {
	Entry          EntryID
	Role           string
	Person         PersonID
	IdempotencyKey string // of the call that changes it, for the ledger
}

// IsGroup reports whether the entry's members can be named in policies.
func (e Entry) IsGroup() bool { return e.Kind == KindGroup || e.Kind == KindTeam }

// DefaultRoles are the rights of an entry of kind k that names none (F-004).
func DefaultRoles(k ResourceKind) []string {
	switch k {
	case KindSite:
		return []string{"Member", "Owner", "Visitor"}
	case KindApplication:
		return []string{"Default Access"}
	case KindGroup, KindTeam:
	}
	return []string{"Member", "Owner"}
}
