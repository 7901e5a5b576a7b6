package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/deeptest"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// randomCatalogs is a world in which catalogs, packages and policies change at random.
type randomCatalogs struct {
	*storetest.World
	source   rand.PCG
	rand     *rand.Rand // of source
	orgs     []access.Organization
	groups   []access.Entry
	people   []access.Person
	catalogs []access.Catalog
	packages []access.PackageID
}

// write runs f in a transaction on a copy of m, so that it can be run again.
func (m *randomCatalogs) write(f func(m *randomCatalogs, ctx context.Context, tx *store.Tx) error) {
	var after randomCatalogs
	m.Do(func(ctx context.Context, tx *store.Tx) error {
		after = *m
		after.rand = rand.New(&after.source)
		after.catalogs, after.packages = slices.Clone(m.catalogs), slices.Clone(m.packages)
		return f(&after, ctx, tx)
	})
	*m = after
	m.rand = rand.New(&m.source)
}

func (m *randomCatalogs) yes() bool { return m.rand.IntN(4) > 0 }

// addPeople adds organizations, groups, and people of every kind.
func (m *randomCatalogs) addPeople(ctx context.Context, tx *store.Tx) error {
	m.groups = []access.Entry{m.Reviewers}
	other := access.Entry{ID: access.EntryID(tx.NewID()), Tenant: m.Tenant.ID, Kind: access.KindTeam, Name: "Painters",
		Roles: access.DefaultRoles(access.KindTeam)}
	if err := tx.SaveEntry(ctx, other); err != nil {
		return err
	}
	m.groups = append(m.groups, other)
	proposed := access.Organization{ID: access.OrganizationID(tx.NewID()), Tenant: m.Tenant.ID, Name: "Elsewhere",
		State:       access.Proposed,
		Directories: []access.DirectoryID{m.Other.ID}}
	if err := tx.SaveOrganization(ctx, proposed); err != nil {
		return err
	}
	m.orgs = []access.Organization{m.Partner, proposed}
	m.people = []access.Person{m.Lena, m.Omar}
	for i, guest := range []access.GuestState{access.GuestActive, access.GuestBlocked, access.GuestNone,
		access.GuestActive} {
		p := access.Person{ID: access.PersonID(tx.NewID()), Tenant: m.Tenant.ID,
			Directory: []access.DirectoryID{m.Harbor.ID, m.Other.ID}[i%2], Kind: access.Guest,
			Name: fmt.Sprintf("Guest %d", i), Email: fmt.Sprintf("guest%d@harbor.example", i), Domain: "harbor.example",
			Guest: guest}
		if guest == access.GuestNone {
			p.Kind = access.External
		}
		if err := tx.AddPerson(ctx, p); err != nil {
			return err
		}
		m.people = append(m.people, p)
	}
	for _, p := range m.people[1:4] {
		if _, err := tx.AddMember(ctx, m.Tenant.ID, access.Membership{Entry: other.ID, Role: store.GroupMember,
			Person: p.ID}); err != nil {
			return err
		}
	}
	return nil
}

// changeSomething makes one random change that affects the lists.
func (m *randomCatalogs) changeSomething(ctx context.Context, tx *store.Tx) error {
	switch n := m.rand.IntN(8); {
	case len(m.catalogs) < 2 || n == 0:
		c := access.Catalog{ID: access.CatalogID(tx.NewID()), Tenant: m.Tenant.ID, Name: fmt.Sprintf("Catalog %d",
			m.rand.Int()), Published: m.yes(), External: m.yes()}
		if len(m.catalogs) > 3 {
			at := m.rand.IntN(len(m.catalogs))
			c.ID, c.Name = m.catalogs[at].ID, m.catalogs[at].Name
			m.catalogs[at] = c
		} else {
			m.catalogs = append(m.catalogs, c)
		}
		return tx.SaveCatalog(ctx, c)
	case len(m.packages) < 3 || n < 3:
		p := access.Package{ID: access.PackageID(tx.NewID()), Tenant: m.Tenant.ID,
			Catalog: m.catalogs[m.rand.IntN(len(m.catalogs))].ID,
			Name:    fmt.Sprintf("Tidal %d", m.rand.Int()), Hidden: !m.yes(), Roles: []access.ResourceRoleID{m.Team.Roles[0].ID}}
		if len(m.packages) > 8 {
			old, err := tx.Package(ctx, m.Tenant.ID, m.packages[m.rand.IntN(len(m.packages))])
			if err != nil {
				return err
			}
			p.ID, p.Catalog = old.ID, old.Catalog
		} else {
			m.packages = append(m.packages, p.ID)
		}
		return tx.SavePackage(ctx, p)
	}
	return m.changePolicy(ctx, tx)
}

