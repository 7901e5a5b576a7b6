package workspace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"

	"github.com/google/go-cmp/cmp"
)

// faultsOf applies the text to the store and returns its faults.
func faultsOf(t *testing.T, s *store.Store, text string) []string {
	t.Helper()
	_, err := workspace.Apply(context.Background(), s, parseFaulty(t, text),
		workspace.Options{ReadFile: func(string) ([]byte, error) { return nil, errors.New("not there") }})
	if err == nil {
		return nil
	}
	faults, ok := errors.AsType[workspace.Faults](err)
	if !ok {
		t.Fatalf("not faults, but %v", err)
	}
	return strings.Split(faults.Error(), "\n")
}

// Each line of the file is made invalid in turn: the one fault is reported with its line,
// and nothing is stored.
func TestEveryKeyChecked(t *testing.T) {
	tests := []struct{ line, spoiled, want string }{
		{"domains: [meridian.example, meridian-labs.example]", "domains: [meridian.example, Meridian.example]",
			"4: “Meridian.example” is not a domain"},
		{"domains: [harbor.example]", "domains: [harbor.example, meridian.example]",
			"16: meridian.example already belongs to “Meridian Works”"},
		{"issuer: https://login.meridian.example", "issuer: https://login.meridian.example?x=y",
			"6: “https://login.meridian.example?x=y” is not an issuer"},
		{"issuer: https://login.meridian.example", "issuer: http://127.0.0.1/", "6: “http://127.0.0.1/” is not an issuer"},
		{"clientId: portal", "clientId: ''", "7: Enter a client ID"},
		{"clientSecret: secret-of-meridian", "clientSecretFile: nowhere", "8: The client secret can't be read"},
		{"clientSecret: secret-of-meridian", "{}", "This isn't valid YAML"},
		{"tokenEndpointAuthMethod: client_secret_post", "tokenEndpointAuthMethod: guess",
			"9: “guess” is not a tokenEndpointAuthMethod"},
		{"domainHintParameter: hd", "domainHintParameter: hint", "10: “hint” is not a domainHintParameter"},
		{"tenantValue: 7b0c", "tenantValue: ''", "11: Enter both the tenant claim and its value"},
		{"enabled: false", "enabled: perhaps", "17: “perhaps” is not true or false"},
		{"directory: Meridian Works", "directory: Meridiem", "20: There's no directory “Meridiem”"},
		{"timeZone: Europe/Berlin", "timeZone: Europe/Atlantis", "24: “Europe/Atlantis” is not a time zone"},
		{"externalUserLifecycleAction: blockSignIn", "externalUserLifecycleAction: shout",
			"25: “shout” is not an action on guests"},
		{"daysUntilExternalUserDeleted: 45", "daysUntilExternalUserDeleted: -1", "26: Enter 0 to 3660 days before removal"},
		{"allowedDomains: [harbor.example]", "allowedDomains: [harbor]", "28: “harbor” is not a domain"},
		{"resourceVisibility: members", "resourceVisibility: some", "29: “some” is not a visibility"},
		{"timeZone: Europe/London", "timeZone: London", "38: “London” is not a time zone"},
		{"manager: omar@meridian.example", "manager: omar@meridian.test", "39: There's no user “omar@meridian.test”"},
		{"sponsors: [ida@meridian.example, omar@meridian.example]", "sponsors: [who@meridian.example]",
			"40: There's no user “who@meridian.example”"},
		{"mail: lena@meridian.example", "mail: lena@harbor.example", "35: “lena@harbor.example” is not an address of the " +
			"directory “Meridian Works”"},
		{"directory: Harbor Studio, userType: guest", "directory: Harbour, userType: guest",
			"42: There's no directory “Harbour”"},
		{"userType: guest", "userType: friend", "42: Set userType to guest"},
		{"subject: subject-of-omar", "subject: subject-of-lena",
			"43: The subject of “omar@meridian.example” is that of “lena@meridian.example”"},
		{"disabled: true", "disabled: true, userType: guest", "33: Set userType to guest"},
		{"displayName: Ida Falk", "displayName: ' '", "33: Enter a name"},
		{"type: group", "type: crowd", "45: Choose a type"},
		{"members: [lena@meridian.example, omar@meridian.example]", "members: [eve@meridian.example]",
			"45: There's no user “eve@meridian.example”"},
		{`webUrl: "https://ledger.meridian.example/"`, "webUrl: 'javascript:alert(1)'",
			"46: Enter a link that begins with https:// or http://"},
		{"state: proposed", "state: famous", "50: “famous” is not a state"},
		{"identitySources: [harbor.example]", "identitySources: [meridian.example]",
			"51: “Meridian Works” is your own directory. Its people are members, not partners"},
		{"identitySources: [harbor.example]", "identitySources: [nowhere.example]",
			"51: There's no directory with the domain “nowhere.example”"},
		{"identitySources: [harbor.example]", "identitySources: []", "51: A connected organization needs a directory or a " +
			"domain"},
		{"internalSponsors: [lena@meridian.example]", "internalSponsors: [eve@meridian.example]",
			"52: There's no user “eve@meridian.example”"},
		{"externalSponsors: [mira@harbor.example]", "externalSponsors: [eve@harbor.example]",
			"54: There's no user “eve@harbor.example”"},
		{"state: unpublished", "state: hidden", "58: The state must be published or unpublished"},
		{"resources: [Approvers, Ledger]", "resources: [Approvers, Ledger, Safe]", "60: There's no resource “Safe”"},
		{"description: Team of the project", "description: ''", "63: Enter a description"},
		{"{resource: Ledger, role: Viewer}", "{resource: Ledger, role: Owner}",
			"65: “Ledger” has no role “Owner”. Its roles are Bookkeeper and Viewer."},
		{"{resource: Ledger, role: Viewer}", "{resource: Safe, role: Owner}",
			"65: The catalog “Partner projects” has no resource “Safe”"},
		{"allowedTargetScope: allMemberUsers", "allowedTargetScope: friends", "96: “friends” is not a scope"},
		{"connectedOrganization: Harbor Studio", "connectedOrganization: Harbour",
			"70: There's no connected organization “Harbour”"},
		{"{connectedOrganization: Harbor Studio}", "{connectedOrganization: Harbor Studio, group: Approvers}",
			"70: Name exactly one user, group or connectedOrganization"},
		{"daysBeforeAutomaticDenial: 3", "daysBeforeAutomaticDenial: 15", "75: Stage 1: enter 1 to 14 days for a decision"},
		{"{group: Approvers}]", "{group: Deciders}]", "77: There's no group or team “Deciders”"},
		{"{group: Approvers}]", "{group: Ledger}]", "77: There's no group or team “Ledger”"},
		{"primaryApprovers: [{user: lena@meridian.example}, {group: Approvers}]", "primaryApprovers: []",
			"77: Stage 1 has no approver"},
		{"expiration: {endDateTime: 2026-12-31T22:59:00Z}", "expiration: {endDateTime: soon}", "78: "},
		{"durationInDays: 90", "durationInDays: 90, durationInHours: 2", "97: Assignments end on a date"},
		{`approverDetails: "no"`, "approverDetails: never", "80: “never” is not valid. Use default, yes or no."},
		{"type: shortText", "type: riddle", "83: Question 1"},
		{`regexPattern: "PO-[0-9]{6}"`, `regexPattern: "PO-["`, "87: Question 1"},
		{"{actualValue: read, text: Reading, localizations: {de: Lesen}}", "{actualValue: read, text: ''}", "94: Question 2"},
		{"id: use", "id: order", "92: Question 2"},
		{"role: catalogOwner", "role: boss", "103: “boss” is not a role"},
		{"catalog: Partner projects}", "catalog: Projects}", "103: There's no catalog “Projects”"},
		{"role: globalAdministrator, user: lena@meridian.example", "role: globalAdministrator, user: eve@meridian.example",
			"104: There's no user “eve@meridian.example”"},
		{"role: globalAdministrator", "role: catalogReader", "104: Choose a catalog for a catalog role"},
	}
	sound := strings.ReplaceAll(string(everyKey(t)), "clientSecretFile: meridian.secret",
		"clientSecret: secret-of-meridian")
	s := storetest.New(t, storetest.NewClock())
	for _, test := range tests {
		t.Run(test.spoiled, func(t *testing.T) {
			if strings.Count(sound, test.line) == 0 {
				t.Fatalf("the sample has no %q", test.line)
			}
			got := faultsOf(t, s, strings.Replace(sound, test.line, test.spoiled, 1))
			want := test.want
			if want[0] >= '0' && want[0] <= '9' {
				want = "Line " + want
			}
			if !slices.ContainsFunc(got, func(fault string) bool { return strings.HasPrefix(fault, want) }) {
				t.Errorf("got %q, want %q", got, want)
			}
			if !strings.HasPrefix(want, "This isn't valid YAML") {
				expectWithUnknownKeys(t, s, strings.Replace(sound, test.line, test.spoiled, 1), got)
			}
			if dirs := must(s.Directories(context.Background(), ""))(t); len(dirs) != 0 {
				t.Errorf("%d directories are stored in spite of it", len(dirs))
			}
		})
	}
	if got := faultsOf(t, s, sound); len(got) != 0 {
		t.Errorf("the sample itself: %v", got)
	}
}

