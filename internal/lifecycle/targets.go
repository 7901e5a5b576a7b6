package lifecycle

import (
	"context"
	"errors"
	"strconv"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/connector"
)

// callTargets makes every call that w asks for: first the removals, then the
// guest's account, then the additions. The results are stored in w.
func (d *Delivery) callTargets(ctx context.Context, w *work) {
	connectors := map[access.TargetID]connector.Connector{}
	for _, t := range w.grants {
		if t.grant.State == access.Removing {
			t.result = d.applyRole(ctx, w, connectors, t)
		}
	}
	w.account = d.applyGuestAccount(ctx, w, connectors)
	for _, t := range w.grants {
		if t.grant.State != access.Adding {
			continue
		}
		if w.account.tried && !w.account.done {
			t.result = w.account // no account, no rights
			continue
		}
		t.result = d.applyRole(ctx, w, connectors, t)
	}
}

// connector returns the connector of a target, opened once per work.
func (d *Delivery) connector(w *work, connectors map[access.TargetID]connector.Connector,
	id access.TargetID) (connector.Connector, error) {
	if c, ok := connectors[id]; ok {
		return c, nil
	}
	c, err := d.open(w.targets[id])
	if err == nil {
		connectors[id] = c
	}
	return c, err
}

// applyRole gives or removes one resource role and verifies the result.
func (d *Delivery) applyRole(ctx context.Context, w *work, connectors map[access.TargetID]connector.Connector,
	t *task) outcome {
	c, err := d.connector(w, connectors, t.role.Resource.Target)
	if err != nil {
		return failedOutcome(err)
	}
	call := connector.Call{
		Key:    string(t.grant.ID) + "/" + strconv.FormatInt(t.grant.Epoch, 10),
		Person: subject(w.person), Resource: t.role.Resource, Role: t.role.Role,
	}
	want, change := true, c.Grant
	if t.grant.State == access.Removing {
		want, change = false, c.Revoke
	}
	return ensure(ctx,
		func(ctx context.Context) (bool, error) {
			held, err := c.Observe(ctx, call)
			return held == want, err
		},
		func(ctx context.Context) error { return change(ctx, call) })
}

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
	return outcome{tried: true, reason: "The target took the change but does not show it yet."}
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

// applyGuestAccount brings the guest's account to the state of w.guest in every
// target that needs it. The outcome is not tried if no target does.
func (d *Delivery) applyGuestAccount(ctx context.Context, w *work,
	connectors map[access.TargetID]connector.Connector) outcome {
	moves := w.guest.State != w.person.Guest
	if moves && w.guest.State == access.GuestActive && w.person.Guest != access.GuestBlocked {
		if err := w.settings.CheckInvite(w.person.Domain); err != nil { // F-193: at the invitation
			return outcome{tried: true, reason: err.Error(), stuck: true, retryAfter: time.Hour}
		}
	}
	targets := w.accountTargets
	if !moves {
		targets = w.targetsToEnter()
	}
	for _, t := range targets {
		c, err := d.connector(w, connectors, t.ID)
		if err != nil {
			return failedOutcome(err)
		}
		accounts, ok := c.(connector.Accounts)
		if !ok {
			continue
		}
		if o := applyAccount(ctx, accounts, w); !o.done {
			return o
		}
	}
	done := moves || len(targets) > 0
	return outcome{tried: done, done: done}
}

// targetsToEnter returns the targets in which an active guest is given a role
// and may have no account yet. Guests who were not invited by a package have
// accounts from elsewhere.
func (w *work) targetsToEnter() []access.Target {
	if w.person.Guest != access.GuestActive || !w.person.Governed {
		return nil
	}
	var all []access.Target
	seen := map[access.TargetID]bool{}
	for _, t := range w.grants {
		id := t.role.Resource.Target
		if t.grant.State == access.Adding && !seen[id] {
			seen[id] = true
			all = append(all, w.targets[id])
		}
	}
	return all
}

// applyAccount brings the guest's account to its state in one target.
func applyAccount(ctx context.Context, c connector.Accounts, w *work) outcome {
	call := connector.AccountCall{
		Key:    string(w.person.ID) + "/" + strconv.FormatInt(w.person.Version, 10) + "/" + string(w.guest.State),
		Person: subject(w.person),
	}
	want := w.guest.State
	return ensure(ctx,
		func(ctx context.Context) (bool, error) {
			state, err := c.ObserveAccount(ctx, call)
			return state == want || want != access.GuestActive && state == access.GuestNone, err
		},
		func(ctx context.Context) error {
			switch want {
			case access.GuestBlocked:
				return c.SetBlocked(ctx, call, true)
			case access.GuestRemoved:
				return c.RemoveAccount(ctx, call)
			case access.GuestNone, access.GuestActive:
			}
			if w.person.Guest == access.GuestBlocked {
				return c.SetBlocked(ctx, call, false)
			}
			return c.EnsureAccount(ctx, call)
		})
}
