package access_test

import (
	"slices"
	"testing"

	"myaccess/internal/access"
)

// Policies can name groups and teams, and every kind of entry has a default
// role (F-004).
func TestEntryCheck(t *testing.T) {
	first := map[access.ResourceKind]string{
		access.KindGroup: "Member", access.KindTeam: "Member", access.KindSite: "Member",
		access.KindApplication: "Default Access",
	}
	for _, k := range access.ResourceKinds() {
		if group := k == access.KindGroup || k == access.KindTeam; (access.Entry{Kind: k}).IsGroup() != group {
			t.Errorf("a %s is a group: %v", k, !group)
		}
		roles := access.DefaultRoles(k)
		if len(roles) == 0 || roles[0] != first[k] || len(slices.Compact(slices.Sorted(slices.Values(roles)))) != len(roles) {
			t.Errorf("the roles of a %s are %q", k, roles)
		}
	}
}
