package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/internal/plain"
)

// tokenResponse is a response of the token endpoint.
type tokenResponse struct {
	idToken     *oidc.IDToken
	accessToken string
	raw         string // the ID token as received
}

// identify makes the checks that the library leaves to its caller, and returns who
// has signed in.
func (s *SignIn) identify(ctx context.Context, dir access.Directory, a access.SignInAttempt, p *provider,
	got tokenResponse) (Finished, error) {
	var payload json.RawMessage
	if err := got.idToken.Claims(&payload); err != nil {
		return Finished{}, errRejected(dir, access.FailedIDToken, "the ID token's claims cannot be read")
	}
	c, err := parseClaims(payload, dir)
	if err != nil {
		return Finished{}, errRejected(dir, access.FailedIDToken, err.Error())
	}
	if fault := c.check(got, a, s.config.Now()); fault != "" {
		return Finished{}, errRejected(dir, access.FailedIDToken, fault)
	}
	if dir.TenantClaim != "" && !dir.IsTenant(c.all[dir.TenantClaim]) { // I-7
		return Finished{}, wrongAccount(dir, c)
	}
	subject := c.Subject
	if dir.TenantClaim == access.EntraTenantClaim {
		if !access.ValidSubject(string(c.ObjectID)) {
			return Finished{}, named(errRejected(dir, access.FailedIDToken, "the ID token has no oid"), c.account())
		}
		subject = dir.EntraSubject(string(c.ObjectID))
	}
	userInfoErr := s.complete(ctx, dir, p, got, &c)
	if userInfoErr != nil && (c.needsUserInfo(dir) || errors.Is(userInfoErr, errOtherPerson)) {
		return Finished{}, named(userInfoErr, c.account())
	}
	if !access.ValidSubject(string(c.SID)) {
		c.SID = ""
	}
	return Finished{Identity: c.identity(dir, subject), SID: string(c.SID), IDToken: got.raw, UserInfoError: userInfoErr},
		nil
}

// wrongAccount is the error for an account of another organization than the directory's
// (I-7).
func wrongAccount(dir access.Directory, c claims) error {
	got := "is missing"
	if value, ok := c.all[dir.TenantClaim]; ok {
		got = "is " + quoteForLog(fmt.Sprint(value))
	}
	return failWith(access.Refuse(access.Forbidden, "The account you used doesn't belong to %s.", dir.Name),
		Failure{Reason: access.FailedAccount, Account: c.account(),
			Detail: fmt.Sprintf("the claim %s %s, not %s", dir.TenantClaim, got, quoteForLog(dir.TenantValue))})
}

// account names the account by its claims: its address and its name, whichever there are,
// or its subject.
func (c claims) account() string {
	name, address := cleanName(string(c.Name), maxAccountText), string(c.Email)
	if address == "" {
		address = string(c.Preferred)
	}
	address = cleanName(address, maxAccountText)
	switch {
	case name == "" && address == "":
		return cleanName(c.Subject, maxAccountText)
	case name == "" || name == address:
		return address
	case address == "":
		return name
	}
	return name + " (" + address + ")"
}

// maxAccountText is the maximum number of characters of the name and of the address in
// claims.account.
const maxAccountText = 100

// errOtherPerson is the error for a userinfo response with another sub.
var errOtherPerson = errors.New("the userinfo endpoint speaks of somebody else")

// needsUserInfo reports whether a sign-in depends on the userinfo response: for the
// address, which may identify a person who was added before, and for the guest rule.
func (c claims) needsUserInfo(dir access.Directory) bool {
	_, hasGuestClaim := c.all[dir.GuestClaim]
	address := string(c.Email)
	if dir.EmailClaim != "" {
		_, address = c.address(dir)
	}
	return address == "" || dir.GuestClaim != "" && !hasGuestClaim
}

