// Package jobstest gives tests the list of jobs over the real use cases.
package jobstest

import (
	"context"

	"myaccess/internal/jobs"
	"myaccess/internal/lifecycle"
)

// List returns every job, wired to l as package main does. Imports of people, which are
// no use case of l, find no work.
func List(l *lifecycle.Lifecycle) []jobs.Job {
	return jobs.List(jobs.Work{
		EndAssignments: l.Deadlines.EndAssignments, ExpireRequests: l.Deadlines.ExpireRequests,
		StartRequests:   l.Deadlines.StartScheduled,
		RemindApprovers: l.Deadlines.RemindApprovers, RemoveGuests: l.Guests.RemoveDue,
		RemoveDisabled: l.Guests.RemoveDisabled, RollOutPackages: l.Rollouts.Run,
		ImportPeople:  func(context.Context) (int, error) { return 0, nil },
		ClaimDelivery: l.Delivery.Claim, ClaimMail: l.Mails.Claim, SealAuditLog: l.Maintenance.SealAudit,
		UpdateCounts: func(ctx context.Context) error {
			_, err := l.Maintenance.RefreshCounts(ctx)
			return err
		},
		DeleteOldSignIns: l.Maintenance.DeleteExpired, EndSessions: l.SignIns.EndSessions,
		StoreFailures:      l.SignIns.StoreFailures,
		NotifyApprovalGaps: l.Maintenance.NotifyApprovalGaps,
	})
}
