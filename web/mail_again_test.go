package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// giveUp ends the attempts to send the mails that are due, with the cause and reply.
func (p *fixture) giveUp(cause, reply string) {
	p.t.Helper()
	for {
		m, ok, err := p.ClaimMail(p.t.Context(), time.Minute, "")
		if err != nil {
			p.t.Fatal(err)
		}
		if !ok {
			return
		}
		m.Attempts, m.NextTry, m.LastError, m.Failure = 1, time.Time{}, reply, cause
		p.Do(func(ctx context.Context, tx *store.Tx) error { return tx.FinishMail(ctx, m) })
	}
}

// noticeTo queues a notice to a person.
func (p *fixture) noticeTo(who access.Person) {
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.QueueMail(ctx, store.Mail{Tenant: p.Tenant.ID, Kind: "notMember", Person: who.ID, Text: "{}"})
	})
}

// A mail that was not needed any more is not shown as sent, nor is it sent again.
func TestUnneededMailsOnPages(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("chief")
	stage := access.Terms{Stages: []access.Stage{{Days: 7, Approvers: []access.SubjectRef{personSubject(p.Lena.ID)}}}}
	for i, says := range []string{"Not sent. The recipient no longer had to decide.",
		"Not sent. The recipient has no mail address.", ""} {
		o := p.Package(fmt.Sprint("Tidal ", i), access.Policy{Scope: access.ScopeMembers, Terms: stage})
		r, err := p.Requests.Submit(t.Context(), p.Tenant, p.AccountOf(p.Ida), o.Package.ID, access.RequestForm{}, "")
		if err != nil {
			t.Fatal(err)
		}
		m, ok, err := p.ClaimMail(t.Context(), time.Minute, "")
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		m.Attempts, m.NextTry, m.Sent = 1, time.Time{}, p.clock.Now()
		m.Failure = []string{"obsolete", "noAddress", ""}[i]
		p.Do(func(ctx context.Context, tx *store.Tx) error { return tx.FinishMail(ctx, m) })
		state, not := "Not needed "+says, "!Sent"
		if says == "" {
			state, not = "Sent", "!Not needed"
		}
		p.as("chief").opens(home+"/admin/requests/"+string(r.ID)).sees(http.StatusOK, "Approval needed", state, not,
			"!Resend")
	}
}

// TestC54CausesOnPages: The overview says of a mail that was not sent what the mail
// server refuses, beside its reply: a server that refuses the sender has not refused
// the address.
func TestC54CausesOnPages(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("chief")
	for cause, says := range map[string]string{
		"later":          "The mail server didn't take the message for now.",
		"unreachable":    "The mail server can't be reached.",
		"unprotected":    "The connection to the mail server can't be protected with TLS.",
		"signInRefused":  "The mail server doesn't accept the user name and password, or requires them.",
		"senderRefused":  "The mail server refuses messages from this sender.",
		"messageRefused": "The mail server refuses this message.",
		"mailboxRefused": "The recipient's mailbox is full or disabled.",
		"noSMTPUTF8": "The mail server can't send to addresses with characters outside ASCII: it doesn't support " +
			"SMTPUTF8.",
		"addressRefused": "The mail server doesn't accept the recipient's address.",
	} {
		p.noticeTo(p.Lena)
		reply := "at RCPT TO: 550 <b>" + cause + "</b>"
		p.giveUp(cause, reply)
		p.as("chief").opens(home+"/admin/").sees(http.StatusOK, "Mails not sent",
			"Guest of your provider, to lena@meridian.example", says, reply, "Failed")
		p.clock.Advance(31 * 24 * time.Hour) // no longer shown
		p.as("chief").opens(home+"/admin/").sees(http.StatusOK, "!"+says, "!"+reply)
	}
}

