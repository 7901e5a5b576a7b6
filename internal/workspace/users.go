package workspace

import (
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/mailaddr"
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
	ref := or(u.ID, u.Mail)
	dir, err := s.directoryNamed(u.Directory, at.lineOf("directory"))
	s.bad[ref] = s.bad[ref] || dir.ID == ""
	if err != nil || dir.ID == "" || !s.claim(at.Line, "user", string(s.tenant.ID), ref, or(u.ID, addressKey(u.Mail))) {
		return err
	}
	stored, known, ok, err := s.storedUser(at, dir)
	if s.bad[ref] = !ok; err != nil || !ok {
		return err
	}
	if d, _ := mailaddr.DomainOf(u.Mail); u.ID == "" && s.bad[dir.Name] && !dir.Holds(d) {
		s.bad[ref] = true // the fault of the directory is reported already
		return nil
	}
	if known && stored.Directory != dir.ID {
		s.faults.add(at.lineOf("directory"), "“%s” is a person of another directory.", ref)
		return nil
	}
	w, ok := s.wantedUser(at, stored, dir)
	if ok && stored.Version == 0 && u.CarriedFrom != nil {
		ok, err = s.carriedFrom(&w.Person, at)
	}
	if !ok || err != nil {
		s.bad[ref] = true
		return err
	}
	was, err := s.knownAs(stored, w)
	if err != nil {
		return err
	}
	ok, err = save(s.apply, target{at, userPath, "user", or(w.Email, ref)}, !known, was, w,
		func(k admin.KnownPerson) (string, error) {
			p, err := s.ed.SaveKnownPerson(s.ctx, k)
			if u.ID != "" {
				s.people[u.ID] = p.ID
			}
			return string(p.ID), err
		})
	if err == nil && !ok {
		s.bad[ref] = true
	}
	return err
}

// storedUser is the person that the file describes: that with its id, or with its subject,
// or with its address. ok is false, with a fault, if several people have the address.
func (s *scope) storedUser(at at[User], dir access.Directory) (p access.Person, known, ok bool, err error) {
	u := at.V
	if u.ID == "" {
		return s.personBy(u.Mail, at.lineOf("mail"))
	}
	if !isID(u.ID) {
		s.faults.add(at.lineOf("id"), "“%s” isn't a valid ID.", shorten(u.ID))
		return p, false, false, nil
	}
	p, err = s.read.Person(s.ctx, s.tenant.ID, access.PersonID(u.ID))
	if err == nil || !notFound(err) {
		return p, err == nil, true, err
	}
	if u.Subject == "" {
		return p, false, true, nil
	}
	a, known, err := s.read.AccountOf(s.ctx, dir.ID, dir.SubjectOf(u.Subject))
	if err != nil || !known {
		return p, false, true, err
	}
	if p, known, err = s.read.PersonOf(s.ctx, s.tenant.ID, a.ID); known {
		s.people[u.ID] = p.ID
	}
	return p, known, true, err
}

// governed is the value of subjectLifecycle of a guest who is governed by access packages.
const governed = "governed"

// wantedUser is the stored person with the values of the file. ok is false, with a fault, if
// the file contradicts itself.
func (s *scope) wantedUser(at at[User], stored access.Person, dir access.Directory) (w admin.KnownPerson, ok bool) {
	u, before := at.V, len(s.faults)
	kind := enum(u.UserType, "guest", "member")
	if kind != "" && kind != "guest" && (kind != "member" || dir.ID != s.tenant.Directory) {
		s.faults.add(at.lineOf("userType"), "Set userType to guest for people of other directories, or leave it out.")
	}
	state := enum(or(u.GuestState, string(access.GuestActive)), access.GuestStates()...)
	lifecycle := enum(u.Lifecycle, governed, "notGoverned", "notDefined")
	switch {
	case !slices.Contains(access.GuestStates()[1:], state):
		s.faults.add(at.lineOf("guestState"), "Set guestState to active, blocked or removed.")
	case u.GuestState != "" && kind != "guest":
		s.faults.add(at.lineOf("guestState"), "Use guestState only for guests.")
	}
	switch {
	case lifecycle != "" && lifecycle != governed && lifecycle != "notGoverned" && lifecycle != "notDefined":
		s.faults.add(at.lineOf("subjectLifecycle"), "Set subjectLifecycle to governed, notGoverned or notDefined.")
	case (lifecycle == governed || u.RemovalDue != nil) && kind != "guest":
		s.faults.add(at.lineOf("userType"), "Use subjectLifecycle and removalDateTime only for guests.")
	}
	if u.Enabled != nil && *u.Enabled == u.Disabled && at.has("disabled") {
		s.faults.add(at.lineOf("accountEnabled"), "The keys disabled and accountEnabled contradict each other.")
	}
	w = admin.KnownPerson{Person: stored, Subject: dir.SubjectOf(u.Subject), Guest: kind == "guest", ByID: u.ID != ""}
	if w.Version == 0 {
		w.ID, w.Tenant, w.Directory = access.PersonID(u.ID), s.tenant.ID, dir.ID
	}
	if w.Guest && stored.Guest == access.GuestNone || stored.Guest == "" {
		w.State, w.Governed = state, lifecycle == governed
		if u.RemovalDue != nil {
			w.RemovalDue = u.RemovalDue.in(s.zone)
		}
	}
	w.Name, w.Email, w.TimeZone = u.DisplayName, u.Mail, u.TimeZone
	w.Language = sameLanguage(u.Language, stored.Language)
	w.Disabled = u.Disabled || u.Enabled != nil && !*u.Enabled
	if u.Attributes != nil {
		w.Attributes = u.Attributes
	}
	return w, len(s.faults) == before
}

