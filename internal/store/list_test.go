package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// pages reads a list page by page and returns the ids in order.
func pages[T any](t *testing.T, limit int, page func(after *T) ([]T, error), id func(T) string) (ids []string) {
	t.Helper()
	var after *T
	for {
		all, err := page(after)
		if err != nil || len(all) > limit || len(ids) > 1000 {
			t.Fatalf("%d on a page of %d, %d in all, %v", len(all), limit, len(ids), err)
		}
		for _, x := range all {
			ids = append(ids, id(x))
		}
		if len(all) < limit {
			return ids
		}
		after = &all[len(all)-1]
	}
}

// expectEachOnce fails the test unless the pages have each of n objects exactly once.
func expectEachOnce(t *testing.T, what string, ids []string, n int) {
	t.Helper()
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] {
			t.Errorf("%s: %s came twice", what, id)
		}
		seen[id] = true
	}
	if len(seen) != n {
		t.Errorf("%s: %d of %d", what, len(seen), n)
	}
}

// TestPeopleByPages pages through many people, most with the same name.
func TestPeopleByPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			for i := range 150 {
				name := []string{"Alex Kim", "alex  KIM", "Ａlex Kim"}[i%3] // one name, written in three ways
				p := access.Person{ID: access.PersonID(tx.NewID()), Tenant: w.Tenant.ID, Directory: w.Tenant.Directory,
					Kind:  access.Member,
					Guest: access.GuestNone, Name: name}
				if err := tx.AddPerson(ctx, p); err != nil {
					return err
				}
			}
			return nil
		})
		ids := pages(t, 7, func(after *access.Person) ([]access.Person, error) {
			var key store.Key
			if after != nil {
				key = store.KeyOf(after.Name, string(after.ID))
			}
			return s.PeopleAfter(t.Context(), w.Tenant.ID, key, 7)
		}, func(p access.Person) string { return string(p.ID) })
		expectEachOnce(t, "people", ids, 153)
	})
}

// TestPackagesByPages pages through the portal's lists, with packages of the
// same name in many catalogs.
func TestPackagesByPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		var offers []access.Offer
		for i := range 40 {
			w.Catalog = access.Catalog{ID: access.CatalogID(fmt.Sprint("c", i)), Tenant: w.Tenant.ID,
				Name: fmt.Sprint("Catalog ", i), Published: true}
			w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveCatalog(ctx, w.Catalog) })
			offers = append(offers, w.Package("Tidal", access.Policy{Scope: access.ScopeMembers}))
		}
		who, err := s.ContextOf(t.Context(), w.Lena)
		if err != nil {
			t.Fatal(err)
		}
		page := func(list func(q store.PackageSearch) ([]store.OfferLine, error), id func(store.OfferLine) string) []string {
			return pages(t, 7, func(after *store.OfferLine) ([]store.OfferLine, error) {
				q := store.PackageSearch{Limit: 7}
				if after != nil {
					q.After = store.KeyOf(after.Package.Name, id(*after))
				}
				return list(q)
			}, id)
		}
		ofPackage := func(l store.OfferLine) string { return string(l.Package.ID) }
		ofAssignment := func(l store.OfferLine) string { return string(l.Assignment.ID) }
		expectEachOnce(t, "available", page(func(q store.PackageSearch) ([]store.OfferLine, error) {
			return s.AvailablePackages(t.Context(), who, q)
		},
			ofPackage), 40)
		for i, o := range offers { // a quarter of them ended, the rest held
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				r := access.Request{ID: access.RequestID(tx.NewID()), Tenant: w.Tenant.ID, Type: access.UserAdd,
					State: access.Submitted, Package: o.Package.ID,
					Requestor: w.Lena.ID, Target: w.Lena.ID, Terms: access.Terms{Stages: []access.Stage{storetest.Named(w.Omar)}},
					Due: c.Now().Add(time.Hour)}
				x := access.Assignment{ID: access.AssignmentID(tx.NewID()), Tenant: w.Tenant.ID, Package: o.Package.ID,
					Person: w.Lena.ID, Request: r.ID, Start: c.Now()}
				if i%4 == 0 {
					x.End = c.Now()
				}
				if err := tx.AddRequest(ctx, r, ""); err != nil {
					return err
				}
				if err := tx.MoveRequest(ctx, r, access.PendingApproval, "", ""); err != nil {
					return err
				}
				if err := tx.OpenStage(ctx, r, 0, r.Terms.Stages[0].Approvers); err != nil {
					return err
				}
				return tx.AddAssignment(ctx, x)
			})
		}
		now := c.Now().UnixMilli()
		expectEachOnce(t, "active", page(func(q store.PackageSearch) ([]store.OfferLine, error) {
			return s.ActivePackages(t.Context(), w.Lena, q, now)
		},
			ofAssignment), 30)
		expectEachOnce(t, "ended", page(func(q store.PackageSearch) ([]store.OfferLine, error) {
			return s.EndedPackages(t.Context(), w.Lena, q, now)
		},
			ofAssignment), 10)
		requestsByPages(t, w)
	})
}

