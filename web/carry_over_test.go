package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/signin/signintest"
	"myaccess/internal/store"
	"myaccess/web/kit"
)

// mailed returns the text of the mail to the address that waits, and takes all others from
// the queue.
func (p *fixture) mailed(to string) (text string) {
	p.t.Helper()
	for {
		m, ok, err := p.Store.ClaimMail(p.t.Context(), time.Minute, "")
		if err != nil || !ok {
			if err != nil || text == "" {
				p.t.Fatalf("no mail to %s: %v", to, err)
			}
			return text
		}
		if m.Address == to {
			text = m.Text
		}
		m.Sent = p.clock.Now()
		p.Do(func(ctx context.Context, tx *store.Tx) error { return tx.FinishMail(ctx, m) })
	}
}

// passcodeSignIn signs in with a one-time passcode and opens the page.
func (p *fixture) passcodeSignIn(address, target string) *browser {
	p.t.Helper()
	b := p.nobody().opens(target).presses("Continue", url.Values{"address": {address}}).sees(200, "Enter the code")
	return b.presses("Sign in", url.Values{"code": {p.mailed(address)}}).sees(200, "Signed in as "+address)
}

// mailedProof returns the code of the mail by which an address is proven.
func (p *fixture) mailedProof(to string) string {
	p.t.Helper()
	_, after, found := strings.Cut(p.mailed(to), `"Code":"`)
	if !found {
		p.t.Fatal("the mail has no code")
	}
	return after[:access.PasscodeDigits]
}

