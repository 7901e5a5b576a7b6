package main

import (
	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
)

// verifyCmd is the command verify-domain. It verifies a domain without a TXT record, on the
// operator's responsibility.
type verifyCmd struct {
	Domain       string `arg:"" help:"${help_verify_domain}"`
	TenantDomain string `arg:"" help:"${help_verify_tenant}"`
}

// Run implements the command.
func (c verifyCmd) Run(e *env) error {
	return withStore(e, func(_ config, s *store.Store) error {
		name, ok := mailaddr.CanonicalDomain(c.Domain)
		if !ok {
			return access.Invalidf("domain", "“%s” isn't a domain.", c.Domain)
		}
		t, err := tenantWith(e, s, c.TenantDomain)
		if err != nil {
			return err
		}
		d, err := admin.New(admin.Config{Store: s}).Vouch(e.ctx, t.ID, name)
		if err != nil {
			return err
		}
		return e.println(e.p.T("%s is now a verified domain of “%s” for %s.", name, d.Name, t.Name))
	})
}

// tenantWith returns the tenant that has the domain.
func tenantWith(e *env, s *store.Store, domain string) (access.Tenant, error) {
	t, err := s.TenantByDomain(e.ctx, access.Domain(domain))
	if access.KindOf(err) == access.NotFound {
		err = access.Refuse(access.NotFound, "No organization has the domain %s.", domain)
	}
	return t, err
}
