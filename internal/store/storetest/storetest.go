// Package storetest opens a fresh database for each test: a file of SQLite and,
// if MYACCESS_TEST_POSTGRES names a PostgreSQL server, a database there. A test
// that uses Each runs on both. Transactions run twice (store.Config.RunTwice), so
// that one which cannot be retried fails its test.
package storetest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"myaccess/internal/store"
)

// Variable names the PostgreSQL server that tests may use, as a postgres://
// address whose user may create databases.
const Variable = "MYACCESS_TEST_POSTGRES"

// Clock is a clock that only tests advance. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock is a clock at noon on 2 March 2026, UTC.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)} }

// Now is the time on the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock forward.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Each runs f once on each available engine, with a migrated database.
func Each(t *testing.T, f func(t *testing.T, s *store.Store, c *Clock)) {
	t.Helper()
	for engine, address := range Migrated() {
		t.Run(engine, func(t *testing.T) {
			c := NewClock()
			f(t, Open(t, address(t), c.Now), c)
		})
	}
}

// Addresses has, for each available engine, a function that creates an empty
// database, which Open migrates, and returns its address.
func Addresses(t *testing.T) map[string]func(testing.TB) string {
	t.Helper()
	all := map[string]func(testing.TB) string{"sqlite": func(t testing.TB) string {
		return filepath.Join(t.TempDir(), "test.db")
	}}
	if server := os.Getenv(Variable); server != "" {
		all["postgres"] = func(t testing.TB) string { return createDatabase(t, server, emptyDatabase) }
	}
	return all
}

// New opens a fresh database of SQLite, for tests that do not depend on the
// engine.
func New(t testing.TB, c *Clock) *store.Store {
	t.Helper()
	return Open(t, copyFile(t), c.Now)
}

// Open opens the database at address and closes it when the test ends. Every
// transaction runs twice (store.Config.RunTwice) unless an option changes that. On
// PostgreSQL, transactions conflict as those of several portals do.
func Open(t testing.TB, address string, now func() time.Time, options ...func(*store.Config)) *store.Store {
	t.Helper()
	c := config(address, now)
	c.RunTwice = true
	for _, change := range options {
		change(&c)
	}
	s, err := store.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// RunOnce is an option of Open: transactions run as they do in production.
func RunOnce(c *store.Config) { c.RunTwice = false }

func config(address string, now func() time.Time) store.Config {
	return store.Config{Address: address, Key: []byte(strings.Repeat("k", 32)), Now: now, MaxWrites: 16}
}

// emptyDatabase creates a database that sorts texts as people do, not byte by
// byte, so that nothing can depend on the order of the test server.
const emptyDatabase = " TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"

// createDatabase creates a database with the options given, which is dropped
// when the test ends, and returns its address.
func createDatabase(t testing.TB, server, options string) string {
	t.Helper()
	name := "t" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if err := runOn(server, "CREATE DATABASE "+name+" "+options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := runOn(server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Fatal(err)
		}
	})
	address, err := addressOf(server, name)
	if err != nil {
		t.Fatal(err)
	}
	return address
}
