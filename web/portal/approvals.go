package portal

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
	"myaccess/web/kit"
)

// bulkDecision is the content of the form on the list of approvals.
type bulkDecision struct {
	selected []string // values of the selected rows
	reason   string
	fault    string        // of the reason field
	faults   []views.Fault // of the form as a whole
	results  []string      // result of each decision
	restored bool          // from a draft
}

// showApprovals lists the requests that wait for the reader's decision, or
// those decided.
func showApprovals(c *kit.Context) error {
	draft := c.Draft()
	return approvalsPage(c, http.StatusOK, bulkDecision{selected: draft["request"], reason: draft.Get("reason"),
		restored: draft != nil})
}

func approvalsPage(c *kit.Context, status int, f bulkDecision) error {
	p := c.Printer
	pending := c.QueryParam("tab") != "history"
	page := views.Approvals{Chrome: c.Chrome(p.T("Approvals")), Pending: pending, Action: c.PagePath("approvals"),
		Results: f.results,
		Faults:  f.faults, RestoredNotice: kit.RestoredText(p, f.restored), Reason: reasonField(c, false, f.reason, f.fault)}
	page.Tabs = []ui.Tab{{Label: p.T("Pending"), Href: page.Action, Current: pending},
		{Label: p.T("History"), Href: page.Action + "?tab=history", Current: !pending}}
	if c.Person.ID == "" {
		return c.Show(status, page.Page())
	}
	from := access.RequestID(c.QueryParam("from"))
	if !kit.IsID(string(from)) {
		from = ""
	}
	read, base := c.Store.PendingApprovals, page.Action+"?"
	if !pending {
		read, base = c.Store.DecidedRequests, page.Action+"?tab=history&"
	}
	all, err := read(c.Ctx, c.Person, from, kit.PageSize+1)
	if err != nil {
		return err
	}
	if from != "" {
		page.First = strings.TrimRight(base, "?&")
	}
	if len(all) > kit.PageSize {
		all = all[:kit.PageSize]
		page.Next = base + "from=" + string(all[kit.PageSize-1].Request.ID)
	}
	if pending {
		if page.Rows, err = pendingRows(c, all, f.selected); err != nil {
			return err
		}
		page.Selectable = slices.ContainsFunc(page.Rows, func(r views.Row) bool { return r.Value != "" })
	} else if page.Rows, err = decidedRows(c, all); err != nil {
		return err
	}
	return c.Show(status, page.Page())
}

// pendingRows are the requests to decide on. One that the reader can't approve can't be
// selected: both buttons are for every selected row.
func pendingRows(c *kit.Context, all []store.RequestLine, chosen []string) ([]views.Row, error) {
	p := c.Printer
	refused, err := approvalRefusals(c, all)
	if err != nil {
		return nil, err
	}
	var rows []views.Row
	for _, a := range all {
		r := a.Request
		row := requestRow(c, a, true)
		if len(r.Terms.Stages) > 1 {
			row.Facts = append(row.Facts, ui.Fact{Name: p.T("Stage"), Value: p.T("%d of %d", r.Stage+1, len(r.Terms.Stages))})
		}
		if refusal := refused[r.ID]; refusal != nil {
			row.Text = p.T("You can't approve this request. %s", kit.ErrorText(p, refusal))
		} else {
			row.Value = string(r.ID) + "/" + strconv.Itoa(r.Stage)
			row.Selected = slices.Contains(chosen, row.Value)
		}
		row.Links = []views.Link{{Label: p.T("Details"), Href: row.Href}}
		rows = append(rows, row)
	}
	return rows, nil
}

// decidedRows say who decided each request, and how (F-168).
func decidedRows(c *kit.Context, all []store.RequestLine) ([]views.Row, error) {
	ids := make([]access.RequestID, len(all))
	for i, a := range all {
		ids[i] = a.Request.ID
	}
	last, err := c.Store.LastDecisions(c.Ctx, c.Tenant.ID, ids)
	var rows []views.Row
	for _, a := range all {
		row := requestRow(c, a, true)
		if d, ok := last[a.Request.ID]; ok {
			row.Text = decisionText(c, d.Name, d.Decision)
		}
		rows = append(rows, row)
	}
	return rows, err
}

func reasonField(c *kit.Context, required bool, value, fault string) ui.Field {
	p := c.Printer
	hint := p.T("Visible to the requestor and the other approvers. At most %d characters.", access.MaxReasonLength)
	return ui.Field{Name: "reason", Label: p.T("Reason"), Type: "area", MaxLength: access.MaxReasonLength,
		Required: required,
		Value:    value, Error: fault, Hint: hint}
}

// showApproval is a request as its approver sees it.
func showApproval(c *kit.Context) error {
	draft := c.Draft()
	return approvalPage(c, http.StatusOK, decisionForm{reason: draft.Get("reason"), restored: draft != nil})
}

// decisionForm is the content of the form for a decision.
type decisionForm struct {
	reason   string
	err      error // why the last decision failed
	restored bool  // from a draft
}

