package lifecycle

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// Deadlines is what the passing of time does.
type Deadlines struct{ store *store.Store }

// EndAssignments ends the assignments whose end has come: each by a request of the system,
// so that a request is still the only thing that changes an assignment (F-007).
// The access has not counted since its end; now it is taken out of the targets.
func (c *Deadlines) EndAssignments(ctx context.Context, now time.Time) (int, error) {
	due, err := c.store.EndingAssignments(ctx, now, batchSize)
	if err != nil {
		return 0, err
	}
	return forEachTx(ctx, c.store, due, endIfDue)
}

// endIfDue ends an assignment that was seen to be over, unless it is no longer
// so: what was listed may be out of date by now. So it is with the others below.
func endIfDue(ctx context.Context, tx *store.Tx, old access.Assignment) error {
	x, err := tx.Assignment(ctx, old.Tenant, old.ID)
	if err != nil || x.State == access.AssignExpired || x.InForce(tx.Now) {
		return err
	}
	return EndAssignment(ctx, tx, x, EndReason{RequestType: access.SystemRemove, Activity: access.ActSystemRequest})
}

// EndReason is why an assignment ends: by a request of what type, made by whom.
type EndReason struct {
	RequestType access.RequestType
	Activity    access.Activity
	By          access.PersonID // empty for the system
	Reason      string
}

// EndAssignment makes the request that ends an assignment, and queues the removal.
func EndAssignment(ctx context.Context, tx *store.Tx, x access.Assignment, why EndReason) error {
	r := access.Request{
		ID: access.RequestID(tx.NewID()), Tenant: x.Tenant, Type: why.RequestType, State: access.Submitted,
		Package: x.Package,
		Policy:  x.Policy, Requestor: why.By, Target: x.Person, Assignment: x.ID, Justification: why.Reason, Created: tx.Now,
		Terms: access.Terms{Expiration: access.Expiration{Kind: access.NoExpiration}},
	}
	if err := tx.AddRequest(ctx, r, ""); err != nil {
		return err
	}
	err := recordRequest(ctx, tx, r, access.AuditRecord{Actor: why.By, Activity: why.Activity, To: string(r.State),
		Reason: why.Reason})
	if err != nil {
		return err
	}
	if err := moveRequest(ctx, tx, &r, access.Delivering, access.AuditRecord{Activity: access.ActReady}); err != nil {
		return err
	}
	if err := expireAssignment(ctx, tx, x, r.ID); err != nil {
		return err
	}
	return tx.QueueDelivery(ctx, x.Tenant, x.Person, true)
}

// expireAssignment ends an assignment, and with it the request that brought it about if
// that is still being delivered.
func expireAssignment(ctx context.Context, tx *store.Tx, x access.Assignment, by access.RequestID) error {
	from := x.State
	x.Ended = tx.Now
	if err := tx.MoveAssignment(ctx, x, access.AssignExpired); err != nil {
		return err
	}
	err := tx.Audit(ctx, access.AuditRecord{Tenant: x.Tenant, Activity: access.ActRemoveAssignment,
		ObjectKind: "assignment",
		ObjectID:   string(x.ID), From: string(from), To: string(access.AssignExpired), Request: by})
	if err != nil {
		return err
	}
	first, err := tx.Request(ctx, x.Tenant, x.Request)
	if err != nil || !first.State.CanMove(access.Canceled) {
		return err
	}
	first.Note = "The access ended before all of it was delivered."
	return moveRequest(ctx, tx, &first, access.Canceled, access.AuditRecord{Activity: access.ActCancel,
		Reason: first.Note})
}

// ExpireRequests ends the requests whose stage has run out of time (F-095).
func (c *Deadlines) ExpireRequests(ctx context.Context, now time.Time) (int, error) {
	due, err := c.store.DueRequests(ctx, now, batchSize)
	if err != nil {
		return 0, err
	}
	return forEachTx(ctx, c.store, due, expireIfDue)
}

