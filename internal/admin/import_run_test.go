package admin_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// peopleFile is a file with n people, of whom those with the given numbers have no name.
func peopleFile(n int, nameless ...int) []byte {
	var b strings.Builder
	b.WriteString("displayName,mail,department,office,phone\n")
	for i := range n {
		name := fmt.Sprintf("Person Number %d", i)
		if slices.Contains(nameless, i) {
			name = ""
		}
		fmt.Fprintf(&b, "%s,person.number.%d@home.example,Department of things %d,Office building %d floor %d,+49 30 "+
			"1234%d\n",
			name, i, i%10, i%10, i%10, i)
	}
	return []byte(b.String())
}

func (f *importFixture) start(data []byte) access.PeopleImport {
	f.t.Helper()
	return must(f.use.Admin.Imports.Start(f.t.Context(), f.Lena, admin.Upload{Data: data}))(f.t)
}

// jobs runs the job until it finds no work.
func (f *importFixture) jobs() {
	f.t.Helper()
	for n := 1; n > 0; {
		n = must(f.use.Admin.Imports.Work(f.t.Context()))(f.t)
	}
}

func (f *importFixture) stored(m access.PeopleImport) access.PeopleImport {
	f.t.Helper()
	return must(f.PeopleImport(f.t.Context(), m.Tenant, m.ID))(f.t)
}

func (f *importFixture) counts(m access.PeopleImport) map[access.ImportOutcome]int {
	f.t.Helper()
	return must(f.CountImportLines(f.t.Context(), m))(f.t)
}

// people counts the people of the file of peopleFile that are known, and the records of
// their being created.
func (f *importFixture) people() (known, created int) {
	f.t.Helper()
	mustDo(f.t, f.WalkPeople(f.t.Context(), f.Tenant.ID, store.ListQuery[store.PersonFilter]{Sort: "name"},
		func(p access.Person) error {
			if strings.HasPrefix(p.Email, "person.number.") {
				known++
			}
			return nil
		}))
	for _, r := range must(f.AuditLog(f.t.Context(), f.Tenant.ID))(f.t) {
		if r.Activity == access.ActCreate && r.ObjectKind == access.ObjectPerson {
			created++
		}
	}
	return known, created
}

// TestC33ManyPeople: 9,000 people at once, three of whom have an error: 8,997 are imported,
// by the job, in transactions of 50.
func TestC33ManyPeople(t *testing.T) {
	s := storetest.Open(t, storetest.Migrated()["sqlite"](t), storetest.NewClock().Now, storetest.RunOnce)
	f := newImportFixture(t, s)
	m := f.start(peopleFile(9000, 17, 4711, 8999))
	mustDo(t, f.use.Admin.Imports.Check(t.Context(), f.Lena, m.ID))
	f.jobs()
	want := map[access.ImportOutcome]int{access.LineCreates: 8997, access.LineFaulty: 3}
	if d := cmp.Diff(want, f.counts(m)); d != "" || f.stored(m).State != access.ImportChecked {
		t.Fatalf("%s, %+v", d, f.stored(m))
	}
	if known, _ := f.people(); known != 0 {
		t.Fatalf("a check has added %d people", known)
	}
	mustDo(t, f.use.Admin.Imports.Run(t.Context(), f.Lena, m.ID))
	f.jobs()
	want = map[access.ImportOutcome]int{access.LineCreated: 8997, access.LineFaulty: 3}
	if d := cmp.Diff(want, f.counts(m)); d != "" || f.stored(m).State != access.ImportDone {
		t.Fatalf("%s, %+v", d, f.stored(m))
	}
	if known, _ := f.people(); known != 8997 {
		t.Errorf("%d people", known)
	}
	if text := must(s.PeopleImportContent(t.Context(), m.Tenant, m.ID))(t); text != "" {
		t.Error("the file is kept")
	}
}

