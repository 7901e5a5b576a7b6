package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestFullDisk checks that when the disk is full, every transaction that needs
// space fails with Unavailable and a message, also those that share a commit;
// committed data is kept, and writing works when there is space again.
func TestFullDisk(t *testing.T) {
	ctx := t.Context()
	s := storetest.Open(t, storetest.Migrated()["sqlite"](t), storetest.NewClock().Now, storetest.RunOnce)
	limit := func(pages string) {
		t.Helper()
		mustExec(t, s, `PRAGMA max_page_count = `+pages)
	}
	large := map[string][]string{"text": {strings.Repeat("x", 20_000)}}
	addLarge := func(key string) func(*store.Tx) error {
		return func(tx *store.Tx) error { return tx.AddDraft(ctx, access.FormDraft{Key: key, Form: large}) }
	}
	add := func(key string) error { return s.Write(ctx, addLarge(key)) }
	limit("1") // no more than there are
	for round := range 4 {
		key := fmt.Sprint("shared ", round)
		errs := inOneBatch(ctx, s, draft(ctx, key+" before", nil), addLarge(key), draft(ctx, key+" after", nil))
		if errs[0] != nil || errs[2] != nil || !kept(t, s, key+" before") || !kept(t, s, key+" after") {
			t.Errorf("small ones that share a commit with a large one: %v, %v", errs[0], errs[2])
		}
		if access.KindOf(errs[1]) != access.Unavailable || kept(t, s, key) {
			t.Errorf("a large one in a shared commit: %v", errs[1])
		}
	}
	var wait sync.WaitGroup
	for n := range 24 {
		wait.Go(func() {
			key := fmt.Sprint("full ", n)
			err := add(key)
			if access.KindOf(err) != access.Unavailable ||
				!strings.HasPrefix(err.Error(), "Nothing was saved: there is no space left") {
				t.Errorf("%s: kind %d: %v", key, access.KindOf(err), err)
			}
			if kept(t, s, key) {
				t.Errorf("%s was saved", key)
			}
		})
	}
	wait.Wait()
	limit("1000000")
	for n := range 24 {
		wait.Go(func() {
			if err := add(fmt.Sprint("again ", n)); err != nil || !kept(t, s, fmt.Sprint("again ", n)) {
				t.Errorf("with space again: %v", err)
			}
		})
	}
	wait.Wait()
}
