package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/jobs"
)

// item is an item of a queue: how long it takes, and what doing it returns.
type item struct {
	name  string
	takes time.Duration
	err   error
}

// queue is a queue of items that records when what was claimed and done, as the
// time since start.
type queue struct {
	mu         sync.Mutex
	start      time.Time
	items      []item
	claims     int // calls of claim
	done       map[string]time.Duration
	inProgress int
	most       int // the highest inProgress
	limit      int // of items in progress; 0 for none
}

func newQueue(items ...item) *queue {
	return &queue{start: time.Now(), items: items, done: map[string]time.Duration{}}
}

func (q *queue) add(items ...item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items = append(q.items, items...)
}

// claim is a jobs.Claim.
func (q *queue) claim(context.Context) (func(context.Context) error, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.claims++
	if len(q.items) == 0 || q.limit > 0 && q.inProgress == q.limit {
		return nil, nil
	}
	next := q.items[0]
	q.items = q.items[1:]
	q.inProgress++
	q.most = max(q.most, q.inProgress)
	return func(context.Context) error {
		time.Sleep(next.takes)
		q.mu.Lock()
		defer q.mu.Unlock()
		q.inProgress--
		q.done[next.name] = time.Since(q.start)
		if next.name == "panics" {
			panic("poison")
		}
		return next.err
	}, nil
}

// items returns n items of a kind: "quick 0", "quick 1" and so on.
func items(n int, kind string, takes time.Duration) (all []item) {
	for i := range n {
		all = append(all, item{name: fmt.Sprint(kind, " ", i), takes: takes})
	}
	return all
}

// Two items that take ten hours occupy two of four workers. The other two do
// sixty items of one minute in half an hour: none waits for a slow one.
func TestSlowItemsHoldUpOnlyTheirWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(append(items(2, "slow", 10*time.Hour), items(60, "quick", time.Minute)...)...)
		_, stop := loop(t, new(bytes.Buffer), jobs.NewPool("work", time.Hour, 4, q.claim))
		time.Sleep(30 * time.Minute)
		synctest.Wait()
		q.mu.Lock()
		n := len(q.done)
		q.mu.Unlock()
		if n != 60 {
			t.Errorf("%d of 60 quick items are done after half an hour", n)
		}
		time.Sleep(10 * time.Hour)
		stop()
		if d := q.done["slow 1"]; d != 10*time.Hour {
			t.Errorf("the slow item was done after %s", d)
		}
	})
}

// All workers work while there is enough to do, and no more than those.
func TestPoolHasAFixedNumberOfWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(items(30, "item", time.Minute)...)
		_, stop := loop(t, new(bytes.Buffer), jobs.NewPool("work", time.Hour, 3, q.claim))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		stop()
		if len(q.done) != 30 || q.most != 3 {
			t.Errorf("%d of 30 items are done after 10 minutes, at most %d at once; want 3", len(q.done), q.most)
		}
	})
}

// Without items one worker asks at the interval, whatever the number of workers.
func TestIdlePoolAsksOncePerInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		_, stop := loop(t, new(bytes.Buffer), jobs.NewPool("work", time.Second, 8, q.claim))
		time.Sleep(time.Minute + time.Millisecond)
		stop()
		if q.claims != 61 {
			t.Errorf("%d claims in a minute, want 61", q.claims)
		}
	})
}

// A wake-up makes a pool claim at once. All items found then are done at the same
// time: the worker that finds one lets the next worker claim.
func TestWakeStartsThePool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		l, stop := loop(t, new(bytes.Buffer), jobs.NewPool("work", time.Hour, 8, q.claim))
		time.Sleep(time.Minute)
		q.add(items(5, "item", time.Second)...)
		l.Wake()
		time.Sleep(time.Second)
		synctest.Wait()
		stop()
		want := map[string]time.Duration{}
		for i := range 5 {
			want[fmt.Sprint("item ", i)] = time.Minute + time.Second
		}
		if d := cmp.Diff(want, q.done); d != "" {
			t.Error(d)
		}
	})
}

// Many wake-ups of a pool in a short time are one claim in ten milliseconds. An item
// that is done lets the pool claim at once all the same.
func TestManyWakeUpsAreOneClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		l, stop := loop(t, new(bytes.Buffer), jobs.NewPool("work", time.Hour, 8, q.claim))
		time.Sleep(time.Minute)
		for range 1000 {
			l.Wake()
			time.Sleep(100 * time.Microsecond)
		}
		synctest.Wait()
		if q.claims < 10 || q.claims > 12 {
			t.Errorf("%d claims in 100 ms and one at the start, want 10 more", q.claims)
		}
		time.Sleep(time.Minute)
		q.limit = 1
		q.add(items(100, "item", time.Millisecond)...)
		l.Wake()
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		stop()
		if len(q.done) != 100 {
			t.Errorf("%d of 100 items, one at a time of a millisecond, are done after 100 ms", len(q.done))
		}
	})
}

