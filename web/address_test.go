package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/signin/signintest"
	"myaccess/internal/store"
)

// signInWith signs in at the provider with the claims, without those that are nil, and
// opens the page.
func (p *fixture) signInWith(provider *signintest.Provider, claims signintest.Claims, domain, at string) *browser {
	p.t.Helper()
	clear(provider.User)
	for name, value := range claims {
		if value != nil {
			provider.User[name] = value
		}
	}
	b := p.nobody().sendOnce(http.MethodGet, home+"/sign-in?domain_hint="+domain+"&to="+at, nil)
	return b.opens(b.callback())
}

// C04: an address that the provider doesn't confirm is shown as unverified to the person,
// on the page of the person, on that of the provider and in its connection test. No mail is
// queued to it. An administrator of the directory can trust it.
func TestC04UnverifiedAddressIsShown(t *testing.T) {
	p := newPortal(t)
	p.changeSettings(func(s *access.Settings) { s.SupportContact = support })
	p.addAdministrator("gus")
	provider, d := p.keptProvider("f04.example")
	o := p.Package("Tidal", access.Policy{Scope: access.ScopeAllOrgs})
	mine := caseClaims(t, "C04-email-not-verified.json").Claims
	b := p.signInWith(provider, mine, "f04.example", packagePath(o)).sees(200, "Tidal", "Signed in as User One of Pier.",
		"Your mail address u1@f04.example is unverified: the sign-in of Pier doesn't confirm it.",
		"You won't get mail from Meridian Works. Need help? Contact: "+support, "!()")
	if !b.offers("Use another account") {
		t.Error("there is no way out")
	}
	b.presses("Submit request", nil).sees(200)
	gus, who := p.as("gus"), p.personNamed("User One")
	for line := range strings.Lines(p.dump()) {
		if strings.HasPrefix(line, "mail: ") && strings.Contains(line, string(who.ID)) {
			t.Errorf("a mail to nobody: %s", line)
		}
	}
	b.opens(home+"/requests").sees(200, "is unverified")

	gus.opens(home+"/admin/people/"+string(who.ID)).sees(200, "Mail address None", "u1@f04.example (unverified). The "+
		"provider doesn't say that the address is verified.")
	at := home + "/admin/organizations/providers/" + string(d.ID)
	const unused = "The mail address that the provider sent isn't used for 1 person. Reason: Not verified (1)."
	gus.opens(at).sees(200, unused).presses("Test connection", nil).sees(200, "Mail addresses of sign-ins", unused)
	gus.opens(at+"/address-rules").presses("Save", map[string][]string{"provider.trustAddresses": {"yes"}}).sees(200,
		"Trust mail addresses Yes")
	p.signInWith(provider, mine, "f04.example", packagePath(o)).sees(200,
		"Signed in as User One (u1@f04.example) of Pier.",
		"!unverified", "!You won't get mail")
	gus.opens(at).sees(200, "!used for")
	gus.opens(home+"/admin/people/"+string(who.ID)).sees(200, "Mail address u1@f04.example", "!unverified")
}

// keptProvider adds a provider with the domain that Meridian Works keeps itself.
func (p *fixture) keptProvider(domain access.Domain) (*signintest.Provider, access.Directory) {
	o := signintest.New(p.t, p.clock.Now)
	return o, p.addProvider(p.Tenant.ID, access.Directory{Kind: access.DirectoryOpenID, Name: "Pier", Issuer: o.Issuer,
		ClientID: o.ClientID, ClientSecret: o.Secret, Scopes: []string{"email"}, Domains: []access.Domain{domain}})
}

// personNamed is the person of Meridian Works with the name.
func (p *fixture) personNamed(name string) access.Person {
	p.t.Helper()
	for _, one := range must(p.PeopleAfter(p.t.Context(), p.Tenant.ID, store.Key{}, 1000))(p.t) {
		if one.Name == name {
			return one
		}
	}
	p.t.Fatalf("there is no %s", name)
	return access.Person{}
}

