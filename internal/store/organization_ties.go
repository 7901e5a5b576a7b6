package store

import (
	"context"

	"myaccess/internal/access"
)

// OrganizationNamed is the connected organization with the name, without regard
// to case; ok is false if there is none.
func (r *Reader) OrganizationNamed(ctx context.Context, t access.TenantID,
	name string) (o access.Organization, ok bool, err error) {
	return queryOptional(ctx, r, organizationColumns, `SELECT {columns} FROM organization org WHERE org.tenant_id = $1
		AND org.sort_name = $2`, t, fold(name))
}

// AdmitsDirectory reports whether the tenant lets people of another directory in: those
// of a configured connected organization, those of a proposed one that a policy
// names (F-016), guests of one that is connected no more and, where something is
// offered to anybody, all whom it can know of. A directory that another tenant
// keeps is nobody's here.
func (r *Reader) AdmitsDirectory(ctx context.Context, t access.TenantID, dir access.Directory) (bool, error) {
	if !dir.VisibleTo(t) {
		return false, nil
	}
	_, ok, err := queryOptional(ctx, r, value[access.DirectoryID], `SELECT od.directory_id FROM organization_directory od
		JOIN organization org ON org.tenant_id = od.tenant_id AND org.id = od.organization_id
		WHERE od.tenant_id = $1 AND od.directory_id = $2 AND (org.state = 'configured' OR EXISTS (SELECT 1
		FROM policy_subject ps
			WHERE ps.tenant_id = org.tenant_id AND ps.subject_id = org.id AND ps.kind = 'connectedOrganizationMembers'))`, t,
		dir.ID)
	if ok || err != nil {
		return ok, err
	}
	_, ok, err = queryOptional(ctx, r, value[access.PersonID], `SELECT id FROM person
		WHERE tenant_id = $1 AND directory_id = $2 AND kind = 'guest' AND guest IN ('active', 'blocked') LIMIT 1`, t, dir.ID)
	if ok || err != nil {
		return ok, err
	}
	return r.OpenToAnyone(ctx, t)
}

// OpenToConfiguredOrganizations reports whether people of every configured connected
// organization may have something without anybody's approval.
func (r *Reader) OpenToConfiguredOrganizations(ctx context.Context, t access.TenantID) (bool, error) {
	all, err := queryAll(ctx, r, policyColumns, `SELECT {columns} FROM policy pol
		WHERE pol.tenant_id = $1 AND pol.scope = 'allConfiguredConnectedOrganizationUsers' AND pol.enabled`, t)
	for _, p := range all {
		if len(p.Stages) == 0 {
			return true, err
		}
	}
	return false, err
}

// OrganizationUsage are what a connected organization is bound up with.
type OrganizationUsage struct {
	Policies []PolicyReference // those that name it, some at most
	More     int64             // policies besides
	Guests   int64             // who have an account in the target systems
	Open     int64             // requests of its people for access that are not over
	Held     int64             // assignments of its people that are not over
}

// PolicyReference is a policy that names something, with its package.
type PolicyReference struct {
	Policy      access.PolicyID
	Package     access.PackageID
	Name        string
	PackageName string
	Catalog     access.CatalogID
	Only        bool // it names nothing else
}

// few policies are listed; the rest is a number.
const fewPolicies = 20

// OrganizationUsage are what the connected organization is bound up with.
func (r *Reader) OrganizationUsage(ctx context.Context, t access.TenantID,
	id access.OrganizationID) (ties OrganizationUsage, err error) {
	const named = ` WHERE ps.tenant_id = $1 AND ps.subject_id = $2 AND ps.kind = 'connectedOrganizationMembers'`
	ties.Policies, err = queryAll(ctx, r, func(n *PolicyReference) []column {
		return []column{
			{"pol.id", &n.Policy},
			{"pol.name", &n.Name},
			{"pkg.id", &n.Package},
			{"pkg.name", &n.PackageName},
			{"pkg.catalog_id", &n.Catalog},
			{"NOT EXISTS (SELECT 1", &n.Only},
		}
	}, `SELECT {columns} FROM policy_subject ps2
		WHERE ps2.tenant_id = ps.tenant_id AND ps2.policy_id = ps.policy_id AND ps2.subject_id <> ps.subject_id)
		FROM policy_subject ps JOIN policy pol ON pol.tenant_id = ps.tenant_id AND pol.id = ps.policy_id
		JOIN package pkg ON pkg.tenant_id = pol.tenant_id AND pkg.id = pol.package_id`+named+` ORDER BY pkg.sort_name,
			pol.sort_name, pol.id
			LIMIT $3`,
		t, id, int64(fewPolicies))
	if err != nil {
		return ties, err
	}
	// Cross joins, and guest without its index, because SQLite would begin with all
	// guests or all open requests otherwise.
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
