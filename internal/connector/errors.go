package connector

import (
	"context"
	"errors"
	"myaccess/internal/access"
	"time"
)

// Kind classifies errors by what the caller does next.
type Kind string

// The kinds of error.
const (
	None           Kind = ""               // no error
	Temporary      Kind = "temporary"      // retry
	RateLimited    Kind = "rateLimited"    // too many calls: retry after RetryAfter
	UnknownOutcome Kind = "unknownOutcome" // sent, no response: observe, then retry
	NoPerson       Kind = "noPerson"       // the person does not exist in the target (yet): retry
	NoResource     Kind = "noResource"     // the resource or role does not exist: permanent
	Denied         Kind = "denied"         // the portal lacks a permission: permanent
	Misconfigured  Kind = "misconfigured"  // the target's settings are wrong: permanent
	Unsupported    Kind = "unsupported"    // the target cannot do this: permanent
)

// Error is the error of a call.
type Error struct {
	Kind Kind
	// Reason is a sentence for the people who wait for the access, in English. It
	// must not contain addresses, secrets or text of the target.
	Reason     access.Message
	RetryAfter time.Duration // for RateLimited: the minimum time to wait
	Err        error         // the cause, for the log; may be nil
}

// Error returns the reason and the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return string(e.Reason)
	}
	return string(e.Reason) + " (" + e.Err.Error() + ")"
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Classify returns the kind of err. An ended context is UnknownOutcome; any other
// error that is not an *Error is Temporary.
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

// IsPermanent reports whether retrying cannot help until someone changes the target
// or its settings.
func IsPermanent(err error) bool {
	switch Classify(err) {
	case NoResource, Denied, Misconfigured, Unsupported:
		return true
	case None, Temporary, RateLimited, UnknownOutcome, NoPerson:
	}
	return false
}

// Reason returns the sentence for the people who wait; never text of the target.
func Reason(err error) access.Message {
	if e, ok := errors.AsType[*Error](err); ok && e.Reason != "" {
		return e.Reason
	}
	if Classify(err) == UnknownOutcome {
		return "The target did not answer in time."
	}
	return "The target could not be reached."
}
