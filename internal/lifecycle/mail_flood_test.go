package lifecycle_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store/storetest"
)

// TestWithdrawingSendsFewMails: someone who requests and withdraws a package again and
// again sends approvers one pair of mails, and is refused after a few times. The mail of
// a request that stays is sent a little later; after an hour all is as before.
func TestWithdrawingSendsFewMails(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		o := h.Package("Tidal", h.ForPartner(access.Terms{Stages: []access.Stage{{Days: 3,
			Approvers: []access.SubjectRef{{Kind: access.SubjectGroup, ID: string(h.Reviewers.ID)}}}}}))
		var sent []string
		withdraw := func(r access.Request) {
			t.Helper()
			if err := h.Requests.Cancel(t.Context(), h.person(r.Target), r.ID); err != nil {
				t.Fatal(err)
			}
		}
		refused := 0
		for range 40 {
			r, err := h.Requests.Submit(t.Context(), h.Tenant, h.Mara, o.Package.ID,
				access.RequestForm{Policy: o.Policies[0].ID}, "")
			h.runJobs()
			if access.KindOf(err) == access.TooManyRequests && err != nil {
				refused++
			} else if err != nil {
				t.Fatal(err)
			} else {
				withdraw(r)
			}
			h.runJobs()
			h.clock.Advance(15 * time.Second / 40)
			sent = append(sent, h.takeMails()...)
		}
		t.Logf("%d mails of 40 attempts in 15 seconds, %d attempts refused", len(sent), refused)
		if len(sent) != 4 || refused != 37 {
			t.Errorf("%d mails, want 4 (asked and withdrawn, to 2 approvers); %d refused, want 37: %s", len(sent), refused,
				strings.Join(sent, "\n"))
		}
		h.advance(access.WithdrawalWindow - 15*time.Second)
		r := h.submit(h.Mara, o, access.RequestForm{})
		h.runJobs()
		if got := h.takeMails(); len(got) != 0 {
			t.Errorf("sent at once after a withdrawal: %v", got)
		}
		h.advance(access.RepeatedRequestDelay)
		if got := h.takeMails(); len(got) != 2 {
			t.Errorf("sent after the pause: %v", got)
		}
		withdraw(r)
		h.runJobs()
		if got := h.takeMails(); len(got) != 2 {
			t.Errorf("sent when the request was withdrawn: %v", got)
		}
		h.advance(access.WithdrawalWindow)
		h.submit(h.Mara, o, access.RequestForm{})
		h.runJobs()
		if got := h.takeMails(); len(got) != 2 {
			t.Errorf("sent at once an hour later: %v", got)
		}
	})
}

// TestWithdrawingManyPackages: someone who requests and withdraws each of many packages
// sends approvers the mails of three of them at once; those of later ones wait, and are
// dropped when the request is withdrawn. The eleventh request within an hour is refused,
// until the oldest withdrawal is an hour ago.
func TestWithdrawingManyPackages(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		offers := make([]access.Offer, 12)
		for i := range offers {
			offers[i] = h.Package("Tidal "+string(rune('A'+i)),
				h.ForPartner(access.Terms{Stages: []access.Stage{storetest.Named(h.Omar)}}))
		}
		request := func(i int) (access.Request, error) {
			return h.Requests.Submit(t.Context(), h.Tenant, h.Mara, offers[i].Package.ID,
				access.RequestForm{Policy: offers[i].Policies[0].ID}, "")
		}
		start := h.clock.Now()
		for i := range 10 {
			r, err := request(i)
			if err != nil {
				t.Fatalf("request %d: %v", i+1, err)
			}
			h.runJobs()
			want := 0
			if i < 3 { // two withdrawals are tolerated
				want = 1
			}
			if got := h.takeMails(); len(got) != want {
				t.Errorf("request %d sends %d mails at once, want %d: %v", i+1, len(got), want, got)
			}
			if err := h.Requests.Cancel(t.Context(), h.person(r.Target), r.ID); err != nil {
				t.Fatal(err)
			}
			h.advance(access.RepeatedRequestDelay)
			if got := h.takeMails(); len(got) != want {
				t.Errorf("withdrawing request %d sends %d mails, want %d: %v", i+1, len(got), want, got)
			}
		}
		if _, err := request(10); access.KindOf(err) != access.TooManyRequests {
			t.Errorf("the eleventh request: %v", err)
		}
		h.advance(start.Add(access.WithdrawalWindow).Sub(h.clock.Now()) - 1)
		if _, err := request(10); access.KindOf(err) != access.TooManyRequests {
			t.Errorf("just before an hour is over: %v", err)
		}
		h.advance(access.RepeatedRequestDelay)
		r, err := request(11)
		if err != nil {
			t.Fatalf("an hour later: %v", err)
		}
		h.runJobs()
		if got := h.takeMails(); len(got) != 0 {
			t.Errorf("sent at once after nine withdrawals: %v", got)
		}
		h.advance(access.RepeatedRequestDelay)
		if got := h.takeMails(); len(got) != 1 {
			t.Errorf("sent after the pause: %v", got)
		}
		h.wantState(r, access.PendingApproval)
	})
}

