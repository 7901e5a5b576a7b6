package admin

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// createdAt is the time in an id of version 7.
func createdAt(id string) time.Time {
	u, err := uuid.Parse(id)
	if err != nil || u.Version() != 7 {
		return time.Time{}
	}
	seconds, nanos := u.Time().UnixTime()
	return time.Unix(seconds, nanos)
}

// showPackageRoles lists the resource roles of an access package.
func showPackageRoles(c *kit.Context) error {
	p, k := c.Printer, c.Target.Package
	roles, err := c.Target.PackageView.Roles(c.Ctx)
	if err != nil {
		return err
	}
	page := packagePage(c, "roles")
	page.Title = p.T("%s: resource roles", k.Name)
	page.Sections = []views.Section{{Title: p.T("What's included"), Table: roleTable(c, roles),
		Empty: p.T("No resource roles yet. Until you add some, people who get the access package don't get any access.")}}
	if c.Rights.MayInCatalog(access.ManagePackages, k.Catalog) == nil {
		page.Commands = []views.Command{{Label: p.T("Add or remove resource roles"), Href: packagePath(c, "roles", "change"),
			Primary: true}}
	}
	if err := addRollout(c, &page); err != nil {
		return err
	}
	return c.Show(http.StatusOK, page.Page())
}

func roleTable(c *kit.Context, roles []store.RoleWithResource) *ui.Table {
	p := c.Printer
	t := &ui.Table{Label: p.T("Resource roles"), Columns: []ui.Column{{Label: p.T("Resource")}, {Label: p.T("Kind")},
		{Label: p.T("Role")}}}
	texts := rolesOfGroups(c, roles)
	for _, x := range roles {
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{
			{Text: x.Resource.Name, Href: kit.SafeLink(x.Resource.Link), Sub: texts[access.EntryID(x.Resource.ExternalID)]},
			{Text: kit.KindWord(p, x.Resource.Kind)},
			{Text: x.Role.Name}}})
	}
	return t
}

// maxWaitingCount is the number up to which holders that wait for delivery are
// counted.
const maxWaitingCount = 20000

// addRollout shows the progress of a change of resource roles.
func addRollout(c *kit.Context, page *views.DetailPage) error {
	p := c.Printer
	l, ok, err := c.Target.PackageView.LastRollout(c.Ctx)
	if !ok || err != nil {
		return err
	}
	waiting, err := c.Target.PackageView.CountUndelivered(c.Ctx, maxWaitingCount)
	if err != nil {
		return err
	}
	switch {
	case l.Finish.IsZero():
		page.AutoRefresh = true
		page.Notices = append(page.Notices, views.Notice{Kind: "info",
			Text: p.T("Resource roles changed. %s of %s holders queued so far; %s of them pending.",
				p.Number(min(l.Done, l.Total)), p.Number(l.Total), p.Number(waiting))})
	case waiting > 0 && c.Now.Sub(l.Finish) < 24*time.Hour:
		page.AutoRefresh = true
		page.Notices = append(page.Notices, views.Notice{Kind: "info",
			Text: p.T("Resource roles changed. %s of %s holders updated; %s pending.",
				p.Number(max(0, l.Total-waiting)), p.Number(l.Total), p.Number(waiting))})
	}
	return nil
}
