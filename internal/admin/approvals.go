package admin

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/lifecycle"
)

// ReassignRequest lets others decide in a stage of a pending request (ManagePolicies in
// the catalog: who changes who approves). The approvers must be such as a policy could
// name. Its own people never decide it.
func (ed *Editor) ReassignRequest(ctx context.Context, id access.RequestID, x access.Reassignment) error {
	r, err := ed.tx.Request(ctx, ed.by.Tenant, id)
	if err != nil {
		return err
	}
	p, err := ed.tx.Package(ctx, ed.by.Tenant, r.Package)
	if err != nil {
		return err
	}
	if err := ed.rights.MayInCatalog(access.ManagePolicies, p.Catalog); err != nil {
		return err
	}
	if err := r.CanReassign(ed.tx.Now); err != nil {
		return err
	}
	if err := r.CheckReassignment(x); err != nil {
		return err
	}
	for _, s := range x.Approvers {
		switch err := checkSubject(ctx, ed, ed.by.Tenant, s); {
		case err == nil:
		case access.KindOf(err) == access.NotFound:
			return access.Invalidf("approvers", "A person or group you chose has been deleted. Choose again.")
		default:
			return err
		}
	}
	// Who approves is decided by who could let people into the groups that it delivers.
	if err := checkDeliveredGroups(ctx, ed, r.Package, "approvers"); err != nil {
		return err
	}
	named := difference(x.Approvers, r.Terms.Stages[x.Stage].Approvers)
	if err := checkNamed(ctx, ed, access.UseApprover, "approvers", named...); err != nil {
		return err
	}
	return lifecycle.ReassignRequest(ctx, ed.tx, r, x, ed.by.ID)
}

// RemindApprovers reminds the approvers of a pending request's open stage (ManageRequests
// in the catalog), unless they have been reminded within access.ReminderPause.
func (ed *Editor) RemindApprovers(ctx context.Context, id access.RequestID) error {
	r, err := requestFor(ctx, ed, id)
	if err != nil {
		return err
	}
	return lifecycle.RemindRequest(ctx, ed.tx, r, ed.by.ID)
}
