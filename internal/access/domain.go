package access

import (
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

// IsConsumer reports whether anybody can get a mail address in the domain: it
// says nothing of who somebody works for (F-016, F-029).
func (d Domain) IsConsumer() bool {
	first, _, _ := strings.Cut(string(d), ".")
	if slices.Contains([]string{"yahoo", "hotmail", "outlook", "live", "gmx", "yandex"}, first) {
		return true // in the domains of many countries
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
