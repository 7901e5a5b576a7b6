package store_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/sample"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// walkKeys returns the keys of all rows that walking a list returns.
func walkKeys[T, F any](t *testing.T,
	walk func(context.Context, access.TenantID, store.ListQuery[F], func(T) error) error,
	tenant access.TenantID, p store.ListQuery[F], id func(T) string) []string {
	t.Helper()
	var all []string
	if err := walk(t.Context(), tenant, p, func(one T) error {
		all = append(all, id(one))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestSearchByPersonAndPackage checks that requests and assignments are found
// by the words of the person and of the package, in list order, on pages of any
// size.
func TestSearchByPersonAndPackage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		size := sample.Full().Scale(.004)
		tenant, err := sample.Write(ctx, sample.Config{Store: s, Size: size, Seed: 3, Domain: "meridian.example",
			Issuer: "https://login.meridian.example"})
		if err != nil {
			t.Fatal(err)
		}
		type row struct{ id, person, pack, state, catalog string }
		catalogs := map[string]string{}
		walkKeys(t, s.WalkPackages, tenant.ID, store.ListQuery[store.PackageFilter]{}, func(p store.PackageLine) string {
			catalogs[string(p.ID)] = string(p.Catalog)
			return ""
		})
		var requests, assignments []row
		walkKeys(t, s.WalkRequests, tenant.ID, store.ListQuery[store.RequestFilter]{Desc: true},
			func(a store.RequestLine) string {
				r := a.Request
				requests = append(requests, row{string(r.ID), string(r.Target), string(r.Package), string(r.State),
					catalogs[string(r.Package)]})
				return ""
			})
		walkKeys(t, s.WalkAssignments, tenant.ID, store.ListQuery[store.AssignmentFilter]{Desc: true},
			func(l store.AssignmentLine) string {
				assignments = append(assignments, row{string(l.ID), string(l.Person), string(l.Package), string(l.State),
					catalogs[string(l.Package)]})
				return ""
			})
		some := slices.Sorted(maps.Values(catalogs))[:3]
		found := 0
		for _, text := range []string{"a", "anna", "AN schm", "meridian", "example", "project", "team read", "qqqq", "é", "e",
			"—", requests[0].person} {
			people := set(walkKeys(t, s.WalkPeople, tenant.ID, store.ListQuery[store.PersonFilter]{Text: text},
				func(p access.Person) string {
					return string(p.ID)
				}))
			packs := set(walkKeys(t, s.WalkPackages, tenant.ID, store.ListQuery[store.PackageFilter]{Text: text},
				func(p store.PackageLine) string {
					return string(p.ID)
				}))
			for _, p := range []store.ListQuery[string]{{Desc: true}, {}, {Desc: true, Filter: "delivered"},
				{Catalogs: []access.CatalogID{
					access.CatalogID(some[0]), access.CatalogID(some[1]), access.CatalogID(some[2])}}} {
				wanted := func(all []row) (ids []string) {
					for _, r := range all {
						state := p.Filter
						if (people[r.person] || packs[r.pack]) && (state == "" || r.state == state) &&
							(p.Catalogs == nil || slices.Contains(some, r.catalog)) {
							ids = append(ids, r.id)
						}
					}
					if !p.Desc {
						slices.Reverse(ids)
					}
					return ids
				}
				got := walkKeys(t, s.WalkRequests, tenant.ID, store.ListQuery[store.RequestFilter]{Text: text, Desc: p.Desc,
					Filter: store.RequestFilter{State: access.RequestState(p.Filter)}, Catalogs: p.Catalogs},
					func(a store.RequestLine) string { return string(a.Request.ID) })
				if want := wanted(requests); !slices.Equal(got, want) {
					t.Errorf("%q, %+v: %d requests, want %d", text, p, len(got), len(want))
				}
				found += len(got)
				got = walkKeys(t, s.WalkAssignments, tenant.ID, store.ListQuery[store.AssignmentFilter]{Text: text,
					Desc: p.Desc, Filter: store.AssignmentFilter{State: access.AssignmentState(p.Filter)}, Catalogs: p.Catalogs},
					func(l store.AssignmentLine) string { return string(l.ID) })
				if want := wanted(assignments); !slices.Equal(got, want) {
					t.Errorf("%q, %+v: %d assignments, want %d", text, p, len(got), len(want))
				}
				found += len(got)
			}
		}
		if found < 5000 {
			t.Errorf("only %d rows were found: the sample is %s", found, strings.Join(slices.Sorted(maps.Values(catalogs)), " "))
		}
	})
}

func set(ids []string) map[string]bool {
	all := make(map[string]bool, len(ids))
	for _, id := range ids {
		all[id] = true
	}
	return all
}
