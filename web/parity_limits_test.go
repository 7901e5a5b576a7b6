package web

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

// crowd is a file with 501 members u0 to u500, 51 guests g0 to g50, and six
// applications of 20 roles in the catalog C.
func crowd() string {
	text := parityTenant + "    users:\n"
	for i := range 501 {
		text += fmt.Sprintf("      - {displayName: U%d, mail: u%d@meridian.example}\n", i, i)
	}
	for i := range 51 {
		text += fmt.Sprintf("      - {displayName: G%d, mail: g%d@gmail.com, directory: Mailers, userType: guest}\n", i, i)
	}
	text += "    resources:\n"
	for i := range 6 {
		text += fmt.Sprintf("      - {displayName: App%d, type: application, roles: [%s]}\n", i,
			series("r%d", 20))
	}
	return text + "    catalogs:\n      - displayName: C\n        isExternallyVisible: true\n" +
		"        resources: [App0, App1, App2, App3, App4, App5]\n"
}

// applyCrowd applies crowd, and adds the provider Port of the tenant, which has as
// many domains as it can have.
func (a *parityFixture) applyCrowd() {
	a.t.Helper()
	a.apply(crowd())
	d := access.Directory{Kind: access.DirectoryOpenID, Name: "Port", Issuer: "https://login.port.example", ClientID: "x",
		ClientSecret: "y", AuthStyle: access.AuthBasic, HintStyle: access.HintNone}
	for _, name := range numbered("p%d.example", 100) {
		d.Domains = append(d.Domains, access.Domain(name))
	}
	_, err := a.Admin.SaveOrganization(a.t.Context(), a.Lena, admin.Connecting{New: []access.Directory{d},
		Organization: access.Organization{Name: "Port", Description: "p", State: access.Proposed}})
	if err != nil {
		a.t.Fatal(err)
	}
}

// series is a list of n texts of the format.
func series(format string, n int) string { return strings.Join(numbered(format, n), ", ") }

// numbered are n texts of the format, with the numbers from 0.
func numbered(format string, n int) (texts []string) {
	for i := range n {
		texts = append(texts, fmt.Sprintf(format, i))
	}
	return texts
}

