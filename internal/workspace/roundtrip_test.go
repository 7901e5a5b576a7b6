package workspace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"myaccess/internal/access"
	"myaccess/internal/deeptest"
	"myaccess/internal/sample"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// TestRoundTrip: a random installation is exported. On the same database a plan of the
// export has no changes; applied, with the secrets, to an empty database it gives one that
// has the same and whose export is the same.
func TestRoundTrip(t *testing.T) {
	written, stored := map[string]bool{}, map[string]bool{}
	accepted := 0
	for seed := range deeptest.Rounds(t, 20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b := newInstallation(t, uint64(seed))
			accepted += b.accepted
			engine := "sqlite"
			if seed%10 == 5 {
				engine = "postgres" // if there is one
			}
			text := roundTrip(t, b.store, b.clock, engine)
			noteSet(reflect.ValueOf(parse(t, text)), written)
			for _, o := range objects(t, b.store) {
				noteSet(reflect.ValueOf(o.value), stored)
			}
			for _, id := range b.people {
				if p := must(b.store.Person(t.Context(), b.tenant.ID, id))(t); p.MergedInto != "" {
					noteSet(reflect.ValueOf(p), stored)
					if strings.Contains(string(text), string(id)) {
						t.Errorf("the export names %s, who was merged into another", id)
					}
				}
			}
			if t.Failed() {
				t.Logf("the export is:\n%s", text)
			}
		})
	}
	if t.Failed() {
		return
	}
	if rounds := deeptest.Rounds(t, 20); accepted < 100*rounds {
		t.Errorf("only %d changes were accepted in %d installations", accepted, rounds)
	}
	expectAllSet(t, "no export had", written, reflect.TypeFor[workspace.File](), nil)
	for _, as := range []reflect.Type{reflect.TypeFor[access.Directory](), reflect.TypeFor[access.Settings](),
		reflect.TypeFor[access.Person](), reflect.TypeFor[access.Entry](), reflect.TypeFor[access.Organization](),
		reflect.TypeFor[access.Catalog](), reflect.TypeFor[access.Package](), reflect.TypeFor[access.Policy]()} {
		expectAllSet(t, "no installation had", stored, as, notInFile())
	}
}

// TestRoundTripOfSample is TestRoundTrip for the sample.
func TestRoundTripOfSample(t *testing.T) {
	for seed := range max(1, deeptest.Rounds(t, 20)/10) {
		c := storetest.NewClock()
		s := storetest.New(t, c)
		_, err := sample.Write(t.Context(), sample.Config{Store: s, Size: sample.Full().Scale(.001), Seed: uint64(seed),
			Domain: "meridian.example", Issuer: "https://login.meridian.example"})
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, s, c, "sqlite")
	}
}

// roundTrip checks the export of a database, and returns it. It is applied to a database of
// the engine.
func roundTrip(t *testing.T, s *store.Store, c *storetest.Clock, engine string) []byte {
	t.Helper()
	first := exported(t, s)
	changes, err := workspace.Plan(t.Context(), s, parse(t, first), options())
	if err != nil || len(changes) > 0 {
		t.Fatalf("a plan of the export has %q, %v\n%s", lines(changes), err, first)
	}
	address, ok := storetest.Migrated()[engine]
	if !ok {
		address = storetest.Migrated()["sqlite"]
	}
	other := storetest.Open(t, address(t), c.Now, storetest.RunOnce)
	if _, err := workspace.Apply(t.Context(), other, parse(t, withSecrets(t, first)), options()); err != nil {
		t.Fatalf("the export cannot be applied: %v\n%s", err, first)
	}
	second := exported(t, other)
	if diff := cmp.Diff(strings.Split(string(first), "\n"), strings.Split(string(second), "\n")); diff != "" {
		t.Errorf("the exports differ: %s", diff)
	}
	if diff := cmp.Diff(described(t, s), described(t, other)); diff != "" {
		t.Errorf("the databases differ: %s", diff)
	}
	changes, err = workspace.Plan(t.Context(), other, parse(t, second), options())
	if err != nil || len(changes) > 0 {
		t.Errorf("a plan of the second export has %q, %v", lines(changes), err)
	}
	return first
}

