package store

import (
	"context"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
)

func (r *Reader) directoryColumns(d *access.Directory) []column {
	return []column{
		{"dir.id", &d.ID},
		{"dir.owner_id", &d.Owner},
		{"dir.kind", &d.Kind},
		{"dir.name", &d.Name},
		{"dir.issuer", &d.Issuer},
		{"dir.client_id", &d.ClientID},
		{"dir.client_secret", scanSecret{r, &d.ClientSecret, func() string { return "directory " + string(d.ID) }}},
		{"dir.auth_style", &d.AuthStyle},
		{"dir.hint_style", &d.HintStyle},
		{"dir.tenant_claim", &d.TenantClaim},
		{"dir.tenant_value", &d.TenantValue},
		{"dir.scopes", scanWords[string]{&d.Scopes}},
		{"dir.confirmed_hosts", scanWords[string]{&d.ConfirmedHosts}},
		{"dir.enabled", &d.Enabled},
		{"dir.version", &d.Version},
	}
}

// Directory is the directory with the id.
func (r *Reader) Directory(ctx context.Context, id access.DirectoryID) (access.Directory, error) {
	d, err := queryOne(ctx, r, r.directoryColumns, `SELECT {columns} FROM directory dir WHERE dir.id = $1`, id)
	if err == nil {
		err = r.completeDirectory(ctx, &d)
	}
	return d, err
}

// DirectoryName is the name of the directory with the id.
func (r *Reader) DirectoryName(ctx context.Context, id access.DirectoryID) (string, error) {
	type known struct{ access.DirectoryID }
	return sqldb.Cached(r.cache, known{id}, func() (string, error) {
		return queryOne(ctx, r, value[string], `SELECT name FROM directory WHERE id = $1`, id)
	})
}

// DirectoryByDomain is the directory to which the verified domain belongs,
// among those of the installation and those that the tenant keeps; with an
// empty tenant, those of the installation alone.
func (r *Reader) DirectoryByDomain(ctx context.Context, t access.TenantID,
	name access.Domain) (access.Directory, error) {
	id, err := queryOne(ctx, r, value[access.DirectoryID], `SELECT directory_id FROM directory_domain
		WHERE scope IN ('', $1) AND name = $2 AND proof <> 'pending' ORDER BY scope DESC`, t, name)
	if err != nil {
		return access.Directory{}, err
	}
	return r.Directory(ctx, id)
}

// Directories are the directories of the installation by name, and with a
// tenant, those that it keeps as well.
func (r *Reader) Directories(ctx context.Context, t access.TenantID) ([]access.Directory, error) {
	all, err := queryAll(ctx, r, r.directoryColumns, `SELECT {columns} FROM directory dir WHERE dir.owner_id IN ('', $1)
		ORDER BY dir.name, dir.id`, t)
	for i := range all {
		if err == nil {
			err = r.completeDirectory(ctx, &all[i])
		}
	}
	return all, err
}

// completeDirectory adds the domains, verified and claimed.
func (r *Reader) completeDirectory(ctx context.Context, d *access.Directory) (err error) {
	if d.Domains, err = r.directoryDomains(ctx, d.ID); err != nil {
		return err
	}
	d.DomainClaims, err = queryAll(ctx, r, func(c *access.DomainClaim) []column {
		return []column{
			{"name", &c.Domain},
			{"token", &c.Token},
		}
	}, `SELECT {columns} FROM directory_domain WHERE directory_id = $1 AND proof = 'pending' ORDER BY position`, d.ID)
	return err
}

func (r *Reader) directoryDomains(ctx context.Context, id access.DirectoryID) ([]access.Domain, error) {
	return queryAll(ctx, r, value[access.Domain],
		`SELECT name FROM directory_domain WHERE directory_id = $1 AND proof <> 'pending' ORDER BY position`, id)
}

