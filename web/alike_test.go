package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/workspace"
)

// TestFormsAndFilesRefuseAlike posts administrators' forms and plans workspace
// files with the same faults: the same sentence is at the same field of the form
// and at the line of the file.
func TestFormsAndFilesRefuseAlike(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("chief")
	o := p.Package("Tidal", access.Policy{Name: "Crew", Scope: access.ScopeMembers})
	const tenant = "tenants:\n  - directory: Meridian Works\n"
	policy := tenant + "    catalogs:\n      - displayName: " + p.Catalog.Name + "\n        isExternallyVisible: true\n" +
		"        accessPackages:\n          - displayName: Tidal\n            description: d\n" +
		"            assignmentPolicies:\n              - displayName: Crew\n                allowedTargetScope: " +
		"allMemberUsers\n"
	long := strings.Repeat("x", access.MaxDescriptionLength+1)
	editPolicy := policiesOf(o) + "/" + string(o.Policies[0].ID) + "/edit"
	ida := home + "/admin/people/" + string(p.Ida.ID) + "/edit"
	const idaInFile = tenant + "    users:\n      - displayName: Ida Falk\n        mail: ida@meridian.example\n"
	for name, c := range map[string]struct {
		form  string
		typed url.Values
		field string
		file  string // with “#!” after the line of the fault
	}{
		"a time zone": {home + "/admin/settings", url.Values{"timeZone": {"Moon"}}, "timeZone",
			tenant + "    settings:\n      timeZone: Moon #!\n"},
		"days of guests": {home + "/admin/settings", url.Values{"daysUntilExternalUserDeleted": {"3661"}},
			"daysUntilExternalUserDeleted", tenant + "    settings:\n      daysUntilExternalUserDeleted: 3661 #!\n"},
		"a domain of the settings": {home + "/admin/settings", url.Values{"domainRule": {"allow"}, "domains": {"10.0.0.1"}},
			"domains", tenant + "    settings:\n      allowedDomains:\n        - 10.0.0.1 #!\n"},
		"days of a policy": {editPolicy, url.Values{"expiration": {"days"}, "expiration.days": {"3661"}}, "expiration.days",
			policy + "                expiration:\n                  durationInDays: 3661 #!\n"},
		"the description of a policy": {editPolicy, url.Values{"policyDescription": {long}}, "policyDescription",
			policy + "                description: " + long + " #!\n"},
		"a person's time zone": {ida, url.Values{"timeZone": {"Moon"}}, "timeZone",
			idaInFile + "        timeZone: Moon #!\n"},
		"a person's language": {ida, url.Values{"language": {"en_US"}}, "language",
			idaInFile + "        preferredLanguage: en_US #!\n"},
		"the description of a catalog": {home + "/admin/catalogs/" + string(p.Catalog.ID) + "/edit",
			url.Values{"description": {long}}, "description", tenant + "    catalogs:\n      - displayName: " +
				p.Catalog.Name + "\n        isExternallyVisible: true\n        description: " + long + " #!\n"},
	} {
		b := p.as("chief").opens(c.form).presses("Save", c.typed).sees(http.StatusUnprocessableEntity)
		sentence := b.faultAt(c.field)
		f, err := workspace.Parse([]byte(strings.ReplaceAll(c.file, " #!", "")))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, err = workspace.Plan(t.Context(), p.Store, f, workspace.Options{})
		faults, _ := errors.AsType[workspace.Faults](err)
		before, _, _ := strings.Cut(c.file, "#!")
		want := workspace.Fault{Line: strings.Count(before, "\n") + 1, Text: sentence, Kind: access.Invalid, Field: c.field}
		if len(faults) != 1 || faults[0] != want || sentence == "" {
			t.Errorf("%s: the form says %q at %s, the file %+v, %v", name, sentence, c.field, faults, err)
		}
	}
}
