package workspace

import (
	"errors"
	"slices"
	"strings"
	"time"

	"myaccess/internal/access"
)

// users makes people so; their relations come when all are known.
func (s *scope) users(t Tenant) error {
	for _, u := range t.Users {
		if err := s.user(u.V, u.Line); err != nil {
			return err
		}
	}
	return nil
}

func (s *scope) user(u User, line int) error {
	dir, err := s.directoryNamed(u.Directory, line)
	s.bad[u.Mail] = s.bad[u.Mail] || dir.ID == ""
	if err != nil || dir.ID == "" || !s.once(line, "user", string(s.tenant.ID), u.Mail) {
		return err
	}
	stored, known, ok, err := s.personBy(u.Mail, line)
	if err != nil || !ok {
		return err
	}
	w := stored
	if !known {
		w = access.Person{ID: access.PersonID(s.tx.NewID()), Tenant: s.tenant.ID, Directory: dir.ID, Kind: access.External,
			Guest: access.GuestNone}
	}
	if dir.ID == s.tenant.Directory {
		w.Kind = access.Member
	}
	w.Name, w.Email, w.Language, w.TimeZone, w.Disabled = u.DisplayName, u.Mail, u.Language, u.TimeZone, u.Disabled
	if u.Attributes != nil {
		w.Attributes = u.Attributes
	}
	if !s.checkUser(u, &w, dir, line) {
		s.bad[u.Mail] = true
		return nil
	}
	if err := s.account(u, &w, line); err != nil {
		return err
	}
	save := s.tx.UpdatePerson
	if !known {
		save = s.tx.AddPerson
	}
	becomes := w
	if u.UserType != "" && w.Guest == access.GuestNone {
		becomes.Kind = access.Guest
	}
	return put(s.apply, thing{s.tenant.ID, line, "user", string(w.ID), w.Email}, !known, stored, becomes, func() error {
		if err := save(s.ctx, w); err != nil || becomes.Kind == w.Kind {
			return err
		}
		return s.tx.MoveGuest(s.ctx, becomes, access.GuestActive, "workspace file")
	})
}

func (s *scope) checkUser(u User, w *access.Person, dir access.Directory, line int) bool {
	before := len(s.faults)
	if d, ok := access.DomainOf(u.Mail); ok && dir.HasDomain(d) {
		w.Domain = d
	} else if !s.bad[dir.Name] {
		s.faults.add(line, "“%s” is not an address of the directory “%s”", u.Mail, dir.Name)
	}
	if w.Directory != dir.ID {
		s.faults.add(line, "“%s” is known as somebody of another directory", u.Mail)
	}
	if strings.TrimSpace(u.DisplayName) == "" || len([]rune(u.DisplayName)) > access.MaxNameLength {
		s.faults.add(line, "a user needs a displayName of at most %d characters", access.MaxNameLength)
	}
	if u.UserType != "" && (u.UserType != "guest" || w.Kind == access.Member) {
		s.faults.add(line, "userType is guest, for people of other directories, or left out")
	}
	if _, err := time.LoadLocation(u.TimeZone); err != nil {
		s.faults.add(line, "“%s” is not a time zone such as Europe/Berlin", u.TimeZone)
	}
	return len(s.faults) == before
}

// account makes the account of somebody whose subject is known in advance.
func (s *scope) account(u User, w *access.Person, line int) error {
	if u.Subject == "" {
		return nil
	}
	a, ok, err := s.tx.AccountOf(s.ctx, w.Directory, u.Subject)
	if err != nil {
		return err
	}
	if !ok {
		a = access.Account{ID: access.AccountID(s.tx.NewID()), Directory: w.Directory, Subject: u.Subject,
			Name: u.DisplayName, Email: u.Mail, Language: u.Language}
		if err := s.tx.SaveAccount(s.ctx, a); err != nil {
			return err
		}
	}
	if w.Account != "" && w.Account != a.ID {
		s.faults.add(line, "“%s” has signed in with another subject already", u.Mail)
		return nil
	}
	other, taken, err := s.tx.PersonOf(s.ctx, s.tenant.ID, a.ID)
	if err != nil {
		return err
	}
	if taken && other.ID != w.ID {
		s.faults.add(line, "the subject of “%s” is that of “%s”", u.Mail, other.Email)
		return nil
	}
	w.Account = a.ID
	return nil
}

// relations sets managers and sponsors.
func (s *scope) relations(t Tenant) error {
	for _, u := range t.Users {
		if u.V.Manager == "" && len(u.V.Sponsors) == 0 {
			continue
		}
		p, known, ok, err := s.personBy(u.V.Mail, u.Line)
		if err != nil {
			return err
		}
		if !ok || !known {
			continue // told already
		}
		if err := s.relate(p, u.V, u.Line); err != nil {
			return err
		}
	}
	return nil
}

func (s *scope) relate(p access.Person, u User, line int) error {
	w := p
	if u.Manager != "" {
		m, err := s.person(u.Manager, line)
		if err != nil {
			return err
		}
		w.Manager = m.ID
	}
	sponsors, err := s.persons(u.Sponsors, line)
	if err != nil || s.faults != nil {
		return err
	}
	have, err := s.tx.Sponsors(s.ctx, s.tenant.ID, p.ID)
	if err != nil {
		return err
	}
	sponsors = unique(sponsors)
	if w.Manager == p.Manager && slices.Equal(have, sponsors) {
		return nil
	}
	return put(s.apply, thing{s.tenant.ID, line, "relations of user", string(p.ID), p.Email}, false, 0, 1, func() error {
		return errors.Join(s.tx.UpdatePerson(s.ctx, w), s.tx.SetSponsors(s.ctx, s.tenant.ID, p.ID, sponsors))
	})
}

// directoryNamed is the directory with the name, the tenant's own if it is
// empty; one without an id, and a fault, if there is none.
func (s *scope) directoryNamed(name string, line int) (access.Directory, error) {
	if name == "" {
		return s.tx.Directory(s.ctx, s.tenant.Directory)
	}
	d, missing, err := s.storedDirectory(Directory{DisplayName: name})
	if err == nil && missing {
		s.missing(line, "directory", name)
	}
	return d, err
}

// personBy is the person with the address; ok is false, with a fault, if there
// are several.
func (s *scope) personBy(mail string, line int) (p access.Person, known, ok bool, err error) {
	people, err := s.tx.PeopleByEmail(s.ctx, s.tenant.ID, mail)
	switch {
	case err != nil || len(people) == 0:
		return p, false, err == nil, err
	case len(people) > 1:
		s.faults.add(line, "%d people have the address “%s”", len(people), mail)
		return p, false, false, nil
	}
	return people[0], true, true, nil
}

// person is the person with the address; a fault if there is none.
func (s *scope) person(mail string, line int) (access.Person, error) {
	p, known, ok, err := s.personBy(mail, line)
	if ok && !known {
		s.missing(line, "user", mail)
	}
	return p, err
}

func (s *scope) persons(mails []string, line int) ([]access.PersonID, error) {
	var ids []access.PersonID
	for _, m := range mails {
		p, err := s.person(m, line)
		if err != nil {
			return nil, err
		}
		ids = append(ids, p.ID)
	}
	return ids, nil
}

// unique is the ids in order, each once.
func unique(ids []access.PersonID) []access.PersonID {
	slices.Sort(ids)
	return slices.Compact(ids)
}
