package web

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/admin"
)

// tenantDirectoryRefusals are about the tenant's own directories. Their forms look up
// domains and test the connection before they save, so the use cases are called.
func tenantDirectoryRefusals() map[string]parityCase {
	const noForm = "the wizard asks for one thing at a time"
	const pier = parityTenant + "    directories:\n      - displayName: Pier\n"
	const provider = "        provider: {issuer: \"https://login.new.example\", clientId: x, tokenEndpointAuthMethod: " +
		"none}\n"
	// connect creates an organization with the directory.
	connect := func(d access.Directory) func(context.Context, *parityFixture, *admin.Editor) error {
		return func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
			d.Name = "New"
			if d.Kind == access.DirectoryOpenID && d.Issuer == "" {
				d.Issuer = "https://login.new.example"
			}
			d.ClientID, d.AuthStyle, d.HintStyle, d.Scopes = "x", access.AuthNone, access.HintNone, []string{"email"}
			_, err := ed.SaveOrganization(ctx, admin.Connecting{Organization: access.Organization{Name: "New",
				Description: "d", State: access.Proposed}, New: []access.Directory{d}})
			return err
		}
	}
	return map[string]parityCase{
		"a passcode directory without a domain": {noForm: noForm,
			file: parityTenant + "    directories:\n      - {displayName: New, type: passcode} #!\n",
			page: connect(access.Directory{Kind: access.DirectoryPasscode})},
		"a provider of a tenant at an address": {noForm: noForm,
			file: parityTenant + "    directories:\n      - displayName: New\n        provider:\n          clientId: x\n" +
				"          tokenEndpointAuthMethod: none\n          issuer: https://192.0.2.1 #!\n",
			page: connect(access.Directory{Kind: access.DirectoryOpenID, Issuer: "https://192.0.2.1"})},
		"a domain that waits in another directory": {noForm: noForm,
			file: parityTenant + "    directories:\n      - displayName: New\n" + provider +
				"        unverifiedDomains:\n          - {domain: new.example}\n          - {domain: pier.example} #!\n",
			page: connect(access.Directory{Kind: access.DirectoryOpenID, Domains: []access.Domain{"new.example",
				"pier.example"}})},
		"a provider for passcodes of another connected organization": {noForm: noForm,
			given: parityTenant + "    directories:\n      - {displayName: Lane, type: passcode, domains: [lane.example]}\n" +
				"    connectedOrganizations:\n      - {displayName: Lane, description: d, identitySources: [lane.example]}\n",
			file: parityTenant + "    directories:\n      - displayName: New\n" + provider +
				"        unverifiedDomains:\n          - {domain: lane.example}\n    connectedOrganizations:\n" +
				"      - displayName: New\n        description: d\n        state: proposed\n" +
				"        directories: [New]\n        identitySources: [] #!\n",
			page: connect(access.Directory{Kind: access.DirectoryOpenID, Domains: []access.Domain{"lane.example"}})},
		"a domain of passcodes of another connected organization": {noForm: noForm,
			given: parityTenant + "    directories:\n      - {displayName: Lane, type: passcode, domains: [lane.example]}\n" +
				"    connectedOrganizations:\n      - {displayName: Lane, description: d, identitySources: [lane.example]}\n",
			file: pier + "        unverifiedDomains:\n          - domain: pier.example\n          - domain: lane.example #!\n" +
				"        provider: {issuer: \"https://login.pier.example\", clientId: x, scopes: [email]}\n",
			page: func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				return ed.ClaimDomain(ctx, access.DirectoryID(a.ids().Replace("{directory Pier}")), "lane.example")
			}},
		"a domain of a directory of the installation": {noForm: noForm,
			file: parityTenant + "    directories:\n      - displayName: New\n" + provider +
				"        domains:\n          - new.example\n          - quay.example #!\n",
			page: connect(access.Directory{Kind: access.DirectoryOpenID, Domains: []access.Domain{"new.example",
				"quay.example"}})},
		"a domain that the directory has": {noForm: noForm,
			file: pier + "        domains: [pier.example]\n        unverifiedDomains: [{domain: pier.example}] #!\n" +
				"        provider: {issuer: \"https://login.pier.example\", clientId: x, scopes: [email]}\n",
			page: func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				return ed.ClaimDomain(ctx, access.DirectoryID(a.ids().Replace("{directory Pier}")), "pier.example")
			}},
		"an issuer at which people have signed in": {noForm: noForm,
			given: parityTenant + "    users:\n      - {id: 019cafe0-0000-7000-8000-000000000001, displayName: Noor, " +
				"directory: Pier, subject: s}\n",
			file: pier + "        unverifiedDomains: [{domain: pier.example}]\n" +
				"        provider: {clientId: x, scopes: [email], issuer: \"https://other.pier.example\"} #!\n",
			page: func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				d, err := ed.Reader().Directory(ctx, access.DirectoryID(a.ids().Replace("{directory Pier}")))
				if err != nil {
					return err
				}
				d.Issuer = "https://other.pier.example"
				return ed.SaveDirectory(ctx, d)
			}},
	}
}
