package store

import (
	"context"
	"slices"
	"strings"

	"myaccess/internal/access"
	"myaccess/internal/store/sqlq"
)

// Who can decide: an approver who is named, or a member of a group that is named, and
// who can sign in to the tenant now. The condition is the same when a policy is saved,
// when a request is submitted, and when the overview and the nightly check look for
// approvals that no one can decide.

// canDecide is the condition that the person per could sign in by the directory dir and
// decide: not disabled, not a blocked guest, with an account or an address to be
// recognized by, and with a way into the tenant (access.Admission.CheckPerson). tenant is
// a parameter, or a column, with the tenant's id.
func (r *Reader) canDecide(ctx context.Context, t access.TenantID, tenant string) (string, error) {
	of, err := r.Tenant(ctx, t)
	if err != nil {
		return "", err
	}
	passcodes := ``
	if !of.Settings.Passcode {
		passcodes = ` AND dir.kind <> 'passcode'`
	}
	return ` AND per.tenant_id = ` + tenant + ` AND NOT per.disabled AND per.guest <> 'blocked'
		AND (per.account_id IS NOT NULL OR per.email <> '')
		AND dir.id = per.directory_id AND dir.enabled` + passcodes + `
		AND EXISTS (SELECT 1 FROM directory_domain dom WHERE dom.directory_id = dir.id AND dom.proof <> 'pending'
			AND (per.domain = '' OR dom.name = per.domain))
		AND (EXISTS (SELECT 1 FROM tenant ten WHERE ten.id = ` + tenant + ` AND ten.directory_id = dir.id)
		OR dir.owner_id IN ('', ` + tenant + `) AND (
			EXISTS (SELECT 1 FROM organization_directory od CROSS JOIN organization org
				WHERE od.tenant_id = ` + tenant + ` AND od.directory_id = dir.id AND org.tenant_id = ` + tenant + `
				AND org.id = od.organization_id AND (org.state = 'configured' OR EXISTS (SELECT 1 FROM policy_subject ps
					WHERE ps.tenant_id = ` + tenant + ` AND ps.subject_id = org.id
					AND ps.kind = 'connectedOrganizationMembers')))
			OR EXISTS (SELECT 1 FROM policy pol JOIN package pkg ON pkg.tenant_id = pol.tenant_id
				AND pkg.id = pol.package_id JOIN catalog cat ON cat.tenant_id = pkg.tenant_id AND cat.id = pkg.catalog_id
				WHERE pol.tenant_id = ` + tenant + ` AND pol.scope = 'allExternalUsers' AND pol.enabled AND cat.published
				AND cat.external)))`, nil
}

// StageWithoutDecider returns the first of the stages in which no one but the people
// excepted could decide now, counted from 1; 0 if each has somebody.
func (r *Reader) StageWithoutDecider(ctx context.Context, t access.TenantID, stages []access.Stage,
	except ...access.PersonID) (int, error) {
	if len(stages) == 0 {
		return 0, nil
	}
	can, err := r.canDecide(ctx, t, `$1`)
	if err != nil {
		return 0, err
	}
	for i, s := range stages {
		a := sqlq.Args{}
		tenant, people, groups := a.Add(t), subjectIDs(s.Approvers, access.SubjectPerson),
			subjectIDs(s.Approvers, access.SubjectGroup)
		notExcepted := ``
		if len(except) > 0 {
			notExcepted = ` AND per.id NOT IN ` + sqlq.In(&a, except)
		}
		_, ok, err := queryOptional(ctx, r, value[access.PersonID], `SELECT per.id FROM (
				SELECT COALESCE(per2.merged_into, per2.id) AS id FROM person per2 WHERE per2.tenant_id = `+tenant+`
					AND per2.id IN `+sqlq.In(&a, people)+`
				UNION ALL SELECT mem.person_id FROM directory_member mem WHERE mem.tenant_id = `+tenant+`
					AND mem.role = 'Member' AND mem.entry_id IN `+sqlq.In(&a, groups)+`) AS ids
			CROSS JOIN person per CROSS JOIN directory dir WHERE per.id = ids.id`+can+notExcepted+`
			LIMIT 1`, a.Values...)
		if err != nil || !ok {
			return i + 1, err
		}
	}
	return 0, nil
}

