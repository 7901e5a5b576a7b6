package store_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// addPendingRequest adds a request of Lena's that is pending approval.
func addPendingRequest(w *storetest.World) access.Request {
	o := w.Package("Tidal", access.Policy{Scope: access.ScopeMembers, Terms: access.Terms{Stages: []access.Stage{
		storetest.Named(w.Omar), storetest.Named(w.Ida)}}})
	q := access.Request{Tenant: w.Tenant.ID, Type: access.UserAdd, State: access.Submitted, Package: o.Package.ID,
		Requestor: w.Lena.ID,
		Target:    w.Lena.ID, Terms: o.Policies[0].Terms}
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		q.ID, q.Created, q.Due = access.RequestID(tx.NewID()), tx.Now, tx.Now.AddDate(0, 0, 7)
		if err := tx.AddRequest(ctx, q, ""); err != nil {
			return err
		}
		return tx.MoveRequest(ctx, q, access.PendingApproval, "", "")
	})
	q.State = access.PendingApproval
	return q
}

// expectConflict runs f, which uses outdated data, and expects a conflict.
func expectConflict(t *testing.T, w *storetest.World, f func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	ctx := context.Background()
	err := w.Write(ctx, func(tx *store.Tx) error { return f(ctx, tx) })
	if err == nil || access.KindOf(err) != access.Conflict {
		t.Errorf("a move from an old copy: %v, want a conflict", err)
	}
}

// TestMoveRequestFromAnOldCopy checks that moving a request from a state that
// it has left changes nothing, even where the move would be legal. Use cases
// check first; this is the second line of defense.
func TestMoveRequestFromAnOldCopy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		old := addPendingRequest(w)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.MoveRequest(ctx, old, access.Denied, w.Omar.ID, "no room")
		})
		expectConflict(t, w, func(ctx context.Context, tx *store.Tx) error {
			return tx.MoveRequest(ctx, old, access.Canceled, w.Lena.ID, "")
		})
		got, err := s.Request(context.Background(), old.Tenant, old.ID)
		if err != nil || got.State != access.Denied {
			t.Errorf("the request is %s, %v", got.State, err)
		}
		var path []access.RequestState
		steps, err := s.RequestHistory(context.Background(), old.Tenant, old.ID)
		for _, step := range steps {
			path = append(path, step.To)
		}
		want := []access.RequestState{access.Submitted, access.PendingApproval, access.Denied}
		if d := cmp.Diff(want, path); d != "" || err != nil {
			t.Errorf("%v %s", err, d)
		}
	})
}

// TestNextStageFromAnOldCopy checks that a stage is opened once, even with
// outdated data.
func TestNextStageFromAnOldCopy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		next := addPendingRequest(w)
		next.Stage = 1
		w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.NextStage(ctx, next) })
		expectConflict(t, w, func(ctx context.Context, tx *store.Tx) error { return tx.NextStage(ctx, next) })
	})
}

// TestOtherMovesFromAnOldCopy checks the same for assignments, grants and
// guests.
func TestOtherMovesFromAnOldCopy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		q := addPendingRequest(w)
		x := access.Assignment{Tenant: q.Tenant, Package: q.Package, Person: q.Target, Request: q.ID,
			State: access.AssignDelivering}
		g := access.Grant{Tenant: q.Tenant, Person: q.Target, Role: w.Team.Roles[0].ID, State: access.Adding, Epoch: 1}
		guest := w.Omar
		guest.Kind = access.Guest
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			x.ID, x.Start, g.ID = access.AssignmentID(tx.NewID()), tx.Now, access.GrantID(tx.NewID())
			if err := tx.AddAssignment(ctx, x); err != nil {
				return err
			}
			if err := tx.AddGrant(ctx, g); err != nil {
				return err
			}
			if err := tx.MoveAssignment(ctx, x, access.AssignFailed); err != nil {
				return err
			}
			if err := tx.MoveGrant(ctx, g, access.Removing); err != nil {
				return err
			}
			return tx.MoveGuest(ctx, guest, access.GuestActive, "")
		})
		expectConflict(t, w, func(ctx context.Context, tx *store.Tx) error {
			return tx.MoveAssignment(ctx, x, access.AssignDelivered)
		})
		expectConflict(t, w, func(ctx context.Context, tx *store.Tx) error { return tx.MoveGrant(ctx, g, access.Held) })
		expectConflict(t, w, func(ctx context.Context, tx *store.Tx) error {
			return tx.MoveGuest(ctx, guest, access.GuestActive, "")
		})
	})
}