func expireIfDue(ctx context.Context, tx *store.Tx, old access.Request) error {
	r, ds, err := pendingRequest(ctx, tx, old)
	if err != nil || r.Evaluate(ds, tx.Now).Outcome != access.OutcomeTimedOut {
		return err
	}
	return advanceRequest(ctx, tx, &r, ds, access.AuditRecord{})
}

// RemindApprovers reminds the approvers of stages of which half the time is over
// (messages 3 and 12), once per stage.
func (c *Deadlines) RemindApprovers(ctx context.Context, now time.Time) (int, error) {
	due, err := c.store.RemindableRequests(ctx, now, batchSize)
	if err != nil {
		return 0, err
	}
	return forEachTx(ctx, c.store, due, remindApprovers)
}

func remindApprovers(ctx context.Context, tx *store.Tx, old access.Request) error {
	r, ds, err := pendingRequest(ctx, tx, old)
	if err != nil {
		return err
	}
	first, err := tx.MarkReminded(ctx, r)
	if err != nil || !first || r.Evaluate(ds, tx.Now).Outcome != access.OutcomeWaiting {
		return err
	}
	people, err := currentApprovers(ctx, tx, r, r.Stage)
	if err != nil {
		return err
	}
	return notify(ctx, tx, r, mail.ApprovalReminder, people...)
}

// pendingRequest reads a request again that is expected to wait for approval; a
// Conflict if it does not any more.
func pendingRequest(ctx context.Context, tx *store.Tx, old access.Request) (access.Request, []access.Decision, error) {
	r, err := tx.Request(ctx, old.Tenant, old.ID)
	if err != nil {
		return r, nil, err
	}
	if r.State != access.PendingApproval {
		return r, nil, access.Refuse(access.Conflict, "This request has already been settled.")
	}
	ds, err := tx.Decisions(ctx, r.Tenant, r.ID)
	return r, ds, err
}

// StartScheduled sends the scheduled requests whose start has come to delivery. Somebody
// who may no longer have the package by then does not get it.
func (c *Deadlines) StartScheduled(ctx context.Context, now time.Time) (int, error) {
	due, err := c.store.StartingRequests(ctx, now, batchSize)
	if err != nil {
		return 0, err
	}
	return forEachTx(ctx, c.store, due, startIfDue)
}

func startIfDue(ctx context.Context, tx *store.Tx, old access.Request) error {
	r, err := tx.Request(ctx, old.Tenant, old.ID)
	if err != nil || r.State != access.Scheduled || r.Start.After(tx.Now) {
		return err
	}
	if note, err := startBlocker(ctx, tx, r); err != nil || note != "" {
		if err != nil {
			return err
		}
		r.Note = note
		return CancelRequest(ctx, tx, &r, access.AuditRecord{Activity: access.ActCancel, Reason: note})
	}
	return startDelivery(ctx, tx, &r, access.AuditRecord{Activity: access.ActReady})
}

// startBlocker says why a scheduled request is not to be delivered after all;
// empty if it is.
func startBlocker(ctx context.Context, tx *store.Tx, r access.Request) (string, error) {
	who, err := tx.PersonContext(ctx, r.Tenant, r.Target)
	if err != nil {
		return "", err
	}
	offer, err := tx.Offer(ctx, r.Tenant, r.Package)
	if err != nil {
		return "", err
	}
	switch {
	case !r.End.IsZero() && !r.End.After(tx.Now):
		return "The period that was asked for was over before it could begin.", nil
	case who.Disabled || who.Outsider() && !offer.Catalog.External:
		return "When the start came, this access package was no longer open to the person.", nil
	}
	for _, p := range offer.Policies {
		if p.ID == r.Policy && (r.Type != access.UserAdd || p.Matches(who)) {
			return "", nil
		}
	}
	return "When the start came, the policy no longer covered the person.", nil
}
