package sqldb

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// maxPages is how many snapshots of PostgreSQL a process reads at once. They have
// connections of their own: a page that holds one and waits for a transaction
// must not wait for other pages that do the same.
const maxPages = 16

// openPages opens the pool of connections for snapshots. It connects when the
// first one is needed.
func openPages(address string) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	c.MaxConns = maxPages
	return pgxpool.NewWithConfig(context.Background(), c)
}

// errSnapshotOpen says that a snapshot or a transaction was not ended.
var errSnapshotOpen = errors.New("a snapshot or a transaction has not ended")

// closePool closes the pool once all connections have been returned to it.
func closePool(pool *pgxpool.Pool) error {
	closed := make(chan struct{})
	go func() {
		pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
		return nil
	case <-time.After(endTimeout):
		return errSnapshotOpen
	}
}

// beginSnapshot begins a transaction whose statements all see what was committed
// before its first query.
const beginSnapshot = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`

// errReadOnly is the result of a statement that may write in a snapshot.
var errReadOnly = errors.New("a snapshot only reads")

// readTx is a read-only transaction of PostgreSQL. It begins with its first
// query, in the same round trip. It is used by one goroutine at a time.
type readTx struct {
	pool  *pgxpool.Pool
	plain Querier       // runs the queries after the end
	conn  *pgxpool.Conn // nil before the first query
	ended bool
}

// ExecContext implements Querier.
func (*readTx) ExecContext(context.Context, string, ...any) (Result, error) { return nil, errReadOnly }

// Queue implements Querier.
func (*readTx) Queue(context.Context, string, ...any) error { return errReadOnly }

// Flush implements Querier.
func (*readTx) Flush(context.Context) error { return nil }

// QueryContext implements Querier.
func (t *readTx) QueryContext(ctx context.Context, query string, args ...any) (Rows, error) {
	switch {
	case t.ended:
		return t.plain.QueryContext(ctx, query, args...)
	case t.conn == nil:
		return t.begin(ctx, query, args)
	}
	rows, err := t.conn.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return nativeRows{Rows: rows}, nil
}

// begin begins the transaction with its first query. A connection that the server
// has closed meanwhile is replaced: nothing was read on it yet.
func (t *readTx) begin(ctx context.Context, query string, args []any) (Rows, error) {
	for attempt := 0; ; attempt++ {
		conn, err := t.pool.Acquire(ctx)
		if err != nil {
			return nil, err
		}
		var both pgx.Batch
		both.Queue(beginSnapshot)
		both.Queue(query, args...)
		results := conn.SendBatch(ctx, &both)
		if _, err = results.Exec(); err == nil {
			var rows pgx.Rows
			if rows, err = results.Query(); err == nil {
				t.conn = conn
				return nativeRows{rows, results}, nil
			}
		}
		err = errors.Join(err, results.Close())
		broken := conn.Conn().IsClosed()
		end(conn)
		if !broken || ctx.Err() != nil || attempt >= maxPages {
			return nil, err
		}
	}
}

// close ends the transaction. It does not wait for the server.
func (t *readTx) close() {
	if !t.ended && t.conn != nil {
		go end(t.conn)
	}
	t.ended = true
}

// endTimeout is how long the server may take to end a transaction.
const endTimeout = 5 * time.Second

// end ends the transaction of a connection, if one is open, and returns the
// connection to the pool, which closes it unless that worked.
func end(conn *pgxpool.Conn) {
	defer conn.Release()
	if conn.Conn().IsClosed() || conn.Conn().PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	_ = conn.Conn().PgConn().Exec(ctx, `COMMIT`).Close() // Release looks at the state of the connection
}

// nativeRows are rows of pgx.
type nativeRows struct {
	pgx.Rows
	batch pgx.BatchResults // that the rows are the last of; nil if none
}

// Close implements Rows.
func (r nativeRows) Close() error {
	r.Rows.Close()
	if r.batch != nil {
		return errors.Join(r.Err(), r.batch.Close())
	}
	return r.Err()
}
