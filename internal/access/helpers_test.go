package access_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
)

// noon is the current time of the tests.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// wantKind fails the test unless err is a refusal of the kind; "ok" has no err.
func wantKind(t *testing.T, err error, ok bool, kind access.ErrorKind) {
	t.Helper()
	switch {
	case ok && err != nil:
		t.Errorf("refused with %q", err)
	case !ok && err == nil:
		t.Error("was not refused")
	case !ok && access.KindOf(err) != kind:
		t.Errorf("refused with %q of the kind %d, want the kind %d", err, access.KindOf(err), kind)
	}
}

// faultyFields are fields at fault in err, in order and each once.
func faultyFields(err error) []string {
	var es access.Errors
	es.Add(err)
	var names []string
	for _, e := range es {
		names = append(names, e.Field)
	}
	return slices.Compact(names)
}

// wantFields fails the test unless err is invalid input at exactly the fields,
// which are separated by blanks.
func wantFields(t *testing.T, err error, want string) {
	t.Helper()
	if got := strings.Join(faultyFields(err), " "); got != want {
		t.Errorf("faults at %q, want at %q: %v", got, want, err)
	}
	if err != nil && access.KindOf(err) != access.Invalid {
		t.Errorf("is of the kind %d, want invalid: %v", access.KindOf(err), err)
	}
}

// hasMessage reports whether the refusal in err has the message.
func hasMessage(err error, sentence string) bool {
	e, ok := errors.AsType[*access.Error](err)
	return ok && e.Error() == sentence
}

// The people for tests of scopes.
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

func usablePolicies(o access.Offer, person access.PersonContext) string {
	var ids []string
	for _, p := range o.UsablePolicies(person) {
		ids = append(ids, string(p.ID))
	}
	return strings.Join(ids, " ")
}

func stage(days int, approvers ...access.SubjectRef) access.Stage {
	return access.Stage{Days: days, Approvers: approvers}
}

// policiesOfEveryScope returns a policy of every scope; some name people of people().
func policiesOfEveryScope() []access.Policy {
	return []access.Policy{
		policy("named", access.ScopeSpecificUsers, ref(access.SubjectPerson, "lena"), ref(access.SubjectGroup, "crew"),
			ref(access.SubjectPerson, "noor")),
		policy("org", access.ScopeSpecificOrgs, ref(access.SubjectOrganization, "harbor")),
		policy("members", access.ScopeMembers), policy("users", access.ScopeUsers),
		policy("orgs", access.ScopeAllOrgs), policy("anyone", access.ScopeAnyone), policy("direct", access.ScopeNobody),
	}
}
