package workspace

import (
	"errors"
	"maps"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/plain"
	"myaccess/internal/store"
)

// scope is the tenant that is being applied, with the objects that can be referred to.
type scope struct {
	*apply
	ed      *admin.Editor // of the tenant
	tenant  access.Tenant
	entries map[string]access.Entry
	// entryNames are the names of the entries, by id.
	entryNames map[access.EntryID]string
	orgs       map[string]access.Organization
	catalogs   map[string]access.Catalog
	zone       *time.Location
	people     map[string]access.PersonID // ids of the file, with the ids of the people that they mean
	// ownDirectories are the tenant's own directories that the file describes.
	ownDirectories map[access.DirectoryID]bool
}

// editor is the tenant's editor; with unusable, it accepts what cannot work now.
func (s *scope) editor(unusable bool) (*admin.Editor, error) {
	if !unusable {
		return s.ed, nil
	}
	return s.ed.Tolerant()
}

// tenant applies a tenant and its contents.
func (a *apply) tenant(at at[Tenant]) error {
	t := at.V
	if !a.claim(at.Line, "tenant", "", t.Directory, t.Directory) {
		return nil
	}
	dir, known, err := a.namedDirectory("", t.Directory)
	if err != nil {
		return err
	}
	if !known {
		if line, node := at.find("directory"); !a.spoiled[node] {
			a.missing(line, noDirectory, t.Directory)
		}
		return nil
	}
	before := len(a.changes)
	s := &scope{apply: a, entries: map[string]access.Entry{}, orgs: map[string]access.Organization{},
		catalogs: map[string]access.Catalog{}, people: map[string]access.PersonID{},
		ownDirectories: map[access.DirectoryID]bool{}, entryNames: map[access.EntryID]string{}}
	if err := s.saveTenant(at, dir); err != nil || s.tenant.ID == "" {
		return err
	}
	if s.ed, err = a.ed.In(s.tenant.ID); err != nil {
		return err
	}
	if s.zone, err = time.LoadLocation(s.tenant.Settings.TimeZone); err != nil {
		return err
	}
	steps := []func(Tenant) error{s.tenantDirectories, s.users, s.setRelations, s.resources, s.organizations,
		s.allCatalogs, s.roles}
	for _, step := range steps {
		if err := step(t); err != nil {
			return err
		}
	}
	if len(a.changes) == before {
		return nil
	}
	return s.ed.RecordApply(a.ctx, len(a.changes)-before)
}

// tenantPath is the path in the file of a field of a tenant.
func tenantPath(field string) []any {
	names := map[string]string{"sessionIdle": "sessionIdleMinutes", "sessionLife": "sessionLifeMinutes",
		"language": "preferredLanguage", "domainRule": "allowedDomains"}
	if field == "displayName" {
		return []any{field}
	}
	return append([]any{"settings"}, renamedKeys(names)(field)...)
}

// saveTenant applies the tenant itself. If it has faults, a valid placeholder is used, so
// that its contents are checked too.
func (s *scope) saveTenant(at at[Tenant], dir access.Directory) error {
	stored, known, err := s.read.TenantOf(s.ctx, dir.ID)
	if err != nil {
		return err
	}
	w := stored
	if !known {
		w = access.Tenant{Directory: dir.ID, Settings: access.DefaultSettings(), Domains: dir.Domains}
	}
	w.Name = or(at.V.DisplayName, dir.Name)
	if at.V.Settings != nil {
		if w.Settings, err = s.settings(at, w.Settings); err != nil {
			return err
		}
	}
	s.tenant = stored
	ok, err := save(s.apply, target{at, tenantPath, "tenant", w.Name}, !known, stored, w,
		func(w access.Tenant) (string, error) {
			w, err := s.apply.ed.SaveTenant(s.ctx, w)
			s.tenant = w
			return string(w.ID), err
		})
	switch {
	case err != nil || ok:
		return err
	case known:
		s.tenant = stored
		return nil
	}
	s.tenant, err = s.apply.ed.SaveTenant(s.ctx, access.Tenant{Directory: dir.ID, Name: "stand-in",
		Settings: access.DefaultSettings(), Domains: dir.Domains})
	return ignoreRefusal(err)
}

