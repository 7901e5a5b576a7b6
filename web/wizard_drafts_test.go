package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/web/kit"
)

// wizardStep is what is typed in a step, and the button that leaves it.
type wizardStep struct {
	typed  url.Values
	button string
}

// walks are all wizards: the path of each, its steps, and what shows that it has done
// what it is for.
func walks(p *fixture, o access.Offer) map[string]struct {
	path  string
	steps []wizardStep
	made  string // a line of the database that has it
} {
	type walk = struct {
		path  string
		steps []wizardStep
		made  string
	}
	pack := home + "/admin/access-packages/" + string(o.Package.ID)
	team := string(p.Team.Roles[1].ID)
	policy := func(last string) []wizardStep {
		return []wizardStep{{url.Values{"policyName": {"Crew"}, "allowedTargetScope": {"allMemberUsers"}},
			"Next: Requestor information"}, {nil, "Next: Lifecycle"},
			{url.Values{"expiration": {"days"}, "expiration.days": {"30"}}, "Next: " + last}}
	}
	return map[string]walk{
		"organization": {home + "/admin/organizations/new", []wizardStep{
			{url.Values{"displayName": {"Quay"}, "description": {"Ships"}}, "Next: Directory + domain"},
			{url.Values{"domain": {"elsewhere.example"}}, "Look up"}, {nil, "Add Elsewhere"}, {nil, "Next: Sponsors"},
			{nil, "Next: Review + create"}, {nil, "Create"}}, "'Quay'"},
		"sources": {home + "/admin/organizations/" + string(p.Partner.ID) + "/sources/add", []wizardStep{
			{url.Values{"domain": {"elsewhere.example"}}, "Look up"}, {nil, "Add Elsewhere"}, {nil, "Next: Review + add"},
			{nil, "Add"}}, ""},
		"package": {home + "/admin/access-packages/new?catalog=" + string(p.Catalog.ID), slices.Concat([]wizardStep{
			{url.Values{"displayName": {"Quay"}, "description": {"Ships"}}, "Next: Resource roles"},
			{url.Values{"role": {team}}, "Next: Requests"}}, policy("Review and create"), []wizardStep{{nil, "Create"}}),
			"'Quay'"},
		"policy": {pack + "/policies/new", append(policy("Review and add"), wizardStep{nil, "Add policy"}), "'Crew'"},
		"roles": {pack + "/roles/change", []wizardStep{{url.Values{"role": {team}}, "Next: Effect"},
			{nil, "Save changes"}}, team},
	}
}

// pageID matches the id of a page, which differs whenever it is loaded.
var pageID = regexp.MustCompile(`name="(page|csrf)" value="[^"]*"`)

// F-282: each step of each wizard can be loaded again, and gone back to, with what was
// typed. What is made is made once, whatever is loaded or sent again afterwards.
func TestEveryWizardStepHasAnAddress(t *testing.T) {
	for name := range walks(newPortal(t), access.Offer{}) {
		t.Run(name, func(t *testing.T) {
			p := newPortal(t)
			o := p.Package("Tidal")
			p.addAdministrator("gala")
			walk := walks(p, o)[name]
			gala := p.as("gala").opens(walk.path).sees(200, "!There's a problem")
			var at []string
			var old []*browser
			for _, step := range walk.steps {
				at, old = append(at, gala.at), append(old, gala.copied())
				shown := pageID.ReplaceAllString(gala.body, "")
				if again := gala.copied().opens(gala.at); again.status != 200 ||
					pageID.ReplaceAllString(again.body, "") != shown {
					t.Errorf("%s differs when it is loaded again: %s", gala.at, visibleText(again.page))
				}
				gala.presses(step.button, step.typed).sees(200, "!There's a problem")
				back := gala.copied().opens(at[len(at)-1])
				for field, values := range step.typed {
					if strings.HasPrefix(step.button, "Next") && len(values) == 1 {
						back.hasValue(field, values[0])
					}
				}
			}
			if strings.Contains(gala.at, "draft=") {
				t.Fatalf("it ends at %s: %s", gala.at, visibleText(gala.page))
			}
			after := withoutDrafts(p.dump())
			if walk.made != "" && !strings.Contains(after, walk.made) {
				t.Errorf("nothing has %s", walk.made)
			}
			for i, page := range old {
				page.copied().opens(at[i]).sees(200, "You've already submitted this form. Nothing was created twice.",
					"Open result")
				page.copied().presses(walk.steps[i].button, walk.steps[i].typed).sees(200, "!There's a problem")
			}
			if now := withoutDrafts(p.dump()); now != after {
				t.Errorf("sending again has changed %s", difference(after, now))
			}
		})
	}
}

