package lifecycle_test

import (
	"context"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestC42Submission: A request is refused, and nothing is stored or mailed, if no one can
// decide in one of its stages when it is submitted.
func TestC42Submission(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		members := func(all ...access.Stage) access.Policy {
			return access.Policy{Scope: access.ScopeMembers, Terms: stages(all...)}
		}
		dana := h.addMember("Dana Roe", "dana@meridian.example")
		group := h.Package("Group", members(groupStage(h.Reviewers)))
		second := h.Package("Second", members(storetest.Named(h.Lena), groupStage(h.Reviewers), storetest.Named(h.Lena)))
		own := h.Package("Own", members(storetest.Named(dana)))
		ownLater := h.Package("Own later", members(storetest.Named(h.Lena), storetest.Named(dana)))
		refused := func(what string, o access.Offer, contact string) {
			h.t.Helper()
			err := h.refusal(h.AccountOf(dana), o, access.RequestForm{}, access.Conflict)
			if want := "No one can approve this right now. " + contact; err == nil || err.Error() != want {
				h.t.Errorf("%s: %v, want %s", what, err, want)
			}
			asked, err := h.RequestsOf(h.t.Context(), dana, "", 10)
			if len(asked) > 0 || err != nil {
				h.t.Errorf("%s: %d requests are stored, %v", what, len(asked), err)
			}
			h.runJobs()
			h.wantMails()
		}
		const admins = "Contact an administrator or the person who sent you the link."
		refused("the requestor alone", own, admins)
		refused("the requestor alone, later", ownLater, admins)
		h.changeSettings(func(s *access.Settings) { s.SupportContact = "help@meridian.example" })
		h.disable(h.Omar, true)
		h.setInGroup(h.Ida, h.Reviewers, false)
		refused("a group whose last member is disabled", group, "Contact: help@meridian.example")
		refused("the same in the second stage", second, "Contact: help@meridian.example")
		h.setInGroup(h.Omar, h.Reviewers, false)
		refused("a group without members", group, "Contact: help@meridian.example")

		h.disable(h.Omar, false)
		h.setInGroup(h.Omar, h.Reviewers, true)
		for _, o := range []access.Offer{group, second} {
			h.wantState(h.submit(h.AccountOf(dana), o, access.RequestForm{}), access.PendingApproval)
		}
		h.wantState(h.submit(h.AccountOf(h.Lena), own, access.RequestForm{}), access.PendingApproval)
	})
}

// TestC42DirectAssignment: An administrator who assigns a package is told the stage in
// which no one can decide.
func TestC42DirectAssignment(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		o := h.Package("Tidal", access.Policy{Scope: access.ScopeMembers,
			Terms: stages(storetest.Named(h.Lena), storetest.Named(h.Ida))})
		assign := func(by, to access.Person) error {
			_, err := h.Admin.Assign(h.t.Context(), by, admin.Assigning{Package: o.Package.ID,
				People: []access.PersonID{to.ID}, Ask: access.RequestForm{Policy: o.Policies[0].ID}})
			return err
		}
		err := assign(h.Omar, h.Ida)
		if access.KindOf(err) != access.Conflict || !strings.HasPrefix(err.Error(),
			"No one can approve a request for Ida Falk: stage 2 of the policy has no approver") {
			h.t.Errorf("for the approver: %v", err)
		}
		err = assign(h.Lena, h.Omar)
		if access.KindOf(err) != access.Conflict || !strings.Contains(err.Error(), "stage 1 of the policy") {
			h.t.Errorf("by the approver: %v", err)
		}
		o = h.Package("Quay", access.Policy{Scope: access.ScopeMembers,
			Terms: stages(storetest.Named(h.Ida), storetest.Named(h.Lena))})
		dana := h.addMember("Dana Roe", "dana@meridian.example")
		err = assign(h.Lena, dana)
		if access.KindOf(err) != access.Conflict || !strings.Contains(err.Error(), "stage 2 of the policy") {
			h.t.Errorf("by the approver of a later stage: %v", err)
		}
		if err := assign(h.Omar, dana); err != nil {
			h.t.Error(err)
		}
	})
}

