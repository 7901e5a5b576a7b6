package sqldb

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// groupCommit lets transactions that wait for each other share a commit, whose time
// goes mostly to the disk. They run one after the other in one transaction of the
// database (a batch), each in a savepoint, and run returns only after the commit. One
// that fails is rolled back by itself.
type groupCommit struct {
	begin func(ctx context.Context) (sharedTx, error)
	// endsBatch reports whether the database keeps nothing of a transaction in which
	// the error has occurred, even if it is rolled back to a savepoint.
	endsBatch func(error) bool
	linger    time.Duration // see lasting
	turn      chan struct{} // holds one token, which the transaction that runs takes
	users     atomic.Int32  // transactions that run or wait
	waiting   atomic.Int32
	current   *batch // nil if none is open
}

// prepare prepares a groupCommit whose other fields are set.
func (g *groupCommit) prepare() *groupCommit {
	g.turn = make(chan struct{}, 1)
	g.turn <- struct{}{}
	return g
}

// sharedTx is a transaction of the database with one savepoint at a time. Each method
// may report an error of a statement that was queued.
type sharedTx interface {
	Querier
	Save(ctx context.Context) error    // begins the savepoint
	Release(ctx context.Context) error // keeps what was done since the savepoint
	Undo(ctx context.Context) error    // rolls back to the savepoint and releases it
	Commit(ctx context.Context) error
	Rollback()
	// Open reports after an error of Commit whether the transaction can still go on
	// after Undo.
	Open() bool
}

// batch is one transaction of the database.
type batch struct {
	tx   sharedTx
	n    int           // how many transactions have run in it
	done chan struct{} // closed once err is the result of the commit
	err  error
}

// maxBatch limits how long the first transaction of a batch waits for the last.
const maxBatch = 16

// run runs f in a batch and returns when the batch is committed or rolled back.
func (g *groupCommit) run(ctx context.Context, f func(q Querier) error) error {
	g.users.Add(1)
	defer g.users.Add(-1)
	always, stop := g.lasting(ctx)
	defer stop()
	b, err := g.enter(ctx, always)
	if err != nil {
		return err
	}
	exited := false
	defer func() {
		if !exited { // f has panicked, or ended its goroutine
			_ = g.exit(always, b, errUnfinished)
		}
	}()
	failed := f(uncancellableTx{b.tx, always})
	exited = true
	failed = g.exit(always, b, failed)
	<-b.done
	if b.err == nil {
		return failed
	}
	return errors.Join(b.err, failed) // failed may be due to what was rolled back
}

// errUnfinished is the result of a transaction whose function does not return.
var errUnfinished = errors.New("the transaction was not finished")

// enter waits for its turn and opens a batch or a savepoint in the current one.
func (g *groupCommit) enter(ctx, always context.Context) (_ *batch, err error) {
	g.waiting.Add(1)
	select {
	case <-g.turn:
	case <-ctx.Done():
		go func() { // somebody may leave the commit to the one that waits here
			<-g.turn
			g.waiting.Add(-1)
			g.leave()
		}()
		return nil, ctx.Err()
	}
	g.waiting.Add(-1)
	defer func() {
		if err != nil {
			g.leave()
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if g.current == nil {
		tx, err := g.begin(always)
		if err != nil {
			return nil, err
		}
		g.current = &batch{tx: tx, done: make(chan struct{})}
		return g.current, nil
	}
	return g.current, g.current.tx.Save(always)
}

// exit keeps what the running transaction has done, or rolls it back if it has
// failed, and commits the batch if it is the last. It returns why the transaction has
// failed: perhaps with a statement that was queued.
func (g *groupCommit) exit(ctx context.Context, b *batch, failed error) error {
	defer g.leave()
	b.n++
	first := b.n == 1
	if failed == nil {
		if failed = g.keep(ctx, b, first); failed == nil {
			return nil
		}
	}
	if first { // it is alone in the batch
		g.rollback(nil)
		return failed
	}
	var err error
	if !g.endsBatch(failed) {
		if err = b.tx.Undo(ctx); err == nil {
			return failed
		}
	}
	g.rollback(errBatchRolledBack)
	return errors.Join(failed, err)
}

// keep keeps what the running transaction has done, and commits the batch if it is the
// last.
func (g *groupCommit) keep(ctx context.Context, b *batch, first bool) error {
	if !first {
		if err := b.tx.Release(ctx); err != nil {
			return err
		}
	}
	if !g.isLast(b) {
		return b.tx.Flush(ctx)
	}
	err := b.tx.Commit(ctx)
	if err != nil && b.tx.Open() {
		return err // of a statement of this transaction
	}
	if err != nil {
		b.tx.Rollback()
	}
	g.finish(err)
	return nil
}

// leave commits the current batch unless another transaction is waiting to enter it,
// and lets the next one run.
func (g *groupCommit) leave() {
	if b := g.current; b != nil && g.isLast(b) {
		err := b.tx.Commit(context.Background())
		if err != nil {
			b.tx.Rollback()
		}
		g.finish(err)
	}
	g.turn <- struct{}{}
}

// isLast reports whether no transaction runs in the batch after the present one.
func (g *groupCommit) isLast(b *batch) bool { return g.waiting.Load() == 0 || b.n >= maxBatch }

// rollback rolls back the current batch.
func (g *groupCommit) rollback(err error) {
	g.current.tx.Rollback()
	g.finish(err)
}

// finish closes the current batch and hands its result to all that ran in it.
func (g *groupCommit) finish(err error) {
	b := g.current
	g.current, b.err = nil, err
	close(b.done)
}

// lasting returns a context that does not end with ctx: the database would roll back
// the whole batch with a statement that is interrupted. It ends the time linger after
// ctx, if that is not 0, so that a server that never answers does not block all others.
func (g *groupCommit) lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	always := context.WithoutCancel(ctx)
	if g.linger == 0 {
		return always, func() {}
	}
	always, cancel := context.WithCancel(always)
	stop := context.AfterFunc(ctx, func() {
		end := time.NewTimer(g.linger)
		defer end.Stop()
		select {
		case <-end.C:
			cancel()
		case <-always.Done():
		}
	})
	return always, func() {
		stop()
		cancel()
	}
}

// uncancellableTx runs statements to their end even if their context ends (see
// lasting). It starts none after its context has ended.
type uncancellableTx struct {
	tx     sharedTx
	always context.Context //nolint:containedctx // replaces those of the statements
}

// ExecContext implements Querier.
func (u uncancellableTx) ExecContext(ctx context.Context, query string, args ...any) (Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return u.tx.ExecContext(u.always, query, args...)
}

// QueryContext implements Querier.
func (u uncancellableTx) QueryContext(ctx context.Context, query string, args ...any) (Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return u.tx.QueryContext(u.always, query, args...)
}

// Queue implements Querier.
func (u uncancellableTx) Queue(ctx context.Context, query string, args ...any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return u.tx.Queue(u.always, query, args...)
}

// Flush implements Querier.
func (u uncancellableTx) Flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return u.tx.Flush(u.always)
}
