package store

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

// GivenUpMails names messages that were given up: one, or those about one request, or
// with neither all of a tenant that were created after Since.
type GivenUpMails struct {
	ID      access.MailID
	Request access.RequestID
	Since   time.Time
}

// SendMailAgain puts messages that were given up into the queue, as if they were new,
// and returns how many there were. One-time passcodes are not among them: they have
// expired. Nor are messages whose content has been deleted.
func (tx *Tx) SendMailAgain(ctx context.Context, t access.TenantID, which GivenUpMails) (int64, error) {
	a := sqlq.Args{}
	now := a.Add(ms(tx.Now))
	where := `tenant_id = ` + a.Add(t) + ` AND sent IS NULL AND next_try IS NULL AND address = ''
		AND (request_id IS NOT NULL OR text IS NOT NULL)`
	switch {
	case which.ID != "":
		where += ` AND id = ` + a.Add(which.ID)
	case which.Request != "":
		where += ` AND request_id = ` + a.Add(which.Request)
	default:
		where += ` AND created > ` + a.Add(ms(which.Since))
	}
	return tx.execCount(ctx, `UPDATE mail SET next_try = CAST(`+now+` AS BIGINT), queued_again = CAST(`+now+` AS BIGINT),
		attempts = 0 WHERE `+where, a.Values...)
}
