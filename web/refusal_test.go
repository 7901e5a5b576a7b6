package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/signin/signintest"
	"myaccess/internal/store"
)

// support is the contact of Meridian Works in these tests.
const support = "help@meridian.example"

// severalOrganizations makes Harbor Studio's provider one of several organizations, at
// which the person with the claims is signed in.
func (p *fixture) severalOrganizations(tenant string, claims signintest.Claims) *signintest.Provider {
	p.t.Helper()
	provider := p.signingProvider("mara")
	provider.User["tid"], provider.User["oid"] = tenant, "mara"
	maps.Copy(provider.User, claims)
	p.Harbor.TenantClaim, p.Harbor.TenantValue = "tid", tenant
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.SaveDirectory(ctx, p.Harbor, access.VerifiedByOperator)
	})
	return provider
}

// asked returns a parameter that the provider is asked with.
func (b *browser) asked(name string) string {
	b.p.t.Helper()
	to, err := url.Parse(b.awayTo())
	if err != nil || to.Host == "" {
		b.p.t.Fatalf("%s leads to no provider: %d %s", b.at, b.status, visibleText(b.page))
	}
	return to.Query().Get(name)
}

// caseClaims are the claims of a case in testdata.
func caseClaims(t *testing.T, file string) (all struct {
	First  signintest.Claims `json:"first_answer"`
	Claims signintest.Claims `json:"claims"`
}) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil || len(all.First)+len(all.Claims) < 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	return all
}

// C06: with the wrong account at the provider, the page names it and offers another one:
// the provider is asked to let the person choose, then to sign in anew, until it is the
// right account. The address that was typed and the page that was wanted go along.
func TestC06WrongAccountAtTheProvider(t *testing.T) {
	const tenant = "11111111-2222-3333-4444-555555555555"
	p := newPortal(t)
	p.changeSettings(func(s *access.Settings) { s.SupportContact = support })
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	wrong := caseClaims(t, "C06-wrong-account.json").First
	wrong["email"], wrong["name"] = "u1@other.example", "User One"
	provider := p.severalOrganizations(tenant, wrong)

	b := p.nobody().opens(packagePath(o)).presses("Continue", url.Values{"address": {"mara@harbor.example"}})
	if got := b.asked("prompt"); got != "" {
		t.Errorf("the first time it asks with prompt=%s", got)
	}
	for i, want := range []string{"select_account", "login", "login"} {
		b.opens(b.callback()).sees(403, "The account you used doesn't belong to Harbor Studio.",
			"You used the account User One (u1@other.example) to sign in at Harbor Studio.",
			"The link leads to an access package of Meridian Works.", "Need help? Contact: "+support, "Reference: ",
			"!Try again", "!Tidal")
		b.presses("Use another account", nil)
		if got := b.asked("prompt"); got != want || b.asked("login_hint") != "mara@harbor.example" {
			t.Errorf("time %d: it asks with prompt=%s, want %s, and login_hint=%s", i+2, got, want, b.asked("login_hint"))
		}
	}
	provider.User["tid"] = tenant
	b.opens(b.callback()).sees(200, "Submit request", "Tidal")

	b = p.nobody().opens(packagePath(o) + "?domain_hint=harbor.example")
	provider.User["tid"] = wrong["tid"]
	b.opens(b.callback()).sees(403).clicks("Enter another address").sees(200, "Sign in to Meridian Works").
		presses("Continue", url.Values{"address": {"pia@harbor-lab.example"}})
	if b.asked("prompt") != "select_account" || b.asked("login_hint") != "pia@harbor-lab.example" {
		t.Errorf("another address leads to %s", b.awayTo())
	}
}

// A person who is signed in here with the wrong account gets another one too, although the
// provider ignores select_account. A session that began long ago asks for a choice only.
func TestAnotherAccountWhenSignedIn(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", access.Policy{Scope: access.ScopeMembers})
	p.signingProvider("mara")
	b := p.nobody().opens(packagePath(o) + "?domain_hint=harbor.example")
	for i, want := range []string{"select_account", "login", "login"} {
		b.opens(b.callback()).sees(404, "You're signed in as Mara Lind (mara@harbor.example) of Harbor Studio.")
		if b.presses("Use another account", nil); b.asked("prompt") != want {
			t.Errorf("time %d: prompt=%s, want %s", i+2, b.asked("prompt"), want)
		}
		if got := b.returnTarget(); got != packagePath(o)+"?domain_hint=harbor.example" {
			t.Errorf("time %d: another account leads to %s", i+2, got)
		}
	}
	b.opens(b.callback()).sees(404)
	p.clock.Advance(access.SignInAttemptLifetime)
	if b.presses("Use another account", nil); b.asked("prompt") != "select_account" {
		t.Errorf("later: prompt=%s", b.asked("prompt"))
	}
}

