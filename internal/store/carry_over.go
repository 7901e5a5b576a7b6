package store

import (
	"context"

	"myaccess/internal/access"
)

// Predecessors are the passcode directories of all tenants whose domains the provider has
// now, without their domains.
func (r *Reader) Predecessors(ctx context.Context, successor access.DirectoryID) ([]access.Directory, error) {
	return queryAll(ctx, r, r.directoryColumns, `SELECT {columns} FROM directory dir WHERE dir.successor_id = $1
		ORDER BY dir.owner_id, dir.id`, successor)
}

// PredecessorsIn are the Predecessors that the tenant keeps, with their domains; for a
// passcode directory, the directory itself.
func (r *Reader) PredecessorsIn(ctx context.Context, t access.TenantID,
	d access.DirectoryID) ([]access.Directory, error) {
	all, err := queryAll(ctx, r, r.directoryColumns, `SELECT {columns} FROM directory dir WHERE dir.owner_id = $1
		AND (dir.successor_id = $2 OR dir.id = $2 AND dir.kind = 'passcode') ORDER BY dir.id`, t, d)
	if err == nil {
		err = r.completeDirectories(ctx, all)
	}
	return all, err
}

// PasscodeDirectories are the passcode directories with the verified domain: of the owner,
// or of all tenants if the owner is empty.
func (r *Reader) PasscodeDirectories(ctx context.Context, owner access.TenantID,
	name access.Domain) ([]access.Directory, error) {
	all, err := queryAll(ctx, r, r.directoryColumns, `SELECT {columns} FROM directory_domain dom
		JOIN directory dir ON dir.id = dom.directory_id AND dir.kind = 'passcode'
		WHERE dom.name = $2 AND dom.proof <> 'pending' AND (dom.scope = $1 OR $1 = '' AND dom.scope <> '')
		ORDER BY dir.owner_id`, owner, name)
	if err == nil {
		err = r.completeDirectories(ctx, all)
	}
	return all, err
}

// PersonToCarry is the person who signed in at the passcode directory with the address, in
// canonical form, or would have: by an account, or else without any. The person may have
// been merged into another one. ok is false if there is none, or several without an
// account have the address.
func (r *Reader) PersonToCarry(ctx context.Context, from access.Directory,
	address string) (p access.Person, ok bool, err error) {
	p, ok, err = queryOptional(ctx, r, personColumns, `SELECT {columns} FROM account acc
		JOIN person per ON per.tenant_id = $1 AND per.account_id = acc.id
		WHERE acc.directory_id = $2 AND acc.subject = $3`, from.Owner, from.ID, address)
	if ok || err != nil {
		return p, ok, err
	}
	found, err := queryAll(ctx, r, personColumns, `SELECT {columns} FROM person per WHERE per.tenant_id = $1
		AND per.address = $3 AND per.directory_id = $2 AND per.account_id IS NULL AND per.merged_into IS NULL LIMIT 2`,
		from.Owner, from.ID, address)
	if err != nil || len(found) != 1 {
		return access.Person{}, false, err
	}
	return found[0], true, nil
}

// PersonCarriedAway is the person who was carried over from the passcode directory with the
// address, and cannot sign in where they were carried to: the domain was removed there.
func (r *Reader) PersonCarriedAway(ctx context.Context, from access.Directory, name access.Domain,
	address string) (p access.Person, ok bool, err error) {
	return queryOptional(ctx, r, personColumns, `SELECT {columns} FROM person per WHERE per.tenant_id = $1
		AND per.carried_from = $2 AND per.carried_address = $3 AND per.domain = $4
		AND NOT EXISTS (SELECT 1 FROM directory_domain dom WHERE dom.directory_id = per.directory_id
			AND dom.name = per.domain AND dom.proof <> 'pending')`, from.Owner, from.ID, address, name)
}

// Carrying is a person who gets another account.
type Carrying struct {
	access.CarryOver
	Record  access.Person // with the former account, if there is one
	Account access.Account
	Domain  access.Domain
	// Back is true if the account is one of the passcode directory again.
	Back bool
}

// CarryPerson gives the person of c.Record the account, and the drafts of the former one.
// Somebody whom that person was merged into keeps the own account, and signs in with both.
// It returns a Conflict if the person has been carried over in the meantime.
func (tx *Tx) CarryPerson(ctx context.Context, c Carrying) error {
	t, from, address := c.Person.Tenant, c.From, c.Address
	if c.Back {
		from, address = "", ""
	}
	err := tx.execOne(ctx, `UPDATE person SET account_id = $3, directory_id = $4, domain = $5, carried_from = $6,
		carried_address = $7, version = version + 1 WHERE tenant_id = $1 AND id = $2 AND directory_id = $8
		AND COALESCE(account_id, '') = $9`, t, c.Record.ID, c.Account.ID, c.Account.Directory, c.Domain, textOrNull(from),
		address, c.Record.Directory, c.Record.Account)
	if err == nil && c.Record.Account != "" {
		err = tx.exec(ctx, `UPDATE draft SET account_id = $3 WHERE tenant_id = $1 AND account_id = $2`, t, c.Record.Account,
			c.Account.ID)
	}
	if err != nil {
		return err
	}
	return tx.exec(ctx, `DELETE FROM carry_claim WHERE tenant_id = $1 AND (account_id = $2 OR address = $3)`, t,
		c.Account.ID, c.Address)
}

// CarryClaim is the address that the account claims in the tenant and that its provider
// does not say is verified; empty if it claims none.
func (r *Reader) CarryClaim(ctx context.Context, t access.TenantID, a access.AccountID) (string, error) {
	address, _, err := queryOptional(ctx, r, value[string], `SELECT address FROM carry_claim WHERE tenant_id = $1
		AND account_id = $2`, t, a)
	return address, err
}

// SetCarryClaims replaces what the account claims: the address in each of the tenants.
func (tx *Tx) SetCarryClaims(ctx context.Context, a access.AccountID, address string, in []access.TenantID) error {
	err := tx.exec(ctx, `DELETE FROM carry_claim WHERE account_id = $1`, a)
	for _, t := range in {
		if err == nil {
			err = tx.exec(ctx, `INSERT INTO carry_claim (tenant_id, account_id, address) VALUES ($1, $2, $3)`, t, a, address)
		}
	}
	return err
}

// CarryCount is how many people of a passcode directory have been carried over to its
// successor, and how many have not.
type CarryCount struct{ Over, Left int64 }

// CountCarried counts the people of the passcode directory in the tenant.
func (r *Reader) CountCarried(ctx context.Context, t access.TenantID, from access.DirectoryID) (CarryCount, error) {
	return queryOne(ctx, r, func(n *CarryCount) []column {
		return []column{
			{`(SELECT COUNT(*) FROM person per WHERE per.tenant_id = $1 AND per.carried_from = $2
				AND per.merged_into IS NULL)`, &n.Over},
			{`(SELECT COUNT(*) FROM person per2 WHERE per2.tenant_id = $1 AND per2.directory_id = $2
				AND per2.merged_into IS NULL)`, &n.Left},
		}
	}, `SELECT {columns}`, t, from)
}
