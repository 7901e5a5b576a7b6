package connectortest

import (
	"context"
	"errors"
	"time"

	"myaccess/internal/connector"
)

// ErrCrashed is what a call answers whose caller is taken to have died. A test
// that meets it throws the caller away and starts another.
var ErrCrashed = errors.New("connectortest: crashed between effect and commit")

// Fault is what happens to one call instead of success. The functions below
// make the faults that matter.
type Fault struct {
	// Effect is true if the call changes the target all the same.
	Effect bool
	// Gate keeps the call from going on until it is closed or the call's
	// context ends; nil is no wait.
	Gate <-chan struct{}
	// Then is called when the effect, if any, has happened, and before the
	// answer; nil is nothing.
	Then func()
	// Err is the answer; nil is success.
	Err error
}

// Script has the next calls of op meet the faults, one each, in order. Calls
// after the last one succeed.
func (x *Target) Script(op Op, faults ...Fault) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.script[op] = append(x.script[op], faults...)
}

// UnusedFaults is how many faults of the script no call has met yet.
func (x *Target) UnusedFaults() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := 0
	for _, faults := range x.script {
		n += len(faults)
	}
	return n
}

// Fails is a call that changes nothing and answers a fault of the kind.
func Fails(kind connector.Kind) Fault {
	return Fault{Err: &connector.Error{Kind: kind, Reason: "The target answered: " + string(kind) + "."}}
}

// FailsAfter is a call that answers that it failed although it took effect.
func FailsAfter() Fault {
	return Fault{Effect: true, Err: &connector.Error{Kind: connector.Temporary, Reason: "The target failed half way."}}
}

// TimeoutBefore is a call that timed out after it was sent, and never arrived.
func TimeoutBefore() Fault { return Fault{Err: unanswered()} }

// TimeoutAfter is a call that timed out after it was sent, and took effect.
func TimeoutAfter() Fault { return Fault{Effect: true, Err: unanswered()} }

func unanswered() error {
	return &connector.Error{Kind: connector.UnknownOutcome, Reason: "The target did not answer in time."}
}

// RateLimited is a call that came too soon; the next one is welcome after wait.
func RateLimited(wait time.Duration) Fault {
	return Fault{Err: &connector.Error{Kind: connector.RateLimited, Reason: "The target asks for fewer calls.",
		RetryAfter: wait}}
}

// NoPerson is a call that answers that the target does not know the person.
func NoPerson() Fault { return Fault{Err: noPerson()} }

// NoResource is a call that answers that the resource is gone.
func NoResource() Fault { return Fault{Err: noResource()} }

// Crash is a call that took effect and whose caller dies before it could write
// that down: kill, which may be nil, is called after the effect (to end the
// context of the worker, say), and the answer is ErrCrashed.
func Crash(kill func()) Fault { return Fault{Effect: true, Then: kill, Err: ErrCrashed} }

// Slow is a call that waits for gate, and then succeeds. If its context ends
// before, it changes nothing.
func Slow(gate <-chan struct{}) Fault { return Fault{Effect: true, Gate: gate} }

// call does what the script has for a call of op, or else do, which runs alone.
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
		if err := x.alone(do); err != nil {
			return err
		}
	}
	if f.Then != nil {
		f.Then()
	}
	return f.Err
}

// next takes the fault that the next call of op meets from the script, and
// reports whether there is one.
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

func (x *Target) alone(do func() error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return do()
}
