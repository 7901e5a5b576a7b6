package storetest

import (
	"context"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// World is a small tenant to test with: Meridian Works (meridian.example) with
// three members, the partner Harbor Studio (harbor.example) as a connected
// organization, and a catalog with a team and a site.
type World struct {
	*store.Store
	t       testing.TB
	Tenant  access.Tenant
	Harbor  access.Directory
	Other   access.Directory // a directory that nobody is connected to
	Partner access.Organization
	Catalog access.Catalog
	Team    access.Resource
	Site    access.Resource
	// Lena, Omar and Ida are members; Omar and Ida are in the group Reviewers.
	Lena, Omar, Ida access.Person
	Reviewers       access.Entry
	// Mara signs in at Harbor Studio and is not known to the tenant yet.
	Mara access.Account
}

// NewWorld builds the world in s.
func NewWorld(t testing.TB, s *store.Store) *World {
	t.Helper()
	w := &World{Store: s, t: t}
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		for _, step := range []func(context.Context, *store.Tx) error{w.directories, w.people, w.resources} {
			if err := step(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

// Do runs f in a transaction and ends the test if it fails.
func (w *World) Do(f func(ctx context.Context, tx *store.Tx) error) {
	w.t.Helper()
	ctx := context.Background()
	if err := w.Write(ctx, func(tx *store.Tx) error { return f(ctx, tx) }); err != nil {
		w.t.Fatal(err)
	}
}

func directory(tx *store.Tx, name string, domains ...access.Domain) access.Directory {
	return access.Directory{ID: access.DirectoryID(tx.NewID()), Kind: access.DirectoryOpenID, Name: name,
		Issuer: "https://login." + string(domains[0]), ClientID: "myaccess",
		ClientSecret: "secret", AuthStyle: access.AuthBasic, HintStyle: access.HintNone, Domains: domains, Enabled: true}
}

func (w *World) directories(ctx context.Context, tx *store.Tx) error {
	own := directory(tx, "Meridian Works", "meridian.example")
	w.Harbor = directory(tx, "Harbor Studio", "harbor.example", "harbor-lab.example")
	w.Other = directory(tx, "Elsewhere", "elsewhere.example")
	for _, d := range []access.Directory{own, w.Harbor, w.Other} {
		if err := tx.SaveDirectory(ctx, d, access.VerifiedByOperator); err != nil {
			return err
		}
	}
	w.Tenant = access.Tenant{ID: access.TenantID(tx.NewID()), Directory: own.ID, Name: "Meridian Works",
		Settings: access.DefaultSettings(),
		Domains:  own.Domains}
	w.Partner = access.Organization{ID: access.OrganizationID(tx.NewID()), Tenant: w.Tenant.ID, Name: "Harbor Studio",
		Description: "Design partner", State: access.Configured, Directories: []access.DirectoryID{w.Harbor.ID}}
	w.Mara = access.Account{ID: access.AccountID(tx.NewID()), Directory: w.Harbor.ID, Subject: "mara", Name: "Mara Lind",
		Email: "mara@harbor.example"}
	if err := tx.SaveTenant(ctx, w.Tenant); err != nil {
		return err
	}
	if err := tx.SaveOrganization(ctx, w.Partner); err != nil {
		return err
	}
	return tx.SaveAccount(ctx, w.Mara)
}

// Snapshot is a snapshot that ends when the test ends.
func (w *World) Snapshot() *store.Reader {
	r := w.Store.Snapshot()
	w.t.Cleanup(r.End)
	return r
}

// NewMember adds a member with an account.
func (w *World) NewMember(ctx context.Context, tx *store.Tx, name, address string) (access.Person, error) {
	a := access.Account{ID: access.AccountID(tx.NewID()), Directory: w.Tenant.Directory, Subject: address, Name: name,
		Email: address}
	p := access.Person{ID: access.PersonID(tx.NewID()), Tenant: w.Tenant.ID, Account: a.ID, Directory: w.Tenant.Directory,
		Domain: "meridian.example", Kind: access.Member, Name: name, Email: address, Guest: access.GuestNone}
	if err := tx.SaveAccount(ctx, a); err != nil {
		return p, err
	}
	return p, tx.AddPerson(ctx, p)
}

func (w *World) people(ctx context.Context, tx *store.Tx) (err error) {
	if w.Lena, err = w.NewMember(ctx, tx, "Lena Berg", "lena@meridian.example"); err != nil {
		return err
	}
	if w.Omar, err = w.NewMember(ctx, tx, "Omar Haddad", "omar@meridian.example"); err != nil {
		return err
	}
	if w.Ida, err = w.NewMember(ctx, tx, "Ida Falk", "ida@meridian.example"); err != nil {
		return err
	}
	w.Reviewers = access.Entry{ID: access.EntryID(tx.NewID()), Tenant: w.Tenant.ID, Kind: access.KindGroup,
		Name:  "Reviewers",
		Roles: access.DefaultRoles(access.KindGroup)}
	if err := tx.SaveEntry(ctx, w.Reviewers); err != nil {
		return err
	}
	for _, p := range []access.Person{w.Omar, w.Ida} {
		m := access.Membership{Entry: w.Reviewers.ID, Role: store.GroupMember, Person: p.ID}
		if _, err := tx.AddMember(ctx, w.Tenant.ID, m); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) resources(ctx context.Context, tx *store.Tx) (err error) {
	target := access.Target{ID: access.TargetID(tx.NewID()), Tenant: w.Tenant.ID, Name: "Directory",
		Kind: access.TargetBuiltIn}
	w.Catalog = access.Catalog{ID: access.CatalogID(tx.NewID()), Tenant: w.Tenant.ID, Name: "Projects", Published: true,
		External: true}
	if err := tx.SaveTarget(ctx, target); err != nil {
		return err
	}
	if err := tx.SaveCatalog(ctx, w.Catalog); err != nil {
		return err
	}
	if w.Team, err = w.resource(ctx, tx, target, access.KindTeam, "Tidal team"); err != nil {
		return err
	}
	w.Site, err = w.resource(ctx, tx, target, access.KindSite, "Tidal site")
	return err
}

func (w *World) resource(ctx context.Context, tx *store.Tx, target access.Target, kind access.ResourceKind,
	name string) (access.Resource, error) {
	e := access.Entry{ID: access.EntryID(tx.NewID()), Tenant: w.Tenant.ID, Kind: kind, Name: name,
		Link: "https://sites.meridian.example/" + string(kind), Roles: access.DefaultRoles(kind)}
	r := access.Resource{ID: access.ResourceID(tx.NewID()), Tenant: w.Tenant.ID, Target: target.ID, Kind: kind,
		ExternalID: string(e.ID), Name: name, Link: e.Link}
	for _, role := range e.Roles {
		r.Roles = append(r.Roles, access.ResourceRole{ID: access.ResourceRoleID(tx.NewID()), Resource: r.ID, Name: role,
			ExternalID: role})
	}
	if err := tx.SaveEntry(ctx, e); err != nil {
		return r, err
	}
	if err := tx.SaveResource(ctx, r); err != nil {
		return r, err
	}
	_, err := tx.AddCatalogResource(ctx, w.Tenant.ID, w.Catalog.ID, r.ID)
	return r, err
}

// Package adds a package in the catalog that gives the first role of the team
// and of the site, with the policies; their ids, tenant and package are set, and
// they are enabled.
func (w *World) Package(name string, policies ...access.Policy) access.Offer {
	w.t.Helper()
	o := access.Offer{Catalog: w.Catalog}
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		o.Package = access.Package{ID: access.PackageID(tx.NewID()), Tenant: w.Tenant.ID, Catalog: w.Catalog.ID, Name: name,
			Description: "What " + name + " needs", Roles: []access.ResourceRoleID{w.Team.Roles[0].ID, w.Site.Roles[0].ID}}
		o.Policies = nil
		if err := tx.SavePackage(ctx, o.Package); err != nil {
			return err
		}
		for _, p := range policies {
			p.ID, p.Tenant, p.Package, p.Enabled = access.PolicyID(tx.NewID()), w.Tenant.ID, o.Package.ID, true
			if p.Name == "" {
				p.Name = string(p.Scope)
			}
			if p.Expiration.Kind == "" {
				p.Expiration.Kind = access.NoExpiration
			}
			o.Policies = append(o.Policies, p)
			if err := tx.SavePolicy(ctx, p); err != nil {
				return err
			}
		}
		return nil
	})
	return o
}

// AccountOf is the account of a person who has one.
func (w *World) AccountOf(p access.Person) access.Account {
	w.t.Helper()
	a, err := w.Account(context.Background(), p.Account)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// ForPartner is the scope of the people of Harbor Studio.
func (w *World) ForPartner(t access.Terms) access.Policy {
	return access.Policy{Scope: access.ScopeSpecificOrgs, Terms: t,
		Targets: []access.SubjectRef{{Kind: access.SubjectOrganization, ID: string(w.Partner.ID)}}}
}

// Named is a stage in which the people named decide within a week.
func Named(people ...access.Person) access.Stage {
	s := access.Stage{Days: 7}
	for _, p := range people {
		s.Approvers = append(s.Approvers, access.SubjectRef{Kind: access.SubjectPerson, ID: string(p.ID)})
	}
	return s
}
