package store

import (
	"context"
	"time"

	"myaccess/internal/access"
)

// DueJob names a job that handles items when they are due.
type DueJob string

// The jobs.
const (
	JobEndAssignments  DueJob = "endAssignments"
	JobExpireRequests  DueJob = "expireRequests"
	JobRemindApprovers DueJob = "remindApprovers"
	JobStartRequests   DueJob = "startRequests"
	JobRemoveGuests    DueJob = "removeGuests"
	JobRemoveDisabled  DueJob = "removeDisabled"
	JobRollOut         DueJob = "rollOut"
)

// JobItem is an item of a job.
type JobItem struct {
	Job    DueJob
	Tenant access.TenantID
	ID     string
}

// jobRetryKept is how long a row of job_retry is kept after its next_try. An item
// that still fails is tried again, and its row renewed, long before.
const jobRetryKept = 7 * 24 * time.Hour

// notPostponed is a condition on the rows of a table with the alias: the job may
// try them at the time that is parameter $1.
func notPostponed(job DueJob, alias string) string {
	return `NOT EXISTS (SELECT 1 FROM job_retry jr WHERE jr.job = '` + string(job) + `' AND jr.tenant_id = ` + alias +
		`.tenant_id AND jr.item_id = ` + alias + `.id AND jr.next_try > $1)`
}

// PostponeJobItem records that an item failed. The queries of its job leave it out
// until the time after tx.Now that delay returns for the number of failures in a
// row.
func (tx *Tx) PostponeJobItem(ctx context.Context, i JobItem, delay func(failures int) time.Duration) error {
	failures, _, err := queryOptional(ctx, tx.Reader, value[int], `SELECT attempts FROM job_retry
		WHERE job = $1 AND tenant_id = $2 AND item_id = $3`, i.Job, i.Tenant, i.ID)
	if err != nil {
		return err
	}
	failures++
	return tx.exec(ctx, `INSERT INTO job_retry (job, tenant_id, item_id, attempts, next_try)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (job, tenant_id, item_id) DO UPDATE SET
		attempts = excluded.attempts, next_try = excluded.next_try`,
		i.Job, i.Tenant, i.ID, int64(failures), ms(tx.Now.Add(delay(failures))))
}
