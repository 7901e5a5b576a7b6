package web

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"myaccess/internal/access"
)

// linksIn returns the labels of the links in an element with a class or an id.
func (b *browser) linksIn(name string) []string {
	var all []string
	for n := range nodes(b.page) {
		if attribute(n, "class") != name && attribute(n, "id") != name {
			continue
		}
		for link := range nodes(n) {
			if link.Data == "a" {
				all = append(all, visibleText(link))
			}
		}
	}
	return all
}

// F-291: the header leads to the areas that the reader may use, and the navigation has the
// pages of the current area. Who is refused in the administration has no menu of it.
func TestAreas(t *testing.T) {
	p := newPortal(t)
	p.giveRole(p.Omar, access.CatalogCreator, "")
	mara, omar := p.as("mara"), p.as("omar")
	portal := []string{"Overview", "Access packages", "My requests", "Approvals"}
	areas := []string{"My Access", "Administration"}
	for _, test := range []struct {
		who               *browser
		path              string
		status            int
		areas, navigation []string
	}{
		{mara, "/", 200, nil, portal},
		{mara, "/admin/", 403, nil, portal},
		{omar, "/", 200, areas, append(slices.Clone(portal), "Administration")},
		{omar, "/admin/", 200, areas, []string{"Overview", "Catalogs", "My Access"}},
		{omar, "/admin/settings", 403, areas, []string{"Overview", "Catalogs", "My Access"}},
	} {
		test.who.opens(home + test.path)
		if test.who.status != test.status {
			t.Errorf("%s answers %d", test.path, test.who.status)
		}
		if got := test.who.linksIn("areas"); !slices.Equal(got, test.areas) {
			t.Errorf("%s leads to the areas %q, not %q", test.path, got, test.areas)
		}
		if got := test.who.linksIn("navigation"); !slices.Equal(got, test.navigation) {
			t.Errorf("%s has the navigation %q, not %q", test.path, got, test.navigation)
		}
	}
}

// F-292: the name of a person in a list leads to the person, for readers who may see that
// page, and the row's own object has its own link. A page names the time zone once.
func TestLinksOfRows(t *testing.T) {
	p := newPortal(t)
	p.changeSettings(func(s *access.Settings) { s.TimeZone = "Europe/Berlin" })
	o := p.Package("Tidal", p.ForPartner(access.Terms{Expiration: access.Expiration{Kind: access.AfterDuration, Days: 9}}))
	p.giveRole(p.Omar, access.GlobalAdministrator, "")
	p.giveRole(p.Lena, access.AccessPackageAssignmentManager, o.Package.Catalog)
	p.as("mara").opens(packagePath(o)).presses("Submit request", url.Values{"justification": {"The tides."}}).sees(200)
	p.runJobs()
	for list, title := range map[string]string{"assignments": "Tidal of Mara Lind", "requests": "Tidal for Mara Lind"} {
		omar, lena := p.as("omar").opens(home+"/admin/"+list), p.as("lena").opens(home+"/admin/"+list)
		if got := strings.Count(omar.body, "CET"); got != 1 {
			t.Errorf("%s: the time zone is named %d times", list, got)
		}
		omar.clicks("Mara Lind").sees(200, "Profile", "mara@harbor.example")
		omar.opens(home+"/admin/"+list).clicks("Tidal").sees(200, title)
		if lena.sees(200, "Mara Lind").offers("Mara Lind") {
			t.Errorf("%s: the name leads to a page that the reader may not see", list)
		}
		lena.clicks("Tidal").sees(200, title)
	}
}
