package store

import (
	"context"
	"strconv"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

// PolicyReference is a policy that names an object, with its package.
type PolicyReference struct {
	Policy      access.PolicyID
	Package     access.PackageID
	Name        string
	PackageName string
	Catalog     access.CatalogID
	Only        bool         // OrganizationUsage: the policy names no other organization
	Stage       int          // approval gaps: the stage in which no one can decide, from 1
	Scope       access.Scope // PoliciesWithoutRequestor
}

func referenceColumns(n *PolicyReference) []column {
	return []column{
		{"pol.id", &n.Policy},
		{"pol.name", &n.Name},
		{"pkg.id", &n.Package},
		{"pkg.name", &n.PackageName},
		{"pkg.catalog_id", &n.Catalog},
	}
}

// PolicyReferences are the first policies of a list, and the number of the
// others.
type PolicyReferences struct {
	Policies []PolicyReference
	More     int64
}

// references reads the first policies of a list by package and name. from begins
// with the tables; they include policy and package.
func (r *Reader) references(ctx context.Context, cols columns[PolicyReference], from string, limit int,
	args ...any) (found PolicyReferences, err error) {
	found.Policies, err = queryAll(ctx, r, cols, `SELECT {columns} FROM `+from+
		` ORDER BY pkg.sort_name, pol.sort_name, pol.id LIMIT $`+strconv.Itoa(len(args)+1), append(args, int64(limit))...)
	if err != nil || len(found.Policies) < limit {
		return found, err
	}
	all, err := queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM `+from, args...)
	found.More = max(0, all-int64(len(found.Policies)))
	return found, err
}

// saveApprovers copies the approvers of the policy from its terms.
func (tx *Tx) saveApprovers(ctx context.Context, p access.Policy) error {
	err := tx.exec(ctx, `DELETE FROM policy_approver WHERE tenant_id = $1 AND policy_id = $2`, p.Tenant, p.ID)
	for i, s := range p.Stages {
		for _, a := range s.Approvers {
			if err == nil {
				err = tx.exec(ctx, `INSERT INTO policy_approver (tenant_id, policy_id, stage, kind, subject_id)
					VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, p.Tenant, p.ID, int64(i+1), a.Kind, a.ID)
			}
		}
	}
	return err
}

// PoliciesWithApprover returns the first policies, enabled or not, in which the group
// approves.
func (r *Reader) PoliciesWithApprover(ctx context.Context, t access.TenantID, g access.EntryID,
	limit int) (PolicyReferences, error) {
	return r.references(ctx, referenceColumns, `policy pol
		JOIN package pkg ON pkg.tenant_id = pol.tenant_id AND pkg.id = pol.package_id
		WHERE pol.tenant_id = $1 AND pol.id IN (SELECT pa.policy_id FROM policy_approver pa
			WHERE pa.tenant_id = $1 AND pa.subject_id = $2)`, limit, t, g)
}

// approvalGaps returns the first stages of enabled policies in which no one can decide
// (gapCondition), among those that the query finds.
func (r *Reader) approvalGaps(ctx context.Context, stages string, limit int, t access.TenantID,
	more ...any) (PolicyReferences, error) {
	can, err := r.canDecide(ctx, t, `$1`)
	if err != nil {
		return PolicyReferences{}, err
	}
	// The tables are in the order in which they are looked up: SQLite keeps that of
	// CROSS JOIN.
	return r.references(ctx, func(n *PolicyReference) []column {
		return append(referenceColumns(n), column{"gap.stage", &n.Stage})
	}, `(`+stages+`) AS gap CROSS JOIN policy pol CROSS JOIN package pkg
		WHERE pol.tenant_id = $1 AND pol.id = gap.policy_id AND pol.enabled
		AND pkg.tenant_id = $1 AND pkg.id = pol.package_id AND pkg.deleted IS NULL AND (`+gapCondition(can)+`)`, limit,
		append([]any{t}, more...)...)
}

