package lifecycle

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// Requests are the use cases of requestors and approvers.
type Requests struct {
	store *store.Store
	wake  func()
}

// Submit makes the account's request for a package, after every check of
// F-152, and sends it on its way: to the first stage's approvers, to delivery,
// or to wait for its start. A person whom the tenant has not seen yet becomes
// known to it. A form that was posted before, which its key tells, makes
// nothing new: the request that it made is returned.
//
// Refusals: NotFound for a package that the person may not request, Conflict
// for one that is held or asked for, Forbidden for a domain that may not be
// invited, Invalid with the field for every fault of what was typed.
func (q *Requests) Submit(ctx context.Context, t access.Tenant, a access.Account, id access.PackageID,
	ask access.RequestForm,
	key string) (access.Request, error) {
	var made access.Request
	err := q.store.Write(ctx, func(tx *store.Tx) error {
		p, err := joinTenant(ctx, tx, t.ID, a)
		if err != nil {
			return err
		}
		if key != "" {
			old, ok, err := tx.RequestByForm(ctx, p, key)
			if made = old; ok || err != nil {
				return err
			}
		}
		made, err = newRequest(ctx, tx, p, id, ask)
		if err != nil {
			return err
		}
		made.ID = access.RequestID(tx.NewID())
		return SubmitRequest(ctx, tx, &made, key)
	})
	q.wake()
	return made, err
}

// newRequest makes the request of p for the package, or refuses it.
func newRequest(ctx context.Context, tx *store.Tx, p access.Person, id access.PackageID,
	ask access.RequestForm) (access.Request, error) {
	tenant, err := tx.Tenant(ctx, p.Tenant)
	if err != nil {
		return access.Request{}, err
	}
	who, err := tx.ContextOf(ctx, p)
	if err != nil {
		return access.Request{}, err
	}
	offer, err := tx.Offer(ctx, p.Tenant, id)
	if err != nil {
		return access.Request{}, err
	}
	if len(offer.UsablePolicies(who)) == 0 {
		return access.Request{}, access.Missing()
	}
	holding, err := tx.Holding(ctx, p, id)
	if err != nil {
		return access.Request{}, err
	}
	if err := holding.CanRequest(who, tenant.Settings); err != nil {
		return access.Request{}, err
	}
	r, err := offer.NewRequest(who, ask, tx.Now)
	if err != nil {
		return access.Request{}, err
	}
	return r, proposeOrganization(ctx, tx, who)
}

// proposeOrganization makes the directory of an outsider who asks a proposed connected
// organization, if the tenant has none for it (F-075).
func proposeOrganization(ctx context.Context, tx *store.Tx, who access.PersonContext) error {
	if !who.Outsider() || who.Organization.ID != "" {
		return nil
	}
	dir, err := tx.Directory(ctx, who.Directory)
	if err != nil {
		return err
	}
	o := access.Organization{
		ID: access.OrganizationID(tx.NewID()), Tenant: who.Tenant, Name: dir.Name + " (" + string(who.Domain) + ")",
		Description: "Came in by a request of " + who.Name + ".", State: access.Proposed,
		Directories: []access.DirectoryID{dir.ID},
	}
	if err := tx.SaveOrganization(ctx, o); err != nil {
		return err
	}
	return tx.Audit(ctx, access.AuditRecord{Tenant: who.Tenant, Actor: who.ID, Activity: access.ActCreate,
		ObjectKind: "connectedOrganization", ObjectID: string(o.ID), To: string(o.State)})
}

// SubmitRequest stores a new request and lets it take its first step.
func SubmitRequest(ctx context.Context, tx *store.Tx, r *access.Request, key string) error {
	r.Created = tx.Now
	if err := tx.AddRequest(ctx, *r, key); err != nil {
		return err
	}
	activity := map[access.RequestType]access.Activity{access.UserAdd: access.ActRequest,
		access.AdminAdd: access.ActAssignDirectly}[r.Type]
	if activity == "" {
		activity = access.ActSystemRequest
	}
	err := recordRequest(ctx, tx, *r, access.AuditRecord{Actor: r.Requestor, Activity: activity, To: string(r.State),
		Reason: r.Justification})
	if err != nil {
		return err
	}
	return advanceRequest(ctx, tx, r, nil, access.AuditRecord{Activity: access.ActAutoApprove})
}

// advanceRequest takes a request where its decisions lead: to the next stage, to
// delivery, to its start, or to its end. cause says who brought that about.
func advanceRequest(ctx context.Context, tx *store.Tx, r *access.Request, ds []access.Decision,
	cause access.AuditRecord) error {
	v := r.Evaluate(ds, tx.Now)
	to := r.NextState(v, tx.Now)
	if err := tx.CloseStages(ctx, *r); err != nil {
		return err
	}
	switch to {
	case access.PendingApproval:
		return openStage(ctx, tx, r, v, cause)
	case access.Denied, access.Expired:
		return denyOrExpire(ctx, tx, r, to, cause)
	default: // scheduled or delivering
		return approveRequest(ctx, tx, r, to, cause)
	}
}

