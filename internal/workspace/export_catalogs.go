package workspace

import (
	"cmp"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
)

func (x *export) allCatalogs(t access.Tenant, out *Tenant) error {
	x.catalogs = map[access.CatalogID]string{}
	all, err := x.r.Catalogs(x.ctx, t.ID)
	if err != nil {
		return err
	}
	for _, c := range all {
		x.catalogs[c.ID] = c.Name
		w := Catalog{DisplayName: c.Name, Description: c.Description, External: c.External}
		if !c.Published {
			w.State = "unpublished"
		}
		resources, err := x.r.ResourcesOf(x.ctx, t.ID, c.ID)
		if err != nil {
			return err
		}
		for _, r := range resources {
			if name := x.entryName(r, c.Name); name != "" {
				w.Resources = append(w.Resources, wrap(name))
			}
		}
		sortBy(w.Resources, func(a, b *at[string]) int { return byName(a.V, b.V) })
		packages, err := x.r.PackagesOf(x.ctx, t.ID, c.ID)
		if err != nil {
			return err
		}
		for _, p := range packages {
			pack, err := x.accessPackage(p, c)
			if err != nil {
				return err
			}
			w.Packages = append(w.Packages, wrap(pack))
		}
		sortBy(w.Packages, func(a, b *at[Package]) int { return byName(a.V.DisplayName, b.V.DisplayName) })
		out.Catalogs = append(out.Catalogs, wrap(w))
	}
	sortBy(out.Catalogs, func(a, b *at[Catalog]) int { return byName(a.V.DisplayName, b.V.DisplayName) })
	return nil
}

// entryName is the name of a resource's entry of the built-in directory; empty if it has
// none. in is the name of what has the resource.
func (x *export) entryName(r access.Resource, in string) string {
	e, ok := x.entries[access.EntryID(r.ExternalID)]
	if !ok {
		x.omit("%s: “%s” has the resource “%s”, which isn't in the built-in directory.", x.tenant.Name, in, r.Name)
	}
	return e.Name
}

func (x *export) accessPackage(p access.Package, c access.Catalog) (Package, error) {
	out := Package{DisplayName: p.Name, Description: p.Description, Hidden: p.Hidden}
	roles, err := x.r.PackageRoles(x.ctx, p.Tenant, p.ID)
	if err != nil {
		return out, err
	}
	for _, r := range roles[p.ID] {
		if name := x.entryName(r.Resource, p.Name); name != "" {
			out.Roles = append(out.Roles, wrap(Role{name, r.Role.Name}))
		}
	}
	policies, err := x.r.PoliciesOf(x.ctx, p.Tenant, p.ID)
	for _, o := range policies {
		out.Policies = append(out.Policies, wrap(x.policy(o, p, c)))
	}
	sortBy(out.Policies, func(a, b *at[Policy]) int { return byName(a.V.DisplayName, b.V.DisplayName) })
	return out, err
}

func (x *export) policy(o access.Policy, p access.Package, c access.Catalog) Policy {
	of := p.Name + ": " + o.Name
	out := Policy{DisplayName: o.Name, Description: o.Description, Scope: string(o.Scope), Silent: o.SuppressNotifications,
		Requestor: Requestor{Disabled: !o.Enabled, CustomSchedule: o.CustomSchedule},
		Approval:  Approval{Justify: o.RequireJustification}, AllowUnusable: x.unusable(o, c)}
	if o.ShowApprovers.Or(true) == o.ShowApprovers.Or(false) {
		out.ShowApprove = string(o.ShowApprovers)
	}
	out.Targets = x.subjects(o.Targets, of)
	sortBy(out.Targets, func(a, b *at[Subject]) int {
		return cmp.Or(cmp.Compare(a.V.User, b.V.User), cmp.Compare(a.V.Group, b.V.Group),
			cmp.Compare(a.V.Organization, b.V.Organization))
	})
	for _, s := range o.Stages {
		w := Stage{Days: s.Days, Reason: s.RequireReason, Approvers: x.subjects(s.Approvers, of)}
		out.Approval.Stages = append(out.Approval.Stages, wrap(w))
	}
	switch o.Expiration.Kind {
	case access.AfterDate:
		out.Expiration = &Expiration{End: &dateTime{at: time.UnixMilli(o.Expiration.End)}}
	case access.AfterDuration:
		out.Expiration = &Expiration{Days: o.Expiration.Days, Hours: o.Expiration.Hours}
	case access.NoExpiration:
	}
	for _, q := range o.Questions {
		out.Questions = append(out.Questions, wrap(exportQuestion(q)))
	}
	return out
}

