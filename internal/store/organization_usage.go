package store

import (
	"context"

	"myaccess/internal/access"
)

// OrganizationUsage is what depends on a connected organization.
type OrganizationUsage struct {
	Policies []PolicyReference // some of those that name it
	More     int64             // the number of other policies that name it
	Guests   int64             // who have an account in the target systems
	Open     int64             // open requests for access of its people
	Held     int64             // assignments of its people that are not over
}

// few policies are listed; the rest is a number.
const maxPolicies = 20

// OrganizationUsage returns what depends on the connected organization.
func (r *Reader) OrganizationUsage(ctx context.Context, t access.TenantID,
	id access.OrganizationID) (ties OrganizationUsage, err error) {
	const named = ` WHERE ps.tenant_id = $1 AND ps.subject_id = $2 AND ps.kind = 'connectedOrganizationMembers'`
	ties.Policies, err = queryAll(ctx, r, func(n *PolicyReference) []column {
		return append(referenceColumns(n), column{"NOT EXISTS (SELECT 1", &n.Only})
	}, `SELECT {columns} FROM policy_subject ps2
		WHERE ps2.tenant_id = ps.tenant_id AND ps2.policy_id = ps.policy_id AND ps2.subject_id <> ps.subject_id)
		FROM policy_subject ps JOIN policy pol ON pol.tenant_id = ps.tenant_id AND pol.id = ps.policy_id
		JOIN package pkg ON pkg.tenant_id = pol.tenant_id AND pkg.id = pol.package_id`+named+` ORDER BY pkg.sort_name,
			pol.sort_name, pol.id
			LIMIT $3`,
		t, id, int64(maxPolicies))
	if err != nil {
		return ties, err
	}
	// CROSS JOINs and guest without its index keep SQLite from reading all guests or
	// all open requests first.
	const people, theirs = `organization_directory od CROSS JOIN person per`,
		` WHERE od.tenant_id = $1 AND od.organization_id = $2 AND per.directory_id = od.directory_id AND per.tenant_id = $1`
	for _, count := range []struct {
		into  *int64
		query string
	}{
		{&ties.More, `SELECT COUNT(*) FROM policy_subject ps` + named},
		{&ties.Guests, `SELECT COUNT(*) FROM ` + people + theirs + ` AND per.guest || '' IN ('active', 'blocked')`},
		{&ties.Open, `SELECT COUNT(*) FROM ` + people + ` CROSS JOIN request req` + theirs + ` AND req.tenant_id = $1
			AND req.target_id = per.id
			AND req.state IN ('submitted', 'pendingApproval', 'scheduled', 'delivering') AND req.type IN ('userAdd', 'adminAdd',
			'systemAdd', 'onBehalfAdd')`},
		{&ties.Held, `SELECT COUNT(*) FROM ` + people + ` CROSS JOIN assignment asg` + theirs + ` AND asg.tenant_id = $1
			AND asg.person_id = per.id AND asg.state <> 'expired'`},
	} {
		if *count.into, err = queryOne(ctx, r, value[int64], count.query, t, id); err != nil {
			return ties, err
		}
	}
	ties.More -= int64(len(ties.Policies))
	return ties, nil
}
