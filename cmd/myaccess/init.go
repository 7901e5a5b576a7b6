package main

import (
	"fmt"
	"os"
	"path/filepath"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/plain"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/internal/workspace"
)

// initCmd is the command init. It creates the tenant if it does not exist, and prints
// the one-time link that makes its first administrator.
type initCmd struct {
	Domain           string `arg:"" help:"The organization's domain, such as meridian.example."`
	Name             string `help:"The organization's name. Required for a new one."`
	Issuer           string `help:"Issuer of its OpenID Provider. Required for a new one."`
	ClientID         string `help:"The portal's client ID at the provider." default:"myaccess"`
	ClientSecretFile string `help:"File with the client secret." type:"path"`
	AuthMethod       string `help:"Client authentication: client_secret_basic, client_secret_post or none." default:"client_secret_basic"`
}

// Run implements the command.
func (c initCmd) Run(e *env) error {
	return withStore(e, func(cfg config, s *store.Store) error {
		t, err := s.TenantByDomain(e.ctx, access.Domain(c.Domain))
		if err != nil && access.KindOf(err) != access.NotFound {
			return err
		}
		if err != nil {
			if err := c.createTenant(e, cfg, s); err != nil {
				return err
			}
			if t, err = s.TenantByDomain(e.ctx, access.Domain(c.Domain)); err != nil {
				return err
			}
		}
		token := signin.NewToken()
		if err := admin.New(admin.Config{Store: s}).Setup.Invite(e.ctx, t.ID, signin.HashToken(token)); err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.out, "The person who opens this link and signs in as a member of %s becomes a global "+
			"administrator.\n"+
			"It works once, within %d hours:\n\n  %s/@%s/setup/%s\n", t.Name, int(access.SetupLinkLifetime.Hours()), cfg.base,
			t.PrimaryDomain(),
			token)
		return err
	})
}

// createTenant creates the tenant with its directory.
func (c initCmd) createTenant(e *env, cfg config, s *store.Store) error {
	file := workspace.Founding(workspace.Directory{DisplayName: plain.Text(c.Name), Domains: []string{c.Domain},
		Provider: workspace.Provider{
			Issuer: plain.Text(c.Issuer), ClientID: plain.Text(c.ClientID), ClientSecretFile: c.ClientSecretFile,
			AuthMethod: c.AuthMethod}})
	var providers []access.Directory
	changes, err := workspace.Apply(e.ctx, s, file, workspace.Options{AllowLoopback: cfg.loopback,
		IsListed: cfg.network.Lists, Providers: func(all []access.Directory) { providers = all },
		ReadFile: func(name string) ([]byte, error) {
			return os.ReadFile(filepath.Clean(name))
		}})
	if err != nil {
		return err
	}
	if err := printCallbacks(e, cfg, changes); err != nil {
		return err
	}
	return warnOfProviders(e, cfg, providers)
}
