package access

import (
	"errors"
	"slices"
	"time"
)

// RequestForm is what a requestor enters.
type RequestForm struct {
	Policy        PolicyID // empty if only one policy is usable
	Answers       map[QuestionID][]string
	Justification string
	Start, End    time.Time // both may be zero
	Languages     []string  // of the requestor, most preferred first, for translations

	checked map[PolicyID]checkedAnswers // by CheckAnswers
}

// NewRequest makes person's request at now, or returns everything that is wrong
// with the form. The caller sets the id. UncheckedAnswers if the answers are not
// checked to the policy's questions (RequestForm.CheckAnswers).
func (o Offer) NewRequest(person PersonContext, ask RequestForm, now time.Time) (Request, error) {
	p, err := o.SelectPolicy(person, ask.Policy)
	if err != nil {
		return Request{}, err
	}
	return p.request(o.Package, person, ask, now)
}

// request makes person's request for the package under the policy, and returns
// everything that is wrong with the form.
func (p Policy) request(k Package, person PersonContext, ask RequestForm, now time.Time) (Request, error) {
	r := Request{
		Tenant: k.Tenant, Type: UserAdd, State: Submitted,
		Package: k.ID, Policy: p.ID, Requestor: person.ID, Target: person.ID,
		Justification: ask.Justification, Start: ask.Start, End: ask.End,
		Terms: p.Terms, Created: now,
	}
	var es Errors
	es.Add(CheckText("justification", ask.Justification, MaxJustificationLength, p.RequireJustification))
	es.Add(p.checkPeriod(ask, now))
	answers, err := ask.answersTo(p)
	if _, ok := errors.AsType[*UncheckedAnswers](err); ok {
		return r, err
	}
	es.Add(err)
	r.Answers = answers
	return r, es.Err()
}

// checkPeriod refuses a period that the terms do not allow (F-081, F-124).
func (t Terms) checkPeriod(ask RequestForm, now time.Time) error {
	var es Errors
	if (!ask.Start.IsZero() || !ask.End.IsZero()) && !t.CustomSchedule {
		es.Add(Invalidf("start", "This policy doesn't let you choose a period."))
		return es.Err()
	}
	start := now
	if ask.Start.After(now) {
		start = ask.Start.In(now.Location())
	}
	last := t.Expiration.EndFrom(start)
	switch {
	case !last.IsZero() && !last.After(start):
		es.Add(Invalidf("start", "Access under this policy will already have ended. Choose an earlier start."))
	case ask.End.IsZero():
	case !ask.End.After(start):
		es.Add(Invalidf("end", "Enter an end in the future that is after the start."))
	case !last.IsZero() && ask.End.After(last):
		es.Add(&Error{Kind: Invalid, Field: "end", Msg: "This policy allows access until %s at the latest.",
			Args: []any{last}})
	}
	far := now.AddDate(maxAhead, 0, 0)
	if ask.Start.After(far) {
		es.Add(Invalidf("start", "Choose a period within the next %d years.", maxAhead))
	} else if ask.End.After(far) {
		es.Add(Invalidf("end", "Choose a period within the next %d years.", maxAhead))
	}
	return es.Err()
}

// maxAhead is how many years a requested period may reach into the future, as
// MaxAssignmentDays (F-123).
const maxAhead = 10

// AssignmentForm is what an administrator enters to assign a package directly
// (F-182).
type AssignmentForm struct {
	RequestForm
	By PersonID
}

// NewAssignmentRequest makes the request by which an administrator assigns the
// package to person at now, or returns everything that is wrong with it. No
// rule is bypassed: the policy must be enabled and include the person, its
// questions are answered for the person, and its approvers decide (F-184). A
// policy for direct assignment only includes everyone that the catalog admits.
// UncheckedAnswers is as for NewRequest.
func (o Offer) NewAssignmentRequest(person PersonContext, d AssignmentForm, now time.Time) (Request, error) {
	p, err := o.assignable(person, d.Policy)
	if err != nil {
		return Request{}, err
	}
	r, err := p.request(o.Package, person, d.RequestForm, now)
	r.Type, r.Requestor = AdminAdd, d.By
	return r, err
}

// MaxAssignees is the maximum number of people that a package is assigned to at once.
// It is one transaction, which other writes wait for.
const MaxAssignees = 200

// CheckAssignees refuses to assign to too many people at once, and to several with a
// policy that asks questions: they are answered for one person (F-121).
func (o Offer) CheckAssignees(policy PolicyID, people int) error {
	if people > MaxAssignees {
		return Invalidf("people", "Assign to at most %d people at once.", MaxAssignees)
	}
	at := slices.IndexFunc(o.Policies, func(p Policy) bool { return p.ID == policy })
	if at >= 0 && people > 1 && len(o.Policies[at].Questions) > 0 {
		return Invalidf("people", "This policy has questions. Assign to one person at a time.")
	}
	return nil
}

// NeedsApproval reports whether approvers decide about what is requested or assigned
// under the policy.
func (o Offer) NeedsApproval(policy PolicyID) bool {
	at := slices.IndexFunc(o.Policies, func(p Policy) bool { return p.ID == policy })
	return at >= 0 && len(o.Policies[at].Stages) > 0
}

// assignable returns the policy with the id if the package can be assigned to
// person under it.
func (o Offer) assignable(person PersonContext, id PolicyID) (Policy, error) {
	at := slices.IndexFunc(o.Policies, func(p Policy) bool { return p.ID == id })
	switch {
	case at < 0:
		return Policy{}, Invalidf("policy", "Choose the policy to assign under.")
	case !o.Policies[at].Enabled:
		return Policy{}, Invalidf("policy", "This policy is disabled, so no one can be assigned under it.")
	case person.Disabled:
		return Policy{}, Invalidf("people", "“%s” has been disabled.", person.Name)
	case person.Outsider() && !o.Catalog.External:
		return Policy{}, Invalidf("people", "The catalog isn't enabled for external users, so “%s” can't have access to "+
			"anything in it.", person.Name)
	}
	if p := o.Policies[at]; p.Scope == ScopeNobody || p.Matches(person) {
		return p, nil
	}
	return Policy{}, Invalidf("people", "This policy doesn't include “%s”.", person.Name)
}
