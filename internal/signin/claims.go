package signin

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	exact "github.com/go-jose/go-jose/v4/json" // case-sensitive, rejects duplicate names

	"myaccess/internal/access"
)

// claims are the claims of an ID token or a userinfo response that we use.
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

	all map[string]any // every claim
}

// usedClaims are the claims whose names must not occur a second time in different
// case: encoding/json reads SUB as sub, and other software may do so too.
func usedClaims(dir access.Directory) []string {
	return []string{"iss", "sub", "aud", "azp", "exp", "iat", "nbf", "auth_time", "nonce", "sid", "name", "given_name",
		"family_name", "preferred_username", "email", "email_verified", "locale", "tid", "oid", "hd", "at_hash",
		"acct", "userType", "user_type", "upn", "idp", "identity_provider", dir.TenantClaim, dir.GuestClaim}
}

// parseClaims parses claims. It rejects a payload that is ambiguous: with a name
// twice, or in different case.
func parseClaims(payload []byte, dir access.Directory) (claims, error) {
	var c claims
	var all map[string]any
	if err := exact.Unmarshal(payload, &all); err != nil {
		return c, errors.New("the claims cannot be read")
	}
	if err := exact.Unmarshal(payload, &c); err != nil {
		return c, errors.New("the claims cannot be read")
	}
	for name := range all {
		for _, own := range usedClaims(dir) {
			if _, both := all[own]; both && name != own && strings.EqualFold(name, own) {
				return c, fmt.Errorf("the claim %s is there twice", own)
			}
		}
	}
	c.all = all
	return c, nil
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
	case !onlyAudience(c.Audience, a.ClientID):
		return "the ID token is for others, or for others too (aud)"
	case c.AccessHash != "" && got.idToken.VerifyAccessToken(got.accessToken) != nil:
		return "the ID token belongs to another access token (at_hash)"
	}
	return c.checkTimes(a, now)
}

// onlyAudience reports whether aud, a string or a list, contains the client and
// nothing else.
func onlyAudience(aud any, client string) bool {
	if list, ok := aud.([]any); ok && len(list) == 1 {
		aud = list[0]
	}
	return aud == any(client)
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
	case a.MaxAge > 0 && (c.AuthTime == nil || claimTime(c.AuthTime).After(now.Add(maxSkew)) ||
		claimTime(c.AuthTime).Before(a.Created.Add(-a.MaxAge-maxSkew))):
		return "the person has not proved who they are as lately as was asked (auth_time)"
	}
	return ""
}

// claimTime converts a NumericDate. Out-of-range values give the zero time.
func claimTime(seconds *float64) time.Time {
	if *seconds < 0 || *seconds > 1<<36 {
		return time.Time{}
	}
	return time.Unix(int64(*seconds), 0)
}
