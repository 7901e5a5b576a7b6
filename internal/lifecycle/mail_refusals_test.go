package lifecycle_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mail"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestC54RefusedSenderIsRetried: Mails are retried for days while the server refuses
// the sender or the message, less and less often, and only a refused address ends that.
func TestC54RefusedSenderIsRetried(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		for _, cause := range []mail.Cause{mail.SenderRefused, mail.MessageRefused, mail.SignInRefused, mail.MailboxRefused,
			mail.NoSMTPUTF8, mail.AddressRefused} {
			tries, refused := 0, true
			h.mailbox.fail = func(mail.Envelope) error {
				tries++
				if refused {
					return &mail.SendError{Cause: cause, Err: errors.New("554 no")}
				}
				return nil
			}
			name := "Tidal " + string(cause)
			h.submit(h.AccountOf(h.Lena), h.Package(name, access.Policy{Scope: access.ScopeMembers}), access.RequestForm{})
			for range 5 {
				h.advance(24 * time.Minute)
			}
			h.advance(4 * day)
			refused = false
			h.advance(2 * hour)
			if cause == mail.AddressRefused {
				h.wantMails()
				if tries != 1 {
					h.t.Errorf("%d attempts to send to an address that does not exist", tries)
				}
				continue
			}
			h.wantMails(lena + "You now have access to " + name)
			if tries < 6 {
				h.t.Errorf("%s: %d attempts", cause, tries)
			}
		}
	})
}

// TestC54HostileReasonIsStored: What a server replies is stored whatever its bytes are,
// so that the mail is not sent again and again.
func TestC54HostileReasonIsStored(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		h.mailbox.fail = func(mail.Envelope) error {
			return &mail.SendError{Cause: mail.AddressRefused,
				Err: errors.New("550 Empf\xe4nger \x00unbekannt\r\n" + strings.Repeat("no ", 10_000))}
		}
		r := h.submit(h.Mara, h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena)))), access.RequestForm{})
		h.runJobs()
		mails, err := h.Store.Mails(h.t.Context(), r.Tenant, r.ID)
		if err != nil || len(mails) != 1 {
			h.t.Fatalf("%d mails, %v", len(mails), err)
		}
		m := mails[0]
		if m.Attempts != 1 || !m.NextTry.IsZero() || len([]rune(m.LastError)) > 1000 ||
			!strings.HasPrefix(m.LastError, "the address was not accepted: 550 Empf\ufffdnger unbekannt no no") {
			h.t.Errorf("stored: %+v", m)
		}
	})
}

// TestSenderName: Every kind of mail has the sender's name from the settings.
func TestSenderName(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		h.addPasscodeOrganization()
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			tenant, err := tx.Tenant(ctx, h.Tenant.ID)
			if err != nil {
				return err
			}
			tenant.Settings.SenderName = "Meridian access"
			return tx.SaveTenant(ctx, tenant)
		})
		var senders []string
		h.mailbox.fail = func(e mail.Envelope) error {
			senders = append(senders, e.Sender)
			return nil
		}
		h.sendPasscode("ada@quay.example", "key")
		h.submit(h.Mara, h.Package("Tidal", h.ForPartner(stages(storetest.Named(h.Lena)))), access.RequestForm{})
		h.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.QueueMail(ctx, store.Mail{Tenant: h.Tenant.ID, Kind: string(mail.NotMember), Person: h.Lena.ID,
				Text: `{"Name":"Pat"}`})
		})
		h.runJobs()
		if want := []string{"Meridian access", "Meridian access", "Meridian access"}; !slices.Equal(senders, want) {
			h.t.Errorf("the senders are %q", senders)
		}
	})
}

// TestPasscodeIsNotRetriedForLong: A passcode is retried while it is valid.
func TestPasscodeIsNotRetriedForLong(t *testing.T) {
	t.Parallel()
	forEachEngineWithPasscodes(t, func(h *harness) {
		h.addPasscodeOrganization()
		var last time.Duration
		tries, start := 0, h.clock.Now()
		h.mailbox.fail = func(mail.Envelope) error {
			tries++
			last = h.clock.Now().Sub(start)
			return &mail.SendError{Cause: mail.Later, Err: errors.New("450 4.2.0 Greylisted")}
		}
		sent, err := h.Passcodes.Send(h.t.Context(), lifecycle.PasscodeRequest{Tenant: h.Tenant.ID,
			Address: "ada@quay.example", Key: "key", Binding: "browser", ReturnTo: "/@meridian.example/requests"})
		if err != nil || !sent {
			h.t.Fatal(sent, err)
		}
		for range 120 {
			h.advance(time.Minute)
		}
		if tries < 5 || last > access.PasscodeLifetime {
			h.t.Errorf("%d attempts, the last after %s", tries, last)
		}
	})
}