// resources applies the entries of the built-in directory.
func (s *scope) resources(t Tenant) error {
	stored, err := s.read.Entries(s.ctx, s.tenant.ID)
	if err != nil {
		return err
	}
	for _, e := range stored {
		s.entries[key(e.Name)], s.entryNames[e.ID] = e, e.Name
	}
	for _, r := range t.Resources {
		if err := s.entry(r); err != nil {
			return err
		}
	}
	return nil
}

// key is the form of a name that is compared. A name that only looks the same has
// another key: the rules refuse it as a duplicate, and it changes nothing else. Stored
// names can be older than the rule that texts are stored in plain form.
func key(name string) string { return store.NameKey(plain.Text(name)) }

func (s *scope) entry(at at[Resource]) error {
	r := at.V
	if !s.claimName(at.Line, "resource", string(s.tenant.ID), r.DisplayName) {
		return nil
	}
	stored, known := s.entries[key(r.DisplayName)]
	kind := enum(r.Type, access.ResourceKinds()...)
	w := stored
	if !known {
		w = access.Entry{Tenant: s.tenant.ID, Kind: kind}
	}
	if w.Kind != kind {
		s.faults.add(at.lineOf("type"), "“%s” is of the type %s. The type can't be changed to %s.", w.Name, w.Kind, r.Type)
		return nil
	}
	w.Name, w.Description, w.Link, w.Roles = r.DisplayName, r.Description, r.WebURL, r.Roles
	if len(w.Roles) == 0 {
		w.Roles = access.DefaultRoles(w.Kind)
	}
	was, want := ownedEntry{Entry: stored}, ownedEntry{Entry: w}
	ok, err := s.owners(at, &was, &want)
	if err != nil {
		return err
	}
	if !ok {
		s.bad[r.DisplayName] = true
		_, err := s.addFaults(at, sameKey, w.Check())
		return errors.Join(err, s.checkMembers(at))
	}
	ok, err = save(s.apply, target{at, sameKey, string(kind), w.Name}, !known, was, want,
		func(o ownedEntry) (string, error) {
			e, err := s.ed.SaveEntry(s.ctx, o.Entry, o.Owners)
			w.ID = e.ID
			return string(e.ID), err
		})
	if err != nil {
		return err
	}
	if !ok {
		s.bad[r.DisplayName] = true
		return s.checkMembers(at)
	}
	s.entries[key(w.Name)], s.entryNames[w.ID] = w, w.Name
	return s.allMembers(at, w)
}

// ownedEntry is an entry with its owners.
type ownedEntry struct {
	access.Entry
	Owners []access.PersonID
}

// owners sets the owners: those that are stored, and those that the file names, or the
// stored ones if it names none.
func (s *scope) owners(at at[Resource], stored, wanted *ownedEntry) (ok bool, err error) {
	if stored.ID != "" {
		if stored.Owners, err = s.read.EntryOwners(s.ctx, s.tenant.ID, stored.ID); err != nil {
			return false, err
		}
	}
	if wanted.Owners = stored.Owners; at.V.Owners == nil {
		return true, nil
	}
	ok, wanted.Owners = true, nil
	for i, ref := range at.V.Owners {
		p, known, err := s.person(ref, at.lineOf("owners", i))
		if err != nil {
			return false, err
		}
		ok = ok && known
		wanted.Owners = append(wanted.Owners, p.ID)
	}
	wanted.Owners = unique(wanted.Owners)
	return ok, nil
}

// checkMembers reports unknown members of an entry that has faults.
func (s *scope) checkMembers(at at[Resource]) error {
	check := func(refs []string, path ...any) error {
		for i, ref := range refs {
			if _, _, err := s.person(ref, at.lineOf(append(path, i)...)); err != nil {
				return err
			}
		}
		return nil
	}
	err := check(at.V.Members, "members")
	for _, role := range slices.Sorted(maps.Keys(at.V.RoleMembers)) {
		err = errors.Join(err, check(at.V.RoleMembers[role], "roleMembers", role))
	}
	return err
}

