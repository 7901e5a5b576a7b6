package lifecycle_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/connector"
	"myaccess/internal/connector/connectortest"
	"myaccess/internal/deeptest"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// memberPackage adds a package that members get without approval.
func (h *harness) memberPackage(name string, t access.Terms) access.Offer {
	h.t.Helper()
	return h.Package(name, access.Policy{Scope: access.ScopeMembers, Terms: t})
}

// withResource leaves only one resource in the package.
func (h *harness) withResource(o access.Offer, s access.Resource) access.Offer {
	h.t.Helper()
	o.Package.Roles = []access.ResourceRoleID{s.Roles[0].ID}
	h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePackage(ctx, o.Package) })
	return o
}

// afterDays returns terms under which access lasts n days.
func afterDays(n int) access.Terms {
	return access.Terms{Expiration: access.Expiration{Kind: access.AfterDuration, Days: n}}
}

// reprocess reprocesses a request as an administrator does.
func (h *harness) reprocess(r access.Request) error {
	return h.Delivery.Reprocess(context.Background(), h.Ida.ID, r.Tenant, r.ID)
}

// TestPartialDelivery: What could be delivered is held; what could not is
// shown and mailed with its reason. After the fault is fixed, reprocessing
// completes it at once (F-176, F-177). The expiration counts from the first
// role delivered.
func TestPartialDelivery(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		x.LoseResource(h.Site.ExternalID, true)
		r := h.submit(h.AccountOf(h.Lena), h.memberPackage("Tidal", afterDays(10)), access.RequestForm{})
		first := h.clock.Now()
		h.runJobs()
		h.wantState(r, access.PartiallyDelivered)
		if g := h.grant(h.Lena.ID, h.Site); !g.Stuck ||
			g.LastError != "The resource or its role no longer exists." || g.NextTry.IsZero() {
			h.t.Errorf("the missing one: %+v", g)
		}
		if g := h.grant(h.Lena.ID, h.Team); g.State != access.Held {
			h.t.Errorf("the other one: %+v", g)
		}
		h.wantMail(h.Lena.Email, "- Tidal site (Member)\n  The resource or its role no longer exists.",
			"- Tidal team (Member)\n  https")
		h.advance(2 * time.Second)
		h.wantMails() // one mail, however often it is retried
		x.LoseResource(h.Site.ExternalID, false)
		if err := h.reprocess(r); err != nil {
			h.t.Fatal(err)
		}
		h.wantState(r, access.Delivering)
		h.runJobs()
		h.wantState(r, access.Delivered)
		h.wantMails(lena + "You now have access to Tidal")
		if a := h.assignment(r); !a.End.Equal(first.Add(10*day)) || a.State != access.AssignDelivered {
			h.t.Errorf("%+v", a)
		}
		if g := h.grant(h.Lena.ID, h.Site); g.State != access.Held || g.LastError != "" || g.Stuck {
			h.t.Errorf("the missing one, later: %+v", g)
		}
	})
}

// TestNothingDropped: While a target is down it is retried at growing
// intervals, for hours without a mail, then with one mail to the requestor;
// after a week daily, without end (F-175).
func TestNothingDropped(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		days := deeptest.Days(t, 20)
		for range 1000 + days {
			x.Script(connectortest.Observe, connectortest.Fails(connector.Temporary))
		}
		r := h.submit(h.AccountOf(h.Lena), h.withResource(h.memberPackage("Tidal", afterDays(10)), h.Team),
			access.RequestForm{})
		tries := func(step time.Duration, steps int) int {
			before := x.Calls(connectortest.Observe)
			for range steps {
				h.advance(step)
			}
			return x.Calls(connectortest.Observe) - before
		}
		h.runJobs()
		if n := tries(10*time.Second, 6); n < 2 || n > 4 {
			h.t.Errorf("%d tries in the first minute", n)
		}
		if n := tries(time.Minute, 59); n < 4 || n > 7 {
			h.t.Errorf("%d tries in the rest of the first hour", n)
		}
		h.wantState(r, access.Delivering)
		if n := tries(time.Hour/2, 5); n < 2 || n > 6 {
			h.t.Errorf("%d tries in two and a half hours", n)
		}
		h.wantMails()
		h.advance(2 * hour)
		h.wantState(r, access.DeliveryFailed)
		h.wantMails(lena + "Your access to Tidal couldn't be delivered yet")
		if n := tries(hour, 100); n < 100-2 || n > 100 {
			h.t.Errorf("%d tries in a hundred hours", n)
		}
		tries(hour, 80)
		if n := tries(6*hour, 4*days); n < days-days/10 || n > days+1 {
			h.t.Errorf("%d tries in %d days", n, days)
		}
		h.wantMails()
		h.clearFaults(x)
		h.advance(day)
		h.wantState(r, access.Delivered)
		h.wantMails(lena + "You now have access to Tidal")
		if a := h.assignment(r); !a.End.Equal(h.clock.Now().Add(10 * day)) {
			h.t.Errorf("the ten days did not begin with the delivery: %+v", a)
		}
	})
}

