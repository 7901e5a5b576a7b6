package store

import (
	"context"
	"crypto/cipher"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
)

// Config says which database to open and how.
type Config struct {
	// Address is the path of an SQLite file, or a postgres:// URL.
	Address string
	// Key is the installation's secret, at least 16 bytes. Secrets in the database
	// are encrypted with a key derived from it.
	Key []byte
	// Now tells the time.
	Now func() time.Time
	// Intercept is for tests: see sqldb.Config.
	Intercept func(query string, args []any) error
	// MaxWrites is for tests: see sqldb.Config.
	MaxWrites int
	// Log is where a database that cannot be read or written is reported; nil discards
	// that.
	Log *slog.Logger
	// RunTwice is for tests: every transaction of Write runs once, is rolled back and runs
	// again. It fails with a descriptive error unless both runs end with the same
	// kind of error and message, or with none, and execute the same statements.
	RunTwice bool
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	*Reader
	db      *sqldb.DB
	config  Config
	storage *storage
}

// Open opens the database and brings its schema up to date. It returns
// Unavailable for one that a later version of the program has written, one on which
// another migration ran than the program's, and one with secrets of another key.
func Open(ctx context.Context, c Config) (*Store, error) {
	box, err := newBox(c.Key)
	if err != nil {
		return nil, err
	}
	m, err := migrations()
	if err != nil {
		return nil, err
	}
	db, err := sqldb.Open(ctx, sqldb.Config{Address: c.Address, Migrations: m, Intercept: c.Intercept,
		MaxWrites: c.MaxWrites})
	if err != nil {
		return nil, translateError(err)
	}
	t := newStorage(c.Now, c.Log)
	r := &Reader{q: db.Reader(), engine: db.Engine(), box: box, db: db, versioned: &sqldb.Versioned{},
		refusal: t.readFailed}
	s := &Store{Reader: r, db: db, config: c, storage: t}
	if err := s.adoptKey(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// Check reports whether Open could open the database at c.Address with c.Key, and leaves
// it as it is. The error is a sentence for operators that names the cause.
func Check(ctx context.Context, c Config) error {
	m, err := migrations()
	if err != nil {
		return err
	}
	return translateError(sqldb.Check(ctx, sqldb.Config{Address: c.Address, Migrations: m}, "directory",
		func(q sqldb.Querier) error { return checkKey(ctx, q, sqldb.EngineOf(c.Address), c.Key) }))
}

// Exposed are the files of the database at the address that other users of the machine
// can read.
func Exposed(address string) []string { return sqldb.Exposed(address) }

// Close closes the database.
func (s *Store) Close() error { return s.db.Close() }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.db.Ping(ctx) }

// Now is the time as transactions see it: in whole milliseconds, UTC.
func (s *Store) Now() time.Time { return s.config.Now().UTC().Truncate(time.Millisecond) }

// Reader has every query. The Reader of a Store sees what is committed, the
// Reader of a Tx also what the transaction has written.
type Reader struct {
	q      sqldb.Querier
	engine sqldb.Engine
	box    cipher.AEAD
	db     *sqldb.DB // nil in a Tx
	// Of a snapshot; nil in any other Reader.
	snapshot *sqldb.Snapshot
	cache    *sqldb.Cache // nil on PostgreSQL and after End
	visit    *visit       // nil before Visit and after End

	versioned *sqldb.Versioned // of the Store; used with a visit. nil with Config.RunTwice

	// refusal is what a statement returns that storage has failed, nil for other
	// errors. It is nil in a Tx, whose result is translated as a whole.
	refusal func(error) error
}

// Snapshot is a reader for one page, used by one goroutine at a time until End.
// It sees everything committed before it was made, by any process.
//
// On PostgreSQL everything that it reads is one state of the database, that of
// its first query. On SQLite it caches what every page reads and shares the cache
// with other snapshots of the same version of the database, and perhaps does not
// see what is committed later. In a Tx it is the Reader of the Tx.
func (r *Reader) Snapshot() *Reader {
	if r.db == nil {
		return r
	}
	snapshot := *r
	snapshot.snapshot = r.db.Snapshot()
	snapshot.q, snapshot.cache, snapshot.visit = snapshot.snapshot, snapshot.snapshot.Cache, nil
	return &snapshot
}

// End ends a snapshot. What is read with it later is what is committed then. It
// does nothing to other readers.
func (r *Reader) End() {
	if r.snapshot != nil {
		r.snapshot.End()
		r.cache, r.visit = nil, nil
	}
}

// Tx is a transaction of Store.Write.
type Tx struct {
	*Reader
	// Now is the time of the transaction, in whole milliseconds, UTC.
	Now time.Time

	made *[]string // ids made by NewID; nil unless Config.RunTwice
}

// NewID makes an identifier.
func (tx *Tx) NewID() string {
	id := uuid.Must(uuid.NewV7()).String()
	if tx.made != nil {
		*tx.made = append(*tx.made, id)
	}
	return id
}

// Write runs f in one transaction and commits if it returns nil. The transaction
// is serializable. f is run again if the transaction conflicts with another, so
// it must have no effect except through tx.
func (s *Store) Write(ctx context.Context, f func(tx *Tx) error) error {
	return s.translateError(s.db.Write(ctx, s.checkedTx(ctx, f)))
}

// writeSerially is Write for claims of work that count what is claimed: see
// sqldb.DB.WriteSerially.
func (s *Store) writeSerially(ctx context.Context, f func(tx *Tx) error) error {
	return s.translateError(s.db.WriteSerially(ctx, s.checkedTx(ctx, f)))
}

// checkedTx is f as a transaction of the engine, which runs twice if
// Config.RunTwice says so.
func (s *Store) checkedTx(ctx context.Context, f func(tx *Tx) error) func(sqldb.Querier) error {
	if s.config.RunTwice {
		return s.runTwice(ctx, f)
	}
	return s.inTx(f)
}

// BulkWrite is like Write, for a transaction of very many rows: f runs only once,
// so a conflict is an error, and on SQLite the writer has a large cache from then
// on.
func (s *Store) BulkWrite(ctx context.Context, f func(tx *Tx) error) error {
	return s.translateError(s.db.BulkWrite(ctx, s.inTx(f)))
}

// Analyze refreshes the planner's statistics after very many rows were written.
func (s *Store) Analyze(ctx context.Context) error { return s.db.Analyze(ctx) }

// inTx is f as a transaction of the engine.
func (s *Store) inTx(f func(tx *Tx) error) func(sqldb.Querier) error {
	return func(q sqldb.Querier) error {
		r := s.on(q)
		r.versioned = s.versioned
		return f(&Tx{Reader: r, Now: s.Now()})
	}
}

// LockExclusive makes this process the only one that works on the database,
// until Close: on an SQLite file that another process has locked it returns
// Unavailable. Leases of a process that was killed end at once. On PostgreSQL,
// where several portals share the work, it does nothing, and leases expire by
// themselves.
func (s *Store) LockExclusive(ctx context.Context) error {
	if taken, err := s.db.LockExclusive(ctx); err != nil || !taken {
		return translateError(err)
	}
	err := s.Write(ctx, func(tx *Tx) error {
		if err := tx.exec(ctx, `UPDATE delivery SET lease_until = 0 WHERE lease_until > 0`); err != nil {
			return err
		}
		return tx.exec(ctx, `UPDATE mail SET next_try = $1, slot = NULL WHERE slot IS NOT NULL`, ms(tx.Now))
	})
	if IsStorageError(err) {
		return nil // pages can be read while the disk is full, and the leases expire by themselves
	}
	return err
}

// on is a Reader that runs its statements on q.
func (s *Store) on(q sqldb.Querier) *Reader { return &Reader{q: q, engine: s.engine, box: s.box} }

// writer runs statements that may write outside of Write: claims of work.
func (s *Store) writer() *Reader {
	r := s.on(s.db.Writer())
	r.refusal = s.storage.writeFailed
	return r
}

// translateError adds the refusal that people can be shown to an error of a
// transaction.
func (s *Store) translateError(err error) error {
	if refused := s.storage.writeFailed(err); refused != nil {
		return refused
	}
	return translateError(err)
}

// translateError adds the refusal that people can be shown to an error of the
// engine. Other errors are returned unchanged.
func translateError(err error) error {
	newer, isNewer := errors.AsType[*sqldb.NewerSchemaError](err)
	changed, isChanged := errors.AsType[*sqldb.ChangedMigrationError](err)
	switch {
	case err == nil:
		return nil
	case isNewer:
		return errors.Join(access.Refuse(access.Unavailable,
			"The database was written by a later version of myaccess (schema %d; this version supports %d).",
			newer.Have, newer.Known), err)
	case isChanged:
		return errors.Join(access.Refuse(access.Unavailable, "The database was written by another build of myaccess: its "+
			"migration %d differs. Use the build that wrote it, or a later official one.",
			changed.Version), err)
	case errors.Is(err, sqldb.ErrLocked):
		return errors.Join(access.Refuse(access.Unavailable, "Another MyAccess process is already using this database."), err)
	case errors.Is(err, sqldb.ErrConflict):
		return errors.Join(stale(), err)
	case errors.Is(err, sqldb.ErrFull), errors.Is(err, sqldb.ErrIO): // while the database is opened
		return errors.Join(storageRefusal(err), err)
	}
	return err
}

// stale is the refusal of a change to something that has changed since it was
// read.
func stale() error {
	return access.Refuse(access.Conflict, "This has changed in the meantime. Check it and try again.")
}
