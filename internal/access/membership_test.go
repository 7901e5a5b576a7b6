package access_test

import (
	"strings"
	"testing"

	"myaccess/internal/access"
)

// C16: at Entra ID, idp is the issuer of people of other tenants, or the name of a
// consumer provider; that of the tenant's own people has the tenant's id.
func TestGuestReasonOfEntra(t *testing.T) {
	const tenant = "11111111-2222-3333-4444-555555555555"
	entra := access.Directory{Issuer: "https://login.microsoftonline.com/" + tenant + "/v2.0"}
	claimed := access.Directory{Issuer: "https://login.example", TenantClaim: "tid", TenantValue: tenant}
	for idp, guest := range map[string]bool{
		"https://sts.windows.net/" + tenant + "/":                       false,
		"https://STS.windows.net/" + strings.ToUpper(tenant) + "/":      false,
		"https://sts.windows.net/99999999-2222-3333-4444-555555555555/": true,
		"https://sts.windows.net/" + tenant + "0/":                      true,
		"https://sts.windows.net/other/?x=/" + tenant + "/":             true,
		"live.com":   true,
		"google.com": true,
		"mail":       true,
		"":           false,
	} {
		for _, dir := range []access.Directory{entra, claimed} {
			if got := dir.GuestReason(map[string]any{"idp": idp}); (got != "") != guest {
				t.Errorf("%s, idp %q: %q", dir.Issuer, idp, got)
			}
		}
	}
}

func TestSubjectOf(t *testing.T) {
	const id = "0199A0C8-7b1e-7c3a-9d54-0f2b6f6d1a01"
	entra := access.Directory{TenantClaim: "tid", TenantValue: "t1"}
	for _, test := range []struct {
		dir       access.Directory
		in, after string
	}{
		{entra, id, "t1:" + strings.ToLower(id)}, {entra, "t1:" + id, "t1:" + id}, {entra, "lena", "lena"},
		{access.Directory{TenantClaim: "tid", TenantValue: strings.ToUpper(id)}, id,
			strings.ToLower(id) + ":" + strings.ToLower(id)},
		{access.Directory{}, id, id}, {access.Directory{TenantClaim: "hd", TenantValue: "x"}, id, id},
	} {
		if got := test.dir.SubjectOf(test.in); got != test.after {
			t.Errorf("%q became %q, want %q", test.in, got, test.after)
		}
	}
	for s, valid := range map[string]bool{"x": true, " x": true, strings.Repeat("x", 255): true, "": false,
		strings.Repeat("x", 256): false, "a\x00": false, "a\n": false, "a\xff": false, "a\ufffd": false} {
		if access.ValidSubject(s) != valid || (access.CheckSubject("subject", s) == nil) != valid {
			t.Errorf("%q: valid %v", s, !valid)
		}
	}
}