// clearFaults uses up the remaining faults of the target.
func (h *harness) clearFaults(x *connectortest.Target) {
	for x.UnusedFaults() > 0 {
		_, _ = x.Observe(context.Background(), connector.Call{})
	}
}

// TestJitter: Retries are spread by jitter, so that calls that failed together
// are not retried together.
func TestJitter(t *testing.T) {
	t.Parallel()
	next := map[time.Time]bool{}
	for _, jitter := range []float64{0, 0.4, 0.8} {
		s := storetest.New(t, storetest.NewClock())
		x := connectortest.NewTarget()
		h := newHarnessWithJitter(t, s, storetest.NewClock(), func(connector.Connector) connector.Connector { return x },
			jitter)
		x.Script(connectortest.Grant, connectortest.Fails(connector.Temporary))
		h.submit(h.AccountOf(h.Lena), h.withResource(h.memberPackage("Tidal", access.Terms{}), h.Team), access.RequestForm{})
		h.runJobs()
		g := h.grant(h.Lena.ID, h.Team)
		if pause := g.NextTry.Sub(storetest.NewClock().Now()); pause < 3*time.Second || pause > 5*time.Second {
			t.Errorf("the first pause is %s", pause)
		}
		next[g.NextTry] = true
	}
	if len(next) != 3 {
		t.Errorf("three workers come back at %v", next)
	}
}

// TestRetryAfter: A target that limits the rate of calls is not called before
// the time it names.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		x.Script(connectortest.Grant, connectortest.RateLimited(40*time.Minute))
		r := h.submit(h.AccountOf(h.Lena), h.withResource(h.memberPackage("Tidal", access.Terms{}), h.Team),
			access.RequestForm{})
		h.runJobs()
		h.advance(39 * time.Minute)
		if n := x.Calls(connectortest.Grant); n != 1 {
			h.t.Errorf("called %d times before the time was over", n)
		}
		h.advance(time.Minute)
		h.wantState(r, access.Delivered)
	})
}

// TestPersonMissing: Delivery waits for a person whom the target does not know
// yet.
func TestPersonMissing(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		x.LosePerson(h.Lena.ID, true)
		r := h.submit(h.AccountOf(h.Lena), h.memberPackage("Tidal", access.Terms{}), access.RequestForm{})
		h.runJobs()
		h.advance(3 * hour)
		h.wantState(r, access.Delivering)
		x.LosePerson(h.Lena.ID, false)
		h.advance(hour)
		h.wantState(r, access.Delivered)
		h.wantMails(lena + "You now have access to Tidal")
	})
}

// TestSharedRole: Two packages give the same role: it is removed when the last
// of them has ended; a role of only one package is removed with that package
// (F-055, F-179).
func TestSharedRole(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		both := h.memberPackage("Both", afterDays(5))
		team := h.withResource(h.memberPackage("Team only", afterDays(9)), h.Team)
		h.submit(h.AccountOf(h.Lena), both, access.RequestForm{})
		h.submit(h.AccountOf(h.Lena), team, access.RequestForm{})
		h.runJobs()
		h.takeMails()
		in := func() (held []string) {
			for _, s := range []access.Resource{h.Team, h.Site} {
				if x.Holds(h.Lena.ID, s.ExternalID, "Member") {
					held = append(held, s.Name)
				}
			}
			return held
		}
		h.advance(5 * day)
		if d := cmp.Diff([]string{"Tidal team"}, in()); d != "" {
			h.t.Error(d)
		}
		h.wantMails(lena + "Your access to Both has ended")
		h.advance(4 * day)
		if got := in(); got != nil {
			h.t.Errorf("still held: %v", got)
		}
		h.wantMails(lena + "Your access to Team only has ended")
		want := map[connectortest.Op]int{connectortest.Grant: 2, connectortest.Revoke: 2}
		if d := cmp.Diff(want, countEffects(x)); d != "" {
			h.t.Error(d)
		}
	})
}