// What each provider that sends no usable address means to the person and to
// administrators; the person is never called “()”.
func TestUnusedAddresses(t *testing.T) {
	for name, test := range map[string]struct {
		claims                 signintest.Claims
		person, administrators string
		signedInAs             string
	}{
		"missing": {signintest.Claims{"sub": "u1", "name": "User One"}, "The sign-in of Harbor Studio sent no mail address " +
			"for you.", "None was sent at the last sign-in.", "User One"},
		"nothing": {signintest.Claims{"sub": "u1"}, "The sign-in of Harbor Studio sent no mail address for you.",
			"None was sent at the last sign-in.", "u1"},
		"invalid": {signintest.Claims{"sub": "u1", "name": "User One", "email": "User \"One\""},
			`sent an invalid mail address for you: "User \"One\"".`, `Invalid: "User \"One\""`, "User One"},
		"elsewhere": {signintest.Claims{"sub": "u1", "email": "u1@gmail.example", "email_verified": true},
			"Your mail address u1@gmail.example is unverified: it's in none of the domains of Harbor Studio.",
			"u1@gmail.example (unverified). The address is in none of the provider's verified domains.", "u1@gmail.example"},
		"unverified": {signintest.Claims{"sub": "u1", "email": "u1@harbor.example"},
			"Your mail address u1@harbor.example is unverified: the sign-in of Harbor Studio doesn't confirm it.",
			"u1@harbor.example (unverified). The provider doesn't say that the address is verified.", "u1@harbor.example"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPortal(t)
			p.addAdministrator("gus")
			p.signInWith(p.signingProvider("mara"), test.claims, "harbor.example", home+"/").sees(200, test.person,
				"You won't get mail from "+
					"Meridian Works.", "Signed in as "+test.signedInAs+" of Harbor Studio.", "!()")
			p.as("gus").opens(home+"/admin/people/"+string(p.personNamed(test.signedInAs).ID)).sees(200, test.administrators,
				"Mail address None", "!()")
		})
	}
}

// A person whom an administrator has given an address gets mail there, and no warning.
func TestKnownAddressNeedsNoWarning(t *testing.T) {
	p := newPortal(t)
	provider := p.signingProvider("mara")
	claims := signintest.Claims{"sub": "u1", "name": "User One", "email": "u1@harbor.example"}
	p.signInWith(provider, claims, "harbor.example", home+"/").sees(200, "is unverified")
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		who := p.personNamed("User One")
		who.Email = "one@harbor.example"
		return tx.UpdatePerson(ctx, who)
	})
	p.signInWith(provider, claims, "harbor.example", home+"/").sees(200, "User One", "!unverified", "!won't get mail")
}

// C20: an administrator chooses the claim of the address, in the browser.
func TestC20ChooseClaims(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gus")
	provider, d := p.keptProvider("pier.example")
	claims := signintest.Claims{"sub": "u1", "mail": "u1@pier.example", "displayName": "User One"}
	p.signInWith(provider, claims, "pier.example", home+"/").sees(200, "sent no mail address", "Signed in as u1 of Pier.")
	gus := p.as("gus").opens(home + "/admin/organizations/providers/" + string(d.ID) + "/address-rules")
	gus.presses("Save", map[string][]string{"provider.trustAddresses": {"yes"}, "provider.emailClaim": {" mail "},
		"provider.nameClaim": {"displayName"}}).sees(200, "Address claim mail", "Name claim displayName").
		clicks("Edit addresses and guests")
	gus.hasValue("provider.emailClaim", "mail").hasValue("provider.nameClaim", "displayName")
	p.signInWith(provider, claims, "pier.example", home+"/").sees(200, "Signed in as User One (u1@pier.example) of Pier.",
		"!won't get mail")
	if log := p.dump(); !strings.Contains(log, "address in mail, name in displayName") {
		t.Errorf("the audit log has %s", log)
	}
}
