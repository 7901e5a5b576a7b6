package main

import (
	"fmt"

	"myaccess/internal/access"
	"myaccess/internal/sample"
	"myaccess/internal/store"
)

// sampling is the command sample.
type sampling struct {
	Domain        string  `help:"Domain of the organization that is made." default:"meridian.example"`
	Issuer        string  `help:"Issuer of its OpenID Provider." default:"https://login.meridian.example"`
	Scale         float64 `help:"Size, as a part of the full one." default:"1"`
	Seed          uint64  `help:"The same seed makes the same installation." default:"1"`
	People        int     `help:"People, instead of the number by scale."`
	Organizations int     `help:"Connected organizations, likewise."`
	Catalogs      int     `help:"Catalogs, likewise."`
	Packages      int     `help:"Access packages, likewise."`
	Policies      int     `help:"Policies, likewise."`
	Assignments   int     `help:"Assignments, likewise."`
	Requests      int     `help:"Requests, likewise."`
}

// size is how much is made.
func (f sampling) size() sample.Size {
	s := sample.Full().Scale(f.Scale)
	for want, n := range map[*int]int{&s.People: f.People, &s.Organizations: f.Organizations, &s.Catalogs: f.Catalogs,
		&s.Packages: f.Packages,
		&s.Policies: f.Policies, &s.Assignments: f.Assignments, &s.Requests: f.Requests} {
		if n > 0 {
			*want = n
		}
	}
	return s.Scale(1)
}

// Run implements the command.
func (f sampling) Run(w *world) error {
	return withStore(w, func(_ config, s *store.Store) error {
		domain, err := access.ParseDomain(f.Domain)
		if err != nil {
			return err
		}
		t, err := sample.Write(w.ctx, sample.Config{Store: s, Size: f.size(), Seed: f.Seed, Domain: domain, Issuer: f.Issuer,
			Progress: func(format string, args ...any) { _, _ = fmt.Fprintf(w.err, format+"\n", args...) }})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w.out, "“%s” (%s) has been made.\n", t.Name, t.PrimaryDomain())
		return err
	})
}
