package admin_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// importFixture is a world whose tenant has the domain home.example, and whose partner has
// f01.example.
type importFixture struct {
	*storetest.World
	t   *testing.T
	use services
}

func newImportFixture(t *testing.T, s *store.Store) *importFixture {
	t.Helper()
	w, use := newAdminWorld(t, s)
	f := &importFixture{World: w, t: t, use: use}
	own := must(s.Directory(t.Context(), w.Tenant.Directory))(t)
	own.Domains = append(own.Domains, "home.example")
	w.Harbor.Domains = append(w.Harbor.Domains, "f01.example")
	w.Do(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SaveDirectory(ctx, own, access.VerifiedByOperator); err != nil {
			return err
		}
		return tx.SaveDirectory(ctx, w.Harbor, access.VerifiedByOperator)
	})
	for _, name := range []string{"B\u00fcro", "board"} {
		must(use.Admin.SaveEntry(t.Context(), w.Lena, access.Entry{Tenant: w.Tenant.ID, Kind: access.KindGroup, Name: name,
			Roles: access.DefaultRoles(access.KindGroup)}, nil))(t)
	}
	must(use.Admin.AddPerson(t.Context(), w.Lena, "root@home.example", "Ada Root"))(t)
	return f
}

// imports imports a file with the columns that are guessed. It returns the import and a
// text for each line: its outcome, and its faults or the person as stored.
func (f *importFixture) imports(data []byte) (access.PeopleImport, []string) {
	f.t.Helper()
	ctx := f.t.Context()
	m := must(f.use.Admin.Imports.Start(ctx, f.Lena, admin.Upload{FileName: "file.csv", Data: data}))(f.t)
	lines := must(runImport(ctx, f.use.Admin, f.Store, f.Lena, m, false))(f.t)
	var all []string
	for _, l := range lines {
		all = append(all, fmt.Sprintf("%d %s: %s", l.Line, l.Outcome, f.result(l)))
	}
	return m, all
}

func (f *importFixture) result(l access.ImportLine) string {
	f.t.Helper()
	var words []string
	for _, fault := range l.Faults {
		words = append(words, fmt.Sprintf("%s: "+string(fault.Msg), append([]any{fault.Column}, fault.Args...)...))
	}
	if len(words) > 0 {
		return strings.Join(words, " | ")
	}
	found := must(f.PeopleByEmail(f.t.Context(), f.Tenant.ID, l.Address))(f.t)
	if len(found) != 1 {
		return fmt.Sprintf("%d people have the address %q", len(found), l.Address)
	}
	p := found[0]
	words = append(words, string(p.Kind), p.Name, p.Email)
	for _, word := range []string{p.Language, p.TimeZone} {
		if word != "" {
			words = append(words, word)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Attributes)) {
		words = append(words, name+"="+p.Attributes[name])
	}
	for _, id := range must(f.GroupsOf(f.t.Context(), f.Tenant.ID, p.ID))(f.t) {
		words = append(words, "in "+must(f.Entry(f.t.Context(), f.Tenant.ID, id))(f.t).Name)
	}
	if p.Manager != "" {
		words = append(words, "of "+must(f.Person(f.t.Context(), f.Tenant.ID, p.Manager))(f.t).Name)
	}
	return strings.Join(words, ", ")
}

// importCase is a file of testdata, how it is recognized, and what becomes of its lines.
type importCase struct{ encoding, separator, want string }

