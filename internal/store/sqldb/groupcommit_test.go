package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"myaccess/internal/deeptest"
	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/storetest"
)

// eachEngineAlone runs f with an empty database on each engine that is open as in a
// portal, whose transactions share commits.
func eachEngineAlone(t *testing.T, f func(t *testing.T, d *sqldb.DB)) {
	t.Helper()
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) { f(t, openAlone(t, address(t))) })
	}
}

// queueInsert is insert with a statement that is queued.
func queueInsert(ctx context.Context, id string, end error) func(sqldb.Querier) error {
	return func(q sqldb.Querier) error {
		return errors.Join(q.Queue(ctx, `INSERT INTO item (id) VALUES ($1)`, id), end)
	}
}

// inOneBatch runs the transactions so that they share a batch, in order, and
// returns their errors.
func inOneBatch(ctx context.Context, d *sqldb.DB, all ...func(sqldb.Querier) error) []error {
	errs := make([]error, len(all))
	var wait sync.WaitGroup
	var begin func(i int)
	begin = func(i int) {
		begun := false
		wait.Go(func() {
			errs[i] = d.Write(ctx, func(q sqldb.Querier) error {
				if i+1 < len(all) && !begun {
					begun = true
					begin(i + 1)
					time.Sleep(20 * time.Millisecond)
				}
				return all[i](q)
			})
		})
	}
	begin(0)
	wait.Wait()
	return errs
}

// TestBatch checks that each transaction of a shared commit is kept or rolled
// back independently.
func TestBatch(t *testing.T) {
	eachEngineAlone(t, func(t *testing.T, d *sqldb.DB) {
		ctx := t.Context()
		for name, write := range map[string]func(context.Context, string, error) func(sqldb.Querier) error{
			"executed": insert, "queued": queueInsert} {
			for round := range 8 { // each of three fails or not
				want, all := make([]error, 3), make([]func(sqldb.Querier) error, 3)
				for i := range all {
					if round&(1<<i) != 0 {
						want[i] = errMine
					}
					all[i] = write(ctx, fmt.Sprintf("%s %d %d", name, round, i), want[i])
				}
				for i, err := range inOneBatch(ctx, d, all...) {
					if !errors.Is(err, want[i]) || exists(t, d, fmt.Sprintf("%s %d %d", name, round, i)) != (want[i] == nil) {
						t.Errorf("%s, batch %03b: transaction %d: %v", name, round, i, err)
					}
				}
			}
		}
	})
}

// TestBatchSeesItself checks that a transaction sees the writes of earlier ones
// in its batch, so that the second of two with the same key conflicts.
func TestBatchSeesItself(t *testing.T) {
	eachEngineAlone(t, func(t *testing.T, d *sqldb.DB) {
		errs := inOneBatch(t.Context(), d, insert(t.Context(), "same", nil), insert(t.Context(), "same", nil),
			insert(t.Context(), "other", nil))
		if won := errors.Is(errs[0], sqldb.ErrConflict) != errors.Is(errs[1], sqldb.ErrConflict); !won ||
			errs[2] != nil {
			t.Errorf("%v", errs)
		}
		if !exists(t, d, "same") || !exists(t, d, "other") {
			t.Error("lost")
		}
	})
}

// TestBatchRolledBack checks that if one transaction makes the engine roll back
// the batch, the others are run again.
func TestBatchRolledBack(t *testing.T) {
	d, ctx := openFile(t), t.Context()
	ran := map[string]int{}
	add := func(key string) func(sqldb.Querier) error {
		return func(q sqldb.Querier) error {
			ran[key]++
			return insert(ctx, key, nil)(q)
		}
	}
	for round := range 3 {
		before, after := fmt.Sprint("before ", round), fmt.Sprint("after ", round)
		errs := inOneBatch(ctx, d, add(before), func(q sqldb.Querier) error {
			_, err := q.ExecContext(ctx, `ROLLBACK`)
			return errors.Join(err, errMine)
		}, add(after))
		if errs[0] != nil || !errors.Is(errs[1], errMine) || errs[2] != nil {
			t.Errorf("%v", errs)
		}
		if !exists(t, d, before) || !exists(t, d, after) || ran[before] != 2 {
			t.Errorf("kept %v and %v; run %v", exists(t, d, before), exists(t, d, after), ran)
		}
	}
}

// TestBatchesOfMany checks that exactly the transactions that returned without
// an error are committed.
func TestBatchesOfMany(t *testing.T) {
	eachEngineAlone(t, func(t *testing.T, d *sqldb.DB) {
		var wait sync.WaitGroup
		var mu sync.Mutex
		acknowledged := map[string]bool{}
		for n := range 12 {
			wait.Go(func() {
				for i := range deeptest.Rounds(t, 25) {
					key, how := fmt.Sprint(n, " ", i), (n+i)%4
					ctx, cancel := context.WithCancel(t.Context())
					err := errMine
					func() {
						defer func() { _ = recover() }()
						err = d.Write(ctx, func(q sqldb.Querier) error {
							err := insert(ctx, key, nil)(q)
							if n%2 == 0 {
								err = q.Queue(ctx, `UPDATE item SET note = 'queued' WHERE id = $1`, key)
							}
							switch how {
							case 1:
								return errMine
							case 2:
								panic("poison")
							case 3:
								cancel()
								_, err = count(ctx, q, key)
							}
							return err
						})
					}()
					cancel()
					mu.Lock()
					acknowledged[key] = err == nil
					mu.Unlock()
					if (err == nil) != (how == 0) {
						t.Errorf("%s: %v", key, err)
					}
				}
			})
		}
		wait.Wait()
		for key, want := range acknowledged {
			if exists(t, d, key) != want {
				t.Errorf("%s: acknowledged %v, kept %v", key, want, !want)
			}
		}
	})
}
