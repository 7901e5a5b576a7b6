package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// poison makes every write of the items with the ids fail, as if they were broken
// in the database, and counts the attempts.
type poison struct {
	mu  sync.Mutex
	ids map[string]int // 1 more than the number of attempts
	err error          // nil for an error without a kind
}

func (p *poison) intercept(query string, args []any) error {
	query = strings.TrimSpace(query)
	if strings.HasPrefix(query, "SELECT") || strings.HasPrefix(query, "WITH") || strings.Contains(query, "job_retry") {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range args {
		if id := fmt.Sprint(a); p.ids[id] > 0 {
			p.ids[id]++
			if p.err != nil {
				return p.err
			}
			return errors.New("poisoned item")
		}
	}
	return nil
}

// set poisons the ids.
func (p *poison) set(ids []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ids = map[string]int{}
	for _, id := range ids {
		p.ids[id] = 1
	}
}

// attempts returns the number of attempts for each id that were made since set.
func (p *poison) attempts() map[int]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	count := map[int]int{}
	for _, n := range p.ids {
		count[n-1]++
	}
	return count
}

// dueCase is a job with a way to make n items for it that are due one second
// after the other. list returns the ids of the items that are due.
type dueCase struct {
	prepare func(h *harness, n int)
	list    func(h *harness) []string
	run     func(h *harness) (int, error)
}

// ids returns the ids of what a query of the store lists now.
func ids[T any](h *harness, list func(context.Context, time.Time, int) ([]T, error), id func(T) string) (all []string) {
	h.t.Helper()
	due, err := list(context.Background(), h.clock.Now(), 100)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, x := range due {
		all = append(all, id(x))
	}
	return all
}

func requestID(r access.Request) string { return string(r.ID) }

// submitMany submits n requests of different guests, a second after each other.
func (h *harness) submitMany(n int, terms access.Terms, form func(later time.Duration) access.RequestForm) {
	h.t.Helper()
	o := h.Package("Tidal", h.ForPartner(terms))
	for i := range n {
		guest := h.addAccount(h.Harbor, "Noah Reef", fmt.Sprintf("noah%d@harbor.example", i))
		h.submit(guest, o, form(time.Duration(i)*time.Second))
		h.clock.Advance(time.Second)
	}
}

