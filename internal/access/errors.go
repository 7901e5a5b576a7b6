package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrorKind is the kind of a refusal. Only package web maps it to an HTTP
// status.
type ErrorKind int

// The kinds of refusal.
const (
	Internal        ErrorKind = iota // a fault of ours: any error not made by Refuse or Invalidf
	Invalid                          // the input breaks a rule; the person can correct it
	Forbidden                        // the person may see it but not do this
	NotFound                         // it does not exist, or the person may not know that it does
	Conflict                         // it was changed or settled in the meantime
	Unavailable                      // a system that we depend on does not respond
	TooManyRequests                  // rate limit reached
)

// ErrorKinds returns every kind, for tests.
func ErrorKinds() []ErrorKind {
	return []ErrorKind{Internal, Invalid, Forbidden, NotFound, Conflict, Unavailable, TooManyRequests}
}

// Message is the English text of a sentence for people, a format for its arguments. It
// is the key in the message catalogue, which has every constant of this type; package
// web translates it (lang.Message).
type Message string

// List is words among the arguments of a Message. Who prints the message joins them as the
// reader's language does.
type List []string

// String joins the words in English, such as "a, b and c".
func (l List) String() string {
	switch n := len(l); n {
	case 0, 1:
		return strings.Join(l, "")
	default:
		return strings.Join(l[:n-1], ", ") + " and " + l[n-1]
	}
}

// Error is a refusal whose text may be shown to the person who caused it.
type Error struct {
	Kind ErrorKind
	// Msg is the English sentence, a format for Args.
	Msg  Message
	Args []any
	// Field is the form field at fault; empty if there is none.
	Field string

	// Cause is the error that Errors.Add was given, if Kind is Internal; nil for a
	// refusal.
	Cause error
}

// Error returns the message in English.
func (e *Error) Error() string {
	if len(e.Args) == 0 {
		return string(e.Msg)
	}
	return fmt.Sprintf(string(e.Msg), e.Args...)
}

// Unwrap returns the error behind an Internal one, so that a transaction that the
// database asks to be repeated is still recognized; nil for a refusal.
func (e *Error) Unwrap() error { return e.Cause }

// Refuse returns a refusal of kind k. format is a key of the message catalogue.
func Refuse(k ErrorKind, format Message, args ...any) *Error {
	return &Error{Kind: k, Msg: format, Args: args}
}

// Invalidf returns a refusal of the value of field.
func Invalidf(field string, format Message, args ...any) *Error {
	return &Error{Kind: Invalid, Msg: format, Args: args, Field: field}
}

// Missing returns NotFound. It is used both for things that do not exist and
// for things that the person may not see, so that the two cannot be told apart.
func Missing() *Error {
	return Refuse(NotFound, "There's nothing here, or your account can't see it.")
}

// Errors is a list of refusals, such as all faults of a form or a file.
type Errors []*Error

// Error returns the messages, one per line.
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

// Add appends err. It does nothing for nil, adds the members of Errors one by
// one, and adds any other error as Internal.
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
	*es = append(*es, &Error{Kind: Internal, Msg: "%s", Args: []any{err.Error()}, Cause: err})
}

// Unwrap returns the errors behind the Internal members, and no refusal.
func (es Errors) Unwrap() []error {
	var causes []error
	for _, e := range es {
		if e.Cause != nil {
			causes = append(causes, e.Cause)
		}
	}
	return causes
}

// Err returns es, or nil if it is empty.
func (es Errors) Err() error {
	if len(es) == 0 {
		return nil
	}
	return es
}

// KindOf returns the kind of err: that of the *Error inside it; for Errors,
// Internal if a member is Internal, else Invalid; Internal for anything else.
func KindOf(err error) ErrorKind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	es, ok := errors.AsType[Errors](err)
	if !ok || slices.ContainsFunc(es, func(e *Error) bool { return e.Kind == Internal }) {
		return Internal
	}
	return Invalid
}

// AddForNewFields returns es and those errors of more whose field has no error
// in es.
func (es Errors) AddForNewFields(more Errors) Errors {
	all := slices.Clone(es)
	for _, e := range more {
		if !slices.ContainsFunc(es, func(old *Error) bool { return old.Field == e.Field }) {
			all = append(all, e)
		}
	}
	return all
}
