package store

import (
	"context"
	"strings"

	"myaccess/internal/access"
)

// CounterKind is what a counter counts.
type CounterKind string

// The kinds of counters: of a tenant (with the object "") or per object.
const (
	CounterPackages      CounterKind = "packages"    // per catalog, and all
	CounterResources     CounterKind = "resources"   // per catalog
	CounterAssignments   CounterKind = "assignments" // not ended, per package, and all
	CounterPending       CounterKind = "pending"     // requests that wait for approval, per package, and all
	CounterStuck         CounterKind = "stuck"       // requests whose delivery failed or is partial, per package, and all
	CounterRequests      CounterKind = "requests"    // all
	CounterCatalogs      CounterKind = "catalogs"
	CounterPeople        CounterKind = "people"         // per kind of person, and all
	CounterProblems      CounterKind = "peopleProblems" // people, per PersonProblem
	CounterOrganizations CounterKind = "organizations"
	CounterEntries       CounterKind = "entries"
	CounterMembers       CounterKind = "members" // per entry
)

// counterColumn is a column with the stored value of a counter of one object.
func counterColumn(kind CounterKind, tenant, id string) string {
	return `COALESCE((SELECT cnt.n FROM tally cnt WHERE cnt.tenant_id = ` + tenant + ` AND cnt.kind = '` + string(kind) +
		`' AND cnt.object_id = ` + id + `), 0)`
}

// Counter is the stored value of a counter; object is empty for the whole
// tenant.
func (r *Reader) Counter(ctx context.Context, t access.TenantID, kind CounterKind, object string) (int64, error) {
	n, _, err := queryOptional(ctx, r, value[int64], `SELECT n FROM tally WHERE tenant_id = $1 AND kind = $2
		AND object_id = $3`,
		t, kind, object)
	return n, err
}

// counterQuery is a statement that returns object and number.
type counterQuery struct {
	query string
	sum   bool // the sum is the tenant's counter
}

// counterQueries are the statements that count. Where few rows of many are counted, they
// are grouped by what no index has, so that the index of their state is used.
func counterQueries() map[CounterKind]counterQuery {
	const open = `SELECT package_id || '', COUNT(*) FROM request WHERE tenant_id = $1 AND state `
	return map[CounterKind]counterQuery{
		CounterPackages: {`SELECT catalog_id, COUNT(*) FROM package WHERE tenant_id = $1 AND deleted IS NULL
			GROUP BY catalog_id`, true},
		CounterResources: {`SELECT catalog_id, COUNT(*) FROM catalog_resource WHERE tenant_id = $1 GROUP BY catalog_id`,
			false},
		CounterAssignments: {`SELECT package_id, COUNT(*) FROM assignment WHERE tenant_id = $1 AND state <> 'expired'
			GROUP BY package_id`, true},
		CounterPending:  {open + `= 'pendingApproval' GROUP BY package_id || ''`, true},
		CounterStuck:    {open + `IN ('partiallyDelivered', 'deliveryFailed') GROUP BY package_id || ''`, true},
		CounterRequests: {`SELECT '', COUNT(*) FROM request WHERE tenant_id = $1`, false},
		CounterCatalogs: {`SELECT '', COUNT(*) FROM catalog WHERE tenant_id = $1 AND deleted IS NULL`, false},
		CounterPeople: {`SELECT kind, COUNT(*) FROM person WHERE tenant_id = $1 AND merged_into IS NULL
			GROUP BY kind`, true},
		CounterProblems:      {countProblems(), false},
		CounterOrganizations: {`SELECT '', COUNT(*) FROM organization WHERE tenant_id = $1`, false},
		CounterEntries:       {`SELECT '', COUNT(*) FROM directory_entry WHERE tenant_id = $1`, false},
		CounterMembers: {`SELECT entry_id, COUNT(*) FROM directory_member WHERE tenant_id = $1 GROUP BY entry_id`,
			false},
	}
}

// countProblems counts the people with each problem, except for those that nobody has.
func countProblems() string {
	var all []string
	for _, p := range PersonProblems() {
		all = append(all,
			`SELECT '`+string(p)+`', COUNT(*) FROM person per WHERE per.tenant_id = $1 AND per.merged_into IS NULL`+p.where()+
				` HAVING COUNT(*) > 0`)
	}
	return strings.Join(all, ` UNION ALL `)
}

// PeopleProblems are how many people of the tenant have each problem, as counted last.
func (r *Reader) PeopleProblems(ctx context.Context, t access.TenantID) (map[PersonProblem]int64, error) {
	all := map[PersonProblem]int64{}
	var problem PersonProblem
	var n int64
	err := r.eachRow(ctx, []column{{"object_id", &problem}, {"n", &n}}, func() { all[problem] = n },
		`SELECT {columns} FROM tally WHERE tenant_id = $1 AND kind = $2`, t, CounterProblems)
	return all, err
}

type counterKey struct {
	kind   CounterKind
	object string
}

// Recount counts everything of a tenant, outside of any transaction.
// SaveCounters stores the result.
func (r *Reader) Recount(ctx context.Context, t access.TenantID) (CounterChanges, error) {
	fresh := map[counterKey]int64{}
	for kind, c := range counterQueries() {
		var object string
		var n int64
		err := r.eachRow(ctx, []column{{dest: &object}, {dest: &n}}, func() {
			fresh[counterKey{kind, object}] = n
			if c.sum {
				fresh[counterKey{kind, ""}] += n
			}
		}, c.query, t)
		if err != nil {
			return CounterChanges{}, err
		}
	}
	var k counterKey
	var n int64
	err := r.eachRow(ctx, []column{{"kind", &k.kind}, {"object_id", &k.object}, {"n", &n}}, func() {
		if now, ok := fresh[k]; ok && now == n {
			delete(fresh, k)
		} else if !ok && n != 0 {
			fresh[k] = 0
		}
	}, `SELECT {columns} FROM tally WHERE tenant_id = $1`, t)
	return CounterChanges{t, fresh}, err
}

// CounterChanges are the counters of a tenant whose stored values are wrong.
type CounterChanges struct {
	tenant access.TenantID
	fresh  map[counterKey]int64
}

// Changed is the number of counters that differ.
func (c CounterChanges) Changed() int { return len(c.fresh) }

// SaveCounters stores the counters that Recount found to be wrong.
func (tx *Tx) SaveCounters(ctx context.Context, c CounterChanges) error {
	for k, n := range c.fresh {
		err := tx.exec(ctx, `INSERT INTO tally (tenant_id, kind, object_id, n) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant_id, kind, object_id) DO UPDATE SET n = excluded.n`, c.tenant, k.kind, k.object, n)
		if err != nil {
			return err
		}
	}
	return nil
}
