package workspace

import (
	"time"

	"myaccess/internal/access"
)

// settings are those of a tenant as the file has them; what it leaves out has its
// default.
func (s *scope) settings(f Settings, line int) access.Settings {
	d := access.DefaultSettings()
	w := access.Settings{
		Language: or(f.Language, d.Language), TimeZone: or(f.TimeZone, d.TimeZone),
		GuestAction: access.LifecycleAction(or(f.GuestAction, string(d.GuestAction))), GuestDays: d.GuestDays,
		DomainRule: access.DomainsAny, ResourceVisibility: access.ResourceVisibility(or(f.ResourceVisibility,
			string(d.ResourceVisibility))),
		ShowApprovers: f.ShowApprovers, SupportContact: f.SupportContact, SenderName: f.SenderName, Passcode: f.Passcode,
		SessionIdle: time.Duration(f.SessionIdle) * time.Minute, SessionLife: time.Duration(f.SessionLife) * time.Minute,
	}
	if f.GuestDays != nil {
		w.GuestDays = *f.GuestDays
	}
	names := f.AllowedDomains
	switch {
	case len(f.AllowedDomains) > 0 && len(f.BlockedDomains) > 0:
		s.faults.add(line, "give allowedDomains or blockedDomains, not both")
	case len(f.AllowedDomains) > 0:
		w.DomainRule = access.DomainsAllow
	case len(f.BlockedDomains) > 0:
		w.DomainRule, names = access.DomainsDeny, f.BlockedDomains
	}
	for _, name := range names {
		d, err := access.ParseDomain(name)
		if s.judge(line, err) {
			w.DomainList = append(w.DomainList, d)
		}
	}
	if _, err := time.LoadLocation(w.TimeZone); err != nil {
		s.faults.add(line, "“%s” is not a time zone such as Europe/Berlin", w.TimeZone)
	}
	return w
}
