package access

import (
	"slices"
	"time"
)

// RequestState is where a request stands. The names are those of the Graph
// accessPackageRequestState and our own expired (F §14).
type RequestState string

// The states of a request.
const (
	Submitted          RequestState = "submitted"          // recorded, nothing decided; passed through at once
	PendingApproval    RequestState = "pendingApproval"    // an approver has the next word
	Scheduled          RequestState = "scheduled"          // granted; waits for its start
	Delivering         RequestState = "delivering"         // being put into the target systems, or taken out
	Delivered          RequestState = "delivered"          // everything was granted, or removed
	PartiallyDelivered RequestState = "partiallyDelivered" // some of it was; the rest is tried daily
	DeliveryFailed     RequestState = "deliveryFailed"     // none of it was; it is tried daily
	Denied             RequestState = "denied"             // an approver said no
	Canceled           RequestState = "canceled"           // withdrawn
	Expired            RequestState = "expired"            // no approver answered in time
)

// RequestStates lists every state of a request.
func RequestStates() []RequestState {
	return []RequestState{
		Submitted, PendingApproval, Scheduled, Delivering, Delivered,
		PartiallyDelivered, DeliveryFailed, Denied, Canceled, Expired,
	}
}

// requestMoves has the legal moves of a request. The database holds the same
// table, and a test compares the two pair by pair.
func requestMoves() map[RequestState][]RequestState {
	return map[RequestState][]RequestState{
		Submitted:          {PendingApproval, Scheduled, Delivering, Canceled},
		PendingApproval:    {Scheduled, Delivering, Denied, Expired, Canceled},
		Scheduled:          {Delivering, Canceled},
		Delivering:         {Delivered, PartiallyDelivered, DeliveryFailed, Canceled},
		PartiallyDelivered: {Delivering, Canceled},
		DeliveryFailed:     {Delivering, Canceled},
	}
}

// CanMove reports whether a request may go from s to to.
func (s RequestState) CanMove(to RequestState) bool {
	return slices.Contains(requestMoves()[s], to)
}

// Open reports whether a request in the state is still under way, so that a
// second one for the same package and person is refused (F-163).
func (s RequestState) Open() bool {
	return s == Submitted || s == PendingApproval || s == Scheduled || s == Delivering
}

// RequestType says what a request is for and who made it (F §14).
type RequestType string

// The types of request. Extension, updates and requests for somebody else have
// their names here because the database knows them; nothing makes one yet.
const (
	UserAdd      RequestType = "userAdd"
	UserExtend   RequestType = "userExtend"
	UserUpdate   RequestType = "userUpdate"
	UserRemove   RequestType = "userRemove"
	AdminAdd     RequestType = "adminAdd"
	AdminUpdate  RequestType = "adminUpdate"
	AdminRemove  RequestType = "adminRemove"
	SystemAdd    RequestType = "systemAdd"
	SystemUpdate RequestType = "systemUpdate"
	SystemRemove RequestType = "systemRemove"
	OnBehalfAdd  RequestType = "onBehalfAdd"
)

// IsRemoval reports whether the request takes access away.
func (t RequestType) IsRemoval() bool {
	return t == UserRemove || t == AdminRemove || t == SystemRemove
}

// Request is one attempt to change an assignment; nothing else ever changes
// one (F-007).
type Request struct {
	ID      RequestID
	Tenant  TenantID
	Type    RequestType
	State   RequestState
	Package PackageID
	Policy  PolicyID
	// Requestor made the request, Target is whom it is for. The requestor of a
	// system request is empty.
	Requestor, Target PersonID
	Assignment        AssignmentID // empty until delivery begins
	Justification     string
	Answers           []Answer
	Start, End        time.Time // the period asked for; zero is at once, and as the policy says
	Terms             Terms     // of the policy, as they stood when the request was made
	// Stage is the one that must decide next, from 0, and Due when its time is
	// over; Due is zero unless the state is PendingApproval.
	Stage     int
	Due       time.Time
	Note      string // why the system canceled it, in English
	Created   time.Time
	Completed time.Time // when it reached a final state; zero before
}

// Decision is what one approver said in one stage.
type Decision struct {
	Stage   int
	By      PersonID
	Approve bool
	Reason  string
	At      time.Time
}

// Outcome is what decisions amount to.
type Outcome int

// The outcomes of approval.
const (
	OutcomeWaiting  Outcome = iota // a stage has yet to decide
	OutcomeApproved                // every stage approved
	OutcomeDenied                  // somebody said no
	OutcomeTimedOut                // a stage did not answer in time
)

// Verdict is an outcome and the stage that it came about in.
type Verdict struct {
	Outcome Outcome
	Stage   int
	Due     time.Time // for Waiting: when the stage's time is over
}

