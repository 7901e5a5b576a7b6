package workspace

import (
	"slices"
	"strconv"

	"myaccess/internal/access"
	"myaccess/internal/admin"
)

// allCatalogs applies the catalogs and their contents.
func (s *scope) allCatalogs(t Tenant) error {
	stored, err := s.read.Catalogs(s.ctx, s.tenant.ID)
	if err != nil {
		return err
	}
	for _, c := range stored {
		s.catalogs[key(c.Name)] = c
	}
	for _, c := range t.Catalogs {
		if err := s.catalog(c); err != nil {
			return err
		}
	}
	return nil
}

func (s *scope) catalog(at at[Catalog]) error {
	c := at.V
	if !s.claimName(at.Line, "catalog", string(s.tenant.ID), c.DisplayName) {
		return nil
	}
	stored, known := s.catalogs[key(c.DisplayName)]
	w := stored
	if !known {
		w = access.Catalog{Tenant: s.tenant.ID}
	}
	state := enum(or(c.State, "published"), "published", "unpublished")
	if state != "published" && state != "unpublished" {
		s.faults.add(at.lineOf("state"), "The state must be published or unpublished.")
	}
	w.Name, w.Description, w.Published, w.External = c.DisplayName, c.Description, state == "published", c.External
	ok, err := save(s.apply, target{at, sameKey, "catalog", w.Name}, !known, stored, w,
		func(c access.Catalog) (string, error) {
			var err error
			w, err = s.ed.SaveCatalog(s.ctx, c)
			return string(w.ID), err
		})
	if err != nil {
		return err
	}
	if !ok {
		// Continue with a valid placeholder, so that the catalog's contents are checked too.
		w, err = s.ed.SaveCatalog(s.ctx, access.Catalog{Name: "stand-in " + strconv.Itoa(at.Line), External: true})
		s.bad[c.DisplayName] = true
		if err != nil {
			return ignoreRefusal(err)
		}
	}
	s.catalogs[key(c.DisplayName)] = w
	resources, err := s.catalogResources(at, w)
	if err != nil {
		return err
	}
	for _, p := range c.Packages {
		if err := s.accessPackage(p, w, resources); err != nil {
			return err
		}
	}
	return nil
}

// catalogResources adds the named resources to the catalog and returns all resources of
// the catalog, by the key of their names.
func (s *scope) catalogResources(at at[Catalog], w access.Catalog) (map[string]access.Resource, error) {
	all, err := s.resourcesOf(w)
	if err != nil {
		return nil, err
	}
	for i, name := range at.V.Resources {
		e, ok := s.entries[key(name.V)]
		if !ok {
			if !s.bad[name.V] {
				s.faults.add(name.Line, "There's no resource “%s”.", name.V)
			}
			continue
		}
		if _, listed := all[key(name.V)]; listed {
			continue
		}
		path := func(string) []any { return []any{"resources", i} }
		_, err := save(s.apply, target{at, path, "resource", w.Name + ": " + e.Name}, true, e.ID, e.ID,
			func(id access.EntryID) (string, error) {
				return string(id), s.ed.AddResources(s.ctx, w.ID, []access.EntryID{id})
			})
		if err != nil {
			return nil, err
		}
	}
	return s.resourcesOf(w)
}

// resourcesOf are the resources of the catalog, by the keys of their entries' names: a
// resource can have had another name when it was added.
func (s *scope) resourcesOf(c access.Catalog) (map[string]access.Resource, error) {
	have, err := s.read.ResourcesOf(s.ctx, s.tenant.ID, c.ID)
	all := map[string]access.Resource{}
	for _, r := range have {
		all[key(or(s.entryNames[access.EntryID(r.ExternalID)], r.Name))] = r
	}
	return all, err
}

