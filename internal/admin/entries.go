package admin

import (
	"context"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
)

// SaveEntry adds an entry of the built-in directory (without an id), or changes an
// existing one from the version that e names, and updates its resource in catalogs. owners
// are the people who may add it to catalogs (F-041).
func (ed *Editor) SaveEntry(ctx context.Context, e access.Entry, owners []access.PersonID) (access.Entry, error) {
	e.Tenant = ed.by.Tenant
	if err := ed.rights.May(access.ManageEntries); err != nil {
		return e, err
	}
	var stored access.Entry
	if e.ID != "" {
		var err error
		if stored, err = ed.tx.Entry(ctx, ed.by.Tenant, e.ID); err != nil {
			return e, err
		}
		if err := checkVersion(stored.Version, e.Version); err != nil {
			return e, err
		}
		e.Kind = stored.Kind
	}
	if err := checkEntry(ctx, ed, e, stored, owners); err != nil {
		return e, err
	}
	if err := checkOwners(ctx, ed, stored, owners); err != nil {
		return e, err
	}
	if err := checkRename(ctx, ed, e, stored); err != nil {
		return e, err
	}
	if e.ID == "" {
		e.ID = access.EntryID(ed.tx.NewID())
	}
	if err := saveEntry(ctx, ed, e, stored, owners); err != nil {
		return e, err
	}
	return e, nil
}

func checkEntry(ctx context.Context, ed *Editor, e, stored access.Entry, owners []access.PersonID) error {
	var es access.Errors
	es.Add(e.Check())
	other, taken, err := ed.tx.EntryNamed(ctx, e.Tenant, e.Name)
	if err != nil {
		return err
	}
	if taken && other.ID != e.ID {
		es.Add(access.Invalidf("displayName", "A resource with this name already exists in the directory."))
	}
	for _, role := range stored.Roles {
		if !contains(e.Roles, role) {
			es.Add(access.Invalidf("roles", "The role “%s” can't be removed because people may have it.", role))
		}
	}
	for _, id := range owners {
		if _, err := personToName(ctx, ed, e.Tenant, id); access.KindOf(err) == access.NotFound {
			es.Add(access.Invalidf("owners", "Choose one of the listed options."))
		} else if err != nil {
			return err
		}
	}
	return es.Err()
}

// checkOwners refuses new owners of a group with an administrative role for whoever could
// not assign that role: owners decide which catalogs hand it out (W-25).
func checkOwners(ctx context.Context, ed *Editor, stored access.Entry, owners []access.PersonID) error {
	if stored.ID == "" || len(owners) == 0 {
		return nil
	}
	before, err := ed.tx.EntryOwners(ctx, stored.Tenant, stored.ID)
	if err != nil || len(difference(owners, before)) == 0 {
		return err
	}
	return checkRoleMembers(ctx, ed.tx.Reader, ed.self(), []access.EntryID{stored.ID}, "owners")
}

// checkRename refuses a new name of a group with an administrative role for whoever could
// not assign that role: a workspace file finds groups by name, so another group with the
// old name would get the role when the file is applied again (W-25).
func checkRename(ctx context.Context, ed *Editor, e, stored access.Entry) error {
	if stored.ID == "" || e.Name == stored.Name {
		return nil
	}
	return checkRoleMembers(ctx, ed.tx.Reader, ed.self(), []access.EntryID{stored.ID}, "displayName")
}

func contains(all []string, s string) bool {
	for _, one := range all {
		if one == s {
			return true
		}
	}
	return false
}

func saveEntry(ctx context.Context, ed *Editor, e, stored access.Entry, owners []access.PersonID) error {
	if err := ed.tx.SaveEntry(ctx, e); err != nil {
		return err
	}
	if err := ed.tx.SetEntryOwners(ctx, e.Tenant, e.ID, owners); err != nil {
		return err
	}
	target, err := ed.tx.BuiltInTarget(ctx, e.Tenant)
	if err != nil {
		return err
	}
	if _, listed, err := ed.tx.ResourceByExternal(ctx, e.Tenant, target.ID, string(e.ID)); err != nil {
		return err
	} else if listed {
		if _, err := upsertResource(ctx, ed, e); err != nil {
			return err
		}
	}
	return ed.record(ctx, saveActivity(stored.Version), object{kind: access.ObjectKind(e.Kind), id: string(e.ID),
		from: stored.Name,
		to:   strings.Join(append([]string{e.Name}, e.Roles...), ", ")})
}

