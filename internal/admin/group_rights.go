package admin

import (
	"context"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// The rule that every indirect way to a right checks what the direct way checks
// (W-25, W-26), asked at both ends: where members of a group change or an access
// package delivers a role of it, and where the group is named. ways.md lists the
// ways, each with its test.

// checkMembers refuses a change of the members of the groups that the actor may not
// make, at the field.
func checkMembers(ctx context.Context, r *store.Reader, by administrator, groups []access.EntryID, field string) error {
	if len(groups) == 0 {
		return nil
	}
	uses, err := r.GroupUses(ctx, by.Tenant, groups)
	if err != nil {
		return err
	}
	return access.AtField(by.rights.MayChangeMembers(uses), field)
}

// checkRoleMembers is checkMembers for groups with administrative roles only: what
// takes people out of a group, or lets others decide about its members.
func checkRoleMembers(ctx context.Context, r *store.Reader, by administrator, groups []access.EntryID,
	field string) error {
	if len(groups) == 0 {
		return nil
	}
	uses, err := r.GroupRoles(ctx, by.Tenant, groups)
	if err != nil {
		return err
	}
	return access.AtField(by.rights.MayChangeMembers(uses), field)
}

// checkDeliveredGroups is checkMembers for the groups that a package delivers.
func checkDeliveredGroups(ctx context.Context, ed *Editor, id access.PackageID, field string) error {
	groups, err := ed.tx.PackageGroups(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	return checkMembers(ctx, ed.tx.Reader, ed.self(), groups, field)
}

// checkWithdrawal refuses to end assignments of a package that makes people
// administrators for whoever could not remove those roles directly.
func checkWithdrawal(ctx context.Context, ed *Editor, id access.PackageID, field string) error {
	groups, err := ed.tx.PackageGroups(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	return checkRoleMembers(ctx, ed.tx.Reader, ed.self(), groups, field)
}

// deliveredGroups are the groups and teams among the resources of role steps.
func deliveredGroups(steps []roleStep, added bool) []access.EntryID {
	var all []access.EntryID
	for _, s := range steps {
		if s.added == added && (s.Resource.Kind == access.KindGroup || s.Resource.Kind == access.KindTeam) {
			all = append(all, access.EntryID(s.Resource.ExternalID))
		}
	}
	return all
}

// checkRoleSteps refuses roles of groups that the actor may not add to a package,
// or remove from it.
func checkRoleSteps(ctx context.Context, r *store.Reader, by administrator, steps []roleStep) error {
	if err := checkMembers(ctx, r, by, deliveredGroups(steps, true), "role"); err != nil {
		return err
	}
	return checkRoleMembers(ctx, r, by, deliveredGroups(steps, false), "remove")
}

// checkHolders refuses steps by which somebody who holds the package, and has no account
// yet, would become a member of a group with an administrative role.
func checkHolders(ctx context.Context, r *store.Reader, p access.Package, steps []roleStep) error {
	members := slices.DeleteFunc(slices.Clone(steps),
		func(s roleStep) bool { return s.Role.ExternalID != store.GroupMember })
	err := lifecycle.CheckHoldersIdentified(ctx, r, p.Tenant, p.ID, deliveredGroups(members, true))
	return access.AtField(err, "role")
}

// checkNamed refuses to name groups, at the field, of whose members people decide
// who manage access packages: see access.Rights.MayNameGroup. The operator may.
func checkNamed(ctx context.Context, ed *Editor, kind access.GroupUseKind, field string,
	subjects ...access.SubjectRef) error {
	if ed.operator {
		return nil
	}
	for _, s := range subjects {
		if s.Kind != access.SubjectGroup {
			continue
		}
		packages, err := ed.tx.GroupPackages(ctx, ed.by.Tenant, access.EntryID(s.ID))
		if err != nil {
			return err
		}
		if len(packages) == 0 {
			continue
		}
		e, err := ed.tx.Entry(ctx, ed.by.Tenant, access.EntryID(s.ID))
		if err != nil {
			return err
		}
		if err := ed.rights.MayNameGroup(kind, e.Name, packages); err != nil {
			return access.AtField(err, field)
		}
	}
	return nil
}

// checkPolicyRights refuses a policy of a package that delivers groups whose members
// the actor may not change, and one that newly names groups of whose members others
// decide. stored is the policy before, the zero value for a new one.
func checkPolicyRights(ctx context.Context, ed *Editor, p, stored access.Policy, groups []access.EntryID) error {
	if err := checkMembers(ctx, ed.tx.Reader, ed.self(), groups, "allowedTargetScope"); err != nil {
		return err
	}
	if err := checkAdministratorApproval(ctx, ed, p, groups); err != nil {
		return err
	}
	if p.Scope == access.ScopeSpecificUsers && len(p.Stages) == 0 {
		named := p.Targets
		if stored.Scope == p.Scope && len(stored.Stages) == 0 {
			named = difference(p.Targets, stored.Targets)
		}
		if err := checkNamed(ctx, ed, access.UseAudience, p.TargetsField(), named...); err != nil {
			return err
		}
	}
	var before []access.SubjectRef
	for _, s := range stored.Stages {
		before = append(before, s.Approvers...)
	}
	for i, s := range p.Stages {
		err := checkNamed(ctx, ed, access.UseApprover, access.ApproversField(i+1), difference(s.Approvers, before)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// checkAdministratorApproval refuses a policy without approval for a package that
// makes people administrators: no one would be asked who may assign the role.
// Requests are checked again when they are approved. The operator may.
func checkAdministratorApproval(ctx context.Context, ed *Editor, p access.Policy, groups []access.EntryID) error {
	if ed.operator || len(p.Stages) > 0 || p.Scope == access.ScopeNobody || len(groups) == 0 {
		return nil
	}
	uses, err := ed.tx.GroupRoles(ctx, ed.by.Tenant, groups)
	if err != nil || len(uses) == 0 {
		return err
	}
	return access.Invalidf("stages", "This access package makes people members of “%s”, who have an administrative role. "+
		"Require approval by someone who can assign that role, or allow direct assignment only.", uses[0].GroupName)
}

// checkManagePerson asks the rule for people: see access.Rights.MayManagePerson.
func checkManagePerson(ctx context.Context, ed *Editor, p access.Person, field string) error {
	theirs, err := ed.tx.AdministrativeRoles(ctx, p)
	if err != nil {
		return err
	}
	return access.AtField(ed.rights.MayManagePerson(p.Name, theirs), field)
}

// checkDirectoryPeople refuses to change how people of a directory sign in for
// whoever could not assign the roles that those people have.
func checkDirectoryPeople(ctx context.Context, ed *Editor, field string, directories ...access.DirectoryID) error {
	for _, d := range directories {
		people, err := ed.tx.AdministratorsOf(ctx, ed.by.Tenant, d)
		if err != nil {
			return err
		}
		for _, p := range people {
			if err := checkManagePerson(ctx, ed, p, field); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkPasscodePeople refuses to turn one-time passcodes off for whoever could not assign
// the roles of people who sign in with them (W-26).
func checkPasscodePeople(ctx context.Context, ed *Editor) error {
	people, err := ed.tx.AdministratorsOf(ctx, ed.by.Tenant, "")
	if err != nil {
		return err
	}
	for _, p := range people {
		d, err := ed.tx.Directory(ctx, p.Directory)
		if err != nil {
			return err
		}
		if d.Kind != access.DirectoryPasscode {
			continue
		}
		if err := checkManagePerson(ctx, ed, p, "passcode"); err != nil {
			return err
		}
	}
	return nil
}

// changedDirectories are the directories that only one of two lists has.
func changedDirectories(before, after []access.DirectoryID) []access.DirectoryID {
	return slices.Concat(difference(before, after), difference(after, before))
}