// addBlockedGuests adds n guests who are due to be removed in a day.
func (h *harness) addBlockedGuests(n int) {
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		for i := range n {
			err := tx.AddPerson(ctx, access.Person{ID: access.PersonID(tx.NewID()), Tenant: h.Tenant.ID,
				Directory: h.Harbor.ID, Domain: "harbor.example", Kind: access.Guest, Guest: access.GuestBlocked,
				Governed: true, Name: "Noah Reef", RemovalDue: tx.Now.Add(day + time.Duration(i)*time.Second)})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func dueCases() map[string]dueCase {
	none := func(time.Duration) access.RequestForm { return access.RequestForm{} }
	return map[string]dueCase{
		"end assignments": {
			func(h *harness, n int) {
				end := h.clock.Now().Add(30 * day)
				h.submitMany(n, access.Terms{CustomSchedule: true, Expiration: access.Expiration{Kind: access.NoExpiration}},
					func(later time.Duration) access.RequestForm { return access.RequestForm{End: end.Add(later)} })
				h.runJobs()
				h.clock.Advance(31 * day)
			},
			func(h *harness) []string {
				return ids(h, h.EndingAssignments, func(x access.Assignment) string { return string(x.ID) })
			},
			func(h *harness) (int, error) { return h.Deadlines.EndAssignments(context.Background(), h.clock.Now()) },
		},
		"expire requests": {
			func(h *harness, n int) {
				h.submitMany(n, stages(storetest.Named(h.Lena)), none)
				h.clock.Advance(8 * day)
			},
			func(h *harness) []string { return ids(h, h.DueRequests, requestID) },
			func(h *harness) (int, error) { return h.Deadlines.ExpireRequests(context.Background(), h.clock.Now()) },
		},
		"remind approvers": {
			func(h *harness, n int) {
				h.submitMany(n, stages(storetest.Named(h.Lena)), none)
				h.clock.Advance(4 * day)
			},
			func(h *harness) []string { return ids(h, h.RemindableRequests, requestID) },
			func(h *harness) (int, error) { return h.Deadlines.RemindApprovers(context.Background(), h.clock.Now()) },
		},
		"start scheduled requests": {
			func(h *harness, n int) {
				start := h.clock.Now().Add(30 * day)
				h.submitMany(n, access.Terms{CustomSchedule: true, Expiration: access.Expiration{Kind: access.NoExpiration}},
					func(later time.Duration) access.RequestForm { return access.RequestForm{Start: start.Add(later)} })
				h.clock.Advance(31 * day)
			},
			func(h *harness) []string { return ids(h, h.StartingRequests, requestID) },
			func(h *harness) (int, error) { return h.Deadlines.StartScheduled(context.Background(), h.clock.Now()) },
		},
		"roll out packages": {
			func(h *harness, n int) {
				for i := range n {
					o := h.memberPackage(fmt.Sprintf("Tidal %d", i), access.Terms{})
					h.Do(func(ctx context.Context, tx *store.Tx) error {
						return tx.AddRollout(ctx, store.Rollout{Tenant: h.Tenant.ID, ID: tx.NewID(), Package: o.Package.ID, Total: 1})
					})
					h.clock.Advance(time.Second)
				}
			},
			func(h *harness) []string {
				return ids(h, h.OpenRollouts, func(l store.Rollout) string { return l.ID })
			},
			func(h *harness) (int, error) { return h.Rollouts.Run(context.Background(), h.clock.Now()) },
		},
		"remove guests": {
			func(h *harness, n int) {
				h.addBlockedGuests(n)
				h.clock.Advance(2 * day)
			},
			func(h *harness) []string {
				return ids(h, h.GuestsDue, func(p access.Person) string { return string(p.ID) })
			},
			func(h *harness) (int, error) { return h.Guests.RemoveDue(context.Background(), h.clock.Now()) },
		},
	}
}

// TestFailingItemsDelayNoOthers: Of 60 due items, the 50 that are due first fail
// whenever they are handled. The other ten are handled in the same run. The 50
// are tried again later, less and less often, and handled once they can be.
func TestFailingItemsDelayNoOthers(t *testing.T) {
	t.Parallel()
	for name, job := range dueCases() {
		for engine, address := range storetest.Migrated() {
			t.Run(name+"/"+engine, func(t *testing.T) {
				t.Parallel()
				p, c := &poison{}, storetest.NewClock()
				s := storetest.Open(t, address(t), c.Now, storetest.RunOnce,
					func(c *store.Config) { c.Intercept = p.intercept })
				checkFailingItems(newHarness(t, s, c, nil), p, job)
			})
		}
	}
}

func checkFailingItems(h *harness, p *poison, job dueCase) {
	job.prepare(h, 60)
	due := job.list(h)
	if len(due) != 60 {
		h.t.Fatalf("%d items are due", len(due))
	}
	p.set(due[:50])
	want := func(when string, handled, attempts int) {
		h.t.Helper()
		if n, err := job.run(h); n != handled || (err == nil) != (attempts == 0 || handled == 50) {
			h.t.Errorf("%s: %d items handled, want %d; %v", when, n, handled, err)
		}
		if got := p.attempts(); got[attempts] != 50 && handled != 50 {
			h.t.Errorf("%s: number of items by attempts so far: %v, want 50 with %d", when, got, attempts)
		}
		if left := job.list(h); len(left) != 0 {
			h.t.Errorf("%s: %d items are due at once", when, len(left))
		}
	}
	want("first run", 10, 1)
	p.set(due[:50])
	want("at once", 0, 0)
	h.clock.Advance(5 * time.Second)
	want("after 5 seconds", 0, 1)
	p.set(due[:50])
	h.clock.Advance(5 * time.Second)
	want("5 seconds later", 0, 0)
	h.clock.Advance(5 * time.Second)
	want("10 seconds later", 0, 1)
	p.set(nil)
	h.clock.Advance(time.Minute)
	want("repaired", 50, 0)
}

// TestConflictingItemsDelayNoOthers: Items that meet a Conflict whenever they are
// handled, although nobody else handles them, delay no others either. It is not
// reported as a failure.
func TestConflictingItemsDelayNoOthers(t *testing.T) {
	t.Parallel()
	for engine, address := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			p, c := &poison{err: access.Refuse(access.Conflict, "This has changed.")}, storetest.NewClock()
			s := storetest.Open(t, address(t), c.Now, storetest.RunOnce,
				func(c *store.Config) { c.Intercept = p.intercept })
			h, job := newHarness(t, s, c, nil), dueCases()["remove guests"]
			job.prepare(h, 60)
			p.set(job.list(h)[:50])
			h.wantHandled(10)(job.run(h))
			if left := job.list(h); len(left) != 0 {
				t.Errorf("%d items are due at once", len(left))
			}
		})
	}
}

