package access

import (
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// LifecycleAction is what happens to a guest after the last assignment (F-197),
// with the names of the Graph externalUserLifecycleAction.
type LifecycleAction string

// The actions on a guest after the last assignment.
const (
	LifecycleNone           LifecycleAction = "none"
	LifecycleBlock          LifecycleAction = "blockSignIn"
	LifecycleBlockAndDelete LifecycleAction = "blockSignInAndDelete"
)

// DomainRule says how Settings.DomainList is used (F-193).
type DomainRule string

// Guests may be invited from any domain, only from those listed, or from all
// except those listed.
const (
	DomainsAny   DomainRule = "any"
	DomainsAllow DomainRule = "allow"
	DomainsDeny  DomainRule = "deny"
)

// ResourceVisibility says who sees a package's resources before having it
// (F-142).
type ResourceVisibility string

// The values of ResourceVisibility.
const (
	ResourcesShownToNobody  ResourceVisibility = "none"
	ResourcesShownToMembers ResourceVisibility = "members"
	ResourcesShownToAll     ResourceVisibility = "all"
)

// Settings are a tenant's settings. They are stored as JSON under the names of
// the fields.
type Settings struct {
	Language string // BCP 47; for people without one of their own
	TimeZone string // IANA name; for people without one of their own

	GuestAction LifecycleAction // F-197
	GuestDays   int             // days from the end of the last assignment to removal; 0 is at once

	// DisabledDays is after how many days disabled people lose what they hold; 0 is
	// never (F-264).
	DisabledDays int

	DomainRule DomainRule // F-193
	DomainList []Domain

	ResourceVisibility ResourceVisibility // F-142
	ShowApprovers      bool               // F-068; for policies with Inherit

	SupportContact string // an address or a sentence
	SenderName     string // in mails; empty for the installation's

	Passcode bool // people without a provider can sign in with a one-time passcode (F-195)

	// SessionIdle and SessionLife limit sessions in the tenant (S-4): without
	// use, and in total. Zero is MaxSessionIdle or MaxSessionLifetime. Use in another
	// tenant is use of the same session.
	SessionIdle, SessionLife time.Duration
}

// Minutes returns n minutes. A number that no duration can hold gives the nearest
// duration, which Check refuses.
func Minutes(n int) time.Duration {
	const most = math.MaxInt64 / int64(time.Minute)
	return time.Duration(min(max(int64(n), -most), most)) * time.Minute
}

// AcceptsSession reports whether the session is within the tenant's limits at
// now.
func (s Settings) AcceptsSession(session Session, now time.Time) bool {
	idle, life := MaxSessionIdle, MaxSessionLifetime
	if s.SessionIdle > 0 {
		idle = s.SessionIdle
	}
	if s.SessionLife > 0 {
		life = s.SessionLife
	}
	return now.Before(session.LastSeen.Add(idle)) && now.Before(session.Created.Add(life))
}

// DisabledLimit is the time at or before which a person must have been disabled to lose
// what they hold at now; ok is false if nobody does.
func (s Settings) DisabledLimit(now time.Time) (limit time.Time, ok bool) {
	return AddDays(s.Local(now), -s.DisabledDays), s.DisabledDays > 0
}

// DefaultSettings returns the settings of a new tenant.
func DefaultSettings() Settings {
	return Settings{
		Language: "en", TimeZone: "UTC",
		GuestAction: LifecycleBlockAndDelete, GuestDays: 30, DisabledDays: 30,
		DomainRule: DomainsAny, ResourceVisibility: ResourcesShownToAll,
	}
}

// MayInvite reports whether people of domain d may be invited as guests.
func (s Settings) MayInvite(d Domain) bool {
	listed := false
	for _, l := range s.DomainList {
		listed = listed || l == d
	}
	switch s.DomainRule {
	case DomainsAllow:
		return listed
	case DomainsDeny:
		return !listed
	case DomainsAny:
	}
	return true
}

// CheckInvite refuses people of domain d if they may not be invited (F-153,
// F-193).
func (s Settings) CheckInvite(d Domain) error {
	if s.MayInvite(d) {
		return nil
	}
	return Refuse(Forbidden, "This organization doesn't accept guests from %s.", string(d))
}

// MaxDisabledDays is the maximum of Settings.DisabledDays.
const MaxDisabledDays = 3660

// Check returns every fault of the settings.
func (s Settings) Check() error {
	var es Errors
	switch s.GuestAction {
	case LifecycleNone, LifecycleBlock, LifecycleBlockAndDelete:
	default:
		es.Add(Invalidf("externalUserLifecycleAction", "“%s” is not an action on guests.", string(s.GuestAction)))
	}
	if s.GuestDays < 0 || s.GuestDays > 3660 {
		es.Add(Invalidf("daysUntilExternalUserDeleted", "Enter 0 to 3660 days before removal."))
	}
	if s.DisabledDays < 0 || s.DisabledDays > MaxDisabledDays {
		es.Add(Invalidf("daysUntilDisabledUserLosesAccess", "Enter 0 to %d days before disabled people lose their access. "+
			"0 means never.", MaxDisabledDays))
	}
	switch s.DomainRule {
	case DomainsAny, DomainsAllow, DomainsDeny:
	default:
		es.Add(Invalidf("domainRule", "“%s” is not a rule for domains.", string(s.DomainRule)))
	}
	switch s.ResourceVisibility {
	case ResourcesShownToNobody, ResourcesShownToMembers, ResourcesShownToAll:
	default:
		es.Add(Invalidf("resourceVisibility", "“%s” is not a visibility of resources.", string(s.ResourceVisibility)))
	}
	if strings.TrimSpace(s.SupportContact) != s.SupportContact || utf8.RuneCountInString(s.SupportContact) > 200 {
		es.Add(Invalidf("supportContact", "Enter a support contact of at most 200 characters, without spaces before or "+
			"after it."))
	}
	if utf8.RuneCountInString(s.SenderName) > MaxNameLength || !printable(s.SenderName, false) {
		es.Add(Invalidf("senderName", "A sender name can have at most %d characters.", MaxNameLength))
	}
	if s.SessionIdle < 0 || s.SessionIdle > MaxSessionIdle {
		es.Add(Invalidf("sessionIdle", "The idle timeout can be at most %d hours.", int(MaxSessionIdle.Hours())))
	}
	if s.SessionLife < 0 || s.SessionLife > MaxSessionLifetime {
		es.Add(Invalidf("sessionLife", "The maximum session length can be at most %d hours.",
			int(MaxSessionLifetime.Hours())))
	}
	return es.Err()
}
