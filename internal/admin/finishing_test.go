package admin_test

import (
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestFinishingOnce: what a wizard is for is made once for its draft, in the transaction
// that finishes the draft. Nothing else would refuse the second package (F-283).
func TestFinishingOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := t.Context()
		w, use := newAdminWorld(t, s)
		draft := func(key string, a access.AccountID) access.FormDraft {
			return access.FormDraft{Key: key, Tenant: w.Tenant.ID, Account: a,
				Form: map[string][]string{access.FormFinished: {"/list"}}}
		}
		create := func(d access.FormDraft, name string) error {
			_, err := use.Admin.Finishing(d).CreatePackage(ctx, w.Omar, admin.NewPackage{Package: access.Package{
				Catalog: w.Catalog.ID, Name: name, Description: "x"}, Policy: forLena(w)})
			return err
		}
		wantKind(t, "a package without a name", create(draft("one", w.Omar.Account), ""), access.Invalid)
		if err := create(draft("one", w.Omar.Account), "First"); err != nil {
			t.Fatalf("a refused try has finished the draft: %v", err)
		}
		wantKind(t, "the same draft", create(draft("one", w.Omar.Account), "Second"), access.Conflict)
		wantKind(t, "another account's draft", create(draft("one", w.Ida.Account), "Second"), access.NotFound)
		for name, d := range map[string]access.FormDraft{"Third": draft("two", w.Omar.Account), "Fourth": {}, "Fifth": {}} {
			if err := create(d, name); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, found, err := s.PackageNamed(ctx, w.Tenant.ID, w.Catalog.ID, "Second"); err != nil || found {
			t.Error("it was made twice")
		}
	})
}
