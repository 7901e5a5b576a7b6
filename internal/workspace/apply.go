package workspace

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/plain"
	"myaccess/internal/store"
)

// Change is one object that applying a file creates or updates.
type Change struct {
	Line int
	Verb string // create or update
	Kind string // directory, tenant, user, resource …
	ID   string // of the object
	Name string
}

// Text returns the change as a line of a plan, printed by print.
func (c Change) Text(print Printer) string {
	w := wordsOf(c.Kind)
	if c.Verb == "create" {
		return print(w.create, c.Name)
	}
	return print(w.update, c.Name)
}

// Options say how a file is applied.
type Options struct {
	// ReadFile reads the files that the workspace file names for secrets.
	ReadFile func(name string) ([]byte, error)
	// AllowLoopback lets issuers on loopback addresses use http.
	AllowLoopback bool
	// IsListed reports whether the operator permits tenants' providers at a host without a
	// public name; nil for none.
	IsListed func(host string) bool
	// Providers, unless nil, is given the providers that are added or changed, to test the
	// connection to them. It is called after the transaction.
	Providers func([]access.Directory)
	// Warn, unless nil, is given the consequences that whoever applies the file should
	// know. They refuse nothing.
	Warn func(access.Errors)
}

// Plan returns what Apply would change, and changes nothing.
func Plan(ctx context.Context, s *store.Store, f File, o Options) ([]Change, error) {
	return run(ctx, s, f, o, (*admin.Admin).Preview)
}

// Apply applies the file in one transaction, as the operator, and returns what it changed.
// If anything is wrong it changes nothing and returns Faults with every fault.
func Apply(ctx context.Context, s *store.Store, f File, o Options) ([]Change, error) {
	return run(ctx, s, f, o, (*admin.Admin).Apply)
}

func run(ctx context.Context, s *store.Store, f File, o Options,
	edit func(*admin.Admin, context.Context, admin.Actor,
		func(*admin.Editor) error) (access.Errors, error)) ([]Change, error) {
	var changes []Change
	var providers []access.Directory
	rules := admin.New(admin.Config{Store: s, AllowLoopback: o.AllowLoopback, IsListed: o.IsListed})
	warnings, err := edit(rules, ctx, admin.ByOperator(), func(ed *admin.Editor) error {
		a := &apply{ctx: ctx, ed: ed, read: ed.Reader(), options: o, faults: slices.Clone(f.faults), spoiled: f.spoiled,
			bad: map[string]bool{}, named: map[string]int{}, directories: map[string]access.DirectoryID{}}
		if err := a.file(f); err != nil {
			return err
		}
		changes, providers = a.changes, a.providers
		if err := a.faults.err(); err != nil {
			return err
		}
		return warnOfUnusable(ctx, ed)
	})
	if err != nil {
		return nil, err
	}
	if o.Warn != nil {
		o.Warn(warnings)
	}
	if o.Providers != nil {
		o.Providers(providers)
	}
	return changes, nil
}

// warnOfUnusable warns of the policies of all tenants that no one can use.
func warnOfUnusable(ctx context.Context, ed *admin.Editor) error {
	tenants, err := ed.Reader().Tenants(ctx)
	for _, t := range tenants {
		if err != nil {
			return err
		}
		var of *admin.Editor
		if of, err = ed.In(t.ID); err == nil {
			err = of.WarnOfUnusable(ctx)
		}
	}
	return err
}

// apply is the state of one run over a file.
type apply struct {
	ctx     context.Context
	ed      *admin.Editor
	read    *store.Reader // within the transaction
	options Options
	faults  Faults
	changes []Change
	spoiled map[*yaml.Node]bool // nodes whose faults are reported already
	// bad has the names that have faults of their own (directories, domains, addresses),
	// so that references to them are not reported as well.
	bad map[string]bool
	// named has the line of each name, to find duplicates.
	named map[string]int
	// providers are the OpenID Providers that are added or changed.
	providers []access.Directory
	// directories are the ids of the file, with the ids of the directories that they mean.
	directories map[string]access.DirectoryID
}

// claimName records the name of an object and reports whether it is new; a duplicate is a
// fault. within is the id of the object that contains it.
func (a *apply) claimName(line int, kind, within, name string) bool {
	return a.claim(line, kind, within, name, key(name))
}

