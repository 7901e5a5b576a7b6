package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestLockExclusive checks that a second process on the same SQLite file is
// refused while the first runs. PostgreSQL allows several.
func TestLockExclusive(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			ctx, at, c := context.Background(), address(t), storetest.NewClock()
			first, err := store.Open(ctx, store.Config{Address: at, Key: []byte(strings.Repeat("k", 32)), Now: c.Now})
			if err != nil {
				t.Fatal(err)
			}
			second := storetest.Open(t, at, c.Now)
			if err := first.LockExclusive(ctx); err != nil {
				t.Fatal(err)
			}
			soon, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			if err := second.LockExclusive(soon); (access.KindOf(err) == access.Unavailable) != (engine == "sqlite") {
				t.Errorf("while the first runs: %v", err)
			}
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			if err := second.LockExclusive(ctx); err != nil {
				t.Errorf("after the first has closed: %v", err)
			}
		})
	}
}

// TestLockExclusiveFreesClaims checks that leases of a killed process are free
// at once for the next one; retries keep their time.
func TestLockExclusiveFreesClaims(t *testing.T) {
	ctx, c := context.Background(), storetest.NewClock()
	s := storetest.New(t, c)
	w := storetest.NewWorld(t, s)
	q := addPendingRequest(w)
	letter := store.Mail{Tenant: q.Tenant, Kind: "approvalAsked", Person: w.Omar.ID, Request: q.ID}
	w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.QueueMail(ctx, letter) })
	failed, ok, err := s.ClaimMail(ctx, time.Minute, "")
	if err != nil || !ok {
		t.Fatalf("no mail claimed, %v", err)
	}
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		failed.Attempts, failed.NextTry = 1, c.Now().Add(time.Hour)
		if err := tx.FinishMail(ctx, failed); err != nil {
			return err
		}
		if err := tx.QueueMail(ctx, letter); err != nil {
			return err
		}
		return tx.QueueDelivery(ctx, q.Tenant, q.Target, false)
	})
	claimed := func() (mails, deliveries int) {
		for {
			_, ok, err := s.ClaimMail(ctx, time.Minute, "")
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				break
			}
			mails++
		}
		return mails, len(claim(t, s, 9))
	}
	for range 2 {
		if m, d := claimed(); m != 1 || d != 1 {
			t.Fatalf("%d mails and %d deliveries could be claimed, want one each", m, d)
		}
		if m, d := claimed(); m != 0 || d != 0 {
			t.Fatalf("%d mails and %d deliveries could be claimed twice", m, d)
		}
		if err := s.LockExclusive(ctx); err != nil { // the process is killed, and begins again
			t.Fatal(err)
		}
	}
}