// subjectIDs are the ids of the subjects of the kind.
func subjectIDs(all []access.SubjectRef, kind access.SubjectKind) []string {
	var ids []string
	for _, s := range all {
		if s.Kind == kind {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// noDecider is the condition that no one can decide a stage of the pending request req
// that is open or comes later: neither its requestor nor its target can.
func (r *Reader) noDecider(ctx context.Context, t access.TenantID) (string, error) {
	stages, err := r.stagesWithoutDecider(ctx, t, `1`)
	return `req.state = 'pendingApproval' AND EXISTS ` + stages, err
}

// stagesWithoutDecider is the query for the stages of the pending request req in which no
// one can decide. {stage} in what it selects is the number of the stage, from 1.
func (r *Reader) stagesWithoutDecider(ctx context.Context, t access.TenantID, what string) (string, error) {
	can, err := r.canDecide(ctx, t, `req.tenant_id`)
	const notOwn = ` AND per.id <> req.target_id AND (req.requestor_id IS NULL OR per.id <> req.requestor_id))`
	of := requestStages(r.engine)
	return `(SELECT ` + strings.ReplaceAll(what, "{stage}", of.number) + ` FROM ` + of.stages + `
		WHERE ` + of.number + ` > req.stage
		AND NOT EXISTS (SELECT 1 FROM ` + of.approvers + ` CROSS JOIN person per2 CROSS JOIN person per
			CROSS JOIN directory dir WHERE per2.tenant_id = req.tenant_id AND per2.id = ` + of.subject + `
			AND per.id = COALESCE(per2.merged_into, per2.id)` + can + notOwn + `
		AND NOT EXISTS (SELECT 1 FROM ` + of.approvers + ` CROSS JOIN directory_member mem CROSS JOIN person per
			CROSS JOIN directory dir WHERE mem.tenant_id = req.tenant_id AND mem.entry_id = ` + of.subject + `
			AND mem.role = 'Member' AND per.id = mem.person_id` + can + notOwn + `)`, err
}

// CountWithoutDecider counts the pending requests that no one can decide: those in the
// catalogs, in all if catalogs is nil.
func (r *Reader) CountWithoutDecider(ctx context.Context, t access.TenantID, catalogs []access.CatalogID) (int64,
	error) {
	where, err := r.noDecider(ctx, t)
	if err != nil {
		return 0, err
	}
	a := sqlq.Args{}
	where = `req.tenant_id = ` + a.Add(t) + ` AND ` + where
	if catalogs != nil {
		where += ` AND req.catalog_id IN ` + sqlq.In(&a, catalogs)
	}
	return queryOne(ctx, r, value[int64], `SELECT COUNT(*) FROM request req WHERE `+where, a.Values...)
}

// ApprovalGap is an approval stage in which no one can decide: of an enabled policy, or
// the first such of a pending request that is open or comes later.
type ApprovalGap struct {
	Kind  GapKind
	ID    string // of the policy or request
	Stage int    // counted from 1
}

// GapKind is what an ApprovalGap is in.
type GapKind string

// The kinds.
const (
	GapOfPolicy  GapKind = "policy"
	GapOfRequest GapKind = "request"
)

// maxGaps is the maximum number of policies, and of requests, that are looked at for
// ApprovalGaps at a time.
const maxGaps = 1000

// ApprovalGaps are the approval stages of the tenant in which no one can decide now.
func (r *Reader) ApprovalGaps(ctx context.Context, t access.TenantID) ([]ApprovalGap, error) {
	policies, err := r.PoliciesWithoutDecider(ctx, t, nil, maxGaps)
	if err != nil {
		return nil, err
	}
	var all []ApprovalGap
	for _, p := range policies.Policies {
		all = append(all, ApprovalGap{GapOfPolicy, string(p.Policy), p.Stage})
	}
	stage, err := r.stagesWithoutDecider(ctx, t, `MIN({stage})`)
	if err != nil {
		return nil, err
	}
	requests, err := queryAll(ctx, r, func(g *ApprovalGap) []column {
		return []column{{"'request'", &g.Kind}, {"gap.id", &g.ID}, {"gap.stage", &g.Stage}}
	}, `SELECT {columns} FROM (SELECT req.id, `+stage+` AS stage FROM request req
		WHERE req.tenant_id = $1 AND req.state = 'pendingApproval') AS gap
		WHERE gap.stage IS NOT NULL ORDER BY gap.id LIMIT $2`, t, int64(maxGaps))
	return append(all, requests...), err
}

// KnownApprovalGaps are the approval gaps that SaveApprovalGaps has stored.
func (r *Reader) KnownApprovalGaps(ctx context.Context, t access.TenantID) ([]ApprovalGap, error) {
	return queryAll(ctx, r, func(g *ApprovalGap) []column {
		return []column{{"kind", &g.Kind}, {"object_id", &g.ID}, {"stage", &g.Stage}}
	}, `SELECT {columns} FROM approval_gap WHERE tenant_id = $1 ORDER BY kind, object_id, stage`, t)
}

// SaveApprovalGaps stores that the catalogs' owners know of the gaps, and forgets all
// others: those that are filled. It returns the gaps that it has not known before.
func (tx *Tx) SaveApprovalGaps(ctx context.Context, t access.TenantID, gaps []ApprovalGap) ([]ApprovalGap, error) {
	known, err := tx.KnownApprovalGaps(ctx, t)
	if err != nil {
		return nil, err
	}
	for _, g := range known {
		if slices.Contains(gaps, g) {
			continue
		}
		if err := tx.exec(ctx, `DELETE FROM approval_gap WHERE tenant_id = $1 AND kind = $2 AND object_id = $3
			AND stage = $4`, t, g.Kind, g.ID, int64(g.Stage)); err != nil {
			return nil, err
		}
	}
	var added []ApprovalGap
	rows := tx.Bulk("approval_gap", "tenant_id", "kind", "object_id", "stage", "found")
	for _, g := range gaps {
		if slices.Contains(known, g) {
			continue
		}
		added = append(added, g)
		if err := rows.Add(ctx, t, g.Kind, g.ID, int64(g.Stage), ms(tx.Now)); err != nil {
			return nil, err
		}
	}
	return added, rows.Flush(ctx)
}

// SetApprovers replaces the approvers of a stage of a pending request by those that
// q.Terms has: those of its open stage decide at once. It returns a Conflict if another
// stage is open than q.Stage.
func (tx *Tx) SetApprovers(ctx context.Context, q access.Request, stage int) error {
	err := tx.execOne(ctx, `UPDATE request SET terms = $4, reminded_at = NULL WHERE tenant_id = $1 AND id = $2
		AND state = 'pendingApproval' AND stage = $3`, q.Tenant, q.ID, int64(q.Stage), jsonValue{q.Terms})
	if err != nil || stage != q.Stage {
		return err
	}
	if err := tx.exec(ctx, `DELETE FROM request_approver WHERE tenant_id = $1 AND request_id = $2 AND stage = $3`,
		q.Tenant, q.ID, int64(stage)); err != nil {
		return err
	}
	return tx.OpenStage(ctx, q, stage, q.Terms.Stages[stage].Approvers)
}

// SetReminded stores that the approvers of the open stage are reminded now, unless they
// have been since q was read: then it returns a Conflict.
func (tx *Tx) SetReminded(ctx context.Context, q access.Request) error {
	return tx.execOne(ctx, `UPDATE request SET reminded_at = $4 WHERE tenant_id = $1 AND id = $2
		AND state = 'pendingApproval' AND stage = $3 AND COALESCE(reminded_at, 0) = $5`, q.Tenant, q.ID, int64(q.Stage),
		ms(tx.Now), remindedAt(q))
}
