package sqldb_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"myaccess/internal/store/sqldb"
	"myaccess/internal/store/storetest"
)

// wantUnusable checks that neither Open nor Check can use the address, that both
// say so at once, and that the sentence is the one expected and has no password.
func wantUnusable(t *testing.T, address, want string) {
	t.Helper()
	for name, try := range map[string]func() error{
		"Open": func() error {
			d, err := sqldb.Open(t.Context(), sqldb.Config{Address: address, Migrations: migrations()})
			if err == nil {
				err = d.Close()
			}
			return err
		},
		"Check": func() error { return check(t, address) },
	} {
		begun := time.Now()
		err := try()
		if _, ok := errors.AsType[*sqldb.UnusableError](err); !ok || err.Error() != want {
			t.Errorf("%s of %s: %v; want %s", name, address, err, want)
		}
		if took := time.Since(begun); took > time.Second { // retrying takes 2.4 seconds
			t.Errorf("%s of %s took %s", name, address, took)
		}
	}
}

// TestUnusableFile: a path at which there can be no database is refused with its
// cause, and nothing is created.
func TestUnusableFile(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	text, short := file("notes.txt", strings.Repeat("no database\n", 1000)), file("short.txt", "x")
	damaged := file("damaged.db", "SQLite format 3\x00"+strings.Repeat("no database\n", 1000))
	missing := filepath.Join(dir, "missing", "x.db")
	for path, want := range map[string]string{
		missing: "the directory " + filepath.Dir(missing) + " does not exist",
		dir:     dir + " is a directory, not a file",
		text:    text + " is not an SQLite database",
		short:   short + " is not an SQLite database",
		filepath.Join(text, "x.db"): filepath.Join(text, "x.db") +
			": not a directory",
		"/dev/null": "/dev/null is not a regular file",
	} {
		wantUnusable(t, path, "The database can't be opened: "+want+".")
	}
	_, err := sqldb.Open(t.Context(), sqldb.Config{Address: damaged, Migrations: migrations()})
	if want := "The database can't be opened: the file " + damaged + " is not an SQLite database."; err == nil ||
		err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := os.Stat(filepath.Dir(missing)); err == nil {
		t.Error("the missing directory was created")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("%d files are left, want 3: %v, %v", len(entries), entries, err)
	}
}

