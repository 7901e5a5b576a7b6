package workspace

import (
	"slices"
	"strings"

	"golang.org/x/text/cases"

	"myaccess/internal/access"
	"myaccess/internal/admin"
)

// scope is the tenant that is being applied, with the objects that can be referred to.
type scope struct {
	*apply
	ed       *admin.Editor // of the tenant
	tenant   access.Tenant
	entries  map[string]access.Entry
	orgs     map[string]access.Organization
	catalogs map[string]access.Catalog
}

// tenant applies a tenant and its contents.
func (a *apply) tenant(at at[Tenant]) error {
	t := at.V
	if !a.claimName(at.Line, "tenant", "", t.Directory) {
		return nil
	}
	dir, known, err := a.storedDirectory(t.Directory)
	if err != nil {
		return err
	}
	if !known {
		a.missing(at.Line, "directory", t.Directory)
		return nil
	}
	before := len(a.changes)
	s := &scope{apply: a, entries: map[string]access.Entry{}, orgs: map[string]access.Organization{},
		catalogs: map[string]access.Catalog{}}
	if err := s.saveTenant(at, dir); err != nil || s.tenant.ID == "" {
		return err
	}
	if s.ed, err = a.ed.In(s.tenant.ID); err != nil {
		return err
	}
	steps := []func(Tenant) error{s.users, s.setRelations, s.resources, s.organizations, s.allCatalogs, s.roles}
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
		if w.Settings, err = s.settings(at); err != nil {
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
		s.entries[key(e.Name)] = e
	}
	for _, r := range t.Resources {
		if err := s.entry(r); err != nil {
			return err
		}
	}
	return nil
}

// key is the form of a name that is compared: case-folded, without spaces around it.
func key(name string) string { return cases.Fold().String(strings.TrimSpace(name)) }

func (s *scope) entry(at at[Resource]) error {
	r := at.V
	if !s.claimName(at.Line, "resource", string(s.tenant.ID), r.DisplayName) {
		return nil
	}
	stored, known := s.entries[key(r.DisplayName)]
	w := stored
	if !known {
		w = access.Entry{Tenant: s.tenant.ID, Kind: access.ResourceKind(r.Type)}
	}
	if w.Kind != access.ResourceKind(r.Type) {
		s.faults.add(at.lineOf("type"), "“%s” is a %s and cannot become a %s", w.Name, w.Kind, r.Type)
		return nil
	}
	w.Name, w.Description, w.Link, w.Roles = r.DisplayName, r.Description, r.WebURL, r.Roles
	if len(w.Roles) == 0 {
		w.Roles = access.DefaultRoles(w.Kind)
	}
	var owners []access.PersonID // a file does not have them
	if known {
		var err error
		if owners, err = s.read.EntryOwners(s.ctx, s.tenant.ID, stored.ID); err != nil {
			return err
		}
	}
	ok, err := save(s.apply, target{at, sameKey, r.Type, w.Name}, !known, stored, w, func(e access.Entry) (string, error) {
		e, err := s.ed.SaveEntry(s.ctx, e, owners)
		w.ID = e.ID
		return string(e.ID), err
	})
	if err != nil {
		return err
	}
	if !ok {
		s.bad[r.DisplayName] = true
		return nil
	}
	s.entries[key(w.Name)] = w
	return s.members(at, w)
}

// members adds people to the entry's first role.
func (s *scope) members(at at[Resource], w access.Entry) error {
	have, err := s.read.MembersOf(s.ctx, s.tenant.ID, w.ID, w.Roles[0])
	if err != nil {
		return err
	}
	for i, mail := range at.V.Members {
		p, ok, err := s.person(mail, at.lineOf("members", i))
		if err != nil {
			return err
		}
		if !ok || slices.Contains(have, p.ID) {
			continue
		}
		have = append(have, p.ID)
		path := func(string) []any { return []any{"members", i} }
		_, err = save(s.apply, target{at, path, "member of " + at.V.Type, w.Name + ": " + mail}, true, w.ID, w.ID,
			func(id access.EntryID) (string, error) {
				return string(id), s.ed.SetMembers(s.ctx, access.Membership{Entry: id, Role: w.Roles[0]},
					[]access.PersonID{p.ID}, true)
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
		w := access.RoleAssignment{Tenant: s.tenant.ID, Role: access.AdminRole(r.V.Role)}
		var ok bool
		if w.Subject, ok, err = s.subject(Subject{User: r.V.User, Group: r.V.Group}, r.Line); err != nil {
			return err
		}
		if r.V.Catalog != "" {
			c, known := s.catalogs[key(r.V.Catalog)]
			if !known && !s.bad[r.V.Catalog] {
				s.faults.add(r.lineOf("catalog"), "there is no catalog “%s”", r.V.Catalog)
			}
			w.Catalog, ok = c.ID, ok && known
		}
		if !ok || slices.Contains(have, w) {
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

// missing reports a reference to an unknown object, unless that object has a fault of its
// own.
func (a *apply) missing(line int, kind, name string) {
	if !a.bad[name] {
		a.faults.add(line, "there is no %s “%s”", kind, name)
	}
}
