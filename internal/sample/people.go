package sample

import (
	"fmt"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// peopleTables are the tables of accounts and people.
type peopleTables struct{ accounts, persons, words *store.Bulk }

func (m *generator) peopleTables() peopleTables {
	t := peopleTables{
		accounts: m.tx.Bulk("account", "id", "directory_id", "subject", "name", "email", "language", "created"),
		persons: m.tx.Bulk("person", "tenant_id", "id", "account_id", "directory_id", "domain", "kind", "name", "email",
			"address", "language", "time_zone",
			"manager_id", "attributes", "disabled", "guest", "governed", "created", "version", "sort_name"),
		words: m.wordTable(),
	}
	t.persons.After(t.accounts)
	return t
}

// writePerson writes a person with an account.
func (m *generator) writePerson(t peopleTables, s personRef, p access.Person, at time.Time) error {
	if err := t.accounts.Add(m.ctx, string(p.Account), string(p.Directory), p.Email, p.Name, p.Email, "",
		at.UnixMilli()); err != nil {
		return err
	}
	var manager any
	if p.Manager != "" {
		manager = string(p.Manager)
	}
	err := t.persons.Add(m.ctx, string(m.tenant.ID), string(s.id), string(p.Account), string(p.Directory),
		string(p.Domain), string(p.Kind), p.Name, p.Email,
		p.Email, "", "", manager, store.JSON(p.Attributes), false, string(p.Guest), p.Governed, at.UnixMilli(),
		int64(1), store.Fold(p.Name))
	if err != nil {
		return err
	}
	m.people = append(m.people, s)
	return m.writeWords(t.words, store.PersonWords, string(s.id), p.Name, p.Email)
}

// writePeople writes the members: four fifths of all people.
func (m *generator) writePeople() error {
	t, seen := m.peopleTables(), map[string]int{}
	first, last := firstNames(), lastNames()
	for i := range m.Size.People * 4 / 5 {
		name := pick(m, first) + " " + pick(m, last)
		address := slug(name)
		if seen[name]++; seen[name] > 1 {
			address += fmt.Sprint(seen[name])
		}
		at := m.pastTime(2000)
		s := personRef{id: access.PersonID(m.id(at)), domain: m.Domain}
		p := access.Person{Account: access.AccountID(m.id(at)), Directory: m.tenant.Directory, Domain: m.Domain,
			Kind: access.Member, Name: name,
			Email: address + "@" + string(m.Domain), Guest: access.GuestNone,
			Attributes: map[string]string{"department": pick(m, departments())}}
		if i > 50 {
			p.Manager = m.people[m.rand.IntN(min(i, m.Size.People/10+1))].id
		}
		if err := m.writePerson(t, s, p, at); err != nil {
			return err
		}
		if i%64 == 63 { // managers are written before the people who have them
			if err := m.flush(t.persons); err != nil {
				return err
			}
		}
	}
	if err := m.flush(t.accounts, t.persons, t.words); err != nil {
		return err
	}
	return m.tx.AddRoleAssignment(m.ctx, access.RoleAssignment{Tenant: m.tenant.ID, Role: access.GlobalAdministrator,
		Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(m.people[0].id)}})
}

// writeGroups writes the groups and teams, with some dozens of members each.
func (m *generator) writeGroups() error {
	entries, members, words := m.entryTable(), m.memberTable(), m.wordTable()
	members.After(entries)
	seen := map[string]int{}
	for range m.Size.Groups {
		name := numberRepeats(seen, pick(m, departments())+" "+pick(m, topics()))
		id := access.EntryID(m.id(m.pastTime(2000)))
		kind := access.KindGroup
		if m.chance(.4) {
			kind = access.KindTeam
		}
		if err := m.writeEntry(entries, words, access.Entry{ID: id, Kind: kind, Name: name, Description: "People of " + name,
			Roles: access.DefaultRoles(kind)}); err != nil {
			return err
		}
		m.groups = append(m.groups, id)
		in := map[access.PersonID]bool{}
		for range 5 + m.rand.IntN(60) {
			in[pick(m, m.people).id] = true
		}
		for _, p := range m.people[:min(len(m.people), 2)] { // the first two are in many groups
			if m.chance(.01) {
				in[p.id] = true
			}
		}
		for p := range in {
			if err := members.Add(m.ctx, string(m.tenant.ID), string(id), "Member", string(p)); err != nil {
				return err
			}
		}
	}
	return m.flush(entries, members, words)
}

