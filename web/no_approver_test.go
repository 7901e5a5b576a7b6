package web

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// disableInStore disables a person without the page's checks.
func (p *fixture) disableInStore(who access.Person, disabled bool) {
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		fresh, err := tx.Person(ctx, who.Tenant, who.ID)
		if err != nil {
			return err
		}
		fresh.Disabled = disabled
		return tx.UpdatePerson(ctx, fresh)
	})
}

// wrongTexts are the texts that the case quotes as what the pages said wrongly.
func wrongTexts(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/C42-nobody-decides.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(string(text), "\ngot: ")
	got, _, _ = strings.Cut(got, "\n")
	var all []string
	for _, m := range regexp.MustCompile(`«([^»]*)»`).FindAllStringSubmatch(got, -1) {
		first, _, _ := strings.Cut(m[1], " …")
		all = append(all, "!"+first)
	}
	if len(all) != 4 {
		t.Fatalf("the case quotes %q", all)
	}
	return all
}

// groupPolicy is a policy for members whose approvers are the members of Reviewers.
func (p *fixture) groupPolicy() access.Policy {
	return access.Policy{Scope: access.ScopeMembers, Name: "All",
		Terms: access.Terms{ShowApprovers: access.Inheritable("yes"),
			Stages: []access.Stage{{Days: 7, Approvers: []access.SubjectRef{{Kind: access.SubjectGroup,
				ID: string(p.Reviewers.ID)}}}}}}
}

// TestC42NobodyDecides: Approvers are disabled. The requestor sees that before a request is
// submitted, and a form that was open then is refused with what was typed in it. A request
// of before is listed on the overview, on its page and in the list of requests, and the
// policy is too; none of them says what the case quotes.
func TestC42NobodyDecides(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("petra")
	p.changeSettings(func(s *access.Settings) { s.SupportContact = "help@meridian.example" })
	const contact = "No one can approve this right now. Contact: help@meridian.example"
	wrong := append(wrongTexts(t), "!Everything is running.")
	o := p.Package("Tidal release board", p.groupPolicy())
	waiting, err := p.Requests.Submit(t.Context(), p.Tenant, p.Mara, o.Package.ID, access.RequestForm{}, "")
	if err == nil {
		t.Fatalf("Mara is no member: %v", waiting)
	}
	if waiting, err = p.Requests.Submit(t.Context(), p.Tenant, p.AccountOf(p.Lena), o.Package.ID, access.RequestForm{},
		""); err != nil {
		t.Fatal(err)
	}
	requestor := p.addActor(actor{name: "amina"})
	amina, lena, petra := p.as("amina"), p.as("lena"), p.as("petra")
	page := home + "/access-packages/" + string(o.Package.ID)
	amina.opens(page).sees(http.StatusOK, "Needs 1 approval.", "!No one can approve")
	lena.opens(home+"/requests/"+string(waiting.ID)).sees(http.StatusOK, "Omar Haddad", "Ida Falk")
	petra.opens(home+"/admin/").sees(http.StatusOK, "Everything is running.")

	p.disableInStore(p.Omar, true)
	lena.opens(home+"/requests/"+string(waiting.ID)).sees(http.StatusOK, "Ida Falk", "!Omar Haddad")
	petra.opens(home+"/admin/").sees(http.StatusOK, "Everything is running.")
	p.disableInStore(p.Ida, true)

	amina.presses("Submit request", url.Values{"justification": {"I build the release."}}).
		sees(http.StatusConflict, contact, "I build the release.", "!Needs 1 approval")
	if asked, err := p.RequestsOf(t.Context(), requestor, "", 10); len(asked) > 0 || err != nil {
		t.Errorf("%d requests, %v", len(asked), err)
	}
	amina.opens(page).sees(http.StatusOK, append([]string{contact, "!Submit request"}, wrong...)...)
	lena.opens(home+"/requests/"+string(waiting.ID)).sees(http.StatusOK, append([]string{contact, "!Omar Haddad",
		"!Ida Falk"}, wrong...)...)
	petra.opens(home+"/admin/").sees(http.StatusOK,
		append([]string{"No one can approve", "1 request has a stage in which no one can decide",
			"Tidal release board for Lena Berg", "Policies without an approver", "All of Tidal release board",
			"/policies/" + string(o.Policies[0].ID)}, wrong...)...)
	petra.opens(home+"/admin/access-packages/"+string(o.Package.ID)+"/who?person="+pick(requestor.ID)).
		sees(http.StatusOK, "No, amina can't request it now",
			"No one can approve a request for amina: stage 1 of the policy")
	petra.opens(home+"/admin/requests?state=noApprover").sees(http.StatusOK, "Lena Berg")
	petra.clicks("Tidal release board").sees(http.StatusOK, append([]string{"No one can decide in stage 1",
		"No one can decide in this stage now.", "Choose other approvers"}, wrong...)...)

	p.disableInStore(p.Ida, false)
	petra.opens(home+"/admin/").sees(http.StatusOK, "Everything is running.")
	petra.opens(home+"/admin/requests?state=noApprover").sees(http.StatusOK, "!Lena Berg")
	amina.opens(page).sees(http.StatusOK, "Submit request")
}

