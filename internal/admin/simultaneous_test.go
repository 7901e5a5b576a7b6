package admin_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// concurrent is the number of objects that are created at the same time.
const concurrent = 24

// createCase creates an object with a name that contains n, and reports whether it is
// stored.
type createCase struct {
	create func(ctx context.Context, n int) error
	saved  func(ctx context.Context, n int) (bool, error)
}

// named is the stored check of a case whose objects are found by name.
func named[T any](name string,
	find func(ctx context.Context, name string) (T, bool, error)) func(context.Context, int) (bool, error) {
	return func(ctx context.Context, n int) (bool, error) {
		_, ok, err := find(ctx, fmt.Sprint(name, " ", n))
		return ok, err
	}
}

// createFixture is a tenant with a person and a group for each concurrent creation.
type createFixture struct {
	*storetest.World
	use    services
	people []access.Person
	groups []access.Entry
	offer  access.Offer
	target access.TargetID
}

func newCreateFixture(t *testing.T, s *store.Store) *createFixture {
	t.Helper()
	w, use := newAdminWorld(t, s)
	offer := w.Package("Tidal", access.Policy{Name: "Members", Scope: access.ScopeMembers})
	c := &createFixture{World: w, use: use, offer: offer}
	for n := range concurrent {
		p, err := use.Admin.AddPersonWithSubject(t.Context(), w.Lena, fmt.Sprintf("one%d@meridian.example", n),
			fmt.Sprint("One ", n), fmt.Sprint("one-", n))
		if err != nil {
			t.Fatal(err)
		}
		e, err := use.Admin.SaveEntry(t.Context(), w.Lena, access.Entry{Name: fmt.Sprint("Team ", n), Kind: access.KindTeam,
			Roles: access.DefaultRoles(access.KindTeam)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.people, c.groups = append(c.people, p), append(c.groups, e)
	}
	target, err := s.BuiltInTarget(t.Context(), w.Tenant.ID)
	if err != nil {
		t.Fatal(err)
	}
	c.target = target.ID
	return c
}

// content are the cases for catalogs and what is in them.
func (c *createFixture) content() map[string]createCase {
	a, id := c.use.Admin, c.Tenant.ID
	return map[string]createCase{
		"catalog": {func(ctx context.Context, n int) error {
			_, err := a.SaveCatalog(ctx, c.Ida, access.Catalog{Name: fmt.Sprint("Catalog ", n)})
			return err
		}, named("Catalog", func(ctx context.Context, name string) (access.Catalog, bool, error) {
			return c.CatalogNamed(ctx, id, name)
		})},
		"package": {func(ctx context.Context, n int) error {
			_, err := a.CreatePackage(ctx, c.Omar, admin.NewPackage{
				Package: access.Package{Catalog: c.Catalog.ID, Name: fmt.Sprint("Package ", n), Description: "What it is for"},
				Roles:   []access.ResourceRoleID{c.Team.Roles[0].ID},
				Policy: access.Policy{Scope: access.ScopeMembers,
					Terms: access.Terms{Expiration: access.Expiration{Kind: access.NoExpiration}}}})
			return err
		}, named("Package", func(ctx context.Context, name string) (access.Package, bool, error) {
			return c.PackageNamed(ctx, id, c.Catalog.ID, name)
		})},
		"policy": {func(ctx context.Context, n int) error {
			_, err := a.SavePolicy(ctx, c.Omar, access.Policy{Package: c.offer.Package.ID, Name: fmt.Sprint("Policy ", n),
				Scope: access.ScopeMembers, Terms: access.Terms{Expiration: access.Expiration{Kind: access.NoExpiration}}})
			return err
		}, named("Policy", func(ctx context.Context, name string) (access.Policy, bool, error) {
			return c.PolicyNamed(ctx, id, c.offer.Package.ID, name)
		})},
		"entry": {func(ctx context.Context, n int) error {
			_, err := a.SaveEntry(ctx, c.Lena, access.Entry{Name: fmt.Sprint("Entry ", n), Kind: access.KindGroup,
				Roles: access.DefaultRoles(access.KindGroup)}, []access.PersonID{c.Omar.ID})
			return err
		}, named("Entry", func(ctx context.Context, name string) (access.Entry, bool, error) {
			return c.EntryNamed(ctx, id, name)
		})},
		"resource": {func(ctx context.Context, n int) error {
			return a.AddResources(ctx, c.Lena, c.Catalog.ID, []access.EntryID{c.groups[n].ID})
		}, func(ctx context.Context, n int) (bool, error) {
			_, ok, err := c.ResourceByExternal(ctx, id, c.target, string(c.groups[n].ID))
			return ok, err
		}},
	}
}

// relations are the cases for people and what they hold.
func (c *createFixture) relations() map[string]createCase {
	a, id := c.use.Admin, c.Tenant.ID
	connect := func(ctx context.Context, name string, d access.Directory) error {
		_, err := a.SaveOrganization(ctx, c.Lena, admin.Connecting{New: []access.Directory{d},
			Organization: access.Organization{
				Name: name, Description: "What they work on", State: access.Configured}})
		return err
	}
	organization := func(ctx context.Context, name string) (access.Organization, bool, error) {
		return c.OrganizationNamed(ctx, id, name)
	}
	return map[string]createCase{
		"organization": {func(ctx context.Context, n int) error {
			return connect(ctx, fmt.Sprint("Partner ", n), passcodes(access.Domain(fmt.Sprintf("partner%d.example", n))))
		}, named("Partner", organization)},
		"provider": {func(ctx context.Context, n int) error {
			return connect(ctx, fmt.Sprint("Firm ", n), access.Directory{Kind: access.DirectoryOpenID,
				Name: fmt.Sprint("Provider ", n), Issuer: fmt.Sprintf("https://login.firm%d.example", n), ClientID: "c",
				ClientSecret: "secret", AuthStyle: access.AuthBasic, HintStyle: access.HintNone, Scopes: []string{"email"},
				Domains: []access.Domain{access.Domain(fmt.Sprintf("firm%d.example", n))}})
		}, named("Provider", func(ctx context.Context, name string) (access.DirectoryID, bool, error) {
			return c.DirectoryNamed(ctx, id, name)
		})},
		"person": {func(ctx context.Context, n int) error {
			_, err := a.AddPerson(ctx, c.Lena, fmt.Sprintf("new%d@meridian.example", n), fmt.Sprint("New ", n))
			return err
		}, func(ctx context.Context, n int) (bool, error) {
			all, err := c.PeopleByEmail(ctx, id, fmt.Sprintf("new%d@meridian.example", n))
			return len(all) == 1, err
		}},
		"role assignment": {func(ctx context.Context, n int) error {
			return a.AssignRole(ctx, c.Lena, access.RoleAssignment{Role: access.CatalogCreator,
				Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(c.people[n].ID)}})
		}, func(ctx context.Context, n int) (bool, error) {
			rights, err := c.Rights(ctx, c.people[n])
			return rights.May(access.CreateCatalogs) == nil, err
		}},
		"membership": {func(ctx context.Context, n int) error {
			return a.SetMembers(ctx, c.Lena, access.Membership{Entry: c.Reviewers.ID, Role: store.GroupMember},
				[]access.PersonID{c.people[n].ID}, true)
		}, func(ctx context.Context, n int) (bool, error) {
			return c.IsMember(ctx, id, access.Membership{Entry: c.Reviewers.ID, Role: store.GroupMember,
				Person: c.people[n].ID})
		}},
		"assignment": {func(ctx context.Context, n int) error {
			_, err := a.Assign(ctx, c.Omar, admin.Assigning{Package: c.offer.Package.ID,
				People: []access.PersonID{c.people[n].ID}, Ask: access.RequestForm{Policy: c.offer.Policies[0].ID}})
			return err
		}, func(ctx context.Context, n int) (bool, error) {
			all, err := c.OpenAssignments(ctx, id, c.people[n].ID)
			return len(all) == 1, err
		}},
	}
}

// TestConcurrentCreates: 24 objects of each kind are created at the same time, and 24 are
// stored.
func TestConcurrentCreates(t *testing.T) {
	for _, creations := range []func(*createFixture) map[string]createCase{
		(*createFixture).content, (*createFixture).relations} {
		storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
			for kind, k := range creations(newCreateFixture(t, s)) {
				var wait sync.WaitGroup
				for n := range concurrent {
					wait.Go(func() {
						if err := k.create(t.Context(), n); err != nil {
							t.Errorf("%s %d: %v", kind, n, err)
						}
					})
				}
				wait.Wait()
				for n := range concurrent {
					if ok, err := k.saved(t.Context(), n); !ok || err != nil {
						t.Errorf("%s %d is lost: %v", kind, n, err)
					}
				}
			}
		})
	}
}
