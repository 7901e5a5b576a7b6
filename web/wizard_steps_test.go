package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"myaccess/internal/signin"
	"myaccess/internal/signin/signintest"
	"myaccess/internal/store"
	"myaccess/web/kit"
)

// F-282: a step of a wizard has an address that can be loaded again and gone back to; what
// was typed in other steps stays, and a finished wizard makes nothing twice.
func TestWizardStepsHaveAddresses(t *testing.T) {
	p := newPortal(t)
	omar := p.makeOrganizationAdministrator()
	p.addAdministrator("gala")
	omar.opens(home+"/admin/organizations/new").presses("Next: Directory + domain", url.Values{"displayName": {""},
		"description": {"Design"}}).sees(200, "Enter a name.").hasValue("description", "Design")
	omar.presses("Next: Directory + domain", url.Values{"displayName": {"Harbour"}}).sees(200, "Look up")
	second := omar.at
	if !strings.Contains(second, "?draft=") || !strings.HasSuffix(second, "&step=sources") {
		t.Fatalf("the second step is at %s", second)
	}
	first := strings.Replace(second, "step=sources", "step=basics", 1)
	omar.presses("Look up", url.Values{"domain": {"elsewhere.example"}}).presses("Add Elsewhere", nil).
		presses("Next: Sponsors", nil).presses("Next: Review + create", nil).sees(200, "Harbour", "Elsewhere")
	review := omar.at
	omar.opens(first).hasValue("displayName", "Harbour").presses("Next: Directory + domain", url.Values{"displayName": {
		"Harbour Studio"}}).sees(200, "Elsewhere")
	omar.opens(second).sees(200, "Elsewhere")

	p.as("gala").opens(review).sees(404, "This draft can't be opened.", "Start again", "!Harbour")

	omar.opens(review)
	again := omar.copied()
	omar.presses("Create", nil).sees(200, "Harbour Studio", "!Review + create")
	made, _, _ := strings.Cut(omar.at, "?")
	if again.presses("Create", nil).sees(200, "Harbour Studio"); again.at != made {
		t.Errorf("submitting again leads to %s, want %s", again.at, made)
	}
	omar.opens(review).sees(200, "You've already submitted this form.").clicks("Open result").sees(200,
		"Harbour Studio")
	omar.opens(home+"/admin/organizations").sees(200, "Harbour Studio")
}

// F-283: a step that another tab has saved since has an address with both texts, for its
// account only, until one of them is saved. The same text twice is no difference.
func TestStaleStepHasAnAddress(t *testing.T) {
	const next, changed = "Next: Directory + domain", "You've changed this in another tab or window"
	p := newPortal(t)
	p.addAdministrator("gala")
	p.addAdministrator("gus")
	one := p.as("gala").beginsOrganization("Harbour")
	basics, sources := one.stepOf("basics"), one.at
	other, same := one.copied().opens(basics), one.copied().opens(basics)
	one.opens(basics).presses(next, url.Values{"displayName": {"Quay"}}).sees(200, "Look up")
	same.presses(next, url.Values{"displayName": {"Quay"}}).sees(200, "Look up", "!"+changed)
	other.presses(next, url.Values{"displayName": {"Haven"}}).sees(http.StatusConflict, changed)
	stale := other.at
	if !strings.Contains(stale, "?draft=") || stale == basics {
		t.Fatalf("the stale step is at %s", stale)
	}
	for range 2 {
		other.copied().opens(stale).sees(http.StatusConflict, changed, "Quay").hasValue("displayName", "Haven").
			hasValue("description", "Ships")
	}
	other.copied().opens(basics).hasValue("displayName", "Quay")
	p.as("gus").opens(stale).sees(404, "This draft can't be opened.", "!Haven")
	if other.presses(next, nil).sees(200, "Look up"); other.at != sources {
		t.Errorf("the wizard goes on at %s, want %s", other.at, sources)
	}
	other.copied().opens(basics).hasValue("displayName", "Haven")
	other.copied().opens(stale).sees(200, "!"+changed).hasValue("displayName", "Haven")

	one.opens(basics)
	other.opens(basics).presses(next, url.Values{"displayName": {"Dock"}})
	p.full.Store(true) // it cannot be kept now
	one.presses(next, url.Values{"displayName": {"Pier"}}).sees(http.StatusConflict, changed, "Dock").
		hasValue("displayName", "Pier")
	p.full.Store(false)
	one.presses(next, nil).sees(200, "Look up").opens(basics).hasValue("displayName", "Pier")
}