// complete adds claims that are missing in the ID token from the userinfo endpoint, if
// the provider has one. On an error it adds nothing.
func (s *SignIn) complete(ctx context.Context, dir access.Directory, p *provider, got tokenResponse, c *claims) error {
	if p.meta.UserInfo == "" || !c.needsUserInfo(dir) && c.Name+c.Given+c.Family != "" {
		return nil
	}
	u, all, err := s.userInfo(ctx, dir, p, got)
	if err != nil {
		return err
	}
	if u.Subject != c.Subject { // OpenID Connect Core 5.3.2
		if u.Subject == "" {
			return errRejected(dir, access.FailedUserInfo, "the userinfo response has no sub")
		}
		return errors.Join(errRejected(dir, access.FailedUserInfo, errOtherPerson.Error()), errOtherPerson)
	}
	c.add(u, all)
	return nil
}

// userInfo returns the response of the userinfo endpoint: the claims that we use, and
// all.
func (s *SignIn) userInfo(ctx context.Context, dir access.Directory, p *provider,
	got tokenResponse) (u profile, all map[string]any, err error) {
	var raw json.RawMessage
	if err := getJSON(ctx, s.client, p.meta.UserInfo, got.accessToken, &raw); err != nil {
		status, _ := errors.AsType[errStatus](err)
		return u, nil, withResponse(errUnavailable(dir, access.FailedUserInfo, fmt.Errorf("userinfo: %w", err)), "",
			status.challenge)
	}
	if all, err = parseExactly(raw, dir, &u); err != nil {
		return u, nil, errRejected(dir, access.FailedUserInfo, "userinfo: "+err.Error())
	}
	return u, all, nil
}

// add adds claims of userinfo that are missing. email and email_verified are taken from
// the same source, but an email_verified of false in the ID token is kept (I-6).
func (c *claims) add(u profile, all map[string]any) {
	if c.Email == "" {
		c.Email = u.Email
		if !isDenied(c.Verified) {
			c.Verified = u.Verified
		}
	}
	for _, pair := range []struct{ to, from *displayText }{
		{&c.Name, &u.Name}, {&c.Given, &u.Given}, {&c.Family, &u.Family}, {&c.Preferred, &u.Preferred},
		{&c.Locale, &u.Locale},
	} {
		if *pair.to == "" {
			*pair.to = *pair.from
		}
	}
	for name, value := range all {
		if _, ok := c.all[name]; !ok {
			c.all[name] = value
		}
	}
}

// address returns what the provider sent as the address, with the name of its claim: the
// claim of the directory, or else email, or else preferred_username if only that is an
// address. The text is empty if there is none.
func (c claims) address(dir access.Directory) (claim, sent string) {
	if dir.EmailClaim != "" && dir.EmailClaim != "email" {
		return dir.EmailClaim, claimText(c.all[dir.EmailClaim])
	}
	preferred := validAddress(string(c.Preferred))
	if dir.EmailClaim != "" || preferred == "" || validAddress(string(c.Email)) != "" {
		return "email", string(c.Email)
	}
	return preferredClaim, preferred
}

// preferredClaim is the claim with the name by which the provider knows the person.
const preferredClaim = "preferred_username"

// claimText is the text in a claim that an administrator has chosen: a string, or the first
// of a list. Other values are returned as JSON, but null and false count as absent.
func claimText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		if !v {
			return ""
		}
	case []any:
		if len(v) == 0 {
			return ""
		}
		return claimText(v[0])
	}
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}

