package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/jobs"
	"myaccess/internal/jobs/jobstest"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store/storetest"
)

// recorder records when a job ran, as the time since start.
type recorder struct {
	start time.Time
	runs  []time.Duration
}

// job returns a job that finds no work.
func (r *recorder) job(every time.Duration) jobs.Job {
	return jobs.Job{Name: "recorder", Every: every, Run: func(_ context.Context, now time.Time) (int, error) {
		r.runs = append(r.runs, now.Sub(r.start))
		return 0, nil
	}}
}

// loop starts a loop over the jobs; stop cancels it and waits until it has returned.
func loop(t *testing.T, log *bytes.Buffer, all ...jobs.Job) (l *jobs.Loop, stop func()) {
	l = jobs.New(all, time.Now, slog.New(slog.NewTextHandler(log, nil)))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Run(ctx)
	}()
	return l, func() {
		cancel()
		<-done
	}
}

func TestLoopRunsAtOnceAndAtIntervals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hourly, quarterly := recorder{start: time.Now()}, recorder{start: time.Now()}
		_, stop := loop(t, new(bytes.Buffer), hourly.job(time.Hour), quarterly.job(3*time.Hour))
		time.Sleep(3*time.Hour + time.Minute)
		stop()
		if d := cmp.Diff([]time.Duration{0, time.Hour, 2 * time.Hour, 3 * time.Hour}, hourly.runs); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff([]time.Duration{0, 3 * time.Hour}, quarterly.runs); d != "" {
			t.Error(d)
		}
		time.Sleep(24 * time.Hour)
		if len(hourly.runs) != 4 {
			t.Errorf("it ran after it was stopped: %v", hourly.runs)
		}
	})
}

// Runs follow one another at once while there is work: five items, two per run.
func TestRunsFollowWhileThereIsWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, left := time.Now(), 5
		var runs []int
		_, stop := loop(t, new(bytes.Buffer), jobs.Job{Name: "work", Every: time.Hour,
			Run: func(_ context.Context, now time.Time) (int, error) {
				n := min(left, 2)
				left -= n
				runs = append(runs, n)
				if now != start {
					t.Errorf("the work was delayed by %s", now.Sub(start))
				}
				return n, nil
			}})
		synctest.Wait()
		stop()
		if d := cmp.Diff([]int{2, 2, 1, 0}, runs); d != "" {
			t.Error(d)
		}
	})
}

func TestWakeRunsEveryJobAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := recorder{start: time.Now()}, recorder{start: time.Now()}
		l, stop := loop(t, new(bytes.Buffer), a.job(time.Hour), b.job(time.Hour))
		time.Sleep(time.Minute)
		l.Wake()
		synctest.Wait()
		stop()
		for _, d := range []recorder{a, b} {
			if d := cmp.Diff([]time.Duration{0, time.Minute}, d.runs); d != "" {
				t.Error(d)
			}
		}
	})
}

// Many wake-ups in a short time are one run, a tenth of a second after the run
// before.
func TestWakeUpsShareARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := recorder{start: time.Now()}
		l, stop := loop(t, new(bytes.Buffer), r.job(time.Hour))
		time.Sleep(time.Minute)
		for range 50 {
			l.Wake()
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Minute)
		stop()
		if d := cmp.Diff([]time.Duration{0, time.Minute, time.Minute + 100*time.Millisecond}, r.runs); d != "" {
			t.Error(d)
		}
	})
}

// A job with IdleFactor 10 that works for a minute pauses for ten, however often
// it is woken; a wake-up during the pause takes effect after it.
func TestIdleFactor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := recorder{start: time.Now()}
		j := d.job(24 * time.Hour)
		run := j.Run
		j.IdleFactor, j.Run = 10, func(ctx context.Context, now time.Time) (int, error) {
			time.Sleep(time.Minute)
			return run(ctx, now)
		}
		l, stop := loop(t, new(bytes.Buffer), j)
		for range 30 {
			time.Sleep(40 * time.Second)
			l.Wake()
		}
		time.Sleep(time.Hour)
		stop()
		if d := cmp.Diff([]time.Duration{0, 11 * time.Minute, 22 * time.Minute}, d.runs); d != "" {
			t.Error(d)
		}
	})
}