// expectWithUnknownKeys checks that unknown keys at the end of the text, and a value of the
// wrong type, are reported beside the other faults, and hide none.
func expectWithUnknownKeys(t *testing.T, s *store.Store, text string, want []string) {
	t.Helper()
	end := strings.Count(text, "\n")
	want = append(slices.Clone(want), fmt.Sprintf("Line %d: Unknown key “colour”.", end+1),
		fmt.Sprintf("Line %d: Unknown key “displayNam”. Did you mean “displayName”?", end+2),
		fmt.Sprintf("Line %d: This must be a text.", end+3))
	got := faultsOf(t, s, text+"  - colour: red\n    displayNam: Elsewhere\n    directory: []\n")
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("with unknown keys: want (-), got (+): %s", diff)
	}
}

// All faults are reported together, ordered by line.
func TestAllFaultsReported(t *testing.T) {
	text := string(everyKey(t))
	for _, change := range [][2]string{
		{"issuer: https://login", "issuer: http://login"}, {"timeZone: Europe/Berlin", "timeZone: Moon"},
		{"members: [lena@", "members: [eve@"},
		{"state: proposed", "state: famous"}, {"role: Viewer", "role: Owner"}, {"durationInDays: 90", "durationInDays: -90"},
		{"role: catalogOwner", "role: boss"},
	} {
		text = strings.Replace(text, change[0], change[1], 1)
	}
	got := faultsOf(t, storetest.New(t, storetest.NewClock()),
		strings.ReplaceAll(text, "clientSecretFile: meridian.secret", "clientSecret: x"))
	want := []string{"Line 6: ", "Line 24: ", "Line 45: ", "Line 50: ", "Line 65: ", "Line 97: ", "Line 103: "}
	if len(got) != len(want) {
		t.Fatalf("got %d faults:\n%s", len(got), strings.Join(got, "\n"))
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("got %q, want %q…", got[i], want[i])
		}
	}
}

