package lifecycle_test

import (
	"context"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// wantHandled fails the test unless a job handled so many items.
func (h *harness) wantHandled(want int) func(n int, err error) {
	return func(n int, err error) {
		h.t.Helper()
		if n != want || err != nil {
			h.t.Errorf("%d handled, %v; want %d", n, err, want)
		}
	}
}

// mustListDue returns what a query of the store lists now, which must not be empty.
func mustListDue[T any](h *harness, list func(context.Context, time.Time, int) ([]T, error)) []T {
	h.t.Helper()
	all, err := list(context.Background(), h.clock.Now(), 10)
	if err != nil || len(all) == 0 {
		h.t.Fatalf("nothing is due: %v", err)
	}
	return all
}

// TestExpiry: After the due time of a stage nobody can decide it, even before
// the job has run; then the request expires (F-095).
func TestExpiry(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena), storetest.Named(h.Omar)))),
			access.RequestForm{})
		h.advance(7*day - time.Minute)
		h.approve(h.Lena, r, 0)
		h.clock.Advance(7 * day) // the job is late
		if err := h.decide(h.Omar, r, 1, true); access.KindOf(err) != access.Conflict {
			h.t.Errorf("decided after its time: %v", err)
		}
		h.wantState(r, access.PendingApproval)
		h.runJobs()
		h.wantState(r, access.Expired)
		if h.inTeam(r.Target) {
			h.t.Error("no answer gave access")
		}
		h.submit(h.Mara, access.Offer{Package: access.Package{ID: r.Package}}, access.RequestForm{}) // she may request again
	})
}

// TestExpiryFromOldList: The first stage is approved between listing the due
// requests and moving them. The request is still pending approval, with
// another due time, and must not expire.
func TestExpiryFromOldList(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena), storetest.Named(h.Omar)))),
			access.RequestForm{})
		h.clock.Advance(7*day - time.Millisecond)
		old := []access.Request{h.stored(r)}
		h.approve(h.Lena, r, 0)
		h.clock.Advance(time.Millisecond)
		h.wantHandled(1)(h.Deadlines.ExpireRequestsFrom(context.Background(), old))
		h.wantState(r, access.PendingApproval)
		h.approve(h.Omar, r, 1)
		h.wantHandled(0)(h.Deadlines.ExpireRequestsFrom(context.Background(), old)) // a Conflict is no failure
		h.wantState(r, access.Delivering)
	})
}

// TestReminders: The approvers of each stage are reminded once, when half of
// its time is over (M-03, M-12).
func TestReminders(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.submit(h.Mara, h.Package("Decided", h.ForPartner(stages(storetest.Named(h.Ida)))), access.RequestForm{})
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena), groupStage(h.Reviewers)))),
			access.RequestForm{})
		h.runJobs()
		h.takeMails()
		h.advance(84*hour - time.Minute)
		h.wantMails()
		h.approveAll(h.Ida)
		h.runJobs()
		h.takeMails()
		h.advance(time.Minute)
		h.wantMails("lena@meridian.example: Reminder: Approve or deny by 9 March 2026: Mara Lind → Tidal")
		h.advance(day)
		h.wantMails()
		h.approve(h.Lena, r, 0) // in the first minute of 7 March: the second stage has until the 14th
		h.runJobs()
		h.takeMails()
		h.advance(84 * hour)
		h.wantMails("ida@meridian.example: Reminder: Approve or deny by 14 March 2026: Mara Lind → Tidal",
			"omar@meridian.example: Reminder: Approve or deny by 14 March 2026: Mara Lind → Tidal")
		h.advance(day)
		h.wantMails()
	})
}

// approveAll lets a person approve everything that waits for her.
func (h *harness) approveAll(by access.Person) {
	h.t.Helper()
	all, err := h.PendingApprovals(context.Background(), by, "", 10)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, a := range all {
		h.approve(by, a.Request, a.Request.Stage)
	}
}

