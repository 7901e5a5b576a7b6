package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/deeptest"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

var errMine = errors.New("mine")

// draft is a transaction that adds a draft and ends as told.
func draft(ctx context.Context, key string, end error) func(*store.Tx) error {
	return func(tx *store.Tx) error { return errors.Join(tx.AddDraft(ctx, access.FormDraft{Key: key}), end) }
}

// kept reports whether the draft is there.
func kept(t *testing.T, s *store.Store, key string) bool {
	t.Helper()
	_, err := s.Draft(t.Context(), key)
	if err != nil && access.KindOf(err) != access.NotFound {
		t.Fatal(err)
	}
	return err == nil
}

// inOneRound runs the transactions one after the other, so that each waits while
// the one before runs, and returns what became of them.
func inOneRound(ctx context.Context, s *store.Store, all ...func(*store.Tx) error) []error {
	errs := make([]error, len(all))
	var wait sync.WaitGroup
	var begin func(i int)
	begin = func(i int) {
		begun := false
		wait.Go(func() {
			errs[i] = s.Write(ctx, func(tx *store.Tx) error {
				if i+1 < len(all) && !begun {
					begun = true
					begin(i + 1)
					time.Sleep(20 * time.Millisecond)
				}
				return all[i](tx)
			})
		})
	}
	begin(0)
	wait.Wait()
	return errs
}

// TestRound: of transactions that share a commit each is kept or undone by
// itself.
func TestRound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		for round := range 8 { // each of three fails or not
			want, all := make([]error, 3), make([]func(*store.Tx) error, 3)
			for i := range all {
				if round&(1<<i) != 0 {
					want[i] = errMine
				}
				all[i] = draft(ctx, fmt.Sprintf("%d %d", round, i), want[i])
			}
			for i, err := range inOneRound(ctx, s, all...) {
				if !errors.Is(err, want[i]) || kept(t, s, fmt.Sprintf("%d %d", round, i)) != (want[i] == nil) {
					t.Errorf("round %03b: transaction %d: %v", round, i, err)
				}
			}
		}
	})
}

// TestRoundSeesItself: a transaction sees what those before it in its round have
// written, so that the second of two alike is refused.
func TestRoundSeesItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		errs := inOneRound(t.Context(), s, draft(t.Context(), "same", nil), draft(t.Context(), "same", nil),
			draft(t.Context(), "other", nil))
		if won := access.KindOf(errs[0]) == access.Conflict != (access.KindOf(errs[1]) == access.Conflict); !won ||
			errs[2] != nil {
			t.Errorf("%v", errs)
		}
		if !kept(t, s, "same") || !kept(t, s, "other") {
			t.Error("lost")
		}
	})
}

// TestRoundUndone: where one transaction has the engine undo everything, the
// others of its round are run again.
func TestRoundUndone(t *testing.T) {
	ctx := t.Context()
	s := storetest.Open(t, filepath.Join(t.TempDir(), "test.db"), storetest.NewClock().Now, storetest.RunOnce)
	ran := map[string]int{}
	add := func(key string) func(*store.Tx) error {
		return func(tx *store.Tx) error {
			ran[key]++
			return tx.AddDraft(ctx, access.FormDraft{Key: key})
		}
	}
	for round := range 3 {
		before, after := fmt.Sprint("before ", round), fmt.Sprint("after ", round)
		errs := inOneRound(ctx, s, add(before), func(tx *store.Tx) error {
			return errors.Join(store.Raw(ctx, tx, `ROLLBACK`), errMine)
		}, add(after))
		if errs[0] != nil || !errors.Is(errs[1], errMine) || errs[2] != nil {
			t.Errorf("%v", errs)
		}
		if !kept(t, s, before) || !kept(t, s, after) || ran[before] != 2 {
			t.Errorf("kept %v and %v; run %v", kept(t, s, before), kept(t, s, after), ran)
		}
	}
}

// TestRoundsOfMany: whatever others do, what was acknowledged is there and
// nothing else is.
func TestRoundsOfMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		var wait sync.WaitGroup
		var mu sync.Mutex
		acknowledged := map[string]bool{}
		for n := range 12 {
			wait.Go(func() {
				for i := range deeptest.Rounds(t, 25) {
					key, how := fmt.Sprint(n, " ", i), (n+i)%4
					ctx, cancel := context.WithCancel(t.Context())
					err := errMine
					func() {
						defer func() { _ = recover() }()
						err = s.Write(ctx, func(tx *store.Tx) error {
							err := tx.AddDraft(ctx, access.FormDraft{Key: key})
							switch how {
							case 1:
								return errMine
							case 2:
								panic("poison")
							case 3:
								cancel()
								_, err = tx.Draft(ctx, key)
							}
							return err
						})
					}()
					cancel()
					mu.Lock()
					acknowledged[key] = err == nil
					mu.Unlock()
					if (err == nil) != (how == 0) {
						t.Errorf("%s: %v", key, err)
					}
				}
			})
		}
		wait.Wait()
		for key, want := range acknowledged {
			if kept(t, s, key) != want {
				t.Errorf("%s: acknowledged %v, kept %v", key, want, !want)
			}
		}
	})
}
