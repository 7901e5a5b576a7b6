package web

import (
	"context"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// F-283: a finished wizard makes nothing again, although what it made has been deleted since,
// so that no rule about names would refuse it.
func TestFinishedWizardMakesNothingAgain(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	gala := p.as("gala").beginsOrganization("Harbour").reviewsOrganization()
	again := gala.copied()
	gala.presses("Create", nil).sees(200, "Harbour", "!Review + create")
	all, err := p.Organizations(t.Context(), p.Tenant.ID)
	if err != nil {
		t.Fatal(err)
	}
	var made access.Organization
	for _, o := range all {
		if o.Name == "Harbour" {
			made = o
		}
	}
	p.Do(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteOrganization(ctx, p.Tenant.ID, made.ID) })
	before := withoutDrafts(p.dump())
	again.presses("Create", nil).sees(404)
	if after := withoutDrafts(p.dump()); after != before {
		t.Errorf("it is made again: %s", difference(before, after))
	}
}
