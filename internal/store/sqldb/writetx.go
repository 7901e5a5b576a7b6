package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Statements that begin a transaction of writeTx.
const (
	beginWrite    = `BEGIN ISOLATION LEVEL SERIALIZABLE`
	beginSerially = `BEGIN ISOLATION LEVEL READ COMMITTED` // see DB.WriteSerially
)

// errAborted says that a statement of the transaction has failed, and that the
// transaction has ignored it.
var errAborted = errors.New("a statement of the transaction has failed")

// statement is a statement that waits to be sent.
type statement struct {
	query string
	args  []any
}

// maxQueuedValues limits the arguments of the statements that wait to be sent.
const maxQueuedValues = 2000

// writeTx is a transaction of PostgreSQL that writes. It sends as little as it can:
// it begins with its first statement, and what Queue is given goes with the next
// statement that has a result, or with the commit, in one round trip. It is used by
// one goroutine at a time.
type writeTx struct {
	pool   *pgxpool.Pool
	begin  string        // the statement that begins it
	conn   *pgxpool.Conn // nil before anything was sent
	queued []statement
	values int // arguments of queued
	saved  savepoint
}

// savepoint is the state of the savepoint of a writeTx.
type savepoint int

const (
	noSavepoint savepoint = iota
	savepointQueued
	savepointSent
)

// Queue implements Querier. Arguments are converted at once: the caller may change
// what they were made from.
func (t *writeTx) Queue(ctx context.Context, query string, args ...any) error {
	args = slices.Clone(args)
	for i, a := range args {
		if v, ok := a.(driver.Valuer); ok {
			value, err := v.Value()
			if err != nil {
				return err
			}
			args[i] = value
		}
	}
	t.queued, t.values = append(t.queued, statement{query, args}), t.values+len(args)+1
	if t.values > maxQueuedValues {
		return t.Flush(ctx)
	}
	return nil
}

// Flush implements Querier.
func (t *writeTx) Flush(ctx context.Context) error {
	if len(t.queued) == 0 {
		return nil
	}
	last := len(t.queued) - 1
	end := t.queued[last]
	t.queued = t.queued[:last]
	_, err := t.ExecContext(ctx, end.query, end.args...)
	return err
}

// ExecContext implements Querier.
func (t *writeTx) ExecContext(ctx context.Context, query string, args ...any) (Result, error) {
	results, err := t.send(ctx, statement{query, args})
	if err != nil {
		return nil, err
	}
	tag, err := results.Exec()
	if err := errors.Join(err, closeResults(results, err)); err != nil {
		return nil, err
	}
	return driver.RowsAffected(tag.RowsAffected()), nil
}

// QueryContext implements Querier.
func (t *writeTx) QueryContext(ctx context.Context, query string, args ...any) (Rows, error) {
	results, err := t.send(ctx, statement{query, args})
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		return nil, errors.Join(err, closeResults(results, err))
	}
	return nativeRows{rows, results}, nil
}

// send sends what is queued and a statement, and returns the result of the last. A
// connection that the server has closed meanwhile is replaced if nothing was sent
// on it yet that could have been committed.
func (t *writeTx) send(ctx context.Context, end statement) (pgx.BatchResults, error) {
	if t.conn != nil && !t.Open() { // it could not be begun, or the connection was lost
		return nil, errAborted
	}
	all := append(t.queued, end)
	if t.queued, t.values = nil, 0; t.saved == savepointQueued {
		t.saved = savepointSent
	}
	fresh := t.conn == nil
	for attempt := 0; ; attempt++ {
		results, err := t.sendAll(ctx, fresh, all)
		if err == nil {
			return results, nil
		}
		again := fresh && t.conn != nil && t.conn.Conn().IsClosed() && end.query != commit && attempt < maxPages
		if !again || ctx.Err() != nil {
			return nil, err
		}
		t.release()
	}
}

// sendAll sends the statements, reads the results of all but the last, and returns
// that of the last.
func (t *writeTx) sendAll(ctx context.Context, fresh bool, all []statement) (pgx.BatchResults, error) {
	var batch pgx.Batch
	if fresh {
		conn, err := t.pool.Acquire(ctx)
		if err != nil {
			return nil, err
		}
		t.conn = conn
		batch.Queue(t.begin)
	}
	for _, s := range all {
		batch.Queue(s.query, s.args...)
	}
	results := t.conn.SendBatch(ctx, &batch)
	for range batch.Len() - 1 {
		if _, err := results.Exec(); err != nil {
			return nil, errors.Join(err, closeResults(results, err))
		}
	}
	return results, nil
}

// closeResults closes the results after err, which closing them returns again.
func closeResults(results pgx.BatchResults, err error) error {
	if wrong := results.Close(); wrong != nil && !errors.Is(err, wrong) {
		return wrong
	}
	return nil
}

// commit is the statement that ends a transaction.
const commit = `COMMIT`

// Commit implements sharedTx.
func (t *writeTx) Commit(ctx context.Context) error {
	if t.conn == nil && len(t.queued) == 0 {
		return nil
	}
	results, err := t.send(ctx, statement{query: commit})
	if err != nil {
		return err
	}
	tag, err := results.Exec()
	if err := errors.Join(err, closeResults(results, err)); err != nil {
		return err
	}
	t.release()
	if tag.String() == "ROLLBACK" {
		return errAborted
	}
	return nil
}

// Open implements sharedTx.
func (t *writeTx) Open() bool {
	return t.conn != nil && !t.conn.Conn().IsClosed() && t.conn.Conn().PgConn().TxStatus() != 'I' // idle
}

// Save implements sharedTx.
func (t *writeTx) Save(ctx context.Context) error {
	t.saved = savepointQueued
	return t.Queue(ctx, `SAVEPOINT part`)
}

// Release implements sharedTx.
func (t *writeTx) Release(ctx context.Context) error {
	if t.saved == savepointQueued && len(t.queued) == 1 { // it has done nothing
		t.drop()
		return nil
	}
	return t.Queue(ctx, `RELEASE SAVEPOINT part`)
}

// Undo implements sharedTx.
func (t *writeTx) Undo(ctx context.Context) error {
	sent := t.saved == savepointSent
	if t.drop(); !sent {
		return nil
	}
	return t.plain(ctx, `ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part`)
}

// drop forgets what is queued, and the savepoint.
func (t *writeTx) drop() { t.queued, t.values, t.saved = nil, 0, noSavepoint }

// plain runs statements without results in a transaction that has begun.
func (t *writeTx) plain(ctx context.Context, query string) error {
	_, err := t.conn.Conn().PgConn().Exec(ctx, query).ReadAll()
	return err
}

// Rollback implements sharedTx.
func (t *writeTx) Rollback() {
	t.drop()
	if t.Open() {
		ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
		defer cancel()
		_ = t.plain(ctx, `ROLLBACK`) // release closes the connection unless that worked
	}
	t.release()
}

// release returns the connection to the pool, which closes it unless the
// transaction has ended.
func (t *writeTx) release() {
	if t.conn != nil {
		t.conn.Release()
		t.conn = nil
	}
}

// openWrites opens the pool of connections for up to n transactions that write at the
// same time. It connects when the first one is needed.
func openWrites(address string, n int) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	c.MaxConns = int32(n) //nolint:gosec // a few
	setConnection(c.ConnConfig)
	return pgxpool.NewWithConfig(context.Background(), c)
}
