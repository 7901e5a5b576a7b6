//go:build unix

package sqldb

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// lockSQLite locks the file of the database itself, so that the lock holds for every
// name that the file has: links, other paths, mounts. The operating system releases the
// lock when the process ends, however it ends. SQLite and its tools use locks of another
// kind and are not affected.
//
// Closing any descriptor of the file ends the locks that SQLite holds on it in this
// process. The one that is returned is therefore closed after the database.
func lockSQLite(ctx context.Context, path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the path is the operator's setting
	if err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ { // a process that is just ending gets a moment
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) || attempt >= conflictRetries {
			break
		}
		if err = backoff(ctx, attempt); err != nil {
			break
		}
	}
	return nil, errors.Join(ErrLocked, err, f.Close())
}

// inUseElsewhere reports whether another process holds the lock of the file and uses it
// under another name than path: through a hard link, or mounted at another place. SQLite
// keeps what is not yet in the file beside it under the same name, so that the two
// processes would damage the database.
func inUseElsewhere(path string) (bool, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the path is the operator's setting
	if err != nil {
		return false, err
	}
	defer f.Close() // ends the lock
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if err == nil || !errors.Is(err, syscall.EWOULDBLOCK) {
		return false, err
	}
	_, err = os.Stat(path + "-shm") // there is one beside the name in use
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return false, err
}
