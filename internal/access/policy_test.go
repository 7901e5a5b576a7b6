package access_test

import (
	"strings"
	"testing"

	"myaccess/internal/access"
)

// A valid policy, and each fault alone.
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

// A catalog that is not externally visible takes no policy with an external
// scope.
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

func TestPolicyUse(t *testing.T) {
	for _, tt := range []struct {
		use access.PolicyUse
		ok  bool
	}{{access.PolicyUse{}, true}, {access.PolicyUse{HasAssignments: true}, false},
		{access.PolicyUse{HasOpenRequests: true}, false}} {
		wantKind(t, tt.use.CanDelete(), tt.ok, access.Conflict)
	}
}