// TestHeldAgain: A role that is being removed when another package gives it
// stays; a role that was removed is given again, with a key of its own.
func TestHeldAgain(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		h.submit(h.AccountOf(h.Lena), h.memberPackage("One", afterDays(5)), access.RequestForm{})
		h.runJobs()
		x.Script(connectortest.Revoke, connectortest.Fails(connector.Temporary), connectortest.Fails(connector.Temporary))
		h.advance(5 * day) // neither role can be removed yet
		r := h.submit(h.AccountOf(h.Lena), h.memberPackage("Two", afterDays(5)), access.RequestForm{})
		h.advance(hour)
		h.wantState(r, access.Delivered)
		h.advance(5 * day)
		third := h.submit(h.AccountOf(h.Lena), h.memberPackage("Three", afterDays(5)), access.RequestForm{})
		h.runJobs()
		h.wantState(third, access.Delivered)
		if d := cmp.Diff(map[connectortest.Op]int{connectortest.Grant: 4, connectortest.Revoke: 2},
			countEffects(x)); d != "" ||
			x.Repeated() != nil {
			h.t.Error(d, x.Repeated())
		}
	})
}

// TestRemovalFails: Access that cannot be removed no longer counts, is shown
// as not removed, and the removal is retried until it succeeds.
func TestRemovalFails(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		h.submit(h.AccountOf(h.Lena), h.withResource(h.memberPackage("Tidal", afterDays(5)), h.Team), access.RequestForm{})
		h.runJobs()
		h.takeMails()
		for range 50 {
			x.Script(connectortest.Revoke, connectortest.Fails(connector.Temporary))
		}
		h.advance(5 * day)
		removal := mustListDue(h, func(ctx context.Context, _ time.Time, _ int) ([]access.Request, error) {
			return h.OpenRemovals(ctx, h.Lena)
		})[0]
		h.wantState(removal, access.Delivering)
		if err := h.reprocess(removal); access.KindOf(err) != access.Conflict {
			h.t.Errorf("reprocessed while it is under way: %v", err)
		}
		for range 6 {
			h.advance(hour)
		}
		h.wantState(removal, access.DeliveryFailed)
		if err := h.reprocess(removal); err != nil {
			h.t.Errorf("not reprocessed: %v", err)
		}
		h.wantMails() // the access has not ended yet
		for range 50 {
			h.advance(hour)
		}
		h.wantState(removal, access.Delivered)
		h.wantMails(lena + "Your access to Tidal has ended")
	})
}

// TestRemovalsFirst: For one person removals come before grants, and of many
// people those with removals are served first.
func TestRemovalsFirst(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		ending := h.withResource(h.memberPackage("Ending", afterDays(5)), h.Team)
		starting := h.withResource(h.memberPackage("Starting", access.Terms{CustomSchedule: true}), h.Site)
		crowd := h.memberPackage("Crowd", access.Terms{})
		h.submit(h.AccountOf(h.Lena), ending, access.RequestForm{})
		h.submit(h.AccountOf(h.Lena), starting, access.RequestForm{Start: h.clock.Now().Add(5 * day)})
		h.runJobs()
		for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
			h.submit(h.AccountOf(h.addMember(name, name+"@meridian.example")), crowd, access.RequestForm{})
		}
		before := len(x.Ledger())
		h.clock.Advance(5 * day) // the program was not running: everything is due at once
		ctx := context.Background()
		for _, job := range []func(context.Context, time.Time) (int, error){h.Deadlines.EndAssignments,
			h.Deadlines.StartScheduled} {
			if n, err := job(ctx, h.clock.Now()); n != 1 || err != nil {
				h.t.Fatal(n, err)
			}
		}
		h.runJobs()
		var hers []connectortest.Op
		for _, e := range x.Ledger()[before:][:2] {
			if e.Person == h.Lena.ID {
				hers = append(hers, e.Op)
			}
		}
		if d := cmp.Diff([]connectortest.Op{connectortest.Revoke, connectortest.Grant}, hers); d != "" {
			h.t.Errorf("the first two effects: %s", d)
		}
	})
}

