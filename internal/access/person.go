package access

import (
	"strings"
	"time"
	"unicode/utf8"
)

// PersonKind is how a tenant knows a person.
type PersonKind string

// The kinds of person.
const (
	Member   PersonKind = "member"   // of the tenant's own directory
	Guest    PersonKind = "guest"    // invited: has an account in the target systems
	External PersonKind = "external" // seen, asked, not invited
)

// Person is an account as one tenant knows it. A person may be known before
// the first sign-in and has no account until then (F-009).
type Person struct {
	ID      PersonID
	Tenant  TenantID
	Account AccountID // empty before the first sign-in
	// Directory is the one in which the person signs in, and Domain the one of
	// its domains that the person belongs to.
	Directory DirectoryID
	Domain    Domain
	Kind      PersonKind
	Name      string
	Email     string // to show and to write to; identifies nobody
	Language  string // BCP 47, empty for the tenant's
	TimeZone  string // IANA name, empty for the tenant's
	Manager   PersonID
	Sponsors  []PersonID
	// Attributes are what the organisation knows besides: department, title.
	Attributes map[string]string
	Disabled   bool // may not sign in or ask; set by an administrator

	// Guest is the state of the account that the person was invited to, and
	// GuestNone for members and people not invited.
	Guest GuestState
	// Governed is true if access packages brought the person in, so that the
	// guest is blocked and removed when the last assignment ends (F-196).
	Governed bool
	// RemovalDue is when a blocked guest is removed. It was fixed when the last
	// assignment ended and settings changed later do not move it (F-199).
	RemovalDue time.Time
	InvitedBy  RequestID // the request that brought the guest in

	Created time.Time
	Version int64
}

// Outsider reports whether the person signs in in another directory than the
// tenant's.
func (p Person) Outsider() bool { return p.Kind != Member }

// CheckName refuses a name that cannot be one.
func (p Person) CheckName() error { return checkName("name", p.Name) }

// Limits of what is known of a person besides.
const (
	MaxGuestSponsors   = 5 // F-203
	MaxAttributes      = 20
	MaxAttributeLength = 200 // characters of a name or a value
)

// CheckDetails finds every fault of what an administrator may change of a
// person: language, manager, sponsors and attributes.
func (p Person) CheckDetails() error {
	var es Errors
	es.Add(p.CheckName())
	if len(p.Language) > 35 || strings.ContainsFunc(p.Language, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		es.Add(Invalidf("language", "“%s” is not a language such as en or de-CH.", p.Language))
	}
	if p.Manager != "" && p.Manager == p.ID {
		es.Add(Invalidf("manager", "Nobody is their own manager."))
	}
	if len(p.Sponsors) > MaxGuestSponsors {
		es.Add(Invalidf("sponsors", "A guest has at most %d sponsors.", MaxGuestSponsors))
	}
	for _, s := range p.Sponsors {
		if s == p.ID {
			es.Add(Invalidf("sponsors", "Nobody is their own sponsor."))
		}
	}
	if len(p.Attributes) > MaxAttributes {
		es.Add(Invalidf("attributes", "At most %d attributes are kept.", MaxAttributes))
	}
	for name, value := range p.Attributes {
		if strings.TrimSpace(name) == "" || utf8.RuneCountInString(name) > MaxAttributeLength ||
			utf8.RuneCountInString(value) > MaxAttributeLength ||
			!printable(name, false) || !printable(value, false) {
			es.Add(Invalidf("attributes", "An attribute has a name and a value of at most %d characters, in one line.",
				MaxAttributeLength))
			break
		}
	}
	return es.Err()
}
