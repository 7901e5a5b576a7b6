package access

import (
	"strings"
	"time"
	"unicode/utf8"
)

// LifecycleAction is what becomes of a guest who has lost the last assignment
// (F-197). The names are those of the Graph externalUserLifecycleAction.
type LifecycleAction string

// The actions on a guest who holds nothing any more.
const (
	LifecycleNone           LifecycleAction = "none"
	LifecycleBlock          LifecycleAction = "blockSignIn"
	LifecycleBlockAndDelete LifecycleAction = "blockSignInAndDelete"
)

// DomainRule says what a list of domains is: all may be invited, only those
// listed, or all but those listed (F-193). It is one or the other, never both.
type DomainRule string

// The rules for inviting guests by the domain of their address.
const (
	DomainsAny   DomainRule = "any"
	DomainsAllow DomainRule = "allow"
	DomainsDeny  DomainRule = "deny"
)

// ResourceVisibility says to whom a package's page names its resources (F-142).
type ResourceVisibility string

// Who sees the names of a package's resources before holding it.
const (
	ResourcesShownToNobody  ResourceVisibility = "none"
	ResourcesShownToMembers ResourceVisibility = "members"
	ResourcesShownToAll     ResourceVisibility = "all"
)

// Settings are what a tenant's administrators choose for the whole tenant.
type Settings struct {
	Language string // BCP 47; for people who have none of their own
	TimeZone string // IANA name; likewise

	GuestAction LifecycleAction // F-197
	GuestDays   int             // days from the last assignment lost to removal; 0 is at once

	DomainRule DomainRule // F-193
	DomainList []Domain

	ResourceVisibility ResourceVisibility // F-142
	ShowApprovers      bool               // F-068, for policies that leave it to the tenant

	SupportContact string // whom to ask: an address or a sentence
	SenderName     string // in mails, instead of the installation's; may be empty

	Passcode bool // people without a provider may sign in with a one-time passcode (F-195)

	// How long a session is accepted by the tenant (S-4): without use, and in
	// all. Zero is as long as the installation allows.
	SessionIdle, SessionLife time.Duration
}

// AcceptsSession reports whether the tenant still accepts the session at now.
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

// DefaultSettings are those of a new tenant.
func DefaultSettings() Settings {
	return Settings{
		Language: "en", TimeZone: "UTC",
		GuestAction: LifecycleBlockAndDelete, GuestDays: 30,
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

// CheckInvite refuses a person of domain d whom the tenant's list of domains
// does not let in (F-153, F-193).
func (s Settings) CheckInvite(d Domain) error {
	if s.MayInvite(d) {
		return nil
	}
	return Refuse(Forbidden, "This organization does not admit guests from %s.", string(d))
}

// Check finds every fault of the settings.
func (s Settings) Check() error {
	var es Errors
	switch s.GuestAction {
	case LifecycleNone, LifecycleBlock, LifecycleBlockAndDelete:
	default:
		es.Add(Invalidf("externalUserLifecycleAction", "“%s” is not an action on guests.", string(s.GuestAction)))
	}
	if s.GuestDays < 0 || s.GuestDays > 3660 {
		es.Add(Invalidf("daysUntilExternalUserDeleted", "Days before removal are from 0 to 3660."))
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
		es.Add(Invalidf("supportContact", "A support contact has at most 200 characters and no blanks around it."))
	}
	if utf8.RuneCountInString(s.SenderName) > MaxNameLength || !printable(s.SenderName, false) {
		es.Add(Invalidf("senderName", "A sender name has at most %d characters.", MaxNameLength))
	}
	if s.SessionIdle < 0 || s.SessionIdle > MaxSessionIdle {
		es.Add(Invalidf("sessionIdle", "A session lasts at most %d hours without use.", int(MaxSessionIdle.Hours())))
	}
	if s.SessionLife < 0 || s.SessionLife > MaxSessionLifetime {
		es.Add(Invalidf("sessionLife", "A session lasts at most %d hours in all.", int(MaxSessionLifetime.Hours())))
	}
	return es.Err()
}
