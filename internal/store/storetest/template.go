package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"myaccess/internal/store"
)

// Running all migrations takes several times as long as copying a database, so
// that each process runs them once for each engine, into a template.
var (
	sqliteTemplate   = sync.OnceValues(migrateFile)
	postgresTemplate = sync.OnceValues(migrateDatabase)
)

// prefix begins the names of template databases of PostgreSQL. The seconds of
// their creation follow.
const prefix = "template_"

// Migrated has, for each engine that there is, a function that makes a database
// with the schema and nothing in it, and returns its address.
func Migrated() map[string]func(testing.TB) string {
	all := map[string]func(testing.TB) string{"sqlite": copyFile}
	if server := os.Getenv(Variable); server != "" {
		all["postgres"] = func(t testing.TB) string {
			t.Helper()
			template, err := postgresTemplate()
			if err != nil {
				t.Fatal(err)
			}
			return createDatabase(t, server, "TEMPLATE "+template)
		}
	}
	return all
}

func copyFile(t testing.TB) string {
	t.Helper()
	content, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// migrateFile returns a database file of SQLite.
func migrateFile() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "template")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	name := filepath.Join(dir, "test.db")
	if err := migrate(name); err != nil {
		return nil, err
	}
	if log, err := os.Stat(name + "-wal"); err == nil && log.Size() > 0 {
		return nil, errors.New("the write-ahead log is not empty after closing the database")
	}
	return os.ReadFile(name)
}

// migrateDatabase creates the template on the server and returns its name. It
// stays there when the process ends, so that one of an earlier process is
// removed once it is an hour old.
func migrateDatabase() (string, error) {
	server := os.Getenv(Variable)
	if err := removeOld(server, time.Now().Add(-time.Hour)); err != nil {
		return "", err
	}
	name := fmt.Sprintf("%s%d_%s", prefix, time.Now().Unix(), strings.ReplaceAll(uuid.NewString(), "-", ""))
	if err := runOn(server, "CREATE DATABASE "+name+emptyDatabase); err != nil {
		return "", err
	}
	address, err := addressOf(server, name)
	if err != nil {
		return "", err
	}
	return name, migrate(address)
}

// removeOld removes the templates that were created before a time.
func removeOld(server string, before time.Time) (err error) {
	db, err := sql.Open("pgx", server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(context.Background(), `SELECT datname FROM pg_database WHERE datname LIKE $1`,
		strings.ReplaceAll(prefix, "_", `\_`)+"%")
	if err != nil {
		return err
	}
	defer rows.Close()
	var old []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		created, _, _ := strings.Cut(strings.TrimPrefix(name, prefix), "_")
		if n, err := strconv.ParseInt(created, 10, 64); err == nil && n < before.Unix() {
			old = append(old, name)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, name := range old {
		if _, err := db.ExecContext(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			return err
		}
	}
	return nil
}

// migrate brings the empty database at address up to date.
func migrate(address string) error {
	s, err := store.Open(context.Background(), config(address, time.Now))
	if err != nil {
		return err
	}
	return s.Close()
}

// addressOf is the address of a database on the server.
func addressOf(server, database string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	u.Path = "/" + database
	return u.String(), nil
}

// runOn runs a statement on the server, outside a transaction.
func runOn(server, statement string) error {
	db, err := sql.Open("pgx", server)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(context.Background(), statement)
	return errors.Join(err, db.Close())
}
