package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

var errMine = errors.New("mine")

// draft returns a transaction that adds a draft and returns the given error.
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

// inOneBatch runs the transactions so that they share a batch, in order, and
// returns their errors.
func inOneBatch(ctx context.Context, s *store.Store, all ...func(*store.Tx) error) []error {
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
