package web

import (
	"context"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/admin"
)

// newPolicyForm is the wizard that adds the policy A to the package P: for all
// members, without approval and without an end, but for what is typed.
func newPolicyForm(typed url.Values) typedForm {
	all := url.Values{"policyName": {"A"}, "allowedTargetScope": {"allMemberUsers"}, "enabled": {"yes"},
		"stages": {"0"}, "stages.1.reason": {"no"}, "justify": {"no"}, "showApprovers": {"default"},
		"customSchedule": {"no"}, "silent": {"no"}, "expiration": {"never"}}
	maps.Copy(all, typed)
	return typedForm{"/access-packages/{package P}/policies/new", all}
}

// policyInFile is a file with the policy in the package P.
func policyInFile(text string) string {
	indent := strings.Repeat(" ", 14)
	return inPackage + indent + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+indent) + "\n"
}

func policyCase(text string, typed url.Values) parityCase {
	return parityCase{file: policyInFile(text), form: newPolicyForm(typed)}
}

// storedPolicyCase changes the policy that is stored, with the form to edit it.
func storedPolicyCase(text string, typed url.Values) parityCase {
	return parityCase{file: policyInFile("- displayName: Stored\n  allowedTargetScope: allMemberUsers\n" + text),
		form: typedForm{"/access-packages/{package P}/policies/{policy Stored}/edit", typed}}
}

// forMembers is the beginning of a policy for all members in a file.
const forMembers = "- displayName: A\n  allowedTargetScope: allMemberUsers\n"

// approvers are the typed values of so many stages that one person approves.
func approvers(stages int, by string) url.Values {
	typed := url.Values{"stages": {strconv.Itoa(stages)}}
	for n := 1; n <= stages; n++ {
		stage := "stages." + strconv.Itoa(n)
		typed[stage+".approvers"], typed[stage+".days"], typed[stage+".reason"] = []string{by}, []string{"14"},
			[]string{"no"}
	}
	return typed
}

// join returns all values; the last of a name counts.
func join(some ...url.Values) url.Values {
	all := url.Values{}
	for _, typed := range some {
		maps.Copy(all, typed)
	}
	return all
}

// with returns the typed values with one more.
func with(typed url.Values, name string, values ...string) url.Values {
	typed = cloneValues(typed)
	typed[name] = values
	return typed
}

func policyRefusals() map[string]parityCase {
	all := policyScopeRefusals()
	maps.Copy(all, stageRefusals())
	long := strings.Repeat("x", access.MaxDescriptionLength+1)
	expires := func(kind, value string) url.Values {
		return url.Values{"expiration": {kind}, "expiration." + kind: {value}}
	}
	maps.Copy(all, map[string]parityCase{
		"a policy without a name": policyCase("- allowedTargetScope: allMemberUsers\n  displayName: ' ' #!",
			url.Values{"policyName": {" "}}),
		"a policy with a long name": policyCase("- allowedTargetScope: allMemberUsers\n  displayName: "+long+" #!",
			url.Values{"policyName": {long}}),
		"a policy with a control character in its name": policyCase(
			"- allowedTargetScope: allMemberUsers\n  displayName: \"A\\x01B\" #!", url.Values{"policyName": {"A\x01B"}}),
		"a policy with a long description": policyCase(forMembers+"  description: "+long+" #!",
			url.Values{"policyDescription": {long}}),
		"a policy with a control character in its description": policyCase(forMembers+"  description: \"a\\x01b\" #!",
			url.Values{"policyDescription": {"a\x01b"}}),
		"a stored policy with a long description": storedPolicyCase("  description: "+long+" #!",
			url.Values{"policyDescription": {long}}),
		"a policy without a name whose approver is disabled, with a pattern that is none": policyCase(
			"- allowedTargetScope: allMemberUsers\n  displayName: ' ' #!\n  requestApprovalSettings:\n    stages:\n"+
				"      - primaryApprovers: [{user: olaf@meridian.example}] #!\n  questions:\n"+
				"    - {id: q, type: shortText, text: \"Why?\", regexPattern: '('} #!",
			join(approvers(1, "{olaf}"), asked(map[string]string{"pattern": "("}), url.Values{"policyName": {" "}})),
		"a stored policy with too many days whose approver is disabled": storedPolicyCase(
			"  expiration:\n    durationInDays: 3661 #!\n  requestApprovalSettings:\n    stages:\n"+
				"      - primaryApprovers: [{user: olaf@meridian.example}] #!",
			join(approvers(1, "{olaf}"), expires("days", "3661"))),
		"an end that is over": policyCase(forMembers+"  expiration:\n    endDateTime: 2001-01-01T00:00:00Z #!",
			expires("date", "2001-01-01T00:00")),
		"too many days": policyCase(forMembers+"  expiration:\n    durationInDays: 3661 #!", expires("days", "3661")),
		"too many days of a stored policy": storedPolicyCase("  expiration:\n    durationInDays: 3661 #!",
			expires("days", "3661")),
		"too many hours":   policyCase(forMembers+"  expiration:\n    durationInHours: 87841 #!", expires("hours", "87841")),
		"hours below zero": policyCase(forMembers+"  expiration:\n    durationInHours: -1 #!", expires("hours", "-1")),
		"approvers shown perhaps": policyCase(forMembers+"  approverDetails: perhaps #!",
			url.Values{"showApprovers": {"perhaps"}}),
		"a policy that ends in -1 days, with an unknown scope": policyCase("- displayName: A\n"+
			"  allowedTargetScope: friends #!\n  expiration: {durationInDays: -1} #!",
			with(expires("days", "-1"), "allowedTargetScope", "friends")),
	})
	return all
}