func (m *generator) entryTable() *store.Bulk {
	return m.tx.Bulk("directory_entry", "tenant_id", "id", "kind", "name", "description", "link", "roles", "version",
		"sort_name")
}

func (m *generator) memberTable() *store.Bulk {
	return m.tx.Bulk("directory_member", "tenant_id", "entry_id", "role", "person_id")
}

func (m *generator) writeEntry(entries, words *store.Bulk, e access.Entry) error {
	err := entries.Add(m.ctx, string(m.tenant.ID), string(e.ID), string(e.Kind), e.Name, e.Description,
		"https://"+slug(e.Name)+"."+string(m.Domain)+"/",
		store.JSON(e.Roles), int64(1), store.Fold(e.Name))
	if err != nil {
		return err
	}
	return m.writeWords(words, store.EntryWords, string(e.ID), e.Name, e.Description)
}

// writePartners writes connected organizations, each with a directory of its own.
func (m *generator) writePartners() error {
	seen := map[string]int{}
	for range m.Size.Organizations {
		name := numberRepeats(seen, pick(m, lastNames())+" "+pick(m, partnerKinds()))
		o := partner{id: access.OrganizationID(m.id(m.pastTime(1500))), dir: access.DirectoryID(m.id(m.pastTime(1500))),
			name:   name,
			domain: access.Domain(slug(name) + ".example")}
		err := m.tx.SaveDirectory(m.ctx, access.Directory{ID: o.dir, Kind: access.DirectoryOpenID, Name: name,
			Issuer: "https://login." + string(o.domain), ClientID: "meridian",
			AuthStyle: access.AuthNone, HintStyle: access.HintNone, Domains: []access.Domain{o.domain}, Enabled: true},
			access.VerifiedByOperator)
		if err != nil {
			return err
		}
		state := access.Configured
		if m.chance(.1) {
			state = access.Proposed
		}
		err = m.tx.SaveOrganization(m.ctx, access.Organization{ID: o.id, Tenant: m.tenant.ID, Name: name,
			Description: "Partner for " + pick(m, topics()), State: state,
			Directories: []access.DirectoryID{o.dir}, InternalSponsors: []access.SubjectRef{{Kind: access.SubjectPerson,
				ID: string(pick(m, m.people).id)}}})
		if err != nil {
			return err
		}
		m.orgs = append(m.orgs, o)
	}
	return nil
}

// writeGuests writes the last fifth of the people: guests of the partners.
func (m *generator) writeGuests() error {
	t, seen := m.peopleTables(), map[string]int{}
	members := len(m.people)
	for range m.Size.People - members {
		o := pick(m, m.orgs)
		name := pick(m, firstNames()) + " " + pick(m, lastNames())
		address := slug(name)
		if key := name + string(o.domain); seen[key] > 0 {
			address += fmt.Sprint(seen[key])
			seen[key]++
		} else {
			seen[key] = 1
		}
		at := m.pastTime(1200)
		s := personRef{id: access.PersonID(m.id(at)), guest: true, domain: o.domain}
		p := access.Person{Account: access.AccountID(m.id(at)), Directory: o.dir, Domain: o.domain, Kind: access.Guest,
			Name: name, Email: address + "@" + string(o.domain),
			Guest: access.GuestActive, Governed: m.chance(.8), Attributes: map[string]string{}}
		if err := m.writePerson(t, s, p, at); err != nil {
			return err
		}
	}
	return m.flush(t.accounts, t.persons, t.words)
}
