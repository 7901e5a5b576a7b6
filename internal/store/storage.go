package store

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
)

const (
	// storageLogInterval is the minimum time between two log entries about storage
	// that fails, however many statements fail.
	storageLogInterval = time.Minute
	// probeInterval is the minimum time between two attempts of Writable to find out
	// whether the database can be written again.
	probeInterval = 2 * time.Second
)

// StorageError says that the database could not be read or written, because its
// disk is full or fails. It has been logged, at most once per minute, with the
// reference; callers need not log it again.
type StorageError struct {
	Reference string    // of the log entry about this failure or others of the same minute
	Since     time.Time // since when writing fails; zero while only reading fails
	Err       error
}

// Error implements error.
func (e *StorageError) Error() string { return e.Err.Error() }

// Unwrap is the error of the engine.
func (e *StorageError) Unwrap() error { return e.Err }

// IsFull reports whether there is no space left.
func (e *StorageError) IsFull() bool { return errors.Is(e.Err, sqldb.ErrFull) }

// IsStorageError reports whether err is a StorageError.
func IsStorageError(err error) bool {
	_, ok := errors.AsType[*StorageError](err)
	return ok
}

// storage remembers whether the database can be written, and logs when that
// changes. It is safe for concurrent use.
type storage struct {
	now func() time.Time
	log *slog.Logger

	mu        sync.Mutex
	err       error     // why the last write failed; nil if it did not, or a probe has succeeded since
	since     time.Time // when the first of the writes failed that led to err
	probed    time.Time // when Writable has tried to write
	logged    time.Time // when the last entry was logged
	reference string    // of that entry
	unlogged  int       // failures since then
}

func newStorage(now func() time.Time, log *slog.Logger) *storage {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &storage{now: now, log: log}
}

// writeFailed is the refusal of a write that has failed with err; nil if storage is
// not the cause.
func (s *storage) writeFailed(err error) error {
	fault := sqldb.StorageFault(err)
	if fault == nil || IsStorageError(err) {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.probed = s.now()
		s.since = s.probed
	}
	s.err = fault
	return errors.Join(storageRefusal(fault), s.failed("the database can't be written", fault, s.since))
}

// readFailed is the refusal of a query that has failed with err; nil if storage is
// not the cause.
func (s *storage) readFailed(err error) error {
	fault := sqldb.StorageFault(err)
	if fault == nil || IsStorageError(err) {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(access.Refuse(access.Unavailable,
		"The portal can't read its database at the moment. Try again in a few minutes."),
		s.failed("the database can't be read", fault, time.Time{}))
}

// storageRefusal says that nothing was saved.
func storageRefusal(fault error) error {
	if errors.Is(fault, sqldb.ErrFull) {
		return access.Refuse(access.Unavailable,
			"Nothing was saved: there is no space left for the portal's database. Try again in a few minutes.")
	}
	return access.Refuse(access.Unavailable,
		"Nothing was saved: the portal can't write to its database. Try again in a few minutes.")
}

// failed counts and logs a failure; since is when writing failed first, zero if it was a
// query that failed. The caller holds mu.
func (s *storage) failed(what string, fault error, since time.Time) error {
	s.unlogged++
	if now := s.now(); s.reference == "" || now.Sub(s.logged) >= storageLogInterval {
		id := uuid.NewString()
		s.reference, s.logged = id[:8], now
		entry := []any{"reference", s.reference, "failures", s.unlogged, "error", fault}
		if !since.IsZero() {
			entry = append(entry, "unwritable since", since.UTC())
		}
		s.log.Error(what, entry...)
		s.unlogged = 0
	}
	return &StorageError{Reference: s.reference, Since: since, Err: fault}
}

// Writable returns a StorageError if the database cannot be written at the moment.
// It knows that from the last write; if that has failed, it tries from time to time
// whether the database can be written again.
func (s *Store) Writable(ctx context.Context) error {
	t := s.storage
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		return nil
	}
	now := t.now()
	if now.Sub(t.probed) < probeInterval {
		return &StorageError{Reference: t.reference, Since: t.since, Err: t.err}
	}
	t.probed = now
	if fault := sqldb.StorageFault(s.db.Probe(ctx)); fault != nil {
		t.err = fault
		return t.failed("the database can't be written", fault, t.since)
	}
	t.log.Info("database writable again", "unwritable since", t.since.UTC())
	t.err = nil
	return nil
}
