package access

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// EmailProblem is why no address of an account is stored.
type EmailProblem string

// The problems of an address that a provider sent. EmailFine is the absence of any.
const (
	EmailFine       EmailProblem = ""
	EmailMissing    EmailProblem = "missing"
	EmailUnreadable EmailProblem = "unreadable" // not a mail address
	EmailUnverified EmailProblem = "unverified"
	EmailElsewhere  EmailProblem = "elsewhere" // its domain is none of the directory's
)

// Belonging is whether the owner of an account belongs to the organization of the
// directory. It is a fact about the person, found anew at each sign-in: providers sign
// in guests and people of other providers too.
type Belonging string

// The ways to belong to a directory, or not to. People belong to their
// provider's directory unless something says otherwise.
const (
	Belongs          Belonging = ""
	GuestOfProvider  Belonging = "guest"     // by the guest rule of the directory
	AddressElsewhere Belonging = "elsewhere" // the address is in none of its domains
)

// IsEntra reports whether the issuer is one of Microsoft Entra ID.
func (dir Directory) IsEntra() bool {
	u, err := url.Parse(dir.Issuer)
	return err == nil && isEntraHost(LowerASCII(u.Hostname()))
}

// AnyValue in a guest rule stands for every value that is not empty.
const AnyValue = "*"

// GuestReason returns why the claims are those of a guest of the provider, such as
// “acct = 1”; empty if they are not. The rule of the directory (GuestClaim,
// GuestValues) replaces the usual ones: acct = 1, userType = Guest and any
// identity_provider. An idp that is another issuer is a guest's too, unless the rule
// is about idp or identity_provider.
func (dir Directory) GuestReason(claims map[string]any) string {
	rules := []guestRule{{"acct", []string{"1"}}, {"userType", []string{"Guest"}}, {"user_type", []string{"Guest"}}}
	brokered := true
	if dir.GuestClaim != "" {
		rules = []guestRule{{dir.GuestClaim, dir.GuestValues}}
		brokered = dir.GuestClaim != "idp" && dir.GuestClaim != "identity_provider"
	}
	for _, r := range rules {
		for _, value := range claimTexts(claims[r.claim]) {
			if r.has(value) {
				return r.claim + " = " + value
			}
		}
	}
	for _, name := range []string{"upn", "preferred_username"} { // at Entra ID
		for _, value := range claimTexts(claims[name]) {
			if strings.Contains(LowerASCII(value), "#ext#") {
				return name + " = " + value
			}
		}
	}
	for _, name := range []string{"idp", "identity_provider"} {
		for _, value := range claimTexts(claims[name]) {
			usual := name == "idp" || dir.GuestClaim == "" // an alias says nothing by itself
			if brokered && usual && dir.isOtherProvider(name, value) {
				return name + " = " + value
			}
		}
	}
	return ""
}

// guestRule says that people with one of the values of the claim are guests.
type guestRule struct {
	claim  string
	values []string
}

func (r guestRule) has(value string) bool {
	return slices.ContainsFunc(r.values, func(v string) bool {
		return v == AnyValue || LowerASCII(v) == LowerASCII(value)
	})
}

// isOtherProvider reports whether the claim names another provider than the
// directory's. idp of products other than Entra ID can be a name of the provider
// itself, so that only an address counts.
func (dir Directory) isOtherProvider(claim, value string) bool {
	trim := func(s string) string { return strings.TrimSuffix(LowerASCII(s), "/") }
	if trim(value) == trim(dir.Issuer) {
		return false
	}
	entra := dir.IsEntra() || dir.TenantClaim == EntraTenantClaim
	if u, err := url.Parse(LowerASCII(value)); entra && err == nil && u.Host != "" {
		tenant := dir.TenantValue
		if own, err := url.Parse(dir.Issuer); tenant == "" && err == nil {
			tenant, _, _ = strings.Cut(strings.TrimPrefix(own.Path, "/"), "/")
		}
		return tenant == "" || !slices.Contains(strings.Split(u.Path, "/"), LowerASCII(tenant))
	}
	return entra || claim == "identity_provider" || strings.Contains(value, "://")
}

// claimTexts are the values of a claim as texts; none for one that is empty.
func claimTexts(v any) (all []string) {
	switch v := v.(type) {
	case string:
		if v != "" {
			all = []string{v}
		}
	case bool:
		all = []string{strconv.FormatBool(v)}
	case float64:
		all = []string{strconv.FormatFloat(v, 'f', -1, 64)}
	case []any:
		for _, one := range v {
			all = append(all, claimTexts(one)...)
		}
	case map[string]any:
		if len(v) > 0 {
			all = []string{"{}"}
		}
	}
	return all
}

// MaxGuestValues is the maximum number of values of a guest rule.
const MaxGuestValues = 20

// checkGuestRule returns every fault of the guest rule.
func (dir Directory) checkGuestRule() error {
	var es Errors
	es.Add(checkClaim("guestClaim", dir.GuestClaim))
	switch {
	case dir.GuestClaim == "" && len(dir.GuestValues) > 0:
		es.Add(Invalidf("guestClaim", "Enter the claim that has these values, or remove the values."))
	case dir.GuestClaim != "" && len(dir.GuestValues) == 0:
		es.Add(Invalidf("guestValues", "Enter at least one value of the claim, or * for any value."))
	}
	if len(dir.GuestValues) > MaxGuestValues || slices.ContainsFunc(dir.GuestValues, func(v string) bool {
		return utf8.RuneCountInString(v) > MaxClaimLength
	}) {
		es.Add(Invalidf("guestValues", "A guest rule can have at most %d values of at most %d characters.", MaxGuestValues,
			MaxClaimLength))
	}
	if slices.ContainsFunc(dir.GuestValues, func(v string) bool { return IsEmpty(v) || !printable(v, false) }) {
		es.Add(Invalidf("guestValues", "A value can't be empty or have control characters, such as tabs."))
	}
	return es.Err()
}

// SubjectOf returns the subject of an account whose permanent ID at the provider is
// id. At Entra ID an object ID belongs to the tenant of the directory.
func (dir Directory) SubjectOf(id string) string {
	if dir.TenantClaim == EntraTenantClaim && isUUID(id) {
		return dir.EntraSubject(id)
	}
	return id
}

// EntraTenantClaim is the claim with the tenant's ID in tokens of Entra ID.
const EntraTenantClaim = "tid"

// EntraSubject is the subject of the account with the object ID at Entra ID, where the
// claim sub differs from client to client.
func (dir Directory) EntraSubject(objectID string) string {
	if isUUID(objectID) {
		objectID = LowerASCII(objectID)
	}
	return dir.canonicalTenant(dir.TenantValue) + ":" + objectID
}

func isUUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' &&
		strings.Trim(s, "0123456789abcdefABCDEF-") == "" && strings.Count(s, "-") == 4
}

// ValidSubject reports whether s can be part of the key of an account: 1 to 255
// bytes without control characters and invalid UTF-8.
func ValidSubject(s string) bool {
	return s != "" && len(s) <= 255 && printable(s, false) && !strings.ContainsRune(s, utf8.RuneError)
}

// CheckSubject refuses a subject that no provider can send.
func CheckSubject(field, s string) error {
	if !ValidSubject(s) {
		return Invalidf(field, "“%s” is not a subject: the provider's permanent ID of the person, with at most 255 "+
			"characters.", s)
	}
	return nil
}
