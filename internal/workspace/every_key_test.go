package workspace_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// secretFile is what the file of a client's secret says.
const secretFile = "secret-in-a-file"

func everyKey(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/every-key.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func parse(t *testing.T, text []byte) workspace.File {
	t.Helper()
	f, err := workspace.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// apply applies the text and returns what changed.
func apply(t *testing.T, s *store.Store, text []byte) []string {
	t.Helper()
	o := workspace.Options{ReadFile: func(string) ([]byte, error) { return []byte(secretFile + "\n"), nil }}
	f := parse(t, text)
	planned, err := workspace.Plan(context.Background(), s, f, o)
	if err != nil {
		t.Fatal(err)
	}
	done, err := workspace.Apply(context.Background(), s, f, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range done {
		if !strings.HasSuffix(c.Text(english), " “"+c.Name+"”") {
			t.Errorf("a change of a %s is printed as %q", c.Kind, c.Text(english))
		}
	}
	if diff := cmp.Diff(lines(planned), lines(done)); diff != "" {
		t.Errorf("planned (-) and done (+): %s", diff)
	}
	return lines(done)
}

// english prints a message without translations.
func english(m access.Message, args ...any) string {
	return access.Refuse(access.Invalid, m, args...).Error()
}

func lines(changes []workspace.Change) []string {
	var all []string
	for _, c := range changes {
		all = append(all, c.Text(english))
	}
	return all
}

func exported(t *testing.T, s *store.Store) []byte {
	t.Helper()
	text, err := workspace.Export(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The sample has every key of a file, so that the tests that use it cover all keys.
func TestSampleHasEveryKey(t *testing.T) {
	text := everyKey(t)
	var walk func(reflect.Type)
	seen := map[reflect.Type]bool{}
	walk = func(r reflect.Type) {
		for r.Kind() == reflect.Pointer || r.Kind() == reflect.Slice || r.Kind() == reflect.Map {
			r = r.Elem()
		}
		if r.Kind() != reflect.Struct || r == reflect.TypeFor[time.Time]() || seen[r] ||
			strings.HasPrefix(r.Name(), "graph") { // TestGraphForms has the other spellings
			return
		}
		seen[r] = true
		for f := range r.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			if name != "" && !bytes.Contains(text, []byte(name+":")) {
				t.Errorf("%s: no %s in the sample", r, name)
			}
			walk(f.Type)
		}
	}
	walk(reflect.TypeFor[workspace.File]())
	if len(seen) < 20 {
		t.Errorf("only %d kinds of thing were looked at", len(seen))
	}
}

// The export has every key of the applied file, except secrets; applying the file again,
// or the export, changes and stores nothing.
func TestEveryKeyRoundTrips(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		text := everyKey(t)
		if done := apply(t, s, text); len(done) < 20 {
			t.Fatalf("done: %v", done)
		}
		out := exported(t, s)
		got := leaves(t, out)
		for leaf := range leaves(t, text) {
			if !got[leaf] && !strings.Contains(leaf, "clientSecret") {
				t.Errorf("not in the export: %s", leaf)
			}
		}
		if !bytes.Contains(out, []byte(`approverDetails: "no"`)) {
			t.Error("for readers of YAML 1.1, the export has false")
		}
		for _, secret := range []string{"clientSecret", secretFile, "top-secret"} {
			if bytes.Contains(out, []byte(secret)) {
				t.Errorf("the export has %q:\n%s", secret, out)
			}
		}
		before := versions(t, s)
		for name, again := range map[string][]byte{"the file": text, "the export": out} {
			if done := apply(t, s, again); len(done) != 0 {
				t.Errorf("applying %s again: %v", name, done)
			}
		}
		if diff := cmp.Diff(before, versions(t, s)); diff != "" {
			t.Errorf("applying again has written: %s", diff)
		}
	})
}

// leaves are the scalar values of a file with their paths.
func leaves(t *testing.T, text []byte) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, child := range v {
				walk(path+"."+k, child)
			}
		case []any:
			for _, child := range v {
				walk(path, child)
			}
		default:
			all[fmt.Sprintf("%s=%v", path, v)] = true
		}
	}
	var root map[string]any
	if err := yaml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	walk("", root)
	return all
}

