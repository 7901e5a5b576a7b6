package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// failures are n failed sign-ins at the directory, numbered from first.
func failures(w *storetest.World, dir access.DirectoryID, r access.SignInReason, first, n int) store.SignInFailures {
	f := store.SignInFailures{SignInFailureKey: store.SignInFailureKey{Directory: dir, Tenant: w.Tenant.ID, Reason: r},
		N: int64(n)}
	for i := range n {
		f.Last = append(f.Last, access.SignInFailure{Reference: fmt.Sprint(first + i), Account: "mara", Code: "c",
			Description: strings.Repeat("<x>\x00\xff", 1000), Detail: "d", At: w.Store.Now()})
	}
	return f
}

// TestSignInFailures checks that of each reason the last failed sign-ins are kept, whatever
// fails for other reasons, that all are counted, and how long.
func TestSignInFailures(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		ctx, w := t.Context(), storetest.NewWorld(t, s)
		add := func(all ...store.SignInFailures) {
			w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.AddSignInFailures(ctx, all...) })
		}
		read := func(since time.Time) (kept, counted string) {
			t.Helper()
			last, err := s.LastSignInFailures(ctx, w.Tenant.ID, w.Harbor.ID)
			counts, countErr := s.CountSignInFailures(ctx, w.Tenant.ID, w.Harbor.ID, since)
			if err != nil || countErr != nil {
				t.Fatal(err, countErr)
			}
			for _, f := range last {
				kept += string(f.Reason[0]) + f.Reference + " "
				if len([]rune(f.Description)) > access.MaxSignInFailureLength || f.Code != "c" || f.Detail != "d" ||
					f.Account != "mara" || f.Directory != w.Harbor.ID || f.Tenant != w.Tenant.ID || f.At.IsZero() {
					t.Errorf("kept %+v", f)
				}
			}
			return strings.TrimSpace(kept), fmt.Sprint(counts)
		}
		add(failures(w, w.Harbor.ID, access.FailedToken, 0, 3), failures(w, w.Other.ID, access.FailedToken, 50, 3))
		for i := range 5 {
			c.Advance(time.Second)
			add(failures(w, w.Harbor.ID, access.FailedResponse, 10*i, 5))
		}
		const others = "r44 r43 r42 r41 r40 r34 r33 r32 r31 r30"
		if kept, counted := read(c.Now()); kept != others+" t2 t1 t0" || counted != "map[response:25 token:3]" {
			t.Errorf("kept %s, counted %s", kept, counted)
		}
		c.Advance(24 * time.Hour)
		add(failures(w, w.Harbor.ID, access.FailedToken, 7, 1), failures(w, "019cafe0-0000-7000-8000-00000000000f",
			access.FailedToken, 0, 1))
		if _, counted := read(c.Now()); counted != "map[token:1]" {
			t.Errorf("counted since today: %s", counted)
		}
		if _, counted := read(c.Now().Add(-24 * time.Hour)); counted != "map[response:25 token:4]" {
			t.Errorf("counted since yesterday: %s", counted)
		}
		c.Advance(access.SignInFailureLifetime - 24*time.Hour)
		w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteExpired(ctx) })
		if kept, counted := read(time.Unix(0, 0)); kept != "t7" || counted != "map[token:1]" {
			t.Errorf("after 30 days kept %s, counted %s", kept, counted)
		}
	})
}

// TestFailuresOfADeletedDirectory checks that a directory can be deleted whose sign-ins
// have failed.
func TestFailuresOfADeletedDirectory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		d := access.Directory{Owner: w.Tenant.ID, Kind: access.DirectoryPasscode, Name: "Quay", AuthStyle: access.AuthNone,
			HintStyle: access.HintNone, Domains: []access.Domain{"quay.example"}, Enabled: true}
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			d.ID = access.DirectoryID(tx.NewID())
			return tx.SaveDirectory(ctx, d, access.VerifiedByMail)
		})
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddSignInFailures(ctx, failures(w, d.ID, access.FailedAdmission, 0, 2))
		})
		w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteDirectory(ctx, d) })
		if left, err := s.LastSignInFailures(t.Context(), w.Tenant.ID, d.ID); len(left) > 0 || err != nil {
			t.Errorf("left %v, %v", left, err)
		}
	})
}