// Items that nobody announces are found at the interval.
func TestPoolFindsItemsAtItsInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		_, stop := loop(t, new(bytes.Buffer), jobs.NewPool("work", time.Hour, 8, q.claim))
		time.Sleep(time.Minute)
		q.add(items(1, "item", 0)...)
		time.Sleep(2 * time.Hour)
		stop()
		if d := cmp.Diff(map[string]time.Duration{"item 0": time.Hour}, q.done); d != "" {
			t.Error(d)
		}
	})
}

// Where a limit held an item back, it is claimed when another item is done, not
// at the interval.
func TestDoneItemLetsThePoolClaimAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(items(4, "item", time.Minute)...)
		q.limit = 2
		_, stop := loop(t, new(bytes.Buffer), jobs.NewPool("work", 24*time.Hour, 8, q.claim))
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		stop()
		if len(q.done) != 4 || q.most != 2 {
			t.Errorf("%d of 4 items are done, at most %d at once; want 2", len(q.done), q.most)
		}
	})
}

// an item that fails, one that panics, and claims that fail or panic are
// logged. Neither the worker nor the other items stop.
func TestFailureDoesNotStopThePool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(item{name: "fails", err: errors.New("no luck")}, item{name: "panics"}, item{name: "good"})
		claims := 0
		claim := func(ctx context.Context) (func(context.Context) error, error) {
			switch claims++; claims {
			case 1:
				return nil, errors.New("no database")
			case 2:
				panic("poisoned claim")
			}
			return q.claim(ctx)
		}
		var log bytes.Buffer
		_, stop := loop(t, &log, jobs.NewPool("work", time.Hour, 1, claim))
		time.Sleep(2*time.Hour + time.Minute)
		stop()
		want := map[string]time.Duration{"fails": 2 * time.Hour, "panics": 2 * time.Hour, "good": 2 * time.Hour}
		if d := cmp.Diff(want, q.done); d != "" {
			t.Error(d)
		}
		for _, want := range []string{"job=work", "no luck", "panic: poison\\n", "no database", "panic: poisoned claim",
			"pool_test.go"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log does not contain %q:\n%s", want, &log)
			}
		}
	})
}

// A pool that is stopped claims nothing more and waits for the items in progress.
// Idle workers and one that waits for an item end at once.
func TestStopWaitsForTheItemsInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy, idle := newQueue(items(5, "item", time.Minute)...), newQueue()
		_, stop := loop(t, new(bytes.Buffer), jobs.NewPool("work", time.Hour, 2, busy.claim),
			jobs.NewPool("nothing to do", time.Hour, 8, idle.claim))
		synctest.Wait()
		start := time.Now()
		stop()
		if d := time.Since(start); d != time.Minute {
			t.Errorf("it ended after %s, want 1m", d)
		}
		if len(busy.done) != 2 || len(busy.items) != 3 {
			t.Errorf("%d items are done and %d not claimed, want 2 and 3", len(busy.done), len(busy.items))
		}
	})
}

// The context of an item ends when the pool is stopped; the error that follows
// from that is not logged.
func TestStopEndsTheContextOfItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		untilStopped := func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}
		_, stop := loop(t, &log, jobs.NewPool("work", time.Hour, 2,
			func(context.Context) (func(context.Context) error, error) { return untilStopped, nil }))
		synctest.Wait()
		stop()
		if log.Len() > 0 {
			t.Errorf("logged: %s", &log)
		}
	})
}

// A pool starts when the jobs with First are done.
func TestPoolStartsAfterFirstJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(items(1, "item", 0)...)
		_, stop := loop(t, new(bytes.Buffer), jobs.NewPool("work", time.Hour, 2, q.claim),
			jobs.Job{Name: "ends", Every: time.Hour, First: true, Run: func(context.Context, time.Time) (int, error) {
				time.Sleep(time.Minute)
				return 0, nil
			}})
		time.Sleep(2 * time.Minute)
		stop()
		if d := cmp.Diff(map[string]time.Duration{"item 0": time.Minute}, q.done); d != "" {
			t.Error(d)
		}
	})
}

// Run of a pool does items until one fails or none is left, and returns how many.
func TestRunOfAPool(t *testing.T) {
	failure := errors.New("no luck")
	q := newQueue(item{name: "a"}, item{name: "b", err: failure}, item{name: "c"}, item{name: "d"})
	j := jobs.NewPool("work", time.Hour, 2, q.claim)
	for i, want := range []struct {
		n   int
		err error
	}{{2, failure}, {2, nil}, {0, nil}} {
		if n, err := j.Run(t.Context(), time.Now()); n != want.n || !errors.Is(err, want.err) {
			t.Errorf("run %d: %d, %v", i+1, n, err)
		}
	}
	if len(q.done) != 4 {
		t.Errorf("done: %v", q.done)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	q.add(items(1, "late", 0)...)
	if n, err := j.Run(ended, time.Now()); n != 0 || err != nil {
		t.Errorf("after its context ended: %d, %v", n, err)
	}
}