// withSecrets adds a secret to each provider that needs one.
func withSecrets(t *testing.T, text []byte) []byte {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		public := false
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			public = public || n.Content[i].Value == "tokenEndpointAuthMethod" && n.Content[i+1].Value == "none"
		}
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content) && !public; i += 2 {
			if n.Content[i].Value == "issuer" {
				n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "clientSecret"},
					&yaml.Node{Kind: yaml.ScalarNode, Value: "again"})
				break
			}
		}
		for _, child := range n.Content {
			walk(child)
		}
	}
	walk(&root)
	var b bytes.Buffer
	if err := yaml.NewEncoder(&b).Encode(&root); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// notInFile are the fields that a file does not have, each with the reason.
func notInFile() map[string]string {
	const id, stamp = "objects have names", "when it was written"
	return map[string]string{
		"Directory.ID": id, "Directory.Owner": "the tenant that it is in", "Directory.ClientSecret": "a secret",
		"Directory.Version": stamp,
		"Person.ID":         id, "Person.Tenant": "the tenant that it is in", "Person.Account": "its subject is compared",
		"Person.Domain": "follows from the address", "Person.InvitedBy": "a request", "Person.Created": stamp,
		"Person.DisabledSince": stamp, "Person.SessionsEnded": stamp,
		"Person.Version": stamp, "Person.Kind": "follows from directory and guest state",
		"Entry.ID": id, "Entry.Tenant": "the tenant that it is in", "Entry.Version": stamp,
		"Organization.ID": id, "Organization.Tenant": "the tenant that it is in", "Organization.Version": stamp,
		"Catalog.ID": id, "Catalog.Tenant": "the tenant that it is in", "Catalog.Version": stamp,
		"Package.ID": id, "Package.Tenant": "the tenant that it is in", "Package.Version": stamp,
		"Package.Deleted": "a file has no deleted packages", "Package.Catalog": "the catalog that it is in",
		"Policy.ID": id, "Policy.Tenant": "the tenant that it is in", "Policy.Package": "the package that it is in",
		"Policy.Version": stamp,
	}
}

// object is a stored object, with what contains it.
type object struct {
	in    string
	value any
}

