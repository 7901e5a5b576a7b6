package access

import (
	"net"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// AuthStyle is how the client authenticates at a token endpoint. It is always
// explicit: guessing would send the same code twice (security rule O-15).
type AuthStyle string

// The styles of client authentication (DirectoryOpenID Connect Core 9).
const (
	AuthBasic AuthStyle = "client_secret_basic"
	AuthPost  AuthStyle = "client_secret_post"
	AuthNone  AuthStyle = "none" // a public client, protected by PKCE alone
)

// DirectoryKind is how the people of a directory sign in.
type DirectoryKind string

// The ways to sign in.
const (
	DirectoryOpenID   DirectoryKind = "openid"   // at an DirectoryOpenID Provider
	DirectoryPasscode DirectoryKind = "passcode" // with a one-time passcode sent by mail (F-020)
)

// Directory is a population of people with one way to sign in and one or more
// verified domains.
type Directory struct {
	ID DirectoryID
	// Owner is the tenant that manages the directory and alone sees it. Empty
	// for directories of the installation, which the operator is responsible for.
	Owner TenantID
	Kind  DirectoryKind
	Name  string // the organization's name, as shown to people
	// Issuer is the DirectoryOpenID Provider's issuer identifier, compared as a plain
	// string.
	Issuer       string
	ClientID     string
	ClientSecret string // never printed, encrypted at rest
	AuthStyle    AuthStyle
	HintStyle    HintStyle
	// HintValue and HintValues, by domain, are what administrators entered for the domain
	// hint (Hint). A value for a domain is removed with it.
	HintValue  string
	HintValues map[Domain]string
	// TenantClaim and TenantValue are the claim that identifies the
	// organization at an issuer that serves several (tid, hd, org_id), compared by
	// IsTenant; empty if the issuer serves one (security rule I-7).
	TenantClaim, TenantValue string
	// Scopes are requested in addition to openid.
	Scopes []string
	// ConfirmedHosts are endpoint hosts, other than the issuer's, that an
	// administrator has confirmed (security rule O-5).
	ConfirmedHosts []string
	// TrustAddresses says that the addresses that the provider sends in the verified
	// domains count as verified, whatever it says about them.
	TrustAddresses bool
	// EmailClaim and NameClaim are the claims that hold the address and the name; empty for
	// the usual ones: email, or else preferred_username; name, or else given_name and
	// family_name.
	EmailClaim, NameClaim string
	// GuestClaim and GuestValues are the guest rule: people with one of the values of
	// the claim are guests of the provider and no members. Empty for the usual rules
	// (GuestReason).
	GuestClaim   string
	GuestValues  []string
	Domains      []Domain      // verified domains
	DomainClaims []DomainClaim // domains not verified yet
	// Successor is the provider that has the domain of this passcode directory now, and
	// FormerDomain that domain: its people are carried over when they sign in there
	// (CarryOver). Empty for all other directories.
	Successor    DirectoryID
	FormerDomain Domain
	Enabled      bool
	Version      int64
}

// HasDomain reports whether d is a verified domain of the directory.
// Sub-domains do not count (F-020).
func (dir Directory) HasDomain(d Domain) bool {
	for _, own := range dir.Domains {
		if own == d {
			return true
		}
	}
	return false
}

// CheckIssuer refuses an issuer that is not an https address without query and
// fragment (with loopback, http on a loopback address is allowed too), and
// Microsoft's issuers that sign in people of any organization (security rule
// I-7).
func CheckIssuer(s string, loopback bool) error {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsAny(s, "?#") ||
		u.Scheme != "https" && (u.Scheme != "http" || !loopback || !IsLoopback(u.Hostname())) {
		if err == nil && u.Scheme == "http" && IsLoopback(u.Hostname()) && !loopback {
			return Invalidf("issuer", "“%s” is not an issuer: an https address. For trials, the operator permits http at "+
				"loopback addresses with MYACCESS_ALLOW_LOOPBACK_ISSUERS.", s)
		}
		return Invalidf("issuer", "“%s” is not an issuer: an https address without query or fragment.", s)
	}
	realm, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if isEntraHost(LowerASCII(u.Hostname())) && slices.Contains([]string{"common", "organizations", "consumers"},
		LowerASCII(realm)) {
		return Invalidf("issuer", "“%s” signs in people of every organization. Use the issuer of a single tenant.", s)
	}
	return nil
}

// CheckTenantClaim refuses a directory whose issuer serves several
// organizations and which names no claim to tell them apart (security rule
// I-7).
func (dir Directory) CheckTenantClaim() error {
	if (dir.TenantClaim == "") != (dir.TenantValue == "") {
		return Invalidf("tenantClaim", "Enter both the tenant claim and its value, or neither.")
	}
	if u, err := url.Parse(dir.Issuer); err == nil && LowerASCII(u.Hostname()) == "accounts.google.com" &&
		dir.TenantClaim == "" {
		return Invalidf("tenantClaim", "“%s” signs in people of every organization. Limit it to one with the tenant claim "+
			"hd.", dir.Issuer)
	}
	return nil
}

// IsTenant reports whether the value of the tenant claim is the directory's. Names and
// values of claims are case-sensitive (RFC 7519 2 and 4). The tenants of Entra ID are UUIDs,
// which are not (RFC 9562 4): people copy them in either case.
func (dir Directory) IsTenant(value any) bool {
	got, ok := value.(string)
	return ok && dir.canonicalTenant(got) == dir.canonicalTenant(dir.TenantValue)
}

// canonicalTenant is a value of the tenant claim in the form in which it is compared.
func (dir Directory) canonicalTenant(value string) string {
	if dir.TenantClaim == EntraTenantClaim && isUUID(value) {
		return LowerASCII(value)
	}
	return value
}

// isEntraHost reports whether host is a sign-in host of Entra ID.
func isEntraHost(host string) bool {
	for _, own := range []string{"microsoftonline.com", "microsoftonline.us", "partner.microsoftonline.cn", "windows.net",
		"microsoft.com", "ciamlogin.com"} {
		if host == own || strings.HasSuffix(host, "."+own) {
			return true
		}
	}
	return false
}

// IsLoopback reports whether host is localhost or a loopback address.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Limits of a directory's settings; those without a unit are in characters.
const (
	MaxIssuerLength   = 500
	MaxClientLength   = 300 // client id and client secret
	MaxClaimLength    = 200 // tenant claim and its value
	MaxScopesLength   = 500
	MaxConfirmedHosts = 10  // number of confirmed hosts
	MaxDomains        = 100 // number of domains, verified or not
)

// PrivateHosts are the hosts without a public name at which the operator permits the
// providers of tenants. They are settings of the installation, which no tenant changes.
type PrivateHosts struct {
	Loopback bool // loopback addresses, with plain http
	// IsListed reports whether the operator lists a host, a name or an address, in
	// MYACCESS_INTERNAL_NETWORKS; nil for none.
	IsListed func(host string) bool
}

// permits reports whether a host has a public name, or is permitted without one.
func (p PrivateHosts) permits(host string) bool {
	_, err := ParseDomain(LowerASCII(host))
	return err == nil || p.Loopback && IsLoopback(host) || p.IsListed != nil && p.IsListed(host)
}

// Check returns every fault of the directory except those of its domains.
func (dir Directory) Check(private PrivateHosts) error {
	var es Errors
	es.Add(checkName("displayName", dir.Name))
	if dir.Kind == DirectoryPasscode {
		return es.Err()
	}
	es.Add(CheckIssuer(dir.Issuer, private.Loopback))
	es.Add(dir.checkHost(private))
	es.Add(dir.checkClient())
	es.Add(dir.checkHint())
	es.Add(checkClaim("tenantClaim", dir.TenantClaim))
	es.Add(checkClaim("tenantValue", dir.TenantValue))
	es.Add(dir.CheckTenantClaim())
	es.Add(checkClaim("emailClaim", dir.EmailClaim))
	es.Add(checkClaim("nameClaim", dir.NameClaim))
	es.Add(dir.checkGuestRule())
	if len(strings.Join(dir.Scopes, " ")) > MaxScopesLength ||
		slices.ContainsFunc(dir.Scopes, func(s string) bool { return !validScope(s) }) {
		es.Add(Invalidf("scopes", "Enter scopes of letters, digits and symbols, separated by spaces."))
	}
	if len(dir.ConfirmedHosts) > MaxConfirmedHosts {
		es.Add(Invalidf("confirmedHosts", "At most %d hosts can be confirmed.", MaxConfirmedHosts))
	}
	for _, h := range dir.ConfirmedHosts {
		if err := checkPermittable("confirmedHosts", h, private); err != nil {
			es.Add(err)
		} else if h != LowerASCII(h) || !private.permits(h) {
			es.Add(Invalidf("confirmedHosts", "“%s” is neither the public name of a host, in lower case, nor listed by the "+
				"operator in MYACCESS_INTERNAL_NETWORKS.", h))
		}
	}
	return es.Err()
}

// checkHost refuses an issuer of a tenant's own directory at a host that has no
// public name and is not permitted without one: it could be inside the network
// (security rule N-6). The address behind the name is checked when connecting.
func (dir Directory) checkHost(private PrivateHosts) error {
	u, err := url.Parse(dir.Issuer)
	if dir.Owner == "" || err != nil || u.Hostname() == "" {
		return nil
	}
	if err := checkPermittable("issuer", u.Hostname(), private); err != nil {
		return err
	}
	if !private.permits(u.Hostname()) || len(dir.Issuer) > MaxIssuerLength {
		return Invalidf("issuer", "An issuer is at a host with a public name, such as login.partner.example, or at one that "+
			"the operator lists in MYACCESS_INTERNAL_NETWORKS. It has at most %d characters.", MaxIssuerLength)
	}
	return nil
}

// checkPermittable refuses a host that the list of the operator cannot permit: a loopback
// address, unless those are permitted, and an address that is never connected to.
func checkPermittable(field, host string, private PrivateHosts) error {
	ip := net.ParseIP(host)
	switch {
	case private.permits(host):
	case IsLoopback(host):
		return Invalidf(field, "“%s” is the portal's own machine. Enter the public name of the host. For trials, the "+
			"operator permits loopback addresses with MYACCESS_ALLOW_LOOPBACK_ISSUERS.", host)
	case ip != nil && !ip.IsGlobalUnicast():
		return Invalidf(field, "The portal never connects to “%s”. Enter the public name of the host.", host)
	}
	return nil
}

func (dir Directory) checkClient() error {
	var es Errors
	if IsEmpty(dir.ClientID) || utf8.RuneCountInString(dir.ClientID) > MaxClientLength ||
		!printable(dir.ClientID, false) {
		es.Add(Invalidf("clientId", "Enter a client ID of at most %d characters.", MaxClientLength))
	}
	switch dir.AuthStyle {
	case AuthBasic, AuthPost:
		if dir.ClientSecret == "" || utf8.RuneCountInString(dir.ClientSecret) > MaxClientLength ||
			!printable(dir.ClientSecret, false) {
			es.Add(Invalidf("clientSecret", "Enter a client secret of at most %d characters. Only a public client has none.",
				MaxClientLength))
		}
	case AuthNone:
	default:
		es.Add(Invalidf("tokenEndpointAuthMethod", "“%s” is not a tokenEndpointAuthMethod.", string(dir.AuthStyle)))
	}
	return es.Err()
}

// validScope reports whether s is a scope token (RFC 6749 3.3).
func validScope(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < 0x21 || r > 0x7e || r == '"' || r == '\\' })
}

