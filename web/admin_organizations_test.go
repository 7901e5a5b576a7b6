package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/signin"
	"myaccess/internal/signin/signintest"
	"myaccess/internal/store"
	"myaccess/web/kit"
)

// makeOrganizationAdministrator makes Omar a connected organization
// administrator.
func (p *fixture) makeOrganizationAdministrator() *browser {
	p.t.Helper()
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: p.Tenant.ID,
			Role:    access.ConnectedOrganizationAdministrator,
			Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.Omar.ID)}})
	})
	return p.as("omar")
}

// addProvider adds a provider of Meridian Works, or of another tenant, with a
// connected organization of the same name.
func (p *fixture) addProvider(t access.TenantID, d access.Directory) access.Directory {
	p.t.Helper()
	d.Owner, d.Enabled = t, true
	if d.Kind == "" {
		d.Kind, d.Issuer, d.ClientID, d.ClientSecret = access.DirectoryOpenID, p.provider+"/kept", "myaccess", "kept-secret"
	}
	if d.AuthStyle == "" {
		d.AuthStyle = access.AuthBasic
	}
	d.HintStyle = access.HintNone
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		d.ID = access.DirectoryID(tx.NewID())
		if err := tx.SaveDirectory(ctx, d, access.VerifiedByDNS); err != nil {
			return err
		}
		return tx.SaveOrganization(ctx, access.Organization{ID: access.OrganizationID(tx.NewID()), Tenant: t, Name: d.Name,
			Description: "Kept", State: access.Configured,
			Directories: []access.DirectoryID{d.ID}})
	})
	return d
}

// TestConnectPartner goes through the wizard without scripts, from the
// first step to the verification of the domain.
func TestConnectPartner(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	gala := p.as("gala").opens(home+"/admin/organizations").clicks("New connected organization").sees(200, "Basics",
		"Name")
	gala.presses("Next: Directory + domain", url.Values{"displayName": {"Quay Partners"},
		"description": {"Transport"}}).sees(200, "Enter a full domain")
	gala.presses("Look up", url.Values{"domain": {"harbor-lab.example"}}).sees(200,
		"harbor-lab.example belongs to Harbor Studio", "harbor.example and harbor-lab.example",
		"At their own OpenID Provider", "The operator of this installation",
		"already belongs to the connected organization “Harbor Studio”", "!Add Harbor Studio")
	gala.presses("Look up", url.Values{"domain": {"meridian.example"}}).sees(200, "is your own")
	gala.presses("Look up", url.Values{"domain": {"10.0.0.1"}}).sees(200, "is not a domain name")
	gala.presses("Next: Sponsors", url.Values{"domain": {"elsewhere.example"}}).sees(200,
		"elsewhere.example belongs to Elsewhere", "!Internal sponsors")
	gala.presses("Add Elsewhere", nil).sees(200, "Add another directory or domain", "Don't add")
	gala.presses("Look up", url.Values{"domain": {"QUAY.example."}}).sees(200, "No directory found for quay.example",
		"Add with one-time passcodes")
	gala.presses("Add an OpenID Provider", nil).sees(200, "OpenID Provider for quay.example", address+"/auth/callback/")
	gala.presses("Google Workspace", nil).hasValue("provider.issuer", "https://accounts.google.com").hasValue(
		"provider.tenantClaim", "hd").hasValue("provider.tenantValue", "quay.example")
	gala.presses("Keycloak", nil).hasValue("provider.issuer", "https://{host}/realms/{realm}").hasValue(
		"provider.tenantClaim", "")
	gala.presses("Test connection", url.Values{"provider.issuer": {p.provider + "/quay"},
		"provider.clientId": {"meridian"}, kit.SecretField: {"secret-of-quay"}}).
		sees(200, "The provider's settings can be read.", "No one can sign in with these settings", "!secret-of-quay",
			"The secret you entered is kept")
	gala.presses("Next: Sponsors", nil).sees(200, "Internal sponsors", "!secret-of-quay")
	gala.presses("Find", url.Values{"q.internalSponsors": {"Lena"}}).sees(200, "Lena Berg")
	gala.presses("Next: Review + create",
		url.Values{"internalSponsors": {kit.SubjectValue(access.SubjectRef{Kind: access.SubjectPerson,
			ID: string(p.Lena.ID)})}}).
		sees(200, "Quay Partners", "Transport", "Configured", "Elsewhere", "quay.example: OpenID Provider", "Lena Berg",
			"!secret-of-quay")
	gala.presses("Back", nil).presses("Back", nil).hasValue("provider.clientId", "meridian")
	gala.presses("Next: Sponsors", nil).presses("Next: Review + create", nil).presses("Create", nil).sees(422,
		"The connection test of Quay Partners failed, so no one can sign in there: The provider has no strong signing key")
	gala.presses("Create", gala.saveAnyway()).sees(200, "quay.example needs verification",
		"_myaccess.quay.example")

	d, ok, err := p.DirectoryWithPendingDomain(t.Context(), p.Tenant.ID, "quay.example")
	if err != nil || !ok || d.ClientSecret != "secret-of-quay" || d.Issuer != p.provider+"/quay" ||
		d.HintStyle != access.HintKeycloak {
		t.Fatalf("what was made: %+v, %v, %v", d, ok, err)
	}
	gala.presses("Check now", nil).sees(422, "There is no TXT record at _myaccess.quay.example")
	p.txt["_myaccess.quay.example"] = []string{"something else"}
	gala.presses("Check now", nil).sees(422, "has a different value")
	p.txt["_myaccess.quay.example"] = []string{d.DomainClaims[0].Token}
	gala.presses("Check now", nil).sees(200, "Domain verified", "Verified domains")
	gala.presses("Add", url.Values{"domain": {"harbor.example"}}).sees(422,
		"harbor.example already belongs to “Harbor Studio”.", `value="harbor.example"`)
	gala.presses("Add", url.Values{"domain": {"quay-two.example"}}).sees(200, "quay-two.example needs verification")
	gala.opens(home+"/admin/organizations/providers/"+string(d.ID)).sees(200, "Test connection", "!secret-of-quay",
		"domain_hint=quay.example")

	gala.opens(home+"/admin/organizations?q=quay.ex").sees(200, "Quay Partners", "!Harbor Studio").clicks("Quay "+
		"Partners").sees(200, "Last changed", "Gala Admin")
	gala.opens(home+"/admin/organizations?format=csv").sees(200, "Quay Partners,Transport,configured,elsewhere.example "+
		"quay.example")
}

