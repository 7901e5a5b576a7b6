package admin

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// assignmentRoutes are the pages of assignments.
func assignmentRoutes() []kit.Route {
	const list, one = root + "/assignments", root + "/assignments/:id"
	all := []kit.Route{
		pageRoute(list, access.ReadAssignments, kit.OfTenant, showAssignments),
		pageRoute(one, access.ReadAssignments, kit.OfAssignment, showAssignment),
		actionRoute(one+"/reprocess", access.ManageRequests, kit.OfAssignment, reprocessAssignment),
		actionRoute(one+"/govern", access.ManageRequests, kit.OfAssignment, governHolder),
	}
	return append(all, formRoutes(list+"/remove", access.ManageRequests, kit.OfTenant, showRemove, postRemove)...)
}

func showAssignments(c *kit.Context) error {
	p := c.Printer
	only, lead, err := fixedFilters(c)
	if err != nil {
		return err
	}
	t := kit.Table[store.AssignmentLine, store.AssignmentFilter]{
		Title: p.T("Assignments"), Path: c.AdminPath("assignments"), Lead: lead,
		Fixed: store.AssignmentFilter{Package: only.pack, Policy: only.policy, Person: only.person}, KeepInURL: only.params(),
		SearchHint: p.T("Person or access package"), Sort: "-age",
		Filters: []kit.Filter[store.AssignmentFilter]{{Name: "state", Label: p.T("State"), Options: assignmentStates(c),
			Set: setAssignmentState}},
		Columns: []kit.Column{{Label: p.T("Person")}, {Label: p.T("Access package")},
			{Label: p.T("State")}, {Label: p.T("Since"), Order: "age", Priority: 2}, {Label: p.T("Until")},
			{Label: p.T("Guest lifecycle"), Priority: 3}},
		Empty: [2]string{p.T("No assignments"),
			p.T("Assignments appear here when requests are approved or you assign access directly.")},
		Read: func(q store.ListQuery[store.AssignmentFilter]) (store.ListPage[store.AssignmentLine], error) {
			return c.View.Assignments(c.Ctx, q)
		},
		Walk: func(q store.ListQuery[store.AssignmentFilter], f func(store.AssignmentLine) error) error {
			return c.View.WalkAssignments(c.Ctx, q, f)
		},
		Row: func(l store.AssignmentLine) ui.TableRow { return assignmentRow(c, l) },
		CSVHead: []string{"id", "displayName", "mail", "accessPackage", "policy", "state", "startDateTime", "endDateTime",
			"expiredDateTime", "userLifecycle"},
		CSVLine: func(l store.AssignmentLine) []string {
			return []string{string(l.ID), l.Holder.Name, l.Holder.Email, l.PackageName, l.PolicyName, string(l.State),
				timestamp(l.Start), timestamp(l.End), timestamp(l.Ended), governedText(p, l.Holder)}
		},
	}
	if c.Rights.MayAnywhere(access.ManageRequests) {
		t.Bulk = &views.BulkActions{Action: c.AdminPath("assignments", "remove"),
			Buttons: []views.Button{{Label: p.T("Remove"), Name: "go", Value: "confirm", Danger: true}}}
		if only.pack != "" {
			t.Commands = []views.Command{{Label: p.T("New assignment"),
				Href:    c.AdminPath("access-packages", string(only.pack), "assign"),
				Primary: true}}
		}
	}
	return t.Serve(c)
}

// currentAssignments is the value of the state filter for every state but expired.
const currentAssignments = "current"

func setAssignmentState(f *store.AssignmentFilter, value string) {
	if f.Current = value == currentAssignments; !f.Current {
		f.State = access.AssignmentState(value)
	}
}

func assignmentStates(c *kit.Context) []ui.Option {
	all := []ui.Option{{Label: c.Printer.T("All")}, {Value: currentAssignments, Label: c.Printer.T("Not ended")}}
	for _, s := range access.AssignmentStates() {
		all = append(all, ui.Option{Value: string(s), Label: kit.AssignmentBadge(c.Printer, s).Text})
	}
	return all
}

