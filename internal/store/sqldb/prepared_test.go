package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
)

// fakeConn is a connection that records what is prepared and closed. A statement
// that is used after it was closed fails the test.
type fakeConn struct {
	sqliteConn
	t        *testing.T
	prepared []string
	closed   []string
	direct   int // statements that ran without being kept
}

type fakeStmt struct {
	sqliteStmt
	of    *fakeConn
	query string
}

type fakeRows struct{ of *fakeStmt }

func (c *fakeConn) PrepareContext(_ context.Context, query string) (driver.Stmt, error) {
	c.prepared = append(c.prepared, query)
	return &fakeStmt{of: c, query: query}, nil
}

func (c *fakeConn) QueryContext(_ context.Context, query string, _ []driver.NamedValue) (driver.Rows, error) {
	c.direct++
	return fakeRows{&fakeStmt{of: &fakeConn{t: c.t}, query: query}}, nil
}

func (c *fakeConn) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	c.direct++
	return driver.RowsAffected(1), nil
}

func (c *fakeConn) Close() error { return nil }

func (s *fakeStmt) check() {
	if slices.Contains(s.of.closed, s.query) {
		s.of.t.Errorf("%q is used after it was closed", s.query)
	}
}

func (s *fakeStmt) QueryContext(context.Context, []driver.NamedValue) (driver.Rows, error) {
	s.check()
	return fakeRows{s}, nil
}

func (s *fakeStmt) ExecContext(context.Context, []driver.NamedValue) (driver.Result, error) {
	s.check()
	return driver.RowsAffected(1), nil
}

func (s *fakeStmt) Close() error {
	s.check()
	s.of.closed = append(s.of.closed, s.query)
	return nil
}

func (r fakeRows) Columns() []string { return nil }

func (r fakeRows) Next([]driver.Value) error {
	r.of.check()
	return io.EOF
}

func (r fakeRows) Close() error {
	r.of.check()
	return nil
}

// query opens the rows of the n-th text.
func query(t *testing.T, c *preparedConn, n int) driver.Rows {
	t.Helper()
	rows, err := c.QueryContext(t.Context(), fmt.Sprint("query ", n), nil)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// run runs the n-th text to its end.
func run(t *testing.T, c *preparedConn, n int) {
	t.Helper()
	if err := query(t, c, n).Close(); err != nil {
		t.Error(err)
	}
}

// TestEviction: a connection keeps 400 statements. The next one replaces the one
// that has not been used for longest, and one that is in use all the time is
// prepared once.
func TestEviction(t *testing.T) {
	fake := &fakeConn{t: t}
	c := newPreparedConn(fake)
	for n := range 400 {
		run(t, c, n)
	}
	if len(fake.prepared) != 400 || len(fake.closed) != 0 {
		t.Fatalf("400 texts: %d prepared, %d closed", len(fake.prepared), len(fake.closed))
	}
	run(t, c, 0) // so that the next one is the oldest
	run(t, c, 400)
	if _, err := c.ExecContext(t.Context(), "change", make([]driver.NamedValue, 1)); err != nil {
		t.Error(err)
	}
	if want := []string{"query 1", "query 2"}; !slices.Equal(fake.closed, want) {
		t.Errorf("closed %q, want %q", fake.closed, want)
	}
	for n := range 2000 { // a page's own query among lists of many lengths
		run(t, c, 0)
		run(t, c, 1000+n)
	}
	always := 0
	for _, q := range fake.prepared {
		if q == "query 0" {
			always++
		}
	}
	if always != 1 {
		t.Errorf("the query that is always used was prepared %d times", always)
	}
	if fake.direct != 0 {
		t.Errorf("%d statements were not kept", fake.direct)
	}
	if open := len(fake.prepared) - len(fake.closed); open != 400 {
		t.Errorf("%d statements are open, want 400", open)
	}
	if err := c.Close(); err != nil || len(fake.closed) != len(fake.prepared) {
		t.Errorf("after Close %d of %d are closed: %v", len(fake.closed), len(fake.prepared), err)
	}
}

// TestNoEvictionInUse: a statement whose rows are being read is not closed. If
// all are being read, the next text runs without being kept.
func TestNoEvictionInUse(t *testing.T) {
	fake := &fakeConn{t: t}
	c := newPreparedConn(fake)
	oldest := query(t, c, 0)
	for n := 1; n < 1000; n++ {
		run(t, c, n)
	}
	if slices.Contains(fake.closed, "query 0") {
		t.Error("a statement was closed while its rows were being read")
	}
	if err := oldest.Next(nil); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	open := []driver.Rows{oldest}
	for n := 1000; n < 1399; n++ {
		open = append(open, query(t, c, n))
	}
	closed := len(fake.closed)
	run(t, c, 2000)
	if fake.direct != 1 || len(fake.closed) != closed {
		t.Errorf("with 400 in use %d ran directly, %d were closed", fake.direct, len(fake.closed)-closed)
	}
	for _, rows := range open {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
	run(t, c, 2000)
	if len(fake.closed) != closed+1 || fake.closed[closed] != "query 0" {
		t.Errorf("afterwards %q were closed", fake.closed[closed:])
	}
}
