package lifecycle_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/connector"
	"myaccess/internal/connector/connectortest"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// partnerPackage adds a package for people of Harbor Studio that lasts five
// days.
func (h *harness) partnerPackage(name string) access.Offer {
	h.t.Helper()
	return h.Package(name, h.ForPartner(afterDays(5)))
}

// wantGuest fails the test unless the request's person is a guest in the
// state, to be removed in so many days; 0 is never.
func (h *harness) wantGuest(r access.Request, want access.GuestState, days int) {
	h.t.Helper()
	p := h.person(r.Target)
	var due time.Time
	if days > 0 {
		due = h.clock.Now().AddDate(0, 0, days)
	}
	if p.Guest != want || !p.RemovalDue.Equal(due) {
		h.t.Errorf("the guest is %s, to be removed %s; want %s, %s", p.Guest, p.RemovalDue, want, due)
	}
}

// TestSilentInvitation: The account is made after the request is approved, not
// before, and before any role is given; no mail announces it (F-192, F-173).
func TestSilentInvitation(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena)))), access.RequestForm{})
		h.runJobs()
		h.wantGuest(r, access.GuestNone, 0)
		if len(x.Ledger()) != 0 {
			h.t.Errorf("before the approval: %v", x.Ledger())
		}
		h.takeMails()
		h.approve(h.Lena, r, 0)
		h.runJobs()
		h.wantGuest(r, access.GuestActive, 0)
		if p := h.person(r.Target); p.Kind != access.Guest || !p.Governed || p.InvitedBy != r.ID {
			h.t.Errorf("%+v", p)
		}
		if got := x.Ledger(); len(got) != 3 || got[0].Op != connectortest.EnsureAccount {
			h.t.Errorf("%v", got)
		}
		h.wantMails(lena+"Request approved: Mara Lind → Tidal", mara+"You now have access to Tidal")
	})
}

// TestMemberAccountsAreUntouched: Accounts of members are never made, blocked or
// removed.
func TestMemberAccountsAreUntouched(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		r := h.submit(h.AccountOf(h.Lena), h.memberPackage("Tidal", afterDays(5)), access.RequestForm{})
		h.runJobs()
		h.advance(5 * day)
		h.advance(60 * day)
		h.wantGuest(r, access.GuestNone, 0)
		if d := cmp.Diff(map[connectortest.Op]int{connectortest.Grant: 2, connectortest.Revoke: 2},
			countEffects(x)); d != "" {
			h.t.Error(d)
		}
	})
}

// TestDeniedAtInvitation: A domain that is denied after the approval is not
// invited; the request says why, and is delivered without further action when
// the list changes (F-153, F-193).
func TestDeniedAtInvitation(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena)))), access.RequestForm{})
		h.changeSettings(func(s *access.Settings) {
			s.DomainRule, s.DomainList = access.DomainsDeny, []access.Domain{"harbor.example"}
		})
		h.approve(h.Lena, r, 0)
		h.runJobs()
		h.wantState(r, access.DeliveryFailed)
		h.wantGuest(r, access.GuestNone, 0)
		if g := h.grant(r.Target, h.Team); g.LastError != "This organization doesn't accept guests from the person's "+
			"domain." ||
			!g.Stuck {
			h.t.Errorf("%+v", g)
		}
		if len(x.Ledger()) != 0 {
			h.t.Errorf("%v", x.Ledger())
		}
		h.wantMails(lena+"Request approved: Mara Lind → Tidal", mara+"Your access to Tidal couldn't be delivered yet")
		h.changeSettings(func(s *access.Settings) { s.DomainRule, s.DomainList = access.DomainsAny, nil })
		h.advance(hour)
		h.wantState(r, access.Delivered)
		h.wantGuest(r, access.GuestActive, 0)
		h.wantMails(mara + "You now have access to Tidal")
	})
}

// TestDeniedWhileActive: The list does not affect existing guests, even if they
// are blocked and unblocked (F-193).
func TestDeniedWhileActive(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, _ *connectortest.Target) {
		h.submit(h.Mara, h.partnerPackage("One"), access.RequestForm{})
		h.runJobs()
		h.advance(5 * day)
		h.changeSettings(func(s *access.Settings) {
			s.DomainRule, s.DomainList = access.DomainsDeny, []access.Domain{"harbor.example"}
		})
		r := h.submit(h.Mara, h.partnerPackage("Two"), access.RequestForm{})
		h.runJobs()
		h.wantState(r, access.Delivered)
		h.wantGuest(r, access.GuestActive, 0)
		h.advance(5 * day)
		h.advance(30 * day)
		h.wantGuest(r, access.GuestRemoved, 0)
		h.wantRefusal(h.Mara, h.partnerPackage("Three"), access.RequestForm{}, access.Forbidden) // now it is a new invitation
	})
}

