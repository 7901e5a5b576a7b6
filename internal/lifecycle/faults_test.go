package lifecycle_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/connector"
	"myaccess/internal/connector/connectortest"
	"myaccess/internal/jobs/jobstest"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// crashHarness is a harness whose jobs are killed by a fault in the middle,
// and started again.
type crashHarness struct {
	*harness
	kill context.CancelFunc
}

// advance moves the clock and runs every job until none finds anything to do,
// starting again after each kill.
func (m *crashHarness) advance(d time.Duration) {
	m.t.Helper()
	m.clock.Advance(d)
	for done := -1; done != 0; {
		done = 0
		for _, j := range jobstest.List(m.Lifecycle) {
			ctx, cancel := context.WithCancel(context.Background())
			m.kill = cancel
			n, err := j.Run(ctx, m.clock.Now())
			if err != nil && ctx.Err() == nil {
				m.t.Fatalf("%s: %v", j.Name, err)
			}
			cancel()
			done += n
		}
	}
}

// faults returns every fault that a call can meet, by name.
func (m *crashHarness) faults() map[string]connectortest.Fault {
	all := map[string]connectortest.Fault{
		"fails after the effect":      connectortest.FailsAfter(),
		"times out, was not sent":     connectortest.TimeoutBefore(),
		"times out, took effect":      connectortest.TimeoutAfter(),
		"rate limit":                  connectortest.RateLimited(20 * time.Minute),
		"crash before the effect":     {Then: func() { m.kill() }, Err: connectortest.ErrCrashed},
		"crash after the effect":      {Effect: true, Then: func() { m.kill() }, Err: connectortest.ErrCrashed},
		"answer lost in a crash":      {Effect: true, Then: func() { m.kill() }},
		"the connector panics before": {Then: func() { panic("connector") }},
		"the connector panics after":  {Effect: true, Then: func() { panic("connector") }},
	}
	for _, k := range connectortest.FaultKinds() {
		if k != connector.Unsupported { // see TestBlindTarget
			all["fails: "+string(k)] = connectortest.Fails(k)
		}
	}
	return all
}

// countEffects counts the effects by operation.
func countEffects(x *connectortest.Target) map[connectortest.Op]int {
	count := map[connectortest.Op]int{}
	for _, e := range x.Ledger() {
		count[e.Op]++
	}
	return count
}

// TestEveryFaultOfEveryCall takes a guest through the whole scenario, once for
// each fault that each call can meet: in the end everything is in its desired
// state, and no effect has happened twice (R-11, R-12, B-3, B-4). The guests of
// one call share a database; each has a target of its own.
func TestEveryFaultOfEveryCall(t *testing.T) {
	t.Parallel()
	ops := []connectortest.Op{connectortest.Grant, connectortest.Revoke, connectortest.Observe,
		connectortest.EnsureAccount, connectortest.Block, connectortest.RemoveAccount, connectortest.ObserveAccount}
	for _, op := range ops {
		t.Run(string(op), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
				var x *connectortest.Target
				h := newHarness(t, s, c, func(connector.Connector) connector.Connector { return x })
				o := h.Package("Tidal", h.ForPartner(afterDays(10)))
				for name := range (&crashHarness{}).faults() {
					t.Run(name, func(t *testing.T) {
						h.t = t
						m := &crashHarness{harness: h}
						x = connectortest.NewTarget()
						x.Script(op, m.faults()[name])
						m.runScenario(x, o)
						if x.UnusedFaults() != 0 {
							t.Error("the scenario did not meet the fault")
						}
					})
				}
			})
		})
	}
}

