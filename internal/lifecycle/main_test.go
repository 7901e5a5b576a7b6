package lifecycle_test

import (
	"context"
	"log/slog"
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

// house is a world with the use cases over it, the built-in directory as the
// target, and a box that all mails land in.
type house struct {
	*storetest.World
	*lifecycle.Lifecycle
	Admin *admin.Admin
	t     *testing.T
	clock *storetest.Clock
	box   *box
}

// box collects messages.
type box struct {
	mu   sync.Mutex
	got  []mail.Envelope
	fail func(mail.Envelope) error
}

func (b *box) Send(_ context.Context, e mail.Envelope) error {
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

// each runs f in a fresh house on each engine.
func each(t *testing.T, f func(h *house)) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		f(newHouse(t, s, c, nil))
	})
}

// newHouse is a house whose target is wrapped by wrap, if there is one.
func newHouse(t *testing.T, s *store.Store, c *storetest.Clock,
	wrap func(connector.Connector) connector.Connector) *house {
	return newHouseWith(t, s, c, wrap, 0.5)
}

// newHouseWith is a house whose retries are spread by jitter.
func newHouseWith(t *testing.T, s *store.Store, c *storetest.Clock, wrap func(connector.Connector) connector.Connector,
	jitter float64) *house {
	h := &house{World: storetest.NewWorld(t, s), t: t, clock: c, box: &box{}}
	built := directory.New(s, s.Entry)
	h.Admin = admin.New(admin.Config{Store: s})
	h.Lifecycle = lifecycle.New(lifecycle.Config{
		Store: s, Sender: h.box, BaseURL: "https://access.meridian.example",
		Log:    slog.New(slog.NewTextHandler(t.Output(), nil)),
		Jitter: func() float64 { return jitter },
		OpenConnector: connector.OpenByKind(map[string]connector.Opener{
			access.TargetBuiltIn: func(access.Target) (connector.Connector, error) {
				if wrap != nil {
					return wrap(built), nil
				}
				return built, nil
			}}),
	})
	return h
}

// work runs every job until none finds anything to do.
func (h *house) work() {
	h.t.Helper()
	for {
		done := 0
		for _, j := range jobstest.List(h.Lifecycle) {
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

// later moves the clock and lets the jobs run.
func (h *house) later(d time.Duration) {
	h.t.Helper()
	h.clock.Advance(d)
	h.work()
}

// ask submits a request and expects no refusal.
func (h *house) ask(a access.Account, o access.Offer, ask access.RequestForm) access.Request {
	h.t.Helper()
	r, err := h.Requests.Submit(context.Background(), h.Tenant, a, o.Package.ID, ask, "")
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// state is where the request stands now.
func (h *house) state(r access.Request) access.RequestState {
	h.t.Helper()
	got, err := h.Request(context.Background(), r.Tenant, r.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return got.State
}

// person is the person as stored now.
func (h *house) person(id access.PersonID) access.Person {
	h.t.Helper()
	p, err := h.Person(context.Background(), h.Tenant.ID, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// holds reports whether the person is in the team.
func (h *house) holds(p access.PersonID) bool {
	h.t.Helper()
	held, err := h.IsMember(context.Background(), h.Tenant.ID,
		access.Membership{Entry: access.EntryID(h.Team.ExternalID), Role: "Member", Person: p})
	if err != nil {
		h.t.Fatal(err)
	}
	return held
}

// mails are the subjects of what was sent to the address since the last call.
func (h *house) mails(to string) []string {
	h.box.mu.Lock()
	defer h.box.mu.Unlock()
	var subjects []string
	var rest []mail.Envelope
	for _, e := range h.box.got {
		if e.To == to {
			subjects = append(subjects, e.Message.Subject)
		} else {
			rest = append(rest, e)
		}
	}
	h.box.got = rest
	return subjects
}
