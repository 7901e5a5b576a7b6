package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// queue queues the delivery for n people and returns them.
func queue(w *storetest.World, n int, removal bool) (people []access.PersonID) {
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		for i := range n {
			p := access.Person{ID: access.PersonID(fmt.Sprintf("%v%03d", removal, i)), Tenant: w.Tenant.ID,
				Directory: w.Tenant.Directory,
				Kind:      access.Member, Guest: access.GuestNone, Name: "Sam"}
			people = append(people, p.ID)
			if err := tx.AddPerson(ctx, p); err != nil {
				return err
			}
			if err := tx.QueueDelivery(ctx, w.Tenant.ID, p.ID, removal); err != nil {
				return err
			}
		}
		return nil
	})
	return people
}

// claim claims up to limit deliveries for two minutes.
func claim(t *testing.T, s *store.Store, limit int) (claims []store.DeliveryLease) {
	t.Helper()
	for range limit {
		l, ok, err := s.LeaseDelivery(t.Context(), 2*time.Minute, 100)
		if err != nil {
			t.Error(err)
		}
		if !ok {
			return claims
		}
		claims = append(claims, l)
	}
	return claims
}

// write runs f in a transaction and returns its error.
func write(s *store.Store, f func(ctx context.Context, tx *store.Tx) error) error {
	ctx := context.Background()
	return s.Write(ctx, func(tx *store.Tx) error { return f(ctx, tx) })
}

// release ends a claim; the delivery is due again at next, if that is not zero.
func release(s *store.Store, c store.DeliveryLease, next time.Time) error {
	return write(s, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.CheckLease(ctx, c); err != nil {
			return err
		}
		return tx.ReleaseLease(ctx, c, store.Delivery{NextTry: next})
	})
}

// TestLease checks that a claimed delivery cannot be claimed again until its
// lease ends; then it can, and the previous holder cannot write any more.
func TestLease(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		queue(storetest.NewWorld(t, s), 1, false)
		old := claim(t, s, 10)
		if len(old) != 1 {
			t.Fatal(old)
		}
		c.Advance(2*time.Minute - time.Millisecond)
		if got := claim(t, s, 10); len(got) != 0 {
			t.Errorf("claimed twice: %v", got)
		}
		c.Advance(time.Millisecond)
		fresh := claim(t, s, 10)
		if len(fresh) != 1 {
			t.Fatal("a delivery with an ended lease cannot be claimed")
		}
		if err := release(s, old[0], time.Time{}); access.KindOf(err) != access.Conflict {
			t.Errorf("the old holder: %v", err)
		}
		if err := write(s, func(ctx context.Context, tx *store.Tx) error {
			return tx.ReleaseLease(ctx, old[0], store.Delivery{})
		}); access.KindOf(err) != access.Conflict {
			t.Errorf("the old holder, without asking: %v", err)
		}
		if err := release(s, fresh[0], time.Time{}); err != nil {
			t.Error(err)
		}
		c.Advance(time.Hour)
		if got := claim(t, s, 10); len(got) != 0 {
			t.Errorf("done with, and claimed: %v", got)
		}
	})
}

// TestQueuedWhileClaimed checks that a delivery queued while a worker has the
// lease is neither lost nor postponed when the worker releases it.
func TestQueuedWhileClaimed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		person := queue(w, 1, false)[0]
		for _, next := range []time.Time{{}, c.Now().Add(time.Hour)} {
			claims := claim(t, s, 1)
			if len(claims) != 1 {
				t.Fatal("nothing to claim")
			}
			w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.QueueDelivery(ctx, w.Tenant.ID, person, true) })
			if got := claim(t, s, 1); len(got) != 0 {
				t.Errorf("queueing again ended the lease: %v", got)
			}
			if err := release(s, claims[0], next); err != nil {
				t.Error(err)
			}
		}
		if got := claim(t, s, 1); len(got) != 1 {
			t.Error("the newly queued delivery was lost or postponed")
		}
	})
}

// TestRetryTime checks that a delivery is retried at its next time and counts
// its failures until it is queued anew.
func TestRetryTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		person := queue(w, 1, false)[0]
		for i := range 3 {
			claims := claim(t, s, 1)
			if len(claims) != 1 || claims[0].Attempts != i {
				t.Fatalf("try %d: %+v", i, claims)
			}
			if err := release(s, claims[0], c.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			c.Advance(time.Hour - time.Millisecond)
			if got := claim(t, s, 1); len(got) != 0 {
				t.Errorf("try %d: too early", i)
			}
			if next, err := s.NextDelivery(t.Context()); !next.Equal(c.Now().Add(time.Millisecond)) || err != nil {
				t.Errorf("try %d: next %s, %v", i, next, err)
			}
			c.Advance(time.Millisecond)
		}
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.QueueDelivery(ctx, w.Tenant.ID, person, false)
		})
		if claims := claim(t, s, 1); len(claims) != 1 || claims[0].Attempts != 0 {
			t.Errorf("%+v", claims)
		}
	})
}

// TestRemovalsFirst checks that removals are claimed first, however long the
// others have waited.
func TestRemovalsFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		queue(w, 3, false)
		c.Advance(time.Minute)
		removals := queue(w, 2, true)
		got := claim(t, s, 3)
		if len(got) != 3 || got[0].Person != removals[0] && got[0].Person != removals[1] || got[1].Person != removals[0] &&
			got[1].Person != removals[1] {
			t.Errorf("%+v", got)
		}
	})
}

// TestConcurrentClaims checks that eight workers claim each of eighty
// deliveries once.
func TestConcurrentClaims(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		queue(w, 60, false)
		queue(w, 20, true)
		var mu sync.Mutex
		served := map[access.PersonID]int{}
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				for claims := claim(t, s, 3); len(claims) > 0; claims = claim(t, s, 3) {
					for _, c := range claims {
						mu.Lock()
						served[c.Person]++
						mu.Unlock()
						if err := release(s, c, time.Time{}); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wait.Wait()
		for p, n := range served {
			if n != 1 {
				t.Errorf("%s was served %d times", p, n)
			}
		}
		if len(served) != 80 {
			t.Errorf("%d were served", len(served))
		}
	})
}
