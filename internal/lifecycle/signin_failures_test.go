package lifecycle_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// A response without a valid state is answered without a write, and failed sign-ins are
// written together, however many there were. What cannot be written is kept.
func TestFailedSignInsAreWrittenTogether(t *testing.T) {
	for engine, address := range storetest.Migrated() {
		t.Run(engine, func(t *testing.T) {
			var writes atomic.Int64
			var full atomic.Bool
			c := storetest.NewClock()
			s := storetest.Open(t, address(t), c.Now, storetest.RunOnce, func(c *store.Config) {
				c.Intercept = func(query string, _ []any) error {
					if !strings.HasPrefix(query, "SELECT") {
						writes.Add(1)
						if full.Load() {
							return errors.New("no room")
						}
					}
					return nil
				}
			})
			h := newHarness(t, s, c, nil)
			ctx := t.Context()
			writes.Store(0)
			for i := range 50 {
				if _, err := h.SignIns.TakeAttempt(ctx, fmt.Sprint(i), "x"); access.KindOf(err) != access.NotFound {
					t.Fatalf("got %v", err)
				}
				h.SignIns.Failed(access.SignInFailure{Directory: h.Harbor.ID, Tenant: h.Tenant.ID,
					Reason: access.FailedResponse, Reference: fmt.Sprint(i), At: c.Now()})
			}
			if n := writes.Load(); n != 0 {
				t.Errorf("50 responses make %d writes", n)
			}
			full.Store(true)
			if n, err := h.SignIns.StoreFailures(ctx); err == nil || n != 0 {
				t.Errorf("stored %d, %v", n, err)
			}
			full.Store(false)
			h.SignIns.Failed(access.SignInFailure{Directory: h.Harbor.ID, Tenant: h.Tenant.ID,
				Reason: access.FailedResponse, Reference: "last", At: c.Now()})
			writes.Store(0)
			if n, err := h.SignIns.StoreFailures(ctx); n != 51 || err != nil {
				t.Errorf("stored %d, %v", n, err)
			}
			if n := writes.Load(); n > 15 {
				t.Errorf("51 failures make %d writes", n)
			}
			kept, err := s.LastSignInFailures(ctx, h.Tenant.ID, h.Harbor.ID)
			if err != nil || len(kept) != access.MaxSignInFailures || kept[0].Reference != "last" {
				t.Errorf("kept %+v, %v", kept, err)
			}
			if n, err := h.SignIns.StoreFailures(ctx); n != 0 || err != nil {
				t.Errorf("stored %d again, %v", n, err)
			}
		})
	}
}

// Failures that wait take a limited amount of memory.
func TestFailuresInMemoryAreLimited(t *testing.T) {
	c := storetest.NewClock()
	h := newHarness(t, storetest.New(t, c), c, nil)
	long := strings.Repeat("x", 100_000)
	for i := range 3000 {
		h.SignIns.Failed(access.SignInFailure{Directory: access.DirectoryID(fmt.Sprint(i)), Description: long})
	}
	for range 100 {
		h.SignIns.Failed(access.SignInFailure{Directory: h.Harbor.ID, Description: long})
	}
	if keys, texts := lifecycle.WaitingFailures(h.SignIns); keys != 1000 || texts > 1000*access.MaxSignInFailureLength {
		t.Errorf("%d keys with %d characters wait", keys, texts)
	}
}