// requestsByPages pages through forty requests: newest first for the requestor
// and the history of approvals, oldest first for pending approvals.
func requestsByPages(t *testing.T, w *storetest.World) {
	t.Helper()
	of := func(list func(context.Context, access.Person, access.RequestID, int) ([]store.RequestLine, error),
		p access.Person) []string {
		return pages(t, 7, func(after *store.RequestLine) ([]store.RequestLine, error) {
			var id access.RequestID
			if after != nil {
				id = after.Request.ID
			}
			return list(t.Context(), p, id, 7)
		}, func(a store.RequestLine) string { return string(a.Request.ID) })
	}
	mine, waiting := of(w.RequestsOf, w.Lena), of(w.PendingApprovals, w.Omar)
	expectEachOnce(t, "requests", mine, 40)
	expectEachOnce(t, "approvals", waiting, 40)
	for i := range mine {
		if mine[i] != waiting[len(waiting)-1-i] {
			t.Fatalf("request %d: newest first and oldest first are not each other's reverse", i)
		}
	}
	for _, who := range []access.Person{w.Omar, w.Lena} { // Omar's page, and one of somebody else
		if n, err := visitor(t, w, who).CountPendingApprovals(t.Context(), w.Omar); n != 40 || err != nil {
			t.Errorf("a page of %s counts %d, %v", who.Name, n, err)
		}
	}
	if n, err := w.CountPendingApprovals(t.Context(), w.Omar); n != 40 || err != nil {
		t.Errorf("%d wait, %v", n, err)
	}
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		for _, id := range mine {
			if err := tx.CloseStages(ctx, access.Request{ID: access.RequestID(id), Tenant: w.Tenant.ID}); err != nil {
				return err
			}
		}
		return nil
	})
	expectEachOnce(t, "decided", of(w.DecidedRequests, w.Omar), 40)
	expectEachOnce(t, "decided by others", of(w.DecidedRequests, w.Ida), 0)
}

// TestSearch finds packages by the words of their names, descriptions and
// resources, in any order, case and Unicode form (F-143).
func TestSearch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		for _, name := range []string{"Straße 100%", "Ångström", "Εργασία Σ", "a_b!c"} {
			w.Package(name, access.Policy{Scope: access.ScopeMembers})
		}
		who, err := s.ContextOf(t.Context(), w.Lena)
		if err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string][]string{
			"":                     {"a_b!c", "Straße 100%", "Ångström", "Εργασία Σ"},
			"STRASSE":              {"Straße 100%"},
			"straße":               {"Straße 100%"},
			"100%":                 {"Straße 100%"},
			"%":                    {"Straße 100%"},
			"A\u030angstro\u0308m": {"Ångström"}, // the same letters, put together otherwise
			"ÅNGSTRÖM":             {"Ångström"},
			"εργασία ς":            {"Εργασία Σ"}, // the final sigma
			"_":                    {"a_b!c"},
			"B!C":                  {"a_b!c"},
			"team tidal":           {"a_b!c", "Straße 100%", "Ångström", "Εργασία Σ"},
			"needs ångström":       {"Ångström"},
			"ångström nowhere":     nil,
			"' OR 1=1 --":          nil,
		} {
			all, err := s.AvailablePackages(t.Context(), who, store.PackageSearch{Text: text, Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]bool{}
			for _, l := range all {
				got[l.Package.Name] = true
			}
			wanted := map[string]bool{}
			for _, name := range want {
				wanted[name] = true
			}
			if d := cmp.Diff(wanted, got); d != "" {
				t.Errorf("%q: %s", text, d)
			}
		}
	})
}

// TestSearchByNewName checks that a renamed resource is found by its new name.
func TestSearchByNewName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		w.Package("Tidal", access.Policy{Scope: access.ScopeMembers})
		w.Team.Name = "Harbour walls"
		w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveResource(ctx, w.Team) })
		who, err := s.ContextOf(t.Context(), w.Lena)
		if err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string]int{"walls": 1, "team": 0} {
			if all, err := s.AvailablePackages(t.Context(), who, store.PackageSearch{Text: text, Limit: 10}); len(all) != want ||
				err != nil {
				t.Errorf("%q: %d, %v", text, len(all), err)
			}
		}
	})
}

// TestSearchFrequentWords checks that a word of more objects than are sorted,
// and of fewer than make a scan worthwhile, finds each of them once, in order
// and filtered.
func TestSearchFrequentWords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w, ctx := storetest.NewWorld(t, s), t.Context()
		const many = 520
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			for i := range many {
				kind := access.KindSite
				if i%5 == 0 {
					kind = access.KindGroup
				}
				e := access.Entry{ID: access.EntryID(tx.NewID()), Tenant: w.Tenant.ID, Kind: kind,
					Name: fmt.Sprintf("%03d zephyr zonal %d", i, i%7), Roles: access.DefaultRoles(kind)}
				if err := tx.SaveEntry(ctx, e); err != nil {
					return err
				}
			}
			return nil
		})
		for text, n := range map[string]int{"z": many, "zo": many, "zo z": many, "z 3": 0, "zonal 519": 1} {
			if n == 0 { // those whose number begins with 3, and those whose rest is 3
				for i := range many {
					if i/100 == 3 || i%7 == 3 {
						n++
					}
				}
			}
			for _, kind := range []access.ResourceKind{"", access.KindGroup} {
				var got []string
				for after := (store.Key{}); ; {
					page, err := s.EntryList(ctx, w.Tenant.ID, store.ListQuery[store.EntryFilter]{Text: text, Limit: 40,
						After: after, Filter: store.EntryFilter{Kind: kind}})
					if err != nil {
						t.Fatal(err)
					}
					for _, e := range page.Rows {
						got = append(got, e.Name)
					}
					if after = page.Next; after == (store.Key{}) {
						break
					}
				}
				if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
					t.Errorf("%q %s: not in order, or twice", text, kind)
				}
				if kind == "" && len(got) != n || kind != "" && text == "z" && len(got) != many/5 {
					t.Errorf("%q %s: %d, want %d", text, kind, len(got), n)
				}
			}
		}
	})
}
