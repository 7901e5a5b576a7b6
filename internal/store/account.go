package store

import (
	"context"

	"myaccess/internal/access"
)

func accountColumns(a *access.Account) []column {
	return []column{
		{"acc.id", &a.ID},
		{"acc.directory_id", &a.Directory},
		{"acc.subject", &a.Subject},
		{"acc.name", &a.Name},
		{"acc.email", &a.Email},
		{"acc.language", &a.Language},
		{"acc.email_trusted", &a.EmailTrusted},
		{"acc.email_problem", &a.EmailProblem},
		{"acc.sent_email", &a.SentEmail},
		{"acc.belonging", &a.Belonging},
		{"acc.guest_reason", &a.GuestReason},
	}
}

// Account is the account with the id.
func (r *Reader) Account(ctx context.Context, id access.AccountID) (access.Account, error) {
	return queryOne(ctx, r, accountColumns, `SELECT {columns} FROM account acc WHERE acc.id = $1`, id)
}

// AccountOf is the account of a subject of a directory; ok is false if the
// subject has never signed in.
func (r *Reader) AccountOf(ctx context.Context, dir access.DirectoryID,
	subject string) (a access.Account, ok bool, err error) {
	return queryOptional(ctx, r, accountColumns,
		`SELECT {columns} FROM account acc WHERE acc.directory_id = $1 AND acc.subject = $2`, dir, subject)
}

// SaveAccount adds the account, or changes what is shown of the one with its id.
// Directory and subject, which are its key, never change.
func (tx *Tx) SaveAccount(ctx context.Context, a access.Account) error {
	return tx.exec(ctx, `INSERT INTO account (id, directory_id, subject, name, email, language, created, email_trusted,
			email_problem, belonging, guest_reason, sent_email)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, language = excluded.language,
			email_trusted = excluded.email_trusted, email_problem = excluded.email_problem,
			belonging = excluded.belonging, guest_reason = excluded.guest_reason,
			sent_email = excluded.sent_email`,
		a.ID, a.Directory, a.Subject, a.Name, a.Email, a.Language, ms(tx.Now), a.EmailTrusted, a.EmailProblem, a.Belonging,
		a.GuestReason, a.SentEmail)
}

// CountEmailProblems counts the people of the tenant who have signed in at the directory, by
// why the address that it sent is not used.
func (r *Reader) CountEmailProblems(ctx context.Context, t access.TenantID,
	dir access.DirectoryID) (map[access.EmailProblem]int64, error) {
	all := map[access.EmailProblem]int64{}
	var problem access.EmailProblem
	var n int64
	err := r.eachRow(ctx, []column{{"acc.email_problem", &problem}, {"COUNT(*)", &n}}, func() { all[problem] = n },
		`SELECT {columns} FROM account acc WHERE acc.directory_id = $1 AND acc.email_problem <> ''
			AND EXISTS (SELECT 1 FROM person per WHERE per.tenant_id = $2 AND per.account_id = acc.id)
			GROUP BY acc.email_problem`, dir, t)
	return all, err
}