// TestRemindFromOldList: The stage that was listed for a reminder has been
// decided; the next one has just begun and gets its reminder at its own time.
func TestRemindFromOldList(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena), storetest.Named(h.Omar)))),
			access.RequestForm{})
		h.clock.Advance(4 * day)
		old := mustListDue(h, h.RemindableRequests)
		h.approve(h.Lena, r, 0)
		if _, err := h.Deadlines.RemindApproversFrom(context.Background(), old); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		h.takeMails()
		h.advance(4 * day)
		h.wantMails("omar@meridian.example: Reminder: Approve or deny by 13 March 2026: Mara Lind → Tidal")
	})
}

// TestScheduledStart: An approved request waits for its start, gives nothing
// until then, and ends at the requested end (F-124).
func TestScheduledStart(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		start := h.clock.Now().Add(10 * day)
		p := h.ForPartner(access.Terms{CustomSchedule: true})
		r := h.submit(h.Mara, h.Package("Tidal", p), access.RequestForm{Start: start, End: start.Add(5 * day)})
		h.wantState(r, access.Scheduled)
		h.advance(10*day - time.Minute)
		if h.wantState(r, access.Scheduled); h.inTeam(r.Target) || h.person(r.Target).Guest != access.GuestNone {
			h.t.Error("something came before the start")
		}
		h.advance(time.Minute)
		h.wantState(r, access.Delivered)
		if x := h.assignment(r); !x.End.Equal(start.Add(5*day)) || !x.Start.Equal(start) {
			h.t.Errorf("%+v", x)
		}
		h.advance(5*day - time.Minute)
		if !h.inTeam(r.Target) {
			h.t.Error("it ended before its end")
		}
		if h.advance(time.Minute); h.inTeam(r.Target) {
			h.t.Error("it did not end")
		}
	})
}

// TestStartBlockers: When the start comes, the requestor may no longer have
// the package. Each of the reasons alone cancels the request, and the mail
// says which.
func TestStartBlockers(t *testing.T) {
	t.Parallel()
	for name, hinder := range map[string]func(h *harness, o access.Offer, r access.Request){
		"At the start, the policy no longer included the person.": func(h *harness, o access.Offer, r access.Request) {
			h.changePolicy(o, func(p *access.Policy) { p.Scope, p.Targets = access.ScopeMembers, nil })
		},
		"At the start, this access package was no longer available to the person.": func(h *harness, o access.Offer,
			r access.Request) {
			c := h.Catalog
			c.External = false
			h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveCatalog(ctx, c) })
		},
		"The requested period ended before access could begin.": func(h *harness, o access.Offer, r access.Request) {
			h.clock.Advance(2 * day) // the jobs did not run meanwhile
		},
	} {
		t.Run(name, func(t *testing.T) {
			forEachEngine(t, func(h *harness) {
				terms := stages(storetest.Named(h.Lena))
				terms.CustomSchedule = true
				o := h.Package("Tidal", h.ForPartner(terms))
				start := h.clock.Now().Add(10 * day)
				r := h.submit(h.Mara, o, access.RequestForm{Start: start, End: start.Add(day)})
				h.approve(h.Lena, r, 0)
				h.runJobs()
				h.takeMails()
				hinder(h, o, r)
				h.advance(10 * day)
				if got := h.stored(r); got.State != access.Canceled || string(got.Note) != name {
					h.t.Errorf("%s: %q", got.State, got.Note)
				}
				h.wantMails("lena@meridian.example: Request canceled: Mara Lind → Tidal",
					"mara@harbor.example: Request canceled: Mara Lind → Tidal")
			})
		})
	}
}

// TestStartBlockerOfDisabled: A scheduled request of a person who has been
// disabled is canceled.
func TestStartBlockerOfDisabled(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		p := h.ForPartner(access.Terms{CustomSchedule: true})
		r := h.submit(h.Mara, h.Package("Tidal", p), access.RequestForm{Start: h.clock.Now().Add(10 * day)})
		mara := h.person(r.Target)
		mara.Disabled = true
		h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.UpdatePerson(ctx, mara) })
		h.advance(10 * day)
		h.wantState(r, access.Canceled)
	})
}

