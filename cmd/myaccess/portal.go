package main

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/connector"
	"myaccess/internal/connector/directory"
	"myaccess/internal/jobs"
	"myaccess/internal/lang"
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
	admin     *admin.Admin
	log       *slog.Logger
}

// build opens the database and wires the portal. The caller closes the store.
func build(ctx context.Context, c config, d deps) (*portal, error) {
	s, err := store.Open(ctx, store.Config{Address: c.database, Key: c.secret, Now: d.now, Log: d.log})
	if err != nil {
		return nil, err
	}
	o := &portal{store: s, log: d.log}
	built := directory.New(s, s.Entry)
	translations := lang.Load()
	o.lifecycle = lifecycle.New(lifecycle.Config{
		Store: s, Sender: d.send, BaseURL: c.base, Log: d.log, Jitter: rand.Float64, Wake: func() { o.loop.Wake() },
		OpenConnector: connector.OpenByKind(map[string]connector.Opener{access.TargetBuiltIn: built.Open}),
		Catalog:       translations,
	})
	rules := admin.New(admin.Config{Store: s, Wake: func() { o.loop.Wake() }, Resolver: d.resolver,
		AllowLoopback: c.loopback, IsListed: c.network.Lists})
	o.admin = rules
	o.loop = jobs.New(jobs.List(jobWork(o.lifecycle, rules, s)), d.now, d.log)
	sign, err := signin.New(signin.Config{Base: c.base, Network: c.network, Now: d.now})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	o.handler, err = web.New(web.Config{Store: s.Reader, Lifecycle: o.lifecycle, Admin: rules, SignIn: sign, Base: c.base,
		Secret: c.secret, Now: d.now, Log: d.log, Ready: s.Ping, Writable: s.Writable, Proxies: c.proxies, Rate: d.rate,
		Catalog: translations})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return o, nil
}

// jobWork maps the jobs to use cases. While s cannot be written, the jobs do nothing.
func jobWork(l *lifecycle.Lifecycle, a *admin.Admin, s *store.Store) jobs.Work {
	timed := func(run func(context.Context, time.Time) (int, error)) func(context.Context, time.Time) (int, error) {
		return func(ctx context.Context, now time.Time) (int, error) {
			return whileWritable(ctx, s, func() (int, error) { return run(ctx, now) })
		}
	}
	counted := func(run func(context.Context) (int, error)) func(context.Context) (int, error) {
		return func(ctx context.Context) (int, error) {
			return whileWritable(ctx, s, func() (int, error) { return run(ctx) })
		}
	}
	plain := func(run func(context.Context) error) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := whileWritable(ctx, s, func() (int, error) { return 0, run(ctx) })
			return err
		}
	}
	claimed := func(claim jobs.Claim) jobs.Claim {
		return func(ctx context.Context) (func(context.Context) error, error) {
			do, err := whileWritable(ctx, s, func() (func(context.Context) error, error) { return claim(ctx) })
			if do == nil || err != nil {
				return nil, err
			}
			return plain(do), nil
		}
	}
	return jobs.Work{
		EndAssignments: timed(l.Deadlines.EndAssignments), ExpireRequests: timed(l.Deadlines.ExpireRequests),
		StartRequests: timed(l.Deadlines.StartScheduled), RemindApprovers: timed(l.Deadlines.RemindApprovers),
		RemoveGuests: timed(l.Guests.RemoveDue), RemoveDisabled: timed(l.Guests.RemoveDisabled),
		RollOutPackages: timed(l.Rollouts.Run),
		ImportPeople:    counted(a.Imports.Work),
		ClaimDelivery:   claimed(l.Delivery.Claim), ClaimMail: claimed(l.Mails.Claim),
		SealAuditLog: counted(l.Maintenance.SealAudit),
		UpdateCounts: plain(func(ctx context.Context) error {
			_, err := l.Maintenance.RefreshCounts(ctx)
			return err
		}),
		DeleteOldSignIns: plain(l.Maintenance.DeleteExpired), EndSessions: counted(l.SignIns.EndSessions),
		StoreFailures:      counted(l.SignIns.StoreFailures),
		NotifyApprovalGaps: plain(l.Maintenance.NotifyApprovalGaps),
	}
}

// whileWritable runs a job, unless the store cannot be written. A job that fails
// because of that has found no work: the store has logged it, and the job runs again at
// its interval.
func whileWritable[T any](ctx context.Context, s *store.Store, run func() (T, error)) (T, error) {
	var none T
	if s.Writable(ctx) != nil {
		return none, nil
	}
	done, err := run()
	if store.IsStorageError(err) {
		return none, nil
	}
	return done, err
}

// run serves on the listener and runs the jobs until ctx ends; it finishes requests
// in progress. The caller holds the store's lock (LockExclusive).
func (o *portal) run(ctx context.Context, l net.Listener) error {
	if err := o.lifecycle.Maintenance.NotifyTrustedAddresses(ctx); err != nil && ctx.Err() == nil {
		o.log.Warn("mails about trusted addresses not queued", "error", err)
	}
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
	warnExposed(c, log)
	l, err := (&net.ListenConfig{}).Listen(e.ctx, "tcp", c.listen)
	if err != nil {
		return errors.Join(err, o.store.Close())
	}
	if err := e.println(e.p.T("MyAccess %s is ready at %s (listening on %s)", version, c.base, l.Addr())); err != nil {
		return err
	}
	relaxCollector(e.getenv)
	return errors.Join(o.run(e.ctx, l), o.store.Close())
}

// relaxCollector lets the heap grow fivefold before garbage is collected: nearly all
// that the portal allocates is garbage once a page is sent, and what it keeps is a few
// MB. Pages cost a quarter less processor time. An operator's GOGC is kept.
func relaxCollector(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}
