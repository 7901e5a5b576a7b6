package access_test

import (
	"testing"
	"time"

	"myaccess/internal/access"
)

// A system request has no requestor.
func TestIsRequestorOrTarget(t *testing.T) {
	r := access.Request{Target: "mara"}
	for person, want := range map[access.PersonID]bool{"": false, "mara": true, "omar": false} {
		if r.IsRequestorOrTarget(person) != want {
			t.Errorf("concerns %q: %v", person, !want)
		}
	}
}

// F-155 and F-156 for every state, by the requestor and by another person.
func TestCanCancelAndResubmit(t *testing.T) {
	cancel := map[access.RequestState]bool{access.Submitted: true, access.PendingApproval: true, access.Scheduled: true}
	again := map[access.RequestState]bool{access.Denied: true, access.Expired: true, access.Canceled: true}
	for _, s := range access.RequestStates() {
		r := twoStageRequest()
		r.State = s
		wantKind(t, r.CanCancel("mara"), cancel[s], access.Conflict)
		wantKind(t, r.CanCancel("omar"), false, access.NotFound)
		if cancel[s] && !s.CanMove(access.Canceled) {
			t.Errorf("%s may be canceled, but not move there", s)
		}
		if r.CanResubmit("mara") != again[s] || r.CanResubmit("omar") {
			t.Errorf("%s: resubmit by the requestor %v, by another %v", s, r.CanResubmit("mara"), r.CanResubmit("omar"))
		}
		r.Type = access.AdminAdd
		if r.CanResubmit("mara") {
			t.Errorf("%s: what an administrator asked can be resubmitted", s)
		}
	}
}

func TestIsRemoval(t *testing.T) {
	for _, rt := range []access.RequestType{access.UserRemove, access.AdminRemove, access.SystemRemove} {
		if !rt.IsRemoval() {
			t.Errorf("%s does not remove", rt)
		}
	}
	for _, rt := range []access.RequestType{access.UserAdd, access.UserExtend, access.UserUpdate, access.AdminAdd,
		access.AdminUpdate, access.SystemAdd, access.SystemUpdate, access.OnBehalfAdd} {
		if rt.IsRemoval() {
			t.Errorf("%s removes", rt)
		}
	}
}

func TestReminderDue(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for due, want := range map[time.Duration]time.Duration{
		14 * 24 * time.Hour: 7 * 24 * time.Hour, time.Hour: 30 * time.Minute, 0: 0} {
		r := access.Request{Due: now.Add(due)}
		if got := r.ReminderDue(now); !got.Equal(now.Add(want)) {
			t.Errorf("a stage of %s: reminded after %s, want %s", due, got.Sub(now), want)
		}
	}
}
