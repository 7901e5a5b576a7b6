package lifecycle_test

import (
	"context"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// handled checks how many things a job from an old list handled.
func (h *house) handled(want int) func(n int, err error) {
	return func(n int, err error) {
		h.t.Helper()
		if n != want || err != nil {
			h.t.Errorf("%d handled, %v; want %d", n, err, want)
		}
	}
}

// due are the requests that a query of the store lists now.
func due[T any](h *house, list func(context.Context, time.Time, int) ([]T, error)) []T {
	h.t.Helper()
	all, err := list(context.Background(), h.clock.Now(), 10)
	if err != nil || len(all) == 0 {
		h.t.Fatalf("nothing is due: %v", err)
	}
	return all
}

// TestLapse: each stage has its time; when it is over nobody can decide, even
// before the job has come by, and the request expires (F-095).
func TestLapse(t *testing.T) {
	each(t, func(h *house) {
		r := h.ask(h.Mara, h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena), storetest.Named(h.Omar)))),
			access.RequestForm{})
		h.later(7*day - time.Minute)
		h.approves(h.Lena, r, 0)
		h.clock.Advance(7 * day) // the job is late
		if err := h.decides(h.Omar, r, 1, true); access.KindOf(err) != access.Conflict {
			h.t.Errorf("decided after its time: %v", err)
		}
		h.stands(r, access.PendingApproval)
		h.work()
		h.stands(r, access.Expired)
		if h.holds(r.Target) {
			h.t.Error("no answer gave access")
		}
		h.ask(h.Mara, access.Offer{Package: access.Package{ID: r.Package}}, access.RequestForm{}) // she may ask again
	})
}

// TestLapseFromOldList is the fault at the end of section 5 of the habits: the
// first stage approves between the list of what is due and the move. The request
// is still pending approval, with another due time, and must not expire.
func TestLapseFromOldList(t *testing.T) {
	each(t, func(h *house) {
		r := h.ask(h.Mara, h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena), storetest.Named(h.Omar)))),
			access.RequestForm{})
		h.clock.Advance(7*day - time.Millisecond)
		old := []access.Request{h.now(r)}
		h.approves(h.Lena, r, 0)
		h.clock.Advance(time.Millisecond)
		h.handled(1)(h.Deadlines.ExpireRequestsFrom(context.Background(), old))
		h.stands(r, access.PendingApproval)
		h.approves(h.Omar, r, 1)
		h.handled(0)(h.Deadlines.ExpireRequestsFrom(context.Background(), old)) // a conflict is no failure
		h.stands(r, access.Delivering)
	})
}

// TestReminders reminds once per stage, when half of its time is over, those who
// may decide it (messages 3 and 12).
func TestReminders(t *testing.T) {
	each(t, func(h *house) {
		h.ask(h.Mara, h.Package("Decided", h.ForPartner(stages(storetest.Named(h.Ida)))), access.RequestForm{})
		r := h.ask(h.Mara, h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena), groupStage(h.Reviewers)))),
			access.RequestForm{})
		h.work()
		h.sent()
		h.later(84*hour - time.Minute)
		h.sends()
		h.approvesAll(h.Ida)
		h.work()
		h.sent()
		h.later(time.Minute)
		h.sends("lena@meridian.example: Reminder: Approve or deny the request by 9 March 2026 for Mara Lind")
		h.later(day)
		h.sends()
		h.approves(h.Lena, r, 0) // in the first minute of 7 March: the second stage has until the 14th
		h.work()
		h.sent()
		h.later(84 * hour)
		h.sends("ida@meridian.example: Reminder: Approve or deny the request by 14 March 2026 for Mara Lind",
			"omar@meridian.example: Reminder: Approve or deny the request by 14 March 2026 for Mara Lind")
		h.later(day)
		h.sends()
	})
}

// approvesAll lets a person approve everything that waits for her.
func (h *house) approvesAll(by access.Person) {
	h.t.Helper()
	all, err := h.PendingApprovals(context.Background(), by, "", 10)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, a := range all {
		h.approves(by, a.Request, a.Request.Stage)
	}
}

// TestRemindFromOldList: the stage that was to be reminded of is over; the next
// one has just begun and has its own reminder, in its own time.
func TestRemindFromOldList(t *testing.T) {
	each(t, func(h *house) {
		r := h.ask(h.Mara, h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena), storetest.Named(h.Omar)))),
			access.RequestForm{})
		h.clock.Advance(4 * day)
		old := due(h, h.RemindableRequests)
		h.approves(h.Lena, r, 0)
		if _, err := h.Deadlines.RemindApproversFrom(context.Background(), old); err != nil {
			h.t.Fatal(err)
		}
		h.work()
		h.sent()
		h.later(4 * day)
		h.sends("omar@meridian.example: Reminder: Approve or deny the request by 13 March 2026 for Mara Lind")
	})
}

// TestScheduledStart: a granted request waits for its start, holds nothing until
// then, and ends when it was asked to (F-124).
func TestScheduledStart(t *testing.T) {
	each(t, func(h *house) {
		start := h.clock.Now().Add(10 * day)
		p := h.ForPartner(access.Terms{CustomSchedule: true})
		r := h.ask(h.Mara, h.Package("Tidal", p), access.RequestForm{Start: start, End: start.Add(5 * day)})
		h.stands(r, access.Scheduled)
		h.later(10*day - time.Minute)
		if h.stands(r, access.Scheduled); h.holds(r.Target) || h.person(r.Target).Guest != access.GuestNone {
			h.t.Error("something came before the start")
		}
		h.later(time.Minute)
		h.stands(r, access.Delivered)
		if x := h.assignment(r); !x.End.Equal(start.Add(5*day)) || !x.Start.Equal(start) {
			h.t.Errorf("%+v", x)
		}
		h.later(5*day - time.Minute)
		if !h.holds(r.Target) {
			h.t.Error("it ended before its end")
		}
		if h.later(time.Minute); h.holds(r.Target) {
			h.t.Error("it did not end")
		}
	})
}