// allMembers adds people to the entry's roles.
func (s *scope) allMembers(at at[Resource], w access.Entry) error {
	if err := s.members(at, w, w.Roles[0], at.V.Members, []any{"members"}); err != nil {
		return err
	}
	for _, role := range slices.Sorted(maps.Keys(at.V.RoleMembers)) {
		path := []any{"roleMembers", role}
		if !slices.Contains(w.Roles, role) {
			s.faults.add(at.lineOf(path...), "“%s” has no role “%s”. Its roles are %s.", w.Name, shorten(role),
				access.List(w.Roles))
			continue
		}
		if err := s.members(at, w, role, at.V.RoleMembers[role], path); err != nil {
			return err
		}
	}
	return nil
}

// members adds people to a role of the entry. They are at the path in the file.
func (s *scope) members(at at[Resource], w access.Entry, role string, refs []string, path []any) error {
	have, err := s.read.MembersOf(s.ctx, s.tenant.ID, w.ID, role)
	if err != nil {
		return err
	}
	what := ""
	if role != w.Roles[0] {
		what = " (" + role + ")"
	}
	for i, ref := range refs {
		here := append(slices.Clone(path), i)
		p, ok, err := s.person(ref, at.lineOf(here...))
		if err != nil {
			return err
		}
		if !ok || slices.Contains(have, p.ID) {
			continue
		}
		have = append(have, p.ID)
		on := target{at, func(string) []any { return here }, "member of " + string(w.Kind), w.Name + ": " + ref + what}
		_, err = save(s.apply, on, true, w.ID, w.ID, func(id access.EntryID) (string, error) {
			return string(id), s.ed.SetMembers(s.ctx, access.Membership{Entry: id, Role: role}, []access.PersonID{p.ID}, true)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// roles assigns the administrative roles.
func (s *scope) roles(t Tenant) error {
	have, err := s.read.RoleAssignments(s.ctx, s.tenant.ID)
	if err != nil {
		return err
	}
	for _, r := range t.RoleAssignments {
		w := access.RoleAssignment{Tenant: s.tenant.ID, Role: enum(r.V.Role, access.AdminRoles()...)}
		var ok bool
		if w.Subject, ok, err = s.subject(Subject{User: r.V.User, Group: r.V.Group}, r.Line); err != nil {
			return err
		}
		if r.V.Catalog != "" {
			c, known := s.catalogs[key(r.V.Catalog)]
			if !known && !s.bad[r.V.Catalog] {
				s.faults.add(r.lineOf("catalog"), "There's no catalog “%s”.", r.V.Catalog)
			}
			w.Catalog, ok = c.ID, ok && known
		}
		if !ok {
			if _, err := s.addFaults(r, sameKey, fittingRole(w, r.V).Check()); err != nil {
				return err
			}
			continue
		}
		if slices.Contains(have, w) {
			continue
		}
		have = append(have, w)
		_, err = save(s.apply, target{r, sameKey, "role", r.V.Role + ": " + or(r.V.User, r.V.Group)}, true, w, w,
			func(w access.RoleAssignment) (string, error) { return w.Subject.ID, s.ed.AssignRole(s.ctx, w) })
		if err != nil {
			return err
		}
	}
	return nil
}

// fittingRole gives a role assignment with names that could not be resolved some that fit,
// so that the role itself can be checked.
func fittingRole(w access.RoleAssignment, f RoleAssignment) access.RoleAssignment {
	if w.Subject.Kind == "" {
		w.Subject.Kind = access.SubjectPerson
	}
	if f.Catalog != "" {
		w.Catalog = "unknown"
	}
	return w
}

// missing reports a reference to an unknown object, unless that object has a fault of its
// own. message is a format for its name.
func (a *apply) missing(line int, message access.Message, name string) {
	reported := func(f Fault) bool { return f.Line == line && name == "" }
	if !a.bad[name] && !slices.ContainsFunc(a.faults, reported) {
		a.faults.add(line, message, name)
	}
}
