package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// TestMigration migrates an empty database, and expects no migrations the
// second time.
func TestMigration(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			for range 2 {
				s := storetest.Open(t, at, c.Now)
				got := textRows(t, s, `SELECT version_id FROM goose_db_version ORDER BY id`)
				if strings.Join(got, " ") != "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 "+
					"31 32 33 34 35 36 37 38" {
					t.Errorf("versions %v", got)
				}
				if err := s.Ping(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestLaterVersion checks that a database written by a later version is refused
// with a sentence for the operator and left unchanged.
func TestLaterVersion(t *testing.T) {
	for engine, address := range storetest.Addresses(t) {
		t.Run(engine, func(t *testing.T) {
			at, c := address(t), storetest.NewClock()
			s := storetest.Open(t, at, c.Now)
			mustExec(t, s, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, TRUE)`)
			_, err := store.Open(t.Context(), store.Config{Address: at, Key: []byte(strings.Repeat("k", 32)), Now: c.Now})
			if access.KindOf(err) != access.Unavailable ||
				!strings.Contains(err.Error(), "later version of myaccess (schema 99; this version supports 38)") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestBadConfiguration checks that invalid configurations are refused.
func TestBadConfiguration(t *testing.T) {
	c := storetest.NewClock()
	for says, config := range map[string]store.Config{
		"16 bytes": {Address: filepath.Join(t.TempDir(), "x.db"), Key: []byte("short"), Now: c.Now},
		"such/place does not exist.": {Address: filepath.Join(t.TempDir(), "no", "such", "place", "x.db"),
			Key: []byte(strings.Repeat("k", 32)), Now: c.Now},
		"The database can't be opened: nothing listens at 127.0.0.1:1.": {
			Address: "postgres://nobody@127.0.0.1:1/none?sslmode=disable",
			Key:     []byte(strings.Repeat("k", 32)), Now: c.Now},
	} {
		if _, err := store.Open(t.Context(), config); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

// TestFailedWrite checks that an error rolls back everything and is returned
// unchanged, and that a violated unique constraint is a Conflict with a text
// for people.
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
