package access_test

import (
	"strings"
	"testing"

	"myaccess/internal/access"
)

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
			for person, w := range people() {
				if got := p.Matches(w); got != want[person] {
					t.Errorf("%s: %v, want %v", person, got, want[person])
				}
			}
		})
	}
}

// External scopes exclude members even if they have an organization.
func TestMembersAreNotExternal(t *testing.T) {
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