// IsConsumer reports whether the directory has a consumer mail domain.
func (dir Directory) IsConsumer() bool {
	return slices.ContainsFunc(dir.Domains, Domain.IsConsumer)
}

// VisibleTo reports whether the tenant may see the directory: its own ones and
// those of the installation.
func (dir Directory) VisibleTo(t TenantID) bool { return dir.Owner == "" || dir.Owner == t }

// CanAddDomain refuses a domain that the directory already has and more than
// MaxDomains. A passcode directory has exactly one domain.
func (dir Directory) CanAddDomain(d Domain) error {
	switch {
	case dir.Kind != DirectoryOpenID:
		return Invalidf("domain", "One-time passcodes are for one domain. Add another source for another domain.")
	case dir.HasDomain(d) || slices.ContainsFunc(dir.DomainClaims, func(c DomainClaim) bool { return c.Domain == d }):
		return Invalidf("domain", "%s is already added.", string(d))
	}
	return CheckDomainCount(len(dir.Domains) + len(dir.DomainClaims) + 1)
}

// CheckDomainCount refuses more domains than a directory can have, at the field
// domain.
func CheckDomainCount(n int) error {
	if n > MaxDomains {
		return Invalidf("domain", "A provider can have at most %d domains.", MaxDomains)
	}
	return nil
}

