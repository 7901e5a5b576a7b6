package workspace_test

import (
	"context"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
)

// parityRefusals are changes that pages and files both refuse.
func parityRefusals() map[string]parityCase {
	type editor = admin.Editor
	long := strings.Repeat("x", access.MaxNameLength+1)
	mailers := func(a *parityFixture, state access.OrganizationState) access.Organization {
		return access.Organization{Name: "Mail", Description: "d", State: state, Directories: []access.DirectoryID{a.gmail}}
	}
	return map[string]parityCase{
		"a consumer domain next to an open policy": {
			inPackage + "              - displayName: A #!\n                allowedTargetScope: " +
				"allConfiguredConnectedOrganizationUsers\n" +
				"    connectedOrganizations:\n      - {displayName: Mail, description: d, state: configured, " +
				"identitySources: [gmail.com]}\n",
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				if err := a.connect(ctx, ed, mailers(a, access.Configured), true); err != nil {
					return err
				}
				return a.savePolicy(ctx, ed, a.policy(access.ScopeAllOrgs))
			}, nil},
		"a consumer domain that nobody has confirmed": {
			parityTenant + "    connectedOrganizations:\n      - displayName: Mail #!\n        description: d\n" +
				"        identitySources: [gmail.com]\n",
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				return a.connect(ctx, ed, mailers(a, access.Configured), false)
			}, nil},
		"a policy whose only approver is disabled": {
			inPackage + "              - displayName: A\n                allowedTargetScope: allMemberUsers\n" +
				"                requestApprovalSettings:\n                  stages:\n" +
				"                    - primaryApprovers: [{user: omar@m.example}] #!\n",
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				return a.savePolicy(ctx, ed, a.policy(access.ScopeMembers, a.omar))
			}, nil},
		"a group with the roles Owner, Owner and no Member": {
			parityTenant + "    resources:\n      - displayName: G\n        type: group\n        roles: [Owner, Owner] #!!\n",
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				return a.saveEntry(ctx, ed, group("G", "Owner", "Owner"))
			}, nil},
		"a link that is none": {
			parityTenant + "    resources:\n      - displayName: L\n        type: application\n" +
				"        webUrl: \"https://a b<c>\" #!\n",
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				return a.saveEntry(ctx, ed, access.Entry{Kind: access.KindApplication, Name: "L", Link: "https://a b<c>",
					Roles: access.DefaultRoles(access.KindApplication)})
			}, nil},
		"a role that somebody may hold": {
			parityTenant + "    resources:\n      - displayName: Board\n        type: group\n        roles: [Member] #!\n",
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				e := a.board
				e.Roles = []string{"Member"}
				return a.saveEntry(ctx, ed, e)
			}, nil},
		"an entry without a name": {
			parityTenant + "    resources:\n      - type: group\n        displayName: ' ' #!\n",
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				return a.saveEntry(ctx, ed, group(" ", access.DefaultRoles(access.KindGroup)...))
			}, nil},
		"a catalog whose name is too long": {
			parityTenant + "    catalogs:\n      - description: d\n        displayName: " + long + " #!\n",
			func(ctx context.Context, _ *parityFixture, ed *editor) error {
				_, err := ed.SaveCatalog(ctx, access.Catalog{Name: long, Description: "d", Published: true})
				return err
			}, nil},
		"a package without a description": {
			strings.Replace(inPackage, "            description: p\n            assignmentPolicies:\n",
				"            description: '' #!\n", 1),
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				p := a.pack
				p.Description = ""
				_, err := ed.SavePackage(ctx, p)
				return err
			}, nil},
		"an organization of the tenant's own directory": {
			parityTenant + "    connectedOrganizations:\n      - displayName: Own\n        description: d\n" +
				"        state: configured\n        identitySources: [m.example] #!\n",
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				return a.connect(ctx, ed, access.Organization{Name: "Own", Description: "d", State: access.Configured,
					Directories: []access.DirectoryID{a.tenant.Directory}}, true)
			}, nil},
		"a state and a description that are none": {
			parityTenant + "    connectedOrganizations:\n      - displayName: Mail\n        description: '' #!\n" +
				"        state: famous #!\n        identitySources: [gmail.com]\n",
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				o := mailers(a, "famous")
				o.Description = ""
				return a.connect(ctx, ed, o, true)
			}, nil},
		"a policy for all users without approval": {
			inPackage + "              - displayName: A #!\n                allowedTargetScope: allExternalUsers\n",
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				return a.savePolicy(ctx, ed, a.policy(access.ScopeAnyone))
			}, nil},
		"a policy that ends in 0 days, with an unknown scope": {
			inPackage + "              - displayName: A\n                allowedTargetScope: friends #!\n" +
				"                expiration: {durationInDays: -1} #!\n",
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				p := a.policy("friends")
				p.Expiration = access.Expiration{Kind: access.AfterDuration, Days: -1}
				return a.savePolicy(ctx, ed, p)
			}, nil},
		"settings that are none": {
			parityTenant + "    settings:\n      timeZone: Moon #!\n      daysUntilExternalUserDeleted: -1 #!\n",
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				w := a.tenant
				w.Settings.TimeZone, w.Settings.GuestDays = "Moon", -1
				return ed.SaveSettings(ctx, w)
			}, nil},
		"a person with a time zone that is none": {
			parityTenant + "    users:\n      - displayName: Lena\n        mail: lena@m.example\n        timeZone: Moon #!\n",
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				p := a.lena
				p.TimeZone = "Moon"
				return ed.SavePerson(ctx, p)
			}, nil},
		"the last global administrator is disabled": {
			parityTenant + "    users:\n      - {displayName: Lena, mail: lena@m.example, disabled: true} #!\n",
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				p := a.lena
				p.Disabled = true
				return ed.SavePerson(ctx, p)
			}, func(a *parityFixture) access.Person { return a.ida }},
		"a role that is none": {
			parityTenant + "    roleAssignments:\n      - user: lena@m.example\n        role: boss #!\n",
			func(ctx context.Context, a *parityFixture, ed *editor) error {
				return ed.AssignRole(ctx, access.RoleAssignment{Tenant: a.tenant.ID, Role: "boss",
					Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(a.lena.ID)}})
			}, nil},
	}
}
