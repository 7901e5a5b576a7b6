package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// several is what stands in the form over the list of approvals.
type several struct {
	chosen   []string // the values of the rows chosen
	reason   string
	fault    string        // of the reason
	faults   []views.Fault // of the form as a whole
	results  []string      // how each of the decisions went
	restored bool          // typed text was kept while the session had ended
}

// showApprovals is the list of requests that wait for the reader's decision, or
// of those decided.
func showApprovals(v *visit) error {
	draft := v.draft()
	return v.approvalsPage(http.StatusOK, several{chosen: draft["request"], reason: draft.Get("reason"),
		restored: draft != nil})
}

func (v *visit) approvalsPage(status int, f several) error {
	p := v.printer
	pending := v.QueryParam("tab") != "history"
	page := views.Approvals{Chrome: v.chrome(p.T("Approvals")), Pending: pending, Action: v.home + "/approvals",
		Results: f.results,
		Faults:  f.faults, RestoredNotice: restoredText(p, f.restored), Reason: v.reasonField(false, f.reason, f.fault)}
	page.Tabs = []ui.Tab{{Label: p.T("Pending"), Href: page.Action, Current: pending},
		{Label: p.T("History"), Href: page.Action + "?tab=history", Current: !pending}}
	if v.person.ID == "" {
		return v.show(status, page.Page())
	}
	from := access.RequestID(v.QueryParam("from"))
	if !isID(string(from)) {
		from = ""
	}
	read, base := v.Store.PendingApprovals, page.Action+"?"
	if !pending {
		read, base = v.Store.DecidedRequests, page.Action+"?tab=history&"
	}
	all, err := read(v.ctx, v.person, from, pageSize+1)
	if err != nil {
		return err
	}
	if from != "" {
		page.First = strings.TrimRight(base, "?&")
	}
	if len(all) > pageSize {
		all = all[:pageSize]
		page.Next = base + "from=" + string(all[pageSize-1].Request.ID)
	}
	if pending {
		page.Rows = v.pendingRows(all, f.chosen)
	} else if page.Rows, err = v.decidedRows(all); err != nil {
		return err
	}
	return v.show(status, page.Page())
}

func (v *visit) pendingRows(all []store.RequestLine, chosen []string) []views.Row {
	p := v.printer
	var rows []views.Row
	for _, a := range all {
		r := a.Request
		row := v.requestRow(a, true)
		if len(r.Terms.Stages) > 1 {
			row.Facts = append(row.Facts, ui.Fact{Name: p.T("Stage"), Value: p.T("%d of %d", r.Stage+1, len(r.Terms.Stages))})
		}
		row.Value = string(r.ID) + "/" + strconv.Itoa(r.Stage)
		row.Selected = slices.Contains(chosen, row.Value)
		row.Links = []views.Link{{Label: p.T("Details"), Href: row.Href}}
		rows = append(rows, row)
	}
	return rows
}

// decidedRows say who decided each request, and how (F-168).
func (v *visit) decidedRows(all []store.RequestLine) ([]views.Row, error) {
	ids := make([]access.RequestID, len(all))
	for i, a := range all {
		ids[i] = a.Request.ID
	}
	last, err := v.Store.LastDecisions(v.ctx, v.tenant.ID, ids)
	var rows []views.Row
	for _, a := range all {
		row := v.requestRow(a, true)
		if d, ok := last[a.Request.ID]; ok {
			row.Text = v.saysWho(d.Name, d.Decision)
		}
		rows = append(rows, row)
	}
	return rows, err
}

func (v *visit) reasonField(required bool, value, fault string) ui.Field {
	p := v.printer
	hint := p.T("The requestor and the other approvers read it. At most %d characters.", access.MaxReasonLength)
	return ui.Field{Name: "reason", Label: p.T("Reason"), Type: "area", MaxLength: access.MaxReasonLength, Required: required,
		Value: value, Error: fault, Hint: hint}
}

// showApproval is one request as its approver sees it.
func showApproval(v *visit) error {
	draft := v.draft()
	return v.approvalPage(http.StatusOK, decided{reason: draft.Get("reason"), restored: draft != nil})
}

// decided is what stands in the form of a decision.
type decided struct {
	reason   string
	err      error // why the decision just made did not count
	restored bool  // typed text was kept while the session had ended
}

