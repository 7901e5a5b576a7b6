package workspace

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Incomplete is the error of an export that could not write everything: one sentence for
// each thing that is missing in the file.
type Incomplete []*access.Error

// Text returns the sentences, one per line, printed by print.
func (i Incomplete) Text(print Printer) string {
	lines := []string{print("The file is incomplete. These parts are missing:")}
	for _, e := range i {
		lines = append(lines, print(e.Msg, e.Args...))
	}
	return strings.Join(lines, "\n")
}

// Error returns the sentences in English.
func (i Incomplete) Error() string { return i.Text(english) }

// Export writes a workspace file with everything that one can hold, without the secrets of
// providers. Applying it to the same database changes nothing; applying it, with the
// secrets, to an empty database gives one whose export is the same. With the error
// Incomplete the text is that of everything else.
func Export(ctx context.Context, s *store.Store) ([]byte, error) {
	x := &export{ctx: ctx, r: s.Snapshot(), now: s.Now(), names: map[string][]access.DirectoryID{}}
	defer x.r.End()
	f, err := x.file()
	if err != nil {
		return nil, err
	}
	text, err := encode(f)
	if err == nil && len(x.missing) > 0 {
		err = x.missing
	}
	return text, err
}

// export is the state of one export. From orgs on it is about the current tenant.
type export struct {
	ctx     context.Context
	r       *store.Reader
	now     time.Time
	missing Incomplete
	dirs    map[access.DirectoryID]access.Directory
	names   map[string][]access.DirectoryID // of each name, and of each id

	tenant   access.Tenant
	orgs     []access.Organization
	orgNames map[string]string // name by id
	people   map[access.PersonID]access.Person
	refs     map[access.PersonID]string // how the file names a person
	entries  map[access.EntryID]access.Entry
	members  map[access.EntryID][]access.PersonID // of the groups, as in the file
	catalogs map[access.CatalogID]string
}

func wrap[T any](v T) at[T] { return at[T]{V: v} }

// byName orders names as lists do; names that lists take for the same, by their letters. So
// the order does not depend on the database.
func byName(a, b string) int { return cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(a, b)) }

// omit reports something that the file cannot have.
func (x *export) omit(message access.Message, args ...any) {
	x.missing = append(x.missing, access.Refuse(access.NotFound, message, args...))
}

func (x *export) file() (File, error) {
	var f File
	shared, err := x.r.Directories(x.ctx, "")
	if err != nil {
		return f, err
	}
	tenants, err := x.r.Tenants(x.ctx)
	if err != nil {
		return f, err
	}
	x.dirs = map[access.DirectoryID]access.Directory{}
	note := func(d access.Directory) error {
		x.dirs[d.ID] = d
		for _, name := range []string{d.Name, string(d.ID)} {
			x.names[name] = append(x.names[name], d.ID)
		}
		return nil
	}
	for _, d := range shared {
		_ = note(d)
	}
	for _, t := range tenants {
		if err := x.r.WalkDirectories(x.ctx, t.ID, store.ListQuery[store.DirectoryFilter]{}, note); err != nil {
			return f, err
		}
	}
	sortBy(shared, func(a, b *access.Directory) int { return cmp.Compare(a.Name, b.Name) })
	for _, d := range shared {
		f.Directories = append(f.Directories, wrap(x.directory(d)))
	}
	sortBy(tenants, func(a, b *access.Tenant) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(x.dirs[a.Directory].Name, x.dirs[b.Directory].Name))
	})
	for _, t := range tenants {
		out, err := x.exportTenant(t)
		if err != nil {
			return f, err
		}
		f.Tenants = append(f.Tenants, wrap(out))
	}
	return f, nil
}

// directory has the id if in some tenant the name does not mean this directory.
func (x *export) directory(d access.Directory) Directory {
	out := exportDirectory(d)
	if d.Successor != "" {
		out.ReplacedBy = &Replacement{Directory: x.directoryRef(d.Successor), Domain: string(d.FormerDomain)}
	}
	for _, id := range x.names[d.Name] {
		if other := x.dirs[id]; id != d.ID && (other.Owner == d.Owner || other.Owner == "" || d.Owner == "") {
			out.ID = string(d.ID)
		}
	}
	return out
}

