package web

import (
	"context"
	"net/url"

	"myaccess/internal/access"
	"myaccess/internal/admin"
)

// openPolicy is a policy for all configured organizations without approval.
const openPolicy = "- displayName: A\n  allowedTargetScope: allConfiguredConnectedOrganizationUsers\n"

// mailOrganization is a configured organization of a consumer mail domain.
const mailOrganization = "    connectedOrganizations:\n" +
	"      - {displayName: Mail, description: d, state: configured, identitySources: [gmail.com]}\n"

// firstRefusals are changes of two objects in one file.
func firstRefusals() map[string]parityCase {
	const noForm = "a form saves one of the two objects; the other is stored in a case of storedRefusals"
	return map[string]parityCase{
		"a consumer domain next to an open policy, in one file": {
			file: inPackage + "              - displayName: A #!\n                allowedTargetScope: " +
				"allConfiguredConnectedOrganizationUsers\n" + mailOrganization,
			page: func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				gmail := access.DirectoryID(a.ids().Replace("{directory Mailers}"))
				if _, err := ed.SaveOrganization(ctx, admin.Connecting{Sure: true, Organization: access.Organization{
					Name: "Mail", Description: "d", State: access.Configured, Directories: []access.DirectoryID{gmail}}}); err != nil {
					return err
				}
				return a.savePolicy(ctx, ed, a.policy(access.ScopeAllOrgs))
			},
			noForm: noForm},
		"a ring of managers, in one file": {
			file: parityTenant + "    users:\n" +
				"      - {displayName: Nils, mail: nils@meridian.example, manager: ida@meridian.example}\n" +
				"      - displayName: Ida Falk\n        mail: ida@meridian.example\n        manager: nils@meridian.example #!\n",
			page: func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				ida, err := ed.Reader().Person(ctx, a.Tenant.ID, a.Ida.ID)
				if err != nil {
					return err
				}
				nils, err := ed.Reader().Person(ctx, a.Tenant.ID, access.PersonID(a.ids().Replace("{person nils}")))
				if err != nil {
					return err
				}
				ida.Manager, nils.Manager = nils.ID, ida.ID
				if err := ed.SavePerson(ctx, nils); err != nil {
					return err
				}
				return ed.SavePerson(ctx, ida)
			},
			noForm: noForm},
	}
}

// storedRefusals are changes that do not fit what another file has stored. A rule
// between two objects is tested with either of them stored.
func storedRefusals() map[string]parityCase {
	mail := url.Values{"displayName": {"Mail"}, "state": {"configured"}, "sure": {"yes"}}
	return map[string]parityCase{
		"an open policy next to a consumer domain": {given: parityTenant + mailOrganization,
			file: policyInFile("- displayName: A #!\n  allowedTargetScope: allConfiguredConnectedOrganizationUsers\n"),
			form: newPolicyForm(url.Values{"allowedTargetScope": {"allConfiguredConnectedOrganizationUsers"}})},
		"a package with an open policy next to a consumer domain": {given: parityTenant + mailOrganization,
			file: parityTenant + "    catalogs:\n      - displayName: C\n        isExternallyVisible: true\n" +
				"        accessPackages:\n          - displayName: N\n            description: n\n" +
				"            assignmentPolicies:\n              - displayName: A #!\n" +
				"                allowedTargetScope: allConfiguredConnectedOrganizationUsers\n",
			form: newPackageForm("{catalog C}",
				url.Values{"allowedTargetScope": {"allConfiguredConnectedOrganizationUsers"}})},
		"a stored policy becomes open next to a consumer domain": {given: parityTenant + mailOrganization,
			file: policyInFile("- displayName: Stored #!\n  allowedTargetScope: allConfiguredConnectedOrganizationUsers\n"),
			form: typedForm{"/access-packages/{package P}/policies/{policy Stored}/edit",
				url.Values{"allowedTargetScope": {"allConfiguredConnectedOrganizationUsers"}}}},
		"a consumer domain next to an open policy": {given: policyInFile(openPolicy),
			file: parityTenant + "    connectedOrganizations:\n      - displayName: Mail\n        description: d\n" +
				"        identitySources: [gmail.com]\n        state: configured #!\n",
			form: newOrganizationForm(mail)},
		"an organization with a consumer domain becomes configured next to an open policy": {
			given: policyInFile(openPolicy) + "    connectedOrganizations:\n" +
				"      - {displayName: Mail, description: d, state: proposed, identitySources: [gmail.com]}\n",
			file: parityTenant + "    connectedOrganizations:\n      - displayName: Mail\n        description: d\n" +
				"        identitySources: [gmail.com]\n        state: configured #!\n",
			form: typedForm{"/organizations/{organization Mail}/edit", url.Values{"state": {"configured"}}}},
		"a directory gets a consumer domain next to an open policy": {given: policyInFile(openPolicy),
			file: "directories:\n  - displayName: Quay\n    provider: {issuer: \"https://q.example\", clientId: x}\n" +
				"    domains: #!\n      - quay.example\n      - gmx.net\n",
			form:  typedForm{"/organizations/providers/{directory Pier}/domains", url.Values{"domain": {"gmx.net"}}},
			alias: [2]string{"“Quay”", "“Pier”"}},
		"a ring of managers": {given: parityTenant + "    users:\n" +
			"      - {displayName: Nils, mail: nils@meridian.example, manager: ida@meridian.example}\n",
			file: parityTenant + "    users:\n      - displayName: Ida Falk\n        mail: ida@meridian.example\n" +
				"        manager: nils@meridian.example #!\n",
			form: typedForm{"/people/{person ida}/edit", url.Values{"manager": {"{nils}"}}}},
	}
}
