package access

import (
	"errors"
	"fmt"
	"slices"
)

// ErrorKind says what sort of refusal an Error is. Only package web knows which
// HTTP status answers it.
type ErrorKind int

// The kinds of refusal.
const (
	Internal        ErrorKind = iota // anything not made by Refuse or Invalidf: our fault
	Invalid                          // the input breaks a rule that the person can mend
	Forbidden                        // the person may see it but not do this
	NotFound                         // there is no such thing, or not for this person
	Conflict                         // it changed, or was settled, in the meantime
	Unavailable                      // something that we depend on does not answer
	TooManyRequests                  // asked too often; try again later
)

// ErrorKinds lists every kind, for tests that walk them.
func ErrorKinds() []ErrorKind {
	return []ErrorKind{Internal, Invalid, Forbidden, NotFound, Conflict, Unavailable, TooManyRequests}
}

// Error is a refusal that may be shown to the person who caused it.
type Error struct {
	Kind ErrorKind
	// Msg is the English sentence, a format for Args. It is the key by which
	// the message catalogue is asked.
	Msg  string
	Args []any
	// Field is the form field at fault, if there is one.
	Field string
}

// Error returns the sentence in English.
func (e *Error) Error() string {
	if len(e.Args) == 0 {
		return e.Msg
	}
	return fmt.Sprintf(e.Msg, e.Args...)
}

// Refuse makes a refusal of kind k with the sentence format, a key of the
// message catalogue.
func Refuse(k ErrorKind, format string, args ...any) *Error {
	return &Error{Kind: k, Msg: format, Args: args}
}

// Invalidf makes a refusal of what was put into field.
func Invalidf(field, format string, args ...any) *Error {
	return &Error{Kind: Invalid, Msg: format, Args: args, Field: field}
}

// Missing is the one refusal for what does not exist and for what is not this
// person's to see, so that nobody can tell the two apart.
func Missing() *Error {
	return Refuse(NotFound, "There is nothing here, or nothing that this account may see.")
}

// Errors are several refusals at once, such as the faults of a form or a file.
type Errors []*Error

// Error returns the sentences, one per line.
func (es Errors) Error() string {
	var s string
	for i, e := range es {
		if i > 0 {
			s += "\n"
		}
		s += e.Error()
	}
	return s
}

// Add appends e if it is a refusal, and takes the members of Errors one by one.
func (es *Errors) Add(err error) {
	if err == nil {
		return
	}
	if e, ok := errors.AsType[*Error](err); ok {
		*es = append(*es, e)
		return
	}
	if more, ok := errors.AsType[Errors](err); ok {
		*es = append(*es, more...)
		return
	}
	*es = append(*es, Refuse(Internal, "%s", err.Error()))
}

// Err is nil if there are none.
func (es Errors) Err() error {
	if len(es) == 0 {
		return nil
	}
	return es
}

// KindOf is the kind of err: that of the refusal inside it, Invalid for
// several, Internal for anything else.
func KindOf(err error) ErrorKind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	if _, ok := errors.AsType[Errors](err); ok {
		return Invalid
	}
	return Internal
}

// AddForNewFields are the errors with those of more whose field has none yet.
func (es Errors) AddForNewFields(more Errors) Errors {
	all := slices.Clone(es)
	for _, e := range more {
		if !slices.ContainsFunc(es, func(old *Error) bool { return old.Field == e.Field }) {
			all = append(all, e)
		}
	}
	return all
}
