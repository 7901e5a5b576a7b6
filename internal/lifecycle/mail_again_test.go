package lifecycle_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestC54SendAgain: Mails that were given up are sent when an administrator asks for
// it, one or all, with what they had to say, and are retried for five days from then.
func TestC54SendAgain(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.mailbox.fail = func(mail.Envelope) error {
			return &mail.SendError{Cause: mail.AddressRefused, Err: errors.New("550 5.1.1 unknown")}
		}
		h.submit(h.Mara, h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena, h.Omar)))), access.RequestForm{})
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.QueueMail(ctx, store.Mail{Tenant: h.Tenant.ID, Kind: string(mail.NotMember), Person: h.Ida.ID,
				Text: `{"Name":"Pat Partner"}`},
				store.Mail{Tenant: h.Tenant.ID, Kind: string(mail.Passcode), Address: "ada@quay.example", Text: "12345678"})
		})
		h.runJobs()
		late, err := h.LateMails(h.t.Context(), h.Tenant.ID, time.Time{}, 10)
		if err != nil || len(late) != 4 {
			h.t.Fatalf("%d mails were given up, %v", len(late), err)
		}
		again := func(which store.GivenUpMails, want int64) {
			h.t.Helper()
			h.Do(func(ctx context.Context, tx *store.Tx) error {
				n, err := tx.SendMailAgain(ctx, h.Tenant.ID, which)
				if n != want {
					h.t.Errorf("%+v: %d mails are sent again, want %d", which, n, want)
				}
				return err
			})
		}
		h.mailbox.fail = nil
		h.advance(6 * day) // longer than mails are retried
		h.takeMails()
		for _, l := range late {
			if l.Failure != string(mail.AddressRefused) {
				h.t.Errorf("the cause is %q", l.Failure)
			}
		}
		down := true
		h.mailbox.fail = func(mail.Envelope) error {
			if down {
				return &mail.SendError{Cause: mail.SenderRefused, Err: errors.New("554 no")}
			}
			return nil
		}
		again(store.GivenUpMails{ID: "019a0000-0000-7000-8000-000000000000"}, 0)
		again(store.GivenUpMails{Since: h.clock.Now()}, 0)
		h.Do(func(ctx context.Context, tx *store.Tx) error { // the reason for sending it again
			h.Ida.Email = "ida@harbor.example"
			return tx.UpdatePerson(ctx, h.Ida)
		})
		again(store.GivenUpMails{Since: h.clock.Now().Add(-30 * day)}, 3) // not the passcode
		again(store.GivenUpMails{Since: h.clock.Now().Add(-30 * day)}, 0)
		h.runJobs()
		h.advance(2 * day)
		down = false
		h.advance(2 * hour)
		if got := h.takeMailsTo("ida@harbor.example"); len(got) != 1 || got[0].Message.Subject !=
			"Pat Partner signed in and is a guest, not a member" {
			h.t.Errorf("the notice after two days: %+v", got)
		}
	})
}

// TestAuditOfMailsSentAgain: Mails that were given up are sent again, those of a request
// and all.
func TestAuditOfMailsSentAgain(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		setUpAdministrators(h)
		h.mailbox.fail = func(mail.Envelope) error {
			return &mail.SendError{Cause: mail.AddressRefused, Err: errors.New("550 5.1.1 unknown")}
		}
		o := h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena, h.Omar))))
		r := h.submit(h.Mara, o, access.RequestForm{})
		h.runJobs()
		a := h.AuditTrail()
		a.Name("Tidal", string(r.ID))
		again := func(which store.GivenUpMails) {
			if err := h.Admin.SendMailAgain(h.t.Context(), h.Lena, which); err != nil {
				h.t.Fatal(err)
			}
		}
		again(store.GivenUpMails{Request: r.ID})
		a.Want("Lena Berg | Send mails again | request Tidal | > 2")
		h.runJobs()
		again(store.GivenUpMails{})
		a.Want("Lena Berg | Send mails again | tenant Meridian Works | > 2")
	})
}
