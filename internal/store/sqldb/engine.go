package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// Engine names a database engine.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// engine is everything in this package in which the two engines differ.
type engine struct {
	name  Engine
	goose goose.Dialect
	open  func(address string) (write, read *sql.DB, err error)
	// openExisting opens the database for reading, and creates none; nil if there is none
	// yet.
	openExisting func(address string) (*sql.DB, error)
	// serialLock is the statement that takes the lock of DB.WriteSerially until the
	// transaction ends; empty if transactions run one after the other anyway.
	serialLock string
	// check reports what can be told about the address before connecting; explain
	// turns an error of connecting into an *UnusableError that names its cause.
	check   func(address string) error
	explain func(address string, err error) error
	// lock takes the lock of DB.LockExclusive; nil if several processes may work
	// on the database.
	lock func(ctx context.Context, path string) (io.Closer, error)
	// maxAttempts is the maximum number of attempts of a transaction that fails
	// with the error: 1 unless a concurrent transaction may have caused it.
	maxAttempts func(error) int
	// singleWriter says that transactions run one after the other, so that they
	// can share a commit (groupCommit) and commits can be noticed (snapshots).
	singleWriter bool
	// bulkSettings prepares the writer for very many rows; analyze runs after
	// them. Empty for nothing.
	bulkSettings, analyze string
	// hasTable reports whether there is a table with the name $1.
	hasTable string
	// probe is a statement that writes and needs space, and changes nothing that
	// anyone reads.
	probe string
}

// EngineOf is the engine of the database at the address.
func EngineOf(address string) Engine { return engineOf(address).name }

func engineOf(address string) engine {
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		return engine{
			name: Postgres, goose: goose.DialectPostgres,
			open: openPostgres, openExisting: openPostgresToRead, check: checkAddress, explain: explainPostgres,
			maxAttempts: postgresMaxAttempts, analyze: "ANALYZE",
			serialLock: "SELECT pg_advisory_xact_lock(615790442)", // any number, the same in every portal
			hasTable:   "SELECT to_regclass($1) IS NOT NULL",
			probe:      "CREATE TEMPORARY TABLE myaccess_probe ON COMMIT DROP AS SELECT repeat('x', 8000) AS text",
		}
	}
	return engine{
		name: SQLite, goose: goose.DialectSQLite3,
		open: openSQLite, openExisting: openExistingSQLite, check: checkFile, explain: explainSQLite, lock: lockSQLite,
		maxAttempts: sqliteMaxAttempts, singleWriter: true,
		bulkSettings: "PRAGMA cache_size = -500000; PRAGMA temp_store = MEMORY",
		hasTable:     "SELECT COUNT(*) > 0 FROM sqlite_schema WHERE type = 'table' AND name = $1",
		probe:        "PRAGMA user_version = 1", // of which goose has a table of its own
	}
}

// openSQLite opens one connection that writes and a pool that only reads. A
// commit is on the disk before Write returns (synchronous FULL); the journal of
// savepoints is kept in memory, and so is what a query sorts, so that reading needs
// no disk space. Each connection that reads caches up to 8 MB.
func openSQLite(path string) (write, read *sql.DB, err error) {
	const always = "&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=trusted_schema(0)&_dqs=0&_defensive=1"
	if err := createPrivate(path); err != nil {
		return nil, nil, err
	}
	file := fileURL(path)
	write, err = openPrepared(
		file + "?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=temp_store(MEMORY)" + always)
	if err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	read, err = openPrepared(file + "?_pragma=query_only(1)&_pragma=cache_size(-8000)&_pragma=temp_store(MEMORY)" + always)
	if err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	pool := max(4, runtime.NumCPU())
	read.SetMaxOpenConns(pool + 1) // snapshots keeps one
	read.SetMaxIdleConns(pool + 1)
	return write, read, nil
}

// openExistingSQLite opens a file that is not empty with one connection that only reads.
func openExistingSQLite(path string) (*sql.DB, error) {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return nil, err
	}
	db, err := openPrepared(fileURL(path) +
		"?mode=rw&_pragma=query_only(1)&_pragma=busy_timeout(10000)&_pragma=trusted_schema(0)&_dqs=0&_defensive=1")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

func openPostgresToRead(address string) (*sql.DB, error) {
	_, read, err := openPostgres(address)
	return read, err
}

func openPrepared(name string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(name)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(preparedConnector{c}), nil
}

// fileURL is path as a file: URL, to which the driver's settings can be appended.
func fileURL(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }

// connectTimeout limits each attempt to connect to PostgreSQL, unless the address
// has a connect_timeout.
const connectTimeout = 10 * time.Second

// setConnection sets what each connection to PostgreSQL has, unless the address says
// otherwise: the limit of the time to connect, and no compilation of statements, which
// takes longer than ours do.
func setConnection(c *pgx.ConnConfig) {
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTimeout
	}
	if _, set := c.RuntimeParams["jit"]; !set {
		c.RuntimeParams["jit"] = "off"
	}
}

func openPostgres(address string) (write, read *sql.DB, err error) {
	c, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, nil, err
	}
	setConnection(c)
	db := stdlib.OpenDB(*c)
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	return db, db, nil
}