// withoutDrafts is a dump of the database without drafts of forms.
func withoutDrafts(dump string) string {
	return strings.Join(slices.DeleteFunc(strings.Split(dump, "\n"), func(l string) bool {
		return strings.HasPrefix(l, "draft: ")
	}), "\n")
}

// beginsOrganization goes through the first step of the wizard for the name.
func (b *browser) beginsOrganization(name string) *browser {
	b.p.t.Helper()
	return b.opens(home+"/admin/organizations/new").presses("Next: Directory + domain", url.Values{
		"displayName": {name}, "description": {"Ships"}}).sees(200, "Look up")
}

// reviewsOrganization goes on to the last step.
func (b *browser) reviewsOrganization() *browser {
	b.p.t.Helper()
	return b.presses("Look up", url.Values{"domain": {"elsewhere.example"}}).presses("Add Elsewhere", nil).presses(
		"Next: Sponsors", nil).presses("Next: Review + create", nil)
}

// stepOf is the address of another step of the draft that the browser shows.
func (b *browser) stepOf(name string) string {
	return regexp.MustCompile(`step=.*`).ReplaceAllString(b.at, "step="+name)
}

// Two tabs with the wizard have a draft each. Two tabs with the same draft do not
// overwrite each other: the later one is shown both texts, and what was reviewed is
// not created if it has changed since.
func TestWizardInTwoTabs(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	gala := p.as("gala")
	one := gala.copied().beginsOrganization("First")
	two := gala.copied().beginsOrganization("Second")
	one.copied().opens(one.stepOf("basics")).hasValue("displayName", "First")
	two.opens(two.stepOf("basics")).hasValue("displayName", "Second")

	one.opens(one.stepOf("basics"))
	other := one.copied().opens(one.at)
	one.presses("Next: Directory + domain", url.Values{"displayName": {"Harbour"}}).sees(200, "Look up")
	other.presses("Next: Directory + domain", url.Values{"displayName": {"Haven"}}).sees(http.StatusConflict,
		"You've changed this in another tab or window", "Harbour", "Haven").hasValue("displayName", "Haven")
	one.copied().opens(one.stepOf("basics")).hasValue("displayName", "Harbour")
	one.reviewsOrganization().sees(200, "Harbour", "Elsewhere")
	other.presses("Next: Directory + domain", nil).sees(200, "Look up")
	before := withoutDrafts(p.dump())
	one.presses("Create", nil).sees(http.StatusConflict, "Nothing has been saved yet", "Haven", "!Harbour")
	if after := withoutDrafts(p.dump()); after != before {
		t.Errorf("what was not reviewed is created: %s", difference(before, after))
	}

	old := gala.copied().beginsOrganization("Third") // a second tab sees the step, and saves another one
	next := old.copied().opens(old.stepOf("basics"))
	next.presses("Next: Directory + domain", url.Values{"displayName": {"Fourth"}})
	old.reviewsOrganization().sees(200, "Fourth", "Elsewhere")
	one.presses("Create", nil).sees(200, "Haven", "!Review + create")
}

// Wizards whose values are too long to be kept work, with their buttons alone, and say so.
func TestWizardTooLongForDraft(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	o := p.Package("Tidal")
	gala := p.as("gala").opens(policiesOf(o)+"/new").presses("Next: Requestor information", url.Values{
		"policyName": {"Crew"}, "allowedTargetScope": {"allMemberUsers"}})
	gala.presses("Add question", nil)
	for n := 1; n <= 14; n++ {
		gala.presses("Add question", url.Values{fmt.Sprintf("questions.%d.text", n): {fmt.Sprint("Why", n,
			strings.Repeat("<", 900))}}) // stored as \u003c
	}
	const tooLong = "This form is too long to keep as a draft (more than 64 KB)."
	gala.presses("Remove question 15", nil).sees(200, tooLong, "Text of question 14").presses("Next: Lifecycle", nil).
		sees(200, tooLong).presses("Back", nil).sees(200, tooLong, "Why14").presses("Next: Lifecycle", url.Values{
		"questions.1.text": {"Which harbour"}}).sees(200, tooLong).
		presses("Next: Review and add", url.Values{"expiration": {"days"}, "expiration.days": {"30"}}).
		sees(200, tooLong, "Why14", "Which harbour", "!Why1<")
	for range access.MaxDraftsPerAccount { // the draft of the first step is replaced
		p.clock.Advance(time.Second)
		gala.copied().beginsOrganization("Other")
	}
	review := gala.copied()
	gala.presses("Add policy", nil).sees(200, "Crew", "!Review and add")
	all, err := p.PoliciesOf(t.Context(), p.Tenant.ID, o.Package.ID)
	if err != nil || len(all) != 1 || len(all[0].Questions) != 14 {
		t.Fatalf("%d policies, %v", len(all), err)
	}
	before := withoutDrafts(p.dump())
	review.presses("Add policy", nil)
	if after := withoutDrafts(p.dump()); after != before {
		t.Errorf("sending again has changed %s", difference(before, after))
	}
}

