package workspace_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// graphBase is a file in the own spelling, for graphForms.
const graphBase = `directories:
  - displayName: M
    domains: [m.example]
    provider: {issuer: "https://m.example", clientId: x, clientSecret: y, tokenEndpointAuthMethod: client_secret_post}
  - {displayName: H, domains: [h.example], provider: {issuer: "https://h.example", clientId: x, clientSecret: y}}
tenants:
  - directory: M
    settings:
      preferredLanguage: de-ch
      daysUntilExternalUserDeleted: 45
      externalUserLifecycleAction: blockSignIn
      resourceVisibility: members
    users:
      - {displayName: Lena, mail: lena@m.example, subject: lena, preferredLanguage: pt-br}
      - {displayName: Ida, mail: ida@m.example, disabled: true}
      - {displayName: Omar, mail: omar@m.example}
      - {displayName: Noor, mail: noor@h.example, directory: H, userType: guest}
    resources:
      - {displayName: Board, type: group, members: [lena@m.example, omar@m.example]}
    connectedOrganizations:
      - {displayName: H, description: h, state: proposed, identitySources: [h.example]}
    catalogs:
      - displayName: C
        state: unpublished
        isExternallyVisible: true
        accessPackages:
          - displayName: P
            description: p
            assignmentPolicies:
              - displayName: Days
                allowedTargetScope: specificDirectoryUsers
                specificAllowedTargets: [{user: lena@m.example}, {group: Board}]
                expiration: {durationInDays: 90}
                isAssignmentNotificationDisabled: true
                approverDetails: "no"
                requestApprovalSettings:
                  stages: [{daysBeforeAutomaticDenial: 7, primaryApprovers: [{user: lena@m.example}, {group: Board}]}]
              - displayName: Hours
                allowedTargetScope: specificConnectedOrganizationUsers
                specificAllowedTargets: [{connectedOrganization: H}]
                requestorSettings: {isRequestDisabled: true}
                expiration: {durationInHours: 8}
              - displayName: Date
                allowedTargetScope: allMemberUsers
                expiration: {endDateTime: 2030-12-31T22:59:00Z}
              - displayName: Never
                allowedTargetScope: notSpecified
                questions:
                  - {id: a, type: shortText, text: A, localizations: {de: "Ja", pt-br: Sim}}
                  - {id: b, type: longText, text: B}
                  - id: c
                    type: multipleChoice
                    text: C
                    allowsMultipleSelection: true
                    choices: [{actualValue: x, text: X, localizations: {de: "Iks"}}]
    roleAssignments:
      - {role: globalAdministrator, user: lena@m.example}
`