// A connected organization administrator cannot manage providers.
func TestOrganizationAdministratorCannotManageProviders(t *testing.T) {
	p := newPortal(t)
	omar := p.makeOrganizationAdministrator()
	d := p.addProvider(p.Tenant.ID, access.Directory{Name: "Quay", Domains: []access.Domain{"quay.example"}})
	omar.opens(home+"/admin/organizations/new").presses("Next: Directory + domain", url.Values{"displayName": {"Friends"},
		"description": {"Friends of the house"}})
	omar.presses("Look up", url.Values{"domain": {"gmail.com"}}).sees(200, "Anyone can get an address in gmail.com",
		"Only a global administrator", "!Add an OpenID Provider", "turned off in the settings")
	omar.presses("Add with one-time passcodes", nil).presses("Next: Sponsors", nil).presses("Next: Review + create",
		nil).sees(200, "gmail.com: one-time passcodes", "Anyone can be one of its people")
	omar.presses("Create", nil).sees(422, "Anyone can get an address of gmail.com. Choose proposed, or confirm")
	omar.presses("Create", url.Values{"sure": {"yes"}}).sees(200, "Friends", "Configured")

	form := url.Values{"at": {"review"}, "finish": {"yes"}, "displayName": {"Pier"}, "description": {"x"},
		"state": {"configured"}, "source": {"openid/pier.example"},
		"provider.id": {"0199a0c8-7b1e-7c3a-9d54-0f2b6f6d1a01"}, "provider.displayName": {"Pier"},
		"provider.issuer": {"https://login.pier.example"}, "provider.clientId": {"x"},
		"provider.tokenEndpointAuthMethod": {"none"}, "provider.domainHintParameter": {"none"}}
	omar.do(http.MethodPost, home+"/admin/organizations/new", form).sees(403)
	omar.opens(home + "/admin/organizations/providers").sees(403)
	omar.opens(home+"/admin/organizations/providers/"+string(d.ID)).sees(403, "!kept-secret")
	omar.opens(home+"/admin/organizations").sees(200, "!Providers").clicks("Quay").clicks("Directory + domain").sees(200,
		"quay.example", "!Open the provider")
	p.addAdministrator("gala")
	gala := p.as("gala").do(http.MethodPost, home+"/admin/organizations/new", form).sees(422,
		"The connection test of Pier failed, so no one can sign in there:", "Correct the settings, or save anyway.")
	for _, other := range []string{"no", "yes"} { // not the value of the page
		form.Set("unworkable", other)
		gala.do(http.MethodPost, home+"/admin/organizations/new", form).sees(422, "The connection test of ")
	}
	form.Set("unworkable", gala.saveAnyway().Get("unworkable"))
	gala.do(http.MethodPost, home+"/admin/organizations/new", form).sees(200, "pier.example needs verification")
}

