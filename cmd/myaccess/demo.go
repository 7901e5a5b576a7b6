package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
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

// demonstration is the command demo. It is the only thing that reaches package
// demo: the clock that can be moved and the provider that asks for no password.
type demonstration struct {
	Workspace string `help:"Workspace file to start with instead of the sample organisations." type:"existingfile"`
	Data      string `help:"Directory to keep everything in. Without it, everything is gone when the demonstration ends." type:"path"`
	Listen    string `default:"localhost:8080" help:"Where the portal listens; a loopback address."`
	Console   string `default:"localhost:8081" help:"Where the console listens; a loopback address."`
}

// Run implements the command.
func (d demonstration) Run(w *world) error {
	data, cleanup, err := d.data()
	if err != nil {
		return err
	}
	defer cleanup()
	portal, console, err := d.listeners(w.ctx)
	if err != nil {
		return err
	}
	text, err := d.file()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(w.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	show, err := demo.New(demo.Config{DataDir: data, ConsoleURL: address(d.Console, console), PortalURL: address(d.Listen,
		portal),
		Workspace: text, Now: time.Now, Log: log})
	if err != nil {
		return err
	}
	err = d.present(w, show, stage{data, portal, console, address(d.Listen, portal), log})
	return errors.Join(err, show.Close())
}

// stage is where a demonstration is presented.
type stage struct {
	data            string
	portal, console net.Listener
	base            string
	log             *slog.Logger
}

// present fills the portal, and runs it and the console until the context ends.
func (d demonstration) present(w *world, show *demo.Demo, at stage) error {
	secret, err := keptSecret(filepath.Join(at.data, "secret"))
	if err != nil {
		return err
	}
	c := config{base: at.base, database: filepath.Join(at.data, "myaccess.db"), secret: secret, loopback: true,
		network: outbound.Network{AllowLoopback: true}}
	send, err := mail.NewSMTP(mail.Config{Addr: show.SMTPAddr(), From: "myaccess@meridian.example", FromName: "MyAccess",
		TLS: mail.TLSNone, Now: show.Clock.Now})
	if err != nil {
		return err
	}
	if d.Workspace == "" {
		if err := remember(w.ctx, c, show, parts{send: send, log: at.log, txt: show.DNS}); err != nil {
			return err
		}
	}
	o, err := build(w.ctx, c, parts{now: show.Clock.Now, send: send, log: at.log, txt: show.DNS})
	if err != nil {
		return err
	}
	err = o.store.LockExclusive(w.ctx)
	if err == nil {
		err = fill(w.ctx, o, show, c)
	}
	if err != nil {
		return errors.Join(err, o.store.Close())
	}
	_, err = fmt.Fprintf(w.out, "The portal is at %s, the console of the demonstration at %s\nPress Ctrl+C to end it.\n",
		at.base, address(d.Console, at.console))
	if err != nil {
		return errors.Join(err, o.store.Close())
	}
	ctx, stop := context.WithCancel(w.ctx)
	defer stop()
	failed := make(chan error, 1)
	go func() {
		failed <- serveHTTP(ctx, at.console, show.Handler(), at.log)
		stop()
	}()
	go wakeOnMove(ctx, show.Clock, o)
	err = o.run(ctx, at.portal)
	stop()
	return errors.Join(err, <-failed, o.store.Close())
}

// remember gives the sample organisations a history, in a portal whose clock
// stands in the past.
func remember(ctx context.Context, c config, show *demo.Demo, p parts) error {
	past := demo.NewHistoryClock(show.Clock.Now())
	p.now = past.Now
	o, err := build(ctx, c, p)
	if err != nil {
		return err
	}
	err = fill(ctx, o, show, c)
	if err == nil {
		err = demo.SeedHistory(ctx, o.store, o.use, jobs.List(work(o.use)), past)
	}
	return errors.Join(err, o.store.Close())
}

// fill applies the workspace file and tells the providers of the portal.
func fill(ctx context.Context, o *portal, show *demo.Demo, c config) error {
	f, err := workspace.Parse(show.Workspace())
	if err != nil {
		return err
	}
	if _, err := workspace.Apply(ctx, o.store, f, workspace.Options{AllowLoopback: true,
		ReadFile: os.ReadFile}); err != nil {
		return err
	}
	s, err := signin.New(signin.Config{Base: c.base, Network: c.network, Now: show.Clock.Now})
	if err != nil {
		return err
	}
	dirs, err := o.store.Directories(ctx, "")
	for _, dir := range dirs {
		if !show.Provider.Has(dir.Issuer) {
			continue // somebody else's, who knows the portal or does not
		}
		err = errors.Join(err, show.Provider.RegisterClient(dir.Issuer, demo.Client{ID: dir.ClientID,
			Secret:       dir.ClientSecret,
			RedirectURIs: []string{s.CallbackURL(dir.ID)}, PostLogoutURIs: []string{c.base + "/auth/signed-out"}}))
	}
	return errors.Join(err, introduce(ctx, o, show, s))
}

// introduce tells the newcomers' provider of the portal, where tenants have
// added it in an earlier run.
func introduce(ctx context.Context, o *portal, show *demo.Demo, s *signin.SignIn) error {
	tenants, err := o.store.Tenants(ctx)
	for _, t := range tenants {
		dirs, more := o.store.Directories(ctx, t.ID)
		err = errors.Join(err, more)
		for _, dir := range dirs {
			if dir.Owner == t.ID && dir.Kind == access.DirectoryOpenID {
				err = errors.Join(err, show.Register(dir.Issuer, s.CallbackURL(dir.ID)))
			}
		}
	}
	return err
}

// wakeOnMove lets the jobs run whenever the clock has been moved.
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

// data is the directory to keep everything in, and what to do in the end.
func (d demonstration) data() (string, func(), error) {
	if d.Data != "" {
		return d.Data, func() {}, os.MkdirAll(d.Data, 0o700)
	}
	dir, err := os.MkdirTemp("", "myaccess-demo-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

func (d demonstration) file() ([]byte, error) {
	if d.Workspace == "" {
		return nil, nil
	}
	return os.ReadFile(d.Workspace)
}

// listeners are on loopback addresses, whatever was asked for.
func (d demonstration) listeners(ctx context.Context) (portal, console net.Listener, err error) {
	if portal, err = listenLoopback(ctx, d.Listen); err != nil {
		return nil, nil, err
	}
	if console, err = listenLoopback(ctx, d.Console); err != nil {
		return nil, nil, errors.Join(err, portal.Close())
	}
	return portal, console, nil
}

func listenLoopback(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		return nil, errors.Join(fmt.Errorf("%s is not a loopback address; the demonstration lets anybody in", address),
			l.Close())
	}
	return l, nil
}

// address is how browsers reach a listener: by the name that was asked for, at
// the port that it got.
func address(asked string, l net.Listener) string {
	host, _, err := net.SplitHostPort(asked)
	tcp, ok := l.Addr().(*net.TCPAddr)
	if err != nil || !ok {
		return "http://" + asked
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}

// keptSecret is the secret in the file, made if there is none.
func keptSecret(file string) ([]byte, error) {
	secret, err := os.ReadFile(filepath.Clean(file))
	if errors.Is(err, fs.ErrNotExist) {
		secret = []byte(rand.Text() + rand.Text())
		err = os.WriteFile(file, secret, 0o600)
	}
	return secret, err
}