// TestC42SeveralPolicies: A policy under which no one can approve is not offered beside one
// under which somebody can; a requestor who is the only approver is told before the form.
func TestC42SeveralPolicies(t *testing.T) {
	p := newPortal(t)
	named := func(name string, who access.Person) access.Policy {
		return access.Policy{Scope: access.ScopeMembers, Name: name, Terms: access.Terms{Stages: []access.Stage{{Days: 7,
			Approvers: []access.SubjectRef{personSubject(who.ID)}}}}}
	}
	o := p.Package("Tidal", named("By Omar", p.Omar), named("By Ida", p.Ida))
	page := home + "/access-packages/" + string(o.Package.ID)
	lena, omar := p.as("lena"), p.as("omar")
	lena.opens(page).sees(http.StatusOK, "By Omar", "By Ida")
	omar.opens(page).sees(http.StatusOK, "!By Omar", "Submit request")
	p.disableInStore(p.Ida, true)
	omar.opens(page).sees(http.StatusOK, "No one can approve this right now. Contact an administrator", "!Submit request")
	lena.opens(page).sees(http.StatusOK, "!By Ida", "Submit request")
	omar.do(http.MethodPost, page+"/requests", url.Values{"policy": {string(o.Policies[0].ID)}, "key": {strings.Repeat("a",
		22)}, "justification": {"mine"}}).sees(http.StatusConflict, "No one can approve this right now.")
}

// TestC42OverviewOfCatalogOwner: Who owns one catalog sees the requests and policies in it
// that no one can approve, and not those of others; nobody reads that all is well.
func TestC42OverviewOfCatalogOwner(t *testing.T) {
	p := newPortal(t)
	p.addActor(actor{name: "cara", catalog: []access.AdminRole{access.CatalogOwner}})
	olga := p.addActor(actor{name: "olga"})
	p.giveRole(olga, access.CatalogOwner, p.addCatalog("Elsewhere").ID)
	o := p.Package("Tidal", p.groupPolicy())
	if _, err := p.Requests.Submit(t.Context(), p.Tenant, p.AccountOf(p.Lena), o.Package.ID, access.RequestForm{},
		""); err != nil {
		t.Fatal(err)
	}
	p.disableInStore(p.Omar, true)
	p.disableInStore(p.Ida, true)
	p.as("cara").opens(home+"/admin/").sees(http.StatusOK, "Tidal for Lena Berg", "All of Tidal",
		"!Everything is running.")
	p.as("olga").opens(home+"/admin/").sees(http.StatusOK, "!Tidal", "Everything is running.")
}

// TestC42CountsMatchTheList: The overview names five requests, counts all of them, and
// leads to the list of exactly those.
func TestC42CountsMatchTheList(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("petra")
	decided := p.Package("Decided by Lena", access.Policy{Scope: access.ScopeMembers, Terms: access.Terms{
		Stages: []access.Stage{{Days: 7, Approvers: []access.SubjectRef{personSubject(p.Lena.ID)}}}}})
	submit := func(who access.Person, o access.Offer) {
		t.Helper()
		_, err := p.Requests.Submit(t.Context(), p.Tenant, p.AccountOf(who), o.Package.ID, access.RequestForm{}, "")
		if err != nil {
			t.Fatal(err)
		}
	}
	submit(p.Omar, decided)
	for i := range 7 {
		policy := p.groupPolicy()
		submit(p.Lena, p.Package("Tidal "+string(rune('A'+i)), policy))
	}
	p.disableInStore(p.Omar, true)
	p.disableInStore(p.Ida, true)
	b := p.as("petra")
	b.opens(home+"/admin/").sees(http.StatusOK, "7 requests have a stage in which no one can decide", "Tidal A for",
		"Tidal E for",
		"!Tidal F for", "In 7 stages, no one can decide:", "All of Tidal G")
	b.clicks("View all").sees(http.StatusOK, "!Decided by Lena")
	if n := b.tableRows(); n != 7 {
		t.Errorf("the list has %d rows", n)
	}
}

