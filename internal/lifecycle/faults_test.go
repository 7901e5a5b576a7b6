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

// mortal is a house whose program a fault may kill in the middle of a job; it is
// started again after that.
type mortal struct {
	*house
	die context.CancelFunc
}

// later moves the clock and runs every job until none finds anything to do, as
// often as the program dies.
func (m *mortal) later(d time.Duration) {
	m.t.Helper()
	m.clock.Advance(d)
	for done := -1; done != 0; {
		done = 0
		for _, j := range jobstest.List(m.Lifecycle) {
			ctx, cancel := context.WithCancel(context.Background())
			m.die = cancel
			n, err := j.Run(ctx, m.clock.Now())
			if err != nil && ctx.Err() == nil {
				m.t.Fatalf("%s: %v", j.Name, err)
			}
			cancel()
			done += n
		}
	}
}

// faults is the list of what may happen to a call.
func (m *mortal) faults() map[string]connectortest.Fault {
	all := map[string]connectortest.Fault{
		"fails after the effect":      connectortest.FailsAfter(),
		"times out, was not sent":     connectortest.TimeoutBefore(),
		"times out, took effect":      connectortest.TimeoutAfter(),
		"rate limit":                  connectortest.RateLimited(20 * time.Minute),
		"crash before the effect":     {Then: func() { m.die() }, Err: connectortest.ErrCrashed},
		"crash after the effect":      {Effect: true, Then: func() { m.die() }, Err: connectortest.ErrCrashed},
		"answer lost in a crash":      {Effect: true, Then: func() { m.die() }},
		"the connector panics before": {Then: func() { panic("connector") }},
		"the connector panics after":  {Effect: true, Then: func() { panic("connector") }},
	}
	for _, k := range connector.FaultKinds() {
		if k != connector.Unsupported { // a target that cannot be looked at at all: TestBlindTarget
			all["fails: "+string(k)] = connectortest.Fails(k)
		}
	}
	return all
}

// ledger counts the effects by operation.
func ledger(x *connectortest.Target) map[connectortest.Op]int {
	count := map[connectortest.Op]int{}
	for _, e := range x.Ledger() {
		count[e.Op]++
	}
	return count
}

// TestEveryFaultOfEveryCall takes a guest through the whole story, once for each
// fault that each call can meet: in the end everything is as it should be, and no
// effect has come about twice (R-11, R-12, B-3, B-4).
func TestEveryFaultOfEveryCall(t *testing.T) {
	ops := []connectortest.Op{connectortest.Grant, connectortest.Revoke, connectortest.Observe,
		connectortest.EnsureAccount,
		connectortest.Block, connectortest.RemoveAccount, connectortest.ObserveAccount}
	for _, op := range ops {
		for name := range (&mortal{}).faults() {
			t.Run(fmt.Sprintf("%s %s", op, name), func(t *testing.T) {
				t.Parallel()
				faulty(t, func(h *house, x *connectortest.Target) {
					m := &mortal{house: h}
					x.Script(op, m.faults()[name])
					m.wholeStory(x)
					if x.UnusedFaults() != 0 {
						h.t.Error("the story met no fault")
					}
				})
			})
		}
	}
}

// wholeStory lets Mara ask, hold the access for ten days, lose it, and be
// removed, and looks at the target at each turn.
func (m *mortal) wholeStory(x *connectortest.Target) {
	t := m.t
	t.Helper()
	p := m.ForPartner(access.Terms{Expiration: access.Expiration{Kind: access.AfterDuration, Days: 10}})
	r := m.ask(m.Mara, m.Package("Tidal", p), access.RequestForm{})
	for range 3 {
		m.later(30 * time.Minute)
	}
	m.stands(r, access.Delivered)
	for _, s := range []access.Resource{m.Team, m.Site} {
		if !x.Holds(r.Target, s.ExternalID, s.Roles[0].ExternalID) {
			t.Errorf("%s is not held", s.Name)
		}
	}
	end := m.assignment(r).End
	m.later(end.Sub(m.clock.Now()))
	for range 3 {
		m.later(30 * time.Minute)
	}
	mara := m.person(r.Target)
	for _, s := range []access.Resource{m.Team, m.Site} {
		if x.Holds(r.Target, s.ExternalID, s.Roles[0].ExternalID) || m.grant(mara.ID, s).State != access.Removed {
			t.Errorf("%s is still held", s.Name)
		}
	}
	if mara.Guest != access.GuestBlocked || mara.RemovalDue.Before(end.Add(30*day)) {
		t.Errorf("after the end: %+v", mara)
	}
	m.later(31 * day)
	for range 3 {
		m.later(30 * time.Minute)
	}
	if got := m.person(mara.ID).Guest; got != access.GuestRemoved {
		t.Errorf("after the configured days: %s", got)
	}
	want := map[connectortest.Op]int{connectortest.Grant: 2, connectortest.Revoke: 2, connectortest.EnsureAccount: 1,
		connectortest.Block: 1, connectortest.RemoveAccount: 1}
	if d := cmp.Diff(want, ledger(x)); d != "" || x.Repeated() != nil {
		t.Errorf("effects: %s; twice: %v", d, x.Repeated())
	}
	m.mailsOnce(r)
}

// mailsOnce fails the test unless the two messages of a silent fault were sent,
// each once.
func (m *mortal) mailsOnce(r access.Request) {
	m.t.Helper()
	count := map[string]int{}
	for _, s := range m.sent() {
		count[s]++
	}
	for _, want := range []string{mara + "You now have access to Tidal", mara + "Access has ended for Tidal"} {
		if count[want] != 1 {
			m.t.Errorf("mails: %v", count)
		}
	}
}

// blind is a target that cannot be looked at.
type blind struct{ *connectortest.Target }

func (blind) Observe(context.Context, connector.Call) (bool, error) {
	return false, &connector.Error{Kind: connector.Unsupported, Reason: "This target cannot be asked."}
}

// TestBlindTarget: what cannot be looked at is trusted; a call whose outcome is
// not known is made again.
func TestBlindTarget(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		x := connectortest.NewTarget()
		h := newHouse(t, s, c, func(connector.Connector) connector.Connector { return blind{x} })
		x.Script(connectortest.Grant, connectortest.TimeoutAfter())
		r := h.ask(h.AccountOf(h.Lena), h.Package("Tidal", access.Policy{Scope: access.ScopeMembers}), access.RequestForm{})
		h.work()
		h.stands(r, access.Delivering)
		h.later(time.Minute)
		h.stands(r, access.Delivered)
		if d := cmp.Diff(map[connectortest.Op]int{connectortest.Grant: 2}, ledger(x)); d != "" {
			t.Error(d)
		}
	})
}

// TestTargetLies: a target that says yes and does nothing is not believed.
func TestTargetLies(t *testing.T) {
	faulty(t, func(h *house, x *connectortest.Target) {
		x.Script(connectortest.Grant, connectortest.Fault{}, connectortest.Fault{})
		r := h.ask(h.AccountOf(h.Lena), h.Package("Tidal", access.Policy{Scope: access.ScopeMembers}), access.RequestForm{})
		h.work()
		h.stands(r, access.Delivering)
		if g := h.grant(h.Lena.ID, h.Team); g.State != access.Adding || g.LastError == "" {
			h.t.Errorf("%+v", g)
		}
		h.later(time.Minute)
		h.stands(r, access.Delivered)
	})
}
