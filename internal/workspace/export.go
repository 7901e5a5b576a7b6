package workspace

import (
	"bytes"
	"context"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Export writes a workspace file with everything that one can hold, without the secrets of
// providers. Applying it to the same database changes nothing.
func Export(ctx context.Context, r *store.Reader) ([]byte, error) {
	x := &export{ctx: ctx, r: r}
	f, err := x.file()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(f); err != nil {
		return nil, err
	}
	return b.Bytes(), e.Close()
}

// export is the state of one export. The maps have the names in the current tenant.
type export struct {
	ctx      context.Context
	r        *store.Reader
	dirs     map[access.DirectoryID]access.Directory
	people   map[string]string // mail address by id
	entries  map[string]string // name by id
	orgs     map[string]string
	catalogs map[access.CatalogID]string
}

func wrap[T any](v T) at[T] { return at[T]{V: v} }

func (x *export) file() (File, error) {
	var f File
	dirs, err := x.r.Directories(x.ctx, "")
	if err != nil {
		return f, err
	}
	x.dirs = map[access.DirectoryID]access.Directory{}
	for _, d := range dirs {
		if d.Kind != access.DirectoryOpenID {
			continue // a file has only OpenID providers of the installation
		}
		x.dirs[d.ID] = d
		f.Directories = append(f.Directories, wrap(exportDirectory(d)))
	}
	tenants, err := x.r.Tenants(x.ctx)
	for _, t := range tenants {
		if err != nil {
			return f, err
		}
		var out Tenant
		out, err = x.tenant(t)
		f.Tenants = append(f.Tenants, wrap(out))
	}
	return f, err
}

func exportDirectory(d access.Directory) Directory {
	out := Directory{DisplayName: d.Name, Provider: Provider{Issuer: d.Issuer, ClientID: d.ClientID,
		AuthMethod:    string(d.AuthStyle),
		HintParameter: string(d.HintStyle), TenantClaim: d.TenantClaim, TenantValue: d.TenantValue, Scopes: d.Scopes,
		ConfirmedHosts: d.ConfirmedHosts}}
	for _, name := range d.Domains {
		out.Domains = append(out.Domains, string(name))
	}
	if !d.Enabled {
		out.Enabled = new(bool)
	}
	return out
}

func (x *export) tenant(t access.Tenant) (Tenant, error) {
	out := Tenant{Directory: x.dirs[t.Directory].Name, DisplayName: t.Name, Settings: exportSettings(t.Settings)}
	for _, step := range []func(access.Tenant, *Tenant) error{x.users, x.resources, x.organizations, x.allCatalogs,
		x.roles} {
		if err := step(t, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

func exportSettings(s access.Settings) *Settings {
	out := &Settings{Language: s.Language, TimeZone: s.TimeZone, GuestAction: string(s.GuestAction),
		GuestDays:          &s.GuestDays,
		ResourceVisibility: string(s.ResourceVisibility), ShowApprovers: s.ShowApprovers, SupportContact: s.SupportContact,
		SenderName: s.SenderName, Passcode: s.Passcode, SessionIdle: int(s.SessionIdle.Minutes()),
		SessionLife: int(s.SessionLife.Minutes())}
	for _, d := range s.DomainList {
		switch s.DomainRule {
		case access.DomainsAllow:
			out.AllowedDomains = append(out.AllowedDomains, string(d))
		case access.DomainsDeny:
			out.BlockedDomains = append(out.BlockedDomains, string(d))
		case access.DomainsAny:
		}
	}
	return out
}

// users exports the people. A file identifies people by their address, so people without
// an address, with a duplicate one or with one of another directory's domain are omitted,
// and so are references to them.
func (x *export) users(t access.Tenant, out *Tenant) error {
	x.people = map[string]string{}
	var all []access.Person
	var after store.Key
	for {
		page, err := x.r.PeopleAfter(x.ctx, t.ID, after, 500)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		all = append(all, page...)
		end := page[len(page)-1]
		after = store.KeyOf(end.Name, string(end.ID))
	}
	count := map[string]int{}
	for _, p := range all {
		count[key(p.Email)]++
	}
	all = slices.DeleteFunc(all, func(p access.Person) bool {
		d, ok := access.DomainOf(p.Email)
		return !ok || !x.dirs[p.Directory].HasDomain(d) || count[key(p.Email)] > 1
	})
	for _, p := range all {
		x.people[string(p.ID)] = p.Email
	}
	for _, p := range all {
		u, err := x.user(t, p)
		if err != nil {
			return err
		}
		out.Users = append(out.Users, wrap(u))
	}
	return nil
}

func (x *export) user(t access.Tenant, p access.Person) (User, error) {
	u := User{DisplayName: p.Name, Mail: p.Email, Language: p.Language, TimeZone: p.TimeZone,
		Manager:    x.people[string(p.Manager)],
		Attributes: p.Attributes, Disabled: p.Disabled}
	if p.Directory != t.Directory {
		u.Directory = x.dirs[p.Directory].Name
	}
	if p.Guest == access.GuestActive { // a blocked guest must not become active when imported elsewhere
		u.UserType = "guest"
	}
	sponsors, err := x.r.Sponsors(x.ctx, t.ID, p.ID)
	if err != nil {
		return u, err
	}
	u.Sponsors = x.mails(sponsors)
	if p.Account != "" {
		a, err := x.r.Account(x.ctx, p.Account)
		if err != nil {
			return u, err
		}
		u.Subject = a.Subject
	}
	return u, nil
}

// mails returns the addresses of the people, without those omitted from the export.
func (x *export) mails(ids []access.PersonID) []string {
	var all []string
	for _, id := range ids {
		if mail := x.people[string(id)]; mail != "" {
			all = append(all, mail)
		}
	}
	slices.Sort(all)
	return all
}

func (x *export) resources(t access.Tenant, out *Tenant) error {
	x.entries = map[string]string{}
	all, err := x.r.Entries(x.ctx, t.ID)
	for _, e := range all {
		if err != nil {
			return err
		}
		x.entries[string(e.ID)] = e.Name
		r := Resource{DisplayName: e.Name, Type: string(e.Kind), Description: e.Description, WebURL: e.Link, Roles: e.Roles}
		var members []access.PersonID
		members, err = x.r.MembersOf(x.ctx, t.ID, e.ID, e.Roles[0])
		r.Members = x.mails(members)
		out.Resources = append(out.Resources, wrap(r))
	}
	return err
}

func (x *export) organizations(t access.Tenant, out *Tenant) error {
	x.orgs = map[string]string{}
	all, err := x.r.Organizations(x.ctx, t.ID)
	for _, o := range all {
		w := Organization{DisplayName: o.Name, Description: o.Description, State: string(o.State)}
		for _, id := range o.Directories {
			if d, ok := x.dirs[id]; ok && len(d.Domains) > 0 {
				w.IdentitySources = append(w.IdentitySources, string(d.Domains[0]))
			}
		}
		if len(w.IdentitySources) == 0 {
			continue // it has only the tenant's own directories, which are not exported
		}
		w.ExternalSponsors = x.mails(o.ExternalSponsors)
		for _, s := range o.InternalSponsors {
			if named := x.subject(s); named.Group != "" {
				w.InternalSponsorGroups = append(w.InternalSponsorGroups, named.Group)
			} else if named.User != "" {
				w.InternalSponsors = append(w.InternalSponsors, named.User)
			}
		}
		slices.Sort(w.InternalSponsors)
		slices.Sort(w.InternalSponsorGroups)
		x.orgs[string(o.ID)] = o.Name
		out.Organizations = append(out.Organizations, wrap(w))
	}
	return err
}

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
			w.Resources = append(w.Resources, wrap(r.Name))
		}
		packages, err := x.r.PackagesOf(x.ctx, t.ID, c.ID)
		if err != nil {
			return err
		}
		for _, p := range packages {
			pack, err := x.accessPackage(p)
			if err != nil {
				return err
			}
			w.Packages = append(w.Packages, wrap(pack))
		}
		out.Catalogs = append(out.Catalogs, wrap(w))
	}
	return nil
}

func (x *export) accessPackage(p access.Package) (Package, error) {
	out := Package{DisplayName: p.Name, Description: p.Description, Hidden: p.Hidden}
	roles, err := x.r.PackageRoles(x.ctx, p.Tenant, p.ID)
	if err != nil {
		return out, err
	}
	for _, r := range roles[p.ID] {
		out.Roles = append(out.Roles, wrap(Role{r.Resource.Name, r.Role.Name}))
	}
	policies, err := x.r.PoliciesOf(x.ctx, p.Tenant, p.ID)
	for _, o := range policies {
		out.Policies = append(out.Policies, wrap(x.policy(o)))
	}
	return out, err
}

func (x *export) policy(o access.Policy) Policy {
	out := Policy{DisplayName: o.Name, Description: o.Description, Scope: string(o.Scope), Silent: o.SuppressNotifications,
		Requestor: Requestor{Disabled: !o.Enabled, CustomSchedule: o.CustomSchedule},
		Approval:  Approval{Justify: o.RequireJustification}}
	if o.ShowApprovers != access.Inherit {
		out.ShowApprove = string(o.ShowApprovers)
	}
	out.Targets = x.subjects(o.Targets)
	for _, s := range o.Stages {
		w := Stage{Days: s.Days, Reason: s.RequireReason, Approvers: x.subjects(s.Approvers)}
		out.Approval.Stages = append(out.Approval.Stages, wrap(w))
	}
	switch o.Expiration.Kind {
	case access.AfterDate:
		out.Expiration = &Expiration{End: &dateTime{time.UnixMilli(o.Expiration.End).UTC()}}
	case access.AfterDuration:
		out.Expiration = &Expiration{Days: o.Expiration.Days, Hours: o.Expiration.Hours}
	case access.NoExpiration:
	}
	for _, q := range o.Questions {
		out.Questions = append(out.Questions, wrap(exportQuestion(q)))
	}
	return out
}

func exportQuestion(q access.Question) Question {
	out := Question{ID: string(q.ID), Type: string(q.Kind), Text: q.Text, Localized: q.Localized, Required: q.Required,
		Several: q.AllowsMultiple,
		Pattern: q.Pattern, PatternMessage: q.PatternMessage, PatternLocalized: q.PatternLocalized}
	for _, c := range q.Choices {
		out.Choices = append(out.Choices, Choice{c.Value, c.Text, c.Localized})
	}
	return out
}

// subjects exports the subjects, without those omitted from the export.
func (x *export) subjects(all []access.SubjectRef) []at[Subject] {
	var out []at[Subject]
	for _, s := range all {
		if w := x.subject(s); w != (Subject{}) {
			out = append(out, wrap(w))
		}
	}
	return out
}

func (x *export) subject(s access.SubjectRef) Subject {
	switch s.Kind {
	case access.SubjectPerson:
		return Subject{User: x.people[s.ID]}
	case access.SubjectGroup:
		return Subject{Group: x.entries[s.ID]}
	case access.SubjectOrganization:
	}
	return Subject{Organization: x.orgs[s.ID]}
}

func (x *export) roles(t access.Tenant, out *Tenant) error {
	all, err := x.r.RoleAssignments(x.ctx, t.ID)
	for _, a := range all {
		s := x.subject(a.Subject)
		if s == (Subject{}) {
			continue
		}
		out.RoleAssignments = append(out.RoleAssignments, wrap(RoleAssignment{string(a.Role), s.User, s.Group,
			x.catalogs[a.Catalog]}))
	}
	return err
}
