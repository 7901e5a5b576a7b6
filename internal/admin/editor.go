package admin

import (
	"context"
	"errors"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// Actor is who makes a change: a person of a tenant, or the operator of the installation
// at the command line.
type Actor struct {
	person   access.Person
	operator bool
}

// ByPerson is a person as an actor. Apply reads the person's rights in its transaction.
func ByPerson(p access.Person) Actor { return Actor{person: p} }

// ByOperator is the operator: has every right in every tenant, follows the same rules, and
// alone may change what concerns the whole installation.
func ByOperator() Actor { return Actor{person: access.Person{ID: access.Operator}, operator: true} }

// Editor makes the changes of administrators within one transaction, for one actor in one
// tenant. The pages and the workspace file both write through it. Each method checks the
// actor's rights and the rules, writes the audit record, and queues the consequences.
type Editor struct {
	tx       *store.Tx
	by       access.Person // with the tenant that is edited
	rights   access.Rights
	operator bool
	private  access.PrivateHosts
	tolerant bool // see Tolerant

	warnings *access.Errors
}

// Apply runs f in a transaction, committed if f returns nil. f can run twice, so its
// second run must not depend on what the first one captured. The warnings are consequences
// that the actor should know, such as a policy without anyone left to approve.
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

// errPreview rolls back a preview.
var errPreview = errors.New("preview")

// Preview runs f like Apply and rolls it back: it returns the same refusals and warnings.
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
	ed := &Editor{tx: tx, by: by.person, operator: by.operator, private: a.private, warnings: warnings}
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

// In returns the editor for another tenant. Only the operator may use it.
func (ed *Editor) In(t access.TenantID) (*Editor, error) {
	if err := ed.operatorOnly(); err != nil {
		return nil, err
	}
	other := *ed
	other.by.Tenant = t
	return &other, nil
}

// Tolerant returns an editor for the operator that stores what cannot work now, such as a
// policy whose end is over. The rules that it breaks because other things have changed
// since it was made give warnings. So what was exported can be stored elsewhere.
func (ed *Editor) Tolerant() (*Editor, error) {
	if err := ed.operatorOnly(); err != nil {
		return nil, err
	}
	other := *ed
	other.tolerant = true
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

// warn adds warnings for the actor.
func (ed *Editor) warn(es ...*access.Error) { *ed.warnings = append(*ed.warnings, es...) }

// change runs f in a transaction for a person.
func (a *Admin) change(ctx context.Context, by access.Person, f func(*Editor) error) error {
	_, err := a.Apply(ctx, ByPerson(by), func(ed *Editor) error {
		if err := finishForm(ctx, ed, a.form); err != nil {
			return err
		}
		return f(ed)
	})
	return err
}

// finishForm saves that the wizard of the draft is finished (Admin.Finishing).
func finishForm(ctx context.Context, ed *Editor, d access.FormDraft) error {
	if d.Key == "" {
		return nil
	}
	old, err := ed.tx.Draft(ctx, d.Key)
	switch {
	case err == nil:
		if err := d.CanFinish(old, ed.tx.Now); err != nil {
			return err
		}
	case access.KindOf(err) != access.NotFound:
		return err
	}
	return ed.tx.SaveDraft(ctx, d)
}

// result is change for an f that returns a value.
func result[T any](ctx context.Context, a *Admin, by access.Person, f func(*Editor) (T, error)) (T, error) {
	var made T
	err := a.change(ctx, by, func(ed *Editor) (err error) {
		made, err = f(ed)
		return err
	})
	return made, err
}

// object names the changed object for the audit log.
type object struct {
	kind     access.ObjectKind
	id       string
	from, to string // the values before and after, as text
	reason   string
}

// record audits a change of the actor.
func (ed *Editor) record(ctx context.Context, act access.Activity, o object) error {
	return ed.tx.Audit(ctx, access.AuditRecord{Tenant: ed.by.Tenant, Actor: ed.by.ID, Activity: act, ObjectKind: o.kind,
		ObjectID: o.id, From: o.from, To: o.to, Reason: o.reason})
}

// saveActivity is the activity of a saved object: create if it had no version before.
func saveActivity(version int64) access.Activity {
	if version == 0 {
		return access.ActCreate
	}
	return access.ActUpdate
}

// checkVersion refuses an edit that did not start from the stored version.
func checkVersion(stored, given int64) error {
	if stored != given {
		return access.Refuse(access.Conflict, "Someone else changed this while you were editing. Compare both versions and "+
			"save again.")
	}
	return nil
}