// A duplicate would be changed twice at every apply.
func TestDuplicateNames(t *testing.T) {
	for kind, start := range map[string]string{
		"directory":              "  - displayName: Harbor Studio\n    domains: [harbor.example]",
		"tenant":                 "  - directory: Harbor Studio\n    settings:",
		"user":                   "      - {displayName: Omar Haddad, mail: omar@meridian.example, subject: subject-of-omar}",
		"resource":               "      - {displayName: Ledger, type: application",
		"connected organization": "      - displayName: Harbor Studio\n        description: Design agency",
		"catalog":                "      - displayName: Partner projects\n",
		"access package":         "          - displayName: Tidal project\n",
		"policy":                 "              - displayName: In days\n",
	} {
		t.Run(kind, func(t *testing.T) {
			text := everyKey(t)
			begin := bytes.Index(text, []byte(start))
			if begin < 0 {
				t.Fatalf("the sample has no %q", start)
			}
			// Lines that are indented further belong to the object.
			end, indent := begin, len(start)-len(strings.TrimLeft(start, " "))
			for first := true; end < len(text); first = false {
				line := string(text[end : end+bytes.IndexByte(text[end:], '\n')+1])
				if !first && len(line)-len(strings.TrimLeft(line, " ")) <= indent {
					break
				}
				end += len(line)
			}
			twice := string(text[:end]) + string(text[begin:end]) + string(text[end:])
			got := faultsOf(t, storetest.New(t, storetest.NewClock()),
				strings.ReplaceAll(twice, "clientSecretFile: meridian.secret", "clientSecret: x"))
			if len(got) == 0 || !strings.Contains(strings.Join(got, "\n"), ": The "+kind+" “") ||
				!strings.Contains(got[0], "already") {
				t.Errorf("got %q", got)
			}
		})
	}
}

