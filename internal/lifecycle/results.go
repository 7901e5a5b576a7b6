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
		for _, t := range w.grants {
			if err := d.recordGrant(ctx, tx, t); err != nil {
				return err
			}
		}
		if err := recordGuest(ctx, tx, w); err != nil {
			return err
		}
		grants, err := tx.Grants(ctx, lease.Tenant, lease.Person)
		if err != nil {
			return err
		}
		if err := updateAssignments(ctx, tx, w.person, grants); err != nil {
			return err
		}
		if err := updateRemovals(ctx, tx, w.person, grants); err != nil {
			return err
		}
		next, removal := d.nextAttempt(tx.Now, lease, w, grants)
		return tx.ReleaseLease(ctx, lease, next, removal)
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

// recordGuest moves the guest to the state that the account was brought to, and
// sets or clears the date of removal.
func recordGuest(ctx context.Context, tx *store.Tx, w *work) error {
	p, err := tx.Person(ctx, w.person.Tenant, w.person.ID)
	if err != nil || p.Guest != w.person.Guest {
		return err
	}
	p.RemovalDue = w.guest.RemovalDue
	if p.Guest == w.guest.State {
		if p.RemovalDue.Equal(w.person.RemovalDue) {
			return nil
		}
		return tx.SetRemoveDue(ctx, p)
	}
	if !w.account.done {
		return nil
	}
	if p.Guest == access.GuestNone || p.Guest == access.GuestRemoved {
		p.Kind, p.Governed, p.InvitedBy = access.Guest, true, w.invitedBy
	}
	if w.guest.State == access.GuestRemoved {
		p.Kind = access.External
	}
	activity, reason := guestActivity(p.Guest, w.guest)
	if err := tx.MoveGuest(ctx, p, w.guest.State, reason); err != nil {
		return err
	}
	return tx.Audit(ctx, access.AuditRecord{Tenant: p.Tenant, Activity: activity, ObjectKind: access.ObjectPerson,
		ObjectID: string(p.ID), From: string(p.Guest), To: string(w.guest.State), Reason: reason, Request: w.invitedBy})
}

// guestActivity returns the audit activity of a guest's move, and its reason.
func guestActivity(from access.GuestState, to access.GuestPlan) (access.Activity, string) {
	switch {
	case to.State == access.GuestActive && from == access.GuestBlocked:
		return access.ActUnblockGuest, "An access package was assigned again."
	case to.State == access.GuestActive:
		return access.ActInvite, "An access package was assigned."
	case to.State == access.GuestRemoved:
		return access.ActRemoveGuest, "The last access package had ended and the time to keep the account was over."
	}
	return access.ActBlockGuest, "The last access package ended."
}

// nextAttempt returns when delivery to the person is due again, zero if it is
// complete, and whether a role or an account remains to be removed.
func (d *Delivery) nextAttempt(now time.Time, lease store.DeliveryLease, w *work,
	grants []access.Grant) (next time.Time, removal bool) {
	for _, g := range grants {
		if !g.State.Settled() && (next.IsZero() || g.NextTry.Before(next)) {
			next = g.NextTry
		}
		removal = removal || g.State == access.Removing
	}
	if w.account.tried && !w.account.done {
		retry := now.Add(max(w.account.retryAfter, access.RetryDelay(lease.Attempts+1, 0, d.jitter())))
		if next.IsZero() || retry.Before(next) {
			next = retry
		}
		removal = removal || w.guest.State != access.GuestActive
	}
	return next, removal
}
