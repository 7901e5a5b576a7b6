package access

import (
	"slices"
	"time"
)

// RequestForm is what a requestor put into the form.
type RequestForm struct {
	Policy        PolicyID // may be empty if there is no choice
	Answers       map[QuestionID][]string
	Justification string
	Start, End    time.Time // both may be zero
	Languages     []string  // of the requestor, most wanted first, for localised texts
}

// NewRequest makes the request for which who asks at now, or says everything
// that is wrong with it. The caller gives it an id.
func (o Offer) NewRequest(who PersonContext, ask RequestForm, now time.Time) (Request, error) {
	p, err := o.SelectPolicy(who, ask.Policy)
	if err != nil {
		return Request{}, err
	}
	return p.request(o.Package, who, ask, now)
}

// request is what who asks for of the package under the policy, with everything that is wrong
// with it.
func (p Policy) request(k Package, who PersonContext, ask RequestForm, now time.Time) (Request, error) {
	r := Request{
		Tenant: k.Tenant, Type: UserAdd, State: Submitted,
		Package: k.ID, Policy: p.ID, Requestor: who.ID, Target: who.ID,
		Justification: ask.Justification, Start: ask.Start, End: ask.End,
		Terms: p.Terms, Created: now,
	}
	var es Errors
	es.Add(CheckText("justification", ask.Justification, MaxJustificationLength, p.RequireJustification))
	es.Add(p.checkPeriod(ask, now))
	for _, q := range p.Questions {
		a, err := q.Accept(ask.Answers[q.ID], ask.Languages...)
		es.Add(err)
		if len(a.Values) > 0 {
			r.Answers = append(r.Answers, a)
		}
	}
	for id := range ask.Answers {
		if !slices.ContainsFunc(p.Questions, func(q Question) bool { return q.ID == id }) {
			es.Add(Invalidf("policy", "The questions have changed. Look at the form again."))
			break
		}
	}
	return r, es.Err()
}

// checkPeriod refuses a period that the terms do not allow (F-081, F-124).
func (t Terms) checkPeriod(ask RequestForm, now time.Time) error {
	var es Errors
	if (!ask.Start.IsZero() || !ask.End.IsZero()) && !t.CustomSchedule {
		es.Add(Invalidf("start", "This policy does not let you choose a period."))
		return es.Err()
	}
	start := now
	if ask.Start.After(now) {
		start = ask.Start
	}
	last := t.Expiration.EndFrom(start)
	switch {
	case !last.IsZero() && !last.After(start):
		es.Add(Invalidf("start", "Access under this policy has ended already by then."))
	case ask.End.IsZero():
	case !ask.End.After(start):
		es.Add(Invalidf("end", "The end lies after the start and in the future."))
	case !last.IsZero() && ask.End.After(last):
		es.Add(&Error{Kind: Invalid, Field: "end", Msg: "This policy allows access until %s at the latest.",
			Args: []any{last}})
	}
	far := now.AddDate(maxAhead, 0, 0)
	if ask.Start.After(far) {
		es.Add(Invalidf("start", "A period lies within the next %d years.", maxAhead))
	} else if ask.End.After(far) {
		es.Add(Invalidf("end", "A period lies within the next %d years.", maxAhead))
	}
	return es.Err()
}

// maxAhead is how many years a period may reach into the future: ten years, as
// for the days of a policy (F-123).
const maxAhead = 10

// AssignmentForm is what an administrator puts into the form to assign a package to
// somebody (F-182).
type AssignmentForm struct {
	RequestForm
	By PersonID
}

// NewAssignmentRequest makes the request by which an administrator assigns the package
// to who at now, or says everything that is wrong with it. Nothing is bypassed:
// the policy must be enabled and cover the person, questions are answered for
// them, and where the policy asks for approval its approvers decide (F-184). A
// policy for direct assignment only covers everybody whom the catalog lets in.
func (o Offer) NewAssignmentRequest(who PersonContext, d AssignmentForm, now time.Time) (Request, error) {
	p, err := o.assignable(who, d.Policy)
	if err != nil {
		return Request{}, err
	}
	r, err := p.request(o.Package, who, d.RequestForm, now)
	r.Type, r.Requestor = AdminAdd, d.By
	return r, err
}

// assignable is the policy with the id, if it can be used to assign the package
// to who.
func (o Offer) assignable(who PersonContext, id PolicyID) (Policy, error) {
	at := slices.IndexFunc(o.Policies, func(p Policy) bool { return p.ID == id })
	switch {
	case at < 0:
		return Policy{}, Invalidf("policy", "Choose the policy to assign under.")
	case !o.Policies[at].Enabled:
		return Policy{}, Invalidf("policy", "This policy is disabled: nobody can be assigned with it.")
	case who.Disabled:
		return Policy{}, Invalidf("people", "“%s” has been disabled.", who.Name)
	case who.Outsider() && !o.Catalog.External:
		return Policy{}, Invalidf("people", "The catalog is closed to people outside the directory, so “%s” cannot have "+
			"anything in it.", who.Name)
	}
	if p := o.Policies[at]; p.Scope == ScopeNobody || p.Matches(who) {
		return p, nil
	}
	return Policy{}, Invalidf("people", "This policy does not cover “%s”.", who.Name)
}