// Evaluate works out what decisions, in the order in which they were made, amount
// to at now:
//   - one denial refuses the request, whatever was said before it (F-094);
//   - one approval is enough for a stage (F-093);
//   - when every stage has approved, the request is granted;
//   - a stage's clock starts when the one before it ends, and a request whose
//     stage has not answered in time has lapsed (F-095).
func (r Request) Evaluate(ds []Decision, now time.Time) Verdict {
	since := r.Created
	for _, d := range ds {
		if !d.Approve {
			return Verdict{Outcome: OutcomeDenied, Stage: d.Stage}
		}
		since = d.At
	}
	stage := len(ds)
	if stage >= len(r.Terms.Stages) {
		return Verdict{Outcome: OutcomeApproved, Stage: stage}
	}
	due := since.Add(r.Terms.Stages[stage].Limit())
	if !now.Before(due) {
		return Verdict{Outcome: OutcomeTimedOut, Stage: stage, Due: due}
	}
	return Verdict{Outcome: OutcomeWaiting, Stage: stage, Due: due}
}

// NextState is the state that a verdict leads to at now. A granted request whose
// start lies ahead is scheduled (F-124).
func (r Request) NextState(v Verdict, now time.Time) RequestState {
	switch v.Outcome {
	case OutcomeWaiting:
		return PendingApproval
	case OutcomeDenied:
		return Denied
	case OutcomeTimedOut:
		return Expired
	case OutcomeApproved:
	}
	if r.Start.After(now) {
		return Scheduled
	}
	return Delivering
}

// IsRequestorOrTarget reports whether who made the request or would get the access, and
// so may never decide it (F-097, F-098).
func (r Request) IsRequestorOrTarget(who PersonID) bool {
	return who != "" && (who == r.Requestor || who == r.Target)
}

// CanDecide refuses unless who may decide the request's current stage at now.
// approver tells whether who is among the approvers of that stage, by name or
// by a group's membership as it is now. A person who has no part in the request
// is told that it does not exist.
func (r Request) CanDecide(who PersonID, approver bool, ds []Decision, now time.Time) error {
	took := slices.ContainsFunc(ds, func(d Decision) bool { return d.By == who })
	switch {
	case r.IsRequestorOrTarget(who):
		return Refuse(Forbidden, "Nobody decides a request of their own.")
	case !approver && !took:
		return Missing()
	case r.State != PendingApproval:
		return Refuse(Conflict, "This request has already been settled.")
	}
	switch v := r.Evaluate(ds, now); {
	case v.Outcome == OutcomeTimedOut:
		return Refuse(Conflict, "The time to decide this request is over.")
	case v.Outcome != OutcomeWaiting || !approver:
		return Refuse(Conflict, "This stage has already been decided.")
	}
	return nil
}

// CheckDecisionReason refuses a decision without the reason that the stage demands.
func (r Request) CheckDecisionReason(stage int, reason string) error {
	need := stage < len(r.Terms.Stages) && r.Terms.Stages[stage].RequireReason
	return CheckText("reason", reason, MaxReasonLength, need)
}

// CanCancel refuses unless who may withdraw the request as its requestor
// (F-155).
func (r Request) CanCancel(who PersonID) error {
	switch {
	case !r.IsRequestorOrTarget(who):
		return Missing()
	case r.State != Submitted && r.State != PendingApproval && r.State != Scheduled:
		return Refuse(Conflict, "This request can no longer be canceled.")
	}
	return nil
}

// CanResubmit reports whether a new request may start from this one (F-156).
// The old one is never revived.
func (r Request) CanResubmit(who PersonID) bool {
	return r.IsRequestorOrTarget(who) && r.Type == UserAdd && (r.State == Denied || r.State == Expired || r.State == Canceled)
}

// RequestForm is what a requestor put into the form.
type RequestForm struct {
	Policy        PolicyID // may be empty if there is no choice
	Answers       map[QuestionID][]string
	Justification string
	Start, End    time.Time // both may be zero
	Languages     []string  // of the requestor, most wanted first, for localised texts
}

// ExistingAccess is what the person already has of the package.
type ExistingAccess struct {
	Assigned  bool // an assignment is in force or on its way
	Requested bool // a request is open
}

// CanRequest refuses a person who already has or awaits the package (F-147,
// F-163), or whom the tenant may not invite (F-153).
func (h ExistingAccess) CanRequest(who PersonContext, s Settings) error {
	switch {
	case h.Assigned:
		return Refuse(Conflict, "You already have this access package.")
	case h.Requested:
		return Refuse(Conflict, "You have already asked for this access package. Your request is under way.")
	case who.Kind == External || who.Guest == GuestRemoved:
		return s.CheckInvite(who.Domain)
	}
	return nil
}

// CanAssign is CanAsk for somebody to whom an administrator assigns the package.
func (h ExistingAccess) CanAssign(who PersonContext, s Settings) error {
	switch {
	case h.Assigned:
		return Invalidf("people", "“%s” has this access package already.", who.Name)
	case h.Requested:
		return Invalidf("people", "A request of “%s” for this access package is under way.", who.Name)
	case who.Kind == External || who.Guest == GuestRemoved:
		if !s.MayInvite(who.Domain) {
			return Invalidf("people", "This organization does not admit guests from %s.", string(who.Domain))
		}
	}
	return nil
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
