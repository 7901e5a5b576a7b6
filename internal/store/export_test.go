package store

import (
	"context"
	"crypto/cipher"
	"database/sql"
	"database/sql/driver"
	"io/fs"
)

// Pools are the handles of a store: the one that writes and the one that reads.
func (s *Store) Pools() (write, read *sql.DB) { return s.write, s.read }

// Postgres reports whether the store is on PostgreSQL.
func (s *Store) Postgres() bool { return s.read == s.write }

// NewBox is the cipher of secrets.
func NewBox(secret []byte) (cipher.AEAD, error) { return newBox(secret) }

// AppendOnly are the tables whose rows never change.
func AppendOnly() []string { return appendOnly() }

// MigrationFiles are the migrations that are files.
func MigrationFiles() fs.FS { return migrations }

// OpenRecorded opens a store like Open. Every statement that reaches the
// database, from a Reader, a Tx or a claim, is handed to record first; so a new
// query is seen without being listed anywhere.
func OpenRecorded(ctx context.Context, c Config, record func(query string, args []any)) (*Store, error) {
	d := dialectOf(c.Address)
	plain := d.open
	d.open = func(address string) (write, read *sql.DB, err error) {
		write, read, err = plain(address)
		if err != nil {
			return nil, nil, err
		}
		one := write == read
		write = sql.OpenDB(recorder{write, record})
		if one {
			return write, write, nil
		}
		write.SetMaxOpenConns(1)
		return write, sql.OpenDB(recorder{read, record}), nil
	}
	return open(ctx, c, d)
}

// recorder is a connector to the connections of another pool, which tells what
// they are asked.
type recorder struct {
	pool   *sql.DB
	record func(query string, args []any)
}

// Driver implements driver.Connector.
func (r recorder) Driver() driver.Driver { return r.pool.Driver() }

// Close implements io.Closer.
func (r recorder) Close() error { return r.pool.Close() }

// Connect implements driver.Connector.
func (r recorder) Connect(ctx context.Context) (driver.Conn, error) {
	held, err := r.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := recorded{held: held, record: r.record}
	err = held.Raw(func(raw any) error {
		c.Conn = raw.(driver.Conn) // ours for as long as it is held
		return nil
	})
	return c, err
}

type recorded struct {
	driver.Conn
	held   *sql.Conn
	record func(query string, args []any)
}

// Close gives the connection back.
func (c recorded) Close() error { return c.held.Close() }

func (c recorded) tell(query string, named []driver.NamedValue) {
	args := make([]any, len(named))
	for i, a := range named {
		args[i] = a.Value
	}
	c.record(query, args)
}

func (c recorded) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.tell(query, args)
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

func (c recorded) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.tell(query, args)
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c recorded) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
}

func (c recorded) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.Conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// Raw runs a statement in the transaction.
func Raw(ctx context.Context, tx *Tx, query string) error { return tx.exec(ctx, query) }
