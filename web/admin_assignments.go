package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// assignmentRoutes are the pages of assignments.
func assignmentRoutes() []route {
	const list, one = adminHome + "/assignments", adminHome + "/assignments/:id"
	all := []route{
		read(list, access.ReadAssignments, ofTenant, showAssignments),
		read(one, access.ReadAssignments, ofAssignment, showAssignment),
		act(one+"/reprocess", access.ManageRequests, ofAssignment, reprocessAssignment),
		act(one+"/govern", access.ManageRequests, ofAssignment, governHolder),
	}
	return append(all, form(list+"/remove", access.ManageRequests, ofTenant, showRemove, postRemove)...)
}

func showAssignments(v *visit) error {
	p := v.printer
	only, lead, err := v.only()
	if err != nil {
		return err
	}
	t := table[store.AssignmentLine, store.AssignmentFilter]{
		title: p.T("Assignments"), path: v.adminPath("assignments"), crumbs: v.adminCrumbs(), lead: lead,
		fixed: store.AssignmentFilter{Package: only.pack, Policy: only.policy, Person: only.person}, keep: only.params(),
		hint: p.T("Person or access package"), sort: "-age", action: access.ReadAssignments,
		filters: []filter[store.AssignmentFilter]{{"state", p.T("State"), v.assignmentStates(),
			func(f *store.AssignmentFilter, value string) { f.State = access.AssignmentState(value) }}},
		columns: []column{{p.T("Person"), ""}, {p.T("Access package"), ""}, {p.T("Policy"), ""}, {p.T("State"), ""},
			{p.T("Since"), "age"}, {p.T("Until"), ""}, {p.T("Guest lifecycle"), ""}},
		empty: [2]string{p.T("Nobody holds anything here"),
			p.T("When requests are approved, or you assign directly, who holds what stands here.")},
		read: func(q store.ListQuery[store.AssignmentFilter]) (store.ListPage[store.AssignmentLine], error) {
			return v.Store.AssignmentList(v.ctx, v.tenant.ID, q)
		},
		walk: func(q store.ListQuery[store.AssignmentFilter], f func(store.AssignmentLine) error) error {
			return v.Store.WalkAssignments(v.ctx, v.tenant.ID, q, f)
		},
		row: v.assignmentRow,
		head: []string{"id", "displayName", "mail", "accessPackage", "policy", "state", "startDateTime", "endDateTime",
			"expiredDateTime", "userLifecycle"},
		line: func(l store.AssignmentLine) []string {
			return []string{string(l.ID), l.Holder.Name, l.Holder.Email, l.PackageName, l.PolicyName, string(l.State),
				stamp(l.Start), stamp(l.End), stamp(l.Ended), governedText(p, l.Holder)}
		},
	}
	if v.rights.MayAnywhere(access.ManageRequests) {
		t.bulk = &views.BulkActions{Action: v.adminPath("assignments", "remove"),
			Buttons: []views.Button{{Label: p.T("Remove"), Name: "go", Value: "confirm", Danger: true}}}
		if only.pack != "" {
			t.commands = []views.Command{{Label: p.T("New assignment"),
				Href:    v.adminPath("access-packages", string(only.pack), "assign"),
				Primary: true}}
		}
	}
	return t.serve(v)
}

func (v *visit) assignmentStates() []ui.Option {
	all := []ui.Option{{Label: v.printer.T("All")}}
	for _, s := range access.AssignmentStates() {
		all = append(all, ui.Option{Value: string(s), Label: assignmentBadge(v.printer, s).Text})
	}
	return all
}

func (v *visit) assignmentRow(l store.AssignmentLine) ui.TableRow {
	p := v.printer
	row := ui.TableRow{Label: p.T("Choose %s of %s", l.PackageName, l.Holder.Name), Cells: []ui.Cell{
		{Text: l.Holder.Name, Sub: l.Holder.Email, Href: v.adminPath("assignments", string(l.ID))}, {Text: l.PackageName},
		{Text: l.PolicyName},
		{State: assignmentBadge(p, l.State)}, {Text: p.Date(l.Start), NoWrap: true}, {Text: v.endText(l.Assignment, p.Date),
			NoWrap: true}, {Text: governedText(p, l.Holder)}}}
	if l.CanRemove() == nil {
		row.Value = string(l.ID)
	}
	return row
}

