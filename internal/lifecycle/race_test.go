package lifecycle_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/deeptest"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// runTogether starts all of fs at the same instant, as nearly as the machine
// can, and returns their errors.
func runTogether(fs ...func() error) []error {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	errs := make([]error, len(fs))
	for i, f := range fs {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			errs[i] = f()
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	return errs
}

// wantOneWinner fails the test unless one of two succeeded and the other got a
// Conflict, and returns the index of the first.
func (h *harness) wantOneWinner(errs []error) int {
	h.t.Helper()
	winner := slices.Index(errs, nil)
	if winner < 0 {
		h.t.Fatalf("no call succeeded: %v", errs)
	}
	if loser := errs[1-winner]; loser == nil || access.KindOf(loser) != access.Conflict {
		h.t.Fatalf("the one who came second got %v, want a conflict", loser)
	}
	return winner
}

// submitForMany submits a request for each of so many new people. The group of
// Omar and Ida decides.
func (h *harness) submitForMany(rounds int) []access.Request {
	h.t.Helper()
	o := h.Package("Tidal", access.Policy{Scope: access.ScopeMembers, Terms: access.Terms{Stages: []access.Stage{
		{Days: 7, Approvers: []access.SubjectRef{{Kind: access.SubjectGroup, ID: string(h.Reviewers.ID)}}}}}})
	people := make([]access.Person, rounds)
	h.Do(func(ctx context.Context, tx *store.Tx) (err error) {
		for i := range people {
			if people[i], err = h.NewMember(ctx, tx, fmt.Sprintf("Person %d", i), fmt.Sprintf("person%d@meridian.example",
				i)); err != nil {
				return err
			}
		}
		return nil
	})
	var all []access.Request
	for _, p := range people {
		all = append(all, h.submit(h.AccountOf(p), o, access.RequestForm{}))
	}
	return all
}

// states returns the states that the request has had, in order.
func (h *harness) states(r access.Request) []access.RequestState {
	h.t.Helper()
	steps, err := h.RequestHistory(context.Background(), r.Tenant, r.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	var all []access.RequestState
	for _, s := range steps {
		all = append(all, s.To)
	}
	return all
}

// wantEnd fails the test unless the request went from pending approval to the
// state in one step, with so many decisions.
func (h *harness) wantEnd(r access.Request, to access.RequestState, decisions int) {
	h.t.Helper()
	if got, want := h.states(r), []access.RequestState{access.Submitted, access.PendingApproval, to}; !slices.Equal(got,
		want) {
		h.t.Fatalf("the request went %v, want %v", got, want)
	}
	ds, err := h.Decisions(context.Background(), r.Tenant, r.ID)
	if err != nil || len(ds) != decisions {
		h.t.Fatalf("%d decisions, want %d: %v", len(ds), decisions, err)
	}
}

// TestTwoApproversAtTheSameInstant: One of two approvers approves while the
// other denies: one decision is stored, the other gets a Conflict, and the
// request goes where the stored decision leads.
func TestTwoApproversAtTheSameInstant(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := context.Background()
		for _, r := range h.submitForMany(deeptest.Rounds(t, 25)) {
			decide := func(by access.Person, approve bool) func() error {
				return func() error {
					return h.Requests.Decide(ctx, by, lifecycle.DecisionInput{Request: r.ID, Approve: approve, Reason: "because"})
				}
			}
			winner := h.wantOneWinner(runTogether(decide(h.Omar, true), decide(h.Ida, false)))
			h.wantEnd(r, []access.RequestState{access.Delivering, access.Denied}[winner], 1)
			ds, err := h.Decisions(ctx, r.Tenant, r.ID)
			if by := []access.Person{h.Omar, h.Ida}[winner]; err != nil || ds[0].By != by.ID || ds[0].Approve != (winner == 0) {
				h.t.Fatalf("%s got through, and the decision is %+v, %v", by.Name, ds[0], err)
			}
		}
	})
}

