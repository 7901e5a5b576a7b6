package admin

import (
	"testing"

	"myaccess/internal/access"
)

// A confirmation counts for one way to connect only: each setting by which a provider is
// connected to makes another key, and no other setting does.
func TestConnectionKey(t *testing.T) {
	whole := func() access.Directory {
		return access.Directory{ID: "one", Name: "Quay", Issuer: "https://quay.example", ClientID: "meridian",
			ClientSecret: "secret", AuthStyle: "basic", TenantClaim: "hd", TenantValue: "quay.example",
			HintStyle: "standard", HintValue: "quay", HintValues: map[access.Domain]string{"quay.example": "q"},
			Scopes: []string{"profile"}, ConfirmedHosts: []string{"keys.quay.example"},
			Domains: []access.Domain{"quay.example"}}
	}
	key := connectionKey(whole())
	for name, test := range map[string]struct {
		change func(*access.Directory)
		same   bool
	}{
		"nothing":         {func(*access.Directory) {}, true},
		"the name":        {func(d *access.Directory) { d.Name = "Pier" }, true},
		"the domains":     {func(d *access.Directory) { d.Domains = nil }, true},
		"issuer":          {func(d *access.Directory) { d.Issuer += "/two" }, false},
		"client":          {func(d *access.Directory) { d.ClientID = "other" }, false},
		"authentication":  {func(d *access.Directory) { d.AuthStyle = "post" }, false},
		"tenant claim":    {func(d *access.Directory) { d.TenantClaim = "tid" }, false},
		"tenant value":    {func(d *access.Directory) { d.TenantValue = "pier.example" }, false},
		"hint":            {func(d *access.Directory) { d.HintStyle = "keycloak" }, false},
		"hint value":      {func(d *access.Directory) { d.HintValue = "pier" }, false},
		"hint of domain":  {func(d *access.Directory) { d.HintValues["quay.example"] = "p" }, false},
		"scopes":          {func(d *access.Directory) { d.Scopes = nil }, false},
		"confirmed hosts": {func(d *access.Directory) { d.ConfirmedHosts = nil }, false},
		"two that are shifted": {func(d *access.Directory) {
			d.TenantClaim, d.TenantValue = "hdquay.example", ""
		}, false},
	} {
		d := whole()
		test.change(&d)
		if got := connectionKey(d); (got == key) != test.same {
			t.Errorf("%s: the same key: %t, want %t", name, got == key, test.same)
		}
	}
}