// An import that is interrupted goes on where it was: everyone is added once.
func TestImportGoesOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		f := newImportFixture(t, s)
		m := f.start(peopleFile(430))
		mustDo(t, f.use.Admin.Imports.Check(t.Context(), f.Lena, m.ID))
		positions := map[access.ImportState][]int{}
		for ended := false; !ended; {
			was := f.stored(m)
			positions[was.State] = append(positions[was.State], was.Position)
			switch was.State {
			case access.ImportChecked:
				mustDo(t, f.use.Admin.Imports.Run(t.Context(), f.Lena, m.ID))
			case access.ImportDone:
				ended = true
			default: // each time as by a process that has just been started
				mustDo(t, newServices(s, nil).Admin.Imports.Advance(t.Context(), f.Lena, m.ID, 1))
			}
		}
		want := map[access.ImportState][]int{access.ImportChecking: {0, 200, 400}, access.ImportChecked: {430},
			access.ImportRunning: {0, 50, 100, 150, 200, 250, 300, 350, 400}, access.ImportDone: {430}}
		if d := cmp.Diff(want, positions); d != "" {
			t.Error(d)
		}
		if known, created := f.people(); known != 430 || created != 431 { // and Ada Root
			t.Errorf("%d people, added %d times", known, created)
		}
	})
}

// Two processes that work on one import do not do the same lines.
func TestImportByTwoProcesses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		f := newImportFixture(t, s)
		m := f.start(peopleFile(600))
		mustDo(t, f.use.Admin.Imports.Check(t.Context(), f.Lena, m.ID))
		work := func() {
			done := make(chan error)
			for range 2 {
				go func() { done <- newServices(s, nil).Admin.Imports.Advance(context.Background(), f.Lena, m.ID, 1000) }()
			}
			for range 2 {
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
			f.jobs()
		}
		work()
		mustDo(t, f.use.Admin.Imports.Run(t.Context(), f.Lena, m.ID))
		work()
		if d := cmp.Diff(map[access.ImportOutcome]int{access.LineCreated: 600}, f.counts(m)); d != "" {
			t.Error(d)
		}
		if known, created := f.people(); known != 600 || created != 601 {
			t.Errorf("%d people, added %d times", known, created)
		}
	})
}

// An import ends when its importer loses the right to import, or stops it, and says what
// was done.
func TestImportStops(t *testing.T) {
	for name, stop := range map[string]func(*testing.T, *importFixture, access.PeopleImport){
		"by its importer": func(t *testing.T, f *importFixture, m access.PeopleImport) {
			mustDo(t, f.use.Admin.Imports.Stop(t.Context(), f.Lena, m.ID))
		},
		"without the right": func(_ *testing.T, f *importFixture, _ access.PeopleImport) {
			f.Do(func(ctx context.Context, tx *store.Tx) error {
				return tx.RemoveRoleAssignment(ctx, access.RoleAssignment{Tenant: f.Tenant.ID,
					Role:    access.GlobalAdministrator,
					Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(f.Lena.ID)}})
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
				f := newImportFixture(t, s)
				m := f.start(peopleFile(160))
				mustDo(t, f.use.Admin.Imports.Check(t.Context(), f.Lena, m.ID))
				f.jobs()
				mustDo(t, f.use.Admin.Imports.Run(t.Context(), f.Lena, m.ID))
				mustDo(t, f.use.Admin.Imports.Advance(t.Context(), f.Lena, m.ID, 100))
				stop(t, f, m)
				f.jobs()
				now := f.stored(m)
				if now.State != access.ImportStopped || now.Position != 100 || now.Ended.IsZero() {
					t.Errorf("%+v", now)
				}
				want := map[access.ImportOutcome]int{access.LineCreated: 100, access.LineCreates: 60}
				if d := cmp.Diff(want, f.counts(m)); d != "" {
					t.Error(d)
				}
				if known, _ := f.people(); known != 100 {
					t.Errorf("%d people", known)
				}
				trail := must(s.AuditLog(t.Context(), f.Tenant.ID))(t)
				if last := trail[len(trail)-1]; last.Activity != access.ActImport ||
					last.To != "stopped: 100 created, 0 updated, 0 unchanged, 60 not imported" {
					t.Errorf("%+v", last)
				}
				if text := must(s.PeopleImportContent(t.Context(), m.Tenant, m.ID))(t); text != "" {
					t.Error("the file is kept")
				}
			})
		})
	}
}

