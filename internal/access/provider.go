package access

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of what is typed about how people of a directory sign in.
const (
	MaxIssuerLength   = 500
	MaxClientLength   = 300 // characters of a client id, or of a secret
	MaxClaimLength    = 200 // of a tenant claim, or of its value
	MaxScopesLength   = 500
	MaxConfirmedHosts = 10  // confirmed ones
	MaxDomains        = 100 // verified and claimed
)

// Check finds every fault of the directory but those of its domains. With
// loopback, issuers may be on this machine.
func (dir Directory) Check(loopback bool) error {
	var es Errors
	es.Add(checkName("displayName", dir.Name))
	if dir.Kind == DirectoryPasscode {
		return es.Err()
	}
	es.Add(CheckIssuer(dir.Issuer, loopback))
	es.Add(dir.checkHost(loopback))
	es.Add(dir.checkClient())
	if !slices.Contains(HintStyles(), dir.HintStyle) {
		es.Add(Invalidf("domainHintParameter", "“%s” is not a domainHintParameter.", string(dir.HintStyle)))
	}
	es.Add(checkClaim("tenantClaim", dir.TenantClaim))
	es.Add(checkClaim("tenantValue", dir.TenantValue))
	es.Add(dir.CheckTenantClaim())
	if len(strings.Join(dir.Scopes, " ")) > MaxScopesLength ||
		slices.ContainsFunc(dir.Scopes, func(s string) bool { return !validScope(s) }) {
		es.Add(Invalidf("scopes", "Scopes are words of letters, digits and signs, with blanks between."))
	}
	if len(dir.ConfirmedHosts) > MaxConfirmedHosts {
		es.Add(Invalidf("confirmedHosts", "At most %d hosts can be confirmed.", MaxConfirmedHosts))
	}
	for _, h := range dir.ConfirmedHosts {
		if _, err := ParseDomain(h); err != nil && (!loopback || !IsLoopback(h)) {
			es.Add(Invalidf("confirmedHosts", "“%s” is not the name of a host.", h))
		}
	}
	return es.Err()
}

// checkHost refuses an issuer that a tenant has named at anything but a public
// name: an address could lie inside the network (security rule N-6). Where a
// name leads to is looked at when it is connected to.
func (dir Directory) checkHost(loopback bool) error {
	u, err := url.Parse(dir.Issuer)
	if dir.Owner == "" || err != nil || u.Hostname() == "" || loopback && IsLoopback(u.Hostname()) {
		return nil
	}
	if _, err := ParseDomain(asciiLower(u.Hostname())); err != nil || len(dir.Issuer) > MaxIssuerLength {
		return Invalidf("issuer", "An issuer is at a host with a public name, such as login.partner.example, and has at "+
			"most %d characters.", MaxIssuerLength)
	}
	return nil
}

func (dir Directory) checkClient() error {
	var es Errors
	if strings.TrimSpace(dir.ClientID) == "" || utf8.RuneCountInString(dir.ClientID) > MaxClientLength ||
		!printable(dir.ClientID, false) {
		es.Add(Invalidf("clientId", "The provider needs a client id of at most %d characters.", MaxClientLength))
	}
	switch dir.AuthStyle {
	case AuthBasic, AuthPost:
		if dir.ClientSecret == "" || utf8.RuneCountInString(dir.ClientSecret) > MaxClientLength ||
			!printable(dir.ClientSecret, false) {
			es.Add(Invalidf("clientSecret", "The provider needs a client secret of at most %d characters, or none if the "+
				"client is public.", MaxClientLength))
		}
	case AuthNone:
	default:
		es.Add(Invalidf("tokenEndpointAuthMethod", "“%s” is not a tokenEndpointAuthMethod.", string(dir.AuthStyle)))
	}
	return es.Err()
}

// HintStyles lists every way to tell a provider a domain.
func HintStyles() []HintStyle {
	return []HintStyle{HintNone, HintDomain, HintHosted, HintKeycloak, HintConnector}
}

