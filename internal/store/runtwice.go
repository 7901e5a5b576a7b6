package store

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
)

// runTwice is f as Config.RunTwice runs it: in a savepoint that is rolled back,
// and then again. If the runs differ, it fails with an error that shows both:
// f has changed something outside of the transaction.
func (s *Store) runTwice(ctx context.Context, f func(tx *Tx) error) func(sqldb.Querier) error {
	return func(q sqldb.Querier) error {
		always := context.WithoutCancel(ctx)
		if _, err := q.ExecContext(always, `SAVEPOINT first_run`); err != nil {
			return err
		}
		now := s.Now() // of both runs: a deadline that passes between them is no fault of f
		first := s.run(always, q, now, f)
		if ctx.Err() != nil || s.db.Retryable(first.err) {
			return first.err // Write decides whether to run it again
		}
		if _, err := q.ExecContext(always, `ROLLBACK TO SAVEPOINT first_run`); err != nil {
			return fmt.Errorf("%w, after %w", err, first.err)
		}
		if _, err := q.ExecContext(always, `RELEASE SAVEPOINT first_run`); err != nil {
			return err
		}
		second := s.run(always, q, now, f)
		if ctx.Err() != nil || s.db.Retryable(second.err) {
			return second.err
		}
		if one, two := first.end(), second.end(); one != two {
			return fmt.Errorf("a transaction is not safe to run twice: the first run ended with %s, the second with %s", one,
				two)
		}
		if !maps.Equal(first.statements, second.statements) {
			return fmt.Errorf("a transaction is not safe to run twice: only the first run executed%s; only the second%s",
				first.without(second), second.without(first))
		}
		return second.err
	}
}

// run runs f once, at now, and records what it does.
func (s *Store) run(ctx context.Context, q sqldb.Querier, now time.Time, f func(tx *Tx) error) *run {
	r := &run{q: q, statements: map[string]int{}}
	r.err = f(&Tx{Reader: s.on(r), Now: now, made: &r.made})
	if err := q.Flush(ctx); r.err == nil {
		r.err = err
	}
	return r
}

// run is one run of a transaction. It is the Querier of its statements.
type run struct {
	q          sqldb.Querier
	statements map[string]int // how often each text was executed
	made       []string       // by Tx.NewID
	err        error
}

// end is how the run ended: the kind of the error and its message, in which ids
// made by the run are replaced, because each run makes its own.
func (r *run) end() string {
	if r.err == nil {
		return "success"
	}
	message := r.err.Error()
	for _, id := range r.made {
		message = strings.ReplaceAll(message, id, "(new id)")
	}
	return fmt.Sprintf("an error of kind %d: %s", access.KindOf(r.err), message)
}

// without lists the statements that r executed more often than other.
func (r *run) without(other *run) string {
	var b strings.Builder
	for query, n := range r.statements {
		if extra := n - other.statements[query]; extra > 0 {
			fmt.Fprintf(&b, "\n%d times %s", extra, query)
		}
	}
	return b.String()
}

// ExecContext implements sqldb.Querier.
func (r *run) ExecContext(ctx context.Context, query string, args ...any) (sqldb.Result, error) {
	r.statements[query]++
	return r.q.ExecContext(ctx, query, args...)
}

// QueryContext implements sqldb.Querier.
func (r *run) QueryContext(ctx context.Context, query string, args ...any) (sqldb.Rows, error) {
	r.statements[query]++
	return r.q.QueryContext(ctx, query, args...)
}

// Queue implements sqldb.Querier.
func (r *run) Queue(ctx context.Context, query string, args ...any) error {
	r.statements[query]++
	return r.q.Queue(ctx, query, args...)
}

// Flush implements sqldb.Querier.
func (r *run) Flush(ctx context.Context) error { return r.q.Flush(ctx) }
