package admin

import (
	"net/url"
	"strconv"

	"myaccess/internal/access"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// approverRoutes are the actions on the approvers of a request.
func approverRoutes(one string) []kit.Route {
	return append(formRoutes(one+"/reassign", access.ManagePolicies, kit.OfRequest, showReassign, postReassign),
		actionRoute(one+"/remind", access.ManageRequests, kit.OfRequest, remindApprovers))
}

// approverCommands are the actions on the approvers of a pending request that the reader
// may do.
func approverCommands(c *kit.Context, r access.Request) []views.Command {
	if r.State != access.PendingApproval {
		return nil
	}
	var all []views.Command
	p, base := c.Printer, c.AdminPath("requests", string(r.ID))
	if c.Rights.MayInCatalog(access.ManageRequests, c.Target.Catalog.ID) == nil {
		all = append(all, reminderCommand(c, r))
	}
	if c.Rights.MayInCatalog(access.ManagePolicies, c.Target.Catalog.ID) == nil {
		other := views.Command{Label: p.T("Choose other approvers"), Href: base + "/reassign"}
		if err := r.CanReassign(c.Now); err != nil {
			other.DisabledReason = kit.ErrorText(p, err)
		}
		all = append(all, other)
	}
	return all
}

// reminderCommand is the button that reminds the approvers of a request.
func reminderCommand(c *kit.Context, r access.Request) views.Command {
	remind := views.Command{Label: c.Printer.T("Send reminder"), Post: true,
		Href: c.AdminPath("requests", string(r.ID), "remind")}
	if err := r.CanRemind(c.Now); err != nil {
		remind.DisabledReason = kit.ErrorText(c.Printer, err)
	}
	return remind
}

func remindApprovers(c *kit.Context) error {
	r := c.Target.Request
	if err := c.Admin.RemindApprovers(c.Ctx, c.Person, r.ID); err != nil {
		return err
	}
	return c.Done(c.AdminPath("requests", string(r.ID)), "reminded")
}

// reassignForm chooses other approvers for a stage of the request.
func reassignForm(c *kit.Context) kit.EditForm {
	p, r := c.Printer, c.Target.Request
	base := c.AdminPath("requests", string(r.ID))
	e := kit.EditForm{Title: p.T("Choose other approvers"), Path: base + "/reassign", Cancel: base,
		Submit: p.T("Change approvers"),
		Crumbs: []views.Link{{Label: p.T("Requests"), Href: c.AdminPath("requests")},
			views.Link{Label: c.Target.Package.Name, Href: base}},
		Lead: p.T("For this request only; the policy stays as it is. The new approvers are notified. The previous ones " +
			"no longer see the request."),
		Groups: c.Groups(reassignGroups)}
	if err := r.CanReassign(c.Now); err != nil {
		e.Refusal = err
	}
	return e
}

func reassignGroups(c *kit.Context, typed url.Values, faults map[string]string) []views.Group {
	p, r := c.Printer, c.Target.Request
	choose := ui.Select{Name: "stage", Label: p.T("Stage"), Required: true,
		Hint: p.T("The current stage must decide by %s. This date doesn't change.", p.DateTime(r.Due))}
	var now []views.Group
	for i := r.Stage; i < len(r.Terms.Stages); i++ {
		label := p.T("Stage %d of %d", i+1, len(r.Terms.Stages))
		choose.Options = append(choose.Options, ui.Option{Value: strconv.Itoa(i + 1), Label: label})
		now = append(now, views.Group{Title: label, Text: p.T("Current approvers: %s.",
			p.List(kit.SubjectNames(c, r.Terms.Stages[i].Approvers)))})
	}
	if typed.Get("stage") == "" {
		typed.Set("stage", strconv.Itoa(stageToReassign(c, r)+1))
	}
	return append(now, views.Group{Title: p.T("New approvers"), Parts: []views.Part{
		kit.SelectField(typed, faults, choose),
		kit.Picker(c, kit.PickSubjects, typed, faults, ui.Field{Name: "approvers", Label: p.T("Approvers"), Required: true,
			Hint: p.T("People and groups. They replace the approvers of the stage.")}),
		kit.TextField(typed, faults, ui.Field{Name: "reason", Label: p.T("Reason"), Type: "area", Required: true,
			MaxLength: access.MaxReasonLength, Hint: p.T("For the audit log. At most %d characters.",
				access.MaxReasonLength)}),
	}})
}

// stageToReassign is the index of the first stage in which no one can decide; the open one
// if there is none.
func stageToReassign(c *kit.Context, r access.Request) int {
	stage, err := c.Target.RequestView.StageWithoutDecider(c.Ctx)
	if err != nil {
		c.LogFault(err)
	}
	if err != nil || stage == 0 {
		return r.Stage
	}
	return stage - 1
}

func showReassign(c *kit.Context) error { return reassignForm(c).Show(c) }

func postReassign(c *kit.Context) error {
	if c.Searching() {
		return reassignForm(c).Rerender(c, nil)
	}
	typed, r := c.Fields(), c.Target.Request
	var es access.Errors
	x := access.Reassignment{Approvers: uniqueSubjects(kit.ReadSubjects(typed, "approvers", &es)),
		Reason: typed.Get("reason")}
	stage, err := strconv.Atoi(typed.Get("stage"))
	if x.Stage = stage - 1; err != nil {
		x.Stage = -1
	}
	if es.Err() != nil {
		return reassignForm(c).Rerender(c, es.Err())
	}
	if err := c.Admin.ReassignRequest(c.Ctx, c.Person, r.ID, x); err != nil {
		return reassignForm(c).Rerender(c, err)
	}
	return c.Done(c.AdminPath("requests", string(r.ID)), "reassigned")
}

// reassignmentRows say who has named other approvers for the request, when and why.
func reassignmentRows(c *kit.Context) ([]views.Row, error) {
	p := c.Printer
	all, err := c.Target.RequestView.Reassignments(c.Ctx)
	var rows []views.Row
	for _, a := range all {
		rows = append(rows, views.Row{Title: p.T("%s changed the approvers", personName(c, a.Actor)),
			Text: p.T("“%s”", a.Reason), Facts: []ui.Fact{{Name: p.T("On"), Value: p.DateTime(a.At)}}})
	}
	return rows, err
}

// approverNotice says that no one can decide a pending request, and what to do.
func approverNotice(c *kit.Context, r access.Request) ([]views.Notice, error) {
	if r.State != access.PendingApproval {
		return nil, nil
	}
	p := c.Printer
	stage, err := c.Target.RequestView.StageWithoutDecider(c.Ctx)
	if err != nil || stage == 0 {
		return nil, err
	}
	text := p.T("No one can decide in stage %d: its approvers are disabled, can't sign in, are groups without members, "+
		"or made the request.", stage)
	if c.Rights.MayInCatalog(access.ManagePolicies, c.Target.Catalog.ID) == nil {
		text += " " + p.T("Choose other approvers.")
	}
	return []views.Notice{{Kind: "bad", Text: text}}, nil
}

// undecidable are pending requests with a stage, open or later, that no one can decide,
// each with the way to choose other approvers.
func undecidable(c *kit.Context) (views.Section, error) {
	p := c.Printer
	s := views.Section{Title: p.T("No one can approve")}
	if !c.Rights.MayAnywhere(access.ReadAssignments) {
		return s, nil
	}
	found, err := c.View.Requests(c.Ctx, store.ListQuery[store.RequestFilter]{
		Filter: store.RequestFilter{NoDecider: true}, Sort: "age", Limit: maxStuckRows})
	if err != nil || len(found.Rows) == 0 {
		return s, err
	}
	n, err := c.View.Problems().CountUndecidable(c.Ctx)
	s.Text = p.N(int(n), "%d request has a stage in which no one can decide: its approvers are disabled, can't sign in, "+
		"are groups without members, or made the request. It expires unless you choose other approvers.",
		"%d requests have a stage in which no one can decide: its approvers are disabled, can't sign in, are groups "+
			"without members, or made the request. They expire unless you choose other approvers.")
	everywhere, _ := c.Rights.CatalogsFor(access.ManagePolicies)
	for _, a := range found.Rows {
		row := stuckRequest(c, a)
		row.Command = nil
		row.Facts = append(row.Facts, ui.Fact{Name: p.T("Decision by"), Value: p.DateTime(a.Request.Due)})
		if everywhere {
			row.Links = []views.Link{{Label: p.T("Choose other approvers"),
				Href: c.AdminPath("requests", string(a.Request.ID), "reassign")}}
		}
		s.Rows = append(s.Rows, row)
	}
	if found.Next != (store.Key{}) {
		s.More = views.Link{Label: p.T("View all"), Href: c.AdminPath("requests") + "?state=" + undecidableRequests}
	}
	return s, err
}

// policiesWithoutApprover are enabled policies with a stage in which no one can decide, or
// no one but the people who can request: requests under them are refused.
func policiesWithoutApprover(c *kit.Context) (views.Section, error) {
	p := c.Printer
	s := views.Section{Title: p.T("Policies without an approver")}
	if !c.Rights.MayAnywhere(access.ReadCatalog) {
		return s, nil
	}
	found, err := c.View.Problems().PoliciesWithoutApprover(c.Ctx, maxPolicyGaps)
	n := len(found.Policies) + int(found.More)
	s.Text = p.N(n, "In %d stage, no one can decide: its approvers are disabled, can't sign in, are groups without "+
		"members, or the only people who can request. Requests under the policy are refused. Change its approvers.",
		"In %d stages, no one can decide: the approvers are disabled, can't sign in, are groups without members, or the "+
			"only people who can request. Requests under the policies are refused. Change their approvers.")
	for _, g := range found.Policies {
		s.Rows = append(s.Rows, views.Row{Title: p.T("%s of %s", g.Name, g.PackageName), Text: p.T("Stage %d", g.Stage),
			Href: c.AdminPath("access-packages", string(g.Package), "policies", string(g.Policy))})
	}
	if found.More > 0 {
		s.Rows = append(s.Rows, views.Row{Title: p.T("And %d more.", found.More)})
	}
	return s, err
}

// maxPolicyGaps is how many stages without an approver the overview names.
const maxPolicyGaps = 20
