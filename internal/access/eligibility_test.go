package access_test

import (
	"strings"
	"testing"

	"myaccess/internal/access"
)

// For every two policies, every person, and every switch, Eligibility agrees
// with the rules and gives a reason.
func TestEligibilityMatchesRules(t *testing.T) {
	all := policiesOfEveryScope()
	cells, can := 0, 0
	for i, a := range all {
		for _, b := range all[i:] {
			for switches := range 1 << 5 {
				on := func(bit int) bool { return switches&(1<<bit) != 0 }
				a.Enabled = on(0)
				o := offer(a, b)
				o.Catalog.Published, o.Catalog.External = on(1), on(2)
				h := access.ExistingAccess{Assigned: on(3), Requested: on(4)}
				for name, person := range people() {
					for _, rule := range []access.DomainRule{access.DomainsAny, access.DomainsAllow} {
						for _, disabled := range []bool{false, true} {
							person.Disabled, person.Name = disabled, name
							cells++
							if expectEligibility(t, o, person, h, access.Settings{DomainRule: rule}) {
								can++
							}
						}
					}
				}
			}
		}
	}
	t.Logf("%d cases, %d of them requestable", cells, can)
	if can == 0 || can == cells {
		t.Error("the walk tells nothing apart")
	}
}

// expectEligibility compares Eligibility with the result of a request.
func expectEligibility(t *testing.T, o access.Offer, person access.PersonContext, h access.ExistingAccess,
	s access.Settings) bool {
	t.Helper()
	e := o.Eligibility(person, h, s)
	if want := len(o.UsablePolicies(person)) > 0 && h.CanRequest(person, s) == nil; e.CanRequest != want {
		t.Errorf("%s: explained %v, decided %v: %+v", person.Name, e.CanRequest, want, e)
	}
	var ids []string
	for _, a := range e.Policies {
		if a.Usable {
			ids = append(ids, string(a.Policy.ID))
		}
		if a.InScope != a.Policy.Matches(person) {
			t.Errorf("%s: wrong scope of %s", person.Name, a.Policy.ID)
		}
		if a.Reason == nil || strings.Contains(a.Reason.Error(), "%!") {
			t.Errorf("%s: no sentence for %s: %v", person.Name, a.Policy.ID, a.Reason)
		}
	}
	if got := strings.Join(ids, " "); got != usablePolicies(o, person) {
		t.Errorf("%s: explained %q, offered %q", person.Name, got, usablePolicies(o, person))
	}
	anyUsable := len(ids) > 0
	if !e.CanRequest && anyUsable && e.Reason == nil {
		t.Errorf("%s: cannot request, but there is no reason", person.Name)
	}
	if e.CanRequest && e.Reason != nil {
		t.Errorf("%s: can request, and yet: %v", person.Name, e.Reason)
	}
	return e.CanRequest
}

// Each reason.
func TestEligibilityReasons(t *testing.T) {
	tests := []struct{ person, policy, want string }{
		{"member", "named", "It names member."},
		{"grouped", "named", "It names a group that grouped is in."},
		{"external", "named", "It doesn't name external or a group that external is in."},
		{"member", "members", "member is a member of the directory."},
		{"guest", "members", "It is for members of the directory, and guest is not one."},
		{"guest", "users", "guest is a guest of the directory."},
		{"removed", "users", "It is for members and guests of the directory, and removed is neither yet."},
		{"member", "org", "It is for external users, and member is a member of the directory."},
		{"external", "org", "external belongs to Harbor, which it names."},
		{"proposed", "org", "proposed belongs to Odd, which it does not name."},
		{"stranger", "org", "It is for people of connected organizations, and stranger belongs to none."},
		{"external", "orgs", "external belongs to the configured connected organization Harbor."},
		{"proposed", "orgs", "It is for configured connected organizations, and proposed belongs to Odd, which is only " +
			"proposed."},
		{"stranger", "anyone", "It is for all external users, and stranger is one."},
		{"member", "direct", "It is for direct assignment by administrators only."},
	}
	for _, tt := range tests {
		person := people()[tt.person]
		person.Name = tt.person
		person.Organization.Name = map[access.OrganizationID]string{"harbor": "Harbor", "odd": "Odd"}[person.Organization.ID]
		for _, p := range policiesOfEveryScope() {
			if string(p.ID) != tt.policy {
				continue
			}
			e := offer(p).Eligibility(person, access.ExistingAccess{}, access.Settings{})
			if got := e.Policies[0].Reason.Error(); got != tt.want {
				t.Errorf("%s, %s: %q, want %q", tt.person, tt.policy, got, tt.want)
			}
		}
	}
	lena := people()["member"]
	lena.Name = "Lena"
	off := policy("off", access.ScopeMembers)
	off.Enabled = false
	e := offer(policy("named", access.ScopeSpecificUsers, ref(access.SubjectPerson, "lena")),
		policy("members", access.ScopeMembers), off).
		Eligibility(lena, access.ExistingAccess{}, access.Settings{})
	for i, want := range []string{"It names Lena.", "Lena is in its scope, but a more specific policy applies.",
		"Lena is in its scope, but the policy is not enabled."} {
		if got := e.Policies[i].Reason.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
