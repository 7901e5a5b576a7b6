package kit

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/lang"
	"myaccess/internal/mailaddr"
	"myaccess/internal/store"
	"myaccess/views"
	"myaccess/views/ui"
)

// RequestReader reads what a request's page shows. Administrators read through
// admin.RequestView, which checks their rights.
type RequestReader interface {
	Request() access.Request
	Decisions(context.Context) ([]access.Decision, error)
	History(context.Context) ([]store.RequestStep, error)
	Approvers(ctx context.Context, stage int) ([]access.Person, error)
	Assignment(context.Context) (access.Assignment, error)
	Roles(context.Context) ([]store.RoleWithResource, error)
	Grants(context.Context) ([]access.Grant, error)
	PersonName(context.Context, access.PersonID) (string, error)
}

// DeliveredResources are the resource roles of a request's package with the
// state of each; none before delivery starts.
func DeliveredResources(c *Context, read RequestReader) ([]views.Resource, error) {
	if read.Request().Assignment == "" {
		return nil, nil
	}
	roles, err := read.Roles(c.Ctx)
	if err != nil {
		return nil, err
	}
	grants, err := read.Grants(c.Ctx)
	return Resources(c.Printer, roles, grants), err
}

// RequestFacts are the details of a request: times, justification and answers.
func RequestFacts(c *Context, r access.Request) []ui.Fact {
	p := c.Printer
	facts := []ui.Fact{{Name: p.T("Submitted"), Value: p.DateTime(r.Created)}}
	if !r.Start.IsZero() {
		facts = append(facts, ui.Fact{Name: p.T("From"), Value: p.DateTime(r.Start)})
	}
	if !r.End.IsZero() {
		facts = append(facts, ui.Fact{Name: p.T("Until"), Value: p.DateTime(r.End)})
	}
	if r.Justification != "" {
		label := p.T("Business justification")
		if r.Type.IsRemoval() {
			label = p.T("Reason")
		}
		facts = append(facts, ui.Fact{Name: label, Value: r.Justification})
	}
	return append(facts, AnswerFacts(p, r)...)
}

// AnswerFacts are the answers to the policy's questions.
func AnswerFacts(p *lang.Printer, r access.Request) []ui.Fact {
	var facts []ui.Fact
	for _, a := range r.Answers {
		facts = append(facts, ui.Fact{Name: a.Text, Value: p.Series(a.Shown())})
	}
	return facts
}

