// Package admin is the pages of administrators, below /@{domain}/admin/, one
// noun a file. They are made of the parts in web/kit: lists (table.go), forms
// and wizards (form.go, wizard.go), and pickers; a handler says what is in them.
package admin

import (
	"net/http"

	"myaccess/internal/access"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// changedText says who changed an object last, and when; empty if that is
// unknown.
func changedText(c *kit.Context, a *access.AuditRecord, err error) string {
	if err != nil {
		c.Log.Warn("last change not read", "error", err)
	}
	if err != nil || a == nil {
		return ""
	}
	p := c.Printer
	if a.Actor == "" || a.Actor == access.Operator {
		return p.T("Last changed on %s by the workspace file or the system.", p.DateTime(a.At))
	}
	return p.T("Last changed on %s by %s.", p.DateTime(a.At), personName(c, a.Actor))
}

// personName is the name of a person of the tenant.
func personName(c *kit.Context, id access.PersonID) string {
	name, err := c.View.PersonName(c.Ctx, id)
	if err != nil {
		return c.Printer.C("in place of a name", "a deleted person")
	}
	return name
}

// personNames are the names of people of the tenant, in their order.
func personNames(c *kit.Context, ids []access.PersonID) []string {
	refs := make([]access.SubjectRef, len(ids))
	for i, id := range ids {
		refs[i] = access.SubjectRef{Kind: access.SubjectPerson, ID: string(id)}
	}
	return kit.SubjectNames(c, refs)
}

// showPicked returns the results of a picker's search, for scripts.
func showPicked(c *kit.Context) error {
	out := ui.Picker{Name: kit.Shorten(c.QueryParam("name"), 60), Single: c.QueryParam("one") == "yes",
		Query: kit.Shorten(c.QueryParam("q"), 100)}
	kit.FillPicker(c, &out, kit.PickKind(c.QueryParam("kind")), nil)
	return c.Show(http.StatusOK, views.PickerResults(out))
}
