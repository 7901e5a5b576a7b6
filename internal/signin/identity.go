package signin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"

	"myaccess/internal/access"
)

// answer is what the token endpoint gave.
type answer struct {
	token  *oidc.IDToken
	bearer string
	raw    string
}

// identify makes the checks that the library leaves to its caller, and tells who
// has signed in.
func (s *SignIn) identify(ctx context.Context, dir access.Directory, a access.SignInAttempt, p *provider,
	got answer) (Finished, error) {
	var payload json.RawMessage
	if err := got.token.Claims(&payload); err != nil {
		return Finished{}, refused(dir, "the ID token's claims cannot be read")
	}
	c, err := parseClaims(payload, dir)
	if err != nil {
		return Finished{}, refused(dir, err.Error())
	}
	if fault := c.check(got, a, s.config.Now()); fault != "" {
		return Finished{}, refused(dir, fault)
	}
	if dir.TenantClaim != "" && c.tenant != dir.TenantValue { // I-7
		return Finished{}, access.Refuse(access.Forbidden, "You are not signed in as somebody of %s there.", dir.Name)
	}
	subject := c.Subject
	if dir.TenantClaim == entraTenant { // sub is another one for every client there
		if !proper(c.ObjectID) {
			return Finished{}, refused(dir, "the ID token has no oid")
		}
		subject = dir.TenantValue + ":" + c.ObjectID
	}
	if (c.Email == "" || c.Name+c.Given+c.Family == "") && p.meta.UserInfo != "" {
		if err := s.userInfo(ctx, dir, p, got, &c); err != nil {
			return Finished{}, err
		}
	}
	if !proper(c.SID) {
		c.SID = ""
	}
	return Finished{Identity: c.identity(dir, subject), SID: c.SID, IDToken: got.raw}, nil
}

// entraTenant is the claim by which Entra ID tells its tenants apart.
const entraTenant = "tid"

// userInfo completes the claims from the userinfo endpoint, which must speak of
// the same subject (OpenID Connect Core 5.3.2). An address and whether it is
// verified come from the same place, and what the ID token denies stays denied
// (I-6).
func (s *SignIn) userInfo(ctx context.Context, dir access.Directory, p *provider, got answer, c *claims) error {
	var raw json.RawMessage
	if err := getJSON(ctx, s.client, p.meta.UserInfo, got.bearer, &raw); err != nil {
		return down(dir, fmt.Errorf("userinfo: %w", err))
	}
	u, err := parseClaims(raw, dir)
	if err != nil {
		return refused(dir, "userinfo: "+err.Error())
	}
	if u.Subject != c.Subject {
		return refused(dir, "the userinfo endpoint speaks of somebody else")
	}
	if c.Email == "" {
		c.Email = u.Email
		if !denied(c.Verified) {
			c.Verified = u.Verified
		}
	}
	for _, pair := range []struct{ to, from *string }{
		{&c.Name, &u.Name}, {&c.Given, &u.Given}, {&c.Family, &u.Family}, {&c.Preferred, &u.Preferred},
		{&c.Locale, &u.Locale},
	} {
		if *pair.to == "" {
			*pair.to = *pair.from
		}
	}
	return nil
}

// identity is who the claims speak of. An address is trusted if its domain is
// one of the directory's, for which the directory's own provider may speak, and
// the provider does not say that it is unverified (I-4). A user name that looks
// like an address is one to show, but for those of Entra ID, whose domains are
// verified and which people cannot choose.
func (c claims) identity(dir access.Directory, subject string) access.Identity {
	id := access.Identity{Directory: dir.ID, Subject: subject, Name: c.Name, Email: plain(c.Email), Language: c.Locale}
	vouched := !denied(c.Verified)
	if id.Email == "" {
		id.Email, vouched = plain(c.Preferred), vouched && dir.TenantClaim == entraTenant
	}
	if id.Name == "" {
		id.Name = strings.TrimSpace(c.Given + " " + c.Family)
	}
	id.Name, id.Language = clean(id.Name, access.MaxNameLength), clean(id.Language, 35)
	d, ok := access.DomainOf(id.Email)
	id.EmailTrusted = ok && dir.HasDomain(d) && vouched
	return id
}

// denied reports whether the claim email_verified says that an address is not.
func denied(verified json.RawMessage) bool {
	return len(verified) > 0 && string(verified) != "true" && string(verified) != `"true"`
}

// plain is a mail address as it was told, if it is one and nothing besides
// (I-5); else empty.
func plain(s string) string {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s || len(s) > 254 || clean(s, len(s)) != s {
		return ""
	}
	return s
}

// clean takes what cannot be seen out of what a provider says, such as control
// characters and those that turn the direction of text around, and shortens it
// to n characters.
func clean(s string, n int) string {
	r := []rune(strings.Map(func(r rune) rune {
		joiner := r == '\u200c' || r == '\u200d' // spelling, in Persian and others
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) && !joiner ||
			r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.TrimSpace(s)))
	return string(r[:min(n, len(r))])
}