// unusable reports whether the policy would be refused if it were new in a database with
// what the file has.
func (x *export) unusable(o access.Policy, c access.Catalog) bool {
	f := access.PolicyFacts{Catalog: c, Settings: x.tenant.Settings, Now: x.now,
		Requestors: x.firstPeople(o.Targets, access.MaxStages+1)}
	for _, s := range o.Stages {
		var deciders []access.PersonContext
		for _, p := range x.firstPeople(s.Approvers, 2) {
			deciders = append(deciders, access.PersonContext{Person: p})
		}
		f.ActiveApprovers = append(f.ActiveApprovers, deciders)
	}
	for _, org := range x.orgs {
		if !o.OpenToConfigured() {
			break
		}
		for _, id := range org.Directories {
			if i := slices.IndexFunc(x.dirs[id].Domains, access.Domain.IsConsumer); i >= 0 && org.State == access.Configured {
				f.ConsumerOrganization, f.ConsumerDomain = org.Name, x.dirs[id].Domains[i]
			}
		}
	}
	refused, _ := o.Advise(f)
	return o.Check(c) != nil || len(refused) > 0
}

// signsIn reports whether the person could sign in where the file is applied. People whom
// only a policy of the file lets in don't count: their approvals may come before it.
func (x *export) signsIn(p access.Person) bool {
	d := x.dirs[p.Directory]
	address, _ := mailaddr.DomainOf(p.Email)
	p.Domain = d.DomainFor(address) // as it is when the file is applied
	a := access.Admission{Kind: d.Kind, Enabled: d.Enabled, Domains: d.Domains, Own: d.ID == x.tenant.Directory,
		Visible: d.Owner == "" || d.Owner == x.tenant.ID, Passcodes: x.tenant.Settings.Passcode}
	for _, o := range x.orgs {
		a.Connected = a.Connected || o.State == access.Configured && slices.Contains(o.Directories, d.ID)
	}
	return !p.Disabled && p.Guest != access.GuestBlocked && (p.Account != "" || p.Email != "") && a.CheckPerson(p) == nil
}

// firstPeople are up to limit people that the subjects mean and who can sign in, as in
// store.Reader.PolicyFacts, but with the members that the file has.
func (x *export) firstPeople(subjects []access.SubjectRef, limit int) (found []access.Person) {
	add := func(id access.PersonID) {
		p, ok := x.people[id]
		if ok && len(found) < limit && x.signsIn(p) &&
			!slices.ContainsFunc(found, func(o access.Person) bool { return o.ID == id }) {
			found = append(found, p)
		}
	}
	for _, s := range subjects {
		switch s.Kind {
		case access.SubjectPerson:
			add(access.PersonID(s.ID))
		case access.SubjectGroup:
			for _, id := range x.members[access.EntryID(s.ID)] {
				add(id)
			}
		case access.SubjectOrganization:
		}
	}
	return found
}

func exportQuestion(q access.Question) Question {
	out := Question{ID: string(q.ID), Type: string(q.Kind), Text: q.Text, Localized: localized(q.Localized),
		Required: q.Required, Several: q.AllowsMultiple, Pattern: q.Pattern, PatternMessage: q.PatternMessage,
		PatternLocalized: localized(q.PatternLocalized)}
	for _, c := range q.Choices {
		out.Choices = append(out.Choices, Choice{c.Value, c.Text, localized(c.Localized)})
	}
	return out
}
