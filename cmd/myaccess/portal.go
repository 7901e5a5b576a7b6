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

// parts are what a portal is made of besides its configuration.
type parts struct {
	now  func() time.Time
	send mail.Sender
	log  *slog.Logger
	rate float64
	txt  admin.Resolver // of the records that prove domains
}

// portal is the product, put together.
type portal struct {
	store *store.Store
	use   *lifecycle.Lifecycle
	loop  *jobs.Loop
	pages http.Handler
	log   *slog.Logger
}

// build opens the database and puts the portal together. The caller closes the
// store.
func build(ctx context.Context, c config, p parts) (*portal, error) {
	s, err := store.Open(ctx, store.Config{Address: c.database, Key: c.secret, Now: p.now})
	if err != nil {
		return nil, err
	}
	o := &portal{store: s, log: p.log}
	built := directory.New(s, s.Entry)
	o.use = lifecycle.New(lifecycle.Config{
		Store: s, Sender: p.send, BaseURL: c.base, Log: p.log, Jitter: rand.Float64, Wake: func() { o.loop.Wake() },
		OpenConnector: connector.OpenByKind(map[string]connector.Opener{access.TargetBuiltIn: built.Open}),
	})
	rules := admin.New(admin.Config{Store: s, Wake: func() { o.loop.Wake() }, Resolver: p.txt, AllowLoopback: c.loopback})
	o.loop = jobs.New(jobs.List(work(o.use)), p.now, p.log)
	sign, err := signin.New(signin.Config{Base: c.base, Network: c.network, Now: p.now})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	o.pages, err = web.New(web.Config{Store: s.Reader, Lifecycle: o.use, Admin: rules, SignIn: sign, Base: c.base,
		Secret: c.secret,
		Now:    p.now,
		Log:    p.log, Ready: s.Ping, Proxies: c.proxies, Rate: p.rate})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return o, nil
}

// work has the use cases that the jobs call.
func work(l *lifecycle.Lifecycle) jobs.Work {
	return jobs.Work{
		EndAssignments: l.Deadlines.EndAssignments, ExpireRequests: l.Deadlines.ExpireRequests,
		StartRequests:   l.Deadlines.StartScheduled,
		RemindApprovers: l.Deadlines.RemindApprovers, RemoveGuests: l.Guests.RemoveDue, RollOutPackages: l.Rollouts.Run,
		Deliver: l.Delivery.Run, SendMails: l.Mails.Run, SealAuditLog: l.Maintenance.SealAudit,
		UpdateCounts: func(ctx context.Context) error {
			_, err := l.Maintenance.RefreshCounts(ctx)
			return err
		},
		DeleteOldSignIns: l.Maintenance.DeleteExpired,
	}
}

// run serves on the listener and runs the jobs until ctx ends; requests under
// way are answered. The caller has made sure that the store is Alone.
func (o *portal) run(ctx context.Context, l net.Listener) error {
	jobs, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		o.loop.Run(jobs)
	}()
	err := serveHTTP(ctx, l, o.pages, o.log)
	stop()
	<-done
	return err
}

// serveHTTP answers requests until ctx ends.
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

// serve is the command serve.
type serve struct{}

// Run implements the command.
func (serve) Run(w *world) error {
	c, err := read(w)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(w.err, nil))
	send, err := mail.NewSMTP(c.smtp)
	if err != nil {
		return err
	}
	o, err := build(w.ctx, c, parts{now: time.Now, send: send, log: log, rate: c.rate, txt: net.DefaultResolver})
	if err != nil {
		return err
	}
	if err := o.store.LockExclusive(w.ctx); err != nil {
		return errors.Join(err, o.store.Close())
	}
	l, err := (&net.ListenConfig{}).Listen(w.ctx, "tcp", c.listen)
	if err != nil {
		return errors.Join(err, o.store.Close())
	}
	if _, err := fmt.Fprintf(w.out, "MyAccess %s is ready at %s (listening on %s)\n", version, c.base,
		l.Addr()); err != nil {
		return err
	}
	return errors.Join(o.run(w.ctx, l), o.store.Close())
}
