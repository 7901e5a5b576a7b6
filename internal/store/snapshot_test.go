package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/deeptest"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestSnapshot checks that a reader created after a commit sees it, whichever
// process committed; on SQLite a reader created before may use cached results.
func TestSnapshot(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			ctx, at, c := t.Context(), address(t), storetest.NewClock()
			s, elsewhere := storetest.Open(t, at, c.Now), storetest.Open(t, at, c.Now)
			w := storetest.NewWorld(t, s)
			named := func(r *store.Reader) string {
				defer r.End()
				name, err := r.DirectoryName(ctx, w.Harbor.ID)
				if err != nil {
					t.Fatal(err)
				}
				return name
			}
			rename := func(s *store.Store, name string) {
				if err := s.Write(ctx, func(tx *store.Tx) error {
					w.Harbor.Name = name
					return tx.SaveDirectory(ctx, w.Harbor, access.VerifiedByOperator)
				}); err != nil {
					t.Fatal(err)
				}
			}
			for i, by := range []*store.Store{s, elsewhere, s, elsewhere} {
				old := named(s.Snapshot())
				before := s.Snapshot()
				name := "Harbor " + string(rune('A'+i))
				rename(by, name)
				if got := named(s.Snapshot()); got != name {
					t.Errorf("after commit %d it is %q, want %q", i, got, name)
				}
				if got := named(before); engine == "sqlite" && got != old {
					t.Errorf("a reader of before reads %q, as if nothing were remembered; want %q", got, old)
				}
				if got := named(s.Reader); got != name {
					t.Errorf("a reader that remembers nothing reads %q", got)
				}
			}
		})
	}
}

// TestSnapshotDropsDeleted checks that a deleted row is not served from the
// cache, and that a new row is found after it was missing.
func TestSnapshotDropsDeleted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, w := t.Context(), storetest.NewWorld(t, s)
		role := access.RoleAssignment{Tenant: w.Tenant.ID, Role: access.GlobalAdministrator,
			Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(w.Ida.ID)}}
		may := func() bool {
			r := s.Snapshot()
			defer r.End()
			rights, err := r.Rights(ctx, w.Ida)
			if err != nil {
				t.Fatal(err)
			}
			return rights.HasAny()
		}
		session := func() error {
			r := s.Snapshot()
			defer r.End()
			_, err := r.Session(ctx, "k")
			return err
		}
		for range 3 {
			if may() || access.KindOf(session()) != access.NotFound {
				t.Fatal("before")
			}
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				if err := tx.AddSession(ctx, access.Session{Key: "k", Account: w.Ida.Account,
					Directory: w.Tenant.Directory}); err != nil {
					return err
				}
				return tx.AddRoleAssignment(ctx, role)
			})
			if !may() || session() != nil {
				t.Fatal("after adding the role and the session")
			}
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				if err := tx.EndSession(ctx, "k"); err != nil {
					return err
				}
				return tx.RemoveRoleAssignment(ctx, role)
			})
		}
	})
}

// TestSnapshotIsCurrentAfterCommit checks that no concurrent reader created
// after an acknowledged commit reads older data.
func TestSnapshotIsCurrentAfterCommit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, w := t.Context(), storetest.NewWorld(t, s)
		rounds := deeptest.Rounds(t, 20)
		var wait sync.WaitGroup
		for n := range 4 {
			id := access.DirectoryID(rune('a' + n))
			wait.Go(func() {
				for i := range rounds {
					name := fmt.Sprint(id, i)
					if err := s.Write(ctx, func(tx *store.Tx) error {
						d := w.Harbor
						d.ID, d.Name, d.Domains, d.Issuer = id, name, nil, "https://"+string(id)+".example"
						return tx.SaveDirectory(ctx, d, access.VerifiedByOperator)
					}); err != nil {
						t.Error(err)
					}
					r := s.Snapshot()
					if got, err := r.DirectoryName(ctx, id); got != name || err != nil {
						t.Errorf("%s was written, %s is read: %v", name, got, err)
					}
					r.End()
				}
			})
		}
		wait.Wait()
	})
}
