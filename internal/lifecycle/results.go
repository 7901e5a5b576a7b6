package lifecycle

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// recordResults stores how the calls went and what follows for the guest, the
// assignments and the requests of the person. It stores nothing if the lease
// has been taken over by another worker.
func (d *Delivery) recordResults(ctx context.Context, lease store.DeliveryLease, w *work) error {
	return d.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.CheckLease(ctx, lease); err != nil {
			return err
		}
		for _, t := range w.tasks {
			if err := d.recordGrant(ctx, tx, t); err != nil {
				return err
			}
		}
		if err := recordGuest(ctx, tx, lease, w); err != nil {
			return err
		}
		// What is desired may have changed during the calls: an assignment that has
		// ended meanwhile is not delivered, and its removal is not complete.
		f, err := readFacts(ctx, tx, lease.Tenant, lease.Person)
		if err != nil {
			return err
		}
		if err := f.planElsewhere(ctx, tx, lease.Target); err != nil {
			return err
		}
		if err := f.settle(ctx, tx); err != nil {
			return err
		}
		return tx.ReleaseLease(ctx, lease, d.remaining(tx.Now, lease, w, f))
	})
}

// recordGrant stores the result of one task, unless the grant has been moved
// since it was planned.
func (d *Delivery) recordGrant(ctx context.Context, tx *store.Tx, t *task) error {
	g := t.grant
	if !t.result.tried {
		return nil
	}
	fresh, err := tx.Grant(ctx, g.Tenant, g.ID)
	if err != nil || fresh.State != g.State || fresh.Epoch != g.Epoch {
		return err
	}
	if !t.result.done {
		g.Attempts++
		g.Stuck, g.LastError = t.result.stuck, t.result.reason
		delay := access.RetryDelay(g.Attempts, tx.Now.Sub(g.Since), d.jitter())
		g.NextTry = tx.Now.Add(max(t.result.retryAfter, delay))
		return tx.SaveGrantAttempt(ctx, g)
	}
	to, activity := access.Held, access.ActGrantRole
	if g.State == access.Removing {
		to, activity = access.Removed, access.ActRevokeRole
	}
	if err := tx.MoveGrant(ctx, g, to); err != nil {
		return err
	}
	return tx.Audit(ctx, access.AuditRecord{Tenant: g.Tenant, Activity: activity, ObjectKind: access.ObjectPerson,
		ObjectID: string(g.Person), To: t.role.Resource.Name + ": " + t.role.Role.Name})
}

// recordGuest moves the guest whose account was brought to its state. A guest is
// invited with the first account, and blocked or removed with the last.
func recordGuest(ctx context.Context, tx *store.Tx, lease store.DeliveryLease, w *work) error {
	f := w.facts
	if !w.account.done || !f.guestMoves() {
		return nil
	}
	p, err := tx.Person(ctx, f.tenant, f.personID)
	if err != nil || p.Guest != f.person.Guest {
		return err // moved meanwhile
	}
	if f.guest.State != access.GuestActive {
		if pending, err := tx.OtherAccountsPending(ctx, lease); pending || err != nil {
			return err
		}
	}
	p.RemovalDue = f.guest.RemovalDue
	return f.moveGuest(ctx, tx, p)
}

// moveGuest moves the guest p, who has the date of removal to store, to the
// planned state.
func (f *facts) moveGuest(ctx context.Context, tx *store.Tx, p access.Person) error {
	if p.Guest == access.GuestNone || p.Guest == access.GuestRemoved {
		p.Kind, p.Governed, p.InvitedBy = access.Guest, true, f.invitedBy
	}
	if f.guest.State == access.GuestRemoved {
		p.Kind = access.External
	}
	activity, reason := guestActivity(p.Guest, f.guest)
	if err := tx.MoveGuest(ctx, p, f.guest.State, reason); err != nil {
		return err
	}
	return tx.Audit(ctx, access.AuditRecord{Tenant: p.Tenant, Activity: activity, ObjectKind: access.ObjectPerson,
		ObjectID: string(p.ID), From: string(p.Guest), To: string(f.guest.State), Reason: string(reason),
		Request: f.invitedBy})
}

// guestActivity returns the audit activity of a guest's move, and its reason.
func guestActivity(from access.GuestState, to access.GuestPlan) (access.Activity, access.Message) {
	switch {
	case to.State == access.GuestActive && from == access.GuestBlocked:
		return access.ActUnblockGuest, "An access package was assigned again."
	case to.State == access.GuestActive:
		return access.ActInvite, "An access package was assigned."
	case to.State == access.GuestRemoved:
		return access.ActRemoveGuest, "The last access package had ended, and the time to keep the account had passed."
	}
	return access.ActBlockGuest, "The last access package ended."
}

// remaining returns what is left to do for the person in the target of the lease,
// and when; its NextTry is zero if that is nothing.
func (d *Delivery) remaining(now time.Time, lease store.DeliveryLease, w *work, f *facts) store.Delivery {
	var rest store.Delivery
	for _, g := range f.grants {
		if f.target(g) != lease.Target || g.State.Settled() {
			continue
		}
		if rest.NextTry.IsZero() || g.NextTry.Before(rest.NextTry) {
			rest.NextTry, rest.LastError = g.NextTry, g.LastError
		}
		rest.Removal = rest.Removal || g.State == access.Removing
	}
	if lease.Account != "" && w.account.tried && !w.account.done {
		retry := now.Add(max(w.account.retryAfter, access.RetryDelay(lease.Attempts+1, 0, d.jitter())))
		if rest.NextTry.IsZero() || retry.Before(rest.NextTry) {
			rest.NextTry = retry
		}
		rest.Account, rest.LastError = lease.Account, w.account.reason
		rest.Removal = rest.Removal || lease.Account != access.GuestActive
	}
	return rest
}
