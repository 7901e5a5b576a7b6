package lifecycle_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestThreeStages: A request with the maximum number of stages: each stage has
// its own due time (F-089, F-095).
func TestThreeStages(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		o := h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena), groupStage(h.Reviewers),
			storetest.Named(h.Lena))))
		r := h.submit(h.Mara, o, access.RequestForm{})
		h.wantState(r, access.PendingApproval)
		h.advance(6 * day)
		h.approve(h.Lena, r, 0)
		if got := h.stored(r); got.Stage != 1 || !got.Due.Equal(h.clock.Now().Add(7*day)) {
			h.t.Errorf("after stage 1: stage %d, due %s", got.Stage, got.Due)
		}
		h.advance(6 * day)
		h.approve(h.Ida, r, 1)
		h.advance(6 * day)
		h.wantState(r, access.PendingApproval)
		h.approve(h.Lena, r, 2)
		h.runJobs()
		h.wantState(r, access.Delivered)
		ds, err := h.Decisions(context.Background(), r.Tenant, r.ID)
		var by []access.PersonID
		for _, d := range ds {
			by = append(by, d.By)
		}
		if diff := cmp.Diff([]access.PersonID{h.Lena.ID, h.Ida.ID, h.Lena.ID}, by); diff != "" || err != nil {
			h.t.Error(diff, err)
		}
	})
}

// TestHistory: The history of a request has every state, in order, with its
// actor and reason (B-5).
func TestHistory(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		o := h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena))))
		r := h.submit(h.Mara, o, access.RequestForm{})
		h.clock.Advance(hour)
		h.approve(h.Lena, r, 0)
		h.runJobs()
		steps, err := h.RequestHistory(context.Background(), r.Tenant, r.ID)
		var path []string
		for i, s := range steps {
			path = append(path, string(s.To))
			if i > 0 && (s.From != steps[i-1].To || s.At.Before(steps[i-1].At)) {
				h.t.Errorf("step %d does not follow: %+v", i, s)
			}
		}
		if d := cmp.Diff([]string{"submitted", "pendingApproval", "delivering", "delivered"}, path); d != "" || err != nil {
			h.t.Error(d, err)
		}
		if steps[0].Actor != r.Target || steps[2].Actor != h.Lena.ID || steps[2].Reason != "known" {
			h.t.Errorf("who did it: %+v", steps)
		}
	})
}

// TestFirstResponderWins: The second of two approvers gets a Conflict,
// whatever they decided, and the second decision is not stored (F-093, F-169).
func TestFirstResponderWins(t *testing.T) {
	t.Parallel()
	for _, approve := range []bool{true, false} {
		forEachEngine(t, func(h *harness) {
			r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(stages(groupStage(h.Reviewers)))), access.RequestForm{})
			if err := h.decide(h.Omar, r, 0, approve); err != nil {
				h.t.Fatal(err)
			}
			if err := h.decide(h.Ida, r, 0, !approve); access.KindOf(err) != access.Conflict {
				h.t.Errorf("the second approver: %v", err)
			}
			ds, err := h.Decisions(context.Background(), r.Tenant, r.ID)
			if err != nil || len(ds) != 1 || ds[0].By != h.Omar.ID || ds[0].Approve != approve {
				h.t.Errorf("%+v, %v", ds, err)
			}
			decided, err := h.DecidedRequests(context.Background(), h.Ida, "", 10) // F-168: she still sees the outcome
			if err != nil || len(decided) != 1 {
				h.t.Errorf("her history: %v, %v", decided, err)
			}
		})
	}
}

// TestOldTab: An approver of two stages who still has the page of the first
// stage open does not decide the second stage with it.
func TestOldTab(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		r := h.submit(h.Mara,
			h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena, h.Omar), storetest.Named(h.Lena)))),
			access.RequestForm{})
		h.approve(h.Omar, r, 0)
		if err := h.decide(h.Lena, r, 0, true); access.KindOf(err) != access.Conflict {
			h.t.Errorf("stage 1 decided again: %v", err)
		}
		if got := h.stored(r); got.Stage != 1 || got.State != access.PendingApproval {
			h.t.Errorf("it went on: %+v", got)
		}
		h.approve(h.Lena, r, 1)
	})
}

