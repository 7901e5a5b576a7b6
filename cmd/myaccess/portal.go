package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/connector"
	"myaccess/internal/connector/directory"
	"myaccess/internal/jobs"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mail"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/web"
)

// deps are the parts of a portal that differ between serve, demo and tests.
type deps struct {
	now      func() time.Time
	send     mail.Sender
	log      *slog.Logger
	rate     float64
	resolver admin.Resolver // for the TXT records that verify domains
}

// portal is the wired product.
type portal struct {
	store     *store.Store
	lifecycle *lifecycle.Lifecycle
	loop      *jobs.Loop
	handler   http.Handler
	log       *slog.Logger
}

// build opens the database and wires the portal. The caller closes the store.
func build(ctx context.Context, c config, d deps) (*portal, error) {
	s, err := store.Open(ctx, store.Config{Address: c.database, Key: c.secret, Now: d.now})
	if err != nil {
		return nil, err
	}
	o := &portal{store: s, log: d.log}
	built := directory.New(s, s.Entry)
	o.lifecycle = lifecycle.New(lifecycle.Config{
		Store: s, Sender: d.send, BaseURL: c.base, Log: d.log, Jitter: rand.Float64, Wake: func() { o.loop.Wake() },
		OpenConnector: connector.OpenByKind(map[string]connector.Opener{access.TargetBuiltIn: built.Open}),
	})
	rules := admin.New(admin.Config{Store: s, Wake: func() { o.loop.Wake() }, Resolver: d.resolver,
		AllowLoopback: c.loopback})
	o.loop = jobs.New(jobs.List(jobWork(o.lifecycle)), d.now, d.log)
	sign, err := signin.New(signin.Config{Base: c.base, Network: c.network, Now: d.now})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	o.handler, err = web.New(web.Config{Store: s.Reader, Lifecycle: o.lifecycle, Admin: rules, SignIn: sign, Base: c.base,
		Secret: c.secret, Now: d.now, Log: d.log, Ready: s.Ping, Proxies: c.proxies, Rate: d.rate})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return o, nil
}

// jobWork maps the jobs to use cases.
func jobWork(l *lifecycle.Lifecycle) jobs.Work {
	return jobs.Work{
		EndAssignments: l.Deadlines.EndAssignments, ExpireRequests: l.Deadlines.ExpireRequests,
		StartRequests: l.Deadlines.StartScheduled, RemindApprovers: l.Deadlines.RemindApprovers,
		RemoveGuests: l.Guests.RemoveDue, RollOutPackages: l.Rollouts.Run,
		ClaimDelivery: l.Delivery.Claim, ClaimMail: l.Mails.Claim, SealAuditLog: l.Maintenance.SealAudit,
		UpdateCounts: func(ctx context.Context) error {
			_, err := l.Maintenance.RefreshCounts(ctx)
			return err
		},
		DeleteOldSignIns: l.Maintenance.DeleteExpired,
	}
}

// run serves on the listener and runs the jobs until ctx ends; it finishes requests
// in progress. The caller holds the store's lock (LockExclusive).
func (o *portal) run(ctx context.Context, l net.Listener) error {
	jobs, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		o.loop.Run(jobs)
	}()
	err := serveHTTP(ctx, l, o.handler, o.log)
	stop()
	<-done
	return err
}

// serveHTTP serves requests until ctx ends, then finishes those in progress within
// 20 seconds.
func serveHTTP(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return server.Shutdown(closing)
}

// serveCmd is the command serve.
type serveCmd struct{}

// Run implements the command.
func (serveCmd) Run(e *env) error {
	c, err := readConfig(e)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(e.err, nil))
	send, err := mail.NewSMTP(c.smtp)
	if err != nil {
		return err
	}
	o, err := build(e.ctx, c, deps{now: time.Now, send: send, log: log, rate: c.rate, resolver: net.DefaultResolver})
	if err != nil {
		return err
	}
	if err := o.store.LockExclusive(e.ctx); err != nil {
		return errors.Join(err, o.store.Close())
	}
	l, err := (&net.ListenConfig{}).Listen(e.ctx, "tcp", c.listen)
	if err != nil {
		return errors.Join(err, o.store.Close())
	}
	if _, err := fmt.Fprintf(e.out, "MyAccess %s is ready at %s (listening on %s)\n", version, c.base,
		l.Addr()); err != nil {
		return err
	}
	return errors.Join(o.run(e.ctx, l), o.store.Close())
}