// carriedFrom sets where a new person signed in with passcodes. ok is false, with a fault,
// if that is not known.
func (s *scope) carriedFrom(p *access.Person, at at[User]) (ok bool, err error) {
	before, from := len(s.faults), at.V.CarriedFrom
	dir, err := s.directoryNamed(from.Directory, at.lineOf("carriedFrom", "directory"))
	if err != nil {
		return false, err
	}
	if dir.ID != "" && (dir.Kind != access.DirectoryPasscode || dir.Owner != s.tenant.ID) {
		s.faults.add(at.lineOf("carriedFrom", "directory"), "“%s” isn't a passcode directory.", shorten(from.Directory))
	}
	address, err := mailaddr.Check("address", from.Mail)
	_, err = s.addFaults(at, func(string) []any { return []any{"carriedFrom", "mail"} }, err)
	p.CarriedFrom, p.CarriedAddress = dir.ID, string(address)
	return dir.ID != "" && len(s.faults) == before, err
}

// knownAs is the stored person in the form that the file would have if nothing changed:
// with the file's subject if the person's account has it, and as a guest unless the file
// makes a guest of a person who isn't one.
func (s *scope) knownAs(stored access.Person, w admin.KnownPerson) (admin.KnownPerson, error) {
	was := admin.KnownPerson{Person: stored, Guest: w.Guest && stored.Guest != access.GuestNone, State: w.State,
		ByID: w.ByID}
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
		var p access.Person // none if the person has faults, which are reported already
		if ref := or(u.V.ID, u.V.Mail); !s.bad[ref] {
			var err error
			if p, _, _, err = s.personBy(ref, u.Line); err != nil {
				return err
			}
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
	if p.ID == "" {
		// Its references are checked all the same.
	} else if p.Sponsors, err = s.read.Sponsors(s.ctx, s.tenant.ID, p.ID); err != nil {
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
	if len(s.faults) > before || p.ID == "" {
		return nil
	}
	ed, err := s.editor(u.ID != "")
	if err != nil {
		return err
	}
	_, err = save(s.apply, target{at, userPath, "relations of user", or(p.Email, u.ID)}, false, p, w,
		func(w access.Person) (string, error) {
			return string(w.ID), ed.SavePerson(s.ctx, w)
		})
	return err
}

// directoryNamed returns the directory that a reference means: the tenant's own if it is
// empty; that with the id; or that with the name, a directory of the tenant before one of
// the installation. An unknown one is a fault and has no id.
func (s *scope) directoryNamed(ref string, line int) (access.Directory, error) {
	if ref == "" {
		return s.read.Directory(s.ctx, s.tenant.Directory)
	}
	if id := access.DirectoryID(or(string(s.directories[ref]), ref)); isID(string(id)) {
		d, err := s.read.Directory(s.ctx, id)
		if err == nil && d.VisibleTo(s.tenant.ID) {
			return d, nil
		}
		if err != nil && !notFound(err) {
			return access.Directory{}, err
		}
	}
	for _, owner := range []access.TenantID{s.tenant.ID, ""} {
		if d, known, err := s.namedDirectory(owner, ref); err != nil || known {
			return d, err
		}
	}
	s.missing(line, noDirectory, ref)
	return access.Directory{}, nil
}

// addressKey is the form of an address that is compared.
func addressKey(mail string) string {
	if address, ok := mailaddr.Parse(mail); ok {
		return string(address)
	}
	return mail
}

// personBy finds a person by id or by address. ok is false, with a fault, if several people
// have the address.
func (s *scope) personBy(ref string, line int) (p access.Person, known, ok bool, err error) {
	if id := access.PersonID(or(string(s.people[ref]), ref)); isID(string(id)) {
		p, err = s.read.Person(s.ctx, s.tenant.ID, id)
		if notFound(err) {
			return access.Person{}, false, true, nil
		}
		return p, err == nil, err == nil, err
	}
	people, err := s.read.PeopleByEmail(s.ctx, s.tenant.ID, ref)
	switch {
	case err != nil || len(people) == 0:
		return p, false, err == nil, err
	case len(people) > 1:
		s.faults.add(line, "Several people have the address “%s”. Use their IDs.", ref)
		return p, false, false, nil
	}
	return people[0], true, true, nil
}

// person returns the person with the id or the address. ok is false, with a fault, if there
// is none or several.
func (s *scope) person(ref string, line int) (access.Person, bool, error) {
	p, known, ok, err := s.personBy(ref, line)
	if ok && !known {
		s.missing(line, "There's no user “%s”.", ref)
	}
	return p, known, err
}

// unique sorts the ids and removes duplicates.
func unique(ids []access.PersonID) []access.PersonID {
	slices.Sort(ids)
	return slices.Compact(ids)
}
