package sqldb_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/storetest"
)

var errMine = errors.New("mine")

// migrations make a table of keys, by a file and by statements per engine.
func migrations() sqldb.Migrations {
	file := `-- +goose Up
CREATE TABLE item (id TEXT PRIMARY KEY, note TEXT NOT NULL DEFAULT '');
`
	return sqldb.Migrations{
		Files: fstest.MapFS{"00001_item.sql": {Data: []byte(file)}},
		PerEngine: map[int64]func(sqldb.Engine) []string{2: func(e sqldb.Engine) []string {
			return []string{`INSERT INTO item (id) VALUES ('made on ` + string(e) + `')`}
		}},
	}
}

// open opens the database at address, migrates it, and closes it when the test
// ends.
func open(t testing.TB, address string) *sqldb.DB {
	t.Helper()
	d, err := sqldb.Open(context.Background(), sqldb.Config{Address: address, Migrations: migrations(), MaxWrites: 16})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// eachEngine runs f with an empty database on each engine.
func eachEngine(t *testing.T, f func(t *testing.T, d *sqldb.DB)) {
	t.Helper()
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) { f(t, open(t, address(t))) })
	}
}

func openFile(t testing.TB) *sqldb.DB {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "test.db"))
}

// insert is a transaction that adds an item and ends with end.
func insert(ctx context.Context, id string, end error) func(sqldb.Querier) error {
	return func(q sqldb.Querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO item (id) VALUES ($1)`, id)
		return errors.Join(err, end)
	}
}

// count returns the number of items with the id.
func count(ctx context.Context, q sqldb.Querier, id string) (n int, err error) {
	rows, err := q.QueryContext(ctx, `SELECT COUNT(*) FROM item WHERE id = $1`, id)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return 0, err
		}
	}
	return n, rows.Err()
}

// exists reports whether the item is committed.
func exists(t *testing.T, d *sqldb.DB, id string) bool {
	t.Helper()
	n, err := count(context.Background(), d.Reader(), id)
	if err != nil {
		t.Fatal(err)
	}
	return n == 1
}

// TestMigrate: migrations of both kinds run once, and a database that has later
// ones is not opened.
func TestMigrate(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at := address(t)
			for range 2 {
				if d := open(t, at); !exists(t, d, "made on "+engine) || string(d.Engine()) != engine {
					t.Errorf("opened on %s", d.Engine())
				}
			}
			write, _ := open(t, at).Pools()
			if _, err := write.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, TRUE)`); err != nil {
				t.Fatal(err)
			}
			_, err := sqldb.Open(t.Context(), sqldb.Config{Address: at, Migrations: migrations()})
			if newer, ok := errors.AsType[*sqldb.NewerSchemaError](err); !ok || newer.Have != 99 || newer.Known != 2 {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestSettings checks the settings on eight connections of each pool, since
// they are per connection.
func TestSettings(t *testing.T) {
	write, read := openFile(t).Pools()
	for name, db := range map[string]*sql.DB{"write": write, "read": read} {
		db.SetMaxOpenConns(8)
		for i := range 8 {
			c, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			want := map[string]string{"foreign_keys": "1", "busy_timeout": "10000", "synchronous": "2", "journal_mode": "wal",
				"trusted_schema": "0", "query_only": "0"}
			if name == "read" {
				want["query_only"] = "1"
			}
			for setting, value := range want {
				var got string
				if err := c.QueryRowContext(t.Context(), "PRAGMA "+setting).Scan(&got); err != nil || got != value {
					t.Errorf("connection %d of %s: %s is %q, want %q (%v)", i, name, setting, got, value, err)
				}
			}
			if _, err := c.ExecContext(t.Context(), `SELECT "nosuch"`); err == nil {
				t.Errorf("connection %d of %s takes a name for a text", i, name)
			}
			if _, err := c.ExecContext(t.Context(), `DELETE FROM item`); (err == nil) != (name == "write") {
				t.Errorf("connection %d of %s writes: %v", i, name, err)
			}
		}
	}
}

// TestOddPath checks that paths may contain any characters.
func TestOddPath(t *testing.T) {
	at := filepath.Join(t.TempDir(), "50% of ours? #1.db")
	open(t, at)
	if _, err := os.Stat(at); err != nil {
		t.Error(err)
	}
}

// TestPanic checks that a panic in a transaction leaves no writes and no lock.
func TestPanic(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *sqldb.DB) {
		ctx := context.Background()
		func() {
			defer func() { _ = recover() }()
			_ = d.Write(ctx, func(q sqldb.Querier) error {
				if err := insert(ctx, "lost", nil)(q); err != nil {
					t.Error(err)
				}
				panic("poison")
			})
		}()
		soon, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if err := d.Write(soon, insert(soon, "kept", nil)); err != nil {
			t.Fatalf("the lock is still held: %v", err)
		}
		if exists(t, d, "lost") || !exists(t, d, "kept") {
			t.Error("a panic must roll back its own transaction only")
		}
	})
}

