package workspace

import (
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/admin"
)

// userPath is the path in the file of a field of a person.
func userPath(field string) []any {
	return renamedKeys(map[string]string{"name": "displayName", "address": "mail", "language": "preferredLanguage"})(field)
}

// users applies the people. Managers and sponsors follow in setRelations, when all people
// exist.
func (s *scope) users(t Tenant) error {
	for _, u := range t.Users {
		if err := s.user(u); err != nil {
			return err
		}
	}
	return nil
}

func (s *scope) user(at at[User]) error {
	u := at.V
	dir, err := s.directoryNamed(u.Directory, at.lineOf("directory"))
	s.bad[u.Mail] = s.bad[u.Mail] || dir.ID == ""
	if err != nil || dir.ID == "" || !s.claimName(at.Line, "user", string(s.tenant.ID), u.Mail) {
		return err
	}
	stored, known, ok, err := s.personBy(u.Mail, at.lineOf("mail"))
	if err != nil || !ok {
		return err
	}
	if d, _ := access.DomainOf(u.Mail); s.bad[dir.Name] && !dir.HasDomain(d) {
		s.bad[u.Mail] = true // the fault of the directory is reported already
		return nil
	}
	if known && stored.Directory != dir.ID {
		s.faults.add(at.lineOf("directory"), "“%s” is known as somebody of another directory", u.Mail)
		return nil
	}
	if u.UserType != "" && u.UserType != "guest" {
		s.faults.add(at.lineOf("userType"), "userType is guest, for people of other directories, or left out")
		s.bad[u.Mail] = true
		return nil
	}
	w := admin.KnownPerson{Person: stored, Subject: u.Subject, Guest: u.UserType != ""}
	if !known {
		w.Tenant, w.Directory = s.tenant.ID, dir.ID
	}
	w.Name, w.Email, w.Language, w.TimeZone, w.Disabled = u.DisplayName, u.Mail, u.Language, u.TimeZone, u.Disabled
	if u.Attributes != nil {
		w.Attributes = u.Attributes
	}
	was, err := s.knownAs(stored, w)
	if err != nil {
		return err
	}
	ok, err = save(s.apply, target{at, userPath, "user", w.Email}, !known, was, w,
		func(k admin.KnownPerson) (string, error) {
			p, err := s.ed.SaveKnownPerson(s.ctx, k)
			return string(p.ID), err
		})
	if err == nil && !ok {
		s.bad[u.Mail] = true
	}
	return err
}

// knownAs is the stored person in the form that the file would have if nothing changed:
// with the file's subject if the person's account has it, and as a guest unless the file
// makes a guest of a person who isn't one.
func (s *scope) knownAs(stored access.Person, w admin.KnownPerson) (admin.KnownPerson, error) {
	was := admin.KnownPerson{Person: stored, Guest: w.Guest && stored.Guest != access.GuestNone}
	if stored.Account == "" || w.Subject == "" {
		return was, nil
	}
	a, ok, err := s.read.AccountOf(s.ctx, stored.Directory, w.Subject)
	if ok && a.ID == stored.Account {
		was.Subject = w.Subject
	}
	return was, err
}

// setRelations sets managers and sponsors.
func (s *scope) setRelations(t Tenant) error {
	for _, u := range t.Users {
		if u.V.Manager == "" && len(u.V.Sponsors) == 0 {
			continue
		}
		p, known, ok, err := s.personBy(u.V.Mail, u.Line)
		if err != nil {
			return err
		}
		if !ok || !known {
			continue // reported already
		}
		if err := s.setUserRelations(p, u); err != nil {
			return err
		}
	}
	return nil
}

func (s *scope) setUserRelations(p access.Person, at at[User]) error {
	u := at.V
	var err error
	if p.Sponsors, err = s.read.Sponsors(s.ctx, s.tenant.ID, p.ID); err != nil {
		return err
	}
	before, w := len(s.faults), p
	if u.Manager != "" {
		m, _, err := s.person(u.Manager, at.lineOf("manager"))
		if err != nil {
			return err
		}
		w.Manager = m.ID
	}
	w.Sponsors = nil
	for i, mail := range u.Sponsors {
		one, ok, err := s.person(mail, at.lineOf("sponsors", i))
		if err != nil {
			return err
		}
		if ok {
			w.Sponsors = append(w.Sponsors, one.ID)
		}
	}
	w.Sponsors = unique(w.Sponsors)
	if len(s.faults) > before {
		return nil
	}
	_, err = save(s.apply, target{at, userPath, "relations of user", p.Email}, false, p, w,
		func(w access.Person) (string, error) {
			return string(w.ID), s.ed.SavePerson(s.ctx, w)
		})
	return err
}

// directoryNamed returns the directory with the name, or the tenant's own if name is
// empty. An unknown one is a fault and has no id.
func (s *scope) directoryNamed(name string, line int) (access.Directory, error) {
	if name == "" {
		return s.read.Directory(s.ctx, s.tenant.Directory)
	}
	d, known, err := s.storedDirectory(name)
	if err == nil && !known {
		s.missing(line, "directory", name)
	}
	return d, err
}

// personBy finds a person by address. ok is false, with a fault, if several people have
// it.
func (s *scope) personBy(mail string, line int) (p access.Person, known, ok bool, err error) {
	people, err := s.read.PeopleByEmail(s.ctx, s.tenant.ID, mail)
	switch {
	case err != nil || len(people) == 0:
		return p, false, err == nil, err
	case len(people) > 1:
		s.faults.add(line, "%d people have the address “%s”", len(people), mail)
		return p, false, false, nil
	}
	return people[0], true, true, nil
}

// person returns the person with the address. ok is false, with a fault, if there is none
// or several.
func (s *scope) person(mail string, line int) (access.Person, bool, error) {
	p, known, ok, err := s.personBy(mail, line)
	if ok && !known {
		s.missing(line, "user", mail)
	}
	return p, known, err
}

// unique sorts the ids and removes duplicates.
func unique(ids []access.PersonID) []access.PersonID {
	slices.Sort(ids)
	return slices.Compact(ids)
}
