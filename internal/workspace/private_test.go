package workspace_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// TestTenantProvidersExported: an export has the tenant's own providers, without their
// secrets, and applying it removes nothing. A file that does not describe them leaves them
// to their connected organization.
func TestTenantProvidersExported(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		w := storetest.NewWorld(t, s)
		kept := access.Directory{Owner: w.Tenant.ID, Kind: access.DirectoryOpenID, Name: "Quay",
			Issuer:   "https://login.quay.example",
			ClientID: "quay-client", ClientSecret: "kept-secret",
			AuthStyle: access.AuthBasic, HintStyle: access.HintNone, Domains: []access.Domain{"quay.example"}, Enabled: true}
		noor := access.Person{Tenant: w.Tenant.ID, Kind: access.Guest, Guest: access.GuestActive, Name: "Noor",
			Email: "noor@quay.example", Domain: "quay.example"}
		w.Do(func(ctx context.Context, tx *store.Tx) error {
			kept.ID, noor.ID = access.DirectoryID(tx.NewID()), access.PersonID(tx.NewID())
			noor.Directory = kept.ID
			if err := tx.SaveDirectory(ctx, kept, access.VerifiedByDNS); err != nil {
				return err
			}
			if err := tx.AddPerson(ctx, noor); err != nil {
				return err
			}
			w.Partner.Directories = []access.DirectoryID{w.Harbor.ID, kept.ID}
			w.Partner.ExternalSponsors = []access.PersonID{noor.ID}
			return tx.SaveOrganization(ctx, w.Partner)
		})
		text, err := workspace.Export(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "kept-secret") || !strings.Contains(string(text), "quay-client") {
			t.Errorf("the export is:\n%s", text)
		}
		f, err := workspace.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		f.Tenants[0].V.Organizations[0].V.Description = "Boats"
		if _, err := workspace.Apply(ctx, s, f, options()); err != nil {
			t.Fatal(err)
		}
		f.Tenants[0].V.Organizations[0].V.Description = "Ships"
		f.Tenants[0].V.Directories, f.Tenants[0].V.Users = nil, nil
		f.Tenants[0].V.Organizations[0].V.IdentitySources = []workspace.Source{"harbor.example"}
		f.Tenants[0].V.Organizations[0].V.ExternalSponsors = nil
		if _, err := workspace.Apply(ctx, s, f, options()); err != nil {
			t.Fatal(err)
		}
		o, err := s.Organization(ctx, w.Tenant.ID, w.Partner.ID)
		if err != nil || o.Description != "Ships" || !slices.Contains(o.Directories, kept.ID) ||
			!slices.Equal(o.ExternalSponsors, w.Partner.ExternalSponsors) {
			t.Errorf("its own directory and sponsor stay: %+v, %v", o, err)
		}
	})
}