// TestC42ReassignOnPages: An administrator chooses other approvers on the page of a
// request, with a reason; what is refused keeps what was typed. The page says who did it.
func TestC42ReassignOnPages(t *testing.T) {
	p := newPortal(t)
	p.addActor(actor{name: "mia", catalog: []access.AdminRole{access.AccessPackageManager}})
	p.addActor(actor{name: "amy", catalog: []access.AdminRole{access.AccessPackageAssignmentManager}})
	stage := access.Stage{Days: 7, Approvers: []access.SubjectRef{personSubject(p.Omar.ID)}}
	o := p.Package("Tidal", access.Policy{Scope: access.ScopeMembers, Terms: access.Terms{
		Stages: []access.Stage{stage, stage}}})
	r, err := p.Requests.Submit(t.Context(), p.Tenant, p.AccountOf(p.Lena), o.Package.ID, access.RequestForm{}, "")
	if err != nil {
		t.Fatal(err)
	}
	at := home + "/admin/requests/" + string(r.ID)
	p.as("amy").opens(at).sees(http.StatusOK, "Send reminder", "!Choose other approvers")
	b := p.as("mia")
	b.opens(at).clicks("Choose other approvers").sees(http.StatusOK, "Current approvers: Omar Haddad.", "Stage 2 of 2")
	b.presses("Change approvers", url.Values{"stage": {"2"}, "reason": {"Omar is away."}}).
		sees(http.StatusUnprocessableEntity, "Choose at least one approver.", "Omar is away.")
	b.presses("Find", url.Values{"q.approvers": {"ida"}}).sees(http.StatusOK, "Ida Falk", "Omar is away.")
	b.presses("Change approvers", url.Values{"approvers": {pick(p.Ida.ID)}, "stage": {"1"}, "reason": {""}}).
		sees(http.StatusUnprocessableEntity, "Reason", "Ida Falk")
	b.presses("Change approvers", url.Values{"reason": {"Omar is <b>away</b>."}}).sees(http.StatusOK,
		"Approvers changed. The new ones are notified.", "mia changed the approvers", "Omar is <b>away</b>.",
		"Ida Falk (ida@meridian.example) decides.")
	p.as("omar").opens(home+"/approvals").sees(http.StatusOK, "!Tidal")
	p.as("omar").opens(home + "/approvals/" + string(r.ID)).sees(http.StatusNotFound)
	p.as("ida").opens(home+"/approvals").sees(http.StatusOK, "Tidal")
	p.as("lena").opens(home+"/requests/"+string(r.ID)).sees(http.StatusOK, "!away")
	if err := p.Requests.Cancel(t.Context(), p.Lena, r.ID); err != nil {
		t.Fatal(err)
	}
	b.opens(at).sees(http.StatusOK, "!Choose other approvers", "!Send reminder", "mia changed the approvers")
	b.opens(at+"/reassign").sees(http.StatusOK, "This request is no longer pending approval.", "!Change approvers")
}

// TestC42ReminderOnPages: The button is on the request's page and on the overview beside
// what expires soon; within an hour it is disabled, and says when the next one can be sent.
func TestC42ReminderOnPages(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("petra")
	o := p.Package("Tidal", p.groupPolicy())
	r, err := p.Requests.Submit(t.Context(), p.Tenant, p.AccountOf(p.Lena), o.Package.ID, access.RequestForm{}, "")
	if err != nil {
		t.Fatal(err)
	}
	b, at := p.as("petra"), home+"/admin/requests/"+string(r.ID)
	b.opens(at).presses("Send reminder", nil).sees(http.StatusOK, "Reminder sent.",
		"The approvers were reminded less than an hour ago. You can send the next reminder at")
	b.do(http.MethodPost, at+"/remind", nil).sees(http.StatusTooManyRequests, "You can send the next reminder at")
	mails, err := p.Reader.Mails(t.Context(), p.Tenant.ID, r.ID)
	kinds := map[string]int{}
	for _, m := range mails {
		kinds[m.Kind]++
	}
	if err != nil || kinds["approvalReminder"] != 2 {
		t.Errorf("mails %v, %v", kinds, err)
	}
	p.clock.Advance(6 * 24 * time.Hour)
	b = p.as("petra")
	b.opens(home+"/admin/").sees(http.StatusOK, "Expiring soon", "No one has decided yet.")
	b.presses("Send reminder", nil).sees(http.StatusOK, "Reminder sent.")
	b.opens(home+"/admin/").sees(http.StatusOK, "Expiring soon", "!Send reminder")
	log, err := p.AuditOf(t.Context(), p.Tenant.ID, string(r.ID))
	n := 0
	for _, a := range log {
		if a.Activity == access.ActRemind {
			n++
		}
	}
	if err != nil || n != 2 || slices.ContainsFunc(log, func(a access.AuditRecord) bool {
		return a.Actor == p.Lena.ID &&
			a.Activity == access.ActRemind
	}) {
		t.Errorf("%d reminders in the audit log, %v", n, err)
	}
}

