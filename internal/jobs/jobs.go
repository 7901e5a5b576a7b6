// Package jobs runs background work: ends, starts, deadlines, reminders,
// deliveries, mails and housekeeping. It has the loop and the list of jobs with
// their intervals; what a job does is a function that package main passes in.
//
// A job runs a function at its interval, which does everything that is due; or it
// is a pool, whose workers each claim one item at a time (NewPool).
//
// Several portals on one database run the same list. A job leases its work or
// changes it conditionally, so nothing is done twice. A job that fails or panics
// is logged and run again at its interval.
package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Job is a function that runs at an interval.
type Job struct {
	Name string
	// Every is the time to wait after a run that found no work.
	Every time.Duration
	// First makes Loop.Run finish this job's work before it starts the others.
	First bool
	// IdleFactor is the minimum pause after the job's work, as a multiple of the
	// time that the work took; Wake does not shorten it. 0 is no pause. It limits
	// the load of jobs that take long on large databases.
	IdleFactor int
	// Run does one batch and returns how many items it handled. After a result
	// above 0 it is called again at once.
	Run func(ctx context.Context, now time.Time) (int, error)

	// Set by NewPool.
	workers int
	claim   Claim
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

// minPause is the minimum pause of a job after a run for which it was woken, so that
// many wake-ups in a short time are one run. Pools have none.
const minPause = 100 * time.Millisecond

// Wake makes every job run at once, or a moment (minPause) after its last run,
// instead of at its interval. It does not block.
func (l *Loop) Wake() {
	for _, c := range l.wake {
		notify(c)
	}
}

// Run runs the jobs with First, one after the other, then all jobs concurrently,
// at once and at their intervals. It returns after ctx ended and the runs in
// progress have returned.
func (l *Loop) Run(ctx context.Context) {
	for _, j := range l.jobs {
		if j.First {
			l.runUntilIdle(ctx, j)
		}
	}
	var wait sync.WaitGroup
	for i, j := range l.jobs {
		wait.Go(func() {
			if j.claim != nil {
				l.runPool(ctx, j, l.wake[i])
				return
			}
			l.repeat(ctx, j, l.wake[i])
		})
	}
	wait.Wait()
}

// repeat runs a job at its interval and whenever it is woken.
func (l *Loop) repeat(ctx context.Context, j Job, wake <-chan struct{}) {
	if !j.First {
		l.runAndPause(ctx, j, 0)
	}
	tick := time.NewTicker(j.Every)
	defer tick.Stop()
	for {
		least := time.Duration(0)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-wake:
			least = minPause
		}
		l.runAndPause(ctx, j, least)
	}
}

// runAndPause runs a job until it finds no work, then pauses by its IdleFactor, and
// no shorter than least.
func (l *Loop) runAndPause(ctx context.Context, j Job, least time.Duration) {
	start := l.now()
	l.runUntilIdle(ctx, j)
	pause := time.NewTimer(max(least, time.Duration(j.IdleFactor)*l.now().Sub(start)))
	defer pause.Stop()
	select {
	case <-ctx.Done():
	case <-pause.C:
	}
}

// runUntilIdle runs a job until it finds no work or fails.
func (l *Loop) runUntilIdle(ctx context.Context, j Job) {
	for ctx.Err() == nil {
		n, err := l.runOnce(ctx, j)
		if err != nil && ctx.Err() == nil {
			l.log.ErrorContext(ctx, "job failed", "job", j.Name, "error", err)
			return
		}
		if n == 0 {
			return
		}
	}
}

// runOnce runs a job once. A panic becomes an error.
func (l *Loop) runOnce(ctx context.Context, j Job) (n int, err error) {
	err = recoverPanic(func() (err error) {
		n, err = j.Run(ctx, l.now())
		return err
	})
	return n, err
}
