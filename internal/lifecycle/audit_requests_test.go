package lifecycle_test

import (
	"context"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// The tests TestAuditOf… compare every audit record of a story with lines that are written
// by hand, the words of the activities included. See storetest.AuditTrail for the lines.

// submitTo submits a request for the package, and names it and its person in the trail.
func (h *harness) submitTo(a *storetest.AuditTrail, by access.Account, o access.Offer,
	ask access.RequestForm) access.Request {
	h.t.Helper()
	r := h.submit(by, o, ask)
	a.Name(o.Package.Name, string(r.ID))
	a.Name(by.Name, string(r.Target))
	return r
}

// nameAssignment names the request's assignment in the trail.
func (h *harness) nameAssignment(a *storetest.AuditTrail, name string, r access.Request) {
	h.t.Helper()
	a.Name(name, string(h.assignment(r).ID))
}

// TestAuditOfApproval: T-01, T-05, T-09, T-10, T-15: submitted, two stages, delivered.
func TestAuditOfApproval(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		a := h.AuditTrail()
		o := h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena), groupStage(h.Reviewers))))
		r := h.submitTo(a, h.Mara, o, access.RequestForm{Justification: "I draw the quay walls."})
		a.Want("Mara Lind | Create | person Mara Lind | > external",
			"Mara Lind | User requests access package assignment | request Tidal | > submitted | I draw the quay walls.",
			"system | Create request approval | request Tidal | submitted > pendingApproval")
		h.wantState(r, access.PendingApproval)
		h.approve(h.Lena, r, 0)
		a.Want("Lena Berg | Approval stage completed for access package assignment request | request Tidal | - | known")
		h.wantState(r, access.PendingApproval)
		h.approve(h.Ida, r, 1)
		a.Want("Ida Falk | Approve access package assignment request | request Tidal | - | known",
			"Ida Falk | Ready to fulfill access package assignment request | request Tidal | "+
				"pendingApproval > delivering | known")
		h.wantState(r, access.Delivering)
		h.runJobs()
		a.WantAnyOrder("system | Invite external user | person Mara Lind | none > active | "+
			"An access package was assigned. | Tidal",
			"system | Fulfill access package resource assignment | person Mara Lind | > Tidal team: Member",
			"system | Fulfill access package resource assignment | person Mara Lind | > Tidal site: Member",
			"system | Fulfill access package assignment request | request Tidal | delivering > delivered")
		h.wantState(r, access.Delivered)
		if x := h.assignment(r); x.State != access.AssignDelivered {
			h.t.Errorf("the assignment is %s", x.State)
		}
	})
}

// TestAuditOfAutoApproval: T-03: no approval is needed.
func TestAuditOfAutoApproval(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		a := h.AuditTrail()
		r := h.submitTo(a, h.AccountOf(h.Lena), h.memberPackage("Tidal", access.Terms{}), access.RequestForm{})
		a.Want("Lena Berg | User requests access package assignment | request Tidal | > submitted",
			"system | Auto approve access package assignment request | request Tidal",
			"system | Ready to fulfill access package assignment request | request Tidal | submitted > delivering")
		h.wantState(r, access.Delivering)
	})
}

// TestAuditOfRefusedForm: T-02: a form with a fault leaves nothing behind.
func TestAuditOfRefusedForm(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		a := h.AuditTrail()
		o := h.memberPackage("Tidal", access.Terms{RequireJustification: true})
		h.wantRefusal(h.AccountOf(h.Lena), o, access.RequestForm{}, access.Invalid)
		a.Want()
		if all, err := h.RequestsOf(context.Background(), h.Lena, "", 5); err != nil || len(all) != 0 {
			h.t.Errorf("stored: %+v, %v", all, err)
		}
		h.submitTo(a, h.AccountOf(h.Lena), o, access.RequestForm{Justification: "a visit"})
	})
}

