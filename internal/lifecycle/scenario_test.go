package lifecycle_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store/storetest"
)

// TestScenario: Steps 4 to 7 of the product's main scenario, without approval:
// a person of the partner requests, becomes a guest, holds the access, loses
// it when it ends, is blocked, and is removed after the configured days.
func TestScenario(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		o := h.Package("Tidal", h.ForPartner(access.Terms{Expiration: access.Expiration{Kind: access.AfterDuration,
			Days: 10}}))
		r := h.submit(h.Mara, o, access.RequestForm{})
		if got := h.state(r); got != access.Delivering {
			t.Fatalf("after submitting: %s", got)
		}
		h.clock.Advance(time.Hour) // delivery is late: the ten days count from it
		h.runJobs()
		mara := h.person(r.Target)
		if h.state(r) != access.Delivered || !h.inTeam(mara.ID) || mara.Kind != access.Guest ||
			mara.Guest != access.GuestActive || !mara.Governed {
			t.Fatalf("after delivery: %s, holds %v, %+v", h.state(r), h.inTeam(mara.ID), mara)
		}
		if d := cmp.Diff([]string{"You now have access to Tidal"}, h.takeSubjectsTo("mara@harbor.example")); d != "" {
			t.Error(d)
		}
		h.advance(10*24*time.Hour - time.Minute)
		if !h.inTeam(mara.ID) {
			t.Error("the access ended before ten days from its delivery were over")
		}
		h.advance(time.Minute)
		mara = h.person(mara.ID)
		if h.inTeam(mara.ID) || mara.Guest != access.GuestBlocked || !mara.RemovalDue.Equal(h.clock.Now().AddDate(0, 0, 30)) {
			t.Errorf("after the end: holds %v, %+v", h.inTeam(mara.ID), mara)
		}
		if d := cmp.Diff([]string{"Your access to Tidal has ended"}, h.takeSubjectsTo("mara@harbor.example")); d != "" {
			t.Error(d)
		}
		h.advance(30 * 24 * time.Hour)
		if got := h.person(mara.ID); got.Guest != access.GuestRemoved || got.Kind != access.External {
			t.Errorf("after the configured days: %+v", got)
		}
		if got := h.takeSubjectsTo("mara@harbor.example"); got != nil {
			t.Errorf("a mail was sent about the removed account: %v", got)
		}
		sealed, broken, err := h.CheckChain(context.Background(), h.Tenant.ID)
		if err != nil || sealed == 0 || broken != 0 {
			t.Errorf("audit chain: %d sealed, broken at %d, %v", sealed, broken, err)
		}
	})
}

// TestTwoStages: The main scenario with two stages of approval, the second by
// a group.
func TestTwoStages(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		group := access.Stage{Days: 3, RequireReason: true, Approvers: []access.SubjectRef{{Kind: access.SubjectGroup,
			ID: string(h.Reviewers.ID)}}}
		o := h.Package("Tidal", h.ForPartner(access.Terms{Stages: []access.Stage{storetest.Named(h.Lena), group}}))
		r := h.submit(h.Mara, o, access.RequestForm{})
		h.runJobs()
		if d := cmp.Diff([]string{"Approve or deny by 9 March 2026: Mara Lind → Tidal"},
			h.takeSubjectsTo(h.Lena.Email)); d != "" {
			t.Error(d)
		}
		ctx := context.Background()
		choice := lifecycle.DecisionInput{Request: r.ID, Stage: 0, Approve: true}
		if err := h.Requests.Decide(ctx, h.Omar, choice); access.KindOf(err) != access.NotFound {
			t.Errorf("an approver of stage 2 decides stage 1: %v", err)
		}
		if err := h.Requests.Decide(ctx, h.Lena, choice); err != nil {
			t.Fatal(err)
		}
		if err := h.Requests.Decide(ctx, h.Lena, choice); access.KindOf(err) != access.Conflict {
			t.Errorf("a stage is decided twice: %v", err)
		}
		h.runJobs()
		choice.Stage = 1
		if err := h.Requests.Decide(ctx, h.Ida, choice); access.KindOf(err) != access.Invalid {
			t.Errorf("approved without a required reason: %v", err)
		}
		choice.Reason = "known partner"
		if err := h.Requests.Decide(ctx, h.Ida, choice); err != nil {
			t.Fatal(err)
		}
		h.runJobs()
		if h.state(r) != access.Delivered || !h.inTeam(r.Target) {
			t.Errorf("after both stages: %s, holds %v", h.state(r), h.inTeam(r.Target))
		}
		want := []string{"Stage 1 of 2 approved: Mara Lind → Tidal", "Request approved: Mara Lind → Tidal"}
		if d := cmp.Diff(want, h.takeSubjectsTo(h.Lena.Email)); d != "" {
			t.Error(d)
		}
	})
}