// DeleteEntry deletes an entry that no catalog, policy, approval or role refers to.
func (ed *Editor) DeleteEntry(ctx context.Context, id access.EntryID) error {
	e, err := ed.tx.Entry(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	if err := ed.rights.May(access.ManageEntries); err != nil {
		return err
	}
	if err := canDeleteEntry(ctx, ed.tx.Reader, e); err != nil {
		return err
	}
	if err := ed.tx.DeleteEntry(ctx, ed.by.Tenant, id); err != nil {
		return err
	}
	return ed.record(ctx, access.ActDelete, object{kind: access.ObjectKind(e.Kind), id: string(id), from: e.Name})
}

// canDeleteEntry refuses to delete an entry that is in use, or that approves.
func canDeleteEntry(ctx context.Context, r *store.Reader, e access.Entry) error {
	use, err := r.EntryUse(ctx, e.Tenant, e.ID)
	if err != nil {
		return err
	}
	if use != "" {
		return access.Refuse(access.Conflict, "“%s” can't be deleted: %s.", e.Name, use)
	}
	approves, err := r.PoliciesWithApprover(ctx, e.Tenant, e.ID, 1)
	if err != nil || len(approves.Policies) == 0 {
		return err
	}
	return access.Refuse(access.Conflict, "“%s” can't be deleted because it is an approver in the policy “%s”.", e.Name,
		approves.Policies[0].Name)
}

// SetMembers adds people to a role of an entry, or removes them. It refuses to remove a
// person who holds the role by an access package: the assignment must be removed instead,
// and to change a group whose members have a right that the actor could not give (W-25).
func (ed *Editor) SetMembers(ctx context.Context, m access.Membership, people []access.PersonID, in bool) error {
	e, err := ed.tx.Entry(ctx, ed.by.Tenant, m.Entry)
	if err != nil {
		return err
	}
	if err := ed.rights.May(access.ManageEntries); err != nil {
		return err
	}
	if !contains(e.Roles, m.Role) {
		return access.Invalidf("role", "Choose a role.")
	}
	if len(people) == 0 {
		return access.Invalidf("people", "Choose a person.")
	}
	if err := checkMembers(ctx, ed.tx.Reader, ed.self(), []access.EntryID{e.ID}, "people"); err != nil {
		return err
	}
	change := func() error {
		for _, id := range people {
			m.Person = id
			if err := setMember(ctx, ed, e, m, in); err != nil {
				return err
			}
		}
		return nil
	}
	if in || !e.IsGroup() {
		return change()
	}
	if err := keepAdministrator(ctx, ed, change); err != nil {
		return err
	}
	return ed.warnOfGaps(ed.tx.GapsOfGroup(ctx, e.Tenant, e.ID, maxWarnings))
}

// checkJoins refuses a membership by which a person without an account would have an
// administrative role, at the field. One that the person has already stays.
func checkJoins(ctx context.Context, ed *Editor, p access.Person, m access.Membership, field string) error {
	if m.Role != store.GroupMember {
		return nil
	}
	return access.AtField(lifecycle.CheckJoins(ctx, ed.tx.Reader, p, m.Entry), field)
}

func setMember(ctx context.Context, ed *Editor, e access.Entry, m access.Membership, in bool) error {
	p, err := personToName(ctx, ed, ed.by.Tenant, m.Person)
	if err != nil {
		return err
	}
	var changed bool
	if in {
		if err := checkJoins(ctx, ed, p, m, "people"); err != nil {
			return err
		}
		changed, err = ed.tx.AddMember(ctx, ed.by.Tenant, m)
	} else {
		managed, manageErr := ed.tx.HasEntryGrant(ctx, p, e.ID, m.Role)
		if manageErr != nil {
			return manageErr
		}
		if managed {
			return access.Refuse(access.Conflict, "%s has this role through an access package. Remove the assignment instead.",
				p.Name)
		}
		changed, err = ed.tx.RemoveMember(ctx, ed.by.Tenant, m)
	}
	if err != nil || !changed {
		return err
	}
	o := object{kind: access.ObjectKind(e.Kind), id: string(e.ID), to: m.Role + ": " + p.Name}
	if !in {
		o.from, o.to = o.to, ""
	}
	return ed.record(ctx, access.ActChangeMembers, o)
}
