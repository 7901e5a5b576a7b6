package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestStatementsAreReused checks that prepared statements of a connection are
// reused, concurrently and inside transactions that are rolled back, and return
// current rows.
func TestStatementsAreReused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w, ctx := storetest.NewWorld(t, s), context.Background()
		rename := func(name string, fail error) error {
			return s.Write(ctx, func(tx *store.Tx) error {
				p, err := tx.Person(ctx, w.Tenant.ID, w.Lena.ID)
				if err != nil {
					return err
				}
				p.Name = name
				if err := tx.UpdatePerson(ctx, p); err != nil {
					return err
				}
				if got, err := tx.Person(ctx, w.Tenant.ID, w.Lena.ID); err != nil || got.Name != name {
					t.Errorf("inside the transaction: %q, want %q: %v", got.Name, name, err)
				}
				return fail
			})
		}
		for n := range 3 {
			name := fmt.Sprintf("Lena %d", n)
			if err := rename(name, nil); err != nil {
				t.Fatal(err)
			}
			if err := rename("nobody", access.Missing()); access.KindOf(err) != access.NotFound {
				t.Fatal(err)
			}
			var wait sync.WaitGroup
			for range 8 {
				wait.Go(func() {
					for range 20 {
						if p, err := s.Person(ctx, w.Tenant.ID, w.Lena.ID); err != nil || p.Name != name {
							t.Errorf("%q, want %q: %v", p.Name, name, err)
						}
						if _, err := s.Person(ctx, w.Tenant.ID, "nobody"); err == nil || access.KindOf(err) != access.NotFound {
							t.Errorf("an unknown person: %v", err)
						}
					}
				})
			}
			wait.Wait()
		}
	})
}

// TestMoreStatementsThanAreKept checks that more distinct statements than are
// cached still work.
func TestMoreStatementsThanAreKept(t *testing.T) {
	s := storetest.New(t, storetest.NewClock())
	w, ctx := storetest.NewWorld(t, s), context.Background()
	var ids []access.ResourceRoleID
	for range 450 {
		ids = append(ids, w.Team.Roles[0].ID)
		if roles, err := s.ResourceRoles(ctx, w.Tenant.ID, ids); err != nil || len(roles) != 1 {
			t.Fatalf("%d ids: %d roles, %v", len(ids), len(roles), err)
		}
	}
}