// graphForms are parts of graphBase, and other spellings and forms of each.
func graphForms() map[string][]string {
	return map[string][]string{
		"client_secret_post":       {"Client_Secret_Post"},
		"preferredLanguage: de-ch": {"preferredLanguage: de-CH"},
		"preferredLanguage: pt-br": {"preferredLanguage: PT-br"},
		"daysUntilExternalUserDeleted: 45": {"durationUntilExternalUserDeletedAfterBlocked: P45D",
			"durationUntilExternalUserDeletedAfterBlocked: p6w3d", "durationUntilExternalUserDeletedAfterBlocked: PT1080H"},
		"externalUserLifecycleAction: blockSignIn": {"externalUserLifecycleAction: BlockSignIn"},
		"resourceVisibility: members":              {"resourceVisibility: Members"},
		"disabled: true":                           {"accountEnabled: false", "disabled: true, accountEnabled: false"},
		"userType: guest":                          {"userType: Guest"},
		"type: group":                              {"type: Group"},
		"state: proposed":                          {"state: Proposed"},
		"mail: lena@m.example, ":                   {"mail: lena@m.example, userType: Member, "},
		"identitySources: [h.example]": {"identitySources: [{\"@odata.type\": " +
			"\"#microsoft.graph.domainIdentitySource\", domainName: h.example, displayName: Harbor}]"},
		"state: unpublished":                         {"state: Unpublished"},
		"allowedTargetScope: specificDirectoryUsers": {"allowedTargetScope: SpecificDirectorySubjects"},
		"allowedTargetScope: notSpecified":           {"allowedTargetScope: NoSubjects", "allowedTargetScope: NotSpecified"},
		"allowedTargetScope: specificConnectedOrganizationUsers": {
			"allowedTargetScope: SpecificConnectedOrganizationSubjects"},
		"allowedTargetScope: allMemberUsers": {"allowedTargetScope: AllExistingDirectoryMemberUsers"},
		"[{user: lena@m.example}, {group: Board}]\n": {"[{\"@odata.type\": \"#microsoft.graph.singleUser\", userId: " +
			"lena@m.example, description: Lena}, {\"@odata.type\": \"microsoft.graph.groupMembers\", groupId: Board}]\n"},
		"[{connectedOrganization: H}]": {"[{\"@odata.type\": \"#microsoft.graph.connectedOrganizationMembers\", " +
			"connectedOrganizationId: H}]", "[{connectedOrganizationId: H}]"},
		"expiration: {durationInDays: 90}": {"expiration: {duration: P90D}",
			"expiration: {type: afterDuration, duration: P90D, endDateTime: null}", "expiration: {type: AfterDuration, " +
				"durationInDays: 90}", "expiration: {duration: P90DT0H}", "expiration: {duration: P12W6D}"},
		"expiration: {durationInHours: 8}": {"expiration: {duration: PT8H}", "expiration: {duration: PT7H60M}"},
		"expiration: {endDateTime: 2030-12-31T22:59:00Z}": {"expiration: {type: afterDateTime, endDateTime: " +
			"\"2030-12-31T23:59:00.0000000+01:00\"}"},
		"allowedTargetScope: notSpecified\n": {"allowedTargetScope: notSpecified\n                expiration: " +
			"{type: noExpiration}\n", "allowedTargetScope: notSpecified\n                expiration: {type: notSpecified, " +
			"duration: null}\n"},
		"isAssignmentNotificationDisabled: true": {"notificationSettings: {isAssignmentNotificationDisabled: true}"},
		"approverDetails: \"no\"":                {"approverDetails: no", "approverDetails: No"},
		"daysBeforeAutomaticDenial: 7": {"durationBeforeAutomaticDenial: P7D",
			"durationBeforeAutomaticDenial: P1W"},
		"isRequestDisabled: true": {"enableTargetsToSelfAddAccess: false", "isRequestDisabled: true, " +
			"enableTargetsToSelfAddAccess: false"},
		"requestApprovalSettings:\n": {"requestApprovalSettings:\n                  isApprovalRequiredForAdd: true\n"},
		"localizations: {de: \"Ja\", pt-br: Sim}": {"localizations: {DE: \"Ja\", pt-BR: Sim}",
			"localizations: [{languageCode: de, text: \"Ja\"}, {languageCode: pt-BR, text: Sim}]"},
		"type: shortText": {"type: ShortText", "\"@odata.type\": \"#microsoft.graph.accessPackageTextInputQuestion\", " +
			"isSingleLineQuestion: true"},
		"type: longText": {"\"@odata.type\": \"#microsoft.graph.accessPackageTextInputQuestion\", isSingleLineQuestion: " +
			"false"},
		"type: multipleChoice":          {"\"@odata.type\": \"#microsoft.graph.accessPackageMultipleChoiceQuestion\""},
		"allowsMultipleSelection: true": {"isMultipleSelectionAllowed: true"},
		"- {id: a, type: shortText, text: A, localizations: {de: \"Ja\", pt-br: Sim}}\n" +
			"                  - {id: b, type: longText, text: B}\n": {"- {id: b, type: longText, text: B, sequence: -1}\n" +
			"                  - {id: a, type: shortText, text: A, localizations: {de: \"Ja\", pt-br: Sim}, sequence: -2}\n"},
		"role: globalAdministrator": {"role: GlobalAdministrator"},
	}
}

