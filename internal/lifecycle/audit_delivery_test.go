package lifecycle_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/connector/connectortest"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// lenasRequest submits Lena's request for a package that needs no approval, and skips its
// audit records.
func (h *harness) lenasRequest(a *storetest.AuditTrail, t access.Terms) access.Request {
	h.t.Helper()
	r := h.submitTo(a, h.AccountOf(h.Lena), h.memberPackage("Tidal", t), access.RequestForm{})
	a.Skip()
	return r
}

// TestAuditOfPartialDelivery: T-16, T-18, T-15: the site is missing; an administrator
// reprocesses the request once it is back.
func TestAuditOfPartialDelivery(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		a := h.AuditTrail()
		x.LoseResource(h.Site.ExternalID, true)
		r := h.lenasRequest(a, access.Terms{})
		h.runJobs()
		a.Want("system | Fulfill access package resource assignment | person Lena Berg | > Tidal team: Member",
			"system | Partially fulfill access package assignment request | request Tidal | "+
				"delivering > partiallyDelivered")
		h.wantState(r, access.PartiallyDelivered)
		x.LoseResource(h.Site.ExternalID, false)
		if err := h.reprocess(r); err != nil {
			h.t.Fatal(err)
		}
		a.Want("Ida Falk | Reprocess access package assignment request | request Tidal",
			"Ida Falk | Ready to fulfill access package assignment request | request Tidal | "+
				"partiallyDelivered > delivering")
		h.wantState(r, access.Delivering)
		h.runJobs()
		a.WantAnyOrder("system | Fulfill access package resource assignment | person Lena Berg | > Tidal team: Member",
			"system | Fulfill access package resource assignment | person Lena Berg | > Tidal site: Member",
			"system | Fulfill access package assignment request | request Tidal | delivering > delivered")
		h.wantState(r, access.Delivered)
		if err := h.reprocess(r); err != nil { // verifies what is held; the request stays delivered
			h.t.Fatal(err)
		}
		a.Want("Ida Falk | Reprocess access package assignment request | request Tidal")
		h.wantState(r, access.Delivered)
	})
}

// TestAuditOfFailedDelivery: T-17: nothing can be delivered; later a retry succeeds by
// itself.
func TestAuditOfFailedDelivery(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		a := h.AuditTrail()
		h.loseAll(x, true)
		r := h.lenasRequest(a, access.Terms{})
		h.runJobs()
		a.Want("system | Failed access package assignment request | request Tidal | delivering > deliveryFailed")
		h.wantState(r, access.DeliveryFailed)
		h.loseAll(x, false)
		h.advance(day)
		a.WantAnyOrder("system | Fulfill access package resource assignment | person Lena Berg | > Tidal team: Member",
			"system | Fulfill access package resource assignment | person Lena Berg | > Tidal site: Member",
			"system | Ready to fulfill access package assignment request | request Tidal | deliveryFailed > delivering",
			"system | Fulfill access package assignment request | request Tidal | delivering > delivered")
		h.wantState(r, access.Delivered)
	})
}

// loseAll deletes the team and the site in the target, or makes them exist again.
func (h *harness) loseAll(x *connectortest.Target, lost bool) {
	x.LoseResource(h.Team.ExternalID, lost)
	x.LoseResource(h.Site.ExternalID, lost)
}

// TestAuditOfEnd: T-21, F-007: the access ends at its time.
func TestAuditOfEnd(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		a := h.AuditTrail()
		r := h.lenasRequest(a, afterDays(5))
		h.runJobs()
		h.nameAssignment(a, "Tidal", r)
		a.Skip()
		h.clock.Advance(5 * day)
		h.wantHandled(1)(h.Deadlines.EndAssignments(context.Background(), h.clock.Now()))
		removal := h.openRemoval(h.Lena)
		a.Name("end of Tidal", string(removal.ID))
		a.Want("system | Entitlement Management creates access package assignment request for user | "+
			"request end of Tidal | > submitted",
			"system | Ready to fulfill access package assignment request | request end of Tidal | submitted > delivering",
			"system | Remove access package assignment | assignment Tidal | delivered > expired | - | end of Tidal")
		h.runJobs()
		a.WantAnyOrder("system | Remove access package resource assignment | person Lena Berg | > Tidal team: Member",
			"system | Remove access package resource assignment | person Lena Berg | > Tidal site: Member",
			"system | Fulfill access package assignment request | request end of Tidal | delivering > delivered")
		h.wantState(removal, access.Delivered)
		h.wantState(r, access.Delivered)
		if got := h.assignment(r).State; got != access.AssignExpired || h.holds(x) != nil {
			h.t.Errorf("the assignment is %s, holds %v", got, h.holds(x))
		}
	})
}

// holds returns the names of the resources in which Lena is a member.
func (h *harness) holds(x *connectortest.Target) (held []string) {
	for _, s := range []access.Resource{h.Team, h.Site} {
		if x.Holds(h.Lena.ID, s.ExternalID, "Member") {
			held = append(held, s.Name)
		}
	}
	return held
}