// refusal is a way to be refused.
type refusal struct {
	status int
	// reach leads a browser to the refusal. The page that is wanted is that of the package.
	reach        func(p *fixture, pack string) *browser
	account      string
	organization string
	target       string
	says         string
	forward      []string // labels of links and buttons, the first of which leads on
}

// refusals are all reasons for which somebody cannot go on.
func refusals() map[string]refusal {
	all := signedInRefusals()
	maps.Copy(all, providerRefusals())
	return all
}

const (
	toPackage      = "The link leads to an access package of Meridian Works."
	nothingHere    = "There's nothing here, or your account can't see it."
	isMara         = "Mara Lind (mara@harbor.example)"
	isLena         = "Lena Berg (lena@meridian.example)"
	isZoe          = "Zoe Elsewhere (zoe@elsewhere.example)"
	anotherAccount = "Use another account"
)

// viaProvider reaches a refusal through the provider of Harbor Studio, which change
// changes.
func viaProvider(change func(*fixture, *signintest.Provider)) func(*fixture, string) *browser {
	return func(p *fixture, pack string) *browser {
		change(p, p.signingProvider("mara"))
		b := p.nobody().opens(pack).presses("Continue", url.Values{"address": {"mara@harbor.example"}})
		if b.awayTo() == "" {
			return b
		}
		return b.opens(b.callback())
	}
}

// providerRefusals are those of people who do not get in.
func providerRefusals() map[string]refusal {
	answer := func(code string) func(*fixture, string) *browser {
		return viaProvider(func(_ *fixture, o *signintest.Provider) {
			o.Behave(signintest.Behaviour{Answer: setAnswer("error", code, "error_description", signintest.Canary)})
		})
	}
	instead := func(endpoint string, h http.HandlerFunc) func(*fixture, string) *browser {
		return viaProvider(func(_ *fixture, o *signintest.Provider) {
			o.Behave(signintest.Behaviour{Instead: map[string]http.HandlerFunc{endpoint: h}})
		})
	}
	again := []string{"Try again", anotherAccount, "Enter another address"}
	const typed, down = "mara@harbor.example", "Sign-in with Harbor Studio isn't working at the moment."
	const rejected = "We couldn't complete sign-in with Harbor Studio."
	return map[string]refusal{
		"wrong account at the provider": {403, func(p *fixture, pack string) *browser {
			p.severalOrganizations("1", signintest.Claims{"tid": "2"})
			b := p.nobody().opens(pack + "?domain_hint=harbor.example")
			return b.opens(b.callback())
		}, isMara, "Harbor Studio", toPackage, "The account you used doesn't belong to Harbor Studio.",
			[]string{anotherAccount, "Enter another address"}},
		"the provider refused": {422, answer("access_denied"), typed, "Harbor Studio", toPackage,
			"You canceled the sign-in, or Harbor Studio doesn't allow this account.", again},
		"the provider has an error": {403, answer("invalid_scope"), typed, "Harbor Studio", toPackage, rejected, again},
		"the provider's token is invalid": {403, viaProvider(func(_ *fixture, o *signintest.Provider) {
			o.Behave(signintest.Behaviour{Claims: func(c signintest.Claims) { c["nonce"] = signintest.Canary }})
		}), typed, "Harbor Studio", toPackage, rejected, again},
		"the provider is down": {503, instead(signintest.Discovery, signintest.Fails(http.StatusBadGateway)), typed,
			"Harbor Studio", toPackage, down, again},
		"the provider is down in the middle": {503, instead(signintest.Token, signintest.Fails(http.StatusBadGateway)),
			typed, "Harbor Studio", toPackage, down, again},
		"the provider has no keys": {503, instead(signintest.Keys, signintest.Fails(http.StatusBadGateway)), typed,
			"Harbor Studio", toPackage, down, again},
		"the provider has no user info": {503, viaProvider(func(_ *fixture, o *signintest.Provider) {
			o.Behave(signintest.Behaviour{Claims: func(c signintest.Claims) { delete(c, "email") },
				Instead: map[string]http.HandlerFunc{signintest.UserInfo: signintest.Fails(http.StatusBadGateway)}})
		}), "Mara Lind", "Harbor Studio", toPackage, down, again},
	}
}

