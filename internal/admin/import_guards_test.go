package admin_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// checked is an import of the file that has been checked.
func (f *importFixture) checked(data []byte) access.PeopleImport {
	f.t.Helper()
	m := f.start(data)
	mustDo(f.t, f.use.Admin.Imports.Check(f.t.Context(), f.Lena, m.ID))
	f.jobs()
	return m
}

// An import runs only after its preview, and only if a line can be imported.
func TestImportRunsOnlyGoodFiles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		f := newImportFixture(t, s)
		run := func(m access.PeopleImport) error { return f.use.Admin.Imports.Run(t.Context(), f.Lena, m.ID) }
		fresh := f.start(peopleFile(2))
		wantKind(t, "without a preview", run(fresh), access.Conflict)
		mustDo(t, f.use.Admin.Imports.Check(t.Context(), f.Lena, fresh.ID))
		wantKind(t, "before the preview is complete", run(fresh), access.Conflict)
		f.jobs()

		faulty := f.checked(peopleFile(2, 0, 1))
		wantKind(t, "only errors", run(faulty), access.Invalid)
		if now := f.stored(faulty); now.State != access.ImportChecked {
			t.Errorf("it is %s", now.State)
		}
		if known, _ := f.people(); known != 0 {
			t.Errorf("%d people", known)
		}
		mustDo(t, run(f.checked(peopleFile(2, 0))))
		f.jobs()
		if known, _ := f.people(); known != 1 {
			t.Errorf("%d people", known)
		}
	})
}

// An import that runs is not deleted, so that what it has done stays visible. One that has
// ended is.
func TestRunningImportIsNotDeleted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		f := newImportFixture(t, s)
		m := f.checked(peopleFile(2))
		mustDo(t, f.use.Admin.Imports.Run(t.Context(), f.Lena, m.ID))
		wantKind(t, "while it runs", f.use.Admin.Imports.Delete(t.Context(), f.Lena, m.ID), access.Conflict)
		f.jobs()
		if known, _ := f.people(); known != 2 || f.stored(m).State != access.ImportDone {
			t.Errorf("%d people, %+v", known, f.stored(m))
		}
		mustDo(t, f.use.Admin.Imports.Delete(t.Context(), f.Lena, m.ID))
	})
}

// An administrator of another tenant does not find an import by its id, whatever the role.
func TestImportOfAnotherTenant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		f := newImportFixture(t, s)
		ctx := t.Context()
		// The same person ID in both tenants: only the tenant differs.
		twin := f.Lena
		f.Do(func(ctx context.Context, tx *store.Tx) error {
			twin.Tenant, twin.Directory, twin.Domain = access.TenantID(tx.NewID()), f.Harbor.ID, f.Harbor.Domains[0]
			other := access.Tenant{ID: twin.Tenant, Name: "Harbor", Directory: f.Harbor.ID,
				Settings: access.DefaultSettings()}
			for _, err := range []error{tx.SaveTenant(ctx, other), tx.AddPerson(ctx, twin),
				tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: other.ID, Role: access.GlobalAdministrator,
					Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(twin.ID)}})} {
				if err != nil {
					return err
				}
			}
			return nil
		})
		must(f.use.Admin.Imports.Start(ctx, twin, admin.Upload{Data: peopleFile(1)}))(t) // may import there
		m := f.checked(peopleFile(3))
		for name, act := range map[string]func(context.Context, access.Person, access.ImportID) error{
			"delete": f.use.Admin.Imports.Delete, "run": f.use.Admin.Imports.Run, "reopen": f.use.Admin.Imports.Reopen} {
			wantKind(t, name, act(ctx, twin, m.ID), access.NotFound)
		}
		wantKind(t, "handle lines", f.use.Admin.Imports.Advance(ctx, twin, m.ID, 9), access.NotFound)
		wantKind(t, "read", f.use.Admin.Imports.SaveReading(ctx, twin, m.ID, 1, m.Reading), access.NotFound)
		theirs := must(admin.ViewFor(ctx, s.Reader, twin))(t)
		_, err := admin.OpenImport(ctx, theirs, m.ID)
		wantKind(t, "see", err, access.NotFound)
		if all := must(admin.ImportsOf(ctx, theirs))(t); len(all) != 1 || all[0].ID == m.ID {
			t.Errorf("they have %v", all)
		}
		mustDo(t, f.use.Admin.Imports.Run(ctx, f.Lena, m.ID))
	})
}