// TestGuestPlanAfterLastAssignment: What happens to a guest whose last assignment ends, for each
// setting (F-197).
func TestGuestPlanAfterLastAssignment(t *testing.T) {
	t.Parallel()
	for _, rule := range []struct {
		action access.LifecycleAction
		days   int
		want   access.GuestState
		due    int
	}{
		{access.LifecycleNone, 30, access.GuestActive, 0},
		{access.LifecycleBlock, 30, access.GuestBlocked, 0},
		{access.LifecycleBlockAndDelete, 0, access.GuestRemoved, 0},
		{access.LifecycleBlockAndDelete, 7, access.GuestBlocked, 7},
	} {
		forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
			h.changeSettings(func(s *access.Settings) { s.GuestAction, s.GuestDays = rule.action, rule.days })
			r := h.submit(h.Mara, h.partnerPackage("Tidal"), access.RequestForm{})
			h.runJobs()
			h.advance(5 * day)
			h.wantGuest(r, rule.want, rule.due)
			state, err := x.ObserveAccount(context.Background(), connector.AccountCall{Person: connector.Subject{ID: r.Target}})
			if err != nil || state != rule.want {
				h.t.Errorf("%s: in the target the account is %s, %v", rule.action, state, err)
			}
		})
	}
}

// TestTwoPackages: When one of two packages ends, nothing happens to the
// account (F-197).
func TestTwoPackages(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, _ *connectortest.Target) {
		r := h.submit(h.Mara, h.partnerPackage("One"), access.RequestForm{})
		h.submit(h.Mara, h.Package("Two", h.ForPartner(afterDays(9))), access.RequestForm{})
		h.runJobs()
		h.advance(5 * day)
		h.wantGuest(r, access.GuestActive, 0)
		h.advance(4 * day)
		h.wantGuest(r, access.GuestBlocked, 30)
	})
}

// TestSettingsChangeLater: Settings that change after the last assignment has
// ended do not move, cancel or start a removal (F-199).
func TestSettingsChangeLater(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, _ *connectortest.Target) {
		ends := func(a access.Account, name string) access.Request {
			r := h.submit(a, h.partnerPackage(name), access.RequestForm{})
			h.runJobs()
			h.advance(5 * day)
			return r
		}
		scheduled := ends(h.Mara, "One") // in 30 days
		due := h.person(scheduled.Target).RemovalDue
		h.changeSettings(func(s *access.Settings) { s.GuestAction = access.LifecycleNone })
		kept := ends(h.addAccount(h.Harbor, "Noah Reef", "noah@harbor.example"), "Two")
		h.changeSettings(func(s *access.Settings) { s.GuestAction = access.LifecycleBlock })
		blocked := ends(h.addAccount(h.Harbor, "Greta Moss", "greta@harbor.example"), "Three")
		h.changeSettings(func(s *access.Settings) { s.GuestAction, s.GuestDays = access.LifecycleBlockAndDelete, 1 })
		h.advance(due.Sub(h.clock.Now()) - time.Millisecond)
		if p := h.person(scheduled.Target); p.Guest != access.GuestBlocked || !p.RemovalDue.Equal(due) {
			h.t.Errorf("before its date: %+v", p)
		}
		h.advance(time.Millisecond)
		h.wantGuest(scheduled, access.GuestRemoved, 0)
		h.wantGuest(kept, access.GuestActive, 0)
		h.wantGuest(blocked, access.GuestBlocked, 0)
	})
}

// TestAssignedBeforeRemoval: A new assignment before the removal date unblocks the
// account and cancels the removal; its end sets a new date (F-200).
func TestAssignedBeforeRemoval(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		h.submit(h.Mara, h.partnerPackage("One"), access.RequestForm{})
		h.runJobs()
		h.advance(5 * day)
		h.advance(29 * day)
		r := h.submit(h.Mara, h.partnerPackage("Two"), access.RequestForm{}) // a blocked guest may ask (F-198)
		h.runJobs()
		h.wantState(r, access.Delivered)
		h.wantGuest(r, access.GuestActive, 0)
		h.advance(2 * day) // the old date passes
		h.wantGuest(r, access.GuestActive, 0)
		h.advance(3 * day)
		h.wantGuest(r, access.GuestBlocked, 30)
		want := map[connectortest.Op]int{connectortest.Grant: 4, connectortest.Revoke: 4, connectortest.EnsureAccount: 1,
			connectortest.Block: 2, connectortest.Unblock: 1}
		if d := cmp.Diff(want, countEffects(x)); d != "" || x.Repeated() != nil {
			h.t.Error(d, x.Repeated())
		}
	})
}

