package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// verify-domain verifies a domain that a provider of the organization has and that is not
// verified yet, and no other.
func TestVerifyDomain(t *testing.T) {
	vars := environment(t)
	secret := filepath.Join(t.TempDir(), "client")
	if err := os.WriteFile(secret, []byte("client-secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := try(t, vars, "init", "meridian.example", "--name", "Meridian Works", "--issuer",
		"https://login.meridian.example", "--client-secret-file", secret); err != nil {
		t.Fatalf("%s %v", out, err)
	}
	e := &env{ctx: t.Context(), getenv: func(n string) string { return vars[n] }}
	var kept access.DirectoryID
	err := withStore(e, func(_ config, s *store.Store) error {
		tenant, err := s.TenantByDomain(t.Context(), "meridian.example")
		if err != nil {
			return err
		}
		return s.Write(context.Background(), func(tx *store.Tx) error {
			kept = access.DirectoryID(tx.NewID())
			return tx.SaveDirectory(context.Background(), access.Directory{ID: kept, Owner: tenant.ID,
				Kind: access.DirectoryOpenID,
				Name: "Quay", Issuer: "https://login.quay.example", ClientID: "x",
				AuthStyle: access.AuthNone, HintStyle: access.HintNone,
				DomainClaims: []access.DomainClaim{{Domain: "quay.example", Token: "t"}}, Enabled: true}, access.VerifiedByDNS)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range [][]string{{"verify-domain", "pier.example", "meridian.example"},
		{"verify-domain", "quay.example", "nowhere.example"}, {"verify-domain", "no domain", "meridian.example"}} {
		if out, err := try(t, vars, wrong...); err == nil {
			t.Errorf("%v: %s", wrong, out)
		}
	}
	out, err := try(t, vars, "vouch", "Quay.example", "meridian.example") // the name of earlier versions
	if err != nil || !strings.Contains(out, "quay.example is now a verified domain of “Quay” for Meridian Works.") {
		t.Errorf("%s %v", out, err)
	}
	err = withStore(e, func(_ config, s *store.Store) error {
		d, err := s.Directory(t.Context(), kept)
		if err == nil && !d.HasDomain("quay.example") {
			t.Errorf("got %+v", d)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
