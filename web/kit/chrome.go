package kit

import (
	"strings"

	"github.com/a-h/templ"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/views"
)

// adminNavigation lists the pages that the reader's roles allow, in groups. Groups
// without a page are left out.
func (c *Context) adminNavigation() []views.NavGroup {
	p := c.Printer
	type place struct {
		label, path, icon string
		action            access.Action
	}
	groups := []views.NavGroup{{Items: []views.NavItem{{Label: p.T("Overview"), Href: c.AdminPath(), Icon: "home"}}}}
	for _, g := range []struct {
		label  string
		places []place
	}{
		{p.T("Access"), []place{
			{p.T("Access packages"), "access-packages", "box", access.ReadCatalog},
			{p.T("Catalogs"), "catalogs", "apps", access.SeeAdmin},
			{p.T("Assignments"), "assignments", "clipboard_task", access.ReadAssignments},
			{p.T("Requests"), "requests", "history", access.ReadAssignments},
		}},
		{p.T("People"), []place{
			{p.T("People"), "people", "people", access.ManagePeople},
			{p.T("Connected organizations"), "organizations", "building", access.ManageOrganizations},
		}},
		{p.T("Systems"), []place{
			{p.T("Targets and resources"), "directory", "target", access.ManageEntries},
		}},
		{p.T("Configuration"), []place{
			{p.T("Roles"), "roles", "shield", access.ManageRoles},
			{p.T("Settings"), "settings", "settings", access.ManageSettings},
		}},
	} {
		group := views.NavGroup{Label: g.label}
		for _, one := range g.places {
			if c.Rights.MayAnywhere(one.action) {
				group.Items = append(group.Items, views.NavItem{Label: one.label, Href: c.AdminPath(one.path), Icon: one.icon})
			}
		}
		if len(group.Items) > 0 {
			groups = append(groups, group)
		}
	}
	return markCurrent(groups, c.Request().URL.Path)
}

// areas are the parts of the site that the reader may use; the current one is marked.
func areas(c *Context, admin bool) []views.NavItem {
	p := c.Printer
	all := []views.NavItem{{Label: p.T("My Access"), Href: c.PagePath(), Icon: "person", Current: !admin}}
	if c.Rights.HasAny() {
		all = append(all, views.NavItem{Label: p.T("Administration"), Href: c.AdminPath(), Icon: "shield", Current: admin})
	}
	return all
}

// Show sends a page. It renders the whole page first, so that a fault while
// rendering is answered as an error.
func (c *Context) Show(status int, page templ.Component) error {
	text := c.buffers.get()
	defer c.buffers.put(text)
	if err := page.Render(c.Ctx, text); err != nil {
		return err
	}
	return c.writePage(status, text)
}

// Chrome is the frame of a page: navigation, user, assets and the confirmation
// of the last action.
func (c *Context) Chrome(title string) views.Chrome {
	chrome := views.Chrome{P: c.Printer, Title: title, Tenant: c.Tenant.Name, Home: c.Home, CSRF: c.csrfToken(),
		SignOut: c.Links.Path("/sign-out"),
		Support: views.Link{Label: c.Tenant.Settings.SupportContact, Href: contactHref(c.Tenant.Settings.SupportContact)},
		CSS:     c.asset("app.css"), JS: c.asset("app.js"), HTMX: c.asset("htmx.min.js"),
		Icon: c.asset("icon.svg"), Icons: c.asset("icons.svg")}
	if c.SessionKey == "" {
		return chrome
	}
	chrome.User = &views.User{Name: c.Account.Name, Email: mailaddr.Show(c.Account.Email), Organization: c.DirectoryName()}
	switch {
	case c.Person.Tenant == "":
	case c.level == AdminPage && c.Rights.HasAny():
		chrome.Nav, chrome.AdminCSS, chrome.AdminJS = c.adminNavigation(), c.asset("admin.css"),
			c.asset("admin.js")
		chrome.Areas = areas(c, true)
	default:
		chrome.Nav, chrome.Warning = c.navigation(), addressWarning(c)
		chrome.Areas = areas(c, false)
	}
	if c.Person.Tenant != "" {
		chrome.Zone = c.Printer.T("Times are in %s.", c.Printer.ZoneName(c.Now))
	}
	chrome.Notice = c.notice()
	return chrome
}

// DirectoryName is the name of the directory that the reader signed in at;
// empty if it cannot be read.
func (c *Context) DirectoryName() string {
	name, err := c.Store.DirectoryName(c.Ctx, c.Account.Directory)
	if err != nil {
		c.Log.Warn("directory of a session not read", "error", err)
	}
	return name
}

func (c *Context) navigation() []views.NavGroup {
	p, path := c.Printer, c.Request().URL.Path
	waiting := 0
	if c.Person.ID != "" {
		n, err := c.Store.CountPendingApprovals(c.Ctx, c.Person)
		if err != nil {
			c.Log.Warn("approvals not counted", "error", err)
		}
		waiting = n
	}
	return markCurrent([]views.NavGroup{{Items: []views.NavItem{
		{Label: p.T("Overview"), Href: c.PagePath(), Icon: "home"},
		{Label: p.T("Access packages"), Href: c.PagePath("access-packages"), Icon: "box"},
		{Label: p.T("My requests"), Href: c.PagePath("requests"), Icon: "history"},
		{Label: p.T("Approvals"), Href: c.PagePath("approvals"), Icon: "checkmark_circle", Count: waiting},
	}}}, path)
}

// markCurrent marks the item whose page, or a page below it, has the path. The very
// first item is marked on its own page only.
func markCurrent(groups []views.NavGroup, path string) []views.NavGroup {
	for g, group := range groups {
		for i, item := range group.Items {
			first := g == 0 && i == 0
			group.Items[i].Current = path == item.Href ||
				!first && strings.HasPrefix(path, strings.TrimSuffix(item.Href, "/")+"/")
		}
	}
	return groups
}
