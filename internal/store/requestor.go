package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"myaccess/internal/access"
)

// Requestor is the person of an account, with what the person has of a package.
type Requestor struct {
	access.Person
	// Earlier is the request that was made by the form, empty if there is none.
	Earlier access.RequestID
	Holding access.ExistingAccess
	// Withdrawn is as Reader.Withdrawals returns it.
	Withdrawn access.Withdrawals
}

// Requestor reads in one statement what is asked first about an account that submits
// the form with the key, empty without a form, for a package. ok is false if the
// account is of no person in the tenant.
//
// It also reads the versions of what is asked next (visit.go), which is then cached:
// the tenant, the person's groups and organization, and the offer. The transaction must
// not change any of them.
func (tx *Tx) Requestor(ctx context.Context, t access.TenantID, a access.AccountID, id access.PackageID,
	key string) (r Requestor, ok bool, err error) {
	var writing string
	v := visit{tenant: t, pending: -1}
	columns := func(r *Requestor) []column {
		all := append(personColumns(&r.Person),
			column{`COALESCE((SELECT req.id FROM request req WHERE req.tenant_id = per.tenant_id
				AND req.requestor_id = per.id AND req.form_key = $3), '')`, &r.Earlier},
			column{`EXISTS (SELECT 1 FROM assignment asg WHERE asg.tenant_id = per.tenant_id AND asg.person_id = per.id
				AND asg.package_id = $4 AND asg.state <> 'expired')`, &r.Holding.Assigned},
			column{`EXISTS (SELECT 1 FROM request req WHERE req.tenant_id = per.tenant_id AND req.target_id = per.id
				AND req.package_id = $4 AND req.state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering')
				AND req.type IN ('userAdd', 'adminAdd', 'systemAdd', 'onBehalfAdd'))`, &r.Holding.Requested})
		return append(all,
			column{version(`rights_version`, `per.tenant_id`, `AND person_id = ''`), &v.tenantVersion},
			column{version(`rights_version`, `per.tenant_id`, `AND person_id = per.id`), &v.personVersion},
			column{version(`holding_version`, `per.tenant_id`, `AND person_id = per.id`), &v.holdingVersion},
			column{version(`package_version`, `per.tenant_id`, ``), &v.packageVersion},
			column{version(`policy_version`, `per.tenant_id`, ``), &v.policyVersion},
			column{transactionNumber(tx.engine), &writing},
			column{`COALESCE((SELECT string_agg(recent.line, ' ') FROM (SELECT req.package_id || ' ' || req.completed AS line` +
				withdrawals(`per.tenant_id`, `per.id`, `$5`, `$6`) + `) AS recent), '')`, scanWithdrawals{&r.Withdrawn}})
	}
	r, ok, err = queryOptional(ctx, tx.Reader, columns, `SELECT {columns} FROM person per
		WHERE per.tenant_id = $1 AND per.account_id = $2`, t, a, key, id, ms(tx.Now.Add(-access.WithdrawalWindow)),
		maxWithdrawals)
	if ok && tx.versioned != nil && !v.raisedBy(writing) {
		v.person = r.Person
		tx.visit = &v
	}
	return r, ok, err
}

// scanWithdrawals scans pairs of a package and a time, all separated by spaces, the newest
// first.
type scanWithdrawals struct{ to *access.Withdrawals }

// Scan implements sql.Scanner.
func (s scanWithdrawals) Scan(src any) error {
	*s.to = nil
	var text string
	switch v := src.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	}
	for words := strings.Fields(text); len(words) > 1; words = words[2:] {
		at, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			return err
		}
		*s.to = append(*s.to, access.Withdrawal{Package: access.PackageID(words[0]), At: time.UnixMilli(at).UTC()})
	}
	// The rows of the query are in order; an aggregate does not promise to keep it.
	slices.SortStableFunc(*s.to, func(a, b access.Withdrawal) int { return b.At.Compare(a.At) })
	return nil
}

// raisedBy reports whether one of the versions was raised by the transaction with the
// number, which keeps the version when it raises it again.
func (v *visit) raisedBy(transaction string) bool {
	for _, version := range []string{v.tenantVersion, v.personVersion, v.holdingVersion, v.packageVersion,
		v.policyVersion} {
		if transaction != "" && strings.HasPrefix(version, transaction+" ") {
			return true
		}
	}
	return false
}
