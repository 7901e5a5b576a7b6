package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store/storetest"
)

// records are the audit records that act adds, in order of their text; ids are
// replaced by the kinds and names of objects. Each must be of the actor.
func (a *parityFixture) records(actor access.PersonID, act func()) []string {
	a.t.Helper()
	ctx := a.t.Context()
	before := len(must(a.AuditLog(ctx, a.Tenant.ID))(a.t))
	act()
	names := a.names()
	var all []string
	for _, one := range must(a.AuditLog(ctx, a.Tenant.ID))(a.t)[before:] {
		if one.Activity == access.ActApply {
			continue
		}
		name := names.Replace(one.ObjectID)
		if name == one.ObjectID {
			a.t.Errorf("%s %s: the id %q is of nothing", one.Activity, one.ObjectKind, one.ObjectID)
		}
		if one.Actor != actor || one.OnBehalfOf != "" || one.Request != "" {
			a.t.Errorf("%s %s: by %q, want %q", one.Activity, name, one.Actor, actor)
		}
		all = append(all, strings.Join([]string{string(one.Activity), string(one.ObjectKind), name,
			names.Replace(one.From), names.Replace(one.To), one.Reason}, " | "))
	}
	slices.Sort(all)
	return all
}

// names replaces ids with the kinds and names of objects.
func (a *parityFixture) names() *strings.Replacer {
	var all []string
	a.objects(func(kind, name, id, _ string) { all = append(all, id, kind+" "+name) })
	return strings.NewReplacer(all...)
}

// change is a change that both make.
type change struct {
	given, file string
	form        typedForm
	records     []string // what both record, in the format of parityFixture.records
}

// TestFormsAndFilesRecordAlike: a form and a file write the same audit records for
// the same change, except for the actor.
func TestFormsAndFilesRecordAlike(t *testing.T) {
	changes := parityChanges()
	maps.Copy(changes, parityPolicyChanges())
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			var fixtures []*parityFixture
			for range 2 {
				clock := storetest.NewClock()
				fixtures = append(fixtures, newParityFixture(t, storetest.New(t, clock), clock))
				if c.given != "" {
					fixtures[len(fixtures)-1].apply(c.given)
				}
			}
			byPage, byFile := fixtures[0], fixtures[1]
			lena := byPage.as("lena")
			page := byPage.records(byPage.Lena.ID, func() {
				byPage.submit(lena, c.form)
				if lena.sees(http.StatusSeeOther); lena.status != http.StatusSeeOther {
					t.Errorf("faults: %v", lena.answeredFaults())
				}
			})
			file := byFile.records(access.Operator, func() { byFile.apply(c.file) })
			if diff := cmp.Diff(page, file); diff != "" {
				t.Errorf("the form (-), the file (+): %s", diff)
			}
			if diff := cmp.Diff(c.records, file); diff != "" {
				t.Errorf("want (-), the file (+): %s", diff)
			}
		})
	}
}

