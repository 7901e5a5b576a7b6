package lifecycle_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mail"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

const (
	lena = "lena@meridian.example: "
	omar = "omar@meridian.example: "
	ida  = "ida@meridian.example: "
	mara = "mara@harbor.example: "
)

// twoStages is a request of Mara's that Lena and then the group must approve.
func (h *harness) twoStages(name string) access.Request {
	h.t.Helper()
	return h.submit(h.Mara, h.Package(name, h.ForPartner(stages(storetest.Named(h.Lena), groupStage(h.Reviewers)))),
		access.RequestForm{})
}

// TestMailsOfApproval: The mails of a request that is approved, until its
// access has ended (M-02, M-07, M-08, M-11, M-16,
// M-18, M-20).
func TestMailsOfApproval(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		terms := stages(storetest.Named(h.Lena), groupStage(h.Reviewers))
		terms.Expiration = access.Expiration{Kind: access.AfterDuration, Days: 5}
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(terms)), access.RequestForm{})
		h.runJobs()
		h.wantMails(lena + "Approve or deny by 9 March 2026: Mara Lind → Tidal")
		h.clock.Advance(day)
		h.approve(h.Lena, r, 0)
		h.runJobs()
		h.wantMails(lena+"Stage 1 of 2 approved: Mara Lind → Tidal",
			omar+"Approve or deny by 10 March 2026: Mara Lind → Tidal",
			ida+"Approve or deny by 10 March 2026: Mara Lind → Tidal")
		h.approve(h.Ida, r, 1)
		h.runJobs()
		h.wantMails(lena+"Request approved: Mara Lind → Tidal", omar+"Request approved: Mara Lind → Tidal",
			ida+"Request approved: Mara Lind → Tidal", mara+"You now have access to Tidal")
		h.advance(5 * day)
		h.wantMails(mara + "Your access to Tidal has ended")
		h.advance(60 * day) // the account is blocked, and removed: no mail (F-201)
		h.wantMails()
	})
}

// TestMailsOfDenial: A denial is mailed to the requestor and to the approvers
// of the stages opened so far (M-09).
func TestMailsOfDenial(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		early := h.twoStages("Early")
		if err := h.decide(h.Lena, early, 0, false); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		// no mail to the second stage
		h.wantMails(lena+"Request denied: Mara Lind → Early", mara+"Your request for Early was denied")
		late := h.twoStages("Late")
		h.approve(h.Lena, late, 0)
		h.runJobs()
		h.takeMails()
		if err := h.decide(h.Omar, late, 1, false); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		h.wantMails(lena+"Request denied: Mara Lind → Late", omar+"Request denied: Mara Lind → Late",
			ida+"Request denied: Mara Lind → Late", mara+"Your request for Late was denied")
	})
}

// TestMailsOfExpiry: The mails of a request that expires (M-06, M-10,
// M-17).
func TestMailsOfExpiry(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.twoStages("Early")
		late := h.twoStages("Late")
		h.approve(h.Lena, late, 0)
		h.runJobs()
		h.clock.Advance(7 * day) // no reminder was sent on the way
		h.takeMails()
		h.runJobs()
		h.wantMails(lena+"Request expired: Mara Lind → Early", mara+"Your request for Early has expired",
			lena+"Request expired: Mara Lind → Late", omar+"Request expired: Mara Lind → Late",
			ida+"Request expired: Mara Lind → Late",
			mara+"Your request for Late has expired")
	})
}

// TestMailsOfScheduled: The approvers get a mail when the last stage is
// approved, not when the start comes.
func TestMailsOfScheduled(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		terms := stages(groupStage(h.Reviewers))
		terms.CustomSchedule = true
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(terms)), access.RequestForm{Start: h.clock.Now().Add(30 * day)})
		h.runJobs()
		h.takeMails()
		h.approve(h.Ida, r, 0)
		h.runJobs()
		h.wantMails(ida+"Request approved: Mara Lind → Tidal", omar+"Request approved: Mara Lind → Tidal")
		h.advance(30 * day)
		h.wantMails(mara + "You now have access to Tidal")
	})
}

