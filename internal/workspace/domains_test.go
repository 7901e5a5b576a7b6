package workspace_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/admin"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// TestDomainOfTenantProvider: a file cannot add a domain to a directory if a tenant's own
// provider has verified it. The fault is at the line of the domain, and the directory's
// people are checked too.
func TestDomainOfTenantProvider(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx, use := context.Background(), admin.New(admin.Config{Store: s})
		apply(t, s, []byte(smallBase))
		tenant := must(s.TenantByDomain(ctx, "m.example"))(t)
		lena := must(s.PeopleByEmail(ctx, tenant.ID, "lena@m.example"))(t)[0]
		_, err := use.SaveOrganization(ctx, lena, admin.Connecting{
			Organization: access.Organization{Name: "Ships", Description: "d", State: access.Configured},
			New: []access.Directory{{Kind: access.DirectoryOpenID, Name: "Ships", Issuer: "https://login.ships.example",
				ClientID: "x", AuthStyle: access.AuthNone, HintStyle: access.HintNone, Scopes: []string{"profile"},
				Domains: []access.Domain{"ships.example"}}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := use.Vouch(ctx, tenant.ID, "ships.example"); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"a new directory": `directories:
  - displayName: Boats
    domains:
      - boats.example
      - boats.example
      - ships.example #!
      - more.example
    provider: {issuer: "https://b.example", clientId: x, clientSecret: y}
tenants:
  - directory: Boats
    users: [{displayName: Noor, mail: noor@ships.example}]
`,
			"a known directory": `directories:
  - displayName: Mailers
    provider: {issuer: "https://g.example", clientId: x}
    domains:
      - gmail.com
      - ships.example #!
`,
		} {
			_, err := workspace.Plan(ctx, s, parse(t, []byte(strings.ReplaceAll(text, " #!", ""))), options())
			faults, _ := errors.AsType[workspace.Faults](err)
			const sentence = "ships.example is a verified domain of the provider “Ships” of “M”. Remove it there first."
			line := strings.Count(text[:strings.Index(text, "#!")], "\n") + 1
			if len(faults) != 1 || faults[0].Line != line || faults[0].Text() != sentence || faults[0].Kind != access.Conflict {
				t.Errorf("%s: %v, want one fault at line %d", name, err, line)
			}
		}
		text := "directories:\n  - displayName: Mailers\n    provider: {issuer: \"https://g.example\", clientId: x}\n" +
			"    domains: [gmail.com, more.example]\n"
		if done := apply(t, s, []byte(text)); len(done) != 1 {
			t.Errorf("another domain is given: %v", done)
		}
	})
}

// TestClaimedDomainOfInstallation: a domain that waits for its record can belong to a
// directory of the installation by then. It is exported, and can be applied elsewhere.
func TestClaimedDomainOfInstallation(t *testing.T) {
	c := storetest.NewClock()
	s := storetest.New(t, c)
	apply(t, s, []byte("directories:\n  - {displayName: M, domains: [m.example], provider: {issuer: 'https://m.example', "+
		"clientId: x, clientSecret: y}}\ntenants:\n  - directory: M\n    directories:\n      - {displayName: Own, "+
		"unverifiedDomains: [{domain: later.example}], provider: {issuer: 'https://o.example', clientId: x, clientSecret: "+
		"y}}\n"))
	apply(t, s, []byte("directories:\n  - {displayName: M, domains: [m.example, later.example], provider: {issuer: "+
		"'https://m.example', clientId: x}}\n"))
	roundTrip(t, s, c, "sqlite")
}

// TestApproverOfALostDomain: a person whose domain has been removed from a provider can't
// sign in, and has another domain of it where the export is applied. The policy that only
// this person could approve is exported so that both databases have the same export.
func TestApproverOfALostDomain(t *testing.T) {
	c := storetest.NewClock()
	s := storetest.New(t, c)
	const partner = "  - {displayName: P, domains: [%s], provider: {issuer: 'https://p.example', clientId: x, " +
		"clientSecret: y}}\n"
	apply(t, s, []byte("directories:\n  - {displayName: M, domains: [m.example], provider: {issuer: 'https://m.example', "+
		"clientId: x, clientSecret: y}}\n"+fmt.Sprintf(partner, "p.example, q.example")+`tenants:
  - directory: M
    users:
      - {displayName: Ana, mail: ana@q.example, directory: P}
    connectedOrganizations:
      - {displayName: P, description: d, identitySources: [p.example]}
    catalogs:
      - displayName: C
        description: d
        isExternallyVisible: true
        accessPackages:
          - displayName: Tidal
            description: d
            assignmentPolicies:
              - displayName: Crew
                allowedTargetScope: allMemberUsers
                requestApprovalSettings:
                  stages: [{daysBeforeAutomaticDenial: 7, primaryApprovers: [{user: ana@q.example}]}]
`))
	apply(t, s, []byte("directories:\n"+fmt.Sprintf(partner, "p.example")))
	roundTrip(t, s, c, "sqlite")
}
