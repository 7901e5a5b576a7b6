package sqldb

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// maxPages is how many snapshots of PostgreSQL a process reads at once. They have
// connections of their own: a page that holds one and waits for a transaction
// must not wait for other pages that do the same.
const maxPages = 16

// pages are the connections for snapshots. A transaction that has ended stays open for
// pageLinger: the next page ends it in the round trip that begins its own.
type pages struct {
	pool    *pgxpool.Pool
	waiting atomic.Int32 // for a connection of the pool

	mu    sync.Mutex
	ended []*endedPage
}

// endedPage is a connection with the transaction of a page that has ended.
type endedPage struct {
	conn *pgxpool.Conn
	stop *time.Timer // ends the transaction
}

// pageLinger is how long the transaction of a page stays open for the next page: an open
// one keeps rows that were deleted since from being removed.
const pageLinger = 2 * time.Millisecond

// openPages opens the pool of connections for snapshots. It connects when the
// first one is needed.
func openPages(address string) (*pages, error) {
	c, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	c.MaxConns = maxPages
	setConnection(c.ConnConfig)
	pool, err := pgxpool.NewWithConfig(context.Background(), c)
	if err != nil {
		return nil, err
	}
	return &pages{pool: pool}, nil
}

// acquire returns a connection. open says that a transaction is open on it, which the
// caller ends.
func (p *pages) acquire(ctx context.Context) (conn *pgxpool.Conn, open bool, err error) {
	p.mu.Lock()
	if n := len(p.ended); n > 0 {
		last := p.ended[n-1]
		p.ended = p.ended[:n-1]
		p.mu.Unlock()
		last.stop.Stop() // if it runs already, it does not find the connection
		return last.conn, true, nil
	}
	p.mu.Unlock()
	p.waiting.Add(1)
	defer p.waiting.Add(-1)
	conn, err = p.pool.Acquire(ctx)
	return conn, false, err
}

// release takes the connection of a page that has ended. It does not wait for the server.
func (p *pages) release(conn *pgxpool.Conn) {
	if c := conn.Conn().PgConn(); c.IsClosed() || c.IsBusy() || c.TxStatus() != 'T' || p.waiting.Load() > 0 {
		go end(conn)
		return
	}
	e := &endedPage{conn: conn}
	p.mu.Lock()
	defer p.mu.Unlock()
	e.stop = time.AfterFunc(pageLinger, func() {
		p.mu.Lock()
		at := slices.Index(p.ended, e)
		if at >= 0 {
			p.ended = slices.Delete(p.ended, at, at+1)
		}
		p.mu.Unlock()
		if at >= 0 {
			end(conn)
		}
	})
	p.ended = append(p.ended, e)
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
	pages *pages
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
		conn, open, err := t.pages.acquire(ctx)
		if err != nil {
			return nil, err
		}
		var all pgx.Batch
		if open {
			all.Queue(commit)
		}
		all.Queue(beginSnapshot)
		all.Queue(query, args...)
		results := conn.SendBatch(ctx, &all)
		for n := all.Len() - 1; n > 0 && err == nil; n-- {
			_, err = results.Exec()
		}
		if err == nil {
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
		t.pages.release(t.conn)
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