// saveAnyway is the tick of the page that confirms a provider whose test failed.
func (b *browser) saveAnyway() url.Values {
	b.p.t.Helper()
	for n := range nodes(b.page) {
		if n.Data == "input" && attribute(n, "name") == "unworkable" {
			return url.Values{"unworkable": {attribute(n, "value")}}
		}
	}
	b.p.t.Errorf("%s does not ask to save anyway", b.at)
	return nil
}

// A tick to save anyway counts for the provider whose failure was shown: not for another
// one, nor for settings that were changed after it was shown.
func TestSaveAnywayIsForOneProvider(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	d := p.addProvider(p.Tenant.ID, access.Directory{Name: "Quay", Domains: []access.Domain{"quay.example"}})
	at := home + "/admin/organizations/providers/" + string(d.ID) + "/edit"
	issuer := func(path string) url.Values { return url.Values{"provider.issuer": {p.provider + path}} }
	gala := p.as("gala").opens(at)
	gala.presses("Save", issuer("/one")).sees(422, "The connection test of Quay failed", "Save anyway")
	one := gala.saveAnyway()
	changed := issuer("/two")
	changed["unworkable"] = one["unworkable"]
	gala.presses("Save", changed).sees(422, "The connection test of Quay failed", "Save anyway")
	two := gala.saveAnyway()
	if two.Get("unworkable") == one.Get("unworkable") {
		t.Error("one tick is for both")
	}
	if stored, err := p.Directory(t.Context(), d.ID); err != nil || stored.Issuer != d.Issuer {
		t.Errorf("saved as %s, %v", stored.Issuer, err)
	}
	gala.presses("Save", two).sees(200, "OpenID Provider saved.")

	pier := p.addProvider(p.Tenant.ID, access.Directory{Name: "Pier", Domains: []access.Domain{"pier.example"}})
	other := home + "/admin/organizations/providers/" + string(pier.ID) + "/edit"
	fields, _ := formState(formWith(gala.opens(other), "Save"))
	fields.Set("provider.issuer", p.provider+"/three")
	fields["unworkable"] = []string{one.Get("unworkable"), two.Get("unworkable"), "yes"}
	gala.do(http.MethodPost, other, fields).sees(422, "The connection test of Pier failed")
	fields["unworkable"] = []string{gala.saveAnyway().Get("unworkable")}
	gala.do(http.MethodPost, other, fields).sees(200, "OpenID Provider saved.")
}

