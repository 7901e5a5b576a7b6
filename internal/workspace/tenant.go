package workspace

import (
	"slices"
	"strings"

	"golang.org/x/text/cases"

	"myaccess/internal/access"
)

// scope is the tenant that a part of the file is about, with what it names.
type scope struct {
	*apply
	tenant   access.Tenant
	entries  map[string]access.Entry
	orgs     map[string]access.Organization
	target   access.Target
	catalogs map[string]access.Catalog
}

// tenant makes a tenant and everything in it so.
func (a *apply) tenant(t Tenant, line int) error {
	if !a.once(line, "tenant", "", t.Directory) {
		return nil
	}
	dir, fresh, err := a.storedDirectory(Directory{DisplayName: t.Directory})
	if err != nil {
		return err
	}
	if fresh {
		a.missing(line, "directory", t.Directory)
		return nil
	}
	s := &scope{apply: a, entries: map[string]access.Entry{}, orgs: map[string]access.Organization{},
		catalogs: map[string]access.Catalog{}}
	if err := s.self(t, dir, line); err != nil {
		return err
	}
	steps := []func(Tenant) error{s.builtIn, s.users, s.relations, s.resources, s.organizations, s.allCatalogs, s.roles}
	for _, step := range steps {
		if err := step(t); err != nil {
			return err
		}
	}
	return nil
}

func (s *scope) self(t Tenant, dir access.Directory, line int) error {
	stored, known, err := s.tx.TenantOf(s.ctx, dir.ID)
	if err != nil {
		return err
	}
	w := stored
	if !known {
		w = access.Tenant{ID: access.TenantID(s.tx.NewID()), Directory: dir.ID, Settings: access.DefaultSettings(),
			Domains: dir.Domains}
	}
	w.Name = or(t.DisplayName, dir.Name)
	if t.Settings != nil {
		before := len(s.faults)
		w.Settings = s.settings(*t.Settings, line)
		if !s.judge(line, w.Settings.Check()) || len(s.faults) > before {
			w.Settings = access.DefaultSettings()
		}
	}
	s.tenant = w
	return put(s.apply, thing{w.ID, line, "tenant", string(w.ID), w.Name}, !known, stored, w,
		func() error { return s.tx.SaveTenant(s.ctx, w) })
}

