package access_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
)

// The people whom scopes are asked about.
func people() map[string]access.PersonContext {
	harbor := access.Organization{ID: "harbor", State: access.Configured}
	odd := access.Organization{ID: "odd", State: access.Proposed}
	return map[string]access.PersonContext{
		"member": {Person: access.Person{ID: "lena", Kind: access.Member, Guest: access.GuestNone}},
		"grouped": {Person: access.Person{ID: "omar", Kind: access.Member, Guest: access.GuestNone},
			Groups: []access.EntryID{"readers", "crew"}},
		"guest":    {Person: access.Person{ID: "mara", Kind: access.Guest, Guest: access.GuestActive}, Organization: harbor},
		"blocked":  {Person: access.Person{ID: "noor", Kind: access.Guest, Guest: access.GuestBlocked}, Organization: harbor},
		"removed":  {Person: access.Person{ID: "olaf", Kind: access.Guest, Guest: access.GuestRemoved}, Organization: harbor},
		"external": {Person: access.Person{ID: "pia", Kind: access.External, Guest: access.GuestNone}, Organization: harbor},
		"proposed": {Person: access.Person{ID: "quin", Kind: access.External, Guest: access.GuestNone}, Organization: odd},
		"stranger": {Person: access.Person{ID: "rolf", Kind: access.External, Guest: access.GuestNone}},
	}
}

func ref(kind access.SubjectKind, id string) access.SubjectRef {
	return access.SubjectRef{Kind: kind, ID: id}
}

// Every scope against every person (F-070 to F-077).
func TestMatches(t *testing.T) {
	tests := map[string]struct {
		scope   access.Scope
		targets []access.SubjectRef
		want    string
	}{
		"a person named": {access.ScopeSpecificUsers, []access.SubjectRef{ref(access.SubjectPerson, "lena")},
			"member"},
		"a group named": {access.ScopeSpecificUsers, []access.SubjectRef{ref(access.SubjectGroup, "crew")},
			"grouped"},
		"a group is no person": {access.ScopeSpecificUsers, []access.SubjectRef{ref(access.SubjectGroup, "lena"),
			ref(access.SubjectPerson, "crew")}, ""},
		"nobody named":       {access.ScopeSpecificUsers, nil, ""},
		"members":            {access.ScopeMembers, nil, "member grouped"},
		"members and guests": {access.ScopeUsers, nil, "member grouped guest blocked"},
		"an organization": {access.ScopeSpecificOrgs, []access.SubjectRef{ref(access.SubjectOrganization, "harbor")},
			"guest blocked removed external"},
		"a proposed one named": {access.ScopeSpecificOrgs, []access.SubjectRef{ref(access.SubjectOrganization, "odd")},
			"proposed"},
		"no organization named": {access.ScopeSpecificOrgs, []access.SubjectRef{ref(access.SubjectOrganization, "")}, ""},
		"all configured":        {access.ScopeAllOrgs, nil, "guest blocked removed external"},
		"anyone from outside":   {access.ScopeAnyone, nil, "guest blocked removed external proposed stranger"},
		"nobody":                {access.ScopeNobody, nil, ""},
		"no scope at all":       {"", []access.SubjectRef{ref(access.SubjectPerson, "lena")}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := access.Policy{Scope: tt.scope, Targets: tt.targets}
			want := map[string]bool{}
			for _, s := range strings.Fields(tt.want) {
				want[s] = true
			}
			for who, w := range people() {
				if got := p.Matches(w); got != want[who] {
					t.Errorf("%s: %v, want %v", who, got, want[who])
				}
			}
		})
	}
}

// A member's organization, should there be one, is no way into what is for
// people from outside.
func TestMembersAreNotFromOutside(t *testing.T) {
	w := people()["external"]
	w.Kind = access.Member
	for _, s := range access.Scopes() {
		p := access.Policy{Scope: s, Targets: []access.SubjectRef{ref(access.SubjectOrganization, "harbor")}}
		if s.External() && p.Matches(w) {
			t.Errorf("%s matches a member", s)
		}
	}
}

func TestScopesAreExternal(t *testing.T) {
	external := map[access.Scope]bool{access.ScopeSpecificOrgs: true, access.ScopeAllOrgs: true, access.ScopeAnyone: true}
	for _, s := range access.Scopes() {
		if s.External() != external[s] {
			t.Errorf("%s is external: %v", s, s.External())
		}
	}
}

func policy(id string, s access.Scope, targets ...access.SubjectRef) access.Policy {
	return access.Policy{ID: access.PolicyID(id), Name: id, Scope: s, Targets: targets, Enabled: true,
		Terms: access.Terms{Expiration: access.Expiration{Kind: access.NoExpiration}}}
}

