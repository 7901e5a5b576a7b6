package workspace_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/internal/store/storetest"
	"myaccess/internal/workspace"
)

// passcodesFile is a tenant in which people of bigcorp.test sign in with passcodes.
const passcodesFile = `
directories:
  - displayName: Meridian Works
    domains: [meridian.example]
    provider: {issuer: "https://login.meridian.example", clientId: x, tokenEndpointAuthMethod: none}
tenants:
  - directory: Meridian Works
    directories:
      - {displayName: bigcorp.test, type: passcode, domains: [bigcorp.test]}
    users:
      - {displayName: Ada, mail: ada@bigcorp.test, directory: bigcorp.test, subject: ada@bigcorp.test}
    connectedOrganizations:
      - {displayName: BigCorp, description: Customer, identitySources: [bigcorp.test]}
`

// providerFile adds the provider, with the name that the passcodes have, and its domains.
func providerFile(domains string) []byte {
	return []byte(`
tenants:
  - directory: Meridian Works
    directories:
      - displayName: bigcorp.test
        ` + domains + `
        provider: {issuer: "https://login.bigcorp.test", clientId: x, tokenEndpointAuthMethod: none}
`)
}

// TestFileReplacesPasscodes: a file adds a provider for the domain of passcodes, even with
// their name, as the form does: not verified, and passcodes go on; verified, and the domain
// moves with everything that follows. Applying it again, or the export, changes nothing,
// and an empty database has the same from it. If the file takes the domain from the
// provider, passcodes are back.
func TestFileReplacesPasscodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, c *storetest.Clock) {
		ctx := context.Background()
		apply(t, s, []byte(passcodesFile))
		tenant := must(s.TenantByDomain(ctx, "meridian.example"))(t)
		passcodes := must(s.DirectoryByDomain(ctx, tenant.ID, "bigcorp.test"))(t)

		want := []string{"Create directory “bigcorp.test”"}
		if got := apply(t, s, providerFile("unverifiedDomains: [{domain: bigcorp.test}]")); !slices.Equal(got, want) {
			t.Errorf("changed %q", got)
		}
		if d := must(s.DirectoryByDomain(ctx, tenant.ID, "bigcorp.test"))(t); d.ID != passcodes.ID ||
			d.Name != "bigcorp.test (one-time passcode)" {
			t.Errorf("passcodes end before the domain is verified: %+v", d)
		}
		verified := providerFile("domains: [bigcorp.test]")
		if got := apply(t, s, verified); !slices.Equal(got, []string{"Update directory “bigcorp.test”"}) {
			t.Errorf("changed %q", got)
		}
		provider := must(s.DirectoryByDomain(ctx, tenant.ID, "bigcorp.test"))(t)
		if provider.Kind != access.DirectoryOpenID || provider.Name != "bigcorp.test" {
			t.Errorf("got %+v", provider)
		}
		if d := must(s.Directory(ctx, passcodes.ID))(t); d.Successor != provider.ID || d.FormerDomain != "bigcorp.test" {
			t.Errorf("got %+v", d)
		}
		for _, d := range []access.DirectoryID{passcodes.ID, provider.ID} {
			if o, ok, err := s.OrganizationOf(ctx, tenant.ID, d); !ok || o.Name != "BigCorp" || err != nil {
				t.Errorf("%+v, %v", o, err)
			}
		}
		first := exported(t, s)
		for _, again := range [][]byte{verified, first} {
			if got := apply(t, s, again); len(got) > 0 {
				t.Errorf("changed %q", got)
			}
		}
		other := storetest.New(t, c)
		apply(t, other, first)
		if second := exported(t, other); string(second) != string(first) {
			t.Errorf("exported\n%s\nand then\n%s", first, second)
		}
		apply(t, s, providerFile("unverifiedDomains: [{domain: bigcorp.test}]"))
		if d := must(s.DirectoryByDomain(ctx, tenant.ID, "bigcorp.test"))(t); d.ID != passcodes.ID || d.Successor != "" {
			t.Errorf("passcodes are not back: %+v", d)
		}
	})
}

// TestFaultsOfReplacedPasscodes: a file says what follows from the domains of providers,
// and cannot say otherwise.
func TestFaultsOfReplacedPasscodes(t *testing.T) {
	const start = "tenants:\n  - directory: Meridian Works\n    directories:\n"
	for text, want := range map[string]string{
		"directories:\n  - {displayName: Meridian Works, domains: [meridian.example], replacedBy: {directory: x, domain: " +
			"y.example},\n     provider: {issuer: \"https://login.meridian.example\", clientId: x, " +
			"tokenEndpointAuthMethod: none}}\n": "Use replacedBy only for a tenant's passcode directories",
		start + "      - {displayName: bigcorp.test, type: passcode, replacedBy: {directory: Meridian Works, domain: " +
			"meridian.example}}\n": "A provider replaces one-time passcodes when their domain is verified for it.",
		start + "      - {displayName: New, type: passcode, replacedBy: {directory: Meridian Works, domain: " +
			"other.example}}\n": "A provider replaces one-time passcodes when their domain is verified for it.",
		start + "      - {displayName: New, type: passcode, domains: [new.example], replacedBy: {directory: Meridian " +
			"Works, " +
			"domain: meridian.example}}\n": "A provider replaces one-time passcodes when their domain is verified for it.",
		start + "      - {displayName: New, type: passcode, replacedBy: {directory: Nowhere, domain: " +
			"x.example}}\n": "There's no directory “Nowhere”",
		"tenants:\n  - directory: Meridian Works\n    users:\n      - {displayName: Bo, mail: bo@meridian.example, " +
			"carriedFrom: {directory: Meridian Works, mail: bo@bigcorp.test}}\n": "“Meridian Works” isn't a passcode directory",
		"tenants:\n  - directory: Meridian Works\n    users:\n      - {displayName: Bo, mail: bo@meridian.example, " +
			"carriedFrom: {directory: bigcorp.test, mail: bo}}\n": "“bo” is not a mail address",
	} {
		s := storetest.New(t, storetest.NewClock())
		apply(t, s, []byte(passcodesFile))
		_, err := workspace.Apply(context.Background(), s, parse(t, []byte(text)), options())
		if _, ok := errors.AsType[workspace.Faults](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