// accessPackage applies a package and its policies. Holders gain and lose the roles that
// change (F-052, F-053).
func (s *scope) accessPackage(at at[Package], c access.Catalog, resources map[string]access.Resource) error {
	p := at.V
	if !s.claimName(at.Line, "access package", string(c.ID), p.DisplayName) {
		return nil
	}
	stored, known, err := s.read.PackageNamed(s.ctx, s.tenant.ID, c.ID, p.DisplayName)
	if known = known && key(stored.Name) == key(p.DisplayName); !known {
		stored = access.Package{}
	}
	if known && err == nil {
		stored, err = s.read.Package(s.ctx, s.tenant.ID, stored.ID) // with its roles
	}
	if err != nil {
		return err
	}
	w := stored
	if !known {
		w = access.Package{Tenant: s.tenant.ID, Catalog: c.ID}
	}
	w.Name, w.Description, w.Hidden, w.Roles = p.DisplayName, p.Description, p.Hidden, nil
	for _, r := range p.Roles {
		if id, ok := s.role(r, c, resources); ok && !slices.Contains(w.Roles, id) {
			w.Roles = append(w.Roles, id)
		}
	}
	if sameSet(w.Roles, stored.Roles) {
		w.Roles = stored.Roles
	}
	path := renamedKeys(map[string]string{"role": "resourceRoleScopes"})
	ok, err := save(s.apply, target{at, path, "access package", w.Name}, !known, stored, w,
		func(p access.Package) (string, error) {
			var err error
			w, err = s.savePackage(p, stored)
			return string(w.ID), err
		})
	if err != nil {
		return err
	}
	if !ok {
		if known {
			return s.policies(at, stored, c)
		}
		w, err = s.ed.AddPackage(s.ctx, access.Package{Catalog: c.ID, Name: "stand-in " + strconv.Itoa(at.Line),
			Description: "stand-in"}, nil)
		if err != nil {
			return ignoreRefusal(err)
		}
	}
	return s.policies(at, w, c)
}

// savePackage saves a package with its roles.
func (s *scope) savePackage(w, stored access.Package) (access.Package, error) {
	if stored.ID == "" {
		return s.ed.AddPackage(s.ctx, w, w.Roles)
	}
	if w.Name != stored.Name || w.Description != stored.Description || w.Hidden != stored.Hidden {
		if _, err := s.ed.SavePackage(s.ctx, w); err != nil {
			return w, err
		}
	}
	change := admin.RoleChange{Package: w.ID}
	for _, id := range w.Roles {
		if !slices.Contains(stored.Roles, id) {
			change.Add = append(change.Add, id)
		}
	}
	for _, id := range stored.Roles {
		if !slices.Contains(w.Roles, id) {
			change.Remove = append(change.Remove, id)
		}
	}
	if len(change.Add)+len(change.Remove) == 0 {
		return w, nil
	}
	fresh, err := s.read.Package(s.ctx, s.tenant.ID, w.ID)
	if err != nil {
		return w, err
	}
	change.Version = fresh.Version
	return w, s.ed.ChangeRoles(s.ctx, change)
}

// sameSet reports whether two lists have the same members.
func sameSet[T comparable](x, y []T) bool {
	in := func(all []T) func(T) bool { return func(one T) bool { return !slices.Contains(all, one) } }
	return !slices.ContainsFunc(x, in(y)) && !slices.ContainsFunc(y, in(x))
}

func (s *scope) role(r at[Role], c access.Catalog, resources map[string]access.Resource) (access.ResourceRoleID, bool) {
	found, ok := resources[key(r.V.Resource)]
	if !ok {
		if !s.bad[r.V.Resource] {
			s.faults.add(r.lineOf("resource"), "The catalog “%s” has no resource “%s”.", c.Name, r.V.Resource)
		}
		return "", false
	}
	var names []string
	for _, role := range found.Roles {
		if role.Name == r.V.Role {
			return role.ID, true
		}
		names = append(names, role.Name)
	}
	s.faults.add(r.lineOf("role"), "“%s” has no role “%s”. Its roles are %s.", r.V.Resource, r.V.Role,
		access.List(names))
	return "", false
}