// approvalPage shows a request to its approver, with the form as it stands.
func (v *visit) approvalPage(status int, f decided) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	r, err := v.Store.Request(v.ctx, v.tenant.ID, access.RequestID(id))
	if err != nil {
		return err
	}
	decisions, err := v.Store.Decisions(v.ctx, r.Tenant, r.ID)
	if err != nil {
		return err
	}
	part, approver, err := v.part(r)
	if err != nil {
		return err
	}
	if !part {
		return access.Missing()
	}
	page, err := v.approval(r)
	if err != nil {
		return err
	}
	p := v.printer
	if f.err != nil && access.KindOf(f.err) == access.Conflict {
		page.Conflict = sentence(p, f.err) + " " + v.outcome(r, decisions)
	}
	page.Notice = v.justDecided(decisions)
	may := r.CanDecide(v.person.ID, approver, decisions, v.now)
	if may != nil {
		page.WhyNot = v.whyNotDecide(r, may)
		return v.show(status, page.Page())
	}
	byField, all := faultsOf(p, f.err)
	page.Decide = &views.Decide{Action: v.home + "/approvals/" + id, Stage: r.Stage, RestoredNotice: restoredText(p, f.restored),
		Reason: v.reasonField(r.Terms.Stages[r.Stage].RequireReason, f.reason, byField["reason"])}
	if f.err != nil && access.KindOf(f.err) == access.Invalid {
		page.Decide.Faults = reach(all, "reason")
	}
	return v.show(status, page.Page())
}

// part tells whether the reader has, or had, a part in the request's approval,
// and whether it is an approver of the open stage.
func (v *visit) part(r access.Request) (part, approver bool, err error) {
	if v.person.ID == "" {
		return false, false, nil
	}
	if approver, err = v.Store.IsApprover(v.ctx, v.person, r.ID, r.Stage); err != nil || approver {
		return approver && !r.IsRequestorOrTarget(v.person.ID), approver, err
	}
	for stage := range r.Terms.Stages {
		was, err := v.Store.IsApprover(v.ctx, v.person, r.ID, stage)
		if err != nil || was {
			return was && !r.IsRequestorOrTarget(v.person.ID), false, err
		}
	}
	decisions, err := v.Store.Decisions(v.ctx, r.Tenant, r.ID)
	for _, d := range decisions {
		part = part || d.By == v.person.ID
	}
	return part, false, err
}

func (v *visit) whyNotDecide(r access.Request, may error) string {
	if r.State == access.PendingApproval && access.KindOf(may) == access.NotFound {
		return v.printer.T("Another stage decides now. There is nothing for you to do.")
	}
	return sentence(v.printer, may)
}

// outcome says who decided the request and how.
func (v *visit) outcome(r access.Request, ds []access.Decision) string {
	p := v.printer
	if len(ds) == 0 {
		return p.T("It stands at: %s.", requestBadge(p, r).Text)
	}
	d := ds[len(ds)-1]
	by, err := v.Store.Person(v.ctx, r.Tenant, d.By)
	if err != nil {
		v.Log.Warn("approver not read", "error", err)
		return ""
	}
	return v.saysWho(by.Name, d)
}

func (v *visit) saysWho(name string, d access.Decision) string {
	if d.Approve {
		return v.printer.T("%s approved it on %s.", name, v.printer.DateTime(d.At))
	}
	return v.printer.T("%s denied it on %s.", name, v.printer.DateTime(d.At))
}

// justDecided confirms the decision that the reader has just made.
func (v *visit) justDecided(ds []access.Decision) string {
	if v.QueryParam("done") != "decided" {
		return ""
	}
	for _, d := range slices.Backward(ds) {
		if d.By == v.person.ID && d.Approve {
			return v.printer.T("You have approved this request.")
		} else if d.By == v.person.ID {
			return v.printer.T("You have denied this request.")
		}
	}
	return ""
}

// approval is what an approver is shown of a request (F-166).
func (v *visit) approval(r access.Request) (views.Approval, error) {
	p := v.printer
	pack, err := v.Store.Package(v.ctx, r.Tenant, r.Package)
	if err != nil {
		return views.Approval{}, err
	}
	target, err := v.Store.Person(v.ctx, r.Tenant, r.Target)
	if err != nil {
		return views.Approval{}, err
	}
	page := views.Approval{Chrome: v.chrome(p.T("%s for %s", pack.Name, target.Name)), Package: pack.Name,
		State: requestBadge(p, r), Answers: answerFacts(r)}
	organization, err := v.organizationOf(target)
	if err != nil {
		return page, err
	}
	page.Facts = []ui.Fact{{Name: p.T("Person"), Value: target.Name}, {Name: p.T("E-mail"), Value: target.Email},
		{Name: p.T("Organization"), Value: organization}, {Name: p.T("Access package"), Value: pack.Name}}
	bare := r
	bare.Answers = nil
	page.Facts = append(page.Facts, v.requestFacts(bare)...)
	if !r.Due.IsZero() {
		page.Facts = append(page.Facts, ui.Fact{Name: p.T("Decision by"), Value: p.DateTime(r.Due)})
	}
	roles, err := v.Store.PackageRoles(v.ctx, r.Tenant, r.Package)
	if err != nil {
		return page, err
	}
	page.Resources = resourcesOf(p, roles[r.Package], nil)
	page.Steps, err = v.timeline(r, true)
	return page, err
}