// approvalPage shows a request to its approver with the decision form.
func approvalPage(c *kit.Context, status int, f decisionForm) error {
	id, err := c.PathID()
	if err != nil {
		return err
	}
	r, err := c.Store.Request(c.Ctx, c.Tenant.ID, access.RequestID(id))
	if err != nil {
		return err
	}
	decisions, err := c.Store.Decisions(c.Ctx, r.Tenant, r.ID)
	if err != nil {
		return err
	}
	part, approver, err := approverPart(c, r)
	if err != nil {
		return err
	}
	if !part {
		return access.Missing()
	}
	page, err := approvalPageFor(c, r)
	if err != nil {
		return err
	}
	p := c.Printer
	if f.err != nil && access.KindOf(f.err) == access.Conflict {
		page.Conflict = kit.ErrorText(p, f.err) + " " + outcomeText(c, r, decisions)
	}
	page.Notice = decidedNotice(c, decisions)
	may := r.CanDecide(c.Person.ID, approver, decisions, c.Now)
	if may != nil {
		page.WhyNot = whyCannotDecide(c, r, may)
		return c.Show(status, page.Page())
	}
	whyNot, err := whyNotApprove(c, r, decisions)
	if err != nil {
		return err
	}
	byField, all := kit.FaultsOf(p, f.err)
	page.Decide = &views.Decide{Action: c.PagePath("approvals", id), Stage: r.Stage, WhyNotApprove: whyNot,
		RestoredNotice: kit.RestoredText(p, f.restored),
		Reason:         reasonField(c, r.Terms.Stages[r.Stage].RequireReason, f.reason, byField["reason"])}
	if kit.IsFormFault(f.err) && access.KindOf(f.err) != access.Conflict {
		page.Decide.Faults = kit.LinkFaults(all, "reason")
	}
	return c.Show(status, page.Page())
}

// approverPart reports whether the reader has, or had, a part in the request's
// approval, and whether it is an approver of the open stage.
func approverPart(c *kit.Context, r access.Request) (part, approver bool, err error) {
	if c.Person.ID == "" {
		return false, false, nil
	}
	if approver, err = c.Store.IsApprover(c.Ctx, c.Person, r.ID, r.Stage); err != nil || approver {
		return approver && !r.IsRequestorOrTarget(c.Person.ID), approver, err
	}
	for stage := range r.Terms.Stages {
		was, err := c.Store.IsApprover(c.Ctx, c.Person, r.ID, stage)
		if err != nil || was {
			return was && !r.IsRequestorOrTarget(c.Person.ID), false, err
		}
	}
	decisions, err := c.Store.Decisions(c.Ctx, r.Tenant, r.ID)
	for _, d := range decisions {
		part = part || d.By == c.Person.ID
	}
	return part, false, err
}

func whyCannotDecide(c *kit.Context, r access.Request, may error) string {
	if r.State == access.PendingApproval && access.KindOf(may) == access.NotFound {
		return c.Printer.T("Another stage decides now. You don't need to do anything.")
	}
	return kit.ErrorText(c.Printer, may)
}

// outcomeText says who decided the request and how.
func outcomeText(c *kit.Context, r access.Request, ds []access.Decision) string {
	p := c.Printer
	if len(ds) == 0 {
		return p.T("Current state: %s.", kit.RequestBadge(p, r).Text)
	}
	d := ds[len(ds)-1]
	by, err := c.Store.Person(c.Ctx, r.Tenant, d.By)
	if err != nil {
		c.Log.Warn("approver not read", "error", err)
		return ""
	}
	return decisionText(c, by.Name, d)
}

func decisionText(c *kit.Context, name string, d access.Decision) string {
	if d.Approve {
		return c.Printer.T("%s approved it on %s.", name, c.Printer.DateTime(d.At))
	}
	return c.Printer.T("%s denied it on %s.", name, c.Printer.DateTime(d.At))
}

// decidedNotice confirms the reader's last decision.
func decidedNotice(c *kit.Context, ds []access.Decision) string {
	if c.QueryParam("done") != "decided" {
		return ""
	}
	for _, d := range slices.Backward(ds) {
		if d.By == c.Person.ID && d.Approve {
			return c.Printer.T("You have approved this request.")
		} else if d.By == c.Person.ID {
			return c.Printer.T("You have denied this request.")
		}
	}
	return ""
}

// approvalPageFor fills the page of a request for its approver (F-166).
func approvalPageFor(c *kit.Context, r access.Request) (views.Approval, error) {
	p := c.Printer
	pack, err := c.Store.Package(c.Ctx, r.Tenant, r.Package)
	if err != nil {
		return views.Approval{}, err
	}
	target, err := c.Store.Person(c.Ctx, r.Tenant, r.Target)
	if err != nil {
		return views.Approval{}, err
	}
	page := views.Approval{Chrome: c.Chrome(p.T("%s for %s", pack.Name, target.Name)), Package: pack.Name,
		State: kit.RequestBadge(p, r), Answers: kit.AnswerFacts(p, r)}
	organization, err := organizationText(c, target)
	if err != nil {
		return page, err
	}
	page.Facts = []ui.Fact{{Name: p.T("Person"), Value: target.Name},
		{Name: p.T("Email"), Value: mailaddr.Show(target.Email)},
		{Name: p.T("Organization"), Value: organization}, {Name: p.T("Access package"), Value: pack.Name}}
	bare := r
	bare.Answers = nil
	page.Facts = append(page.Facts, kit.RequestFacts(c, bare)...)
	if !r.Due.IsZero() {
		page.Facts = append(page.Facts, ui.Fact{Name: p.T("Decision by"), Value: p.DateTime(r.Due)})
	}
	roles, err := c.Store.PackageRoles(c.Ctx, r.Tenant, r.Package)
	if err != nil {
		return page, err
	}
	page.Resources = kit.Resources(p, roles[r.Package], nil)
	page.Steps, err = kit.Timeline(c, requestReader{c.Store, r}, true)
	return page, err
}

