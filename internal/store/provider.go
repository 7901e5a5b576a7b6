package store

import (
	"context"
	"net/url"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

// searchedDirectory are the texts that a directory of a tenant is searched by.
func searchedDirectory(d access.Directory) []string {
	texts := []string{d.Name}
	if u, err := url.Parse(d.Issuer); err == nil {
		texts = append(texts, u.Hostname())
	}
	for _, name := range d.Domains {
		texts = append(texts, string(name))
	}
	for _, c := range d.DomainClaims {
		texts = append(texts, string(c.Domain))
	}
	return texts
}

// DirectoryFilter narrows a list of directories; zero fields narrow nothing.
type DirectoryFilter struct {
	Kind    access.DirectoryKind
	Enabled Flag
}

// DirectoryList is the list of the directories that the tenant keeps, with their
// domains, by "name" or "age".
func (r *Reader) DirectoryList(ctx context.Context, t access.TenantID,
	q ListQuery[DirectoryFilter]) (ListPage[access.Directory], error) {
	found, err := page(ctx, r, listing[access.Directory]{
		columns: r.directoryColumns, base: `directory dir`, tenant: `dir.owner_id`, id: `dir.id`, kind: wordsOfDirectory,
		orders: []order{{"name", `dir.name`, false}, {"age", `dir.id`, false}},
		where: func(a *sqlq.Args) string {
			return equal(a, `dir.kind`, q.Filter.Kind) + q.Filter.Enabled.where(`dir.enabled`)
		},
	}, t, q.paging())
	for i := range found.Rows {
		if err == nil {
			err = r.completeDirectory(ctx, &found.Rows[i])
		}
	}
	return found, err
}

// WalkDirectories walks DirectoryList.
func (r *Reader) WalkDirectories(ctx context.Context, t access.TenantID, q ListQuery[DirectoryFilter],
	f func(access.Directory) error) error {
	return walk(ctx, t, q, r.DirectoryList, f)
}

// DirectoryNamed is the directory with the name that the tenant keeps; ok is
// false if there is none.
func (r *Reader) DirectoryNamed(ctx context.Context, t access.TenantID,
	name string) (id access.DirectoryID, ok bool, err error) {
	return queryOptional(ctx, r, value[access.DirectoryID], `SELECT id FROM directory WHERE owner_id = $1 AND name = $2`,
		t, name)
}

// DirectoryWithPendingDomain is the directory that the tenant keeps for which the domain
// waits for its proof; ok is false if there is none.
func (r *Reader) DirectoryWithPendingDomain(ctx context.Context, t access.TenantID,
	name access.Domain) (d access.Directory, ok bool, err error) {
	id, ok, err := queryOptional(ctx, r, value[access.DirectoryID],
		`SELECT directory_id FROM directory_domain WHERE scope = $1 AND name = $2 AND proof = 'pending'`, t, name)
	if ok {
		d, err = r.Directory(ctx, id)
	}
	return d, ok && err == nil, err
}

// HasAccounts reports whether anybody has signed in at the directory.
func (r *Reader) HasAccounts(ctx context.Context, id access.DirectoryID) (bool, error) {
	_, ok, err := queryOptional(ctx, r, value[access.AccountID], `SELECT id FROM account WHERE directory_id = $1 LIMIT 1`,
		id)
	return ok, err
}

// HasPeople reports whether the tenant knows anybody of the directory.
func (r *Reader) HasPeople(ctx context.Context, t access.TenantID, id access.DirectoryID) (bool, error) {
	_, ok, err := queryOptional(ctx, r, value[access.PersonID], `SELECT id FROM person WHERE tenant_id = $1
		AND directory_id = $2
		LIMIT 1`, t, id)
	return ok, err
}

// CountSessionsAt is how many sessions there are of people of the directory.
func (r *Reader) CountSessionsAt(ctx context.Context, id access.DirectoryID) (int64, error) {
	return queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM session WHERE directory_id = $1`, id)
}

// endSessionsAt forgets every session, and every sign-in that has begun, at a
// directory (I-11).
func (tx *Tx) endSessionsAt(ctx context.Context, id access.DirectoryID) error {
	for _, table := range []string{"session", "attempt"} {
		if err := tx.exec(ctx, `DELETE FROM `+table+` WHERE directory_id = $1`, id); err != nil {
			return err
		}
	}
	return nil
}

// DeleteDirectory deletes a directory that a tenant keeps and of which nobody is
// known. Connected organizations that it belonged to lose it.
func (tx *Tx) DeleteDirectory(ctx context.Context, d access.Directory) error {
	connected, err := tx.connectedWith(ctx, d.ID)
	if err == nil {
		err = tx.endSessionsAt(ctx, d.ID)
	}
	for _, table := range []string{"organization_directory", "directory_domain"} {
		if err == nil {
			err = tx.exec(ctx, `DELETE FROM `+table+` WHERE directory_id = $1`, d.ID)
		}
	}
	for _, o := range connected {
		if err == nil {
			err = tx.indexOrganization(ctx, o)
		}
	}
	if err == nil {
		err = tx.forgetWords(ctx, d.Owner, wordsOfDirectory, string(d.ID))
	}
	if err != nil {
		return err
	}
	return tx.execOne(ctx, `DELETE FROM directory WHERE id = $1 AND owner_id = $2`, d.ID, d.Owner)
}
