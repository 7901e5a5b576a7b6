package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	adminpages "myaccess/web/admin"
	"myaccess/web/kit"
)

// relation is how an object is related to an actor.
type relation string

const (
	ownScope     relation = "own scope"
	otherCatalog relation = "other catalog"
	otherTenant  relation = "other tenant"
	nothing      relation = "does not exist"
)

const nowhere = "00000000-0000-7000-8000-000000000000"

// actor is a person with roles in Meridian Works: in the tenant, or in the
// catalog that is "own scope".
type actor struct {
	name    string
	tenant  []access.AdminRole
	catalog []access.AdminRole
}

func actors() []actor {
	all := []actor{{name: "none"}}
	for i, r := range access.AdminRoles() {
		a := actor{name: "role" + fmt.Sprint(i)}
		if r.PerCatalog() {
			a.catalog = []access.AdminRole{r}
		} else {
			a.tenant = []access.AdminRole{r}
		}
		all = append(all, a)
	}
	return all
}

// rolesAt are the actor's roles that count for an object in the relation.
func (a actor) rolesAt(at relation) []access.AdminRole {
	mine := slices.Clone(a.tenant)
	if at == ownScope {
		mine = append(mine, a.catalog...)
	}
	return mine
}

// sweepWorld has the ids of each kind of object in each relation.
type sweepWorld struct {
	*fixture
	ids map[string]map[relation]string // by the part of the path before the id
}

func sweep(t *testing.T) *sweepWorld {
	p := newPortal(t)
	s := &sweepWorld{fixture: p, ids: map[string]map[relation]string{}}
	p.addAdministrator("chief")
	for _, a := range actors() {
		s.addActor(a)
	}
	mine, other := s.addHeldPackage(p.Catalog, "Mine"), s.addHeldPackage(s.addCatalog("Elsewhere"), "Elsewhere")
	foreign := s.addNorthlightObjects()
	for part, f := range map[string]func(objectIDs) string{
		"catalogs": func(x objectIDs) string { return x.catalog }, "access-packages": func(x objectIDs) string {
			return x.pack
		},
		"requests": func(x objectIDs) string { return x.request }, "assignments": func(x objectIDs) string {
			return x.assignment
		},
		"people": func(x objectIDs) string { return x.person }, "directory": func(x objectIDs) string { return x.entry },
		"organizations": func(x objectIDs) string { return x.organization }, "directories": func(x objectIDs) string {
			return x.directory
		},
		"providers": func(x objectIDs) string { return x.directory },
	} {
		s.ids[part] = map[relation]string{ownScope: f(mine), otherCatalog: f(other), otherTenant: f(foreign),
			nothing: nowhere}
	}
	s.ids["import"] = map[relation]string{ownScope: s.addImport("chief"), otherCatalog: nowhere,
		otherTenant: s.addForeignImport(foreign), nothing: nowhere}
	s.ids[":policy"] = map[relation]string{ownScope: mine.policy, otherCatalog: other.policy, otherTenant: foreign.policy,
		nothing: nowhere}
	return s
}

// addImport adds an import of people by the person; nobody else sees it.
func (s *sweepWorld) addImport(name string) string {
	s.t.Helper()
	who, err := s.PeopleByEmail(s.t.Context(), s.Tenant.ID, s.people[name].Email)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.storeImport(s.Tenant.ID, who[0].ID)
}

// addForeignImport adds an import in the other tenant.
func (s *sweepWorld) addForeignImport(x objectIDs) string {
	return s.storeImport(s.North.ID, access.PersonID(x.person))
}

func (s *sweepWorld) storeImport(t access.TenantID, by access.PersonID) string {
	s.t.Helper()
	chief, err := s.PeopleByEmail(s.t.Context(), s.Tenant.ID, "chief@meridian.example")
	if err != nil {
		s.t.Fatal(err)
	}
	m, err := s.Admin.Imports.Start(s.t.Context(), chief[0],
		admin.Upload{Data: []byte("mail,displayName\nnew@meridian.example,New")})
	if err != nil {
		s.t.Fatal(err)
	}
	content, err := s.PeopleImportContent(s.t.Context(), m.Tenant, m.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Do(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.DeletePeopleImport(ctx, m.Tenant, m.ID); err != nil {
			return err
		}
		m.ID, m.Tenant, m.By = access.ImportID(tx.NewID()), t, by
		return tx.AddPeopleImport(ctx, m, content)
	})
	return string(m.ID)
}

// objectIDs are the ids of one object of each kind.
type objectIDs struct{ catalog, pack, policy, request, assignment, person, entry, organization, directory string }

