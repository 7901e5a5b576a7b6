package admin

import (
	"context"
	"errors"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Actor is who changes something: a person of a tenant, or the operator of the
// installation at the command line.
type Actor struct {
	person   access.Person
	operator bool
}

// ByPerson is the person as an actor. What the person may do is read in the
// transaction.
func ByPerson(p access.Person) Actor { return Actor{person: p} }

// ByOperator is the operator: every right in every tenant, no exemption from
// the rules, and alone allowed what concerns the whole installation.
func ByOperator() Actor { return Actor{person: access.Person{ID: access.Operator}, operator: true} }

// Editor saves and removes what administrators own, within one transaction, for
// one actor in one tenant. Every surface writes through it: the pages, the
// workspace file, and later the HTTP API. Each method checks the actor's rights
// and every rule, writes the audit record, and queues what follows.
type Editor struct {
	tx       *store.Tx
	by       access.Person // of the tenant that is edited
	rights   access.Rights
	operator bool
	loopback bool // providers may be on this machine

	warnings *access.Errors
}

// Apply runs f in a transaction: committed if f returns nil, otherwise rolled
// back. f may run twice, so it must not change what it captures in a way that
// its second run sees. The warnings are what the changes bring about that the
// actor should know, such as a policy that nobody can approve for any more.
func (a *Admin) Apply(ctx context.Context, by Actor, f func(*Editor) error) (access.Errors, error) {
	var warnings access.Errors
	err := a.store.Write(ctx, func(tx *store.Tx) error {
		warnings = nil
		ed, err := a.editor(ctx, tx, by, &warnings)
		if err != nil {
			return err
		}
		return f(ed)
	})
	a.wake()
	return warnings, err
}

// errPreview rolls back what was only to be previewed.
var errPreview = errors.New("preview")

// Preview is Apply, rolled back: it returns the same refusals and warnings.
func (a *Admin) Preview(ctx context.Context, by Actor, f func(*Editor) error) (access.Errors, error) {
	var warnings access.Errors
	err := a.store.Write(ctx, func(tx *store.Tx) error {
		warnings = nil
		ed, err := a.editor(ctx, tx, by, &warnings)
		if err == nil {
			err = f(ed)
		}
		if err != nil {
			return err
		}
		return errPreview
	})
	if errors.Is(err, errPreview) {
		err = nil
	}
	return warnings, err
}

func (a *Admin) editor(ctx context.Context, tx *store.Tx, by Actor, warnings *access.Errors) (*Editor, error) {
	ed := &Editor{tx: tx, by: by.person, operator: by.operator, loopback: a.loopback, warnings: warnings}
	if by.operator {
		ed.rights = access.Rights{Tenant: []access.AdminRole{access.GlobalAdministrator}}
		return ed, nil
	}
	fresh, err := tx.Person(ctx, by.person.Tenant, by.person.ID)
	if err != nil {
		return nil, err
	}
	ed.rights, err = tx.Rights(ctx, fresh) // none for a disabled person
	return ed, err
}

// In is the editor for another tenant, which only the operator may enter.
func (ed *Editor) In(t access.TenantID) (*Editor, error) {
	if err := ed.operatorOnly(); err != nil {
		return nil, err
	}
	other := *ed
	other.by.Tenant = t
	return &other, nil
}

// Reader reads within the transaction.
func (ed *Editor) Reader() *store.Reader { return ed.tx.Reader }

// self is the actor with the rights that count in this transaction.
func (ed *Editor) self() administrator { return administrator{ed.by, ed.rights} }

// operatorOnly refuses what concerns the whole installation to everybody else.
func (ed *Editor) operatorOnly() error {
	if !ed.operator {
		return access.Missing()
	}
	return nil
}

// warn notes what the actor should know about a change.
func (ed *Editor) warn(es ...*access.Error) { *ed.warnings = append(*ed.warnings, es...) }

// change runs f in a transaction for a person.
func (a *Admin) change(ctx context.Context, by access.Person, f func(*Editor) error) error {
	_, err := a.Apply(ctx, ByPerson(by), f)
	return err
}

// result is change for what returns a value.
func result[T any](ctx context.Context, a *Admin, by access.Person, f func(*Editor) (T, error)) (T, error) {
	var made T
	err := a.change(ctx, by, func(ed *Editor) (err error) {
		made, err = f(ed)
		return err
	})
	return made, err
}

// object names what was changed, for the audit log.
type object struct {
	kind     access.ObjectKind
	id       string
	from, to string // what changed, in words or as names
	reason   string
}

// record writes the actor's change into the audit log.
func (ed *Editor) record(ctx context.Context, act access.Activity, o object) error {
	return ed.tx.Audit(ctx, access.AuditRecord{Tenant: ed.by.Tenant, Actor: ed.by.ID, Activity: act, ObjectKind: o.kind,
		ObjectID: o.id, From: o.from, To: o.to, Reason: o.reason})
}

// saved is the activity for a saved object: created if it had no version
// before.
func saveActivity(version int64) access.Activity {
	if version == 0 {
		return access.ActCreate
	}
	return access.ActUpdate
}

// checkVersion refuses an edit that did not start from the version stored.
func checkVersion(stored, given int64) error {
	if stored != given {
		return access.Refuse(access.Conflict, "Somebody else has changed this while you were editing. Look at both, and "+
			"save again.")
	}
	return nil
}
