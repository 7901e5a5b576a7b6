package access

import (
	"strings"
)

// Entry is a group, team, site or application of the built-in directory. Groups
// and teams are the groups that policies, approvals and roles can name.
type Entry struct {
	ID          EntryID
	Tenant      TenantID
	Kind        ResourceKind
	Name        string
	Description string
	Link        string
	Roles       []string // names; the first is the default
	Version     int64
}

// Membership is a person's role in an entry of the built-in directory.
type Membership struct {
	Entry          EntryID
	Role           string
	Person         PersonID
	IdempotencyKey string // of the call that changed it
}

// IsGroup reports whether policies can name the entry's members.
func (e Entry) IsGroup() bool { return e.Kind == KindGroup || e.Kind == KindTeam }

// DefaultRoles returns the roles of an entry of kind k that names none (F-004).
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

// Check finds every fault of an entry of the built-in directory.
func (e Entry) Check() error {
	var es Errors
	es.Add(checkName("displayName", e.Name))
	es.Add(checkDescription("description", e.Description, false))
	if !e.Kind.known() {
		es.Add(Invalidf("type", "Choose a type."))
	}
	if e.Link != "" &&
		(len(e.Link) > 2000 || !strings.HasPrefix(e.Link, "https://") && !strings.HasPrefix(e.Link, "http://") ||
			!printable(e.Link, false) || strings.ContainsAny(e.Link, " \"<>")) {
		es.Add(Invalidf("webUrl", "Enter a link that begins with https:// or http://."))
	}
	if len(e.Roles) == 0 || len(e.Roles) > 20 {
		es.Add(Invalidf("roles", "Enter 1 to 20 roles."))
	}
	seen := map[string]bool{}
	for _, r := range e.Roles {
		if checkName("roles", r) != nil || seen[r] {
			es.Add(Invalidf("roles", "Give each role a unique name of at most %d characters.", MaxNameLength))
			break
		}
		seen[r] = true
	}
	if e.IsGroup() && !seen["Member"] {
		es.Add(Invalidf("roles", "A group or team needs the role Member."))
	}
	return es.Err()
}