// TestAuditOfScheduledRequest: T-04, T-10, T-14: the start is in the future, with and
// without approval.
func TestAuditOfScheduledRequest(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		a := h.AuditTrail()
		start := access.RequestForm{Start: h.clock.Now().Add(10 * day)}
		r := h.submitTo(a, h.AccountOf(h.Lena), h.memberPackage("Tidal", access.Terms{CustomSchedule: true}), start)
		a.Want("Lena Berg | User requests access package assignment | request Tidal | > submitted",
			"system | Auto approve access package assignment request | request Tidal",
			"system | Schedule a future access package assignment | request Tidal | submitted > scheduled")
		h.wantState(r, access.Scheduled)

		asks := stages(storetest.Named(h.Omar))
		asks.CustomSchedule = true
		approved := h.submitTo(a, h.AccountOf(h.Ida), h.memberPackage("Ebb", asks), start)
		h.approve(h.Omar, approved, 0)
		a.Want("Ida Falk | User requests access package assignment | request Ebb | > submitted",
			"system | Create request approval | request Ebb | submitted > pendingApproval",
			"Omar Haddad | Approve access package assignment request | request Ebb | - | known",
			"Omar Haddad | Schedule a future access package assignment | request Ebb | pendingApproval > scheduled | known")
		h.wantState(approved, access.Scheduled)

		h.advance(10*day - hour)
		a.Want()
		h.clock.Advance(hour)
		h.wantHandled(2)(h.Deadlines.StartScheduled(context.Background(), h.clock.Now()))
		a.WantAnyOrder(
			"system | Ready to fulfill access package assignment request | request Tidal | scheduled > delivering",
			"system | Ready to fulfill access package assignment request | request Ebb | scheduled > delivering")
		h.wantState(r, access.Delivering)
		h.wantState(approved, access.Delivering)
	})
}

// TestAuditOfDenial: T-11: a denial is recorded as a denial and nothing else, in the only
// stage and after an approval.
func TestAuditOfDenial(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		a := h.AuditTrail()
		for name, stage := range map[string]int{"Early": 0, "Late": 1} {
			r := h.submitTo(a, h.AccountOf(h.Ida), h.memberPackage(name, stages(storetest.Named(h.Lena),
				storetest.Named(h.Omar))), access.RequestForm{})
			by := h.Lena
			if stage == 1 {
				h.approve(h.Lena, r, 0)
				by = h.Omar
			}
			a.Skip()
			if err := h.Requests.Decide(context.Background(), by, lifecycle.DecisionInput{Request: r.ID, Stage: stage,
				Reason: "No contract"}); err != nil {
				h.t.Fatal(err)
			}
			a.Want(by.Name + " | Deny access package assignment request | request " + name +
				" | pendingApproval > denied | No contract")
			h.runJobs()
			a.Want()
			h.wantState(r, access.Denied)
		}
	})
}

// TestAuditOfTimeOut: T-12: no one decides in time.
func TestAuditOfTimeOut(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		a := h.AuditTrail()
		r := h.submitTo(a, h.AccountOf(h.Ida), h.memberPackage("Tidal", stages(storetest.Named(h.Lena),
			storetest.Named(h.Omar))), access.RequestForm{})
		h.approve(h.Lena, r, 0)
		a.Skip()
		h.advance(7*day - hour)
		a.Want()
		h.wantState(r, access.PendingApproval)
		h.advance(hour)
		a.Want("system | Access package assignment request timed out (no approver action taken) | request Tidal | " +
			"pendingApproval > expired")
		h.wantState(r, access.Expired)
	})
}

// TestAuditOfCancel: T-13: the requestor cancels a pending and a scheduled request; one
// that may not start is canceled by the system.
func TestAuditOfCancel(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		a, ctx := h.AuditTrail(), context.Background()
		terms := stages(storetest.Named(h.Omar))
		terms.CustomSchedule = true
		o := h.memberPackage("Tidal", terms)
		start := access.RequestForm{Start: h.clock.Now().Add(3 * day)}
		r := h.submitTo(a, h.AccountOf(h.Ida), o, access.RequestForm{})
		a.Skip()
		if err := h.Requests.Cancel(ctx, h.Ida, r.ID); err != nil {
			h.t.Fatal(err)
		}
		a.Want("Ida Falk | Cancel access package assignment request | request Tidal | pendingApproval > canceled")

		r = h.submitTo(a, h.AccountOf(h.Ida), o, start)
		h.approve(h.Omar, r, 0)
		a.Skip()
		if err := h.Requests.Cancel(ctx, h.Ida, r.ID); err != nil {
			h.t.Fatal(err)
		}
		a.Want("Ida Falk | Cancel access package assignment request | request Tidal | scheduled > canceled")

		r = h.submitTo(a, h.AccountOf(h.Ida), o, start)
		h.approve(h.Omar, r, 0)
		a.Skip()
		h.changePolicy(o, func(p *access.Policy) { p.Scope = access.ScopeNobody })
		h.advance(3 * day)
		a.Want("system | Cancel access package assignment request | request Tidal | scheduled > canceled | " +
			"At the start, the policy no longer included the person.")
		h.wantState(r, access.Canceled)
	})
}