// organizationOf is the organization of a person, by the directory that
// authenticates.
func (v *visit) organizationOf(p access.Person) (string, error) {
	if !p.Outsider() {
		return v.tenant.Name, nil
	}
	o, ok, err := v.Store.OrganizationOf(v.ctx, p.Tenant, p.Directory)
	if !ok {
		return string(p.Domain), err
	}
	return o.Name + " (" + string(p.Domain) + ")", err
}

// choice reads which of the two buttons was pressed.
func (v *visit) choice() (bool, error) {
	switch v.form("decision") {
	case "approve":
		return true, nil
	case "deny":
		return false, nil
	}
	return false, access.Invalidf("decision", "Choose to approve or to deny.")
}

// decide makes the reader's decision on one request. A decision that came too
// late says who decided and how.
func decide(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(v.form("reason"))
	approve, err := v.choice()
	if err == nil {
		stage, convErr := strconv.Atoi(v.form("stage"))
		if convErr != nil {
			stage = -1
		}
		err = v.Lifecycle.Requests.Decide(v.ctx, v.person, lifecycle.DecisionInput{Request: access.RequestID(id),
			Stage:   stage,
			Approve: approve, Reason: reason})
	}
	switch kind := access.KindOf(err); {
	case err == nil:
		return v.Redirect(http.StatusSeeOther, v.home+"/approvals/"+id+"?done=decided")
	case kind == access.Invalid || kind == access.Conflict:
		return v.approvalPage(statuses()[kind], decided{reason: reason, err: err})
	}
	return err
}

// decideSeveral makes one decision on several requests and says how each went.
func decideSeveral(v *visit) error {
	p := v.printer
	f := several{chosen: v.Request().PostForm["request"], reason: strings.TrimSpace(v.form("reason"))}
	approve, err := v.choice()
	if err != nil || len(f.chosen) == 0 || len(f.chosen) > 4*pageSize {
		f.faults = []views.Fault{{Text: p.T("Choose at least one request, and whether to approve or to deny.")}}
		return v.approvalsPage(http.StatusUnprocessableEntity, f)
	}
	status := http.StatusOK
	for _, one := range f.chosen {
		id, stage, _ := strings.Cut(one, "/")
		n, convErr := strconv.Atoi(stage)
		if convErr != nil {
			n = -1
		}
		err := error(access.Missing())
		if isID(id) {
			err = v.Lifecycle.Requests.Decide(v.ctx, v.person, lifecycle.DecisionInput{Request: access.RequestID(id), Stage: n,
				Approve: approve, Reason: f.reason})
		}
		text := p.T("Decided.")
		if err != nil {
			text, status = v.result(&f, err)
		}
		name := p.T("Request")
		if err == nil || access.KindOf(err) != access.NotFound {
			name = v.nameOf(id)
		}
		f.results = append(f.results, p.T("%s: %s", name, text))
	}
	return v.approvalsPage(status, f)
}

// result says why one of several decisions did not count. One that failed by
// our fault does not take back those before it, so that it is told of like the
// rest.
func (v *visit) result(f *several, err error) (text string, status int) {
	kind := access.KindOf(err)
	if kind == access.Internal {
		return v.printer.T("This is our fault, not yours. Try again, and tell the reference %s if it happens again.",
			v.report(err)), statuses()[kind]
	}
	text = sentence(v.printer, err)
	if kind == access.Invalid {
		byField, _ := faultsOf(v.printer, err)
		f.fault = byField["reason"]
	}
	return text, statuses()[kind]
}

// nameOf is what a request is called in a list of results.
func (v *visit) nameOf(id string) string {
	r, err := v.Store.Request(v.ctx, v.tenant.ID, access.RequestID(id))
	if err != nil {
		return v.printer.T("Request")
	}
	pack, err := v.Store.Package(v.ctx, r.Tenant, r.Package)
	if err != nil {
		return v.printer.T("Request")
	}
	target, err := v.Store.Person(v.ctx, r.Tenant, r.Target)
	if err != nil {
		return pack.Name
	}
	return v.printer.T("%s for %s", pack.Name, target.Name)
}
