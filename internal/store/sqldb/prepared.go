package sqldb

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
)

// errDriverChanged says that the driver of SQLite lacks what this package uses.
var errDriverChanged = errors.New("the driver of SQLite has changed")

// preparedConnector makes connections to SQLite that keep their prepared
// statements: parsing and planning takes longer than running most of ours. The
// driver of PostgreSQL does the same by itself.
type preparedConnector struct{ driver.Connector }

// sqliteConn is what this package uses of a connection of the driver.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// sqliteStmt is what this package uses of a statement of the driver.
type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// Connect implements driver.Connector.
func (p preparedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn, ok := c.(sqliteConn)
	if !ok {
		return nil, errors.Join(errDriverChanged, c.Close())
	}
	return newPreparedConn(conn), nil
}

// preparedConn is one connection. database/sql lets one goroutine at a time use
// it.
type preparedConn struct {
	sqliteConn
	statements map[string]*list.Element // elements of used by text
	used       *list.List               // of *preparedStmt, the last used first
}

func newPreparedConn(c sqliteConn) *preparedConn {
	return &preparedConn{sqliteConn: c, statements: map[string]*list.Element{}, used: list.New()}
}

// preparedStmt is a kept statement. It is busy while its rows are being read.
type preparedStmt struct {
	sqliteStmt
	query string
	busy  bool
}

// maxStatements limits the kept statements of a connection: lists of ids of many
// lengths make many texts.
const maxStatements = 400

// prepared is the kept statement for the text; nil if it is busy or cannot be
// kept.
func (c *preparedConn) prepared(ctx context.Context, query string) (*preparedStmt, error) {
	if at, ok := c.statements[query]; ok {
		s := at.Value.(*preparedStmt)
		if s.busy {
			return nil, nil
		}
		c.used.MoveToFront(at)
		return s, nil
	}
	if room, err := c.evict(); !room || err != nil {
		return nil, err
	}
	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s, ok := prepared.(sqliteStmt)
	if !ok {
		return nil, prepared.Close()
	}
	kept := &preparedStmt{sqliteStmt: s, query: query}
	c.statements[query] = c.used.PushFront(kept)
	return kept, nil
}

// evict makes room for one more statement: it closes the least recently used one
// whose rows are not being read. It returns false if all are being read.
func (c *preparedConn) evict() (room bool, err error) {
	if c.used.Len() < maxStatements {
		return true, nil
	}
	for at := c.used.Back(); at != nil; at = at.Prev() {
		if s := at.Value.(*preparedStmt); !s.busy {
			c.used.Remove(at)
			delete(c.statements, s.query)
			return true, s.Close()
		}
	}
	return false, nil
}

// ExecContext implements driver.ExecerContext.
func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) == 0 { // perhaps several statements, and seldom run twice
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	s, err := c.prepared(ctx, query)
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	return s.ExecContext(ctx, args)
}

// QueryContext implements driver.QueryerContext.
func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.prepared(ctx, query)
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &preparedRows{rows, s}, nil
}

// preparedRows are the rows of a kept statement.
type preparedRows struct {
	driver.Rows
	of *preparedStmt
}

// Close implements driver.Rows.
func (r *preparedRows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}

// Close implements driver.Conn.
func (c *preparedConn) Close() error {
	var errs []error
	for at := c.used.Front(); at != nil; at = at.Next() {
		errs = append(errs, at.Value.(*preparedStmt).Close())
	}
	return errors.Join(append(errs, c.sqliteConn.Close())...)
}
