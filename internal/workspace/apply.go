package workspace

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Change is one thing that applying a file adds or changes.
type Change struct {
	Line int
	Verb string // create or update
	Kind string // directory, tenant, user, resource …
	ID   string // of the thing
	Name string
}

// String is the change as a line of a plan.
func (c Change) String() string { return fmt.Sprintf("%s %s “%s”", c.Verb, c.Kind, c.Name) }

// Options say how a file is applied.
type Options struct {
	// ReadFile reads the files that the workspace file names for secrets.
	ReadFile func(name string) ([]byte, error)
	// AllowLoopback lets issuers on loopback addresses use http.
	AllowLoopback bool
}

// errPlanned rolls a transaction back that was only to see what would change.
var errPlanned = errors.New("planned")

// Plan says what Apply would change, and changes nothing.
func Plan(ctx context.Context, s *store.Store, f File, o Options) ([]Change, error) {
	changes, err := run(ctx, s, f, o, errPlanned)
	if errors.Is(err, errPlanned) {
		return changes, nil
	}
	return nil, err
}

// Apply makes what the file names so, in one transaction, and returns what it
// changed. Faults, all at once, if anything is wrong; then nothing is changed.
func Apply(ctx context.Context, s *store.Store, f File, o Options) ([]Change, error) {
	return run(ctx, s, f, o, nil)
}

func run(ctx context.Context, s *store.Store, f File, o Options, end error) ([]Change, error) {
	var changes []Change
	err := s.Write(ctx, func(tx *store.Tx) error {
		a := &apply{ctx: ctx, tx: tx, options: o, bad: map[string]bool{}, named: map[string]int{}}
		if err := a.file(f); err != nil {
			return err
		}
		if err := a.faults.err(); err != nil {
			return err
		}
		changes = a.changes
		return end
	})
	return changes, err
}

// apply is one run over a file.
type apply struct {
	ctx     context.Context
	tx      *store.Tx
	options Options
	faults  Faults
	changes []Change
	// bad has what was named but is at fault itself (directories, domains,
	// addresses), so that what refers to it is not called wrong as well.
	bad map[string]bool
	// named has the line on which each thing stands, so that none is there twice.
	named map[string]int
}

// once reports whether the file names the thing for the first time; a second
// time is a fault. within is the id of what the thing is in.
func (a *apply) once(line int, kind, within, name string) bool {
	k := kind + "\x00" + within + "\x00" + key(name)
	if first := a.named[k]; first != 0 {
		a.faults.add(line, "the %s “%s” stands on line %d already", kind, name, first)
		return false
	}
	a.named[k] = line
	return true
}

func (a *apply) file(f File) error {
	for _, d := range f.Directories {
		if err := a.directory(d.V, d.Line); err != nil {
			return err
		}
	}
	for _, t := range f.Tenants {
		if err := a.tenant(t.V, t.Line); err != nil {
			return err
		}
	}
	return nil
}

// judge adds the faults that a rule has found; it reports whether there were
// none.
func (a *apply) judge(line int, err error) bool {
	var es access.Errors
	es.Add(err)
	for _, e := range es {
		a.faults.add(line, "%s", e.Error())
	}
	return len(es) == 0
}

// thing is what a change is about.
type thing struct {
	tenant access.TenantID // empty for a directory
	line   int
	kind   string
	id     string
	name   string
}

// put saves what is wanted with save, unless what is stored is equal to it
// already. fresh says that nothing is stored.
func put[T any](a *apply, th thing, fresh bool, stored, wanted T, save func() error) error {
	verb, activity := "update", access.ActUpdate
	if fresh {
		verb, activity = "create", access.ActCreate
	} else if same(reflect.ValueOf(stored), reflect.ValueOf(wanted)) {
		return nil
	}
	a.changes = append(a.changes, Change{th.line, verb, th.kind, th.id, th.name})
	if err := save(); err != nil {
		return err
	}
	if th.tenant == "" {
		return nil
	}
	return a.tx.Audit(a.ctx, access.AuditRecord{Tenant: th.tenant, Activity: activity, ObjectKind: access.ObjectKind(th.kind),
		ObjectID: th.id,
		To:       th.name, Reason: "workspace file"})
}

// same reports whether two values of one type are equal. An empty list or map
// is equal to none.
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
			if !same(x.Field(i), y.Field(i)) {
				return false
			}
		}
		return true
	}
	return x.Equal(y)
}
