package access

import (
	"slices"
	"strings"
)

// Domain is a DNS name in canonical form: lower-case ASCII labels (A-labels),
// at least two of them, no trailing dot, not an address. Domains are compared
// with == and nothing else.
type Domain string

// ParseDomain returns s as a Domain if it is already in canonical form. Package
// mailaddr converts what people type to that form.
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
		return "", bad // an IPv4 address
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

// LowerASCII lower-cases A to Z only: strings.ToLower maps the Kelvin sign to
// k, which would turn one domain or address into another.
func LowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// DomainVerification is how it was verified that a domain belongs to a
// directory.
type DomainVerification string

// The ways to verify a domain. A pending domain has no effect.
const (
	VerifiedByOperator  DomainVerification = "operator" // by the operator of the installation
	VerifiedByDNS       DomainVerification = "dns"      // a TXT record held the token
	VerifiedByMail      DomainVerification = "mail"     // passcode directories: every sign-in verifies the address
	VerificationPending DomainVerification = "pending"
)

// DomainClaim is a domain of a directory that is not verified yet. It is
// verified by a TXT record at DomainTXTName(Domain) with the value Token.
type DomainClaim struct {
	Domain Domain
	Token  string
}

// DomainTXTName is the name of the TXT record that verifies a domain.
func DomainTXTName(d Domain) string { return "_myaccess." + string(d) }

// IsConsumer reports whether anyone can get a mail address in the domain, so
// that an address says nothing about an employer (F-016, F-029).
func (d Domain) IsConsumer() bool {
	first, _, _ := strings.Cut(string(d), ".")
	if slices.Contains([]string{"yahoo", "hotmail", "outlook", "live", "gmx", "yandex"}, first) {
		return true // under many country domains
	}
	return slices.Contains([]string{
		"gmail.com", "googlemail.com", "msn.com", "passport.com", "ymail.com", "rocketmail.com", "icloud.com", "me.com",
		"mac.com", "aol.com",
		"web.de", "freenet.de", "t-online.de", "mail.de", "posteo.de", "mailbox.org", "proton.me", "protonmail.com", "pm.me",
		"tutanota.com", "tuta.io",
		"mail.com", "email.com", "zoho.com", "fastmail.com", "hey.com", "mail.ru", "bk.ru", "inbox.ru", "list.ru",
		"rambler.ru", "ukr.net",
		"qq.com", "163.com", "126.com", "sina.com", "foxmail.com", "naver.com", "hanmail.net", "daum.net", "rediffmail.com",
		"orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "libero.it", "virgilio.it", "tiscali.it", "seznam.cz",
		"wp.pl", "o2.pl", "onet.pl", "interia.pl",
		"comcast.net", "verizon.net", "att.net", "sbcglobal.net", "btinternet.com", "bluewin.ch", "uol.com.br", "bol.com.br",
		"terra.com.br",
		"guerrillamail.com", "mailinator.com", "yopmail.com",
	}, string(d))
}
