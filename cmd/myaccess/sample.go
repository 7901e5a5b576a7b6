package main

import (
	"fmt"

	"myaccess/internal/access"
	"myaccess/internal/sample"
	"myaccess/internal/store"
)

// sampleCmd is the command sample.
type sampleCmd struct {
	Domain        string  `help:"${help_sample_domain}" default:"meridian.example"`
	Issuer        string  `help:"${help_sample_issuer}" default:"https://login.meridian.example"`
	Scale         float64 `help:"${help_scale}" default:"1"`
	Seed          uint64  `help:"${help_seed}" default:"1"`
	People        int     `help:"${help_people}"`
	Organizations int     `help:"${help_organizations}"`
	Catalogs      int     `help:"${help_catalogs}"`
	Packages      int     `help:"${help_packages}"`
	Policies      int     `help:"${help_policies}"`
	Assignments   int     `help:"${help_assignments}"`
	Requests      int     `help:"${help_requests}"`
}

// size returns the numbers of objects to create: by scale, unless given.
func (c sampleCmd) size() sample.Size {
	s := sample.Full().Scale(c.Scale)
	for want, n := range map[*int]int{&s.People: c.People, &s.Organizations: c.Organizations, &s.Catalogs: c.Catalogs,
		&s.Packages: c.Packages,
		&s.Policies: c.Policies, &s.Assignments: c.Assignments, &s.Requests: c.Requests} {
		if n > 0 {
			*want = n
		}
	}
	return s.Scale(1)
}

// Run implements the command.
func (c sampleCmd) Run(e *env) error {
	return withStore(e, func(_ config, s *store.Store) error {
		domain, err := access.ParseDomain(c.Domain)
		if err != nil {
			return err
		}
		t, err := sample.Write(e.ctx, sample.Config{Store: s, Size: c.size(), Seed: c.Seed, Domain: domain, Issuer: c.Issuer,
			Progress: func(m access.Message, args ...any) { _, _ = fmt.Fprintln(e.err, messagePrinter(e.p)(m, args...)) }})
		if err != nil {
			return err
		}
		return e.println(e.p.T("“%s” (%s) created.", t.Name, t.PrimaryDomain()))
	})
}