// TestSuppressedNotifications: A policy that suppresses notifications sends no
// mails about the assignment, and all mails about the request (F-069).
func TestSuppressedNotifications(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		terms := stages(storetest.Named(h.Lena))
		terms.SuppressNotifications, terms.Expiration = true, access.Expiration{Kind: access.AfterDuration, Days: 5}
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(terms)), access.RequestForm{})
		h.approve(h.Lena, r, 0)
		h.runJobs()
		h.wantState(r, access.Delivered)
		h.wantMails(lena + "Request approved: Mara Lind → Tidal") // no mail asks for the decision that was made
		h.advance(5 * day)
		if h.inTeam(r.Target) {
			h.t.Error("it did not end")
		}
		h.wantMails()
	})
}

// takeMailsTo returns the mails to an address and empties the mailbox.
func (h *harness) takeMailsTo(to string) (all []mail.Envelope) {
	h.mailbox.mu.Lock()
	defer h.mailbox.mu.Unlock()
	for _, e := range h.mailbox.got {
		if e.To == to {
			all = append(all, e)
		}
	}
	h.mailbox.got = nil
	return all
}

// wantMail fails the test unless exactly one mail to the address was sent,
// with every line.
func (h *harness) wantMail(to string, lines ...string) {
	h.t.Helper()
	all := h.takeMailsTo(to)
	if len(all) != 1 {
		h.t.Errorf("%d mails to %s", len(all), to)
		return
	}
	for _, l := range lines {
		if !strings.Contains(all[0].Message.Text, l) {
			h.t.Errorf("the mail to %s does not say %q:\n%s", to, l, all[0].Message.Text)
		}
	}
}

// TestMailTexts: The contents of mails: what an approver must know, in the
// reader's time zone, with links that carry the reader's own domain hint.
func TestMailTexts(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		berlin := h.Lena
		berlin.TimeZone = "Europe/Berlin"
		h.Do(func(ctx context.Context, tx *store.Tx) error { return tx.UpdatePerson(ctx, berlin) })
		terms := stages(storetest.Named(h.Lena))
		terms.CustomSchedule, terms.Expiration = true, access.Expiration{Kind: access.AfterDuration, Days: 30}
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(terms)),
			access.RequestForm{Justification: "I draw the quay walls.", End: h.clock.Now().Add(9 * day)})
		h.runJobs()
		h.wantMail(h.Lena.Email, "Person: Mara Lind", "Email: mara@harbor.example",
			"Organization: Harbor Studio (harbor.example)",
			"Business justification: I draw the quay walls.", "Until: 11 March 2026, 13:00 CET",
			"Submitted: 2 March 2026, 13:00 CET",
			"Decide by: 9 March 2026, 13:00 CET", "https://access.meridian.example/@meridian.example/approvals/"+string(r.ID)+
				memberHint+"\n")
		if err := h.Requests.Decide(context.Background(), h.Lena, lifecycle.DecisionInput{Request: r.ID,
			Reason: "no contract"}); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		h.wantMail(h.Mara.Email, "Reason: no contract",
			"https://access.meridian.example/@meridian.example/requests/"+string(r.ID)+"?domain_hint=harbor.example")
		again := h.submit(h.Mara, access.Offer{Package: access.Package{ID: r.Package}}, access.RequestForm{})
		h.approve(h.Lena, again, 0)
		h.runJobs()
		h.wantMail(h.Mara.Email, "Until: 1 April 2026, 12:00 UTC",
			"- Tidal team (Member)\n  https://sites.meridian.example/team",
			"tab=active&domain_hint=harbor.example")
	})
}

