package store_test

import (
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestFiltersNeverWiden checks that an unknown value of a filter, or a field
// without the one that it requires, matches nothing, and that a list without
// catalogs cannot be filtered by catalogs.
func TestFiltersNeverWiden(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w, ctx := storetest.NewWorld(t, s), t.Context()
		w.Package("Tidal", access.Policy{Scope: access.ScopeMembers})
		rows := func(what string, n int, err error, want bool) {
			t.Helper()
			if err != nil || (n > 0) != want {
				t.Errorf("%s: %d rows, %v", what, n, err)
			}
		}
		for _, f := range []store.PersonFilter{{}, {Kind: "member"}, {Kind: "members"}, {Disabled: store.No},
			{Disabled: "false"},
			{Role: "Member"}, {Group: "nowhere"}, {Organization: "nowhere"}, {Directory: "nowhere"}} {
			found, err := s.PersonList(ctx, w.Tenant.ID, store.ListQuery[store.PersonFilter]{Filter: f, Limit: 9})
			known := f == store.PersonFilter{} || f.Kind == access.Member || f.Disabled == store.No
			rows("people", len(found.Rows), err, known)
		}
		for _, f := range []store.EntryFilter{{}, {Kind: "groups"}, {Applications: true}, {Owner: "nobody"}} {
			found, err := s.EntryList(ctx, w.Tenant.ID, store.ListQuery[store.EntryFilter]{Filter: f, Limit: 9})
			rows("entries", len(found.Rows), err, f == store.EntryFilter{})
		}
		for flag, want := range map[store.Flag]bool{"": true, store.Yes: true, store.No: false, "true": false} {
			found, err := s.CatalogList(ctx, w.Tenant.ID, store.ListQuery[store.CatalogFilter]{
				Filter: store.CatalogFilter{Published: flag}, Limit: 9})
			rows("catalogs "+string(flag), len(found.Rows), err, want)
		}
		if _, err := s.PersonList(ctx, w.Tenant.ID, store.ListQuery[store.PersonFilter]{Limit: 9,
			Catalogs: []access.CatalogID{w.Catalog.ID}}); err == nil {
			t.Error("people are narrowed to a catalog")
		}
	})
}
