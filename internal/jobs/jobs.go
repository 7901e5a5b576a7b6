// Package jobs runs what has to happen without anybody asking: ends, starts,
// deadlines, reminders, deliveries, mails and housekeeping. The jobs themselves
// are use cases of package lifecycle; here are only the loop and the list with
// its intervals.
//
// Several portals on one database run the same list: a job takes on work by
// claim or by a guarded change, so that nothing is done twice. A job that fails,
// or panics, is told of in the log and run again at its interval.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"myaccess/internal/lifecycle"
)

// Job is something that is done again and again.
type Job struct {
	Name string
	// Every is how long to wait after a round that found nothing to do.
	Every time.Duration
	// First is true if other jobs wait, when the loop starts, until this one
	// has nothing left to do.
	First bool
	// IdleFactor is how many times as long as the job has worked it rests at least,
	// also if it is woken, for work that takes long where there is much.
	IdleFactor int
	// Run does one round and returns how much it did. After a round that did
	// something, the next follows at once.
	Run func(ctx context.Context, now time.Time) (int, error)
}

// List is every job. Those that move requests and assignments come first, so
// that on start overdue ends are handled before new grants.
func List(l *lifecycle.Lifecycle) []Job {
	return []Job{
		{"end assignments", 15 * time.Second, true, 0, l.Calendar.End},
		{"let requests lapse", 15 * time.Second, true, 0, l.Calendar.Lapse},
		{"start scheduled requests", 15 * time.Second, true, 0, l.Calendar.Start},
		{"remind approvers", time.Minute, false, 0, l.Calendar.Remind},
		{"remove guests", time.Minute, false, 0, l.Guests.Remove},
		{"roll out changed packages", 2 * time.Second, false, 0, timeless(l.Rollouts.Run)},
		{"deliver", time.Second, false, 0, timeless(l.Delivery.Run)},
		{"send mails", time.Second, false, 0, timeless(l.Mails.Run)},
		{"seal the audit log", 5 * time.Second, false, 0, timeless(l.Records.Seal)},
		{"count", 10 * time.Second, false, 30, timeless(func(ctx context.Context) (int, error) {
			_, err := l.Records.Count(ctx)
			return 0, err
		})},
		{"forget old sign-ins", 10 * time.Minute, false, 0, timeless(func(ctx context.Context) (int, error) {
			return 0,
				l.Records.Forget(ctx)
		})},
	}
}

func timeless(run func(context.Context) (int, error)) func(context.Context, time.Time) (int, error) {
	return func(ctx context.Context, _ time.Time) (int, error) { return run(ctx) }
}

// Loop runs jobs until its context ends.
type Loop struct {
	jobs []Job
	now  func() time.Time
	log  *slog.Logger
	wake []chan struct{}
}

// New returns the loop of jobs.
func New(jobs []Job, now func() time.Time, log *slog.Logger) *Loop {
	l := &Loop{jobs: jobs, now: now, log: log, wake: make([]chan struct{}, len(jobs))}
	for i := range l.wake {
		l.wake[i] = make(chan struct{}, 1)
	}
	return l
}

// Wake makes every job look for work at once. It does not block.
func (l *Loop) Wake() {
	for _, c := range l.wake {
		select {
		case c <- struct{}{}:
		default: // it has been woken already
		}
	}
}

// Run runs the jobs that come first, one after the other, then every job at
// once and at its interval, until ctx ends, and returns when the rounds in
// progress have ended.
func (l *Loop) Run(ctx context.Context) {
	for _, j := range l.jobs {
		if j.First {
			l.rounds(ctx, j)
		}
	}
	var wait sync.WaitGroup
	for i, j := range l.jobs {
		wait.Go(func() { l.repeat(ctx, j, l.wake[i]) })
	}
	wait.Wait()
}

func (l *Loop) repeat(ctx context.Context, j Job, wake <-chan struct{}) {
	if !j.First {
		l.work(ctx, j)
	}
	tick := time.NewTicker(j.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-wake:
		}
		l.work(ctx, j)
	}
}

// work runs a job until it finds nothing to do, and lets it rest.
func (l *Loop) work(ctx context.Context, j Job) {
	begun := l.now()
	l.rounds(ctx, j)
	if j.IdleFactor == 0 {
		return
	}
	rest := time.NewTimer(time.Duration(j.IdleFactor) * l.now().Sub(begun))
	defer rest.Stop()
	select {
	case <-ctx.Done():
	case <-rest.C:
	}
}

// rounds runs a job until it finds nothing to do.
func (l *Loop) rounds(ctx context.Context, j Job) {
	for ctx.Err() == nil {
		n, err := l.round(ctx, j)
		if err != nil && ctx.Err() == nil {
			l.log.ErrorContext(ctx, "job failed", "job", j.Name, "error", err)
			return
		}
		if n == 0 {
			return
		}
	}
}

// round runs a job once. A panic is a failure like any other: it stops neither
// the program nor the other jobs.
func (l *Loop) round(ctx context.Context, j Job) (n int, err error) {
	defer func() {
		if v := recover(); v != nil {
			n, err = 0, fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return j.Run(ctx, l.now())
}
