package store_test

import (
	"context"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestPostponedItems checks that an item that failed is not listed for its job
// before its time, which follows from the number of failures in a row, and that it
// is forgotten a week after that.
func TestPostponedItems(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddPerson(ctx, access.Person{ID: "guest", Tenant: w.Tenant.ID, Directory: w.Harbor.ID,
				Kind: access.Guest, Guest: access.GuestBlocked, RemovalDue: tx.Now})
		})
		due := func() int {
			all, err := s.GuestsDue(t.Context(), c.Now(), 10)
			if err != nil {
				t.Error(err)
			}
			return len(all)
		}
		postpone := func(job store.DueJob) (failures int) {
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				return tx.PostponeJobItem(ctx, store.JobItem{Job: job, Tenant: w.Tenant.ID, ID: "guest"},
					func(n int) time.Duration {
						failures = n
						return time.Duration(n) * time.Minute
					})
			})
			return failures
		}
		if postpone(store.JobEndAssignments); due() != 1 {
			t.Error("it is not listed because it failed for another job")
		}
		for i := 1; i <= 3; i++ {
			if n := postpone(store.JobRemoveGuests); n != i {
				t.Errorf("failure %d is counted as %d", i, n)
			}
			c.Advance(time.Duration(i)*time.Minute - time.Millisecond)
			if due() != 0 {
				t.Errorf("failure %d: listed too early", i)
			}
			c.Advance(time.Millisecond)
			if due() != 1 {
				t.Errorf("failure %d: not listed in time", i)
			}
		}
		clean := func() {
			w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteExpired(ctx) })
		}
		c.Advance(7*24*time.Hour - time.Millisecond)
		clean()
		if got := len(textRows(t, s, `SELECT item_id FROM job_retry WHERE job = 'removeGuests'`)); got != 1 {
			t.Error("it is forgotten too early")
		}
		c.Advance(time.Millisecond)
		clean()
		if got := len(textRows(t, s, `SELECT item_id FROM job_retry`)); got != 0 {
			t.Errorf("%d items are not forgotten", got)
		}
	})
}
