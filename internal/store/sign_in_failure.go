package store

import (
	"context"
	"time"

	"myaccess/internal/access"
)

// SignInFailureKey is what failed sign-ins are counted by.
type SignInFailureKey struct {
	Directory access.DirectoryID
	Tenant    access.TenantID
	Reason    access.SignInReason
}

// SignInFailures are failed sign-ins of one key: how many, and the last of them, the oldest
// first.
type SignInFailures struct {
	SignInFailureKey
	N    int64
	Last []access.SignInFailure
}

// AddSignInFailures counts the failures on the day of tx.Now and stores the last ones, of
// which it keeps access.MaxSignInFailures. Those at a directory that was deleted are left
// out.
func (tx *Tx) AddSignInFailures(ctx context.Context, all ...SignInFailures) error {
	for _, f := range all {
		if err := tx.addSignInFailures(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) addSignInFailures(ctx context.Context, f SignInFailures) error {
	_, ok, err := queryOptional(ctx, tx.Reader, value[access.DirectoryID], `SELECT id FROM directory WHERE id = $1`,
		f.Directory)
	if err != nil || !ok {
		return err
	}
	day := tx.Now.Truncate(24 * time.Hour)
	err = tx.exec(ctx, `INSERT INTO sign_in_failure_day (directory_id, tenant_id, reason, day, n) VALUES ($1, $2, $3, $4,
		$5)
		ON CONFLICT (directory_id, tenant_id, reason, day) DO UPDATE SET n = sign_in_failure_day.n + excluded.n`,
		f.Directory, f.Tenant, f.Reason, ms(day), f.N)
	for _, one := range f.Last {
		if err == nil {
			one = one.Shortened()
			err = tx.exec(ctx, `INSERT INTO sign_in_failure (id, directory_id, tenant_id, reason, reference, account, code,
				description, detail, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, tx.NewID(), f.Directory, f.Tenant,
				f.Reason, one.Reference, one.Account, one.Code, one.Description, one.Detail, ms(one.At))
		}
	}
	if err != nil {
		return err
	}
	return tx.exec(ctx, `DELETE FROM sign_in_failure WHERE directory_id = $1 AND tenant_id = $2 AND reason = $3
		AND id NOT IN (SELECT id FROM sign_in_failure WHERE directory_id = $1 AND tenant_id = $2 AND reason = $3
			ORDER BY created DESC, id DESC LIMIT $4)`, f.Directory, f.Tenant, f.Reason, int64(access.MaxSignInFailures))
}

// LastSignInFailures are the last failed sign-ins of people of the directory in the tenant,
// the newest first.
func (r *Reader) LastSignInFailures(ctx context.Context, t access.TenantID,
	dir access.DirectoryID) ([]access.SignInFailure, error) {
	return queryAll(ctx, r, func(f *access.SignInFailure) []column {
		return []column{
			{"sif.directory_id", &f.Directory},
			{"sif.tenant_id", &f.Tenant},
			{"sif.reason", &f.Reason},
			{"sif.reference", &f.Reference},
			{"sif.account", &f.Account},
			{"sif.code", &f.Code},
			{"sif.description", &f.Description},
			{"sif.detail", &f.Detail},
			{"sif.created", scanTime{&f.At}},
		}
	}, `SELECT {columns} FROM sign_in_failure sif WHERE sif.directory_id = $1 AND sif.tenant_id = $2
		ORDER BY sif.created DESC, sif.id DESC`, dir, t)
}

// CountSignInFailures counts the failed sign-ins of people of the directory in the tenant
// since the day of a time, by their reason.
func (r *Reader) CountSignInFailures(ctx context.Context, t access.TenantID, dir access.DirectoryID,
	since time.Time) (map[access.SignInReason]int64, error) {
	all := map[access.SignInReason]int64{}
	var reason access.SignInReason
	var n int64
	err := r.eachRow(ctx, []column{{"reason", &reason}, {"CAST(SUM(n) AS BIGINT)", &n}}, func() { all[reason] = n },
		`SELECT {columns} FROM sign_in_failure_day WHERE directory_id = $1 AND tenant_id = $2 AND day >= $3
			GROUP BY reason`, dir, t, ms(since.UTC().Truncate(24*time.Hour)))
	return all, err
}

// deleteSignInFailures deletes what has been kept for access.SignInFailureLifetime.
func (tx *Tx) deleteSignInFailures(ctx context.Context) error {
	before := ms(tx.Now.Add(-access.SignInFailureLifetime))
	if err := tx.exec(ctx, `DELETE FROM sign_in_failure WHERE created <= $1`, before); err != nil {
		return err
	}
	return tx.exec(ctx, `DELETE FROM sign_in_failure_day WHERE day <= $1`, before)
}