// TestC42OwnersAreMailed: The owners of a catalog get a mail about pending requests and
// policies that no one can approve, once until somebody can; without an owner who can read
// it, global administrators get it (M-49).
func TestC42OwnersAreMailed(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		night := func() {
			h.runJobs()
			h.runJobs() // the mails that the last job has queued
		}
		setUpAdministrators(h) // Lena is a global administrator
		dana := h.addMember("Dana Roe", "dana@meridian.example")
		o := h.Package("Tidal", access.Policy{Scope: access.ScopeMembers, Name: "All",
			Terms: stages(groupStage(h.Reviewers))})
		h.Package("Quay", access.Policy{Scope: access.ScopeMembers, Terms: stages(storetest.Named(h.Lena))})
		owner := access.RoleAssignment{Tenant: h.Tenant.ID, Role: access.CatalogOwner, Catalog: h.Catalog.ID,
			Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(dana.ID)}}
		h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.AddRoleAssignment(ctx, owner) })
		r := h.submit(h.AccountOf(h.Lena), o, access.RequestForm{})
		night()
		h.takeMails()

		h.disable(h.Omar, true)
		night()
		h.wantMails() // Ida can decide
		h.setInGroup(h.Ida, h.Reviewers, false)
		night()
		h.wantMails("dana@meridian.example: No one can approve 2 requests and policies in the catalog “Projects”")
		for range 3 {
			h.advance(day)
		}
		h.wantMails()
		late := h.Package("Later", access.Policy{Scope: access.ScopeMembers, Name: "Some",
			Terms: stages(storetest.Named(h.Omar))})
		night()
		h.wantMails("dana@meridian.example: No one can approve requests for Later under “Some”")
		if err := h.Requests.Cancel(h.t.Context(), h.Lena, r.ID); err != nil {
			h.t.Fatal(err)
		}

		h.disable(h.Omar, false) // somebody can decide again
		night()
		r2 := h.submit(h.AccountOf(dana), late, access.RequestForm{})
		night()
		h.takeMails()
		h.disable(dana, true) // the only owner
		h.disable(h.Omar, true)
		h.changePolicy(o, func(p *access.Policy) { p.Enabled = false })
		night()
		h.wantMails("lena@meridian.example: No one can approve 2 requests and policies in the catalog “Projects”")
		h.wantState(r2, access.PendingApproval)
	})
}

// TestC42LaterStageIsMailed: The owners get the mail at the next check after no one can
// decide a later stage, of several requests at once, and not again when the stage opens.
func TestC42LaterStageIsMailed(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		night := func() {
			h.runJobs()
			h.runJobs() // the mails that the last job has queued
		}
		setUpAdministrators(h) // Lena is a global administrator
		dana := h.addMember("Dana Roe", "dana@meridian.example")
		eli := h.addMember("Eli Stone", "eli@meridian.example")
		o := h.Package("Tidal", access.Policy{Scope: access.ScopeMembers, Name: "All",
			Terms: stages(storetest.Named(h.Omar), storetest.Named(h.Ida))})
		r := h.submit(h.AccountOf(dana), o, access.RequestForm{})
		h.submit(h.AccountOf(eli), o, access.RequestForm{})
		night()
		h.takeMails()
		h.disable(h.Ida, true)
		h.clock.Advance(hour / 6)
		night()
		h.wantMails("lena@meridian.example: No one can approve 3 requests and policies in the catalog “Projects”")
		gaps, err := h.KnownApprovalGaps(h.t.Context(), h.Tenant.ID)
		if len(gaps) != 3 || gaps[0].Stage != 2 || gaps[1].Stage != 2 || gaps[2].Stage != 2 || err != nil {
			h.t.Errorf("the gaps %v, %v", gaps, err)
		}
		h.approve(h.Omar, r, 0)
		h.clock.Advance(hour / 6)
		night()
		h.wantMails("omar@meridian.example: Stage 1 of 2 approved: Dana Roe → Tidal")
		h.wantState(r, access.PendingApproval)
	})
}

// TestC42Reassign: An administrator names other approvers for a pending request. They are
// mailed and decide; those before neither see nor decide it, nor get a mail that was not
// sent yet.
func TestC42Reassign(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		ctx := h.t.Context()
		dana := h.addMember("Dana Roe", "dana@meridian.example")
		eli := h.addMember("Eli Stone", "eli@meridian.example")
		o := h.Package("Tidal", access.Policy{Scope: access.ScopeMembers,
			Terms: stages(storetest.Named(h.Omar, h.Lena), storetest.Named(h.Omar))})
		r := h.submit(h.AccountOf(dana), o, access.RequestForm{})
		reassign := func(stage int, approvers ...access.SubjectRef) error {
			return h.Admin.ReassignRequest(ctx, h.Lena, r.ID, access.Reassignment{Stage: stage, Approvers: approvers,
				Reason: "Omar is away."})
		}
		named := func(p access.Person) access.SubjectRef {
			return access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.ID)}
		}
		due := h.stored(r).Due
		if err := reassign(0, named(eli), named(h.Lena)); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs() // the mails of the submission have not been sent yet
		asks := ": Approve or deny by " + due.Format("2 January 2006") + ": Dana Roe → Tidal"
		h.wantMails("eli@meridian.example"+asks, "lena@meridian.example"+asks)
		for who, want := range map[access.PersonID]int{h.Omar.ID: 0, eli.ID: 1, h.Lena.ID: 1} {
			list, err := h.PendingApprovals(ctx, access.Person{Tenant: h.Tenant.ID, ID: who}, "", 10)
			if len(list) != want || err != nil {
				h.t.Errorf("%s sees %d requests, want %d, %v", who, len(list), want, err)
			}
		}
		if err := h.decide(h.Omar, r, 0, true); access.KindOf(err) != access.NotFound {
			h.t.Errorf("the former approver decides: %v", err)
		}

		if err := reassign(1, access.SubjectRef{Kind: access.SubjectGroup, ID: string(h.Reviewers.ID)}); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		h.wantMails() // the stage is not open
		h.approve(eli, r, 0)
		h.runJobs()
		h.wantState(r, access.PendingApproval)
		if got := h.takeMailsTo("ida@meridian.example"); len(got) != 1 {
			h.t.Errorf("%d mails to the new approver of stage 2", len(got))
		}
		if err := reassign(0, named(h.Omar)); access.KindOf(err) != access.Invalid {
			h.t.Errorf("a stage that has decided: %v", err)
		}
		h.approve(h.Ida, r, 1)
		h.runJobs()
		h.wantState(r, access.Delivered)
		if err := reassign(1, named(h.Lena)); access.KindOf(err) != access.Conflict {
			h.t.Errorf("a request that is settled: %v", err)
		}
	})
}