// endText is when an assignment ends or ended, as print prints it.
func (v *visit) endText(x access.Assignment, print func(time.Time) string) string {
	p := v.printer
	switch {
	case !x.Ended.IsZero():
		return print(x.Ended)
	case !x.End.IsZero():
		return print(x.End)
	case x.Delivered.IsZero():
		return p.T("counted from delivery")
	}
	return p.T("no end")
}

// showAssignment is everything about an assignment.
func showAssignment(v *visit) error {
	p, x := v.printer, v.chosen.assignment
	holder, err := v.Store.Person(v.ctx, x.Tenant, x.Person)
	if err != nil {
		return err
	}
	first, err := v.Store.Request(v.ctx, x.Tenant, x.Request)
	if err != nil {
		return err
	}
	roles, err := v.Store.PackageRoles(v.ctx, x.Tenant, x.Package)
	if err != nil {
		return err
	}
	grants, err := v.Store.GrantsOfPackage(v.ctx, x.Tenant, x.Person, x.Package)
	if err != nil {
		return err
	}
	page := views.DetailPage{Chrome: v.chrome(p.T("%s of %s", v.chosen.pack.Name, holder.Name)),
		State:       assignmentBadge(p, x.State),
		Crumbs:      v.adminCrumbs(views.Link{Label: p.T("Assignments"), Href: v.adminPath("assignments")}),
		AutoRefresh: x.State == access.AssignDelivering}
	if v.rights.MayInCatalog(access.ManageRequests, v.chosen.catalog.ID) == nil {
		page.Commands = v.assignmentCommands(x, holder, first)
	}
	facts := []ui.Fact{{Name: p.T("Person"), Value: holder.Name + " (" + holder.Email + "), " + personKindWord(p, holder)}}
	if text := governedText(p, holder); text != "" {
		facts = append(facts, ui.Fact{Name: p.T("Guest lifecycle"), Value: text})
	}
	facts = append(facts, ui.Fact{Name: p.T("Catalog"), Value: v.chosen.catalog.Name}, ui.Fact{Name: p.T("Since"),
		Value: p.DateTime(x.Start)},
		ui.Fact{Name: p.T("Until"), Value: v.endText(x, p.DateTime)})
	page.Sections = []views.Section{
		{Title: p.T("Properties"), Facts: facts, More: views.Link{Label: p.T("The request that brought it about"),
			Href: v.adminPath("requests", string(x.Request))}},
		{Title: p.T("Resource roles"), Resources: resourcesOf(p, roles[x.Package], grants),
			Empty: p.T("The access package gives nothing.")},
	}
	return v.show(http.StatusOK, page.Page())
}

func (v *visit) assignmentCommands(x access.Assignment, holder access.Person, first access.Request) []views.Command {
	p, base := v.printer, v.adminPath("assignments", string(x.ID))
	remove := views.Command{Label: p.T("Remove"), Href: v.adminPath("assignments", "remove") + "?id=" + string(x.ID),
		Danger: true}
	if err := x.CanRemove(); err != nil {
		remove.DisabledReason = sentence(p, err)
	}
	again := views.Command{Label: p.T("Reprocess"), Href: base + "/reprocess", Post: true}
	if err := first.CanReprocess(v.now); err != nil {
		again.DisabledReason = sentence(p, err)
	} else if err := x.CanRemove(); err != nil {
		again.DisabledReason = sentence(p, err)
	}
	all := []views.Command{again, remove}
	if holder.Kind == access.Guest && !holder.Governed {
		govern := views.Command{Label: p.T("Mark guest as governed"), Href: base + "/govern", Post: true}
		if err := holder.CanMarkGoverned(first.Type == access.UserAdd); err != nil {
			govern.DisabledReason = sentence(p, err)
		}
		all = append(all, govern)
	}
	return all
}

