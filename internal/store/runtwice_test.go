package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestRunTwice checks that a transaction that behaves differently in its second
// run fails with an error that shows both runs, and is rolled back.
func TestRunTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		add := func(tx *store.Tx, key string) error { return tx.AddDraft(ctx, access.FormDraft{Key: key}) }
		count := 0
		for name, test := range map[string]struct {
			f    func(tx *store.Tx) error
			want []string
		}{
			"counts in a message": {
				func(*store.Tx) error {
					count++
					return fmt.Errorf("attempt %d", count)
				},
				[]string{"first run ended with", "attempt 1", "second with", "attempt 2"}},
			"succeeds only the first time": {
				func(tx *store.Tx) error {
					if count++; count > 1 {
						return access.Missing()
					}
					return add(tx, "lost")
				},
				[]string{"first run ended with success", "an error of kind 3"}},
			"another kind of the same message": {
				func(*store.Tx) error {
					if count++; count > 1 {
						return access.Refuse(access.Forbidden, "no")
					}
					return access.Refuse(access.Conflict, "no")
				},
				[]string{"an error of kind 4: no", "an error of kind 2: no"}},
			"writes more the second time": {
				func(tx *store.Tx) error {
					for range count + 1 {
						if err := tx.AddDraft(ctx, access.FormDraft{Key: "lost" + tx.NewID()}); err != nil {
							return err
						}
					}
					count++
					return nil
				},
				[]string{"only the second", "1 times INSERT INTO"}},
		} {
			count = 0
			err := s.Write(ctx, test.f)
			for _, want := range append(test.want, "not safe to run twice") {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %v, want %q", name, err, want)
				}
			}
			if access.KindOf(err) != access.Internal || kept(t, s, "lost") {
				t.Errorf("%s: %v, kept %v", name, err, kept(t, s, "lost"))
			}
		}
	})
}

// TestRunTwicePasses checks that a repeatable transaction passes and is written
// once; new ids do not count as a difference.
func TestRunTwicePasses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, runs := t.Context(), 0
		err := s.Write(ctx, func(tx *store.Tx) error {
			runs++
			return tx.AddDraft(ctx, access.FormDraft{Key: "once"})
		})
		if err != nil || runs != 2 || !kept(t, s, "once") {
			t.Errorf("run %d times, %v", runs, err)
		}
		err = s.Write(ctx, func(tx *store.Tx) error { return fmt.Errorf("%w: no room for %s", errMine, tx.NewID()) })
		if !errors.Is(err, errMine) {
			t.Errorf("a message with an id: %v", err)
		}
		err = s.Write(ctx, func(tx *store.Tx) error { return tx.AddDraft(ctx, access.FormDraft{Key: "once"}) })
		if access.KindOf(err) != access.Conflict {
			t.Errorf("an existing key: %v", err)
		}
	})
}
