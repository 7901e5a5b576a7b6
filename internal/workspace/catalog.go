package workspace

import (
	"reflect"
	"slices"
	"strings"

	"myaccess/internal/access"
)

// allCatalogs makes the catalogs and what is in them so.
func (s *scope) allCatalogs(t Tenant) error {
	stored, err := s.tx.Catalogs(s.ctx, s.tenant.ID)
	if err != nil {
		return err
	}
	for _, c := range stored {
		s.catalogs[key(c.Name)] = c
	}
	for _, c := range t.Catalogs {
		if err := s.catalog(c.V, c.Line); err != nil {
			return err
		}
	}
	return nil
}

func (s *scope) catalog(c Catalog, line int) error {
	if !s.once(line, "catalog", string(s.tenant.ID), c.DisplayName) {
		return nil
	}
	stored, known := s.catalogs[key(c.DisplayName)]
	w := stored
	if !known {
		w = access.Catalog{ID: access.CatalogID(s.tx.NewID()), Tenant: s.tenant.ID}
	}
	state := or(c.State, "published")
	if state != "published" && state != "unpublished" {
		s.faults.add(line, "state is published or unpublished")
	}
	w.Name, w.Description, w.Published, w.External = c.DisplayName, c.Description, state == "published", c.External
	s.catalogs[key(w.Name)] = w
	if s.judge(line, w.Check()) {
		err := put(s.apply, thing{s.tenant.ID, line, "catalog", string(w.ID), w.Name}, !known, stored, w,
			func() error { return s.tx.SaveCatalog(s.ctx, w) })
		if err != nil {
			return err
		}
	}
	resources, err := s.catalogResources(c, w)
	if err != nil {
		return err
	}
	for _, p := range c.Packages {
		if err := s.pack(p.V, p.Line, w, resources); err != nil {
			return err
		}
	}
	return nil
}

// catalogResources lists the resources in the catalog and returns all that are
// in it, by the key of their names.
func (s *scope) catalogResources(c Catalog, w access.Catalog) (map[string]access.Resource, error) {
	have, err := s.tx.ResourcesOf(s.ctx, s.tenant.ID, w.ID)
	all := map[string]access.Resource{}
	for _, r := range have {
		all[key(r.Name)] = r
	}
	for _, name := range c.Resources {
		e, ok := s.entries[key(name.V)]
		if !ok {
			s.faults.add(name.Line, "there is no resource “%s”", name.V)
			continue
		}
		if err != nil {
			return nil, err
		}
		r, err := s.resource(e)
		if err != nil {
			return nil, err
		}
		if _, listed := all[key(name.V)]; !listed && len(s.faults) == 0 {
			err := put(s.apply, thing{s.tenant.ID, name.Line, "resource", string(r.ID), w.Name + ": " + r.Name}, true, 0, 1,
				func() error {
					_, err := s.tx.AddCatalogResource(s.ctx, s.tenant.ID, w.ID, r.ID)
					return err
				})
			if err != nil {
				return nil, err
			}
		}
		all[key(name.V)] = r
	}
	return all, err
}

// resource is the entry as a resource of the built-in directory's target.
func (s *scope) resource(e access.Entry) (access.Resource, error) {
	stored, known, err := s.tx.ResourceByExternal(s.ctx, s.tenant.ID, s.target.ID, string(e.ID))
	if err != nil {
		return stored, err
	}
	w := stored
	if !known {
		w = access.Resource{ID: access.ResourceID(s.tx.NewID()), Tenant: s.tenant.ID, Target: s.target.ID, Kind: e.Kind,
			ExternalID: string(e.ID)}
	}
	w.Name, w.Link, w.Roles = e.Name, e.Link, slices.Clone(stored.Roles)
	for _, name := range e.Roles {
		if !slices.ContainsFunc(w.Roles, func(r access.ResourceRole) bool { return r.ExternalID == name }) {
			w.Roles = append(w.Roles, access.ResourceRole{ID: access.ResourceRoleID(s.tx.NewID()), Resource: w.ID, Name: name,
				ExternalID: name})
		}
	}
	if len(s.faults) > 0 || known && same(reflect.ValueOf(stored), reflect.ValueOf(w)) {
		return w, nil
	}
	return w, s.tx.SaveResource(s.ctx, w)
}

