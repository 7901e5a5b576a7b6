package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestSettingsOfConnections looks at each of eight connections of both handles:
// a setting that only the first had would be worth nothing (habit §5 #19).
func TestSettingsOfConnections(t *testing.T) {
	s := storetest.New(t, storetest.NewClock())
	write, read := s.Pools()
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
			if _, err := c.ExecContext(t.Context(), `DELETE FROM draft`); (err == nil) != (name == "write") {
				t.Errorf("connection %d of %s writes: %v", i, name, err)
			}
		}
	}
}

// TestMigration brings an empty database up to date, and finds nothing to do
// when it comes back.
func TestMigration(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			for range 2 {
				s := storetest.Open(t, at, c.Now)
				if got := texts(t, s, `SELECT version_id FROM goose_db_version ORDER BY id`); len(got) != 4 || got[3] != "3" {
					t.Errorf("versions %v", got)
				}
				if err := s.Ping(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestLaterVersion: a database that a later version of the program has written
// is refused, with a sentence for the operator, and is not touched.
func TestLaterVersion(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			s := storetest.Open(t, at, c.Now)
			must(t, s, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, TRUE)`)
			_, err := store.Open(t.Context(), store.Config{Address: at, Key: []byte(strings.Repeat("k", 32)), Now: c.Now})
			if access.KindOf(err) != access.Unavailable ||
				!strings.Contains(err.Error(), "later version of myaccess (schema 99, this program knows 3)") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestBadConfiguration opens what cannot be opened.
func TestBadConfiguration(t *testing.T) {
	c := storetest.NewClock()
	for says, config := range map[string]store.Config{
		"16 bytes": {Address: filepath.Join(t.TempDir(), "x.db"), Key: []byte("short"), Now: c.Now},
		"up to date": {Address: filepath.Join(t.TempDir(), "no", "such", "place", "x.db"),
			Key: []byte(strings.Repeat("k", 32)), Now: c.Now},
		"bring the data": {Address: "postgres://nobody@127.0.0.1:1/none?sslmode=disable",
			Key: []byte(strings.Repeat("k", 32)), Now: c.Now},
	} {
		if _, err := store.Open(t.Context(), config); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

// TestOddPath: a path is a path, whatever characters it has.
func TestOddPath(t *testing.T) {
	at := filepath.Join(t.TempDir(), "50% of ours? #1.db")
	storetest.Open(t, at, storetest.NewClock().Now)
	if _, err := os.Stat(at); err != nil {
		t.Error(err)
	}
}

// TestPanicInWrite: a panic in a transaction leaves nothing written and no lock
// held.
func TestPanicInWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		add := func(key string) func(tx *store.Tx) error {
			return func(tx *store.Tx) error { return tx.AddDraft(ctx, access.FormDraft{Key: key}) }
		}
		func() {
			defer func() { _ = recover() }()
			_ = s.Write(ctx, func(tx *store.Tx) error {
				if err := add("lost")(tx); err != nil {
					t.Error(err)
				}
				panic("poison")
			})
		}()
		soon, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if err := s.Write(soon, add("kept")); err != nil {
			t.Fatalf("the lock is still held: %v", err)
		}
		if _, err := s.Draft(ctx, "lost"); access.KindOf(err) != access.NotFound {
			t.Errorf("what was written before the panic: %v", err)
		}
		if _, err := s.Draft(ctx, "kept"); err != nil {
			t.Error(err)
		}
	})
}

// TestFailedWrite: an error undoes everything and is told as it is; a breach of a
// unique rule is a conflict that a person can be told.
func TestFailedWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, mine := context.Background(), errors.New("mine")
		err := s.Write(ctx, func(tx *store.Tx) error {
			if err := tx.AddDraft(ctx, access.FormDraft{Key: "d"}); err != nil {
				return err
			}
			return mine
		})
		if !errors.Is(err, mine) {
			t.Errorf("got %v", err)
		}
		if _, err := s.Draft(ctx, "d"); access.KindOf(err) != access.NotFound {
			t.Errorf("not undone: %v", err)
		}
		twice := func(tx *store.Tx) error { return tx.AddDraft(ctx, access.FormDraft{Key: "twice"}) }
		if err := s.Write(ctx, twice); err != nil {
			t.Fatal(err)
		}
		if err := s.Write(ctx, twice); access.KindOf(err) != access.Conflict {
			t.Errorf("a second one with the same key: %v", err)
		}
	})
}

// TestClash: a transaction that adds what another has added since it looked is
// begun again, and finds it. SQLite has one writer, so there is none since.
func TestClash(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		if engine != "sqlite" {
			t.Run(engine, func(t *testing.T) { clash(t, address) })
		}
	}
}

func clash(t *testing.T, address func(testing.TB) string) {
	ctx := context.Background()
	s := storetest.Open(t, address(t), storetest.NewClock().Now, storetest.RunOnce)
	add := func(tx *store.Tx) error { return tx.AddDraft(ctx, access.FormDraft{Key: "d"}) }
	begun, found := 0, false
	err := s.Write(ctx, func(tx *store.Tx) error {
		begun++
		if _, err := tx.Draft(ctx, "other"); access.KindOf(err) != access.NotFound { // now it sees no later commit
			return err
		}
		if begun == 1 {
			if err := s.Write(ctx, add); err != nil {
				t.Fatal(err)
			}
		} else if _, err := tx.Draft(ctx, "d"); err == nil {
			found = true
			return nil
		}
		return add(tx)
	})
	if err != nil || begun != 2 || !found {
		t.Errorf("begun %d times, found %v: %v", begun, found, err)
	}
}
