package workspace_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// C37: invisible characters and blanks in a file decide neither what its names mean nor
// what is stored; a text of nothing else is missing.
func TestC37Files(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		text := strings.ReplaceAll(lookalikeBase, `\u00fc`, "\u00fc")
		apply(t, s, []byte(text))
		before := string(exported(t, s))
		for plain, odd := range map[string]string{
			"displayName: Files":      "displayName: \"\u200bFi\u00adles\u00a0\"",
			"[Finance]":               "[Finan\u200bce\u00a0]",
			"displayName: Fiona":      "displayName: 'Fiona\ufeff'",
			"mail: fiona@m.example":   "mail: \"\u200e fiona@m.example\u200b\"",
			"type: group, desc":       "type: \"group\u2060\", desc",
			"description: stays\n":    "description: |+\n          stays\u2800\n\n",
			"clientId: x":             "clientId: x\u200b",
			"b\u00fccher.example]":    "bu\u0308cher.example\u200b]",
			"allowedTargetScope: all": "\"\u200ballowedTargetScope\": all",
		} {
			changed := strings.Replace(text, plain, odd, 1)
			if !strings.Contains(text, plain) {
				t.Fatalf("the file has no %q", plain)
			}
			if done := apply(t, s, []byte(changed)); len(done) != 0 {
				t.Errorf("%q: %v", odd, done)
			}
		}
		if diff := cmp.Diff(before, string(exported(t, s))); diff != "" {
			t.Errorf("something has changed: %s", diff)
		}
		got := faultsOf(t, s, "tenants:\n  - directory: M\n    catalogs: [{displayName: \"\u200b\u2800\"}]\n")
		if diff := cmp.Diff([]string{"Line 3: Enter a name."}, got); diff != "" {
			t.Error(diff)
		}
		// A secret is taken as it is.
		done := apply(t, s, []byte(strings.Replace(text, "clientSecret: y", "clientSecret: \"y\u200b\"", 1)))
		if diff := cmp.Diff([]string{"Update directory “M”"}, done); diff != "" {
			t.Error(diff)
		}
	})
}

// Texts that were stored before C37 are still found by their names, and a plan of an
// export does not change them.
func TestC37OlderTexts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		apply(t, s, []byte(strings.ReplaceAll(lookalikeBase, `\u00fc`, "\u00fc")))
		m := must(s.TenantByDomain(ctx, "m.example"))(t)
		err := s.Write(ctx, func(tx *store.Tx) error {
			c := access.Catalog{ID: access.CatalogID(tx.NewID()), Tenant: m.ID, Name: "Old\u200ber\u00a0files ",
				Description: "two\nlines\n", Published: true}
			return tx.SaveCatalog(ctx, c)
		})
		if err != nil {
			t.Fatal(err)
		}
		if done := apply(t, s, exported(t, s)); len(done) != 0 {
			t.Errorf("applying the export: %v", done)
		}
		done := apply(t, s, []byte("tenants:\n  - directory: M\n    catalogs:\n      - displayName: Older files\n"+
			"        description: other\n"))
		if diff := cmp.Diff([]string{"Update catalog “Older files”"}, done); diff != "" {
			t.Error(diff)
		}
	})
}
