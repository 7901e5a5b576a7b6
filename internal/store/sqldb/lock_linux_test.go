package sqldb_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"myaccess/internal/store/sqldb"
)

// openAt opens the database at the address until the test ends.
func openAt(t *testing.T, address string) *sqldb.DB {
	t.Helper()
	d, err := sqldb.Open(t.Context(), sqldb.Config{Address: address, Migrations: migrations()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() }) // some tests close it
	return d
}

// TestLockByAnyName: the lock of a file holds for every name of it that a second portal
// may be given.
func TestLockByAnyName(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	at := filepath.Join(dir, "data.db")
	first := openAt(t, at)
	if taken, err := first.LockExclusive(t.Context()); err != nil || !taken {
		t.Fatal(taken, err)
	}
	names := map[string]string{"the same path": at, "a path with dots": filepath.Join(dir, "x", "..") + "/./data.db"}
	names["a symbolic link"] = filepath.Join(elsewhere, "link.db")
	if err := os.Symlink(at, names["a symbolic link"]); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, filepath.Join(elsewhere, "directory")); err != nil {
		t.Fatal(err)
	}
	names["a link of its directory"] = filepath.Join(elsewhere, "directory", "data.db")
	t.Chdir(dir)
	names["a relative path"] = "data.db"
	for what, name := range names {
		second := openAt(t, name)
		if _, err := second.LockExclusive(t.Context()); !errors.Is(err, sqldb.ErrLocked) {
			t.Errorf("%s: %v", what, err)
		}
		if err := second.Close(); err != nil {
			t.Error(err)
		}
	}

	// Beside these names SQLite would look for other files, and damage the database.
	others := map[string]string{"a hard link": filepath.Join(dir, "hard.db")}
	if err := os.Link(at, others["a hard link"]); err != nil {
		t.Fatal(err)
	}
	mounted := filepath.Join(elsewhere, "mounted.db")
	if err := os.WriteFile(mounted, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount(at, mounted, "", syscall.MS_BIND, ""); err == nil {
		t.Cleanup(func() {
			if err := syscall.Unmount(mounted, 0); err != nil {
				t.Error(err)
			}
		})
		others["a mount of the file"] = mounted
	} else {
		t.Logf("a file can't be mounted here: %v", err)
	}
	for what, name := range others {
		for how, try := range map[string]func() error{
			"Open": func() error {
				d, err := sqldb.Open(t.Context(), sqldb.Config{Address: name, Migrations: migrations()})
				if err == nil {
					err = d.Close()
				}
				return err
			},
			"Check": func() error { return check(t, name) },
		} {
			if err := try(); err == nil || !strings.Contains(err.Error(), "in use by another process under another name") {
				t.Errorf("%s of %s: %v", how, what, err)
			}
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	third := openAt(t, names["a symbolic link"])
	if taken, err := third.LockExclusive(t.Context()); err != nil || !taken {
		t.Errorf("after the first has ended: %v, %v", taken, err)
	}
}

// TestFilePermissions: no file of a new database can be read by others, whatever the
// process allows to new files; files that can be are reported.
func TestFilePermissions(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	dir := t.TempDir()
	at := filepath.Join(dir, "data.db")
	d := openAt(t, at)
	if taken, err := d.LockExclusive(t.Context()); err != nil || !taken {
		t.Fatal(taken, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 3 { // with those of the write-ahead log
		t.Fatalf("%d files, %v", len(entries), err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v, %v", e.Name(), info.Mode(), err)
		}
	}
	if got := sqldb.Exposed(at); got != nil {
		t.Errorf("%v are reported", got)
	}
	for _, name := range []string{at, at + "-wal"} {
		if err := os.Chmod(name, 0o640); err != nil {
			t.Fatal(err)
		}
	}
	if got := sqldb.Exposed(at); !slices.Equal(got, []string{at, at + "-wal"}) {
		t.Errorf("%v are reported, want the database and its log", got)
	}
	if got := sqldb.Exposed("postgres://nobody@127.0.0.1/none"); got != nil {
		t.Errorf("%v are reported for PostgreSQL", got)
	}
}
