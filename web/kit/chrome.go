package kit

import (
	"strings"

	"github.com/a-h/templ"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/views"
)

// adminNavigation lists the areas that the reader's roles allow.
func (c *Context) adminNavigation() []views.NavItem {
	p := c.Printer
	items := []views.NavItem{{Label: p.T("Overview"), Href: c.AdminPath(), Icon: "home"}}
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
		if c.Rights.MayAnywhere(place.action) {
			items = append(items, views.NavItem{Label: place.label, Href: c.AdminPath(place.path), Icon: place.icon})
		}
	}
	items = append(items, views.NavItem{Label: p.T("My Access"), Href: c.PagePath(), Icon: "arrow_left"})
	at := markCurrent(items, c.Request().URL.Path)
	at[len(at)-1].Current = false
	return at
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
		Support: c.Tenant.Settings.SupportContact,
		CSS:     c.asset("app.css"), JS: c.asset("app.js"), HTMX: c.asset("htmx.min.js"),
		Icon: c.asset("icon.svg"), Icons: c.asset("icons.svg")}
	if c.SessionKey == "" {
		return chrome
	}
	chrome.User = &views.User{Name: c.Account.Name, Email: mailaddr.Show(c.Account.Email), Organization: c.DirectoryName()}
	switch {
	case c.Person.Tenant == "":
	case c.level == AdminPage:
		chrome.Nav, chrome.AdminCSS, chrome.AdminJS = c.adminNavigation(), c.asset("admin.css"),
			c.asset("admin.js")
	default:
		chrome.Nav, chrome.Warning = c.navigation(), addressWarning(c)
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

func (c *Context) navigation() []views.NavItem {
	p, path := c.Printer, c.Request().URL.Path
	waiting := 0
	if c.Person.ID != "" {
		n, err := c.Store.CountPendingApprovals(c.Ctx, c.Person)
		if err != nil {
			c.Log.Warn("approvals not counted", "error", err)
		}
		waiting = n
	}
	items := []views.NavItem{
		{Label: p.T("Overview"), Href: c.PagePath(), Icon: "home"},
		{Label: p.T("Access packages"), Href: c.PagePath("access-packages"), Icon: "box"},
		{Label: p.T("Request history"), Href: c.PagePath("requests"), Icon: "history"},
		{Label: p.T("Approvals"), Href: c.PagePath("approvals"), Icon: "checkmark_circle", Count: waiting},
	}
	if c.Rights.HasAny() {
		items = append(items, views.NavItem{Label: p.T("Administration"), Href: c.AdminPath(), Icon: "shield"})
	}
	return markCurrent(items, path)
}

// markCurrent marks the item whose page, or a page below it, has the path. The
// first item is marked on its own page only.
func markCurrent(items []views.NavItem, path string) []views.NavItem {
	for i, item := range items {
		items[i].Current = path == item.Href || i > 0 && strings.HasPrefix(path, strings.TrimSuffix(item.Href, "/")+"/")
	}
	return items
}
