package lifecycle_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/connector"
	"myaccess/internal/connector/connectortest"
	"myaccess/internal/deeptest"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// addedTarget is the kind of the targets that addTarget adds.
const addedTarget = "added"

// addTarget adds a target with one group, which has the roles Member and Owner.
func (h *harness) addTarget(name string, x connector.Connector) (r access.Resource) {
	h.t.Helper()
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		target := access.Target{ID: access.TargetID(tx.NewID()), Tenant: h.Tenant.ID, Name: name, Kind: addedTarget}
		r = access.Resource{ID: access.ResourceID(tx.NewID()), Tenant: h.Tenant.ID, Target: target.ID,
			Kind: access.KindGroup, ExternalID: "group", Name: name + " group"}
		for _, role := range []string{"Member", "Owner"} {
			r.Roles = append(r.Roles, access.ResourceRole{ID: access.ResourceRoleID(tx.NewID()), Resource: r.ID, Name: role,
				ExternalID: role})
		}
		if err := tx.SaveTarget(ctx, target); err != nil {
			return err
		}
		if err := tx.SaveResource(ctx, r); err != nil {
			return err
		}
		_, err := tx.AddCatalogResource(ctx, h.Tenant.ID, h.Catalog.ID, r.ID)
		return err
	})
	h.targets[r.Target] = x
	return r
}

// withRoles lets the package give the first role of each resource.
func (h *harness) withRoles(o access.Offer, all ...access.Resource) access.Offer {
	h.t.Helper()
	o.Package.Roles = nil
	for _, r := range all {
		o.Package.Roles = append(o.Package.Roles, r.Roles[0].ID)
	}
	h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePackage(ctx, o.Package) })
	return o
}

// assignToMany assigns the package to n new people, whose delivery begins.
func (h *harness) assignToMany(o access.Offer, n int) {
	h.t.Helper()
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		for i := range n {
			p, err := h.NewMember(ctx, tx, fmt.Sprintf("Holder %03d", i), fmt.Sprintf("holder%d@meridian.example", i))
			if err != nil {
				return err
			}
			r := access.Request{ID: access.RequestID(tx.NewID()), Tenant: p.Tenant, Type: access.UserAdd,
				State: access.Submitted, Package: o.Package.ID, Policy: o.Policies[0].ID, Requestor: p.ID, Target: p.ID,
				Created: tx.Now, Terms: o.Policies[0].Terms}
			x := access.Assignment{ID: access.AssignmentID(tx.NewID()), Tenant: p.Tenant, Package: o.Package.ID,
				Policy: r.Policy, Person: p.ID, Request: r.ID, State: access.AssignDelivering, Start: tx.Now}
			if err := tx.AddRequest(ctx, r, ""); err != nil {
				return err
			}
			if err := tx.AddAssignment(ctx, x); err != nil {
				return err
			}
			r.Assignment = x.ID
			if err := tx.MoveRequest(ctx, r, access.Delivering, "", ""); err != nil {
				return err
			}
			if err := tx.QueueDelivery(ctx, p.Tenant, p.ID, false); err != nil {
				return err
			}
		}
		return nil
	})
}

// delayedTarget is a target whose calls take a time. It counts them.
type delayedTarget struct {
	*connectortest.Target
	delay     time.Duration
	held      atomic.Int64 // answers that a role is held
	calls     atomic.Int64
	inCall    atomic.Int64
	most      atomic.Int64 // calls at the same time
	longest   atomic.Int64 // call, in nanoseconds
	abandoned atomic.Int64 // calls that were ended by their context
}

func (x *delayedTarget) call(ctx context.Context, do func() error) error {
	start := time.Now()
	x.calls.Add(1)
	raise(&x.most, x.inCall.Add(1))
	defer x.inCall.Add(-1)
	answer := time.NewTimer(x.delay)
	defer answer.Stop()
	select {
	case <-answer.C:
		return do()
	case <-ctx.Done():
		x.abandoned.Add(1)
		raise(&x.longest, int64(time.Since(start)))
		return ctx.Err()
	}
}

