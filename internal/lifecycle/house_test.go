package lifecycle_test

import (
	"context"
	"slices"
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

// faulty runs f on each engine in a house whose target meets the faults that
// the test has written down for it.
func faulty(t *testing.T, f func(h *house, x *connectortest.Target)) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		x := connectortest.NewTarget()
		f(newHouse(t, s, c, func(connector.Connector) connector.Connector { return x }), x)
	})
}

// refusal submits a request and expects a refusal of the kind.
func (h *house) refusal(a access.Account, o access.Offer, ask access.RequestForm, want access.ErrorKind) error {
	h.t.Helper()
	_, err := h.Requests.Submit(context.Background(), h.Tenant, a, o.Package.ID, ask, "")
	if err == nil || access.KindOf(err) != want {
		h.t.Errorf("%s asks for %s: %v, want a refusal of kind %d", a.Name, o.Package.Name, err, want)
	}
	return err
}

// refused is refusal for those who need not look at it.
func (h *house) refused(a access.Account, o access.Offer, ask access.RequestForm, want access.ErrorKind) {
	h.t.Helper()
	_ = h.refusal(a, o, ask, want)
}

// decides makes the decision of by on a stage and returns what was answered.
func (h *house) decides(by access.Person, r access.Request, stage int, approve bool) error {
	return h.Requests.Decide(context.Background(), by, lifecycle.DecisionInput{Request: r.ID, Stage: stage,
		Approve: approve,
		Reason:  "known"})
}

// approves makes a decision that must be heard.
func (h *house) approves(by access.Person, r access.Request, stage int) {
	h.t.Helper()
	if err := h.decides(by, r, stage, true); err != nil {
		h.t.Fatalf("%s approves stage %d: %v", by.Name, stage, err)
	}
}

// stands fails the test unless the request is in the state.
func (h *house) stands(r access.Request, want access.RequestState) {
	h.t.Helper()
	if got := h.state(r); got != want {
		h.t.Errorf("the request is %s, want %s", got, want)
	}
}

// now is the request as stored now.
func (h *house) now(r access.Request) access.Request {
	h.t.Helper()
	got, err := h.Request(context.Background(), r.Tenant, r.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return got
}

// assignment is the one that the request brought about.
func (h *house) assignment(r access.Request) access.Assignment {
	h.t.Helper()
	x, err := h.Assignment(context.Background(), r.Tenant, h.now(r).Assignment)
	if err != nil {
		h.t.Fatal(err)
	}
	return x
}

// grant is the person's grant of the first role of the resource.
func (h *house) grant(p access.PersonID, s access.Resource) access.Grant {
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

// settings changes the tenant's settings.
func (h *house) settings(f func(s *access.Settings)) {
	h.t.Helper()
	f(&h.Tenant.Settings)
	h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveTenant(ctx, h.Tenant) })
}

// policy changes a policy of the offer.
func (h *house) policy(o access.Offer, f func(p *access.Policy)) {
	h.t.Helper()
	p := o.Policies[0]
	f(&p)
	h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SavePolicy(ctx, p) })
}

// member adds a member of the tenant.
func (h *house) member(name, address string) (p access.Person) {
	h.t.Helper()
	h.Do(func(ctx context.Context, tx *store.Tx) (err error) {
		p, err = h.NewMember(ctx, tx, name, address)
		return err
	})
	return p
}

// account adds an account of a directory.
func (h *house) account(d access.Directory, name, address string) (a access.Account) {
	h.t.Helper()
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		a = access.Account{ID: access.AccountID(tx.NewID()), Directory: d.ID, Subject: address, Name: name, Email: address}
		return tx.SaveAccount(ctx, a)
	})
	return a
}

// joins makes the person a member of the group, or takes the membership away.
func (h *house) joins(p access.Person, e access.Entry, in bool) {
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

// sent is every mail since the last call, as "address: subject", in order.
func (h *house) sent() []string {
	h.box.mu.Lock()
	defer h.box.mu.Unlock()
	var all []string
	for _, e := range h.box.got {
		all = append(all, e.To+": "+e.Message.Subject)
	}
	h.box.got = nil
	slices.Sort(all)
	return all
}

// sends fails the test unless exactly these mails were sent since the last look.
func (h *house) sends(want ...string) {
	h.t.Helper()
	slices.Sort(want)
	if d := cmp.Diff(want, h.sent()); d != "" {
		h.t.Error(d)
	}
}

// groupStage is a stage in which the members of a group decide.
func groupStage(e access.Entry) access.Stage {
	return access.Stage{Days: 7, Approvers: []access.SubjectRef{{Kind: access.SubjectGroup, ID: string(e.ID)}}}
}

// stages are terms with these stages.
func stages(all ...access.Stage) access.Terms { return access.Terms{Stages: all} }