// TestDrift: A role that was removed in the target without the portal is given
// again by reprocessing, with a key of its own and without a second mail
// (F-178).
func TestDrift(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		r := h.submit(h.AccountOf(h.Lena), h.memberPackage("Tidal", afterDays(10)), access.RequestForm{})
		h.runJobs()
		h.takeMails()
		end := h.assignment(r).End
		x.Drift(connectortest.Right{Person: h.Lena.ID, Resource: h.Team.ExternalID, Role: "Member"}, false)
		h.advance(day)
		if err := h.reprocess(r); err != nil {
			h.t.Fatal(err)
		}
		if err := h.reprocess(r); access.KindOf(err) != access.Conflict {
			h.t.Errorf("reprocessed while it is being delivered: %v", err)
		}
		h.runJobs()
		if !x.Holds(h.Lena.ID, h.Team.ExternalID, "Member") {
			h.t.Error("not put right")
		}
		h.wantState(r, access.Delivered)
		if a := h.assignment(r); a.State != access.AssignDelivered || !a.End.Equal(end) {
			h.t.Errorf("%+v", a)
		}
		if d := cmp.Diff(map[connectortest.Op]int{connectortest.Grant: 3}, countEffects(x)); d != "" || x.Repeated() != nil {
			h.t.Error(d, x.Repeated())
		}
		h.wantMails()
	})
}

// TestReprocessRefused: A request cannot be reprocessed if it was not
// approved, is being delivered (F-175), or its access has ended.
func TestReprocessRefused(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		refused := func(says string, r access.Request) {
			h.t.Helper()
			if err := h.reprocess(r); access.KindOf(err) != access.Conflict {
				h.t.Errorf("%s: %v", says, err)
			}
		}
		pending := h.submit(h.AccountOf(h.Lena), h.memberPackage("Pending", stages(storetest.Named(h.Ida))),
			access.RequestForm{})
		refused("pending", pending)
		if err := h.decide(h.Ida, pending, 0, false); err != nil {
			h.t.Fatal(err)
		}
		refused("denied", pending)
		r := h.submit(h.AccountOf(h.Lena), h.memberPackage("Tidal", afterDays(5)), access.RequestForm{})
		refused("delivering", r)
		h.runJobs()
		h.clock.Advance(5 * day)
		refused("over, before the job has come by", r)
		h.runJobs()
		refused("over", r)
	})
}

// TestEmptyPackage: A package without roles is delivered at once (F-060).
func TestEmptyPackage(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		o := h.memberPackage("Empty", afterDays(1))
		o.Package.Roles = nil
		h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePackage(ctx, o.Package) })
		r := h.submit(h.AccountOf(h.Lena), o, access.RequestForm{})
		h.runJobs()
		h.wantState(r, access.Delivered)
		h.advance(day)
		h.wantMails(lena+"You now have access to Empty", lena+"Your access to Empty has ended")
		if len(x.Ledger()) != 0 {
			h.t.Errorf("%v", x.Ledger())
		}
	})
}

// TestSlowWorker: A worker that took longer than its lease does not overwrite
// the results of the worker that took over.
func TestSlowWorker(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		x.Script(connectortest.Grant, connectortest.Fault{Effect: true, Err: connectortest.ErrCrashed, Then: func() {
			h.clock.Advance(3 * time.Minute)
			h.deliverUnits(1) // the quick worker
		}})
		r := h.submit(h.AccountOf(h.Lena), h.withResource(h.memberPackage("Tidal", access.Terms{}), h.Team),
			access.RequestForm{})
		h.runJobs()
		h.wantState(r, access.Delivered)
		if g := h.grant(h.Lena.ID, h.Team); g.State != access.Held || g.Attempts != 0 || g.LastError != "" {
			h.t.Errorf("%+v", g)
		}
		if x.Repeated() != nil || len(x.Ledger()) != 1 {
			h.t.Errorf("%v", x.Ledger())
		}
		h.wantMails(lena + "You now have access to Tidal")
	})
}

// TestEndWhileDelivering: If the end comes during a call of the target, the
// role given is removed at once.
func TestEndWhileDelivering(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		end := h.clock.Now().Add(hour)
		x.Script(connectortest.Grant, connectortest.Fault{Effect: true, Then: func() {
			h.clock.Advance(hour)
			if n, err := h.Deadlines.EndAssignments(context.Background(), h.clock.Now()); n != 1 || err != nil {
				h.t.Errorf("ended: %d, %v", n, err)
			}
		}})
		terms := access.Terms{Expiration: access.Expiration{Kind: access.AfterDate, End: end.UnixMilli()}}
		r := h.submit(h.AccountOf(h.Lena), h.withResource(h.memberPackage("Tidal", terms), h.Team), access.RequestForm{})
		h.runJobs()
		if x.Holds(h.Lena.ID, h.Team.ExternalID, "Member") {
			h.t.Error("held after its end")
		}
		if got := h.stored(r); got.State != access.Canceled || got.Note == "" {
			h.t.Errorf("%+v", got)
		}
		if d := cmp.Diff(map[connectortest.Op]int{connectortest.Grant: 1, connectortest.Revoke: 1},
			countEffects(x)); d != "" {
			h.t.Error(d)
		}
	})
}
