package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/storetest"
)

// wantCount fails the test unless q counts n items with the id.
func wantCount(t *testing.T, q sqldb.Querier, id string, n int) {
	t.Helper()
	if got, err := count(t.Context(), q, id); got != n || err != nil {
		t.Errorf("%d items are called %s, want %d: %v", got, id, n, err)
	}
}

// TestSnapshotIsOneState: on PostgreSQL every query of a snapshot sees what was
// committed before its first one, until it ends. On SQLite each sees what is
// committed.
func TestSnapshotIsOneState(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at := address(t)
			d, other := open(t, at), open(t, at)
			s := d.Snapshot()
			defer s.End()
			if err := other.Write(t.Context(), insert(t.Context(), "before the first query", nil)); err != nil {
				t.Fatal(err)
			}
			wantCount(t, s, "before the first query", 1)
			if err := other.Write(t.Context(), insert(t.Context(), "x", nil)); err != nil {
				t.Fatal(err)
			}
			later := map[string]int{"sqlite": 1, "postgres": 0}[engine]
			wantCount(t, s, "x", later)
			if s.Ended() {
				t.Error("it has ended before End")
			}
			fresh := d.Snapshot()
			wantCount(t, fresh, "x", 1)
			fresh.End()
			wantCount(t, s, "x", later)
			s.End()
			wantCount(t, s, "x", 1)
			if !s.Ended() {
				t.Error("it has not ended")
			}
		})
	}
}

// TestSnapshotOnlyReads: a statement that writes is refused.
func TestSnapshotOnlyReads(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *sqldb.DB) {
		s := d.Snapshot()
		defer s.End()
		wantCount(t, s, "x", 0)
		if _, err := s.ExecContext(t.Context(), `INSERT INTO item (id) VALUES ('x')`); err == nil {
			t.Error("a statement inserts")
		}
		rows, err := s.QueryContext(t.Context(), `INSERT INTO item (id) VALUES ('x') RETURNING id`)
		if err == nil {
			for rows.Next() { //nolint:revive // the error is the server's
			}
			err = rows.Err()
			_ = rows.Close()
		}
		if err == nil {
			t.Error("a query inserts")
		}
		wantCount(t, d.Reader(), "x", 0)
	})
}

// TestSnapshotsWait: more snapshots than the process reads at once wait for each
// other, and never for ever: each writes while it reads, too.
func TestSnapshotsWait(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *sqldb.DB) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var wait sync.WaitGroup
		for n := range 40 {
			wait.Go(func() {
				s := d.Snapshot()
				defer s.End()
				if _, err := count(ctx, s, "x"); err != nil {
					t.Error(err)
					return
				}
				if err := d.Write(ctx, insert(ctx, fmt.Sprint("by ", n), nil)); err != nil {
					t.Error(err)
				}
				if _, err := count(ctx, s, "x"); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
	})
}

// TestNextSnapshotEndsTheLast: a snapshot that follows at once on the connection of one that
// has ended sees what was committed in between, and a transaction that nobody follows is
// not left open.
func TestNextSnapshotEndsTheLast(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		if engine != "postgres" {
			continue
		}
		at := address(t)
		d, other := open(t, at), open(t, at)
		connections := map[int64]bool{}
		for n := range 20 {
			id := fmt.Sprint("item ", n)
			s := d.Snapshot()
			wantCount(t, s, id, 0)
			if err := other.Write(t.Context(), insert(t.Context(), id, nil)); err != nil {
				t.Fatal(err)
			}
			wantCount(t, s, id, 0)
			s.End()
			next := d.Snapshot()
			wantCount(t, next, id, 1)
			connections[backend(t, next)] = true
			next.End()
		}
		if len(connections) != 1 {
			t.Errorf("snapshots one after the other use %d connections", len(connections))
		}
		const open = `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'`
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			n, err := countRows(t.Context(), other.Reader(), open)
			if err != nil || time.Now().After(end) {
				t.Fatalf("%d transactions are open, %v", n, err)
			}
			if n == 0 {
				break
			}
		}
		// A statement of the last one has failed.
		s := d.Snapshot()
		wantCount(t, s, "x", 0)
		if rows, err := s.QueryContext(t.Context(), `SELECT 1 / (SELECT COUNT(*) FROM item WHERE id = 'x')`); err == nil {
			for rows.Next() { //nolint:revive // the error is the server's
			}
			_ = rows.Close()
		}
		s.End()
		next := d.Snapshot()
		wantCount(t, next, "x", 0)
		next.End()
	}
}

// backend is the process of the server that runs the queries of q.
func backend(t *testing.T, q sqldb.Querier) int64 {
	t.Helper()
	n, err := countRows(t.Context(), q, `SELECT pg_backend_pid()`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// countRows is the number that the query returns.
func countRows(ctx context.Context, q sqldb.Querier, query string) (n int64, err error) {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		err = errors.Join(err, rows.Scan(&n))
	}
	return n, errors.Join(err, rows.Err(), rows.Close())
}

// TestSnapshotReconnects: a snapshot begins although the server has closed all
// connections since the last one.
func TestSnapshotReconnects(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		if engine != "postgres" {
			continue
		}
		at := address(t)
		d, other := open(t, at), open(t, at)
		for range 3 {
			var all []*sqldb.Snapshot
			for range 3 {
				s := d.Snapshot()
				wantCount(t, s, "x", 0)
				all = append(all, s)
			}
			for _, s := range all {
				s.End()
			}
			time.Sleep(20 * time.Millisecond) // until the connections are idle
			rows, err := other.Writer().QueryContext(t.Context(), `SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid()`)
			if err != nil {
				t.Fatal(err)
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestVersioned: a value counts only in the version that it was put with, and the
// cache drops what nobody has asked for when it is full.
func TestVersioned(t *testing.T) {
	c := &sqldb.Versioned{}
	want := func(key any, version string, value any) {
		t.Helper()
		got, ok := c.Get(key, version)
		if ok != (value != nil) || got != value {
			t.Errorf("%v in version %s is %v, want %v", key, version, got, value)
		}
	}
	want("k", "1", nil)
	c.Put("k", "1", "one")
	want("k", "1", "one")
	want("k", "2", nil)
	want("k", "1", "one")
	c.Put("k", "2", "two")
	want("k", "1", nil)
	want("k", "2", "two")
	if last, ok := c.Last("k"); last != "two" || !ok {
		t.Errorf("the last value is %v, %v", last, ok)
	}
	if last, ok := c.Last("other"); last != nil || ok {
		t.Errorf("the last value of what was never put is %v, %v", last, ok)
	}
	const full = 20_000 // of each generation
	for n := range 3 * full {
		c.Put(n, "1", "small")
		if _, ok := c.Get("k", "2"); !ok {
			t.Fatalf("the value that is asked for all the time is dropped after %d others", n)
		}
	}
	held := 0
	for n := range 3 * full {
		if _, ok := c.Get(n, "1"); ok {
			held++
		}
	}
	if held < full/2 || held > 2*full {
		t.Errorf("%d of %d values are kept", held, 3*full)
	}
	want(3*full-1, "1", "small")
	want(0, "1", nil)
	c.Put("long", "1", make([]int, full))
	if _, ok := c.Get("long", "1"); ok {
		t.Error("a list as long as the whole cache is kept")
	}
}
