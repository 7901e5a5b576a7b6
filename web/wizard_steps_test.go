package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

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
	omar.opens(review).sees(200, "You've already submitted this form.").clicks("Open the result").sees(200,
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
	other.presses("Next: Sponsors", typed).sees(http.StatusConflict, "The secret that you have typed is kept",
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
