package lifecycle

import (
	"context"
	"maps"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// plan finds out what is due for a person: it queues a delivery to each target
// that has something to do, and settles what needs no target.
func (d *Delivery) plan(ctx context.Context, lease store.DeliveryLease) error {
	return d.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.CheckLease(ctx, lease); err != nil {
			return err
		}
		f, err := readFacts(ctx, tx, lease.Tenant, lease.Person)
		if err != nil {
			return err
		}
		if err := f.readGuest(ctx, tx); err != nil {
			return err
		}
		again, err := f.moveGuestWithoutAccount(ctx, tx)
		if err != nil {
			return err
		}
		if err := f.queueTargets(ctx, tx); err != nil {
			return err
		}
		if err := f.settle(ctx, tx); err != nil {
			return err
		}
		if len(f.withheld) > 0 && (again.IsZero() || again.After(tx.Now.Add(withheldRetry))) {
			again = tx.Now.Add(withheldRetry)
		}
		return tx.ReleaseLease(ctx, lease, store.Delivery{NextTry: again})
	})
}

// withheldRetry is when a removal is tried again that would have taken the last
// global administrator.
const withheldRetry = time.Hour

// moveGuestWithoutAccount moves a guest who has no account in any target, and
// stores a changed date of removal. It returns when the invitation is tried again
// if the settings do not admit the guest (F-193).
func (f *facts) moveGuestWithoutAccount(ctx context.Context, tx *store.Tx) (again time.Time, err error) {
	p := f.person
	p.RemovalDue = f.guest.RemovalDue
	switch {
	case !f.guestMoves() && !p.RemovalDue.Equal(f.person.RemovalDue):
		return again, tx.SetRemoveDue(ctx, p)
	case !f.guestMoves() || len(f.accountTargets()) > 0:
		return again, nil
	case f.invites() && f.settings.CheckInvite(p.Domain) != nil:
		return tx.Now.Add(inviteRetry), nil
	}
	return again, f.moveGuest(ctx, tx, p)
}

// queueTargets queues a delivery to each target in which a grant or the guest's
// account is not as it should be.
func (f *facts) queueTargets(ctx context.Context, tx *store.Tx) error {
	all := map[access.TargetID]store.Delivery{}
	for _, g := range f.grants {
		if g.State.Settled() {
			continue
		}
		d, ok := all[f.target(g)]
		if !ok || g.NextTry.Before(d.NextTry) {
			d.NextTry = g.NextTry
		}
		d.Removal = d.Removal || g.State == access.Removing
		all[f.target(g)] = d
	}
	for _, id := range f.accountTargets() {
		d := all[id]
		d.NextTry, d.Account = tx.Now, f.guest.State
		d.Removal = d.Removal || f.guest.State != access.GuestActive
		all[id] = d
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		d := all[id]
		d.Tenant, d.Person, d.Target = f.tenant, f.personID, id
		if err := tx.QueueDeliveryTo(ctx, d, f.moved[id] || d.Account != ""); err != nil {
			return err
		}
	}
	return nil
}

// settle moves the person's assignments and requests to what the grants amount
// to.
func (f *facts) settle(ctx context.Context, tx *store.Tx) error {
	if err := updateAssignments(ctx, tx, f); err != nil {
		return err
	}
	return updateRemovals(ctx, tx, f)
}

// work is what is due for one person in one target and, after callTarget, how
// each call went.
type work struct {
	facts  *facts
	target access.Target
	tasks  []*task
	// changesAccount says that the guest's account has to be brought to the state
	// that the facts plan. Without it, the guest gets no roles.
	changesAccount bool
	account        outcome
}

// task is one grant whose role has to be given or removed.
type task struct {
	grant  access.Grant
	role   store.RoleWithResource
	result outcome
}

// outcome is how a call went.
type outcome struct {
	tried, done bool
	reason      access.Message // why it is not done, in plain words
	stuck       bool           // retrying does not help until the cause is fixed
	retryAfter  time.Duration  // the minimum wait before the next attempt
	err         error          // the technical cause, for the log
}

// prepare returns the calls that are due for the person in the target.
func (d *Delivery) prepare(ctx context.Context, lease store.DeliveryLease) (*work, error) {
	w := &work{}
	return w, d.store.Write(ctx, func(tx *store.Tx) error {
		*w = work{}
		if err := tx.CheckLease(ctx, lease); err != nil {
			return err
		}
		f, err := readFacts(ctx, tx, lease.Tenant, lease.Person)
		if err != nil {
			return err
		}
		if err := f.readGuest(ctx, tx); err != nil {
			return err
		}
		if err := f.planElsewhere(ctx, tx, lease.Target); err != nil {
			return err
		}
		w.facts = f
		for _, g := range f.grants {
			if f.target(g) == lease.Target && !g.State.Settled() && !g.NextTry.After(tx.Now) {
				w.tasks = append(w.tasks, &task{grant: g, role: f.roles[g.Role]})
			}
		}
		w.changesAccount = w.needsAccount(lease)
		w.target, err = tx.Target(ctx, lease.Tenant, lease.Target)
		return err
	})
}

// planElsewhere queues the person's plan if reading the facts has moved grants in
// another target than t.
func (f *facts) planElsewhere(ctx context.Context, tx *store.Tx, t access.TargetID) error {
	if !f.movedElsewhere(t) {
		return nil
	}
	return tx.QueueDelivery(ctx, f.tenant, f.personID, true)
}

// needsAccount reports whether the guest's account has to be brought to its
// state: because the plan says so, or because the guest gets roles and may have
// no account in this target yet. Guests who were not invited by a package have
// accounts from elsewhere.
func (w *work) needsAccount(lease store.DeliveryLease) bool {
	f := w.facts
	if f.guest.State == access.GuestNone {
		return false
	}
	enters := slices.ContainsFunc(w.tasks, func(t *task) bool { return t.grant.State == access.Adding })
	return lease.Account != "" || enters && f.guest.State == access.GuestActive && (f.guestMoves() || f.person.Governed)
}
