package lifecycle_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/connector"
	"myaccess/internal/connector/connectortest"
	"myaccess/internal/deeptest"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// countAudit counts the audit records of an activity about an object.
func (h *harness) countAudit(object string, a access.Activity) (n int) {
	h.t.Helper()
	log, err := h.AuditOf(context.Background(), h.Tenant.ID, object)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range log {
		if r.Activity == a {
			n++
		}
	}
	return n
}

// TestTargetsOfOnePerson: While one target does not answer, the person gets the
// role in the other one. The request is delivered when both have answered, and
// one mail says so.
func TestTargetsOfOnePerson(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		slow := &gatedTarget{Target: connectortest.NewTarget(), resource: "group", gate: make(chan struct{})}
		quick := connectortest.NewTarget()
		o := h.withRoles(h.memberPackage("Tidal", access.Terms{}), h.addTarget("Slow", slow), h.addTarget("Quick", quick))
		stop := h.startWorkers(3)
		r := h.submit(h.AccountOf(h.Lena), o, access.RequestForm{})
		h.waitFor("the quick target", func() bool { return quick.Holds(h.Lena.ID, "group", "Member") })
		h.waitFor("the result", func() bool { return h.countAudit(string(h.Lena.ID), access.ActGrantRole) == 1 })
		h.wantState(r, access.Delivering)
		close(slow.gate)
		h.waitFor("the slow target", func() bool { return h.state(r) == access.Delivered })
		stop()
		h.runJobs()
		h.wantMails(lena + "You now have access to Tidal")
	})
}

// meeting lets the calls of two targets about the same person end at the same
// instant.
type meeting struct {
	mu      sync.Mutex
	waiting map[access.PersonID]chan struct{}
	met     atomic.Int64
}

// arrive waits for the other call about the person.
func (m *meeting) arrive(p access.PersonID) {
	m.mu.Lock()
	other, ok := m.waiting[p]
	if ok {
		delete(m.waiting, p)
		close(other)
		m.mu.Unlock()
		m.met.Add(1)
		return
	}
	other = make(chan struct{})
	m.waiting[p] = other
	m.mu.Unlock()
	select {
	case <-other:
	case <-time.After(5 * time.Second): // the other target is not called
	}
}

// meetingTarget is a target whose last call of a unit, which observes the change,
// ends together with that of another target.
type meetingTarget struct {
	*connectortest.Target
	at      *meeting
	changed sync.Map // by person
}

// Grant implements connector.Connector.
func (x *meetingTarget) Grant(ctx context.Context, c connector.Call) error {
	x.changed.Store(c.Person.ID, true)
	return x.Target.Grant(ctx, c)
}

// Revoke implements connector.Connector.
func (x *meetingTarget) Revoke(ctx context.Context, c connector.Call) error {
	x.changed.Store(c.Person.ID, true)
	return x.Target.Revoke(ctx, c)
}

// Observe implements connector.Connector.
func (x *meetingTarget) Observe(ctx context.Context, c connector.Call) (bool, error) {
	if _, ok := x.changed.LoadAndDelete(c.Person.ID); ok {
		x.at.arrive(c.Person.ID)
	}
	return x.Target.Observe(ctx, c)
}

// TestTargetsSettleTogether: The results of two targets of a person are stored at
// the same instant: the request is delivered, with one mail and one audit record;
// and so is its end.
func TestTargetsSettleTogether(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		at := &meeting{waiting: map[access.PersonID]chan struct{}{}}
		one := &meetingTarget{Target: connectortest.NewTarget(), at: at}
		two := &meetingTarget{Target: connectortest.NewTarget(), at: at}
		o := h.withRoles(h.memberPackage("Tidal", afterDays(5)), h.addTarget("One", one), h.addTarget("Two", two))
		n := deeptest.Rounds(t, 12)
		h.assignToMany(o, n)
		settle := func(subject string) {
			stop := h.startWorkers(8)
			h.waitFor("every delivery", func() bool {
				left, err := h.NextDelivery(context.Background())
				return err == nil && left.IsZero()
			})
			stop()
			if met := at.met.Swap(0); met != int64(n) {
				t.Errorf("%d of %d people were served by both targets at the same instant", met, n)
			}
			h.runJobs()
			var want []string
			for _, p := range h.holders(o) {
				want = append(want, p.Email+": "+subject)
			}
			h.wantMails(want...)
		}
		settle("You now have access to Tidal")
		h.clock.Advance(5 * day)
		for ended := 0; ended < n; {
			done, err := h.Deadlines.EndAssignments(context.Background(), h.clock.Now())
			if err != nil || done == 0 {
				t.Fatal(ended, done, err)
			}
			ended += done
		}
		settle("Your access to Tidal has ended")
		for _, p := range h.holders(o) {
			all, err := h.RequestsOf(context.Background(), p, "", 10)
			if err != nil || len(all) != 2 {
				t.Fatal(len(all), err)
			}
			for _, l := range all {
				if l.Request.State != access.Delivered || h.countAudit(string(l.Request.ID), access.ActFulfill) != 1 {
					t.Errorf("%s: %s, %d records of it", l.Request.Type, l.Request.State,
						h.countAudit(string(l.Request.ID), access.ActFulfill))
				}
			}
		}
	})
}