// TestAuditOfLateRemoval: the target refuses to remove one of the two roles, then both.
func TestAuditOfLateRemoval(t *testing.T) {
	t.Parallel()
	removed := func(resource string) string {
		return "system | Remove access package resource assignment | person Lena Berg | > " + resource + ": Member"
	}
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		a := h.AuditTrail()
		h.lenasRequest(a, afterDays(5))
		h.runJobs()
		x.Script(connectortest.Revoke, connectortest.NoResource())
		removal := h.endLenasAccess(a)
		h.runJobs()
		first, second := "Tidal site", "Tidal team"
		if slices.Equal(h.holds(x), []string{"Tidal site"}) {
			first, second = second, first
		}
		a.WantAnyOrder(removed(first), "system | Partially fulfill access package assignment request | request end of "+
			"Tidal | "+
			"delivering > partiallyDelivered")
		h.wantState(removal, access.PartiallyDelivered)
		h.advance(day)
		a.WantAnyOrder(removed(second), "system | Ready to fulfill access package assignment request | request end of "+
			"Tidal | "+
			"partiallyDelivered > delivering",
			"system | Fulfill access package assignment request | request end of Tidal | delivering > delivered")
	})
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		a := h.AuditTrail()
		h.lenasRequest(a, afterDays(5))
		h.runJobs()
		x.Script(connectortest.Revoke, connectortest.NoResource(), connectortest.NoResource())
		removal := h.endLenasAccess(a)
		h.runJobs()
		a.Want("system | Failed access package assignment request | request end of Tidal | delivering > deliveryFailed")
		h.wantState(removal, access.DeliveryFailed)
		if err := h.reprocess(removal); err != nil {
			h.t.Fatal(err)
		}
		a.Want("Ida Falk | Reprocess access package assignment request | request end of Tidal",
			"Ida Falk | Ready to fulfill access package assignment request | request end of Tidal | "+
				"deliveryFailed > delivering")
		h.runJobs()
		a.WantAnyOrder(removed("Tidal team"), removed("Tidal site"),
			"system | Fulfill access package assignment request | request end of Tidal | delivering > delivered")
	})
}

// endLenasAccess ends the assignments of five days, and skips the audit records. It returns
// the removal request, which the trail calls "end of Tidal".
func (h *harness) endLenasAccess(a *storetest.AuditTrail) access.Request {
	h.t.Helper()
	h.clock.Advance(5 * day)
	h.wantHandled(1)(h.Deadlines.EndAssignments(context.Background(), h.clock.Now()))
	removal := h.openRemoval(h.Lena)
	a.Name("end of Tidal", string(removal.ID))
	a.Skip()
	return removal
}

// TestAuditOfEndWhileDelivering: the end comes before anything was delivered.
func TestAuditOfEndWhileDelivering(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, _ *connectortest.Target) {
		a := h.AuditTrail()
		end := access.Expiration{Kind: access.AfterDate, End: h.clock.Now().Add(hour).UnixMilli()}
		r := h.lenasRequest(a, access.Terms{Expiration: end})
		h.nameAssignment(a, "Tidal", r)
		h.clock.Advance(hour)
		h.wantHandled(1)(h.Deadlines.EndAssignments(context.Background(), h.clock.Now()))
		a.Name("end of Tidal", string(h.openRemoval(h.Lena).ID))
		a.Want("system | Entitlement Management creates access package assignment request for user | "+
			"request end of Tidal | > submitted",
			"system | Ready to fulfill access package assignment request | request end of Tidal | submitted > delivering",
			"system | Remove access package assignment | assignment Tidal | delivering > expired | - | end of Tidal",
			"system | Cancel access package assignment request | request Tidal | delivering > canceled | "+
				"The access ended before all of it was delivered.")
		h.wantState(r, access.Canceled)
	})
}

// TestCancelUndelivered: T-13, T-19: an administrator cancels a request that is being
// delivered, was delivered in part, or failed. What was given is taken back, and what was
// not is no longer tried.
func TestCancelUndelivered(t *testing.T) {
	t.Parallel()
	for name, undelivered := range map[string]struct {
		arrange func(h *harness, x *connectortest.Target)
		state   access.RequestState
		from    string // the state of the assignment
		effects map[connectortest.Op]int
	}{
		"delivering": {func(*harness, *connectortest.Target) {}, access.Delivering, "delivering",
			map[connectortest.Op]int{}},
		"partly delivered": {func(h *harness, x *connectortest.Target) {
			x.LoseResource(h.Site.ExternalID, true)
			h.runJobs()
		}, access.PartiallyDelivered, "partiallyDelivered",
			map[connectortest.Op]int{connectortest.Grant: 1, connectortest.Revoke: 1}},
		"failed": {func(h *harness, x *connectortest.Target) {
			h.loseAll(x, true)
			h.runJobs()
		}, access.DeliveryFailed, "deliveryFailed", map[connectortest.Op]int{}},
	} {
		t.Run(name, func(t *testing.T) {
			forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
				setUpAdministrators(h)
				a := h.AuditTrail()
				r := h.lenasRequest(a, access.Terms{})
				undelivered.arrange(h, x)
				h.wantState(r, undelivered.state)
				h.nameAssignment(a, "Tidal", r)
				h.takeMails()
				a.Skip()
				if err := h.Admin.CancelRequest(context.Background(), h.Omar, r.ID); err != nil {
					h.t.Fatal(err)
				}
				a.Want("Omar Haddad | Remove access package assignment | assignment Tidal | "+undelivered.from+
					" > expired | - | Tidal",
					"Omar Haddad | Cancel access package assignment request | request Tidal | "+string(undelivered.state)+
						" > canceled")
				h.loseAll(x, false)
				h.runJobs() // at once, not when the next try would have been due
				if held := h.holds(x); held != nil {
					h.t.Errorf("right after it was canceled: holds %v", held)
				}
				h.advance(10 * day)
				h.wantState(r, access.Canceled)
				if got := h.assignment(r).State; got != access.AssignExpired || h.holds(x) != nil {
					h.t.Errorf("the assignment is %s, holds %v", got, h.holds(x))
				}
				if d := cmp.Diff(undelivered.effects, countEffects(x)); d != "" {
					h.t.Error(d)
				}
				h.wantMails(lena + "Request canceled: Lena Berg → Tidal")
			})
		})
	}
}

