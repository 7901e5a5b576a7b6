package lifecycle

import (
	"context"
	"errors"
	"strconv"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/connector"
)

// callTargets calls the targets for everything that w says: first what is to be
// taken away, then the guest's account, then what is to be given. What came of
// it stands in the outcomes.
func (d *Delivery) callTargets(ctx context.Context, w *work) {
	open := map[access.TargetID]connector.Connector{}
	for _, t := range w.grants {
		if t.grant.State == access.Removing {
			t.result = d.applyRole(ctx, w, open, t)
		}
	}
	w.account = d.applyGuestAccount(ctx, w, open)
	for _, t := range w.grants {
		if t.grant.State != access.Adding {
			continue
		}
		if w.account.tried && !w.account.done {
			t.result = w.account // no account, no rights
			continue
		}
		t.result = d.applyRole(ctx, w, open, t)
	}
}

// connector opens the connector of a target, once per person served.
func (d *Delivery) connector(w *work, open map[access.TargetID]connector.Connector,
	id access.TargetID) (connector.Connector, error) {
	if c, ok := open[id]; ok {
		return c, nil
	}
	c, err := d.open(w.targets[id])
	if err == nil {
		open[id] = c
	}
	return c, err
}

// applyRole brings one resource role to where it should be: it looks, calls if that
// is not so already, and looks again.
func (d *Delivery) applyRole(ctx context.Context, w *work, open map[access.TargetID]connector.Connector,
	t *task) outcome {
	c, err := d.connector(w, open, t.role.Resource.Target)
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

func subject(p access.Person) connector.Subject {
	return connector.Subject{Tenant: p.Tenant, ID: p.ID, Name: p.Name, Email: p.Email, Directory: p.Directory}
}

// ensure makes a target so: unless it is seen to be so, it is changed, and seen
// to be so afterwards. To look first is what keeps an effect from happening
// twice after a crash. A target that cannot be looked at is trusted.
func ensure(ctx context.Context, seen func(context.Context) (bool, error), change func(context.Context) error) outcome {
	ok, err := withTimeout(ctx, seen)
	blind := connector.Classify(err) == connector.Unsupported
	switch {
	case err == nil && ok:
		return outcome{tried: true, done: true}
	case err != nil && !blind:
		return failedOutcome(err)
	}
	_, err = withTimeout(ctx, func(ctx context.Context) (bool, error) { return true, change(ctx) })
	if err != nil && (blind || connector.Classify(err) != connector.UnknownOutcome) {
		return failedOutcome(err)
	}
	if blind {
		return outcome{tried: true, done: true}
	}
	ok, again := withTimeout(ctx, seen)
	switch {
	case again != nil:
		return failedOutcome(again)
	case ok:
		return outcome{tried: true, done: true}
	case err != nil:
		return failedOutcome(err)
	}
	return outcome{tried: true, reason: "The target took the change but does not show it yet."}
}

// withTimeout runs one call with its time limit. What came of a call that panicked is
// not known.
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

// failedOutcome is the outcome of a call that went wrong.
func failedOutcome(err error) outcome {
	o := outcome{tried: true, reason: connector.Reason(err), stuck: connector.IsPermanent(err), err: err}
	if e, ok := errors.AsType[*connector.Error](err); ok {
		o.retryAfter = e.RetryAfter
	}
	return o
}

// applyGuestAccount brings the account of a guest to where w.fate says, in every
// target that is concerned. Nothing is tried if no target is.
func (d *Delivery) applyGuestAccount(ctx context.Context, w *work,
	open map[access.TargetID]connector.Connector) outcome {
	moves := w.fate.State != w.person.Guest
	if moves && w.fate.State == access.GuestActive && w.person.Guest != access.GuestBlocked {
		if err := w.settings.CheckInvite(w.person.Domain); err != nil { // F-193: at the invitation
			return outcome{tried: true, reason: err.Error(), stuck: true, retryAfter: time.Hour}
		}
	}
	targets := w.accountTargets
	if !moves {
		targets = w.targetsToEnter()
	}
	for _, t := range targets {
		c, err := d.connector(w, open, t.ID)
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

// targetsToEnter are the targets in which a guest who is in already is to be given
// something, and may not have an account yet. Guests whom packages did not bring
// in have their accounts from elsewhere.
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

// applyAccount brings the account in one target to where it should be.
func applyAccount(ctx context.Context, c connector.Accounts, w *work) outcome {
	call := connector.AccountCall{
		Key:    string(w.person.ID) + "/" + strconv.FormatInt(w.person.Version, 10) + "/" + string(w.fate.State),
		Person: subject(w.person),
	}
	want := w.fate.State
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