// TestItemsWithoutEffectDelayNoOthers: Items that are listed again although handling them
// has succeeded are postponed as items that fail, and the run goes on with the others.
func TestItemsWithoutEffectDelayNoOthers(t *testing.T) {
	t.Parallel()
	for engine, address := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			c := storetest.NewClock()
			checkWithoutEffect(t, newHarness(t, storetest.Open(t, address(t), c.Now, storetest.RunOnce), c, nil))
		})
	}
}

func checkWithoutEffect(t *testing.T, h *harness) {
	h.addBlockedGuests(60)
	h.clock.Advance(2 * day)
	list := dueCases()["remove guests"].list
	first, calls := list(h)[:50], map[string]int{}
	run := func() (int, error) {
		return h.Guests.RemoveDueBy(t.Context(), h.clock.Now(), func(ctx context.Context, tx *store.Tx,
			p access.Person) error {
			if calls[string(p.ID)]++; slices.Contains(first, string(p.ID)) {
				return nil
			}
			return tx.QueueDelivery(ctx, p.Tenant, p.ID, true)
		})
	}
	want := func(when string, handled, each int) {
		t.Helper()
		if n, err := run(); n != handled || err == nil || !strings.Contains(err.Error(), "still due") {
			t.Errorf("%s: %d handled, want %d; %v", when, n, handled, err)
		}
		for _, id := range first {
			if calls[id] != each {
				t.Fatalf("%s: handled %d times, want %d", when, calls[id], each)
			}
		}
	}
	want("first run", 10, 1)
	h.wantHandled(0)(run())
	h.clock.Advance(5 * time.Second)
	want("after 5 seconds", 0, 2)
	h.clock.Advance(5 * time.Second)
	h.wantHandled(0)(run())
	h.clock.Advance(5 * time.Second)
	want("10 seconds later", 0, 3)
}

// TestDueRunStops: A run ends, with an error, if items can be neither handled nor
// postponed.
func TestDueRunStops(t *testing.T) {
	t.Parallel()
	for engine, address := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			c, down := storetest.NewClock(), false
			s := storetest.Open(t, address(t), c.Now, storetest.RunOnce, func(c *store.Config) {
				c.Intercept = func(query string, _ []any) error {
					if down && !strings.HasPrefix(strings.TrimSpace(query), "SELECT") {
						return errors.New("no database")
					}
					return nil
				}
			})
			h := newHarness(t, s, c, nil)
			h.addBlockedGuests(60)
			h.clock.Advance(2 * day)
			down = true
			if n, err := h.Guests.RemoveDue(t.Context(), h.clock.Now()); n != 0 || err == nil {
				t.Errorf("%d handled, %v", n, err)
			}
			down = false
			h.wantHandled(60)(h.Guests.RemoveDue(t.Context(), h.clock.Now()))
		})
	}
}