// addActor makes the actor a member with the roles.
func (p *fixture) addActor(a actor) access.Person {
	address := a.name + "@meridian.example"
	var who access.Person
	p.Do(func(ctx context.Context, tx *store.Tx) (err error) {
		who, err = p.NewMember(ctx, tx, a.name, address)
		return err
	})
	for _, r := range a.tenant {
		p.giveRole(who, r, "")
	}
	for _, r := range a.catalog {
		p.giveRole(who, r, p.Catalog.ID)
	}
	p.people[a.name] = access.Identity{Directory: p.Tenant.Directory, Subject: address, Name: a.name, Email: address}
	return who
}

// addCatalog adds an enabled catalog.
func (p *fixture) addCatalog(name string) access.Catalog {
	c := access.Catalog{Tenant: p.Tenant.ID, Name: name, Published: true, External: true}
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		c.ID = access.CatalogID(tx.NewID())
		return tx.SaveCatalog(ctx, c)
	})
	return c
}

// addHeldPackage adds a package in the catalog that Ida is assigned to.
func (s *sweepWorld) addHeldPackage(c access.Catalog, name string) objectIDs {
	s.t.Helper()
	was := s.Catalog
	s.Catalog = c
	o := s.Package(name, access.Policy{Scope: access.ScopeNobody})
	s.Catalog = was
	chief, err := s.PeopleByEmail(s.t.Context(), s.Tenant.ID, "chief@meridian.example")
	if err != nil {
		s.t.Fatal(err)
	}
	made, err := s.Admin.Assign(s.t.Context(), chief[0], admin.Assigning{Package: o.Package.ID,
		People: []access.PersonID{s.Ida.ID}, Ask: access.RequestForm{Policy: o.Policies[0].ID}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.runJobs()
	r, err := s.Request(s.t.Context(), s.Tenant.ID, made[0].ID)
	if err != nil {
		s.t.Fatal(err)
	}
	dir := access.Directory{Owner: s.Tenant.ID, Kind: access.DirectoryOpenID, Name: "Kept for " + name,
		Issuer: "https://login.example.org", ClientID: "meridian",
		AuthStyle: access.AuthNone, HintStyle: access.HintNone,
		Domains: []access.Domain{access.Domain("kept-" + strings.ToLower(name) + ".example")}, Enabled: true}
	s.Do(func(ctx context.Context, tx *store.Tx) error {
		dir.ID = access.DirectoryID(tx.NewID())
		return tx.SaveDirectory(ctx, dir, access.VerifiedByDNS)
	})
	return objectIDs{string(c.ID), string(o.Package.ID), string(o.Policies[0].ID), string(r.ID), string(r.Assignment),
		string(s.Ida.ID), string(s.Reviewers.ID), string(s.Partner.ID), string(dir.ID)}
}

// addNorthlightObjects adds one object of each kind in the other tenant.
func (s *sweepWorld) addNorthlightObjects() objectIDs {
	s.t.Helper()
	k := s.addNorthlightPackage("Northern")
	o, err := s.PoliciesOf(s.t.Context(), s.North.ID, k.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	x := objectIDs{catalog: string(k.Catalog), pack: string(k.ID), policy: string(o[0].ID)}
	who := s.people["noor"]
	who.EmailTrusted = true
	a, err := s.SignIns.Complete(s.t.Context(), lifecycle.CompletedSignIn{Identity: who,
		Session: access.Session{Key: "north"}})
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := s.Requests.Submit(s.t.Context(), s.North, a, k.ID, access.RequestForm{}, "")
	if err != nil {
		s.t.Fatal(err)
	}
	s.runJobs()
	if r, err = s.Request(s.t.Context(), s.North.ID, r.ID); err != nil {
		s.t.Fatal(err)
	}
	x.request, x.assignment, x.person = string(r.ID), string(r.Assignment), string(r.Target)
	s.Do(func(ctx context.Context, tx *store.Tx) error {
		e := access.Entry{ID: access.EntryID(tx.NewID()), Tenant: s.North.ID, Kind: access.KindGroup, Name: "Sailors",
			Roles: access.DefaultRoles(access.KindGroup)}
		org := access.Organization{ID: access.OrganizationID(tx.NewID()), Tenant: s.North.ID, Name: "Elsewhere",
			Description: "A partner", State: access.Configured,
			Directories: []access.DirectoryID{s.Other.ID}}
		dir := access.Directory{ID: access.DirectoryID(tx.NewID()), Owner: s.North.ID, Kind: access.DirectoryPasscode,
			Name:      "Private",
			AuthStyle: access.AuthNone, HintStyle: access.HintNone,
			Domains: []access.Domain{"private.example"}, Enabled: true}
		x.entry, x.organization, x.directory = string(e.ID), string(org.ID), string(dir.ID)
		for _, err := range []error{tx.SaveEntry(ctx, e), tx.SaveOrganization(ctx, org), tx.SaveDirectory(ctx, dir,
			access.VerifiedByMail)} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	return x
}

// path returns the route's path with ids in the relation; ok is false if the
// relation does not change it.
func (s *sweepWorld) path(r kit.Route, at relation) (path string, ok bool) {
	s.t.Helper()
	parts := strings.Split(strings.Replace(r.Path, "/@:domain", home, 1), "/")
	found := false
	for i, part := range parts {
		if !strings.HasPrefix(part, ":") {
			continue
		}
		kind := parts[i-1]
		if part != ":id" {
			kind = part
		}
		ids, known := s.ids[kind]
		if !known {
			s.t.Fatalf("%s: the sweep knows no %s", r.Path, kind)
		}
		parts[i], found = ids[at], true
	}
	return strings.Join(parts, "/"), found || at == ownScope
}

// TestSweep walks every route of administrators × every actor × four relations,
// and compares with the matrix of tasks that is written out by hand. Denied
// requests change nothing, and "other tenant" and "does not exist" are byte for
// byte the same. TestFormsByRole submits the allowed forms.
func TestSweep(t *testing.T) {
	s, tasks := sweep(t), tasksByRoute(t)
	cells, wrong := 0, 0
	for _, a := range actors() {
		b := s.as(a.name)
		s.ids["import"][ownScope] = s.addImport(a.name)
		before := s.dump()
		for _, r := range adminpages.Routes() {
			for _, at := range []relation{ownScope, otherCatalog, otherTenant, nothing} {
				path, ok := s.path(r, at)
				if !ok || at == otherCatalog && !namesCatalogObject(r.Path) {
					continue
				}
				want := a.expected(tasks[routeName(r)], r.Path, at)
				if want == 0 && r.Method == http.MethodPost {
					continue
				}
				cells++
				if !s.expectAnswer(b, r, path, want) {
					wrong++
					t.Errorf("%v %s %s, %s: %d, want %d", append(a.tenant, a.catalog...), r.Method, r.Path, at, b.status, want)
				}
				if at == otherTenant {
					s.sameAsUnknown(b, r)
				}
			}
		}
		if after := s.dump(); after != before {
			t.Errorf("%s changed something: %s", a.name, difference(before, after))
		}
	}
	t.Logf("%d cells, %d wrong", cells, wrong)
}

// expectAnswer sends the request and reports whether the answer is as expected.
func (s *sweepWorld) expectAnswer(b *browser, r kit.Route, path string, want int) bool {
	form := url.Values{}
	if r.Method == http.MethodPost {
		form.Set("csrf", b.token())
	}
	b.sendOnce(r.Method, path, form)
	if want == 0 && strings.HasPrefix(b.header.Get("Location"), path+"?new=") { // the first step of a wizard
		b.sendOnce(http.MethodGet, b.header.Get("Location"), nil)
	}
	if want == 0 {
		return b.status == http.StatusOK || b.status == http.StatusNotFound && strings.HasSuffix(r.Path, "/remove")
	}
	return b.status == want
}

// sameAsUnknown compares the answers for an object of another tenant and for an
// unknown one.
func (s *sweepWorld) sameAsUnknown(b *browser, r kit.Route) {
	s.t.Helper()
	var bodies [2]string
	for i, at := range []relation{otherTenant, nothing} {
		path, _ := s.path(r, at)
		form := url.Values{}
		if r.Method == http.MethodPost {
			form.Set("csrf", b.token())
		}
		b.sendOnce(r.Method, path, form)
		bodies[i] = strings.ReplaceAll(b.body, path, "")
		if r.FormPage != nil { // where another account continues
			bodies[i] = strings.ReplaceAll(bodies[i], r.FormPage(path), "")
		}
	}
	if bodies[0] != bodies[1] {
		s.t.Errorf("%s %s tells another tenant's from nothing", r.Method, r.Path)
	}
}

// Every administrators' page refuses people without a session, and people that
// the tenant does not admit.
func TestAdminPagesRefuseOthers(t *testing.T) {
	s := sweep(t)
	nobody, zoe := s.nobody(), s.as("zoe")
	for _, r := range adminpages.Routes() {
		path, _ := s.path(r, ownScope)
		if nobody.sendOnce(r.Method, path, url.Values{}); nobody.status != http.StatusSeeOther &&
			nobody.header.Get("Refresh") == "" {
			t.Errorf("nobody: %s %s answers %d", r.Method, r.Path, nobody.status)
		}
		if zoe.sendOnce(r.Method, path, url.Values{}); zoe.status != http.StatusForbidden {
			t.Errorf("zoe: %s %s answers %d", r.Method, r.Path, zoe.status)
		}
	}
}