// TestDenialEndsRequest: A denial in a late stage ends a request that earlier
// stages approved (F-094).
func TestDenialEndsRequest(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena), groupStage(h.Reviewers)))),
			access.RequestForm{})
		h.approve(h.Lena, r, 0)
		if err := h.decide(h.Omar, r, 1, false); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		h.wantState(r, access.Denied)
		if h.inTeam(r.Target) || h.person(r.Target).Guest != access.GuestNone {
			h.t.Error("a denied request brought something about")
		}
		if err := h.decide(h.Ida, r, 1, true); access.KindOf(err) != access.Conflict {
			h.t.Errorf("a denied request is decided again: %v", err)
		}
	})
}

// TestOnlyApproversDecide: Others get NotFound, and so do an approver who was
// disabled or has left the group; a person who joins the group after the
// request was made may decide (F-103, F-171).
func TestOnlyApproversDecide(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(stages(groupStage(h.Reviewers)))), access.RequestForm{})
		if err := h.decide(h.Lena, r, 0, true); access.KindOf(err) != access.NotFound {
			h.t.Errorf("no approver at all: %v", err)
		}
		h.setInGroup(h.Ida, h.Reviewers, false)
		if err := h.decide(h.Ida, r, 0, true); access.KindOf(err) != access.NotFound {
			h.t.Errorf("has left the group: %v", err)
		}
		omar := h.Omar
		omar.Disabled = true
		h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.UpdatePerson(ctx, omar) })
		if err := h.decide(h.Omar, r, 0, true); access.KindOf(err) != access.NotFound {
			h.t.Errorf("disabled: %v", err)
		}
		h.setInGroup(h.Lena, h.Reviewers, true)
		h.approve(h.Lena, r, 0)
	})
}

// wantNoSelfApproval fails the test unless the requestor is refused any
// decision on the request, does not see it among the approvals, and gets no
// mail to decide it.
func (h *harness) wantNoSelfApproval(r access.Request) {
	h.t.Helper()
	who := h.person(r.Target)
	for _, approve := range []bool{true, false} {
		if err := h.decide(who, r, 0, approve); access.KindOf(err) != access.Forbidden {
			h.t.Errorf("a request of one's own is decided: %v", err)
		}
	}
	all, err := h.PendingApprovals(context.Background(), who, "", 10)
	if err != nil {
		h.t.Error(err)
	}
	for _, a := range all {
		if a.Request.ID == r.ID {
			h.t.Error("a request of one's own is among the approvals")
		}
	}
	h.runJobs()
	for _, m := range h.takeMails() {
		if strings.HasPrefix(m, who.Email+": ") {
			h.t.Errorf("asked to decide a request of one's own: %s", m)
		}
	}
}

// TestNoSelfApproval: The ways in which a requestor can be among the approvers:
// named, in the group before the request, in the group after it (F-097). In each,
// the requestor is an approver in every other respect.
func TestNoSelfApproval(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		omar, lena := h.AccountOf(h.Omar), h.AccountOf(h.Lena)
		members := func(s access.Stage) access.Policy { return access.Policy{Scope: access.ScopeMembers, Terms: stages(s)} }

		named := h.submit(omar, h.Package("Named", members(storetest.Named(h.Omar, h.Ida))), access.RequestForm{})
		h.wantNoSelfApproval(named)

		before := h.submit(omar, h.Package("In the group before", members(groupStage(h.Reviewers))), access.RequestForm{})
		h.wantNoSelfApproval(before)

		after := h.submit(lena, h.Package("In the group after", members(groupStage(h.Reviewers))), access.RequestForm{})
		h.setInGroup(h.Lena, h.Reviewers, true)
		h.wantNoSelfApproval(after)

		for _, r := range []access.Request{named, before, after} {
			h.approve(h.Ida, r, 0) // another of the approvers may
		}
	})
}

// TestOnlyApproverIsRequestor: If the requestor is the only approver left, nobody
// can decide and the request expires; it is never approved automatically
// (F-097).
func TestOnlyApproverIsRequestor(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		p := access.Policy{Scope: access.ScopeMembers, Terms: stages(storetest.Named(h.Omar, h.Lena))}
		r := h.submit(h.AccountOf(h.Omar), h.Package("Tidal", p), access.RequestForm{})
		h.disable(h.Lena, true)
		h.wantNoSelfApproval(r)
		h.advance(7*day - hour)
		h.wantState(r, access.PendingApproval)
		h.advance(hour)
		h.wantState(r, access.Expired)
		h.wantMails("omar@meridian.example: Your request for Tidal has expired")
		if h.inTeam(h.Omar.ID) {
			h.t.Error("it was delivered")
		}
	})
}

