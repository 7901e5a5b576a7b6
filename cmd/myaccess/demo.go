package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/demo"
	"myaccess/internal/jobs"
	"myaccess/internal/mail"
	"myaccess/internal/outbound"
	"myaccess/internal/signin"
	"myaccess/internal/workspace"
)

// demoCmd is the command demo. Only this file imports package demo,
// with its adjustable clock and its provider that asks for no password.
type demoCmd struct {
	Workspace string `help:"${help_workspace}" type:"existingfile"`
	Data      string `help:"${help_data}" type:"path"`
	Listen    string `default:"localhost:8080" help:"${help_listen}"`
	Console   string `default:"localhost:8081" help:"${help_console}"`
}

// Run implements the command.
func (c demoCmd) Run(e *env) error {
	data, cleanup, err := c.data()
	if err != nil {
		return err
	}
	defer cleanup()
	portal, console, err := c.listeners(e.ctx)
	if err != nil {
		return err
	}
	text, err := c.workspaceFile()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(e.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	demonstration, err := demo.New(demo.Config{DataDir: data, ConsoleURL: listenURL(c.Console, console),
		PortalURL: listenURL(c.Listen, portal), Workspace: text, Now: time.Now, Log: log})
	if err != nil {
		return err
	}
	err = c.serve(e, demonstration, demoSite{data, portal, console, listenURL(c.Listen, portal), log})
	return errors.Join(err, demonstration.Close())
}

// demoSite is where a demonstration runs.
type demoSite struct {
	data            string // directory
	portal, console net.Listener
	base            string
	log             *slog.Logger
}

// serve fills the portal, and serves it and the console until the context ends.
func (c demoCmd) serve(e *env, d *demo.Demo, at demoSite) error {
	secret, err := loadOrCreateSecret(filepath.Join(at.data, "secret"))
	if err != nil {
		return err
	}
	cfg := config{base: at.base, database: filepath.Join(at.data, "myaccess.db"), secret: secret, loopback: true,
		network: outbound.Network{AllowLoopback: true}}
	send, err := mail.NewSMTP(mail.Config{Addr: d.SMTPAddr(), From: "myaccess@meridian.example", FromName: "MyAccess",
		TLS: mail.TLSNone, Now: d.Clock.Now})
	if err != nil {
		return err
	}
	if c.Workspace == "" {
		if err := seedHistory(e.ctx, cfg, d, deps{send: send, log: at.log, resolver: d.DNS}); err != nil {
			return err
		}
	}
	o, err := build(e.ctx, cfg, deps{now: d.Clock.Now, send: send, log: at.log, resolver: d.DNS})
	if err != nil {
		return err
	}
	err = o.store.LockExclusive(e.ctx)
	if err == nil {
		err = applyDemoWorkspace(e.ctx, o, d, cfg)
	}
	if err != nil {
		return errors.Join(err, o.store.Close())
	}
	err = errors.Join(e.println(e.p.T("The portal is at %s, the console of the demonstration at %s", at.base,
		listenURL(c.Console, at.console))), e.println(e.p.T("Press Ctrl+C to stop.")))
	if err != nil {
		return errors.Join(err, o.store.Close())
	}
	ctx, stop := context.WithCancel(e.ctx)
	defer stop()
	failed := make(chan error, 1)
	go func() {
		failed <- serveHTTP(ctx, at.console, d.Handler(), at.log)
		stop()
	}()
	go wakeOnMove(ctx, d.Clock, o)
	relaxCollector(e.getenv)
	err = o.run(ctx, at.portal)
	stop()
	return errors.Join(err, <-failed, o.store.Close())
}

// seedHistory gives the sample organizations a history, in a portal whose clock runs
// from the past to the present.
func seedHistory(ctx context.Context, c config, demonstration *demo.Demo, d deps) error {
	past := demo.NewHistoryClock(demonstration.Clock.Now())
	d.now = past.Now
	o, err := build(ctx, c, d)
	if err != nil {
		return err
	}
	err = applyDemoWorkspace(ctx, o, demonstration, c)
	if err == nil {
		err = demo.SeedHistory(ctx, o.store, o.lifecycle, jobs.List(jobWork(o.lifecycle, o.admin, o.store)), past)
	}
	return errors.Join(err, o.store.Close())
}

// applyDemoWorkspace applies the workspace file and registers the portal as a client
// of the demonstration's providers.
func applyDemoWorkspace(ctx context.Context, o *portal, d *demo.Demo, c config) error {
	f, err := workspace.Parse(d.Workspace())
	if err != nil {
		return err
	}
	if _, err := workspace.Apply(ctx, o.store, f, workspace.Options{AllowLoopback: true,
		ReadFile: os.ReadFile}); err != nil {
		return err
	}
	s, err := signin.New(signin.Config{Base: c.base, Network: c.network, Now: d.Clock.Now})
	if err != nil {
		return err
	}
	dirs, err := o.store.Directories(ctx, "")
	for _, dir := range dirs {
		if !d.Provider.Has(dir.Issuer) {
			continue // not one of the demonstration's
		}
		err = errors.Join(err, d.Provider.RegisterClient(dir.Issuer, demo.Client{ID: dir.ClientID, Secret: dir.ClientSecret,
			RedirectURIs: []string{s.CallbackURL(dir.ID)}, PostLogoutURIs: []string{c.base + "/auth/signed-out"}}))
	}
	return errors.Join(err, registerAtTenantProviders(ctx, o, d, s))
}

// registerAtTenantProviders registers the portal at the provider that tenants can
// add by hand, if they added it in an earlier run.
func registerAtTenantProviders(ctx context.Context, o *portal, d *demo.Demo, s *signin.SignIn) error {
	tenants, err := o.store.Tenants(ctx)
	for _, t := range tenants {
		dirs, more := o.store.Directories(ctx, t.ID)
		err = errors.Join(err, more)
		for _, dir := range dirs {
			if dir.Owner == t.ID && dir.Kind == access.DirectoryOpenID {
				err = errors.Join(err, d.Register(dir.Issuer, s.CallbackURL(dir.ID)))
			}
		}
	}
	return err
}

// wakeOnMove wakes the jobs whenever the clock has been moved.
func wakeOnMove(ctx context.Context, c *demo.Clock, o *portal) {
	for {
		moved := c.Changed()
		select {
		case <-ctx.Done():
			return
		case <-moved:
			o.loop.Wake()
		}
	}
}

// data returns the directory for all files, and a function that cleans up.
func (c demoCmd) data() (string, func(), error) {
	if c.Data != "" {
		return c.Data, func() {}, os.MkdirAll(c.Data, 0o700)
	}
	dir, err := os.MkdirTemp("", "myaccess-demo-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// workspaceFile returns the workspace file; nil for the sample organizations.
func (c demoCmd) workspaceFile() ([]byte, error) {
	if c.Workspace == "" {
		return nil, nil
	}
	return os.ReadFile(c.Workspace)
}

// listeners listens for the portal and the console, on loopback addresses only.
func (c demoCmd) listeners(ctx context.Context) (portal, console net.Listener, err error) {
	if portal, err = listenLoopback(ctx, c.Listen); err != nil {
		return nil, nil, err
	}
	if console, err = listenLoopback(ctx, c.Console); err != nil {
		return nil, nil, errors.Join(err, portal.Close())
	}
	return portal, console, nil
}

// listenLoopback refuses addresses that other machines can reach.
func listenLoopback(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		return nil, errors.Join(access.Invalidf("listen",
			"%s isn't a loopback address. The demonstration asks for no passwords, so it "+
				"listens on loopback addresses only.", address), l.Close())
	}
	return l, nil
}

// listenURL is the URL of a listener: with the host as configured and the actual port.
func listenURL(configured string, l net.Listener) string {
	host, _, err := net.SplitHostPort(configured)
	tcp, ok := l.Addr().(*net.TCPAddr)
	if err != nil || !ok {
		return "http://" + configured
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}

// loadOrCreateSecret returns the secret in the file, which it creates if needed.
func loadOrCreateSecret(file string) ([]byte, error) {
	secret, err := os.ReadFile(filepath.Clean(file))
	if errors.Is(err, fs.ErrNotExist) {
		secret = []byte(rand.Text() + rand.Text())
		err = os.WriteFile(file, secret, 0o600)
	}
	return secret, err
}