func assignmentRow(c *kit.Context, l store.AssignmentLine) ui.TableRow {
	p := c.Printer
	row := ui.TableRow{Label: p.T("Select %s of %s", l.PackageName, l.Holder.Name), Cells: []ui.Cell{
		personCell(c, l.Holder),
		{Text: l.PackageName, Sub: l.PolicyName, Href: c.AdminPath("assignments", string(l.ID))},
		{State: kit.AssignmentBadge(p, l.State)}, {Text: p.ShortDate(l.Start), NoWrap: true},
		{Text: endText(c, l.Assignment, p.ShortDate),
			NoWrap: true}, {Text: governedText(p, l.Holder)}}}
	if l.CanRemove() == nil {
		row.Value = string(l.ID)
	}
	return row
}

// endText is when an assignment ends or ended. print formats the time.
func endText(c *kit.Context, x access.Assignment, print func(time.Time) string) string {
	p := c.Printer
	switch {
	case !x.Ended.IsZero():
		return print(x.Ended)
	case !x.End.IsZero():
		return print(x.End)
	case x.Delivered.IsZero():
		return p.T("Counted from delivery")
	}
	return p.T("No end date")
}

// showAssignment is the page of an assignment.
func showAssignment(c *kit.Context) error {
	p, x, read := c.Printer, c.Target.Assignment, c.Target.AssignmentView
	holder, err := read.Person(c.Ctx)
	if err != nil {
		return err
	}
	first, err := read.FirstRequest(c.Ctx)
	if err != nil {
		return err
	}
	roles, err := read.Roles(c.Ctx)
	if err != nil {
		return err
	}
	grants, err := read.Grants(c.Ctx)
	if err != nil {
		return err
	}
	page := views.DetailPage{Chrome: c.Chrome(p.T("%s of %s", c.Target.Package.Name, holder.Name)),
		State:       kit.AssignmentBadge(p, x.State),
		Crumbs:      []views.Link{{Label: p.T("Assignments"), Href: c.AdminPath("assignments")}},
		AutoRefresh: x.State == access.AssignDelivering}
	if c.Rights.MayInCatalog(access.ManageRequests, c.Target.Catalog.ID) == nil {
		if page.Commands, err = assignmentCommands(c, x, holder, first); err != nil {
			return err
		}
	}
	facts := []ui.Fact{{Name: p.T("Person"), Value: holder.Name + " (" + mailaddr.Show(holder.Email) + "), " +
		kit.PersonKindWord(p,
			holder)}}
	if text := governedText(p, holder); text != "" {
		facts = append(facts, ui.Fact{Name: p.T("Guest lifecycle"), Value: text})
	}
	facts = append(facts, ui.Fact{Name: p.T("Catalog"), Value: c.Target.Catalog.Name}, ui.Fact{Name: p.T("Since"),
		Value: p.DateTime(x.Start)},
		ui.Fact{Name: p.T("Until"), Value: endText(c, x, p.DateTime)})
	page.Sections = []views.Section{
		{Title: p.T("Properties"), Facts: facts, More: views.Link{Label: p.T("View request"),
			Href: c.AdminPath("requests", string(x.Request))}},
		{Title: p.T("Resource roles"), Resources: kit.Resources(p, roles, grants),
			Empty: p.T("This access package has no resource roles.")},
	}
	return c.Show(http.StatusOK, page.Page())
}

func assignmentCommands(c *kit.Context, x access.Assignment, holder access.Person,
	first access.Request) ([]views.Command, error) {
	p, base := c.Printer, c.AdminPath("assignments", string(x.ID))
	remove := views.Command{Label: p.T("Remove"), Href: c.AdminPath("assignments", "remove") + "?id=" + string(x.ID),
		Danger: true}
	if err := x.CanRemove(); err != nil {
		remove.DisabledReason = kit.ErrorText(p, err)
	}
	again, err := reprocessCommand(c, c.Target.AssignmentView.PackageView, first, base)
	if err != nil {
		return nil, err
	}
	if err := x.CanRemove(); err != nil && again.DisabledReason == "" {
		again.DisabledReason = kit.ErrorText(p, err)
	}
	all := []views.Command{again, remove}
	if holder.Kind == access.Guest && !holder.Governed {
		govern := views.Command{Label: p.T("Mark guest as governed"), Href: base + "/govern", Post: true}
		if err := holder.CanMarkGoverned(first.Type == access.UserAdd); err != nil {
			govern.DisabledReason = kit.ErrorText(p, err)
		}
		all = append(all, govern)
	}
	return all, nil
}

