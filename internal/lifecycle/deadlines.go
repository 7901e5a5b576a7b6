package lifecycle

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// Deadlines has the use cases of the clock for requests and assignments. Each
// method that takes the time handles everything that is due and returns how many
// items; an item is read again in its transaction, because it may have changed
// since it was listed.
type Deadlines struct{ store *store.Store }

// EndAssignments ends the assignments whose end has come, each by a system
// request (F-007). The access stopped counting at its end; this removes it
// from the targets.
func (c *Deadlines) EndAssignments(ctx context.Context, now time.Time) (int, error) {
	return c.endJob().run(ctx, c.store, now)
}

func (c *Deadlines) endJob() dueJob[access.Assignment] {
	return dueJob[access.Assignment]{name: store.JobEndAssignments, list: c.store.EndingAssignments, handle: endIfDue,
		item: func(x access.Assignment) (access.TenantID, string) { return x.Tenant, string(x.ID) },
	}
}

// endIfDue ends an assignment if its end has come.
func endIfDue(ctx context.Context, tx *store.Tx, old access.Assignment) error {
	x, err := tx.Assignment(ctx, old.Tenant, old.ID)
	if err != nil || x.State == access.AssignExpired || x.InForce(tx.Now) {
		return err
	}
	return EndAssignment(ctx, tx, x, EndReason{RequestType: access.SystemRemove, Activity: access.ActSystemRequest})
}

// ExpireRequests ends the requests whose stage was not decided in time
// (F-095).
func (c *Deadlines) ExpireRequests(ctx context.Context, now time.Time) (int, error) {
	return c.expiryJob().run(ctx, c.store, now)
}

func (c *Deadlines) expiryJob() dueJob[access.Request] {
	return dueJob[access.Request]{name: store.JobExpireRequests, list: c.store.DueRequests, handle: expireIfDue,
		item: requestItem}
}

// expireIfDue ends a request if its stage was not decided in time.
func expireIfDue(ctx context.Context, tx *store.Tx, old access.Request) error {
	r, ds, err := pendingRequest(ctx, tx, old)
	if err != nil || r.Evaluate(ds, tx.Now).Outcome != access.OutcomeTimedOut {
		return err
	}
	return advanceRequest(ctx, tx, &r, ds, access.AuditRecord{})
}

// RemindApprovers reminds the approvers of each stage once, when half of its
// time is over (M-03, M-12).
func (c *Deadlines) RemindApprovers(ctx context.Context, now time.Time) (int, error) {
	return c.reminderJob().run(ctx, c.store, now)
}

func (c *Deadlines) reminderJob() dueJob[access.Request] {
	return dueJob[access.Request]{name: store.JobRemindApprovers, list: c.store.RemindableRequests,
		handle: remindApprovers, item: requestItem}
}

// remindApprovers reminds the approvers of the current stage, unless they have
// been reminded.
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
	return notifyPeople(ctx, tx, r, mail.ApprovalReminder, people)
}

// pendingRequest reads a request and its decisions again. Conflict if it is no
// longer pending approval.
func pendingRequest(ctx context.Context, tx *store.Tx, old access.Request) (access.Request, []access.Decision, error) {
	r, err := tx.Request(ctx, old.Tenant, old.ID)
	if err != nil {
		return r, nil, err
	}
	if r.State != access.PendingApproval {
		return r, nil, access.Refuse(access.Conflict, "This request is no longer pending approval.")
	}
	ds, err := tx.Decisions(ctx, r.Tenant, r.ID)
	return r, ds, err
}

// StartScheduled starts the delivery of the scheduled requests whose start has
// come. It cancels those whose person may no longer have the package.
func (c *Deadlines) StartScheduled(ctx context.Context, now time.Time) (int, error) {
	return c.startJob().run(ctx, c.store, now)
}

func (c *Deadlines) startJob() dueJob[access.Request] {
	return dueJob[access.Request]{name: store.JobStartRequests, list: c.store.StartingRequests, handle: startIfDue,
		item: requestItem}
}

// startIfDue starts the delivery of a scheduled request, or cancels it, if its
// start has come.
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
		return CancelRequest(ctx, tx, &r, access.AuditRecord{Activity: access.ActCancel, Reason: string(note)})
	}
	return startDelivery(ctx, tx, &r, access.AuditRecord{})
}

// startBlocker returns why a scheduled request cannot start, empty if it can.
func startBlocker(ctx context.Context, tx *store.Tx, r access.Request) (access.Message, error) {
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
		return "The requested period ended before access could begin.", nil
	case who.Disabled || who.Outsider() && !offer.Catalog.External:
		return "At the start, this access package was no longer available to the person.", nil
	}
	for _, p := range offer.Policies {
		if p.ID == r.Policy && (r.Type != access.UserAdd || p.Matches(who)) {
			return authorityBlocker(ctx, tx, r)
		}
	}
	return "At the start, the policy no longer included the person.", nil
}

// authorityBlocker is startBlocker for a package that has made people
// administrators since it was approved, or whose approvers have lost their roles.
func authorityBlocker(ctx context.Context, tx *store.Tx, r access.Request) (access.Message, error) {
	ds, err := tx.Decisions(ctx, r.Tenant, r.ID)
	if err != nil {
		return "", err
	}
	if err := checkTarget(ctx, tx.Reader, r); err != nil {
		if access.KindOf(err) != access.Forbidden {
			return "", err
		}
		return "At the start, the access package included an administrative role, and the person hadn't signed in yet.",
			nil
	}
	err = checkAuthority(ctx, tx.Reader, r, ds)
	if err == nil || access.KindOf(err) != access.Forbidden {
		return "", err
	}
	return "At the start, the access package included an administrative role that none of the approvers could assign.",
		nil
}
