package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"runtime"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver of PostgreSQL
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"myaccess/internal/access"
)

// dialect is everything in which the two engines differ.
type dialect struct {
	goose     goose.Dialect
	isolation sql.IsolationLevel
	// skipLocked keeps a claim from waiting for, or taking, what another
	// portal is claiming. SQLite has one writer at a time and needs nothing.
	skipLocked string
	// triggers guard the append-only tables. %s is the table.
	triggers []string
	open     func(address string) (write, read *sql.DB, err error)
	// lock keeps other processes from working on the database; nil where
	// several may.
	lock func(ctx context.Context, address string) (*sql.DB, error)
	// worth is how many attempts a transaction is worth that fails so: one,
	// unless it may have failed only because of another.
	worth func(error) int
	// oneWriter says that transactions write one after the other, so that they
	// can share commits (rounds), and that commits can be noticed (Reader.Known).
	oneWriter bool
	// bulk is how many values a statement of many rows carries. SQLite looks for
	// each by going through the names of all.
	bulk int
	// fill readies the writer for very many rows, and filled is run after them.
	fill, filled string
}

func dialectOf(address string) dialect {
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		return dialect{
			goose: goose.DialectPostgres, isolation: sql.LevelSerializable, skipLocked: "FOR UPDATE SKIP LOCKED",
			triggers: postgresTriggers(), open: openPostgres, worth: postgresWorth,
			bulk: 12_000, filled: "ANALYZE",
		}
	}
	return dialect{
		goose: goose.DialectSQLite3, isolation: sql.LevelDefault,
		triggers: sqliteTriggers(), open: openSQLite, lock: lockSQLite, worth: sqliteWorth,
		oneWriter: true, bulk: 100, fill: "PRAGMA cache_size = -500000; PRAGMA temp_store = MEMORY",
	}
}

// openSQLite opens one handle that writes and a pool that only reads. A commit
// is on the disk before it is acknowledged (synchronous FULL); what is needed to
// undo a part of a round is in memory. Each connection that reads keeps up to
// 8 MB of a large file.
func openSQLite(path string) (write, read *sql.DB, err error) {
	const always = "&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=trusted_schema(0)&_dqs=0&_defensive=1"
	file := fileURL(path)
	write, err = openPrepared(
		file + "?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=temp_store(MEMORY)" + always)
	if err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	read, err = openPrepared(file + "?_pragma=query_only(1)&_pragma=cache_size(-8000)" + always)
	if err != nil {
		return nil, nil, firstError(err, write.Close())
	}
	pool := max(4, runtime.NumCPU())
	read.SetMaxOpenConns(pool + 1) // one watches
	read.SetMaxIdleConns(pool + 1)
	return write, read, nil
}

func openPrepared(name string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(name)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(preparing{c}), nil
}

// fileURL is a path in the form to which the driver takes settings.
func fileURL(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }

func openPostgres(address string) (write, read *sql.DB, err error) {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	return db, db, nil
}

func sqliteWorth(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&0xff == sqlitelib.SQLITE_BUSY ||
		errors.Is(err, errUndone) {
		return attempts
	}
	return 1
}

// postgresWorth: serialization_failure, deadlock_detected, unique_violation. Of
// the last PostgreSQL cannot always tell whether it is the fault of a transaction
// that this one did not see; begun again it does, and finds what the other has
// made ("Serialization Failure Handling" of its manual).
func postgresWorth(err error) int {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code {
		case "40001", "40P01":
			return attempts
		case "23505":
			return clashes
		}
	}
	return 1
}

// explain turns the breach of a unique rule into a conflict that a person can
// be told; other errors are left as they are.
func (dialect) explain(err error) error {
	if s, ok := errors.AsType[*sqlite.Error](err); ok {
		switch s.Code() {
		case sqlitelib.SQLITE_CONSTRAINT_UNIQUE, sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY:
			return errors.Join(stale(), err)
		case sqlitelib.SQLITE_FULL:
			return errors.Join(access.Refuse(access.Unavailable, "There is no room left to store this. Nothing was changed."),
				err)
		}
	}
	if p, ok := errors.AsType[*pgconn.PgError](err); ok && p.Code == "23505" {
		return errors.Join(stale(), err)
	}
	return err
}

// appendOnly are the tables whose rows are never changed and never deleted.
func appendOnly() []string {
	return []string{"audit", "audit_seal", "request_history", "assignment_history", "grant_history",
		"guest_history", "decision", "directory_effect"}
}

func sqliteTriggers() []string {
	var all []string
	for _, table := range appendOnly() {
		for _, verb := range []string{"UPDATE", "DELETE"} {
			all = append(all, "CREATE TRIGGER "+table+"_no_"+strings.ToLower(verb)+" BEFORE "+verb+" ON "+table+
				" BEGIN SELECT RAISE(ABORT, '"+table+" is append-only'); END")
		}
	}
	return all
}

func postgresTriggers() []string {
	all := []string{`CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$`}
	for _, table := range appendOnly() {
		all = append(all, "CREATE TRIGGER "+table+"_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "+table+
			" FOR EACH STATEMENT EXECUTE FUNCTION append_only()")
	}
	return all
}