// TestAssigningAndWithdrawingSendsFewMails: the mails to approvers about what an
// administrator assigns wait, once the administrator has withdrawn an assignment of the
// package, as those of a requestor do.
func TestAssigningAndWithdrawingSendsFewMails(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		o := h.Package("Tidal", access.Policy{Scope: access.ScopeMembers, Terms: stages(storetest.Named(h.Lena))})
		assign := func() access.Request {
			t.Helper()
			made, err := h.Admin.Assign(t.Context(), h.Omar, admin.Assigning{Package: o.Package.ID,
				People: []access.PersonID{h.Ida.ID}, Ask: access.RequestForm{Policy: o.Policies[0].ID}})
			if err != nil {
				t.Fatal(err)
			}
			h.runJobs()
			return made[0]
		}
		mails := func(when string, want int) {
			t.Helper()
			if got := h.takeMails(); len(got) != want {
				t.Errorf("%s: %d mails, want %d: %v", when, len(got), want, got)
			}
		}
		r := assign()
		mails("at once", 1)
		if err := h.Requests.Cancel(t.Context(), h.Omar, r.ID); err != nil {
			t.Fatal(err)
		}
		h.runJobs()
		mails("withdrawn", 1)
		assign()
		mails("at once after a withdrawal", 0)
		h.advance(access.RepeatedRequestDelay)
		mails("after the pause", 1)
	})
}

// TestWithdrawnBeforeItsMails: approvers get no mail about a request that is withdrawn
// before the first one is sent.
func TestWithdrawnBeforeItsMails(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		o := h.Package("Tidal", h.ForPartner(access.Terms{Stages: []access.Stage{storetest.Named(h.Omar)}}))
		r := h.submit(h.Mara, o, access.RequestForm{})
		if err := h.Requests.Cancel(t.Context(), h.person(r.Target), r.ID); err != nil {
			t.Fatal(err)
		}
		h.runJobs()
		if got := h.takeMails(); len(got) != 0 {
			t.Errorf("sent: %v", got)
		}
	})
}

// removeAccess lets Omar remove what the request has assigned, until it is gone.
func (h *harness) removeAccess(r access.Request) {
	h.t.Helper()
	r.Tenant = h.Tenant.ID
	if err := h.Admin.Unassign(context.Background(), h.Omar, []access.AssignmentID{h.stored(r).Assignment},
		""); err != nil {
		h.t.Fatal(err)
	}
	h.runJobs()
}

// TestRemovingSendsFewMails: a person whose access an administrator assigns and removes
// again and again gets one mail that it has ended, and another one when they have been
// told of new access meanwhile.
func TestRemovingSendsFewMails(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		o := h.Package("Tidal", access.Policy{Scope: access.ScopeMembers})
		ended := func() int {
			return len(slices.DeleteFunc(h.takeMails(), func(s string) bool { return !strings.Contains(s, "has ended") }))
		}
		for range 10 {
			made, err := h.Admin.Assign(t.Context(), h.Omar, admin.Assigning{Package: o.Package.ID,
				People: []access.PersonID{h.Ida.ID}, Ask: access.RequestForm{Policy: o.Policies[0].ID}})
			if err != nil {
				t.Fatal(err)
			}
			h.runJobs()
			h.removeAccess(made[0])
		}
		if n := ended(); n != 1 {
			t.Errorf("%d mails that access has ended, want 1", n)
		}
		r := h.submit(h.AccountOf(h.Ida), o, access.RequestForm{})
		h.runJobs()
		h.wantState(r, access.Delivered)
		h.removeAccess(r)
		if n := ended(); n != 1 {
			t.Errorf("%d mails that access has ended after new access, want 1", n)
		}
	})
}