func TestWizardFaultsLeadToSteps(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	gala := p.as("gala")
	gala.do(http.MethodPost, home+"/admin/organizations/new", url.Values{"at": {"review"}, "finish": {"yes"}}).
		sees(422, "Basics: Enter a name.", "Basics: Enter a description.",
			"Directory + domain: A connected organization needs a directory or a domain.", "Go to Basics",
			"Go to Directory + domain")
	gala.do(http.MethodPost, home+"/admin/organizations/new", url.Values{"at": {"review"}, "finish": {"yes"},
		"displayName": {"Quay <b>"}, "description": {strings.Repeat("x", 1001)},
		"state": {"better"}, "source": {"openid/quay.example", "directory/" + unknown, "nothing"},
		"provider.issuer": {"ftp://x"}, "internalSponsors": {"singleUser/" + unknown}}).
		sees(422, "Quay &lt;b&gt;", "at most 1000 characters", "Choose one of the listed options.")
	gala.presses("Go to Basics", nil).hasValue("displayName", "Quay <b>")
}

func TestEditOrganization(t *testing.T) {
	p := newPortal(t)
	omar := p.makeOrganizationAdministrator()
	at := home + "/admin/organizations/" + string(p.Partner.ID)
	omar.opens(at+"/edit").hasValue("displayName", "Harbor Studio").hasValue("state", "configured")
	other := p.makeOrganizationAdministrator().opens(at+"/edit").presses("Save",
		url.Values{"description": {"Boats"}}).sees(200, "Connected organization saved.",
		"Boats")
	omar.presses("Save", url.Values{"description": {"Ships"}, "displayName": {"Harbour Studio"}}).
		sees(409, "Someone else saved changes while you were editing", "Boats", "Ships").hasValue("description", "Ships")
	omar.presses("Save", nil).sees(200, "Harbour Studio", "Ships")
	other.opens(at+"/edit").presses("Save", url.Values{"displayName": {""}}).sees(422, "Enter a name.")
	other.opens(at+"/edit").presses("Save", url.Values{"state": {"proposed"}}).sees(200, "This organization is proposed")

	omar.opens(at+"/sources").sees(200, "harbor.example", "needs a directory or a domain. Add another first")
	omar.opens(at+"/sources/add").presses("Look up", url.Values{"domain": {"elsewhere.example"}}).presses("Add Elsewhere",
		nil).presses("Next: Review + add", nil).presses("Add", nil).sees(200)
	omar.opens(at+"/sources/add").presses("Next: Review + add", nil).sees(200, "Look up a domain and add", "Look up")
	omar.opens(at+"/sources/remove?source="+string(p.Other.ID)).sees(200, "Remove Elsewhere from Harbour Studio?").presses(
		"Remove", nil).sees(200, "Directory removed from the connected organization.", "!Elsewhere")
	omar.opens(at + "/sources/remove?source=" + string(p.Other.ID)).sees(404)

	lena := kit.SubjectValue(access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.Lena.ID)})
	omar.opens(at+"/sponsors/edit").presses("Find", url.Values{"q.internalSponsors": {"Lena"}}).sees(200, "Lena Berg").
		presses("Save", url.Values{"internalSponsors": {lena}}).sees(200, "Lena Berg")
	group := kit.SubjectValue(access.SubjectRef{Kind: access.SubjectGroup, ID: string(p.Reviewers.ID)})
	omar.opens(at+"/sponsors/edit").presses("Find", url.Values{"q.internalSponsors": {p.Reviewers.Name}}).sees(200,
		p.Reviewers.Name).
		presses("Save", url.Values{"internalSponsors": {lena, group}}).sees(200, "Lena Berg", p.Reviewers.Name)
	omar.opens(at+"/sponsors/edit").presses("Find", url.Values{"q.externalSponsors": {"Lena"}}).sees(200,
		"No results for “Lena”.")
	fields, _ := formState(formWith(omar, "Save"))
	fields.Set("externalSponsors", lena)
	omar.do(http.MethodPost, at+"/sponsors/edit", fields).sees(422, "Lena Berg is not a guest of this organization.")

	p.Package("Tidal", p.ForPartner(access.Terms{}))
	omar.opens(at+"/delete").sees(200, "1 policy names no other organization", "1 more policy names it", "!Tidal")
	omar.presses("Delete", nil).sees(200, "Connected organization deleted.", "No connected organizations yet")
	omar.opens(at).sees(404)
}