// TestCanceledMailHasReason: The mail about a canceled request does not repeat the
// reason of an earlier approval.
func TestCanceledMailHasReason(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		terms := stages(storetest.Named(h.Lena))
		terms.CustomSchedule = true
		o := h.Package("Tidal", h.ForPartner(terms))
		scheduled := func() access.Request {
			r := h.submit(h.Mara, o, access.RequestForm{Start: h.clock.Now().Add(day)})
			h.approve(h.Lena, r, 0)
			h.runJobs()
			h.takeMails()
			return r
		}
		r := scheduled()
		if err := h.Requests.Cancel(context.Background(), h.person(r.Target), r.ID); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		h.wantMail(h.Lena.Email, "Mara Lind canceled the request for “Tidal”.")
		scheduled()
		h.changePolicy(o, func(p *access.Policy) { p.Scope = access.ScopeNobody })
		h.advance(day)
		h.wantMail(h.Lena.Email, "Reason: At the start, the policy no longer included the person.")
	})
}

// TestBadRecipient: An address that the server rejects does not stop other
// mails and is not retried; one that it rejects temporarily is.
func TestBadRecipient(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		refusals := map[string]error{
			h.Omar.Email: &mail.SendError{Cause: mail.AddressRefused, Err: errors.New("550 no such user")},
			h.Ida.Email:  &mail.SendError{Cause: mail.Later, Err: errors.New("451 come back later")},
		}
		tries := map[string]int{}
		h.mailbox.fail = func(e mail.Envelope) error {
			tries[e.To]++
			return refusals[e.To]
		}
		p := h.ForPartner(stages(storetest.Named(h.Omar, h.Ida, h.Lena)))
		r := h.submit(h.Mara, h.Package("Tidal", p), access.RequestForm{})
		h.runJobs()
		h.wantMails(lena + "Approve or deny by 9 March 2026: Mara Lind → Tidal")
		h.advance(hour)
		delete(refusals, h.Ida.Email)
		h.advance(hour)
		h.wantMails(ida + "Approve or deny by 9 March 2026: Mara Lind → Tidal")
		if tries[h.Omar.Email] != 1 || tries[h.Ida.Email] < 2 {
			h.t.Errorf("tries: %v", tries)
		}
		mails, err := h.Store.Mails(context.Background(), r.Tenant, r.ID)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, m := range mails {
			if m.Person == h.Omar.ID && (!m.Sent.IsZero() || !m.NextTry.IsZero() || !strings.Contains(m.LastError, "550")) {
				h.t.Errorf("the refused one: %+v", m)
			}
		}
	})
}

// TestServerDown: While the server does not answer, a mail is retried often at
// first and then hourly; it is given up after five days, not before.
func TestServerDown(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		var tries []time.Duration
		start, down := h.clock.Now(), true
		h.mailbox.fail = func(mail.Envelope) error {
			tries = append(tries, h.clock.Now().Sub(start))
			if down {
				return errors.New("connection refused")
			}
			return nil
		}
		for _, end := range []struct {
			name  string
			after time.Duration
			want  []string
		}{{"Tidal", 119 * hour, []string{lena + "You now have access to Tidal"}}, {"Ebb", 121 * hour, nil}} {
			down, tries, start = true, nil, h.clock.Now()
			h.submit(h.AccountOf(h.Lena), h.Package(end.name, access.Policy{Scope: access.ScopeMembers}), access.RequestForm{})
			for range 60 {
				h.advance(time.Minute)
			}
			if n := len(tries); n < 6 || n > 10 {
				h.t.Errorf("tries in the first hour: %v", tries)
			}
			for range int(end.after/hour) - 1 {
				h.advance(hour)
			}
			if n := len(tries); n < 119 || n > 130 {
				h.t.Errorf("%d tries in %s", n, end.after)
			}
			down = false
			h.advance(2 * hour)
			h.wantMails(end.want...)
		}
	})
}