// gapCondition is the condition that no one can decide a request under the policy pol in
// its stage gap: none of its approvers can (canDecide), or each person who can request is
// the only one who can decide in some stage, this one among them.
func gapCondition(can string) string {
	decides := func(stage, notAsker string) string {
		ofStage := ` WHERE pa2.tenant_id = $1 AND pa2.policy_id = ` + stage + `.policy_id AND pa2.stage = ` + stage + `.stage`
		return `(EXISTS (SELECT 1 FROM policy_approver pa2 CROSS JOIN person per2 CROSS JOIN person per
				CROSS JOIN directory dir` + ofStage + ` AND per2.tenant_id = $1 AND per2.id = pa2.subject_id
				AND per.id = COALESCE(per2.merged_into, per2.id)` + can + notAsker + `)
			OR EXISTS (SELECT 1 FROM policy_approver pa2 CROSS JOIN directory_member mem CROSS JOIN person per
				CROSS JOIN directory dir` + ofStage + ` AND mem.tenant_id = $1 AND mem.entry_id = pa2.subject_id
				AND mem.role = 'Member' AND per.id = mem.person_id` + can + notAsker + `))`
	}
	const notAsker = ` AND per.id <> asker.id`
	askers := `(` + requestors(can) + `) AS asker`
	return `NOT ` + decides(`gap`, ``) + `
		OR pol.scope = 'specificDirectoryUsers'
		AND NOT EXISTS (SELECT 1 FROM ` + askers + ` WHERE NOT EXISTS (SELECT 1 FROM policy_approver pa
			WHERE pa.tenant_id = $1 AND pa.policy_id = pol.id AND NOT ` + decides(`pa`, notAsker) + `))
		AND EXISTS (SELECT 1 FROM ` + askers + ` WHERE NOT ` + decides(`gap`, notAsker) + `)`
}

// requestors is the query for the ids of the people whom the policy pol, which is for
// specific users, names, and who can sign in (canDecide).
func requestors(can string) string {
	return `SELECT per.id AS id FROM policy_subject ps2 CROSS JOIN person per CROSS JOIN directory dir
			WHERE ps2.tenant_id = $1 AND ps2.policy_id = pol.id AND per.id = ps2.subject_id` + can + `
		UNION ALL SELECT per.id AS id FROM policy_subject ps2 CROSS JOIN directory_member mem CROSS JOIN person per
			CROSS JOIN directory dir WHERE ps2.tenant_id = $1 AND ps2.policy_id = pol.id AND mem.tenant_id = $1
			AND mem.entry_id = ps2.subject_id AND mem.role = 'Member' AND per.id = mem.person_id` + can
}

// PoliciesWithoutRequestor returns the first enabled policies in the catalogs, in all if
// catalogs is nil, that name who can request and name no one who can: all organizations
// that they name were deleted, or none of their people can sign in.
func (r *Reader) PoliciesWithoutRequestor(ctx context.Context, t access.TenantID, catalogs []access.CatalogID,
	limit int) (PolicyReferences, error) {
	can, err := r.canDecide(ctx, t, `$1`)
	if err != nil {
		return PolicyReferences{}, err
	}
	a := sqlq.Args{}
	a.Add(t)
	in := ``
	if catalogs != nil {
		in = ` AND pkg.catalog_id IN ` + sqlq.In(&a, catalogs)
	}
	return r.references(ctx, func(n *PolicyReference) []column {
		return append(referenceColumns(n), column{"pol.scope", &n.Scope})
	}, `policy pol CROSS JOIN package pkg
		WHERE pol.tenant_id = $1 AND pol.scope IN ('specificConnectedOrganizationUsers', 'specificDirectoryUsers')
		AND pol.enabled AND pkg.tenant_id = $1 AND pkg.id = pol.package_id AND pkg.deleted IS NULL`+in+`
		AND (pol.scope = 'specificDirectoryUsers' OR NOT EXISTS (SELECT 1 FROM policy_subject ps2
			WHERE ps2.tenant_id = $1 AND ps2.policy_id = pol.id))
		AND (pol.scope = 'specificConnectedOrganizationUsers' OR NOT EXISTS (`+requestors(can)+`))`, limit, a.Values...)
}

// PoliciesWithoutDecider returns the first stages in which no one can decide, of enabled
// policies in the catalogs, in all if catalogs is nil. Each approver is looked at once,
// however many policies name it, and so is each policy that names who can request.
func (r *Reader) PoliciesWithoutDecider(ctx context.Context, t access.TenantID, catalogs []access.CatalogID,
	limit int) (PolicyReferences, error) {
	can, err := r.canDecide(ctx, t, `$1`)
	if err != nil {
		return PolicyReferences{}, err
	}
	stages := `SELECT pa2.policy_id, pa2.stage
		FROM (SELECT DISTINCT pa.subject_id FROM policy_approver pa WHERE pa.tenant_id = $1) AS named
		CROSS JOIN policy_approver pa2 WHERE pa2.tenant_id = $1 AND pa2.subject_id = named.subject_id
		AND NOT EXISTS (SELECT 1 FROM person per2 CROSS JOIN person per CROSS JOIN directory dir
			WHERE per2.tenant_id = $1 AND per2.id = named.subject_id AND per.id = COALESCE(per2.merged_into, per2.id)` + can + `)
		AND NOT EXISTS (SELECT 1 FROM directory_member mem CROSS JOIN person per CROSS JOIN directory dir
			WHERE mem.tenant_id = $1 AND mem.entry_id = named.subject_id AND mem.role = 'Member'
			AND per.id = mem.person_id` + can + `)
		UNION SELECT pa.policy_id, pa.stage FROM policy pol2 CROSS JOIN policy_approver pa
		WHERE pol2.tenant_id = $1 AND pol2.scope = 'specificDirectoryUsers' AND pol2.enabled
		AND pa.tenant_id = $1 AND pa.policy_id = pol2.id`
	if catalogs == nil {
		return r.approvalGaps(ctx, stages, limit, t)
	}
	a := sqlq.Args{}
	a.Add(t)
	in := sqlq.In(&a, catalogs)
	return r.approvalGaps(ctx, `SELECT ids.policy_id, ids.stage FROM (`+stages+`) AS ids
		WHERE ids.policy_id IN (SELECT pol2.id FROM package pkg2 CROSS JOIN policy pol2
		WHERE pkg2.tenant_id = $1 AND pkg2.catalog_id IN `+in+` AND pol2.tenant_id = $1
		AND pol2.package_id = pkg2.id)`, limit, t, a.Values[1:]...)
}

