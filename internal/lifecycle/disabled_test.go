package lifecycle_test

import (
	"context"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/connector"
	"myaccess/internal/connector/connectortest"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

// disable disables or enables a person.
func (h *harness) disable(p access.Person, disabled bool) {
	h.t.Helper()
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		fresh, err := tx.Person(ctx, p.Tenant, p.ID)
		if err != nil {
			return err
		}
		fresh.Disabled = disabled
		return tx.UpdatePerson(ctx, fresh)
	})
}

// Disabled people lose what they hold after the tenant's period, by system requests and
// with the mails of any removal; their undecided requests are canceled. Other changes of a
// disabled person do not begin the period again (F-264).
func TestDisabledPeopleLoseAccess(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.changeSettings(func(s *access.Settings) { s.DisabledDays = 6 })
		held := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(access.Terms{})), access.RequestForm{})
		pending := h.submit(h.Mara, h.Package("Boats", h.ForPartner(stages(storetest.Named(h.Lena)))), access.RequestForm{})
		other := h.submit(h.AccountOf(h.Lena), h.memberPackage("Harbor", access.Terms{}), access.RequestForm{})
		h.runJobs()
		who := h.person(held.Target)
		h.disable(who, true)
		h.advance(3 * day)
		h.disable(h.person(held.Target), true) // saved again
		h.advance(3*day - hour)
		if x := h.assignment(held); x.State != access.AssignDelivered {
			h.t.Errorf("before the period is over the assignment is %s", x.State)
		}
		h.takeMails()

		h.advance(hour)
		if x := h.assignment(held); x.State != access.AssignExpired {
			h.t.Errorf("after it the assignment is %s", x.State)
		}
		h.wantState(pending, access.Canceled)
		if x := h.assignment(other); x.State != access.AssignDelivered {
			h.t.Errorf("somebody else's assignment is %s", x.State)
		}
		removal, err := h.RequestsOf(t.Context(), who, "", 10)
		if err != nil || removal[0].Request.Type != access.SystemRemove || removal[0].Request.Requestor != "" ||
			removal[0].Request.State != access.Delivered ||
			!strings.Contains(removal[0].Request.Justification, "Disabled for 6 or more days") {
			h.t.Errorf("the removal is %+v, %v", removal[0].Request, err)
		}
		h.wantMails(mara+"Your access to Tidal has ended", lena+"Request canceled: Mara Lind → Boats",
			mara+"Request canceled: Mara Lind → Boats")
		if n, err := h.Guests.RemoveDisabled(t.Context(), h.clock.Now()); n != 0 || err != nil {
			h.t.Errorf("once more: %d, %v", n, err)
		}
	})
}

// Who is enabled in time keeps everything, and a later disablement begins anew. A tenant
// without a period takes nothing back, however long people are disabled.
func TestEnabledInTime(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.changeSettings(func(s *access.Settings) { s.DisabledDays = 0 })
		held := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(access.Terms{})), access.RequestForm{})
		h.runJobs()
		who := h.person(held.Target)
		keeps := func(when string) {
			h.t.Helper()
			if x := h.assignment(held); x.State != access.AssignDelivered {
				h.t.Fatalf("%s: the assignment is %s", when, x.State)
			}
		}
		h.disable(who, true)
		h.advance(400 * day)
		keeps("without a period")
		h.disable(who, false)
		h.changeSettings(func(s *access.Settings) { s.DisabledDays = 10 })
		h.disable(who, true)
		h.advance(9 * day)
		h.disable(who, false)
		h.advance(30 * day)
		keeps("enabled in time")
		h.disable(who, true)
		h.advance(9 * day)
		keeps("disabled again, for nine days")
		if p := h.person(who.ID); !p.DisabledSince.Equal(h.clock.Now().Add(-9 * day)) {
			h.t.Errorf("disabled since %s", p.DisabledSince)
		}
		h.advance(day)
		if x := h.assignment(held); x.State != access.AssignExpired {
			h.t.Errorf("after ten days it is %s", x.State)
		}
	})
}

