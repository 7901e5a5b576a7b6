package lifecycle

import (
	"context"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// KeepAdministrator runs change and refuses it if it takes the last global
// administrator who can sign in from the tenant. A change in a tenant that had
// none before is not refused.
func KeepAdministrator(ctx context.Context, tx *store.Tx, t access.TenantID, change func() error) error {
	before, err := HasAdministrator(ctx, tx.Reader, t, tx.Now)
	if err != nil {
		return err
	}
	if err := change(); err != nil || !before {
		return err
	}
	return CheckAdministratorLeft(ctx, tx, t)
}

// CheckAdministratorLeft refuses a tenant without any global administrator who can
// sign in.
func CheckAdministratorLeft(ctx context.Context, tx *store.Tx, t access.TenantID) error {
	left, err := HasAdministrator(ctx, tx.Reader, t, tx.Now)
	if err == nil && !left {
		err = access.Refuse(access.Conflict, "This is the last global administrator who can sign in. Assign the role to "+
			"someone else first.")
	}
	return err
}

// HasAdministrator reports whether the tenant has a global administrator who can
// sign in at now, and whose role no delivery is about to remove.
func HasAdministrator(ctx context.Context, r *store.Reader, t access.TenantID, now time.Time) (bool, error) {
	return hasAdministrator(ctx, r, t, administrators{now: now})
}

// administrators are the global administrators to look at.
type administrators struct {
	now     time.Time
	current bool            // also those whose role a delivery is about to remove
	without access.PersonID // who does not count; empty for nobody
}

func hasAdministrator(ctx context.Context, r *store.Reader, t access.TenantID, which administrators) (bool, error) {
	ways, err := r.AdministratorWays(ctx, t, which.now, which.current, which.without)
	if err != nil || len(ways) == 0 {
		return false, err
	}
	tenant, err := r.Tenant(ctx, t)
	if err != nil {
		return false, err
	}
	for _, w := range ways {
		if open, err := waySignsIn(ctx, r, tenant, w); open || err != nil {
			return open, err
		}
	}
	return false, nil
}

// waySignsIn reports whether people can sign in to the tenant in the way: the directory
// and the domain have a way in (access.Admission). People without an account are
// recognized by an address in one of its verified domains only where people sign in
// with passcodes: elsewhere they need a subject, and then have an account.
func waySignsIn(ctx context.Context, r *store.Reader, t access.Tenant, w store.AdministratorWay) (bool, error) {
	a, err := r.Admission(ctx, t.ID, w.Directory)
	in := a.CheckPerson(access.Person{Domain: w.Domain}) == nil
	return in && (w.HasAccount || a.Kind == access.DirectoryPasscode && slices.Contains(a.Domains, w.Domain)), err
}

// keepsAdministrator reports whether the person's membership in the group must not
// be removed now: it makes the tenant's last global administrator who can sign in.
func keepsAdministrator(ctx context.Context, tx *store.Tx, t access.TenantID, g access.EntryID) (bool, error) {
	uses, err := tx.GroupRoles(ctx, t, []access.EntryID{g})
	if err != nil {
		return false, err
	}
	for _, u := range uses {
		if u.Role != access.GlobalAdministrator {
			continue
		}
		lasting, err := hasAdministrator(ctx, tx.Reader, t, administrators{now: tx.Now})
		if err != nil || lasting {
			return false, err
		}
		return hasAdministrator(ctx, tx.Reader, t, administrators{now: tx.Now, current: true})
	}
	return false, nil
}

// isLastAdministrator reports whether the person is a global administrator and the
// tenant has no other who can sign in.
func isLastAdministrator(ctx context.Context, tx *store.Tx, p access.Person) (bool, error) {
	rights, err := tx.Rights(ctx, p)
	if err != nil || !rights.HasTenantRole(access.GlobalAdministrator) {
		return false, err
	}
	other, err := hasAdministrator(ctx, tx.Reader, p.Tenant, administrators{now: tx.Now, without: p.ID})
	return !other, err
}
