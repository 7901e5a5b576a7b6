package store_test

import (
	"context"
	"fmt"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestTotalIsOfTheRows: while rows are added, every page's total is the number of
// rows at that moment.
func TestTotalIsOfTheRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, w := t.Context(), storetest.NewWorld(t, s)
		added := make(chan error, 1)
		go func() {
			added <- func() error {
				for i := range 60 {
					if err := s.Write(ctx, func(tx *store.Tx) error {
						return tx.SaveCatalog(ctx, access.Catalog{ID: access.CatalogID(tx.NewID()), Tenant: w.Tenant.ID,
							Name: fmt.Sprint("Catalog ", i)})
					}); err != nil {
						return err
					}
				}
				return nil
			}()
		}()
		q := store.ListQuery[store.CatalogFilter]{Limit: 100, Total: true}
		for reading := true; reading; {
			select {
			case err := <-added:
				if err != nil {
					t.Fatal(err)
				}
				reading = false
			default:
			}
			got, err := s.CatalogList(ctx, w.Tenant.ID, q)
			if err != nil || !got.Counted || got.Total != int64(len(got.Rows)) {
				t.Fatalf("%d rows, total %d (counted %v), %v", len(got.Rows), got.Total, got.Counted, err)
			}
			if !reading && got.Total != 61 {
				t.Errorf("total %d at the end, want 61", got.Total)
			}
		}
	})
}

// TestTotalIsLimited: a list is counted up to 1,000; one more stands for more. The
// rows that deleted objects leave are not counted, and neither is a search.
func TestTotalIsLimited(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, w := t.Context(), storetest.NewWorld(t, s)
		total := func(q store.ListQuery[store.CatalogFilter]) store.ListPage[store.CatalogLine] {
			t.Helper()
			q.Limit, q.Total = 5, true
			got, err := s.CatalogList(ctx, w.Tenant.ID, q)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		add := func(from, to int) {
			w.Do(func(ctx context.Context, tx *store.Tx) error {
				b := tx.Bulk("catalog", "tenant_id", "id", "name", "description", "published", "external", "version", "sort_name")
				for i := from; i < to; i++ {
					name := fmt.Sprintf("catalog %04d", i)
					if err := b.Add(ctx, string(w.Tenant.ID), fmt.Sprint("c", i), name, "", i%2 == 0, false, int64(1),
						name); err != nil {
						return err
					}
				}
				return b.Flush(ctx)
			})
		}
		add(1, 1000)
		first := total(store.ListQuery[store.CatalogFilter]{})
		if first.Total != 1000 {
			t.Errorf("1,000 catalogs count as %d", first.Total)
		}
		if got := total(store.ListQuery[store.CatalogFilter]{After: first.Next}); got.Total != 1000 || !got.Counted {
			t.Errorf("on the second page the total is %d", got.Total)
		}
		add(1000, 1400)
		if got := total(store.ListQuery[store.CatalogFilter]{}); got.Total != 1001 {
			t.Errorf("1,400 catalogs count as %d, want 1,001", got.Total)
		}
		published := store.ListQuery[store.CatalogFilter]{Filter: store.CatalogFilter{Published: store.Yes}}
		if got := total(published); got.Total != 700 { // 699 even numbers and the world's own
			t.Errorf("%d are published, want 700", got.Total)
		}
		mine := store.ListQuery[store.CatalogFilter]{Catalogs: []access.CatalogID{"c1", "c2", "nowhere"}}
		if got := total(mine); got.Total != 2 || len(got.Rows) != 2 {
			t.Errorf("of two catalogs %d are counted, %d listed", got.Total, len(got.Rows))
		}
		nothing := store.ListQuery[store.CatalogFilter]{Catalogs: []access.CatalogID{}}
		if got := total(nothing); got.Total != 0 || !got.Counted {
			t.Errorf("of no catalog %d are counted", got.Total)
		}
		if got := total(store.ListQuery[store.CatalogFilter]{Text: "projects"}); got.Counted {
			t.Errorf("a search is counted: %d", got.Total)
		}
		mustExec(t, s, `UPDATE catalog SET deleted = 1 WHERE id > 'c' AND id <> 'c7'`)
		if got := total(store.ListQuery[store.CatalogFilter]{}); got.Total != 2 {
			t.Errorf("%d are left, want 2", got.Total)
		}
	})
}
