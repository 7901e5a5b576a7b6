package web

import (
	"strings"

	"github.com/a-h/templ"

	"myaccess/internal/access"
	"myaccess/views"
)

// show answers with a whole page, or with none of it if it cannot be printed.
func (v *visit) show(status int, page templ.Component) error {
	text := v.buffers.get()
	defer v.buffers.put(text)
	if err := page.Render(v.ctx, text); err != nil {
		return err
	}
	return v.answer(status, text)
}

// chrome is what surrounds the page with the title.
func (v *visit) chrome(title string) views.Chrome {
	c := views.Chrome{P: v.printer, Title: title, Tenant: v.tenant.Name, Home: v.home, CSRF: v.csrf(),
		Support: v.tenant.Settings.SupportContact,
		CSS:     v.assets.Path("app.css"), JS: v.assets.Path("app.js"), HTMX: v.assets.Path("htmx.min.js"),
		Icon: v.assets.Path("icon.svg"), Icons: v.assets.Path("icons.svg")}
	if v.key == "" {
		return c
	}
	c.User = &views.User{Name: v.account.Name, Email: v.account.Email, Organization: v.organization()}
	switch {
	case v.person.Tenant == "":
	case v.onAdmin():
		c.Nav, c.AdminCSS, c.AdminJS = v.adminNavigation(), v.assets.Path("admin.css"), v.assets.Path("admin.js")
	default:
		c.Nav = v.navigation()
	}
	c.Notice = v.notice()
	return c
}

// onAdmin reports whether the page is one of administrators.
func (v *visit) onAdmin() bool { return strings.HasPrefix(v.Path(), adminHome+"/") }

// organization is the name of the directory in which the reader signed in.
func (v *visit) organization() string {
	name, err := v.Store.DirectoryName(v.ctx, v.account.Directory)
	if err != nil {
		v.Log.Warn("directory of a session not read", "error", err)
	}
	return name
}

func (v *visit) navigation() []views.NavItem {
	p, path := v.printer, v.Request().URL.Path
	waiting := 0
	if v.person.ID != "" {
		n, err := v.Store.CountPendingApprovals(v.ctx, v.person)
		if err != nil {
			v.Log.Warn("approvals not counted", "error", err)
		}
		waiting = n
	}
	items := []views.NavItem{
		{Label: p.T("Overview"), Href: v.home + "/", Icon: "home"},
		{Label: p.T("Access packages"), Href: v.home + "/access-packages", Icon: "box"},
		{Label: p.T("Request history"), Href: v.home + "/requests", Icon: "history"},
		{Label: p.T("Approvals"), Href: v.home + "/approvals", Icon: "checkmark_circle", Count: waiting},
	}
	if v.rights.HasAny() {
		items = append(items, views.NavItem{Label: p.T("Administration"), Href: v.home + "/admin/", Icon: "shield"})
	}
	return current(items, path)
}

// current marks the item that the path belongs to. The first is only for itself.
func current(items []views.NavItem, path string) []views.NavItem {
	for i, item := range items {
		items[i].Current = path == item.Href || i > 0 && strings.HasPrefix(path, strings.TrimSuffix(item.Href, "/")+"/")
	}
	return items
}

// here is the request's own path with its query, as a target to come back to.
func (v *visit) here() string {
	return own(v.Request().URL.RequestURI())
}

// who is the reader with everything that policies ask about.
func (v *visit) who() (access.PersonContext, error) { return v.Store.ContextOf(v.ctx, v.person) }