// AuthStyles lists every way for a client to prove itself.
func AuthStyles() []AuthStyle { return []AuthStyle{AuthBasic, AuthPost, AuthNone} }

// validScope reports whether s is a scope token (RFC 6749 3.3).
func validScope(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < 0x21 || r > 0x7e || r == '"' || r == '\\' })
}

// IsConsumer reports whether anybody can get a mail address in the domain: it
// says nothing of who somebody works for (F-016, F-029).
func (d Domain) IsConsumer() bool {
	first, _, _ := strings.Cut(string(d), ".")
	if slices.Contains([]string{"yahoo", "hotmail", "outlook", "live", "gmx", "yandex"}, first) {
		return true // in the domains of many countries
	}
	return slices.Contains([]string{
		"gmail.com", "googlemail.com", "msn.com", "passport.com", "ymail.com", "rocketmail.com", "icloud.com", "me.com",
		"mac.com", "aol.com",
		"web.de", "freenet.de", "t-online.de", "mail.de", "posteo.de", "mailbox.org", "proton.me", "protonmail.com", "pm.me",
		"tutanota.com", "tuta.io",
		"mail.com", "email.com", "zoho.com", "fastmail.com", "hey.com", "mail.ru", "bk.ru", "inbox.ru", "list.ru",
		"rambler.ru", "ukr.net",
		"qq.com", "163.com", "126.com", "sina.com", "foxmail.com", "naver.com", "hanmail.net", "daum.net", "rediffmail.com",
		"orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "libero.it", "virgilio.it", "tiscali.it", "seznam.cz",
		"wp.pl", "o2.pl", "onet.pl", "interia.pl",
		"comcast.net", "verizon.net", "att.net", "sbcglobal.net", "btinternet.com", "bluewin.ch", "uol.com.br", "bol.com.br",
		"terra.com.br",
		"guerrillamail.com", "mailinator.com", "yopmail.com",
	}, string(d))
}

// IsConsumer reports whether anybody can be among the people of the directory.
func (dir Directory) IsConsumer() bool {
	return slices.ContainsFunc(dir.Domains, Domain.IsConsumer)
}

// VisibleTo reports whether the tenant may know of the directory: those of the
// installation, and those that it keeps itself.
func (dir Directory) VisibleTo(t TenantID) bool { return dir.Owner == "" || dir.Owner == t }

// CanAddDomain refuses a domain that the directory has, or one more than fit. A
// passcode directory keeps the one that it has.
func (dir Directory) CanAddDomain(d Domain) error {
	switch {
	case dir.Kind != DirectoryOpenID:
		return Invalidf("domain", "People of one domain sign in with passcodes here. Add another source for another domain.")
	case dir.HasDomain(d) || slices.ContainsFunc(dir.DomainClaims, func(c DomainClaim) bool { return c.Domain == d }):
		return Invalidf("domain", "%s stands here already.", string(d))
	case len(dir.Domains)+len(dir.DomainClaims) >= MaxDomains:
		return Invalidf("domain", "A provider has at most %d domains.", MaxDomains)
	}
	return nil
}

// DomainClaim is the claim of the domain that waits for its proof.
func (dir Directory) DomainClaim(d Domain) (DomainClaim, error) {
	for _, c := range dir.DomainClaims {
		if c.Domain == d {
			return c, nil
		}
	}
	if dir.HasDomain(d) {
		return DomainClaim{}, Refuse(Conflict, "%s has been proved already.", string(d))
	}
	return DomainClaim{}, Missing()
}

// CanDelete refuses to delete a directory of which somebody is known.
func (dir Directory) CanDelete(known bool) error {
	if known {
		return Refuse(Conflict, "People of “%s” are known here. Switch it off instead, and take its domains from it.",
			dir.Name)
	}
	return nil
}

func checkClaim(field, text string) error {
	if utf8.RuneCountInString(text) > MaxClaimLength || !printable(text, false) {
		return Invalidf(field, "A claim and its value have at most %d characters.", MaxClaimLength)
	}
	return nil
}
