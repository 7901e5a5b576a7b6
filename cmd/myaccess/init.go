package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

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
	Domain           string `arg:"" help:"${help_init_domain}"`
	Name             string `help:"${help_name}"`
	Issuer           string `help:"${help_issuer}"`
	ClientID         string `help:"${help_client_id}" default:"myaccess"`
	ClientSecretFile string `help:"${help_secret_file}" type:"path"`
	AuthMethod       string `help:"${help_auth_method}" default:"client_secret_basic"`
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
		hours := int(access.SetupLinkLifetime.Hours())
		return errors.Join(
			e.println(e.p.T("The person who opens this link and signs in as a member of %s becomes a global administrator.",
				t.Name)),
			e.println(e.p.N(hours, "The link works once, within %d hour:", "The link works once, within %d hours:")),
			e.println(fmt.Sprintf("\n  %s/@%s/setup/%s", cfg.base, t.PrimaryDomain(), token)))
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
	if faults, ok := errors.AsType[workspace.Faults](err); ok {
		return flagErrors(faults)
	}
	if err != nil {
		return err
	}
	if err := printCallbacks(e, cfg, changes); err != nil {
		return err
	}
	return warnOfProviders(e, cfg, providers)
}

// flagErrors are the faults of the organization, each with the flag or argument that it is
// about. There is no file whose lines they could name.
func flagErrors(faults workspace.Faults) error {
	flags := map[string]string{"displayName": "--name", "issuer": "--issuer", "clientId": "--client-id",
		"clientSecret": "--client-secret-file", "tokenEndpointAuthMethod": "--auth-method", "domain": "<domain>"}
	var all access.Errors
	for _, f := range faults {
		refusal := access.Refuse(f.Kind, f.Msg, f.Args...)
		if flag := flags[strings.TrimPrefix(f.Field, "provider.")]; flag != "" {
			refusal = access.Refuse(f.Kind, "%s: %s", flag, refusal)
		}
		all.Add(refusal)
	}
	return all
}
