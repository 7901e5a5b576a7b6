package store

import (
	"context"
	"strings"

	"myaccess/internal/access"
)

// column is a column of a query with the place that its value is scanned into.
type column struct {
	sql  string
	dest any
}

// columns is how a T is read: the columns of a query and their places in the T.
// They replace {columns} in the text of the query. The places are scanned into
// once per row, and T is the zero T before each.
type columns[T any] func(*T) []column

// value is the columns of a query that says itself which one column it reads.
func value[T any](v *T) []column { return []column{{"", v}} }

// withColumns is the query with the columns in the place of {columns}.
func withColumns(query string, all []column) string {
	head, tail, ok := strings.Cut(query, "{columns}")
	if !ok {
		return query
	}
	n := len(head) + len(tail)
	for _, c := range all {
		n += len(c.sql) + 2
	}
	var b strings.Builder
	b.Grow(n)
	b.WriteString(head)
	for i, c := range all {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c.sql)
	}
	b.WriteString(tail)
	return b.String()
}

// eachRow scans every row of a query into the places of all and calls f after
// each.
func (r *Reader) eachRow(ctx context.Context, all []column, f func(), query string, args ...any) error {
	rows, err := r.q.QueryContext(ctx, withColumns(query, all), args...)
	if err != nil {
		return r.statementError(err)
	}
	defer rows.Close()
	dest := make([]any, len(all))
	for i, c := range all {
		dest[i] = c.dest
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		f()
	}
	return r.statementError(rows.Err())
}

// statementError is the error of a statement: a refusal if storage has failed.
func (r *Reader) statementError(err error) error {
	if err == nil || r.refusal == nil {
		return err
	}
	if refused := r.refusal(err); refused != nil {
		return refused
	}
	return err
}

// queryAll returns every row of a query.
func queryAll[T any](ctx context.Context, r *Reader, cols columns[T], query string, args ...any) ([]T, error) {
	var row, zero T
	var all []T
	err := r.eachRow(ctx, cols(&row), func() {
		all = append(all, row)
		row = zero
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// queryOne returns the first row of a query, NotFound if there is none.
func queryOne[T any](ctx context.Context, r *Reader, cols columns[T], query string, args ...any) (T, error) {
	all, err := queryAll(ctx, r, cols, query, args...)
	if err == nil && len(all) == 0 {
		err = access.Missing()
	}
	if err != nil {
		var zero T
		return zero, err
	}
	return all[0], nil
}

// queryOptional is like queryOne, but ok says whether there is a row.
func queryOptional[T any](ctx context.Context, r *Reader, cols columns[T], query string,
	args ...any) (found T, ok bool, err error) {
	return exists(queryOne(ctx, r, cols, query, args...))
}

// exists turns NotFound into ok.
func exists[T any](found T, err error) (_ T, ok bool, _ error) {
	if access.KindOf(err) == access.NotFound {
		return found, false, nil
	}
	return found, err == nil, err
}

// exec runs a statement. In a transaction on PostgreSQL, its error may be the result of
// a later statement, or of the transaction (sqldb.Querier.Queue).
func (r *Reader) exec(ctx context.Context, query string, args ...any) error {
	return r.statementError(r.q.Queue(ctx, query, args...))
}

// execCount runs a statement and returns how many rows it changed.
func (r *Reader) execCount(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := r.q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, r.statementError(err)
	}
	return res.RowsAffected()
}

// execOne runs a statement that must change exactly one row. It returns a
// Conflict if it changes none, because a row is not as its WHERE expects.
func (r *Reader) execOne(ctx context.Context, query string, args ...any) error {
	n, err := r.execCount(ctx, query, args...)
	if err == nil && n != 1 {
		return stale()
	}
	return err
}
