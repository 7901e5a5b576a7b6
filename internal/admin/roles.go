package admin

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// GiveRole gives an administrative role to a person or a group (F-040, F-248).
// To have it already is no fault.
func (a *Admin) GiveRole(ctx context.Context, by access.Person, r access.RoleAssignment) error {
	r.Tenant = by.Tenant
	return a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		if err := checkRole(ctx, tx, rights, r); err != nil {
			return err
		}
		return giveRole(ctx, tx, by, r)
	})
}

// TakeRole takes a role away. The last global administrator keeps it.
func (a *Admin) TakeRole(ctx context.Context, by access.Person, r access.RoleAssignment) error {
	r.Tenant = by.Tenant
	return a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		if err := checkRole(ctx, tx, rights, r); err != nil {
			return err
		}
		if err := tx.RemoveRoleAssignment(ctx, r); err != nil {
			return err
		}
		if r.Role == access.GlobalAdministrator {
			if err := someoneLeft(ctx, tx, by.Tenant); err != nil {
				return err
			}
		}
		return recordRole(ctx, tx, by, access.ActRemoveRole, r)
	})
}

// someoneLeft refuses to leave a tenant without any global administrator who
// can sign in.
func someoneLeft(ctx context.Context, tx *store.Tx, t access.TenantID) error {
	given, err := tx.RoleAssignments(ctx, t)
	if err != nil {
		return err
	}
	var left []access.SubjectRef
	for _, r := range given {
		if r.Role == access.GlobalAdministrator {
			left = append(left, r.Subject)
		}
	}
	people, err := tx.ExpandSubjects(ctx, t, left)
	for _, p := range people {
		if !p.Disabled {
			return nil
		}
	}
	if err != nil {
		return err
	}
	return access.Refuse(access.Conflict, "This is the last global administrator. Make somebody else one first.")
}

// checkRole refuses a role assignment that is at fault, names what does not
// exist in the tenant, or is not the actor's to give.
func checkRole(ctx context.Context, tx *store.Tx, rights access.Rights, r access.RoleAssignment) error {
	if err := r.Check(); err != nil {
		return err
	}
	if r.Catalog != "" {
		if _, err := tx.Catalog(ctx, r.Tenant, r.Catalog); err != nil {
			return err
		}
	}
	if err := rights.MayAssignRole(r.Role, r.Catalog); err != nil {
		return err
	}
	return checkSubject(ctx, tx, r.Tenant, r.Subject)
}

// checkSubject refuses a person or group that the tenant does not have.
func checkSubject(ctx context.Context, tx *store.Tx, t access.TenantID, s access.SubjectRef) error {
	switch s.Kind {
	case access.SubjectPerson:
		_, err := tx.Person(ctx, t, access.PersonID(s.ID))
		return err
	case access.SubjectGroup:
		e, err := tx.Entry(ctx, t, access.EntryID(s.ID))
		if err == nil && !e.IsGroup() {
			err = access.Missing()
		}
		return err
	case access.SubjectOrganization:
		_, err := tx.Organization(ctx, t, access.OrganizationID(s.ID))
		return err
	}
	return access.Missing()
}

func giveRole(ctx context.Context, tx *store.Tx, by access.Person, r access.RoleAssignment) error {
	if err := tx.AddRoleAssignment(ctx, r); err != nil {
		return err
	}
	return recordRole(ctx, tx, by, access.ActAssignRole, r)
}

func recordRole(ctx context.Context, tx *store.Tx, by access.Person, act access.Activity,
	r access.RoleAssignment) error {
	o := object{kind: "roleAssignment", id: r.Subject.ID, to: string(r.Role)}
	if r.Catalog != "" {
		o.to += " of catalog " + string(r.Catalog)
	}
	return record(ctx, tx, by, act, o)
}
