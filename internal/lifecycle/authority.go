package lifecycle

import (
	"context"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// checkAuthority refuses to deliver a package that makes people administrators, by
// a role in a group, unless somebody who could assign each of those roles directly
// takes part: an approver of the request, or its requestor (W-25). Who made the
// policy does not count: the group may have had no role then. Nor to a person who has
// no account yet (checkTarget).
func checkAuthority(ctx context.Context, tx *store.Reader, r access.Request, ds []access.Decision) error {
	uses, err := tx.PackageRoleUses(ctx, r.Tenant, r.Package)
	if err != nil || len(uses) == 0 {
		return err
	}
	if err := checkTarget(ctx, tx, r); err != nil {
		return err
	}
	people, err := authorities(ctx, tx, r, ds)
	if err != nil {
		return err
	}
	return access.CheckAuthority(uses, people)
}

// authorities are the rights of the requestor and of those who have approved.
func authorities(ctx context.Context, tx *store.Reader, r access.Request,
	ds []access.Decision) ([]access.Rights, error) {
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

// CheckReprocess refuses to deliver what a request gave once more, for by, to a person who
// could not be given it now: reprocessing restores roles that were removed in the target
// (F-178), and what was decided before may not hold any more (F-280). by counts as one of
// those who take part; it is empty for the operator, who can assign every role. A removal
// can always be tried again.
func CheckReprocess(ctx context.Context, read *store.Reader, r access.Request, by access.PersonID) error {
	if r.Type.IsRemoval() {
		return nil
	}
	who, err := read.PersonContext(ctx, r.Tenant, r.Target)
	if err != nil {
		return err
	}
	offer, err := read.Offer(ctx, r.Tenant, r.Package)
	if err != nil {
		return err
	}
	if err := offer.CanRestore(who); err != nil {
		return err
	}
	if by == "" {
		return checkTarget(ctx, read, r)
	}
	ds, err := read.Decisions(ctx, r.Tenant, r.ID)
	if err != nil {
		return err
	}
	return checkAuthority(ctx, read, r, append(ds, access.Decision{By: by, Approve: true}))
}

// CheckApproval refuses an approval by the person at now that Requests.Decide would
// refuse because of the roles that the package gives. Pages ask it before they show a
// button. ds are the decisions so far. Whether the person is an approver of the stage is
// not checked.
func CheckApproval(ctx context.Context, read *store.Reader, by access.PersonID, r access.Request, ds []access.Decision,
	now time.Time) error {
	ds = append(slices.Clip(ds), access.Decision{Stage: r.Stage, By: by, Approve: true, At: now})
	if r.NextState(r.Evaluate(ds, now), now) == access.PendingApproval {
		return nil // others decide after this stage
	}
	return checkAuthority(ctx, read, r, ds)
}

// maxAsked is the maximum number of approvers that ApproversWithAuthority looks at.
const maxAsked = 100

// ApproversWithAuthority are the approvers of the request's stage, of the first 100, to
// whom CheckApproval allows the approval.
func ApproversWithAuthority(ctx context.Context, read *store.Reader, r access.Request, ds []access.Decision,
	now time.Time) ([]access.Person, error) {
	people, err := approversOf(ctx, read, r, r.Stage)
	if err != nil {
		return nil, err
	}
	var all []access.Person
	for _, p := range people[:min(len(people), maxAsked)] {
		err := CheckApproval(ctx, read, p.ID, r, ds, now)
		if err == nil {
			all = append(all, p)
		} else if access.KindOf(err) != access.Forbidden {
			return nil, err
		}
	}
	return all, nil
}
