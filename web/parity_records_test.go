package workspace_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// records are the audit records that act adds, in order of their text and without
// actors; ids of objects are replaced with their names.
func (a *parityFixture) records(t *testing.T, act func()) []string {
	t.Helper()
	ctx := context.Background()
	before := len(must(a.AuditLog(ctx, a.tenant.ID))(t))
	act()
	names := a.names(t)
	var all []string
	for _, one := range must(a.AuditLog(ctx, a.tenant.ID))(t)[before:] {
		if one.Activity == access.ActApply {
			continue
		}
		name := names.Replace(one.ObjectID)
		if name == one.ObjectID {
			t.Errorf("%s %s: the id %q is of nothing", one.Activity, one.ObjectKind, one.ObjectID)
		}
		all = append(all, strings.Join([]string{string(one.Activity), string(one.ObjectKind), name,
			names.Replace(one.From), names.Replace(one.To), one.Reason}, " | "))
	}
	slices.Sort(all)
	return all
}

// names replaces the ids of the tenant's objects with their names.
func (a *parityFixture) names(t *testing.T) *strings.Replacer {
	t.Helper()
	ctx, all := context.Background(), []string{string(a.tenant.ID), "tenant " + a.tenant.Name}
	for _, d := range must(a.Directories(ctx, a.tenant.ID))(t) {
		all = append(all, string(d.ID), "directory "+d.Name)
	}
	for _, p := range must(a.PeopleAfter(ctx, a.tenant.ID, store.Key{}, 100))(t) {
		all = append(all, string(p.ID), "person "+p.Email)
	}
	for _, e := range must(a.Entries(ctx, a.tenant.ID))(t) {
		all = append(all, string(e.ID), "entry "+e.Name)
	}
	for _, o := range must(a.Organizations(ctx, a.tenant.ID))(t) {
		all = append(all, string(o.ID), "organization "+o.Name)
	}
	for _, c := range must(a.Catalogs(ctx, a.tenant.ID))(t) {
		all = append(all, string(c.ID), "catalog "+c.Name)
		for _, p := range must(a.PackagesOf(ctx, a.tenant.ID, c.ID))(t) {
			all = append(all, string(p.ID), "package "+p.Name)
			for _, o := range must(a.PoliciesOf(ctx, a.tenant.ID, p.ID))(t) {
				all = append(all, string(o.ID), "policy "+o.Name)
			}
		}
	}
	return strings.NewReplacer(all...)
}

// TestPageAndFileAuditMatch: a page and a file write the same audit records for the same
// change, except for the actor.
func TestPageAndFileAuditMatch(t *testing.T) {
	for name, c := range parityChanges() {
		t.Run(name, func(t *testing.T) {
			byPage, byFile := newParityFixture(t, storetest.New(t, storetest.NewClock())),
				newParityFixture(t, storetest.New(t, storetest.NewClock()))
			ctx := context.Background()
			want := byPage.records(t, func() {
				if _, err := byPage.use.Apply(ctx, admin.ByPerson(byPage.lena), func(ed *admin.Editor) error {
					return c.page(ctx, byPage, ed)
				}); err != nil {
					t.Fatal(err)
				}
			})
			got := byFile.records(t, func() {
				_, err := workspace.Apply(ctx, byFile.Store, parse(t, []byte(c.file)), workspace.Options{ReadFile: os.ReadFile})
				if err != nil {
					t.Fatal(err)
				}
			})
			if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
				t.Errorf("the page (-), the file (+): %s", diff)
			}
		})
	}
}

