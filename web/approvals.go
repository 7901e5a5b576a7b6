package web

import (
	"net/http"
	"strconv"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
	"myaccess/views"
	"myaccess/views/ui"
)

// showApprovals is the list of requests that wait for the reader's decision, or
// of those decided.
func showApprovals(v *visit) error { return v.approvalsPage(http.StatusOK, nil, "", "") }

func (v *visit) approvalsPage(status int, results []string, reason, fault string) error {
	p := v.printer
	pending := v.QueryParam("tab") != "history"
	page := views.Approvals{Chrome: v.chrome(p.T("Approvals")), Pending: pending, Action: v.home + "/approvals", Results: results,
		Reason: v.reasonField(false, reason, fault)}
	page.Tabs = []ui.Tab{{Label: p.T("Pending"), Href: page.Action, Current: pending}, {Label: p.T("History"), Href: page.Action + "?tab=history", Current: !pending}}
	if v.person.ID == "" {
		return v.show(status, page.Page())
	}
	from := access.RequestID(limitText(v.QueryParam("from"), 36))
	read, base := v.Store.Approvals, page.Action+"?"
	if !pending {
		read, base = v.Store.Decided, page.Action+"?tab=history&"
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
	for _, a := range all {
		row := v.requestRow(a, true)
		row.Facts = append(row.Facts, ui.Fact{Name: p.T("Domain"), Value: string(a.Person.Domain)})
		if pending {
			row.Value = string(a.Request.ID) + "/" + strconv.Itoa(a.Request.Stage)
			row.Links = []views.Link{{Label: p.T("Details"), Href: row.Href}}
		}
		page.Rows = append(page.Rows, row)
	}
	return v.show(status, page.Page())
}

func (v *visit) reasonField(required bool, value, fault string) ui.Field {
	p := v.printer
	hint := p.T("The requestor and the other approvers read it. At most %d characters.", access.MaxReason)
	return ui.Field{Name: "reason", Label: p.T("Reason"), Type: "area", Max: access.MaxReason, Required: required, Value: value, Error: fault, Hint: hint}
}

// showApproval is one request as its approver sees it.
func showApproval(v *visit) error {
	draft := v.draft()
	return v.approvalPage(http.StatusOK, draft.Get("reason"), nil)
}

// approvalPage shows a request to its approver, with what is wrong with a
// decision just made.
func (v *visit) approvalPage(status int, reason string, fault error) error {
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
	if access.KindOf(fault) == access.Conflict && fault != nil {
		page.Conflict = sentence(p, fault) + " " + v.outcome(r, decisions)
	}
	may := r.CanDecide(v.person.ID, approver, decisions, v.now)
	if may != nil {
		page.Why = v.whyNotDecide(r, may)
		return v.show(status, page.Page())
	}
	byField, all := faultsOf(p, fault)
	page.Decide = &views.Decide{Action: v.home + "/approvals/" + id, Stage: r.Stage,
		Reason: v.reasonField(r.Terms.Stages[r.Stage].Reason, reason, byField["reason"])}
	if access.KindOf(fault) == access.Invalid && fault != nil {
		page.Decide.Faults = all
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
		return approver && !r.Concerns(v.person.ID), approver, err
	}
	for stage := range r.Terms.Stages {
		was, err := v.Store.IsApprover(v.ctx, v.person, r.ID, stage)
		if err != nil || was {
			return was && !r.Concerns(v.person.ID), false, err
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
		return ""
	}
	if d.Approve {
		return p.T("%s approved it on %s.", by.Name, p.DateTime(d.At))
	}
	return p.T("%s denied it on %s.", by.Name, p.DateTime(d.At))
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
	page := views.Approval{Chrome: v.chrome(p.T("%s for %s", pack.Name, target.Name)), Package: pack.Name, State: requestBadge(p, r), Answers: answerFacts(r)}
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
		err = v.Lifecycle.Requests.Decide(v.ctx, v.person, lifecycle.Choice{Request: access.RequestID(id), Stage: stage, Approve: approve, Reason: reason})
	}
	switch kind := access.KindOf(err); {
	case err == nil:
		return v.Redirect(http.StatusSeeOther, v.home+"/approvals/"+id)
	case kind == access.Invalid || kind == access.Conflict:
		return v.approvalPage(statuses()[kind], reason, err)
	}
	return err
}

// decideSeveral makes one decision on several requests and says how each went.
func decideSeveral(v *visit) error {
	p := v.printer
	reason := strings.TrimSpace(v.form("reason"))
	chosen := v.Request().PostForm["request"]
	approve, err := v.choice()
	if err != nil || len(chosen) == 0 || len(chosen) > 4*pageSize {
		return v.approvalsPage(http.StatusUnprocessableEntity, []string{p.T("Choose at least one request, and whether to approve or to deny.")}, reason, "")
	}
	status, fault := http.StatusOK, ""
	var results []string
	for _, one := range chosen {
		id, stage, _ := strings.Cut(one, "/")
		n, convErr := strconv.Atoi(stage)
		if convErr != nil {
			n = -1
		}
		err := v.Lifecycle.Requests.Decide(v.ctx, v.person, lifecycle.Choice{Request: access.RequestID(id), Stage: n, Approve: approve, Reason: reason})
		text := p.T("Decided.")
		if err != nil {
			kind := access.KindOf(err)
			if kind == access.Internal {
				return err
			}
			text, status = sentence(p, err), statuses()[kind]
			if kind == access.Invalid {
				fault = text
			}
		}
		name := p.T("Request")
		if access.KindOf(err) != access.NotFound || err == nil {
			name = v.nameOf(id)
		}
		results = append(results, p.T("%s: %s", name, text))
	}
	return v.approvalsPage(status, results, reason, fault)
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