// What is due is asked again when it is done: a person who has been enabled since the list
// was read keeps everything.
func TestRemoveDisabledFromOldList(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.changeSettings(func(s *access.Settings) { s.DisabledDays = 10 })
		held := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(access.Terms{})), access.RequestForm{})
		h.runJobs()
		h.disable(h.person(held.Target), true)
		h.clock.Advance(10 * day)
		due, err := h.DisabledDue(t.Context(), h.clock.Now(), 10)
		if err != nil || len(due) != 1 {
			h.t.Fatalf("due: %+v, %v", due, err)
		}
		plan, err := h.DisabledPlan(t.Context(), h.Tenant.ID, h.clock.Now().Add(-10*day))
		if err != nil || plan != (store.DisabledPlan{People: 1, Assignments: 1}) {
			h.t.Errorf("the plan is %+v, %v", plan, err)
		}
		plan, err = h.DisabledPlan(t.Context(), h.Tenant.ID, h.clock.Now().Add(-10*day-1))
		if err != nil || plan != (store.DisabledPlan{}) {
			h.t.Errorf("the plan of a longer period is %+v, %v", plan, err)
		}
		h.disable(due[0], false)
		if _, err := h.Guests.RemoveDisabledFrom(t.Context(), due); err != nil {
			h.t.Error(err)
		}
		h.runJobs()
		if x := h.assignment(held); x.State != access.AssignDelivered {
			h.t.Errorf("the assignment is %s", x.State)
		}
	})
}

// TestDisabledPeopleGetNothing: The retries of a delivery give nothing to a person who has
// been disabled since it was approved, neither a role nor a guest's account (F-289). It is
// delivered once the person is enabled again.
func TestDisabledPeopleGetNothing(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		x.Script(connectortest.Grant, connectortest.Fails(connector.Temporary))
		x.Script(connectortest.EnsureAccount, connectortest.Fails(connector.Temporary))
		member := h.submit(h.AccountOf(h.Lena), h.withResource(h.memberPackage("Tidal", access.Terms{}), h.Team),
			access.RequestForm{})
		guest := h.submit(h.Mara, h.withResource(h.Package("Quay", h.ForPartner(access.Terms{})), h.Team),
			access.RequestForm{})
		h.runJobs()
		for _, r := range []access.Request{member, guest} {
			h.wantState(r, access.Delivering)
			h.disable(h.person(r.Target), true)
		}
		h.takeMails()
		for range 3 {
			h.advance(hour)
		}
		if got := x.Ledger(); len(got) != 0 {
			h.t.Errorf("given to disabled people: %v", got)
		}
		h.wantMails(lena+"Your access to Tidal couldn't be delivered yet",
			mara+"Your access to Quay couldn't be delivered yet") // once
		for _, what := range []string{"resource role not updated", "guest account not updated"} {
			warned := h.logged.count("level=WARN", what, "The person has been disabled.")
			if again := h.logged.count("level=INFO", what, "The person has been disabled."); warned != 1 || again != 2 {
				h.t.Errorf("%s: logged as a warning %d times, want 1, and otherwise %d times, want 2", what, warned, again)
			}
		}
		for _, r := range []access.Request{member, guest} {
			h.wantState(r, access.DeliveryFailed)
			if g := h.grant(r.Target, h.Team); !strings.HasPrefix(string(g.LastError), "The person has been disabled.") {
				h.t.Errorf("the reason is %q", g.LastError)
			}
			h.disable(h.person(r.Target), false)
		}
		h.advance(hour)
		h.wantState(member, access.Delivered)
		h.wantState(guest, access.Delivered)
		want := map[connectortest.Op]int{connectortest.Grant: 2, connectortest.EnsureAccount: 1}
		if d := cmp.Diff(want, countEffects(x)); d != "" {
			h.t.Error(d)
		}
	})
}

// TestDisabledPeopleLoseMore: Removals of a disabled person go on, and a role that the
// target gave before is recorded, so that it can be removed (F-289).
func TestDisabledPeopleLoseMore(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		leaves := h.submit(h.AccountOf(h.Ida), h.withResource(h.memberPackage("Tidal", afterDays(5)), h.Team),
			access.RequestForm{})
		h.runJobs()
		x.Script(connectortest.Revoke, connectortest.Fails(connector.Temporary))
		x.Script(connectortest.Grant, connectortest.FailsAfter())
		h.advance(5 * day)
		h.submit(h.AccountOf(h.Lena), h.withResource(h.memberPackage("Quay", access.Terms{}), h.Team), access.RequestForm{})
		h.runJobs()
		if !x.Holds(leaves.Target, h.Team.ExternalID, "Member") || !x.Holds(h.Lena.ID, h.Team.ExternalID, "Member") {
			h.t.Fatal("the target has done neither")
		}
		h.disable(h.Ida, true)
		h.disable(h.Lena, true)
		h.advance(hour)
		if x.Holds(leaves.Target, h.Team.ExternalID, "Member") {
			h.t.Error("the removal does not go on")
		}
		if g := h.grant(h.Lena.ID, h.Team); g.State != access.Held {
			h.t.Errorf("the role that was given is %s: %s", g.State, g.LastError)
		}
	})
}