// organizationText is the organization of a person, by the directory at which
// it signs in.
func organizationText(c *kit.Context, p access.Person) (string, error) {
	if !p.Outsider() {
		return c.Tenant.Name, nil
	}
	o, ok, err := c.Store.OrganizationOf(c.Ctx, p.Tenant, p.Directory)
	if !ok {
		return string(p.Domain), err
	}
	return o.Name + " (" + string(p.Domain) + ")", err
}

// readDecision reads which button was pressed.
func readDecision(c *kit.Context) (bool, error) {
	switch c.FormText("decision") {
	case "approve":
		return true, nil
	case "deny":
		return false, nil
	}
	return false, access.Invalidf("decision", "Choose to approve or deny.")
}

// postDecision decides one request. If another approver was faster, the page
// says who and how.
func postDecision(c *kit.Context) error {
	id, err := c.PathID()
	if err != nil {
		return err
	}
	reason := c.FormText("reason")
	approve, err := readDecision(c)
	if err == nil {
		stage, convErr := strconv.Atoi(c.FormText("stage"))
		if convErr != nil {
			stage = -1
		}
		err = c.Lifecycle.Requests.Decide(c.Ctx, c.Person, lifecycle.DecisionInput{Request: access.RequestID(id),
			Stage:   stage,
			Approve: approve, Reason: reason})
	}
	switch {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, c.PagePath("approvals", id)+"?done=decided")
	case kit.IsFormFault(err):
		return approvalPage(c, kit.StatusOf(access.KindOf(err)), decisionForm{reason: reason, err: err})
	}
	return err
}

// postBulkDecision makes one decision on several requests and reports the
// result of each.
func postBulkDecision(c *kit.Context) error {
	p := c.Printer
	f := bulkDecision{selected: c.Request().PostForm["request"], reason: c.FormText("reason")}
	approve, err := readDecision(c)
	if err != nil || len(f.selected) == 0 || len(f.selected) > 4*kit.PageSize {
		f.faults = []views.Fault{{Text: p.T("Select at least one request, then approve or deny.")}}
		return approvalsPage(c, http.StatusUnprocessableEntity, f)
	}
	status := http.StatusOK
	for _, one := range f.selected {
		id, stage, _ := strings.Cut(one, "/")
		n, convErr := strconv.Atoi(stage)
		if convErr != nil {
			n = -1
		}
		err := error(access.Missing())
		if kit.IsID(id) {
			err = c.Lifecycle.Requests.Decide(c.Ctx, c.Person, lifecycle.DecisionInput{Request: access.RequestID(id), Stage: n,
				Approve: approve, Reason: f.reason})
		}
		text := p.T("Decided.")
		if err != nil {
			text, status = bulkResult(c, &f, err)
		}
		name := p.T("Request")
		if err == nil || access.KindOf(err) != access.NotFound {
			name = requestName(c, id)
		}
		f.results = append(f.results, p.T("%s: %s", name, text))
	}
	return approvalsPage(c, status, f)
}

// bulkResult says why one of several decisions failed. An internal error is
// reported like any other, because the decisions before it are already saved.
func bulkResult(c *kit.Context, f *bulkDecision, err error) (text string, status int) {
	kind := access.KindOf(err)
	if kind == access.Internal {
		return c.Printer.T("This is our fault, not yours. Try again. If it happens again, report the reference %s.",
			c.LogFault(err)), kit.StatusOf(kind)
	}
	text = kit.ErrorText(c.Printer, err)
	if kind == access.Invalid {
		byField, _ := kit.FaultsOf(c.Printer, err)
		f.fault = byField["reason"]
	}
	return text, kit.StatusOf(kind)
}

// requestName is the name of a request in a list of results.
func requestName(c *kit.Context, id string) string {
	r, err := c.Store.Request(c.Ctx, c.Tenant.ID, access.RequestID(id))
	if err != nil {
		return c.Printer.T("Request")
	}
	pack, err := c.Store.Package(c.Ctx, r.Tenant, r.Package)
	if err != nil {
		return c.Printer.T("Request")
	}
	target, err := c.Store.Person(c.Ctx, r.Tenant, r.Target)
	if err != nil {
		return pack.Name
	}
	return c.Printer.T("%s for %s", pack.Name, target.Name)
}
