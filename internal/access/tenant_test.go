package access_test

import (
	"testing"

	"myaccess/internal/access"
)

func TestPrimaryDomain(t *testing.T) {
	if d := (access.Tenant{Domains: []access.Domain{"meridian.example", "m.example"}}).PrimaryDomain(); d !=
		"meridian.example" {
		t.Errorf("links carry %q", d)
	}
	if d := (access.Tenant{}).PrimaryDomain(); d != "" {
		t.Errorf("links of a tenant without domains carry %q", d)
	}
}
