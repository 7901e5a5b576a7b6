package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// Pages of the ways to a right (W-25 to W-27): who can't do it reads who can, with the
// form as typed.

const onlyGlobal = "Only a global administrator can change who they are."

// waysPortal is a portal whose team, which the package Tidal delivers, has the role of
// global administrators. lena is global administrator by name, ivy identity governance
// administrator, olga owner of the catalog, and anna its assignment manager.
func waysPortal(t *testing.T, policies ...access.Policy) (*fixture, access.Offer, access.Person) {
	t.Helper()
	p := newPortal(t)
	p.giveRole(p.Lena, access.GlobalAdministrator, "")
	ivy := p.addActor(actor{name: "ivy", tenant: []access.AdminRole{access.IdentityGovernanceAdministrator}})
	p.addActor(actor{name: "olga", catalog: []access.AdminRole{access.CatalogOwner}})
	p.addActor(actor{name: "anna", catalog: []access.AdminRole{access.AccessPackageAssignmentManager}})
	o := p.Package("Tidal", policies...)
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: p.Tenant.ID, Role: access.GlobalAdministrator,
			Subject: access.SubjectRef{Kind: access.SubjectGroup, ID: p.Team.ExternalID}})
	})
	return p, o, ivy
}

// isAdministrator reports whether the person is a global administrator now.
func (p *fixture) isAdministrator(who access.Person) bool {
	p.t.Helper()
	rights, err := p.Rights(p.t.Context(), who)
	if err != nil {
		p.t.Fatal(err)
	}
	return rights.HasTenantRole(access.GlobalAdministrator)
}

// TestWaysOnTheGroupPage: the page of a group with a role says so, and a governance
// administrator can't add members there, nor by an import.
func TestWaysOnTheGroupPage(t *testing.T) {
	p, _, ivy := waysPortal(t)
	at := home + "/admin/directory/" + p.Team.ExternalID
	b := p.as("ivy")
	b.opens(at).sees(200, "Members of this group are global administrators.",
		"Only global administrators can add or remove them.", "Global administrator", onlyGlobal, "!Add people as Member")
	p.as("lena").opens(at).sees(200, "!"+onlyGlobal, "Add people as Member")
	b.do(http.MethodPost, at+"/add", url.Values{"role": {"Member"}, "people": {pick(ivy.ID)}}).sees(403, onlyGlobal, "ivy")
	if !strings.Contains(b.faultAt("people"), onlyGlobal) {
		t.Errorf("at the field: %q", b.faultAt("people"))
	}
	b.do(http.MethodPost, at+"/remove", url.Values{"role": {"Member"}, "people": {pick(ivy.ID)}}).sees(403, onlyGlobal)
	b.opens(home+"/admin/people/import").presses("Continue",
		url.Values{"file": {"mail,displayName,groups\nivy@meridian.example,Ivy,Tidal team"}}).presses("Preview", nil).
		sees(200, "groups: Members of “Tidal team”", onlyGlobal, "nothing can be imported")
	b.do(http.MethodPost, b.at, url.Values{"step": {"run"}}).sees(422)
	if p.isAdministrator(ivy) {
		t.Error("ivy is a global administrator")
	}
	p.as("lena").do(http.MethodPost, at+"/add", url.Values{"role": {"Member"}, "people": {pick(ivy.ID)}}).sees(200)
	if !p.isAdministrator(ivy) {
		t.Error("a global administrator can't add ivy")
	}
	p.as("ivy").opens(home+"/admin/directory/"+string(p.Reviewers.ID)).sees(200, "!Members of this group")
}

