package store

import (
	"context"
	"database/sql"
	"errors"

	"myaccess/internal/access"
)

// Alone makes this process the one that works on the database, until Close: a
// second one on the same SQLite file is refused (Unavailable). What a process
// that was killed had taken on is free again at once. On PostgreSQL, where
// several portals share the work, it does nothing, and leases run out by
// themselves.
func (s *Store) Alone(ctx context.Context) error {
	if s.dialect.lock == nil || s.lock != nil {
		return nil
	}
	lock, err := s.dialect.lock(ctx, s.address)
	if err != nil {
		return err
	}
	s.lock = lock
	return s.Write(ctx, func(tx *Tx) error {
		if err := tx.exec(ctx, `UPDATE delivery SET lease_until = 0 WHERE lease_until > 0`); err != nil {
			return err
		}
		// a claim that was finished has counted as an attempt
		return tx.exec(ctx, `UPDATE mail SET next_try = $1 WHERE next_try IS NOT NULL AND fence > attempts`, ms(tx.Now))
	})
}

// lockSQLite holds a lock on a file beside the database. The system lets go of
// it when the process ends, however it ends.
func lockSQLite(ctx context.Context, path string) (*sql.DB, error) {
	lock, err := sql.Open("sqlite", fileURL(path+".lock")+"?_pragma=busy_timeout(0)")
	if err != nil {
		return nil, err
	}
	lock.SetMaxOpenConns(1)
	for attempt := 1; ; attempt++ { // one that is just ending gets a moment
		_, err = lock.ExecContext(ctx, "BEGIN EXCLUSIVE")
		if err == nil {
			return lock, nil
		}
		if attempt >= sqliteWorth(err) {
			break
		}
		if err = rest(ctx, attempt); err != nil {
			break
		}
	}
	return nil, errors.Join(access.Refuse(access.Unavailable, "Another portal works on this database already."), err,
		lock.Close())
}
