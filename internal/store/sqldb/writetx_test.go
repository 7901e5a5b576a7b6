package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/storetest"
)

// TestQueuedStatementFails: the error of a queued statement is that of its
// transaction, of which nothing is kept, also if the transaction shares its commit.
func TestQueuedStatementFails(t *testing.T) {
	eachEngineAlone(t, func(t *testing.T, d *sqldb.DB) {
		ctx := t.Context()
		if err := d.Write(ctx, insert(ctx, "taken", nil)); err != nil {
			t.Fatal(err)
		}
		for failing := range 3 {
			all := make([]func(sqldb.Querier) error, 3)
			for i := range all {
				key := fmt.Sprintf("%d %d", failing, i)
				all[i] = queueInsert(ctx, key, nil)
				if i == failing {
					all[i] = func(q sqldb.Querier) error {
						return errors.Join(queueInsert(ctx, key, nil)(q), queueInsert(ctx, "taken", nil)(q))
					}
				}
			}
			errs := inOneBatch(ctx, d, all...)
			for i, err := range errs {
				if errors.Is(err, sqldb.ErrConflict) != (i == failing) || (err == nil) != (i != failing) ||
					exists(t, d, fmt.Sprintf("%d %d", failing, i)) != (i != failing) {
					t.Errorf("transaction %d, while %d fails: %v", i, failing, err)
				}
			}
		}
	})
}

// TestIgnoredErrorFails: a transaction that goes on after a statement has failed is
// not committed on PostgreSQL, but the others of its batch are.
func TestIgnoredErrorFails(t *testing.T) {
	d := openPostgresAlone(t)
	ctx := t.Context()
	for failing := range 3 {
		all := make([]func(sqldb.Querier) error, 3)
		for i := range all {
			all[i] = insert(ctx, fmt.Sprintf("%d %d", failing, i), nil)
			if i == failing {
				before := all[i]
				all[i] = func(q sqldb.Querier) error {
					if err := before(q); err != nil {
						return err
					}
					if _, err := q.ExecContext(ctx, `SELECT 1/0`); err == nil {
						return errors.New("no division by zero")
					}
					return nil
				}
			}
		}
		for i, err := range inOneBatch(ctx, d, all...) {
			if (err == nil) != (i != failing) || exists(t, d, fmt.Sprintf("%d %d", failing, i)) != (i != failing) {
				t.Errorf("transaction %d, while %d fails: %v", i, failing, err)
			}
		}
	}
}

// TestQueueIsInOrder: a query sees what was queued before it, and arguments are those
// at the time of Queue.
func TestQueueIsInOrder(t *testing.T) {
	eachEngineAlone(t, func(t *testing.T, d *sqldb.DB) {
		ctx := t.Context()
		var before, after int
		err := d.Write(ctx, func(q sqldb.Querier) error {
			args := []any{"first"}
			value := &changing{"second"}
			err := errors.Join(q.Queue(ctx, `INSERT INTO item (id) VALUES ($1)`, args...),
				q.Queue(ctx, `INSERT INTO item (id) VALUES ($1)`, value))
			args[0], value.text = "changed", "changed"
			for range 3000 { // more than wait to be sent
				err = errors.Join(err, q.Queue(ctx, `UPDATE item SET note = note || '.' WHERE id = $1`, "first"))
			}
			if err = errors.Join(err, q.Flush(ctx)); err != nil {
				return err
			}
			if before, err = count(ctx, q, "first"); err != nil {
				return err
			}
			if _, err := q.ExecContext(ctx, `DELETE FROM item WHERE id = $1 AND note = $2`, "first",
				strings.Repeat(".", 3000)); err != nil {
				return err
			}
			after, err = count(ctx, q, "first")
			return err
		})
		if err != nil || before != 1 || after != 0 || exists(t, d, "changed") || !exists(t, d, "second") {
			t.Errorf("%d before, %d after: %v", before, after, err)
		}
	})
}

// changing is an argument whose value changes.
type changing struct{ text string }

// Value implements driver.Valuer.
func (c *changing) Value() (sqldb.Value, error) { return c.text, nil }

// TestNothingIsBegunForNothing: a transaction without statements needs no connection.
func TestNothingIsBegunForNothing(t *testing.T) {
	d := openPostgresAlone(t)
	nothing := func(sqldb.Querier) error { return nil }
	ctx := t.Context()
	errs := inOneBatch(ctx, d, nothing, insert(ctx, "x", nil), nothing, nothing)
	if slices.ContainsFunc(errs, func(err error) bool { return err != nil }) || !exists(t, d, "x") {
		t.Error(errs)
	}
}

// openTwoPortals opens an empty database on PostgreSQL twice. It skips the test if
// there is no server.
func openTwoPortals(t *testing.T) (one, other *sqldb.DB) {
	t.Helper()
	address, ok := storetest.Addresses(t)[string(sqldb.Postgres)]
	if !ok {
		t.Skip("no PostgreSQL")
	}
	at := address(t)
	return openAlone(t, at), openAlone(t, at)
}