// TestHindrances: when the start comes, the requestor may no longer have the
// package. Each of the reasons alone cancels the request, and is told.
func TestHindrances(t *testing.T) {
	for name, hinder := range map[string]func(h *house, o access.Offer, r access.Request){
		"When the start came, the policy no longer covered the person.": func(h *house, o access.Offer, r access.Request) {
			h.policy(o, func(p *access.Policy) { p.Scope, p.Targets = access.ScopeMembers, nil })
		},
		"When the start came, this access package was no longer open to the person.": func(h *house, o access.Offer,
			r access.Request) {
			c := h.Catalog
			c.External = false
			h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveCatalog(ctx, c) })
		},
		"The period that was asked for was over before it could begin.": func(h *house, o access.Offer, r access.Request) {
			h.clock.Advance(2 * day) // the jobs did not run for so long
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(h *house) {
				terms := stages(storetest.Named(h.Lena))
				terms.CustomSchedule = true
				o := h.Package("Tidal", h.ForPartner(terms))
				start := h.clock.Now().Add(10 * day)
				r := h.ask(h.Mara, o, access.RequestForm{Start: start, End: start.Add(day)})
				h.approves(h.Lena, r, 0)
				h.work()
				h.sent()
				hinder(h, o, r)
				h.later(10 * day)
				if got := h.now(r); got.State != access.Canceled || got.Note != name {
					h.t.Errorf("%s: %q", got.State, got.Note)
				}
				h.sends("lena@meridian.example: Request canceled for Tidal", "mara@harbor.example: Request canceled for Tidal")
			})
		})
	}
}

// TestHindranceOfDisabled is the same for somebody who has been disabled.
func TestHindranceOfDisabled(t *testing.T) {
	each(t, func(h *house) {
		p := h.ForPartner(access.Terms{CustomSchedule: true})
		r := h.ask(h.Mara, h.Package("Tidal", p), access.RequestForm{Start: h.clock.Now().Add(10 * day)})
		mara := h.person(r.Target)
		mara.Disabled = true
		h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.UpdatePerson(ctx, mara) })
		h.later(10 * day)
		h.stands(r, access.Canceled)
	})
}

// TestStartFromOldList: a request that was canceled since is left alone.
func TestStartFromOldList(t *testing.T) {
	each(t, func(h *house) {
		p := h.ForPartner(access.Terms{CustomSchedule: true})
		r := h.ask(h.Mara, h.Package("Tidal", p), access.RequestForm{Start: h.clock.Now().Add(day)})
		h.clock.Advance(day)
		old := due(h, h.StartingRequests)
		if err := h.Requests.Cancel(context.Background(), h.person(r.Target), r.ID); err != nil {
			h.t.Fatal(err)
		}
		h.handled(1)(h.Deadlines.StartScheduledFrom(context.Background(), old))
		h.stands(r, access.Canceled)
	})
}

// TestEnds takes every way in which an end is found (F-123), and asks of the
// dates, never of whether the job has run, what is in force.
func TestEnds(t *testing.T) {
	each(t, func(h *house) {
		noon := h.clock.Now()
		for name, e := range map[string]access.Expiration{
			"date":  {Kind: access.AfterDate, End: noon.Add(50 * hour).UnixMilli()},
			"hours": {Kind: access.AfterDuration, Hours: 5},
			"days":  {Kind: access.AfterDuration, Days: 2},
			"never": {Kind: access.NoExpiration},
		} {
			h.ask(h.AccountOf(h.Lena), h.Package(name, access.Policy{Scope: access.ScopeMembers,
				Terms: access.Terms{Expiration: e}}), access.RequestForm{})
		}
		h.clock.Advance(hour) // durations count from delivery
		h.work()
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
		h.work()
		if !h.holds(h.Lena.ID) {
			h.t.Error("what the fourth package asks for was taken away")
		}
	})
}

// TestEndFromOldList: an assignment that has been given more time since the list
// was made is left alone, and one that has been ended is not ended twice.
func TestEndFromOldList(t *testing.T) {
	each(t, func(h *house) {
		p := h.ForPartner(access.Terms{Expiration: access.Expiration{Kind: access.AfterDuration, Days: 1}})
		r := h.ask(h.Mara, h.Package("Tidal", p), access.RequestForm{})
		h.work()
		h.clock.Advance(day)
		old := due(h, h.EndingAssignments)
		x := h.assignment(r)
		x.End = h.clock.Now().Add(day)
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.MoveAssignment(ctx, x, access.AssignDelivering)
		})
		h.handled(1)(h.Deadlines.EndAssignmentsFrom(context.Background(), old))
		if h.work(); !h.holds(r.Target) {
			h.t.Error("ended before the new end")
		}
		h.later(day)
		h.handled(1)(h.Deadlines.EndAssignmentsFrom(context.Background(), old))
		h.sentOnce("mara@harbor.example: Access has ended for Tidal")
	})
}

// sentOnce fails the test unless the mail was sent exactly once.
func (h *house) sentOnce(mail string) {
	h.t.Helper()
	n := 0
	all := h.sent()
	for _, m := range all {
		if m == mail {
			n++
		}
	}
	if n != 1 {
		h.t.Errorf("%d times %q in %q", n, mail, all)
	}
}