// runScenario lets a new guest request the package, hold it for ten days, lose
// it and be removed, and checks the target at each step.
func (m *crashHarness) runScenario(x *connectortest.Target, o access.Offer) {
	t := m.t
	t.Helper()
	guest := m.addAccount(m.Harbor, "Noah Reef", fmt.Sprintf("noah%d@harbor.example", m.clock.Now().Unix()))
	r := m.submit(guest, o, access.RequestForm{})
	for range 3 {
		m.advance(30 * time.Minute)
	}
	m.wantState(r, access.Delivered)
	for _, s := range []access.Resource{m.Team, m.Site} {
		if !x.Holds(r.Target, s.ExternalID, s.Roles[0].ExternalID) {
			t.Errorf("%s is not held", s.Name)
		}
	}
	end := m.assignment(r).End
	m.advance(end.Sub(m.clock.Now()))
	for range 3 {
		m.advance(30 * time.Minute)
	}
	p := m.person(r.Target)
	for _, s := range []access.Resource{m.Team, m.Site} {
		if x.Holds(r.Target, s.ExternalID, s.Roles[0].ExternalID) || m.grant(p.ID, s).State != access.Removed {
			t.Errorf("%s is still held", s.Name)
		}
	}
	if p.Guest != access.GuestBlocked || p.RemovalDue.Before(end.Add(30*day)) {
		t.Errorf("after the end: %+v", p)
	}
	m.advance(31 * day)
	for range 3 {
		m.advance(30 * time.Minute)
	}
	if got := m.person(p.ID).Guest; got != access.GuestRemoved {
		t.Errorf("after the configured days: %s", got)
	}
	want := map[connectortest.Op]int{connectortest.Grant: 2, connectortest.Revoke: 2, connectortest.EnsureAccount: 1,
		connectortest.Block: 1, connectortest.RemoveAccount: 1}
	if d := cmp.Diff(want, countEffects(x)); d != "" || x.Repeated() != nil {
		t.Errorf("effects: %s; twice: %v", d, x.Repeated())
	}
	m.wantMailsOnce(p)
}

// wantMailsOnce fails the test unless the person got the mails of the scenario,
// each once.
func (m *crashHarness) wantMailsOnce(p access.Person) {
	m.t.Helper()
	count := map[string]int{}
	for _, s := range m.takeMails() {
		count[s]++
	}
	for _, subject := range []string{"You now have access to Tidal", "Your access to Tidal has ended"} {
		if count[p.Email+": "+subject] != 1 {
			m.t.Errorf("mails: %v", count)
		}
	}
}

// unobservable is a target that does not support observing.
type unobservable struct{ *connectortest.Target }

func (unobservable) Observe(context.Context, connector.Call) (bool, error) {
	return false, &connector.Error{Kind: connector.Unsupported, Reason: "This target cannot be asked."}
}

// TestBlindTarget: For a target that does not support observing, a successful
// call counts as done, and a call with unknown outcome is repeated.
func TestBlindTarget(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		x := connectortest.NewTarget()
		h := newHarness(t, s, c, func(connector.Connector) connector.Connector { return unobservable{x} })
		x.Script(connectortest.Grant, connectortest.TimeoutAfter())
		r := h.submit(h.AccountOf(h.Lena), h.Package("Tidal", access.Policy{Scope: access.ScopeMembers}),
			access.RequestForm{})
		h.runJobs()
		h.wantState(r, access.Delivering)
		h.advance(time.Minute)
		h.wantState(r, access.Delivered)
		if d := cmp.Diff(map[connectortest.Op]int{connectortest.Grant: 2}, countEffects(x)); d != "" {
			t.Error(d)
		}
	})
}

// TestTargetDropsChanges: A change that the target accepts but does not make is not
// recorded as done.
func TestTargetDropsChanges(t *testing.T) {
	t.Parallel()
	forEachEngineWithTarget(t, func(h *harness, x *connectortest.Target) {
		x.Script(connectortest.Grant, connectortest.Fault{}, connectortest.Fault{})
		r := h.submit(h.AccountOf(h.Lena), h.Package("Tidal", access.Policy{Scope: access.ScopeMembers}),
			access.RequestForm{})
		h.runJobs()
		h.wantState(r, access.Delivering)
		if g := h.grant(h.Lena.ID, h.Team); g.State != access.Adding || g.LastError == "" {
			h.t.Errorf("%+v", g)
		}
		h.advance(time.Minute)
		h.wantState(r, access.Delivered)
	})
}
