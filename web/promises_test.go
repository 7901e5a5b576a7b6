package web

import (
	"context"
	"net/url"
	"slices"
	"testing"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// F-035: requestors read the description of a package's catalog, as the form of catalogs
// says.
func TestCatalogDescriptionIsShown(t *testing.T) {
	p := newPortal(t)
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	p.as("mara").opens(packagePath(o)).sees(200, "Catalog: Projects", "!What partners work on")
	p.Do(func(ctx context.Context, tx *store.Tx) error {
		c, err := tx.Catalog(ctx, p.Tenant.ID, o.Package.Catalog)
		if err != nil {
			return err
		}
		c.Description = "What partners work on."
		return tx.SaveCatalog(ctx, c)
	})
	p.as("mara").opens(packagePath(o)).sees(200, "Catalog: Projects What partners work on. What's included")
}

// F-187: the reason for removing an assignment is in the request history of the person, in
// administrators' requests and in the audit log, as the dialog says.
func TestReasonOfRemovalIsShown(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	o := p.Package("Tidal", p.ForPartner(access.Terms{}))
	mara, gala := p.as("mara"), p.as("gala")
	mara.opens(packagePath(o)).presses("Submit request", nil).sees(200)
	p.runJobs()
	held, ok, err := p.Reader.AssignmentOf(t.Context(), p.personOf("mara"), o.Package.ID)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	gala.opens(home+"/admin/assignments/remove?id="+string(held.ID)).sees(200, "The person reads it in the request "+
		"history. It's also in the audit log.").presses("Remove", url.Values{"reason": {"The project is over"}}).sees(200)
	mara.opens(home+"/requests").clicks("Tidal").sees(200, "Access removed by an administrator",
		"Reason The project is over", "!Business justification")
	all, err := p.Reader.RequestsOf(t.Context(), p.personOf("mara"), "", 10)
	if err != nil || len(all) != 2 || all[0].Request.Type != access.AdminRemove {
		t.Fatalf("%+v, %v", all, err)
	}
	removal := all[0].Request.ID
	gala.opens(home+"/admin/requests/"+string(removal)).sees(200, "Reason The project is over")
	log, err := p.Reader.AuditLog(t.Context(), p.Tenant.ID)
	if err != nil || !slices.ContainsFunc(log, func(r access.AuditRecord) bool {
		return r.Activity == access.ActRemoveDirectly && r.Reason == "The project is over" && r.Request == removal
	}) {
		t.Errorf("the audit log does not have the reason: %v", err)
	}
}
