package store

import (
	"context"
	"crypto/cipher"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"myaccess/internal/access"
)

// Config says which database to open and how.
type Config struct {
	// Address is the path of an SQLite file, or a postgres:// URL.
	Address string
	// Key is the installation's secret, at least 16 bytes; what is kept secret
	// in the database is encrypted with a key derived from it.
	Key []byte
	// Now tells the time.
	Now func() time.Time
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	*Reader
	write   *sql.DB
	read    *sql.DB
	rounds  *rounds    // nil where transactions run side by side
	again   sync.Mutex // held by the transaction that is begun again
	lock    *sql.DB    // once this process is Alone
	address string
	dialect dialect
	now     func() time.Time
}

// Open opens the database, brings its schema up to date, and refuses one that a
// later version of the program has written.
func Open(ctx context.Context, c Config) (*Store, error) {
	return open(ctx, c, dialectOf(c.Address))
}

func open(ctx context.Context, c Config, d dialect) (*Store, error) {
	box, err := newBox(c.Key)
	if err != nil {
		return nil, err
	}
	write, read, err := d.open(c.Address)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	s := &Store{
		Reader: &Reader{q: read, dialect: d, box: box}, write: write, read: read, address: c.Address, dialect: d, now: c.Now,
	}
	if d.oneWriter {
		s.watch, s.rounds = &watch{pool: read}, &rounds{db: write}
	}
	if err := s.migrate(ctx); err != nil {
		return nil, fmt.Errorf("bring the database up to date: %w", firstError(err, s.Close()))
	}
	return s, nil
}

// Close closes the database.
func (s *Store) Close() error {
	var err error
	if s.watch != nil {
		err = s.watch.close()
	}
	err = firstError(err, s.write.Close())
	if s.read != s.write {
		err = firstError(err, s.read.Close())
	}
	if s.lock != nil {
		err = firstError(err, s.lock.Close())
	}
	return err
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.read.ExecContext(ctx, "SELECT 1")
	return err
}

// Now is the time, as transactions see it.
func (s *Store) Now() time.Time { return s.now().UTC().Truncate(time.Millisecond) }

// Reader has every query. That of a Store sees what is committed, that of a Tx
// what the transaction has written as well.
type Reader struct {
	q       querier
	dialect dialect
	box     cipher.AEAD
	watch   *watch  // nil where commits cannot be noticed, and in a Tx
	memory  *memory // of a reader that is Known
}

// querier is what a pool and a transaction have in common.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Tx is a transaction of Store.Write.
type Tx struct {
	*Reader
	// Now is the time of the transaction, in whole milliseconds, UTC.
	Now time.Time
}

// NewID makes an identifier.
func (*Tx) NewID() string { return newID() }

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// attempts is how often a transaction that lost against another is begun; clashes
// is how often one is begun that broke a unique rule.
const attempts, clashes = 40, 3

// Write runs f in one transaction and commits if it returns nil. The
// transaction is serializable; where the engine finds that it cannot be, f is
// run again, so f must do nothing but read and write through tx.
func (s *Store) Write(ctx context.Context, f func(tx *Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := s.writeInTurn(ctx, f, attempt)
		if err == nil || attempt >= s.dialect.worth(err) {
			return s.dialect.explain(err)
		}
		if err := rest(ctx, attempt); err != nil {
			return err
		}
	}
}

// writeInTurn lets transactions that have lost one after the other, so that
// they do not go on losing against each other.
func (s *Store) writeInTurn(ctx context.Context, f func(tx *Tx) error, attempt int) error {
	if attempt > 1 {
		s.again.Lock()
		defer s.again.Unlock()
	}
	return s.writeOnce(ctx, f)
}

func (s *Store) writeOnce(ctx context.Context, f func(tx *Tx) error) error {
	run := func(q querier) error {
		return f(&Tx{Reader: &Reader{q: q, dialect: s.dialect, box: s.box}, Now: s.Now()})
	}
	if s.rounds != nil {
		return s.rounds.write(ctx, run)
	}
	t, err := s.write.BeginTx(ctx, &sql.TxOptions{Isolation: s.dialect.isolation})
	if err != nil {
		return err
	}
	defer func() {
		_ = t.Rollback() // after a failure or a panic in f; of no effect after the commit
	}()
	if err := run(t); err != nil {
		return err
	}
	return t.Commit()
}

// rest waits a little longer after every attempt.
func rest(ctx context.Context, attempt int) error {
	pause := time.NewTimer(time.Duration(attempt) * 3 * time.Millisecond)
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-pause.C:
		return nil
	}
}

// stale is the refusal of a change that found things other than expected.
func stale() error {
	return access.Refuse(access.Conflict, "This has changed in the meantime. Look at it again.")
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
