package admin

import (
	"context"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// SaveEntry adds a group, team, site or application of the built-in directory,
// which has no id, or changes the one with the id from the version that e names.
// owners are those who may hand it out (F-041). What catalogs show of it follows.
func (a *Admin) SaveEntry(ctx context.Context, by access.Person, e access.Entry,
	owners []access.PersonID) (access.Entry, error) {
	e.Tenant = by.Tenant
	err := a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		if err := rights.May(access.ManageEntries); err != nil {
			return err
		}
		var stored access.Entry
		if e.ID != "" {
			var err error
			if stored, err = tx.Entry(ctx, by.Tenant, e.ID); err != nil {
				return err
			}
			if err := checkVersion(stored.Version, e.Version); err != nil {
				return err
			}
			e.Kind = stored.Kind
		}
		if err := checkEntry(ctx, tx, e, stored, owners); err != nil {
			return err
		}
		if e.ID == "" {
			e.ID = access.EntryID(tx.NewID())
		}
		return saveEntry(ctx, tx, by, e, stored, owners)
	})
	return e, err
}

func checkEntry(ctx context.Context, tx *store.Tx, e, stored access.Entry, owners []access.PersonID) error {
	var es access.Errors
	es.Add(e.Check())
	other, taken, err := tx.EntryNamed(ctx, e.Tenant, e.Name)
	if err != nil {
		return err
	}
	if taken && other.ID != e.ID {
		es.Add(access.Invalidf("displayName", "There is something with this name in the directory already."))
	}
	for _, role := range stored.Roles {
		if !contains(e.Roles, role) {
			es.Add(access.Invalidf("roles", "The role “%s” stays: somebody may hold it.", role))
		}
	}
	for _, id := range owners {
		if _, err := tx.Person(ctx, e.Tenant, id); err != nil {
			es.Add(access.Invalidf("owners", "Choose from what is offered."))
		}
	}
	return es.Err()
}

func contains(all []string, s string) bool {
	for _, one := range all {
		if one == s {
			return true
		}
	}
	return false
}

func saveEntry(ctx context.Context, tx *store.Tx, by access.Person, e, stored access.Entry,
	owners []access.PersonID) error {
	if err := tx.SaveEntry(ctx, e); err != nil {
		return err
	}
	if err := tx.SetEntryOwners(ctx, e.Tenant, e.ID, owners); err != nil {
		return err
	}
	target, err := tx.BuiltInTarget(ctx, e.Tenant)
	if err != nil {
		return err
	}
	if _, listed, err := tx.ResourceByExternal(ctx, e.Tenant, target.ID, string(e.ID)); err != nil {
		return err
	} else if listed {
		if _, err := resourceOf(ctx, tx, e); err != nil {
			return err
		}
	}
	return record(ctx, tx, by, saved(stored.Version), object{kind: string(e.Kind), id: string(e.ID), from: stored.Name,
		to: strings.Join(append([]string{e.Name}, e.Roles...), ", ")})
}

// DeleteEntry deletes an entry that no catalog lists and no policy, approval or
// role names.
func (a *Admin) DeleteEntry(ctx context.Context, by access.Person, id access.EntryID) error {
	return a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		e, err := tx.Entry(ctx, by.Tenant, id)
		if err != nil {
			return err
		}
		if err := rights.May(access.ManageEntries); err != nil {
			return err
		}
		if use, err := tx.EntryUse(ctx, by.Tenant, id); err != nil || use != "" {
			if err != nil {
				return err
			}
			return access.Refuse(access.Conflict, "“%s” cannot be deleted: %s.", e.Name, use)
		}
		if err := tx.DeleteEntry(ctx, by.Tenant, id); err != nil {
			return err
		}
		return record(ctx, tx, by, access.ActDelete, object{kind: string(e.Kind), id: string(id), from: e.Name})
	})
}

// SetMembers adds people to an entry in a role, or takes them out. Who holds the
// role by an access package keeps it: removing the assignment takes it away.
func (a *Admin) SetMembers(ctx context.Context, by access.Person, m access.Membership, people []access.PersonID,
	in bool) error {
	return a.change(ctx, by, func(tx *store.Tx, rights access.Rights) error {
		e, err := tx.Entry(ctx, by.Tenant, m.Entry)
		if err != nil {
			return err
		}
		if err := rights.May(access.ManageEntries); err != nil {
			return err
		}
		if !contains(e.Roles, m.Role) {
			return access.Invalidf("role", "Choose a role.")
		}
		if len(people) == 0 {
			return access.Invalidf("people", "Choose somebody.")
		}
		for _, id := range people {
			m.Person = id
			if err := setMember(ctx, tx, by, e, m, in); err != nil {
				return err
			}
		}
		return nil
	})
}

func setMember(ctx context.Context, tx *store.Tx, by access.Person, e access.Entry, m access.Membership,
	in bool) error {
	p, err := tx.Person(ctx, by.Tenant, m.Person)
	if err != nil {
		return err
	}
	var changed bool
	if in {
		changed, err = tx.AddMember(ctx, by.Tenant, m)
	} else {
		managed, manageErr := tx.HasEntryGrant(ctx, p, e.ID, m.Role)
		if manageErr != nil {
			return manageErr
		}
		if managed {
			return access.Refuse(access.Conflict, "%s holds this by an access package. Remove the assignment instead.", p.Name)
		}
		changed, err = tx.RemoveMember(ctx, by.Tenant, m)
	}
	if err != nil || !changed {
		return err
	}
	o := object{kind: string(e.Kind), id: string(e.ID), to: m.Role + ": " + p.Name}
	if !in {
		o.from, o.to = o.to, ""
	}
	return record(ctx, tx, by, access.ActChangeMembers, o)
}