// importCases are by the name of the file. C27 to C35 are files that people have; csv-* were
// handled well before there was a choice of columns.
func importCases() map[string]importCase {
	return map[string]importCase{
		"C27-no-reason.csv": {"utf-8", "comma", `
2 fault: mail: “not-an-address” is not a mail address.
3 fault: displayName: Required.
4 fault: preferredLanguage: “de_DE” is not a language such as en or de-CH.
5 fault: address: Enter an attribute name and value of at most 200 characters each, on one line.`},
		"C28-tabs.tsv": {"utf-8", "tab", `
2 created: member, Tab T,tab@x, tab@home.example, department=Lab`},
		"C29-blank-rows.csv": {"utf-8", "semicolon", `
2 created: member, Tina Trail, tina@home.example, department=Lab`},
		"C31-aduc.txt": {"utf-8", "tab", `
2 created: member, Ada Uc, ada.uc@home.example, description=Staff`},
		"C31-entra-bulk-invite.csv": {"utf-8", "comma", `
3 created: external, pat@f01.example, pat@f01.example`},
		"C31-entra-export.csv": {"utf-8", "comma", `
2 created: member, Vera Amt, va@home.example, city=Kiel, country=Germany, department=Lab, jobTitle=Head
3 created: external, Pat Partner, pat@f01.example
4 fault: mail: Required.`},
		"C31-google.csv": {"utf-8", "comma", `
2 created: member, Gina Goo, gina@home.example, department=Lab, of Ada Root`},
		"C31-okta.csv": {"utf-8", "comma", `
2 created: member, Olga Kta, olga@home.example, en-US, America/Los_Angeles, department=Lab, employeeNumber=7`},
		"C31-title-case.csv": {"utf-8", "comma", `
2 created: member, Tom Title, tom.title@home.example, department=Lab`},
		"C35-windows1252.csv": {"windows-1252", "semicolon", `
2 created: member, Jürgen Groß, juergen@home.example, department=Küche
3 created: member, Renée Dufour, renee@home.example, department=Achats`},
		"csv-b-utf16-excel-unicode-text.txt": {"utf-16le", "tab", `
2 created: member, Jürgen Groß, juergen2@home.example, department=Küche`},
		"csv-j-dup-header.csv": {"utf-8", "comma", `
2 created: member, Dora D, dora@home.example, department=Attic`},
		"csv-k-dup-person-case.csv": {"utf-8", "comma", `
2 created: member, Dan Two, dan@home.example
3 updated: member, Dan Two, dan@home.example`},
		"csv-q-quotes-bare.csv": {"utf-8", "comma", `
2 fault: : The line can't be read: a quotation mark is within a text. Enclose the text in quotation marks, ` +
			`and write each one within it twice.`},
		"csv-r-cr-only.csv": {"utf-8", "comma", `
2 created: member, Mac Old, mac@home.example`},
		"csv-s-lang.csv": {"utf-8", "semicolon", `
2 fault: preferredLanguage: “de_DE” is not a language such as en or de-CH. | ` +
			`timeZone: “W. Europe Standard Time” is not a time zone such as Europe/Berlin.
3 created: member, La Ng2, lang2@home.example, en-US, Europe/Berlin`},
		"csv-t-ragged.csv": {"utf-8", "comma", `
2 fault: : The line has 2 columns, and the first line has 3.`},
		"csv-u-group-nfd.csv": {"utf-8", "semicolon", `
2 created: member, Gru Ppe, gru@home.example, in Büro
3 created: member, Gru Ppe2, gru2@home.example, in board`},
		"csv-v-bom-quoted-header.csv": {"utf-8", "comma", `
2 created: member, Bom B, bom@home.example`},
	}
}

// TestImportCases imports every file of testdata, named by its number.
func TestImportCases(t *testing.T) {
	cases := importCases()
	files := must(os.ReadDir("testdata"))(t)
	if len(files) != len(cases) {
		t.Errorf("%d files and %d cases", len(files), len(cases))
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
				f := newImportFixture(t, s)
				data := must(os.ReadFile("testdata/" + name))(t)
				m, lines := f.imports(data)
				if m.Reading.Encoding != c.encoding || m.Reading.Separator != c.separator || !m.Reading.Header {
					t.Errorf("recognized as %+v", m.Reading)
				}
				if d := cmp.Diff(strings.Split(strings.TrimSpace(c.want), "\n"), lines); d != "" {
					t.Error(d)
				}
				twice := name == "csv-k-dup-person-case.csv"
				for _, l := range must(s.ImportLines(t.Context(), m, nil, 0, 10))(t) {
					if (l.Also == 2) != (twice && l.Line == 3) {
						t.Errorf("line %d: the same person is in line %d", l.Line, l.Also)
					}
				}
				_, again := f.imports(data)
				for _, l := range again {
					if !strings.Contains(l, " kept: ") && !strings.Contains(l, " fault: ") && !twice {
						t.Errorf("a second time: %s", l)
					}
				}
			})
		})
	}
}
