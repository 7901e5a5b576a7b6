package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestNameKey: names that mean the same object, and names that only look the same.
func TestNameKey(t *testing.T) {
	for _, same := range [][2]string{{"Board", "board"}, {" Board\t", "BOARD"}, {"B\u00fcro", "bu\u0308ro"},
		{"\u00c4na", "\u00e4NA"}, {"Stra\u00dfe", "STRA\u00dfE"}, {"", " "}, {"\u212aeys", "\u212aeys "}} {
		if store.NameKey(same[0]) != store.NameKey(same[1]) {
			t.Errorf("%q is not %q", same[0], same[1])
		}
	}
	for _, other := range [][2]string{{"Finance", "\ufb01nance"}, {"Keys", "\u212aeys"}, {"keys", "\u212aeys"},
		{"Board", "\uff22oard"}, {"Strasse", "Stra\u00dfe"}, {"Sam", "\u017fam"}, {"ida", "\u0131da"}, {"ida", "\u0130da"},
		{"A B", "A\u00a0B"}, {"AB", "A\u200bB"}, {"\u212b", "\u00e5"}, {"x\u212a", "X\u212a"}} {
		same := store.NameKey(other[0]) == store.NameKey(other[1])
		if angstrom := other[0] == "\u212b"; same != angstrom { // canonically the same letter, and not ASCII
			t.Errorf("%q and %q: %v", other[0], other[1], same)
		}
	}
}

// TestMigrationOfAddresses: people of a database of schema 13 keep their addresses. One
// whom only the folded key of addresses knew by another's address is found by the own
// one, people with one address stay two, and a text that is no address finds nobody.
func TestMigrationOfAddresses(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			old, done, err := store.OpenOld(t.Context(), at, 13)
			if err != nil {
				t.Fatal(err)
			}
			statements := []string{`INSERT INTO directory VALUES ('d', '', 'openid', 'D', 'https://d', '', NULL, 'none',
				'none', '', '', '', '', TRUE, 1)`, `INSERT INTO tenant VALUES ('t', 'd', 'T', '{}', 1)`}
			for id, email := range map[string]string{"fiona": "Fiona@D.example", "ligature": "\ufb01ona@d.example",
				"one": "sam@d.example", "two": "SAM@d.example", "eva": "eva@b\u00fccher.example", "quoted": `"eva"@d.example`,
				"none": ""} {
				statements = append(statements, fmt.Sprintf(`INSERT INTO person (tenant_id, id, directory_id, domain, kind, name,
					email, email_key, language, time_zone, attributes, disabled, guest, governed, created, version, sort_name)
					VALUES ('t', '%s', 'd', '', 'member', '', '%s', 'fiona@d.example', '', '', '{}', FALSE, 'none', FALSE, 0, 1,
					'')`, id, email))
			}
			for _, query := range statements {
				if _, err := old.Exec(query); err != nil {
					t.Fatalf("%s: %v", query, err)
				}
			}
			if err := done(); err != nil {
				t.Fatal(err)
			}
			s := storetest.Open(t, at, c.Now)
			for email, want := range map[string][]string{"fiona@d.example": {"fiona"}, "\ufb01ona@d.example": {"ligature"},
				"sam@d.example": {"one", "two"}, "eva@xn--bcher-kva.example": {"eva"}, `"eva"@d.example`: nil, "": nil} {
				found, err := s.PeopleByEmail(t.Context(), "t", email)
				var got []string
				for _, p := range found {
					got = append(got, string(p.ID))
				}
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Errorf("%q: %v %s", email, err, diff)
				}
			}
		})
	}
}