// Timeline is the history of a request and what comes next. Approvers always
// see the names of approvers; requestors see them if the policy, or else the
// tenant, shows them (F-068).
func Timeline(c *Context, read RequestReader, approver bool) ([]views.Step, error) {
	p, r := c.Printer, read.Request()
	names := approver || r.Terms.ShowApprovers.Or(c.Tenant.Settings.ShowApprovers)
	steps := []views.Step{{Kind: "done", Title: p.T("Submitted"), Time: p.DateTime(r.Created)}}
	if r.Type.IsRemoval() {
		steps[0].Title = p.T("Access reached its end date")
		if r.Type == access.AdminRemove {
			steps[0].Title = p.T("Access removed by an administrator")
		}
	}
	decisions, err := read.Decisions(c.Ctx)
	if err != nil {
		return nil, err
	}
	for stage := range r.Terms.Stages {
		step, err := stageStep(c, read, stage, decisions, readerOf{approver, names})
		if err != nil {
			return nil, err
		}
		if step.Title != "" {
			steps = append(steps, step)
		}
	}
	history, err := read.History(c.Ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range history {
		if step, ok := historyStep(c, r, h); ok {
			steps = append(steps, step)
		}
	}
	return nextStep(c, steps, read), nil
}

// readerOf is who reads a timeline.
type readerOf struct {
	approver bool // or an administrator; else the requestor
	names    bool // sees the names of the approvers
}

// stageStep is the step of an approval stage: decided, open or to come. Its
// title is empty if the stage was never reached.
func stageStep(c *Context, read RequestReader, stage int, ds []access.Decision, of readerOf) (views.Step, error) {
	p, r := c.Printer, read.Request()
	title := p.T("Stage %d of %d", stage+1, len(r.Terms.Stages))
	if stage < len(ds) {
		return decidedStep(c, read, title, ds[stage], of.names)
	}
	open := r.State == access.PendingApproval
	if !open && (stage > r.Stage || r.State != access.Expired) {
		return views.Step{}, nil // not reached
	}
	step := views.Step{Kind: "next", Title: title}
	if stage == r.Stage {
		step.Kind = "now"
		if open {
			step.Lines = append(step.Lines, p.T("A decision is due by %s.", p.DateTime(r.Due)))
		} else {
			step.Kind = "bad"
			step.Lines = append(step.Lines, p.T("No one decided in time."))
		}
	}
	if !open && !of.names {
		return step, nil
	}
	people, err := read.Approvers(c.Ctx, stage)
	if len(people) == 0 && open {
		step.Lines = append(step.Lines, noApproverText(c, of))
	}
	if len(people) == 0 || !of.names {
		return step, err
	}
	var who []string
	for _, a := range people {
		who = append(who, a.Name+" ("+mailaddr.Show(a.Email)+")")
	}
	if len(who) > 10 {
		who = append(who[:10], p.T("%d more", len(who)-10))
	}
	if len(who) == 1 {
		step.Lines = append(step.Lines, p.T("%s decides.", who[0]))
	} else {
		step.Lines = append(step.Lines, p.T("One of these people decides: %s.", p.List(who)))
	}
	return step, err
}

// noApproverText says that no one can decide in a stage, and to requestors whom to ask.
func noApproverText(c *Context, of readerOf) string {
	if of.approver {
		return c.Printer.T("No one can decide in this stage now.")
	}
	return ErrorText(c.Printer, access.NoApprover(c.Tenant.Settings.SupportContact))
}

func decidedStep(c *Context, read RequestReader, title string, d access.Decision, names bool) (views.Step, error) {
	p := c.Printer
	step := views.Step{Kind: "done", Title: p.T("%s: approved", title), Time: p.DateTime(d.At)}
	if !d.Approve {
		step.Kind, step.Title = "bad", p.T("%s: denied", title)
	}
	if names {
		by, err := read.PersonName(c.Ctx, d.By)
		if err != nil {
			return step, err
		}
		step.Lines = append(step.Lines, p.T("By %s.", by))
	}
	if d.Reason != "" {
		step.Lines = append(step.Lines, p.T("“%s”", d.Reason))
	}
	return step, nil
}

// historyStep is the step of a state change; ok is false if the stages already
// show it.
func historyStep(c *Context, r access.Request, h store.RequestStep) (views.Step, bool) {
	p := c.Printer
	removes := r.Type.IsRemoval()
	step := views.Step{Kind: "done", Time: p.DateTime(h.At)}
	switch h.To {
	case access.Scheduled:
		step.Title = p.T("Scheduled")
	case access.Delivering:
		step.Title = p.T("Delivery started")
		if removes {
			step.Title = p.T("Removal started")
		}
	case access.Delivered:
		step.Title = p.T("Everything was delivered")
		if removes {
			step.Title = p.T("Everything was removed")
		}
	case access.PartiallyDelivered:
		step.Kind, step.Title = "bad", p.T("Part of it couldn't be completed yet")
	case access.DeliveryFailed:
		step.Kind, step.Title = "bad", p.T("None of it could be completed yet")
	case access.Canceled:
		step.Kind, step.Title = "bad", p.T("Canceled")
		if r.Note != "" {
			step.Lines = []string{p.T(lang.Message(r.Note))}
		}
	case access.Expired:
		step.Kind, step.Title = "bad", p.T("Expired")
	default:
		return step, false
	}
	return step, true
}

// nextStep adds what comes next.
func nextStep(c *Context, steps []views.Step, read RequestReader) []views.Step {
	p, r := c.Printer, read.Request()
	switch r.State {
	case access.PendingApproval:
		return append(steps, views.Step{Kind: "next", Title: p.T("Delivery")})
	case access.Scheduled:
		return append(steps, views.Step{Kind: "now", Title: p.T("Access starts on %s", p.DateTime(r.Start))})
	case access.Delivering:
		return append(steps, underWayStep(c, read))
	case access.PartiallyDelivered, access.DeliveryFailed:
		return append(steps, views.Step{Kind: "now", Title: p.T("Retrying until it succeeds")})
	case access.Delivered:
		return endStep(c, steps, read)
	case access.Submitted, access.Denied, access.Canceled, access.Expired:
	}
	return steps
}

// underWayStep is the delivery of a request. A removal that leaves a role says why.
func underWayStep(c *Context, read RequestReader) views.Step {
	p := c.Printer
	step := views.Step{Kind: "now", Title: p.T("In progress"), Lines: []string{p.T("This usually takes seconds.")}}
	if !read.Request().Type.IsRemoval() {
		return step
	}
	grants, err := read.Grants(c.Ctx)
	if err != nil {
		c.Log.Warn("roles of a removal not read", "error", err)
		return step
	}
	for _, g := range grants {
		if g.State == access.Held && g.LastError != "" {
			step.Lines = []string{p.T(lang.Message(g.LastError))}
		}
	}
	return step
}

// endStep adds when the access ends, or has ended.
func endStep(c *Context, steps []views.Step, read RequestReader) []views.Step {
	p, r := c.Printer, read.Request()
	if r.Assignment == "" || r.Type.IsRemoval() {
		return steps
	}
	x, err := read.Assignment(c.Ctx)
	switch {
	case err != nil:
		c.Log.Warn("assignment not read", "error", err)
	case !x.Ended.IsZero():
		steps = append(steps, views.Step{Kind: "done", Title: p.T("Access ended"), Time: p.DateTime(x.Ended)})
	case !x.End.IsZero():
		steps = append(steps, views.Step{Kind: "next", Title: p.T("Access ends"), Time: p.DateTime(x.End)})
	default:
		steps = append(steps, views.Step{Kind: "next", Title: p.T("Access has no end date")})
	}
	return steps
}
