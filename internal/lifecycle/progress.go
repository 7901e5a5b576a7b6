package lifecycle

import (
	"context"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// updateAssignments moves the person's assignments to what the person's grants
// amount to.
func updateAssignments(ctx context.Context, tx *store.Tx, f *facts) error {
	overdue := anyOverdue(f.grants, tx.Now)
	for _, x := range f.held {
		if !x.InForce(tx.Now) || x.State == access.AssignDelivered && !overdue {
			continue
		}
		to := access.DeliveryState(grantsForRoles(f.packages[x.Package], f.grants), tx.Now)
		if x.State == access.AssignDelivered && to == access.AssignDelivering {
			continue // a role that was added to the package later is being delivered
		}
		if err := updateAssignment(ctx, tx, x, to); err != nil {
			return err
		}
	}
	return nil
}

// anyOverdue reports whether a role that the person should hold does not arrive.
// Only then can an assignment that was delivered be incomplete again.
func anyOverdue(grants []access.Grant, now time.Time) bool {
	return slices.ContainsFunc(grants, func(g access.Grant) bool {
		return g.State == access.Adding && (g.Stuck || !now.Before(g.Since.Add(access.DeliveryGrace)))
	})
}

// grantsForRoles returns the grants that are of one of the roles.
func grantsForRoles(roles []access.ResourceRoleID, grants []access.Grant) []access.Grant {
	var all []access.Grant
	for _, g := range grants {
		if slices.Contains(roles, g.Role) {
			all = append(all, g)
		}
	}
	return all
}

// updateAssignment moves an assignment and its request to a state. An
// expiration in days counts from the first delivery of any role (F-123).
func updateAssignment(ctx context.Context, tx *store.Tx, x access.Assignment, to access.AssignmentState) error {
	if to == x.State {
		return nil
	}
	r, err := tx.Request(ctx, x.Tenant, x.Request)
	if err != nil {
		return err
	}
	repaired := r.State == access.Delivered && to == access.AssignDelivered // the requestor was notified before
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
		now, err := localNow(ctx, tx, r.Tenant)
		if err != nil {
			return err
		}
		x.Delivered, x.End = tx.Now, r.AssignmentEnd(now)
	}
	if err := moveWithRequest(ctx, tx, &x, &r, to); err != nil || repaired {
		return err
	}
	if r.State == before {
		return nil // the request was completed earlier; the package has changed since
	}
	return notifyDelivered(ctx, tx, r, to)
}

// moveWithRequest moves an assignment and, if that move is legal, its request.
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

// deliveryActivity returns the audit activity of a request's move during its
// delivery.
func deliveryActivity(to access.RequestState) access.Activity {
	switch to {
	case access.Delivered:
		return access.ActFulfill
	case access.PartiallyDelivered:
		return access.ActPartiallyFulfill
	case access.DeliveryFailed:
		return access.ActFailFulfillment
	default: // delivering
		return access.ActReady
	}
}

// notifyDelivered notifies the requestor of the outcome of the delivery, unless
// an administrator made the request (F-185) or the policy suppresses
// notifications (F-069).
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

// updateRemovals moves the person's open removal requests to what the grants
// amount to.
func updateRemovals(ctx context.Context, tx *store.Tx, f *facts) error {
	requests, err := tx.OpenRemovals(ctx, access.Person{Tenant: f.tenant, ID: f.personID})
	if err != nil {
		return err
	}
	packages := make([]access.PackageID, len(requests))
	for i, r := range requests {
		packages[i] = r.Package
	}
	roles, err := tx.RoleIDsByPackage(ctx, f.tenant, packages)
	if err != nil {
		return err
	}
	for _, r := range requests {
		if slices.ContainsFunc(roles[r.Package], func(id access.ResourceRoleID) bool { return f.withheld[id] }) {
			continue // not removed yet
		}
		if err := updateRemoval(ctx, tx, r, removalState(grantsForRoles(roles[r.Package], f.grants), tx.Now)); err != nil {
			return err
		}
	}
	return nil
}

// removalState returns the state of a request that removes a package, from the
// grants of the package's roles: delivered when no role is left to be removed.
// A role that another assignment requires does not count (F-055).
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
		case access.Adding, access.Held: // required by another assignment
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

// updateRemoval moves a removal request to a state and, when it is delivered,
// notifies the former holder.
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

// notifyEnded notifies the former holder that the access has ended (message
// 20), unless the policy of the assignment suppresses notifications. Nor does it if the
// last that the person heard of the package, not long ago, is that the access has ended:
// an administrator may assign and remove it again and again.
func notifyEnded(ctx context.Context, tx *store.Tx, r access.Request) error {
	x, err := tx.Assignment(ctx, r.Tenant, r.Assignment)
	if err != nil {
		return err
	}
	first, err := tx.Request(ctx, r.Tenant, x.Request)
	if err != nil || first.Terms.SuppressNotifications {
		return err
	}
	last, err := tx.LastMailAbout(ctx, r, tx.Now.Add(-access.WithdrawalWindow), string(mail.AccessEnded),
		string(mail.AccessDelivered), string(mail.DeliveryPartial))
	if err != nil || last == string(mail.AccessEnded) {
		return err
	}
	return notify(ctx, tx, r, mail.AccessEnded, r.Target)
}
