package access_test

import (
	"strings"
	"testing"

	"myaccess/internal/access"
)

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

// F-193: one list, which allows or denies; it does not include sub-domains.
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
				t.Errorf("%s %v admits %q: %v", tt.rule, tt.list, d, got)
			}
			wantKind(t, s.CheckInvite(d), tt.want[i], access.Forbidden)
		}
	}
}