// TestMailsAtLeastOnce: If the program dies after the server accepted the mail
// and before that was stored, the mail is sent once more, with the same id.
func TestMailsAtLeastOnce(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		var ids []string
		h.mailbox.fail = func(e mail.Envelope) error {
			ids = append(ids, e.ID)
			return nil
		}
		h.submit(h.Mara, h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena)))), access.RequestForm{})
		dying, ok, err := h.ClaimMail(context.Background(), 2*time.Minute, "") // by the program that dies
		if err != nil || !ok {
			h.t.Fatalf("no mail claimed, %v", err)
		}
		if err := h.mailbox.Send(context.Background(), mail.Envelope{ID: string(dying.ID)}); err != nil {
			h.t.Fatal(err)
		}
		h.runJobs()
		if len(ids) != 1 {
			h.t.Errorf("sent again before the lease was over: %q", ids)
		}
		h.advance(10 * time.Minute)
		if len(ids) != 2 || ids[0] != ids[1] || ids[0] == "" {
			h.t.Errorf("ids: %q", ids)
		}
		h.advance(10 * time.Minute)
		if len(ids) != 2 {
			h.t.Errorf("sent again after it was written down: %q", ids)
		}
	})
}

// TestNoMailAfterDecision: A mail that asks for a decision is not sent if the
// decision has been made.
func TestNoMailAfterDecision(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.mailbox.fail = func(mail.Envelope) error { return errors.New("down") }
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(stages(groupStage(h.Reviewers)))), access.RequestForm{})
		h.runJobs()
		if err := h.decide(h.Ida, r, 0, false); err != nil {
			h.t.Fatal(err)
		}
		h.mailbox.fail = nil
		h.advance(hour)
		want := []string{ida + "Request denied: Mara Lind → Tidal", mara + "Your request for Tidal was denied",
			omar + "Request denied: Mara Lind → Tidal"}
		if d := cmp.Diff(want, h.takeMails()); d != "" {
			h.t.Error(d)
		}
		h.wantUnneeded(r, map[string]int{"approvalAsked obsolete": 2, "requestDenied ": 1,
			"requestDeniedApprovers ": 2})
	})
}

// wantUnneeded checks the kinds of the mails about the request, each with why it was not
// needed any more, and that none of them is sent again.
func (h *harness) wantUnneeded(r access.Request, want map[string]int) {
	h.t.Helper()
	all, err := h.World.Mails(h.t.Context(), h.Tenant.ID, r.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	got := map[string]int{}
	for _, m := range all {
		got[m.Kind+" "+m.Failure]++
		if m.Sent.IsZero() || !m.NextTry.IsZero() || m.LastError != "" {
			h.t.Errorf("it is not over: %+v", m)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		h.t.Error(d)
	}
}

// withoutAddress takes the address from people.
func (h *harness) withoutAddress(people ...access.PersonID) {
	h.t.Helper()
	h.Do(func(ctx context.Context, tx *store.Tx) error {
		for _, id := range people {
			p, err := tx.Person(ctx, h.Tenant.ID, id)
			if err != nil {
				return err
			}
			p.Email = ""
			if err := tx.UpdatePerson(ctx, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// TestNoMailsToPeopleWithoutAddress: of a request that is approved and ends, only Omar, who
// has an address, gets mails; nothing is queued or sent for the others, also if they lose
// the address while the mail waits.
func TestNoMailsToPeopleWithoutAddress(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		terms := stages(storetest.Named(h.Lena), groupStage(h.Reviewers))
		terms.Expiration = access.Expiration{Kind: access.AfterDuration, Days: 5}
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(terms)), access.RequestForm{})
		h.withoutAddress(h.Lena.ID, h.Ida.ID, r.Target) // the first mail is queued already
		h.runJobs()
		h.wantMails()
		h.approve(h.Lena, r, 0)
		h.runJobs()
		h.wantMails(omar + "Approve or deny by 9 March 2026: Mara Lind → Tidal")
		h.approve(h.Ida, r, 1)
		h.runJobs()
		h.wantMails(omar + "Request approved: Mara Lind → Tidal")
		h.advance(5 * day)
		h.wantMails()
		queued, err := h.World.Mails(t.Context(), h.Tenant.ID, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range queued[1:] {
			if m.Person != h.Omar.ID {
				t.Errorf("queued for %s: %s", m.Person, m.Kind)
			}
		}
		if len(queued) != 3 || queued[0].LastError != "" || queued[0].Sent.IsZero() ||
			queued[0].Failure != string(mail.NoAddress) || queued[1].Failure != "" {
			t.Errorf("%d mails are queued, the first %+v", len(queued), queued[0])
		}
	})
}
