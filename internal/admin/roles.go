package admin

import (
	"context"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
)

// AssignRole assigns an administrative role to a person or a group (F-040, F-248). It does
// nothing if the role is assigned already. A group that an access package delivers gets
// none (W-25).
func (ed *Editor) AssignRole(ctx context.Context, r access.RoleAssignment) error {
	r.Tenant = ed.by.Tenant
	if err := checkRole(ctx, ed, r); err != nil {
		return err
	}
	if assigned, err := roleAssigned(ctx, ed, r); err != nil || assigned {
		return err
	}
	if err := checkNamed(ctx, ed, access.UseRole, "subject", r.Subject); err != nil {
		return err
	}
	return assignRole(ctx, ed, r)
}

// RemoveRole removes a role assignment. It refuses to remove the last global
// administrator, and does nothing if the role is not assigned.
func (ed *Editor) RemoveRole(ctx context.Context, r access.RoleAssignment) error {
	r.Tenant = ed.by.Tenant
	if err := checkRole(ctx, ed, r); err != nil {
		return err
	}
	if assigned, err := roleAssigned(ctx, ed, r); err != nil || !assigned {
		return err
	}
	if err := ed.tx.RemoveRoleAssignment(ctx, r); err != nil {
		return err
	}
	if r.Role == access.GlobalAdministrator {
		if err := lifecycle.CheckAdministratorLeft(ctx, ed.tx, ed.by.Tenant); err != nil {
			return err
		}
	}
	return recordRole(ctx, ed, access.ActRemoveRole, r)
}

// checkRole validates a role assignment: its fields, the actor's right to assign the role,
// and that its catalog and subject exist.
func checkRole(ctx context.Context, ed *Editor, r access.RoleAssignment) error {
	if err := r.Check(); err != nil {
		return err
	}
	if r.Catalog != "" {
		if _, err := ed.tx.Catalog(ctx, r.Tenant, r.Catalog); err != nil {
			return err
		}
	}
	if err := ed.rights.MayAssignRole(r.Role, r.Catalog); err != nil {
		return err
	}
	return checkSubject(ctx, ed, r.Tenant, r.Subject)
}

// checkSubject returns NotFound for a person, group or organization that the tenant does
// not have.
func checkSubject(ctx context.Context, ed *Editor, t access.TenantID, s access.SubjectRef) error {
	switch s.Kind {
	case access.SubjectPerson:
		_, err := personToName(ctx, ed, t, access.PersonID(s.ID))
		return err
	case access.SubjectGroup:
		e, err := ed.tx.Entry(ctx, t, access.EntryID(s.ID))
		if err == nil && !e.IsGroup() {
			err = access.Missing()
		}
		return err
	case access.SubjectOrganization:
		_, err := ed.tx.Organization(ctx, t, access.OrganizationID(s.ID))
		return err
	}
	return access.Missing()
}

func assignRole(ctx context.Context, ed *Editor, r access.RoleAssignment) error {
	if assigned, err := roleAssigned(ctx, ed, r); err != nil || assigned {
		return err
	}
	if err := checkIdentified(ctx, ed, r); err != nil {
		return err
	}
	if err := ed.tx.AddRoleAssignment(ctx, r); err != nil {
		return err
	}
	return recordRole(ctx, ed, access.ActAssignRole, r)
}

// checkIdentified refuses to assign a role to a person without an account, or to a group
// that has, or gets by access packages, such a member: see access.Person.CheckIdentified.
func checkIdentified(ctx context.Context, ed *Editor, r access.RoleAssignment) error {
	if r.Subject.Kind == access.SubjectGroup {
		return access.AtField(lifecycle.CheckMembersIdentified(ctx, ed.tx.Reader, r.Tenant, access.EntryID(r.Subject.ID)),
			"subject")
	}
	p, err := ed.tx.Person(ctx, r.Tenant, access.PersonID(r.Subject.ID))
	if err != nil {
		return err
	}
	return access.AtField(lifecycle.CheckIdentified(ctx, ed.tx.Reader, p, ""), "subject")
}

// roleAssigned reports whether exactly this role assignment exists.
func roleAssigned(ctx context.Context, ed *Editor, r access.RoleAssignment) (bool, error) {
	all, err := ed.tx.CatalogRoleAssignments(ctx, r.Tenant, r.Catalog)
	return slices.Contains(all, r), err
}

func recordRole(ctx context.Context, ed *Editor, act access.Activity, r access.RoleAssignment) error {
	o := object{kind: access.ObjectRole, id: r.Subject.ID, to: string(r.Role)}
	if r.Catalog != "" {
		o.to += " of catalog " + string(r.Catalog)
	}
	return ed.record(ctx, act, o)
}
