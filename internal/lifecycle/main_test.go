package lifecycle_test

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"sync"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/connector"
	"myaccess/internal/connector/directory"
	"myaccess/internal/jobs/jobstest"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mail"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// harness is a test tenant with the use cases over it, the built-in directory
// as the target, and a mailbox.
type harness struct {
	*storetest.World
	*lifecycle.Lifecycle
	Admin   *admin.Admin
	t       *testing.T
	clock   *storetest.Clock
	mailbox *mailbox
	logged  *logText
	targets map[access.TargetID]connector.Connector // added by addTarget
}

// mailbox is a mail.Sender that keeps what is sent.
type mailbox struct {
	mu   sync.Mutex
	got  []mail.Envelope
	fail func(mail.Envelope) error
}

func (b *mailbox) Send(_ context.Context, e mail.Envelope) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		if err := b.fail(e); err != nil {
			return err
		}
	}
	b.got = append(b.got, e)
	return nil
}

// forEachEngine runs f with a new harness on each engine.
func forEachEngine(t *testing.T, f func(h *harness)) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		h := newHarness(t, s, c, nil)
		f(h)
		h.wantPending()
	})
}

// wantPending fails the test unless the pending approvals of each person are the requests
// whose open stage the person can decide. Every test ends with it: the store keeps who can
// decide beside the request.
func (h *harness) wantPending() {
	h.t.Helper()
	ctx, t := context.Background(), h.Tenant.ID
	people, err := h.PersonList(ctx, t, store.ListQuery[store.PersonFilter]{Limit: 100})
	if err != nil {
		h.t.Fatal(err)
	}
	pending, err := h.RequestList(ctx, t, store.ListQuery[store.RequestFilter]{Limit: 100,
		Filter: store.RequestFilter{State: access.PendingApproval}})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, p := range people.Rows {
		want := map[access.RequestID]bool{}
		for _, l := range pending.Rows {
			is, err := h.IsApprover(ctx, p, l.Request.ID, l.Request.Stage)
			if err != nil {
				h.t.Fatal(err)
			}
			if is && !l.Request.IsRequestorOrTarget(p.ID) {
				want[l.Request.ID] = true
			}
		}
		n, err := h.CountPendingApprovals(ctx, p)
		got, err2 := h.PendingApprovals(ctx, p, "", 100)
		listed := map[access.RequestID]bool{}
		for _, l := range got {
			listed[l.Request.ID] = true
		}
		if err != nil || err2 != nil || n != len(want) || len(got) != n || !maps.Equal(listed, want) {
			h.t.Errorf("%s: %d pending approvals are counted and %v listed, want %v; %v, %v", p.Name, n, listed, want, err,
				err2)
		}
	}
}

// newHarness returns a harness whose connector is wrapped by wrap, unless wrap
// is nil.
func newHarness(t *testing.T, s *store.Store, c *storetest.Clock,
	wrap func(connector.Connector) connector.Connector) *harness {
	return newHarnessWithJitter(t, s, c, wrap, 0.5)
}

// newHarnessWithJitter returns a harness whose retries use jitter.
func newHarnessWithJitter(t *testing.T, s *store.Store, c *storetest.Clock,
	wrap func(connector.Connector) connector.Connector,
	jitter float64) *harness {
	h := &harness{World: storetest.NewWorld(t, s), t: t, clock: c, mailbox: &mailbox{}, logged: &logText{},
		targets: map[access.TargetID]connector.Connector{}}
	built := directory.New(s, s.Entry)
	h.Admin = admin.New(admin.Config{Store: s})
	h.Lifecycle = lifecycle.New(lifecycle.Config{
		Store: s, Sender: h.mailbox, BaseURL: "https://access.meridian.example",
		Log:    slog.New(slog.NewTextHandler(io.MultiWriter(t.Output(), h.logged), nil)),
		Jitter: func() float64 { return jitter },
		OpenConnector: connector.OpenByKind(map[string]connector.Opener{
			access.TargetBuiltIn: func(access.Target) (connector.Connector, error) {
				if wrap != nil {
					return wrap(built), nil
				}
				return built, nil
			},
			addedTarget: func(t access.Target) (connector.Connector, error) { return h.targets[t.ID], nil }}),
	})
	return h
}

// runJobs runs every job until none finds anything to do.
func (h *harness) runJobs() {
	h.t.Helper()
	for first := true; ; first = false {
		done := 0
		for _, j := range jobstest.List(h.Lifecycle) {
			if !first && j.Every >= 10*time.Minute { // those that look at everything
				continue
			}
			n, err := j.Run(context.Background(), h.clock.Now())
			if err != nil {
				h.t.Fatalf("%s: %v", j.Name, err)
			}
			done += n
		}
		if done == 0 {
			return
		}
	}
}

// advance moves the clock and runs the jobs.
func (h *harness) advance(d time.Duration) {
	h.t.Helper()
	h.clock.Advance(d)
	h.runJobs()
}

// submit submits a request that must not be refused.
func (h *harness) submit(a access.Account, o access.Offer, ask access.RequestForm) access.Request {
	h.t.Helper()
	r, err := h.Requests.Submit(context.Background(), h.Tenant, a, o.Package.ID, ask, "")
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// state returns the stored state of the request.
func (h *harness) state(r access.Request) access.RequestState {
	h.t.Helper()
	got, err := h.Request(context.Background(), r.Tenant, r.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return got.State
}

// person returns the person as stored.
func (h *harness) person(id access.PersonID) access.Person {
	h.t.Helper()
	p, err := h.Person(context.Background(), h.Tenant.ID, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// inTeam reports whether the person is a member of the team.
func (h *harness) inTeam(p access.PersonID) bool {
	h.t.Helper()
	held, err := h.IsMember(context.Background(), h.Tenant.ID,
		access.Membership{Entry: access.EntryID(h.Team.ExternalID), Role: "Member", Person: p})
	if err != nil {
		h.t.Fatal(err)
	}
	return held
}

// takeSubjectsTo returns the subjects of the mails to the address, and empties
// its mailbox.
func (h *harness) takeSubjectsTo(to string) []string {
	h.mailbox.mu.Lock()
	defer h.mailbox.mu.Unlock()
	var subjects []string
	var rest []mail.Envelope
	for _, e := range h.mailbox.got {
		if e.To == to {
			subjects = append(subjects, e.Message.Subject)
		} else {
			rest = append(rest, e)
		}
	}
	h.mailbox.got = rest
	return subjects
}