func offer(ps ...access.Policy) access.Offer {
	return access.Offer{
		Package:  access.Package{ID: "package", Tenant: "meridian"},
		Catalog:  access.Catalog{Published: true, External: true},
		Policies: ps,
	}
}

func usable(o access.Offer, who access.PersonContext) string {
	var ids []string
	for _, p := range o.UsablePolicies(who) {
		ids = append(ids, string(p.ID))
	}
	return strings.Join(ids, " ")
}

// Of several that match, only those of the strictest class are offered (F-082).
func TestPriority(t *testing.T) {
	named := policy("named", access.ScopeSpecificUsers, ref(access.SubjectPerson, "lena"),
		ref(access.SubjectPerson, "mara"))
	org := policy("org", access.ScopeSpecificOrgs, ref(access.SubjectOrganization, "harbor"))
	members, users := policy("members", access.ScopeMembers), policy("users", access.ScopeUsers)
	orgs, anyone := policy("orgs", access.ScopeAllOrgs), policy("anyone", access.ScopeAnyone)
	off := named
	off.ID, off.Enabled = "off", false
	tests := map[string]struct {
		who      string
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
			if got := usable(offer(tt.policies...), people()[tt.who]); got != tt.want {
				t.Errorf("offered %q, want %q", got, tt.want)
			}
		})
	}
}

// Everybody here is in the scope of an enabled policy; the switches of the
// catalog and of the person decide (F-032, F-033, F-140).
func TestSwitches(t *testing.T) {
	tests := map[string]struct {
		who       string
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
			who := people()[tt.who]
			who.Disabled = tt.disabled
			if got := usable(o, who) != ""; got != tt.want {
				t.Errorf("may request: %v, want %v", got, tt.want)
			}
			if _, err := o.SelectPolicy(who, ""); !tt.want && !cmp.Equal(err, error(access.Missing())) {
				t.Errorf("refused with %v, want what is said of a thing that does not exist", err)
			}
		})
	}
}

