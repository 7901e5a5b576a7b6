package signin

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"

	"golang.org/x/net/idna"

	"myaccess/internal/access"
)

// NewToken is 256 random bits as text.
func NewToken() string {
	b := make([]byte, 32)
	rand.Read(b) //nolint:errcheck // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// HashToken is the SHA-256 of s in hexadecimal: what is kept of a secret that only
// the browser has.
func HashToken(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// CanonicalDomain maps the domain of a link to its canonical form; ok is false if it
// has none. A link that is not in that form is sent there once, or is unknown
// (security rule 1.8).
func CanonicalDomain(s string) (d access.Domain, ok bool) {
	if len(s) > 253*4 {
		return "", false
	}
	ascii, err := idna.Lookup.ToASCII(s)
	if err != nil {
		return "", false
	}
	if again, err := idna.Lookup.ToASCII(ascii); err != nil || again != ascii {
		return "", false // bytes that are no text are mapped to a name that is none
	}
	d, err = access.ParseDomain(strings.TrimSuffix(ascii, "."))
	return d, err == nil
}

// DomainFromInput is the domain of what a person typed as a work address, or as a
// domain. Invalid if there is none in it.
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

// SafeTarget reports whether raw is a path of our own that a browser may be sent
// to after signing in, and returns it as we would write it (S-8). Our paths have
// no escapes and no empty segments.
func SafeTarget(raw string) (string, bool) {
	if len(raw) > 2000 || !strings.HasPrefix(raw, "/") || strings.Contains(raw, "#") {
		return "", false
	}
	path, query, asked := strings.Cut(raw, "?")
	for segment := range strings.SplitSeq(strings.TrimSuffix(path[1:], "/"), "/") {
		if segment == "" && path != "/" || strings.Trim(segment, ".") == "" && segment != "" ||
			strings.ContainsFunc(segment, foreignToPaths) {
			return "", false
		}
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", false
	}
	if !asked || len(values) == 0 {
		return path, true
	}
	return path + "?" + values.Encode(), true
}

func foreignToPaths(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-._~@", r)
}
