package connector

import (
	"context"
	"errors"
	"time"
)

// Kind is what sort of fault a call met, and so what happens next.
type Kind string

// The kinds of fault.
const (
	None           Kind = ""               // no fault
	Temporary      Kind = "temporary"      // may mend itself: tried again
	RateLimited    Kind = "rateLimited"    // too many calls: tried again after RetryAfter
	UnknownOutcome Kind = "unknownOutcome" // sent, but not answered: looked at, then tried again
	NoPerson       Kind = "noPerson"       // the target does not know the person (yet): tried again
	NoResource     Kind = "noResource"     // the resource or role is gone: somebody must mend it
	Denied         Kind = "denied"         // we are not allowed to: somebody must mend it
	Misconfigured  Kind = "misconfigured"  // the target's settings are wrong: somebody must mend it
	Unsupported    Kind = "unsupported"    // the target cannot do this at all
)

// FaultKinds lists every kind of fault, for tests that walk them.
func FaultKinds() []Kind {
	return []Kind{Temporary, RateLimited, UnknownOutcome, NoPerson, NoResource, Denied, Misconfigured, Unsupported}
}

// Error is a fault of a call.
type Error struct {
	Kind Kind
	// Reason is a sentence for the people who wait, in English, without
	// addresses, secrets or the target's own words.
	Reason     string
	RetryAfter time.Duration // for RateLimited: how long to wait at least
	Err        error         // what lies behind it, for the log; may be nil
}

// Error returns the reason and what lies behind it.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Reason
	}
	return e.Reason + " (" + e.Err.Error() + ")"
}

// Unwrap returns what lies behind the fault.
func (e *Error) Unwrap() error { return e.Err }

// Classify is the kind of err. A call that ran out of time has an unknown
// outcome; what is no *Error otherwise is taken to be temporary.
func Classify(err error) Kind {
	if err == nil {
		return None
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return UnknownOutcome
	}
	return Temporary
}

// IsPermanent reports whether err cannot mend itself, so that nobody should be kept
// waiting for it.
func IsPermanent(err error) bool {
	switch Classify(err) {
	case NoResource, Denied, Misconfigured, Unsupported:
		return true
	case None, Temporary, RateLimited, UnknownOutcome, NoPerson:
	}
	return false
}

// Reason is the sentence for the people who wait; never text of the target.
func Reason(err error) string {
	if e, ok := errors.AsType[*Error](err); ok && e.Reason != "" {
		return e.Reason
	}
	if Classify(err) == UnknownOutcome {
		return "The target did not answer in time."
	}
	return "The target could not be reached."
}