// pack makes a package and its policies so. Who holds it gets and loses what
// its changed roles say (F-052, F-053).
func (s *scope) pack(p Package, line int, c access.Catalog, resources map[string]access.Resource) error {
	stored, known, err := s.storedPackage(c, p.DisplayName)
	if err != nil || !s.once(line, "access package", string(c.ID), p.DisplayName) {
		return err
	}
	w := stored
	if !known {
		w = access.Package{ID: access.PackageID(s.tx.NewID()), Tenant: s.tenant.ID, Catalog: c.ID}
	}
	w.Name, w.Description, w.Hidden, w.Roles = p.DisplayName, p.Description, p.Hidden, nil
	for _, r := range p.Roles {
		if id, ok := s.role(r.V, r.Line, c, resources); ok && !slices.Contains(w.Roles, id) {
			w.Roles = append(w.Roles, id)
		}
	}
	if s.judge(line, w.Check()) && len(s.faults) == 0 {
		err := put(s.apply, thing{s.tenant.ID, line, "access package", string(w.ID), w.Name}, !known, stored, w,
			func() error {
				if err := s.tx.SavePackage(s.ctx, w); err != nil || slices.Equal(stored.Roles, w.Roles) {
					return err
				}
				return s.redeliver(w.ID)
			})
		if err != nil {
			return err
		}
	}
	return s.policies(p, c, w)
}

func (s *scope) storedPackage(c access.Catalog, name string) (access.Package, bool, error) {
	all, err := s.tx.PackagesOf(s.ctx, s.tenant.ID, c.ID)
	for _, p := range all {
		if key(p.Name) == key(name) {
			return p, true, err
		}
	}
	return access.Package{}, false, err
}

func (s *scope) role(r Role, line int, c access.Catalog, resources map[string]access.Resource) (access.ResourceRoleID, bool) {
	found, ok := resources[key(r.Resource)]
	if !ok {
		s.faults.add(line, "the catalog “%s” has no resource “%s”", c.Name, r.Resource)
		return "", false
	}
	var names []string
	for _, role := range found.Roles {
		if role.Name == r.Role {
			return role.ID, true
		}
		names = append(names, role.Name)
	}
	s.faults.add(line, "“%s” has no role “%s”; it has %s", r.Resource, r.Role, strings.Join(names, ", "))
	return "", false
}

// redeliver queues a delivery for everybody who holds the package.
func (s *scope) redeliver(id access.PackageID) error {
	held, err := s.tx.AssignmentsOfPackage(s.ctx, s.tenant.ID, id)
	for _, x := range held {
		if err == nil {
			err = s.tx.QueueDelivery(s.ctx, x.Tenant, x.Person, true)
		}
	}
	return err
}

func (s *scope) policies(p Package, c access.Catalog, pack access.Package) error {
	all, err := s.tx.PoliciesOf(s.ctx, s.tenant.ID, pack.ID)
	if err != nil {
		return err
	}
	for _, f := range p.Policies {
		if !s.once(f.Line, "assignment policy", string(pack.ID), f.V.DisplayName) {
			continue
		}
		at := slices.IndexFunc(all, func(o access.Policy) bool { return key(o.Name) == key(f.V.DisplayName) })
		var stored access.Policy
		if at >= 0 {
			stored = all[at]
		}
		w, err := s.policy(f.V, f.Line, stored)
		if err != nil {
			return err
		}
		w.Tenant, w.Package = s.tenant.ID, pack.ID
		if at < 0 {
			w.ID = access.PolicyID(s.tx.NewID())
		}
		if !s.judge(f.Line, w.Check(c)) || len(s.faults) > 0 {
			continue
		}
		err = put(s.apply, thing{s.tenant.ID, f.Line, "assignment policy", string(w.ID), pack.Name + ": " + w.Name}, at < 0,
			stored, w,
			func() error { return s.tx.SavePolicy(s.ctx, w) })
		if err != nil {
			return err
		}
	}
	return nil
}