// While a draft cannot be saved, the page keeps what was typed and says so; the wizard
// goes on when it can be saved again.
func TestWizardOnFullDisk(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	gala := p.as("gala").beginsOrganization("Harbour")
	gala.opens(gala.stepOf("basics"))
	p.full.Store(true)
	before := p.dump()
	gala.presses("Next: Directory + domain", url.Values{"displayName": {"Haven"}}).sees(http.StatusServiceUnavailable,
		"What you typed can't be saved at the moment. It's still on this page", "Reference: ").
		hasValue("displayName", "Haven").hasValue("description", "Ships")
	if gala.header.Get("Retry-After") == "" {
		t.Error("the answer does not say when to try again")
	}
	if after := p.dump(); after != before {
		t.Error(difference(before, after))
	}
	p.full.Store(false)
	gala.presses("Next: Directory + domain", nil).reviewsOrganization().sees(200, "Haven", "!Harbour")
	p.full.Store(true)
	gala.presses("Create", nil).sees(http.StatusServiceUnavailable, "Nothing was saved: there is no space left", "Haven",
		"Reference: ")
	p.full.Store(false)
	gala.presses("Create", nil).sees(200, "Haven", "!Review + create")
}

// A session that ends in a wizard loses nothing: the same account, and no other, goes on
// with the same draft, so that what is made is made once.
func TestWizardWhoseSessionEnds(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	p.addAdministrator("gus")
	gala := p.as("gala").beginsOrganization("Harbour")
	sources := gala.at
	gala.opens(gala.stepOf("basics"))
	clear(gala.cookies)
	gala.presses("Next: Directory + domain", url.Values{"displayName": {"Haven"}})
	target := gala.returnTarget()
	p.as("gus").opens(target).sees(404, "This draft can't be opened.", "Start again", "!Haven", "!Harbour")
	p.as("gus").opens(sources).sees(404, "This draft can't be opened.", "!Harbour")
	gala.signIn("gala")
	gala.opens(target).sees(200, "Your session had ended. We restored what you entered.").hasValue("displayName",
		"Haven").hasValue("description", "Ships")
	gala.opens(target).hasValue("displayName", "Haven")
	gala.presses("Next: Directory + domain", nil)
	if !strings.HasPrefix(gala.at, sources) {
		t.Errorf("the wizard goes on at %s, not at %s", gala.at, sources)
	}
	gala.reviewsOrganization().sees(200, "Haven").presses("Create", nil).sees(200, "Haven", "!Review + create")
	gala.opens(target).sees(200, "You've already submitted this form.")

	gala.beginsOrganization("Third") // a page that is loaded without a session leads back to it
	at := gala.at
	clear(gala.cookies)
	gala.opens(at)
	if to := gala.returnTarget(); to != at {
		t.Errorf("signing in leads to %s, want %s", to, at)
	}
	gala.signIn("gala")
	gala.opens(at).sees(200, "Look up")
}

// What was saved by another tab while the session was over is not overwritten.
func TestResumedWizardIsNotStale(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	gala := p.as("gala").beginsOrganization("Harbour")
	gala.opens(gala.stepOf("basics"))
	other := gala.copied().opens(gala.at)
	clear(gala.cookies)
	gala.presses("Next: Directory + domain", url.Values{"displayName": {"Haven"}})
	target := gala.returnTarget()
	other.presses("Next: Directory + domain", url.Values{"displayName": {"Dock"}})
	gala.signIn("gala")
	gala.opens(target).hasValue("displayName", "Haven").presses("Next: Directory + domain", nil).sees(http.StatusConflict,
		"Dock", "Haven")
}

// An edit that was kept when its session ended does not overwrite what somebody else has
// saved since.
func TestRestoredEditIsNotStale(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	p.addAdministrator("gus")
	at := p.catalogPath() + "/edit"
	gala, gus := p.as("gala").opens(at), p.as("gus").opens(at)
	clear(gala.cookies)
	gala.presses("Save", url.Values{"description": {"From Gala"}})
	target := gala.returnTarget()
	gus.presses("Save", url.Values{"description": {"From Gus"}}).sees(200)
	gala.signIn("gala")
	gala.opens(target).hasValue("description", "From Gala").presses("Save", nil).sees(http.StatusConflict, "From Gus",
		"From Gala")
}