func reprocessAssignment(v *visit) error {
	x := v.chosen.assignment
	if err := v.Admin.Reprocess(v.ctx, v.person, x.Request); err != nil {
		return err
	}
	return v.done(v.adminPath("assignments", string(x.ID)), "again")
}

func governHolder(v *visit) error {
	x := v.chosen.assignment
	if err := v.Admin.Govern(v.ctx, v.person, x.ID); err != nil {
		return err
	}
	return v.done(v.adminPath("assignments", string(x.ID)), "saved")
}

// removal is the question before assignments are removed: which, of whom.
func (v *visit) removal(ids []string) (editor, error) {
	p := v.printer
	t := ui.Table{Label: p.T("Assignments"), Columns: []ui.Column{{Label: p.T("Person")}, {Label: p.T("Access package")}}}
	var hidden []views.Part
	for _, id := range ids {
		x, err := v.Store.Assignment(v.ctx, v.tenant.ID, access.AssignmentID(id))
		if err != nil {
			return editor{}, err
		}
		k, err := v.Store.Package(v.ctx, v.tenant.ID, x.Package)
		if err != nil {
			return editor{}, err
		}
		if err := v.rights.MayInCatalog(access.ManageRequests, k.Catalog); err != nil {
			return editor{}, err
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: v.personName(x.Person)}, {Text: k.Name}}})
	}
	return editor{title: p.N(len(ids), "Remove %d assignment?", "Remove %d assignments?"), path: v.adminPath("assignments",
		"remove"), submit: p.T("Remove"), danger: true,
		cancel: v.adminPath("assignments"), crumbs: v.adminCrumbs(views.Link{Label: p.T("Assignments"),
			Href: v.adminPath("assignments")}),
		groups: func(typed url.Values, faults map[string]string) []views.Group {
			return []views.Group{{Text: p.T("What the access package gives is taken away, unless another assignment gives it " +
				"too. The person gets a mail that the access has ended."), Table: &t,
				Parts: append(hidden, text(typed, faults, ui.Field{Name: "reason", Label: p.T("Reason"), Type: "area",
					MaxLength: access.MaxReasonLength, Hint: p.T("For the audit log.")}))}}
		}, hidden: hiddenIDs(ids)}, nil
}

func hiddenIDs(ids []string) []views.Hidden {
	var all []views.Hidden
	for _, id := range ids {
		all = append(all, views.Hidden{Name: "id", Value: id})
	}
	return all
}

func showRemove(v *visit) error {
	ids := v.QueryParams()["id"]
	if draft := v.draft(); draft != nil {
		ids = draft["id"]
	}
	if len(ids) == 0 || len(ids) > pageSize {
		return access.Missing()
	}
	e, err := v.removal(ids)
	if err != nil {
		return err
	}
	return e.show(v)
}

func postRemove(v *visit) error {
	ids := slices.Compact(slices.Sorted(slices.Values(v.Request().PostForm["id"])))
	if len(ids) == 0 || len(ids) > pageSize {
		return v.Redirect(http.StatusSeeOther, v.adminPath("assignments"))
	}
	e, err := v.removal(ids)
	if err != nil {
		return err
	}
	if v.form("go") == "confirm" {
		return e.answer(v, http.StatusOK, url.Values{}, nil)
	}
	var wanted []access.AssignmentID
	for _, id := range ids {
		wanted = append(wanted, access.AssignmentID(id))
	}
	if err := v.Admin.Unassign(v.ctx, v.person, wanted, strings.TrimSpace(v.form("reason"))); err != nil {
		return e.refused(v, err)
	}
	return v.done(v.adminPath("assignments"), "removed")
}

// stamp is a time in a download (RFC 3339); empty for the zero time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
