package lifecycle

import (
	"context"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// recordResults writes down how the calls went, and what that means for the guest, the
// assignments and the requests of the person. Nothing of it is written if
// another worker has taken over.
func (d *Delivery) recordResults(ctx context.Context, c store.DeliveryLease, w *work) error {
	return d.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.CheckLease(ctx, c); err != nil {
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
		if err := updateAssignments(ctx, tx, w.person); err != nil {
			return err
		}
		if err := updateRemovals(ctx, tx, w.person); err != nil {
			return err
		}
		next, removal, err := d.nextAttempt(ctx, tx, c, w)
		if err != nil {
			return err
		}
		return tx.ReleaseLease(ctx, c, next, removal)
	})
}

// recordGrant stores the result of one task, unless the wish has changed since.
func (d *Delivery) recordGrant(ctx context.Context, tx *store.Tx, t *task) error {
	g := t.grant
	if !t.result.tried {
		return nil
	}
	fresh, err := freshGrant(ctx, tx, g)
	if err != nil || fresh.State != g.State || fresh.Epoch != g.Epoch {
		return err
	}
	if !t.result.done {
		g.Attempts++
		g.Stuck, g.LastError = t.result.stuck, t.result.reason
		g.NextTry = tx.Now.Add(max(t.result.retryAfter, access.RetryDelay(g.Attempts, tx.Now.Sub(g.Since), d.jitter())))
		return tx.SaveGrantAttempt(ctx, g)
	}
	to, activity := access.Held, access.ActGrantRole
	if g.State == access.Removing {
		to, activity = access.Removed, access.ActRevokeRole
	}
	if err := tx.MoveGrant(ctx, g, to); err != nil {
		return err
	}
	return tx.Audit(ctx, access.AuditRecord{Tenant: g.Tenant, Activity: activity, ObjectKind: "person",
		ObjectID: string(g.Person),
		To:       t.role.Resource.Name + ": " + t.role.Role.Name})
}

func freshGrant(ctx context.Context, tx *store.Tx, g access.Grant) (access.Grant, error) {
	grants, err := tx.Grants(ctx, g.Tenant, g.Person)
	for _, f := range grants {
		if f.ID == g.ID {
			return f, err
		}
	}
	return access.Grant{}, err
}