// An import that is started twice at once runs once.
func TestImportIsRunTwiceAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		f := newImportFixture(t, s)
		for range 4 {
			m := f.checked(peopleFile(60))
			start, done := make(chan struct{}), make(chan error)
			for range 2 {
				go func() {
					<-start
					done <- f.use.Admin.Imports.Run(context.Background(), f.Lena, m.ID)
				}()
			}
			close(start)
			first, second := <-done, <-done
			if (first == nil) == (second == nil) || access.KindOf(errors.Join(first, second)) != access.Conflict {
				t.Errorf("%v, %v: want one conflict", first, second)
			}
			f.jobs()
			if now := f.stored(m); now.State != access.ImportDone || now.Position != 60 {
				t.Errorf("%+v", now)
			}
		}
		if known, created := f.people(); known != 60 || created != 61 { // and Ada Root
			t.Errorf("%d people, added %d times", known, created)
		}
	})
}

// An import that is interrupted within a transaction, by an error of the database or
// because the program ends, goes on with the next job where it was, and repeats nothing.
func TestImportIsInterrupted(t *testing.T) {
	for name, test := range map[string]struct {
		state  access.ImportState
		query  string // of which the one with the number is interrupted
		number int
		cancel bool
		at     int // the position afterwards
	}{
		"checking, by an error":        {access.ImportChecking, "INSERT INTO people_import_line", 2, false, 0},
		"checking, by an error later":  {access.ImportChecking, "UPDATE people_import SET", 2, false, 200},
		"checking, by the end":         {access.ImportChecking, "INSERT INTO people_import_line", 2, true, 0},
		"checking, by the end later":   {access.ImportChecking, "UPDATE people_import SET", 2, true, 200},
		"importing, by an error":       {access.ImportRunning, "INSERT INTO person (", 70, false, 50},
		"importing, by the end":        {access.ImportRunning, "INSERT INTO person (", 70, true, 50},
		"importing, by an error later": {access.ImportRunning, "UPDATE people_import SET", 3, false, 100},
		"importing, by the end later":  {access.ImportRunning, "UPDATE people_import SET", 3, true, 100},
	} {
		t.Run(name, func(t *testing.T) {
			var interrupt func(query string) error
			s := storetest.Open(t, storetest.Migrated()["sqlite"](t), storetest.NewClock().Now, storetest.RunOnce,
				func(c *store.Config) {
					c.Intercept = func(query string, _ []any) error {
						if interrupt == nil {
							return nil
						}
						return interrupt(query)
					}
				})
			f := newImportFixture(t, s)
			m := f.start(peopleFile(230))
			mustDo(t, f.use.Admin.Imports.Check(t.Context(), f.Lena, m.ID))
			if test.state == access.ImportRunning {
				f.jobs()
				mustDo(t, f.use.Admin.Imports.Run(t.Context(), f.Lena, m.ID))
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			n := 0
			interrupt = func(query string) error {
				if !strings.HasPrefix(strings.TrimSpace(query), test.query) {
					return nil
				}
				if n++; n != test.number {
					return nil
				}
				if test.cancel {
					cancel()
					return nil
				}
				return errors.New("the disk is on fire")
			}
			if _, err := f.use.Admin.Imports.Work(ctx); n != test.number || !test.cancel && err == nil {
				t.Errorf("%d times %s, %v", n, test.query, err)
			}
			interrupt = nil
			if now := f.stored(m); now.State != test.state || now.Position != test.at {
				t.Errorf("%s at %d", now.State, now.Position)
			}
			f.jobs()
			want := map[access.ImportOutcome]int{access.LineCreates: 230}
			people, times := 0, 1 // Ada Root
			if test.state == access.ImportRunning {
				want, people, times = map[access.ImportOutcome]int{access.LineCreated: 230}, 230, 231
			}
			if d := cmp.Diff(want, f.counts(m)); d != "" || f.stored(m).Position != 230 {
				t.Error(d, f.stored(m))
			}
			if known, created := f.people(); known != people || created != times {
				t.Errorf("%d people, added %d times", known, created)
			}
		})
	}
}
