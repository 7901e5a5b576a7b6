package admin

import (
	"context"
	"maps"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mailaddr"
)

// AddPerson adds a person by mail address before the first sign-in: a member if the
// address is in the tenant's own directory, otherwise an external person (F-009).
func (ed *Editor) AddPerson(ctx context.Context, address, name string) (access.Person, error) {
	var p access.Person
	if err := ed.rights.May(access.ManagePeople); err != nil {
		return p, err
	}
	var es access.Errors
	es.Add(access.Person{Name: name}.CheckName())
	_, err := mailaddr.Check("address", address)
	es.Add(err)
	if err := es.Err(); err != nil {
		return p, err
	}
	known, err := ed.tx.PeopleByEmail(ctx, ed.by.Tenant, address)
	if err != nil {
		return p, err
	}
	if len(known) > 0 {
		return p, access.Invalidf("address", "“%s” has already been added.", known[0].Name)
	}
	p, err = lifecycle.Preregister(ctx, ed.tx, ed.by, address, name)
	return p, err
}

// SetSubject enters the subject, the provider's permanent ID, of a person who has not
// signed in, at the version: from then on only the account with the subject is the
// person's, whatever its address. For a person with administrative roles it needs the
// right to assign each of them. Conflict for a person who has an account.
func (ed *Editor) SetSubject(ctx context.Context, id access.PersonID, version int64, subject string) error {
	p, err := ed.tx.Person(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	if err := ed.rights.May(access.ManagePeople); err != nil {
		return err
	}
	if err := checkVersion(p.Version, version); err != nil {
		return err
	}
	if err := checkNotMerged(p); err != nil {
		return err
	}
	if p.Account != "" {
		return access.Refuse(access.Conflict, "“%s” already has an account.", p.Name)
	}
	return setSubject(ctx, ed, p, strings.TrimSpace(subject))
}

// setSubject links the person, who has no account, to the account with the subject.
func setSubject(ctx context.Context, ed *Editor, p access.Person, subject string) error {
	if err := mayIdentify(ctx, ed, p); err != nil {
		return err
	}
	a, err := linkAccount(ctx, ed, KnownPerson{Person: p, Subject: subject}, &p)
	if err != nil {
		return err
	}
	if err := ed.tx.UpdatePerson(ctx, p); err != nil {
		return err
	}
	if err := ed.record(ctx, access.ActUpdate, object{kind: access.ObjectPerson, id: string(p.ID),
		to: "subject " + a.Subject}); err != nil {
		return err
	}
	_, err = lifecycle.SetMembership(ctx, ed.tx, p, a)
	return err
}

// mayIdentify refuses to say which account is that of a person with administrative
// roles, unless the actor could assign each of them: the account gets the roles.
func mayIdentify(ctx context.Context, ed *Editor, p access.Person) error {
	if err := checkManagePerson(ctx, ed, p, "subject"); err != nil {
		return err
	}
	rights, err := ed.tx.AdministrativeRoles(ctx, p)
	if err != nil {
		return err
	}
	for catalog, roles := range rights.Catalogs {
		for _, role := range roles {
			if err := ed.rights.MayAssignRole(role, catalog); err != nil {
				return err
			}
		}
	}
	return nil
}

// SavePerson changes a person from the version that p names: language, time zone, manager,
// sponsors, attributes, the name if the person has not signed in yet, and whether the
// person is disabled, which ends every session at once (S-6). A person with a role that
// the actor could not assign is not disabled, enabled or renamed (W-26).
func (ed *Editor) SavePerson(ctx context.Context, p access.Person) error {
	stored, err := ed.tx.Person(ctx, ed.by.Tenant, p.ID)
	if err != nil {
		return err
	}
	if err := ed.rights.May(access.ManagePeople); err != nil {
		return err
	}
	if err := checkVersion(stored.Version, p.Version); err != nil {
		return err
	}
	if err := checkNotMerged(stored); err != nil {
		return err
	}
	wanted := stored
	wanted.Language, wanted.TimeZone, wanted.Manager, wanted.Sponsors = p.Language, p.TimeZone, p.Manager, p.Sponsors
	wanted.Attributes, wanted.Disabled = p.Attributes, p.Disabled
	if stored.Account == "" {
		wanted.Name = strings.TrimSpace(p.Name)
	}
	if err := checkPerson(ctx, ed, wanted); err != nil {
		return err
	}
	return savePerson(ctx, ed, wanted, stored)
}

// checkNotMerged refuses to change a person who was merged into another one: an account
// that is given to the first signs in as the second, with the second's rights.
func checkNotMerged(stored access.Person) error {
	if stored.MergedInto != "" {
		return access.Refuse(access.Conflict, "This person was merged into another one, and can't be changed.")
	}
	return nil
}

// personToName is a person whom something can name: NotFound for one who was merged into
// another, as for an unknown one.
func personToName(ctx context.Context, ed *Editor, t access.TenantID, id access.PersonID) (access.Person, error) {
	p, err := ed.tx.Person(ctx, t, id)
	if err == nil && p.MergedInto != "" {
		return access.Person{}, access.Missing()
	}
	return p, err
}

// checkPerson refuses unknown people, a cycle of managers, and disabling oneself.
func checkPerson(ctx context.Context, ed *Editor, p access.Person) error {
	var es access.Errors
	if !ed.tolerant {
		es.Add(p.CheckDetails())
	}
	if p.TimeZone != "" && !ed.tolerant {
		es.Add(lifecycle.CheckZone(p.TimeZone))
	}
	if p.Disabled && p.ID == ed.by.ID {
		es.Add(access.Invalidf("disabled", "You can't disable yourself."))
	}
	for _, id := range p.Sponsors {
		if _, err := personToName(ctx, ed, p.Tenant, id); access.KindOf(err) == access.NotFound {
			es.Add(access.Invalidf("sponsors", "Choose one of the listed options."))
		} else if err != nil {
			return err
		}
	}
	if err := es.Err(); err != nil {
		return err
	}
	return checkManagers(ctx, ed, p)
}

// checkManagers follows the managers up from p and refuses a cycle.
func checkManagers(ctx context.Context, ed *Editor, p access.Person) error {
	at := p.Manager
	for range 50 {
		if at == "" {
			return nil
		}
		m, err := personToName(ctx, ed, p.Tenant, at)
		if access.KindOf(err) == access.NotFound {
			return access.Invalidf("manager", "Choose one of the listed options.")
		}
		if err != nil {
			return err
		}
		if m.ID == p.ID {
			return access.Invalidf("manager", "This manager would make “%s” their own manager, directly or indirectly. Choose "+
				"someone else.", p.Name)
		}
		at = m.Manager
	}
	return nil
}

// savePerson stores the changes of a person. It refuses to disable, enable or rename a
// person with a role that the actor could not assign (W-26).
func savePerson(ctx context.Context, ed *Editor, p, stored access.Person) error {
	for field, changed := range map[string]bool{"disabled": p.Disabled != stored.Disabled, "name": p.Name != stored.Name} {
		if !changed {
			continue
		}
		if err := checkManagePerson(ctx, ed, stored, field); err != nil {
			return err
		}
	}
	update := func() error { return ed.tx.UpdatePerson(ctx, p) }
	if p.Disabled && !stored.Disabled {
		update = func() error { return disablePerson(ctx, ed, p) }
	}
	if err := update(); err != nil {
		return err
	}
	if err := ed.tx.SetSponsors(ctx, p.Tenant, p.ID, p.Sponsors); err != nil {
		return err
	}
	if p.Disabled && p.Account != "" {
		if err := ed.tx.EndSessionsOf(ctx, p); err != nil {
			return err
		}
	}
	return ed.record(ctx, access.ActUpdate, object{kind: access.ObjectPerson, id: string(p.ID), from: personText(stored),
		to: personText(p)})
}

// disablePerson stores a person who becomes disabled, and warns of policies that depend on
// the person. It refuses to disable the last global administrator.
func disablePerson(ctx context.Context, ed *Editor, p access.Person) error {
	err := keepAdministrator(ctx, ed, func() error { return ed.tx.UpdatePerson(ctx, p) })
	if err != nil {
		return err
	}
	return ed.warnOfGaps(ed.tx.GapsOfPerson(ctx, p.Tenant, p.ID, maxWarnings))
}

// personText describes the editable fields of a person for the audit log.
func personText(p access.Person) string {
	words := []string{p.Name}
	if p.Disabled {
		words = append(words, "disabled")
	}
	if p.Manager != "" {
		words = append(words, "manager "+string(p.Manager))
	}
	for _, name := range slices.Sorted(maps.Keys(p.Attributes)) {
		words = append(words, name+"="+p.Attributes[name])
	}
	return strings.Join(words, ", ")
}

// EndSessions ends every session of a person in the actor's tenant, who then has to sign
// in again (S-6).
func (ed *Editor) EndSessions(ctx context.Context, id access.PersonID) error {
	p, err := ed.tx.Person(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	if err := ed.rights.May(access.ManagePeople); err != nil {
		return err
	}
	if err := checkNotMerged(p); err != nil {
		return err
	}
	if p.Account == "" {
		return access.Refuse(access.Conflict, "This person has never signed in.")
	}
	if err := ed.tx.EndSessionsOf(ctx, p); err != nil {
		return err
	}
	return ed.record(ctx, access.ActEndSessions, object{kind: access.ObjectPerson, id: string(p.ID)})
}