// A client secret in a step that another tab has saved since is the one that was typed.
func TestStaleStepKeepsItsSecret(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	one := p.as("gala").beginsOrganization("Quay").presses("Look up", url.Values{"domain": {"quay.example"}}).presses(
		"Add an OpenID Provider", nil)
	other := one.copied().opens(one.at)
	typed := url.Values{"provider.issuer": {p.provider + "/harbor"}, "provider.clientId": {"one"},
		kit.SecretField: {"secret-one"}}
	one.presses("Next: Sponsors", typed).sees(200, "Internal sponsors")
	typed.Set("provider.clientId", "two")
	typed.Set(kit.SecretField, "secret-two")
	other.presses("Next: Sponsors", typed).sees(http.StatusConflict, "The secret you entered is kept",
		"!secret-one", "!secret-two")
	if dump := p.dump(); strings.Contains(dump, "secret-one") || strings.Contains(dump, "secret-two") {
		t.Error("a draft has the secret in plain text")
	}
	other.presses("Next: Sponsors", nil).presses("Next: Review + create", nil).presses("Create", nil)
	if other.status == http.StatusUnprocessableEntity {
		other.presses("Create", other.saveAnyway())
	}
	d, ok, err := p.DirectoryWithPendingDomain(t.Context(), p.Tenant.ID, "quay.example")
	if err != nil || !ok || d.ClientID != "two" || d.ClientSecret != "secret-two" {
		t.Errorf("what was made: %+v, %v, %v", d, ok, err)
	}
}

// F-282: the last step has an address with the reasons for which finishing was refused.
func TestRefusedFinishHasAnAddress(t *testing.T) {
	const reason = "A connected organization with this name already exists."
	p := newPortal(t)
	p.addAdministrator("gala")
	gala := p.as("gala").beginsOrganization("Harbour").reviewsOrganization().sees(200, "!"+reason)
	taken := p.Partner
	taken.Name = "Harbour"
	if err := p.Store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SaveOrganization(t.Context(), taken)
	}); err != nil {
		t.Fatal(err)
	}
	gala.presses("Create", nil).sees(http.StatusUnprocessableEntity, reason)
	if !strings.HasSuffix(gala.at, "&step=review") {
		t.Fatalf("the refusal is at %s", gala.at)
	}
	for range 2 {
		gala.copied().opens(gala.at).sees(http.StatusUnprocessableEntity, reason, "Go to Basics")
	}
	gala.opens(gala.stepOf("sponsors")).sees(200, "Internal sponsors") // each step can be opened after the last one
}

// A draft of another tenant is no draft here, although it is of the same account.
func TestDraftOfAnotherTenant(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	gala := p.as("gala").beginsOrganization("Harbour")
	key := draftKey.FindStringSubmatch(gala.at)[1]
	d, err := p.Store.Draft(t.Context(), signin.HashToken(key))
	if err != nil {
		t.Fatal(err)
	}
	d.Key, d.Tenant = signin.HashToken("theirs"), p.North.ID
	if err := p.Store.Write(t.Context(), func(tx *store.Tx) error { return tx.AddDraft(t.Context(), d) }); err != nil {
		t.Fatal(err)
	}
	gala.copied().opens(gala.at).sees(200, "Look up")
	gala.copied().opens(strings.Replace(gala.at, key, "theirs", 1)).sees(404, "This draft can't be opened.", "!Harbour")
}

// draftKey matches the key of a draft in an address.
var draftKey = regexp.MustCompile(`draft=([^&]+)`)

// A key that another account or another wizard uses gets no draft of theirs, nor replaces
// it: the wizard goes on with a key of its own.
func TestWizardWithTheKeyOfAnother(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	p.addAdministrator("gus")
	for _, person := range []string{"gala", "gus"} {
		gala := p.as("gala").beginsOrganization("Harbour")
		key := draftKey.FindStringSubmatch(gala.at)[1]
		b := p.as(person).opens(home+"/admin/access-packages/new?catalog="+string(p.Catalog.ID)+"&new="+key).sees(200,
			"Next: Resource roles", "!Harbour")
		b.presses("Next: Resource roles", url.Values{"displayName": {"Quay"}, "description": {"Ships"}}).sees(200,
			"Next: Requests")
		if other := draftKey.FindStringSubmatch(b.at)[1]; other == key {
			t.Errorf("%s goes on with the same key", person)
		}
		b.opens(b.stepOf("basics")).hasValue("displayName", "Quay")
		gala.opens(gala.stepOf("basics")).hasValue("displayName", "Harbour")
	}
}

// F-283: a wizard that is finished while another submission of it is under way leads there to
// what was made.
func TestFinishedDuringFinishing(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	provider := signintest.New(t, p.clock.Now)
	one := p.as("gala").beginsOrganization("Quay").presses("Look up", url.Values{"domain": {"quay.example"}}).presses(
		"Add an OpenID Provider", nil).presses("Next: Sponsors", url.Values{"provider.issuer": {provider.Issuer},
		"provider.clientId": {"x"}, kit.SecretField: {"secret-of-quay"}}).presses("Next: Review + create", nil)
	two := one.copied()
	var tested atomic.Int32
	provider.Behave(signintest.Behaviour{Metadata: func(signintest.Claims) {
		if tested.Add(1) == 1 { // one is past the question whether the wizard is finished
			two.presses("Create", nil)
		}
	}})
	one.presses("Create", nil)
	made, _, _ := strings.Cut(two.at, "?")
	if tested.Load() < 2 || one.status != http.StatusOK || one.at != made {
		t.Errorf("%d tests, one ends at %s (%d), two at %s", tested.Load(), one.at, one.status, two.at)
	}
}
