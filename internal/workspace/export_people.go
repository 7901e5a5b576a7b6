package workspace

import (
	"cmp"
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
)

// users exports the people.
func (x *export) users(t access.Tenant, out *Tenant) error {
	all, err := x.allPeople(t.ID)
	if err != nil {
		return err
	}
	x.people, x.refs = map[access.PersonID]access.Person{}, map[access.PersonID]string{}
	count := map[string]int{}
	for _, p := range all {
		count[addressKey(p.Email)]++
	}
	byID := map[access.PersonID]bool{}
	for _, p := range all {
		x.people[p.ID], x.refs[p.ID] = p, p.Email
		if count[addressKey(p.Email)] > 1 || !x.ordinary(p) {
			byID[p.ID], x.refs[p.ID] = true, string(p.ID)
		}
	}
	for _, p := range all {
		u, err := x.user(t, p)
		if err != nil {
			return err
		}
		if byID[p.ID] {
			u.ID = string(p.ID)
		}
		out.Users = append(out.Users, wrap(u))
	}
	sortBy(out.Users, func(a, b *at[User]) int {
		return cmp.Or(byName(a.V.DisplayName, b.V.DisplayName), cmp.Compare(a.V.Mail, b.V.Mail), cmp.Compare(a.V.ID, b.V.ID))
	})
	return nil
}

func (x *export) allPeople(t access.TenantID) (all []access.Person, err error) {
	var after store.Key
	for {
		page, err := x.r.PeopleAfter(x.ctx, t, after, 500)
		if err != nil || len(page) == 0 {
			return all, err
		}
		all = append(all, page...)
		end := page[len(page)-1]
		after = store.KeyOf(end.Name, string(end.ID))
	}
}

// ordinary reports whether an administrator could enter the person: with an address of the
// directory, and a name and a language by the rules. Others come from a provider.
func (x *export) ordinary(p access.Person) bool {
	d, ok := mailaddr.DomainOf(p.Email)
	return ok && x.dirs[p.Directory].Holds(d) && p.CheckDetails() == nil
}

func (x *export) user(t access.Tenant, p access.Person) (User, error) {
	u := User{DisplayName: p.Name, Mail: p.Email, Language: p.Language, TimeZone: p.TimeZone,
		Manager: x.refs[p.Manager], Attributes: p.Attributes, Disabled: p.Disabled}
	if p.Directory != t.Directory {
		u.Directory = x.directoryRef(p.Directory)
	}
	// Who is a guest of the tenant's own provider is found at each sign-in.
	if p.Guest != access.GuestNone && p.Directory != t.Directory {
		u.UserType = "guest"
		if p.Guest != access.GuestActive {
			u.GuestState = string(p.Guest)
		}
		if p.Governed {
			u.Lifecycle = governed
		}
		if !p.RemovalDue.IsZero() {
			u.RemovalDue = &dateTime{at: p.RemovalDue}
		}
	}
	if p.CarriedFrom != "" {
		u.CarriedFrom = &CarriedFrom{Directory: x.directoryRef(p.CarriedFrom), Mail: p.CarriedAddress}
	}
	sponsors, err := x.r.Sponsors(x.ctx, t.ID, p.ID)
	if err != nil {
		return u, err
	}
	u.Sponsors = x.mails(sponsors)
	if p.Account == "" {
		return u, nil
	}
	a, err := x.r.Account(x.ctx, p.Account)
	u.Subject = a.Subject
	return u, err
}

// mails names the people, sorted.
func (x *export) mails(ids []access.PersonID) []string {
	var all []string
	for _, id := range ids {
		if x.refs[id] == "" {
			x.omit("%s: There's no person with the ID %s.", x.tenant.Name, id)
			continue
		}
		all = append(all, x.refs[id])
	}
	slices.Sort(all)
	return all
}

// resources exports the entries of the built-in directory. Whom an access package makes a
// member is not one in the file: the assignment, with its end, is not in the file either.
func (x *export) resources(t access.Tenant, out *Tenant) error {
	x.entries, x.members = map[access.EntryID]access.Entry{}, map[access.EntryID][]access.PersonID{}
	all, err := x.r.Entries(x.ctx, t.ID)
	if err != nil {
		return err
	}
	for _, e := range all {
		x.entries[e.ID] = e
		r := Resource{DisplayName: e.Name, Type: string(e.Kind), Description: e.Description, WebURL: e.Link, Roles: e.Roles}
		owners, err := x.r.EntryOwners(x.ctx, t.ID, e.ID)
		if err != nil {
			return err
		}
		if len(owners) > 0 {
			r.Owners = x.mails(owners)
		}
		for i, role := range e.Roles {
			members, err := x.ownMembers(t.ID, e.ID, role)
			if err != nil {
				return err
			}
			if role == store.GroupMember && e.IsGroup() {
				x.members[e.ID] = members
			}
			if i == 0 {
				r.Members = x.mails(members)
			} else if len(members) > 0 {
				if r.RoleMembers == nil {
					r.RoleMembers = map[string][]string{}
				}
				r.RoleMembers[role] = x.mails(members)
			}
		}
		out.Resources = append(out.Resources, wrap(r))
	}
	sortBy(out.Resources, func(a, b *at[Resource]) int { return byName(a.V.DisplayName, b.V.DisplayName) })
	return nil
}

// ownMembers are the people with a role in an entry who do not have it by an access package.
func (x *export) ownMembers(t access.TenantID, e access.EntryID, role string) ([]access.PersonID, error) {
	members, err := x.r.MembersOf(x.ctx, t, e, role)
	if err != nil || len(members) == 0 {
		return nil, err
	}
	assigned, err := x.r.PeopleWithEntryGrant(x.ctx, t, e, role, members)
	return slices.DeleteFunc(members, func(id access.PersonID) bool { return assigned[id] }), err
}