// DomainClaim returns the unverified claim of the domain.
func (dir Directory) DomainClaim(d Domain) (DomainClaim, error) {
	for _, c := range dir.DomainClaims {
		if c.Domain == d {
			return c, nil
		}
	}
	if dir.HasDomain(d) {
		return DomainClaim{}, Refuse(Conflict, "%s is already verified.", string(d))
	}
	return DomainClaim{}, Missing()
}

// Holds reports whether d is a verified domain of the directory, or was until the
// directory's people began to be carried over to its successor.
func (dir Directory) Holds(d Domain) bool {
	return dir.HasDomain(d) || dir.Successor != "" && dir.FormerDomain == d
}

// DomainFor is the domain of a person of the directory whose address has the domain d: d,
// or, if the directory does not hold it, its first domain.
func (dir Directory) DomainFor(d Domain) Domain {
	switch {
	case d != "" && dir.Holds(d):
		return d
	case len(dir.Domains) > 0:
		return dir.Domains[0]
	}
	return dir.FormerDomain
}

// CanDelete refuses to delete a directory if people of it are known.
func (dir Directory) CanDelete(known bool) error {
	if known {
		return Refuse(Conflict, "People have signed in or been added with “%s”. Turn it off instead, and remove its "+
			"domains.",
			dir.Name)
	}
	return nil
}

func checkClaim(field, text string) error {
	if utf8.RuneCountInString(text) > MaxClaimLength {
		return Invalidf(field, "A claim and its value can have at most %d characters.", MaxClaimLength)
	}
	if !printable(text, false) {
		return Invalidf(field, "A claim and its value can't have control characters, such as tabs.")
	}
	return nil
}