func exportDirectory(d access.Directory) Directory {
	out := Directory{DisplayName: d.Name}
	for _, name := range d.Domains {
		out.Domains = append(out.Domains, string(name))
	}
	for _, c := range d.DomainClaims {
		out.Unverified = append(out.Unverified, wrap(Unverified{Domain: string(c.Domain), Token: c.Token}))
	}
	if !d.Enabled {
		out.Enabled = new(bool)
	}
	if d.Kind == access.DirectoryPasscode {
		out.Type = string(d.Kind)
		return out
	}
	out.Provider = Provider{Issuer: d.Issuer, ClientID: d.ClientID, AuthMethod: string(d.AuthStyle),
		HintParameter: string(d.HintStyle), HintValue: d.HintValue, TenantClaim: d.TenantClaim, TenantValue: d.TenantValue,
		Scopes: append(list{}, d.Scopes...), ConfirmedHosts: d.ConfirmedHosts, TrustAddresses: &d.TrustAddresses}
	for name, value := range d.HintValues {
		if out.Provider.HintValues == nil {
			out.Provider.HintValues = map[string]string{}
		}
		out.Provider.HintValues[string(name)] = value
	}
	if d.EmailClaim != "" {
		out.Provider.EmailClaim = &d.EmailClaim
	}
	if d.NameClaim != "" {
		out.Provider.NameClaim = &d.NameClaim
	}
	if d.GuestClaim != "" {
		out.Provider.GuestRule = &GuestRule{Claim: d.GuestClaim, Values: d.GuestValues}
	}
	return out
}

// directoryRef is how the file names a directory in the tenant.
func (x *export) directoryRef(id access.DirectoryID) string {
	d := x.dirs[id]
	if out := x.directory(d); out.ID != "" && d.Owner == "" {
		return out.ID
	}
	return d.Name
}

