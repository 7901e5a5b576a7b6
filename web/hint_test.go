package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/signin/signintest"
)

// C09: administrators enter what a connector is called, for the provider and for single
// domains; the pages say what is sent, and a sign-in sends that. A value goes with its
// domain.
func TestC09DomainHintValues(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	dex := signintest.New(t, p.clock.Now)
	d := p.addProvider(p.Tenant.ID, access.Directory{Name: "Quay", Domains: []access.Domain{"quay.example",
		"pier.example", "dock.example"}})
	at := home + "/admin/organizations/providers/" + string(d.ID)
	gala := p.as("gala").opens(at+"/edit").presses("Save", url.Values{"provider.issuer": {dex.Issuer},
		"provider.domainHintParameter": {"connector_id"}}).sees(200, "OpenID Provider saved.")
	sent := func(domain string) string {
		t.Helper()
		b := p.nobody().opens(home + "/sign-in?domain_hint=" + domain)
		u, err := url.Parse(b.header.Get("Location"))
		if err != nil || !strings.HasPrefix(u.String(), dex.Issuer) {
			t.Fatalf("%s leads to %q", domain, u)
		}
		return u.Query().Get("connector_id")
	}
	if got := sent("quay.example"); got != "" {
		t.Errorf("without a value %q is sent", got)
	}
	gala.presses("Test connection", nil).sees(200, "connector_id names a connector of the provider")
	const values = "pier.example = saml\r\nDock.example=a=b"
	gala.opens(at+"/edit").presses("Save", url.Values{"provider.domainHintValue": {"ldap"},
		"provider.domainHintValues": {values + "\r\nother.example = x"}}).
		sees(422, "“other.example” is not a domain of this provider.").hasValue("provider.domainHintValue", "ldap")
	gala.presses("Save", url.Values{"provider.domainHintValues": {values + "\r\npier.example = x"}}).
		sees(422, "Enter domain hint values of 1 to 200 characters.")
	gala.presses("Save", url.Values{"provider.domainHintParameter": {"none"}, "provider.domainHintValues": {values}}).
		sees(422, "Choose the parameter in which the provider expects the values")
	gala.presses("Save", url.Values{"provider.domainHintParameter": {"connector_id"},
		"provider.domainHintValues": {values}}).sees(200, "OpenID Provider saved.", "ldap", "pier.example = saml")
	gala.presses("Test connection", nil).sees(200, "connector_id=ldap", "connector_id=saml (pier.example)",
		"connector_id=a=b (dock.example)")
	for domain, want := range map[string]string{"quay.example": "ldap", "pier.example": "saml", "dock.example": "a=b"} {
		if got := sent(domain); got != want {
			t.Errorf("%s: %q is sent, want %q", domain, got, want)
		}
	}
	gala.opens(at+"/edit").hasValue("provider.domainHintValues", "dock.example = a=b\npier.example = saml")
	gala.opens(at+"/domains").do(http.MethodPost, at+"/domains/remove", url.Values{"domain": {"pier.example"}}).
		sees(200, "Domain removed.")
	gala.opens(at+"/edit").hasValue("provider.domainHintValues", "dock.example = a=b").
		presses("Save", url.Values{"provider.scopes": {"email"}}).sees(200, "OpenID Provider saved.")
}