// TestErrors checks that an error rolls back everything and is returned
// unchanged, and that a violated unique constraint is ErrConflict.
func TestErrors(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *sqldb.DB) {
		ctx := t.Context()
		if err := d.Write(ctx, insert(ctx, "a", errMine)); !errors.Is(err, errMine) || exists(t, d, "a") {
			t.Errorf("got %v", err)
		}
		if err := d.Write(ctx, insert(ctx, "b", nil)); err != nil {
			t.Fatal(err)
		}
		if err := d.Write(ctx, insert(ctx, "b", nil)); !errors.Is(err, sqldb.ErrConflict) {
			t.Errorf("a second one with the same key: %v", err)
		}
	})
}

// TestUniqueRetry checks that a transaction that inserts a key committed by
// another since its snapshot is retried and then finds it. SQLite has one
// writer, so it cannot happen there.
func TestUniqueRetry(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *sqldb.DB) {
		if d.Engine() == sqldb.SQLite {
			return
		}
		ctx, runs, found := t.Context(), 0, false
		err := d.Write(ctx, func(q sqldb.Querier) error {
			runs++
			if _, err := count(ctx, q, "other"); err != nil { // from here on it sees no later commit
				return err
			}
			if runs == 1 {
				if err := d.Write(ctx, insert(ctx, "d", nil)); err != nil {
					t.Fatal(err)
				}
			} else if n, err := count(ctx, q, "d"); n == 1 {
				found = true
				return err
			}
			return insert(ctx, "d", nil)(q)
		})
		if err != nil || runs != 2 || !found {
			t.Errorf("run %d times, found %v: %v", runs, found, err)
		}
	})
}

// TestIntercept: every statement of a reader, the writer and a transaction is
// shown first, and fails with the error returned.
func TestIntercept(t *testing.T) {
	var seen []string
	d, err := sqldb.Open(t.Context(), sqldb.Config{Address: filepath.Join(t.TempDir(), "test.db"),
		Migrations: migrations(),
		Intercept: func(query string, _ []any) error {
			seen = append(seen, query)
			if strings.HasPrefix(query, "INSERT") {
				return errMine
			}
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ctx := t.Context()
	if _, err := count(ctx, d.Reader(), "x"); err != nil {
		t.Error(err)
	}
	if _, err := d.Writer().ExecContext(ctx, `UPDATE item SET note = ''`); err != nil {
		t.Error(err)
	}
	if err := d.Write(ctx, insert(ctx, "x", nil)); !errors.Is(err, errMine) || exists(t, d, "x") {
		t.Errorf("got %v", err)
	}
	if len(seen) != 4 {
		t.Errorf("seen %q", seen)
	}
}

// TestSnapshot: a result is cached until the next commit, whichever DB made it.
// On PostgreSQL nothing is cached.
func TestSnapshot(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at := address(t)
			d, other := open(t, at), open(t, at)
			type key struct{ id string }
			reads := 0
			read := func() (int, error) {
				reads++
				return count(t.Context(), d.Reader(), "x")
			}
			for _, writer := range []*sqldb.DB{d, other} {
				for range 2 {
					if _, err := sqldb.Cached(d.Snapshot().Cache, key{"x"}, read); err != nil {
						t.Fatal(err)
					}
				}
				if err := writer.Write(t.Context(), func(q sqldb.Querier) error {
					_, err := q.ExecContext(t.Context(), `UPDATE item SET note = note || '.'`)
					return err
				}); err != nil {
					t.Fatal(err)
				}
			}
			if want := map[string]int{"sqlite": 2, "postgres": 4}[engine]; reads != want {
				t.Errorf("read %d times, want %d", reads, want)
			}
			if _, err := sqldb.Cached(d.Snapshot().Cache, key{"y"}, func() (int, error) { return 0, errMine }); err == nil {
				t.Error("an error is lost")
			}
		})
	}
}

// TestLockExclusive: a second DB on one SQLite file gets the lock once the first
// is closed. On PostgreSQL there is none.
func TestLockExclusive(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at := address(t)
			first, second := open(t, at), open(t, at)
			has := engine == "sqlite"
			if taken, err := first.LockExclusive(t.Context()); taken != has || err != nil {
				t.Errorf("the first: %v, %v", taken, err)
			}
			soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if _, err := second.LockExclusive(soon); errors.Is(err, sqldb.ErrLocked) != has {
				t.Errorf("the second: %v", err)
			}
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			if taken, err := second.LockExclusive(t.Context()); taken != has || err != nil {
				t.Errorf("the second, after the first was closed: %v, %v", taken, err)
			}
		})
	}
}

// readWhileReading counts items while rows of another statement are open, whose
// text differs by the blanks.
func readWhileReading(ctx context.Context, q sqldb.Querier, blanks string) error {
	rows, err := q.QueryContext(ctx, `SELECT id FROM item WHERE note <> $1`+blanks, "x")
	if err != nil {
		return err
	}
	defer rows.Close()
	if _, err := count(ctx, q, "x"); err != nil {
		return err
	}
	return rows.Err()
}

// TestPreparedStatements: more texts than a connection keeps work, also when
// rows of the same text are being read at the same time.
func TestPreparedStatements(t *testing.T) {
	d := openFile(t)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for n := range 450 {
				if err := readWhileReading(t.Context(), d.Reader(), strings.Repeat(" ", n)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
}

// check is Check of a database with the migrations of these tests.
func check(t testing.TB, address string) error {
	t.Helper()
	return sqldb.Check(t.Context(), sqldb.Config{Address: address, Migrations: migrations()}, "item",
		func(sqldb.Querier) error { return nil })
}