// TestGraphForms: the other spellings and forms of Graph mean the same, to the last field.
func TestGraphForms(t *testing.T) {
	s := storetest.New(t, storetest.NewClock())
	apply(t, s, []byte(graphBase))
	all := graphBase
	for part, others := range graphForms() {
		if strings.Count(graphBase, part) == 0 {
			t.Errorf("the base has no %q", part)
		}
		for _, other := range others {
			text := strings.Replace(graphBase, part, other, 1)
			changes, err := workspace.Plan(t.Context(), s, parseForms(t, text), options())
			if err != nil || len(changes) > 0 {
				t.Errorf("%s: %v, %v", other, lines(changes), err)
			}
		}
		all = strings.Replace(all, part, others[0], 1)
	}
	changes, err := workspace.Plan(t.Context(), s, parseForms(t, all), options())
	if err != nil || len(changes) > 0 {
		t.Errorf("all at once: %v, %v", lines(changes), err)
	}
}

func parseForms(t *testing.T, text string) workspace.File {
	t.Helper()
	f, err := workspace.Parse([]byte(text))
	if err != nil {
		t.Errorf("%v", err)
	}
	return f
}

// TestWrongGraphForms: a form that could only be guessed is refused at its line.
func TestWrongGraphForms(t *testing.T) {
	s := storetest.New(t, storetest.NewClock())
	apply(t, s, []byte(graphBase))
	for _, test := range []struct{ part, spoiled, want string }{
		{"durationInDays: 90", "duration: P3M", "“P3M” is not a duration in whole days or hours, such as P30D or PT8H"},
		{"durationInDays: 90", "duration: P1Y", "“P1Y” is not a duration"},
		{"durationInDays: 90", "duration: PT90M", "“PT90M” is not a duration"},
		{"durationInDays: 90", "duration: P", "“P” is not a duration"},
		{"durationInDays: 90", "duration: P1DT", "“P1DT” is not a duration"},
		{"durationInDays: 90", "duration: P1D1W", "“P1D1W” is not a duration"},
		{"durationInDays: 90", "duration: -P1D", "“-P1D” is not a duration"},
		{"durationInDays: 90", "duration: 90", "“90” is not a duration"},
		{"durationInDays: 90", "duration: P0D", "Assignments end on a date"},
		{"durationInDays: 90", "duration: P90D, durationInDays: 90",
			"Use only one of duration, durationInDays and durationInHours"},
		{"durationInDays: 90", "type: noExpiration, duration: P90D", "“noExpiration” can't have a duration"},
		{"durationInDays: 90", "type: afterDateTime, duration: P90D", "“afterDateTime” needs an endDateTime"},
		{"durationInDays: 90", "type: afterDuration, endDateTime: 2030-01-01", "“afterDuration” needs a duration"},
		{"durationInDays: 90", "type: sometimes", "“sometimes” must be noExpiration, afterDateTime or afterDuration"},
		{"daysBeforeAutomaticDenial: 7", "durationBeforeAutomaticDenial: PT8H", "“PT8H” is not a duration in whole days"},
		{"daysBeforeAutomaticDenial: 7", "durationBeforeAutomaticDenial: P15D", "Stage 1: enter 1 to 14"},
		{"daysBeforeAutomaticDenial: 7", "daysBeforeAutomaticDenial: 7, durationBeforeAutomaticDenial: P7D",
			"Use daysBeforeAutomaticDenial or durationBeforeAutomaticDenial, not both"},
		{"daysUntilExternalUserDeleted: 45", "durationUntilExternalUserDeletedAfterBlocked: P1M", "“P1M” is not a duration"},
		{"requestApprovalSettings:\n", "requestApprovalSettings:\n                  isApprovalRequiredForAdd: false\n",
			"Set isApprovalRequiredForAdd to true if there are stages"},
		{"isRequestDisabled: true", "isRequestDisabled: true, enableTargetsToSelfAddAccess: true",
			"isRequestDisabled and enableTargetsToSelfAddAccess contradict each other"},
		{"disabled: true", "disabled: true, accountEnabled: true", "The keys disabled and accountEnabled contradict each " +
			"other"},
		{"[{connectedOrganization: H}]", "[{\"@odata.type\": \"#microsoft.graph.requestorManager\"}]",
			"“#microsoft.graph.requestorManager” can't be used here"},
		{"[{connectedOrganization: H}]", "[{\"@odata.type\": \"#microsoft.graph.internalSponsors\"}]",
			"“#microsoft.graph.internalSponsors” can't be used here"},
		{"[{connectedOrganization: H}]", "[{\"@odata.type\": \"#microsoft.graph.singleUser\", groupId: Board}]",
			"“#microsoft.graph.singleUser” doesn't match what is named"},
		{"identitySources: [h.example]", "identitySources: [{\"@odata.type\": azureActiveDirectoryTenant, tenantId: x}]",
			"An identity source must have a domainName"},
		{"{de: \"Ja\", pt-br: Sim}", "{pt-BR: \"Ja\", pt-br: Sim}", "The language “pt-br” is already there"},
	} {
		text := strings.Replace(graphBase, test.part, test.spoiled, 1)
		at := strings.Count(graphBase[:strings.Index(graphBase, test.part)], "\n") + 1
		_, err := workspace.Plan(t.Context(), s, parseFaulty(t, text), options())
		faults, _ := errors.AsType[workspace.Faults](err)
		if len(faults) != 1 || !strings.HasPrefix(faults[0].Text(), test.want) || faults[0].Line < at ||
			faults[0].Line > at+strings.Count(test.spoiled, "\n") {
			t.Errorf("%s: %v, want line %d: %s", test.spoiled, err, at, test.want)
		}
	}
}