// TestWaysOnThePackagePages: the catalog, the package, its pickers and the overview say
// that the group makes people administrators; its roles, policies and assignments are
// refused to an owner of the catalog, with what was typed.
func TestWaysOnThePackagePages(t *testing.T) {
	p, o, _ := waysPortal(t, access.Policy{Name: "Direct", Scope: access.ScopeNobody})
	plain := p.Package("Plain")
	olga := p.personOf("olga")
	b := p.as("olga")
	const says = "Members of this group are global administrators."
	pack := home + "/admin/access-packages/" + string(o.Package.ID)
	b.opens(pack+"/roles").sees(200, says)
	b.opens(home+"/admin/catalogs/"+string(p.Catalog.ID)+"/resources").sees(200, says)
	b.opens(home+"/admin/access-packages/"+string(plain.Package.ID)+"/roles/change").sees(200, "!"+onlyGlobal)
	p.as("lena").opens(home+"/admin/").sees(200, "Access packages that give administrative roles", "Tidal")
	b.opens(home+"/admin/").sees(200, "!Access packages that give administrative roles")

	b.do(http.MethodPost, pack+"/assign", url.Values{"people": {pick(olga.ID)}, "policy": {string(o.Policies[0].ID)}}).
		sees(403, onlyGlobal)
	b.do(http.MethodPost, pack+"/duplicate", nil).sees(403, onlyGlobal)
	p.runJobs()
	if p.isAdministrator(olga) {
		t.Error("olga is a global administrator")
	}
	lena := p.as("lena")
	lena.do(http.MethodPost, pack+"/assign", url.Values{"people": {pick(olga.ID)}, "policy": {string(o.Policies[0].ID)}}).
		sees(200)
	p.runJobs()
	if !p.isAdministrator(olga) {
		t.Error("a global administrator can't assign it")
	}
}

// TestWaysOnTheApprovalPage: an approver who could not assign the role can't approve, and
// keeps the reason; a global administrator can.
func TestWaysOnTheApprovalPage(t *testing.T) {
	p := newPortal(t)
	p.giveRole(p.Lena, access.GlobalAdministrator, "")
	approval := p.pendingRequest("mara", "Tidal", storetest.Named(p.Omar, p.Lena))
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: p.Tenant.ID, Role: access.CatalogCreator,
			Subject: access.SubjectRef{Kind: access.SubjectGroup, ID: p.Team.ExternalID}})
	})
	omar := p.as("omar")
	const approve, deny = `value="approve"`, `value="deny"`
	list := home + "/approvals"
	omar.opens(approval).sees(200, "You can't approve this request.", onlyGlobal, "Lena Berg can approve it.", "!"+approve,
		deny)
	omar.opens(list).sees(200, "You can't approve this request.", onlyGlobal, "!"+approve, "!"+deny)
	p.removeRoles(p.pendingRequest("mara", "Ropes", storetest.Named(p.Omar, p.Lena)))
	if got := omar.opens(list).sees(200, approve, deny).checkboxValues(); len(got) != 1 {
		t.Errorf("%d rows can be selected", len(got))
	}
	lena := p.as("lena")
	lena.opens(approval).sees(200, approve, "!You can't approve")
	if got := lena.opens(list).sees(200, "!You can't approve").checkboxValues(); len(got) != 2 {
		t.Errorf("%d rows can be selected by a global administrator", len(got))
	}
	bulk := url.Values{"decision": {"approve"}, "reason": {"x"},
		"request": {strings.TrimPrefix(approval, home+"/approvals/") + "/0"}}
	omar.do(http.MethodPost, list, bulk).sees(403, onlyGlobal)
	omar.do(http.MethodPost, approval, url.Values{"decision": {"approve"}, "stage": {"0"}, "reason": {"known partner"}}).
		sees(403, onlyGlobal, "known partner")
	p.as("lena").do(http.MethodPost, approval, url.Values{"decision": {"approve"}, "stage": {"0"}, "reason": {"x"}}).sees(
		200)
}

// TestWaysOnAnEarlierStage: who decides before the last stage approves, whoever decides
// last; where no approver could assign the role, the page says so.
func TestWaysOnAnEarlierStage(t *testing.T) {
	p := newPortal(t)
	p.giveRole(p.Lena, access.GlobalAdministrator, "")
	first := p.pendingRequest("mara", "Tidal", storetest.Named(p.Omar), storetest.Named(p.Ida))
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: p.Tenant.ID, Role: access.GlobalAdministrator,
			Subject: access.SubjectRef{Kind: access.SubjectGroup, ID: p.Team.ExternalID}})
	})
	p.as("omar").opens(first).sees(200, "!You can't approve").presses("Approve", url.Values{"reason": {"ok"}}).sees(200)
	ida := p.as("ida").opens(first).sees(200, onlyGlobal, "No approver of this stage can approve it.", `!value="approve"`)
	ida.presses("Deny", url.Values{"reason": {"Assign it directly"}}).sees(200, "You have denied this request.")
}

