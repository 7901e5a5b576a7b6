package web

import (
	"net/http"
	"strings"

	"myaccess/internal/access"
	"myaccess/views"
)

// The pages of administrators stand below /@{domain}/admin/, an area a file
// (admin_catalogs.go and its like). They are made of what stands in
// admin_list.go (lists that narrow, sort, page and download), admin_form.go
// (forms, edits by two at once, wizards) and picker.go (choosing from long
// lists); a handler says what is in them.

// adminPath is a page of administrators, from its parts after /admin/.
func (v *visit) adminPath(parts ...string) string {
	return v.home + "/admin/" + strings.Join(parts, "/")
}

// adminNavigation leads to what the reader's roles allow.
func (v *visit) adminNavigation() []views.NavItem {
	p := v.printer
	items := []views.NavItem{{Label: p.T("Overview"), Href: v.adminPath(), Icon: "home"}}
	for _, place := range []struct {
		label, path, icon string
		action            access.Action
	}{
		{p.T("Access packages"), "access-packages", "box", access.ReadCatalog},
		{p.T("Catalogs"), "catalogs", "apps", access.SeeAdmin},
		{p.T("Connected organizations"), "organizations", "building", access.ManageOrganizations},
		{p.T("People"), "people", "people", access.ManagePeople},
		{p.T("Assignments"), "assignments", "clipboard_task", access.ReadAssignments},
		{p.T("Requests"), "requests", "history", access.ReadAssignments},
		{p.T("Targets and resources"), "directory", "target", access.ManageEntries},
		{p.T("Roles"), "roles", "shield", access.ManageRoles},
		{p.T("Settings"), "settings", "settings", access.ManageSettings},
	} {
		if v.rights.MayAnywhere(place.action) {
			items = append(items, views.NavItem{Label: place.label, Href: v.adminPath(place.path), Icon: place.icon})
		}
	}
	items = append(items, views.NavItem{Label: p.T("My Access"), Href: v.home + "/", Icon: "arrow_left"})
	at := current(items, v.Request().URL.Path)
	at[len(at)-1].Current = false
	return at
}

// adminCrumbs lead back to the overview of administrators, and through what is
// given.
func (v *visit) adminCrumbs(more ...views.Link) []views.Link {
	return append([]views.Link{{Label: v.printer.T("Administration"), Href: v.adminPath()}}, more...)
}

// changed says who changed the object last, and when; empty if that is not known.
func (v *visit) changed(object string) string {
	a, ok, err := v.Store.LastChange(v.ctx, v.tenant.ID, object)
	if err != nil {
		v.Log.Warn("last change not read", "error", err)
	}
	if !ok {
		return ""
	}
	p := v.printer
	if a.Actor == "" {
		return p.T("Last changed on %s by the workspace file or the system.", p.DateTime(a.At))
	}
	return p.T("Last changed on %s by %s.", p.DateTime(a.At), v.personName(a.Actor))
}

// personName is the name of a person of the tenant.
func (v *visit) personName(id access.PersonID) string {
	who, err := v.Store.Person(v.ctx, v.tenant.ID, id)
	if err != nil {
		return v.printer.T("somebody who is gone")
	}
	return who.Name
}

// done sends the browser to a page after something was done, with a notice
// there. what is a key of notices.
func (v *visit) done(path, what string) error {
	return v.Redirect(http.StatusSeeOther, path+"?done="+what)
}

// notice is what the page says has just been done.
func (v *visit) notice() string {
	p := v.printer
	return map[string]string{
		"saved":    p.T("Saved."),
		"created":  p.T("Created."),
		"deleted":  p.T("Deleted."),
		"added":    p.T("Added."),
		"removed":  p.T("Removed."),
		"again":    p.T("It is delivered again."),
		"canceled": p.T("The request was canceled."),
		"assigned": p.T("Assigned. The requests stand below."),
		"ended":    p.T("All sessions were ended."),
		"imported": p.T("The people were imported."),
		"given":    p.T("The role was given."),
		"taken":    p.T("The role was taken away."),
		"copied":   p.T("Duplicated. Its policies are disabled until you enable them."),
		"proved":   p.T("The domain is proved. Its people are sent to this provider."),
		// of providers
		"switchedOn":  p.T("Switched on. People can sign in there again."),
		"switchedOff": p.T("Switched off. All sessions of its people have ended."),
	}[v.QueryParam("done")]
}
