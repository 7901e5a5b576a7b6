package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/internal/workspace"
)

// planCmd is the command plan.
type planCmd struct {
	File string `arg:"" help:"${help_file}" type:"existingfile"`
}

// applyCmd is the command apply.
type applyCmd struct {
	File string `arg:"" help:"${help_file}" type:"existingfile"`
}

// exportCmd is the command export.
type exportCmd struct{}

// reprocessCmd is the command reprocess.
type reprocessCmd struct {
	Domain  string `arg:"" help:"${help_tenant_domain}"`
	Request string `arg:"" help:"${help_request}"`
}

// withStore runs f on the configured database.
func withStore(e *env, f func(config, *store.Store) error) error {
	c, err := readConfig(e)
	if err != nil {
		return err
	}
	s, err := store.Open(e.ctx, store.Config{Address: c.database, Key: c.secret, Now: time.Now})
	if err != nil {
		return err
	}
	return errors.Join(f(c, s), s.Close())
}

// loadWorkspace reads a workspace file. Files with secrets that it names are relative
// to it.
func loadWorkspace(name string) (workspace.File, workspace.Options, error) {
	text, err := readFile(name, workspace.MaxFileSize)
	if err != nil {
		return workspace.File{}, workspace.Options{}, err
	}
	f, err := workspace.Parse(text)
	if _, ok := errors.AsType[workspace.Faults](err); ok {
		err = nil // Plan and Apply report them together with their own
	}
	return f, workspace.Options{ReadFile: func(secret string) ([]byte, error) {
		if !filepath.IsAbs(secret) {
			secret = filepath.Join(filepath.Dir(name), secret)
		}
		return readFile(secret, maxSecretFile)
	}}, err
}

// maxSecretFile is how many bytes of a file with a secret are read. A secret is shorter.
const maxSecretFile = 1 << 20

// readFile reads a file up to one byte more than limit.
func readFile(name string, limit int64) (text []byte, err error) {
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// printWarnings returns a function that prints consequences that refuse nothing, before
// the changes.
func printWarnings(e *env) func(access.Errors) {
	return func(all access.Errors) {
		for _, w := range all {
			_ = e.println(e.p.T("Warning: %s", errorText(e.p, w))) // as printChanges would fail
		}
	}
}

// printChanges prints changes and their number.
func printChanges(e *env, changes []workspace.Change) error {
	if len(changes) == 0 {
		return e.println(e.p.T("No changes"))
	}
	for _, c := range changes {
		if err := e.println(c.Text(messagePrinter(e.p))); err != nil {
			return err
		}
	}
	return e.println(e.p.N(len(changes), "%d change", "%d changes"))
}

// Run implements the command.
func (c planCmd) Run(e *env) error {
	return withStore(e, func(cfg config, s *store.Store) error {
		f, o, err := loadWorkspace(c.File)
		if err != nil {
			return err
		}
		o.AllowLoopback, o.IsListed, o.Warn = cfg.loopback, cfg.network.Lists, printWarnings(e)
		var providers []access.Directory
		o.Providers = func(all []access.Directory) { providers = all }
		changes, err := workspace.Plan(e.ctx, s, f, o)
		if err != nil {
			return err
		}
		if err := printChanges(e, changes); err != nil {
			return err
		}
		return warnOfProviders(e, cfg, providers)
	})
}

// Run implements the command.
func (c applyCmd) Run(e *env) error {
	return withStore(e, func(cfg config, s *store.Store) error {
		f, o, err := loadWorkspace(c.File)
		if err != nil {
			return err
		}
		o.AllowLoopback, o.IsListed, o.Warn = cfg.loopback, cfg.network.Lists, printWarnings(e)
		var providers []access.Directory
		o.Providers = func(all []access.Directory) { providers = all }
		changes, err := workspace.Apply(e.ctx, s, f, o)
		if err != nil {
			return err
		}
		if err := printChanges(e, changes); err != nil {
			return err
		}
		if err := printCallbacks(e, cfg, changes); err != nil {
			return err
		}
		return warnOfProviders(e, cfg, providers)
	})
}

// printCallbacks prints the callback address of every new directory. It has to be
// registered at the provider.
func printCallbacks(e *env, c config, changes []workspace.Change) error {
	sign, err := signin.New(signin.Config{Base: c.base, Network: c.network, Now: time.Now})
	for _, change := range changes {
		if err == nil && change.Kind == "directory" && change.Verb == "create" {
			err = e.println(e.p.T("Callback address of “%s”: %s", change.Name,
				sign.CallbackURL(access.DirectoryID(change.ID))))
		}
	}
	return err
}

// warnOfProviders tests the connection to each provider that is added or changed, and
// prints a warning for those with which nobody can sign in. They are saved all the same: a
// provider may be unreachable from here, or not be set up yet.
func warnOfProviders(e *env, c config, providers []access.Directory) error {
	sign, err := signin.New(signin.Config{Base: c.base, Network: c.network, Now: time.Now})
	if err != nil {
		return err
	}
	for _, d := range providers {
		for _, step := range sign.Probe(e.ctx, d) {
			if step.Verdict != signin.Failed {
				continue
			}
			err := e.println(e.p.T("Warning: The connection test of “%s” failed, so no one can sign in. %s", d.Name,
				messagePrinter(e.p)(step.Msg, step.Args...)))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Run implements the command.
func (exportCmd) Run(e *env) error {
	return withStore(e, func(_ config, s *store.Store) error {
		text, err := workspace.Export(e.ctx, s)
		if _, incomplete := errors.AsType[workspace.Incomplete](err); err != nil && !incomplete {
			return err
		}
		_, written := e.out.Write(text)
		return errors.Join(err, written)
	})
}

// Run implements the command.
func (c reprocessCmd) Run(e *env) error {
	return withStore(e, func(_ config, s *store.Store) error {
		t, err := tenantWith(e, s, c.Domain)
		if err != nil {
			return err
		}
		use := lifecycle.New(lifecycle.Config{Store: s})
		if err := use.Delivery.Reprocess(e.ctx, "", t.ID, access.RequestID(c.Request)); err != nil {
			return err
		}
		return e.println(e.p.T("The request is queued. The portal delivers it again."))
	})
}
