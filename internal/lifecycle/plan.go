package lifecycle

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// work is what is to be done for one person, and, once it is handed over, how
// that went.
type work struct {
	now            time.Time
	person         access.Person
	settings       access.Settings
	holds          bool // an assignment is in force
	fate           access.GuestPlan
	invitedBy      access.RequestID // the request that brings a newcomer in
	grants         []*task          // those that are due
	accountTargets []access.Target  // where a guest's account is kept
	targets        map[access.TargetID]access.Target
	account        outcome
}

// task is one grant that is not as it should be.
type task struct {
	grant  access.Grant
	role   store.RoleWithResource
	result outcome
}

// outcome is how a call went.
type outcome struct {
	tried, done bool
	reason      string // why not, in plain words
	stuck       bool   // it cannot mend itself
	retryAfter  time.Duration
	err         error // what lies behind the reason, for the log
}

// plan brings the grants of a person in line with what is wished, and says what
// is to be called for.
func (d *Delivery) plan(ctx context.Context, c store.DeliveryLease) (*work, error) {
	w := &work{}
	return w, d.store.Write(ctx, func(tx *store.Tx) error {
		*w = work{now: tx.Now, targets: map[access.TargetID]access.Target{}}
		if err := tx.CheckLease(ctx, c); err != nil {
			return err
		}
		if err := w.loadFacts(ctx, tx, c); err != nil {
			return err
		}
		grants, err := tx.Grants(ctx, c.Tenant, c.Person)
		if err != nil {
			return err
		}
		return w.selectTasks(ctx, tx, grants)
	})
}

// loadFacts reads the person and the wishes, and moves grants accordingly.
func (w *work) loadFacts(ctx context.Context, tx *store.Tx, c store.DeliveryLease) error {
	var err error
	if w.person, err = tx.Person(ctx, c.Tenant, c.Person); err != nil {
		return err
	}
	tenant, err := tx.Tenant(ctx, c.Tenant)
	if err != nil {
		return err
	}
	w.settings = tenant.Settings
	held, err := tx.OpenAssignments(ctx, c.Tenant, c.Person)
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
	roles, err := tx.RoleIDsByPackage(ctx, c.Tenant, packages)
	if err != nil {
		return err
	}
	w.fate = w.person.GuestPlan(w.holds, w.settings, tx.Now)
	if w.person.Guest == access.GuestNone && w.person.Outsider() && w.holds {
		w.fate = access.GuestPlan{State: access.GuestActive} // to be invited (F-192)
	}
	return reconcileGrants(ctx, tx, w.person, access.DesiredRoles(held, roles, tx.Now))
}

// reconcileGrants moves the grants of a person to what is wished.
func reconcileGrants(ctx context.Context, tx *store.Tx, p access.Person, wishes map[access.ResourceRoleID]bool) error {
	grants, err := tx.Grants(ctx, p.Tenant, p.ID)
	if err != nil {
		return err
	}
	for _, g := range grants {
		wished := wishes[g.Role]
		delete(wishes, g.Role)
		if wished == g.State.Desired() {
			continue
		}
		to := access.Removing
		if wished {
			to = access.Adding
		}
		if err := tx.MoveGrant(ctx, g, to); err != nil {
			return err
		}
	}
	for role := range wishes {
		g := access.Grant{ID: access.GrantID(tx.NewID()), Tenant: p.Tenant, Person: p.ID, Role: role, State: access.Adding}
		if err := tx.AddGrant(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

// selectTasks picks the grants that are due, and the targets that are concerned.
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
