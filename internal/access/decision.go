package access

import (
	"slices"
	"time"
)

// Decision is an approver's decision in one stage.
type Decision struct {
	Stage   int
	By      PersonID
	Approve bool
	Reason  string
	At      time.Time
}

// Outcome is the result of an approval.
type Outcome int

// The outcomes of approval.
const (
	OutcomeWaiting  Outcome = iota // a stage has not decided yet
	OutcomeApproved                // every stage approved
	OutcomeDenied                  // an approver denied it
	OutcomeTimedOut                // a stage did not decide in time
)

// Verdict is an outcome with the index of the stage in which it was reached.
type Verdict struct {
	Outcome Outcome
	Stage   int
	Due     time.Time // the stage's deadline, for OutcomeWaiting and OutcomeTimedOut
}

// Evaluate returns the result of the decisions ds at now. ds are in the order
// in which they were made, one per decided stage:
//   - one denial denies the request, whatever was decided before it (F-094);
//   - one approval is enough for a stage (F-093);
//   - when every stage has approved, the request is approved;
//   - a stage's time starts when the previous stage decided; a request whose
//     stage does not decide in time has timed out (F-095). Days are counted in the
//     zone that now is in, that of the tenant (Settings.Local).
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
	due := r.Due // stored when the stage was opened
	if due.IsZero() || stage != r.Stage {
		due = r.Terms.Stages[stage].DueFrom(since.In(now.Location()))
	}
	if !now.Before(due) {
		return Verdict{Outcome: OutcomeTimedOut, Stage: stage, Due: due}
	}
	return Verdict{Outcome: OutcomeWaiting, Stage: stage, Due: due}
}

// NextState returns the state that a verdict leads to at now. An approved
// request with a start in the future becomes scheduled (F-124).
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

// CanDecide refuses unless person may decide the request's current stage at
// now. approver says whether person is an approver of that stage now, by name
// or through a group. It returns NotFound for people who have nothing to do
// with the request.
func (r Request) CanDecide(person PersonID, approver bool, ds []Decision, now time.Time) error {
	hasDecided := slices.ContainsFunc(ds, func(d Decision) bool { return d.By == person })
	switch {
	case r.IsRequestorOrTarget(person):
		return Refuse(Forbidden, "You can't decide on your own request.")
	case !approver && !hasDecided:
		return Missing()
	case r.State != PendingApproval:
		return Refuse(Conflict, "This request is no longer pending approval.")
	}
	switch v := r.Evaluate(ds, now); {
	case v.Outcome == OutcomeTimedOut:
		return Refuse(Conflict, "The time to decide on this request has passed.")
	case v.Outcome != OutcomeWaiting || !approver:
		return Refuse(Conflict, "This stage has already been decided.")
	}
	return nil
}

// CheckDecisionReason refuses a missing reason if the stage requires one, and
// one that is too long or unprintable.
func (r Request) CheckDecisionReason(stage int, reason string) error {
	need := stage < len(r.Terms.Stages) && r.Terms.Stages[stage].RequireReason
	return CheckText("reason", reason, MaxReasonLength, need)
}
