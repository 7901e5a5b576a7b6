package store_test

import (
	"context"
	"strconv"
	"sync"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// seal seals all unsealed records, a few at a time.
func seal(t *testing.T, s *store.Store) {
	t.Helper()
	for n := -1; n != 0; {
		err := s.Write(context.Background(), func(tx *store.Tx) (err error) {
			n, err = tx.SealAudit(context.Background(), 4)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// log writes so many lines of the tenant's audit log.
func log(w *storetest.World, n int) {
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		for i := range n {
			a := access.AuditRecord{Tenant: w.Tenant.ID, Actor: w.Lena.ID, Activity: access.ActUpdate, ObjectKind: "package",
				ObjectID: strconv.Itoa(i), From: "a", To: "b", Reason: "c", Request: "r"}
			if err := tx.Audit(ctx, a); err != nil {
				return err
			}
		}
		return nil
	})
}

// chain fails the test unless the chain has so many seals and is broken there; 0
// is nowhere.
func chain(t *testing.T, w *storetest.World, sealed, broken int64) {
	t.Helper()
	n, at, err := w.CheckChain(t.Context(), w.Tenant.ID)
	if n != sealed || at != broken || err != nil {
		t.Errorf("%d sealed, broken at %d, %v; want %d and %d", n, at, err, sealed, broken)
	}
}

// dropTriggers drops the triggers that protect a table, as an owner of the database
// could.
func dropTriggers(t *testing.T, s *store.Store, table string) {
	t.Helper()
	if s.Postgres() {
		mustExec(t, s, `DROP TRIGGER `+table+`_append_only ON `+table)
		return
	}
	mustExec(t, s, `DROP TRIGGER `+table+`_no_update`)
	mustExec(t, s, `DROP TRIGGER `+table+`_no_delete`)
}

// TestChain checks that the chain of each tenant is complete, continues where
// it ended, and is independent of the others.
func TestChain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		chain(t, w, 0, 0)
		log(w, 10)
		chain(t, w, 0, 0)
		seal(t, s)
		chain(t, w, 10, 0)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.SaveTenant(ctx, access.Tenant{ID: "other", Directory: w.Other.ID, Name: "Other"}); err != nil {
				return err
			}
			return tx.Audit(ctx, access.AuditRecord{Tenant: "other", Activity: access.ActApply})
		})
		log(w, 5)
		seal(t, s)
		chain(t, w, 15, 0)
		if n, broken, err := s.CheckChain(t.Context(), "other"); n != 1 || broken != 0 || err != nil {
			t.Errorf("the other tenant: %d, %d, %v", n, broken, err)
		}
		if lines, err := s.AuditLog(t.Context(), w.Tenant.ID); len(lines) != 15 || err != nil {
			t.Errorf("%d lines, %v", len(lines), err)
		}
	})
}

// TestSealManyAtOnce: one call seals the records of several tenants, up to the
// limit, in more than one statement.
func TestSealManyAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		log(w, 70)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.SaveTenant(ctx, access.Tenant{ID: "zz", Directory: w.Other.ID, Name: "Other"}); err != nil {
				return err
			}
			return tx.Audit(ctx, access.AuditRecord{Tenant: "zz", Activity: access.ActApply})
		})
		var n [3]int
		for i := range n {
			w.Do(func(ctx context.Context, tx *store.Tx) (err error) {
				n[i], err = tx.SealAudit(ctx, 60)
				return err
			})
		}
		if n != [3]int{60, 11, 0} {
			t.Errorf("sealed %v, want 60, then the other 10 and the one of the other tenant, then none", n)
		}
		chain(t, w, 70, 0)
		if n, broken, err := s.CheckChain(t.Context(), "zz"); n != 1 || broken != 0 || err != nil {
			t.Errorf("the other tenant: %d, %d, %v", n, broken, err)
		}
	})
}

// TestTampering changes one field of the sixth of ten records after dropping
// the triggers, and expects the chain to be broken there.
func TestTampering(t *testing.T) {
	const sixth = ` WHERE id = (SELECT audit_id FROM audit_seal WHERE position = 6)`
	for what, query := range map[string]string{
		"time": `UPDATE audit SET at = at + 1` + sixth, "who": `UPDATE audit SET actor_id = 'x'` + sixth,
		"on whose behalf": `UPDATE audit SET on_behalf = 'x'` + sixth, "what": `UPDATE audit SET activity = 'x'` + sixth,
		"kind": `UPDATE audit SET object_kind = 'x'` + sixth, "object": `UPDATE audit SET object_id = 'x'` + sixth,
		"from": `UPDATE audit SET from_text = 'x'` + sixth, "to": `UPDATE audit SET to_text = 'x'` + sixth,
		"reason": `UPDATE audit SET reason = 'x'` + sixth, "request": `UPDATE audit SET request_id = 'x'` + sixth,
		"a text moved from one field to the next": `UPDATE audit SET from_text = '', to_text = 'ab'` + sixth,
		"hash":       `UPDATE audit_seal SET hash = 'x' WHERE position = 6`,
		"line taken": `DELETE FROM audit_seal WHERE position = 6`,
	} {
		t.Run(what, func(t *testing.T) {
			w := storetest.NewWorld(t, storetest.New(t, storetest.NewClock()))
			log(w, 10)
			seal(t, w.Store)
			chain(t, w, 10, 0)
			dropTriggers(t, w.Store, "audit")
			dropTriggers(t, w.Store, "audit_seal")
			mustExec(t, w.Store, query)
			sealed := int64(10)
			if what == "line taken" {
				sealed = 9
			}
			chain(t, w, sealed, 6)
		})
	}
}

// TestConcurrentSealing checks that several portals can seal at the same time:
// every record is sealed once and no call fails.
func TestConcurrentSealing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		log(w, 60)
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() { seal(t, s) })
		}
		wait.Wait()
		chain(t, w, 60, 0)
	})
}