// TestC42ReassignRefusals: The new approvers must exist and be able to decide.
func TestC42ReassignRefusals(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		dana := h.addMember("Dana Roe", "dana@meridian.example")
		board := access.Entry{Tenant: h.Tenant.ID, Kind: access.KindGroup, Name: "Board",
			Roles: access.DefaultRoles(access.KindGroup)}
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			board.ID = access.EntryID(tx.NewID())
			return tx.SaveEntry(ctx, board)
		})
		r := h.submit(h.AccountOf(dana), h.Package("Tidal", access.Policy{Scope: access.ScopeMembers,
			Terms: stages(storetest.Named(h.Omar))}), access.RequestForm{})
		h.disable(h.Ida, true)
		before := h.stored(r)
		subject := func(kind access.SubjectKind, id string) []access.SubjectRef {
			return []access.SubjectRef{{Kind: kind, ID: id}}
		}
		for name, approvers := range map[string][]access.SubjectRef{
			"somebody disabled":       subject(access.SubjectPerson, string(h.Ida.ID)),
			"a group without members": subject(access.SubjectGroup, string(board.ID)),
			"nobody that is known":    subject(access.SubjectPerson, "019a0000-0000-7000-8000-000000000000"),
			"no group":                subject(access.SubjectGroup, h.Team.ExternalID+"x"),
			"the requestor":           subject(access.SubjectPerson, string(dana.ID)),
			"one who can decide and one who is not known": append(subject(access.SubjectPerson, string(h.Lena.ID)),
				subject(access.SubjectPerson, "019a0000-0000-7000-8000-000000000000")...),
			"one who can decide and the requestor": append(subject(access.SubjectPerson, string(h.Lena.ID)),
				subject(access.SubjectPerson, string(dana.ID))...),
		} {
			err := h.Admin.ReassignRequest(h.t.Context(), h.Lena, r.ID, access.Reassignment{Approvers: approvers, Reason: "x"})
			wantField(h.t, name, err, "approvers")
		}
		h.setInGroup(dana, board, true) // only the requestor is in it
		err := h.Admin.ReassignRequest(h.t.Context(), h.Lena, r.ID, access.Reassignment{Reason: "x",
			Approvers: subject(access.SubjectGroup, string(board.ID))})
		wantField(h.t, "a group with the requestor alone", err, "approvers")
		if after := h.stored(r); after.Terms.Stages[0].Approvers[0] != before.Terms.Stages[0].Approvers[0] {
			h.t.Errorf("the approvers are %v", after.Terms.Stages[0].Approvers)
		}
		h.setInGroup(h.Lena, board, true)
		err = h.Admin.ReassignRequest(h.t.Context(), h.Lena, r.ID, access.Reassignment{Reason: "x",
			Approvers: subject(access.SubjectGroup, string(board.ID))})
		if err != nil {
			h.t.Error(err)
		}
		h.clock.Advance(8 * day) // the request is over, and no job has noticed yet
		late := func(what string, err error) {
			if access.KindOf(err) != access.Conflict || !strings.Contains(err.Error(), "The time to decide") {
				h.t.Errorf("%s late: %v", what, err)
			}
		}
		late("reassigned", h.Admin.ReassignRequest(h.t.Context(), h.Lena, r.ID, access.Reassignment{Reason: "x",
			Approvers: storetest.Named(h.Omar).Approvers}))
		late("reminded", h.Admin.RemindApprovers(h.t.Context(), h.Lena, r.ID))
	})
}

