package access_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
)

func TestCatalogAndPackageCheck(t *testing.T) {
	long := strings.Repeat("é", access.MaxNameLength)
	text := strings.Repeat("é", access.MaxDescriptionLength)
	tests := map[string]struct {
		name, description string
		catalog, pack     string // the fields at fault
	}{
		"fine":                   {"Projects", "What we work on", "", ""},
		"as long as may be":      {long, text, "", ""},
		"no description":         {"Projects", "", "", "description"},
		"no name":                {"", "x", "displayName", "displayName"},
		"a blank name":           {" \t", "x", "displayName", "displayName"},
		"a name too long":        {long + "é", "x", "displayName", "displayName"},
		"a description too long": {"Projects", text + "é", "description", "description"},
		"a name of two lines":    {"Pro\njects", "x", "displayName", "displayName"},
		"two lines of text":      {"Projects", "x\ny", "", ""},
		"a bell in the text":     {"Projects", "x\ay", "description", "description"},
		"not UTF-8":              {"Pro\xff", "x\xff", "displayName description", "displayName description"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			wantFields(t, access.Catalog{Name: tt.name, Description: tt.description}.Check(), tt.catalog)
			wantFields(t, access.Package{Name: tt.name, Description: tt.description}.Check(), tt.pack)
		})
	}
}

func TestOrganizationCheck(t *testing.T) {
	fine := access.Organization{Name: "Harbor Studio", Description: "Design", State: access.Configured,
		Directories: []access.DirectoryID{"d"}}
	wantFields(t, fine.Check(), "")
	proposed := fine
	proposed.State = access.Proposed
	wantFields(t, proposed.Check(), "")
	wantFields(t, access.Organization{}.Check(), "displayName description state identitySources")
}

func TestRoleAssignmentCheck(t *testing.T) {
	person := ref(access.SubjectPerson, "lena")
	for i, r := range access.AdminRoles() {
		perCatalog := i >= 4
		if r.PerCatalog() != perCatalog {
			t.Errorf("%s is given per catalog: %v", r, r.PerCatalog())
		}
		for catalog, ok := range map[access.CatalogID]bool{"": !perCatalog, "projects": perCatalog} {
			want := "catalog"
			if ok {
				want = ""
			}
			wantFields(t, access.RoleAssignment{Role: r, Subject: person, Catalog: catalog}.Check(), want)
		}
	}
	wantFields(t, access.RoleAssignment{Role: "king", Subject: person}.Check(), "role")
	group := ref(access.SubjectGroup, "crew")
	wantFields(t, access.RoleAssignment{Role: access.CatalogCreator, Subject: group}.Check(), "")
	for _, s := range []access.SubjectRef{ref(access.SubjectOrganization, "harbor"), ref("robot", "r2"), {}} {
		wantFields(t, access.RoleAssignment{Role: access.CatalogCreator, Subject: s}.Check(), "subject")
	}
	if access.AdminRole("king").PerCatalog() {
		t.Error("a role that does not exist is given per catalog")
	}
}

func TestSettingsCheck(t *testing.T) {
	tests := map[string]struct {
		change func(*access.Settings)
		want   string
	}{
		"the default":              {func(*access.Settings) {}, ""},
		"at once":                  {func(s *access.Settings) { s.GuestDays = 0 }, ""},
		"ten years":                {func(s *access.Settings) { s.GuestDays = 3660 }, ""},
		"more":                     {func(s *access.Settings) { s.GuestDays = 3661 }, "daysUntilExternalUserDeleted"},
		"less than nothing":        {func(s *access.Settings) { s.GuestDays = -1 }, "daysUntilExternalUserDeleted"},
		"no action":                {func(s *access.Settings) { s.GuestAction = "" }, "externalUserLifecycleAction"},
		"no rule":                  {func(s *access.Settings) { s.DomainRule = "" }, "domainRule"},
		"no visibility":            {func(s *access.Settings) { s.ResourceVisibility = "" }, "resourceVisibility"},
		"a contact that just fits": {func(s *access.Settings) { s.SupportContact = strings.Repeat("é", 200) }, ""},
		"a contact too long": {func(s *access.Settings) { s.SupportContact = strings.Repeat("e", 201) },
			"supportContact"},
		"a contact between blanks": {func(s *access.Settings) { s.SupportContact = " help@meridian.example" },
			"supportContact"},
		"block only, allow by list": {func(s *access.Settings) {
			s.GuestAction, s.DomainRule = access.LifecycleBlock,
				access.DomainsAllow
		}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := access.DefaultSettings()
			tt.change(&s)
			wantFields(t, s.Check(), tt.want)
		})
	}
}

// F-193: one list, which allows or denies; sub-domains are not meant.
func TestMayInvite(t *testing.T) {
	list := []access.Domain{"harbor.example"}
	tests := []struct {
		rule access.DomainRule
		list []access.Domain
		want [3]bool // harbor.example, eu.harbor.example, nothing known
	}{
		{access.DomainsAny, list, [3]bool{true, true, true}},
		{access.DomainsAllow, list, [3]bool{true, false, false}},
		{access.DomainsAllow, nil, [3]bool{false, false, false}},
		{access.DomainsDeny, list, [3]bool{false, true, true}},
		{access.DomainsDeny, nil, [3]bool{true, true, true}},
	}
	for _, tt := range tests {
		s := access.Settings{DomainRule: tt.rule, DomainList: tt.list}
		for i, d := range []access.Domain{"harbor.example", "eu.harbor.example", ""} {
			if got := s.MayInvite(d); got != tt.want[i] {
				t.Errorf("%s %v lets %q in: %v", tt.rule, tt.list, d, got)
			}
			wantKind(t, s.CheckInvite(d), tt.want[i], access.Forbidden)
		}
	}
}

func TestTenantDomain(t *testing.T) {
	if d := (access.Tenant{Domains: []access.Domain{"meridian.example", "m.example"}}).PrimaryDomain(); d != "meridian.example" {
		t.Errorf("links carry %q", d)
	}
	if d := (access.Tenant{}).PrimaryDomain(); d != "" {
		t.Errorf("links of a tenant without domains carry %q", d)
	}
}

func TestSessionAlive(t *testing.T) {
	tests := map[string]struct {
		created, seen time.Duration // before now
		want          bool
	}{
		"new":                {0, 0, true},
		"idle, not too long": {access.MaxSessionIdle - 1, access.MaxSessionIdle - 1, true},
		"idle for too long":  {access.MaxSessionIdle, access.MaxSessionIdle, false},
		"old, not too old":   {access.MaxSessionLifetime - 1, 0, true},
		"too old":            {access.MaxSessionLifetime, 0, false},
	}
	for name, tt := range tests {
		if got := (access.Session{Created: noon.Add(-tt.created), LastSeen: noon.Add(-tt.seen)}).Valid(noon); got != tt.want {
			t.Errorf("%s: alive %v, want %v", name, got, tt.want)
		}
	}
}

// Groups and teams are what policies name, and every kind of thing has a role
// that is given where none is named (F-004).
func TestEntries(t *testing.T) {
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