func TestTenantProvider(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	d := p.addProvider(p.Tenant.ID, access.Directory{Name: "Quay", Domains: []access.Domain{"quay.example"},
		DomainClaims: []access.DomainClaim{{Domain: "quay-two.example", Token: "t"}}})
	at := home + "/admin/organizations/providers/" + string(d.ID)
	gala := p.as("gala").opens(home+"/admin/organizations/providers?q=quay").sees(200, "Quay", "quay-two.example").clicks(
		"Quay").sees(200, "Enabled", "!kept-secret", "Needs verification", "Stored, not shown")
	gala.presses("Test connection", nil).sees(200, "The provider's settings can be read.", "Failed")
	gala.opens(at+"/edit").sees(200, "!kept-secret", "A secret is stored").presses("Save",
		url.Values{"provider.issuer": {"http://login.quay.example"}, kit.SecretField: {"newer-secret"}}).
		sees(422, "is not an issuer", "!newer-secret").hasValue("provider.issuer", "http://login.quay.example")
	gala.presses("Save", url.Values{"provider.issuer": {p.provider + "/other"}}).sees(422, "The connection test of ").
		hasValue("provider.issuer", p.provider+"/other")
	gala.presses("Save", gala.saveAnyway()).sees(200, "OpenID Provider saved.")
	works := signintest.New(t, p.clock.Now)
	gala.opens(at+"/edit").presses("Save", url.Values{"provider.issuer": {works.Issuer}}).sees(200,
		"OpenID Provider saved.")
	gala.opens(at+"/edit").presses("Save", url.Values{"provider.displayName": {"Quay"},
		"provider.issuer": {p.provider + "/other"}})
	gala.presses("Save", gala.saveAnyway()).sees(200, "OpenID Provider saved.")
	// not asked again
	gala.opens(at+"/edit").presses("Save", url.Values{"provider.scopes": {"email"}}).sees(200, "OpenID Provider saved.")
	if got, err := p.Directory(t.Context(), d.ID); err != nil || got.ClientSecret != "newer-secret" ||
		got.Issuer != p.provider+"/other" {
		t.Errorf("the secret that was typed before the fault: %+v, %v", got, err)
	}

	p.people["noa"] = access.Identity{Directory: d.ID, Subject: "noa", Name: "Noa", Email: "noa@quay.example"}
	noa := p.as("noa").opens(home+"/").sees(200, "Overview")
	gala.opens(at).sees(200, "People have signed in or been added with “Quay”. Turn it off instead").clicks("Turn "+
		"off").sees(200, "Sessions that end immediately", "1").
		presses("Turn off", nil).sees(200, "OpenID Provider turned off.")
	if noa.sendOnce(http.MethodGet, home+"/", nil).status != http.StatusSeeOther ||
		!strings.Contains(noa.header.Get("Location"), "/sign-in") {
		t.Errorf("her session is over with the next request: %d %s", noa.status, noa.header.Get("Location"))
	}
	noa.opens(home+"/sign-in?domain_hint=quay.example").sees(200, "Sign in to Meridian Works")
	gala.presses("Turn on", nil).sees(200, "OpenID Provider turned on.")
	gala.opens(at+"/domains").presses("Remove", nil).sees(200, "Domain removed.", "!quay-two.example")

	fresh := p.addProvider(p.Tenant.ID, access.Directory{Name: "Pier", Domains: []access.Domain{"pier.example"}})
	gala.opens(home+"/admin/organizations/providers/"+string(fresh.ID)).clicks("Delete").sees(200, "pier.example").presses(
		"Delete", nil).sees(200, "OpenID Provider deleted.", "!Pier")
	gala.opens(home+"/admin/organizations/providers/"+string(p.Harbor.ID)).sees(200,
		"The operator of this installation manages this provider", "!Client ID", "!Edit")
	gala.opens(home + "/admin/organizations/providers/" + string(p.Harbor.ID) + "/edit").sees(404)
	gala.opens(home + "/admin/organizations/providers/" + string(p.Other.ID)).sees(404)
}