func policyScopeRefusals() map[string]parityCase {
	scope := func(scope string, more ...string) url.Values {
		typed := url.Values{"allowedTargetScope": {scope}}
		for i := 0; i < len(more); i += 2 {
			typed.Add(more[i], more[i+1])
		}
		return typed
	}
	return map[string]parityCase{
		"a policy for named people that names none": policyCase(
			"- displayName: A #!\n  allowedTargetScope: specificDirectoryUsers", scope("specificDirectoryUsers")),
		"a policy for named organizations that names none": policyCase(
			"- displayName: A #!\n  allowedTargetScope: specificConnectedOrganizationUsers",
			scope("specificConnectedOrganizationUsers")),
		"a policy for all that names somebody": {
			file: policyInFile(forMembers + "  specificAllowedTargets: [{user: lena@meridian.example}] #!"),
			page: func(ctx context.Context, a *parityFixture, ed *admin.Editor) error {
				p := a.policy(access.ScopeMembers)
				p.Targets = []access.SubjectRef{{Kind: access.SubjectPerson, ID: string(a.Lena.ID)}}
				return a.savePolicy(ctx, ed, p)
			},
			noForm: "the form drops those named unless the scope is of specific people or organizations"},
		"an organization among named people": policyCase("- displayName: A\n  allowedTargetScope: specificDirectoryUsers\n"+
			"  specificAllowedTargets: #!\n    - connectedOrganization: Quay",
			scope("specificDirectoryUsers", "targets.people", "{Quay}")),
		"a person among named organizations": policyCase("- displayName: A\n"+
			"  allowedTargetScope: specificConnectedOrganizationUsers\n  specificAllowedTargets: #!\n"+
			"    - user: lena@meridian.example",
			scope("specificConnectedOrganizationUsers", "targets.organizations", "{lena}")),
		"a policy for all users without approval": policyCase("- displayName: A #!\n  allowedTargetScope: allExternalUsers",
			scope("allExternalUsers")),
		"a policy for people from outside in a closed catalog": {file: parityTenant + "    catalogs:\n" +
			"      - displayName: Closed\n        accessPackages:\n          - displayName: Q\n            description: q\n" +
			"            assignmentPolicies:\n              - displayName: A\n                allowedTargetScope: " +
			"allConfiguredConnectedOrganizationUsers #!\n",
			form: typedForm{"/access-packages/{package Q}/policies/new",
				newPolicyForm(scope("allConfiguredConnectedOrganizationUsers")).typed}},
		"a new package with a policy for people from outside in a closed catalog": {file: parityTenant + "    catalogs:\n" +
			"      - displayName: Closed\n        accessPackages:\n          - displayName: N\n            description: n\n" +
			"            assignmentPolicies:\n              - displayName: A\n                allowedTargetScope: " +
			"allConfiguredConnectedOrganizationUsers #!\n",
			form: newPackageForm("{catalog Closed}", scope("allConfiguredConnectedOrganizationUsers"))},
	}
}

