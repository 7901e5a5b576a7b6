package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// assignCatalogRole assigns the person a role in the catalog.
func (p *fixture) assignCatalogRole(one access.Person, role access.AdminRole) {
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: p.Tenant.ID, Role: role, Catalog: p.Catalog.ID,
			Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(one.ID)}})
	})
}

// policiesOf is the path of a package's policies.
func policiesOf(o access.Offer) string {
	return home + "/admin/access-packages/" + string(o.Package.ID) + "/policies"
}

// typedPolicy returns the form of a policy for members that Ida approves, with
// changes.
func typedPolicy(p *fixture, changes url.Values) url.Values {
	typed := url.Values{"policyName": {"Crew"}, "policyDescription": {""}, "enabled": {"yes"},
		"allowedTargetScope": {"allMemberUsers"}, "justify": {"yes"}, "customSchedule": {"yes"},
		"showApprovers": {"default"}, "silent": {"no"}, "expiration": {"days"}, "expiration.days": {"365"},
		"stages": {"1"}, "stages.1.days": {"7"}, "stages.1.reason": {"no"},
		"stages.1.approvers": {"singleUser/" + string(p.Ida.ID), "singleUser/" + string(p.Lena.ID)}}
	maps.Copy(typed, changes)
	return typed
}

// Omar, who owns the catalog, adds a policy with the wizard, changes it,
// disables and enables it, and deletes it.
func TestPolicyLifecycle(t *testing.T) {
	p := newPortal(t)
	p.assignCatalogRole(p.Omar, access.CatalogOwner)
	o := p.Package("Tidal")
	b := p.as("omar").opens(policiesOf(o)).sees(http.StatusOK, "No policies yet.")
	b.clicks("Add policy").sees(http.StatusOK, "Users who can request access")

	typed := typedPolicy(p, url.Values{"policyName": {""}, "at": {"requests"}, "go": {"questions"}})
	b.do(http.MethodPost, policiesOf(o)+"/new", typed).sees(http.StatusOK, "!Add question")
	if got := b.faultAt("policyName"); got != "Enter a name." {
		t.Errorf("the fault of the name is %q", got)
	}
	b.presses("Next: Requestor information", url.Values{"policyName": {"Crew"}}).sees(http.StatusOK,
		"!There's a problem")
	b.presses("Add question", nil).presses("Add question", url.Values{"questions.1.text": {"Why?"}}).
		presses("Move question 2 up", url.Values{"questions.2.text": {"Which project?"}}).
		hasValue("questions.1.text", "Which project?").hasValue("questions.2.text", "Why?").
		presses("Remove question 2", nil).hasValue("questions.1.text", "Which project?")
	b.presses("Test question 1", url.Values{"questions.1.pattern": {"[A-Z]{2}"}, "questions.1.try": {"abc"}}).
		sees(http.StatusOK, "This answer isn't in the required format.")
	b.presses("Test question 1", url.Values{"questions.1.try": {"AB"}}).sees(http.StatusOK,
		"“AB” is accepted.")
	b.presses("Next: Lifecycle", nil).presses("Next: Review and add", nil).sees(http.StatusOK, "Crew",
		"Which project?", "Ida Falk and Lena Berg")
	b.presses("Back", nil).presses("Back", url.Values{"expiration.days": {"0"}}).presses("Review and add", nil).
		sees(http.StatusOK, "Lifecycle: ").presses("Go to Lifecycle", nil)
	if b.faultAt("expiration.days") == "" {
		t.Error("the fault of the days is not at its field")
	}
	b.presses("Next: Review and add", url.Values{"expiration.days": {"365"}}).
		sees(http.StatusOK, "!There's a problem").presses("Add policy", nil).
		sees(http.StatusOK, "Policy created.", "Crew", "1 approval stage", "After 365 days", "Which project?")

	b.clicks("Edit").sees(http.StatusOK, "apply to new requests and assignments").
		presses("Save", url.Values{"expiration.days": {"0"}}).sees(http.StatusUnprocessableEntity).hasValue("expiration.days",
		"0")
	if b.faultAt("expiration.days") == "" {
		t.Error("the fault is not at its field")
	}
	b.presses("Save", url.Values{"expiration.days": {"30"}}).sees(http.StatusOK, "Policy saved.", "After 30 days")
	b.presses("Disable", nil).sees(http.StatusOK, "Not enabled").presses("Enable", nil).sees(http.StatusOK, "Enabled")
	b.clicks("Delete").presses("Delete", nil).sees(http.StatusOK, "Policy deleted.", "No policies yet.")
}