// policy is the policy that the file describes, over the one stored.
func (s *scope) policy(f Policy, line int, w access.Policy) (access.Policy, error) {
	w.Name, w.Description, w.Scope, w.Enabled = f.DisplayName, f.Description, access.Scope(f.Scope), !f.Requestor.Disabled
	w.Terms = access.Terms{RequireJustification: f.Approval.Justify, Expiration: expiration(f.Expiration),
		CustomSchedule:        f.Requestor.CustomSchedule,
		SuppressNotifications: f.Silent, ShowApprovers: access.Inheritable(or(f.ShowApprove, string(access.Inherit)))}
	if !slices.Contains([]access.Inheritable{access.Inherit, access.Yes, access.No}, w.ShowApprovers) {
		s.faults.add(line, "approverDetails is default, yes or no")
	}
	w.Targets = nil
	for _, t := range f.Targets {
		ref, err := s.subject(t.V, t.Line)
		if err != nil {
			return w, err
		}
		w.Targets = append(w.Targets, ref)
	}
	slices.SortFunc(w.Targets, access.SubjectRef.Compare)
	w.Targets = slices.Compact(w.Targets)
	for _, st := range f.Approval.Stages {
		stage := access.Stage{Days: st.V.Days, RequireReason: st.V.Reason}
		if stage.Days == 0 {
			stage.Days = 14
		}
		for _, by := range st.V.Approvers {
			ref, err := s.subject(by.V, by.Line)
			if err != nil {
				return w, err
			}
			if !slices.Contains(stage.Approvers, ref) {
				stage.Approvers = append(stage.Approvers, ref)
			}
		}
		w.Stages = append(w.Stages, stage)
	}
	for _, q := range f.Questions {
		w.Questions = append(w.Questions, question(q.V))
	}
	return w, nil
}

// subject is what a Subject names; a fault if it names nothing, or not one
// thing.
func (s *scope) subject(f Subject, line int) (access.SubjectRef, error) {
	switch {
	case f.User != "" && f.Group == "" && f.Organization == "":
		p, err := s.person(f.User, line)
		return access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.ID)}, err
	case f.Group != "" && f.User == "" && f.Organization == "":
		e, ok := s.entries[key(f.Group)]
		if (!ok || !e.IsGroup()) && !s.bad[f.Group] {
			s.faults.add(line, "there is no group or team “%s”", f.Group)
		}
		return access.SubjectRef{Kind: access.SubjectGroup, ID: string(e.ID)}, nil
	case f.Organization != "" && f.User == "" && f.Group == "":
		o, ok := s.orgs[key(f.Organization)]
		if !ok {
			s.faults.add(line, "there is no connected organization “%s”", f.Organization)
		}
		return access.SubjectRef{Kind: access.SubjectOrganization, ID: string(o.ID)}, nil
	}
	s.faults.add(line, "name one user, one group or one connectedOrganization")
	return access.SubjectRef{}, nil
}

func expiration(e *Expiration) access.Expiration {
	switch {
	case e == nil:
		return access.Expiration{Kind: access.NoExpiration}
	case e.End != nil:
		return access.Expiration{Kind: access.AfterDate, End: e.End.UnixMilli(), Days: e.Days, Hours: e.Hours}
	}
	return access.Expiration{Kind: access.AfterDuration, Days: e.Days, Hours: e.Hours}
}

func question(q Question) access.Question {
	w := access.Question{ID: access.QuestionID(q.ID), Kind: access.QuestionKind(q.Type), Text: q.Text,
		Localized: q.Localized, Required: q.Required,
		AllowsMultiple: q.Several, Pattern: q.Pattern, PatternMessage: q.PatternMessage, PatternLocalized: q.PatternLocalized}
	for _, c := range q.Choices {
		w.Choices = append(w.Choices, access.Choice{Value: c.Value, Text: c.Text, Localized: c.Localized})
	}
	return w
}