// setAnswer sets parameters of an authorization response.
func setAnswer(pairs ...string) func(url.Values) {
	return func(q url.Values) {
		for i := 0; i < len(pairs); i += 2 {
			q.Set(pairs[i], pairs[i+1])
		}
	}
}

// signedInRefusals are those of people who are signed in.
func signedInRefusals() map[string]refusal {
	signedIn := func(name string, before func(*fixture)) func(*fixture, string) *browser {
		return func(p *fixture, pack string) *browser {
			b := p.as(name)
			before(p)
			return b.opens(pack)
		}
	}
	at := func(name, path string) func(*fixture, string) *browser {
		return func(p *fixture, _ string) *browser { return p.as(name).opens(home + path) }
	}
	nothing := func(*fixture) {}
	switchIt := []string{anotherAccount}
	return map[string]refusal{
		"wrong tenant": {403, signedIn("zoe", nothing), isZoe, "Elsewhere", toPackage,
			"People of Elsewhere can't sign in to Meridian Works.", switchIt},
		"the link is for another organization": {403, func(p *fixture, pack string) *browser {
			return p.as("zoe").opens(pack + "?domain_hint=harbor.example")
		}, isZoe, "Elsewhere", toPackage, "This link is for people of Harbor Studio.", switchIt},
		"not for you": {404, signedIn("lena", nothing), isLena, "Meridian Works", toPackage, nothingHere, switchIt},
		"not there": {404, at("lena", "/access-packages/"+unknown), isLena, "Meridian Works", toPackage, nothingHere,
			switchIt},
		"not an id": {404, at("lena", "/access-packages/x"), isLena, "Meridian Works", toPackage, nothingHere, switchIt},
		"somebody's request": {404, at("lena", "/requests/"+unknown), isLena, "Meridian Works",
			"The link leads to a request at Meridian Works.", nothingHere, switchIt},
		"no right": {403, at("lena", "/admin/settings"), isLena, "Meridian Works",
			"The link leads to the administration of Meridian Works.", "Your roles don't allow this.", switchIt},
		"no longer: the organization": {403, signedIn("mara", (*fixture).disconnectHarbor), isMara, "Harbor Studio",
			toPackage, "People of Harbor Studio can't sign in to Meridian Works.", switchIt},
		"no longer: disabled": {403, signedIn("mara", func(p *fixture) {
			p.Do(func(ctx context.Context, tx *store.Tx) error {
				mara, _, err := tx.PersonOf(ctx, p.Tenant.ID, p.Mara.ID)
				mara.Disabled = true
				return errors.Join(err, tx.UpdatePerson(ctx, mara))
			})
		}), isMara, "Harbor Studio", toPackage, "This account has been disabled by an administrator.", switchIt},
	}
}

// disconnectHarbor removes Harbor Studio from its connected organization.
func (p *fixture) disconnectHarbor() {
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		o, err := tx.Organization(ctx, p.Tenant.ID, p.Partner.ID)
		o.Directories = []access.DirectoryID{p.Other.ID}
		return errors.Join(err, tx.SaveOrganization(ctx, o))
	})
}

// Everyone who is refused reads which account of which organization that was, what the
// link leads to, whom to ask, and has a way forward. Nobody reads what the provider wrote,
// or the name of a package that is not theirs.
func TestEveryRefusalHasAWayForward(t *testing.T) {
	for name, r := range refusals() {
		t.Run(name, func(t *testing.T) {
			for contact, want := range map[string]string{support: "Need help? Contact: " + support,
				"": "Need help? Ask the person who sent you the link."} {
				p := newPortal(t)
				p.changeSettings(func(s *access.Settings) { s.SupportContact = contact })
				o := p.Package("Tidal", p.ForPartner(access.Terms{}))
				b := r.reach(p, packagePath(o)).sees(r.status, r.account, r.organization, r.target, r.says, want, "!Tidal",
					"!"+signintest.Canary, "!()", "!%!")
				b.wantContactLink(contact)
				for _, label := range r.forward {
					if !b.offers(label) {
						t.Errorf("it offers no %q: %s", label, visibleText(b.page))
					}
				}
			}
		})
	}
}