// When two people change one policy, the second sees the saved values beside
// the typed ones, and saving again stores the typed ones.
func TestConcurrentPolicyEdit(t *testing.T) {
	p := newPortal(t)
	p.assignCatalogRole(p.Omar, access.CatalogOwner)
	p.assignCatalogRole(p.Ida, access.AccessPackageManager)
	o := p.Package("Tidal", access.Policy{Name: "Crew", Scope: access.ScopeMembers})
	edit := policiesOf(o) + "/" + string(o.Policies[0].ID) + "/edit"
	omar, ida := p.as("omar").opens(edit), p.as("ida").opens(edit)
	omar.presses("Save", url.Values{"policyName": {"The crew"}}).sees(http.StatusOK, "Policy saved.")
	ida.presses("Save", url.Values{"policyName": {"Everybody"}}).
		sees(http.StatusConflict, "Someone else saved changes while you were editing", "The crew").hasValue("policyName",
		"Everybody").
		presses("Save", nil).sees(http.StatusOK, "Everybody")
}

// A policy that cannot work is refused at the field at fault; one that
// currently does not work shows a warning.
func TestPolicyFaultsAndWarnings(t *testing.T) {
	p := newPortal(t)
	p.assignCatalogRole(p.Omar, access.CatalogOwner)
	o := p.Package("Tidal")
	b := p.as("omar")
	send := func(changes url.Values) *browser {
		typed := typedPolicy(p, changes)
		typed.Set("at", "review")
		typed.Set("finish", "yes")
		return b.do(http.MethodPost, policiesOf(o)+"/new", typed)
	}
	omar := "singleUser/" + string(p.Omar.ID)
	send(url.Values{"allowedTargetScope": {string(access.ScopeSpecificUsers)}, "targets.people": {omar},
		"stages.1.approvers": {omar}}).
		sees(http.StatusUnprocessableEntity, "Omar Haddad is the only approver and the only person who can request")
	send(url.Values{"stages.1.approvers": {omar}}).sees(http.StatusOK, "no one could decide on a request by Omar Haddad")
	send(url.Values{"policyName": {"All"}, "allowedTargetScope": {string(access.ScopeAnyone)}}).sees(http.StatusOK,
		"One-time passcodes are turned off")
	send(url.Values{"policyName": {"None"}, "allowedTargetScope": {string(access.ScopeAnyone)}, "stages": {"0"}}).
		sees(http.StatusUnprocessableEntity, "A policy for all users needs approval.")
	north := p.addNorthlightPackage("Aurora")
	send(url.Values{"policyName": {"Of the north"}, "stages.1.approvers": {"groupMembers/" + string(north.ID)}}).
		sees(http.StatusUnprocessableEntity, "A person or group you chose has been deleted.")
	send(url.Values{"policyName": {strings.Repeat("x", access.MaxNameLength+1)}}).sees(http.StatusUnprocessableEntity,
		"A name can have at most")
}

// Readers see no buttons and cannot open the forms. A policy of another package
// does not exist.
func TestPolicyPagesCheckRights(t *testing.T) {
	p := newPortal(t)
	p.assignCatalogRole(p.Omar, access.CatalogOwner)
	p.assignCatalogRole(p.Ida, access.CatalogReader)
	o := p.Package("Tidal", access.Policy{Name: "Crew", Scope: access.ScopeMembers})
	other := p.Package("Other", access.Policy{Name: "Theirs", Scope: access.ScopeMembers})
	one := policiesOf(o) + "/" + string(o.Policies[0].ID)
	ida := p.as("ida")
	ida.opens(policiesOf(o)).sees(http.StatusOK, "Crew", "!Add policy")
	ida.opens(one).sees(http.StatusOK, "Crew", "!/edit", "!/delete", "!/enable")
	before := p.dump()
	for _, form := range []string{policiesOf(o) + "/new", one + "/edit", one + "/delete"} {
		ida.opens(form).sees(http.StatusForbidden)
		ida.do(http.MethodPost, form, typedPolicy(p, url.Values{"finish": {"yes"}})).sees(http.StatusForbidden)
	}
	ida.do(http.MethodPost, one+"/enable", url.Values{"enabled": {"no"}}).sees(http.StatusForbidden)
	ida.opens(home + "/admin/access-packages/" + string(o.Package.ID) + "/who").sees(http.StatusForbidden)
	if after := p.dump(); after != before {
		t.Errorf("something has changed:\n%s", difference(before, after))
	}
	omar := p.as("omar")
	for _, at := range []string{"", "/edit", "/delete"} {
		foreign := omar.opens(policiesOf(o) + "/" + string(other.Policies[0].ID) + at).sees(http.StatusNotFound).body
		unknown := omar.opens(policiesOf(o) + "/" + string(o.Package.ID) + at).sees(http.StatusNotFound).body
		unknown = strings.ReplaceAll(unknown, "policies/"+string(o.Package.ID), "policies/"+string(other.Policies[0].ID))
		if foreign != unknown {
			t.Errorf("%s: a policy of another package differs from an unknown one", at)
		}
	}
	p.as("lena").opens(policiesOf(o)).sees(http.StatusNotFound) // no administrator of anything
}

