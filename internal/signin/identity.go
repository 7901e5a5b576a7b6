package signin

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"myaccess/internal/access"
)

// claims are what we use of an ID token or of the userinfo endpoint.
type claims struct {
	Subject    string          `json:"sub"`
	Party      string          `json:"azp"`
	IssuedAt   *float64        `json:"iat"`
	NotBefore  *float64        `json:"nbf"`
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
}

// answer is what the token endpoint gave.
type answer struct {
	token  *oidc.IDToken
	bearer string
	raw    string
}

// skew is how far a provider's clock may be off.
const skew = 2 * time.Minute

// identify makes the checks that the library leaves to its caller, and tells who
// has signed in.
func (s *SignIn) identify(ctx context.Context, dir access.Directory, a access.Attempt, p *provider, got answer) (Finished, error) {
	var c claims
	var all map[string]any
	if err := errors.Join(got.token.Claims(&c), got.token.Claims(&all)); err != nil {
		return Finished{}, refused(dir, "the ID token's claims cannot be read")
	}
	if fault := c.check(got, a, dir.ClientID, s.config.Now()); fault != "" {
		return Finished{}, refused(dir, fault)
	}
	if dir.TenantClaim != "" && all[dir.TenantClaim] != dir.TenantValue { // I-7
		return Finished{}, access.Refuse(access.Forbidden, "You are not signed in as somebody of %s there.", dir.Name)
	}
	subject := c.Subject
	if dir.TenantClaim == "tid" { // Entra ID: sub is another one for every client
		if c.ObjectID == "" {
			return Finished{}, refused(dir, "the ID token has no oid")
		}
		subject = dir.TenantValue + ":" + c.ObjectID
	}
	if c.Email == "" && p.meta.UserInfo != "" && got.bearer != "" {
		if err := s.userInfo(ctx, p, got, &c); err != nil {
			return Finished{}, down(dir, err)
		}
	}
	return Finished{Identity: c.identity(dir, subject), SID: c.SID, IDToken: got.raw}, nil
}

// check returns what is wrong with the claims of an ID token; empty if nothing.
func (c claims) check(got answer, a access.Attempt, client string, now time.Time) string {
	switch {
	case c.Subject == "" || len(c.Subject) > 255:
		return "the ID token has no proper sub"
	case c.Nonce == "" || subtle.ConstantTimeCompare([]byte(c.Nonce), []byte(a.Nonce)) != 1:
		return "the ID token has another nonce, or none"
	case c.IssuedAt == nil:
		return "the ID token has no iat"
	case got.token.IssuedAt.After(now.Add(skew)):
		return "the ID token is from the future"
	case got.token.IssuedAt.Before(a.Created.Add(-skew)):
		return "the ID token is older than the attempt"
	case c.Party != "" && c.Party != client:
		return "the ID token was made for another client (azp)"
	case len(got.token.Audience) > 1:
		return "the ID token is for others too (aud)"
	}
	if c.AccessHash != "" && got.token.VerifyAccessToken(got.bearer) != nil {
		return "the ID token belongs to another access token (at_hash)"
	}
	return ""
}

// userInfo completes the claims from the userinfo endpoint, which must speak of
// the same subject (OpenID Connect Core 5.3.2). The address and whether it is
// verified come from the same place (I-6).
func (s *SignIn) userInfo(ctx context.Context, p *provider, got answer, c *claims) error {
	var u claims
	if err := getJSON(ctx, s.client, p.meta.UserInfo, got.bearer, &u); err != nil {
		return err
	}
	if u.Subject != c.Subject {
		return errors.New("the userinfo endpoint speaks of somebody else")
	}
	c.Email, c.Verified = u.Email, u.Verified
	for _, pair := range []struct{ to, from *string }{
		{&c.Name, &u.Name}, {&c.Given, &u.Given}, {&c.Family, &u.Family}, {&c.Preferred, &u.Preferred}, {&c.Locale, &u.Locale},
	} {
		if *pair.to == "" {
			*pair.to = *pair.from
		}
	}
	return nil
}

// identity is who the claims speak of. An address is trusted if its domain is
// one of the directory's, for which the directory's own provider may speak, and
// the provider does not say that it is unverified (I-4).
func (c claims) identity(dir access.Directory, subject string) access.Identity {
	id := access.Identity{Directory: dir.ID, Subject: subject, Name: c.Name, Email: c.Email, Language: c.Locale}
	if id.Email == "" && strings.Contains(c.Preferred, "@") {
		id.Email = c.Preferred
	}
	if id.Name == "" {
		id.Name = strings.TrimSpace(c.Given + " " + c.Family)
	}
	id.Name, id.Email, id.Language = clean(id.Name, access.MaxName), clean(id.Email, 254), clean(id.Language, 35)
	d, ok := access.DomainOf(id.Email)
	denied := len(c.Verified) > 0 && string(c.Verified) != "true" && string(c.Verified) != `"true"`
	id.EmailTrusted = ok && dir.Owns(d) && !denied
	return id
}

// clean takes control characters out of what a provider says and shortens it to
// n characters.
func clean(s string, n int) string {
	r := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == '\uFFFD' {
			return -1
		}
		return r
	}, strings.TrimSpace(s)))
	return string(r[:min(n, len(r))])
}
