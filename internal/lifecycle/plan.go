package lifecycle

import (
	"context"
	"maps"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// work is what one person's delivery has to do and, after callTargets, how each
// call went.
type work struct {
	person         access.Person
	settings       access.Settings
	holds          bool // an assignment is in force
	guest          access.GuestPlan
	invitedBy      access.RequestID // the request whose assignment invites the guest
	grants         []*task          // the grants that are due
	accountTargets []access.Target  // the targets that keep an account of a guest
	targets        map[access.TargetID]access.Target
	account        outcome
}

// task is one grant whose role has to be given or removed in its target.
type task struct {
	grant  access.Grant
	role   store.RoleWithResource
	result outcome
}

// outcome is how a call went.
type outcome struct {
	tried, done bool
	reason      string        // why it is not done, in plain words
	stuck       bool          // retrying does not help until the cause is fixed
	retryAfter  time.Duration // the minimum wait before the next attempt
	err         error         // the technical cause, for the log
}

// plan moves the person's grants to what the assignments in force require and
// returns the calls that are due.
func (d *Delivery) plan(ctx context.Context, lease store.DeliveryLease) (*work, error) {
	w := &work{}
	return w, d.store.Write(ctx, func(tx *store.Tx) error {
		*w = work{targets: map[access.TargetID]access.Target{}}
		if err := tx.CheckLease(ctx, lease); err != nil {
			return err
		}
		if err := w.loadFacts(ctx, tx, lease); err != nil {
			return err
		}
		grants, err := tx.Grants(ctx, lease.Tenant, lease.Person)
		if err != nil {
			return err
		}
		return w.selectTasks(ctx, tx, grants)
	})
}

// loadFacts reads the person, the settings and the assignments, plans the
// guest's account, and reconciles the grants.
func (w *work) loadFacts(ctx context.Context, tx *store.Tx, lease store.DeliveryLease) error {
	var err error
	if w.person, err = tx.Person(ctx, lease.Tenant, lease.Person); err != nil {
		return err
	}
	tenant, err := tx.Tenant(ctx, lease.Tenant)
	if err != nil {
		return err
	}
	w.settings = tenant.Settings
	held, err := tx.OpenAssignments(ctx, lease.Tenant, lease.Person)
	if err != nil {
		return err
	}
	var packages []access.PackageID
	for _, x := range held {
		if x.InForce(tx.Now) {
			packages = append(packages, x.Package)
			if !w.holds {
				w.holds, w.invitedBy = true, x.Request
			}
		}
	}
	roles, err := tx.RoleIDsByPackage(ctx, lease.Tenant, packages)
	if err != nil {
		return err
	}
	w.guest = w.person.GuestPlan(w.holds, w.settings, tx.Now)
	if w.person.Guest == access.GuestNone && w.person.Outsider() && w.holds {
		w.guest = access.GuestPlan{State: access.GuestActive} // to be invited (F-192)
	}
	return reconcileGrants(ctx, tx, w.person, access.DesiredRoles(held, roles, tx.Now))
}

// reconcileGrants moves the person's grants to the desired roles: a missing
// grant is added, one that is no longer desired is to be removed.
func reconcileGrants(ctx context.Context, tx *store.Tx, p access.Person, desired map[access.ResourceRoleID]bool) error {
	grants, err := tx.Grants(ctx, p.Tenant, p.ID)
	if err != nil {
		return err
	}
	exists := map[access.ResourceRoleID]bool{}
	for _, g := range grants {
		exists[g.Role] = true
		if desired[g.Role] == g.State.Desired() {
			continue
		}
		to := access.Removing
		if desired[g.Role] {
			to = access.Adding
		}
		if err := tx.MoveGrant(ctx, g, to); err != nil {
			return err
		}
	}
	for _, role := range slices.Sorted(maps.Keys(desired)) {
		if exists[role] {
			continue
		}
		g := access.Grant{ID: access.GrantID(tx.NewID()), Tenant: p.Tenant, Person: p.ID, Role: role, State: access.Adding}
		if err := tx.AddGrant(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

// selectTasks sets w.grants to the grants that are due, and w.targets to the
// targets of all grants.
func (w *work) selectTasks(ctx context.Context, tx *store.Tx, grants []access.Grant) error {
	ids := make([]access.ResourceRoleID, len(grants))
	for i, g := range grants {
		ids[i] = g.Role
	}
	roles, err := tx.ResourceRoles(ctx, w.person.Tenant, ids)
	if err != nil {
		return err
	}
	for _, g := range grants {
		role := roles[g.Role]
		if err := w.addTarget(ctx, tx, role.Resource.Target); err != nil {
			return err
		}
		if !g.State.Settled() && !g.NextTry.After(tx.Now) {
			w.grants = append(w.grants, &task{grant: g, role: role})
		}
	}
	return nil
}

// addTarget reads a target, once each.
func (w *work) addTarget(ctx context.Context, tx *store.Tx, id access.TargetID) error {
	if _, ok := w.targets[id]; ok {
		return nil
	}
	t, err := tx.Target(ctx, w.person.Tenant, id)
	if err != nil {
		return err
	}
	w.targets[id] = t
	w.accountTargets = append(w.accountTargets, t)
	return nil
}