// holders returns the people who have or had an assignment of the package.
func (h *harness) holders(o access.Offer) (all []access.Person) {
	h.t.Helper()
	page, err := h.AssignmentList(context.Background(), h.Tenant.ID, store.ListQuery[store.AssignmentFilter]{
		Limit: 1000, Filter: store.AssignmentFilter{Package: o.Package.ID}})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, l := range page.Rows {
		all = append(all, h.person(l.Person))
	}
	return all
}

// TestGuestInTwoTargets: A guest's account comes before the roles in each target
// by itself. The guest is invited with the first account, and blocked or removed
// with the last.
func TestGuestInTwoTargets(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		good, bad := connectortest.NewTarget(), connectortest.NewTarget()
		goodGroup, badGroup := h.addTarget("Good", good), h.addTarget("Bad", bad)
		o := h.withRoles(h.partnerPackage("Tidal"), goodGroup, badGroup)
		down := func(op connectortest.Op) {
			bad.Script(op, connectortest.Fails(connector.Temporary), connectortest.Fails(connector.Temporary))
		}
		effects := func(x *connectortest.Target) (all []connectortest.Op) {
			for _, e := range x.Ledger() {
				all = append(all, e.Op)
			}
			return all
		}
		down(connectortest.EnsureAccount)
		r := h.submit(h.Mara, o, access.RequestForm{})
		h.runJobs()
		h.wantGuest(r, access.GuestActive, 0)
		h.wantState(r, access.Delivering)
		if g := h.grant(r.Target, goodGroup); g.State != access.Held {
			t.Errorf("in the good target: %+v", g)
		}
		if g := h.grant(r.Target, badGroup); g.State != access.Adding || g.LastError == "" || effects(bad) != nil {
			t.Errorf("in the bad target: %+v, %v", g, effects(bad))
		}
		h.advance(time.Minute)
		h.advance(time.Minute)
		h.wantState(r, access.Delivered)
		want := []connectortest.Op{connectortest.EnsureAccount, connectortest.Grant}
		if d := cmp.Diff(want, effects(good)) + cmp.Diff(want, effects(bad)); d != "" {
			t.Error(d)
		}
		down(connectortest.Block)
		h.advance(5 * day)
		h.wantGuest(r, access.GuestActive, 0) // not blocked everywhere
		if n := countEffects(good)[connectortest.Block]; n != 1 {
			t.Errorf("blocked %d times in the good target", n)
		}
		h.advance(time.Minute)
		h.advance(time.Minute)
		h.wantGuest(r, access.GuestBlocked, 30)
		h.advance(30 * day)
		h.wantGuest(r, access.GuestRemoved, 0)
		want = append(want, connectortest.Revoke, connectortest.Block, connectortest.RemoveAccount)
		if d := cmp.Diff(want, effects(good)) + cmp.Diff(want, effects(bad)); d != "" {
			t.Error(d)
		}
		for _, a := range []access.Activity{access.ActInvite, access.ActBlockGuest, access.ActRemoveGuest} {
			if n := h.countAudit(string(r.Target), a); n != 1 {
				t.Errorf("%d records of %s", n, a)
			}
		}
		h.wantMails(mara+"You now have access to Tidal", mara+"Your access to Tidal has ended")
	})
}