// TestAuditOfDeletedPackage: deleting a package cancels its open requests.
func TestAuditOfDeletedPackage(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		a := h.AuditTrail()
		o := h.memberPackage("Tidal", stages(storetest.Named(h.Omar)))
		r := h.submitTo(a, h.AccountOf(h.Ida), o, access.RequestForm{})
		a.Name("Tidal", string(o.Package.ID))
		a.Skip()
		if err := h.Admin.DeletePackage(context.Background(), h.Lena, o.Package.ID); err != nil {
			h.t.Fatal(err)
		}
		a.Want("Lena Berg | Cancel access package assignment request | request Tidal | pendingApproval > canceled | "+
			"The access package was deleted.",
			"Lena Berg | Delete access package | accessPackage Tidal | Tidal >")
		h.wantState(r, access.Canceled)
	})
}

// TestAuditOfDirectAssignment: F-182, F-187: an administrator assigns a package to a member
// and to an address, and removes an assignment.
func TestAuditOfDirectAssignment(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		a, ctx := h.AuditTrail(), context.Background()
		o := h.Package("Tidal", access.Policy{Scope: access.ScopeNobody})
		made, err := h.Admin.Assign(ctx, h.Omar, admin.Assigning{Package: o.Package.ID,
			People: []access.PersonID{h.Ida.ID}, Address: "nils@harbor.example", Name: "Nils New",
			Ask: access.RequestForm{Policy: o.Policies[0].ID, Justification: "Joins the project"}})
		if err != nil {
			h.t.Fatal(err)
		}
		a.Name("for Ida", string(made[0].ID))
		a.Name("for Nils", string(made[1].ID))
		a.Name("Nils New", string(made[1].Target))
		a.Want("Omar Haddad | Create | person Nils New | > external",
			"Omar Haddad | Administrator directly assigns user to access package | request for Ida | > submitted | "+
				"Joins the project",
			"system | Auto approve access package assignment request | request for Ida",
			"system | Ready to fulfill access package assignment request | request for Ida | submitted > delivering",
			"Omar Haddad | Administrator directly assigns user to access package | request for Nils | > submitted | "+
				"Joins the project",
			"system | Auto approve access package assignment request | request for Nils",
			"system | Ready to fulfill access package assignment request | request for Nils | submitted > delivering")
		h.runJobs()
		a.Skip()
		h.nameAssignment(a, "of Ida", made[0])
		err = h.Admin.Unassign(ctx, h.Omar, []access.AssignmentID{h.assignment(made[0]).ID}, "Left the project")
		if err != nil {
			h.t.Fatal(err)
		}
		removal := h.openRemoval(h.Ida)
		a.Name("of removal", string(removal.ID))
		a.Want("Omar Haddad | Administrator directly removes user access package assignment | request of removal | "+
			"> submitted | Left the project",
			"system | Ready to fulfill access package assignment request | request of removal | submitted > delivering",
			"system | Remove access package assignment | assignment of Ida | delivered > expired | - | of removal")
		h.runJobs()
		a.WantAnyOrder("system | Remove access package resource assignment | person Ida Falk | > Tidal team: Member",
			"system | Remove access package resource assignment | person Ida Falk | > Tidal site: Member",
			"system | Fulfill access package assignment request | request of removal | delivering > delivered")
	})
}

// openRemoval returns the person's open removal request.
func (h *harness) openRemoval(p access.Person) access.Request {
	h.t.Helper()
	all, err := h.OpenRemovals(context.Background(), p)
	if err != nil || len(all) != 1 {
		h.t.Fatalf("%d open removals, %v", len(all), err)
	}
	return all[0]
}

// TestAuditOfGovernedGuest: F-190: a guest is marked as governed.
func TestAuditOfGovernedGuest(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		before := access.Person{ID: "before", Tenant: h.Tenant.ID, Account: h.Mara.ID, Directory: h.Harbor.ID,
			Domain: "harbor.example", Kind: access.Guest, Guest: access.GuestActive, Name: "Mara Lind", Email: h.Mara.Email}
		h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.AddPerson(ctx, before) })
		r := h.submit(h.Mara, h.partnerPackage("Tidal"), access.RequestForm{})
		h.runJobs()
		a := h.AuditTrail()
		if err := h.Admin.Govern(context.Background(), h.Omar, h.assignment(r).ID); err != nil {
			h.t.Fatal(err)
		}
		a.Want("Omar Haddad | Mark guest as governed | person before | > governed")
		if !h.person("before").Governed {
			h.t.Error("not governed")
		}
	})
}
