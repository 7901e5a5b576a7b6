package store_test

import (
	"context"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestReleaseAfterQueuedAgain checks that a delivery queued again while a
// worker has the lease is kept after its release: it is due at once, as a
// removal if it was one.
func TestReleaseAfterQueuedAgain(t *testing.T) {
	tests := map[string]struct {
		asked bool      // something new while the person is served
		next  time.Time // when the worker wants to come again
		due   time.Duration
		left  bool
	}{
		"done":                   {left: false},
		"done, but asked again":  {asked: true, left: true},
		"to be tried again":      {next: storetest.NewClock().Now().Add(time.Hour), due: time.Hour, left: true},
		"to be tried, but asked": {asked: true, next: storetest.NewClock().Now().Add(time.Hour), left: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
				ctx, w := context.Background(), storetest.NewWorld(t, s)
				queue := func(removal bool) {
					w.Do(func(ctx context.Context, tx *store.Tx) error {
						return tx.QueueDelivery(ctx, w.Tenant.ID, w.Lena.ID, removal)
					})
				}
				queue(false)
				claims := claim(t, s, 4)
				if len(claims) != 1 {
					t.Fatalf("%d claims", len(claims))
				}
				if tt.asked {
					queue(true)
				}
				w.Do(func(ctx context.Context, tx *store.Tx) error {
					return tx.ReleaseLease(ctx, claims[0], store.Delivery{NextTry: tt.next})
				})
				if tt.due > 0 {
					if early := claim(t, s, 4); len(early) != 0 {
						t.Fatalf("%d claims before the time", len(early))
					}
					c.Advance(tt.due)
				}
				if again := claim(t, s, 4); (len(again) == 1) != tt.left {
					t.Fatalf("%d claims", len(again))
				}
				// the first worker is too late to write anything down
				err := s.Write(ctx, func(tx *store.Tx) error { return tx.CheckLease(ctx, claims[0]) })
				if err == nil || access.KindOf(err) != access.Conflict {
					t.Errorf("the released lease is still valid: %v", err)
				}
			})
		})
	}
}
