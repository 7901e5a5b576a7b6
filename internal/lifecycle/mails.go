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

// Mails sends what waits in the queue. A message is sent at least once; it
// carries the id of its row, so that a second copy after a crash can be told.
type Mails struct {
	store  *store.Store
	sender mail.Sender
	base   string
	log    *slog.Logger
	jitter func() float64
}

// maxMailAge is how long a message is tried whose server does not take it.
const maxMailAge = 5 * 24 * time.Hour

// Run sends messages that are due and returns how many it took on. One that
// cannot be delivered does not hold up the others.
func (m *Mails) Run(ctx context.Context) (int, error) {
	due, err := m.store.LeaseMails(ctx, leaseTime, workers)
	if err != nil {
		return 0, err
	}
	var wait sync.WaitGroup
	for _, one := range due {
		wait.Go(func() { m.send(ctx, one) })
	}
	wait.Wait()
	return len(due), nil
}

// send composes and sends one message and stores how that went.
func (m *Mails) send(ctx context.Context, one store.Mail) {
	sending, cancel := context.WithTimeout(ctx, leaseTime/2)
	defer cancel()
	err := recoverPanic(func() error { return m.composeAndSend(sending, one) })
	if err != nil && ctx.Err() != nil {
		return // shutting down: the lease runs out and it is sent then
	}
	// What has been sent is noted even then, so that it is not sent again.
	ctx = context.WithoutCancel(ctx)
	err = m.store.Write(ctx, func(tx *store.Tx) error {
		return tx.FinishMail(ctx, m.outcome(one, err, tx.Now))
	})
	if err != nil {
		m.log.ErrorContext(ctx, "mail: outcome not stored", "mail", one.ID, "error", err)
	}
}

// outcome is the message after an attempt that ended with err.
func (m *Mails) outcome(one store.Mail, err error, now time.Time) store.Mail {
	one.Attempts++
	one.NextTry = time.Time{}
	if err == nil {
		one.Sent, one.LastError = now, ""
		return one
	}
	one.LastError = err.Error()
	m.log.Warn("mail not sent", "mail", one.ID, "kind", one.Kind, "attempt", one.Attempts, "error", err)
	if mail.Temporary(err) && now.Before(one.Created.Add(maxMailAge)) {
		one.NextTry = now.Add(access.RetryDelay(one.Attempts, 0, m.jitter()))
	}
	return one
}

// composeAndSend makes up the message as things are now and hands it to the server. A
// question that has been settled in the meantime is not asked any more.
func (m *Mails) composeAndSend(ctx context.Context, one store.Mail) error {
	l := message{ctx: ctx, r: m.store.Reader, mail: one, base: m.base}
	if one.Address != "" {
		return m.sendPasscode(ctx, l)
	}
	if one.Kind == string(mail.ProviderChanged) {
		return m.sendProvider(ctx, l)
	}
	if err := l.load(); err != nil {
		return err
	}
	if l.obsolete() {
		return nil
	}
	facts, err := l.facts()
	if err != nil {
		return err
	}
	text, err := mail.Compose(mail.Kind(one.Kind), l.printer(), facts)
	if err != nil {
		return err
	}
	return m.sender.Send(ctx, mail.Envelope{ID: string(one.ID), To: l.person.Email, Message: text})
}

// sendPasscode sends a one-time passcode to an address that need not be known.
func (m *Mails) sendPasscode(ctx context.Context, l message) (err error) {
	if l.tenant, err = m.store.Tenant(ctx, l.mail.Tenant); err != nil {
		return err
	}
	text, err := mail.Compose(mail.Kind(l.mail.Kind), l.printer(), mail.Facts{Tenant: l.tenant.Name, Base: l.base,
		Domain:  l.tenant.PrimaryDomain(),
		Support: l.tenant.Settings.SupportContact, Recipient: l.mail.Address, Code: l.mail.Text})
	if err != nil {
		return err
	}
	return m.sender.Send(ctx, mail.Envelope{ID: string(l.mail.ID), To: l.mail.Address, Message: text})
}
