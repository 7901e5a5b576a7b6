package sqldb

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// Errors that DB.Write and DB.LockExclusive wrap.
var (
	// ErrConflict says that a row violates a unique rule.
	ErrConflict = errors.New("a unique rule is violated")
	// ErrFull says that there is no space left for the database.
	ErrFull = errors.New("no space left for the database")
	// ErrIO says that the database cannot be read or written: its disk fails or is
	// read-only, or the server does not answer.
	ErrIO = errors.New("the database cannot be read or written")
	// ErrLocked says that another process holds the lock of the database.
	ErrLocked = errors.New("another process holds the lock of the database")
)

// NewerSchemaError says that a later version of the program has migrated the
// database.
type NewerSchemaError struct {
	Have  int64 // version of the database's schema
	Known int64 // latest version that this program has a migration for
}

// Error implements error.
func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("the database has schema %d, this program knows %d", e.Have, e.Known)
}

// errBatchRolledBack is the result of a transaction that was rolled back because
// another one of its batch was.
var errBatchRolledBack = errors.New("rolled back together with another transaction of the batch")

// Numbers of attempts of a transaction: for most conflicts, and for a violated
// unique rule on PostgreSQL.
const (
	conflictRetries = 40
	uniqueRetries   = 3
)

// sqliteMaxAttempts is the maximum number of attempts for err.
func sqliteMaxAttempts(err error) int {
	if StorageFault(err) != nil { // the batch was rolled back because of it
		return 1
	}
	if errors.Is(err, errBatchRolledBack) || sqliteCode(err, sqlitelib.SQLITE_BUSY) {
		return conflictRetries
	}
	return 1
}

// postgresMaxAttempts is the maximum number of attempts for err. A violated
// unique rule is retried because PostgreSQL cannot always tell whether a
// concurrent transaction caused it; the next attempt sees the row of the other
// one ("Serialization Failure Handling" in its manual).
func postgresMaxAttempts(err error) int {
	switch {
	case errors.Is(err, errBatchRolledBack), isSerializationFailure(err):
		return conflictRetries
	case postgresCode(err) == "23505": // unique_violation
		return uniqueRetries
	}
	return 1
}

// isSerializationFailure reports whether PostgreSQL has given up a transaction because
// of a concurrent one.
func isSerializationFailure(err error) bool {
	code := postgresCode(err)
	return code == "40001" || code == "40P01" // serialization_failure, deadlock_detected
}

// wrapError adds the sentinel error that callers can test for.
func wrapError(err error) error {
	switch {
	case err == nil:
		return nil
	case sqliteCode(err, sqlitelib.SQLITE_CONSTRAINT_UNIQUE), sqliteCode(err, sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY),
		postgresCode(err) == "23505":
		return errors.Join(ErrConflict, err)
	}
	if fault := StorageFault(err); fault != nil {
		return fault
	}
	return err
}

// StorageFault is err with ErrFull or ErrIO, if the cause of err is that the database
// cannot be read or written; nil for other errors.
func StorageFault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrFull), errors.Is(err, ErrIO):
		return err
	case sqliteCode(err, sqlitelib.SQLITE_FULL), postgresCode(err) == "53100": // disk_full
		return errors.Join(ErrFull, err)
	case slices.ContainsFunc(sqliteFaults(), func(code int) bool { return sqliteCode(err, code) }),
		slices.Contains(postgresFaults(), postgresCode(err)), isConnectError(err):
		return errors.Join(ErrIO, err)
	}
	return nil
}

// sqliteFaults are the codes of SQLite for a file that cannot be read or written.
func sqliteFaults() []int {
	return []int{sqlitelib.SQLITE_IOERR, sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_CANTOPEN}
}

// postgresFaults are the codes of a server that cannot read or write now.
func postgresFaults() []string {
	return []string{
		"58030", // io_error
		"25006", // read_only_sql_transaction, such as on a standby
		"57P01", // admin_shutdown
		"57P02", // crash_shutdown
		"57P03", // cannot_connect_now
	}
}

// isConnectError reports whether there was no connection to the server.
func isConnectError(err error) bool {
	_, ok := errors.AsType[*pgconn.ConnectError](err)
	return ok
}

// IsConflict reports whether err says that a row violates a unique rule. It is
// for statements outside of Write, whose errors are not wrapped.
func IsConflict(err error) bool { return errors.Is(wrapError(err), ErrConflict) }

// sqliteCode reports whether an error of SQLite with the code is anywhere in
// err. A primary code (below 256) also matches its extended codes.
func sqliteCode(err error, code int) bool {
	if e, ok := err.(*sqlite.Error); ok { //nolint:errorlint // this function unwraps
		return e.Code() == code || e.Code()&0xff == code
	}
	switch w := err.(type) { //nolint:errorlint // this function unwraps
	case interface{ Unwrap() error }:
		return sqliteCode(w.Unwrap(), code)
	case interface{ Unwrap() []error }:
		for _, one := range w.Unwrap() {
			if sqliteCode(one, code) {
				return true
			}
		}
	}
	return false
}

// postgresCode is the SQLSTATE of the server's error in err; empty if there is
// none.
func postgresCode(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}
