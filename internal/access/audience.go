package access

import (
	"slices"
	"strings"
)

// AudienceKey names a group of people that policies are for: everybody in a
// scope, or one subject of it, inside or outside the tenant's directory. A policy
// has keys and a person has keys; the policy is for the person if they have one
// in common. This is the only rule for scopes: stores save and join keys without
// knowing what they mean. Stored keys must not change.
type AudienceKey string

// audienceKey is the key of a scope on one side of the directory. subject is zero
// for scopes that name no subjects.
func audienceKey(outside bool, s Scope, subject SubjectRef) AudienceKey {
	key := "in " + string(s)
	if outside {
		key = "out " + string(s)
	}
	if subject != (SubjectRef{}) {
		key += " " + string(subject.Kind) + " " + subject.ID
	}
	return AudienceKey(key)
}

// outside reports whether the key is of people outside the directory.
func (k AudienceKey) outside() bool { return strings.HasPrefix(string(k), "out ") }

// Reaches reports whether a policy of the scope can be for people on that side of
// the tenant's directory.
func (s Scope) Reaches(outside bool) bool {
	switch s {
	case ScopeMembers:
		return !outside
	case ScopeSpecificUsers, ScopeUsers:
		return true
	case ScopeSpecificOrgs, ScopeAllOrgs, ScopeAnyone:
		return outside
	case ScopeNobody:
	}
	return false
}

// AudienceKeys are the keys of everybody in the policy's scope, enabled or not.
func (p Policy) AudienceKeys() []AudienceKey {
	subjects := []SubjectRef{{}}
	if p.Scope == ScopeSpecificUsers || p.Scope == ScopeSpecificOrgs {
		subjects = slices.DeleteFunc(slices.Clone(p.Targets), func(s SubjectRef) bool { return s.ID == "" })
	}
	var keys []AudienceKey
	for _, subject := range subjects {
		for _, outside := range []bool{false, true} {
			if p.Scope.Reaches(outside) {
				keys = append(keys, audienceKey(outside, p.Scope, subject))
			}
		}
	}
	return keys
}

// AudienceKeys are the keys of everybody who finds the package in a list (F-140),
// sorted.
func (o Offer) AudienceKeys() []AudienceKey {
	if o.Package.Hidden || !o.Catalog.Published {
		return nil
	}
	var keys []AudienceKey
	for _, p := range o.Policies {
		if p.Enabled {
			keys = append(keys, p.AudienceKeys()...)
		}
	}
	if !o.Catalog.External {
		keys = slices.DeleteFunc(keys, AudienceKey.outside)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// AudienceKeys are the keys that the person has (F-070 to F-075). Being disabled
// does not matter to them.
func (c PersonContext) AudienceKeys() []AudienceKey {
	outside := c.Outsider()
	var keys []AudienceKey
	add := func(s Scope, subject SubjectRef) { keys = append(keys, audienceKey(outside, s, subject)) }
	if c.ID != "" {
		add(ScopeSpecificUsers, SubjectRef{SubjectPerson, string(c.ID)})
	}
	for _, g := range c.Groups {
		add(ScopeSpecificUsers, SubjectRef{SubjectGroup, string(g)})
	}
	if !outside {
		add(ScopeMembers, SubjectRef{})
	}
	if !outside || c.Guest.HasAccount() {
		add(ScopeUsers, SubjectRef{})
	}
	if !outside {
		return keys
	}
	add(ScopeAnyone, SubjectRef{})
	if c.Organization.ID != "" {
		add(ScopeSpecificOrgs, SubjectRef{SubjectOrganization, string(c.Organization.ID)})
		if c.Organization.State == Configured {
			add(ScopeAllOrgs, SubjectRef{})
		}
	}
	return keys
}

// HasAccount reports whether the guest has an account in the target systems.
func (s GuestState) HasAccount() bool { return s == GuestActive || s == GuestBlocked }
