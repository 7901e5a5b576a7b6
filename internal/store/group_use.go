package store

import (
	"context"
	"time"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

func groupUseColumns(u *access.GroupUse) []column {
	return []column{
		{"uses.kind", &u.Kind},
		{"uses.group_id", &u.Group},
		{"ent.name", &u.GroupName},
		{"uses.role", &u.Role},
		{"uses.catalog_id", &u.Catalog},
		{"uses.name", &u.Name},
	}
}

// groupRoles is the query for the administrative roles of the groups.
func groupRoles(tenant, groups string) string {
	return `SELECT 'role' AS kind, ra.subject_id AS group_id, ra.role AS role, ra.catalog_id AS catalog_id,
			COALESCE(cat.name, '') AS name
		FROM role_assignment ra LEFT JOIN catalog cat ON cat.tenant_id = ra.tenant_id AND cat.id = ra.catalog_id
		WHERE ra.tenant_id = ` + tenant + ` AND ra.subject_kind = 'groupMembers' AND ra.subject_id IN ` + groups
}

// groupUses is the query for the other uses of the groups.
func groupUses(tenant, groups string) string {
	return ` UNION ALL SELECT 'approver', pa.subject_id, '', pkg.catalog_id, MIN(pol.name)
		FROM policy_approver pa CROSS JOIN policy pol CROSS JOIN package pkg
		WHERE pa.tenant_id = ` + tenant + ` AND pa.subject_id IN ` + groups + ` AND pol.tenant_id = pa.tenant_id
		AND pol.id = pa.policy_id AND pkg.tenant_id = pa.tenant_id AND pkg.id = pol.package_id AND pkg.deleted IS NULL
		GROUP BY pa.subject_id, pkg.catalog_id
		UNION ALL SELECT 'approver', apv.subject_id, '', req.catalog_id, ''
		FROM request_approver apv CROSS JOIN request req
		WHERE apv.tenant_id = ` + tenant + ` AND apv.subject_id IN ` + groups + ` AND apv.closed IS NULL
		AND req.tenant_id = apv.tenant_id AND req.id = apv.request_id GROUP BY apv.subject_id, req.catalog_id
		UNION ALL SELECT 'audience', ps.subject_id, '', pkg.catalog_id, MIN(pol.name)
		FROM policy_subject ps CROSS JOIN policy pol CROSS JOIN package pkg
		WHERE ps.tenant_id = ` + tenant + ` AND ps.subject_id IN ` + groups + ` AND pol.tenant_id = ps.tenant_id
		AND pol.id = ps.policy_id AND pol.scope = 'specificDirectoryUsers'
		AND NOT EXISTS (SELECT 1 FROM policy_approver pa WHERE pa.tenant_id = pol.tenant_id AND pa.policy_id = pol.id)
		AND pkg.tenant_id = ps.tenant_id AND pkg.id = pol.package_id AND pkg.deleted IS NULL
		GROUP BY ps.subject_id, pkg.catalog_id
		UNION ALL SELECT 'sponsor', osg.entry_id, '', '', MIN(org.name)
		FROM organization_sponsor_group osg CROSS JOIN organization org
		WHERE osg.tenant_id = ` + tenant + ` AND osg.entry_id IN ` + groups + ` AND org.tenant_id = osg.tenant_id
		AND org.id = osg.organization_id GROUP BY osg.entry_id`
}

// readGroupUses reads the rows of the queries, roles first.
func (r *Reader) readGroupUses(ctx context.Context, t access.TenantID, groups []access.EntryID,
	queries ...func(tenant, groups string) string) ([]access.GroupUse, error) {
	return queryBlocks(ctx, r, groupUseColumns, groups, func(a *sqlq.Args, block []access.EntryID) string {
		tenant, in := a.Add(t), sqlq.In(a, block)
		all := ``
		for _, query := range queries {
			all += query(tenant, in)
		}
		return `SELECT {columns} FROM (` + all + `) AS uses CROSS JOIN directory_entry ent WHERE ent.tenant_id = ` + tenant +
			` AND ent.id = uses.group_id ORDER BY CASE uses.kind WHEN 'role' THEN 0 ELSE 1 END, uses.catalog_id, uses.kind,
			ent.name, uses.role, uses.name`
	})
}

// GroupUses are the uses of the groups: those that make their members
// administrators, approvers, sponsors or the audience of a policy without approval.
// Roles come first, and of those the ones in the tenant. Packages that were deleted
// do not count; policies that are disabled do.
func (r *Reader) GroupUses(ctx context.Context, t access.TenantID, groups []access.EntryID) ([]access.GroupUse, error) {
	return r.readGroupUses(ctx, t, groups, groupRoles, groupUses)
}

// GroupRoles are the GroupUses that are administrative roles.
func (r *Reader) GroupRoles(ctx context.Context, t access.TenantID,
	groups []access.EntryID) ([]access.GroupUse, error) {
	return r.readGroupUses(ctx, t, groups, groupRoles)
}

// PackageRoleUses are the administrative roles of the groups that the package gives a
// role in.
func (r *Reader) PackageRoleUses(ctx context.Context, t access.TenantID,
	id access.PackageID) ([]access.GroupUse, error) {
	return queryAll(ctx, r, groupUseColumns, `SELECT {columns} FROM (`+groupRoles(`$1`, `(`+packageGroups+`)`)+
		`) AS uses CROSS JOIN directory_entry ent WHERE ent.tenant_id = $1 AND ent.id = uses.group_id
		ORDER BY uses.catalog_id, ent.name, uses.role`, t, id)
}

// PackageMemberRoles are the administrative roles of the groups that the package makes
// people members of.
func (r *Reader) PackageMemberRoles(ctx context.Context, t access.TenantID,
	id access.PackageID) ([]access.GroupUse, error) {
	return queryAll(ctx, r, groupUseColumns, `SELECT {columns} FROM (`+groupRoles(`$1`, `(`+packageGroups+
		` AND rr.external_id = 'Member')`)+`) AS uses CROSS JOIN directory_entry ent WHERE ent.tenant_id = $1
		AND ent.id = uses.group_id ORDER BY uses.catalog_id, ent.name, uses.role`, t, id)
}

// packageGroups is the query for the groups and teams of the built-in directory that
// the package $2 gives a role in.
const packageGroups = `SELECT DISTINCT res.external_id FROM package_role pr
		CROSS JOIN resource_role rr CROSS JOIN resource res CROSS JOIN target tgt
		WHERE pr.tenant_id = $1 AND pr.package_id = $2 AND rr.tenant_id = pr.tenant_id AND rr.id = pr.role_id
		AND res.tenant_id = pr.tenant_id AND res.id = rr.resource_id AND res.kind IN ('group', 'team')
		AND tgt.tenant_id = pr.tenant_id AND tgt.id = res.target_id AND tgt.kind = 'directory'`

// PackageGroups are the groups and teams of the built-in directory that the package
// gives a role in.
func (r *Reader) PackageGroups(ctx context.Context, t access.TenantID, id access.PackageID) ([]access.EntryID, error) {
	return queryAll(ctx, r, value[access.EntryID], packageGroups, t, id)
}

func groupPackageColumns(p *access.GroupPackage) []column {
	return []column{{"pkg.catalog_id", &p.Catalog}, {"MIN(pkg.id)", &p.Package}, {"MIN(pkg.name)", &p.Name}}
}

// GroupPackages are the packages that give a role in the group, one of each catalog.
func (r *Reader) GroupPackages(ctx context.Context, t access.TenantID,
	group access.EntryID) ([]access.GroupPackage, error) {
	return queryAll(ctx, r, groupPackageColumns, `SELECT {columns} FROM target tgt CROSS JOIN resource res
		CROSS JOIN resource_role rr CROSS JOIN package_role pr CROSS JOIN package pkg
		WHERE tgt.tenant_id = $1 AND tgt.kind = 'directory' AND res.tenant_id = $1 AND res.target_id = tgt.id
		AND res.external_id = $2 AND rr.tenant_id = $1 AND rr.resource_id = res.id AND pr.tenant_id = $1
		AND pr.role_id = rr.id AND pkg.tenant_id = $1 AND pkg.id = pr.package_id AND pkg.deleted IS NULL
		GROUP BY pkg.catalog_id ORDER BY pkg.catalog_id`, t, group)
}

// PackagesGivingRoles are up to limit packages that give a role in a group with an
// administrative role, by name.
func (r *Reader) PackagesGivingRoles(ctx context.Context, t access.TenantID, limit int) ([]access.Package, error) {
	return queryAll(ctx, r, func(p *access.Package) []column {
		return []column{{"pkg.id", &p.ID}, {"pkg.name", &p.Name}, {"pkg.catalog_id", &p.Catalog}}
	}, `SELECT DISTINCT pkg.id, pkg.name, pkg.catalog_id FROM role_assignment ra CROSS JOIN target tgt
		CROSS JOIN resource res CROSS JOIN resource_role rr CROSS JOIN package_role pr CROSS JOIN package pkg
		WHERE ra.tenant_id = $1 AND ra.subject_kind = 'groupMembers' AND tgt.tenant_id = $1 AND tgt.kind = 'directory'
		AND res.tenant_id = $1 AND res.target_id = tgt.id AND res.external_id = ra.subject_id
		AND rr.tenant_id = $1 AND rr.resource_id = res.id AND pr.tenant_id = $1 AND pr.role_id = rr.id
		AND pkg.tenant_id = $1 AND pkg.id = pr.package_id AND pkg.deleted IS NULL ORDER BY pkg.name, pkg.id LIMIT $2`,
		t, int64(limit))
}

// maxGivingRoles is the maximum number of packages that GivingRoles caches.
const maxGivingRoles = 500

// GivingRoles says which of the packages give a role in a group with an administrative
// role. All such packages are cached for pages: few give one.
func (r *Reader) GivingRoles(ctx context.Context, t access.TenantID,
	packages []access.PackageID) (map[access.PackageID]bool, error) {
	if len(packages) == 0 {
		return nil, nil
	}
	if v := r.visit; v == nil || v.tenant != t {
		return r.givingRoles(ctx, t, packages)
	}
	type known struct{ access.TenantID }
	all, err := cachedVersion(r, r.visit.tenantVersion+" "+r.visit.packageVersion, known{t},
		func() (map[access.PackageID]bool, error) { return r.givingRoles(ctx, t, nil) })
	if err == nil && len(all) > maxGivingRoles {
		return r.givingRoles(ctx, t, packages)
	}
	found := map[access.PackageID]bool{}
	for _, id := range packages {
		if all[id] {
			found[id] = true
		}
	}
	return found, err
}

// givingRoles reads GivingRoles of the packages; if there are none, of all, more than
// maxGivingRoles if there are more.
func (r *Reader) givingRoles(ctx context.Context, t access.TenantID,
	packages []access.PackageID) (map[access.PackageID]bool, error) {
	a := &sqlq.Args{}
	tenant := a.Add(t)
	var which string
	if len(packages) > 0 {
		which = ` AND pr.package_id IN ` + sqlq.In(a, packages)
	} else {
		which = ` LIMIT ` + a.Add(int64(maxGivingRoles+1))
	}
	ids, err := queryAll(ctx, r, value[access.PackageID], `SELECT DISTINCT pr.package_id FROM role_assignment ra
		CROSS JOIN target tgt CROSS JOIN resource res CROSS JOIN resource_role rr CROSS JOIN package_role pr
		WHERE ra.tenant_id = `+tenant+` AND ra.subject_kind = 'groupMembers' AND tgt.tenant_id = `+tenant+`
		AND tgt.kind = 'directory' AND res.tenant_id = `+tenant+` AND res.target_id = tgt.id
		AND res.external_id = ra.subject_id AND res.kind IN ('group', 'team') AND rr.tenant_id = `+tenant+`
		AND rr.resource_id = res.id AND pr.tenant_id = `+tenant+` AND pr.role_id = rr.id`+which, a.Values...)
	found := make(map[access.PackageID]bool, len(ids))
	for _, id := range ids {
		found[id] = true
	}
	return found, err
}

// AdministratorWay is how global administrators sign in: a directory, whether they
// have an account there, and the domain of their address.
type AdministratorWay struct {
	Directory  access.DirectoryID
	HasAccount bool
	Domain     access.Domain
}

// AdministratorWays are the ways of the tenant's global administrators who are
// neither disabled nor blocked or removed guests, each once. without is left out of
// them, unless it is empty. A member of a group whose membership comes from an
// access package counts only while an assignment in force at now gives it: the
// delivery is about to remove it otherwise. With current, the member counts until then.
func (r *Reader) AdministratorWays(ctx context.Context, t access.TenantID, now time.Time, current bool,
	without access.PersonID) ([]AdministratorWay, error) {
	return queryAll(ctx, r, func(w *AdministratorWay) []column {
		return []column{
			{"per.directory_id", &w.Directory},
			{"per.account_id IS NOT NULL", &w.HasAccount},
			{"per.domain", &w.Domain},
		}
	}, `SELECT DISTINCT {columns} FROM (
			SELECT ra.subject_id AS id FROM role_assignment ra
			WHERE ra.tenant_id = $1 AND ra.role = 'globalAdministrator' AND ra.subject_kind = 'singleUser'
			UNION SELECT mem.person_id FROM role_assignment ra CROSS JOIN directory_member mem
			WHERE ra.tenant_id = $1 AND ra.role = 'globalAdministrator' AND ra.subject_kind = 'groupMembers'
			AND mem.tenant_id = $1 AND mem.entry_id = ra.subject_id AND mem.role = 'Member'
			AND (CAST($3 AS BOOLEAN) OR `+lastingMembership+`)
		) AS ids CROSS JOIN person per CROSS JOIN directory dir
		WHERE per.tenant_id = $1 AND per.id = ids.id AND per.id <> $4 AND NOT per.disabled
		AND per.guest NOT IN ('blocked', 'removed') AND dir.id = per.directory_id AND dir.enabled`,
		t, ms(now), current, without)
}

// lastingMembership is the condition that delivery is not about to remove a
// membership: no grant gave it, or an assignment in force at $2 does.
const lastingMembership = `(NOT EXISTS (SELECT 1 FROM role_grant gr CROSS JOIN resource_role rr CROSS JOIN resource res
			CROSS JOIN target tgt
			WHERE gr.tenant_id = $1 AND gr.person_id = mem.person_id AND gr.state <> 'removed' AND rr.tenant_id = $1
			AND rr.id = gr.role_id AND rr.external_id = mem.role AND res.tenant_id = $1 AND res.id = rr.resource_id
			AND res.external_id = mem.entry_id AND tgt.tenant_id = $1 AND tgt.id = res.target_id AND tgt.kind = 'directory')
		OR EXISTS (SELECT 1 FROM assignment asg CROSS JOIN package_role pr CROSS JOIN resource_role rr
			CROSS JOIN resource res CROSS JOIN target tgt
			WHERE asg.tenant_id = $1 AND asg.person_id = mem.person_id AND asg.state <> 'expired'
			AND (asg.end_at IS NULL OR asg.end_at > $2) AND pr.tenant_id = $1 AND pr.package_id = asg.package_id
			AND rr.tenant_id = $1 AND rr.id = pr.role_id AND rr.external_id = mem.role AND res.tenant_id = $1
			AND res.id = rr.resource_id AND res.external_id = mem.entry_id AND tgt.tenant_id = $1 AND tgt.id = res.target_id
			AND tgt.kind = 'directory'))`

// AdministrativeRoles are the roles of a person in the tenant, directly or through
// a group, whether the person can enter the tenant or not. Rights leaves out those of
// people who cannot: who gets the way in back has the roles back.
func (r *Reader) AdministrativeRoles(ctx context.Context, p access.Person) (access.Rights, error) {
	type known struct {
		access.TenantID
		access.PersonID
	}
	return cachedForPerson(r, p.Tenant, p.ID, known{p.Tenant, p.ID}, func() (access.Rights, error) {
		return r.rights(ctx, p)
	})
}

// AdministratorsOf are the people of the directory, or of all if d is empty, with a
// role in the tenant, by name, disabled ones too.
func (r *Reader) AdministratorsOf(ctx context.Context, t access.TenantID,
	d access.DirectoryID) ([]access.Person, error) {
	return queryAll(ctx, r, personColumns, `SELECT {columns} FROM (
			SELECT ra.subject_id AS id FROM role_assignment ra
			WHERE ra.tenant_id = $1 AND ra.catalog_id = '' AND ra.subject_kind = 'singleUser'
			UNION SELECT mem.person_id FROM role_assignment ra CROSS JOIN directory_member mem
			WHERE ra.tenant_id = $1 AND ra.catalog_id = '' AND ra.subject_kind = 'groupMembers'
			AND mem.tenant_id = $1 AND mem.entry_id = ra.subject_id AND mem.role = 'Member'
		) AS ids CROSS JOIN person per WHERE per.tenant_id = $1 AND per.id = ids.id
		AND (CAST($2 AS TEXT) = '' OR per.directory_id = $2)
		ORDER BY per.sort_name, per.id`, t, d)
}
