package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	sqlitelib "modernc.org/sqlite/lib"

	"myaccess/internal/access"
)

// UnusableError says why a database cannot be opened.
type UnusableError struct {
	// Refusal is a plain sentence for operators that names the cause. It has no password.
	Refusal *access.Error
	Err     error // nil if the sentence has everything

	passing bool // a later attempt may succeed
}

// Error implements error.
func (e *UnusableError) Error() string { return e.Refusal.Error() }

// Unwrap is the technical cause.
func (e *UnusableError) Unwrap() error { return e.Err }

func unusable(err error, message access.Message, args ...any) *UnusableError {
	return &UnusableError{Refusal: access.Refuse(access.Unavailable, message, args...), Err: err}
}

// Check reports whether Open could open the database at c.Address, without migrating it
// and without creating a database, and then whether look, if it is not nil, finds a fault. It
// returns the errors of Open. look is not called for a database without the table named.
func Check(ctx context.Context, c Config, table string, look func(q Querier) error) error {
	e := engineOf(c.Address)
	if err := e.check(c.Address); err != nil {
		return err
	}
	db, err := e.openExisting(c.Address)
	if err != nil || db == nil {
		return err
	}
	return errors.Join(e.explain(c.Address, e.checkContents(ctx, c, db, table, look)), db.Close())
}

// checkContents is Check for an open database.
func (e engine) checkContents(ctx context.Context, c Config, db *sql.DB, table string,
	look func(q Querier) error) error {
	if err := db.PingContext(ctx); err != nil {
		return err
	}
	known, err := c.Migrations.Checksums(e.name)
	if err != nil {
		return err
	}
	migrated, err := hasTable(ctx, db, e, goose.DefaultTablename)
	if err != nil || !migrated {
		return err
	}
	var have int64
	err = db.QueryRowContext(ctx, "SELECT MAX(version_id) FROM "+goose.DefaultTablename).Scan(&have)
	if latest := slices.Max(slices.Collect(maps.Keys(known))); err == nil && have > latest {
		return &NewerSchemaError{Have: have, Known: latest}
	}
	if err == nil {
		err = checkChecksums(ctx, db, e, known)
	}
	if err != nil {
		return err
	}
	if exists, err := hasTable(ctx, db, e, table); err != nil || !exists {
		return err
	}
	return look(standard{db})
}

// sqliteMagic is how the file of every SQLite database that is not empty begins.
const sqliteMagic = "SQLite format 3\x00"

// checkFile reports whether a file of SQLite can be opened or created.
func checkFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return checkDirectory(filepath.Dir(path))
	case err != nil:
		return unusable(err, "The database can't be opened: %s: %s.", path, reason(err))
	case info.IsDir():
		return unusable(nil, "The database can't be opened: %s is a directory, not a file.", path)
	case !info.Mode().IsRegular():
		return unusable(nil, "The database can't be opened: %s is not a regular file.", path)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the path is the operator's setting
	if err != nil {
		return unusable(err, "The database can't be opened: the file %s can't be read and written: %s.", path, reason(err))
	}
	defer f.Close()
	head := make([]byte, len(sqliteMagic))
	switch n, err := io.ReadFull(f, head); {
	case n == 0 && errors.Is(err, io.EOF): // as it is before the first write
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return unusable(err, "The database can't be opened: the file %s can't be read: %s.", path, reason(err))
	case string(head) != sqliteMagic:
		return unusable(nil, "The database can't be opened: %s is not an SQLite database.", path)
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return unusable(err, "The database can't be opened: %s: %s.", path, reason(err))
	}
	if elsewhere, err := inUseElsewhere(real); err != nil || elsewhere {
		return unusable(err, "The database can't be opened: the file %s is in use by another process under another name, "+
			"such as a hard link. Use the same name.", path)
	}
	return checkDirectory(filepath.Dir(real))
}

// createPrivate creates a file that only its owner can read and write, if there is none
// at the path. SQLite gives the files beside it the same permissions.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the path is the operator's setting
	if err != nil {
		return unusable(err, "The database can't be opened: the file %s can't be created: %s.", path, reason(err))
	}
	return f.Close()
}

// Exposed are the files of a database of SQLite that other users of the machine can
// read; nil for PostgreSQL. Files that do not exist are left out.
func Exposed(address string) []string {
	if engineOf(address).name != SQLite {
		return nil
	}
	var all []string
	for _, path := range []string{address, address + "-wal", address + "-shm"} {
		if info, err := os.Stat(path); err == nil && info.Mode().Perm()&othersMayRead != 0 {
			all = append(all, path)
		}
	}
	return all
}

