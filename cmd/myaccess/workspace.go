package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/internal/workspace"
)

// plan is the command plan.
type plan struct {
	File string `arg:"" help:"The workspace file." type:"existingfile"`
}

// apply is the command apply.
type apply struct {
	File string `arg:"" help:"The workspace file." type:"existingfile"`
}

// export is the command export.
type export struct{}

// again is the command reprocess.
type again struct {
	Domain  string `arg:"" help:"A domain of the tenant."`
	Request string `arg:"" help:"The id of the request, as in the address of its page."`
}

// withStore runs f on the database of the configuration.
func withStore(w *world, f func(config, *store.Store) error) error {
	c, err := read(w)
	if err != nil {
		return err
	}
	s, err := store.Open(w.ctx, store.Config{Address: c.database, Key: c.secret, Now: time.Now})
	if err != nil {
		return err
	}
	return errors.Join(f(c, s), s.Close())
}

// load reads a workspace file.
func load(name string) (workspace.File, workspace.Options, error) {
	text, err := os.ReadFile(filepath.Clean(name))
	if err != nil {
		return workspace.File{}, workspace.Options{}, err
	}
	f, err := workspace.Parse(text)
	return f, workspace.Options{ReadFile: func(secret string) ([]byte, error) {
		if !filepath.IsAbs(secret) {
			secret = filepath.Join(filepath.Dir(name), secret)
		}
		return os.ReadFile(filepath.Clean(secret))
	}}, err
}

// tell prints changes.
func tell(w *world, changes []workspace.Change) error {
	for _, c := range changes {
		if _, err := fmt.Fprintln(w.out, c); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w.out, "%d changes\n", len(changes))
	return err
}

// Run implements the command.
func (p plan) Run(w *world) error {
	return withStore(w, func(c config, s *store.Store) error {
		f, o, err := load(p.File)
		if err != nil {
			return err
		}
		o.AllowLoopback = c.loopback
		changes, err := workspace.Plan(w.ctx, s, f, o)
		if err != nil {
			return err
		}
		return tell(w, changes)
	})
}

// Run implements the command.
func (a apply) Run(w *world) error {
	return withStore(w, func(c config, s *store.Store) error {
		f, o, err := load(a.File)
		if err != nil {
			return err
		}
		o.AllowLoopback = c.loopback
		changes, err := workspace.Apply(w.ctx, s, f, o)
		if err != nil {
			return err
		}
		if err := tell(w, changes); err != nil {
			return err
		}
		return tellCallbacks(w, c, changes)
	})
}

// tellCallbacks prints the callback address of every new directory, which its
// provider has to be told.
func tellCallbacks(w *world, c config, changes []workspace.Change) error {
	sign, err := signin.New(signin.Config{Base: c.base, Network: c.network, Now: time.Now})
	for _, change := range changes {
		if err == nil && change.Kind == "directory" && change.Verb == "create" {
			_, err = fmt.Fprintf(w.out, "callback address of “%s”: %s\n", change.Name,
				sign.CallbackURL(access.DirectoryID(change.ID)))
		}
	}
	return err
}

// Run implements the command.
func (export) Run(w *world) error {
	return withStore(w, func(_ config, s *store.Store) error {
		text, err := workspace.Export(w.ctx, s.Reader)
		if err != nil {
			return err
		}
		_, err = w.out.Write(text)
		return err
	})
}

// Run implements the command.
func (a again) Run(w *world) error {
	return withStore(w, func(_ config, s *store.Store) error {
		t, err := s.TenantByDomain(w.ctx, access.Domain(a.Domain))
		if err != nil {
			return err
		}
		use := lifecycle.New(lifecycle.Config{Store: s})
		if err := use.Delivery.Reprocess(w.ctx, "", t.ID, access.RequestID(a.Request)); err != nil {
			return err
		}
		_, err = fmt.Fprintln(w.out, "The request is delivered again as soon as the portal gets to it.")
		return err
	})
}
