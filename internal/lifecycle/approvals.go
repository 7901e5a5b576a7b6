package lifecycle

import (
	"context"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// DecisionInput is an approver's decision on a stage of a request.
type DecisionInput struct {
	Request access.RequestID
	Stage   int // the stage on the page that the approver decided on
	Approve bool
	Reason  string
}

// Decide records the decision of by on a stage of a request and advances the
// request. The first decision on a stage wins; a second one is refused with
// Conflict. Forbidden for the request's own people, and for an approval that would
// give an administrative role that no approver could assign (W-25); NotFound for
// others who are no approvers of it, Invalid without a required reason.
func (q *Requests) Decide(ctx context.Context, by access.Person, c DecisionInput) error {
	err := q.store.Write(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(ctx, by.Tenant, c.Request)
		if err != nil {
			return err
		}
		ds, err := tx.Decisions(ctx, r.Tenant, r.ID)
		if err != nil {
			return err
		}
		if err := checkCanDecide(ctx, tx, by, r, ds, c); err != nil {
			return err
		}
		d := access.Decision{Stage: r.Stage, By: by.ID, Approve: c.Approve, Reason: c.Reason, At: tx.Now}
		if err := tx.AddDecision(ctx, r, d); err != nil {
			return err
		}
		err = advanceRequest(ctx, tx, &r, append(ds, d), access.AuditRecord{Actor: by.ID, Reason: c.Reason})
		if access.KindOf(err) == access.Forbidden {
			err = access.AtField(err, "reason")
		}
		return err
	})
	if err == nil {
		q.wake()
	}
	return err
}

// checkCanDecide refuses a decision that by may not make.
func checkCanDecide(ctx context.Context, tx *store.Tx, by access.Person, r access.Request, ds []access.Decision,
	c DecisionInput) error {
	fresh, err := tx.Person(ctx, by.Tenant, by.ID)
	if err != nil {
		return err
	}
	approver, err := tx.IsApprover(ctx, fresh, r.ID, r.Stage)
	if err != nil {
		return err
	}
	if fresh.Disabled {
		return access.Missing()
	}
	if err := tx.CheckAdmitted(ctx, fresh); err != nil {
		return err
	}
	if !approver && c.Stage < r.Stage { // an approver of an earlier stage, who was too late
		if approver, err = tx.IsApprover(ctx, fresh, r.ID, c.Stage); err != nil {
			return err
		}
	}
	if err := r.CanDecide(by.ID, approver, ds, tx.Now); err != nil {
		return err
	}
	if c.Stage != r.Stage {
		return access.Refuse(access.Conflict, "This stage has already been decided.")
	}
	return r.CheckDecisionReason(r.Stage, c.Reason)
}

// advanceRequest moves a request to what its decisions amount to: the next
// stage, the delivery, its scheduled start, or its end. cause is the actor and
// the reason of the move.
func advanceRequest(ctx context.Context, tx *store.Tx, r *access.Request, ds []access.Decision,
	cause access.AuditRecord) error {
	now, err := localNow(ctx, tx, r.Tenant)
	if err != nil {
		return err
	}
	v := r.Evaluate(ds, now)
	switch to := r.NextState(v, tx.Now); to {
	case access.PendingApproval:
		return openStage(ctx, tx, r, v, cause)
	case access.Denied, access.Expired:
		return denyOrExpire(ctx, tx, r, to, cause)
	default: // scheduled or delivering
		if err := checkAuthority(ctx, tx.Reader, *r, ds); err != nil {
			return err
		}
		return approveRequest(ctx, tx, r, to, cause)
	}
}

// openStage lets the approvers of the next stage, that of v, decide, and notifies
// them.
func openStage(ctx context.Context, tx *store.Tx, r *access.Request, v access.Verdict, cause access.AuditRecord) error {
	before := r.Stage
	if err := tx.CloseStages(ctx, *r); err != nil {
		return err
	}
	r.Stage, r.Due = v.Stage, v.Due
	if err := tx.NextStage(ctx, *r); err != nil {
		return err
	}
	if err := recordStageApproved(ctx, tx, *r, before, cause); err != nil {
		return err
	}
	people, err := currentApprovers(ctx, tx, *r, r.Stage)
	if err != nil {
		return err
	}
	return askApprovers(ctx, tx, *r, people, 0)
}