// Lines with an error when they were checked stay out, also if nothing is wrong any more:
// the importer has not agreed to them. Lines that have become wrong are left out.
func TestImportRepeatsChecks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		f := newImportFixture(t, s)
		ctx := t.Context()
		m := f.start([]byte("mail,displayName,groups\na@home.example,A,Late\nb@home.example,B,board\nc@home.example,C,\n"))
		mustDo(t, f.use.Admin.Imports.Check(ctx, f.Lena, m.ID))
		f.jobs()
		must(f.use.Admin.SaveEntry(ctx, f.Lena, access.Entry{Tenant: f.Tenant.ID, Kind: access.KindGroup, Name: "Late",
			Roles: access.DefaultRoles(access.KindGroup)}, nil))(t)
		board, _, err := s.EntryNamed(ctx, f.Tenant.ID, "board")
		mustDo(t, err)
		mustDo(t, f.use.Admin.DeleteEntry(ctx, f.Lena, board.ID))
		mustDo(t, f.use.Admin.Imports.Run(ctx, f.Lena, m.ID))
		f.jobs()
		var got []string
		for _, l := range must(s.ImportLines(ctx, m, nil, 0, 10))(t) {
			got = append(got, fmt.Sprintf("%d %s: %s", l.Line, l.Outcome, f.result(l)))
		}
		want := []string{"2 fault: groups: There is no group or team “Late”.",
			"3 failed: groups: There is no group or team “board”.", "4 created: member, C, c@home.example"}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		for _, address := range []string{"a@home.example", "b@home.example"} {
			if found := must(s.PeopleByEmail(ctx, f.Tenant.ID, address))(t); len(found) != 0 {
				t.Errorf("%s is there", address)
			}
		}
	})
}

// Managers can be in any line of the file. A circle, also one that is closed by managers
// who are known already, and a manager whose line can't be imported, are errors before
// anything is imported.
func TestImportOfManagers(t *testing.T) {
	const address = "%s@home.example,%s,%s\n"
	file := func(pairs ...string) []byte {
		var b strings.Builder
		b.WriteString("mail,displayName,manager\n")
		for _, pair := range pairs {
			name, manager, _ := strings.Cut(pair, ">")
			if manager != "" {
				manager += "@home.example"
			}
			fmt.Fprintf(&b, address, name, name, manager)
		}
		return []byte(b.String())
	}
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		f := newImportFixture(t, s)
		check := func(data []byte, want ...string) {
			t.Helper()
			if _, got := f.imports(data); !cmp.Equal(want, got) {
				t.Error(cmp.Diff(want, got))
			}
		}
		check(file("a>b", "b>c", "c>root", "d>"),
			"2 created: member, a, a@home.example, of b", "3 created: member, b, b@home.example, of c",
			"4 created: member, c, c@home.example, of Ada Root", "5 created: member, d, d@home.example")
		// Turned round: c was above a. The intermediate states are no circle either.
		check(file("a>", "b>a", "c>b"), "2 updated: member, a, a@home.example", "3 updated: member, b, b@home.example, of a",
			"4 updated: member, c, c@home.example, of b")
		const circle = "manager: This manager would make “%s” their own manager, directly or indirectly. Choose someone else."
		const left = "manager: The manager “%s@home.example” is in line %d, which can't be imported."
		check(file("x>y", "y>z", "z>x", "w>x"), "2 fault: "+fmt.Sprintf(left, "y", 3), "3 fault: "+fmt.Sprintf(left, "z", 4),
			"4 fault: "+fmt.Sprintf(circle, "z"), "5 fault: "+fmt.Sprintf(left, "x", 2))
		check(file("a>c"), "2 fault: "+fmt.Sprintf(circle, "a")) // b and c are below a already
		check(file("a>n", "n>c"), "2 fault: "+fmt.Sprintf(left, "n", 3), "3 fault: "+fmt.Sprintf(circle, "n"))
		check(file("d>d", "e>nobody"), "2 fault: manager: A person can't be their own manager.",
			"3 fault: manager: No person, or more than one, has the address “nobody@home.example”.")
	})
}

