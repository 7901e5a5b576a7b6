// Package jobstest gives tests the list of jobs over the real use cases.
package jobstest

import (
	"context"

	"myaccess/internal/jobs"
	"myaccess/internal/lifecycle"
)

// List returns every job, wired to l as package main does.
func List(l *lifecycle.Lifecycle) []jobs.Job {
	return jobs.List(jobs.Work{
		EndAssignments: l.Calendar.End, ExpireRequests: l.Calendar.Lapse, StartRequests: l.Calendar.Start,
		RemindApprovers: l.Calendar.Remind, RemoveGuests: l.Guests.Remove, RollOutPackages: l.Rollouts.Run,
		Deliver: l.Delivery.Run, SendMails: l.Mails.Run, SealAuditLog: l.Records.Seal,
		UpdateCounts: func(ctx context.Context) error {
			_, err := l.Records.Count(ctx)
			return err
		},
		DeleteOldSignIns: l.Records.Forget,
	})
}
