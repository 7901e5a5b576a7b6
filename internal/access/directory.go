package access

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

// Domain is a DNS name in canonical form: lower-case ASCII labels (A-labels),
// at least two of them, no trailing dot, not an address. Domains are compared
// with == and nothing else.
type Domain string

// ParseDomain returns s as a Domain if it is one in canonical form already.
// Package signin maps what people type to this form.
func ParseDomain(s string) (Domain, error) {
	bad := Invalidf("domain", "“%s” is not a domain name such as partner.example.", s)
	labels := strings.Split(s, ".")
	if len(s) > 253 || len(labels) < 2 {
		return "", bad
	}
	for _, l := range labels {
		if !validLabel(l) {
			return "", bad
		}
	}
	if top := labels[len(labels)-1]; strings.Trim(top, "0123456789") == "" {
		return "", bad // an IPv4 address, not a name
	}
	return Domain(s), nil
}

func validLabel(l string) bool {
	if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
		return false
	}
	for _, r := range l {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return true
}

// DomainOf is the domain of an e-mail address: the text after its last @, in
// lower case (security rule I-5). ok is false if that is not a canonical domain.
func DomainOf(address string) (d Domain, ok bool) {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 {
		return "", false
	}
	d, err := ParseDomain(asciiLower(address[at+1:]))
	return d, err == nil
}

// asciiLower lowers A to Z only: strings.ToLower would turn the Kelvin sign
// into a plain k and so one domain into another.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// AuthStyle is how a client proves itself at a token endpoint. It is always
// explicit: guessing would send the same code twice (security rule O-15).
type AuthStyle string

// The styles of client authentication (DirectoryOpenID Connect Core 9).
const (
	AuthBasic AuthStyle = "client_secret_basic"
	AuthPost  AuthStyle = "client_secret_post"
	AuthNone  AuthStyle = "none" // a public client, protected by PKCE alone
)

// HintStyle is the way in which a provider understands a domain hint, besides
// login_hint, which every one is sent.
type HintStyle string

// The query parameters that carry a domain to a provider.
const (
	HintNone      HintStyle = "none"
	HintDomain    HintStyle = "domain_hint"  // Microsoft Entra ID
	HintHosted    HintStyle = "hd"           // Google
	HintKeycloak  HintStyle = "kc_idp_hint"  // Keycloak
	HintConnector HintStyle = "connector_id" // Dex
)

// DirectoryKind is how the people of a directory sign in.
type DirectoryKind string

// The ways to sign in.
const (
	DirectoryOpenID   DirectoryKind = "openid"   // at an DirectoryOpenID Provider
	DirectoryPasscode DirectoryKind = "passcode" // with a one-time passcode sent by mail (F-020)
)

// DomainVerification is how it is known that a domain belongs to a directory.
type DomainVerification string

// The proofs. A pending domain counts for nothing yet.
const (
	VerifiedByOperator  DomainVerification = "operator" // whoever runs the installation vouches for it
	VerifiedByDNS       DomainVerification = "dns"      // a TXT record held the token
	VerifiedByMail      DomainVerification = "mail"     // of passcode directories: every sign-in proves the address
	VerificationPending DomainVerification = "pending"
)

// DomainClaim is a domain that is said to belong to a directory and waits for its
// proof: a TXT record at DomainTXTName(Domain) that holds Token.
type DomainClaim struct {
	Domain Domain
	Token  string
}

// DomainTXTName is where the proof of a domain is looked for.
func DomainTXTName(d Domain) string { return "_myaccess." + string(d) }

// Directory is a population of people with one way to sign in and one or more
// verified domains.
type Directory struct {
	ID DirectoryID
	// Owner is the tenant that keeps the directory and alone sees it; empty for
	// those of the installation, which the operator vouches for.
	Owner TenantID
	Kind  DirectoryKind
	Name  string // the organisation, as people are told it
	// Issuer is the DirectoryOpenID Provider's issuer identifier, compared as a plain
	// string.
	Issuer       string
	ClientID     string
	ClientSecret string // never printed, encrypted at rest
	AuthStyle    AuthStyle
	HintStyle    HintStyle
	// TenantClaim and TenantValue name the claim that tells organisations
	// apart at an issuer that serves several (tid, hd, org_id); empty if the
	// issuer serves one (security rule I-7).
	TenantClaim, TenantValue string
	// Scopes are asked for besides openid.
	Scopes []string
	// ConfirmedHosts are hosts of endpoints, other than the issuer's own, that
	// an administrator has confirmed (security rule O-5).
	ConfirmedHosts []string
	Domains        []Domain      // the verified ones
	DomainClaims   []DomainClaim // those that wait for their proof
	Enabled        bool
	Version        int64
}

// HasDomain reports whether d is one of the directory's domains. Sub-domains are
// not included (F-020).
func (dir Directory) HasDomain(d Domain) bool {
	for _, own := range dir.Domains {
		if own == d {
			return true
		}
	}
	return false
}

// CheckIssuer refuses what cannot be the issuer of a directory: anything but an
// https address without query and fragment, or, where loopback addresses are
// allowed, an http one there; and the addresses at which Microsoft signs in the
// people of any organisation (security rule I-7).
func CheckIssuer(s string, loopback bool) error {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsAny(s, "?#") ||
		u.Scheme != "https" && (u.Scheme != "http" || !loopback || !IsLoopback(u.Hostname())) {
		return Invalidf("issuer", "“%s” is not an issuer: an https address without query or fragment.", s)
	}
	realm, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if microsoft(asciiLower(u.Hostname())) && slices.Contains([]string{"common", "organizations", "consumers"},
		asciiLower(realm)) {
		return Invalidf("issuer", "“%s” signs in people of every organization. Use the issuer of the one tenant.", s)
	}
	return nil
}

// CheckTenantClaim refuses a directory whose issuer serves people of every
// organisation if no claim tells who is of this one (security rule I-7).
func (dir Directory) CheckTenantClaim() error {
	if (dir.TenantClaim == "") != (dir.TenantValue == "") {
		return Invalidf("tenantClaim", "A tenant claim and its value go together.")
	}
	if u, err := url.Parse(dir.Issuer); err == nil && asciiLower(u.Hostname()) == "accounts.google.com" &&
		dir.TenantClaim == "" {
		return Invalidf("tenantClaim", "“%s” signs in people of every organization. Say with the tenant claim hd which one "+
			"is meant.", dir.Issuer)
	}
	return nil
}

// microsoft reports whether host is one of those at which Entra ID signs in.
func microsoft(host string) bool {
	for _, own := range []string{"microsoftonline.com", "microsoftonline.us", "partner.microsoftonline.cn", "windows.net",
		"microsoft.com", "ciamlogin.com"} {
		if host == own || strings.HasSuffix(host, "."+own) {
			return true
		}
	}
	return false
}

// IsLoopback reports whether host is a name or an address of this machine.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Identity is who a directory says has signed in, after every check that the
// protocol asks for.
type Identity struct {
	Directory DirectoryID
	// Subject is the provider's stable key: sub, or tid and oid at Entra ID.
	Subject string
	Name    string
	// Email is an address to show and to write to. It identifies nobody.
	Email string
	// EmailTrusted is true if the provider vouches for Email and its domain is
	// one of the directory's.
	EmailTrusted bool
	Language     string // BCP 47, empty if not told
}

// Account is somebody who has signed in, keyed by directory and subject and
// never by an e-mail address (security rules I-1, I-2).
type Account struct {
	ID        AccountID
	Directory DirectoryID
	Subject   string
	Name      string
	Email     string
	Language  string
}