// versions are the version numbers of all objects, and the number of audit records.
func versions(t *testing.T, s *store.Store) []string {
	t.Helper()
	ctx := context.Background()
	var all []string
	note := func(name string, version any) { all = append(all, fmt.Sprintf("%s %v", name, version)) }
	tenants := must(s.Tenants(ctx))(t)
	for _, d := range must(s.Directories(ctx, ""))(t) {
		note(d.Name, d.Version)
	}
	for _, x := range tenants {
		note(x.Name, x.Version)
		for _, p := range must(s.PeopleAfter(ctx, x.ID, store.Key{}, 100))(t) {
			note(p.Name, p.Version)
		}
		for _, o := range must(s.Organizations(ctx, x.ID))(t) {
			note(o.Name, o.Version)
		}
		for _, c := range must(s.Catalogs(ctx, x.ID))(t) {
			note(c.Name, c.Version)
			for _, p := range must(s.PackagesOf(ctx, x.ID, c.ID))(t) {
				note(p.Name, p.Version)
				for _, o := range must(s.PoliciesOf(ctx, x.ID, p.ID))(t) {
					note(o.Name, o.Version)
				}
			}
		}
	}
	return all
}

// must fails the test on an error.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Applying an export, with the secrets added, to an empty database gives the same export.
func TestExportFillsEmptyDatabase(t *testing.T) {
	for name, file := range map[string]string{"every key": "testdata/every-key.yaml",
		"the demonstration": "../demo/workspace.yaml"} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text = bytes.ReplaceAll(text, []byte("http://localhost:8081"), []byte("https://login.example.org"))
			c := storetest.NewClock()
			s, other := storetest.New(t, c), storetest.New(t, c)
			apply(t, s, text)
			first := exported(t, s)
			apply(t, other, withSecrets(t, first))
			if diff := cmp.Diff(string(first), string(exported(t, other))); diff != "" {
				t.Errorf("the exports differ: %s", diff)
			}
		})
	}
}

// A directory's secret comes from the file that the workspace file names, and stays when a
// later file names none.
func TestSecretsKeptAndNotExported(t *testing.T) {
	s := storetest.New(t, storetest.NewClock())
	apply(t, s, everyKey(t))
	without := strings.ReplaceAll(string(everyKey(t)), "      clientSecretFile: meridian.secret\n", "")
	without = strings.ReplaceAll(without, ", clientSecret: top-secret-of-harbor", "")
	if done := apply(t, s, []byte(without)); len(done) != 0 {
		t.Errorf("a file without secrets changed %v", done)
	}
	var got []string
	for _, d := range must(s.Directories(context.Background(), ""))(t) {
		got = append(got, d.ClientSecret)
	}
	slices.Sort(got)
	if want := []string{secretFile, "top-secret-of-harbor"}; !slices.Equal(got, want) {
		t.Errorf("secrets %v, want %v", got, want)
	}
}

// A person whose address does not identify them has an id in the export, and references
// have it too. Applied to an empty database, the id is the same.
func TestExportNamesByID(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		apply(t, s, everyKey(t))
		ctx := context.Background()
		tenant := must(s.TenantByDomain(ctx, "meridian.example"))(t)
		omar := must(s.PeopleByEmail(ctx, tenant.ID, "omar@meridian.example"))(t)[0]
		err := s.Write(ctx, func(tx *store.Tx) error {
			omar.Email = "omar@elsewhere.example"
			return tx.UpdatePerson(ctx, omar)
		})
		if err != nil {
			t.Fatal(err)
		}
		out := string(exported(t, s))
		for _, want := range []string{"- id: ID\n        displayName: Omar Haddad\n        mail: omar@elsewhere.example\n",
			"manager: ID\n", "members:\n          - ID\n          - lena@meridian.example\n"} {
			if want = strings.ReplaceAll(want, "ID", string(omar.ID)); !strings.Contains(out, want) {
				t.Errorf("the export does not have %q:\n%s", want, out)
			}
		}
		if done := apply(t, s, []byte(out)); len(done) != 0 {
			t.Errorf("applying it changed %v", done)
		}
		other := storetest.New(t, c)
		apply(t, other, withSecrets(t, []byte(out)))
		tenant = must(other.TenantByDomain(ctx, "meridian.example"))(t)
		if p, err := other.Person(ctx, tenant.ID, omar.ID); err != nil || p.Email != "omar@elsewhere.example" {
			t.Errorf("elsewhere it is %+v, %v", p, err)
		}
	})
}