// parityChanges are changes that both make.
func parityChanges() map[string]parityCase {
	return map[string]parityCase{
		"a group": {parityTenant + "    resources: [{displayName: G, type: group}]\n",
			func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				return a.saveEntry(ctx, ed, group("G", access.DefaultRoles(access.KindGroup)...))
			}, nil},
		"a catalog": {parityTenant + "    catalogs: [{displayName: D, description: d}]\n",
			func(ctx context.Context, _ *parityFixture, ed *admin.Editor) error {
				_, err := ed.SaveCatalog(ctx, access.Catalog{Name: "D", Description: "d", Published: true})
				return err
			}, nil},
		"a policy": {inPackage + "              - {displayName: A, allowedTargetScope: allMemberUsers}\n",
			func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				return a.savePolicy(ctx, ed, a.policy(access.ScopeMembers))
			}, nil},
		"settings": {parityTenant + "    settings: {timeZone: Europe/Paris}\n",
			func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				w := a.tenant
				w.Settings.TimeZone = "Europe/Paris"
				return ed.SaveSettings(ctx, w)
			}, nil},
		"a role": {parityTenant + "    roleAssignments: [{role: catalogCreator, user: lena@m.example}]\n",
			func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				return ed.AssignRole(ctx, access.RoleAssignment{Tenant: a.tenant.ID, Role: access.CatalogCreator,
					Subject: access.SubjectRef{Kind: access.SubjectPerson, ID: string(a.lena.ID)}})
			}, nil},
		"a package's description": {strings.Replace(inPackage, "description: p\n            assignmentPolicies:",
			"description: q", 1),
			func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				p := a.pack
				p.Description = "q"
				_, err := ed.SavePackage(ctx, p)
				return err
			}, nil},
		"a person": {parityTenant + "    users: [{displayName: Omar, mail: omar@m.example}]\n",
			func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				p := a.omar
				p.Disabled = false
				return ed.SavePerson(ctx, p)
			}, nil},
		"a policy with everything": policyCase("- displayName: A\n  allowedTargetScope: specificDirectoryUsers\n"+
			"  specificAllowedTargets: [{user: ida@m.example}, {group: Board}]\n  requestApprovalSettings:\n    stages:\n"+
			"      - primaryApprovers: [{group: Board}, {user: ida@m.example}]\n  expiration: {durationInDays: 3}\n"+
			"  questions: [{id: q, type: shortText, text: \"Why?\"}]",
			func(a *parityFixture, p *access.Policy) {
				board := access.SubjectRef{Kind: access.SubjectGroup, ID: string(a.board.ID)}
				p.Scope, p.Targets = access.ScopeSpecificUsers, []access.SubjectRef{board, a.ref(a.ida)}
				p.Stages = []access.Stage{{Days: 14, Approvers: []access.SubjectRef{board, a.ref(a.ida)}}}
				p.Expiration = access.Expiration{Kind: access.AfterDuration, Days: 3}
				p.Questions = []access.Question{{ID: "q", Kind: access.ShortText, Text: "Why?"}}
			}),
		"a package with its first policy": {parityTenant + "    catalogs:\n      - displayName: C\n" +
			"        isExternallyVisible: true\n        accessPackages:\n          - displayName: N\n            description: " +
			"n\n" +
			"            resourceRoleScopes: [{resource: Ledger, role: Viewer}]\n            assignmentPolicies:\n" +
			"              - {displayName: A, allowedTargetScope: allMemberUsers}\n",
			func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				offered, err := ed.Reader().CatalogResourceRoles(ctx, a.tenant.ID, a.catalog.ID)
				if err != nil {
					return err
				}
				_, err = ed.CreatePackage(ctx, admin.NewPackage{Policy: a.policy(access.ScopeMembers),
					Package: access.Package{Catalog: a.catalog.ID, Name: "N", Description: "n"},
					Roles:   []access.ResourceRoleID{offered[0].Role.ID}})
				return err
			}, nil},
		"an organization with sponsors": {parityTenant + "    connectedOrganizations:\n      - displayName: O\n" +
			"        description: d\n        state: proposed\n        identitySources: [gmail.com]\n" +
			"        internalSponsors: [ida@m.example]\n        externalSponsors: [mara@gmail.com]\n",
			func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				return a.connect(ctx, ed, access.Organization{Name: "O", Description: "d", State: access.Proposed,
					Directories: []access.DirectoryID{a.gmail}, InternalSponsors: []access.SubjectRef{a.ref(a.ida)},
					ExternalSponsors: []access.PersonID{a.mara.ID}}, false)
			}, nil},
		"a new person": {parityTenant + "    users: [{displayName: Noor, mail: noor@m.example}]\n",
			func(ctx context.Context, _ *parityFixture, ed *admin.Editor) error {
				_, err := ed.AddPerson(ctx, "noor@m.example", "Noor")
				return err
			}, nil},
		"a manager": {parityTenant + "    users: [{displayName: Ida, mail: ida@m.example, manager: lena@m.example}]\n",
			func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				p := a.ida
				p.Manager = a.lena.ID
				return ed.SavePerson(ctx, p)
			}, nil},
		"a member of a group": {parityTenant + "    resources: [{displayName: Board, type: group, members: " +
			"[ida@m.example]}]\n",
			func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				return ed.SetMembers(ctx, access.Membership{Entry: a.board.ID, Role: a.board.Roles[0]},
					[]access.PersonID{a.ida.ID}, true)
			}, nil},
		"a resource of a catalog": {parityTenant + "    catalogs:\n      - displayName: C\n" +
			"        isExternallyVisible: true\n        resources: [Board]\n",
			func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				return ed.AddResources(ctx, a.catalog.ID, []access.EntryID{a.board.ID})
			}, nil},
		"a role in a catalog": {parityTenant + "    roleAssignments: [{role: catalogOwner, group: Board, catalog: C}]\n",
			func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				return ed.AssignRole(ctx, access.RoleAssignment{Tenant: a.tenant.ID, Role: access.CatalogOwner,
					Catalog: a.catalog.ID, Subject: access.SubjectRef{Kind: access.SubjectGroup, ID: string(a.board.ID)}})
			}, nil},
	}
}
