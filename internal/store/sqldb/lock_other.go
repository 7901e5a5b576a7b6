//go:build !unix

package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"io"
)

// lockSQLite locks a file beside the database. The operating system releases the
// lock when the process ends, however it ends.
func lockSQLite(ctx context.Context, path string) (io.Closer, error) {
	lock, err := sql.Open("sqlite", fileURL(path+".lock")+"?_pragma=busy_timeout(0)")
	if err != nil {
		return nil, err
	}
	lock.SetMaxOpenConns(1)
	for attempt := 1; ; attempt++ { // a process that is just ending gets a moment
		_, err = lock.ExecContext(ctx, "BEGIN EXCLUSIVE")
		if err == nil {
			return lock, nil
		}
		if attempt >= sqliteMaxAttempts(err) {
			break
		}
		if err = backoff(ctx, attempt); err != nil {
			break
		}
	}
	return nil, errors.Join(ErrLocked, err, lock.Close())
}

// inUseElsewhere cannot tell, on this system, whether another process works on the file
// under another name.
func inUseElsewhere(string) (bool, error) { return false, nil }
