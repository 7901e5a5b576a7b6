package workspace

import (
	"myaccess/internal/access"
)

// settings are the tenant's settings in the file, with defaults for missing keys.
func (a *apply) settings(at at[Tenant]) (access.Settings, error) {
	f, d := *at.V.Settings, access.DefaultSettings()
	w := access.Settings{
		Language: or(f.Language, d.Language), TimeZone: or(f.TimeZone, d.TimeZone),
		GuestAction: access.LifecycleAction(or(f.GuestAction, string(d.GuestAction))), GuestDays: d.GuestDays,
		DomainRule: access.DomainsAny, ResourceVisibility: access.ResourceVisibility(or(f.ResourceVisibility,
			string(d.ResourceVisibility))),
		ShowApprovers: f.ShowApprovers, SupportContact: f.SupportContact, SenderName: f.SenderName, Passcode: f.Passcode,
		SessionIdle: access.Minutes(f.SessionIdle), SessionLife: access.Minutes(f.SessionLife),
	}
	if f.GuestDays != nil {
		w.GuestDays = *f.GuestDays
	}
	names, key := f.AllowedDomains, "allowedDomains"
	switch {
	case len(f.AllowedDomains) > 0 && len(f.BlockedDomains) > 0:
		a.faults.add(at.lineOf("settings", "blockedDomains"), "give allowedDomains or blockedDomains, not both")
	case len(f.AllowedDomains) > 0:
		w.DomainRule = access.DomainsAllow
	case len(f.BlockedDomains) > 0:
		w.DomainRule, names, key = access.DomainsDeny, f.BlockedDomains, "blockedDomains"
	}
	for i, name := range names {
		d, err := access.ParseDomain(name)
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
