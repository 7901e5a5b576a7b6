package web

import (
	"myaccess/internal/access"
	"myaccess/views"
	"myaccess/views/ui"
)

// packagePathOf is a page of the chosen access package.
func (v *visit) packagePathOf(parts ...string) string {
	return v.adminPath(append([]string{"access-packages", string(v.chosen.pack.ID)}, parts...)...)
}

// packageThing is the frame of the pages of the chosen access package, at one of
// its tabs: "policies" or "who".
func (v *visit) packageThing(tab string) views.Thing {
	p, k := v.printer, v.chosen.pack
	page := views.Thing{Chrome: v.chrome(k.Name), Lead: k.Description,
		Crumbs: v.adminCrumbs(views.Link{Label: p.T("Access packages"), Href: v.adminPath("access-packages")})}
	tabs := [][2]string{{"policies", p.T("Policies")}}
	if v.rights.MayIn(access.ReadAssignments, k.Catalog) == nil {
		tabs = append(tabs, [2]string{"who", p.T("Who can request")})
	}
	for _, t := range tabs {
		page.Tabs = append(page.Tabs, ui.Tab{Label: t[1], Href: v.packagePathOf(t[0]), Current: t[0] == tab})
	}
	return page
}
