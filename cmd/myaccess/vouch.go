package main

import (
	"fmt"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
)

// vouchCmd is the command vouch. It verifies a domain without a TXT record, on the
// operator's responsibility.
type vouchCmd struct {
	Domain       string `arg:"" help:"The domain to verify, such as partner.example."`
	TenantDomain string `arg:"" help:"A domain of the organization that added it."`
}

// Run implements the command.
func (c vouchCmd) Run(e *env) error {
	return withStore(e, func(_ config, s *store.Store) error {
		name, ok := mailaddr.CanonicalDomain(c.Domain)
		if !ok {
			return fmt.Errorf("%s isn't a domain", c.Domain)
		}
		t, err := s.TenantByDomain(e.ctx, access.Domain(c.TenantDomain))
		if err != nil {
			return fmt.Errorf("no organization has the domain %s: %w", c.TenantDomain, err)
		}
		d, err := admin.New(admin.Config{Store: s}).Vouch(e.ctx, t.ID, name)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.out, "%s is now a verified domain of “%s” for %s.\n", name, d.Name, t.Name)
		return err
	})
}
