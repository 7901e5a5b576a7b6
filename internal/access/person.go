package access

import (
	"strings"
	"time"
	"unicode/utf8"
)

// PersonKind is a person's relation to the tenant.
type PersonKind string

// The kinds of person.
const (
	Member   PersonKind = "member"   // belongs to the tenant's own directory
	Guest    PersonKind = "guest"    // invited; has an account in the target systems
	External PersonKind = "external" // from outside and not invited yet
)

// Person is a person within one tenant. A person can exist before the first
// sign-in and has no account until then (F-009).
type Person struct {
	ID      PersonID
	Tenant  TenantID
	Account AccountID // empty before the first sign-in
	// Directory is where the person signs in, Domain the person's domain in
	// it.
	Directory DirectoryID
	Domain    Domain
	Kind      PersonKind
	Name      string
	Email     string // for display and messages; never identifies
	Language  string // BCP 47; empty for the tenant's
	TimeZone  string // IANA name; empty for the tenant's
	Manager   PersonID
	Sponsors  []PersonID
	// Attributes are further details, such as department and title.
	Attributes map[string]string
	Disabled   bool // cannot sign in or request; set by an administrator
	// DisabledSince is when the person was disabled; zero if not disabled. For people who
	// were disabled before this was stored it is when that was introduced.
	DisabledSince time.Time
	// SessionsEnded is when an administrator of the tenant last ended the person's
	// sessions; zero if never. Sessions begun by then are not accepted in the tenant.
	SessionsEnded time.Time

	// Guest is the state of the guest account; GuestNone for members and for
	// people who were not invited.
	Guest GuestState
	// Governed is true if the guest came in through an access package. Only
	// governed guests are blocked and removed after their last assignment
	// (F-196).
	Governed bool
	// RemovalDue is when a blocked guest is removed; zero if not planned. It
	// is set when the last assignment ends; later changes of settings do not
	// move it (F-199).
	RemovalDue time.Time
	InvitedBy  RequestID // the request that brought the guest in

	// MergedInto is the person who has taken over everything from this one, which is
	// only a pointer then; empty for everyone else.
	MergedInto PersonID

	// CarriedFrom is the passcode directory that the person was carried over from, and
	// CarriedAddress the address that they signed in with there, in canonical form. Empty
	// for everyone else.
	CarriedFrom    DirectoryID
	CarriedAddress string

	Created time.Time
	Version int64
}

// AcceptsSession reports whether the session began after the person's sessions were
// ended in the tenant (S-6).
func (p Person) AcceptsSession(s Session) bool {
	return p.SessionsEnded.IsZero() || s.Created.After(p.SessionsEnded)
}

// LosesAccess reports whether the person has been disabled for so long that the tenant
// takes back what the person holds (F-264).
func (p Person) LosesAccess(s Settings, now time.Time) bool {
	limit, ok := s.DisabledLimit(now)
	return ok && p.Disabled && !p.DisabledSince.IsZero() && !p.DisabledSince.After(limit)
}

// Outsider reports whether the person is from outside the tenant's directory.
func (p Person) Outsider() bool { return p.Kind != Member }

// CheckName refuses an empty, too long or unprintable name.
func (p Person) CheckName() error { return checkName("name", p.Name) }

// Limits of a person's details.
const (
	MaxGuestSponsors   = 5 // F-203
	MaxAttributes      = 20
	MaxAttributeLength = 200 // characters, of a name and of a value
)

// CheckDetails returns every fault of the details that administrators edit:
// name, language, manager, sponsors and attributes.
func (p Person) CheckDetails() error {
	var es Errors
	es.Add(p.CheckName())
	if len(p.Language) > 35 || strings.ContainsFunc(p.Language, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		es.Add(Invalidf("language", "“%s” is not a language such as en or de-CH.", p.Language))
	}
	if p.Manager != "" && p.Manager == p.ID {
		es.Add(Invalidf("manager", "A person can't be their own manager."))
	}
	if len(p.Sponsors) > MaxGuestSponsors {
		es.Add(Invalidf("sponsors", "A guest can have at most %d sponsors.", MaxGuestSponsors))
	}
	for _, s := range p.Sponsors {
		if s == p.ID {
			es.Add(Invalidf("sponsors", "A guest can't be their own sponsor."))
		}
	}
	if len(p.Attributes) > MaxAttributes {
		es.Add(Invalidf("attributes", "A person can have at most %d attributes.", MaxAttributes))
	}
	for name, value := range p.Attributes {
		if IsEmpty(name) || utf8.RuneCountInString(name) > MaxAttributeLength ||
			utf8.RuneCountInString(value) > MaxAttributeLength ||
			!printable(name, false) || !printable(value, false) {
			es.Add(Invalidf("attributes", "Enter an attribute name and value of at most %d characters each, on one line.",
				MaxAttributeLength))
			break
		}
	}
	return es.Err()
}
