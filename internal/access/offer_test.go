package access_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
)

// If several policies match, only those of the first priority are offered
// (F-082).
func TestPriority(t *testing.T) {
	named := policy("named", access.ScopeSpecificUsers, ref(access.SubjectPerson, "lena"),
		ref(access.SubjectPerson, "mara"))
	org := policy("org", access.ScopeSpecificOrgs, ref(access.SubjectOrganization, "harbor"))
	members, users := policy("members", access.ScopeMembers), policy("users", access.ScopeUsers)
	orgs, anyone := policy("orgs", access.ScopeAllOrgs), policy("anyone", access.ScopeAnyone)
	off := named
	off.ID, off.Enabled = "off", false
	tests := map[string]struct {
		person   string
		policies []access.Policy
		want     string
	}{
		"named before members":           {"member", []access.Policy{users, members, named}, "named"},
		"members before users":           {"member", []access.Policy{users, members}, "members"},
		"not named":                      {"grouped", []access.Policy{users, members, named}, "members"},
		"one that is off does not count": {"member", []access.Policy{off, users}, "users"},
		"organization before all":        {"external", []access.Policy{anyone, orgs, org}, "org"},
		"two of the last class":          {"external", []access.Policy{orgs, anyone}, "orgs anyone"},
		"users before all from outside":  {"guest", []access.Policy{orgs, users, anyone}, "users"},
		"named and organization":         {"guest", []access.Policy{org, users, named}, "org named"},
		"a stranger":                     {"stranger", []access.Policy{org, orgs, users, members, named, anyone}, "anyone"},
		"direct assignment only":         {"member", []access.Policy{policy("direct", access.ScopeNobody)}, ""},
		"two of one class, in order": {"member", []access.Policy{policy("b", access.ScopeMembers),
			policy("a", access.ScopeMembers)}, "b a"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := usablePolicies(offer(tt.policies...), people()[tt.person]); got != tt.want {
				t.Errorf("offered %q, want %q", got, tt.want)
			}
		})
	}
}

// All people here are in the scope of an enabled policy; the switches of the
// catalog and the person decide (F-032, F-033, F-140).
func TestDisabledPoliciesAndCatalogs(t *testing.T) {
	tests := map[string]struct {
		person    string
		published bool
		external  bool
		hidden    bool
		disabled  bool
		want      bool
	}{
		"member":                            {"member", true, true, false, false, true},
		"member, closed to the outside":     {"member", true, false, false, false, true},
		"member, not published":             {"member", false, true, false, false, false},
		"member, disabled":                  {"member", true, true, false, true, false},
		"member, hidden":                    {"member", true, true, true, false, true},
		"external":                          {"external", true, true, false, false, true},
		"external, closed to the outside":   {"external", true, false, false, false, false},
		"external, not published":           {"external", false, true, false, false, false},
		"external, disabled":                {"external", true, true, false, true, false},
		"guest, closed to the outside":      {"guest", true, false, false, false, false},
		"guest named by a policy for users": {"guest", true, true, true, false, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := offer(policy("users", access.ScopeUsers), policy("anyone", access.ScopeAnyone))
			o.Catalog.Published, o.Catalog.External, o.Package.Hidden = tt.published, tt.external, tt.hidden
			person := people()[tt.person]
			person.Disabled = tt.disabled
			if got := usablePolicies(o, person) != ""; got != tt.want {
				t.Errorf("may request: %v, want %v", got, tt.want)
			}
			if _, err := o.SelectPolicy(person, ""); !tt.want && !cmp.Equal(err, error(access.Missing())) {
				t.Errorf("refused with %v, want what is said of a thing that does not exist", err)
			}
		})
	}
}

func TestSelectPolicy(t *testing.T) {
	a, b := policy("a", access.ScopeMembers), policy("b", access.ScopeMembers)
	strict := policy("strict", access.ScopeSpecificUsers, ref(access.SubjectPerson, "someone"))
	tests := map[string]struct {
		policies []access.Policy
		choose   access.PolicyID
		want     access.PolicyID
		kind     access.ErrorKind
	}{
		"the only one":                   {[]access.Policy{a, strict}, "", "a", 0},
		"the one chosen":                 {[]access.Policy{a, b}, "b", "b", 0},
		"no choice made":                 {[]access.Policy{a, b}, "", "", access.Invalid},
		"one of another class or scope":  {[]access.Policy{a, strict}, "strict", "", access.Conflict},
		"one that does not exist":        {[]access.Policy{a, b}, "c", "", access.Conflict},
		"the only one, another was sent": {[]access.Policy{a}, "b", "", access.Conflict},
		"none":                           {[]access.Policy{strict}, "strict", "", access.NotFound},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := offer(tt.policies...).SelectPolicy(people()["member"], tt.choose)
			wantKind(t, err, tt.want != "", tt.kind)
			if got.ID != tt.want {
				t.Errorf("chose %q, want %q", got.ID, tt.want)
			}
		})
	}
}
