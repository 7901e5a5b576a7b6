package web

import (
	"net/http"
	"net/url"
	"testing"

	"myaccess/internal/access"
)

// The pages of the catalog General offer neither to rename nor to delete it, and
// say so (F-002, F-037). Forms that do it all the same are refused.
func TestGeneralCatalogPages(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	general := p.addCatalog("General")
	at := home + "/admin/catalogs/" + string(general.ID)
	const kept, stays = "The catalog “General” can't be renamed.", "The catalog “General” can't be deleted."
	gala := p.as("gala").opens(at).sees(200, stays, `href="`+at+`/edit"`, "!"+at+"/delete")
	gala.opens(at+"/delete").sees(200, stays, "!This deletes the catalog")
	if buttonOf(formWith(gala, "Continue"), "Delete") != nil {
		t.Error("the page has a button to delete it")
	}
	gala.opens(at+"/edit").sees(200, kept, `!name="displayName"`)
	gala.presses("Save", url.Values{"description": {"For everything else"}}).sees(200, "General", "For everything else")

	gala.do(http.MethodPost, at+"/edit", url.Values{"displayName": {"Ordinary"}, "published": {"yes"}, "version": {"2"}}).
		sees(422, kept)
	gala.do(http.MethodPost, at+"/delete", nil).sees(409, stays)
	now, err := p.Reader.Catalog(t.Context(), p.Tenant.ID, general.ID)
	if err != nil || now.Name != "General" || now.Description != "For everything else" {
		t.Errorf("it is now %+v, %v", now, err)
	}

	// Other catalogs can be renamed; they can be deleted without packages.
	other := home + "/admin/catalogs/" + string(p.Catalog.ID)
	gala.opens(other+"/edit").hasValue("displayName", "Projects")
	gala.opens(other+"/delete").presses("Delete", nil).sees(200, "!Projects")
}

// The page of a catalog with access packages has no button to delete it.
func TestCatalogWithPackagesHasNoDeleteButton(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	p.Package("Tidal")
	gala := p.as("gala").opens(home+"/admin/catalogs/"+string(p.Catalog.ID)+"/delete").sees(200,
		"This catalog has access packages.")
	if buttonOf(formWith(gala, "Continue"), "Delete") != nil {
		t.Error("the page has a button to delete it")
	}
}

// A new access package is in General unless another catalog is chosen (F-002).
func TestNewPackageIsInGeneral(t *testing.T) {
	p := newPortal(t)
	p.addAdministrator("gala")
	p.giveRole(p.Omar, access.CatalogOwner, p.Catalog.ID)
	general := p.addCatalog("General")
	const at = home + "/admin/access-packages/new"
	gala := p.as("gala").opens(at).sees(200).hasValue("catalog", string(general.ID))
	gala.opens(at+"?catalog="+string(p.Catalog.ID)).hasValue("catalog", string(p.Catalog.ID))
	form := withFields(policyFields("Initial Policy", access.ScopeMembers), "displayName", "Tidal", "description", "Tides",
		"hidden", "no", "place", "old", "at", "lifecycle")
	step := cloneValues(form)
	step.Del("finish")
	gala.do(http.MethodPost, at, step).sees(200, "Review and create", "General", "!None selected")
	gala.do(http.MethodPost, at, form).sees(200, "Tidal", "General")
	if _, ok, err := p.PackageNamed(t.Context(), p.Tenant.ID, general.ID, "Tidal"); !ok || err != nil {
		t.Errorf("the package is not in General: %v", err)
	}

	omar := p.as("omar").opens(at).sees(200, "Projects", "!General")
	omar.do(http.MethodPost, at, form).sees(422, "Select a catalog.")
}