// objects are the objects of a database that a file describes, without the fields that it
// does not have.
func objects(t *testing.T, s *store.Store) (all []object) {
	t.Helper()
	ctx := context.Background()
	add := func(in string, value any) { all = append(all, object{in, value}) }
	for _, d := range must(s.Directories(ctx, ""))(t) {
		add("", d)
	}
	for _, x := range must(s.Tenants(ctx))(t) {
		add(x.Name, x.Settings)
		if err := s.WalkDirectories(ctx, x.ID, store.ListQuery[store.DirectoryFilter]{}, func(d access.Directory) error {
			add(x.Name, d)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for _, p := range must(s.PeopleAfter(ctx, x.ID, store.Key{}, 100_000))(t) {
			p.Sponsors = must(s.Sponsors(ctx, x.ID, p.ID))(t)
			add(x.Name, p)
		}
		for _, e := range must(s.Entries(ctx, x.ID))(t) {
			add(x.Name, e)
			add(x.Name+": owners of "+e.Name, must(s.EntryOwners(ctx, x.ID, e.ID))(t))
		}
		for _, o := range must(s.Organizations(ctx, x.ID))(t) {
			add(x.Name, o)
		}
		for _, r := range must(s.RoleAssignments(ctx, x.ID))(t) {
			r.Tenant = ""
			add(x.Name, r)
		}
		for _, c := range must(s.Catalogs(ctx, x.ID))(t) {
			add(x.Name, c)
			for _, p := range must(s.PackagesOf(ctx, x.ID, c.ID))(t) {
				p.Roles = must(s.Package(ctx, x.ID, p.ID))(t).Roles
				add(x.Name+", "+c.Name, p)
				for _, o := range must(s.PoliciesOf(ctx, x.ID, p.ID))(t) {
					o.Targets = slices.DeleteFunc(o.Targets, func(one access.SubjectRef) bool {
						_, err := s.Organization(ctx, x.ID, access.OrganizationID(one.ID))
						return one.Kind == access.SubjectOrganization && err != nil // deleted
					})
					add(x.Name+", "+c.Name+", "+p.Name, o)
				}
			}
		}
	}
	return all
}

// described are the objects of a database as lines, with names in place of ids.
func described(t *testing.T, s *store.Store) (lines []string) {
	t.Helper()
	names := describedIDs(t, s)
	for _, o := range objects(t, s) {
		v := reflect.New(reflect.TypeOf(o.value)).Elem()
		v.Set(reflect.ValueOf(o.value))
		normalize(v)
		text := names.Replace(string(must(json.Marshal(v.Interface()))(t)))
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%T in %s: %s", o.value, o.in, must(json.Marshal(sorted("", value)))(t)))
	}
	slices.Sort(lines)
	return lines
}

// sorted sorts the lists of a value of JSON that have no order.
func sorted(key string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		for k := range v {
			v[k] = sorted(k, v[k])
		}
	case []any:
		if slices.Contains([]string{"", "Directories", "InternalSponsors", "ExternalSponsors", "Sponsors", "Targets"}, key) {
			slices.SortFunc(v, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		if len(v) == 0 {
			return nil
		}
	}
	return value
}

// normalize clears the fields that a file does not have, sorts what has no order, and makes
// values equal that mean the same.
func normalize(v reflect.Value) {
	if v.Kind() == reflect.Struct {
		for field := range v.Type().Fields() {
			if notInFile()[v.Type().Name()+"."+field.Name] != "" {
				v.FieldByIndex(field.Index).SetZero()
			}
		}
	}
	switch o := v.Addr().Interface().(type) {
	case *access.Settings:
		o.SessionIdle, o.SessionLife = o.SessionIdle.Truncate(time.Hour), o.SessionLife.Truncate(time.Hour)
		if o.DomainRule == access.DomainsAny {
			o.DomainList = nil
		}
	case *access.Policy:
		if o.ShowApprovers == "" {
			o.ShowApprovers = access.Inherit
		}
		o.Stages = slices.Clone(o.Stages)
		for i := range o.Stages {
			o.Stages[i].Approvers = unrepeated(o.Stages[i].Approvers)
		}
	}
}

// describedIDs replaces the ids of a database by what they mean.
func describedIDs(t *testing.T, s *store.Store) *strings.Replacer {
	t.Helper()
	ctx := context.Background()
	var pairs []string
	note := func(id, name string) { pairs = append(pairs, `"`+id+`"`, string(must(json.Marshal(name))(t))) }
	for _, o := range objects(t, s) {
		switch v := o.value.(type) {
		case access.Directory:
			note(string(v.ID), "directory "+o.in+"/"+v.Name)
		case access.Person:
			subject := ""
			if v.Account != "" {
				subject = must(s.Account(ctx, v.Account))(t).Subject
			}
			note(string(v.ID), strings.Join([]string{"person", o.in, v.Name, v.Email, subject}, "/"))
		case access.Entry:
			note(string(v.ID), "entry "+o.in+"/"+v.Name)
		case access.Organization:
			note(string(v.ID), "organization "+o.in+"/"+v.Name)
		case access.Catalog:
			note(string(v.ID), "catalog "+o.in+"/"+v.Name)
			for _, r := range must(s.CatalogResourceRoles(ctx, v.Tenant, v.ID))(t) {
				e := must(s.Entry(ctx, v.Tenant, access.EntryID(r.Resource.ExternalID)))(t)
				note(string(r.Role.ID), "role "+e.Name+"/"+r.Role.Name)
			}
		}
	}
	return strings.NewReplacer(pairs...)
}

// noteSet notes the fields of a value that are not zero.
func noteSet(v reflect.Value, set map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			noteSet(v.Elem(), set)
		}
	case reflect.Slice:
		for i := range v.Len() {
			noteSet(v.Index(i), set)
		}
	case reflect.Struct:
		for field := range v.Type().Fields() {
			f := v.FieldByIndex(field.Index)
			if !f.IsZero() {
				set[v.Type().String()+"."+field.Name] = true
			}
			if field.IsExported() {
				noteSet(f, set)
			}
		}
	default:
	}
}

// expectAllSet checks that every field of a type was set at least once.
func expectAllSet(t *testing.T, what string, set map[string]bool, as reflect.Type, except map[string]string) {
	t.Helper()
	for as.Kind() == reflect.Pointer || as.Kind() == reflect.Slice {
		as = as.Elem()
	}
	if as.Kind() != reflect.Struct || as == reflect.TypeFor[time.Time]() || strings.Contains(as.Name(), "dateTime") {
		return
	}
	for field := range as.Fields() {
		if !field.IsExported() || except[as.Name()+"."+field.Name] != "" {
			continue
		}
		name := as.String() + "." + field.Name
		if !set[name] && !slices.Contains([]string{"Line", "ClientSecret", "ClientSecretFile"}, field.Name) {
			t.Errorf("%s %s", what, name)
		}
		expectAllSet(t, what, set, field.Type, except)
	}
}
