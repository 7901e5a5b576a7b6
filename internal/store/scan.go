package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"myaccess/internal/access"
)

// row is what a scan function reads from.
type row interface{ Scan(dest ...any) error }

// list returns every row of a query.
func list[T any](ctx context.Context, r *Reader, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := r.q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// one returns the row of a query, and the refusal of what does not exist if
// there is none.
func one[T any](ctx context.Context, r *Reader, scan func(row) (T, error), query string, args ...any) (T, error) {
	all, err := list(ctx, r, scan, query, args...)
	if err == nil && len(all) == 0 {
		err = access.Missing()
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

// maybe is like one, but tells by found whether there is a row.
func maybe[T any](ctx context.Context, r *Reader, scan func(row) (T, error), query string,
	args ...any) (found T, ok bool, err error) {
	return exists(one(ctx, r, scan, query, args...))
}

// exists tells by ok, not by its error, whether what one has returned exists.
func exists[T any](found T, err error) (_ T, ok bool, _ error) {
	if access.KindOf(err) == access.NotFound {
		return found, false, nil
	}
	return found, err == nil, err
}

// column scans a row of one column.
func column[T any](r row) (T, error) {
	var v T
	return v, r.Scan(&v)
}

// exec runs a statement.
func (r *Reader) exec(ctx context.Context, query string, args ...any) error {
	_, err := r.q.ExecContext(ctx, query, args...)
	return err
}

// change runs a statement and returns how many rows it touched.
func (r *Reader) change(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := r.q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// guarded runs a statement that must touch exactly one row; if it touches none,
// things are not as its WHERE expects.
func (r *Reader) guarded(ctx context.Context, query string, args ...any) error {
	n, err := r.change(ctx, query, args...)
	if err == nil && n != 1 {
		return stale()
	}
	return err
}

// ms is t as it is stored.
func ms(t time.Time) int64 { return t.UnixMilli() }

// msOrNull is t as it is stored, NULL for the zero time.
func msOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return ms(t)
}

// textOrNull is s, NULL if it is empty.
func textOrNull[S ~string](s S) any {
	if s == "" {
		return nil
	}
	return string(s)
}

// when scans a stored time into a time.Time; NULL is the zero time.
type when struct{ *time.Time }

// Scan implements sql.Scanner.
func (w when) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*w.Time = time.Time{}
	case int64:
		*w.Time = time.UnixMilli(v).UTC()
	default:
		return fmt.Errorf("a time is stored as %T", v)
	}
	return nil
}

// object stores a value as JSON and scans it again.
type object struct{ v any }

// Scan implements sql.Scanner.
func (o object) Scan(v any) error {
	switch v := v.(type) {
	case string:
		return json.Unmarshal([]byte(v), o.v)
	case []byte:
		return json.Unmarshal(v, o.v)
	}
	return fmt.Errorf("JSON is stored as %T", v)
}

// Value implements driver.Valuer.
func (o object) Value() (driver.Value, error) {
	b, err := json.Marshal(o.v)
	return string(b), err
}

// words scans a list of words stored with blanks between.
type words struct{ list *[]string }

// Scan implements sql.Scanner.
func (w words) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("words are stored as %T", v)
	}
	*w.list = strings.Fields(s)
	return nil
}

// fold is s as names are sorted, compared and searched by: normalised, without
// regard to case (NFKC and full case folding), blanks made one.
func fold(s string) string {
	s = cases.Fold().String(norm.NFKC.String(s))
	return strings.Join(strings.Fields(s), " ")
}

// pattern is the LIKE pattern of texts that contain word, for ESCAPE '!'.
func pattern(word string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(fold(word)) + "%"
}

// args collects the arguments of a query and hands out their placeholders.
type args struct{ list []any }

// add appends v and returns its placeholder.
func (a *args) add(v any) string {
	a.list = append(a.list, v)
	return "$" + strconv.Itoa(len(a.list))
}

// sequence is the values of a list, for in.
func sequence[T any](all []T) iter.Seq[T] { return slices.Values(all) }

// number reads a whole number from a key; 0 for anything else.
func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// in appends every value and returns their placeholders in parentheses; with
// no value, a list that holds nothing. The last is repeated up to a power of
// two, so that lists of all lengths make few different texts to be prepared.
func in[T any](a *args, values iter.Seq[T]) string {
	var marks []string
	var end T
	for v := range values {
		marks, end = append(marks, a.add(v)), v
	}
	if len(marks) == 0 {
		return "(NULL)"
	}
	for len(marks)&(len(marks)-1) != 0 {
		marks = append(marks, a.add(end))
	}
	return "(" + strings.Join(marks, ", ") + ")"
}
