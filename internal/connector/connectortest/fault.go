package connectortest

import (
	"context"
	"errors"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/connector"
)

// ErrCrashed is the error of a call whose caller is considered crashed. The test
// then drops the caller and starts a new one.
var ErrCrashed = errors.New("connectortest: crashed between effect and commit")

// FaultKinds returns every kind of error.
func FaultKinds() []connector.Kind {
	return []connector.Kind{connector.Temporary, connector.RateLimited, connector.UnknownOutcome, connector.NoPerson,
		connector.NoResource, connector.Denied, connector.Misconfigured, connector.Unsupported}
}

// Fault is the behaviour of one call instead of success. The functions below return
// the relevant ones.
type Fault struct {
	// Effect is true if the call changes the target although it fails.
	Effect bool
	// Gate blocks the call until it is closed or the call's context ends; nil does
	// not block.
	Gate <-chan struct{}
	// Then is called after the effect and before the call returns; may be nil.
	Then func()
	// Err is the returned error.
	Err error
}

// Script queues faults for the next calls of op, one per call. Calls after the last
// one succeed.
func (x *Target) Script(op Op, faults ...Fault) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.script[op] = append(x.script[op], faults...)
}

// UnusedFaults returns the number of queued faults.
func (x *Target) UnusedFaults() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := 0
	for _, faults := range x.script {
		n += len(faults)
	}
	return n
}

// Fails is a call that returns an error of the kind and changes nothing.
func Fails(kind connector.Kind) Fault {
	return Fault{Err: &connector.Error{Kind: kind, Reason: access.Message("The target answered: " + string(kind) + ".")}}
}

// FailsAfter is a call that returns an error although it changed the target.
func FailsAfter() Fault {
	return Fault{Effect: true, Err: &connector.Error{Kind: connector.Temporary, Reason: "The target failed half way."}}
}

// TimeoutBefore is a call that times out and changes nothing.
func TimeoutBefore() Fault { return Fault{Err: timeout()} }

// TimeoutAfter is a call that times out although it changed the target.
func TimeoutAfter() Fault { return Fault{Effect: true, Err: timeout()} }

func timeout() error {
	return &connector.Error{Kind: connector.UnknownOutcome, Reason: "The target did not answer in time."}
}

// RateLimited is a call that is rejected until wait has passed.
func RateLimited(wait time.Duration) Fault {
	return Fault{Err: &connector.Error{Kind: connector.RateLimited, Reason: "The target asks for fewer calls.",
		RetryAfter: wait}}
}

// NoPerson is a call that finds no such person.
func NoPerson() Fault { return Fault{Err: errNoPerson()} }

// NoResource is a call that finds no such resource.
func NoResource() Fault { return Fault{Err: errNoResource()} }

// Crash is a call that changes the target and whose caller crashes before it could
// store that: kill, which may be nil, is called after the effect, for example to end
// the worker's context, and the call returns ErrCrashed.
func Crash(kill func()) Fault { return Fault{Effect: true, Then: kill, Err: ErrCrashed} }

// Slow is a call that waits for gate and then succeeds. If its context ends first,
// it changes nothing.
func Slow(gate <-chan struct{}) Fault { return Fault{Effect: true, Gate: gate} }

// call runs do, under the lock, as the next queued fault of op says.
func (x *Target) call(ctx context.Context, op Op, do func() error) error {
	f, scripted := x.next(op)
	if f.Gate != nil {
		select {
		case <-f.Gate:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if f.Effect || !scripted {
		if err := x.locked(do); err != nil {
			return err
		}
	}
	if f.Then != nil {
		f.Then()
	}
	return f.Err
}

// next removes and returns the next queued fault of op, if there is one, and counts
// the call.
func (x *Target) next(op Op) (Fault, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.calls[op]++
	if len(x.script[op]) == 0 {
		return Fault{}, false
	}
	f := x.script[op][0]
	x.script[op] = x.script[op][1:]
	return f, true
}

func (x *Target) locked(do func() error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return do()
}