// TestAssignedBeforeJobsRun: The removal date has come, and a new assignment
// too, before any job has run: the guest is not removed.
func TestAssignedBeforeJobsRun(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		h.submit(h.Mara, h.partnerPackage("One"), access.RequestForm{})
		h.runJobs()
		h.advance(5 * day)
		h.clock.Advance(31 * day)
		r := h.submit(h.Mara, h.partnerPackage("Two"), access.RequestForm{})
		h.runJobs()
		h.wantGuest(r, access.GuestActive, 0)
		if countEffects(x)[connectortest.RemoveAccount] != 0 {
			h.t.Error("removed although something is held again")
		}
	})
}

// TestInvitedAgain: A person who was removed and requests again is invited
// again.
func TestInvitedAgain(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		h.submit(h.Mara, h.partnerPackage("One"), access.RequestForm{})
		h.runJobs()
		h.advance(5 * day)
		h.advance(30 * day)
		r := h.submit(h.Mara, h.partnerPackage("Two"), access.RequestForm{})
		h.wantGuest(r, access.GuestRemoved, 0)
		h.runJobs()
		h.wantGuest(r, access.GuestActive, 0)
		if p := h.person(r.Target); p.Kind != access.Guest || p.InvitedBy != r.ID {
			h.t.Errorf("%+v", p)
		}
		if n := countEffects(x)[connectortest.EnsureAccount]; n != 2 || x.Repeated() != nil {
			h.t.Errorf("%d accounts made; twice: %v", n, x.Repeated())
		}
	})
}

// TestGuestsOfOtherOrigin: A guest who was not invited by a package keeps the
// account, under settings that remove every other guest at once (F-196).
func TestGuestsOfOtherOrigin(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		h.changeSettings(func(s *access.Settings) { s.GuestDays = 0 })
		before := access.Person{ID: "before", Tenant: h.Tenant.ID, Account: h.Mara.ID, Directory: h.Harbor.ID,
			Domain: "harbor.example",
			Kind:   access.Guest, Guest: access.GuestActive, Name: "Mara Lind", Email: h.Mara.Email}
		h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.AddPerson(ctx, before) })
		r := h.submit(h.Mara, h.partnerPackage("Tidal"), access.RequestForm{})
		h.runJobs()
		h.wantState(r, access.Delivered)
		h.advance(5 * day)
		h.advance(60 * day)
		h.wantGuest(r, access.GuestActive, 0)
		if d := cmp.Diff(map[connectortest.Op]int{connectortest.Grant: 2, connectortest.Revoke: 2},
			countEffects(x)); d != "" {
			h.t.Error(d)
		}
	})
}

// TestEmptyPackageFirst: A guest whose first package has no roles gets an
// account when a second package gives a role.
func TestEmptyPackageFirst(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		empty := h.partnerPackage("Empty")
		empty.Package.Roles = nil
		h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePackage(ctx, empty.Package) })
		h.submit(h.Mara, empty, access.RequestForm{})
		h.runJobs()
		r := h.submit(h.Mara, h.partnerPackage("Tidal"), access.RequestForm{})
		h.runJobs()
		h.wantState(r, access.Delivered)
		if got := x.Ledger(); len(got) != 3 || got[0].Op != connectortest.EnsureAccount {
			h.t.Errorf("%v", got)
		}
	})
}

// TestHistoryOfGuests: Every move of a guest is in the guest's history and in
// the audit log, with its reason.
func TestHistoryOfGuests(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		r := h.submit(h.Mara, h.partnerPackage("Tidal"), access.RequestForm{})
		h.runJobs()
		h.advance(5 * day)
		h.advance(30 * day)
		log, err := h.AuditOf(context.Background(), h.Tenant.ID, string(r.Target))
		var moves []access.Activity
		for _, a := range log {
			switch a.Activity {
			case access.ActInvite, access.ActBlockGuest, access.ActRemoveGuest:
				moves = append(moves, a.Activity)
				if a.Reason == "" || a.From == "" || a.To == "" {
					h.t.Errorf("%+v", a)
				}
			}
		}
		if d := cmp.Diff([]access.Activity{access.ActInvite, access.ActBlockGuest, access.ActRemoveGuest}, moves); d != "" ||
			err != nil {
			h.t.Error(d, err)
		}
	})
}
