package mail

import (
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
)

// ParseAddress returns the address in s as mail servers get it, with its domain in
// lower-case ASCII. Blanks around it are removed. The error is access.Invalid for the
// field "email".
func ParseAddress(s string) (string, error) {
	address, ok := mailaddr.Envelope(strings.TrimSpace(s))
	if !ok {
		return "", access.Invalidf("email", "Enter a mail address, such as mara@harbor.example.")
	}
	return address, nil
}