// A secret sealed in another session, or not sealed at all, is ignored.
func TestSealedSecretIsBoundToSession(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	p.addAdministrator("gwen")
	d := p.addProvider(p.Tenant.ID, access.Directory{Name: "Quay", Domains: []access.Domain{"quay.example"}})
	at := home + "/admin/organizations/providers/" + string(d.ID) + "/edit"
	gala := p.as("gala").opens(at).presses("Save", url.Values{"provider.clientId": {""},
		kit.SecretField: {"galas-secret"}}).sees(422)
	sealed := ""
	for n := range nodes(gala.page) {
		if attribute(n, "name") == "sealed" {
			sealed = attribute(n, "value")
		}
	}
	if sealed == "" {
		t.Fatal("nothing is sealed")
	}
	gwen := p.as("gwen").opens(at)
	fields, _ := formState(formWith(gwen, "Save"))
	fields.Set("sealed", sealed)
	gwen.do(http.MethodPost, at, fields).sees(200, "OpenID Provider saved.")
	if got, err := p.Directory(t.Context(), d.ID); err != nil || got.ClientSecret != "kept-secret" {
		t.Errorf("the secret is %q, %v", got.ClientSecret, err)
	}
}

// A draft keeps the form of an ended session without the secret.
func TestDraftsHaveNoSecrets(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	d := p.addProvider(p.Tenant.ID, access.Directory{Name: "Quay", Domains: []access.Domain{"quay.example"}})
	gala := p.as("gala").opens(home + "/admin/organizations/providers/" + string(d.ID) + "/edit")
	fields, _ := formState(formWith(gala, "Save"))
	fields.Set(kit.SecretField, "typed-in-vain")
	fields.Set("csrf", gala.token())
	p.advance(access.MaxSessionLifetime)
	gala.sendOnce(http.MethodPost, gala.at, fields)
	if dump := p.dump(); !strings.Contains(dump, "provider.issuer") || strings.Contains(dump, "typed-in-vain") {
		t.Error("the draft has the secret, or there is none")
	}
}

// withExtraField returns the form with one more field with the value
// "provider".
func withExtraField(form url.Values, name string) url.Values {
	more := cloneValues(form)
	more.Set(name, "provider")
	return more
}

// formWith returns the form that has the button.
func formWith(b *browser, button string) *html.Node {
	b.p.t.Helper()
	for n := range nodes(b.page) {
		if n.Data == "form" && buttonOf(n, button) != nil {
			return n
		}
	}
	b.p.t.Fatalf("%s has no button %q", b.at, button)
	return nil
}

// A directory of another tenant is reported as unknown.
func TestForeignProvidersAreUnknown(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	theirs := p.addProvider(p.North.ID, access.Directory{Name: "Hidden Harbour",
		Domains:      []access.Domain{"hidden.example"},
		DomainClaims: []access.DomainClaim{{Domain: "hidden-two.example", Token: "t"}}})
	gala := p.as("gala")
	for _, name := range []string{"hidden.example", "hidden-two.example"} {
		gala.opens(home+"/admin/organizations/new").presses("Next: Directory + domain", url.Values{"displayName": {"Mine"},
			"description": {"x"}}).presses("Look up", url.Values{"domain": {name}}).
			sees(200, "No directory found for "+name, "!Hidden Harbour")
	}
	form := url.Values{"at": {"review"}, "displayName": {"Mine"}, "description": {"x"}, "state": {"configured"}}
	form.Set("source", "directory/"+string(theirs.ID))
	foreign := gala.do(http.MethodPost, home+"/admin/organizations/new", withExtraField(form, "finish")).sees(422,
		"Choose one of the listed options.", "!Hidden Harbour").body
	form.Set("source", "directory/"+unknown)
	none := gala.do(http.MethodPost, home+"/admin/organizations/new", withExtraField(form, "finish")).sees(422).body
	foreign, none = pageID.ReplaceAllString(foreign, ""), pageID.ReplaceAllString(none, "")
	if strings.ReplaceAll(foreign, string(theirs.ID), "") != strings.ReplaceAll(none, unknown, "") {
		t.Error("another tenant's provider differs from an unknown one")
	}
	gala.opens(home+"/admin/organizations/providers?q=hidden").sees(200, "No results", "!Hidden Harbour")
	gala.opens(home+"/admin/organizations/new").presses("Next: Directory + domain", url.Values{"displayName": {"Mine"},
		"description": {"x"}}).presses("Look up",
		url.Values{"domain": {"hidden.example"}}).presses("Add an OpenID Provider", nil).
		sees(200, "OpenID Provider for hidden.example") // each tenant verifies it separately
}

