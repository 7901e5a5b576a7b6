package main

import (
	"fmt"
	"os"
	"path/filepath"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/signin"
	"myaccess/internal/store"
	"myaccess/internal/workspace"
)

// found is the command init: it makes a tenant, if there is none yet, and prints
// the one-time link that makes its first administrator.
type found struct {
	Domain           string `arg:"" help:"The organization's domain, such as meridian.example."`
	Name             string `help:"The organization's name. Needed for a new one."`
	Issuer           string `help:"Issuer of its OpenID Provider. Needed for a new one."`
	ClientID         string `help:"The portal's client id there." default:"myaccess"`
	ClientSecretFile string `help:"File with the client's secret." type:"path"`
	AuthMethod       string `help:"How the client proves itself: client_secret_basic, client_secret_post or none." default:"client_secret_basic"`
}

// Run implements the command.
func (f found) Run(w *world) error {
	return withStore(w, func(c config, s *store.Store) error {
		t, err := s.TenantByDomain(w.ctx, access.Domain(f.Domain))
		if err != nil && access.KindOf(err) != access.NotFound {
			return err
		}
		if err != nil {
			if err := f.tenant(w, c, s); err != nil {
				return err
			}
			if t, err = s.TenantByDomain(w.ctx, access.Domain(f.Domain)); err != nil {
				return err
			}
		}
		token := signin.NewToken()
		if err := admin.New(admin.Config{Store: s}).Setup.Invite(w.ctx, t.ID, signin.HashToken(token)); err != nil {
			return err
		}
		_, err = fmt.Fprintf(w.out, "Whoever opens this link and signs in as a member of %s becomes its first "+
			"administrator.\n"+
			"It works once, within %d hours:\n\n  %s/@%s/setup/%s\n", t.Name, int(access.SetupLinkLifetime.Hours()), c.base, t.PrimaryDomain(),
			token)
		return err
	})
}

// tenant makes the tenant with its directory.
func (f found) tenant(w *world, c config, s *store.Store) error {
	file := workspace.Founding(workspace.Directory{DisplayName: f.Name, Domains: []string{f.Domain},
		Provider: workspace.Provider{
			Issuer: f.Issuer, ClientID: f.ClientID, ClientSecretFile: f.ClientSecretFile, AuthMethod: f.AuthMethod}})
	changes, err := workspace.Apply(w.ctx, s, file, workspace.Options{AllowLoopback: c.loopback,
		ReadFile: func(name string) ([]byte, error) {
			return os.ReadFile(filepath.Clean(name))
		}})
	if err != nil {
		return err
	}
	return tellCallbacks(w, c, changes)
}