// parityChanges are changes that pages and files make, of every noun that both
// know. A directory is not among them: those of a file belong to the
// installation, and so to the log of no tenant.
func parityChanges() map[string]change {
	const catalogC = "    catalogs:\n      - displayName: C\n        isExternallyVisible: true\n"
	const settings = `{"Language":"en","TimeZone":"UTC","GuestAction":"blockSignInAndDelete","GuestDays":30,` +
		`"DisabledDays":30,"DomainRule":"any","DomainList":null,"ResourceVisibility":"all","ShowApprovers":false,` +
		`"SupportContact":"",` +
		`"SenderName":"","Passcode":false,"SessionIdle":0,"SessionLife":0}`
	return map[string]change{
		"a group": {file: parityTenant + "    resources: [{displayName: G, type: group}]\n",
			form:    typedForm{"/directory/new", url.Values{"displayName": {"G"}, "type": {"group"}}},
			records: []string{"Create | group | entry G |  | G, Member, Owner | "}},
		"a resource gets a role and a link": {file: parityTenant + "    resources: [{displayName: Ledger, " +
			"type: application, roles: [Viewer, Clerk], webUrl: \"https://ledger.example\"}]\n",
			form: typedForm{"/directory/{entry Ledger}/edit", url.Values{"roles": {"Viewer\nClerk"},
				"webUrl": {"https://ledger.example"}}},
			records: []string{"Update | application | entry Ledger | Ledger | Ledger, Viewer, Clerk | "}},
		"a catalog": {file: parityTenant + "    catalogs: [{displayName: D, description: d}]\n",
			form: typedForm{"/catalogs/new", url.Values{"displayName": {"D"}, "description": {"d"},
				"external": {"no"}}},
			records: []string{"Create | catalog | catalog D |  | D | "}},
		"a catalog is closed and not enabled": {file: parityTenant +
			"    catalogs: [{displayName: C, state: unpublished}]\n",
			form:    typedForm{"/catalogs/{catalog C}/edit", url.Values{"published": {"no"}, "external": {"no"}}},
			records: []string{"Update | catalog | catalog C | C, enabled for external users | C, not enabled | "}},
		"a resource of a catalog": {file: parityTenant + catalogC + "        resources: [Board]\n",
			form:    typedForm{"/catalogs/{catalog C}/resources/add", url.Values{"id": {"{entry Board}"}}},
			records: []string{"Create resource request | catalog | catalog C |  | Board | "}},
		"a role in a catalog": {file: parityTenant +
			"    roleAssignments: [{role: catalogOwner, group: Board, catalog: C}]\n",
			form: typedForm{"/catalogs/{catalog C}/roles", url.Values{"role": {"catalogOwner"}, "subject": {"{Board}"}}},
			records: []string{"Add Entitlement Management role assignment | roleAssignment | entry Board |  | catalogOwner of " +
				"catalog catalog C | "}},
		"a role": {file: parityTenant + "    roleAssignments: [{role: catalogCreator, user: ida@meridian.example}]\n",
			form: typedForm{"/roles/assign", url.Values{"role": {"catalogCreator"}, "subject": {"{ida}"}}},
			records: []string{"Add Entitlement Management role assignment | roleAssignment | person ida |  | catalogCreator " +
				"| "}},
		"settings": {file: parityTenant + "    settings: {timeZone: Europe/Paris, allowedDomains: [partner.example], " +
			"sessionIdleMinutes: 30}\n",
			form: typedForm{"/settings", url.Values{"timeZone": {"Europe/Paris"}, "domainRule": {"allow"},
				"domains": {"partner.example"}, "sessionIdle": {"30"}}},
			records: []string{"Update tenant setting | tenant | tenant Meridian Works | " + settings + " | " +
				strings.NewReplacer(`"UTC"`, `"Europe/Paris"`, `"DomainRule":"any","DomainList":null`,
					`"DomainRule":"allow","DomainList":["partner.example"]`, `"SessionIdle":0`, `"SessionIdle":1800000000000`).
					Replace(settings) + " | "}},
		"a package": {file: parityTenant + catalogC + "        accessPackages:\n" +
			"          - {displayName: P, description: q, isHidden: true}\n",
			form:    typedForm{"/access-packages/{package P}/edit", url.Values{"description": {"q"}, "hidden": {"yes"}}},
			records: []string{"Update access package | accessPackage | package P | P | P, hidden | "}},
		"a role of a package": {file: parityTenant + catalogC + "        accessPackages:\n" +
			"          - {displayName: P, description: p, resourceRoleScopes: [{resource: Ledger, role: Viewer}]}\n",
			form: typedForm{"/access-packages/{package P}/roles/change", url.Values{"role": {"{role Ledger.Viewer}"}}},
			records: []string{
				"Update access package | accessPackage | package P |  | Ledger: Viewer | resource role added"}},
		"an organization with sponsors": {file: parityTenant + "    connectedOrganizations:\n      - displayName: O\n" +
			"        description: d\n        state: proposed\n        identitySources: [gmail.com]\n" +
			"        internalSponsors: [ida@meridian.example]\n        externalSponsors: [mara@gmail.com]\n",
			form: newOrganizationForm(url.Values{"internalSponsors": {"{ida}"}, "externalSponsors": {"{mara}"}}),
			records: []string{
				"Assign user as external sponsor | connectedOrganization | organization O |  | person mara | ",
				"Assign user as internal sponsor | connectedOrganization | organization O |  | person ida | ",
				"Create | connectedOrganization | organization O |  | O, proposed, directory directory Mailers | "}},
		"an organization becomes proposed": {file: parityTenant + "    connectedOrganizations:\n" +
			"      - {displayName: Quay, description: q, state: proposed, identitySources: [quay.example]}\n",
			form: typedForm{"/organizations/{organization Quay}/edit", url.Values{"state": {"proposed"}}},
			records: []string{"Update | connectedOrganization | organization Quay | Quay, configured, directory directory " +
				"Quay | " +
				"Quay, proposed, directory directory Quay | "}},
		"a person is enabled": {file: parityTenant + "    users: [{displayName: Olaf, mail: olaf@meridian.example}]\n",
			form:    typedForm{"/people/{person olaf}/edit", url.Values{"disabled": {"no"}}},
			records: []string{"Update | person | person olaf | Olaf, disabled | Olaf | "}},
		"a new person": {file: parityTenant + "    users: [{displayName: Nora, mail: nora@meridian.example}]\n",
			form:    typedForm{"/people/new", url.Values{"address": {"nora@meridian.example"}, "name": {"Nora"}}},
			records: []string{"Create | person | person nora |  | member | "}},
		"a manager": {file: parityTenant +
			"    users: [{displayName: Nils, mail: nils@meridian.example, manager: lena@meridian.example}]\n",
			form:    typedForm{"/people/{person nils}/edit", url.Values{"manager": {"{lena}"}}},
			records: []string{"Update | person | person nils | Nils | Nils, manager person lena | "}},
		"attributes": {file: parityTenant +
			"    users: [{displayName: Nils, mail: nils@meridian.example, attributes: {city: Oslo}}]\n",
			form:    typedForm{"/people/{person nils}/edit", url.Values{"attributes": {"city: Oslo"}}},
			records: []string{"Update | person | person nils | Nils | Nils, city=Oslo | "}},
		"a member of a group": {file: parityTenant + "    resources: [{displayName: Board, type: group, members: " +
			"[ida@meridian.example]}]\n",
			form:    typedForm{"/directory/{entry Board}", url.Values{"people": {"{ida}"}}},
			records: []string{"Change members | group | entry Board |  | Member: Ida Falk | "}},
	}
}

