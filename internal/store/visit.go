package store

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
)

// What every page asks for (tenant, session, person, rights, groups) is cached.
//
// On SQLite everything cached belongs to one version of the whole database, which
// changes with every commit (sqldb.Snapshot.Cache).
//
// On PostgreSQL commits of other processes cannot be noticed. A page reads in one
// statement who it is for: session, account, person, and the rights versions of
// the tenant and of the person. Session and person are never cached, so that no
// write to them can be missed, and their times are compared with the clock by the
// caller. What else is asked for is cached under the two versions, and used only
// if a page has read the same versions in its own snapshot. Triggers raise them
// in the transaction that changes the data (rightsSources in dialect.go). The list
// of packages is cached in the same way under a version of its own.

// visit is who a page is for, as read in its snapshot.
type visit struct {
	domain    access.Domain
	session   SessionWithAccount
	directory string // name of the account's directory
	tenant    access.TenantID
	person    access.Person
	// versions of what is cached: for everyone in the tenant, for the person, and of
	// the tenant's packages.
	tenantVersion, personVersion, packageVersion string
	// pending is CountPendingApprovals of the person; negative if it was not asked for.
	pending int64
}

func visitColumns(v *visit) []column {
	all := append(sessionColumns(&v.session), personColumns(&v.person)...)
	return append(all, []column{
		{"(SELECT name FROM directory WHERE id = acc.directory_id)", &v.directory},
		{"ten.id", &v.tenant},
		{version(`rights_version`, `AND person_id = ''`), &v.tenantVersion},
		{version(`rights_version`, `AND person_id = per.id`), &v.personVersion},
		{version(`package_version`, ``), &v.packageVersion},
		{"CASE WHEN $3 THEN (" + countPending("ten.id", "per.id") + ") ELSE -1 END", &v.pending},
	}...)
}

// version is a column with a version of the tenant; empty if none was raised yet.
// With a join for each, PostgreSQL would compare very many orders of the joins.
func version(table, also string) string {
	return `COALESCE((SELECT version FROM ` + table + ` WHERE tenant_id = ten.id ` + also + `), '')`
}

// Visit tells a snapshot which session and which tenant its page is for, and
// whether it will show CountPendingApprovals, so that what pages ask for most is
// read at once. It changes no result, and does nothing where everything is cached
// anyway: on SQLite and outside of a snapshot.
func (r *Reader) Visit(ctx context.Context, key string, domain access.Domain, approvals bool) error {
	if !r.oneState() {
		return nil
	}
	v, ok, err := queryOptional(ctx, r, visitColumns, `SELECT {columns} FROM session ses
		JOIN account acc ON acc.id = ses.account_id
		JOIN directory_domain dom ON dom.scope = '' AND dom.name = $2
		JOIN tenant ten ON ten.directory_id = dom.directory_id
		JOIN person per ON per.tenant_id = ten.id AND per.account_id = acc.id
		WHERE ses.id = $1`, key, domain, approvals)
	if v.domain = domain; ok {
		r.visit = &v
	}
	return err
}

// oneState reports whether everything that the reader reads is of one state of
// the database.
func (r *Reader) oneState() bool { return r.snapshot != nil && r.snapshot.OneState() }

// visited is the visit of the reader's page; nil if it has none, or has ended.
func (r *Reader) visited() *visit {
	if r.visit == nil || !r.oneState() {
		return nil
	}
	return r.visit
}

// cachedForTenant returns the cached result of read, which must depend on nothing
// but rightsSources of the tenant. Errors are not cached.
func cachedForTenant[K comparable, T any](r *Reader, t access.TenantID, key K, read func() (T, error)) (T, error) {
	v := r.visited()
	if v == nil {
		return sqldb.Cached(r.cache, key, read)
	}
	if v.tenant != t {
		return read()
	}
	return cachedVersion(r, v.tenantVersion, key, read)
}

// cachedForPerson is like cachedForTenant for what also depends on the rightsSources of
// the person.
func cachedForPerson[K comparable, T any](r *Reader, t access.TenantID, p access.PersonID, key K,
	read func() (T, error)) (T, error) {
	v := r.visited()
	if v == nil {
		return sqldb.Cached(r.cache, key, read)
	}
	if v.tenant != t || v.person.ID != p {
		return read()
	}
	return cachedVersion(r, v.tenantVersion+" "+v.personVersion, key, read)
}

// cachedPackages is like cachedForTenant for what depends on packageSources only. On
// SQLite it calls read: the caller caches the whole list.
func cachedPackages[K comparable, T any](r *Reader, t access.TenantID, key K, read func() (T, error)) (T, error) {
	v := r.visited()
	if v == nil || v.tenant != t {
		return read()
	}
	return cachedVersion(r, v.packageVersion, key, read)
}

func cachedVersion[K comparable, T any](r *Reader, version string, key K, read func() (T, error)) (T, error) {
	if value, ok := r.versioned.Get(key, version); ok {
		return value.(T), nil
	}
	value, err := read()
	if err == nil {
		r.versioned.Put(key, version, value)
	}
	return value, err
}