// TestReplacePasscodes: the whole story without scripts. A stranger from bigcorp.test signs
// in with a passcode and requests access. An administrator replaces the passcodes by the
// provider, from the page of the passcodes; passcodes go on until the domain is verified,
// and then the link leads to the provider. The stranger proves the address, and the request
// is still there; somebody else with the address says that it isn't theirs. The
// administrator sees who was carried over and who was not.
func TestReplacePasscodes(t *testing.T) {
	p := newPortal(t)
	p.changeSettings(func(s *access.Settings) { s.Passcode = true })
	p.addAdministrator("gala")
	o := p.Package("Tidal", access.Policy{Scope: access.ScopeAnyone, Terms: access.Terms{Stages: []access.Stage{{Days: 7,
		Approvers: []access.SubjectRef{{Kind: access.SubjectPerson, ID: string(p.Lena.ID)}}}}}})
	ada := p.passcodeSignIn("ada@bigcorp.test", packagePath(o)).presses("Submit request", nil).sees(200)
	p.passcodeSignIn("bo@bigcorp.test", home+"/")
	passcodes, err := p.DirectoryByDomain(t.Context(), p.Tenant.ID, "bigcorp.test")
	if err != nil {
		t.Fatal(err)
	}

	works := signintest.New(t, p.clock.Now)
	at := home + "/admin/organizations/providers/" + string(passcodes.ID)
	gala := p.as("gala").opens(at).sees(200, "One-time passcode").clicks("Replace with an OpenID Provider").sees(200,
		"Add a directory or domain to bigcorp.test", "it replaces the passcodes once its domain is verified")
	gala.presses("Replace with an OpenID Provider", nil).sees(200, "OpenID Provider for bigcorp.test")
	gala.presses("Next: Review + add", url.Values{"provider.issuer": {works.Issuer}, "provider.clientId": {"meridian"},
		"provider.displayName": {"bigcorp.test"}, kit.SecretField: {"secret"}}).presses("Add", nil).sees(200,
		"bigcorp.test needs verification", "Until then, people of bigcorp.test sign in with one-time passcodes.")
	domains := gala.at
	p.passcodeSignIn("ada@bigcorp.test", home+"/requests").sees(200, "Tidal")
	d, ok, err := p.DirectoryWithPendingDomain(t.Context(), p.Tenant.ID, "bigcorp.test")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	p.txt["_myaccess.bigcorp.test"] = []string{d.DomainClaims[0].Token}
	gala.presses("Check now", nil).sees(200, "Domain verified",
		"If you remove a domain that replaced one-time passcodes, its people use passcodes again.",
		"Without this provider, people of bigcorp.test sign in with one-time passcodes again.")

	ada.sendOnce(http.MethodGet, home+"/requests", nil).sees(303)
	link := p.nobody().sendOnce(http.MethodGet, home+"/sign-in?domain_hint=bigcorp.test", nil)
	if to := link.header.Get("Location"); !strings.HasPrefix(to, works.Issuer) {
		t.Errorf("the link leads to %q", to)
	}
	unverified := access.Identity{Directory: d.ID, Subject: "s-1", Name: "Ada Quay", Email: "ada@bigcorp.test",
		EmailProblem: access.EmailUnverified}
	p.people["ada"] = unverified
	ada = p.as("ada").opens(home+"/requests").sees(200, "Is ada@bigcorp.test your address?", "!Tidal")
	ada.presses("Send code", nil).sees(200, "We sent a code to ada@bigcorp.test")
	code := p.mailedProof("ada@bigcorp.test")
	unverified.Subject, unverified.Name = "s-2", "Eve"
	p.people["eve"] = unverified
	eve := p.as("eve").opens(home+"/requests").sees(200, "Is ada@bigcorp.test your address?")
	eve.presses("Send code", nil).presses("Confirm", url.Values{"code": {code}}).sees(422, "That code isn't correct")
	eve.clicks("Back").presses("This isn't my address", nil).sees(200, "Continue without this access?")
	eve.presses("Continue as a new person", nil).sees(200, "!Tidal", "!ada@bigcorp.test")
	wrong := "1" + code[1:]
	if wrong == code {
		wrong = "2" + code[1:]
	}
	ada.presses("Confirm", url.Values{"code": {wrong}}).sees(422, "That code isn't correct").hasValue("code", wrong)
	ada.presses("Confirm", url.Values{"code": {code}}).sees(200, "Tidal")
	if !strings.HasPrefix(ada.at, home+"/requests") {
		t.Errorf("proving leads to %s", ada.at)
	}
	ada.opens(home+"/sign-in/confirm").sees(200, "Overview")

	provider, _, _ := strings.Cut(domains, "?")
	gala.opens(strings.TrimSuffix(provider, "/domains")).sees(200, "One-time passcodes replaced for bigcorp.test",
		"Carried over", "1 person", "Not yet").clicks("Show people").sees(200, "Ada Quay", "bo@bigcorp.test", "Not yet",
		"2 items")
	gala.opens(at+"/people?over=no").sees(200, "bo@bigcorp.test", "!Ada Quay")
	gala.opens(at+"/people?over=yes").sees(200, "Ada Quay", "!bo@bigcorp.test")
	gala.opens(at+"/people?format=csv").sees(200, "Ada Quay,ada@bigcorp.test,yes,ada@bigcorp.test",
		"bo@bigcorp.test,bo@bigcorp.test,no,bo@bigcorp.test")
	gala.opens(at).sees(200, "An OpenID Provider has replaced these passcodes", "!Turn off", "!Replace with")
	gala.opens(home+"/admin/organizations?q=bigcorp.test").sees(200, "bigcorp.test")
}

// TestProviderOfOtherOrganization: the provider of a domain whose people sign in with
// passcodes in a configured connected organization is added there, not in another one.
func TestProviderOfOtherOrganization(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	p.addProvider(p.Tenant.ID, access.Directory{Kind: access.DirectoryPasscode, AuthStyle: access.AuthNone,
		Name: "Quay", Domains: []access.Domain{"quay.example"}})
	gala := p.as("gala").opens(home+"/admin/organizations/new").presses("Next: Directory + domain",
		url.Values{"displayName": {"New"}, "description": {"New"}})
	gala.presses("Look up", url.Values{"domain": {"quay.example"}}).sees(200,
		"already belongs to the connected organization “Quay”", "!Replace with an OpenID Provider")
	d := p.addProvider(p.Tenant.ID, access.Directory{Name: "Pier", Domains: []access.Domain{"pier.example"}})
	gala.opens(home+"/admin/organizations/providers/"+string(d.ID)+"/domains").presses("Add",
		url.Values{"domain": {"quay.example"}}).sees(422,
		"People of quay.example sign in with one-time passcodes in the connected organization “Quay”.",
		`value="quay.example"`)
	if _, ok, err := p.DirectoryWithPendingDomain(t.Context(), p.Tenant.ID, "quay.example"); ok || err != nil {
		t.Error(ok, err)
	}
}