// limitRefusals are lists and texts with one more than allowed. The numbers are
// written here, so that a limit that moves is noticed.
func limitRefusals() map[string]parityCase {
	targets := url.Values{"allowedTargetScope": {"specificDirectoryUsers"}, "targets.people": numbered("{u%d}", 501)}
	manyQuestions, questions := []map[string]string{}, forMembers+"  questions: #!\n"
	for i := range 51 {
		manyQuestions = append(manyQuestions, map[string]string{"id": fmt.Sprint("q", i)})
		questions += fmt.Sprintf("    - {id: q%d, type: shortText, text: \"Why?\"}\n", i)
	}
	question := func(text string, parts map[string]string) parityCase {
		return policyCase(forMembers+"  questions:\n    - id: q\n      text: Why?\n"+text, asked(parts))
	}
	var roles []string
	scopes := "            resourceRoleScopes: #!\n"
	for i := range 101 {
		roles = append(roles, fmt.Sprintf("{role App%d.r%d}", i/20, i%20))
		scopes += fmt.Sprintf("              - {resource: App%d, role: r%d}\n", i/20, i%20)
	}
	organization := "      - displayName: O\n        description: d\n        state: proposed\n" +
		"        identitySources: [gmail.com]\n"
	limits := map[string]parityCase{
		"501 targets of a policy": policyCase("- displayName: A\n  allowedTargetScope: specificDirectoryUsers\n"+
			"  specificAllowedTargets: #!\n"+strings.Join(numbered("    - {user: u%d@meridian.example}\n", 501), ""), targets),
		"501 approvers of a stage": policyCase(forMembers+"  requestApprovalSettings:\n    stages:\n"+
			"      - primaryApprovers: #!\n"+strings.Join(numbered("          - {user: u%d@meridian.example}\n", 501), ""),
			url.Values{"stages": {"1"}, "stages.1.days": {"14"}, "stages.1.reason": {"no"},
				"stages.1.approvers": numbered("{u%d}", 501)}),
		"51 internal sponsors": {file: parityTenant + "    connectedOrganizations:\n" + organization +
			"        internalSponsors: [" + series("u%d@meridian.example", 51) + "] #!\n",
			form: newOrganizationForm(url.Values{"internalSponsors": numbered("{u%d}", 51)})},
		"51 external sponsors": {file: parityTenant + "    connectedOrganizations:\n" + organization +
			"        externalSponsors: [" + series("g%d@gmail.com", 51) + "] #!\n",
			form: newOrganizationForm(url.Values{"externalSponsors": numbered("{g%d}", 51)})},
		"101 roles of a package": {file: parityTenant + "    catalogs:\n      - displayName: C\n" +
			"        isExternallyVisible: true\n        accessPackages:\n          - displayName: P\n            description: " +
			"p\n" +
			scopes,
			form: typedForm{"/access-packages/{package P}/roles/change", url.Values{"role": roles}}},
		"101 roles of a new package": {file: parityTenant + "    catalogs:\n      - displayName: C\n" +
			"        isExternallyVisible: true\n        accessPackages:\n          - displayName: N\n            description: " +
			"n\n" +
			scopes,
			form: newPackageForm("{catalog C}", url.Values{"role": roles})},
		"21 attributes": personCase("        displayName: Nils\n        attributes: {"+series("a%d: b", 21)+"} #!\n",
			url.Values{"attributes": {strings.Join(numbered("a%d: b", 21), "\n")}}),
		"6 sponsors of a " +
			"guest": {file: parityTenant + "    users:\n      - mail: mara@gmail.com\n        displayName: Mara\n" +
			"        directory: Mailers\n        userType: guest\n        sponsors: [" + series("u%d@meridian.example", 6) +
			"] #!\n",
			form: typedForm{"/people/{person mara}/edit", url.Values{"sponsors": numbered("{u%d}", 6)}}},
		"51 questions": policyCase(questions, asked(manyQuestions...)),
		"101 choices": question("      type: multipleChoice\n      choices: ["+
			series("{actualValue: c%[1]d, text: c%[1]d}", 101)+"] #!\n",
			map[string]string{"kind": "multipleChoice", "choices": strings.Join(numbered("c%d", 101), "\n")}),
		"a pattern of 501 characters": question("      type: shortText\n      regexPattern: "+strings.Repeat("x", 501)+
			" #!\n", map[string]string{"pattern": strings.Repeat("x", 501)}),
		"101 translations": question("      type: shortText\n      localizations: {"+series("de-%d: x", 101)+"} #!\n",
			map[string]string{"texts": strings.Join(numbered("de-%d: x", 101), "\n")}),
		"an id of 65 characters": policyCase(forMembers+"  questions:\n    - id: "+strings.Repeat("x", 65)+
			"\n      type: shortText\n      text: Why? #!\n", asked(map[string]string{"id": strings.Repeat("x", 65)})),
	}
	const beginning = "directories:\n  - displayName: D\n    domains: [d.example]\n    provider:\n" +
		"      issuer: https://login.d.example\n      clientId: x\n      clientSecret: y\n"
	limits["101 domains"] = parityCase{file: "directories:\n  - displayName: D\n    provider:\n" +
		"      {issuer: \"https://login.d.example\", clientId: x, clientSecret: y}\n    domains: [" +
		series("d%d.example", 101) + "] #!\n",
		form: typedForm{"/organizations/providers/{directory Port}/domains", url.Values{"domain": {"p100.example"}}}}
	limits["11 confirmed hosts"] = parityCase{file: beginning + "      confirmedHosts: [" + series("h%d.d.example", 11) +
		"] #!\n", form: newProviderForm(url.Values{"provider.confirmedHosts": {strings.Join(numbered("h%d.d.example", 11),
		"\n")}})}
	limits["scopes of 501 characters"] = parityCase{file: beginning + "      scopes: [" + strings.Repeat("x", 501) +
		"] #!\n", form: newProviderForm(url.Values{"provider.scopes": {strings.Repeat("x", 501)}})}
	return limits
}

// TestLongListsRefusedAlike is TestFormsAndFilesRefuseAlike for lists and texts
// over their maximum.
func TestLongListsRefusedAlike(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		a, browsers := newParityFixture(t, s, c), map[string]*browser{}
		a.applyCrowd()
		for name, c := range limitRefusals() {
			a.compare(name, c, browsers)
		}
	})
}
