package signin

import (
	"strings"

	"golang.org/x/net/idna"

	"myaccess/internal/access"
)

// CanonicalDomain maps the domain of a link to its canonical form (lower-case
// A-label); ok is false if it is not a domain. The caller redirects links with
// another form to the canonical one (security rule N-17).
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

// DomainFromInput returns the domain of a work address, or the domain, that a
// person typed. Invalid for the field "address" if there is none.
func DomainFromInput(typed string) (access.Domain, error) {
	typed = strings.TrimSpace(typed)
	if at := strings.LastIndexByte(typed, '@'); at >= 0 {
		typed = typed[at+1:] // after the last @ (I-5)
	}
	d, ok := CanonicalDomain(typed)
	if !ok {
		return "", access.Invalidf("address", "Enter your work address, such as name@example.org.")
	}
	return d, nil
}
