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

// Matches reports whether person is in the policy's scope. It does not check
// whether the policy is enabled.
func (p Policy) Matches(person PersonContext) bool {
	in, _ := p.reach(person)
	return in
}

// reach reports whether person is in the policy's scope, and why.
func (p Policy) reach(person PersonContext) (bool, Reason) {
	switch p.Scope {
	case ScopeSpecificUsers:
		return p.reachNamed(person)
	case ScopeMembers:
		if person.Kind == Member {
			return true, reasonf("%s is a member of the directory.", person.Name)
		}
		return false, reasonf("It is for members of the directory, and %s is not one.", person.Name)
	case ScopeUsers:
		return reachUsers(person)
	case ScopeSpecificOrgs, ScopeAllOrgs, ScopeAnyone:
		if !person.Outsider() {
			return false, reasonf("It is for people from outside, and %s is a member of the directory.", person.Name)
		}
		return p.reachOutsider(person)
	case ScopeNobody:
	}
	return false, reasonf("It is for direct assignment by administrators only.")
}

func (p Policy) reachNamed(person PersonContext) (bool, Reason) {
	byGroup := false
	for _, t := range p.Targets {
		if t.Kind == SubjectPerson && PersonID(t.ID) == person.ID {
			return true, reasonf("It names %s.", person.Name)
		}
		byGroup = byGroup || t.Kind == SubjectGroup && slices.Contains(person.Groups, EntryID(t.ID))
	}
	if byGroup {
		return true, reasonf("It names a group that %s is in.", person.Name)
	}
	return false, reasonf("It names neither %s nor a group that %[1]s is in.", person.Name)
}

func reachUsers(person PersonContext) (bool, Reason) {
	switch {
	case person.Kind == Member:
		return true, reasonf("%s is a member of the directory.", person.Name)
	case person.Guest == GuestActive || person.Guest == GuestBlocked:
		return true, reasonf("%s is a guest of the directory.", person.Name)
	}
	return false, reasonf("It is for members and guests of the directory, and %s is neither yet.", person.Name)
}

// reachOutsider is reach for the external scopes.
func (p Policy) reachOutsider(person PersonContext) (bool, Reason) {
	o := person.Organization
	switch {
	case p.Scope == ScopeAnyone:
		return true, reasonf("It is for everybody from outside, and %s is from outside.", person.Name)
	case o.ID == "":
		return false, reasonf("It is for people of connected organizations, and %s belongs to none.", person.Name)
	case p.Scope == ScopeSpecificOrgs && slices.Contains(p.Targets, SubjectRef{SubjectOrganization, string(o.ID)}):
		return true, reasonf("%s belongs to %s, which it names.", person.Name, o.Name)
	case p.Scope == ScopeSpecificOrgs:
		return false, reasonf("%s belongs to %s, which it does not name.", person.Name, o.Name)
	case o.State == Configured:
		return true, reasonf("%s belongs to the configured connected organization %s.", person.Name, o.Name)
	}
	return false, reasonf("It is for configured connected organizations, and %s belongs to %s, which is only proposed.",
		person.Name, o.Name)
}
