package main

import (
	"fmt"

	"myaccess/internal/access"
	"myaccess/internal/sample"
	"myaccess/internal/store"
)

// sampleCmd is the command sample.
type sampleCmd struct {
	Domain        string  `help:"Domain of the organization to create." default:"meridian.example"`
	Issuer        string  `help:"Issuer of its OpenID Provider." default:"https://login.meridian.example"`
	Scale         float64 `help:"Size as a fraction of the full sample." default:"1"`
	Seed          uint64  `help:"Random seed. The same seed gives the same data." default:"1"`
	People        int     `help:"Number of people. Overrides the scale."`
	Organizations int     `help:"Number of connected organizations. Overrides the scale."`
	Catalogs      int     `help:"Number of catalogs. Overrides the scale."`
	Packages      int     `help:"Number of access packages. Overrides the scale."`
	Policies      int     `help:"Number of policies. Overrides the scale."`
	Assignments   int     `help:"Number of assignments. Overrides the scale."`
	Requests      int     `help:"Number of requests. Overrides the scale."`
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
			Progress: func(format string, args ...any) { _, _ = fmt.Fprintf(e.err, format+"\n", args...) }})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.out, "“%s” (%s) created.\n", t.Name, t.PrimaryDomain())
		return err
	})
}