// GapsOfGroup returns the first stages without anyone who can decide, of enabled
// policies in which the group approves.
func (r *Reader) GapsOfGroup(ctx context.Context, t access.TenantID, g access.EntryID,
	limit int) (PolicyReferences, error) {
	return r.approvalGaps(ctx, `SELECT DISTINCT pa.policy_id, pa.stage FROM policy_approver pa
		WHERE pa.tenant_id = $1 AND pa.subject_id = $2`, limit, t, g)
}

// GapsOfPerson is GapsOfGroup for a person, as an approver or a member of a group.
func (r *Reader) GapsOfPerson(ctx context.Context, t access.TenantID, p access.PersonID,
	limit int) (PolicyReferences, error) {
	return r.approvalGaps(ctx, `SELECT pa.policy_id, pa.stage FROM policy_approver pa
		WHERE pa.tenant_id = $1 AND pa.subject_id = $2
		UNION SELECT pa.policy_id, pa.stage FROM directory_member mem CROSS JOIN policy_approver pa
		WHERE mem.tenant_id = $1 AND mem.person_id = $2 AND mem.role = 'Member'
		AND pa.tenant_id = $1 AND pa.subject_id = mem.entry_id`, limit, t, p)
}

// GapsOfDirectory is GapsOfPerson for all people of a directory.
func (r *Reader) GapsOfDirectory(ctx context.Context, t access.TenantID, d access.DirectoryID,
	limit int) (PolicyReferences, error) {
	return r.approvalGaps(ctx, `SELECT pa.policy_id, pa.stage FROM person per CROSS JOIN policy_approver pa
		WHERE per.tenant_id = $1 AND per.directory_id = $2 AND pa.tenant_id = $1 AND pa.subject_id = per.id
		UNION SELECT pa.policy_id, pa.stage FROM person per CROSS JOIN directory_member mem
		CROSS JOIN policy_approver pa WHERE per.tenant_id = $1 AND per.directory_id = $2
		AND mem.tenant_id = $1 AND mem.person_id = per.id AND mem.role = 'Member'
		AND pa.tenant_id = $1 AND pa.subject_id = mem.entry_id`, limit, t, d)
}

// ExternalPolicies returns the first enabled policies in the catalog for people
// from outside the directory.
func (r *Reader) ExternalPolicies(ctx context.Context, t access.TenantID, c access.CatalogID,
	limit int) (PolicyReferences, error) {
	return r.references(ctx, referenceColumns, `package pkg CROSS JOIN policy pol
		WHERE pkg.tenant_id = $1 AND pkg.catalog_id = $2 AND pkg.deleted IS NULL
		AND pol.tenant_id = $1 AND pol.package_id = pkg.id AND pol.enabled
		AND pol.scope IN ('specificConnectedOrganizationUsers', 'allConfiguredConnectedOrganizationUsers',
			'allExternalUsers')`, limit, t, c)
}

// PoliciesForAnyone returns the first enabled policies by which everyone from
// outside can request a package (F-075).
func (r *Reader) PoliciesForAnyone(ctx context.Context, t access.TenantID, limit int) (PolicyReferences, error) {
	return r.references(ctx, referenceColumns, `policy pol CROSS JOIN package pkg CROSS JOIN catalog cat
		WHERE pol.tenant_id = $1 AND pol.scope = 'allExternalUsers' AND pol.enabled
		AND pkg.tenant_id = $1 AND pkg.id = pol.package_id AND cat.tenant_id = $1 AND cat.id = pkg.catalog_id
		AND cat.published AND cat.external`, limit, t)
}
