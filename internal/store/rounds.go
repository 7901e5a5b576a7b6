package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
)

// rounds lets transactions that wait for SQLite's one writer share a commit, of
// which most of the time goes to the disk: they run one after the other in one
// transaction of the database, each in a savepoint, and none is acknowledged
// before the commit. One that fails is undone by itself.
type rounds struct {
	db      *sql.DB
	waiting atomic.Int32
	mu      sync.Mutex // held by whichever transaction runs
	open    *round
}

// round is one transaction of the database.
type round struct {
	tx   *sql.Tx
	n    int           // how many transactions have run in it
	done chan struct{} // closed once err says how it ended
	err  error
}

// mostInRound bounds how long the first waits for the last.
const mostInRound = 16

// errUndone is the fate of transactions that were undone with another's.
var errUndone = errors.New("undone with another transaction of the round")

// write runs f in a round and returns when that is over.
func (g *rounds) write(ctx context.Context, f func(q querier) error) error {
	r, err := g.join(ctx)
	if err != nil {
		return err
	}
	left := false
	defer func() {
		if !left { // f has panicked, or ended its goroutine
			_ = g.leave(r, false)
		}
	}()
	failed := f(steady{r.tx})
	left = true
	err = g.leave(r, failed == nil)
	if err == nil {
		<-r.done
		err = r.err
	}
	if err == nil {
		return failed
	}
	return errors.Join(err, failed) // which may have come of what was undone
}

// join waits for the writer, and for no longer than it takes those before.
func (g *rounds) join(ctx context.Context) (_ *round, err error) {
	g.waiting.Add(1)
	g.mu.Lock()
	g.waiting.Add(-1)
	defer func() {
		if err != nil {
			g.end()
			g.mu.Unlock()
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if g.open == nil {
		tx, err := g.db.BeginTx(context.WithoutCancel(ctx), nil)
		if err != nil {
			return nil, err
		}
		g.open = &round{tx: tx, done: make(chan struct{})}
		return g.open, nil
	}
	_, err = g.open.tx.ExecContext(context.WithoutCancel(ctx), `SAVEPOINT part`)
	return g.open, err
}

// leave keeps or undoes what the transaction did that runs, and ends the round
// if nobody else is to run in it.
func (g *rounds) leave(r *round, keep bool) (err error) {
	defer g.mu.Unlock()
	r.n++
	switch first := r.n == 1; {
	case first && !keep:
		_ = r.tx.Rollback()
		g.close(nil) // nobody else was in it
		return nil
	case first:
	case keep:
		_, err = r.tx.ExecContext(context.Background(), `RELEASE part`)
	default:
		_, err = r.tx.ExecContext(context.Background(), `ROLLBACK TO part; RELEASE part`)
	}
	if err != nil { // the engine has undone more than the part
		_ = r.tx.Rollback()
		g.close(errUndone)
		if keep {
			err = errors.Join(errUndone, err)
		}
		return err
	}
	g.end()
	return nil
}

// end commits the round that is open unless somebody waits to join it.
func (g *rounds) end() {
	if r := g.open; r != nil && (g.waiting.Load() == 0 || r.n >= mostInRound) {
		g.close(r.tx.Commit())
	}
}

// close tells everybody in the round how it has ended.
func (g *rounds) close(err error) {
	r := g.open
	g.open, r.err = nil, err
	close(r.done)
}

// steady is a transaction of which no statement is broken off: SQLite would undo
// the whole round with it. One whose context has ended begins no more of them.
type steady struct{ tx *sql.Tx }

// ExecContext implements querier.
func (s steady) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.tx.ExecContext(context.WithoutCancel(ctx), query, args...)
}

// QueryContext implements querier.
func (s steady) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.tx.QueryContext(context.WithoutCancel(ctx), query, args...)
}