// builtIn makes sure that the tenant has its built-in directory as a target and
// the catalog that always exists (F-002).
func (s *scope) builtIn(Tenant) error {
	targets, err := s.tx.Targets(s.ctx, s.tenant.ID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(targets, func(t access.Target) bool { return t.Kind == access.TargetBuiltIn })
	if at >= 0 {
		s.target = targets[at]
		return nil
	}
	s.target = access.Target{ID: access.TargetID(s.tx.NewID()), Tenant: s.tenant.ID, Name: "Built-in directory",
		Kind: access.TargetBuiltIn}
	if err := s.tx.SaveTarget(s.ctx, s.target); err != nil {
		return err
	}
	return s.tx.SaveCatalog(s.ctx, access.Catalog{ID: access.CatalogID(s.tx.NewID()), Tenant: s.tenant.ID,
		Name:        access.GeneralCatalog,
		Description: "Catalog that always exists", Published: true})
}

// resources makes the entries of the built-in directory so.
func (s *scope) resources(t Tenant) error {
	stored, err := s.tx.Entries(s.ctx, s.tenant.ID)
	if err != nil {
		return err
	}
	for _, e := range stored {
		s.entries[key(e.Name)] = e
	}
	for _, r := range t.Resources {
		if err := s.entry(r.V, r.Line); err != nil {
			return err
		}
	}
	return nil
}

// key is a name as it is compared.
func key(name string) string { return cases.Fold().String(strings.TrimSpace(name)) }

func (s *scope) entry(r Resource, line int) error {
	if !s.once(line, "resource", string(s.tenant.ID), r.DisplayName) {
		return nil
	}
	stored, known := s.entries[key(r.DisplayName)]
	w := stored
	if !known {
		w = access.Entry{ID: access.EntryID(s.tx.NewID()), Tenant: s.tenant.ID, Kind: access.ResourceKind(r.Type)}
	}
	w.Name, w.Description, w.Link, w.Roles = r.DisplayName, r.Description, r.WebURL, r.Roles
	if len(w.Roles) == 0 {
		w.Roles = access.DefaultRoles(w.Kind)
	}
	s.entries[key(w.Name)] = w
	if !s.checkEntry(r, w, line) {
		s.bad[r.DisplayName] = true
		return nil
	}
	err := put(s.apply, thing{s.tenant.ID, line, r.Type, string(w.ID), w.Name}, !known, stored, w,
		func() error { return s.saveEntry(w) })
	if err != nil {
		return err
	}
	return s.members(r, w, line)
}

// saveEntry saves the entry, and what catalogs show of it.
func (s *scope) saveEntry(e access.Entry) error {
	if err := s.tx.SaveEntry(s.ctx, e); err != nil {
		return err
	}
	_, listed, err := s.tx.ResourceByExternal(s.ctx, s.tenant.ID, s.target.ID, string(e.ID))
	if err == nil && listed {
		_, err = s.resource(e)
	}
	return err
}

func (s *scope) checkEntry(r Resource, w access.Entry, line int) bool {
	before := len(s.faults)
	if !slices.Contains(access.ResourceKinds(), access.ResourceKind(r.Type)) {
		s.faults.add(line, "type is group, team, site or application")
	}
	if w.Kind != access.ResourceKind(r.Type) {
		s.faults.add(line, "“%s” is a %s and cannot become a %s", w.Name, w.Kind, r.Type)
	}
	if strings.TrimSpace(w.Name) == "" || len([]rune(w.Name)) > access.MaxNameLength {
		s.faults.add(line, "a resource needs a displayName of at most %d characters", access.MaxNameLength)
	}
	if w.Link != "" && !strings.HasPrefix(w.Link, "https://") && !strings.HasPrefix(w.Link, "http://") {
		s.faults.add(line, "webUrl begins with https:// or http://")
	}
	return len(s.faults) == before
}

func (s *scope) members(r Resource, w access.Entry, line int) error {
	ids, err := s.persons(r.Members, line)
	if err != nil || len(s.faults) > 0 {
		return err
	}
	have, err := s.tx.MembersOf(s.ctx, s.tenant.ID, w.ID, w.Roles[0])
	if err != nil {
		return err
	}
	for i, id := range ids {
		if slices.Contains(have, id) {
			continue
		}
		have = append(have, id)
		err := put(s.apply, thing{s.tenant.ID, line, "member of " + r.Type, string(w.ID), w.Name + ": " + r.Members[i]}, true,
			0, 1, func() error {
				_, err := s.tx.AddMember(s.ctx, s.tenant.ID, access.Membership{Entry: w.ID, Role: w.Roles[0], Person: id})
				return err
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// organizations makes the connected organizations so.
func (s *scope) organizations(t Tenant) error {
	stored, err := s.tx.Organizations(s.ctx, s.tenant.ID)
	if err != nil {
		return err
	}
	for _, o := range stored {
		s.orgs[key(o.Name)] = o
	}
	for _, o := range t.Organizations {
		if err := s.organization(o.V, o.Line); err != nil {
			return err
		}
	}
	return nil
}

func (s *scope) organization(o Organization, line int) error {
	if !s.once(line, "connected organization", string(s.tenant.ID), o.DisplayName) {
		return nil
	}
	stored, known := s.orgs[key(o.DisplayName)]
	w := stored
	if !known {
		w = access.Organization{ID: access.OrganizationID(s.tx.NewID()), Tenant: s.tenant.ID}
	}
	w.Name, w.Description, w.State = o.DisplayName, o.Description,
		access.OrganizationState(or(o.State, string(access.Configured)))
	var err error
	if w.Directories, err = s.sources(o, w, line); err != nil {
		return err
	}
	if w.InternalSponsors, err = s.internalSponsors(o, line); err != nil {
		return err
	}
	if w.ExternalSponsors, err = s.persons(o.ExternalSponsors, line); err != nil {
		return err
	}
	if err := s.keepOwn(&w, stored); err != nil {
		return err
	}
	w.ExternalSponsors = unique(w.ExternalSponsors)
	s.orgs[key(w.Name)] = w
	judged := w
	if len(o.IdentitySources) > 0 && len(w.Directories) == 0 {
		judged.Directories = []access.DirectoryID{""} // what is wrong with them has been told
	}
	if !s.judge(line, judged.Check()) || len(s.faults) > 0 {
		return nil
	}
	return put(s.apply, thing{s.tenant.ID, line, "connected organization", string(w.ID), w.Name}, !known, stored, w,
		func() error { return s.tx.SaveOrganization(s.ctx, w) })
}

// internalSponsors are the people and groups of an organization, each once, in
// the order in which they are stored.
func (s *scope) internalSponsors(o Organization, line int) ([]access.SubjectRef, error) {
	var named []Subject
	for _, mail := range o.InternalSponsors {
		named = append(named, Subject{User: mail})
	}
	for _, group := range o.InternalSponsorGroups {
		named = append(named, Subject{Group: group})
	}
	var all []access.SubjectRef
	for _, n := range named {
		one, err := s.subject(n, line)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	slices.SortFunc(all, access.SubjectRef.Compare)
	return slices.Compact(all), nil
}

// keepOwn leaves a connected organization the directories that the tenant keeps
// itself, which no export names, and the sponsors who are of them.
func (s *scope) keepOwn(w *access.Organization, stored access.Organization) error {
	for _, id := range stored.Directories {
		d, err := s.tx.Directory(s.ctx, id)
		if err != nil {
			return err
		}
		if d.Owner != "" && !slices.Contains(w.Directories, id) {
			w.Directories = append(w.Directories, id)
		}
	}
	slices.Sort(w.Directories)
	for _, id := range stored.ExternalSponsors {
		p, err := s.tx.Person(s.ctx, s.tenant.ID, id)
		if err != nil {
			return err
		}
		if d, err := s.tx.Directory(s.ctx, p.Directory); err != nil {
			return err
		} else if d.Owner != "" {
			w.ExternalSponsors = append(w.ExternalSponsors, id)
		}
	}
	return nil
}

// sources are the directories that own the domains of an organization.
func (s *scope) sources(o Organization, w access.Organization, line int) ([]access.DirectoryID, error) {
	var ids []access.DirectoryID
	for _, name := range o.IdentitySources {
		d, err := s.tx.DirectoryByDomain(s.ctx, s.tenant.ID, access.Domain(name))
		if access.KindOf(err) == access.NotFound {
			s.missing(line, "directory with the domain", name)
			continue
		}
		if err != nil {
			return nil, err
		}
		if d.ID == s.tenant.Directory {
			s.faults.add(line, "the domain “%s” is the tenant's own", name)
		}
		if other, ok, err := s.tx.OrganizationOf(s.ctx, s.tenant.ID, d.ID); err != nil {
			return nil, err
		} else if ok && other.ID != w.ID {
			s.faults.add(line, "the domain “%s” belongs to the connected organization “%s”", name, other.Name)
		}
		if !slices.Contains(ids, d.ID) {
			ids = append(ids, d.ID)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// roles gives the administrative roles.
func (s *scope) roles(t Tenant) error {
	have, err := s.tx.RoleAssignments(s.ctx, s.tenant.ID)
	if err != nil {
		return err
	}
	for _, r := range t.RoleAssignments {
		w := access.RoleAssignment{Tenant: s.tenant.ID, Role: access.AdminRole(r.V.Role)}
		if w.Subject, err = s.subject(Subject{User: r.V.User, Group: r.V.Group}, r.Line); err != nil {
			return err
		}
		if r.V.Catalog != "" {
			c, ok := s.catalogs[key(r.V.Catalog)]
			if !ok {
				s.faults.add(r.Line, "there is no catalog “%s”", r.V.Catalog)
				continue
			}
			w.Catalog = c.ID
		}
		if !s.judge(r.Line, w.Check()) || len(s.faults) > 0 || slices.Contains(have, w) {
			continue
		}
		have = append(have, w)
		err := put(s.apply, thing{s.tenant.ID, r.Line, "role", w.Subject.ID, r.V.Role + ": " + or(r.V.User, r.V.Group)}, true,
			0, 1,
			func() error { return s.tx.AddRoleAssignment(s.ctx, w) })
		if err != nil {
			return err
		}
	}
	return nil
}

// missing is the fault of naming what is not there, unless it is only at fault
// itself.
func (a *apply) missing(line int, kind, name string) {
	if !a.bad[name] {
		a.faults.add(line, "there is no %s “%s”", kind, name)
	}
}
