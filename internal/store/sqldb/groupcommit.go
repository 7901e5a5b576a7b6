package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
)

// groupCommit lets transactions that wait for SQLite's only writer share a
// commit, whose time goes mostly to the disk. They run one after the other in
// one transaction of the database (a batch), each in a savepoint, and run
// returns only after the commit. One that fails is rolled back by itself.
type groupCommit struct {
	db      *sql.DB
	waiting atomic.Int32
	mu      sync.Mutex // held by the transaction that runs
	current *batch     // nil if none is open
}

// batch is one transaction of the database.
type batch struct {
	tx   *sql.Tx
	n    int           // how many transactions have run in it
	done chan struct{} // closed once err is the result of the commit
	err  error
}

// maxBatch limits how long the first transaction of a batch waits for the last.
const maxBatch = 16

// run runs f in a batch and returns when the batch is committed or rolled back.
func (g *groupCommit) run(ctx context.Context, f func(q Querier) error) error {
	b, err := g.enter(ctx)
	if err != nil {
		return err
	}
	exited := false
	defer func() {
		if !exited { // f has panicked, or ended its goroutine
			_ = g.exit(b, false)
		}
	}()
	failed := f(uncancellableTx{b.tx})
	exited = true
	err = g.exit(b, failed == nil)
	if err == nil {
		<-b.done
		err = b.err
	}
	if err == nil {
		return failed
	}
	return errors.Join(err, failed) // failed may be due to what was rolled back
}

// enter waits for the writer and opens a batch or a savepoint in the current one.
// A ctx that ends is noticed only after the transactions before this one.
func (g *groupCommit) enter(ctx context.Context) (_ *batch, err error) {
	g.waiting.Add(1)
	g.mu.Lock()
	g.waiting.Add(-1)
	defer func() {
		if err != nil {
			g.commitIfLast()
			g.mu.Unlock()
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if g.current == nil {
		tx, err := g.db.BeginTx(context.WithoutCancel(ctx), nil)
		if err != nil {
			return nil, err
		}
		g.current = &batch{tx: tx, done: make(chan struct{})}
		return g.current, nil
	}
	_, err = g.current.tx.ExecContext(context.WithoutCancel(ctx), `SAVEPOINT part`)
	return g.current, err
}

// exit keeps or rolls back what the running transaction has done, and commits
// the batch if it is the last.
func (g *groupCommit) exit(b *batch, keep bool) (err error) {
	defer g.mu.Unlock()
	b.n++
	switch first := b.n == 1; {
	case first && !keep:
		_ = b.tx.Rollback()
		g.finish(nil) // it is alone in the batch
		return nil
	case first:
	case keep:
		_, err = b.tx.ExecContext(context.Background(), `RELEASE part`)
	default:
		_, err = b.tx.ExecContext(context.Background(), `ROLLBACK TO part; RELEASE part`)
	}
	if err != nil { // the engine has rolled back the whole batch
		_ = b.tx.Rollback()
		g.finish(errBatchRolledBack)
		if keep {
			err = errors.Join(errBatchRolledBack, err)
		}
		return err
	}
	g.commitIfLast()
	return nil
}

// commitIfLast commits the current batch unless another transaction is waiting
// to enter it.
func (g *groupCommit) commitIfLast() {
	if b := g.current; b != nil && (g.waiting.Load() == 0 || b.n >= maxBatch) {
		g.finish(b.tx.Commit())
	}
}

// finish closes the current batch and hands its result to all that ran in it.
func (g *groupCommit) finish(err error) {
	b := g.current
	g.current, b.err = nil, err
	close(b.done)
}

// uncancellableTx runs statements to their end even if their context ends:
// SQLite would roll back the whole batch with an interrupted one. It starts none
// after its context has ended.
type uncancellableTx struct{ tx *sql.Tx }

// ExecContext implements Querier.
func (u uncancellableTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return u.tx.ExecContext(context.WithoutCancel(ctx), query, args...)
}

// QueryContext implements Querier.
func (u uncancellableTx) QueryContext(ctx context.Context, query string, args ...any) (Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return standard{u.tx}.QueryContext(context.WithoutCancel(ctx), query, args...)
}