// othersMayRead are the permissions of the group and of everyone to read a file.
const othersMayRead fs.FileMode = 0o044

// checkDirectory reports whether files can be created in the directory, as
// SQLite does beside the database.
func checkDirectory(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return unusable(nil, "The database can't be opened: the directory %s does not exist.", dir)
	case err != nil:
		return unusable(err, "The database can't be opened: the directory %s: %s.", dir, reason(err))
	case !info.IsDir():
		return unusable(nil, "The database can't be opened: %s is not a directory.", dir)
	}
	f, err := os.CreateTemp(dir, ".myaccess-check-*")
	if err != nil {
		return unusable(err, "The database can't be opened: the directory %s can't be written to: %s.", dir, reason(err))
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// reason is the text of an error of the file system without the path.
func reason(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// explainSQLite is err as an *UnusableError if its cause is the file; otherwise
// err itself.
func explainSQLite(path string, err error) error {
	for code, message := range map[int]access.Message{
		sqlitelib.SQLITE_NOTADB:   "The database can't be opened: the file %s is not an SQLite database.",
		sqlitelib.SQLITE_CORRUPT:  "The database can't be opened: the file %s is damaged.",
		sqlitelib.SQLITE_CANTOPEN: "The database can't be opened: the file %s can't be read and written.",
		sqlitelib.SQLITE_PERM:     "The database can't be opened: the file %s can't be read and written.",
		sqlitelib.SQLITE_READONLY: "The database can't be opened: the file %s can't be written.",
		sqlitelib.SQLITE_FULL:     "The database can't be opened: the file %s can't be written: its disk is full.",
		sqlitelib.SQLITE_IOERR:    "The database can't be opened: the file %s can't be read and written: its disk fails.",
	} {
		if sqliteCode(err, code) {
			return unusable(err, message, path)
		}
	}
	return err
}

// checkAddress reports whether an address of PostgreSQL can be read.
func checkAddress(address string) error {
	if _, err := pgx.ParseConfig(address); err != nil {
		return unusable(err, "The database can't be opened: its postgres:// address is malformed.")
	}
	return nil
}

// explainPostgres is err as an *UnusableError if there is no connection because
// of it; otherwise err itself.
func explainPostgres(address string, err error) error {
	c, wrong := pgx.ParseConfig(address)
	if err == nil || wrong != nil {
		return errors.Join(err, wrong)
	}
	server := c.Host
	if !filepath.IsAbs(server) { // a socket's directory is
		server = net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))
	}
	switch code := postgresCode(err); code {
	case "28P01": // invalid_password
		return unusable(err, "The database can't be opened: the server at %s refuses the password of the user “%s”.", server,
			c.User)
	case "28000": // invalid_authorization_specification
		return unusable(err, "The database can't be opened: the server at %s does not admit the user “%s” to the database "+
			"“%s”.", server, c.User, c.Database)
	case "3D000": // invalid_catalog_name
		return unusable(err, "The database can't be opened: the server at %s has no database “%s”.", server, c.Database)
	case "42501": // insufficient_privilege
		return unusable(err, "The database can't be opened: the user “%s” may not create tables in the database “%s”.",
			c.User, c.Database)
	}
	if _, failed := errors.AsType[*pgconn.ConnectError](err); !failed {
		return err
	}
	e := unusable(err, "The database can't be opened: the server at %s can't be reached (%s).", server, lastCause(err))
	lookup, ofName := errors.AsType[*net.DNSError](err)
	network, ofNetwork := errors.AsType[net.Error](err)
	switch {
	case ofName && lookup.IsNotFound:
		return unusable(err, "The database can't be opened: the host “%s” is not known.", c.Host)
	case ofNetwork && network.Timeout():
		return unusable(err, "The database can't be opened: the server at %s does not answer.", server)
	case errors.Is(err, syscall.ECONNREFUSED):
		e = unusable(err, "The database can't be opened: nothing listens at %s.", server)
		e.passing = true
	case ofName, postgresCode(err) != "": // such as 57P03, cannot_connect_now: it is starting
		e.passing = true
	}
	return e
}

// lastCause is the text of the innermost error of a chain, of the last attempt if
// there were several.
func lastCause(err error) string {
	switch w := err.(type) { //nolint:errorlint // this function unwraps
	case interface{ Unwrap() error }:
		if next := w.Unwrap(); next != nil {
			return lastCause(next)
		}
	case interface{ Unwrap() []error }:
		if all := w.Unwrap(); len(all) > 0 {
			return lastCause(all[len(all)-1])
		}
	}
	return err.Error()
}