// Every column of a line with an error is named, also with the rights of the importer.
func TestC27EveryFaultByColumn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		f := newImportFixture(t, s)
		long := strings.Repeat("x", 201)
		_, got := f.imports([]byte("Mail;Display Name;Manager;Language;Time zone;Groups;Subject;Office;Room\n" +
			"x@nowhere.example;" + strings.Repeat("n", 300) + ";ghost@home.example;de_DE;Mars;No;su\x01b;" + long + ";\x07\n"))
		want := []string{"2 fault: " + strings.Join([]string{
			"Mail: No organization uses the domain nowhere.example. Add it as a connected organization first.",
			"Subject: The text has characters that can't be shown, such as control characters.",
			"Display Name: A name can have at most 120 characters.",
			"Language: “de_DE” is not a language such as en or de-CH.",
			"Time zone: “Mars” is not a time zone such as Europe/Berlin.",
			"Office: Enter an attribute name and value of at most 200 characters each, on one line.",
			"Manager: No person, or more than one, has the address “ghost@home.example”.",
			"Groups: There is no group or team “No”."}, " | ")}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

// Nobody sees or runs the import of someone else, whose rights it has.
func TestImportOfSomeoneElse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		f := newImportFixture(t, s)
		ctx := t.Context()
		f.Do(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: f.Tenant.ID, Role: access.GlobalAdministrator,
				Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(f.Omar.ID)}})
		})
		m := f.start(peopleFile(3))
		for name, act := range map[string]func(context.Context, access.Person, access.ImportID) error{
			"check": f.use.Admin.Imports.Check, "delete": f.use.Admin.Imports.Delete, "run": f.use.Admin.Imports.Run,
			"stop": f.use.Admin.Imports.Stop, "reopen": f.use.Admin.Imports.Reopen} {
			wantKind(t, name, act(ctx, f.Omar, m.ID), access.NotFound)
		}
		wantKind(t, "read", f.use.Admin.Imports.SaveReading(ctx, f.Omar, m.ID, 1, m.Reading), access.NotFound)
		theirs := must(admin.ViewFor(ctx, s.Reader, f.Omar))(t)
		_, err := admin.OpenImport(ctx, theirs, m.ID)
		wantKind(t, "see", err, access.NotFound)
		if all := must(admin.ImportsOf(ctx, theirs))(t); len(all) != 0 {
			t.Errorf("they have %v", all)
		}
		mine := must(admin.ViewFor(ctx, s.Reader, f.Lena))(t)
		must(must(admin.OpenImport(ctx, mine, m.ID))(t).File(ctx))(t)
		mustDo(t, f.use.Admin.Imports.Check(ctx, f.Lena, m.ID))
		wantKind(t, "to check it again", f.use.Admin.Imports.Check(ctx, f.Lena, m.ID), access.Conflict)
	})
}

// Of each person the last five imports are kept, for seven days.
func TestImportsAreDeleted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		f := newImportFixture(t, s)
		ctx := t.Context()
		running := f.start(peopleFile(60))
		mustDo(t, f.use.Admin.Imports.Check(ctx, f.Lena, running.ID))
		f.jobs()
		mustDo(t, f.use.Admin.Imports.Run(ctx, f.Lena, running.ID))
		var started []access.ImportID
		for range 7 {
			m := f.start(peopleFile(2))
			started = append(started, m.ID)
			mustDo(t, f.use.Admin.Imports.Check(ctx, f.Lena, m.ID))
			mustDo(t, f.use.Admin.Imports.Advance(ctx, f.Lena, m.ID, 2))
		}
		ids := func() (all []access.ImportID) {
			for _, m := range must(s.PeopleImportsOf(ctx, f.Tenant.ID, f.Lena.ID))(t) {
				all = append(all, m.ID)
			}
			slices.Sort(all)
			return all
		}
		want := append([]access.ImportID{running.ID}, started[2:]...)
		if d := cmp.Diff(want, ids()); d != "" {
			t.Error(d)
		}
		clock.Advance(7*24*time.Hour - time.Minute)
		mustDo(t, f.use.Maintenance.DeleteExpired(ctx))
		if len(ids()) != 6 {
			t.Errorf("before seven days: %v", ids())
		}
		clock.Advance(time.Minute)
		mustDo(t, f.use.Maintenance.DeleteExpired(ctx))
		if d := cmp.Diff([]access.ImportID{running.ID}, ids()); d != "" {
			t.Error(d)
		}
	})
}

