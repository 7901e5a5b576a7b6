package access

import (
	"slices"
)

// Scope says who can request under a policy, with the names of the Graph
// allowedTargetScope.
type Scope string

// The scopes of a policy.
const (
	ScopeSpecificUsers Scope = "specificDirectoryUsers"             // F-070: named people and groups
	ScopeMembers       Scope = "allMemberUsers"                     // F-071: members, no guests
	ScopeUsers         Scope = "allDirectoryUsers"                  // F-072: members and guests
	ScopeSpecificOrgs  Scope = "specificConnectedOrganizationUsers" // F-073: named organizations, proposed ones too
	// F-074: all configured ones, also those added later
	ScopeAllOrgs Scope = "allConfiguredConnectedOrganizationUsers"
	ScopeAnyone  Scope = "allExternalUsers" // F-075: everyone from outside
	ScopeNobody  Scope = "notSpecified"     // F-076: direct assignment only
)

// Scopes lists every scope.
func Scopes() []Scope {
	return []Scope{ScopeSpecificUsers, ScopeMembers, ScopeUsers, ScopeSpecificOrgs, ScopeAllOrgs, ScopeAnyone, ScopeNobody}
}

// External reports whether the scope includes people outside the tenant's
// directory only.
func (s Scope) External() bool {
	return s == ScopeSpecificOrgs || s == ScopeAllOrgs || s == ScopeAnyone
}

// priority ranks policies that match the same person: only those with the
// lowest number are offered (F-082).
func (s Scope) priority() int {
	switch s {
	case ScopeSpecificUsers, ScopeSpecificOrgs:
		return 1
	case ScopeMembers:
		return 2
	case ScopeUsers:
		return 3
	case ScopeAllOrgs, ScopeAnyone, ScopeNobody:
	}
	return 4
}

// Matches reports whether person is in the policy's scope: whether they have an
// audience key in common. It does not check whether the policy is enabled.
func (p Policy) Matches(person PersonContext) bool {
	in, _ := p.reach(person)
	return in
}

// reach reports whether person is in the policy's scope, and why.
func (p Policy) reach(person PersonContext) (bool, Reason) {
	keys := person.AudienceKeys()
	for _, key := range p.AudienceKeys() {
		if slices.Contains(keys, key) {
			return true, p.inScopeReason(person)
		}
	}
	return false, p.notInScopeReason(person)
}

// inScopeReason says why person is in the policy's scope.
func (p Policy) inScopeReason(person PersonContext) Reason {
	switch p.Scope {
	case ScopeSpecificUsers:
		if slices.Contains(p.Targets, SubjectRef{SubjectPerson, string(person.ID)}) {
			return forbidden("It names %s.", person.Name)
		}
		return forbidden("It names a group that %s is in.", person.Name)
	case ScopeMembers, ScopeUsers:
		if person.Outsider() {
			return forbidden("%s is a guest of the directory.", person.Name)
		}
		return forbidden("%s is a member of the directory.", person.Name)
	case ScopeSpecificOrgs:
		return forbidden("%s belongs to %s, which it names.", person.Name, person.Organization.Name)
	case ScopeAllOrgs:
		return forbidden("%s belongs to the configured connected organization %s.", person.Name, person.Organization.Name)
	case ScopeAnyone, ScopeNobody:
	}
	return forbidden("It is for all external users, and %s is one.", person.Name)
}

// notInScopeReason says why person is not in the policy's scope.
func (p Policy) notInScopeReason(person PersonContext) Reason {
	switch p.Scope {
	case ScopeSpecificUsers:
		return forbidden("It doesn't name %s or a group that %[1]s is in.", person.Name)
	case ScopeMembers:
		return forbidden("It is for members of the directory, and %s is not one.", person.Name)
	case ScopeUsers:
		return forbidden("It is for members and guests of the directory, and %s is neither yet.", person.Name)
	case ScopeSpecificOrgs, ScopeAllOrgs, ScopeAnyone:
		return p.notInOrganizationReason(person)
	case ScopeNobody:
	}
	return forbidden("It is for direct assignment by administrators only.")
}

// notInOrganizationReason is notInScopeReason for the external scopes.
func (p Policy) notInOrganizationReason(person PersonContext) Reason {
	o := person.Organization
	switch {
	case !person.Outsider():
		return forbidden("It is for external users, and %s is a member of the directory.", person.Name)
	case o.ID == "":
		return forbidden("It is for people of connected organizations, and %s belongs to none.", person.Name)
	case p.Scope == ScopeSpecificOrgs:
		return forbidden("%s belongs to %s, which it does not name.", person.Name, o.Name)
	}
	return forbidden("It is for configured connected organizations, and %s belongs to %s, which is only proposed.",
		person.Name, o.Name)
}
