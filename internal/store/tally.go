package store

import (
	"context"

	"myaccess/internal/access"
)

// TallyKind is what a number of the tally counts.
type TallyKind string

// The numbers that are counted, for a tenant (with the object "") or per thing.
const (
	TallyPackages    TallyKind = "packages"    // per catalog, and all
	TallyResources   TallyKind = "resources"   // per catalog
	TallyAssignments TallyKind = "assignments" // not ended, per package, and all
	TallyPending     TallyKind = "pending"     // requests that wait for approval, per package, and all
	TallyStuck       TallyKind = "stuck"       // requests whose delivery failed or is partial, per package, and all
	TallyRequests    TallyKind = "requests"    // all
	TallyCatalogs    TallyKind = "catalogs"
	TallyPeople      TallyKind = "people" // per kind of person, and all
	TallyOrgs        TallyKind = "organizations"
	TallyEntries     TallyKind = "entries"
	TallyMembers     TallyKind = "members" // per entry
)

// tallied is the column with a counted number of a thing.
func tallied(kind TallyKind, tenant, id string) string {
	return `COALESCE((SELECT y.n FROM tally y WHERE y.tenant_id = ` + tenant + ` AND y.kind = '` + string(kind) +
		`' AND y.object_id = ` + id + `), 0)`
}

// Tally is a counted number; the object is empty for the whole tenant.
func (r *Reader) Tally(ctx context.Context, t access.TenantID, kind TallyKind, object string) (int64, error) {
	n, _, err := maybe(ctx, r, column[int64], `SELECT n FROM tally WHERE tenant_id = $1 AND kind = $2 AND object_id = $3`,
		t, kind, object)
	return n, err
}

// counting is a statement that gives object and number.
type counting struct {
	query string
	sum   bool // the sum is a number too, that of the whole tenant
}

// counts are the statements that count. Where few rows of many are counted, they
// are grouped by what no index has, so that the index of their state is used.
func counts() map[TallyKind]counting {
	const open = `SELECT package_id || '', COUNT(*) FROM request WHERE tenant_id = $1 AND state `
	return map[TallyKind]counting{
		TallyPackages: {`SELECT catalog_id, COUNT(*) FROM package WHERE tenant_id = $1 AND deleted IS NULL
			GROUP BY catalog_id`, true},
		TallyResources: {`SELECT catalog_id, COUNT(*) FROM catalog_resource WHERE tenant_id = $1 GROUP BY catalog_id`,
			false},
		TallyAssignments: {`SELECT package_id, COUNT(*) FROM assignment WHERE tenant_id = $1 AND state <> 'expired'
			GROUP BY package_id`, true},
		TallyPending:  {open + `= 'pendingApproval' GROUP BY package_id || ''`, true},
		TallyStuck:    {open + `IN ('partiallyDelivered', 'deliveryFailed') GROUP BY package_id || ''`, true},
		TallyRequests: {`SELECT '', COUNT(*) FROM request WHERE tenant_id = $1`, false},
		TallyCatalogs: {`SELECT '', COUNT(*) FROM catalog WHERE tenant_id = $1 AND deleted IS NULL`, false},
		TallyPeople:   {`SELECT kind, COUNT(*) FROM person WHERE tenant_id = $1 GROUP BY kind`, true},
		TallyOrgs:     {`SELECT '', COUNT(*) FROM organization WHERE tenant_id = $1`, false},
		TallyEntries:  {`SELECT '', COUNT(*) FROM directory_entry WHERE tenant_id = $1`, false},
		TallyMembers:  {`SELECT entry_id, COUNT(*) FROM directory_member WHERE tenant_id = $1 GROUP BY entry_id`, false},
	}
}

type tally struct {
	kind   TallyKind
	object string
}

// Count counts everything of a tenant. It reads outside any transaction and
// only changes need to be written, with Retally.
func (r *Reader) Count(ctx context.Context, t access.TenantID) (Counted, error) {
	fresh := map[tally]int64{}
	for kind, c := range counts() {
		_, err := list(ctx, r, func(r row) (struct{}, error) {
			var object string
			var n int64
			err := r.Scan(&object, &n)
			fresh[tally{kind, object}] = n
			if c.sum {
				fresh[tally{kind, ""}] += n
			}
			return struct{}{}, err
		}, c.query, t)
		if err != nil {
			return Counted{}, err
		}
	}
	_, err := list(ctx, r, func(r row) (struct{}, error) {
		var k tally
		var n int64
		err := r.Scan(&k.kind, &k.object, &n)
		if now, ok := fresh[k]; ok && now == n {
			delete(fresh, k)
		} else if !ok && n != 0 {
			fresh[k] = 0
		}
		return struct{}{}, err
	}, `SELECT kind, object_id, n FROM tally WHERE tenant_id = $1`, t)
	return Counted{t, fresh}, err
}

// Counted are the numbers of a tenant that differ from those stored.
type Counted struct {
	tenant access.TenantID
	fresh  map[tally]int64
}

// Changed is how many numbers differ.
func (c Counted) Changed() int { return len(c.fresh) }

// Retally stores the numbers that Count found to differ.
func (tx *Tx) Retally(ctx context.Context, c Counted) error {
	for k, n := range c.fresh {
		err := tx.exec(ctx, `INSERT INTO tally (tenant_id, kind, object_id, n) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant_id, kind, object_id) DO UPDATE SET n = excluded.n`, c.tenant, k.kind, k.object, n)
		if err != nil {
			return err
		}
	}
	return nil
}