// claim is claimName for objects whose names are compared in the form id.
func (a *apply) claim(line int, kind, within, name, id string) bool {
	k := kind + "\x00" + within + "\x00" + id
	if first := a.named[k]; first != 0 && name != "" {
		a.faults.add(line, wordsOf(kind).twice, name, first)
		return false
	}
	a.named[k] = line
	return true
}

func (a *apply) file(f File) error {
	for _, d := range f.Directories {
		if err := a.directory(d); err != nil {
			return err
		}
	}
	for _, t := range f.Tenants {
		if err := a.tenant(t); err != nil {
			return err
		}
	}
	return nil
}

// position is the place of an object in the file.
type position interface {
	// lineOf is the line of the value under the path of keys, or of the last key on the
	// path that exists; find is lineOf with the node.
	lineOf(path ...any) int
	find(path ...any) (line int, node *yaml.Node)
}

// addFaults turns a refusal into faults, each at the line of its field. It reports whether
// err was nil, and returns any error that is not a refusal.
func (a *apply) addFaults(at position, pathOf func(field string) []any, err error) (ok bool, _ error) {
	if err == nil {
		return true, nil
	}
	switch access.KindOf(err) {
	case access.Invalid, access.Conflict, access.NotFound, access.Forbidden:
	case access.Internal, access.Unavailable, access.TooManyRequests:
		return false, err
	}
	var es access.Errors
	es.Add(err)
	for _, e := range es {
		if e.Kind == access.Internal {
			return false, err
		}
		line, node := at.find()
		if e.Field != "" {
			line, node = at.find(pathOf(e.Field)...)
		}
		if a.spoiled[node] {
			continue
		}
		a.faults.append(Fault{Line: line, Msg: e.Msg, Args: e.Args, Kind: e.Kind, Field: e.Field})
	}
	return false, nil
}

// sameKey is the path of a field that has the same name as its key in the file.
func sameKey(field string) []any { return []any{field} }

// renamedKeys is sameKey but for the fields in names.
func renamedKeys(names map[string]string) func(string) []any {
	return func(field string) []any {
		if name, ok := names[field]; ok {
			field = name
		}
		return []any{field}
	}
}

// target is the object that a save creates or updates.
type target struct {
	at     position
	pathOf func(field string) []any
	kind   string
	name   string
}

// save calls save unless the stored value equals the wanted one, and records the change.
// fresh is true if nothing is stored. ok is false if the save was refused.
func save[T any](a *apply, on target, fresh bool, stored, wanted T,
	save func(T) (id string, err error)) (ok bool, err error) {
	verb := "update"
	if fresh {
		verb = "create"
	} else if same(reflect.ValueOf(stored), reflect.ValueOf(wanted)) {
		return true, nil
	}
	id, err := save(wanted)
	if ok, err := a.addFaults(on.at, on.pathOf, err); !ok || err != nil {
		return false, err
	}
	a.changes = append(a.changes, Change{on.at.lineOf(), verb, on.kind, id, on.name})
	return true, nil
}

// same reports whether two values of the same type are equal. An empty list or map equals
// a missing one. Texts are equal if they differ only in what plain.Text removes: those of
// the file have been through it, and stored ones can be older.
func same(x, y reflect.Value) bool {
	switch x.Kind() {
	case reflect.Slice:
		if x.Len() != y.Len() {
			return false
		}
		for i := range x.Len() {
			if !same(x.Index(i), y.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		if x.Len() != y.Len() {
			return false
		}
		for _, k := range x.MapKeys() {
			if v := y.MapIndex(k); !v.IsValid() || !same(x.MapIndex(k), v) {
				return false
			}
		}
		return true
	case reflect.Struct:
		if t, ok := x.Interface().(time.Time); ok {
			return t.Equal(y.Interface().(time.Time))
		}
		for i := range x.NumField() {
			if x.Type().Field(i).Name == "ClientSecret" && !x.Field(i).Equal(y.Field(i)) {
				return false
			}
			if !same(x.Field(i), y.Field(i)) {
				return false
			}
		}
		return true
	case reflect.String:
		return x.Equal(y) || plain.Text(x.String()) == plain.Text(y.String())
	}
	return x.Equal(y)
}

// or returns s, or def if s is empty.
func or(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// notFound reports whether err is a NotFound refusal.
func notFound(err error) bool {
	e, ok := errors.AsType[*access.Error](err)
	return ok && e.Kind == access.NotFound
}
