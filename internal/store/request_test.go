package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestAddRequestInFirstState: a request is added submitted, or in a state that it
// leaves submitted for. Its history begins with submitted in any case.
func TestAddRequestInFirstState(t *testing.T) {
	want := map[access.RequestState]string{
		access.Submitted:       "submitted by Lena; not completed",
		access.PendingApproval: "submitted by Lena, submitted to pendingApproval by system; not completed; due, reminder",
		access.Scheduled:       "submitted by Lena, submitted to scheduled by system; not completed",
		access.Delivering:      "submitted by Lena, submitted to delivering by system; not completed",
		access.Canceled:        "submitted by Lena, submitted to canceled by system; completed",
	}
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w, ctx := storetest.NewWorld(t, s), t.Context()
		for _, state := range access.RequestStates() {
			o := w.Package("Tidal " + string(state))
			r := access.Request{ID: access.RequestID("q " + state), Tenant: w.Tenant.ID, Type: access.UserAdd, State: state,
				Package: o.Package.ID, Requestor: w.Lena.ID, Target: w.Lena.ID, Created: c.Now()}
			if state == access.PendingApproval {
				r.Due = c.Now().Add(2 * time.Hour)
			}
			err := s.Write(ctx, func(tx *store.Tx) error { return tx.AddRequest(ctx, r, "") })
			if want[state] == "" {
				if access.KindOf(err) != access.Conflict || err == nil {
					t.Errorf("%s: %v, want a conflict", state, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", state, err)
				continue
			}
			if d := cmp.Diff(want[state], describeRequest(t, w, r)); d != "" {
				t.Errorf("%s: %s", state, d)
			}
		}
	})
}

// describeRequest returns what is stored of a request of Lena.
func describeRequest(t *testing.T, w *storetest.World, r access.Request) string {
	t.Helper()
	ctx := t.Context()
	stored, err := w.Request(ctx, r.Tenant, r.ID)
	if err != nil || stored.State != r.State {
		t.Fatalf("%s, %v", stored.State, err)
	}
	steps, err := w.RequestHistory(ctx, r.Tenant, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for i, s := range steps {
		by := map[access.PersonID]string{w.Lena.ID: "Lena", "": "system"}[s.Actor]
		if i > 0 {
			text += fmt.Sprintf(", %s to ", s.From)
		}
		text += fmt.Sprintf("%s by %s", s.To, by)
	}
	if text += "; completed"; stored.Completed.IsZero() {
		text = text[:len(text)-len("completed")] + "not completed"
	}
	if stored.Due.Equal(r.Due) && !r.Due.IsZero() {
		text += "; due"
	}
	remindable, err := w.RemindableRequests(ctx, r.Due, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range remindable {
		if q.ID == r.ID {
			text += ", reminder"
		}
	}
	return text
}