// wantContactLink checks that the page of a refusal has a link to the contact that is a mail
// address, and no such link without one.
func (b *browser) wantContactLink(contact string) {
	b.p.t.Helper()
	want := 0
	if contact != "" {
		want = 1
	}
	got := 0
	for n := range nodes(b.page) {
		if n.Data == "footer" { // every page has the contact there
			break
		}
		if n.Data == "a" && strings.HasPrefix(attribute(n, "href"), "mailto:") {
			got++
			if attribute(n, "href") != "mailto:"+contact || visibleText(n) != contact {
				b.p.t.Errorf("the contact is %s: %s", attribute(n, "href"), visibleText(n))
			}
		}
	}
	if got != want {
		b.p.t.Errorf("%d links to a contact, want %d", got, want)
	}
}

// offers reports whether the page has a link or a button with the label.
func (b *browser) offers(label string) bool {
	for n := range nodes(b.page) {
		if (n.Data == "a" || n.Data == "button") && visibleText(n) == label {
			return true
		}
	}
	return false
}

// A form that is refused leads, with another account, to the page that has the form.
func TestAnotherAccountAfterAForm(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	mara := p.as("mara").opens(packagePath(o))
	p.disconnectHarbor()
	mara.presses("Submit request", nil).sees(403, "Use another account").hasValue("to", packagePath(o))
}

// An administrator who follows the link of a package or request that is not for them gets
// the link of its administrators' page; nobody else does, and nothing else differs.
func TestAdministratorsGetTheAdminPage(t *testing.T) {
	const button = "Open in administration"
	p := newPortal(t)
	p.addAdministrator("gus")
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	request := p.requestOf(p.Tenant.ID, "mara")
	gus := p.as("gus")
	gus.opens(packagePath(o)).sees(404, button).clicks(button).sees(200, "Tidal", "Policies")
	gus.opens(packagePath(o)+"?domain_hint=harbor.example").sees(403, "This link is for people of Harbor Studio.").
		clicks(button).sees(200, "Tidal", "Policies")
	for _, area := range []string{"/requests/", "/approvals/"} {
		if gus.opens(home+area+request).sees(404, button).clicks(button).sees(200, "Tidal"); gus.at !=
			home+"/admin/requests/"+request {
			t.Errorf("%s leads to %s", area, gus.at)
		}
	}
	gus.opens(home+"/access-packages/"+unknown).sees(404, "!"+button)
	gus.opens(home+"/requests/"+unknown).sees(404, "!"+button)
	north := p.addNorthlightPackage("Northern lights")
	gus.opens(home+"/access-packages/"+string(north.ID)).sees(404, "!"+button)

	p.assignCatalogRole(p.Omar, access.CatalogOwner)
	p.as("omar").opens(packagePath(o)).sees(404, button)
	other := p.addCatalog("Elsewhere")
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		k := access.Package{ID: access.PackageID(tx.NewID()), Tenant: p.Tenant.ID, Catalog: other.ID, Name: "Hidden",
			Description: "d"}
		o.Package = k
		return tx.SavePackage(ctx, k)
	})
	gus.opens(packagePath(o)).sees(404, button)
	p.as("omar").opens(packagePath(o)).sees(404, "!"+button, "!Hidden")
	p.as("ida").opens(packagePath(o)).sees(404, "!"+button, "!Hidden")
}

// The reference of a refused account is in the log.
func TestReferenceOfARefusedAccount(t *testing.T) {
	p := newPortal(t)
	var logged logText
	p.config.Log = slog.New(slog.NewTextHandler(&logged, nil))
	p.serve()
	zoe := p.as("zoe").opens(home+"/").sees(403, "Reference: ")
	_, rest, _ := strings.Cut(visibleText(zoe.page), "Reference: ")
	reference, _, _ := strings.Cut(rest, " ")
	if len(reference) != 8 || logged.count("reference="+reference) != 1 {
		t.Errorf("the reference %q is not in the log %q", reference, &logged.all)
	}
}