// TestTwoApproversOfFirstStage: The second of two approvers of the
// first stage is no approver of the next stage, which has opened meanwhile.
// The answer is a Conflict all the same, and nothing is decided, whatever
// stage the form names.
func TestTwoApproversOfFirstStage(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := context.Background()
		o := h.Package("Tidal", h.ForPartner(access.Terms{Stages: []access.Stage{storetest.Named(h.Omar, h.Ida),
			storetest.Named(h.Lena)}}))
		r := h.submit(h.Mara, o, access.RequestForm{})
		choice := lifecycle.DecisionInput{Request: r.ID, Approve: true}
		winner := h.wantOneWinner(runTogether(
			func() error { return h.Requests.Decide(ctx, h.Omar, choice) },
			func() error { return h.Requests.Decide(ctx, h.Ida, choice) }))
		loser := []access.Person{h.Ida, h.Omar}[winner]
		for stage := -1; stage < 3; stage++ {
			choice.Stage = stage
			want := access.NotFound
			if stage == 0 {
				want = access.Conflict
			}
			if err := h.Requests.Decide(ctx, loser, choice); err == nil || access.KindOf(err) != want {
				h.t.Errorf("the one who came second decides stage %d: %v, want %v", stage, err, want)
			}
		}
		if got, err := h.Request(ctx, r.Tenant, r.ID); err != nil || got.State != access.PendingApproval || got.Stage != 1 {
			h.t.Errorf("the request is %s, stage %d: %v", got.State, got.Stage, err)
		}
	})
}

// TestApproveWhileCanceling: The requestor cancels while an approver approves.
func TestApproveWhileCanceling(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := context.Background()
		for _, r := range h.submitForMany(deeptest.Rounds(t, 20)) {
			requestor := h.person(r.Requestor)
			winner := h.wantOneWinner(runTogether(
				func() error {
					return h.Requests.Decide(ctx, h.Omar, lifecycle.DecisionInput{Request: r.ID, Approve: true})
				},
				func() error { return h.Requests.Cancel(ctx, requestor, r.ID) }))
			h.wantEnd(r, []access.RequestState{access.Delivering, access.Canceled}[winner], 1-winner)
			if _, held, err := h.AssignmentOf(ctx, requestor, r.Package); err != nil || held != (winner == 0) {
				h.t.Fatalf("the package is held: %v, %v", held, err)
			}
		}
	})
}

// TestApproveAtDeadline: The due time comes while an approver decides:
// either the decision was in time, or the request has expired.
func TestApproveAtDeadline(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := context.Background()
		requests := h.submitForMany(1)
		for range deeptest.Rounds(t, 20) {
			r := requests[len(requests)-1]
			r, err := h.Request(ctx, r.Tenant, r.ID)
			if err != nil {
				h.t.Fatal(err)
			}
			h.clock.Advance(r.Due.Sub(h.clock.Now()) - time.Millisecond)
			errs := runTogether(
				func() error { return h.Requests.Decide(ctx, h.Omar, lifecycle.DecisionInput{Request: r.ID}) },
				func() error {
					h.clock.Advance(time.Millisecond)
					_, err := h.Deadlines.ExpireRequests(ctx, h.clock.Now())
					return err
				})
			if errs[1] != nil {
				h.t.Fatal(errs[1])
			}
			switch {
			case errs[0] == nil:
				h.wantEnd(r, access.Denied, 1)
			case access.KindOf(errs[0]) == access.Conflict:
				h.wantEnd(r, access.Expired, 0)
			default:
				h.t.Fatal(errs[0])
			}
			requests = append(requests, h.submit(h.AccountOf(h.person(r.Requestor)),
				access.Offer{Package: access.Package{ID: r.Package}}, access.RequestForm{}))
		}
	})
}

