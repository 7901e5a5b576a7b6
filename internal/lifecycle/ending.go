package lifecycle

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// EndReason is why an assignment ends: the type of the request that ends it,
// and who made it.
type EndReason struct {
	RequestType access.RequestType
	Activity    access.Activity
	By          access.PersonID // empty for the system
	Reason      string
}

// EndAssignment ends an assignment by a request, which becomes part of its
// history, and queues the removal.
func EndAssignment(ctx context.Context, tx *store.Tx, x access.Assignment, why EndReason) error {
	r := access.Request{
		ID: access.RequestID(tx.NewID()), Tenant: x.Tenant, Type: why.RequestType, State: access.Delivering,
		Package: x.Package, Policy: x.Policy, Requestor: why.By, Target: x.Person, Assignment: x.ID,
		Justification: why.Reason, Created: tx.Now,
		Terms: access.Terms{Expiration: access.Expiration{Kind: access.NoExpiration}},
	}
	if err := tx.AddRequest(ctx, r, ""); err != nil {
		return err
	}
	err := recordRequest(ctx, tx, r, access.AuditRecord{Actor: why.By, Activity: why.Activity,
		To: string(access.Submitted), Reason: why.Reason},
		access.AuditRecord{Activity: access.ActReady, From: string(access.Submitted), To: string(r.State)})
	if err != nil {
		return err
	}
	if err := expireAssignment(ctx, tx, x, r.ID); err != nil {
		return err
	}
	return tx.QueueDelivery(ctx, x.Tenant, x.Person, true)
}

// expireAssignment ends an assignment. The request that the assignment was
// made for is canceled if it is still being delivered.
func expireAssignment(ctx context.Context, tx *store.Tx, x access.Assignment, by access.RequestID) error {
	from := x.State
	x.Ended = tx.Now
	if err := tx.MoveAssignment(ctx, x, access.AssignExpired); err != nil {
		return err
	}
	err := tx.Audit(ctx, access.AuditRecord{Tenant: x.Tenant, Activity: access.ActRemoveAssignment,
		ObjectKind: access.ObjectAssignment, ObjectID: string(x.ID), From: string(from), To: string(access.AssignExpired),
		Request: by})
	if err != nil {
		return err
	}
	first, err := tx.Request(ctx, x.Tenant, x.Request)
	if err != nil || !first.State.CanMove(access.Canceled) {
		return err
	}
	first.Note = "The access ended before all of it was delivered."
	return moveRequest(ctx, tx, &first, access.Canceled, access.AuditRecord{Activity: access.ActCancel,
		Reason: string(first.Note)})
}
