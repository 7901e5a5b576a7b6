package jobs

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// Claim claims one item and returns the function that does it, nil if no item
// can be claimed at the moment. The claim must be visible to other portals on
// the same database, such as a lease. The context of both ends when the loop
// stops.
type Claim func(ctx context.Context) (do func(ctx context.Context) error, err error)

// NewPool returns a job whose items are done by a fixed number of workers. A
// worker claims one item, does it and claims the next at once, so a slow item
// occupies one worker and nothing else. While no item can be claimed, one worker
// of the pool asks again: at the interval every, when woken, and whenever an item
// is done, because that may free another one that a limit held back.
//
// An item that fails or panics is logged; when it is claimed again is up to
// claim. Run of the job does items one after the other until none can be claimed
// or one fails: it is for callers that run a list of jobs without a Loop.
func NewPool(name string, every time.Duration, workers int, claim Claim) Job {
	return Job{Name: name, Every: every, workers: workers, claim: claim,
		Run: func(ctx context.Context, _ time.Time) (n int, err error) {
			for ctx.Err() == nil && err == nil {
				do, claimErr := claim(ctx)
				if claimErr != nil || do == nil {
					return n, claimErr
				}
				n, err = n+1, do(ctx)
			}
			return n, err
		}}
}

// pool is a running job of NewPool.
type pool struct {
	loop  *Loop
	job   Job
	wake  chan struct{}
	freed chan struct{} // signals that an item is done
	// turn holds one token, which a worker takes to claim. The worker keeps it
	// while it waits for an item, so the others do not ask the database meanwhile.
	turn chan struct{}
}

// runPool runs the workers of a job until ctx ends and the items in progress are
// done.
func (l *Loop) runPool(ctx context.Context, j Job, wake chan struct{}) {
	p := &pool{loop: l, job: j, wake: wake, freed: make(chan struct{}, 1), turn: make(chan struct{}, 1)}
	p.turn <- struct{}{}
	var wait sync.WaitGroup
	for range j.workers {
		wait.Go(func() { p.work(ctx) })
	}
	wait.Wait()
}

// work claims and does items until ctx ends.
func (p *pool) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.turn:
		}
		do := p.next(ctx)
		p.turn <- struct{}{}
		if do == nil {
			return
		}
		if err := recoverPanic(func() error { return do(ctx) }); err != nil && ctx.Err() == nil {
			p.loop.log.ErrorContext(ctx, "job failed", "job", p.job.Name, "error", err)
		}
		notify(p.freed)
	}
}

// next waits for an item and returns what does it, nil after ctx has ended.
func (p *pool) next(ctx context.Context) (do func(context.Context) error) {
	for ctx.Err() == nil {
		err := recoverPanic(func() (err error) {
			do, err = p.job.claim(ctx)
			return err
		})
		if err == nil && do != nil {
			return do
		}
		if err != nil && ctx.Err() == nil {
			p.loop.log.ErrorContext(ctx, "job failed", "job", p.job.Name, "error", err)
		}
		p.pause(ctx)
	}
	return nil
}

// minClaimPause is the minimum time between two claims of a pool that found nothing,
// so that many wake-ups in a short time are one claim.
const minClaimPause = 10 * time.Millisecond

// pause waits until it is time to claim again after a claim that found nothing.
func (p *pool) pause(ctx context.Context) {
	least, most := time.NewTimer(minClaimPause), time.NewTimer(p.job.Every)
	defer least.Stop()
	defer most.Stop()
	select {
	case <-ctx.Done():
	case <-p.freed:
	case <-least.C:
		select {
		case <-ctx.Done():
		case <-most.C:
		case <-p.freed:
		case <-p.wake:
		}
	}
}

// notify puts a signal into a channel with room for one, unless it has one.
func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// recoverPanic runs f and returns a panic as an error, so that it stops neither
// the program nor other work.
func recoverPanic(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return f()
}
