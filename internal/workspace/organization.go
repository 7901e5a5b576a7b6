package workspace

import (
	"slices"

	"myaccess/internal/access"
	"myaccess/internal/admin"
)

// organizations applies the connected organizations.
func (s *scope) organizations(t Tenant) error {
	stored, err := s.read.Organizations(s.ctx, s.tenant.ID)
	if err != nil {
		return err
	}
	for _, o := range stored {
		s.orgs[key(o.Name)] = o
	}
	for _, o := range t.Organizations {
		if err := s.organization(o); err != nil {
			return err
		}
	}
	return nil
}

func (s *scope) organization(at at[Organization]) error {
	o := at.V
	if !s.claimName(at.Line, "connected organization", string(s.tenant.ID), o.DisplayName) {
		return nil
	}
	stored, known := s.orgs[key(o.DisplayName)]
	w := stored
	if !known {
		w = access.Organization{Tenant: s.tenant.ID}
	}
	w.Name, w.Description, w.State = o.DisplayName, o.Description,
		enum(or(o.State, string(access.Configured)), access.Configured, access.Proposed)
	resolved, err := s.resolveOrganization(at, &w, stored)
	if err != nil {
		return err
	}
	if !resolved {
		s.bad[o.DisplayName] = true
		_, err := s.addFaults(at, sameKey, w.CheckStored())
		return err
	}
	ed, err := s.editor(o.AllowUnusable)
	if err != nil {
		return err
	}
	path := renamedKeys(map[string]string{"sure": "state"})
	ok, err := save(s.apply, target{at, path, "connected organization", w.Name}, !known, stored, w,
		func(w access.Organization) (string, error) {
			w, err := ed.SaveOrganization(s.ctx, admin.Connecting{Organization: w, Sure: o.State != ""})
			if err == nil {
				s.orgs[key(w.Name)] = w
			}
			return string(w.ID), err
		})
	if err == nil && !ok {
		s.bad[o.DisplayName] = true
	}
	return err
}

// resolveOrganization sets the directories and sponsors that the file names.
func (s *scope) resolveOrganization(at at[Organization], w *access.Organization,
	stored access.Organization) (bool, error) {
	before := len(s.faults)
	unknown := false
	w.Directories = nil
	for i, name := range at.V.IdentitySources {
		domain, _ := parseDomain(string(name))
		d, err := s.read.DirectoryByDomain(s.ctx, s.tenant.ID, domain)
		if notFound(err) {
			s.missing(at.lineOf("identitySources", i), "There's no directory with the domain “%s”.", string(name))
			unknown = true
			continue
		}
		if err != nil {
			return false, err
		}
		if !slices.Contains(w.Directories, d.ID) {
			w.Directories = append(w.Directories, d.ID)
		}
	}
	for i, name := range at.V.Directories {
		d, err := s.directoryNamed(name, at.lineOf("directories", i))
		if err != nil {
			return false, err
		}
		if unknown = unknown || d.ID == ""; d.ID != "" && !slices.Contains(w.Directories, d.ID) {
			w.Directories = append(w.Directories, d.ID)
		}
	}
	slices.Sort(w.Directories)
	if err := s.sponsors(at, w); err != nil {
		return false, err
	}
	return !unknown && len(s.faults) == before, s.keepTenantDirectories(w, stored)
}

// sponsors sets the sponsors, without duplicates, in the order in which they are stored.
func (s *scope) sponsors(at at[Organization], w *access.Organization) error {
	w.InternalSponsors, w.ExternalSponsors = nil, nil
	add := func(n Subject, line int) error {
		one, ok, err := s.subject(n, line)
		if ok {
			w.InternalSponsors = append(w.InternalSponsors, one)
		}
		return err
	}
	for i, mail := range at.V.InternalSponsors {
		if err := add(Subject{User: mail}, at.lineOf("internalSponsors", i)); err != nil {
			return err
		}
	}
	for i, group := range at.V.InternalSponsorGroups {
		if err := add(Subject{Group: group}, at.lineOf("internalSponsorGroups", i)); err != nil {
			return err
		}
	}
	slices.SortFunc(w.InternalSponsors, access.SubjectRef.Compare)
	w.InternalSponsors = slices.Compact(w.InternalSponsors)
	for i, mail := range at.V.ExternalSponsors {
		p, ok, err := s.person(mail, at.lineOf("externalSponsors", i))
		if err != nil {
			return err
		}
		if ok {
			w.ExternalSponsors = append(w.ExternalSponsors, p.ID)
		}
	}
	return nil
}

// keepTenantDirectories keeps the organization's directories that belong to the tenant and
// that the file does not describe, and the sponsors from them.
func (s *scope) keepTenantDirectories(w *access.Organization, stored access.Organization) error {
	for _, id := range stored.Directories {
		d, err := s.read.Directory(s.ctx, id)
		if err != nil {
			return err
		}
		if d.Owner != "" && !s.ownDirectories[id] && !slices.Contains(w.Directories, id) {
			w.Directories = append(w.Directories, id)
		}
	}
	slices.Sort(w.Directories)
	for _, id := range stored.ExternalSponsors {
		p, err := s.read.Person(s.ctx, s.tenant.ID, id)
		if err != nil {
			return err
		}
		if d, err := s.read.Directory(s.ctx, p.Directory); err != nil {
			return err
		} else if d.Owner != "" && !s.ownDirectories[d.ID] {
			w.ExternalSponsors = append(w.ExternalSponsors, id)
		}
	}
	w.ExternalSponsors = unique(w.ExternalSponsors)
	return nil
}