// TestUsableFile: paths at which a database is or can be are usable, and Check
// creates none.
func TestUsableFile(t *testing.T) {
	dir := t.TempDir()
	fresh, empty := filepath.Join(dir, "fresh.db"), filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	existing := filepath.Join(dir, "existing.db")
	open(t, existing)
	for _, path := range []string{fresh, empty, existing} {
		if err := check(t, path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := os.Stat(fresh); err == nil {
		t.Error("Check has created a file")
	}
	open(t, fresh)
	open(t, empty)
}

// TestNoPermission: a file or directory that the process may not write is
// refused with its cause.
func TestNoPermission(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { //nolint:gosec // another user must find it
		t.Fatal(err)
	}
	foreign := filepath.Join(dir, "foreign")
	for _, name := range []string{foreign, filepath.Join(foreign, "closed")} {
		if err := os.Mkdir(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	at := filepath.Join(foreign, "existing.db")
	d := open(t, at)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{at: 0o444, foreign: 0o555, filepath.Join(foreign, "closed"): 0} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod(foreign, 0o700) }) //nolint:gosec // so that it can be removed
	unprivileged(t, func() {
		for path, want := range map[string]string{
			at: "the file " + at + " can't be read and written: permission denied",
			filepath.Join(foreign, "new.db"): "the directory " + foreign +
				" can't be written to: permission denied",
			filepath.Join(foreign, "closed", "x.db"): filepath.Join(foreign, "closed", "x.db") + ": permission denied",
		} {
			wantUnusable(t, path, "The database can't be opened: "+want+".")
		}
	})
}

// unprivileged runs f in a thread that accesses files as nobody does, because
// root may access everything.
func unprivileged(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		if err := syscall.Setfsuid(65534); err != nil {
			t.Error(err)
			return
		}
		f()
	}()
	<-done
}

// TestUnusableServer: a wrong user, password, database or host is refused with
// its cause.
func TestUnusableServer(t *testing.T) {
	server := os.Getenv(storetest.Variable)
	if server == "" {
		t.Skip("needs PostgreSQL: " + storetest.Variable)
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(u *url.URL)) string {
		changed := *u
		change(&changed)
		return changed.String()
	}
	database := with(func(u *url.URL) { u.Path = "/nosuch" })
	wantUnusable(t, database, "The database can't be opened: the server at "+u.Host+" has no database “nosuch”.")
	host := with(func(u *url.URL) { u.Host = "nosuch.invalid:5432" })
	wantUnusable(t, host, "The database can't be opened: the host “nosuch.invalid” is not known.")
	user := with(func(u *url.URL) { u.User = url.UserPassword("nosuch", "hush") })
	wantUnusable(t, user, "The database can't be opened: the server at "+u.Host+
		" does not admit the user “nosuch” to the database “postgres”.")
	wantUnusable(t, "postgres://me:hush@127.0.0.1:port/x",
		"The database can't be opened: its postgres:// address is malformed.")
	if err := check(t, server); err != nil {
		t.Error(err)
	}
}

// refusingServer is a server of PostgreSQL that refuses every connection with the
// code. It returns its host and counts the connections.
func refusingServer(t *testing.T, code string) (string, *atomic.Int64) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	n := &atomic.Int64{}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			n.Add(1)
			server := pgproto3.NewBackend(c, c)
			if said, err := server.ReceiveStartupMessage(); err != nil {
			} else if _, tls := said.(*pgproto3.SSLRequest); tls {
				_, _ = c.Write([]byte("N")) // no TLS here
			} else {
				server.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: code, Message: "as the test wants"})
				_ = server.Flush()
			}
			_ = c.Close()
		}
	}()
	return l.Addr().String(), n
}

// TestRefusingServer: a refusal that cannot pass is reported after one
// connection, without the password. A server that is starting is asked again.
func TestRefusingServer(t *testing.T) {
	open := func(ctx context.Context, code, mode string) (host string, n int64, err error) {
		host, count := refusingServer(t, code)
		_, err = sqldb.Open(ctx, sqldb.Config{Address: "postgres://me:hush@" + host + "/x?sslmode=" + mode,
			Migrations: migrations()})
		return host, count.Load(), err
	}
	for code, want := range map[string]string{
		"28P01": `the server at HOST refuses the password of the user “me”`,
		"28000": `the server at HOST does not admit the user “me” to the database “x”`,
		"3D000": `the server at HOST has no database “x”`,
		"42501": `the user “me” may not create tables in the database “x”`,
	} {
		host, n, err := open(t.Context(), code, "disable")
		want = "The database can't be opened: " + strings.ReplaceAll(want, "HOST", host) + "."
		if n != 1 || err == nil || err.Error() != want {
			t.Errorf("%s: %v after %d connections, want %s after one", code, err, n, want)
		}
		err = check(t, "postgres://me:hush@"+host+"/x?sslmode=disable")
		if err == nil || err.Error() != want {
			t.Errorf("%s, checked: %v, want %s", code, err, want)
		}
	}
	host, n, err := open(t.Context(), "", "require")
	want := "The database can't be opened: the server at " + host + " can't be reached (server refused TLS connection)."
	if n != 1 || err == nil || err.Error() != want {
		t.Errorf("without TLS: %v after %d connections, want %s after one", err, n, want)
	}
	soon, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	host, n, err = open(soon, "57P03", "disable")
	if n < 3 || err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("a server at %s that is starting was asked %d times: %v", host, n, err)
	}
}
