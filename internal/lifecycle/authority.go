package lifecycle

import (
	"context"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// checkAuthority refuses to deliver a package that makes people administrators, by
// a role in a group, unless somebody who could assign each of those roles directly
// takes part: an approver of the request, or its requestor (W-25). Who made the
// policy does not count: the group may have had no role then.
func checkAuthority(ctx context.Context, tx *store.Tx, r access.Request, ds []access.Decision) error {
	uses, err := tx.PackageRoleUses(ctx, r.Tenant, r.Package)
	if err != nil || len(uses) == 0 {
		return err
	}
	people, err := authorities(ctx, tx, r, ds)
	if err != nil {
		return err
	}
	for _, u := range uses {
		one := []access.GroupUse{u}
		if slices.ContainsFunc(people, func(rights access.Rights) bool { return rights.MayChangeMembers(one) == nil }) {
			continue
		}
		return access.Rights{}.MayChangeMembers(one)
	}
	return nil
}

// authorities are the rights of the requestor and of those who have approved.
func authorities(ctx context.Context, tx *store.Tx, r access.Request, ds []access.Decision) ([]access.Rights, error) {
	var all []access.Rights
	ids := []access.PersonID{r.Requestor}
	for _, d := range ds {
		ids = append(ids, d.By)
	}
	for _, id := range ids {
		if id == "" {
			continue
		}
		p, err := tx.Person(ctx, r.Tenant, id)
		if err != nil {
			return nil, err
		}
		rights, err := tx.Rights(ctx, p)
		if err != nil {
			return nil, err
		}
		all = append(all, rights)
	}
	return all, nil
}