// TestBatchConflicts: a batch that conflicts with another process is run again
// as a whole.
func TestBatchConflicts(t *testing.T) {
	d, other := openTwoPortals(t)
	ctx := t.Context()
	if err := d.Write(ctx, func(q sqldb.Querier) error {
		return errors.Join(queueInsert(ctx, "a", nil)(q), queueInsert(ctx, "b", nil)(q))
	}); err != nil {
		t.Fatal(err)
	}
	runs := map[string]int{}
	// Each reads the row that the other process changes, which has read theirs.
	copyNote := func(name, from, to string, between func() error) func(sqldb.Querier) error {
		return func(q sqldb.Querier) error {
			runs[name]++
			if _, err := count(ctx, q, from); err != nil {
				return err
			}
			if between != nil && runs[name] == 1 {
				if err := between(); err != nil {
					return err
				}
			}
			_, err := q.ExecContext(ctx, `UPDATE item SET note = note || $2 WHERE id = $1`, to, name)
			return err
		}
	}
	errs := inOneBatch(ctx, d, insert(ctx, "first", nil), copyNote("mine", "a", "b", func() error {
		return other.Write(ctx, copyNote("theirs", "b", "a", nil))
	}), func(q sqldb.Querier) error {
		runs["last"]++
		return insert(ctx, "last", nil)(q)
	})
	if slices.ContainsFunc(errs, func(err error) bool { return err != nil }) {
		t.Fatal(errs)
	}
	for _, key := range []string{"first", "last"} {
		if !exists(t, d, key) {
			t.Errorf("%s was lost", key)
		}
	}
	if runs["mine"] < 2 || runs["last"] != 1 { // the last one does not enter a batch that cannot be committed
		t.Errorf("run %v", runs)
	}
}

// terminate ends the connection of the transaction q, as a server that restarts does.
func terminate(ctx context.Context, d *sqldb.DB, q sqldb.Querier) error {
	rows, err := q.QueryContext(ctx, `SELECT pg_backend_pid()`)
	if err != nil {
		return err
	}
	var pid int64
	for rows.Next() {
		if err := rows.Scan(&pid); err != nil {
			return err
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	_, err = d.Writer().ExecContext(ctx, `SELECT pg_terminate_backend($1, 5000)`, pid)
	return err
}

// TestConnectionIsLost: when a transaction loses its connection, it fails, and those
// that share its commit are run again. Later ones get a new connection.
func TestConnectionIsLost(t *testing.T) {
	d := openPostgresAlone(t)
	ctx := t.Context()
	errs := inOneBatch(ctx, d, queueInsert(ctx, "before", nil), func(q sqldb.Querier) error {
		if err := errors.Join(insert(ctx, "lost", nil)(q), terminate(ctx, d, q)); err != nil {
			return err
		}
		return insert(ctx, "lost too", nil)(q)
	}, queueInsert(ctx, "after", nil))
	if errs[0] != nil || errs[1] == nil || errs[2] != nil {
		t.Error(errs)
	}
	for key, want := range map[string]bool{"before": true, "lost": false, "lost too": false, "after": true} {
		if exists(t, d, key) != want {
			t.Errorf("%s: %v, want %v", key, !want, want)
		}
	}
}

// TestIdleConnectionIsLost: a transaction that gets a connection which the server has
// closed meanwhile begins again on another one.
func TestIdleConnectionIsLost(t *testing.T) {
	d, other := openTwoPortals(t)
	ctx := t.Context()
	for round := range 3 {
		var pid int64
		if err := d.Write(ctx, func(q sqldb.Querier) error {
			rows, err := q.QueryContext(ctx, `SELECT pg_backend_pid()`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				err = rows.Scan(&pid)
			}
			return errors.Join(err, rows.Err())
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := other.Writer().ExecContext(ctx, `SELECT pg_terminate_backend($1, 5000)`, pid); err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprint("round ", round)
		if err := d.Write(ctx, insert(ctx, key, nil)); err != nil || !exists(t, d, key) {
			t.Errorf("round %d: %v", round, err)
		}
	}
}

// TestNothingRunsOutside: after a first statement that the server does not
// understand, nothing that follows runs outside of a transaction.
func TestNothingRunsOutside(t *testing.T) {
	d := openPostgresAlone(t)
	ctx := t.Context()
	err := d.Write(ctx, func(q sqldb.Querier) error {
		if _, err := q.ExecContext(ctx, `SELECT nothing FROM nowhere`); err == nil {
			return errors.New("the server understands it")
		}
		_ = insert(ctx, "outside", nil)(q)
		return errMine
	})
	if !errors.Is(err, errMine) || exists(t, d, "outside") {
		t.Errorf("%v, kept: %v", err, exists(t, d, "outside"))
	}
}

// TestStatementLingers: a statement goes on after the context of its transaction has
// ended. One that takes too long fails.
func TestStatementLingers(t *testing.T) {
	for _, one := range []struct {
		linger  time.Duration
		seconds string
		ends    bool
	}{{10 * time.Second, "0.3", true}, {50 * time.Millisecond, "20", false}} {
		d := openPostgresAlone(t)
		d.SetLinger(one.linger)
		ctx, cancel := context.WithCancel(t.Context())
		begun, slow := time.Now(), "slow "+one.seconds
		errSlow := d.Write(ctx, func(q sqldb.Querier) error {
			time.AfterFunc(50*time.Millisecond, cancel)
			_, err := q.ExecContext(ctx, `INSERT INTO item (id, note) SELECT $1, CAST(pg_sleep(CAST($2 AS FLOAT8)) AS TEXT)`,
				slow, one.seconds)
			return err
		})
		if (errSlow == nil) != one.ends || exists(t, d, slow) != one.ends ||
			time.Since(begun) > 10*time.Second {
			t.Errorf("%s s: %v after %s", one.seconds, errSlow, time.Since(begun))
		}
		cancel()
	}
}
