package signin

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	exact "github.com/go-jose/go-jose/v4/json" // tells upper and lower case apart, and takes no name twice

	"myaccess/internal/access"
)

// claims are what we use of an ID token or of the userinfo endpoint.
type claims struct {
	Issuer     string          `json:"iss"`
	Subject    string          `json:"sub"`
	Audience   any             `json:"aud"`
	Party      string          `json:"azp"`
	Expires    *float64        `json:"exp"`
	IssuedAt   *float64        `json:"iat"`
	NotBefore  *float64        `json:"nbf"`
	AuthTime   *float64        `json:"auth_time"`
	Nonce      string          `json:"nonce"`
	SID        string          `json:"sid"`
	Name       string          `json:"name"`
	Given      string          `json:"given_name"`
	Family     string          `json:"family_name"`
	Preferred  string          `json:"preferred_username"`
	Email      string          `json:"email"`
	Verified   json.RawMessage `json:"email_verified"`
	Locale     string          `json:"locale"`
	ObjectID   string          `json:"oid"`
	AccessHash string          `json:"at_hash"`

	tenant any // the value of the directory's tenant claim
}

// used are the claims whose names must not be met a second time in other
// letters: Go reads SUB as sub, and so do others.
func used(dir access.Directory) []string {
	return []string{"iss", "sub", "aud", "azp", "exp", "iat", "nbf", "auth_time", "nonce", "sid", "name", "given_name",
		"family_name",
		"preferred_username", "email", "email_verified", "locale", "tid", "oid", "hd", "at_hash", dir.TenantClaim}
}

// parseClaims reads claims. It refuses a payload that can be read in two ways.
func parseClaims(payload []byte, dir access.Directory) (claims, error) {
	var c claims
	var all map[string]any
	if err := exact.Unmarshal(payload, &all); err != nil {
		return c, fmt.Errorf("the claims cannot be read")
	}
	if err := exact.Unmarshal(payload, &c); err != nil {
		return c, fmt.Errorf("the claims cannot be read")
	}
	for name := range all {
		for _, own := range used(dir) {
			if _, both := all[own]; both && name != own && strings.EqualFold(name, own) {
				return c, fmt.Errorf("the claim %s is there twice", own)
			}
		}
	}
	c.tenant = all[dir.TenantClaim]
	return c, nil
}

const (
	// skew is how far a provider's clock may be off.
	skew = 2 * time.Minute
	// grace is how long after its end an ID token is still taken.
	grace = time.Minute
)

// check returns what is wrong with the claims of an ID token; empty if nothing.
func (c claims) check(got answer, a access.SignInAttempt, now time.Time) string {
	switch {
	case c.Issuer != a.Issuer:
		return "the ID token has another iss"
	case !proper(c.Subject):
		return "the ID token has no proper sub"
	case c.Nonce == "" || subtle.ConstantTimeCompare([]byte(c.Nonce), []byte(a.Nonce)) != 1:
		return "the ID token has another nonce, or none"
	case c.Party != "" && c.Party != a.ClientID:
		return "the ID token was made for another client (azp)"
	case !alone(c.Audience, a.ClientID):
		return "the ID token is for others, or for others too (aud)"
	case c.AccessHash != "" && got.token.VerifyAccessToken(got.bearer) != nil:
		return "the ID token belongs to another access token (at_hash)"
	}
	return c.checkTimes(a, now)
}

// alone reports whether aud, a text or a list of one, names the client and
// nobody else.
func alone(aud any, client string) bool {
	if list, ok := aud.([]any); ok && len(list) == 1 {
		aud = list[0]
	}
	return aud == any(client)
}

func (c claims) checkTimes(a access.SignInAttempt, now time.Time) string {
	switch {
	case c.Expires == nil || !now.Before(moment(c.Expires).Add(grace)):
		return "the ID token has expired, or has no exp"
	case c.IssuedAt == nil:
		return "the ID token has no iat"
	case moment(c.IssuedAt).After(now.Add(skew)), c.NotBefore != nil && moment(c.NotBefore).After(now.Add(skew)):
		return "the ID token is from the future"
	case moment(c.IssuedAt).Before(a.Created.Add(-skew)):
		return "the ID token is older than the attempt"
	case a.MaxAge > 0 && (c.AuthTime == nil || moment(c.AuthTime).After(now.Add(skew)) ||
		moment(c.AuthTime).Before(a.Created.Add(-a.MaxAge-skew))):
		return "the person has not proved who they are as lately as was asked (auth_time)"
	}
	return ""
}

// moment is the time of a claim. One beyond all reason is the beginning of time.
func moment(seconds *float64) time.Time {
	if *seconds < 0 || *seconds > 1<<36 {
		return time.Time{}
	}
	return time.Unix(int64(*seconds), 0)
}

// proper reports whether s can be part of the key of an account: 1 to 255 bytes
// that are the same wherever they are written.
func proper(s string) bool {
	return s != "" && len(s) <= 255 &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar })
}
