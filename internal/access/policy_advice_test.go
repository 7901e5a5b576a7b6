package access_test

import (
	"strings"
	"testing"

	"myaccess/internal/access"
)

func names(all access.Errors) string {
	var fields []string
	for _, e := range all {
		fields = append(fields, e.Field)
	}
	return strings.Join(fields, " ")
}

// What is refused for an enabled policy, what is a warning, and that an
// ordinary policy has neither.
func TestAdvise(t *testing.T) {
	lena, omar := people()["member"], people()["grouped"]
	tests := map[string]struct {
		change            func(*access.Policy, *access.PolicyFacts)
		refused, warnings string
	}{
		"nothing": {func(*access.Policy, *access.PolicyFacts) {}, "", ""},
		"no approval": {func(p *access.Policy, f *access.PolicyFacts) {
			p.Stages, f.ActiveApprovers = nil, nil
		}, "", ""},
		"nobody decides": {func(_ *access.Policy, f *access.PolicyFacts) { f.ActiveApprovers[1] = nil }, "stages.2.approvers",
			""},
		"one decides who may request": {func(_ *access.Policy, f *access.PolicyFacts) {
			f.ActiveApprovers[0] = []access.PersonContext{lena}
		}, "", "stages.1.approvers"},
		"one decides who may not": {func(p *access.Policy, f *access.PolicyFacts) {
			p.Scope, p.Targets = access.ScopeAllOrgs, nil
			f.ActiveApprovers[0] = []access.PersonContext{lena}
		}, "", ""},
		"one decides, who alone may request": {func(p *access.Policy, f *access.PolicyFacts) {
			p.Scope, p.Targets = access.ScopeSpecificUsers, []access.SubjectRef{ref(access.SubjectPerson, "lena")}
			f.ActiveApprovers[0], f.Requestors = []access.PersonContext{lena}, []access.Person{lena.Person}
		}, "stages.1.approvers", ""},
		"another may request too": {func(p *access.Policy, f *access.PolicyFacts) {
			p.Scope, p.Targets = access.ScopeSpecificUsers, []access.SubjectRef{ref(access.SubjectPerson, "lena"),
				ref(access.SubjectPerson, "omar")}
			f.ActiveApprovers[0], f.Requestors = []access.PersonContext{lena}, []access.Person{lena.Person, omar.Person}
		}, "", "stages.1.approvers"},
		"each who may request decides one stage alone": {func(p *access.Policy, f *access.PolicyFacts) {
			p.Scope, p.Targets = access.ScopeSpecificUsers, []access.SubjectRef{ref(access.SubjectPerson, "lena"),
				ref(access.SubjectPerson, "omar")}
			f.ActiveApprovers = [][]access.PersonContext{{lena}, {omar}}
			f.Requestors = []access.Person{lena.Person, omar.Person}
		}, "stages.1.approvers stages.2.approvers", ""},
		"so does one who may not": {func(p *access.Policy, f *access.PolicyFacts) {
			p.Scope, p.Targets = access.ScopeSpecificUsers, []access.SubjectRef{ref(access.SubjectPerson, "lena")}
			f.ActiveApprovers = [][]access.PersonContext{{lena}, {omar}}
			f.Requestors = []access.Person{lena.Person}
		}, "stages.1.approvers", ""},
		"two decide, one of whom alone may request": {func(p *access.Policy, f *access.PolicyFacts) {
			p.Scope, p.Targets = access.ScopeSpecificUsers, []access.SubjectRef{ref(access.SubjectPerson, "lena")}
			f.Requestors = []access.Person{lena.Person}
		}, "", ""},
		"an approver is disabled": {func(_ *access.Policy, f *access.PolicyFacts) {
			f.DisabledApprovers[1] = []access.Person{omar.Person}
		}, "", "stages.2.approvers"},
		"the end is now": {func(p *access.Policy, f *access.PolicyFacts) {
			p.Expiration = access.Expiration{Kind: access.AfterDate, End: f.Now.UnixMilli()}
		}, "expiration.date", ""},
		"the end is soon": {func(p *access.Policy, f *access.PolicyFacts) {
			p.Expiration = access.Expiration{Kind: access.AfterDate, End: f.Now.UnixMilli() + 1}
		}, "", ""},
		"nobody is named who is there": {func(p *access.Policy, _ *access.PolicyFacts) {
			p.Scope, p.Targets = access.ScopeSpecificUsers, []access.SubjectRef{ref(access.SubjectGroup, "empty")}
		}, "", "targets.people"},
		"the organizations are deleted": {func(p *access.Policy, _ *access.PolicyFacts) {
			p.Scope = access.ScopeSpecificOrgs
		}, "targets.organizations", ""},
		"anyone, no passcodes": {func(p *access.Policy, f *access.PolicyFacts) {
			p.Scope = access.ScopeAnyone
		}, "", "allowedTargetScope"},
		"anyone, passcodes": {func(p *access.Policy, f *access.PolicyFacts) {
			p.Scope, f.Settings.Passcode = access.ScopeAnyone, true
		}, "", ""},
		"outside, closed": {func(p *access.Policy, f *access.PolicyFacts) {
			p.Scope, f.Catalog.External = access.ScopeAllOrgs, false
		}, "allowedTargetScope", ""},
		"inside, closed": {func(_ *access.Policy, f *access.PolicyFacts) { f.Catalog.External = false }, "", ""},
		"a catalog in the making": {func(_ *access.Policy, f *access.PolicyFacts) { f.Catalog.Published = false }, "",
			"enabled"},
		"direct, not enabled": {func(p *access.Policy, _ *access.PolicyFacts) {
			p.Scope, p.Enabled = access.ScopeNobody,
				false
		}, "", "enabled"},
		"direct, enabled": {func(p *access.Policy, _ *access.PolicyFacts) { p.Scope = access.ScopeNobody }, "", ""},
		"nobody decides, in making": {func(p *access.Policy, f *access.PolicyFacts) {
			p.Enabled, f.ActiveApprovers[0] = false,
				nil
		},
			"", "stages.1.approvers"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := policy("p", access.ScopeMembers)
			p.Stages = []access.Stage{stage(7, ref(access.SubjectPerson, "lena")), stage(7, ref(access.SubjectPerson, "omar"))}
			f := access.PolicyFacts{Catalog: access.Catalog{Published: true, External: true}, Now: noon,
				ActiveApprovers: [][]access.PersonContext{{lena, omar}, {omar, lena}}, DisabledApprovers: [][]access.Person{nil,
					nil}}
			tt.change(&p, &f)
			refused, warnings := p.Advise(f)
			if names(refused) != tt.refused || names(warnings) != tt.warnings {
				t.Errorf("refused %v, warned of %v; want %q and %q", refused, warnings, tt.refused, tt.warnings)
			}
			if p.Enabled {
				wantFields(t, p.CanEnable(f), tt.refused)
			}
		})
	}
}