// TestC42OnlyRequestorAndLaterStage: The overview lists a policy whose only approver is the
// only person who can request, and a pending request as soon as no one can decide a stage
// that is not open yet; its page and the reassign form name that stage.
func TestC42OnlyRequestorAndLaterStage(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("petra")
	stage := func(who access.Person) access.Stage {
		return access.Stage{Days: 7, Approvers: []access.SubjectRef{personSubject(who.ID)}}
	}
	p.Package("Alone", access.Policy{Scope: access.ScopeSpecificUsers, Name: "Omar's own",
		Targets: []access.SubjectRef{personSubject(p.Omar.ID)}, Terms: access.Terms{Stages: []access.Stage{stage(p.Omar)}}})
	o := p.Package("Tidal", access.Policy{Scope: access.ScopeMembers, Terms: access.Terms{
		Stages: []access.Stage{stage(p.Omar), stage(p.Ida)}}})
	r, err := p.Requests.Submit(t.Context(), p.Tenant, p.AccountOf(p.Lena), o.Package.ID, access.RequestForm{}, "")
	if err != nil {
		t.Fatal(err)
	}
	petra := p.as("petra")
	petra.opens(home+"/admin/").sees(http.StatusOK, "Policies without an approver", "Omar's own of Alone",
		"or the only people who can request", "!Tidal for Lena Berg")
	p.disableInStore(p.Ida, true)
	petra.opens(home+"/admin/").sees(http.StatusOK, "1 request has a stage in which no one can decide",
		"Tidal for Lena Berg", "In 2 stages, no one can decide")
	petra.clicks("Tidal for Lena Berg").sees(http.StatusOK, "No one can decide in stage 2:")
	petra.clicks("Choose other approvers").sees(http.StatusOK)
	if !strings.Contains(petra.body, `<option value="2" selected>`) {
		t.Error("the form does not choose the stage in which no one can decide")
	}
	p.as("lena").opens(home+"/requests/"+string(r.ID)).sees(http.StatusOK, "No one can approve this right now.")
	petra.presses("Find", url.Values{"q.approvers": {"lena"}}).sees(http.StatusOK, "Lena Berg")
	petra.presses("Change approvers", url.Values{"approvers": {pick(p.Lena.ID)}, "reason": {"Ida left."}}).
		sees(http.StatusUnprocessableEntity, "No one can approve a request of their own.")
	petra.presses("Find", url.Values{"q.approvers": {"omar"}}).sees(http.StatusOK, "Omar Haddad")
	petra.presses("Change approvers", url.Values{"approvers": {pick(p.Omar.ID)}}).
		sees(http.StatusOK, "Approvers changed.", "!No one can decide in stage")
	petra.opens(home+"/admin/").sees(http.StatusOK, "!Tidal for Lena Berg")
}

// TestPolicyOfDeletedOrganizations: A policy whose last connected organization was deleted
// says on the page of the package, in the list of policies, on its own page and on the
// overview that no one can request under it.
func TestPolicyOfDeletedOrganizations(t *testing.T) {
	const said = "No one can request under this policy: the connected organizations that it named were deleted."
	p := newPortal(t)
	p.addAdministrator("petra")
	p.addActor(actor{name: "cara", catalog: []access.AdminRole{access.CatalogOwner}})
	olga := p.addActor(actor{name: "olga"})
	p.giveRole(olga, access.CatalogOwner, p.addCatalog("Elsewhere").ID)
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	base := home + "/admin/access-packages/" + string(o.Package.ID)
	pages := []string{base, base + "/policies", base + "/policies/" + string(o.Policies[0].ID), home + "/admin/"}
	petra := p.as("petra")
	for _, at := range pages {
		petra.opens(at).sees(http.StatusOK, "!"+said)
	}
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.DeleteOrganization(ctx, p.Tenant.ID, p.Partner.ID)
	})
	for _, at := range pages {
		petra.opens(at).sees(http.StatusOK, said, "!Everything is running.")
	}
	petra.sees(http.StatusOK, "Policies that no one can use").clicks(o.Policies[0].Name+" of Tidal").sees(http.StatusOK,
		"Who can request")
	petra.opens(base).sees(http.StatusOK, "No one can request this: no enabled policy allows requests.")
	p.as("cara").opens(home+"/admin/").sees(http.StatusOK, said)
	p.as("olga").opens(home+"/admin/").sees(http.StatusOK, "!"+said, "Everything is running.")
}