// A policy in use cannot be deleted, and the page says why (F-067).
func TestPolicyInUseCannotBeDeleted(t *testing.T) {
	p := newPortal(t)
	p.assignCatalogRole(p.Omar, access.CatalogOwner)
	o := p.Package("Tidal", access.Policy{Name: "Crew", Scope: access.ScopeMembers})
	one := policiesOf(o) + "/" + string(o.Policies[0].ID)
	omar := p.as("omar").opens(one + "/delete")
	if _, err := p.Requests.Submit(t.Context(), p.Tenant, p.AccountOf(p.Lena), o.Package.ID, access.RequestForm{},
		""); err != nil {
		t.Fatal(err)
	}
	omar.presses("Delete", nil).sees(http.StatusConflict, "People have access under this policy.")
	omar.opens(one).sees(http.StatusOK, "People have access under this policy", "!/delete")
}

// The page says for any person, known or not, whether they can request and why,
// and shows the form in their language.
func TestWhoCanRequest(t *testing.T) {
	p := newPortal(t)
	p.assignCatalogRole(p.Omar, access.CatalogOwner)
	partners := p.ForPartner(access.Terms{Questions: []access.Question{{ID: "why", Kind: access.ShortText, Text: "Why?",
		Localized: access.Localized{"de": "Warum?"}}}})
	partners.Name = "Partners"
	o := p.Package("Tidal", partners, access.Policy{Name: "Crew", Scope: access.ScopeMembers}, access.Policy{Name: "Staff",
		Scope: access.ScopeMembers})
	who := home + "/admin/access-packages/" + string(o.Package.ID) + "/who"
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		lena := p.Lena
		lena.Language = "de"
		return tx.UpdatePerson(ctx, lena)
	})
	omar := p.as("omar").opens(who).sees(http.StatusOK, "Check a person", "!can request it now")
	omar.opens(who+"?address=lena%40meridian.example").sees(http.StatusOK, "Yes, Lena Berg can request it now",
		"Lena Berg is a member of the directory.",
		"It is for external users, and Lena Berg is a member of the directory.",
		"Request form as Lena Berg sees it", "Choose a policy", "!Warum?")
	omar.clicks("Preview with Staff").sees(http.StatusOK, "Business justification")
	omar.opens(who+"?address=new%40harbor-lab.example").sees(http.StatusOK,
		"Yes, new@harbor-lab.example can request it now", "New person.",
		"new@harbor-lab.example belongs to Harbor Studio, which it names.", "Why?")
	omar.opens(who+"?address=x%40elsewhere.example").sees(http.StatusOK, "No, x@elsewhere.example can't request it",
		"People of Elsewhere can't sign in to Meridian Works.")
	omar.opens(who+"?address=x%40unknown.example").sees(http.StatusOK, "No, x@unknown.example can't request it",
		"People with an address at unknown.example can't sign in here.")
	omar.opens(who+"?address=nonsense").sees(http.StatusOK, "Enter a mail address", "!can request it now")
	omar.opens(who+"?person=singleUser/"+string(p.Ida.ID)).sees(http.StatusOK, "Yes, Ida Falk can request it now")
	omar.opens(who+"?person=singleUser/"+string(o.Package.ID)).sees(http.StatusOK, "Choose one of the listed options.")
	if _, err := p.Requests.Submit(t.Context(), p.Tenant, p.AccountOf(p.Ida), o.Package.ID,
		access.RequestForm{Policy: o.Policies[1].ID}, ""); err != nil {
		t.Fatal(err)
	}
	omar.opens(who+"?address=ida%40meridian.example").sees(http.StatusOK, "No, Ida Falk can't request it now",
		"Ida Falk already has this access package.", "!Choose a policy")
}