// A guest who is blocked is exported as blocked: the guest must not become active where the
// export is applied. Applying the export later does not change the state of a guest.
func TestExportedGuestsKeepState(t *testing.T) {
	c := storetest.NewClock()
	s, other := storetest.New(t, c), storetest.New(t, c)
	apply(t, s, everyKey(t))
	ctx := context.Background()
	mira := func(s *store.Store) access.Person {
		tenant := must(s.TenantByDomain(ctx, "meridian.example"))(t)
		return must(s.PeopleByEmail(ctx, tenant.ID, "mira@harbor.example"))(t)[0]
	}
	if p := mira(s); p.Kind != access.Guest || p.Guest != access.GuestActive {
		t.Fatalf("Mira is %s, %s", p.Kind, p.Guest)
	}
	active := exported(t, s)
	p := mira(s)
	due := c.Now().AddDate(0, 0, 20)
	p.Governed, p.RemovalDue = true, due
	err := s.Write(ctx, func(tx *store.Tx) error { return tx.MoveGuest(ctx, p, access.GuestBlocked, "test") })
	if err != nil {
		t.Fatal(err)
	}
	apply(t, other, withSecrets(t, exported(t, s)))
	if p := mira(other); p.Kind != access.Guest || p.Guest != access.GuestBlocked || !p.Governed ||
		!p.RemovalDue.Equal(due) {
		t.Errorf("elsewhere Mira is %+v", p)
	}
	if done := apply(t, s, active); len(done) != 0 || mira(s).Guest != access.GuestBlocked {
		t.Errorf("the export from before changed %v, and Mira is %s", done, mira(s).Guest)
	}
}

// A tenant's own directories are exported with their domains, but without the secret, and so
// are its organizations that have no others.
func TestExportHasTenantDirectories(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		apply(t, s, everyKey(t))
		ctx := context.Background()
		tenant := must(s.TenantByDomain(ctx, "meridian.example"))(t)
		err := s.Write(ctx, func(tx *store.Tx) error {
			dir := must(tx.Directories(ctx, ""))(t)[0]
			dir.ID, dir.Owner, dir.Name, dir.Domains = access.DirectoryID(tx.NewID()), tenant.ID, "Wharf",
				[]access.Domain{"wharf.example"}
			dir.DomainClaims = []access.DomainClaim{{Domain: "pier.example", Token: "T"}}
			if err := tx.SaveDirectory(ctx, dir, access.VerifiedByDNS); err != nil {
				return err
			}
			return tx.SaveOrganization(ctx, access.Organization{Tenant: tenant.ID, ID: access.OrganizationID(tx.NewID()),
				Name:        "Wharf",
				Description: "Of the tenant alone", State: access.Configured, Directories: []access.DirectoryID{dir.ID}})
		})
		if err != nil {
			t.Fatal(err)
		}
		out := exported(t, s)
		if done := apply(t, s, out); len(done) != 0 {
			t.Errorf("applying it changed %v", done)
		}
		other := storetest.New(t, c)
		apply(t, other, withSecrets(t, out))
		tenant = must(other.TenantByDomain(ctx, "meridian.example"))(t)
		d := must(other.DirectoryByDomain(ctx, tenant.ID, "wharf.example"))(t)
		if d.Name != "Wharf" || d.Owner != tenant.ID || d.ClientSecret != "again" || len(d.DomainClaims) != 1 ||
			d.DomainClaims[0] != (access.DomainClaim{Domain: "pier.example", Token: "T"}) {
			t.Errorf("elsewhere the directory is %+v", d)
		}
		o, ok, err := other.OrganizationOf(ctx, tenant.ID, d.ID)
		if err != nil || !ok || o.Name != "Wharf" {
			t.Errorf("elsewhere the organization is %+v, %v", o, err)
		}
	})
}

// The example in README is a valid workspace file.
func TestReadmeExample(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(text), "```yaml\n")
	example, _, found := strings.Cut(example, "```\n")
	s := storetest.New(t, storetest.NewClock())
	if done := apply(t, s, []byte(example)); !found || len(done) < 8 {
		t.Errorf("it makes %v", done)
	}
	if again := apply(t, s, []byte(example)); len(again) != 0 {
		t.Errorf("applying it again: %v", again)
	}
}