// TestMigrationOfTrust: the upgrade trusts the addresses of the directories of Entra ID
// that are stored, of those only, and of none that is added later; who has to know of
// it is returned once. Accounts that have not signed in since are not trusted, and
// belong to their directory.
func TestMigrationOfTrust(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			old, done, err := store.OpenOld(t.Context(), at, 15)
			if err != nil {
				t.Fatal(err)
			}
			var statements []string
			for id, issuer := range map[string]string{"entra": "https://login.microsoftonline.com/t1/v2.0",
				"us": "https://login.microsoftonline.us/t2/v2.0", "keycloak": "https://id.example/realms/x",
				"posing": "https://login.microsoftonline.com.evil.example/t1/v2.0"} {
				statements = append(statements, fmt.Sprintf(`INSERT INTO directory VALUES ('%s', '', 'openid', '%[1]s', '%s', '',
					NULL, 'none', 'none', 'tid', 't1', '', '', TRUE, 1)`, id, issuer))
			}
			statements = append(statements, `INSERT INTO tenant VALUES ('a', 'entra', 'A', '{}', 1), ('b', 'keycloak', 'B', '{}',
				1)`,
				`INSERT INTO organization VALUES ('b', 'o', 'O', 'o', 'configured', 1, 'o')`,
				`INSERT INTO organization_directory VALUES ('b', 'entra', 'o')`,
				`INSERT INTO account VALUES ('acc', 'entra', 's', 'N', 'n@d.example', '', 1)`)
			for _, query := range statements {
				if _, err := old.Exec(query); err != nil {
					t.Fatalf("%s: %v", query, err)
				}
			}
			if err := done(); err != nil {
				t.Fatal(err)
			}
			s := storetest.Open(t, at, c.Now)
			for id, want := range map[access.DirectoryID]bool{"entra": true, "us": true, "keycloak": false, "posing": false} {
				if d, err := s.Directory(t.Context(), id); err != nil || d.TrustAddresses != want || d.GuestClaim != "" {
					t.Errorf("%+v, %v", d, err)
				}
			}
			if a, err := s.Account(t.Context(), "acc"); err != nil || a.EmailTrusted || a.Belonging != access.Belongs {
				t.Errorf("%+v, %v", a, err)
			}
			for i, want := range [][]store.TrustNotice{{{Tenant: "a", Directory: "entra", Name: "entra"},
				{Tenant: "b", Directory: "entra", Name: "entra"}}, nil} {
				var got []store.TrustNotice
				err := s.Write(t.Context(), func(tx *store.Tx) (err error) {
					got, err = tx.TakeTrustNotices(t.Context())
					return err
				})
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Errorf("the %d. time: %v %s", i+1, err, diff)
				}
			}
		})
	}
}

// TestPeopleProblems: each problem finds the people who have it, in the list and in the
// counts, and nobody else.
func TestPeopleProblems(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		w := storetest.NewWorld(t, s)
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			add := func(id access.PersonID, d access.DirectoryID, kind access.PersonKind, email string) error {
				return tx.AddPerson(ctx, access.Person{ID: id, Tenant: w.Tenant.ID, Directory: d, Kind: kind, Name: string(id),
					Email: email, Guest: access.GuestNone})
			}
			passcode := access.Directory{ID: "passcode", Owner: w.Tenant.ID, Kind: access.DirectoryPasscode, Name: "P",
				AuthStyle: access.AuthNone, HintStyle: access.HintNone, Domains: []access.Domain{"p.example"}, Enabled: true}
			if err := tx.SaveDirectory(ctx, passcode, access.VerifiedByMail); err != nil {
				return err
			}
			for _, err := range []error{
				add("in-role", w.Harbor.ID, access.External, "r@harbor.example"),
				add("in-group", w.Harbor.ID, access.External, "g@harbor.example"),
				add("with-passcode", "passcode", access.External, "p@p.example"),
				add("elsewhere", w.Tenant.Directory, access.Member, "e@sub.meridian.example"),
				add("at-home", w.Tenant.Directory, access.Member, "H@MERIDIAN.example"),
				add("no-address", w.Tenant.Directory, access.Member, ""),
				add("twin-1", w.Harbor.ID, access.External, "twin@harbor.example"),
				add("twin-2", w.Other.ID, access.External, "TWIN@harbor.example"),
				add("look-alike", w.Harbor.ID, access.External, "tw\u0131n@harbor.example"),
				add("unreadable", w.Harbor.ID, access.External, "nobody"),
			} {
				if err != nil {
					return err
				}
			}
			for _, id := range []string{"in-role", "with-passcode", string(w.Lena.ID), string(w.Reviewers.ID)} {
				err := tx.AddRoleAssignment(ctx, access.RoleAssignment{Tenant: w.Tenant.ID, Role: access.CatalogCreator,
					Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: id}})
				if err != nil {
					return err
				}
			}
			_, err := tx.AddMember(ctx, w.Tenant.ID, access.Membership{Entry: w.Reviewers.ID, Role: store.GroupMember,
				Person: "in-group"})
			return err
		})
		want := map[store.PersonProblem][]string{store.ProblemSubject: {"in-group", "in-role"},
			store.ProblemElsewhere: {"elsewhere"}, store.ProblemShared: {"twin-1", "twin-2"},
			store.ProblemUnreadable: {"unreadable"}}
		got, counts := map[store.PersonProblem][]string{}, map[store.PersonProblem]int64{}
		for _, p := range store.PersonProblems() {
			found, err := s.PersonList(t.Context(), w.Tenant.ID, store.ListQuery[store.PersonFilter]{
				Filter: store.PersonFilter{Problem: p}, Sort: "name", Limit: 20})
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range found.Rows {
				got[p] = append(got[p], one.Name)
			}
			counts[p] = int64(len(want[p]))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		counted, err := s.Recount(t.Context(), w.Tenant.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.Do(func(ctx context.Context, tx *store.Tx) error { return tx.SaveCounters(ctx, counted) })
		stored, err := s.PeopleProblems(t.Context(), w.Tenant.ID)
		if diff := cmp.Diff(counts, stored); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
	})
}
