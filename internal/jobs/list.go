package jobs

import (
	"context"
	"time"
)

// Work has the functions that the jobs call; all are needed. Each handles what is
// due, or a batch of it, and returns how many items it handled, 0 when there was no
// work; or it claims one item.
type Work struct {
	EndAssignments  func(ctx context.Context, now time.Time) (int, error)
	ExpireRequests  func(ctx context.Context, now time.Time) (int, error) // not decided in time
	StartRequests   func(ctx context.Context, now time.Time) (int, error) // whose start date has come
	RemindApprovers func(ctx context.Context, now time.Time) (int, error)
	RemoveGuests    func(ctx context.Context, now time.Time) (int, error)
	RemoveDisabled  func(ctx context.Context, now time.Time) (int, error) // what disabled people hold
	RollOutPackages func(ctx context.Context, now time.Time) (int, error) // changed resource roles, to the holders
	ImportPeople    func(ctx context.Context) (int, error)                // lines of uploaded files
	ClaimDelivery   Claim                                                 // one person in one target
	ClaimMail       Claim
	SealAuditLog    func(ctx context.Context) (int, error)
	// UpdateCounts refreshes the stored counts that lists and overviews show.
	UpdateCounts func(ctx context.Context) error
	// DeleteOldSignIns deletes expired sessions, attempts and drafts.
	DeleteOldSignIns func(ctx context.Context) error
	// StoreFailures stores the sign-ins that have failed.
	StoreFailures func(ctx context.Context) (int, error)
	// NotifyApprovalGaps mails the owners of catalogs about approvals that no one can decide.
	NotifyApprovalGaps func(ctx context.Context) error
	// EndSessions stores sign-outs that could not be stored at once.
	EndSessions func(ctx context.Context) (int, error)
}

// deliveryWorkers is how many deliveries are in progress at the same time. The
// use case limits how many of them are to one target.
const deliveryWorkers = 16

// mailWorkers is how many mails a portal sends at the same time. Mail domains have
// fewer places each (store.MailsPerDomain), so that a slow one leaves workers to
// the others; mail servers accept few connections of one client at a time.
const mailWorkers = 8

// List returns every job. The jobs that move requests and assignments have First
// set, so that after a downtime overdue ends are handled before new grants.
func List(w Work) []Job {
	return []Job{
		{Name: "end assignments", Every: 15 * time.Second, First: true, Run: w.EndAssignments},
		{Name: "expire requests", Every: 15 * time.Second, First: true, Run: w.ExpireRequests},
		{Name: "start scheduled requests", Every: 15 * time.Second, First: true, Run: w.StartRequests},
		{Name: "remind approvers", Every: time.Minute, Run: w.RemindApprovers},
		{Name: "remove guests", Every: time.Minute, Run: w.RemoveGuests},
		{Name: "remove access of disabled people", Every: time.Minute, Run: w.RemoveDisabled},
		{Name: "roll out changed packages", Every: 2 * time.Second, Run: w.RollOutPackages},
		{Name: "import people", Every: 2 * time.Second, Run: ignoreTime(w.ImportPeople)},
		NewPool("deliver", time.Second, deliveryWorkers, w.ClaimDelivery),
		NewPool("send mails", time.Second, mailWorkers, w.ClaimMail),
		{Name: "seal the audit log", Every: 5 * time.Second, Run: ignoreTime(w.SealAuditLog)},
		{Name: "update counts", Every: 10 * time.Second, IdleFactor: 30, Run: once(w.UpdateCounts)},
		{Name: "delete old sign-ins", Every: 10 * time.Minute, Run: once(w.DeleteOldSignIns)},
		{Name: "store failed sign-ins", Every: 5 * time.Second, Run: ignoreTime(w.StoreFailures)},
		{Name: "find approvals that no one can decide", Every: 10 * time.Minute, Run: once(w.NotifyApprovalGaps)},
		{Name: "end sessions", Every: 5 * time.Second, Run: ignoreTime(w.EndSessions)},
	}
}

// ignoreTime adapts a function that takes the time from its transaction.
func ignoreTime(run func(context.Context) (int, error)) func(context.Context, time.Time) (int, error) {
	return func(ctx context.Context, _ time.Time) (int, error) { return run(ctx) }
}

// once adapts a function that leaves no work for a second run.
func once(run func(context.Context) error) func(context.Context, time.Time) (int, error) {
	return func(ctx context.Context, _ time.Time) (int, error) { return 0, run(ctx) }
}
