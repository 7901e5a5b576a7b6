package store

import (
	"context"
	"strings"

	"myaccess/internal/access"
)

const directoryCols = `d.id, d.name, d.issuer, d.client_id, d.client_secret, d.auth_style, d.hint_style,
	d.tenant_claim, d.tenant_value, d.scopes, d.confirmed_hosts, d.enabled, d.version`

func (r *Reader) directory(row row) (access.Directory, error) {
	var d access.Directory
	var secret []byte
	err := row.Scan(&d.ID, &d.Name, &d.Issuer, &d.ClientID, &secret, &d.AuthStyle, &d.HintStyle,
		&d.TenantClaim, &d.TenantValue, words{&d.Scopes}, words{&d.ConfirmedHosts}, &d.Enabled, &d.Version)
	if err == nil {
		d.ClientSecret, err = r.unseal(secret, "directory "+string(d.ID))
	}
	return d, err
}

// Directory is the directory with the id.
func (r *Reader) Directory(ctx context.Context, id access.DirectoryID) (access.Directory, error) {
	d, err := one(ctx, r, r.directory, `SELECT `+directoryCols+` FROM directory d WHERE d.id = $1`, id)
	if err == nil {
		d.Domains, err = r.directoryDomains(ctx, id)
	}
	return d, err
}

// DirectoryByDomain is the directory that owns the domain, among those that the
// whole installation knows.
func (r *Reader) DirectoryByDomain(ctx context.Context, name access.Domain) (access.Directory, error) {
	id, err := one(ctx, r, column[access.DirectoryID],
		`SELECT directory_id FROM directory_domain WHERE scope = '' AND name = $1`, name)
	if err != nil {
		return access.Directory{}, err
	}
	return r.Directory(ctx, id)
}

// Directories are all directories by name.
func (r *Reader) Directories(ctx context.Context) ([]access.Directory, error) {
	all, err := list(ctx, r, r.directory, `SELECT `+directoryCols+` FROM directory d ORDER BY d.name`)
	for i := range all {
		if err == nil {
			all[i].Domains, err = r.directoryDomains(ctx, all[i].ID)
		}
	}
	return all, err
}

func (r *Reader) directoryDomains(ctx context.Context, id access.DirectoryID) ([]access.Domain, error) {
	return list(ctx, r, column[access.Domain],
		`SELECT name FROM directory_domain WHERE directory_id = $1 ORDER BY position`, id)
}

// SaveDirectory adds the directory, or changes the one with its id, with its
// domains. A domain that another directory owns is a conflict.
func (tx *Tx) SaveDirectory(ctx context.Context, d access.Directory) error {
	err := tx.exec(ctx, `INSERT INTO directory (id, name, issuer, client_id, client_secret, auth_style, hint_style,
			tenant_claim, tenant_value, scopes, confirmed_hosts, enabled, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, issuer = excluded.issuer, client_id = excluded.client_id,
			client_secret = excluded.client_secret, auth_style = excluded.auth_style, hint_style = excluded.hint_style,
			tenant_claim = excluded.tenant_claim, tenant_value = excluded.tenant_value, scopes = excluded.scopes,
			confirmed_hosts = excluded.confirmed_hosts, enabled = excluded.enabled, version = directory.version + 1`,
		d.ID, d.Name, d.Issuer, d.ClientID, tx.seal(d.ClientSecret, "directory "+string(d.ID)), d.AuthStyle, d.HintStyle,
		d.TenantClaim, d.TenantValue, strings.Join(d.Scopes, " "), strings.Join(d.ConfirmedHosts, " "), d.Enabled)
	if err == nil {
		err = tx.exec(ctx, `DELETE FROM directory_domain WHERE directory_id = $1`, d.ID)
	}
	for i, name := range d.Domains {
		if err == nil {
			err = tx.exec(ctx, `INSERT INTO directory_domain (scope, name, directory_id, position) VALUES ('', $1, $2, $3)`,
				name, d.ID, int64(i))
		}
	}
	return err
}

func scanAccount(r row) (access.Account, error) {
	var a access.Account
	return a, r.Scan(&a.ID, &a.Directory, &a.Subject, &a.Name, &a.Email, &a.Language)
}

const accountCols = `id, directory_id, subject, name, email, language`

// Account is the account with the id.
func (r *Reader) Account(ctx context.Context, id access.AccountID) (access.Account, error) {
	return one(ctx, r, scanAccount, `SELECT `+accountCols+` FROM account WHERE id = $1`, id)
}

// AccountOf is the account of a subject of a directory; ok is false if nobody
// has signed in as that subject yet.
func (r *Reader) AccountOf(ctx context.Context, dir access.DirectoryID, subject string) (a access.Account, ok bool, err error) {
	return maybe(ctx, r, scanAccount,
		`SELECT `+accountCols+` FROM account WHERE directory_id = $1 AND subject = $2`, dir, subject)
}

// SaveAccount adds the account, or changes what is shown of the one with its id.
// Directory and subject, which are its key, never change.
func (tx *Tx) SaveAccount(ctx context.Context, a access.Account) error {
	return tx.exec(ctx, `INSERT INTO account (`+accountCols+`, created) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, language = excluded.language`,
		a.ID, a.Directory, a.Subject, a.Name, a.Email, a.Language, ms(tx.Now))
}