// parseFaulty parses a file that can have faults, which Plan reports.
func parseFaulty(t *testing.T, text string) workspace.File {
	t.Helper()
	f, err := workspace.Parse([]byte(text))
	if _, ok := errors.AsType[workspace.Faults](err); err != nil && !ok {
		t.Fatal(err)
	}
	return f
}

// TestDatesInFiles: a date is the end of that day in the tenant's time zone, which is the
// first moment of the next one, also where clocks skip it. A time has a zone or is refused:
// nothing is guessed.
func TestDatesInFiles(t *testing.T) {
	for _, test := range []struct{ zone, text, want string }{
		{"UTC", "2030-12-31", "2031-01-01T00:00:00Z"},
		{"Europe/Berlin", "2030-12-31", "2030-12-31T23:00:00Z"},
		{"Europe/Berlin", "\"2030-06-30\"", "2030-06-30T22:00:00Z"},
		{"Pacific/Apia", "2030-12-31", "2030-12-31T11:00:00Z"},
		{"Africa/Cairo", "2030-04-25", "2030-04-25T22:00:00Z"},     // the 26th begins at 01:00
		{"America/Santiago", "2030-09-07", "2030-09-08T04:00:00Z"}, // the 8th begins at 01:00
		{"America/Sao_Paulo", "2028-02-29", "2028-03-01T03:00:00Z"},
		{"Europe/Berlin", "2030-12-31T23:59:59Z", "2030-12-31T23:59:59Z"},
		{"Europe/Berlin", "2030-12-31t23:59:59z", "2030-12-31T23:59:59Z"},
		{"Europe/Berlin", "2030-12-31 23:59:59+01:00", "2030-12-31T22:59:59Z"},
		{"Europe/Berlin", "2030-12-31T23:59+01:00", "2030-12-31T22:59:00Z"},
		{"Europe/Berlin", "2030-12-31T23:59:59", ""},
		{"Europe/Berlin", "2030-12-31 10:00", ""},
		{"Europe/Berlin", "2030-02-30", ""},
		{"Europe/Berlin", "2030-1-1", ""},
		{"Europe/Berlin", "31.12.2030", ""},
		{"Europe/Berlin", "2030", ""},
		{"Europe/Berlin", "soon", ""},
	} {
		s := storetest.New(t, storetest.NewClock())
		text := strings.Replace(graphBase, "2030-12-31T22:59:00Z", test.text, 1)
		text = strings.Replace(text, "      preferredLanguage", "      timeZone: "+test.zone+"\n      preferredLanguage", 1)
		_, err := workspace.Apply(t.Context(), s, parseFaulty(t, text), options())
		if test.want == "" {
			if err == nil || !strings.Contains(err.Error(), "is neither a time with its zone") || strings.Contains(err.Error(),
				"\n") {
				t.Errorf("%s: %v", test.text, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if got := policyNamed(t, s, "Date").Expiration.EndFrom(time.Time{}).Format(time.RFC3339); got != test.want {
			t.Errorf("%s in %s is %s, want %s", test.text, test.zone, got, test.want)
		}
		changes, err := workspace.Plan(t.Context(), s, parseFaulty(t, text), options())
		if err != nil || len(changes) > 0 {
			t.Errorf("%s again: %v, %v", test.text, lines(changes), err)
		}
	}
}

// policyNamed is the policy with the name, of any package of the tenant m.example.
func policyNamed(t *testing.T, s *store.Store, name string) access.Policy {
	t.Helper()
	for _, x := range must(s.Tenants(t.Context()))(t) {
		for _, c := range must(s.Catalogs(t.Context(), x.ID))(t) {
			for _, p := range must(s.PackagesOf(t.Context(), x.ID, c.ID))(t) {
				for _, o := range must(s.PoliciesOf(t.Context(), x.ID, p.ID))(t) {
					if o.Name == name {
						return o
					}
				}
			}
		}
	}
	t.Fatalf("there is no policy %q", name)
	return access.Policy{}
}

// TestReportedFiles are files that people had trouble with: C47, the case of language tags;
// C48, a date without a time; C50, the language “no”; C51, aliases.
func TestReportedFiles(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile("testdata/cases/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	loopback := func(text string) access.Policy {
		t.Helper()
		s := storetest.New(t, storetest.NewClock())
		if _, err := workspace.Apply(t.Context(), s, parse(t, []byte(text)), options()); err != nil {
			t.Fatal(err)
		}
		return policyNamed(t, s, "Inside")
	}
	c47 := loopback(read("C47-language-case.yaml")).Questions[0].Localized
	if diff := cmp.Diff(access.Localized{"pt-br": "Por que?", "en-us": "Why?"}, c47); diff != "" {
		t.Errorf("C47: %s", diff)
	}
	c48 := loopback(strings.Replace(read("C48-date-only.yaml"), "directory: Acme\n", "directory: Acme\n    settings: "+
		"{timeZone: Asia/Tokyo}\n", 1)).Expiration
	if c48.Kind != access.AfterDate || !time.UnixMilli(c48.End).Equal(time.Date(2030, 12, 31, 15, 0, 0, 0, time.UTC)) {
		t.Errorf("C48: %+v", c48)
	}
	c50 := loopback(read("C50-norway.yaml")).Questions[0].Localized
	if diff := cmp.Diff(access.Localized{"no": "Hvorfor?", "nb": "Hvorfor?"}, c50); diff != "" {
		t.Errorf("C50: %s", diff)
	}
	c51 := loopback(strings.NewReplacer("x-defaults: &d\n  expiration: {", "x-defaults:\n  expiration: &d {",
		"<<: *d", "expiration: *d").Replace(read("C51-merge-keys.yaml"))).Expiration
	if c51.Days != 30 {
		t.Errorf("C51: %+v", c51)
	}
}
