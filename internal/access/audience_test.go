package access_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
)

// matchTable is who is in each scope, written by hand from F-070 to F-076: the
// scope, the person's kind, the state of a guest's account, and where the person
// is found among the policy's targets or which organization the person has.
// "any" stands for every value.
func matchTable() []string {
	return []string{
		// scope                                   kind     account  named         organization
		"specificDirectoryUsers                    any      any      person        any",
		"specificDirectoryUsers                    any      any      group         any",
		"allMemberUsers                            member   any      any           any",
		"allDirectoryUsers                         member   any      any           any",
		"allDirectoryUsers                         guest    active   any           any",
		"allDirectoryUsers                         guest    blocked  any           any",
		"allDirectoryUsers                         external active   any           any",
		"allDirectoryUsers                         external blocked  any           any",
		"specificConnectedOrganizationUsers        guest    any      organization  any",
		"specificConnectedOrganizationUsers        external any      organization  any",
		"allConfiguredConnectedOrganizationUsers   guest    any      any           configured",
		"allConfiguredConnectedOrganizationUsers   external any      any           configured",
		"allExternalUsers                          guest    any      any           any",
		"allExternalUsers                          external any      any           any",
	}
}

// expected looks the policy and the person up in the table.
func expected(p access.Policy, who access.PersonContext) bool {
	var named []string
	for _, s := range p.Targets {
		switch {
		case s == access.SubjectRef{Kind: access.SubjectPerson, ID: string(who.ID)}:
			named = append(named, "person")
		case s.Kind == access.SubjectGroup && slices.Contains(who.Groups, access.EntryID(s.ID)):
			named = append(named, "group")
		case s.Kind == access.SubjectOrganization && who.Organization.ID != "" && s.ID == string(who.Organization.ID):
			named = append(named, "organization")
		}
	}
	facts := [][]string{{string(p.Scope)}, {string(who.Kind)}, {string(who.Guest)}, named,
		{string(who.Organization.State)}}
	return slices.ContainsFunc(matchTable(), func(line string) bool {
		for i, cell := range strings.Fields(line) {
			if cell != "any" && !slices.Contains(facts[i], cell) {
				return false
			}
		}
		return true
	})
}

// randomPolicies makes people and policies of few subjects, so that many meet.
type randomPolicies struct{ *rand.Rand }

func (m randomPolicies) id(prefix string) string { return fmt.Sprint(prefix, m.IntN(4)) }

func (m randomPolicies) person() access.PersonContext {
	kinds := []access.PersonKind{access.Member, access.Guest, access.External}
	who := access.PersonContext{Person: access.Person{ID: access.PersonID(m.id("p")), Kind: kinds[m.IntN(3)],
		Guest: access.GuestStates()[m.IntN(4)], Disabled: m.IntN(5) == 0}}
	if m.IntN(9) == 0 {
		who.ID = "" // not stored yet
	}
	for range m.IntN(3) {
		who.Groups = append(who.Groups, access.EntryID(m.id("g")))
	}
	if n := m.IntN(4); n > 0 {
		id := access.OrganizationID(fmt.Sprint("o", n))
		state := access.Configured
		if n == 1 {
			state = access.Proposed
		}
		who.Organization = access.Organization{ID: id, State: state}
	}
	return who
}

func (m randomPolicies) policy() access.Policy {
	p := access.Policy{Scope: access.Scopes()[m.IntN(len(access.Scopes()))], Enabled: m.IntN(4) > 0}
	for range m.IntN(4) { // subjects of every kind, also where the scope takes no such
		p.Targets = append(p.Targets, [...]access.SubjectRef{ref(access.SubjectPerson, m.id("p")),
			ref(access.SubjectGroup, m.id("g")), ref(access.SubjectOrganization, m.id("o"))}[m.IntN(3)])
	}
	if p.Scope == access.ScopeSpecificUsers {
		p.Targets = slices.DeleteFunc(p.Targets, func(s access.SubjectRef) bool {
			return s.Kind == access.SubjectOrganization
		})
	}
	if p.Scope == access.ScopeSpecificOrgs {
		p.Targets = slices.DeleteFunc(p.Targets, func(s access.SubjectRef) bool {
			return s.Kind != access.SubjectOrganization
		})
	}
	return p
}

func haveCommonKey(a, b []access.AudienceKey) bool {
	return slices.ContainsFunc(a, func(k access.AudienceKey) bool { return slices.Contains(b, k) })
}

// TestAudienceKeysMatchTable: for random people and policies, having a key in
// common is what the table says, and Matches says the same.
func TestAudienceKeysMatchTable(t *testing.T) {
	m := randomPolicies{rand.New(rand.NewPCG(7, 11))}
	matched := map[access.Scope]int{}
	for range 40_000 {
		p, who := m.policy(), m.person()
		want := expected(p, who)
		if got := haveCommonKey(p.AudienceKeys(), who.AudienceKeys()); got != want {
			t.Fatalf("%+v and %+v: %v, want %v", p, who, got, want)
		}
		if got := p.Matches(who); got != want {
			t.Fatalf("%+v matches %+v: %v, want %v", p, who, got, want)
		}
		if want {
			matched[p.Scope]++
		}
	}
	for _, s := range access.Scopes() {
		if (matched[s] > 100) != (s != access.ScopeNobody) {
			t.Errorf("%s matched %d times", s, matched[s])
		}
	}
}

// TestOfferKeysAreUsable: a package that is not hidden is listed to exactly the
// people who have a usable policy of it.
func TestOfferKeysAreUsable(t *testing.T) {
	m := randomPolicies{rand.New(rand.NewPCG(3, 5))}
	listed := 0
	for range 20_000 {
		o := access.Offer{Catalog: access.Catalog{Published: m.IntN(5) > 0, External: m.IntN(4) > 0}}
		for range m.IntN(4) {
			o.Policies = append(o.Policies, m.policy())
		}
		who := m.person()
		who.Disabled = false
		want := len(o.UsablePolicies(who)) > 0
		if got := haveCommonKey(o.AudienceKeys(), who.AudienceKeys()); got != want {
			t.Fatalf("%+v to %+v: %v, want %v", o, who, got, want)
		}
		if o.Package.Hidden = true; len(o.AudienceKeys()) > 0 {
			t.Fatal("a hidden package is listed")
		}
		if want {
			listed++
		}
	}
	if listed < 1000 {
		t.Errorf("only %d packages were listed", listed)
	}
}

// TestStoredAudienceKeys: keys are stored, so they must stay as they are.
func TestStoredAudienceKeys(t *testing.T) {
	o := offer(policiesOfEveryScope()...)
	want := []access.AudienceKey{
		"in allDirectoryUsers", "in allMemberUsers", "in specificDirectoryUsers groupMembers crew",
		"in specificDirectoryUsers singleUser lena", "in specificDirectoryUsers singleUser noor",
		"out allConfiguredConnectedOrganizationUsers", "out allDirectoryUsers", "out allExternalUsers",
		"out specificConnectedOrganizationUsers connectedOrganizationMembers harbor",
		"out specificDirectoryUsers groupMembers crew", "out specificDirectoryUsers singleUser lena",
		"out specificDirectoryUsers singleUser noor"}
	if got := o.AudienceKeys(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