// removeRoles removes every role from the package of a request, by the page of its approval.
func (p *fixture) removeRoles(approval string) {
	p.t.Helper()
	id := access.RequestID(strings.TrimPrefix(approval, home+"/approvals/"))
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		r, err := tx.Request(ctx, p.Tenant.ID, id)
		if err != nil {
			return err
		}
		pack, err := tx.Package(ctx, p.Tenant.ID, r.Package)
		if err != nil {
			return err
		}
		pack.Roles = nil
		return tx.SavePackage(ctx, pack)
	})
}

// TestWaysBeforeARequest: under an old policy without approval, the package that gives an
// administrative role can't be requested, and every page says so before that; who could
// assign the role can request it.
func TestWaysBeforeARequest(t *testing.T) {
	approved := access.Policy{Name: "Approved", Scope: access.ScopeMembers, Terms: access.Terms{
		ShowApprovers: access.Inherit, Expiration: access.Expiration{Kind: access.NoExpiration}}}
	p, o, _ := waysPortal(t, access.Policy{Name: "Open", Scope: access.ScopeMembers, Terms: approved.Terms})
	const cannot = "You can't request this access package"
	at, list := packagePath(o), home+"/access-packages"
	omar := p.as("omar")
	omar.opens(list).sees(200, "Can't be requested", at, "!"+at+"#request")
	omar.opens(at).sees(200, cannot, onlyGlobal, "!Submit request")
	omar.do(http.MethodPost, at+"/requests", url.Values{"policy": {string(o.Policies[0].ID)}}).sees(403, cannot)
	lena := p.as("lena")
	lena.opens(list).sees(200, "!Can't be requested", at+"#request")
	lena.opens(at).sees(200, "!"+cannot, "Submit request")
	who := home + "/admin/access-packages/" + string(o.Package.ID) + "/who?person="
	lena.opens(who+url.QueryEscape(pick(p.Omar.ID))).sees(200, "No, Omar Haddad can't request it now", onlyGlobal,
		"!Request form as")
	lena.opens(who+url.QueryEscape(pick(p.Lena.ID))).sees(200, "Yes, Lena Berg can request it now", "Request form as")
	lena.opens(home+"/admin/access-packages/"+string(o.Package.ID)+"/who?address=new@meridian.example").sees(200, "No, ",
		onlyGlobal)

	approved.Stages = []access.Stage{storetest.Named(p.Lena)}
	approved.ID, approved.Tenant, approved.Package, approved.Enabled = "approved", p.Tenant.ID, o.Package.ID, true
	p.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePolicy(ctx, approved) })
	omar.opens(list).sees(200, "!Can't be requested", at+"#request")
	omar.opens(at).sees(200, "!"+cannot, "!Open").presses("Submit request", nil).sees(200, "Pending approval")
	p.Tenant.Settings.ResourceVisibility = access.ResourcesShownToNobody
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SaveTenant(ctx, p.Tenant); err != nil {
			return err
		}
		approved.Enabled = false
		return tx.SavePolicy(ctx, approved)
	})
	p.as("ida").opens(at).sees(200, cannot, "!Tidal team", "!Submit request")
}

// TestWaysOnThePersonPage: a governance administrator can't disable a global administrator,
// and the form keeps what was typed.
func TestWaysOnThePersonPage(t *testing.T) {
	p, _, _ := waysPortal(t)
	at := home + "/admin/people/" + string(p.Lena.ID) + "/edit"
	b := p.as("ivy")
	b.opens(at)
	typed := url.Values{"version": {"1"}, "disabled": {"yes"}, "language": {"de"}}
	b.do(http.MethodPost, at, typed).sees(403, "Lena Berg has a role that is above yours")
	if p.personNow(p.Lena.ID).Disabled {
		t.Error("Lena is disabled")
	}
	b.hasValue("disabled", "yes").hasValue("language", "de")
}

// TestWaysOnTheRolesPage: a group that an access package delivers gets no role, and the
// form says why.
func TestWaysOnTheRolesPage(t *testing.T) {
	p := newPortal(t)
	p.giveRole(p.Lena, access.GlobalAdministrator, "")
	p.Package("Tidal")
	b := p.as("lena")
	group := string(access.SubjectGroup) + "/" + p.Team.ExternalID
	b.do(http.MethodPost, home+"/admin/roles/assign", url.Values{"role": {"globalAdministrator"}, "subject": {group}}).
		sees(409, "The access package “Tidal” adds people to “Tidal team”", "Tidal team")
	if all, err := p.CatalogRoleAssignments(t.Context(), p.Tenant.ID, ""); err != nil || len(all) != 1 {
		t.Errorf("the roles are %+v, %v", all, err)
	}
	board := p.addGroup("Board", p.Omar)
	if err := p.Admin.AssignRole(t.Context(), p.Lena, access.RoleAssignment{Role: access.CatalogCreator,
		Subject: access.SubjectRef{Kind: access.SubjectGroup, ID: string(board.ID)}}); err != nil {
		t.Fatal(err)
	}
	b.do(http.MethodPost, home+"/admin/roles/assign", url.Values{"role": {"globalAdministrator"}, "find": {"subject"},
		"q.subject": {"Board"}}).sees(200, "Members of this group have an administrative role.")
}

