package store

import (
	"context"

	"myaccess/internal/access"
	"myaccess/internal/store/sqldb"
)

// What every page asks for (tenant, session, person, rights, groups) and the list
// of packages are cached across commits.
//
// A page reads in one statement who it is for: the session, the rights versions of
// the tenant and of the person, and the versions of what the person has and of the
// packages. The session is
// never cached, so that no write to it can be missed, and its times are compared
// with the clock by the caller. What else is asked for is cached under the
// versions, and used only if a page has read the same versions: on PostgreSQL in
// its own snapshot, on SQLite after it began, so that what it reads later is of
// these versions or newer. Triggers raise them in the transaction that changes the
// data (versions.go).
//
// On SQLite, where every commit can be noticed, the statement runs once for all
// pages of a session between two commits, of any process (sqldb.Snapshot.Cache). A
// commit that raises no version empties nothing else.

// visit is who a page is for, as read in its snapshot. It is not changed once it
// has been read.
type visit struct {
	domain    access.Domain
	session   SessionWithAccount
	directory string // name of the account's directory
	tenant    access.TenantID
	person    access.Person
	// versions of what is cached: for everyone in the tenant, for the person, of what the
	// person has, and of the tenant's packages.
	tenantVersion, personVersion, holdingVersion, packageVersion string
	policyVersion                                                string // of Tx.Requestor only
	// pending is CountPendingApprovals of the person; negative if it was not asked for.
	pending int64
}

// visitKey identifies a page's session and tenant.
type visitKey struct {
	session string // key
	domain  access.Domain
}

// visitColumns are the columns of a visit that are read for every page; directory,
// tenant and person are expressions for the ids. PostgreSQL would plan a statement with
// a condition for pending each time.
func visitColumns(v *visit, directory, tenant, person string, approvals bool) []column {
	all := append(sessionColumns(&v.session.Session), []column{
		{"(SELECT name FROM directory WHERE id = " + directory + ")", &v.directory},
		{version(`rights_version`, tenant, `AND person_id = ''`), &v.tenantVersion},
		{version(`rights_version`, tenant, `AND person_id = `+person), &v.personVersion},
		{version(`holding_version`, tenant, `AND person_id = `+person), &v.holdingVersion},
		{version(`package_version`, tenant, ``), &v.packageVersion},
	}...)
	if !approvals {
		return append(all, column{"-1", &v.pending})
	}
	return append(all, column{"(" + countPending(tenant, person) + ")", &v.pending})
}

// version is a column with a version of the tenant; empty if none was raised yet.
// With a join for each, PostgreSQL would compare very many orders of the joins.
func version(table, tenant, also string) string {
	return `COALESCE((SELECT version FROM ` + table + ` WHERE tenant_id = ` + tenant + ` ` + also + `), '')`
}

// Visit tells a snapshot which session and which tenant its page is for, and
// whether it will show CountPendingApprovals, so that what pages ask for most is
// read at once or cached. It changes no result, and does nothing outside of a
// snapshot.
func (r *Reader) Visit(ctx context.Context, key string, domain access.Domain, approvals bool) error {
	if r.snapshot == nil || r.snapshot.Ended() {
		return nil
	}
	type known struct {
		visitKey
		approvals bool
	}
	id := known{visitKey{key, domain}, approvals}
	if v, ok := r.cache.Get(id); ok {
		r.visit = v.(*visit)
		return nil
	}
	v, err := r.readVisit(ctx, id.visitKey, approvals)
	if v != nil && err == nil {
		r.visit = v
		r.cache.Put(id, v)
	}
	return err
}

// readVisit returns nil if there is no such visit: the session has ended, or its
// account has no person in the tenant.
func (r *Reader) readVisit(ctx context.Context, key visitKey, approvals bool) (*visit, error) {
	if last, ok := r.versioned.Last(key); ok {
		v, err := r.repeatVisit(ctx, last.(visit), approvals)
		if v != nil || err != nil {
			return v, err
		}
	}
	v, ok, err := queryOptional(ctx, r, func(v *visit) []column {
		all := append(visitColumns(v, "acc.directory_id", "ten.id", "per.id", approvals),
			accountColumns(&v.session.Account)...)
		return append(append(all, personColumns(&v.person)...), column{"ten.id", &v.tenant})
	}, `SELECT {columns} FROM session ses
		JOIN account acc ON acc.id = ses.account_id
		JOIN directory_domain dom ON dom.scope = '' AND dom.name = $2 AND dom.proof <> 'pending'
		JOIN tenant ten ON ten.directory_id = dom.directory_id
		JOIN person per ON per.tenant_id = ten.id AND per.id = `+personOfAccount(`ten.id`, `acc.id`)+`
		WHERE ses.id = $1`, key.session, key.domain)
	if err != nil || !ok {
		return nil, err
	}
	v.domain = key.domain
	r.versioned.Put(key, v.version(), v)
	return &v, nil
}

// version is the version of what a visit caches: which tenant has the domain, and
// the account and the person.
func (v *visit) version() string { return v.tenantVersion + " " + v.personVersion }

// repeatVisit reads the visit again, of which last was read at some time. It
// returns nil if what it caches has changed.
func (r *Reader) repeatVisit(ctx context.Context, last visit, approvals bool) (*visit, error) {
	v, ok, err := queryOptional(ctx, r, func(v *visit) []column {
		return visitColumns(v, "$5", "CAST($3 AS TEXT)", "CAST($4 AS TEXT)", approvals)
	}, `SELECT {columns} FROM session ses WHERE ses.id = $1 AND ses.account_id = $2`, last.session.Session.Key,
		last.session.Account.ID, last.tenant, last.person.ID, last.session.Account.Directory)
	if err != nil || !ok || v.version() != last.version() {
		return nil, err
	}
	v.domain, v.tenant, v.session.Account, v.person = last.domain, last.tenant, last.session.Account, last.person
	return &v, nil
}

// cachedForTenant returns the cached result of read, which must depend on nothing
// but rightsSources of the tenant. Errors are not cached.
func cachedForTenant[K comparable, T any](r *Reader, t access.TenantID, key K, read func() (T, error)) (T, error) {
	v := r.visit
	if v == nil {
		return sqldb.Cached(r.cache, key, read)
	}
	if v.tenant != t {
		return read()
	}
	return cachedVersion(r, v.tenantVersion, key, read)
}

// cachedForPerson is like cachedForTenant for what also depends on the rightsSources
// and personSources of the person.
func cachedForPerson[K comparable, T any](r *Reader, t access.TenantID, p access.PersonID, key K,
	read func() (T, error)) (T, error) {
	v := r.visit
	if v == nil {
		return sqldb.Cached(r.cache, key, read)
	}
	if v.tenant != t || v.person.ID != p {
		return read()
	}
	return cachedVersion(r, v.version(), key, read)
}

// cachedHoldings is like cachedForPerson for what depends on holdingSources only. r must
// have a visit of the person.
func cachedHoldings[K comparable, T any](r *Reader, key K, read func() (T, error)) (T, error) {
	return cachedVersion(r, r.visit.holdingVersion, key, read)
}

// cachedPackages is like cachedForTenant for what depends on packageSources only.
func cachedPackages[K comparable, T any](r *Reader, t access.TenantID, key K, read func() (T, error)) (T, error) {
	v := r.visit
	if v == nil {
		return sqldb.Cached(r.cache, key, read)
	}
	if v.tenant != t {
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
