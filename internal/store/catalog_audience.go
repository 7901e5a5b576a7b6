package store

import (
	"context"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

// CatalogAudience is the number of people that can see a catalog's access
// packages, whether or not the catalog is enabled.
type CatalogAudience struct {
	Packages      int64 // not hidden, with an enabled policy for these people
	People        int64 // limit+1 means more than the limit
	Organizations int64 // connected organizations
	Anyone        bool  // people unknown to the tenant can see a package
}

// CatalogAudience counts the people of the tenant's own directory, or those from
// outside, who can see access packages of the catalog.
func (r *Reader) CatalogAudience(ctx context.Context, t access.TenantID, c access.CatalogID, outside bool,
	limit int) (CatalogAudience, error) {
	var a CatalogAudience
	scopes := slices.DeleteFunc(access.Scopes(), func(s access.Scope) bool {
		return !s.Reaches(outside) || outside && s == access.ScopeSpecificUsers // individually named guests do not count
	})
	fresh := func() *audienceQuery { return newAudienceQuery(t, c, outside, limit) }
	q := fresh()
	found, err := queryAll(ctx, r, value[access.Scope], `SELECT DISTINCT pol.scope FROM `+q.policies()+` AND `+scopeOf+
		` IN `+
		sqlq.In(&q.args, scopes), q.args.Values...)
	if err != nil || len(found) == 0 {
		return a, err
	}
	a.Anyone = slices.Contains(found, access.ScopeAnyone)
	q = fresh()
	a.Packages, err = queryOne(ctx, r, value[int64],
		`SELECT COUNT(DISTINCT pkg.id || '') FROM `+q.policies()+` AND `+scopeOf+
			` IN `+sqlq.In(&q.args, found), q.args.Values...)
	if err != nil {
		return a, err
	}
	q = fresh()
	people := q.people(found)
	if a.People, err = queryOne(ctx, r, value[int64], people, q.args.Values...); err != nil {
		return a, err
	}
	q = fresh()
	if organizations := q.organizations(found); organizations != `` {
		a.Organizations, err = queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM (`+organizations+`) AS counted`,
			q.args.Values...)
	}
	return a, err
}

// scopeOf is a policy's scope. The concatenation keeps SQLite from using the index
// on it, which would read the policies of all catalogs.
const scopeOf = `pol.scope || ''`

// audienceQuery builds one query of CatalogAudience. Each has arguments of its own,
// because PostgreSQL refuses arguments that a statement does not use.
type audienceQuery struct {
	args    sqlq.Args
	tenant  string // its place among the arguments
	catalog access.CatalogID
	outside bool
	limit   int64
}

func newAudienceQuery(t access.TenantID, c access.CatalogID, outside bool, limit int) *audienceQuery {
	q := &audienceQuery{catalog: c, outside: outside, limit: int64(limit + 1)}
	q.tenant = q.args.Add(t)
	return q
}

// policies is FROM and WHERE of the enabled policies pol of the packages pkg
// that are not hidden.
func (q *audienceQuery) policies() string {
	// Written so that the packages of the catalog come first, whatever number of
	// rows an engine estimates.
	return `package pkg CROSS JOIN policy pol
		WHERE pol.tenant_id = pkg.tenant_id AND pol.package_id = pkg.id AND pkg.tenant_id = ` + q.tenant +
		` AND pkg.catalog_id = ` +
		q.args.Add(q.catalog) + ` AND pkg.deleted IS NULL AND NOT pkg.hidden AND pol.enabled`
}

// subjects is the query for the ids of one kind that policies of the scope
// name.
func (q *audienceQuery) subjects(scope access.Scope, kind access.SubjectKind) string {
	return `SELECT DISTINCT ps.subject_id FROM (SELECT pol.id FROM ` + q.policies() + ` AND ` + scopeOf + ` = ` +
		q.args.Add(scope) + `) AS ids CROSS JOIN policy_subject ps
		WHERE ps.tenant_id = ` + q.tenant + ` AND ps.policy_id = ids.id AND ps.kind = ` + q.args.Add(kind)
}

// organizations is the query for the connected organizations in the scopes;
// empty if there is none.
func (q *audienceQuery) organizations(scopes []access.Scope) string {
	var any []string
	if slices.Contains(scopes, access.ScopeAllOrgs) {
		any = append(any, `SELECT org.id FROM organization org WHERE org.tenant_id = `+q.tenant+
			` AND org.state = 'configured'`)
	}
	if slices.Contains(scopes, access.ScopeSpecificOrgs) {
		any = append(any, `SELECT org.id FROM (`+q.subjects(access.ScopeSpecificOrgs, access.SubjectOrganization)+`) AS ids
			CROSS
			JOIN organization org
			WHERE org.tenant_id = `+q.tenant+` AND org.id = ids.subject_id`)
	}
	return strings.Join(any, ` UNION `)
}

// people is the query that counts people in the scopes. Each part of the union
// is read up to the limit only.
func (q *audienceQuery) people(scopes []access.Scope) string {
	who := ` AND NOT per.disabled AND per.kind = 'member'`
	if q.outside {
		who = ` AND NOT per.disabled AND per.kind <> 'member'`
	}
	from := `SELECT per.id FROM person per WHERE per.tenant_id = ` + q.tenant + who
	var any []string
	for _, s := range scopes {
		switch s {
		case access.ScopeMembers, access.ScopeAnyone:
			any = append(any, from)
		case access.ScopeUsers:
			any = append(any, from+` AND (per.kind = 'member' OR per.guest IN `+sqlq.In(&q.args, guestsWithAccount())+`)`)
		case access.ScopeSpecificUsers:
			any = append(any, from+` AND per.id IN (`+q.subjects(s, access.SubjectPerson)+`)`,
				`SELECT per.id FROM directory_member mem JOIN person per ON per.tenant_id = mem.tenant_id AND per.id = mem.person_id
				WHERE mem.tenant_id = `+q.tenant+` AND mem.role = 'Member' AND mem.entry_id IN (`+
					q.subjects(s, access.SubjectGroup)+`)`+
					who)
		case access.ScopeSpecificOrgs, access.ScopeAllOrgs, access.ScopeNobody: // organizations: below
		}
	}
	if organizations := q.organizations(scopes); organizations != `` {
		any = append(any,
			`SELECT per.id FROM (`+organizations+`) AS ids CROSS JOIN organization_directory od CROSS JOIN person per
			WHERE od.tenant_id = `+q.tenant+` AND od.organization_id = ids.id AND per.tenant_id = od.tenant_id
				AND per.directory_id = od.directory_id`+who)
	}
	most := q.args.Add(q.limit)
	for i, one := range any {
		any[i] = `SELECT id FROM (` + one + ` LIMIT ` + most + `) AS part`
	}
	return `SELECT COUNT(*) FROM (SELECT id FROM (` + strings.Join(any, ` UNION `) + `) AS ids LIMIT ` + most +
		`) AS counted`
}

// guestsWithAccount are the states of guests who have an account in the targets.
func guestsWithAccount() []access.GuestState {
	return slices.DeleteFunc(access.GuestStates(), func(s access.GuestState) bool { return !s.HasAccount() })
}