// TestPolicyEditedWhilePending: A request keeps the stages, the approvers and
// the expiration that it was made under (F-103, F-128).
func TestPolicyEditedWhilePending(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		terms := stages(storetest.Named(h.Lena), storetest.Named(h.Ida))
		terms.Expiration = access.Expiration{Kind: access.AfterDuration, Days: 10}
		o := h.Package("Tidal", h.ForPartner(terms))
		r := h.submit(h.Mara, o, access.RequestForm{})
		h.changePolicy(o, func(p *access.Policy) {
			p.Terms = access.Terms{Expiration: access.Expiration{Kind: access.NoExpiration},
				Stages: []access.Stage{storetest.Named(h.Omar)}}
			p.Scope, p.Targets, p.Enabled = access.ScopeNobody, nil, false
		})
		if err := h.decide(h.Omar, r, 0, true); access.KindOf(err) != access.NotFound {
			h.t.Errorf("an approver of the new terms decides: %v", err)
		}
		h.approve(h.Lena, r, 0)
		h.wantState(r, access.PendingApproval)
		h.approve(h.Ida, r, 1)
		h.runJobs()
		if x := h.assignment(r); x.State != access.AssignDelivered || !x.End.Equal(h.clock.Now().Add(10*day)) {
			h.t.Errorf("%+v", x)
		}
		h.changePolicy(o, func(p *access.Policy) { p.Expiration = access.Expiration{Kind: access.AfterDuration, Days: 1} })
		h.advance(9 * day)
		if !h.inTeam(r.Target) {
			h.t.Error("a later edit shortened what was granted")
		}
	})
}

// TestCancel: A requestor can cancel in each state that allows it, and not in
// another; other people cannot (F-155).
func TestCancel(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := context.Background()
		terms := stages(groupStage(h.Reviewers))
		terms.CustomSchedule = true
		o := h.Package("Tidal", h.ForPartner(terms))
		pending := h.submit(h.Mara, o, access.RequestForm{})
		mara := h.person(pending.Target)
		h.runJobs()
		h.takeMails()
		for _, other := range []access.Person{h.Lena, h.Omar} {
			if err := h.Requests.Cancel(ctx, other, pending.ID); access.KindOf(err) != access.NotFound {
				h.t.Errorf("%s cancels the request of another: %v", other.Name, err)
			}
		}
		if err := h.Requests.Cancel(ctx, mara, pending.ID); err != nil {
			h.t.Fatal(err)
		}
		h.wantState(pending, access.Canceled)
		if err := h.decide(h.Omar, pending, 0, true); access.KindOf(err) != access.Conflict {
			h.t.Errorf("a canceled request is decided: %v", err)
		}
		h.runJobs()
		h.wantMails("ida@meridian.example: Request canceled: Mara Lind → Tidal",
			"omar@meridian.example: Request canceled: Mara Lind → Tidal")

		scheduled := h.submit(h.Mara, o, access.RequestForm{Start: h.clock.Now().Add(3 * day)})
		h.approve(h.Omar, scheduled, 0)
		h.wantState(scheduled, access.Scheduled)
		if err := h.Requests.Cancel(ctx, mara, scheduled.ID); err != nil {
			h.t.Fatal(err)
		}
		h.advance(4 * day)
		h.wantState(scheduled, access.Canceled)

		delivering := h.submit(h.Mara, o, access.RequestForm{})
		h.approve(h.Omar, delivering, 0)
		if err := h.Requests.Cancel(ctx, mara, delivering.ID); access.KindOf(err) != access.Conflict {
			h.t.Errorf("canceled while it is delivered: %v", err)
		}
	})
}

// TestReasonIsKept: The approver's reason is stored with the decision, and a
// required reason is required for a denial too (F-096).
func TestReasonIsKept(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		s := storetest.Named(h.Lena)
		s.RequireReason = true
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(stages(s))), access.RequestForm{})
		c := lifecycle.DecisionInput{Request: r.ID}
		if err := h.Requests.Decide(context.Background(), h.Lena, c); access.KindOf(err) != access.Invalid {
			h.t.Errorf("a denial without a reason: %v", err)
		}
		c.Reason = "no contract"
		if err := h.Requests.Decide(context.Background(), h.Lena, c); err != nil {
			h.t.Fatal(err)
		}
		ds, err := h.Decisions(context.Background(), r.Tenant, r.ID)
		if err != nil || len(ds) != 1 || ds[0].Reason != "no contract" || !ds[0].At.Equal(h.clock.Now()) {
			h.t.Errorf("%+v, %v", ds, err)
		}
	})
}
