package lifecycle_test

import (
	"context"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// setUpAdministrators makes Lena a global administrator and Omar the
// assignment manager of the catalog.
func setUpAdministrators(h *harness) {
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		for _, r := range []access.RoleAssignment{
			{Tenant: h.Tenant.ID, Role: access.GlobalAdministrator, Subject: access.SubjectRef{Kind: access.SubjectPerson,
				ID: string(h.Lena.ID)}},
			{Tenant: h.Tenant.ID, Role: access.AccessPackageAssignmentManager, Catalog: h.Catalog.ID,
				Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(h.Omar.ID)}},
		} {
			if err := tx.AddRoleAssignment(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestAssigningDirectly(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := t.Context()
		setUpAdministrators(h)
		direct := access.Policy{Scope: access.ScopeNobody}
		o := h.Package("Tidal", direct, access.Policy{Scope: access.ScopeMembers,
			Terms: access.Terms{Stages: []access.Stage{storetest.Named(h.Omar, h.Lena)}}})
		open, asks := o.Policies[0], o.Policies[1]
		if open.Scope != access.ScopeNobody {
			open, asks = asks, open
		}
		assign := func(by access.Person, w admin.Assigning) ([]access.Request, error) {
			w.Package = o.Package.ID
			return h.Admin.Assign(ctx, by, w)
		}
		_, err := assign(h.Ida, admin.Assigning{People: []access.PersonID{h.Ida.ID},
			Ask: access.RequestForm{Policy: open.ID}})
		wantKind(t, "somebody without a role", err, access.NotFound)
		_, err = assign(h.Omar, admin.Assigning{Ask: access.RequestForm{Policy: open.ID}})
		wantKind(t, "nobody", err, access.Invalid)
		_, err = assign(h.Omar, admin.Assigning{Address: "who@nowhere.example", Ask: access.RequestForm{Policy: open.ID}})
		wantKind(t, "an address of no organization", err, access.Invalid)

		w := admin.Assigning{People: []access.PersonID{h.Ida.ID}, Address: "new@harbor.example", Name: "Nils New",
			Ask: access.RequestForm{Policy: open.ID}, Key: "form"}
		made, err := assign(h.Omar, w)
		if err != nil || len(made) != 2 {
			t.Fatalf("two are assigned: %v, %v", made, err)
		}
		if again, err := assign(h.Omar, w); err != nil || len(again) != 2 || again[0].ID != made[0].ID ||
			again[1].ID != made[1].ID {
			t.Errorf("the form posted twice assigns once: %v, %v", again, err)
		}
		w.Key = "another"
		_, err = assign(h.Omar, w)
		wantKind(t, "who has it already", err, access.Invalid)

		h.runJobs()
		if got := h.stored(access.Request{Tenant: h.Tenant.ID, ID: made[0].ID}); got.State != access.Delivered ||
			got.Type != access.AdminAdd || got.Requestor != h.Omar.ID {
			t.Errorf("got %+v", got)
		}
		if mails := h.takeMails(); len(mails) != 0 {
			t.Errorf("no mail about a direct assignment: %v", mails)
		}

		waiting, err := assign(h.Omar, admin.Assigning{People: []access.PersonID{h.Omar.ID},
			Ask: access.RequestForm{Policy: asks.ID}})
		if err != nil || h.stored(access.Request{Tenant: h.Tenant.ID, ID: waiting[0].ID}).State != access.PendingApproval {
			t.Fatalf("approval is not bypassed: %v", err)
		}
		wantKind(t, "to decide one's own", h.Requests.Decide(ctx, h.Omar, lifecycle.DecisionInput{Request: waiting[0].ID,
			Approve: true}), access.Forbidden)
		if err := h.Requests.Decide(ctx, h.Lena, lifecycle.DecisionInput{Request: waiting[0].ID, Approve: true}); err != nil {
			t.Error(err)
		}
	})
}

func TestRemovingAnAssignment(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := t.Context()
		setUpAdministrators(h)
		o := h.Package("Tidal", access.Policy{Scope: access.ScopeNobody})
		made, err := h.Admin.Assign(ctx, h.Omar, admin.Assigning{Package: o.Package.ID,
			People: []access.PersonID{h.Ida.ID}, Ask: access.RequestForm{Policy: o.Policies[0].ID}})
		if err != nil {
			t.Fatal(err)
		}
		h.runJobs()
		x := h.stored(access.Request{Tenant: h.Tenant.ID, ID: made[0].ID}).Assignment
		wantKind(t, "somebody without a role", h.Admin.Unassign(ctx, h.Ida, []access.AssignmentID{x}, ""), access.NotFound)
		if err := h.Admin.Unassign(ctx, h.Omar, []access.AssignmentID{x}, "Left the project"); err != nil {
			t.Fatal(err)
		}
		wantKind(t, "a second time", h.Admin.Unassign(ctx, h.Omar, []access.AssignmentID{x}, ""), access.Conflict)
		h.runJobs()
		grants, err := h.Grants(ctx, h.Tenant.ID, h.Ida.ID)
		for _, g := range grants {
			if g.State != access.Removed {
				t.Errorf("the role was removed: %+v", g)
			}
		}
		log, auditErr := h.AuditLog(ctx, h.Tenant.ID)
		found := false
		for _, a := range log {
			found = found || a.Activity == access.ActRemoveDirectly && a.Actor == h.Omar.ID && a.Reason == "Left the project"
		}
		if err != nil || auditErr != nil || !found {
			t.Errorf("the audit log says who, and why: %v, %v", err, auditErr)
		}
	})
}

func TestAnAdministratorCancels(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := t.Context()
		setUpAdministrators(h)
		o := h.Package("Tidal", access.Policy{Scope: access.ScopeNobody})
		made, err := h.Admin.Assign(ctx, h.Omar, admin.Assigning{Package: o.Package.ID,
			People: []access.PersonID{h.Ida.ID}, Ask: access.RequestForm{Policy: o.Policies[0].ID}})
		if err != nil {
			t.Fatal(err)
		}
		wantKind(t, "what is under way is not reprocessed", h.Admin.Reprocess(ctx, h.Omar, made[0].ID), access.Conflict)
		if err := h.Admin.CancelRequest(ctx, h.Omar, made[0].ID); err != nil {
			t.Fatal(err)
		}
		h.runJobs()
		if r := h.stored(access.Request{Tenant: h.Tenant.ID, ID: made[0].ID}); r.State != access.Canceled {
			t.Errorf("got %s", r.State)
		}
		if held, err := h.OpenAssignments(ctx, h.Tenant.ID, h.Ida.ID); err != nil || len(held) != 0 {
			t.Errorf("what was begun is taken back: %v, %v", held, err)
		}
		wantKind(t, "a second time", h.Admin.CancelRequest(ctx, h.Omar, made[0].ID), access.Conflict)
	})
}

func TestReprocessPeriod(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for state, want := range map[access.RequestState]bool{access.DeliveryFailed: true, access.PartiallyDelivered: true,
		access.Delivered:  true,
		access.Delivering: false, access.PendingApproval: false, access.Denied: false, access.Canceled: false,
		access.Expired: false} {
		r := access.Request{State: state, Completed: at}
		if got := r.CanReprocess(at.Add(14*24*time.Hour)) == nil; got != want {
			t.Errorf("%s: %v", state, got)
		}
	}
	late := access.Request{State: access.DeliveryFailed, Completed: at}
	wantKind(t, "a moment after the window", late.CanReprocess(at.Add(14*24*time.Hour+time.Millisecond)),
		access.Conflict)
}
