package sqldb

import (
	"errors"
	"fmt"

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
	// ErrIO says that the file of the database cannot be read or written.
	ErrIO = errors.New("the file of the database cannot be read or written")
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
	case sqliteCode(err, sqlitelib.SQLITE_FULL), postgresCode(err) == "53100": // disk_full
		return errors.Join(ErrFull, err)
	case sqliteCode(err, sqlitelib.SQLITE_IOERR), postgresCode(err) == "58030": // io_error
		return errors.Join(ErrIO, err)
	}
	return err
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
