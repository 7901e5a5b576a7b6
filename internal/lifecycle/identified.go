package lifecycle

import (
	"context"
	"errors"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// The rule that administrative roles are for people with an account, or with a subject
// that is entered before the first sign-in (access.Person.CheckIdentified), where people
// become members of a group that has such a role. At use it is asked again: see
// preregisteredPerson.

// CheckIdentified refuses the person an administrative role, by a group with the name
// unless it is empty.
func CheckIdentified(ctx context.Context, r *store.Reader, p access.Person, group string) error {
	if p.Account != "" {
		return nil
	}
	dir, err := r.Directory(ctx, p.Directory)
	if err != nil {
		return err
	}
	return p.CheckIdentified(dir.Kind, group)
}

// CheckJoins refuses to make the person a member of groups with an administrative role.
// The person is read again: the subject may have been entered in this transaction.
func CheckJoins(ctx context.Context, r *store.Reader, p access.Person, groups ...access.EntryID) error {
	if p.Account != "" || len(groups) == 0 {
		return nil
	}
	uses, err := r.GroupRoles(ctx, p.Tenant, groups)
	if err != nil || len(uses) == 0 {
		return err
	}
	if p, err = r.Person(ctx, p.Tenant, p.ID); err != nil {
		return err
	}
	return CheckIdentified(ctx, r, p, uses[0].GroupName)
}

// CheckMembersIdentified refuses an administrative role to the group, for the first of its
// members who has no account, or of those who become members by an access package.
func CheckMembersIdentified(ctx context.Context, r *store.Reader, t access.TenantID, group access.EntryID) error {
	e, err := r.Entry(ctx, t, group)
	if err != nil {
		return err
	}
	p, found, err := r.UnidentifiedMember(ctx, t, group)
	if err != nil || !found {
		return err
	}
	return CheckIdentified(ctx, r, p, e.Name)
}

// CheckHoldersIdentified refuses to make the people who hold the package members of the
// groups, of which some have an administrative role.
func CheckHoldersIdentified(ctx context.Context, r *store.Reader, t access.TenantID, id access.PackageID,
	groups []access.EntryID) error {
	if len(groups) == 0 {
		return nil
	}
	uses, err := r.GroupRoles(ctx, t, groups)
	if err != nil || len(uses) == 0 {
		return err
	}
	p, found, err := r.UnidentifiedHolder(ctx, t, id)
	if err != nil || !found {
		return err
	}
	return CheckIdentified(ctx, r, p, uses[0].GroupName)
}

// CheckAssignee refuses to make the person a member of the groups with an administrative
// role that the package delivers.
func CheckAssignee(ctx context.Context, r *store.Reader, p access.Person, id access.PackageID) error {
	if p.Account != "" {
		return nil
	}
	uses, err := r.PackageMemberRoles(ctx, p.Tenant, id)
	if err != nil || len(uses) == 0 {
		return err
	}
	return CheckIdentified(ctx, r, p, uses[0].GroupName)
}

// checkTarget is CheckAssignee for the person of a request. Whoever decides can't mend it
// by the decision, so that the refusal is Forbidden.
func checkTarget(ctx context.Context, r *store.Reader, q access.Request) error {
	p, err := r.Person(ctx, q.Tenant, q.Target)
	if err != nil {
		return err
	}
	err = CheckAssignee(ctx, r, p, q.Package)
	if refusal, ok := errors.AsType[*access.Error](err); ok && refusal.Kind == access.Invalid {
		forbidden := *refusal
		forbidden.Kind = access.Forbidden
		return &forbidden
	}
	return err
}
