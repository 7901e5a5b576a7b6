package access

import (
	"slices"
	"time"
)

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
