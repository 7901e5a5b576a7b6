package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// errNoPostgres says that the machine has no PostgreSQL to measure on.
var errNoPostgres = errors.New("PostgreSQL is not installed")

// pgServer is a PostgreSQL server of the benchmark's own, on a loopback address,
// with the server's own defaults.
type pgServer struct {
	bin, dir string
	address  string // of the database, as in MYACCESS_DATABASE
}

// startPostgres starts a server whose data is in the directory. It returns
// errNoPostgres if none is installed where Debian has it.
func startPostgres(ctx context.Context, dir string) (*pgServer, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(found) == 0 {
		return nil, errors.Join(errNoPostgres, err)
	}
	s := &pgServer{bin: slices.Max(found), dir: dir}
	if err := s.prepareDirectory(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); errors.Is(err, os.ErrNotExist) {
		if err := s.run(ctx, "initdb", "-D", "data", "-U", "bench", "--auth=trust", "--encoding=UTF8",
			"--locale=C"); err != nil {
			return nil, err
		}
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err := errors.Join(err, l.Close()); err != nil {
		return nil, err
	}
	s.address = "postgres://bench@127.0.0.1:" + port + "/postgres?sslmode=disable"
	return s, s.run(ctx, "pg_ctl", "-D", "data", "-w", "-l", "log", "-o", "-h 127.0.0.1 -p "+port+" -k "+dir, "start")
}

// prepareDirectory creates the directory. PostgreSQL refuses to run as root, so
// that it must belong to another user then.
func (s *pgServer) prepareDirectory() error {
	if err := os.MkdirAll(s.dir, 0o755); err != nil { //nolint:gosec // the server is another user
		return err
	}
	as, err := serverUser()
	if err != nil || as == nil {
		return err
	}
	above := filepath.Dir(s.dir)
	for _, at := range []string{above, filepath.Dir(above)} { // the benchmark's own, which the server goes through
		info, err := os.Stat(at)
		if err == nil {
			err = os.Chmod(at, info.Mode().Perm()|0o111)
		}
		if err != nil {
			return err
		}
	}
	return os.Chown(s.dir, int(as.Uid), int(as.Gid))
}

// serverUser is the user that the server runs as; nil for the user of this
// process.
func serverUser() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err, err2)
}

// run runs a program of PostgreSQL in the directory of the server.
func (s *pgServer) run(ctx context.Context, program string, args ...string) error {
	as, err := serverUser()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, program), args...) //nolint:gosec // arguments of ours
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	out, err := os.CreateTemp("", "myaccess-postgres-") // a pipe would stay open as long as the server runs
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		return errors.Join(fmt.Errorf("%s: %w: %s", program, err, said), out.Close(), os.Remove(out.Name()))
	}
	return errors.Join(out.Close(), os.Remove(out.Name()))
}

// stop stops the server.
func (s *pgServer) stop() error {
	return s.run(context.Background(), "pg_ctl", "-D", "data", "-m", "fast", "-w", "stop")
}