// TestC54SendAgainOnPages: An administrator sends one mail again that was given up, or
// those of one request, or all. The audit log says so, and a second attempt is told that
// there are none.
func TestC54SendAgainOnPages(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("chief")
	b := p.as("chief")
	again := func(button string) {
		t.Helper()
		b.presses(button, nil).sees(http.StatusOK, "The mails are being sent again.", "!Failed")
		p.runJobs()
	}
	waiting := func(want int) {
		t.Helper()
		late, err := p.LateMails(t.Context(), p.Tenant.ID, time.Time{}, 100)
		if err != nil || len(late) != want {
			t.Errorf("%d mails are late, want %d, %v", len(late), want, err)
		}
	}

	p.noticeTo(p.Lena)
	p.giveUp("addressRefused", "550 5.1.1 unknown")
	b.opens(home + "/admin/")
	again("Resend")
	waiting(0)

	for range 7 { // more than the page shows
		p.noticeTo(p.Omar)
	}
	p.giveUp("senderRefused", "554 5.7.1 no")
	b.opens(home+"/admin/").sees(http.StatusOK, "There are more.")
	again("Resend all")
	waiting(0)

	stage := access.Terms{Stages: []access.Stage{{Days: 7, Approvers: []access.SubjectRef{personSubject(p.Lena.ID)}}}}
	o := p.Package("Tidal", access.Policy{Scope: access.ScopeMembers, Terms: stage})
	r, err := p.Requests.Submit(t.Context(), p.Tenant, p.AccountOf(p.Ida), o.Package.ID, access.RequestForm{}, "")
	if err != nil {
		t.Fatal(err)
	}
	p.giveUp("mailboxRefused", "552 5.2.2 full")
	p.noticeTo(p.Omar)
	p.giveUp("addressRefused", "550 5.1.1 unknown")
	waiting(2)
	b.opens(home+"/admin/requests/"+string(r.ID)).sees(http.StatusOK, "Approval needed", "Failed",
		"The recipient's mailbox is full or disabled. 552 5.2.2 full")
	again("Resend failed mails")
	b.sees(http.StatusOK, "Approval needed", "Pending", "!552 5.2.2 full") // not tried since
	waiting(1)

	b.do(http.MethodPost, home+"/admin/send-again", url.Values{"request": {string(r.ID)}}).
		sees(http.StatusConflict, "There's nothing to send again. The mails may be in the queue already.")
	b.do(http.MethodPost, home+"/admin/send-again", nil).sees(http.StatusNotFound)
	waiting(1)

	chief, err := p.PeopleByEmail(t.Context(), p.Tenant.ID, "chief@meridian.example")
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, id := range []string{string(p.Tenant.ID), string(r.ID)} {
		log, err := p.AuditOf(t.Context(), p.Tenant.ID, id)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range log {
			if a.Activity == access.ActSendMailAgain && a.Actor == chief[0].ID {
				said = append(said, string(a.ObjectKind)+" "+a.To)
			}
		}
	}
	slices.Sort(said)
	if want := []string{"request 1", "tenant 1", "tenant 7"}; !slices.Equal(said, want) {
		t.Errorf("the audit log says %q, want %q", said, want)
	}
}

// TestC54NothingToSendAgain: Mails that cannot be sent again have no button: a one-time
// passcode, and a mail to somebody who has lost the address.
func TestC54NothingToSendAgain(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("chief")
	p.noticeTo(p.Ida)
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		return tx.QueueMail(ctx, store.Mail{Tenant: p.Tenant.ID, Kind: "passcode", Address: "ada@quay.example",
			Text: "12345678"})
	})
	p.giveUp("addressRefused", "550 5.1.1 unknown")
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		p.Ida.Email = ""
		return tx.UpdatePerson(ctx, p.Ida)
	})
	b := p.as("chief")
	b.opens(home+"/admin/").sees(http.StatusOK, "One-time passcode, to ada@quay.example", "Failed", "!Resend",
		"!Resend all")
	b.do(http.MethodPost, home+"/admin/send-again", url.Values{"all": {"yes"}}).sees(http.StatusConflict)
}
