package web

import (
	"net/url"
	"strings"
	"testing"
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
