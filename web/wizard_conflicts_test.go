package web

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/signin"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// noteWizard adds a wizard of two steps with one field each, at /admin/note. While a step is
// left, another page saves a note in the draft, as often as *others says.
func (p *fixture) noteWizard(others *int) {
	p.t.Helper()
	save := func(c *kit.Context, typed url.Values) error {
		d, err := p.SignIns.Draft(c.Ctx, signin.HashToken(typed.Get("draft")), c.Account.ID, c.Now)
		if err != nil || *others == 0 {
			return nil //nolint:nilerr // nothing is saved yet
		}
		base := d.Form[access.FormSaved][0]
		d.Form["note"], d.Form[access.FormSaved] = []string{fmt.Sprint("note ", *others)}, []string{fmt.Sprint(*others)}
		*others--
		return p.SignIns.ReplaceDraft(c.Ctx, d, base)
	}
	step := func(c *kit.Context, name, label string) kit.WizardStep {
		return kit.WizardStep{Name: name, Label: label, Owns: kit.FieldsNamed(name),
			Groups: func(typed url.Values, faults map[string]string) []views.Group {
				return []views.Group{{Parts: []views.Part{kit.TextField(typed, faults, ui.Field{Name: name, Label: label})}}}
			}}
	}
	wizard := func(c *kit.Context) kit.Wizard {
		return kit.Wizard{Title: "Note", Path: c.AdminPath("note"), Cancel: c.AdminPath(), Submit: "Make",
			Steps: []kit.WizardStep{step(c, "name", "Name"), step(c, "note", "Text"), {Name: "end", Label: "End",
				Groups: func(url.Values, map[string]string) []views.Group { return nil }}},
			Check: func(typed url.Values) error { return save(c, typed) }}
	}
	route := kit.Route{Method: http.MethodGet, Path: kit.HomePath + "admin/note", Level: kit.AdminPage,
		Action: access.ManageSettings, Handle: func(c *kit.Context) error { return wizard(c).Show(c) }}
	form := route
	form.Method, form.FormPage = http.MethodPost, kit.SamePath
	form.Handle = func(c *kit.Context) error { return wizard(c).ShowStep(c) }
	var err error
	if p.handler, err = p.server.Handler(append(routes(), route, form)); err != nil {
		p.t.Fatal(err)
	}
}

// F-283: a step that is saved while another page saves another step of the draft keeps what
// both have. A draft that other pages save again and again is given up after a few attempts:
// nothing of theirs is overwritten, and what was typed stays on the page.
func TestWizardSavedWhileAStepIsSaved(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	others := 0
	p.noteWizard(&others)
	gala := p.as("gala").opens(home+"/admin/note").presses("Next: Text", url.Values{"name": {"Quay"}}).
		hasValue("note", "")
	gala.opens(gala.stepOf("name"))
	others = 1
	gala.presses("Next: Text", url.Values{"name": {"Pier"}}).sees(200).hasValue("note", "note 1")
	gala.opens(gala.stepOf("name")).hasValue("name", "Pier")

	others = 100
	gala.presses("Next: Text", url.Values{"name": {"Dock"}}).sees(http.StatusServiceUnavailable,
		"What you typed can't be saved at the moment. It's still on this page").hasValue("name", "Dock")
	if tried := 100 - others; tried < 2 || tried > 5 {
		t.Errorf("%d attempts", tried)
	}
	last := fmt.Sprint("note ", others+1)
	others = 0
	gala.presses("Next: Text", nil).sees(200).hasValue("note", last)
	gala.opens(gala.stepOf("name")).hasValue("name", "Dock")
}

// Two tabs of a step that differ only in the client secret are told of each other, without
// either secret; two with the same one are not.
func TestTabsWithDifferentSecrets(t *testing.T) {
	const changed = "You've changed this in another tab or window"
	p := newPortal(t)
	p.addAdministrator("gala")
	one := p.as("gala").beginsOrganization("Quay").presses("Look up", url.Values{"domain": {"quay.example"}}).presses(
		"Add an OpenID Provider", nil)
	other, same, without := one.copied().opens(one.at), one.copied().opens(one.at), one.copied().opens(one.at)
	typed := url.Values{"provider.issuer": {p.provider + "/harbor"}, "provider.clientId": {"x"},
		kit.SecretField: {"secret-one"}}
	one.presses("Next: Sponsors", typed).sees(200, "Internal sponsors")
	same.presses("Next: Sponsors", typed).sees(200, "Internal sponsors", "!"+changed)
	typed.Del(kit.SecretField) // keeps the stored one
	without.presses("Next: Sponsors", typed).sees(200, "Internal sponsors", "!"+changed)
	typed.Set(kit.SecretField, "secret-two")
	other.presses("Next: Sponsors", typed).sees(http.StatusConflict, changed,
		"Client secret Entered, not shown Entered, not shown", "!secret-one", "!secret-two")
	other.presses("Next: Sponsors", nil).sees(200, "Internal sponsors").presses("Next: Review + create", nil).
		presses("Create", nil)
	if other.status == http.StatusUnprocessableEntity {
		other.presses("Create", other.saveAnyway())
	}
	d, ok, err := p.DirectoryWithPendingDomain(t.Context(), p.Tenant.ID, "quay.example")
	if err != nil || !ok || d.ClientSecret != "secret-two" {
		t.Errorf("what was made: %+v, %v, %v", d, ok, err)
	}
}

// The results of a search in a step are shown again when its page is loaded again.
func TestSearchInAStepIsKept(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	gala := p.as("gala").beginsOrganization("Quay").presses("Look up", url.Values{"domain": {"elsewhere.example"}}).
		presses("Add Elsewhere", nil).presses("Next: Sponsors", nil).sees(200, "!Omar Haddad")
	found := gala.presses("Find", nil).sees(200, "Omar Haddad") // everybody: nothing is typed
	for range 2 {
		found.copied().opens(found.at).sees(200, "Omar Haddad")
	}
	gala.presses("Next: Review + create", nil).opens(gala.stepOf("sponsors")).sees(200, "!Omar Haddad")
}

// A last step that cannot be saved although it was refused creates what it shows when it is
// submitted again: nothing else has it.
func TestRefusedFinishOnFullDisk(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	gala := p.as("gala").beginsOrganization("Harbour").reviewsOrganization()
	for range access.MaxDraftsPerAccount { // its draft is replaced
		p.clock.Advance(1e9)
		gala.copied().beginsOrganization("Other")
	}
	p.full.Store(true)
	gala.presses("Create", nil).sees(http.StatusConflict, "Nothing has been saved yet", "Harbour", "Elsewhere")
	p.full.Store(false)
	gala.presses("Create", nil).sees(200, "Harbour", "!Review + create")
}