// askApprovers lets the approvers of the request's stage decide, and notifies those of
// them who can now, after the delay.
func askApprovers(ctx context.Context, tx *store.Tx, r access.Request, people []access.Person,
	delay time.Duration) error {
	if err := tx.OpenStage(ctx, r, r.Stage, r.Terms.Stages[r.Stage].Approvers); err != nil {
		return err
	}
	return notifyLater(ctx, tx, r, mailAfter{mail.ApprovalAsked, delay}, people)
}

// recordStageApproved records the approval of a stage that is not the last,
// and notifies its approvers (M-08).
func recordStageApproved(ctx context.Context, tx *store.Tx, r access.Request, stage int,
	cause access.AuditRecord) error {
	cause.Activity = access.ActCompleteStage
	if err := recordRequest(ctx, tx, r, cause); err != nil {
		return err
	}
	people, err := currentApprovers(ctx, tx, r, stage)
	if err != nil {
		return err
	}
	r.Stage = stage
	return notifyPeople(ctx, tx, r, mail.StageApproved, people)
}

// currentApprovers returns the people who may decide a stage, with the current
// members of groups, without the request's own people (F-097) and those who cannot sign
// in.
func currentApprovers(ctx context.Context, tx *store.Tx, r access.Request, stage int) ([]access.Person, error) {
	return approversOf(ctx, tx.Reader, r, stage)
}

// approversOf is currentApprovers for pages.
func approversOf(ctx context.Context, read *store.Reader, r access.Request, stage int) ([]access.Person, error) {
	people, err := read.ExpandSubjects(ctx, r.Tenant, r.Terms.Stages[stage].Approvers)
	if err == nil {
		people, err = read.WithWayIn(ctx, r.Tenant, people)
	}
	return slices.DeleteFunc(people, func(p access.Person) bool {
		return r.IsRequestorOrTarget(p.ID) || p.Guest == access.GuestBlocked || p.Account == "" && p.Email == ""
	}), err
}

// approversSoFar returns the approvers of the first stages, each once.
func approversSoFar(ctx context.Context, tx *store.Tx, r access.Request, stages int) ([]access.Person, error) {
	seen := map[access.PersonID]bool{}
	var all []access.Person
	for stage := range min(stages, len(r.Terms.Stages)) {
		people, err := currentApprovers(ctx, tx, r, stage)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			if !seen[p.ID] {
				seen[p.ID] = true
				all = append(all, p)
			}
		}
	}
	return all, nil
}

// denyOrExpire ends a request that was denied or has expired, and notifies the
// requestor (M-09, M-10) and the approvers of the stages opened so far (M-06,
// M-17).
func denyOrExpire(ctx context.Context, tx *store.Tx, r *access.Request, to access.RequestState,
	cause access.AuditRecord) error {
	requestor, approvers := mail.RequestDenied, mail.RequestDeniedApprovers
	cause.Activity = access.ActDeny
	if to == access.Expired {
		requestor, approvers = mail.RequestExpired, mail.RequestExpiredApprovers
		cause.Activity = access.ActTimeOut
	}
	if err := moveRequest(ctx, tx, r, to, cause); err != nil {
		return err
	}
	people, err := approversSoFar(ctx, tx, *r, r.Stage+1)
	if err != nil {
		return err
	}
	if r.Type == access.UserAdd { // the person is not notified of an administrator's request (F-185)
		if err := notify(ctx, tx, *r, requestor, r.Target); err != nil {
			return err
		}
	}
	return notifyPeople(ctx, tx, *r, approvers, people)
}

// approveRequest records the approval of a request, starts its delivery or
// schedules it, and notifies the approvers (M-07, M-16).
func approveRequest(ctx context.Context, tx *store.Tx, r *access.Request, to access.RequestState,
	cause access.AuditRecord) error {
	if cause.Activity == "" {
		cause.Activity = access.ActApprove
	}
	if err := recordRequest(ctx, tx, *r, cause); err != nil {
		return err
	}
	step := startDelivery
	if to == access.Scheduled {
		step = scheduleRequest
	}
	if err := step(ctx, tx, r, cause); err != nil {
		return err
	}
	people, err := approversSoFar(ctx, tx, *r, len(r.Terms.Stages))
	if err != nil {
		return err
	}
	return notifyPeople(ctx, tx, *r, mail.RequestApproved, people)
}

// scheduleRequest lets an approved request wait for its start. cause is the
// actor and the reason of the move.
func scheduleRequest(ctx context.Context, tx *store.Tx, r *access.Request, cause access.AuditRecord) error {
	cause.Activity = access.ActSchedule
	return moveRequest(ctx, tx, r, access.Scheduled, cause)
}