func (m *randomCatalogs) changePolicy(ctx context.Context, tx *store.Tx) error {
	o := access.Policy{ID: access.PolicyID(tx.NewID()), Tenant: m.Tenant.ID,
		Package: m.packages[m.rand.IntN(len(m.packages))], Name: fmt.Sprint(m.rand.Int()),
		Enabled: m.yes(), Scope: access.Scopes()[m.rand.IntN(len(access.Scopes()))]}
	have, err := tx.PoliciesOf(ctx, m.Tenant.ID, o.Package)
	if err != nil {
		return err
	}
	if len(have) > 0 {
		if old := have[m.rand.IntN(len(have))]; !m.yes() {
			return tx.DeletePolicy(ctx, m.Tenant.ID, old.ID)
		} else if len(have) > 2 {
			o.ID = old.ID
		}
	}
	switch o.Scope {
	case access.ScopeSpecificUsers:
		o.Targets = []access.SubjectRef{{Kind: access.SubjectGroup, ID: string(m.groups[m.rand.IntN(2)].ID)}}
		if m.yes() {
			o.Targets = append(o.Targets, access.SubjectRef{Kind: access.SubjectPerson,
				ID: string(m.people[m.rand.IntN(len(m.people))].ID)})
		}
	case access.ScopeSpecificOrgs:
		o.Targets = []access.SubjectRef{{Kind: access.SubjectOrganization, ID: string(m.orgs[m.rand.IntN(2)].ID)}}
	}
	return tx.SavePolicy(ctx, o)
}

// TestAvailableMatchesRules checks that after any sequence of changes the list
// shows each person exactly the packages that access allows the person to
// request, page by page and when searched.
func TestAvailableMatchesRules(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		m := &randomCatalogs{World: storetest.NewWorld(t, s), source: *rand.NewPCG(1, 2)}
		m.rand = rand.New(&m.source)
		m.write((*randomCatalogs).addPeople)
		shown := 0
		for round := range deeptest.Rounds(t, 60) {
			m.write((*randomCatalogs).changeSomething)
			if round%6 != 5 {
				continue
			}
			for _, p := range m.people {
				want := m.requestableNames(t, p)
				shown += len(want)
				for _, text := range []string{"", "tidal", "nothing of this"} {
					got := m.listedNames(t, p, text)
					if text == "nothing of this" {
						want = nil
					}
					if d := cmp.Diff(want, got); d != "" {
						t.Fatalf("round %d, %s (%s), searched for %q: %s", round, p.Name, p.Guest, text, d)
					}
				}
			}
		}
		if shown < 50 {
			t.Errorf("only %d packages were shown in all", shown)
		}
	})
}

func (m *randomCatalogs) who(t *testing.T, p access.Person) access.PersonContext {
	t.Helper()
	who, err := m.ContextOf(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

// requestableNames returns the names of the packages that p may request according to
// access.
func (m *randomCatalogs) requestableNames(t *testing.T, p access.Person) []string {
	t.Helper()
	var names []string
	for _, id := range m.packages {
		o, err := m.Offer(t.Context(), m.Tenant.ID, id)
		if err != nil {
			t.Fatal(err)
		}
		if !o.Package.Hidden && len(o.UsablePolicies(m.who(t, p))) > 0 {
			names = append(names, o.Package.Name)
		}
	}
	slices.Sort(names)
	return names
}

// listedNames returns the names that the list shows p, in pages of two.
func (m *randomCatalogs) listedNames(t *testing.T, p access.Person, text string) []string {
	t.Helper()
	var names []string
	search := store.PackageSearch{Text: text, Limit: 2}
	for {
		found, err := m.AvailablePackages(t.Context(), m.who(t, p), search)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range found {
			names = append(names, l.Package.Name)
			search.After = store.KeyOf(l.Package.Name, string(l.Package.ID))
		}
		if len(found) < search.Limit {
			return names
		}
	}
}

// TestAvailableOfManyGroups checks that a person in very many groups gets the
// same list, and that a word is found by its prefix also if very many packages
// have it.
func TestAvailableOfManyGroups(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		charts := w.Package("Charts", access.Policy{Scope: access.ScopeSpecificUsers,
			Targets: []access.SubjectRef{{Kind: access.SubjectGroup, ID: string(w.Reviewers.ID)}}})
		w.Package("Tides", access.Policy{Scope: access.ScopeMembers})
		who, err := s.ContextOf(t.Context(), w.Omar)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 1200 {
			who.Groups = slices.Insert(who.Groups, 0, access.EntryID(fmt.Sprint(i)))
		}
		for text, want := range map[string][]string{"": {"Charts", "Tides"}, "char": {"Charts"}, "art": nil, "%": nil,
			"charts tides": nil} {
			found, err := s.AvailablePackages(t.Context(), who, store.PackageSearch{Text: text, Limit: 5})
			var names []string
			for _, l := range found {
				names = append(names, l.Package.Name)
			}
			if d := cmp.Diff(want, names); d != "" || err != nil {
				t.Errorf("%q: %v %s", text, err, d)
			}
		}
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			b := tx.Bulk("search_word", "tenant_id", "kind", "word", "object_id")
			for i := range 900 { // things that have the word besides
				if err := b.Add(ctx, string(w.Tenant.ID), store.PackageWords, "charts", fmt.Sprint(i)); err != nil {
					return err
				}
			}
			return b.Flush(ctx)
		})
		found, err := s.AvailablePackages(t.Context(), who, store.PackageSearch{Text: "cha", Limit: 5})
		if err != nil || len(found) != 1 || found[0].Package.ID != charts.Package.ID {
			t.Errorf("a common word: %v, %v", found, err)
		}
	})
}
