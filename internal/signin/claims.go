package signin

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	exact "github.com/go-jose/go-jose/v4/json" // case-sensitive, rejects duplicate names

	"myaccess/internal/access"
)

// claims are the claims of an ID token that we use.
type claims struct {
	profile

	Issuer     string          `json:"iss"`
	Audience   any             `json:"aud"`
	Party      string          `json:"azp"`
	Expires    *float64        `json:"exp"`
	IssuedAt   *float64        `json:"iat"`
	NotBefore  *float64        `json:"nbf"`
	AuthTime   json.RawMessage `json:"auth_time"` // read only if max_age was requested
	Nonce      string          `json:"nonce"`
	SID        displayText     `json:"sid"`
	ObjectID   displayText     `json:"oid"`
	AccessHash string          `json:"at_hash"`

	all map[string]any // every claim
}

// profile has the claims that an ID token or a userinfo response can contain.
type profile struct {
	Subject   string          `json:"sub"`
	Name      displayText     `json:"name"`
	Given     displayText     `json:"given_name"`
	Family    displayText     `json:"family_name"`
	Preferred displayText     `json:"preferred_username"`
	Email     addressText     `json:"email"`
	Verified  json.RawMessage `json:"email_verified"`
	Locale    displayText     `json:"locale"`
}

// displayText is a claim that a sign-in does not need. A value that is not a string
// counts as absent; some providers send false or null instead of omitting a claim.
type displayText string

// UnmarshalJSON implements json.Unmarshaler.
func (t *displayText) UnmarshalJSON(value []byte) error {
	var s string
	if json.Unmarshal(value, &s) != nil {
		s = ""
	}
	*t = displayText(s)
	return nil
}

// addressText is a mail address. null and false count as absent; any other value that
// is not a string is kept as JSON, so that it counts as an unreadable address and not as
// none.
type addressText string

// UnmarshalJSON implements json.Unmarshaler.
func (t *addressText) UnmarshalJSON(value []byte) error {
	var s string
	if json.Unmarshal(value, &s) != nil {
		if s = string(value); s == "false" {
			s = ""
		}
	}
	*t = addressText(s)
	return nil
}

// usedClaims are the claims whose names must not occur a second time in different
// case: encoding/json reads SUB as sub, and other software may do so too.
func usedClaims(dir access.Directory) []string {
	return []string{"iss", "sub", "aud", "azp", "exp", "iat", "nbf", "auth_time", "nonce", "sid", "name", "given_name",
		"family_name", "preferred_username", "email", "email_verified", "locale", "tid", "oid", "hd", "at_hash",
		"acct", "userType", "user_type", "upn", "idp", "identity_provider", dir.TenantClaim, dir.GuestClaim, dir.EmailClaim,
		dir.NameClaim}
}

// parseClaims parses the claims of an ID token.
func parseClaims(payload []byte, dir access.Directory) (claims, error) {
	var c claims
	all, err := parseExactly(payload, dir, &c)
	c.all = all
	return c, err
}

// parseExactly parses a JSON object into v and returns all its members. It rejects a
// payload that is ambiguous: with a name twice, or in different case.
func parseExactly(payload []byte, dir access.Directory, v any) (all map[string]any, err error) {
	if err := exact.Unmarshal(payload, &all); err != nil {
		return nil, errors.New("the claims cannot be read")
	}
	if err := exact.Unmarshal(payload, v); err != nil {
		return nil, errors.New("the claims cannot be read")
	}
	for name := range all {
		for _, own := range usedClaims(dir) {
			if _, both := all[own]; both && name != own && strings.EqualFold(name, own) {
				return nil, fmt.Errorf("the claim %s is there twice", own)
			}
		}
	}
	return all, nil
}

const (
	// maxSkew is the tolerated difference to the provider's clock.
	maxSkew = 2 * time.Minute
	// expiryGrace is how long an ID token is accepted after exp.
	expiryGrace = time.Minute
)

// check returns the first fault of the claims of an ID token; empty if there is
// none.
func (c claims) check(got tokenResponse, a access.SignInAttempt, now time.Time) string {
	switch {
	case c.Issuer != a.Issuer:
		return "the ID token has another iss"
	case !access.ValidSubject(c.Subject):
		return "the ID token has no proper sub"
	case c.Nonce == "" || subtle.ConstantTimeCompare([]byte(c.Nonce), []byte(a.Nonce)) != 1:
		return "the ID token has another nonce, or none"
	case c.Party != "" && c.Party != a.ClientID:
		return "the ID token was made for another client (azp)"
	case !c.isFor(a.ClientID):
		return "the ID token is for others, or for others too (aud) and was not made for this client (azp)"
	case c.AccessHash != "" && got.idToken.VerifyAccessToken(got.accessToken) != nil:
		return "the ID token belongs to another access token (at_hash)"
	}
	return c.checkTimes(a, now)
}

// isFor reports whether the token is for the client: aud, a string or a list, contains
// it, and azp is the client if aud contains others too.
func (c claims) isFor(client string) bool {
	list, ok := c.Audience.([]any)
	if !ok {
		list = []any{c.Audience}
	}
	others := slices.ContainsFunc(list, func(name any) bool { return name != any(client) })
	return slices.Contains(list, any(client)) && (!others || c.Party == client)
}

func (c claims) checkTimes(a access.SignInAttempt, now time.Time) string {
	switch {
	case c.Expires == nil || !now.Before(claimTime(c.Expires).Add(expiryGrace)):
		return "the ID token has expired, or has no exp"
	case c.IssuedAt == nil:
		return "the ID token has no iat"
	case claimTime(c.IssuedAt).After(now.Add(maxSkew)), c.NotBefore != nil &&
		claimTime(c.NotBefore).After(now.Add(maxSkew)):
		return "the ID token is from the future"
	case claimTime(c.IssuedAt).Before(a.Created.Add(-maxSkew)):
		return "the ID token is older than the attempt"
	case a.MaxAge > 0 && !c.isFresh(a, now):
		return "the person has not proved who they are as lately as was asked (auth_time)"
	}
	return ""
}

// isFresh reports whether auth_time fulfils the max_age of the attempt.
func (c claims) isFresh(a access.SignInAttempt, now time.Time) bool {
	var at *float64
	if json.Unmarshal(c.AuthTime, &at) != nil || at == nil {
		return false
	}
	return !claimTime(at).After(now.Add(maxSkew)) && !claimTime(at).Before(a.Created.Add(-a.MaxAge-maxSkew))
}

// claimTime converts a NumericDate. Out-of-range values give the zero time.
func claimTime(seconds *float64) time.Time {
	if *seconds < 0 || *seconds > 1<<36 {
		return time.Time{}
	}
	return time.Unix(int64(*seconds), 0)
}