// TestRoleHeldBefore: F-054: a person who had a role before the package gave it loses it
// when the assignment ends; giving the package the role assigns the package to no one.
func TestRoleHeldBefore(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		x.Drift(connectortest.Right{Person: h.Lena.ID, Resource: h.Team.ExternalID, Role: "Member"}, true)
		x.Drift(connectortest.Right{Person: h.Omar.ID, Resource: h.Team.ExternalID, Role: "Member"}, true)
		o := h.withResource(h.memberPackage("Tidal", afterDays(5)), h.Team)
		h.runJobs()
		if held, err := h.OpenAssignments(context.Background(), h.Tenant.ID, h.Lena.ID); err != nil || len(held) != 0 {
			h.t.Errorf("assigned to who holds the role: %v, %v", held, err)
		}
		r := h.submit(h.AccountOf(h.Lena), o, access.RequestForm{})
		h.runJobs()
		h.wantState(r, access.Delivered)
		if got := countEffects(x); len(got) != 0 || h.grant(h.Lena.ID, h.Team).State != access.Held {
			h.t.Errorf("given again: %v", got)
		}
		h.advance(5 * day)
		if x.Holds(h.Lena.ID, h.Team.ExternalID, "Member") {
			h.t.Error("kept after the end")
		}
		if !x.Holds(h.Omar.ID, h.Team.ExternalID, "Member") {
			h.t.Error("taken from a person who was never assigned the package")
		}
		if d := cmp.Diff(map[connectortest.Op]int{connectortest.Revoke: 1}, countEffects(x)); d != "" {
			h.t.Error(d)
		}
	})
}

// TestAuditOfGuests: F-192, F-197, F-198: invited, blocked, unblocked, blocked, deleted. The
// packages give no role, so that nothing else is delivered.
func TestAuditOfGuests(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		a := h.AuditTrail()
		h.emptyPackageStarts(a, "One", "system | Invite external user | person Mara Lind | none > active | "+
			"An access package was assigned. | One")
		h.emptyPackageEnds(a, "One", "system | Block external user | person Mara Lind | active > blocked | "+
			"The last access package ended.")
		h.emptyPackageStarts(a, "Two", "system | Unblock external user | person Mara Lind | blocked > active | "+
			"An access package was assigned again. | Two")
		h.emptyPackageEnds(a, "Two", "system | Block external user | person Mara Lind | active > blocked | "+
			"The last access package ended.")
		h.advance(30*day - time.Minute)
		a.Want()
		h.advance(time.Minute)
		a.Want("system | Delete external user | person Mara Lind | blocked > removed | " +
			"The last access package had ended, and the time to keep the account had passed.")
	})
}

// emptyPackageStarts delivers a package without roles to Mara for five days, with this
// record about her account.
func (h *harness) emptyPackageStarts(a *storetest.AuditTrail, name, account string) {
	h.t.Helper()
	o := h.partnerPackage(name)
	o.Package.Roles = nil
	h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePackage(ctx, o.Package) })
	r := h.submitTo(a, h.Mara, o, access.RequestForm{})
	h.nameAssignment(a, name, r)
	a.Skip()
	h.runJobs()
	a.WantAnyOrder(account,
		"system | Fulfill access package assignment request | request "+name+" | delivering > delivered")
}

// emptyPackageEnds ends Mara's package, with this record about her account.
func (h *harness) emptyPackageEnds(a *storetest.AuditTrail, name, account string) {
	h.t.Helper()
	h.clock.Advance(5 * day)
	h.wantHandled(1)(h.Deadlines.EndAssignments(context.Background(), h.clock.Now()))
	p, _, err := h.PersonOf(context.Background(), h.Tenant.ID, h.Mara.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	a.Name("end of "+name, string(h.openRemoval(p).ID))
	a.Skip()
	h.runJobs()
	a.WantAnyOrder(account,
		"system | Fulfill access package assignment request | request end of "+name+" | delivering > delivered")
}