func stageRefusals() map[string]parityCase {
	const approval = forMembers + "  requestApprovalSettings:\n    stages:\n"
	const byLena = "      - primaryApprovers: [{user: lena@meridian.example}]\n"
	return map[string]parityCase{
		"four stages": policyCase(forMembers+"  requestApprovalSettings:\n    stages: #!\n"+strings.Repeat(byLena, 4),
			approvers(4, "{lena}")),
		"a stage without approvers": policyCase(approval+byLena+"      - daysBeforeAutomaticDenial: 3\n"+
			"        primaryApprovers: [] #!",
			with(with(approvers(2, "{lena}"), "stages.2.approvers"), "stages.2.days", "3")),
		"an organization that approves": policyCase(approval+
			"      - primaryApprovers: [{connectedOrganization: Quay}] #!", approvers(1, "{Quay}")),
		"a stage of 15 days": policyCase(approval+byLena+"        daysBeforeAutomaticDenial: 15 #!",
			with(approvers(1, "{lena}"), "stages.1.days", "15")),
		"a stage of -1 days": policyCase(approval+byLena+"        daysBeforeAutomaticDenial: -1 #!",
			with(approvers(1, "{lena}"), "stages.1.days", "-1")),
		"a group without members approves": policyCase(approval+byLena+"      - primaryApprovers: [{group: Empty}] #!",
			with(approvers(2, "{lena}"), "stages.2.approvers", "{Empty}")),
		"a policy whose only approver is disabled": policyCase(approval+
			"      - primaryApprovers: [{user: olaf@meridian.example}] #!", approvers(1, "{olaf}")),
		"a stored policy whose only approver is disabled": storedPolicyCase("  requestApprovalSettings:\n    stages:\n"+
			"      - primaryApprovers: [{user: olaf@meridian.example}] #!", approvers(1, "{olaf}")),
		"the only requestor is the only approver": policyCase("- displayName: A\n"+
			"  allowedTargetScope: specificDirectoryUsers\n  specificAllowedTargets: [{user: lena@meridian.example}]\n"+
			"  requestApprovalSettings:\n    stages:\n      - primaryApprovers: [{user: lena@meridian.example}] #!",
			with(with(approvers(1, "{lena}"), "allowedTargetScope", "specificDirectoryUsers"), "targets.people", "{lena}")),
		"each requestor is the only approver of a stage": policyCase("- displayName: A\n"+
			"  allowedTargetScope: specificDirectoryUsers\n"+
			"  specificAllowedTargets: [{user: lena@meridian.example}, {user: ida@meridian.example}]\n"+
			"  requestApprovalSettings:\n    stages:\n      - primaryApprovers: [{user: lena@meridian.example}] #!\n"+
			"      - primaryApprovers: [{user: ida@meridian.example}] #!",
			with(with(with(approvers(2, "{lena}"), "allowedTargetScope", "specificDirectoryUsers"), "targets.people", "{lena}",
				"{ida}"), "stages.2.approvers", "{ida}")),
	}
}

// policy is an enabled policy of the package P.
func (a *parityFixture) policy(scope access.Scope) access.Policy {
	id := a.ids().Replace("{package P}")
	return access.Policy{Package: access.PackageID(id), Name: "A", Scope: scope, Enabled: true,
		Terms: access.Terms{ShowApprovers: access.Inherit, Expiration: access.Expiration{Kind: access.NoExpiration}}}
}

func (a *parityFixture) savePolicy(ctx context.Context, ed *admin.Editor, p access.Policy) error {
	_, err := ed.SavePolicy(ctx, p)
	return err
}
