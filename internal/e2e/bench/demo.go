package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"myaccess/internal/e2e/rig"
	"myaccess/internal/store"
)

// demoEnv is a portal on the data of the demonstration, with its providers.
type demoEnv struct {
	dir, binary, database string
	console               *rig.Console
	portal                *rig.Portal
}

// openDemo lets the demonstration create its data and prepares a portal on it,
// without starting it.
func openDemo(ctx context.Context, binary, dir string) (*demoEnv, error) {
	s := &demoEnv{dir: dir, binary: binary, database: filepath.Join(dir, "data", "myaccess.db")}
	address, err := prepareDemoData(ctx, s.binary, filepath.Dir(s.database))
	if err != nil {
		return nil, err
	}
	secret, err := os.ReadFile(filepath.Join(filepath.Dir(s.database), "secret"))
	if err != nil {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if s.console, err = rig.NewConsole(l, filepath.Dir(s.database), nil); err != nil {
		return nil, err
	}
	s.portal, err = rig.New(ctx, rig.Config{Binary: s.binary, Database: s.database, Secret: secret,
		SMTP: s.console.SMTPAddr(), Log: os.Stderr})
	if err != nil {
		return nil, err
	}
	return s, s.registerClients(ctx, secret)
}

// prepareDemoData runs the demonstration until it is ready, so that its data is
// in the directory, and returns the address of its console.
func prepareDemoData(ctx context.Context, binary, data string) (string, error) {
	l, err := rig.Listen(ctx)
	if err != nil {
		return "", err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, binary, "demo", "--data", data, "--listen", "127.0.0.1:0", "--console", address)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	said, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.Contains(said, "The portal is at") {
		return "", errors.Join(fmt.Errorf("the demonstration said %q", said), err, cmd.Process.Kill(), cmd.Wait())
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		return "", err
	}
	_, err = io.Copy(io.Discard, out)
	return address, errors.Join(err, cmd.Wait())
}

// registerClients registers the portal as a client at the providers.
func (s *demoEnv) registerClients(ctx context.Context, secret []byte) error {
	st, err := store.Open(ctx, store.Config{Address: s.database, Key: secret, Now: time.Now})
	if err != nil {
		return err
	}
	all, err := st.Directories(ctx, "")
	for _, d := range all {
		err = errors.Join(err, s.console.RegisterPortals(d.Name, "/auth/callback/"+string(d.ID), s.portal))
	}
	return errors.Join(err, st.Close())
}

func (s *demoEnv) close() error {
	return errors.Join(s.portal.Stop(), s.console.Close())
}

// visitors signs in n people of Meridian Works.
func (s *demoEnv) visitors(ctx context.Context, name string, n int) ([]*rig.Visitor, error) {
	all := make([]*rig.Visitor, n)
	for i := range all {
		all[i] = rig.NewVisitor(fmt.Sprintf("%s %d", name, i), fmt.Sprintf("%s%d@meridian.example", strings.ToLower(name), i),
			"",
			"meridian.example", "")
		if err := all[i].SignIn(ctx, s.portal); err != nil {
			return nil, err
		}
	}
	return all, nil
}