// openStage lets the approvers of the stage of v decide, and tells them.
func openStage(ctx context.Context, tx *store.Tx, r *access.Request, v access.Verdict, cause access.AuditRecord) error {
	before := r.Stage
	r.Stage, r.Due = v.Stage, v.Due
	var err error
	if r.State == access.Submitted {
		err = moveRequest(ctx, tx, r, access.PendingApproval, access.AuditRecord{Activity: access.ActCompleteStage})
	} else if err = tx.NextStage(ctx, *r); err == nil {
		err = recordStageApproved(ctx, tx, *r, before, cause)
	}
	if err != nil {
		return err
	}
	stage := r.Terms.Stages[r.Stage]
	if err := tx.OpenStage(ctx, *r, r.Stage, stage.Approvers); err != nil {
		return err
	}
	people, err := currentApprovers(ctx, tx, *r, r.Stage)
	if err != nil {
		return err
	}
	return notify(ctx, tx, *r, mail.ApprovalAsked, people...)
}

// recordStageApproved records that a stage other than the last has approved, and tells
// its approvers (messages 8 and 16).
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
	return notify(ctx, tx, r, mail.StageApproved, people...)
}

// currentApprovers are the people who may decide a stage, as groups stand now. Nobody
// of the request's own people is among them (F-097).
func currentApprovers(ctx context.Context, tx *store.Tx, r access.Request, stage int) ([]access.PersonID, error) {
	people, err := tx.ExpandSubjects(ctx, r.Tenant, r.Terms.Stages[stage].Approvers)
	var ids []access.PersonID
	for _, p := range people {
		if !r.IsRequestorOrTarget(p.ID) && !p.Disabled {
			ids = append(ids, p.ID)
		}
	}
	return ids, err
}

// approversSoFar are the approvers of the stages up to the one given, each once.
func approversSoFar(ctx context.Context, tx *store.Tx, r access.Request, stages int) ([]access.PersonID, error) {
	seen := map[access.PersonID]bool{}
	var all []access.PersonID
	for stage := range min(stages, len(r.Terms.Stages)) {
		people, err := currentApprovers(ctx, tx, r, stage)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			if !seen[p] {
				seen[p] = true
				all = append(all, p)
			}
		}
	}
	return all, nil
}

// denyOrExpire ends a request that was denied or whose time is over, and tells the
// requestor (messages 9, 10) and everybody who took part (6, 17).
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
	if r.Type == access.UserAdd { // nobody is told of what an administrator asked for them (F-185)
		if err := notify(ctx, tx, *r, requestor, r.Target); err != nil {
			return err
		}
	}
	return notify(ctx, tx, *r, approvers, people...)
}

// approveRequest sends a granted request to delivery, or to wait for its start, and
// tells the approvers (messages 7, 16).
func approveRequest(ctx context.Context, tx *store.Tx, r *access.Request, to access.RequestState,
	cause access.AuditRecord) error {
	if cause.Activity == "" {
		cause.Activity = access.ActApprove
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
	return notify(ctx, tx, *r, mail.RequestApproved, people...)
}

// scheduleRequest lets a granted request wait for its start.
func scheduleRequest(ctx context.Context, tx *store.Tx, r *access.Request, cause access.AuditRecord) error {
	if err := recordRequest(ctx, tx, *r, cause); err != nil {
		return err
	}
	return moveRequest(ctx, tx, r, access.Scheduled, access.AuditRecord{Actor: cause.Actor, Activity: access.ActSchedule,
		Reason: cause.Reason})
}

// DecisionInput is what an approver chose for a stage of a request.
type DecisionInput struct {
	Request access.RequestID
	Stage   int // the one that the approver saw
	Approve bool
	Reason  string
}

// Decide makes the decision of by on the stage of a request, and takes the
// request where that leads. Of two approvers the first is heard; the second
// finds a Conflict. Forbidden for the request's own people, NotFound for
// everybody else who has no part in it, Invalid without a reason that is asked
// for.
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
		return advanceRequest(ctx, tx, &r, append(ds, d), access.AuditRecord{Actor: by.ID, Reason: c.Reason})
	})
	q.wake()
	return err
}

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
	if !approver && c.Stage < r.Stage { // one of the stage before, who has come second
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

// Cancel withdraws a request of who's own while it waits for approval or for
// its start (F-155), and tells the approvers whom it had reached.
func (q *Requests) Cancel(ctx context.Context, who access.Person, id access.RequestID) error {
	return q.store.Write(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(ctx, who.Tenant, id)
		if err != nil {
			return err
		}
		if err := r.CanCancel(who.ID); err != nil {
			return err
		}
		return CancelRequest(ctx, tx, &r, access.AuditRecord{Actor: who.ID, Activity: access.ActCancel})
	})
}

// CancelRequest ends a request that nothing was delivered for. The requestor is told
// if it was not the requestor who did it.
func CancelRequest(ctx context.Context, tx *store.Tx, r *access.Request, cause access.AuditRecord) error {
	reached := 0
	if r.State == access.PendingApproval || r.State == access.Scheduled {
		reached = r.Stage + 1
	}
	if err := tx.CloseStages(ctx, *r); err != nil {
		return err
	}
	if err := moveRequest(ctx, tx, r, access.Canceled, cause); err != nil {
		return err
	}
	people, err := approversSoFar(ctx, tx, *r, reached)
	if err != nil {
		return err
	}
	if cause.Actor != r.Requestor && r.Type == access.UserAdd {
		people = append(people, r.Target)
	}
	return notify(ctx, tx, *r, mail.RequestCanceled, people...)
}
