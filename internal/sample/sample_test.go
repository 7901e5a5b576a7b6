package sample_test

import (
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/sample"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

func TestWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		ctx := t.Context()
		size := sample.Full().Scale(.001)
		tenant, err := sample.Write(ctx, sample.Config{Store: s, Size: size, Seed: 7, Domain: "meridian.example",
			Issuer: "https://login.meridian.example"})
		if err != nil {
			t.Fatal(err)
		}
		counted, err := s.Recount(ctx, tenant.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Write(ctx, func(tx *store.Tx) error { return tx.SaveCounters(ctx, counted) }); err != nil {
			t.Fatal(err)
		}
		for kind, want := range map[store.CounterKind]int{store.CounterPeople: size.People,
			store.CounterPackages:      size.Packages,
			store.CounterCatalogs:      size.Catalogs,
			store.CounterOrganizations: size.Organizations, store.CounterRequests: size.Requests} {
			if got, err := s.Counter(ctx, tenant.ID, kind, ""); err != nil || got != int64(want) {
				t.Errorf("%s: %d, want %d, %v", kind, got, want, err)
			}
		}
		people, err := s.PersonList(ctx, tenant.ID, store.ListQuery[store.PersonFilter]{
			Filter: store.PersonFilter{Kind: access.Member}, Limit: 5})
		if err != nil || len(people.Rows) != 5 {
			t.Fatal(people, err)
		}
		found, err := s.PersonList(ctx, tenant.ID, store.ListQuery[store.PersonFilter]{Text: people.Rows[0].Name, Limit: 50})
		if err != nil || len(found.Rows) == 0 {
			t.Errorf("people are found by name: %v, %v", found.Rows, err)
		}
		_, err = sample.Write(ctx, sample.Config{Store: s, Size: size, Seed: 8, Domain: "other.example",
			Issuer: "https://login.other.example"})
		if access.KindOf(err) != access.Conflict {
			t.Errorf("into a database that is in use: %v", err)
		}
		expectLegalHistories(t, s, tenant)
		expectRepeatable(t, s, tenant, size)
	})
}

// expectLegalHistories checks that every request reached its state by legal moves.
func expectLegalHistories(t *testing.T, s *store.Store, tenant access.Tenant) {
	t.Helper()
	n := 0
	err := s.WalkRequests(t.Context(), tenant.ID, store.ListQuery[store.RequestFilter]{}, func(a store.RequestLine) error {
		steps, err := s.RequestHistory(t.Context(), tenant.ID, a.Request.ID)
		for i, step := range steps {
			if i > 0 && (!steps[i-1].To.CanMove(step.To) || step.From != steps[i-1].To) {
				t.Errorf("%s went from %s to %s", a.Request.ID, steps[i-1].To, step.To)
			}
		}
		if len(steps) == 0 || steps[len(steps)-1].To != a.Request.State {
			t.Errorf("%s is %s, and its history is %v", a.Request.ID, a.Request.State, steps)
		}
		n++
		return err
	})
	if err != nil || n == 0 {
		t.Error(n, err)
	}
}

// expectRepeatable checks that the same seed makes the same names.
func expectRepeatable(t *testing.T, s *store.Store, tenant access.Tenant, size sample.Size) {
	t.Helper()
	other := storetest.New(t, storetest.NewClock())
	again, err := sample.Write(t.Context(), sample.Config{Store: other, Size: size, Seed: 7, Domain: "meridian.example",
		Issuer: "https://login.meridian.example"})
	if err != nil {
		t.Fatal(err)
	}
	one, err := s.PackageList(t.Context(), tenant.ID, store.ListQuery[store.PackageFilter]{Limit: 3})
	two, err2 := other.PackageList(t.Context(), again.ID, store.ListQuery[store.PackageFilter]{Limit: 3})
	if err != nil || err2 != nil || one.Rows[2].Name != two.Rows[2].Name {
		t.Errorf("%v and %v, %v, %v", one.Rows, two.Rows, err, err2)
	}
}