// parityPolicyChanges are changes of policies, whose record has the whole policy.
func parityPolicyChanges() map[string]change {
	const plain = `{"DisplayName":"A","Description":"","AllowedTargetScope":"allMemberUsers","Enabled":true,` +
		`"Terms":{"justify":false,"expiration":{"kind":"noExpiration"},"customSchedule":false,"showApprovers":"default"}}`
	everything := with(approvers(1, "{ida}"), "stages.1.approvers", "{Board}", "{ida}")
	maps.Copy(everything, asked(map[string]string{"required": "yes"}))
	maps.Copy(everything, url.Values{"allowedTargetScope": {"specificDirectoryUsers"},
		"targets.people": {"{ida}", "{Board}"}, "expiration": {"days"}, "expiration.days": {"3"}})
	return map[string]change{
		"a policy": {file: policyInFile("- {displayName: A, allowedTargetScope: allMemberUsers}"),
			form: newPolicyForm(nil),
			records: []string{"Create access package assignment policy | accessPackageAssignmentPolicy | policy A |  | " +
				plain + " | "}},
		"a policy is disabled": {given: policyInFile("- {displayName: A, allowedTargetScope: allMemberUsers}"),
			file: policyInFile(
				"- {displayName: A, allowedTargetScope: allMemberUsers, requestorSettings: {isRequestDisabled: true}}"),
			form: typedForm{"/access-packages/{package P}/policies/{policy A}/edit", url.Values{"enabled": {"no"}}},
			records: []string{"Update access package assignment policy | accessPackageAssignmentPolicy | policy A | " + plain +
				" | " +
				strings.Replace(plain, `"Enabled":true`, `"Enabled":false`, 1) + " | "}},
		"a policy with everything": {file: policyInFile("- displayName: A\n  allowedTargetScope: specificDirectoryUsers\n" +
			"  specificAllowedTargets: [{user: ida@meridian.example}, {group: Board}]\n  requestApprovalSettings:\n" +
			"    stages:\n      - primaryApprovers: [{group: Board}, {user: ida@meridian.example}]\n" +
			"  expiration: {durationInDays: 3}\n  questions: [{id: q, type: shortText, text: \"Why?\", isRequired: true}]"),
			form: newPolicyForm(everything),
			records: []string{
				`Create access package assignment policy | accessPackageAssignmentPolicy | policy A |  | ` +
					`{"DisplayName":"A","Description":"",` +
					`"AllowedTargetScope":"specificDirectoryUsers","SpecificAllowedTargets":[` +
					`{"kind":"groupMembers","id":"entry Board"},{"kind":"singleUser","id":"person ida"}],"Enabled":true,` +
					`"Terms":{"stages":[{"approvers":[{"kind":"groupMembers","id":"entry Board"},` +
					`{"kind":"singleUser","id":"person ida"}],"days":14,"reason":false}],"justify":false,` +
					`"expiration":{"kind":"afterDuration","days":3},"customSchedule":false,"showApprovers":"default",` +
					`"questions":[{"id":"q","kind":"shortText","text":"Why?","required":true}]}} | `}},
		"a package with its first policy": {file: parityTenant + "    catalogs:\n      - displayName: C\n" +
			"        isExternallyVisible: true\n        accessPackages:\n          - displayName: N\n            description: " +
			"n\n" +
			"            resourceRoleScopes: [{resource: Ledger, role: Viewer}]\n            assignmentPolicies:\n" +
			"              - {displayName: A, allowedTargetScope: allMemberUsers}\n",
			form: newPackageForm("{catalog C}", url.Values{"role": {"{role Ledger.Viewer}"}}),
			records: []string{
				"Create access package assignment policy | accessPackageAssignmentPolicy | policy A |  | " + plain + " | ",
				"Create access package | accessPackage | package N |  | N | ",
				"Update access package | accessPackage | package N |  | Ledger: Viewer | resource role added"}},
	}
}