// TestC42ReassignOneOfTwoGaps: Approvers are named for one stage although no one can
// decide in another: that is a reassignment of its own.
func TestC42ReassignOneOfTwoGaps(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		dana := h.addMember("Dana Roe", "dana@meridian.example")
		eli := h.addMember("Eli Stone", "eli@meridian.example")
		r := h.submit(h.AccountOf(dana), h.memberPackage("Tidal", stages(storetest.Named(eli), storetest.Named(h.Ida))),
			access.RequestForm{})
		h.disable(eli, true)
		h.disable(h.Ida, true)
		for _, stage := range []int{0, 1} {
			if err := h.Admin.ReassignRequest(h.t.Context(), h.Lena, r.ID, access.Reassignment{Stage: stage, Reason: "x",
				Approvers: storetest.Named(h.Omar).Approvers}); err != nil {
				h.t.Errorf("stage %d: %v", stage+1, err)
			}
		}
	})
}

// wantField fails the test unless the error is Invalid at the field.
func wantField(t *testing.T, name string, err error, field string) {
	t.Helper()
	var es access.Errors
	es.Add(err)
	if access.KindOf(err) != access.Invalid || es[0].Field != field {
		t.Errorf("%s: %v, want a fault at %s", name, err, field)
	}
}

// TestC42SendReminder: An administrator reminds the approvers of a stage who can decide
// now, at most once an hour, and not within an hour of the automatic reminder; a stage that
// opens, or has other approvers, can be reminded at once.
func TestC42SendReminder(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		dana := h.addMember("Dana Roe", "dana@meridian.example")
		o := h.Package("Tidal", access.Policy{Scope: access.ScopeMembers,
			Terms: stages(storetest.Named(h.Ida, h.Lena), storetest.Named(h.Lena))})
		r := h.submit(h.AccountOf(dana), o, access.RequestForm{})
		h.runJobs()
		h.takeMails()
		remind := func(want access.ErrorKind, mails int) {
			h.t.Helper()
			err := h.Admin.RemindApprovers(h.t.Context(), h.Omar, r.ID)
			if want == access.Internal && err != nil || want != access.Internal && access.KindOf(err) != want {
				h.t.Errorf("reminding: %v", err)
			}
			h.runJobs()
			if got := h.takeMails(); len(got) != mails {
				h.t.Errorf("%d mails, want %d: %q", len(got), mails, got)
			}
		}
		h.disable(h.Ida, true)
		remind(access.Internal, 1)
		h.clock.Advance(hour - 1)
		remind(access.TooManyRequests, 0)
		h.clock.Advance(1)
		remind(access.Internal, 1)
		h.advance(3*day + 12*hour) // the automatic reminder
		h.takeMails()
		remind(access.TooManyRequests, 0)
		h.clock.Advance(hour)
		remind(access.Internal, 1)
		h.approve(h.Lena, r, 0)
		h.runJobs()
		h.takeMails()
		remind(access.Internal, 1)
		if err := h.Admin.ReassignRequest(h.t.Context(), h.Lena, r.ID, access.Reassignment{Stage: 1, Reason: "x",
			Approvers: storetest.Named(h.Omar).Approvers}); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		h.takeMails()
		remind(access.Internal, 1)
		h.disable(h.Omar, true)
		h.clock.Advance(2 * hour)
		err := h.Admin.RemindApprovers(h.t.Context(), h.Lena, r.ID)
		if access.KindOf(err) != access.Conflict || !strings.Contains(err.Error(), "No one can decide in this stage.") {
			h.t.Errorf("nobody to remind: %v", err)
		}
	})
}

// TestAuditOfReassignment: Other approvers are named, with the reason, and reminded.
func TestAuditOfReassignment(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		r := h.submit(h.AccountOf(h.Ida), h.Package("Tidal", access.Policy{Scope: access.ScopeMembers,
			Terms: stages(storetest.Named(h.Omar))}), access.RequestForm{})
		a := h.AuditTrail()
		a.Name("Tidal", string(r.ID))
		if err := h.Admin.ReassignRequest(h.t.Context(), h.Lena, r.ID, access.Reassignment{Reason: "Omar is away.",
			Approvers: storetest.Named(h.Lena).Approvers}); err != nil {
			h.t.Fatal(err)
		}
		a.Want("Lena Berg | Add approver to request approval | request Tidal | stage 1: singleUser Omar Haddad > " +
			"stage 1: singleUser Lena Berg | Omar is away.")
		if err := h.Admin.RemindApprovers(h.t.Context(), h.Omar, r.ID); err != nil {
			h.t.Fatal(err)
		}
		a.Want("Omar Haddad | Send reminder to approvers | request Tidal | > stage 1")
	})
}
