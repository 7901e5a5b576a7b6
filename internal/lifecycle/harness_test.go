package lifecycle_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/connector"
	"myaccess/internal/connector/connectortest"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

const (
	hour = time.Hour
	day  = 24 * hour
)

// forEachEngineWithTarget runs f on each engine with a new harness and a
// target whose faults the test scripts.
func forEachEngineWithTarget(t *testing.T, f func(h *harness, x *connectortest.Target)) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		x := connectortest.NewTarget()
		h := newHarness(t, s, c, func(connector.Connector) connector.Connector { return x })
		f(h, x)
		h.wantPending()
	})
}

// deliverUnits does the n units of delivery that are due next.
func (h *harness) deliverUnits(n int) {
	h.t.Helper()
	for i := range n {
		unit, err := h.Delivery.Claim(context.Background())
		if unit == nil || err != nil {
			h.t.Errorf("%d of %d units are due, %v", i, n, err)
			return
		}
		if err := unit(context.Background()); err != nil {
			h.t.Error(err)
		}
	}
}

// startWorkers starts n workers of delivery and returns the function that stops
// them, which the end of the test calls too.
func (h *harness) startWorkers(n int) (stop func()) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	for range n {
		wait.Go(func() {
			for ctx.Err() == nil {
				unit, err := h.Delivery.Claim(ctx)
				if err == nil && unit != nil {
					err = unit(ctx)
				} else {
					time.Sleep(time.Millisecond)
				}
				if err != nil && ctx.Err() == nil {
					h.t.Error(err)
				}
			}
		})
	}
	stop = func() {
		cancel()
		wait.Wait()
	}
	h.t.Cleanup(stop)
	return stop
}

// waitFor fails the test unless done becomes true within ten seconds.
func (h *harness) waitFor(what string, done func() bool) {
	h.t.Helper()
	for end := time.After(10 * time.Second); !done(); {
		select {
		case <-end:
			h.t.Fatalf("waited in vain for %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// refusal submits a request that must be refused with the kind, and returns
// the error.
func (h *harness) refusal(a access.Account, o access.Offer, ask access.RequestForm, want access.ErrorKind) error {
	h.t.Helper()
	_, err := h.Requests.Submit(context.Background(), h.Tenant, a, o.Package.ID, ask, "")
	if err == nil || access.KindOf(err) != want {
		h.t.Errorf("%s asks for %s: %v, want a refusal of kind %d", a.Name, o.Package.Name, err, want)
	}
	return err
}

// wantRefusal submits a request that must be refused with the kind.
func (h *harness) wantRefusal(a access.Account, o access.Offer, ask access.RequestForm, want access.ErrorKind) {
	h.t.Helper()
	_ = h.refusal(a, o, ask, want)
}

// decide makes the decision of by on a stage and returns the result.
func (h *harness) decide(by access.Person, r access.Request, stage int, approve bool) error {
	return h.Requests.Decide(context.Background(), by, lifecycle.DecisionInput{Request: r.ID, Stage: stage,
		Approve: approve,
		Reason:  "known"})
}

// approve approves a stage, which must not be refused.
func (h *harness) approve(by access.Person, r access.Request, stage int) {
	h.t.Helper()
	if err := h.decide(by, r, stage, true); err != nil {
		h.t.Fatalf("%s approves stage %d: %v", by.Name, stage, err)
	}
}

// wantState fails the test unless the request has the state.
func (h *harness) wantState(r access.Request, want access.RequestState) {
	h.t.Helper()
	if got := h.state(r); got != want {
		h.t.Errorf("the request is %s, want %s", got, want)
	}
}

// stored returns the request as stored.
func (h *harness) stored(r access.Request) access.Request {
	h.t.Helper()
	got, err := h.Request(context.Background(), r.Tenant, r.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return got
}

// assignment returns the assignment made for the request.
func (h *harness) assignment(r access.Request) access.Assignment {
	h.t.Helper()
	x, err := h.Assignment(context.Background(), r.Tenant, h.stored(r).Assignment)
	if err != nil {
		h.t.Fatal(err)
	}
	return x
}

// grant returns the person's grant of the first role of the resource.
func (h *harness) grant(p access.PersonID, s access.Resource) access.Grant {
	h.t.Helper()
	grants, err := h.Grants(context.Background(), h.Tenant.ID, p)
	for _, g := range grants {
		if g.Role == s.Roles[0].ID {
			return g
		}
	}
	h.t.Fatalf("no grant of %s: %v", s.Name, err)
	return access.Grant{}
}

// changeSettings changes the tenant's settings.
func (h *harness) changeSettings(f func(s *access.Settings)) {
	h.t.Helper()
	f(&h.Tenant.Settings)
	h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveTenant(ctx, h.Tenant) })
}

// changePolicy changes the first policy of the offer.
func (h *harness) changePolicy(o access.Offer, f func(p *access.Policy)) {
	h.t.Helper()
	p := o.Policies[0]
	f(&p)
	h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePolicy(ctx, p) })
}

// addMember adds a member of the tenant.
func (h *harness) addMember(name, address string) (p access.Person) {
	h.t.Helper()
	h.Do(func(ctx context.Context, tx *store.Tx) (err error) {
		p, err = h.NewMember(ctx, tx, name, address)
		return err
	})
	return p
}

// addAccount adds an account of a directory.
func (h *harness) addAccount(d access.Directory, name, address string) (a access.Account) {
	h.t.Helper()
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		a = access.Account{ID: access.AccountID(tx.NewID()), Directory: d.ID, Subject: address, Name: name, Email: address}
		return tx.SaveAccount(ctx, a)
	})
	return a
}

// setInGroup adds the person to the group, or removes the person from it.
func (h *harness) setInGroup(p access.Person, e access.Entry, in bool) {
	h.t.Helper()
	m := access.Membership{Entry: e.ID, Role: store.GroupMember, Person: p.ID}
	h.Do(func(ctx context.Context, tx *store.Tx) (err error) {
		if in {
			_, err = tx.AddMember(ctx, h.Tenant.ID, m)
		} else {
			_, err = tx.RemoveMember(ctx, h.Tenant.ID, m)
		}
		return err
	})
}

// takeMails returns the mails since the last call as "address: subject",
// sorted.
func (h *harness) takeMails() []string {
	h.mailbox.mu.Lock()
	defer h.mailbox.mu.Unlock()
	var all []string
	for _, e := range h.mailbox.got {
		all = append(all, e.To+": "+e.Message.Subject)
	}
	h.mailbox.got = nil
	slices.Sort(all)
	return all
}

// wantMails fails the test unless exactly these mails were sent since the last
// call of takeMails.
func (h *harness) wantMails(want ...string) {
	h.t.Helper()
	slices.Sort(want)
	if d := cmp.Diff(want, h.takeMails()); d != "" {
		h.t.Error(d)
	}
}

// groupStage returns a stage in which the members of a group decide.
func groupStage(e access.Entry) access.Stage {
	return access.Stage{Days: 7, Approvers: []access.SubjectRef{{Kind: access.SubjectGroup, ID: string(e.ID)}}}
}

// stages returns terms with these stages.
func stages(all ...access.Stage) access.Terms { return access.Terms{Stages: all} }
