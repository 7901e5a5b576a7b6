package lifecycle

import (
	"context"
	"slices"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/mail"
	"myaccess/internal/store"
)

// Requests has the use cases of requestors and approvers.
type Requests struct {
	store *store.Store
	wake  func()
}

// Submit makes the account's request for a package, after every check of
// F-152, and starts it: with the first stage's approvers, with the delivery,
// or scheduled for its start. A person who is new to the tenant is added to
// it. If the form with the key was submitted before, the request it made is
// returned and nothing is changed.
//
// Errors: NotFound for a package that the person may not request, Conflict for
// one that is held or requested already, or that no one can approve, Forbidden for a domain that may not
// be invited, Invalid with the field for each error in the form.
func (q *Requests) Submit(ctx context.Context, t access.Tenant, a access.Account, id access.PackageID,
	ask access.RequestForm, key string) (access.Request, error) {
	var made access.Request
	err := WithCheckedAnswers(ctx, q.store.Reader, t.ID, ask, func(ask access.RequestForm) error {
		return q.store.Write(ctx, func(tx *store.Tx) error {
			made = access.Request{}
			who, err := requestor(ctx, tx, t.ID, a, id, key)
			if err == nil {
				err = checkAdmitted(ctx, tx.Reader, who.Person, a)
			}
			if err != nil {
				return err
			}
			if who.Earlier != "" {
				made, err = tx.Request(ctx, t.ID, who.Earlier)
				return err
			}
			made, err = newRequest(ctx, tx, who, id, ask)
			if err != nil {
				return err
			}
			made.ID = access.RequestID(tx.NewID())
			return submitRequest(ctx, tx, &made, key, who.Withdrawn.MailDelay(id))
		})
	})
	if err != nil {
		return access.Request{}, err
	}
	q.wake()
	return made, nil
}

// requestor is joinTenant with what the person has of the package, and the request that
// the form with the key has made.
func requestor(ctx context.Context, tx *store.Tx, t access.TenantID, a access.Account, id access.PackageID,
	key string) (store.Requestor, error) {
	who, ok, err := tx.Requestor(ctx, t, a.ID, id, key)
	if err != nil {
		return who, err
	}
	if ok {
		who.Person, err = updateFromAccount(ctx, tx, who.Person, a)
	} else if who.Person, err = addPersonOf(ctx, tx, t, a); err == nil {
		who.Holding, err = tx.Holding(ctx, who.Person, id) // a preregistered person may hold it
		if err == nil {
			who.Withdrawn, err = tx.Withdrawals(ctx, who.Person, tx.Now)
		}
	}
	return who, err
}

// newRequest returns the request of the requestor for the package, or refuses it.
func newRequest(ctx context.Context, tx *store.Tx, by store.Requestor, id access.PackageID,
	ask access.RequestForm) (access.Request, error) {
	p, holding := by.Person, by.Holding
	tenant, err := tx.Tenant(ctx, p.Tenant)
	if err != nil {
		return access.Request{}, err
	}
	who, err := tx.ContextOf(ctx, p)
	if err != nil {
		return access.Request{}, err
	}
	offer, err := tx.OfferToRequest(ctx, p.Tenant, id)
	if err != nil {
		return access.Request{}, err
	}
	if len(offer.UsablePolicies(who)) == 0 {
		return access.Request{}, access.Missing()
	}
	holding.PausedUntil = by.Withdrawn.PausedUntil(id)
	if err := holding.CanRequest(who, tenant.Settings); err != nil {
		return access.Request{}, err
	}
	r, err := offer.NewRequest(who, ask, tenant.Settings.Local(tx.Now))
	if err != nil {
		return access.Request{}, err
	}
	if tenant.Directory == who.Directory {
		return r, nil // a guest of the tenant's own provider
	}
	return r, proposeOrganization(ctx, tx, who)
}

// proposeOrganization adds the directory of a requestor from outside as a
// proposed connected organization, if the tenant has none for it (F-075).
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
		ObjectKind: access.ObjectOrganization, ObjectID: string(o.ID), To: string(o.State)})
}

// SubmitRequest stores a new request in its first state after submitted: pending
// approval, scheduled, or being delivered. It returns a Conflict if no one can decide in
// one of its stages.
func SubmitRequest(ctx context.Context, tx *store.Tx, r *access.Request, key string) error {
	var withdrawn access.Withdrawals
	if r.Requestor != "" {
		var err error
		if withdrawn, err = tx.Withdrawals(ctx, access.Person{Tenant: r.Tenant, ID: r.Requestor}, tx.Now); err != nil {
			return err
		}
	}
	return submitRequest(ctx, tx, r, key, withdrawn.MailDelay(r.Package))
}