// recordGuest moves the guest to where the account was brought, and fixes or
// calls off the date of removal.
func recordGuest(ctx context.Context, tx *store.Tx, w *work) error {
	p, err := tx.Person(ctx, w.person.Tenant, w.person.ID)
	if err != nil || p.Guest != w.person.Guest {
		return err
	}
	p.RemovalDue = w.fate.RemovalDue
	if p.Guest == w.fate.State {
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
	if w.fate.State == access.GuestRemoved {
		p.Kind = access.External
	}
	activity, reason := guestActivity(p.Guest, w.fate)
	if err := tx.MoveGuest(ctx, p, w.fate.State, reason); err != nil {
		return err
	}
	return tx.Audit(ctx, access.AuditRecord{Tenant: p.Tenant, Activity: activity, ObjectKind: "person",
		ObjectID: string(p.ID),
		From:     string(p.Guest), To: string(w.fate.State), Reason: reason, Request: w.invitedBy})
}

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

// updateAssignments moves the person's assignments to where their grants are.
func updateAssignments(ctx context.Context, tx *store.Tx, p access.Person) error {
	held, err := tx.OpenAssignments(ctx, p.Tenant, p.ID)
	if err != nil {
		return err
	}
	late, err := anyOverdue(ctx, tx, p)
	if err != nil {
		return err
	}
	for _, x := range held {
		if !x.InForce(tx.Now) || x.State == access.AssignDelivered && !late {
			continue
		}
		grants, err := packageGrants(ctx, tx, x)
		if err != nil {
			return err
		}
		to := access.DeliveryState(grants, tx.Now)
		if x.State == access.AssignDelivered && to == access.AssignDelivering {
			continue // a role that the package has got since is on its way
		}
		if err := updateAssignment(ctx, tx, x, to); err != nil {
			return err
		}
	}
	return nil
}

// anyOverdue reports whether something that the person should hold does not arrive,
// so that an assignment that was delivered may not be whole any more.
func anyOverdue(ctx context.Context, tx *store.Tx, p access.Person) (bool, error) {
	grants, err := tx.Grants(ctx, p.Tenant, p.ID)
	return slices.ContainsFunc(grants, func(g access.Grant) bool {
		return g.State == access.Adding && (g.Stuck || !tx.Now.Before(g.Since.Add(access.DeliveryGrace)))
	}), err
}

// packageGrants are the grants of all roles of the assignment's package; a role
// that was added since the plan was made counts as one that is waiting, whether
// the person never held it or held it once.
func packageGrants(ctx context.Context, tx *store.Tx, x access.Assignment) ([]access.Grant, error) {
	roles, err := tx.RoleIDsByPackage(ctx, x.Tenant, []access.PackageID{x.Package})
	if err != nil {
		return nil, err
	}
	grants, err := tx.GrantsOfPackage(ctx, x.Tenant, x.Person, x.Package)
	for i, g := range grants {
		if !g.State.Desired() {
			grants[i] = access.Grant{State: access.Adding, Since: tx.Now}
		}
	}
	for range len(roles[x.Package]) - len(grants) {
		grants = append(grants, access.Grant{State: access.Adding, Since: tx.Now})
	}
	return grants, err
}

// updateAssignment moves an assignment and its request to a state. The time of
// a duration begins when something of it is first seen to be held (F-123).
func updateAssignment(ctx context.Context, tx *store.Tx, x access.Assignment, to access.AssignmentState) error {
	if to == x.State {
		return nil
	}
	r, err := tx.Request(ctx, x.Tenant, x.Request)
	if err != nil {
		return err
	}
	told := r.State == access.Delivered && to == access.AssignDelivered // what had gone astray was put right
	if x.State != access.AssignDelivering {
		if err := moveWithRequest(ctx, tx, &x, &r, access.AssignDelivering); err != nil {
			return err
		}
	}
	if to == access.AssignDelivering {
		return nil
	}
	before := r.State
	if x.Delivered.IsZero() && to != access.AssignFailed {
		x.Delivered, x.End = tx.Now, r.AssignmentEnd(tx.Now)
	}
	if err := moveWithRequest(ctx, tx, &x, &r, to); err != nil || told {
		return err
	}
	if r.State == before {
		return nil // the request was settled long ago: the package has changed since
	}
	return notifyDelivered(ctx, tx, r, to)
}

// moveWithRequest moves an assignment and, as far as it goes with it, its request.
func moveWithRequest(ctx context.Context, tx *store.Tx, x *access.Assignment, r *access.Request,
	to access.AssignmentState) error {
	if err := tx.MoveAssignment(ctx, *x, to); err != nil {
		return err
	}
	x.State = to
	if !r.State.CanMove(to.RequestState()) {
		return nil
	}
	return moveRequest(ctx, tx, r, to.RequestState(), access.AuditRecord{Activity: deliveryActivity(to.RequestState())})
}

func deliveryActivity(to access.RequestState) access.Activity {
	switch to {
	case access.Delivered:
		return access.ActFulfill
	case access.PartiallyDelivered:
		return access.ActPartiallyFulfill
	case access.DeliveryFailed:
		return access.ActFailFulfillment
	default: // the work goes on
		return access.ActReady
	}
}

// notifyDelivered tells the requestor how delivery ended. Only requests that
// people made are told of (F-185), and none whose policy is silent (F-069).
func notifyDelivered(ctx context.Context, tx *store.Tx, r access.Request, to access.AssignmentState) error {
	if r.Terms.SuppressNotifications || r.Type != access.UserAdd {
		return nil
	}
	kind := mail.AccessDelivered
	switch to {
	case access.AssignPartial:
		kind = mail.DeliveryPartial
	case access.AssignFailed:
		kind = mail.DeliveryFailed
	case access.AssignDelivered, access.AssignDelivering, access.AssignExpired:
	}
	return notify(ctx, tx, r, kind, r.Target)
}

// updateRemovals moves the person's requests to remove: delivered when none of
// the package's roles that nothing else asks for is left.
func updateRemovals(ctx context.Context, tx *store.Tx, p access.Person) error {
	requests, err := tx.OpenRemovals(ctx, p)
	if err != nil {
		return err
	}
	for _, r := range requests {
		grants, err := tx.GrantsOfPackage(ctx, r.Tenant, r.Target, r.Package)
		if err != nil {
			return err
		}
		if err := updateRemoval(ctx, tx, r, removalState(grants, tx.Now)); err != nil {
			return err
		}
	}
	return nil
}

// removalState is what the grants of a package amount to for a request that
// removes it. Those that another assignment asks for do not count (F-055).
func removalState(grants []access.Grant, now time.Time) access.RequestState {
	left, late, gone := 0, 0, 0
	for _, g := range grants {
		switch g.State {
		case access.Removed:
			gone++
		case access.Removing:
			left++
			if g.Stuck || !now.Before(g.Since.Add(access.DeliveryGrace)) {
				late++
			}
		case access.Adding, access.Held: // something else asks for it
		}
	}
	switch {
	case left == 0:
		return access.Delivered
	case late < left:
		return access.Delivering
	case gone > 0:
		return access.PartiallyDelivered
	}
	return access.DeliveryFailed
}

func updateRemoval(ctx context.Context, tx *store.Tx, r access.Request, to access.RequestState) error {
	if to == r.State || r.State != access.Delivering && to != access.Delivered {
		return nil
	}
	if r.State != access.Delivering {
		if err := moveRequest(ctx, tx, &r, access.Delivering, access.AuditRecord{Activity: access.ActReady}); err != nil {
			return err
		}
	}
	if err := moveRequest(ctx, tx, &r, to, access.AuditRecord{Activity: deliveryActivity(to)}); err != nil {
		return err
	}
	if to != access.Delivered {
		return nil
	}
	return notifyEnded(ctx, tx, r)
}

// notifyEnded tells the holder that the access has ended (message 20), unless the
// policy under which it was held is silent.
func notifyEnded(ctx context.Context, tx *store.Tx, r access.Request) error {
	x, err := tx.Assignment(ctx, r.Tenant, r.Assignment)
	if err != nil {
		return err
	}
	first, err := tx.Request(ctx, r.Tenant, x.Request)
	if err != nil || first.Terms.SuppressNotifications {
		return err
	}
	return notify(ctx, tx, r, mail.AccessEnded, r.Target)
}

// nextAttempt is when the person is to be served again, zero if everything is settled,
// and whether something is still to be taken away then.
func (d *Delivery) nextAttempt(ctx context.Context, tx *store.Tx, c store.DeliveryLease,
	w *work) (next time.Time, removal bool, err error) {
	grants, err := tx.Grants(ctx, c.Tenant, c.Person)
	for _, g := range grants {
		if !g.State.Settled() && (next.IsZero() || g.NextTry.Before(next)) {
			next = g.NextTry
		}
		removal = removal || g.State == access.Removing
	}
	if w.account.tried && !w.account.done {
		retry := tx.Now.Add(max(w.account.retryAfter, access.RetryDelay(c.Attempts+1, 0, d.jitter())))
		if next.IsZero() || retry.Before(next) {
			next = retry
		}
		removal = removal || w.fate.State != access.GuestActive
	}
	return next, removal, err
}
