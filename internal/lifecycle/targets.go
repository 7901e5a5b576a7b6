package lifecycle

import (
	"context"
	"errors"
	"strconv"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/connector"
)

// inviteRetry is when an invitation is tried again that the settings do not admit.
const inviteRetry = time.Hour

// disabledRetry is when a delivery is tried again whose person has been disabled.
const disabledRetry = time.Hour

// callTarget makes every call that w asks for: first the removals, then the
// guest's account, then the additions. The results are stored in w. Once a call
// has not been answered in time, the target is not called again: it would keep
// the worker from other work for as long with each call.
func (d *Delivery) callTarget(ctx context.Context, w *work) {
	if len(w.tasks) == 0 && !w.changesAccount {
		return
	}
	c, err := d.open(w.target)
	var silent *outcome
	call := func(do func() outcome) outcome {
		if err != nil {
			return failedOutcome(err)
		}
		if silent != nil {
			return *silent
		}
		o := do()
		if errors.Is(o.err, context.DeadlineExceeded) {
			silent = &o
		}
		return o
	}
	for _, t := range w.tasks {
		if t.grant.State == access.Removing {
			t.result = call(func() outcome { return w.applyRole(ctx, c, t) })
		}
	}
	if w.changesAccount {
		w.account = call(func() outcome { return w.applyAccount(ctx, c) })
	}
	for _, t := range w.tasks {
		switch {
		case t.grant.State != access.Adding:
		case w.account.tried && !w.account.done:
			t.result = w.account // no account, no rights
		default:
			t.result = call(func() outcome { return w.applyRole(ctx, c, t) })
		}
	}
}

// applyRole gives or removes one resource role and verifies the result.
func (w *work) applyRole(ctx context.Context, c connector.Connector, t *task) outcome {
	call := connector.Call{
		Key:    string(t.grant.ID) + "/" + strconv.FormatInt(t.grant.Epoch, 10),
		Person: subject(w.facts.person), Resource: t.role.Resource, Role: t.role.Role,
	}
	want, change := true, c.Grant
	if t.grant.State == access.Removing {
		want, change = false, c.Revoke
	}
	if want && w.facts.person.Disabled {
		change = func(context.Context, connector.Call) error { return errDisabled() }
	}
	return ensure(ctx,
		func(ctx context.Context) (bool, error) {
			held, err := c.Observe(ctx, call)
			return held == want, err
		},
		func(ctx context.Context) error { return change(ctx, call) })
}

// errDisabled is the result of a change that would give something to a person who has been
// disabled. It is tried again until the person is enabled or loses the access; what is in
// the target already is recorded, and removals go on (F-289).
func errDisabled() error {
	return &connector.Error{Kind: connector.Denied, RetryAfter: disabledRetry, Err: errPersonDisabled,
		Reason: "The person has been disabled. The access is delivered after the person is enabled."}
}

// errPersonDisabled is the technical cause of errDisabled.
var errPersonDisabled = errors.New("tried again every hour")

// subject returns the person as connectors know it.
func subject(p access.Person) connector.Subject {
	return connector.Subject{Tenant: p.Tenant, ID: p.ID, Name: p.Name, Email: p.Email, Directory: p.Directory}
}

// ensure calls change unless observe reports that the target is already as
// desired, and then observes again. Observing first prevents a repeated effect
// after a crash. If the target does not support observing, a change that
// returns no error counts as done.
func ensure(ctx context.Context, observe func(context.Context) (bool, error),
	change func(context.Context) error) outcome {
	ok, err := withTimeout(ctx, observe)
	unobservable := connector.Classify(err) == connector.Unsupported
	switch {
	case err == nil && ok:
		return outcome{tried: true, done: true}
	case err != nil && !unobservable:
		return failedOutcome(err)
	}
	_, err = withTimeout(ctx, func(ctx context.Context) (bool, error) { return true, change(ctx) })
	if err != nil && (unobservable || connector.Classify(err) != connector.UnknownOutcome) {
		return failedOutcome(err)
	}
	if unobservable {
		return outcome{tried: true, done: true}
	}
	ok, observeErr := withTimeout(ctx, observe)
	switch {
	case observeErr != nil:
		return failedOutcome(observeErr)
	case ok:
		return outcome{tried: true, done: true}
	case err != nil:
		return failedOutcome(err)
	}
	return outcome{tried: true, reason: "The target accepted the change but doesn't show it yet."}
}

// withTimeout makes one call with the time limit callTimeout. A call that
// panics returns UnknownOutcome.
func withTimeout(ctx context.Context, call func(context.Context) (bool, error)) (ok bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var answer error
	if err := recoverPanic(func() error {
		ok, answer = call(ctx)
		return nil
	}); err != nil {
		return false, &connector.Error{Kind: connector.UnknownOutcome, Reason: "The connection to the target failed.",
			Err: err}
	}
	return ok, answer
}

// failedOutcome returns the outcome of a call that returned err.
func failedOutcome(err error) outcome {
	o := outcome{tried: true, reason: connector.Reason(err), stuck: connector.IsPermanent(err), err: err}
	if e, ok := errors.AsType[*connector.Error](err); ok {
		o.retryAfter = e.RetryAfter
	}
	return o
}

// applyAccount brings the guest's account to its planned state. It is done if the
// target has no accounts.
func (w *work) applyAccount(ctx context.Context, c connector.Connector) outcome {
	f := w.facts
	if f.invites() {
		if err := f.settings.CheckInvite(f.person.Domain); err != nil { // F-193: at the invitation
			return outcome{tried: true, reason: "This organization doesn't accept guests from the person's domain.", stuck: true,
				retryAfter: inviteRetry}
		}
	}
	accounts, ok := c.(connector.Accounts)
	if !ok {
		return outcome{tried: true, done: true}
	}
	want := f.guest.State
	call := connector.AccountCall{
		Key:    string(f.person.ID) + "/" + strconv.FormatInt(f.person.Version, 10) + "/" + string(want),
		Person: subject(f.person),
	}
	return ensure(ctx,
		func(ctx context.Context) (bool, error) {
			state, err := accounts.ObserveAccount(ctx, call)
			return state == want || want != access.GuestActive && state == access.GuestNone, err
		},
		func(ctx context.Context) error {
			if want == access.GuestActive && f.person.Disabled {
				return errDisabled()
			}
			return changeAccount(ctx, accounts, call, f.person.Guest, want)
		})
}

// changeAccount brings a guest's account from one state to another.
func changeAccount(ctx context.Context, c connector.Accounts, call connector.AccountCall,
	from, to access.GuestState) error {
	switch to {
	case access.GuestBlocked:
		return c.SetBlocked(ctx, call, true)
	case access.GuestRemoved:
		return c.RemoveAccount(ctx, call)
	case access.GuestNone, access.GuestActive:
	}
	if from == access.GuestBlocked {
		return c.SetBlocked(ctx, call, false)
	}
	return c.EnsureAccount(ctx, call)
}
