package lifecycle

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// Mails sends queued mails. A mail is sent at least once: after a crash it may
// be sent again, with the same message id.
type Mails struct {
	store  *store.Store
	sender mail.Sender
	base   string // the address of the portal, without a trailing slash
	log    *slog.Logger
	jitter func() float64
}

// maxMailAge is how long a mail is retried that the server does not accept.
const maxMailAge = 5 * 24 * time.Hour

// Run sends mails that are due, at most as many as there are workers, and
// returns how many it took from the queue. A mail that cannot be sent does not
// stop the others.
func (m *Mails) Run(ctx context.Context) (int, error) {
	due, err := m.store.LeaseMails(ctx, leaseTime, workers)
	if err != nil {
		return 0, err
	}
	var wait sync.WaitGroup
	for _, queued := range due {
		wait.Go(func() { m.send(ctx, queued) })
	}
	wait.Wait()
	return len(due), nil
}

// send composes and sends one mail and stores the result.
func (m *Mails) send(ctx context.Context, queued store.Mail) {
	sending, cancel := context.WithTimeout(ctx, leaseTime/2)
	defer cancel()
	sendErr := recoverPanic(func() error { return m.composeAndSend(sending, queued) })
	if sendErr != nil && ctx.Err() != nil {
		return // shutting down: it is sent when the lease has expired
	}
	if sendErr != nil {
		m.log.WarnContext(ctx, "mail not sent", "mail", queued.ID, "kind", queued.Kind, "attempt", queued.Attempts+1,
			"error", sendErr)
	}
	// A mail that was sent is marked as sent even during a shutdown, so that it
	// is not sent again.
	ctx = context.WithoutCancel(ctx)
	err := m.store.Write(ctx, func(tx *store.Tx) error {
		return tx.FinishMail(ctx, m.afterAttempt(queued, sendErr, tx.Now))
	})
	if err != nil {
		m.log.ErrorContext(ctx, "mail: outcome not stored", "mail", queued.ID, "error", err)
	}
}

// afterAttempt returns the mail as it is stored after an attempt that returned
// err.
func (m *Mails) afterAttempt(queued store.Mail, err error, now time.Time) store.Mail {
	queued.Attempts++
	queued.NextTry = time.Time{}
	if err == nil {
		queued.Sent, queued.LastError = now, ""
		return queued
	}
	queued.LastError = err.Error()
	if mail.Temporary(err) && now.Before(queued.Created.Add(maxMailAge)) {
		queued.NextTry = now.Add(access.RetryDelay(queued.Attempts, 0, m.jitter()))
	}
	return queued
}

// composeAndSend writes the mail from the current facts and hands it to the
// server. An obsolete mail is not sent, which is no error.
func (m *Mails) composeAndSend(ctx context.Context, queued store.Mail) error {
	msg := message{ctx: ctx, r: m.store.Reader, mail: queued, base: m.base}
	if queued.Address != "" {
		return m.sendPasscode(ctx, msg)
	}
	if queued.Kind == string(mail.ProviderChanged) {
		return m.sendProvider(ctx, msg)
	}
	if err := msg.load(); err != nil {
		return err
	}
	if msg.obsolete() {
		return nil
	}
	facts, err := msg.facts()
	if err != nil {
		return err
	}
	text, err := mail.Compose(mail.Kind(queued.Kind), msg.printer(), facts)
	if err != nil {
		return err
	}
	return m.sender.Send(ctx, mail.Envelope{ID: string(queued.ID), To: msg.person.Email, Message: text})
}

// sendPasscode sends a one-time passcode to an address that may be unknown.
func (m *Mails) sendPasscode(ctx context.Context, msg message) (err error) {
	if msg.tenant, err = m.store.Tenant(ctx, msg.mail.Tenant); err != nil {
		return err
	}
	text, err := mail.Compose(mail.Kind(msg.mail.Kind), msg.printer(), mail.Facts{Tenant: msg.tenant.Name,
		Base: msg.base, Domain: msg.tenant.PrimaryDomain(), Support: msg.tenant.Settings.SupportContact,
		Recipient: msg.mail.Address, Code: msg.mail.Text})
	if err != nil {
		return err
	}
	return m.sender.Send(ctx, mail.Envelope{ID: string(msg.mail.ID), To: msg.mail.Address, Message: text})
}
