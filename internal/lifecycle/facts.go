package lifecycle

import (
	"context"
	"maps"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// facts is what a person holds and should hold, in all targets.
type facts struct {
	tenant    access.TenantID
	personID  access.PersonID
	held      []access.Assignment                              // not expired
	packages  map[access.PackageID][]access.ResourceRoleID     // of those in force
	grants    []access.Grant                                   // in every state, as the assignments require
	roles     map[access.ResourceRoleID]store.RoleWithResource // of the grants
	moved     map[access.TargetID]bool                         // where reading the facts has moved grants
	invitedBy access.RequestID                                 // the request whose assignment invites a guest
	// withheld are roles that nothing requires any more and that the person keeps:
	// without them the tenant would have no global administrator who can sign in.
	withheld map[access.ResourceRoleID]bool

	// Read by readGuest.
	person   access.Person
	settings access.Settings
	guest    access.GuestPlan
}

// readFacts reads the facts and moves the person's grants to what the
// assignments in force require.
func readFacts(ctx context.Context, tx *store.Tx, t access.TenantID, p access.PersonID) (*facts, error) {
	f := &facts{tenant: t, personID: p, moved: map[access.TargetID]bool{}, withheld: map[access.ResourceRoleID]bool{}}
	var err error
	if f.held, err = tx.OpenAssignments(ctx, t, p); err != nil {
		return nil, err
	}
	var packages []access.PackageID
	for _, x := range f.held {
		if !x.InForce(tx.Now) {
			continue
		}
		packages = append(packages, x.Package)
		if f.invitedBy == "" {
			f.invitedBy = x.Request
		}
	}
	if f.packages, err = tx.RoleIDsByPackage(ctx, t, packages); err != nil {
		return nil, err
	}
	if f.grants, err = tx.Grants(ctx, t, p); err != nil {
		return nil, err
	}
	moved, err := f.reconcileGrants(ctx, tx)
	if err != nil {
		return nil, err
	}
	if len(moved) > 0 {
		if f.grants, err = tx.Grants(ctx, t, p); err != nil {
			return nil, err
		}
	}
	ids := make([]access.ResourceRoleID, len(f.grants))
	for i, g := range f.grants {
		ids[i] = g.Role
	}
	if f.roles, err = tx.ResourceRoles(ctx, t, ids); err != nil {
		return nil, err
	}
	for _, role := range moved {
		f.moved[f.roles[role].Resource.Target] = true
	}
	return f, nil
}

// reconcileGrants moves the grants to the desired roles: a missing grant is
// added, one that is no longer desired is to be removed. It returns the roles
// whose grants it has moved.
func (f *facts) reconcileGrants(ctx context.Context, tx *store.Tx) (moved []access.ResourceRoleID, err error) {
	desired := access.DesiredRoles(f.held, f.packages, tx.Now)
	exists := map[access.ResourceRoleID]bool{}
	for _, g := range f.grants {
		exists[g.Role] = true
		if desired[g.Role] == g.State.Desired() {
			if err := setWithheld(ctx, tx, g, false); err != nil {
				return nil, err
			}
			continue
		}
		to := access.Removing
		if desired[g.Role] {
			to = access.Adding
		} else if keep, err := f.withhold(ctx, tx, g.Role); keep || err != nil {
			if err == nil {
				err = setWithheld(ctx, tx, g, true)
			}
			if err != nil {
				return nil, err
			}
			continue
		}
		if err := tx.MoveGrant(ctx, g, to); err != nil {
			return nil, err
		}
		moved = append(moved, g.Role)
	}
	for _, role := range slices.Sorted(maps.Keys(desired)) {
		if exists[role] {
			continue
		}
		g := access.Grant{ID: access.GrantID(tx.NewID()), Tenant: f.tenant, Person: f.personID, Role: role,
			State: access.Adding}
		if err := tx.AddGrant(ctx, g); err != nil {
			return nil, err
		}
		moved = append(moved, role)
	}
	return moved, nil
}

// withhold reports whether a role that nothing requires any more is kept, because
// it makes the tenant's last global administrator, and remembers it.
func (f *facts) withhold(ctx context.Context, tx *store.Tx, role access.ResourceRoleID) (bool, error) {
	all, err := tx.ResourceRoles(ctx, f.tenant, []access.ResourceRoleID{role})
	if err != nil {
		return false, err
	}
	x := all[role]
	if x.Role.ExternalID != store.GroupMember || x.Resource.Kind != access.KindGroup &&
		x.Resource.Kind != access.KindTeam {
		return false, nil
	}
	keep, err := keepsAdministrator(ctx, tx, f.tenant, access.EntryID(x.Resource.ExternalID))
	if keep {
		f.withheld[role] = true
	}
	return keep, err
}

// withheldReason is the reason of a grant that withhold keeps. It is a key of the message
// catalogue.
const withheldReason = "Without this role, no global administrator could sign in. It will be removed when someone " +
	"else is global administrator."

// setWithheld stores whether a grant that is held is kept by withhold, so that pages say
// why the removal does not go on.
func setWithheld(ctx context.Context, tx *store.Tx, g access.Grant, withheld bool) error {
	if g.State != access.Held || withheld == (g.LastError == withheldReason) {
		return nil
	}
	if g.LastError = ""; withheld {
		g.LastError = withheldReason
	}
	return tx.SaveGrantAttempt(ctx, g)
}

// readGuest reads the person and the settings and plans the guest's account. The
// account of the tenant's last global administrator is not blocked or removed.
func (f *facts) readGuest(ctx context.Context, tx *store.Tx) error {
	var err error
	if f.person, err = tx.Person(ctx, f.tenant, f.personID); err != nil {
		return err
	}
	tenant, err := tx.Tenant(ctx, f.tenant)
	if err != nil {
		return err
	}
	f.settings = tenant.Settings
	holds := f.invitedBy != ""
	f.guest = f.person.GuestPlan(holds, f.settings, tx.Now)
	if f.person.Guest == access.GuestNone && f.person.Outsider() && holds {
		f.guest = access.GuestPlan{State: access.GuestActive} // to be invited (F-192)
	}
	if !f.guestMoves() || f.guest.State == access.GuestActive {
		return nil
	}
	last, err := isLastAdministrator(ctx, tx, f.person)
	if last {
		f.guest = access.GuestPlan{State: f.person.Guest, RemovalDue: f.person.RemovalDue}
	}
	return err
}

// target returns the target of a grant.
func (f *facts) target(g access.Grant) access.TargetID { return f.roles[g.Role].Resource.Target }

// guestMoves reports whether the guest's account has to change.
func (f *facts) guestMoves() bool { return f.guest.State != f.person.Guest }

// invites reports whether the guest is to be invited, rather than unblocked.
func (f *facts) invites() bool {
	return f.guestMoves() && f.guest.State == access.GuestActive && f.person.Guest != access.GuestBlocked
}

// accountTargets returns the targets in which the guest's account has to change:
// for an invitation those that the guest gets roles in, else those in which the
// guest has ever had a role.
func (f *facts) accountTargets() []access.TargetID {
	if !f.guestMoves() {
		return nil
	}
	all := map[access.TargetID]bool{}
	for _, g := range f.grants {
		if g.State.Desired() || !f.invites() {
			all[f.target(g)] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// movedElsewhere reports whether reading the facts has moved grants in another
// target.
func (f *facts) movedElsewhere(t access.TargetID) bool {
	return len(f.moved) > 1 || len(f.moved) == 1 && !f.moved[t]
}
