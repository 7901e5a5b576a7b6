package access_test

import (
	"strings"
	"testing"

	"myaccess/internal/access"
)

// Sub-domains and look-alikes do not belong to the directory (F-020).
func TestHasDomain(t *testing.T) {
	d := access.Directory{Domains: []access.Domain{"harbor.example", "harbor-lab.example"}}
	for domain, want := range map[access.Domain]bool{
		"harbor.example": true, "harbor-lab.example": true, "eu.harbor.example": false, "arbor.example": false,
		"example": false, "": false,
	} {
		if d.HasDomain(domain) != want {
			t.Errorf("owns %q: %v", domain, !want)
		}
	}
}

// An issuer belongs to one organization and uses https; loopback addresses may
// use http if allowed (I-7).
func TestCheckIssuer(t *testing.T) {
	tests := map[string]struct{ anywhere, loopback bool }{
		"https://login.harbor.example":                    {true, true},
		"https://login.harbor.example/":                   {true, true},
		"https://login.harbor.example:8443/realms/h":      {true, true},
		"https://login.microsoftonline.com/0197c9a0/v2.0": {true, true},
		"https://harbor.example/common/v2.0":              {true, true},
		"http://localhost:8081/idp":                       {false, true},
		"http://127.0.0.1:8081":                           {false, true},
		"http://[::1]:8081":                               {false, true},
		"http://login.harbor.example":                     {false, false},
		"http://localhost.harbor.example":                 {false, false},
		"http://10.0.0.1":                                 {false, false},
		"https://login.harbor.example?tenant=1":           {false, false},
		"https://login.harbor.example?":                   {false, false},
		"https://login.harbor.example#":                   {false, false},
		"https://user@login.harbor.example":               {false, false},
		"https://":                                        {false, false},
		"https://:443":                                    {false, false},
		"https:login.harbor.example":                      {false, false},
		"javascript:alert(1)":                             {false, false},
		"file:///etc/passwd":                              {false, false},
		"login.harbor.example":                            {false, false},
		"":                                                {false, false},
		"https://login.microsoftonline.com/common/v2.0":   {false, false},
		"https://login.microsoftonline.com/organizations": {false, false},
		"https://LOGIN.microsoftonline.com/Consumers/v2":  {false, false},
		"https://sts.windows.net/common/":                 {false, false},
		"https://login.microsoftonline.us/common/v2.0":    {false, false},
	}
	for issuer, want := range tests {
		for loopback, want := range map[bool]bool{false: want.anywhere, true: want.loopback} {
			err := access.CheckIssuer(issuer, loopback)
			if (err == nil) != want || err != nil && access.KindOf(err) != access.Invalid {
				t.Errorf("%s, loopback %v: %v", issuer, loopback, err)
			}
		}
	}
}

// An issuer that serves several organizations needs a tenant claim (I-7).
func TestCheckTenantClaim(t *testing.T) {
	tests := []struct {
		dir  access.Directory
		want bool
	}{
		{access.Directory{Issuer: "https://login.harbor.example"}, true},
		{access.Directory{Issuer: "https://login.harbor.example", TenantClaim: "org_id", TenantValue: "o1"}, true},
		{access.Directory{Issuer: "https://login.harbor.example", TenantClaim: "org_id"}, false},
		{access.Directory{Issuer: "https://login.harbor.example", TenantValue: "o1"}, false},
		{access.Directory{Issuer: "https://accounts.google.com"}, false},
		{access.Directory{Issuer: "https://Accounts.Google.com"}, false},
		{access.Directory{Issuer: "https://accounts.google.com", TenantClaim: "hd", TenantValue: "harbor.example"}, true},
	}
	for _, test := range tests {
		if err := test.dir.CheckTenantClaim(); (err == nil) != test.want ||
			err != nil && access.KindOf(err) != access.Invalid {
			t.Errorf("%+v: %v", test.dir, err)
		}
	}
}

// Providers of tenants and confirmed hosts are at public names, or at hosts that the operator
// permits. Confirmed hosts are in lower case, as they are compared.
func TestPrivateHostsOfDirectories(t *testing.T) {
	listed := access.PrivateHosts{IsListed: func(host string) bool { return host == "keycloak" || host == "10.1.2.3" }}
	loopback := access.PrivateHosts{Loopback: true}
	for _, test := range []struct {
		issuer, confirmed string
		private           access.PrivateHosts
		fields            string // that are refused
	}{
		{"https://login.quay.example", "tokens.quay.example", access.PrivateHosts{}, ""},
		{"https://LOGIN.quay.example", "Tokens.quay.example", access.PrivateHosts{}, "confirmedHosts"},
		{"https://keycloak", "10.1.2.3", listed, ""},
		{"https://keycloak", "10.1.2.3", access.PrivateHosts{}, "issuer confirmedHosts"},
		{"https://10.1.2.4", "keycloak2", listed, "issuer confirmedHosts"},
		{"https://127.0.0.1", "localhost", listed, "issuer confirmedHosts"},
		{"https://127.0.0.1", "localhost", loopback, ""},
		{"https://keycloak", "10.1.2.3", loopback, "issuer confirmedHosts"},
	} {
		dir := access.Directory{Kind: access.DirectoryOpenID, Owner: "meridian", Name: "Quay", Issuer: test.issuer,
			ClientID: "x", AuthStyle: access.AuthNone, HintStyle: access.HintNone, ConfirmedHosts: []string{test.confirmed}}
		var es access.Errors
		es.Add(dir.Check(test.private))
		var fields []string
		for _, e := range es {
			fields = append(fields, e.Field)
		}
		if got := strings.Join(fields, " "); got != test.fields {
			t.Errorf("%s and %s: %q are refused, want %q: %v", test.issuer, test.confirmed, got, test.fields, es)
		}
		dir.Owner, dir.ConfirmedHosts = "", nil // the operator's own are not asked
		if err := dir.Check(access.PrivateHosts{}); err != nil {
			t.Errorf("%s of the installation: %v", test.issuer, err)
		}
	}
}
