package lifecycle_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/mail"
)

// TestMailSentDuringShutdown: A mail that was sent when the portal was
// asked to end is not sent again by the next portal.
func TestMailSentDuringShutdown(t *testing.T) {
	t.Parallel()
	forEachEngine(t, func(h *harness) {
		o := h.Package("Tidal", h.ForPartner(access.Terms{Expiration: access.Expiration{Kind: access.NoExpiration}}))
		h.submit(h.Mara, o, access.RequestForm{})
		h.deliverUnits(2) // the plan, and the only target
		ctx, end := context.WithCancel(context.Background())
		h.mailbox.fail = func(mail.Envelope) error { // does not fail, but ends the portal
			end()
			return nil
		}
		send, err := h.Mails.Claim(ctx)
		if err != nil || send == nil {
			h.t.Fatalf("no mail claimed, %v", err)
		}
		if err := send(ctx); err != nil {
			h.t.Fatal(err)
		}
		h.mailbox.fail = nil
		h.advance(time.Hour)
		if d := cmp.Diff([]string{"You now have access to Tidal"}, h.takeSubjectsTo(h.Mara.Email)); d != "" {
			h.t.Error(d)
		}
	})
}