// TestEndDuringOtherDelivery: If an assignment ends while the target is called
// about another one, its removal is not reported before it has been made.
func TestEndDuringOtherDelivery(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		h.submit(h.AccountOf(h.Lena), h.withResource(h.memberPackage("One", afterDays(5)), h.Team), access.RequestForm{})
		h.runJobs()
		h.takeMails()
		x.Script(connectortest.Grant, connectortest.Fault{Effect: true, Then: func() {
			h.clock.Advance(5 * day)
			if n, err := h.Deadlines.EndAssignments(context.Background(), h.clock.Now()); n != 1 || err != nil {
				h.t.Errorf("ended: %d, %v", n, err)
			}
		}})
		h.submit(h.AccountOf(h.Lena), h.withResource(h.memberPackage("Two", access.Terms{}), h.Site), access.RequestForm{})
		h.deliverUnits(2) // the plan, and the target
		removal := mustListDue(h, func(ctx context.Context, _ time.Time, _ int) ([]access.Request, error) {
			return h.OpenRemovals(ctx, h.Lena)
		})
		if len(removal) != 1 || removal[0].State != access.Delivering || !x.Holds(h.Lena.ID, h.Team.ExternalID, "Member") {
			h.t.Fatalf("%+v", removal)
		}
		h.runJobs()
		h.wantState(removal[0], access.Delivered)
		h.wantMails(lena+"You now have access to Two", lena+"Your access to One has ended")
	})
}

// TestSilentTargetIsNotAskedTwice: Once a call has not been answered in time, the
// unit makes no other one, and says so of every role.
func TestSilentTargetIsNotAskedTwice(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		x.Script(connectortest.Observe, connectortest.Fault{Err: context.DeadlineExceeded})
		h.submit(h.AccountOf(h.Lena), h.memberPackage("Tidal", access.Terms{}), access.RequestForm{})
		h.runJobs()
		if n := x.Calls(connectortest.Observe); n != 1 {
			h.t.Errorf("%d calls", n)
		}
		for _, s := range []access.Resource{h.Team, h.Site} {
			if g := h.grant(h.Lena.ID, s); g.Attempts != 1 || g.LastError != "The target did not answer in time." {
				h.t.Errorf("%+v", g)
			}
		}
	})
}

// TestUnitFailsInside: A unit that fails in the portal itself is reported, tried
// again later and not before, and delays no other.
func TestUnitFailsInside(t *testing.T) {
	t.Parallel()
	for engine, address := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			broken, c, mine := atomic.Bool{}, storetest.NewClock(), errors.New("broken")
			s := storetest.Open(t, address(t), c.Now, func(config *store.Config) {
				config.Intercept = func(query string, _ []any) error {
					if broken.Load() && strings.Contains(query, "FROM target WHERE") {
						return mine
					}
					return nil
				}
			})
			h := newHarness(t, s, c, nil)
			r := h.submit(h.AccountOf(h.Lena), h.memberPackage("Tidal", access.Terms{}), access.RequestForm{})
			h.deliverUnits(1) // the plan
			broken.Store(true)
			unit, err := h.Delivery.Claim(t.Context())
			if unit == nil || err != nil {
				t.Fatal("nothing to do", err)
			}
			if err := unit(t.Context()); !errors.Is(err, mine) {
				t.Errorf("the unit: %v", err)
			}
			broken.Store(false)
			if unit, err := h.Delivery.Claim(t.Context()); unit != nil || err != nil {
				t.Errorf("tried again at once, %v", err)
			}
			h.advance(5 * time.Second) // before the lease would have expired
			h.wantState(r, access.Delivered)
		})
	}
}

// TestTakenOver: A worker whose lease has been taken over stops its call, and
// stores nothing.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	for engine, address := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			at := address(t)
			synctest.Test(t, func(t *testing.T) {
				c, x := storetest.NewClock(), &delayedTarget{Target: connectortest.NewTarget(), delay: never}
				h := newHarness(t, storetest.Open(t, at, c.Now), c, nil)
				r := h.submit(h.AccountOf(h.Lena), h.withRoles(h.memberPackage("Tidal", access.Terms{}), h.addTarget("Slow", x)),
					access.RequestForm{})
				h.deliverUnits(1) // the plan
				start := time.Now()
				var wait sync.WaitGroup
				wait.Go(func() { h.deliverUnits(1) })
				time.Sleep(time.Second)
				c.Advance(time.Minute) // as if the portal had been suspended
				unit, err := h.Delivery.Claim(t.Context())
				if unit == nil || err != nil {
					t.Fatal("not taken over", err)
				}
				wait.Wait()
				if took := time.Since(start); took != 5*time.Second || x.abandoned.Load() != 1 {
					t.Errorf("the call took %s", took)
				}
				grants, err := h.Grants(t.Context(), r.Tenant, r.Target)
				if err != nil || len(grants) != 1 || grants[0].Attempts != 0 {
					t.Errorf("%+v, %v", grants, err)
				}
			})
		})
	}
}
