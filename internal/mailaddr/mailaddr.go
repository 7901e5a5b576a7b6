// Package mailaddr has the one parser of mail addresses and of domains as people and
// providers write them, and the canonical form in which both are compared.
//
// Addresses identify people who have not signed in yet, so two addresses are the same
// only if Parse returns the same Address for both. Search keys (Unicode NFKC, case
// folding) never identify anyone: they map different addresses to one.
package mailaddr

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"myaccess/internal/access"
)

// Limits of an address in bytes (RFC 5321 4.5.3.1; RFC 3696, erratum 1690).
const (
	maxLocal   = 64
	maxAddress = 254
)

// Address is a mail address in canonical form: the local part with A to Z in lower
// case and otherwise byte for byte, the domain as a canonical access.Domain. Addresses
// are compared with == and nothing else.
type Address string

// Parse returns the canonical form of an address. ok is false for anything but one
// address of the form name@domain: display names, comments, lists, quoted names,
// addresses of hosts, invisible characters, invalid UTF-8 and blanks around it.
func Parse(s string) (a Address, ok bool) {
	local, d, ok := split(s)
	if !ok {
		return "", false
	}
	return Address(access.LowerASCII(local) + "@" + string(d)), true
}

// Check is Parse for what a person typed into the field. It returns Invalid at the
// field if s is not an address.
func Check(field, s string) (Address, error) {
	a, ok := Parse(s)
	if !ok {
		return "", access.Invalidf(field, "“%s” is not a mail address.", s)
	}
	return a, nil
}

// Domain is the domain of the address.
func (a Address) Domain() access.Domain {
	return access.Domain(a[strings.LastIndexByte(string(a), '@')+1:])
}

// DomainOf returns the domain of an address (security rule I-5). ok is false if s is
// not an address.
func DomainOf(s string) (d access.Domain, ok bool) {
	_, d, ok = split(s)
	return d, ok
}

// Envelope returns the address as mail servers get it: the local part as it is
// written, and the domain in ASCII. ok is false if s is not an address.
func Envelope(s string) (address string, ok bool) {
	local, d, ok := split(s)
	if !ok {
		return "", false
	}
	return local + "@" + string(d), true
}

// Show returns the address as people read it: the domain with the characters that
// A-labels stand for. Anything else is returned unchanged.
func Show(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at < 0 || !strings.Contains(s[at:], "xn--") {
		return s
	}
	name, err := idna.Display.ToUnicode(s[at+1:])
	if err != nil {
		return s
	}
	return s[:at+1] + name
}

// split returns the local part as it is written and the canonical domain.
func split(s string) (local string, d access.Domain, ok bool) {
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Name != "" || parsed.Address != s || strings.ContainsAny(s, "\"[]()<>,;:\\ ") ||
		strings.ContainsFunc(s, invisible) {
		return "", "", false
	}
	at := strings.LastIndexByte(s, '@')
	local = s[:at]
	d, ok = domainOfAddress(s[at+1:])
	if !ok || strings.Contains(local, "@") || len(local) > maxLocal || len(local)+1+len(d) > maxAddress {
		return "", "", false
	}
	return local, d, true
}

func invisible(r rune) bool {
	return r == utf8.RuneError || unicode.IsSpace(r) ||
		unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zs, unicode.Zl, unicode.Zp, unicode.Co)
}

// domainOfAddress is CanonicalDomain without the mappings that turn other characters
// into ASCII: a ligature, a full-width letter or an ideographic full stop in the
// domain of an address is refused, as is a final full stop. A label in other scripts
// may be in upper case or decomposed.
func domainOfAddress(s string) (access.Domain, bool) {
	d, ok := CanonicalDomain(s)
	given, canonical := strings.Split(s, "."), strings.Split(string(d), ".")
	if !ok || len(given) != len(canonical) {
		return "", false
	}
	for i, label := range given {
		if isASCII(label) {
			continue
		}
		shown, err := idna.Display.ToUnicode(canonical[i])
		if err != nil || !strings.HasPrefix(canonical[i], "xn--") || strings.ContainsFunc(label, imitatesASCII) ||
			shown != norm.NFC.String(strings.ToLower(label)) {
			return "", false
		}
	}
	return d, true
}

// imitatesASCII reports whether the lower case or the normal form of a character that
// is not ASCII is, such as those of the Kelvin sign.
func imitatesASCII(r rune) bool {
	return r >= utf8.RuneSelf && (unicode.ToLower(r) < utf8.RuneSelf || isASCII(norm.NFC.String(string(r))))
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// CanonicalDomain maps a domain that a person typed, or that is in a link, to its
// canonical form (lower-case A-labels). ok is false if it is not a domain. The caller
// redirects links with another form to the canonical one (security rule N-17).
func CanonicalDomain(s string) (d access.Domain, ok bool) {
	if len(s) > 253*4 {
		return "", false
	}
	ascii, err := idna.Lookup.ToASCII(s)
	if err != nil {
		return "", false
	}
	if again, err := idna.Lookup.ToASCII(ascii); err != nil || again != ascii {
		return "", false // invalid UTF-8 gives a name that is not stable
	}
	d, err = access.ParseDomain(strings.TrimSuffix(ascii, "."))
	return d, err == nil
}
