package signin

import (
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
)

// DomainFromInput returns the domain of a work address, or the domain, that a
// person typed. It only finds the provider to send the person to, so what stands
// before the domain need not be valid. Invalid for the field "address" if there is
// none.
func DomainFromInput(typed string) (access.Domain, error) {
	typed = strings.TrimSpace(typed)
	if at := strings.LastIndexByte(typed, '@'); at >= 0 {
		typed = typed[at+1:] // after the last @ (I-5)
	}
	d, ok := mailaddr.CanonicalDomain(typed)
	if !ok {
		return "", access.Invalidf("address", "Enter your work email, such as name@example.org.")
	}
	return d, nil
}
