package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// Mails sends queued mails. A mail is sent at least once: after a crash it may
// be sent again, with the same message id.
type Mails struct {
	store   *store.Store
	sender  mail.Sender
	base    string // the address of the portal, without a trailing slash
	log     *slog.Logger
	jitter  func() float64
	catalog *lang.Catalog

	mu         sync.Mutex
	lastDomain string // of the mail claimed last

	unfinished mailResults
}

// mailResults are results of attempts that could not be stored.
type mailResults struct {
	mu  sync.Mutex
	all []store.Mail
}

func (u *mailResults) add(m store.Mail) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.all = append(u.all, m)
}

const (
	// maxMailAge is how long a mail is retried that the server does not accept.
	maxMailAge = 5 * 24 * time.Hour
	// mailTimeout is the time limit for composing and sending one mail. A server
	// that never answers holds a worker, and a slot of the domain, that long.
	mailTimeout = 75 * time.Second
	// shutdownGrace is how long a mail in progress may still take when the portal
	// shuts down.
	shutdownGrace = 5 * time.Second
)

// Claim claims the next mail that is due and returns what sends it, nil if none
// can be claimed. Mail domains take turns, and each has at most
// store.MailsPerDomain mails in progress.
func (m *Mails) Claim(ctx context.Context) (func(ctx context.Context) error, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.finishRest(ctx); err != nil {
		return nil, err
	}
	queued, ok, err := m.store.ClaimMail(ctx, leaseTime, m.lastDomain)
	if err != nil || !ok {
		return nil, err
	}
	m.lastDomain = queued.Domain
	return func(ctx context.Context) error { return m.send(ctx, queued) }, nil
}

// finishRest stores the results that could not be stored before. No mail is claimed
// until then: one of them would be sent again.
func (m *Mails) finishRest(ctx context.Context) error {
	u := &m.unfinished
	u.mu.Lock()
	defer u.mu.Unlock()
	for len(u.all) > 0 {
		err := m.store.Write(ctx, func(tx *store.Tx) error { return tx.FinishMail(ctx, u.all[0]) })
		if store.IsStorageError(err) || ctx.Err() != nil {
			return err
		}
		u.all = u.all[1:]
		if err != nil {
			return err
		}
	}
	return nil
}

// send composes and sends one mail and stores the result. That the mail was not
// sent is part of the result and no error.
func (m *Mails) send(ctx context.Context, queued store.Mail) error {
	limited, cancel := withGrace(ctx, mailTimeout, shutdownGrace)
	defer cancel()
	renew := func(ctx context.Context) error { return m.store.RenewMail(ctx, queued, leaseTime) }
	sending, stop := keepLease(limited, renew, func(err error) {
		if !store.IsStorageError(err) {
			m.log.WarnContext(ctx, "lease of a mail not renewed", "mail", queued.ID, "error", err)
		}
	})
	defer stop()
	sendErr := recoverPanic(func() error { return m.composeAndSend(sending, queued) })
	stop()
	if sendErr != nil && ctx.Err() != nil {
		return nil // shutting down: it is sent when the lease has expired
	}
	if _, unneeded := errors.AsType[unneededError](sendErr); sendErr != nil && !unneeded {
		m.log.WarnContext(ctx, "mail not sent", "mail", queued.ID, "kind", queued.Kind, "domain", queued.Domain,
			"attempt", queued.Attempts+1, "error", sendErr)
	}
	// A mail that was sent is marked as sent even during a shutdown, so that it
	// is not sent again.
	ctx = context.WithoutCancel(ctx)
	err := m.store.Write(ctx, func(tx *store.Tx) error {
		return tx.FinishMail(ctx, m.afterAttempt(queued, sendErr, tx.Now))
	})
	if err != nil {
		if store.IsStorageError(err) {
			m.unfinished.add(m.afterAttempt(queued, sendErr, m.store.Now()))
		}
		return fmt.Errorf("result of mail %s not stored: %w", queued.ID, err)
	}
	return nil
}