// A subject is that of one person, also within a file.
func TestImportOfSubjects(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		f := newImportFixture(t, s)
		_, got := f.imports([]byte("mail,displayName,subject\na@home.example,A,one\nb@home.example,B,one\n" +
			"a@home.example,A,one\nc@home.example,C,lena\n"))
		want := []string{"2 created: member, A, a@home.example", "3 fault: subject: Line 2 has the same subject.",
			"4 kept: member, A, a@home.example", "5 created: member, C, c@home.example"}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		_, got = f.imports([]byte("mail,displayName,subject\nd@home.example,D,one\na@home.example,A,two\n"))
		want = []string{"2 fault: subject: The subject of “d@home.example” is that of “a@home.example”.",
			"3 fault: subject: “a@home.example” has signed in with another subject already."}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

// A line that is refused while it is written is left out with the reason, and nothing of
// it stays; the others of its transaction are imported.
func TestImportLeavesOutRefusedLine(t *testing.T) {
	refuse := false
	s := storetest.Open(t, storetest.Migrated()["sqlite"](t), storetest.NewClock().Now, storetest.RunOnce,
		func(c *store.Config) {
			c.Intercept = func(query string, args []any) error {
				if refuse && strings.HasPrefix(query, "INSERT INTO directory_member") {
					return access.Refuse(access.Conflict, "Not now.")
				}
				return nil
			}
		})
	f := newImportFixture(t, s)
	m := f.start([]byte("mail,displayName,groups\na@home.example,A,\nb@home.example,B,board\nc@home.example,C,\n"))
	mustDo(t, f.use.Admin.Imports.Check(t.Context(), f.Lena, m.ID))
	f.jobs()
	mustDo(t, f.use.Admin.Imports.Run(t.Context(), f.Lena, m.ID))
	refuse = true
	f.jobs()
	var got []string
	for _, l := range must(s.ImportLines(t.Context(), m, nil, 0, 10))(t) {
		got = append(got, fmt.Sprintf("%d %s: %s", l.Line, l.Outcome, f.result(l)))
	}
	want := []string{"2 created: member, A, a@home.example", "3 failed: : Not now.",
		"4 created: member, C, c@home.example"}
	if d := cmp.Diff(want, got); d != "" || f.stored(m).State != access.ImportDone {
		t.Error(d, f.stored(m))
	}
	if found := must(s.PeopleByEmail(t.Context(), f.Tenant.ID, "b@home.example"))(t); len(found) != 0 {
		t.Error("B was added")
	}
}

// An import is not checked while nobody has said which column has the addresses, or while
// two columns are the same.
func TestImportColumns(t *testing.T) {
	s := storetest.New(t, storetest.NewClock())
	f := newImportFixture(t, s)
	ctx := t.Context()
	m := f.start([]byte("mail,displayName,x,y\na@home.example,A,1,2\n"))
	attribute := access.ImportColumn{Field: access.ImportAttribute, Attribute: "x"}
	mail, nothing := access.ImportColumn{Field: access.ImportMail}, access.ImportColumn{}
	version := int64(1)
	for name, c := range map[string]struct {
		columns []access.ImportColumn
		kind    access.ErrorKind
	}{
		"no address":     {[]access.ImportColumn{nothing, nothing, attribute, nothing}, access.Invalid},
		"two addresses":  {[]access.ImportColumn{mail, mail, nothing, nothing}, access.Invalid},
		"one attribute":  {[]access.ImportColumn{mail, nothing, attribute, attribute}, access.Invalid},
		"something else": {[]access.ImportColumn{mail, {Field: "password"}, nothing, nothing}, access.Invalid},
	} {
		m.Reading.Columns = c.columns
		mustDo(t, f.use.Admin.Imports.SaveReading(ctx, f.Lena, m.ID, version, m.Reading))
		version++
		wantKind(t, name, f.use.Admin.Imports.Check(ctx, f.Lena, m.ID), c.kind)
	}
	wantKind(t, "an old version", f.use.Admin.Imports.SaveReading(ctx, f.Lena, m.ID, 1, m.Reading), access.Conflict)
	m.Reading.Columns = []access.ImportColumn{mail, nothing, nothing, attribute}
	mustDo(t, f.use.Admin.Imports.SaveReading(ctx, f.Lena, m.ID, version, m.Reading))
	mustDo(t, f.use.Admin.Imports.Check(ctx, f.Lena, m.ID))
	wantKind(t, "while it is checked", f.use.Admin.Imports.SaveReading(ctx, f.Lena, m.ID, version+1, m.Reading),
		access.Conflict)
}