// The form to assign a role, in the tenant and in a catalog, has no role and no person
// until they are chosen, and says at each field that it is missing.
func TestRoleFormChoosesNothing(t *testing.T) {
	p := newPortal(t)
	p.giveRole(p.Lena, access.GlobalAdministrator, "")
	b := p.as("lena")
	for _, at := range []string{home + "/admin/roles/assign", home + "/admin/catalogs/" + string(p.Catalog.ID) +
		"/roles"} {
		b.opens(at).presses("Assign role", nil).sees(422)
		if role, subject := b.faultAt("role"), b.faultAt("subject"); role != "Choose a role." ||
			subject != "Choose a person or a group." {
			t.Errorf("%s: the faults are %q and %q", at, role, subject)
		}
		if summary := strings.Index(b.body, `href="#f-role"`); summary < 0 || summary > strings.Index(b.body,
			`href="#f-subject"`) {
			t.Errorf("%s: the summary does not lead to the role first", at)
		}
	}
}

// TestFileKeepsTheLastAdministrator: a file that disables the last global administrator is
// refused at the line. No form can do the same: nobody else may disable her, and she can't
// disable herself.
func TestFileKeepsTheLastAdministrator(t *testing.T) {
	p := newPortal(t)
	p.giveRole(p.Lena, access.GlobalAdministrator, "")
	p.giveRole(p.Ida, access.IdentityGovernanceAdministrator, "")
	text := parityTenant + "    users:\n      - {displayName: Lena Berg, mail: lena@meridian.example, disabled: true}\n"
	plan := func() error {
		f, err := workspace.Parse([]byte(text))
		if err == nil {
			_, err = workspace.Plan(t.Context(), p.Store, f, parityOptions())
		}
		return err
	}
	err := plan()
	faults, ok := errors.AsType[workspace.Faults](err)
	if !ok || len(faults) != 1 || faults[0].Line != 4 || faults[0].Kind != access.Conflict ||
		!strings.Contains(faults[0].Text(), "the last global administrator") {
		t.Errorf("the file: %v", err)
	}
	p.giveRole(p.Omar, access.GlobalAdministrator, "")
	if err := plan(); err != nil {
		t.Errorf("while there is another: %v", err)
	}
}

// TestWithheldRemovalSaysWhy: the removal that waits for another global administrator says
// so on the pages of the request, for the person and for administrators, and on the
// overview.
func TestWithheldRemovalSaysWhy(t *testing.T) {
	p := newPortal(t)
	p.giveRole(p.Lena, access.IdentityGovernanceAdministrator, "")
	o := p.Package("Tidal", access.Policy{Scope: access.ScopeMembers, Terms: access.Terms{
		Expiration: access.Expiration{Kind: access.AfterDuration, Days: 5}}})
	p.as("omar").opens(packagePath(o)).presses("Submit request", nil).sees(200)
	p.runJobs()
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: p.Tenant.ID, Role: access.GlobalAdministrator,
			Subject: access.SubjectRef{Kind: access.SubjectGroup, ID: p.Team.ExternalID}})
	})
	const reason = "Without this role, no global administrator could sign in."
	p.as("lena").opens(home+"/admin/").sees(200, "!"+reason)
	p.clock.Advance(5 * 24 * time.Hour)
	p.runJobs()
	open, err := p.OpenRemovals(t.Context(), p.Omar)
	if err != nil || len(open) != 1 {
		t.Fatal(open, err)
	}
	p.as("lena").opens(home+"/admin/").sees(200, reason, "Omar Haddad")
	p.as("lena").opens(home+"/admin/requests/"+string(open[0].ID)).sees(200, reason, "!This usually takes seconds.")
	p.as("omar").opens(home+"/requests/"+string(open[0].ID)).sees(200, reason, "!This usually takes seconds.")
}
