package workspace_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
)

const lookalikeBase = `directories:
  - displayName: M
    domains: [m.example, b\u00fccher.example]
    provider: {issuer: "https://m.example", clientId: x, clientSecret: y}
tenants:
  - directory: M
    users:
      - {displayName: Fiona, mail: fiona@m.example}
      - {displayName: Eva, mail: eva@b\u00fccher.example}
    resources:
      - {displayName: Finance, type: group}
      - {displayName: Office, type: group, description: stays}
    catalogs:
      - displayName: Files
        description: stays
        resources: [Finance]
        accessPackages:
          - displayName: Fish
            description: stays
            assignmentPolicies: [{displayName: Fine, description: stays, allowedTargetScope: allMemberUsers}]
`

// Names and addresses that only look like those of stored objects mean none of them: a
// new object is refused as a duplicate, a reference finds nothing (C15). Addresses and
// domains may be written in either form (C14).
func TestLookalikes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		decode := strings.NewReplacer(`\u00fc`, "\u00fc").Replace
		apply(t, s, []byte(decode(lookalikeBase)))
		before := string(exported(t, s))
		const tenant = "tenants:\n  - directory: M\n"
		for name, test := range map[string]struct{ text, want string }{
			"a group": {tenant + "    resources: [{displayName: O\ufb03ce, type: group, description: other}]\n",
				"Line 3: A resource with this name already exists in the directory."},
			"a catalog": {tenant + "    catalogs: [{displayName: \ufb01les}]\n",
				"Line 3: A catalog with this name already exists."},
			"a package": {tenant + "    catalogs:\n      - displayName: Files\n        description: stays\n" +
				"        accessPackages: [{displayName: \ufb01sh, description: other}]\n",
				"Line 6: There is an access package with this name in the catalog already."},
			"a policy": {tenant + "    catalogs:\n      - displayName: Files\n        description: stays\n" +
				"        accessPackages: [{displayName: Fish, description: stays, assignmentPolicies: [{displayName: \ufb01ne, " +
				"allowedTargetScope: allMemberUsers}]}]\n",
				"Line 6: The access package has a policy with this name already."},
			"a resource of a catalog": {tenant + "    catalogs: [{displayName: Files, description: stays, " +
				"resources: [\ufb01nance]}]\n", "Line 3: There's no resource “\ufb01nance”."},
			"a member": {tenant + "    resources: [{displayName: Office, type: group, description: stays, " +
				"members: [\ufb01ona@m.example]}]\n", "Line 3: There's no user “\ufb01ona@m.example”."},
			"a role of a person": {tenant + "    roleAssignments: [{role: catalogCreator, user: \ufb01ona@m.example}]\n",
				"Line 3: There's no user “\ufb01ona@m.example”."},
			"a role of a group": {tenant + "    roleAssignments: [{role: catalogCreator, group: \ufb01nance}]\n",
				"Line 3: There's no group or team “\ufb01nance”."},
			"a domain": {"directories:\n  - displayName: N\n    domains: [n.example, \uff4d.example]\n" +
				"    provider: {issuer: \"https://n.example\", clientId: x, clientSecret: y}\n",
				"Line 3: “\uff4d.example” is not a domain name such as partner.example."},
		} {
			got := faultsOf(t, s, test.text)
			if diff := cmp.Diff([]string{test.want}, got); diff != "" {
				t.Errorf("%s: want (-), got (+): %s", name, diff)
			}
		}
		if diff := cmp.Diff(before, string(exported(t, s))); diff != "" {
			t.Errorf("something has changed: %s", diff)
		}
		done := apply(t, s, []byte(tenant+"    users:\n      - {displayName: Mallory, mail: \ufb01ona@m.example}\n"+
			"      - {displayName: Eva, mail: eva@xn--bcher-kva.example}\n      - {displayName: Fiona, mail: "+
			"FIONA@m.example}\n"))
		if diff := cmp.Diff([]string{"Create user “\ufb01ona@m.example”", "Update user “eva@xn--bcher-kva.example”",
			"Update user “FIONA@m.example”"}, done); diff != "" {
			t.Error(diff)
		}
		m, err := s.TenantByDomain(ctx, "m.example")
		if err != nil {
			t.Fatal(err)
		}
		for address, name := range map[string]string{"fiona@m.example": "Fiona", "\ufb01ona@m.example": "Mallory",
			"eva@b\u00fccher.example": "Eva"} {
			found := must(s.PeopleByEmail(ctx, m.ID, address))(t)
			if len(found) != 1 || found[0].Name != name || found[0].Kind != access.Member {
				t.Errorf("%q: %+v", address, found)
			}
		}
	})
}