// TestStartFromOldList: A request that was canceled after it was listed is not
// started.
func TestStartFromOldList(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		p := h.ForPartner(access.Terms{CustomSchedule: true})
		r := h.submit(h.Mara, h.Package("Tidal", p), access.RequestForm{Start: h.clock.Now().Add(day)})
		h.clock.Advance(day)
		old := mustListDue(h, h.StartingRequests)
		if err := h.Requests.Cancel(context.Background(), h.person(r.Target), r.ID); err != nil {
			h.t.Fatal(err)
		}
		h.wantHandled(1)(h.Deadlines.StartScheduledFrom(context.Background(), old))
		h.wantState(r, access.Canceled)
	})
}

// TestEnds: Every kind of expiration (F-123). Whether access is in force
// follows from the dates, not from whether the job has run.
func TestEnds(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		noon := h.clock.Now()
		for name, e := range map[string]access.Expiration{
			"date":  {Kind: access.AfterDate, End: noon.Add(50 * hour).UnixMilli()},
			"hours": {Kind: access.AfterDuration, Hours: 5},
			"days":  {Kind: access.AfterDuration, Days: 2},
			"never": {Kind: access.NoExpiration},
		} {
			h.submit(h.AccountOf(h.Lena), h.Package(name, access.Policy{Scope: access.ScopeMembers,
				Terms: access.Terms{Expiration: e}}), access.RequestForm{})
		}
		h.clock.Advance(hour) // durations count from delivery
		h.runJobs()
		held := func(at time.Duration) (names []string) {
			h.clock.Advance(noon.Add(at).Sub(h.clock.Now()))
			all, err := h.ActivePackages(context.Background(), h.Lena, store.PackageSearch{Limit: 10}, h.clock.Now().UnixMilli())
			if err != nil {
				h.t.Fatal(err)
			}
			for _, l := range all {
				names = append(names, l.Package.Name)
			}
			return names
		}
		for _, moment := range []struct {
			at   time.Duration
			want int
		}{{6*hour - time.Millisecond, 4}, {6 * hour, 3}, {49*hour - 1e6, 3}, {49 * hour, 2}, {50*hour - 1e6, 2},
			{50 * hour, 1}} {
			if got := held(moment.at); len(got) != moment.want {
				h.t.Errorf("after %s, without a job: %v", moment.at, got)
			}
		}
		h.runJobs()
		if !h.inTeam(h.Lena.ID) {
			h.t.Error("a role of the fourth package was removed")
		}
	})
}

// TestEndFromOldList: An assignment that was extended after it was listed is
// not ended, and one that has been ended is not ended twice.
func TestEndFromOldList(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		p := h.ForPartner(access.Terms{Expiration: access.Expiration{Kind: access.AfterDuration, Days: 1}})
		r := h.submit(h.Mara, h.Package("Tidal", p), access.RequestForm{})
		h.runJobs()
		h.clock.Advance(day)
		old := mustListDue(h, h.EndingAssignments)
		x := h.assignment(r)
		x.End = h.clock.Now().Add(day)
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.MoveAssignment(ctx, x, access.AssignDelivering)
		})
		h.wantHandled(1)(h.Deadlines.EndAssignmentsFrom(context.Background(), old))
		if h.runJobs(); !h.inTeam(r.Target) {
			h.t.Error("ended before the new end")
		}
		h.advance(day)
		h.wantHandled(1)(h.Deadlines.EndAssignmentsFrom(context.Background(), old))
		h.wantSentOnce("mara@harbor.example: Your access to Tidal has ended")
	})
}

// wantSentOnce fails the test unless the mail was sent exactly once.
func (h *harness) wantSentOnce(mail string) {
	h.t.Helper()
	n := 0
	all := h.takeMails()
	for _, m := range all {
		if m == mail {
			n++
		}
	}
	if n != 1 {
		h.t.Errorf("%d times %q in %q", n, mail, all)
	}
}
