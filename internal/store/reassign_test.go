package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestC42StaleReassignment: Naming other approvers, and reminding those there are, is a
// Conflict if the request has moved since it was read: to the next stage, to its end, or by
// another reminder. Nothing changes then.
func TestC42StaleReassignment(t *testing.T) {
	type change = func(ctx context.Context, tx *store.Tx, q access.Request) error
	next := func(ctx context.Context, tx *store.Tx, q access.Request) error {
		q.Stage++
		return tx.NextStage(ctx, q)
	}
	cancel := func(ctx context.Context, tx *store.Tx, q access.Request) error {
		return tx.MoveRequest(ctx, q, access.Canceled, "", "")
	}
	remind := func(ctx context.Context, tx *store.Tx, q access.Request) error { return tx.SetReminded(ctx, q) }
	reassign := func(stage int) change {
		return func(ctx context.Context, tx *store.Tx, q access.Request) error {
			q.Terms.Stages = slices.Clone(q.Terms.Stages)
			q.Terms.Stages[stage].Approvers = []access.SubjectRef{{Kind: access.SubjectPerson, ID: "someone"}}
			return tx.SetApprovers(ctx, q, stage)
		}
	}
	for name, tt := range map[string]struct {
		before, then change
		fails        bool
	}{
		"reassigned after nothing":              {nil, reassign(0), false},
		"the later stage after nothing":         {nil, reassign(1), false},
		"reassigned after a reminder":           {remind, reassign(0), false},
		"reminded after nothing":                {nil, remind, false},
		"reassigned after the stage":            {next, reassign(0), true},
		"the later stage after the first":       {next, reassign(1), true},
		"reassigned after the end":              {cancel, reassign(0), true},
		"the later stage after the end":         {cancel, reassign(1), true},
		"reminded after the stage":              {next, remind, true},
		"reminded after the end":                {cancel, remind, true},
		"reminded after another has done so":    {remind, remind, true},
		"reminded after others became approver": {reassign(0), remind, false},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
				w := storetest.NewWorld(t, s)
				q := pendingRequest(w, w.Package("Tidal", access.Policy{Scope: access.ScopeMembers,
					Terms: access.Terms{Stages: []access.Stage{storetest.Named(w.Omar), storetest.Named(w.Ida)}}}))
				if tt.before != nil {
					w.Do(func(ctx context.Context, tx *store.Tx) error { return tt.before(ctx, tx, q) })
				}
				clock.Advance(time.Minute)
				before := mustRequest(t, s, q)
				err := s.Write(t.Context(), func(tx *store.Tx) error { return tt.then(t.Context(), tx, q) })
				if tt.fails != (access.KindOf(err) == access.Conflict && err != nil) || !tt.fails && err != nil {
					t.Errorf("%v, want a conflict: %t", err, tt.fails)
				}
				after := mustRequest(t, s, q)
				same := slices.EqualFunc(before.Terms.Stages, after.Terms.Stages, func(a, b access.Stage) bool {
					return slices.Equal(a.Approvers, b.Approvers)
				}) && before.Reminded.Equal(after.Reminded)
				if same != tt.fails {
					t.Errorf("it is %+v, and was %+v", after, before)
				}
			})
		})
	}
}

func mustRequest(t *testing.T, s *store.Store, q access.Request) access.Request {
	t.Helper()
	fresh, err := s.Request(t.Context(), q.Tenant, q.ID)
	if err != nil {
		t.Fatal(err)
	}
	return fresh
}

// TestC42GapsOfATenant: The gaps of a tenant are those of its policies and of each of its
// requests, by kind; another tenant has none of them, neither found nor known.
func TestC42GapsOfATenant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, w := t.Context(), storetest.NewWorld(t, s)
		other := access.Tenant{Directory: w.Other.ID, Name: "Another", Settings: access.DefaultSettings()}
		var policies, requests []store.ApprovalGap
		for _, name := range []string{"One", "Two"} {
			o := w.Package(name, access.Policy{Scope: access.ScopeMembers, Terms: access.Terms{Stages: []access.Stage{
				storetest.Named(w.Omar), storetest.Named(w.Ida)}}})
			policies = append(policies, store.ApprovalGap{Kind: store.GapOfPolicy, ID: string(o.Policies[0].ID), Stage: 2})
			requests = append(requests, store.ApprovalGap{Kind: store.GapOfRequest, ID: string(pendingRequest(w, o).ID),
				Stage: 2})
		}
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			other.ID = access.TenantID(tx.NewID())
			ida, err := tx.Person(ctx, w.Tenant.ID, w.Ida.ID)
			if err != nil {
				return err
			}
			ida.Disabled = true
			return errors.Join(tx.SaveTenant(ctx, other), tx.UpdatePerson(ctx, ida))
		})
		expect := func(what string, find func(context.Context, access.TenantID) ([]store.ApprovalGap, error),
			t1 access.TenantID, want []store.ApprovalGap) {
			t.Helper()
			if got, err := find(ctx, t1); !slices.Equal(got, want) || err != nil {
				t.Errorf("%s: %v, want %v, %v", what, got, want, err)
			}
		}
		all := append(policies, requests...)
		expect("found", s.ApprovalGaps, w.Tenant.ID, all)
		expect("found of another", s.ApprovalGaps, other.ID, nil)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.SaveApprovalGaps(ctx, w.Tenant.ID, all)
			return err
		})
		expect("known", s.KnownApprovalGaps, w.Tenant.ID, all)
		expect("known of another", s.KnownApprovalGaps, other.ID, nil)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.SaveApprovalGaps(ctx, other.ID, nil)
			return err
		})
		expect("known after another's check", s.KnownApprovalGaps, w.Tenant.ID, all)
	})
}
