package store_test

import (
	"context"
	"fmt"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// BenchmarkRead reads 200 rows of types with many columns, and one row by its
// id.
func BenchmarkRead(b *testing.B) {
	c := storetest.NewClock()
	s := storetest.New(b, c)
	w := storetest.NewWorld(b, s)
	ctx := context.Background()
	var packages []access.PackageID
	for i := range 200 {
		o := w.Package(fmt.Sprint("Package ", i), access.Policy{Scope: access.ScopeMembers})
		packages = append(packages, o.Package.ID)
	}
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		for i := range 200 {
			p := access.Person{ID: access.PersonID(tx.NewID()), Tenant: w.Tenant.ID, Directory: w.Tenant.Directory,
				Kind: access.Member, Guest: access.GuestNone, Name: fmt.Sprint("Person ", i)}
			q := access.Request{ID: access.RequestID(tx.NewID()), Tenant: w.Tenant.ID, Type: access.AdminAdd,
				Package: packages[i], Requestor: w.Ida.ID, Target: w.Lena.ID, Start: c.Now()}
			if err := tx.AddPerson(ctx, p); err != nil {
				return err
			}
			if err := tx.AddRequest(ctx, q, ""); err != nil {
				return err
			}
		}
		return nil
	})
	run := func(name string, read func() (int, error), rows int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if n, err := read(); err != nil || n < rows {
					b.Fatal(n, err)
				}
			}
		})
	}
	run("people", func() (int, error) {
		all, err := s.PeopleAfter(ctx, w.Tenant.ID, store.Key{}, 200)
		return len(all), err
	}, 200)
	run("person", func() (int, error) {
		_, err := s.Person(ctx, w.Tenant.ID, w.Lena.ID)
		return 1, err
	}, 1)
	run("requests", func() (int, error) {
		all, err := s.RequestsOf(ctx, w.Lena, "", 200)
		return len(all), err
	}, 200)
	run("list", func() (int, error) {
		all, err := s.RequestList(ctx, w.Tenant.ID, store.ListQuery[store.RequestFilter]{Limit: 200})
		return len(all.Rows), err
	}, 200)
}
