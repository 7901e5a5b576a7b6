package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Config says which database to open and how.
type Config struct {
	// Address is the path of an SQLite file, or a postgres:// URL.
	Address string
	// Migrations bring the schema up to date.
	Migrations Migrations
	// Intercept, if set, is called before every statement of a reader, of the
	// writer and of a transaction. A statement fails with the error it returns.
	// It is for tests that record statements or inject faults, and must be safe
	// for concurrent use.
	Intercept func(query string, args []any) error
	// MaxWrites is how many transactions of Write run at the same time on PostgreSQL, in
	// commits of their own; 0 is one. More is for tests, where one process is many
	// portals.
	MaxWrites int
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	write     *sql.DB
	read      *sql.DB        // equal to write on PostgreSQL
	pages     *pages         // of Snapshot; nil on SQLite
	writes    *pgxpool.Pool  // of transactions that write; nil on SQLite
	commits   []*groupCommit // each runs one transaction of Write or BulkWrite at a time
	snapshots *snapshots     // nil on PostgreSQL
	retrying  sync.Mutex     // held by a transaction from its second attempt on
	lock      io.Closer      // once LockExclusive has succeeded
	engine    engine
	config    Config
}

// Types of database/sql, which only this package imports.
type (
	// Result is the result of a statement that returns no rows.
	Result = sql.Result
	// Value is an argument of a statement in a type that drivers take.
	Value = driver.Value
)

// Rows are the rows of a query, as *sql.Rows has them.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

// Querier runs statements: outside or inside a transaction.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (Rows, error)
	// Queue runs a statement whose result does not matter. In a transaction on
	// PostgreSQL it is sent with the next statement that has a result, or with the
	// commit, and its error is the result of that.
	Queue(ctx context.Context, query string, args ...any) error
	// Flush sends what is queued and returns its error.
	Flush(ctx context.Context) error
}

// sqlQuerier is a pool of connections or a transaction of database/sql.
type sqlQuerier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// standard is a sqlQuerier as a Querier.
type standard struct{ sqlQuerier }

// QueryContext implements Querier.
func (s standard) QueryContext(ctx context.Context, query string, args ...any) (Rows, error) {
	rows, err := s.sqlQuerier.QueryContext(ctx, query, args...) //nolint:rowserrcheck // the caller reads them
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// Queue implements Querier.
func (s standard) Queue(ctx context.Context, query string, args ...any) error {
	_, err := s.ExecContext(ctx, query, args...)
	return err
}

// Flush implements Querier.
func (standard) Flush(context.Context) error { return nil }

// Open opens the database and brings its schema up to date. It returns a
// *NewerSchemaError if the database has migrations that are not among c's, and an
// *UnusableError if there is no database that could be used at the address.
func Open(ctx context.Context, c Config) (*DB, error) {
	e := engineOf(c.Address)
	if err := e.check(c.Address); err != nil {
		return nil, err
	}
	write, read, err := e.open(c.Address)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	d := &DB{write: write, read: read, engine: e, config: c}
	if err := d.openTransactions(); err != nil {
		return nil, fmt.Errorf("open database: %w", errors.Join(err, d.Close()))
	}
	if err := d.migrate(ctx); err != nil {
		if e, ok := errors.AsType[*UnusableError](err); ok {
			return nil, errors.Join(e, d.Close())
		}
		return nil, fmt.Errorf("bring the database up to date: %w", errors.Join(err, d.Close()))
	}
	return d, nil
}

// serialWrites is how many transactions of WriteSerially can run or wait for each
// other beside those of Write.
const serialWrites = 8

// lingerTime is how long a statement of PostgreSQL may go on after its context has
// ended.
const lingerTime = 10 * time.Second

// openTransactions prepares snapshots and transactions that write.
func (d *DB) openTransactions() (err error) {
	if d.engine.singleWriter {
		d.snapshots = &snapshots{pool: d.read}
		g := &groupCommit{begin: func(ctx context.Context) (sharedTx, error) { return beginFile(ctx, d.write) },
			endsBatch: func(error) bool { return false }}
		d.commits = []*groupCommit{g.prepare()}
		return nil
	}
	if d.pages, err = openPages(d.config.Address); err != nil {
		return err
	}
	n := max(1, d.config.MaxWrites)
	if d.writes, err = openWrites(d.config.Address, n+serialWrites); err != nil {
		return err
	}
	for range n {
		g := &groupCommit{begin: func(context.Context) (sharedTx, error) {
			return &writeTx{pool: d.writes, begin: beginWrite}, nil
		}, endsBatch: isSerializationFailure, linger: lingerTime}
		d.commits = append(d.commits, g.prepare())
	}
	return nil
}

// Close closes the database and releases the lock of LockExclusive. On PostgreSQL
// it waits a moment for every Snapshot and transaction to end, and fails if one does
// not.
func (d *DB) Close() error {
	var errs []error
	if d.snapshots != nil {
		errs = append(errs, d.snapshots.close())
	}
	if d.pages != nil {
		errs = append(errs, closePool(d.pages.pool))
	}
	if d.writes != nil {
		errs = append(errs, closePool(d.writes))
	}
	errs = append(errs, d.write.Close())
	if d.read != d.write {
		errs = append(errs, d.read.Close())
	}
	if d.lock != nil {
		errs = append(errs, d.lock.Close()) // after the database: see lockSQLite
		d.lock = nil
	}
	return errors.Join(errs...)
}

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	_, err := d.read.ExecContext(ctx, "SELECT 1")
	return err
}