// withGrace returns a context that ends after timeout, or grace after ctx has
// ended: a mail that the server is about to accept is not cut off by a shutdown,
// which would send it twice.
func withGrace(ctx context.Context, timeout, grace time.Duration) (context.Context, context.CancelFunc) {
	graceful, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	stop := context.AfterFunc(ctx, func() {
		wait := time.NewTimer(grace)
		defer wait.Stop()
		select {
		case <-wait.C:
			cancel()
		case <-graceful.Done():
		}
	})
	return graceful, func() {
		stop()
		cancel()
	}
}

// afterAttempt returns the mail as it is stored after an attempt that returned
// err.
func (m *Mails) afterAttempt(queued store.Mail, err error, now time.Time) store.Mail {
	queued.Attempts++
	queued.NextTry = time.Time{}
	if unneeded, ok := errors.AsType[unneededError](err); ok {
		queued.Sent, queued.LastError, queued.Failure = now, "", string(unneeded)
		return queued
	}
	if err == nil {
		queued.Sent, queued.LastError, queued.Failure = now, "", ""
		return queued
	}
	cause, reason := mail.Reason(err)
	queued.LastError, queued.Failure = reason, string(cause)
	since := queued.Created
	if queued.Queued.After(since) {
		since = queued.Queued
	}
	next := now.Add(access.RetryDelay(queued.Attempts, 0, m.jitter()))
	if mail.Temporary(err) && next.Before(since.Add(maxAge(queued))) {
		queued.NextTry = next
	}
	return queued
}

// maxAge is how long a mail is retried. A one-time passcode is of no use when it has
// expired.
func maxAge(m store.Mail) time.Duration {
	if m.Address != "" {
		return access.PasscodeLifetime
	}
	return maxMailAge
}

// unneededError is the error of a mail that nobody needs any more: mail.Obsolete or
// mail.NoAddress.
type unneededError mail.Cause

// Error implements error.
func (e unneededError) Error() string { return "the mail is not needed any more: " + string(e) }

// composeAndSend writes the mail from the current facts and hands it to the
// server. A mail that is not needed any more is not sent: an unneededError.
func (m *Mails) composeAndSend(ctx context.Context, queued store.Mail) error {
	msg := message{ctx: ctx, r: m.store.Reader, mail: queued, base: m.base, catalog: m.catalog}
	if queued.Address != "" {
		return m.sendPasscode(ctx, msg)
	}
	if mail.Kind(queued.Kind).ToAdministrators() {
		return m.sendNotice(ctx, msg)
	}
	if err := msg.load(); err != nil {
		return err
	}
	if err := msg.checkNeeded(); err != nil {
		return err
	}
	facts, err := msg.facts()
	if err != nil {
		return err
	}
	text, err := mail.Compose(mail.Kind(queued.Kind), msg.printer(), facts)
	if err != nil {
		return err
	}
	return m.sender.Send(ctx, mail.Envelope{ID: string(queued.ID), To: msg.person.Email,
		Sender: msg.tenant.Settings.SenderName, Message: text})
}

// sendPasscode sends a one-time passcode to an address that may be unknown.
func (m *Mails) sendPasscode(ctx context.Context, msg message) (err error) {
	if msg.tenant, err = m.store.Tenant(ctx, msg.mail.Tenant); err != nil {
		return err
	}
	facts := mail.Facts{Tenant: msg.tenant.Name, Base: msg.base, Domain: msg.tenant.PrimaryDomain(),
		Support: msg.tenant.Settings.SupportContact, Recipient: msg.mail.Address, Code: msg.mail.Text}
	if mail.Kind(msg.mail.Kind) == mail.CarryOverCode {
		var c carryCode
		if err := json.Unmarshal([]byte(msg.mail.Text), &c); err != nil {
			return err
		}
		facts.Code, facts.Notice = c.Code, mail.Notice{Name: c.Name, Provider: c.Provider}
	}
	text, err := mail.Compose(mail.Kind(msg.mail.Kind), msg.printer(), facts)
	if err != nil {
		return err
	}
	return m.sender.Send(ctx, mail.Envelope{ID: string(msg.mail.ID), To: msg.mail.Address,
		Sender: msg.tenant.Settings.SenderName, Message: text})
}