// Testing and saving a provider never connects to internal addresses (N-6).
func TestProviderFormRefusesInternalAddresses(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	asked := 0
	inner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = fmt.Fprint(w, "the inner secret") // the client may have closed the connection
	}))
	defer inner.Close()
	in, err := signin.New(signin.Config{Base: address, Now: p.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	p.server.SignIn = in
	p.server.Admin = admin.New(admin.Config{Store: p.Store})
	gala := p.as("gala")
	port := inner.URL[strings.LastIndexByte(inner.URL, ':'):]
	for _, issuer := range []string{
		inner.URL, "https://127.0.0.1" + port, "https://[::1]" + port, "https://0.0.0.0" + port, "https://169.254.169.254",
		"https://10.0.0.1", "https://[::ffff:127.0.0.1]" + port,
		"https://2130706433" + port, "https://0177.0.0.1" + port, "https://user@login.quay.example",
		"https://localhost" + port, "https://127.0.0.1:22", "https://127.0.0.1:6379",
	} {
		form := url.Values{"at": {"sources"}, "displayName": {"Quay"}, "description": {"x"}, "state": {"configured"},
			"source":      {"openid/quay.example"},
			"provider.id": {"0199a0c8-7b1e-7c3a-9d54-0f2b6f6d1a01"}, "provider.displayName": {"Quay"},
			"provider.issuer": {issuer}, "provider.clientId": {"x"},
			"provider.tokenEndpointAuthMethod": {"none"}, "provider.domainHintParameter": {"none"}}
		gala.do(http.MethodPost, home+"/admin/organizations/new", withExtraField(form, "try")).sees(200,
			"No one can sign in with these settings",
			"!the inner secret", "!connection refused")
		gala.do(http.MethodPost, home+"/admin/organizations/new", withExtraField(form, "finish")).sees(422,
			"Go to Directory + domain")
	}
	if asked != 0 {
		t.Errorf("what is inside was asked %d times", asked)
	}
}

// Unknown, proposed and disabled domains get the same answer (N-13).
func TestSignInPageRevealsNoDomains(t *testing.T) {
	p := newPortal(t)
	off := p.addProvider(p.Tenant.ID, access.Directory{Name: "Switched off", Domains: []access.Domain{"offline.example"}})
	p.addProvider(p.North.ID, access.Directory{Name: "Hidden", Domains: []access.Domain{"hideout.example"}})
	proposed := p.addProvider(p.Tenant.ID, access.Directory{Name: "Proposed", Domains: []access.Domain{"propose.example"}})
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		off.Enabled = false
		if err := tx.SaveDirectory(ctx, off, access.VerifiedByDNS); err != nil {
			return err
		}
		o, _, err := tx.OrganizationOf(ctx, p.Tenant.ID, proposed.ID)
		if err != nil {
			return err
		}
		o.State = access.Proposed
		return tx.SaveOrganization(ctx, o)
	})
	said := func(d string) string {
		b := p.nobody().opens(home+"/sign-in").presses("Continue", url.Values{"address": {"noa@" + d}}).sees(422)
		return strings.ReplaceAll(b.body, d, "")
	}
	want := said("unknown.example")
	for _, d := range []string{"offline.example", "hideout.example", "propose.example"} {
		if got := said(d); got != want {
			t.Errorf("the answer for %s differs from that for an unknown domain", d)
		}
	}
	for _, d := range []string{"unknown.example", "offline.example", "hideout.example", "propose.example"} {
		p.nobody().opens(home+"/sign-in?domain_hint="+d).sees(200, "Sign in to Meridian Works", "!"+d)
	}
}