func (x *export) exportTenant(t access.Tenant) (Tenant, error) {
	x.tenant = t
	out := Tenant{Directory: x.dirs[t.Directory].Name, DisplayName: t.Name, Settings: exportSettings(t.Settings)}
	for _, d := range x.dirs {
		if d.Owner == t.ID {
			out.Directories = append(out.Directories, wrap(x.directory(d)))
		}
	}
	sortBy(out.Directories, func(a, b *at[Directory]) int { return cmp.Compare(a.V.DisplayName, b.V.DisplayName) })
	for _, step := range []func(access.Tenant, *Tenant) error{x.users, x.resources, x.organizations, x.allCatalogs,
		x.roles} {
		if err := step(t, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// wholeMinutes rounds up, so that a limit of seconds does not become none.
func wholeMinutes(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }

func exportSettings(s access.Settings) *Settings {
	out := &Settings{Language: &s.Language, TimeZone: s.TimeZone, GuestAction: string(s.GuestAction),
		GuestDays: &s.GuestDays, DisabledDays: &s.DisabledDays,
		ResourceVisibility: string(s.ResourceVisibility), ShowApprovers: s.ShowApprovers, SupportContact: s.SupportContact,
		SenderName: s.SenderName, Passcode: s.Passcode, SessionIdle: wholeMinutes(s.SessionIdle),
		SessionLife: wholeMinutes(s.SessionLife)}
	domains := list{}
	for _, d := range s.DomainList {
		domains = append(domains, string(d))
	}
	switch s.DomainRule {
	case access.DomainsAllow:
		out.AllowedDomains = domains
	case access.DomainsDeny:
		out.BlockedDomains = domains
	case access.DomainsAny:
	}
	return out
}

func (x *export) organizations(t access.Tenant, out *Tenant) error {
	x.orgNames = map[string]string{}
	var err error
	if x.orgs, err = x.r.Organizations(x.ctx, t.ID); err != nil {
		return err
	}
	for _, o := range x.orgs {
		x.orgNames[string(o.ID)] = o.Name
		w := Organization{DisplayName: o.Name, Description: o.Description, State: string(o.State),
			ExternalSponsors: x.mails(o.ExternalSponsors), AllowUnusable: x.brokenOrganization(o)}
		for _, id := range o.Directories {
			if d := x.dirs[id]; len(d.Domains) > 0 {
				w.IdentitySources = append(w.IdentitySources, Source(d.Domains[0]))
			} else {
				w.Directories = append(w.Directories, x.directoryRef(id))
			}
		}
		for _, s := range o.InternalSponsors {
			if named := x.subject(s, o.Name); named.Group != "" {
				w.InternalSponsorGroups = append(w.InternalSponsorGroups, named.Group)
			} else if named.User != "" {
				w.InternalSponsors = append(w.InternalSponsors, named.User)
			}
		}
		slices.Sort(w.IdentitySources)
		slices.Sort(w.Directories)
		slices.Sort(w.InternalSponsors)
		slices.Sort(w.InternalSponsorGroups)
		out.Organizations = append(out.Organizations, wrap(w))
	}
	sortBy(out.Organizations, func(a, b *at[Organization]) int {
		return byName(a.V.DisplayName, b.V.DisplayName)
	})
	return nil
}

// brokenOrganization reports whether the organization would be refused if it were new.
func (x *export) brokenOrganization(o access.Organization) bool {
	var internal, external []access.Person
	for _, s := range o.InternalSponsors {
		if s.Kind == access.SubjectPerson {
			internal = append(internal, x.people[access.PersonID(s.ID)])
		}
	}
	for _, id := range o.ExternalSponsors {
		external = append(external, x.people[id])
	}
	return o.Check() != nil || o.CheckSponsors(internal, external) != nil
}

// subject names a subject; of is the name of what has it.
func (x *export) subject(s access.SubjectRef, of string) Subject {
	var out Subject
	switch s.Kind {
	case access.SubjectPerson:
		out.User = x.refs[access.PersonID(s.ID)]
	case access.SubjectGroup:
		out.Group = x.entries[access.EntryID(s.ID)].Name
	case access.SubjectOrganization:
		if out.Organization = x.orgNames[s.ID]; out.Organization == "" {
			return out // it was deleted, and means nobody
		}
	}
	if out == (Subject{}) {
		x.omit("%s: “%s” refers to the ID %s, which doesn't exist.", x.tenant.Name, of, s.ID)
	}
	return out
}

// subjects names the subjects, in their order.
func (x *export) subjects(all []access.SubjectRef, of string) []at[Subject] {
	var out []at[Subject]
	for i, s := range all {
		if w := x.subject(s, of); w != (Subject{}) && !slices.Contains(all[:i], s) {
			out = append(out, wrap(w))
		}
	}
	return out
}

func (x *export) roles(t access.Tenant, out *Tenant) error {
	all, err := x.r.RoleAssignments(x.ctx, t.ID)
	for _, a := range all {
		s := x.subject(a.Subject, string(a.Role))
		if a.Catalog != "" && x.catalogs[a.Catalog] == "" {
			x.omit("%s: The role %s refers to the catalog with the ID %s, which doesn't exist.", x.tenant.Name,
				a.Role, a.Catalog)
			continue
		}
		if s != (Subject{}) {
			out.RoleAssignments = append(out.RoleAssignments, wrap(RoleAssignment{Role: string(a.Role), User: s.User,
				Group: s.Group, Catalog: x.catalogs[a.Catalog]}))
		}
	}
	sortBy(out.RoleAssignments, func(a, b *at[RoleAssignment]) int {
		return cmp.Or(cmp.Compare(a.V.Role, b.V.Role), cmp.Compare(a.V.Catalog, b.V.Catalog),
			cmp.Compare(a.V.User, b.V.User), cmp.Compare(a.V.Group, b.V.Group))
	})
	return err
}