// SaveDirectory adds the directory, or changes the one with its id, with its
// domains and claims. A domain that another directory in sight owns is a
// conflict. How a domain that it has already was proved stays as it is; new
// ones count as proof says.
func (tx *Tx) SaveDirectory(ctx context.Context, d access.Directory, proof access.DomainVerification) error {
	err := tx.exec(ctx, `INSERT INTO directory (id, owner_id, kind, name, issuer, client_id, client_secret, auth_style,
		hint_style,
			tenant_claim, tenant_value, scopes, confirmed_hosts, enabled, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, issuer = excluded.issuer, client_id = excluded.client_id,
			client_secret = excluded.client_secret, auth_style = excluded.auth_style, hint_style = excluded.hint_style,
			tenant_claim = excluded.tenant_claim, tenant_value = excluded.tenant_value, scopes = excluded.scopes,
			confirmed_hosts = excluded.confirmed_hosts, enabled = excluded.enabled, version = directory.version + 1`,
		d.ID, d.Owner, d.Kind, d.Name, d.Issuer, d.ClientID, tx.seal(d.ClientSecret, "directory "+string(d.ID)), d.AuthStyle,
		d.HintStyle,
		d.TenantClaim, d.TenantValue, strings.Join(d.Scopes, " "), strings.Join(d.ConfirmedHosts, " "), d.Enabled)
	if err == nil && !d.Enabled {
		err = tx.endSessionsAt(ctx, d.ID) // I-11
	}
	if err != nil {
		return err
	}
	return tx.saveDomains(ctx, d, proof)
}

func (tx *Tx) saveDomains(ctx context.Context, d access.Directory, proof access.DomainVerification) error {
	proofs, err := tx.proofs(ctx, d.ID)
	if err == nil {
		err = tx.exec(ctx, `DELETE FROM directory_domain WHERE directory_id = $1`, d.ID)
	}
	add := func(name access.Domain, at int, p access.DomainVerification, token string) {
		if err == nil {
			err = tx.exec(ctx, `INSERT INTO directory_domain (scope, name, directory_id, position, proof, token)
				VALUES ($1, $2, $3, $4, $5, $6)`,
				d.Owner, name, d.ID, int64(at), p, token)
		}
	}
	for i, name := range d.Domains {
		p := proof
		if had, ok := proofs[name]; ok && had != access.VerificationPending {
			p = had
		}
		add(name, i, p, "")
	}
	for i, c := range d.DomainClaims {
		add(c.Domain, len(d.Domains)+i, access.VerificationPending, c.Token)
	}
	if err == nil {
		err = tx.indexConnected(ctx, d.ID)
	}
	if err == nil && d.Owner != "" {
		err = tx.index(ctx, d.Owner, wordsOfDirectory, string(d.ID), searchedDirectory(d)...)
	}
	return err
}

func (r *Reader) proofs(ctx context.Context,
	id access.DirectoryID) (map[access.Domain]access.DomainVerification, error) {
	all := map[access.Domain]access.DomainVerification{}
	var d access.Domain
	var p access.DomainVerification
	err := r.eachRow(ctx, []column{{"name", &d}, {"proof", &p}}, func() { all[d] = p }, `SELECT {columns}
		FROM directory_domain WHERE directory_id = $1`, id)
	return all, err
}

func accountColumns(a *access.Account) []column {
	return []column{
		{"id", &a.ID},
		{"directory_id", &a.Directory},
		{"subject", &a.Subject},
		{"name", &a.Name},
		{"email", &a.Email},
		{"language", &a.Language},
	}
}

// Account is the account with the id.
func (r *Reader) Account(ctx context.Context, id access.AccountID) (access.Account, error) {
	return queryOne(ctx, r, accountColumns, `SELECT {columns} FROM account WHERE id = $1`, id)
}

// AccountOf is the account of a subject of a directory; ok is false if nobody
// has signed in as that subject yet.
func (r *Reader) AccountOf(ctx context.Context, dir access.DirectoryID,
	subject string) (a access.Account, ok bool, err error) {
	return queryOptional(ctx, r, accountColumns,
		`SELECT {columns} FROM account WHERE directory_id = $1 AND subject = $2`, dir, subject)
}

// SaveAccount adds the account, or changes what is shown of the one with its id.
// Directory and subject, which are its key, never change.
func (tx *Tx) SaveAccount(ctx context.Context, a access.Account) error {
	return tx.exec(ctx, `INSERT INTO account (id, directory_id, subject, name, email, language, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, language = excluded.language`,
		a.ID, a.Directory, a.Subject, a.Name, a.Email, a.Language, ms(tx.Now))
}