// TestSubmitTwiceAtTheSameInstant: A person submits in two windows: one
// request is made, and the other window gets a Conflict. The same form
// submitted twice returns the same request.
func TestSubmitTwiceAtTheSameInstant(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := context.Background()
		for i, r := range h.submitForMany(deeptest.Rounds(t, 20)) {
			requestor := h.person(r.Requestor)
			if err := h.Requests.Cancel(ctx, requestor, r.ID); err != nil {
				h.t.Fatal(err)
			}
			made := make([]access.Request, 2)
			submit := func(n int, key string) func() error {
				return func() (err error) {
					made[n], err = h.Requests.Submit(ctx, h.Tenant, h.AccountOf(requestor), r.Package, access.RequestForm{}, key)
					return err
				}
			}
			if i%2 == 0 {
				winner := h.wantOneWinner(runTogether(submit(0, "first"), submit(1, "second")))
				h.wantOnlyOpen(requestor, made[winner])
				continue
			}
			if errs := runTogether(submit(0, "same"), submit(1, "same")); errs[0] != nil || errs[1] != nil ||
				made[0].ID != made[1].ID {
				h.t.Fatalf("the same form, posted twice, made %s and %s: %v", made[0].ID, made[1].ID, errs)
			}
			h.wantOnlyOpen(requestor, made[0])
		}
	})
}

// TestManySubmitAtTheSameInstant: Sixty people submit at the same
// instant, and none is refused.
func TestManySubmitAtTheSameInstant(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := context.Background()
		var all []func() error
		for _, r := range h.submitForMany(60) {
			a := h.AccountOf(h.person(r.Requestor))
			if err := h.Requests.Cancel(ctx, h.person(r.Requestor), r.ID); err != nil {
				h.t.Fatal(err)
			}
			all = append(all, func() error {
				_, err := h.Requests.Submit(ctx, h.Tenant, a, r.Package, access.RequestForm{}, "")
				return err
			})
		}
		for _, err := range runTogether(all...) {
			if err != nil {
				h.t.Error(err)
			}
		}
	})
}

// TestNewPersonSubmitsTwiceAtTheSameInstant: A person who is new to the tenant
// submits two forms at once: one person is added.
func TestNewPersonSubmitsTwiceAtTheSameInstant(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		ctx := context.Background()
		terms := access.Terms{Expiration: access.Expiration{Kind: access.NoExpiration}}
		first, second := h.Package("Tidal", h.ForPartner(terms)), h.Package("Lagoon", h.ForPartner(terms))
		for i := range deeptest.Rounds(t, 10) {
			a := access.Account{Directory: h.Harbor.ID, Subject: fmt.Sprint(i), Name: "Mara",
				Email: fmt.Sprintf("mara%d@harbor.example", i)}
			h.Do(func(ctx context.Context, tx *store.Tx) error {
				a.ID = access.AccountID(tx.NewID())
				return tx.SaveAccount(ctx, a)
			})
			made := make([]access.Request, 2)
			submit := func(n int, o access.Offer) func() error {
				return func() (err error) {
					made[n], err = h.Requests.Submit(ctx, h.Tenant, a, o.Package.ID, access.RequestForm{}, "")
					return err
				}
			}
			if errs := runTogether(submit(0, first), submit(1, second)); errs[0] != nil || errs[1] != nil ||
				made[0].Target != made[1].Target {
				h.t.Fatalf("requests for %s and %s: %v", made[0].Target, made[1].Target, errs)
			}
		}
	})
}

// wantOnlyOpen fails the test unless r is the only open request of the person.
func (h *harness) wantOnlyOpen(p access.Person, r access.Request) {
	h.t.Helper()
	all, err := h.RequestsOf(context.Background(), p, "", 100)
	if err != nil {
		h.t.Fatal(err)
	}
	var open []access.RequestID
	for _, a := range all {
		if a.Request.State.Open() {
			open = append(open, a.Request.ID)
		}
	}
	if !slices.Equal(open, []access.RequestID{r.ID}) {
		h.t.Fatalf("open requests: %v, want %s only", open, r.ID)
	}
}