// submitRequest is SubmitRequest with how long the mails to the approvers wait.
func submitRequest(ctx context.Context, tx *store.Tx, r *access.Request, key string, delay time.Duration) error {
	r.Created = tx.Now
	now, err := localNow(ctx, tx, r.Tenant)
	if err != nil {
		return err
	}
	v := r.Evaluate(nil, now)
	records := []access.AuditRecord{{Actor: r.Requestor, Activity: submitActivity(r.Type), To: string(access.Submitted),
		Reason: r.Justification}}
	moved := access.AuditRecord{From: string(access.Submitted)}
	var x access.Assignment
	var approvers []access.Person // of the first stage
	switch r.State = r.NextState(v, tx.Now); r.State {
	case access.PendingApproval:
		var err error
		if approvers, err = firstApprovers(ctx, tx, *r); err != nil {
			return err
		}
		r.Stage, r.Due, moved.Activity = v.Stage, v.Due, access.ActOpenApproval
	case access.Scheduled:
		records, moved.Activity = append(records, access.AuditRecord{Activity: access.ActAutoApprove}), access.ActSchedule
	default: // delivering
		records, moved.Activity = append(records, access.AuditRecord{Activity: access.ActAutoApprove}), access.ActReady
		x = newAssignment(tx, *r)
		r.Assignment = x.ID
	}
	if r.State != access.PendingApproval {
		if err := checkAuthority(ctx, tx.Reader, *r, nil); err != nil {
			return err
		}
	}
	moved.To = string(r.State)
	if err := tx.AddRequest(ctx, *r, key); err != nil {
		return err
	}
	if err := recordRequest(ctx, tx, *r, append(records, moved)...); err != nil {
		return err
	}
	switch r.State {
	case access.PendingApproval:
		return askApprovers(ctx, tx, *r, approvers, delay)
	case access.Delivering:
		return addAssignment(ctx, tx, x)
	default: // scheduled
		return nil
	}
}

// submitActivity returns the audit activity of a new request of the type.
func submitActivity(t access.RequestType) access.Activity {
	switch t {
	case access.UserAdd:
		return access.ActRequest
	case access.AdminAdd:
		return access.ActAssignDirectly
	default:
		return access.ActSystemRequest
	}
}

// Cancel withdraws who's own request while it is pending approval or scheduled
// (F-155), and notifies the approvers of the stages opened so far.
func (q *Requests) Cancel(ctx context.Context, who access.Person, id access.RequestID) error {
	err := q.store.Write(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(ctx, who.Tenant, id)
		if err != nil {
			return err
		}
		if err := r.CanCancel(who.ID); err != nil {
			return err
		}
		if err := checkWayIn(ctx, tx, who); err != nil {
			return err
		}
		return CancelRequest(ctx, tx, &r, access.AuditRecord{Actor: who.ID, Activity: access.ActCancel})
	})
	if err == nil {
		q.wake()
	}
	return err
}

// checkWayIn refuses a person who has lost the way into the tenant since the page was
// opened.
func checkWayIn(ctx context.Context, tx *store.Tx, who access.Person) error {
	fresh, err := tx.Person(ctx, who.Tenant, who.ID)
	if err != nil {
		return err
	}
	return tx.CheckWayIn(ctx, fresh)
}

// CancelRequest cancels a request that has no assignment in force. It notifies
// the approvers who have got a mail about it and, unless the requestor canceled it, the
// requestor. A mail to approvers that is not sent yet is dropped, and they are not
// notified.
func CancelRequest(ctx context.Context, tx *store.Tx, r *access.Request, cause access.AuditRecord) error {
	reached := 0
	if r.State == access.PendingApproval || r.State == access.Scheduled {
		reached = r.Stage + 1
	}
	if err := moveRequest(ctx, tx, r, access.Canceled, cause); err != nil {
		return err
	}
	people, err := approversSoFar(ctx, tx, *r, reached)
	if err != nil {
		return err
	}
	told, err := recallMails(ctx, tx, *r)
	if err != nil {
		return err
	}
	people = slices.DeleteFunc(people, func(p access.Person) bool { return !told[p.ID] })
	if cause.Actor != r.Requestor && r.Type == access.UserAdd {
		people = append(people, access.Person{ID: r.Target})
	}
	return notifyPeople(ctx, tx, *r, mail.RequestCanceled, people)
}

// recallMails drops the mails that ask to decide on the request and are not sent yet, and
// returns who has got, or is getting, another mail about the request.
func recallMails(ctx context.Context, tx *store.Tx, r access.Request) (map[access.PersonID]bool, error) {
	err := tx.DropQueuedMails(ctx, r, string(mail.ApprovalAsked), string(mail.ApprovalReminder))
	if err != nil {
		return nil, err
	}
	left, err := tx.Mails(ctx, r.Tenant, r.ID)
	told := map[access.PersonID]bool{}
	for _, m := range left {
		told[m.Person] = true
	}
	return told, err
}
