package lifecycle

import (
	"context"
	"fmt"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store"
)

// RemoveDisabled takes back what people hold who have been disabled for longer than their
// tenant allows (F-264), and returns of how many. Each assignment ends by a system request
// (F-007), and their undecided requests are canceled.
func (g *Guests) RemoveDisabled(ctx context.Context, now time.Time) (int, error) {
	return g.disabledJob().run(ctx, g.store, now)
}

func (g *Guests) disabledJob() dueJob[access.Person] {
	return dueJob[access.Person]{name: store.JobRemoveDisabled, list: g.store.DisabledDue, handle: removeDisabled,
		item: func(p access.Person) (access.TenantID, string) { return p.Tenant, string(p.ID) }}
}

// removeDisabled ends what the person holds, unless the person has been enabled or the
// setting changed since the person was listed.
func removeDisabled(ctx context.Context, tx *store.Tx, old access.Person) error {
	p, err := tx.Person(ctx, old.Tenant, old.ID)
	if err != nil {
		return err
	}
	tenant, err := tx.Tenant(ctx, p.Tenant)
	if err != nil || !p.LosesAccess(tenant.Settings, tx.Now) {
		return err
	}
	reason := fmt.Sprintf("Disabled for %d or more days.", tenant.Settings.DisabledDays)
	requests, err := tx.UndecidedRequestsOf(ctx, p)
	if err != nil {
		return err
	}
	for _, r := range requests {
		r.Note = "The requestor has been disabled for too long."
		err := CancelRequest(ctx, tx, &r, access.AuditRecord{Activity: access.ActCancel, Reason: reason})
		if err != nil {
			return err
		}
	}
	held, err := tx.OpenAssignments(ctx, p.Tenant, p.ID)
	if err != nil {
		return err
	}
	for _, x := range held {
		err := EndAssignment(ctx, tx, x, EndReason{RequestType: access.SystemRemove, Activity: access.ActSystemRequest,
			Reason: reason})
		if err != nil {
			return err
		}
	}
	return nil
}
