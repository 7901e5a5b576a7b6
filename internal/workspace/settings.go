package workspace

import (
	"strings"
	"time"

	"myaccess/internal/access"
)

// settings are the tenant's settings in the file, with defaults for missing keys. What a file
// cannot say stays as it is stored.
func (a *apply) settings(at at[Tenant], stored access.Settings) (access.Settings, error) {
	f, d := *at.V.Settings, access.DefaultSettings()
	w := access.Settings{
		Language: d.Language, TimeZone: or(f.TimeZone, d.TimeZone),
		GuestAction: enum(or(f.GuestAction, string(d.GuestAction)), access.LifecycleNone, access.LifecycleBlock,
			access.LifecycleBlockAndDelete), GuestDays: d.GuestDays, DisabledDays: stored.DisabledDays,
		DomainRule: access.DomainsAny, ResourceVisibility: enum(or(f.ResourceVisibility, string(d.ResourceVisibility)),
			access.ResourcesShownToNobody, access.ResourcesShownToMembers, access.ResourcesShownToAll),
		ShowApprovers: f.ShowApprovers, SupportContact: f.SupportContact, SenderName: f.SenderName, Passcode: f.Passcode,
		SessionIdle: access.Minutes(f.SessionIdle), SessionLife: access.Minutes(f.SessionLife),
	}
	if f.Language != nil {
		w.Language = sameLanguage(*f.Language, stored.Language)
	}
	if f.GuestDays != nil {
		w.GuestDays = *f.GuestDays
	}
	if f.GuestTime != "" {
		days, err := wholeDays(f.GuestTime)
		if err == nil && f.GuestDays != nil {
			err = invalid("Use daysUntilExternalUserDeleted or durationUntilExternalUserDeletedAfterBlocked, not both.")
		}
		if w.GuestDays = days; err != nil {
			a.faults.addError(at.lineOf("settings", "durationUntilExternalUserDeletedAfterBlocked"), err)
			w.GuestDays = d.GuestDays
		}
	}
	for _, limit := range []struct{ wanted, stored *time.Duration }{{&w.SessionIdle, &stored.SessionIdle},
		{&w.SessionLife, &stored.SessionLife}} {
		if *limit.wanted == access.Minutes(wholeMinutes(*limit.stored)) {
			*limit.wanted = *limit.stored
		}
	}
	if f.DisabledDays != nil {
		w.DisabledDays = *f.DisabledDays
	}
	names, key := f.AllowedDomains, "allowedDomains"
	switch {
	case f.AllowedDomains != nil && f.BlockedDomains != nil:
		a.faults.add(at.lineOf("settings", "blockedDomains"), "Use allowedDomains or blockedDomains, not both.")
	case f.AllowedDomains != nil:
		w.DomainRule = access.DomainsAllow
	case f.BlockedDomains != nil:
		w.DomainRule, names, key = access.DomainsDeny, f.BlockedDomains, "blockedDomains"
	case stored.DomainRule == access.DomainsAny:
		w.DomainList = stored.DomainList // without effect
	}
	for i, name := range names {
		d, err := parseDomain(name)
		before := len(a.faults)
		ok, err := a.addFaults(at, func(string) []any { return []any{"settings", key, i} }, err)
		if err != nil {
			return w, err
		}
		if ok {
			w.DomainList = append(w.DomainList, d)
			continue
		}
		a.faults[before].Field = "domains" // as in the pages' form
	}
	return w, nil
}

// sameLanguage is the stored language tag if it is wanted in another case, else wanted.
func sameLanguage(wanted, stored string) string {
	if strings.EqualFold(wanted, stored) {
		return stored
	}
	return wanted
}