func TestOfferPolicy(t *testing.T) {
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

func TestTri(t *testing.T) {
	for _, def := range []bool{true, false} {
		for tri, want := range map[access.Inheritable]bool{access.Yes: true, access.No: false, access.Inherit: def, "": def} {
			if got := tri.Or(def); got != want {
				t.Errorf("%q or %v is %v", tri, def, got)
			}
		}
	}
}

func TestEndFrom(t *testing.T) {
	tests := map[string]struct {
		e    access.Expiration
		want time.Time
	}{
		"never":     {access.Expiration{Kind: access.NoExpiration}, time.Time{}},
		"on a date": {access.Expiration{Kind: access.AfterDate, End: noon.Add(day).UnixMilli()}, noon.Add(day)},
		"days":      {access.Expiration{Kind: access.AfterDuration, Days: 30}, noon.AddDate(0, 0, 30)},
		"hours":     {access.Expiration{Kind: access.AfterDuration, Hours: 8}, noon.Add(8 * time.Hour)},
		"unknown":   {access.Expiration{}, time.Time{}},
	}
	for name, tt := range tests {
		if got := tt.e.EndFrom(noon); !got.Equal(tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func stage(days int, approvers ...access.SubjectRef) access.Stage {
	return access.Stage{Days: days, Approvers: approvers}
}

// A policy without fault, and each fault that it can have by itself.
func TestPolicyCheck(t *testing.T) {
	omar := ref(access.SubjectPerson, "omar")
	org := ref(access.SubjectOrganization, "harbor")
	ok := stage(14, omar, ref(access.SubjectGroup, "crew"))
	tests := map[string]struct {
		change func(*access.Policy)
		want   string
	}{
		"nothing": {func(*access.Policy) {}, ""},
		"no name": {func(p *access.Policy) { p.Name = " " }, "policyName"},
		"long description": {func(p *access.Policy) { p.Description = strings.Repeat("é", access.MaxDescriptionLength+1) },
			"policyDescription"},
		"no scope":      {func(p *access.Policy) { p.Scope = "" }, "allowedTargetScope"},
		"named, nobody": {func(p *access.Policy) { p.Scope = access.ScopeSpecificUsers }, "targets.people"},
		"named, somebody": {func(p *access.Policy) {
			p.Scope, p.Targets = access.ScopeSpecificUsers,
				[]access.SubjectRef{omar}
		}, ""},
		"all, somebody": {func(p *access.Policy) { p.Targets = []access.SubjectRef{omar} }, "targets.people"},
		"users, an organization": {func(p *access.Policy) {
			p.Scope, p.Targets = access.ScopeSpecificUsers,
				[]access.SubjectRef{org}
		}, "targets.people"},
		"users, something unknown": {func(p *access.Policy) {
			p.Scope, p.Targets = access.ScopeSpecificUsers, []access.SubjectRef{ref("robot", "r2")}
		}, "targets.people"},
		"organizations, a person": {func(p *access.Policy) {
			p.Scope, p.Targets = access.ScopeSpecificOrgs,
				[]access.SubjectRef{omar}
		}, "targets.organizations"},
		"organizations, named": {func(p *access.Policy) {
			p.Scope, p.Targets = access.ScopeSpecificOrgs,
				[]access.SubjectRef{org}
		}, ""},
		"anyone, no approval": {func(p *access.Policy) { p.Scope = access.ScopeAnyone }, "stages"},
		"anyone, approval": {func(p *access.Policy) { p.Scope, p.Stages = access.ScopeAnyone, []access.Stage{ok} },
			""},
		"three stages": {func(p *access.Policy) { p.Stages = []access.Stage{ok, ok, ok} }, ""},
		"four stages":  {func(p *access.Policy) { p.Stages = []access.Stage{ok, ok, ok, ok} }, "stages"},
		"no approver":  {func(p *access.Policy) { p.Stages = []access.Stage{stage(7)} }, "stages.1.approvers"},
		"an organization approves": {func(p *access.Policy) { p.Stages = []access.Stage{ok, stage(7, omar, org)} },
			"stages.2.approvers"},
		"no time":       {func(p *access.Policy) { p.Stages = []access.Stage{stage(0, omar)} }, "stages.1.days"},
		"one day":       {func(p *access.Policy) { p.Stages = []access.Stage{stage(1, omar)} }, ""},
		"too much time": {func(p *access.Policy) { p.Stages = []access.Stage{ok, ok, stage(15, omar)} }, "stages.3.days"},
		"no expiration": {func(p *access.Policy) { p.Expiration = access.Expiration{} }, "expiration"},
		"questions": {func(p *access.Policy) {
			p.Questions = []access.Question{{ID: "q", Kind: access.ShortText, Text: "Why?"}}
		}, ""},
		"a question without a text": {func(p *access.Policy) {
			p.Questions = []access.Question{{ID: "q", Kind: access.ShortText}}
		}, "questions.1.text"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := policy("p", access.ScopeMembers)
			tt.change(&p)
			wantFields(t, p.Check(access.Catalog{Name: "Projects", External: true}), tt.want)
		})
	}
}

// A catalog that is closed to the outside takes no policy for people outside.
func TestPolicyCheckCatalog(t *testing.T) {
	for _, s := range access.Scopes() {
		p := policy("p", s)
		p.Stages = []access.Stage{stage(7, ref(access.SubjectPerson, "omar"))}
		switch s {
		case access.ScopeSpecificUsers:
			p.Targets = []access.SubjectRef{ref(access.SubjectPerson, "lena")}
		case access.ScopeSpecificOrgs:
			p.Targets = []access.SubjectRef{ref(access.SubjectOrganization, "harbor")}
		}
		if err := p.Check(access.Catalog{External: true}); err != nil {
			t.Errorf("%s in an open catalog: %v", s, err)
		}
		want := ""
		if s.External() {
			want = "allowedTargetScope"
		}
		wantFields(t, p.Check(access.Catalog{}), want)
	}
}

func TestExpirationCheck(t *testing.T) {
	date, dur := access.AfterDate, access.AfterDuration
	tests := []struct {
		e  access.Expiration
		ok bool
	}{
		{access.Expiration{Kind: access.NoExpiration}, true},
		{access.Expiration{Kind: access.NoExpiration, Days: 1}, false},
		{access.Expiration{Kind: date, End: 1}, true},
		{access.Expiration{Kind: date}, false},
		{access.Expiration{Kind: date, End: -1}, false},
		{access.Expiration{Kind: date, End: 1, Hours: 1}, false},
		{access.Expiration{Kind: dur, Days: 1}, true},
		{access.Expiration{Kind: dur, Days: 3660}, true},
		{access.Expiration{Kind: dur, Days: 3661}, false},
		{access.Expiration{Kind: dur}, false},
		{access.Expiration{Kind: dur, Days: -1}, false},
		{access.Expiration{Kind: dur, Hours: 1}, true},
		{access.Expiration{Kind: dur, Hours: 3660*24 + 1}, false},
		{access.Expiration{Kind: dur, Days: 1, Hours: 1}, false},
		{access.Expiration{Kind: dur, Days: 1, End: 1}, false},
		{access.Expiration{Kind: "sometime", Days: 1}, false},
	}
	for _, tt := range tests {
		p := policy("p", access.ScopeMembers)
		p.Expiration = tt.e
		if err := p.Check(access.Catalog{}); (err == nil) != tt.ok {
			t.Errorf("%+v: %v, want ok %v", tt.e, err, tt.ok)
		}
	}
}
