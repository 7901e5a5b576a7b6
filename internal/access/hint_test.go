package access_test

import (
	"errors"
	"strings"
	"testing"

	"myaccess/internal/access"
)

// C09: what a provider gets as domain hint, by the parameter, the value for the directory
// and that for the domain.
func TestHint(t *testing.T) {
	const none, entra, google, keycloak, dex = access.HintNone, access.HintDomain, access.HintHosted,
		access.HintKeycloak, access.HintConnector
	for _, test := range []struct {
		style           access.HintStyle
		value, ofDomain string
		claim           string
		domain          access.Domain
		want            string
	}{
		{none, "", "", "", "a.example", ""}, {none, "x", "y", "", "a.example", ""}, {"", "x", "y", "", "a.example", ""},
		{entra, "", "", "", "a.example", "domain_hint=a.example"}, {entra, "", "", "", "", ""},
		{entra, "x", "", "", "a.example", "domain_hint=x"}, {entra, "x", "y", "", "a.example", "domain_hint=y"},
		{entra, "", "", "tid", "a.example", "domain_hint=a.example"},
		{google, "", "", "", "a.example", "hd=a.example"}, {google, "", "", "hd", "a.example", "hd=claimed"},
		{google, "*", "", "hd", "a.example", "hd=*"}, {google, "", "", "hd", "", ""},
		{google, "", "", "org", "a.example", "hd=a.example"},
		{keycloak, "", "", "", "a.example", ""}, {dex, "", "", "", "a.example", ""}, {dex, "", "", "hd", "a.example", ""},
		{keycloak, "x", "", "", "a.example", "kc_idp_hint=x"}, {dex, "x", "y", "", "a.example", "connector_id=y"},
		{dex, "x", "y", "", "b.example", "connector_id=x"}, {dex, "", "y", "", "b.example", ""},
		{dex, "x", "y", "", "", "connector_id=x"},
	} {
		d := access.Directory{HintStyle: test.style, HintValue: test.value, TenantClaim: test.claim, TenantValue: "claimed",
			HintValues: map[access.Domain]string{"a.example": test.ofDomain}}
		parameter, value, ok := d.Hint(test.domain)
		if got := parameter + "=" + value; ok != (test.want != "") || ok && got != test.want {
			t.Errorf("%+v: %q, %v", test, got, ok)
		}
	}
}

// Values of the domain hint that are refused, and their fields.
func TestHintValues(t *testing.T) {
	long := strings.Repeat("ü", access.MaxHintLength)
	for _, test := range []struct {
		style  access.HintStyle
		value  string
		values map[access.Domain]string
		want   string
	}{
		{access.HintConnector, "ldap", map[access.Domain]string{"a.example": "saml", "b.example": "x y"}, ""},
		{access.HintDomain, long, nil, ""}, {access.HintNone, "", nil, ""},
		{access.HintNone, "ldap", nil, "domainHintParameter"},
		{access.HintNone, "", map[access.Domain]string{"a.example": "x"}, "domainHintParameter"},
		{"guess", "", nil, "domainHintParameter"}, {access.HintHosted, long + "x", nil, "domainHintValue"},
		{access.HintHosted, " x", nil, "domainHintValue"}, {access.HintHosted, "a\nb", nil, "domainHintValue"},
		{access.HintHosted, "", map[access.Domain]string{"a.example": ""}, "domainHintValues"},
		{access.HintHosted, "", map[access.Domain]string{"a.example": "x "}, "domainHintValues"},
		{access.HintHosted, "", map[access.Domain]string{"c.example": "x"}, "domainHintValues"},
	} {
		d := access.Directory{Name: "D", Kind: access.DirectoryOpenID, Issuer: "https://login.a.example", ClientID: "x",
			AuthStyle: access.AuthNone, HintStyle: test.style, HintValue: test.value, HintValues: test.values,
			Domains: []access.Domain{"a.example"}, DomainClaims: []access.DomainClaim{{Domain: "b.example"}}}
		var fields []string
		faults, _ := errors.AsType[access.Errors](d.Check(access.PrivateHosts{}))
		for _, e := range faults {
			fields = append(fields, e.Field)
		}
		if got := strings.Join(fields, " "); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}