// Run returns only after the run in progress has ended.
func TestStopWaitsForTheRunInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Bool
		runs := 0
		_, stop := loop(t, new(bytes.Buffer), jobs.Job{Name: "slow", Every: time.Hour,
			Run: func(context.Context, time.Time) (int, error) {
				runs++
				time.Sleep(time.Minute)
				ended.Store(true)
				return 1, nil // more work, which the stopped loop must not start
			}})
		synctest.Wait()
		stop()
		if !ended.Load() || runs != 1 {
			t.Errorf("the loop returned with a run in progress: ended %v after %d runs", ended.Load(), runs)
		}
	})
}

// a job that always fails and one that always panics are logged and run
// again; the third job is not affected.
func TestFailureDoesNotStopOtherJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		healthy := recorder{start: time.Now()}
		failed, panicked := 0, 0
		_, stop := loop(t, &log,
			jobs.Job{Name: "failing", Every: time.Hour, First: true, Run: func(context.Context, time.Time) (int, error) {
				failed++
				return 1, errors.New("no luck")
			}},
			jobs.Job{Name: "panicking", Every: time.Hour, First: true, Run: func(context.Context, time.Time) (int, error) {
				panicked++
				panic("poison")
			}},
			healthy.job(time.Hour))
		time.Sleep(2*time.Hour + time.Minute)
		stop()
		if failed != 3 || panicked != 3 || len(healthy.runs) != 3 {
			t.Errorf("runs in two hours: failing %d, panicking %d, healthy %d", failed, panicked, len(healthy.runs))
		}
		for _, want := range []string{"job=failing", "no luck", "job=panicking", "panic: poison", "jobs_test.go"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log does not contain %q:\n%s", want, &log)
			}
		}
	})
}

// The other jobs start when all jobs with First are done, and do not wait for
// each other.
func TestFirstJobsComeFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		began := make(chan string, 10)
		job := func(name string, first bool, work time.Duration) jobs.Job {
			return jobs.Job{Name: name, Every: 24 * time.Hour, First: first, Run: func(context.Context, time.Time) (int, error) {
				began <- name + " after " + time.Since(start).String()
				time.Sleep(work)
				return 0, nil
			}}
		}
		_, stop := loop(t, new(bytes.Buffer), job("mails", false, 0), job("ends", true, time.Minute),
			job("starts", true, time.Minute),
			job("deliveries", false, 10*time.Hour))
		time.Sleep(11 * time.Hour)
		stop()
		close(began)
		var got []string
		for s := range began {
			got = append(got, s)
		}
		slices.Sort(got)
		want := []string{"deliveries after 2m0s", "ends after 0s", "mails after 2m0s", "starts after 1m0s"}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

// The jobs that move assignments and requests have First set, and no others.
// Every job runs on an empty database.
func TestList(t *testing.T) {
	s := storetest.New(t, storetest.NewClock())
	var first, then []string
	for _, j := range jobstest.List(lifecycle.New(lifecycle.Config{Store: s, Log: slog.New(slog.DiscardHandler)})) {
		if j.Every <= 0 || j.Every > 10*time.Minute {
			t.Errorf("%s runs every %s", j.Name, j.Every)
		}
		if n, err := j.Run(t.Context(), time.Now()); n != 0 || err != nil {
			t.Errorf("%s on an empty database: %d, %v", j.Name, n, err)
		}
		if j.First {
			first = append(first, j.Name)
		} else {
			then = append(then, j.Name)
		}
	}
	if d := cmp.Diff([]string{"end assignments", "expire requests", "start scheduled requests"}, first); d != "" {
		t.Error(d)
	}
	if !slices.Contains(then, "deliver") || !slices.Contains(then, "send mails") {
		t.Errorf("the other jobs: %v", then)
	}
}
