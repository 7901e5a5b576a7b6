package demo

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestDNS checks that records published on the console are found, also after a
// restart.
func TestDNS(t *testing.T) {
	dir := t.TempDir()
	d := start(t, dir)
	const name = "_myaccess.quay.example"
	if _, err := d.DNS.LookupTXT(t.Context(), name); err == nil {
		t.Error("LookupTXT returned a record that was not published")
	}
	if a := d.post(t, "/dns/records", url.Values{"name": {"quay"},
		"value": {"x"}}); a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.body, `value="quay"`) {
		t.Errorf("a name that is none: %s", a.Status)
	}
	if a := d.post(t, "/dns/records", url.Values{"name": {" _MyAccess.quay.example "},
		"value": {`"token"`}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("publishing: %s", a.Status)
	}
	if a := d.get(t, "/dns"); !strings.Contains(a.body, name) || !strings.Contains(a.body, "Quay Partners") {
		t.Error("the page does not show the record and the partner")
	}
	again, err := NewDNS(d.DNS.file)
	if err != nil {
		t.Fatal(err)
	}
	for _, dns := range []*DNS{d.DNS, again} {
		if found, err := dns.LookupTXT(context.Background(), name); err != nil || !slices.Equal(found, []string{"token"}) {
			t.Errorf("found %q, %v", found, err)
		}
	}
	d.post(t, "/dns/records", url.Values{"name": {name}, "value": {""}})
	if found, err := d.DNS.LookupTXT(t.Context(), name); err == nil {
		t.Errorf("the record was taken away: %q", found)
	}
}

// TestRegister checks that the partner's provider accepts the
// registered callback addresses and no others.
func TestRegister(t *testing.T) {
	d := start(t, t.TempDir())
	for _, foreign := range []string{"https://evil.example/auth/callback/x", portalURL + "/elsewhere",
		portalURL + "/auth/callback/x?y", ""} {
		if a := d.post(t, "/dns/client", url.Values{"callback": {foreign}}); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%q: %s", foreign, a.Status)
		}
	}
	mine := portalURL + "/auth/callback/0199a0c8-7b1e-7c3a-9d54-0f2b6f6d1a01"
	if a := d.post(t, "/dns/client", url.Values{"callback": {mine}}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("%s: %s", mine, a.Status)
	}
	q := url.Values{"client_id": {partnerClient}, "response_type": {"code"}, "scope": {"openid"}, "redirect_uri": {mine},
		"state": {"s"}, "nonce": {"n"},
		"code_challenge": {strings.Repeat("c", 43)}, "code_challenge_method": {"S256"}}
	if a := d.get(t, "/idp/quay/authorize?"+q.Encode()); a.StatusCode != http.StatusOK ||
		!strings.Contains(a.body, "Noor Vance") {
		t.Errorf("signing in: %s", a.Status)
	}
	if err := d.Register("https://elsewhere.example", mine); err != nil {
		t.Errorf("an issuer that is not theirs: %v", err)
	}
}