// Probe reports whether the database can be written: it changes something that has no
// meaning.
func (d *DB) Probe(ctx context.Context) error {
	return d.Write(ctx, func(q Querier) error {
		_, err := q.ExecContext(ctx, d.engine.probe)
		return err
	})
}

// Pools are the pools of connections that write and that read, the same one on
// PostgreSQL. They are for tests that bypass everything else here.
func (d *DB) Pools() (write, read *sql.DB) { return d.write, d.read }

// Engine tells which engine the database runs on.
func (d *DB) Engine() Engine { return d.engine.name }

// Reader runs statements that only read, each by itself.
func (d *DB) Reader() Querier { return d.intercepted(standard{d.read}) }

// Writer runs statements that may write, each in a transaction of its own. They
// are not retried and share no commit.
func (d *DB) Writer() Querier { return d.intercepted(standard{d.write}) }

// backoffStep is how much longer each wait before a retry is than the one before.
const backoffStep = 3 * time.Millisecond

// Write runs f in one serializable transaction and commits if f returns nil. f
// is run again if the transaction conflicts with another or is rolled back
// together with another, so it must have no effect except through its Querier.
//
// Errors of the engine are wrapped: ErrConflict for a violated unique rule,
// ErrFull where there is no space left, ErrIO where the database cannot be read or
// written.
func (d *DB) Write(ctx context.Context, f func(q Querier) error) error {
	for attempt := 1; ; attempt++ {
		err := d.attempt(ctx, f, attempt)
		if err == nil || attempt >= d.engine.maxAttempts(err) {
			return wrapError(err)
		}
		if err := backoff(ctx, attempt); err != nil {
			return err
		}
	}
}

// Retryable reports whether Write runs a transaction again that fails with err.
func (d *DB) Retryable(err error) bool { return d.engine.maxAttempts(err) > 1 }

// attempt runs f once. Within this process, transactions run one after the other and
// share commits: on PostgreSQL concurrent ones conflict even if they concern different
// rows, as new ids are next to each other in every index, whose pages a serializable
// transaction locks. Conflicts with other processes are left; retries are serialized,
// so that they do not keep conflicting with each other.
func (d *DB) attempt(ctx context.Context, f func(q Querier) error, attempt int) error {
	if attempt > 1 {
		d.retrying.Lock()
		defer d.retrying.Unlock()
	}
	return d.leastUsed().run(ctx, func(q Querier) error { return f(d.intercepted(q)) })
}