func reprocessAssignment(c *kit.Context) error {
	x := c.Target.Assignment
	if err := c.Admin.Reprocess(c.Ctx, c.Person, x.Request); err != nil {
		return err
	}
	return c.Done(c.AdminPath("assignments", string(x.ID)), "again")
}

func governHolder(c *kit.Context) error {
	x := c.Target.Assignment
	if err := c.Admin.Govern(c.Ctx, c.Person, x.ID); err != nil {
		return err
	}
	return c.Done(c.AdminPath("assignments", string(x.ID)), "assignmentSaved")
}

// removalForm asks for confirmation before assignments are removed.
func removalForm(c *kit.Context, ids []string) (kit.EditForm, error) {
	p := c.Printer
	t := ui.Table{Label: p.T("Assignments"), Columns: []ui.Column{{Label: p.T("Person")}, {Label: p.T("Access package")}}}
	var hidden []views.Part
	lines, err := c.View.AssignmentLines(c.Ctx, access.ManageRequests, assignmentIDs(ids))
	if err != nil {
		return kit.EditForm{}, err
	}
	for _, l := range lines {
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: l.Holder.Name}, {Text: l.PackageName}}})
	}
	return kit.EditForm{Title: p.N(len(ids), "Remove %d assignment?", "Remove %d assignments?"),
		Path: c.AdminPath("assignments",
			"remove"), Submit: p.T("Remove"), Danger: true,
		Cancel: c.AdminPath("assignments"), Crumbs: []views.Link{{Label: p.T("Assignments"),
			Href: c.AdminPath("assignments")}},
		Groups: func(typed url.Values, faults map[string]string) []views.Group {
			return []views.Group{{Text: p.T("The person loses this access, unless another assignment includes it. The person " +
				"gets a mail, unless the policy doesn't send notifications."), Table: &t,
				Parts: append(hidden, kit.TextField(typed, faults, ui.Field{Name: "reason", Label: p.T("Reason"), Type: "area",
					MaxLength: access.MaxReasonLength,
					Hint:      p.T("The person reads it in the request history. It's also in the audit log.")}))}}
		}, Hidden: hiddenIDs(ids)}, nil
}

func assignmentIDs(ids []string) []access.AssignmentID {
	all := make([]access.AssignmentID, len(ids))
	for i, id := range ids {
		all[i] = access.AssignmentID(id)
	}
	return all
}

func hiddenIDs(ids []string) []views.Hidden {
	var all []views.Hidden
	for _, id := range ids {
		all = append(all, views.Hidden{Name: "id", Value: id})
	}
	return all
}

func showRemove(c *kit.Context) error {
	ids := c.QueryParams()["id"]
	if draft := c.Draft(); draft != nil {
		ids = draft["id"]
	}
	if len(ids) == 0 || len(ids) > kit.PageSize {
		return access.Missing()
	}
	e, err := removalForm(c, ids)
	if err != nil {
		return err
	}
	return e.Show(c)
}

func postRemove(c *kit.Context) error {
	ids := slices.Compact(slices.Sorted(slices.Values(c.Request().PostForm["id"])))
	if len(ids) == 0 || len(ids) > kit.PageSize {
		return c.Redirect(http.StatusSeeOther, c.AdminPath("assignments"))
	}
	e, err := removalForm(c, ids)
	if err != nil {
		return err
	}
	if c.FormText("go") == "confirm" {
		return e.Render(c, http.StatusOK, url.Values{}, nil)
	}
	if err := c.Admin.Unassign(c.Ctx, c.Person, assignmentIDs(ids), c.FormText("reason")); err != nil {
		return e.Rerender(c, err)
	}
	return c.Done(c.AdminPath("assignments"), "assignmentRemoved")
}

// timestamp is a time in a download (RFC 3339); empty for the zero time.
func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