// identity returns the identity in the claims. An address is trusted if its domain is one
// of the directory's, and email_verified is true or the directory trusts its addresses (I-4,
// I-6). email_verified is about the claim email, so it counts for no other address. In
// place of email, preferred_username is trusted at Entra ID only, where its domain is
// verified and people cannot choose it, unless an administrator has chosen that claim.
func (c claims) identity(dir access.Directory, subject string) access.Identity {
	claim, sent := c.address(dir)
	id := access.Identity{Directory: dir.ID, Subject: subject, Name: c.name(dir), Email: validAddress(sent),
		Language: cleanName(string(c.Locale), 35)}
	trusted := dir.TrustAddresses
	switch {
	case claim == preferredClaim && dir.EmailClaim == "":
		trusted = trusted && dir.TenantClaim == access.EntraTenantClaim
	case claim == "email" || sent == string(c.Email):
		trusted = trusted || isVerified(c.Verified)
	}
	d, ok := mailaddr.DomainOf(id.Email)
	switch {
	case sent == "":
		id.EmailProblem = access.EmailMissing
	case id.Email == "":
		id.EmailProblem = access.EmailUnreadable
	case !ok || !dir.HasDomain(d):
		id.EmailProblem = access.EmailElsewhere
	case !trusted:
		id.EmailProblem = access.EmailUnverified
	}
	if id.EmailTrusted = id.EmailProblem == access.EmailFine; !id.EmailTrusted {
		id.SentEmail = cleanName(sent, access.MaxNameLength)
	}
	id.Belonging, id.GuestReason = c.belonging(dir, id, sent)
	return id
}

// name returns the name: in the claim of the directory, or else in the usual ones.
func (c claims) name(dir access.Directory) string {
	own := ""
	if text, ok := c.all[dir.NameClaim].(string); ok {
		own = text
	}
	for _, name := range []string{own, string(c.Name), string(c.Given + " " + c.Family)} {
		if name = cleanName(name, access.MaxNameLength); name != "" {
			return name
		}
	}
	return ""
}

// belonging returns whether the person belongs to the directory, who has sent the text as
// the address. Somebody without any address does.
func (c claims) belonging(dir access.Directory, id access.Identity, sent string) (access.Belonging, string) {
	if reason := guestReason(dir, c.all); reason != "" {
		return access.GuestOfProvider, cleanName(reason, access.MaxNameLength)
	}
	elsewhere := id.EmailProblem == access.EmailElsewhere
	if id.EmailProblem == access.EmailUnreadable { // such as a name in quotes
		d, err := DomainFromInput(sent)
		elsewhere = err != nil || !dir.HasDomain(d)
	}
	if elsewhere {
		return access.AddressElsewhere, ""
	}
	return access.Belongs, ""
}

// guestReason is access.Directory.GuestReason with the values of the guest rule, as an
// administrator has entered them, and those of its claim in the same form (plain.Text):
// providers send composed or decomposed characters.
func guestReason(dir access.Directory, claims map[string]any) string {
	if dir.GuestClaim != "" {
		claims = maps.Clone(claims)
		claims[dir.GuestClaim] = plainClaim(claims[dir.GuestClaim])
		dir.GuestValues = slices.Clone(dir.GuestValues)
		for i, v := range dir.GuestValues {
			dir.GuestValues[i] = plain.Text(v)
		}
	}
	return dir.GuestReason(claims)
}

// plainClaim is the value of a claim with its texts as plain.Text makes them.
func plainClaim(value any) any {
	switch v := value.(type) {
	case string:
		return plain.Text(v)
	case []any:
		all := make([]any, len(v))
		for i, one := range v {
			all[i] = plainClaim(one)
		}
		return all
	}
	return value
}

// isVerified reports whether the claim email_verified is true. Some providers send it
// as a text; any other value counts as no.
func isVerified(verified json.RawMessage) bool {
	return string(verified) == "true" || string(verified) == `"true"`
}

// isDenied reports whether the claim email_verified is there and is not true.
func isDenied(verified json.RawMessage) bool { return len(verified) > 0 && !isVerified(verified) }

// validAddress returns s if it is a mail address (I-5), and otherwise an empty string.
func validAddress(s string) string {
	if _, ok := mailaddr.Parse(s); !ok {
		return ""
	}
	return s
}

// cleanName is a name from a claim as plain.Text makes it, without control characters,
// private and damaged ones, shortened to n characters.
func cleanName(s string, n int) string {
	r := []rune(plain.Text(strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Co) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)))
	return string(r[:min(n, len(r))])
}