// leastUsed is the groupCommit with the fewest transactions.
func (d *DB) leastUsed() *groupCommit {
	return slices.MinFunc(d.commits, func(a, b *groupCommit) int { return cmp.Compare(a.users.Load(), b.users.Load()) })
}

// backoff waits before the attempt after this one, longer each time.
func backoff(ctx context.Context, attempt int) error {
	wait := time.NewTimer(time.Duration(attempt) * backoffStep)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return nil
	}
}

// WriteSerially runs f in one transaction and commits if f returns nil. Of all
// processes that work on the database one at a time is in WriteSerially, and f
// sees everything that the others have committed there. So f can count rows and
// add to them up to a limit, without the conflicts and retries of Write. It is
// for short transactions: claims of work.
func (d *DB) WriteSerially(ctx context.Context, f func(q Querier) error) error {
	if d.engine.serialLock == "" {
		return d.Write(ctx, f)
	}
	// In a serializable transaction, f would see the state before the lock was taken.
	tx := &writeTx{pool: d.writes, begin: beginSerially}
	defer tx.Rollback() // does nothing after the commit
	err := tx.Queue(ctx, d.engine.serialLock)
	if err == nil {
		err = f(d.intercepted(tx))
	}
	if err == nil {
		err = tx.Commit(ctx)
	}
	return wrapError(err)
}

// BulkWrite is like Write, for a transaction of very many rows: f runs only once,
// so a conflict is an error, and on SQLite the writer has a large cache from then
// on.
func (d *DB) BulkWrite(ctx context.Context, f func(q Querier) error) error {
	if d.engine.bulkSettings != "" {
		if _, err := d.write.ExecContext(ctx, d.engine.bulkSettings); err != nil {
			return wrapError(err)
		}
	}
	return wrapError(d.attempt(ctx, f, 1))
}

// Analyze refreshes the planner's statistics after very many rows were written.
// It does nothing on SQLite, which plans without them.
func (d *DB) Analyze(ctx context.Context) error {
	if d.engine.analyze == "" {
		return nil
	}
	_, err := d.write.ExecContext(ctx, d.engine.analyze)
	return err
}

// LockExclusive makes this process the only one that may hold the lock of the
// database, until Close. It returns ErrLocked if another process holds it. Taken
// is false if nothing changed: this DB holds the lock already, or the engine has
// none because several processes may share the work.
func (d *DB) LockExclusive(ctx context.Context) (taken bool, err error) {
	if d.engine.lock == nil || d.lock != nil {
		return false, nil
	}
	lock, err := d.engine.lock(ctx, d.config.Address)
	if err != nil {
		return false, err
	}
	d.lock = lock
	return true, nil
}

// intercepted is q with Config.Intercept before every statement.
func (d *DB) intercepted(q Querier) Querier {
	if d.config.Intercept == nil {
		return q
	}
	return interceptor{q, d.config.Intercept}
}

type interceptor struct {
	q      Querier
	before func(query string, args []any) error
}

// ExecContext implements Querier.
func (i interceptor) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := i.before(query, args); err != nil {
		return nil, err
	}
	return i.q.ExecContext(ctx, query, args...)
}

// QueryContext implements Querier.
func (i interceptor) QueryContext(ctx context.Context, query string, args ...any) (Rows, error) {
	if err := i.before(query, args); err != nil {
		return nil, err
	}
	return i.q.QueryContext(ctx, query, args...)
}

// Queue implements Querier.
func (i interceptor) Queue(ctx context.Context, query string, args ...any) error {
	if err := i.before(query, args); err != nil {
		return err
	}
	return i.q.Queue(ctx, query, args...)
}

// Flush implements Querier.
func (i interceptor) Flush(ctx context.Context) error { return i.q.Flush(ctx) }