// The address of a step that cannot be shown yet shows the first one that is not
// complete, and that of a draft of another wizard or tenant, or of none, shows none.
func TestWizardStepOutOfOrder(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	o := p.Package("Tidal")
	gala := p.as("gala").opens(home+"/admin/access-packages/new?catalog="+string(p.Catalog.ID)).presses(
		"Next: Resource roles", url.Values{"displayName": {""}, "description": {"Ships"}}).sees(200, "Enter a name.")
	for _, step := range []string{"roles", "requests", "review", "nothing"} {
		gala.opens(gala.stepOf(step)).sees(200, "Next: Resource roles", "!Create").hasValue("description", "Ships")
	}
	gala.opens(gala.stepOf("basics")).presses("Next: Resource roles", url.Values{"displayName": {"Quay"}})
	gala.opens(gala.stepOf("requests")).sees(200, "Next: Requestor information")
	_, query, _ := strings.Cut(gala.at, "?")
	for _, path := range []string{policiesOf(o) + "/new", home + "/admin/organizations/new"} {
		gala.copied().opens(path+"?"+query).sees(404, "This draft can't be opened.", "!Quay")
	}
	gala.copied().opens(home+"/admin/access-packages/new?draft=x&step=review").sees(404, "This draft can't be opened.")

	gala.opens(gala.stepOf("roles")).presses("Review and create", nil).sees(200, "Next: Requestor information",
		"!Save changes") // the requests step has no audience yet
}

// A draft ends after a day. A page of it that is still open starts a new one with what it
// has, and creates nothing that was not looked at again.
func TestWizardDraftExpires(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	gala := p.as("gala").beginsOrganization("Harbour").reviewsOrganization().sees(200, "Harbour")
	for range 23 {
		p.clock.Advance(time.Hour)
		gala.signIn("gala")
	}
	gala.copied().opens(gala.at).sees(200, "Harbour")
	p.clock.Advance(time.Hour)
	gala.signIn("gala")
	gala.copied().opens(gala.at).sees(404, "This draft can't be opened.", "is more than a day old", "!Harbour")
}

// A page whose draft newer ones have replaced goes on with what it has: a step saves it
// again, and the last step asks to look at it once more before it creates anything.
func TestWizardWhoseDraftWasReplaced(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	gala := p.as("gala").beginsOrganization("Harbour")
	sources, review := gala.copied(), gala.copied().reviewsOrganization()
	others := func() {
		for range access.MaxDraftsPerAccount {
			p.clock.Advance(time.Second)
			gala.copied().beginsOrganization("Other")
		}
		gala.copied().opens(review.at).sees(404, "the last 5 are kept")
	}
	others()
	sources.reviewsOrganization().sees(200, "Harbour", "Elsewhere")
	others()
	before := withoutDrafts(p.dump())
	review.presses("Create", nil).sees(http.StatusConflict, "Nothing has been saved yet",
		"newer drafts have replaced it",
		"Harbour", "Elsewhere")
	if after := withoutDrafts(p.dump()); after != before {
		t.Errorf("it is created: %s", difference(before, after))
	}
	review.presses("Create", nil).sees(200, "Harbour", "!Review + create")
}

// A client secret in a draft is encrypted for the session in which it was typed. In
// another session it must be typed again.
func TestWizardSecret(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	gala := p.as("gala").beginsOrganization("Quay").presses("Look up", url.Values{"domain": {"quay.example"}}).presses(
		"Add an OpenID Provider", nil)
	gala.presses("Next: Sponsors", url.Values{"provider.issuer": {p.provider + "/harbor"},
		"provider.clientId": {"meridian"}, kit.SecretField: {"secret-of-quay"}}).sees(200, "Internal sponsors")
	if strings.Contains(p.dump(), "secret-of-quay") {
		t.Error("the draft has the secret in plain text")
	}
	sponsors := gala.at
	gala.opens(gala.stepOf("sources")).sees(200, "The secret you entered is kept", "!secret-of-quay")
	gala.signIn("gala")
	gala.opens(sponsors).sees(200, "Issuer", "!The secret you entered is kept", "!secret-of-quay")
	gala.presses("Next: Sponsors", nil).sees(200, "Issuer")
	if gala.faultAt(kit.SecretField) == "" {
		t.Error("the secret is not asked for again")
	}
	gala.presses("Next: Sponsors", url.Values{kit.SecretField: {"secret-two"}}).presses("Next: Review + create", nil).
		presses("Create", nil)
	if gala.status == http.StatusUnprocessableEntity {
		gala.presses("Create", gala.saveAnyway())
	}
	d, ok, err := p.DirectoryWithPendingDomain(t.Context(), p.Tenant.ID, "quay.example")
	if err != nil || !ok || d.ClientSecret != "secret-two" {
		t.Errorf("what was made: %+v, %v, %v", d, ok, err)
	}
	if strings.Contains(p.dump(), "secret-two") {
		t.Error("the secret is stored in plain text")
	}
}