// Valid YAML that is not a valid workspace file.
func TestUnsupportedYAML(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"nothing": {"", "The file is empty."},
		"a second document": {"directories: []\n---\ntenants: []\n",
			"Line 2: This is a second YAML document. Put everything in one."},
		"a broken second document": {"directories: []\n---\na: [\n", "This isn't valid YAML"},
		"empty entry":              {"directories:\n  -\n", "Line 2: This entry is empty."},
		"an empty name in a list": {"directories:\n  - {displayName: X, domains: [~], provider: {issuer: " +
			"'https://x.example', clientId: x, clientSecret: x}}\n", "Line 2: This entry is empty."},
		"a key that is there twice": {"directories: []\ndirectories: []\n", "Line 2: "},
		"a list instead of a value": {"directories:\n  - displayName: [a]\n", "Line 2: "},
		"an anchor that contains itself": {
			"directories: &a\n  - *a\n", "Line 1: "},
		"an unknown key behind an alias": {
			"tenants:\n  - directory: X\n    users:\n      - {displayName: A, mail: a@x.example, attributes: &a {issuer: " +
				"'https://x.example', colour: z}}\n" +
				"directories:\n  - displayName: X\n    domains: [x.example]\n    provider: *a\n", "Line 4: Unknown key “colour”"},
		"a key that resembles none": {"zzzzzzzzzzzzzzzzzzz: 1\n", "Line 1: Unknown key “zzzzzzzzzzzzzzzzzzz”"},
	} {
		t.Run(name, func(t *testing.T) {
			got := faultsOf(t, storetest.New(t, storetest.NewClock()), test.text)
			if len(got) == 0 || !strings.HasPrefix(got[0], test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if name == "a key that resembles none" && strings.Contains(got[0], "did you mean") {
				t.Errorf("got %q", got)
			}
		})
	}
}

// A value of the wrong type hides no other fault, neither of the same object nor of those
// that refer to it, and causes none.
func TestWrongTypesHideNothing(t *testing.T) {
	text := `directories:
  - displayName: M
    domains: [m.example]
    provider: {issuer: "https://m.example", clientId: x, clientSecret: y}
tenants:
  - directory: M
    users:
      - {displayName: Ida, mail: ida@m.example, disabled: perhaps, timeZone: Moon}
      - {displayName: Omar, mail: omar@m.example, manager: ida@m.example, sponsors: [eve@m.example], subject: [x]}
      - [a]
    resources:
      - {displayName: G, type: group, members: [omar@m.example, eve@m.example], description: {a: b}}
    catalogs:
      - displayName: C
        isExternallyVisible: 7
        resources: [G]
        accessPackages:
          - displayName: P
            description: [p]
            assignmentPolicies:
              - {displayName: A, allowedTargetScope: friends, specificAllowedTargets: {group: G}}
              - displayName: B
                allowedTargetScope: allMemberUsers
                requestApprovalSettings:
                  stages: [{daysBeforeAutomaticDenial: soon, primaryApprovers: [{user: eve@m.example}]}]
                questions: [{id: q, type: riddle, text: Q, isRequired: 1.5}]
    roleAssignments: [{role: boss, user: ida@m.example, catalog: {a: b}}]
`
	got := faultsOf(t, storetest.New(t, storetest.NewClock()), text)
	for i, line := range got {
		got[i], _, _ = strings.Cut(line, " is not")
	}
	const aText = "This must be a text."
	want := []string{"Line 8: “perhaps”", "Line 8: “Moon”", "Line 9: " + aText,
		"Line 9: There's no user “eve@m.example”.", "Line 10: This must be a mapping.", "Line 12: " + aText,
		"Line 12: There's no user “eve@m.example”.", "Line 15: “7”", "Line 19: " + aText,
		"Line 21: This must be a list.", "Line 21: “friends”", "Line 25: “soon”",
		"Line 25: There's no user “eve@m.example”.", "Line 26: “1.5”", "Line 26: Question 1: “riddle”",
		"Line 27: " + aText, "Line 27: “boss”"}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-), got (+): %s", diff)
	}
}

// A misspelled key is one fault: its value is read as that of the key that it resembles.
func TestMisspelledKeyIsOneFault(t *testing.T) {
	got := faultsOf(t, storetest.New(t, storetest.NewClock()),
		"directories:\n  - displayNam: M\n    domians: [m.example]\n"+
			"    provider: {issuer: 'https://m.example', clientID: x, clientSecret: y}\ntenants:\n  - directory: M\n")
	want := []string{"Line 2: Unknown key “displayNam”. Did you mean “displayName”?",
		"Line 3: Unknown key “domians”. Did you mean “domains”?",
		"Line 4: Unknown key “clientID”. Did you mean “clientId”?"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-), got (+): %s", diff)
	}
}
