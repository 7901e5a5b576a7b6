package mail

import (
	"net/mail"
	"strings"

	"golang.org/x/net/idna"

	"myaccess/internal/access"
)

// The limits of RFC 5321 4.5.3.1, in bytes.
const (
	maxLocal  = 64
	maxDomain = 255
)

// ParseAddress returns the address in s, with its domain in lower-case ASCII. It
// rejects the parts of RFC 5322 that no mailbox needs: display names, comments,
// lists, quoted local parts and domain literals. The error is access.Invalid for the
// field "email".
func ParseAddress(s string) (string, error) {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	at := strings.LastIndexByte(s, '@')
	if err != nil || a.Address != s || a.Name != "" || strings.ContainsAny(s, "\"[]()<> ") || clean(s) != s {
		return "", badAddress()
	}
	local, domain := s[:at], s[at+1:]
	domain, err = idna.Lookup.ToASCII(domain)
	if err != nil || len(local) > maxLocal || len(domain) > maxDomain || !strings.Contains(domain, ".") {
		return "", badAddress()
	}
	return local + "@" + domain, nil
}

func badAddress() error {
	return access.Invalidf("email", "This is not an e-mail address, such as mara@harbor.example.")
}
