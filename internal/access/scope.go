package access

import (
	"slices"
)

// Scope says whom a policy lets request. The names are those of the Graph
// allowedTargetScope.
type Scope string

// The scopes of a policy.
const (
	ScopeSpecificUsers Scope = "specificDirectoryUsers"                  // F-070: people and groups named
	ScopeMembers       Scope = "allMemberUsers"                          // F-071: members, no guests
	ScopeUsers         Scope = "allDirectoryUsers"                       // F-072: members and guests
	ScopeSpecificOrgs  Scope = "specificConnectedOrganizationUsers"      // F-073: organizations named, proposed ones too
	ScopeAllOrgs       Scope = "allConfiguredConnectedOrganizationUsers" // F-074: configured ones, later ones too
	ScopeAnyone        Scope = "allExternalUsers"                        // F-075: anybody from outside
	ScopeNobody        Scope = "notSpecified"                            // F-076: direct assignment only
)

// Scopes lists every scope.
func Scopes() []Scope {
	return []Scope{ScopeSpecificUsers, ScopeMembers, ScopeUsers, ScopeSpecificOrgs, ScopeAllOrgs, ScopeAnyone, ScopeNobody}
}

// External reports whether the scope is for people outside the tenant's
// directory.
func (s Scope) External() bool {
	return s == ScopeSpecificOrgs || s == ScopeAllOrgs || s == ScopeAnyone
}

// priority orders policies that match one person: only those of the lowest
// number are offered (F-082).
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

// Matches reports whether who is in the policy's scope. It does not ask
// whether the policy is enabled.
func (p Policy) Matches(who PersonContext) bool {
	in, _ := p.reach(who)
	return in
}

// reach reports whether who is in the policy's scope, and why.
func (p Policy) reach(who PersonContext) (bool, Reason) {
	switch p.Scope {
	case ScopeSpecificUsers:
		return p.reachNamed(who)
	case ScopeMembers:
		if who.Kind == Member {
			return true, because("%s is a member of the directory.", who.Name)
		}
		return false, because("It is for members of the directory, and %s is not one.", who.Name)
	case ScopeUsers:
		return reachUsers(who)
	case ScopeSpecificOrgs, ScopeAllOrgs, ScopeAnyone:
		if !who.Outsider() {
			return false, because("It is for people from outside, and %s is a member of the directory.", who.Name)
		}
		return p.reachOutsider(who)
	case ScopeNobody:
	}
	return false, because("It is for direct assignment by administrators only.")
}

func (p Policy) reachNamed(who PersonContext) (bool, Reason) {
	byGroup := false
	for _, t := range p.Targets {
		if t.Kind == SubjectPerson && PersonID(t.ID) == who.ID {
			return true, because("It names %s.", who.Name)
		}
		byGroup = byGroup || t.Kind == SubjectGroup && slices.Contains(who.Groups, EntryID(t.ID))
	}
	if byGroup {
		return true, because("It names a group that %s is in.", who.Name)
	}
	return false, because("It names neither %s nor a group that %[1]s is in.", who.Name)
}

func reachUsers(who PersonContext) (bool, Reason) {
	switch {
	case who.Kind == Member:
		return true, because("%s is a member of the directory.", who.Name)
	case who.Guest == GuestActive || who.Guest == GuestBlocked:
		return true, because("%s is a guest of the directory.", who.Name)
	}
	return false, because("It is for members and guests of the directory, and %s is neither yet.", who.Name)
}

// reachOutsider is reach for the scopes of people from outside.
func (p Policy) reachOutsider(who PersonContext) (bool, Reason) {
	o := who.Organization
	switch {
	case p.Scope == ScopeAnyone:
		return true, because("It is for everybody from outside, and %s is from outside.", who.Name)
	case o.ID == "":
		return false, because("It is for people of connected organizations, and %s belongs to none.", who.Name)
	case p.Scope == ScopeSpecificOrgs && slices.Contains(p.Targets, SubjectRef{SubjectOrganization, string(o.ID)}):
		return true, because("%s belongs to %s, which it names.", who.Name, o.Name)
	case p.Scope == ScopeSpecificOrgs:
		return false, because("%s belongs to %s, which it does not name.", who.Name, o.Name)
	case o.State == Configured:
		return true, because("%s belongs to the configured connected organization %s.", who.Name, o.Name)
	}
	return false, because("It is for configured connected organizations, and %s belongs to %s, which is only proposed.",
		who.Name, o.Name)
}