// raise sets a to n unless it is greater.
func raise(a *atomic.Int64, n int64) {
	for old := a.Load(); n > old && !a.CompareAndSwap(old, n); old = a.Load() {
	}
}

// Observe implements connector.Connector.
func (x *delayedTarget) Observe(ctx context.Context, c connector.Call) (held bool, err error) {
	err = x.call(ctx, func() error {
		if held, err = x.Target.Observe(ctx, c); held {
			x.held.Add(1)
		}
		return err
	})
	return held, err
}

// Grant implements connector.Connector.
func (x *delayedTarget) Grant(ctx context.Context, c connector.Call) error {
	return x.call(ctx, func() error { return x.Target.Grant(ctx, c) })
}

// TestSlowTargetsDelayNobody: The same people get a role in three targets. One
// target answers each call after 20 seconds, one never. The third is served as
// fast as without the other two, and the slow one at the rate that its answers
// allow; the calls that are never answered end after their time limit. Time is
// virtual: a call of the third target takes 50 ms, and a role takes three calls,
// for four people at a time.
func TestSlowTargetsDelayNobody(t *testing.T) {
	t.Parallel()
	for engine, address := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			people := deeptest.People(t, map[string]int{"sqlite": 60, "postgres": 20}[engine])
			alone := deliverBesideSlowTargets(t, address(t), people, false)
			beside := deliverBesideSlowTargets(t, address(t), people, true)
			if full := time.Duration(people/4) * 150 * time.Millisecond; alone < full || alone > full*11/10 {
				t.Errorf("%d roles take %s alone, want about %s", people, alone, full)
			}
			if beside > alone*11/10 {
				t.Errorf("%d roles take %s alone, and %s beside slow targets", people, alone, beside)
			}
		})
	}
}

// deliverBesideSlowTargets delivers roles in a quick target to so many people,
// with slow also in a target that answers late and in one that never does. It
// returns how long the quick target took.
func deliverBesideSlowTargets(t *testing.T, address string, people int, slow bool) (took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, storetest.Open(t, address, time.Now, storetest.RunOnce), nil, nil)
		targets := map[string]*delayedTarget{}
		add := func(name string, delay time.Duration) access.Resource {
			targets[name] = &delayedTarget{Target: connectortest.NewTarget(), delay: delay}
			return h.addTarget(name, targets[name])
		}
		roles := []access.Resource{add("quick", 50*time.Millisecond)}
		if slow {
			roles = append(roles, add("slow", 20*time.Second), add("silent", never))
		}
		h.assignToMany(h.withRoles(h.memberPackage("Tidal", access.Terms{}), roles...), people)
		start := time.Now()
		stop := startJob(t, h.Lifecycle, "deliver")
		for targets["quick"].held.Load() < int64(people) && time.Since(start) < time.Hour {
			time.Sleep(10 * time.Millisecond)
		}
		took = time.Since(start)
		t.Logf("slow targets %v: %d people served in %s, %.1f per second", slow, people, took,
			float64(people)/took.Seconds())
		if slow {
			time.Sleep(time.Duration(people/4)*time.Minute + 90*time.Second - took)
			if n, calls := targets["slow"].held.Load(), targets["slow"].calls.Load(); n != int64(people) || calls != 3*n {
				t.Errorf("%d of %d people were served in the slow target, by %d calls", n, people, calls)
			}
			x := targets["silent"]
			if n := x.abandoned.Load(); n < int64(people) || time.Duration(x.longest.Load()) != 30*time.Second {
				t.Errorf("%d calls were given up, the longest after %s; want 30 seconds", n, time.Duration(x.longest.Load()))
			}
		}
		stop()
		for name, x := range targets {
			if n := x.most.Load(); n != 4 {
				t.Errorf("%d calls of %s at the same time, want 4", n, name)
			}
		}
	})
	return took
}
